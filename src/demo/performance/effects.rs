//! What the public sees after an act, looked up through the content API and held against what
//! the act means.

use hyper::StatusCode;
use percent_encoding::percent_decode_str;
use schema::{
    message::Bilingual,
    visibility::{Notice, Removal},
};
use serde_json::{Value, json};

use super::{
    hub::{Hub, text},
    publication::Item,
    report::Seen,
};
use crate::demo::sample::{Correction, SampleKey, SamplePlacement};

const ROUTE: &str = "query Route($site: String!, $path: String!) { \
    route(site: $site, path: $path) { __typename \
    ... on DocumentRoute { status document { contentId visibility \
        edition { number changeNote { zh en } } notice { explanation { zh en } } } } \
    ... on RedirectRoute { status location } \
    ... on GoneRoute { status visibility notice { explanation { zh en } } } } }";

/// What stands at an address.
struct Route {
    place: String,
    answer: Value,
}

impl Route {
    async fn look(hub: &Hub, site: &str, path: &str) -> Result<Self, Bilingual> {
        let mut data = hub.content(ROUTE, json!({ "site": site, "path": path })).await?;
        Ok(Self { place: format!("{site}{path}"), answer: data["route"].take() })
    }

    fn is(&self, kind: &str) -> bool {
        self.answer["__typename"] == kind
    }

    fn status(&self) -> u16 {
        let status = self.answer["status"].as_u64().and_then(|status| u16::try_from(status).ok());
        status.unwrap_or(StatusCode::NOT_FOUND.as_u16())
    }

    fn explains(&self, notice: &Value, wanted: &Notice) -> bool {
        let said: Option<Bilingual> = serde_json::from_value(notice["explanation"].clone()).ok();
        said == wanted.explanation
    }

    /// What was seen, if it is what an act means.
    fn seen(self, fits: bool, zh: &str, en: &str) -> Result<Seen, Bilingual> {
        if fits {
            let said = Bilingual::new(zh, en);
            return Ok(Seen { status: self.status(), place: self.place, said });
        }
        let (place, answer) = (self.place, self.answer);
        Err(Bilingual::new(
            format!("{place} 应为“{zh}”，实际是 {answer}"),
            format!("{place} should be {en:?} and is {answer}"),
        ))
    }
}

/// Another authority's site shows the same text.
pub(super) async fn placed(
    hub: &Hub,
    item: &Item,
    at: &SamplePlacement,
) -> Result<Vec<Seen>, Bilingual> {
    let path = at.path.as_ref().map(|path| path.as_str()).unwrap_or_default();
    let route = Route::look(hub, at.site.as_str(), path).await?;
    let document = &route.answer["document"];
    let fits = document["contentId"] == item.content.to_string()
        && document["edition"]["number"] == item.view.edition;
    Ok(vec![route.seen(fits, "同一份文本", "the very same text")?])
}

/// Another edition stands there, and says what changed.
pub(super) async fn corrected(
    hub: &Hub,
    item: &Item,
    correction: &Correction,
) -> Result<Vec<Seen>, Bilingual> {
    let route = Route::look(hub, &item.view.site, &item.view.path).await?;
    let edition = &route.answer["document"]["edition"];
    let number = item.view.edition + 1;
    let note: Option<Bilingual> = serde_json::from_value(edition["changeNote"].clone()).ok();
    let fits = edition["number"] == number && note.as_ref() == Some(&correction.change_note);
    let note = &correction.change_note;
    let zh = format!("第 {number} 版，{}", note.zh);
    let en = format!("edition {number}: {}", note.en);
    Ok(vec![route.seen(fits, &zh, &en)?])
}

/// The old address leads to the new one.
pub(super) async fn moved(
    hub: &Hub,
    item: &Item,
    to: &SamplePlacement,
) -> Result<Vec<Seen>, Bilingual> {
    let path = to.path.as_ref().map(|path| path.as_str()).unwrap_or_default();
    let old = Route::look(hub, &item.view.site, &item.view.path).await?;
    let leads = old.is("RedirectRoute") && text(&old.answer["location"]).ends_with(path);
    let (zh, en) = (format!("转到 {path}"), format!("leads to {path}"));
    let old = old.seen(leads, &zh, &en)?;
    let new = Route::look(hub, to.site.as_str(), path).await?;
    let fits = new.answer["document"]["contentId"] == item.content.to_string();
    Ok(vec![old, new.seen(fits, "同一份文本", "the same text")?])
}

/// A notice stands above the text, or in its place.
pub(super) async fn withdrawn(
    hub: &Hub,
    item: &Item,
    notice: &Notice,
) -> Result<Vec<Seen>, Bilingual> {
    let route = Route::look(hub, &item.view.site, &item.view.path).await?;
    let document = &route.answer["document"];
    let shows_text = route.is("DocumentRoute") && document["visibility"] == "withdrawn";
    let said = if notice.shows_text { &document["notice"] } else { &route.answer["notice"] };
    let fits = shows_text == notice.shows_text && route.explains(said, notice);
    let told = notice.explanation.clone().unwrap_or_default();
    let zh = format!("撤回：{}", told.zh);
    let en = format!("withdrawn: {}", told.en);
    Ok(vec![route.seen(fits, &zh, &en)?])
}

/// It is gone, leads elsewhere, or was never there.
pub(super) async fn removed(
    hub: &Hub,
    item: &Item,
    removal: Removal,
    notice: &Notice,
) -> Result<Vec<Seen>, Bilingual> {
    let route = Route::look(hub, &item.view.site, &item.view.path).await?;
    let seen = match removal {
        Removal::Redirect => {
            let to = notice.address.as_deref().unwrap_or_default();
            let fits = route.is("RedirectRoute") && text(&route.answer["location"]).ends_with(to);
            route.seen(fits, &format!("转到 {to}"), &format!("leads to {to}"))
        }
        Removal::Gone => {
            let fits = route.is("GoneRoute") && route.explains(&route.answer["notice"], notice);
            route.seen(fits, "已删除，附说明", "gone, with an explanation")
        }
        Removal::Vanish => {
            let fits = route.answer.is_null();
            route.seen(fits, "查无此页", "not found")
        }
    };
    Ok(vec![seen?])
}

/// It is gone in every language, with its files.
pub(super) async fn recalled(
    hub: &Hub,
    languages: &[&Item],
    notice: &Notice,
    files: &[String],
) -> Result<Vec<Seen>, Bilingual> {
    let mut all = Vec::new();
    for item in languages {
        let route = Route::look(hub, &item.view.site, &item.view.path).await?;
        let told = notice.explanation.clone().unwrap_or_default();
        let fits = if notice.silent {
            route.answer.is_null()
        } else {
            route.is("GoneRoute")
                && route.answer["visibility"] == "recalled"
                && route.explains(&route.answer["notice"], notice)
        };
        let (zh, en) = (format!("召回：{}", told.zh), format!("recalled: {}", told.en));
        all.push(route.seen(fits, &zh, &en)?);
    }
    for path in files {
        let status = hub.get(path, &[]).await?.status;
        if status.is_success() {
            return Err(Bilingual::new(
                format!("{path} 仍可下载"),
                format!("{path} can still be fetched"),
            ));
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        let place = percent_decode_str(name).decode_utf8_lossy().into_owned();
        let said = Bilingual::new("附件不再提供", "its file is served no more");
        all.push(Seen { place, status: status.as_u16(), said });
    }
    Ok(all)
}

/// The paths of the files that a document shows.
pub(super) async fn files(hub: &Hub, item: &Item) -> Result<Vec<String>, Bilingual> {
    let query = "query Files($content: ID!, $locale: String!) { \
        document(contentId: $content, locale: $locale) { attachments { url } } }";
    let asked = json!({ "content": item.content, "locale": item.locale() });
    let data = hub.content(query, asked).await?;
    let files = data["document"]["attachments"].as_array().cloned().unwrap_or_default();
    let paths = files.iter().filter_map(|file| {
        let url = text(&file["url"]);
        url.find("/assets/").map(|at| url[at..].to_owned())
    });
    Ok(paths.collect())
}

/// Other documents that got a new edition along with it: facts that languages share.
pub(super) fn along(key: &SampleKey, before: &[Item], after: &[Item]) -> Vec<Seen> {
    let changed = before
        .iter()
        .zip(after)
        .filter(|(before, after)| before.key() != key && after.view.edition > before.view.edition);
    changed
        .map(|(_, item)| Seen {
            place: format!("{}{}", item.view.site, item.view.path),
            status: StatusCode::OK.as_u16(),
            said: Bilingual::new(
                format!("第 {} 版，随之更新", item.view.edition),
                format!("edition {}, which followed", item.view.edition),
            ),
        })
        .collect()
}
