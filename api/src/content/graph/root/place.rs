//! The place that is listed or searched: the hub, a site, or a column of it.

use std::sync::Arc;

use schema::{
    names::{ColumnPath, SiteKey},
    tree::Site,
};
use store::reading::ListScope;

use super::{super::member::Member, text};
use crate::content::{
    reading::{Arguments, Reader},
    refusal::{Fault, Refusal},
};

/// The arguments that name a place to list or search: a site, or a column of it.
pub(in super::super) fn in_place(member: Member) -> Member {
    member.with(text("site", "只列此网站（代号）的", "On this site only, by its key")).with(text(
        "column",
        "只列此栏目（路径）及其下级的，须同时给 site",
        "In this column of the site, by its path, and those below it",
    ))
}

/// The place that the arguments of [`in_place`] name, and its site.
pub(in super::super) async fn place(
    reader: &mut Reader,
    arguments: &Arguments,
) -> Result<(Option<Arc<Site>>, ListScope), Fault> {
    let site = site_argument(reader, arguments).await?;
    let column = arguments.parsed::<ColumnPath>("column")?;
    let scope = match (&site, column) {
        (None, None) => ListScope::Hub,
        (Some(site), None) => ListScope::Site(site.id),
        (None, Some(_)) => {
            return Err(
                Refusal::argument("给出 column 时须同时给出 site", "column needs site").into()
            );
        }
        (Some(site), Some(path)) => match reader.column_at(site.id, &path).await? {
            Some(column) => ListScope::Column(column.id),
            None => {
                return Err(Refusal::argument(
                    format!("网站 {} 没有栏目 {path}", site.key),
                    format!("the site {} has no column {path}", site.key),
                )
                .into());
            }
        },
    };
    Ok((site, scope))
}

/// The site that `site` names.
async fn site_argument(
    reader: &mut Reader,
    arguments: &Arguments,
) -> Result<Option<Arc<Site>>, Fault> {
    let Some(key) = arguments.parsed::<SiteKey>("site")? else { return Ok(None) };
    match reader.site_by_key(&key).await? {
        Some(site) => Ok(Some(site)),
        None => {
            Err(Refusal::argument(format!("没有网站 {key}"), format!("there is no site {key}"))
                .into())
        }
    }
}
