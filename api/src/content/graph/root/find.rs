//! Finding the documents and other things that a question names.

use std::sync::Arc;

use async_graphql::Value;
use schema::{
    ids::{DocumentId, SiteId},
    names::{DocumentPath, Locale, SiteKey},
    tree::Site,
    visibility::Visibility,
};
use store::reading::Closed;

use super::{
    super::{as_of::read_as_of, filter::content_id, node::NodeId},
    shown,
};
use crate::content::{
    reading::{Arguments, Reader, Shown, Thing, Wanted},
    refusal::{Fault, Refusal},
};

/// Ids in one question, at most.
pub(in crate::content::graph) const IDS: usize = 100;

/// What stands where a question points.
pub(super) enum Found {
    /// A text.
    Here(Shown),
    /// A text that stands elsewhere now.
    Moved(Shown),
    /// A notice in place of a text.
    Closed(Box<Closed>),
}

impl Found {
    fn id(&self) -> DocumentId {
        match self {
            Self::Here(shown) | Self::Moved(shown) => shown.facts.id,
            Self::Closed(closed) => closed.id,
        }
    }
}

/// Whether readers of a removed document are sent on.
pub(super) fn leads_elsewhere(closed: &Closed) -> bool {
    let address = closed.notice.as_ref().and_then(|notice| notice.address.as_ref());
    closed.visibility == Visibility::Redirect && address.is_some()
}

/// The document that `id`, `site` and `path`, or `contentId` and `locale` name. A path that is
/// no path, like an id that is none, leads nowhere: front ends pass on what readers typed.
///
/// # Errors
/// A refusal when none of the three is given, or more than one.
pub(super) async fn wanted(
    reader: &mut Reader,
    arguments: &Arguments,
) -> Result<Option<Found>, Fault> {
    let Some(wanted) = named(reader, arguments).await? else { return Ok(None) };
    let on = wanted.site();
    if let Some(draft) = reader.previewed(&wanted).await? {
        return Ok(Some(Found::Here(shown(draft, on))));
    }
    let found = match &wanted {
        Wanted::Path(site, path) => reader.at_path(*site, path).await?,
        Wanted::Id(id, _) => reader.at_id(*id).await?,
        Wanted::Content(content, locale, _) => reader.at_content(*content, locale).await?,
    };
    use crate::content::reading::At;
    Ok(found.map(|found| match found {
        At::Here(facts) => Found::Here(shown(facts, on)),
        At::Moved(facts) => Found::Moved(shown(facts, on)),
        At::Closed(closed) => Found::Closed(closed),
    }))
}

async fn named(reader: &mut Reader, arguments: &Arguments) -> Result<Option<Wanted>, Fault> {
    let given = ["id", "path", "contentId"].map(|name| arguments.get(name).is_some());
    if given.iter().filter(|given| **given).count() != 1 {
        return Err(Refusal::argument(
            "请用 id、site+path、contentId+locale 三者之一指定信息",
            "name a document by exactly one of id, site with path, contentId with locale",
        )
        .into());
    }
    let site = site(reader, arguments).await?;
    if arguments.get("site").is_some() && site.is_none() {
        return Ok(None);
    }
    let on = site.as_ref().map(|site| site.id);
    if let Some(text) = arguments.text("id") {
        return Ok(match NodeId::parse(text) {
            Some(NodeId::Document(id)) => Some(Wanted::Id(id, on)),
            _ => None,
        });
    }
    if let Some(text) = arguments.text("contentId") {
        let asked: Option<Locale> = arguments.parsed("locale")?;
        let main = site.and_then(|site| site.particulars.locales.first().cloned());
        return Ok(Some(Wanted::Content(content_id(text)?, asked.or(main), on)));
    }
    let Some(site) = on else {
        return Err(Refusal::argument("给出 path 时须同时给出 site", "path needs site").into());
    };
    Ok(arguments.text("path").and_then(path).map(|path| Wanted::Path(site, path)))
}

/// A path as a browser or a person writes it.
fn path(text: &str) -> Option<DocumentPath> {
    let decoded = percent_encoding::percent_decode_str(text).decode_utf8().ok()?;
    decoded.parse().ok()
}

async fn site(reader: &mut Reader, arguments: &Arguments) -> Result<Option<Arc<Site>>, Fault> {
    match arguments.text("site").map(str::parse::<SiteKey>) {
        Some(Ok(key)) => reader.site_by_key(&key).await,
        _ => Ok(None),
    }
}

/// What is to be shown of what was found: the live text, the draft, or what was public once.
pub(super) async fn document(
    reader: &mut Reader,
    found: Option<Found>,
    arguments: &Arguments,
) -> Result<Option<Shown>, Fault> {
    if arguments.is_set("draft") {
        // What was never published is found by nobody but those who may see its draft.
        if let Some(wanted) = named(reader, arguments).await? {
            let on = wanted.site();
            if let Some(facts) = reader.draft(&wanted).await? {
                return Ok(Some(shown(facts, on)));
            }
        }
    }
    let moment = read_as_of(&reader.model, arguments)?;
    if moment.is_some() {
        reader.refuse_past()?;
    }
    let Some(found) = found else { return Ok(None) };
    if let Some(moment) = moment {
        let (on, placement): (Option<SiteId>, _) = match &found {
            Found::Here(it) | Found::Moved(it) => (it.on, it.facts.placement.clone()),
            Found::Closed(closed) => (None, closed.placement.clone()),
        };
        let facts = reader.as_of(found.id(), moment, placement).await?;
        return Ok(facts.map(|facts| shown(facts, on)));
    }
    Ok(match found {
        Found::Here(it) | Found::Moved(it) => Some(it),
        Found::Closed(_) => None,
    })
}

/// The ids that `ids` gives.
///
/// # Errors
/// A refusal for too many.
pub(super) fn ids(arguments: &Arguments) -> Result<Vec<&str>, Refusal> {
    let given = match arguments.get("ids") {
        Some(Value::List(ids)) => ids.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    if given.len() > IDS {
        return Err(Refusal::argument(
            format!("ids 最多 {IDS} 个"),
            format!("ids takes at most {IDS} of them"),
        ));
    }
    Ok(given
        .iter()
        .filter_map(|id| match id {
            Value::String(text) => Some(text.as_str()),
            _ => None,
        })
        .collect())
}

/// What global ids name, in their order; one statement per kind of thing.
pub(in crate::content::graph) async fn nodes(
    reader: &mut Reader,
    ids: &[&str],
) -> Result<Vec<Option<Thing>>, Fault> {
    let ids: Vec<Option<NodeId>> = ids.iter().map(|id| NodeId::parse(id)).collect();
    let (mut documents, mut sites, mut columns, mut authorities) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for id in ids.iter().flatten() {
        match id {
            NodeId::Document(id) => documents.push(*id),
            NodeId::Site(id) => sites.push(*id),
            NodeId::Column(id) => columns.push(*id),
            NodeId::Authority(id) => authorities.push(*id),
        }
    }
    reader.read_items(documents.iter().copied()).await?;
    reader.read_drafts(documents).await?;
    reader.read_sites(sites).await?;
    reader.read_columns(columns).await?;
    reader.read_authorities(authorities).await?;
    Ok(ids
        .into_iter()
        .map(|id| {
            Some(match id? {
                NodeId::Document(id) => Thing::Document(shown(reader.shown_item(id)?, None)),
                NodeId::Site(id) => Thing::Site(reader.site(id)?),
                NodeId::Column(id) => Thing::Column(reader.column(id)?),
                NodeId::Authority(id) => Thing::Authority(reader.authority(id)?),
            })
        })
        .collect())
}
