//! Sites and their columns as tables.

use std::collections::HashMap;

use schema::{
    names::SiteKey,
    tree::{Authority, Column, Site},
};
use serde::Serialize;
use store::{columns, trees};

use crate::cli::{Answer, Failure, Hub, Language, answer::table};
use editorial::{Error, Refusal};

#[derive(Serialize)]
struct Whole {
    site: Site,
    authority: Option<Authority>,
    columns: Vec<Column>,
}

pub(super) async fn list(hub: &Hub) -> Result<Answer, Failure> {
    let mut session = hub.desk.store.snapshot().await?;
    let sites = trees::sites(&mut session).await?;
    let authorities: HashMap<_, _> = trees::authorities(&mut session)
        .await?
        .into_iter()
        .map(|authority| (authority.id, authority))
        .collect();
    let header = match hub.language {
        Language::Zh => ["站点", "名称", "域名", "网站标识码", "语言", "机构"],
        Language::En => ["site", "name", "domain", "site code", "locales", "authority"],
    };
    let rows = sites.iter().map(|site| {
        let authority = authorities.get(&site.authority);
        [
            site.key.to_string(),
            site.particulars.name.for_locale(hub.language.locale()).to_owned(),
            site.particulars.domain.clone(),
            site.particulars.site_code.clone().unwrap_or_default(),
            locales(site),
            authority.map(|authority| authority.key.to_string()).unwrap_or_default(),
        ]
    });
    Ok(Answer::new(table(header, rows), &sites))
}

pub(super) async fn show(hub: &Hub, key: &SiteKey) -> Result<Answer, Failure> {
    let mut session = hub.desk.store.snapshot().await?;
    let site = trees::site_by_key(&mut session, key)
        .await?
        .ok_or_else(|| Error::from(Refusal::not_found("site", key)))?;
    let authority = trees::authority(&mut session, site.authority).await?;
    let columns = columns::of_site(&mut session, site.id, false).await?;
    let text = told(&site, authority.as_ref(), &columns, hub.language);
    Ok(Answer::new(text, &Whole { site, authority, columns }))
}

fn told(
    site: &Site,
    authority: Option<&Authority>,
    columns: &[Column],
    language: Language,
) -> String {
    let locale = language.locale();
    let facts = [
        ("站点", "site", site.key.to_string()),
        ("名称", "name", site.particulars.name.for_locale(locale).to_owned()),
        ("域名", "domain", site.particulars.domain.clone()),
        ("网站标识码", "site code", site.particulars.site_code.clone().unwrap_or_default()),
        ("语言", "locales", locales(site)),
        (
            "机构",
            "authority",
            authority
                .map(|authority| {
                    let name = authority.particulars.name.for_locale(locale);
                    format!("{name} ({})", authority.key)
                })
                .unwrap_or_default(),
        ),
    ];
    let facts: String = facts
        .into_iter()
        .filter(|(_, _, value)| !value.is_empty())
        .map(|(zh, en, value)| match language {
            Language::Zh => format!("{zh}：{value}\n"),
            Language::En => format!("{en}: {value}\n"),
        })
        .collect();
    let header = match language {
        Language::Zh => ["栏目", "名称", "类别", "更新期限（天）"],
        Language::En => ["column", "name", "class", "update period (days)"],
    };
    let rows = columns.iter().map(|column| {
        let path = column.path.as_str();
        let indent = "  ".repeat(path.matches('/').count());
        let days = column.particulars.update_period_days;
        [
            format!("{indent}{path}"),
            column.particulars.name.for_locale(locale).to_owned(),
            column.particulars.class.clone(),
            days.map(|days| days.to_string()).unwrap_or_default(),
        ]
    });
    if columns.is_empty() { facts } else { format!("{facts}\n{}", table(header, rows)) }
}

fn locales(site: &Site) -> String {
    site.particulars.locales.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
