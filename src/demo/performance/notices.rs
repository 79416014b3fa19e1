//! Notices of sites: `examples/demo/notices.toml`, put up as an officer on duty does, and looked
//! for on the site and on those below it.

use schema::message::Bilingual;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    hub::{Hub, text},
    report::PostedNotice,
};

const NOTICES: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/demo/notices.toml"));
const SHOWN: &str = "{ sites { key notices { id inherited } } }";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Notices {
    #[serde(rename = "notice")]
    notices: Vec<Notice>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Notice {
    site: String,
    kind: String,
    severity: String,
    text: Bilingual,
    link: Option<String>,
}

/// Puts the notices of the sample up, and looks where they are shown.
///
/// # Errors
/// No answer, a refusal, or a notice that is not shown on its site or on none below it.
///
/// # Panics
/// Never in a build whose tests pass: the file is part of the program.
pub(super) async fn put_up(hub: &Hub) -> Result<Vec<PostedNotice>, Bilingual> {
    let mut posted = Vec::new();
    for Notice { site, kind, severity, text: words, link } in sample() {
        let input = json!({ "site": site, "notice": {
            "kind": kind, "severity": severity, "text": words, "link": link,
        } });
        let payload = hub.change("createSiteNotice", input, "notice { id }").await?;
        let id = text(&payload["notice"]["id"]).to_owned();
        let answer = hub.content(SHOWN, Value::Null).await?;
        let shown_on = shown_on(&answer, &id);
        if shown_on.first() != Some(&site) || shown_on.len() < 2 {
            return Err(Bilingual::new(
                format!("{site} 的公告只显示在：{}", shown_on.join("、")),
                format!("the notice of {site} is shown on {shown_on:?} alone"),
            ));
        }
        posted.push(PostedNotice { id, site, text: words, shown_on });
    }
    Ok(posted)
}

/// The sites that show a notice: its own first.
fn shown_on(answer: &Value, id: &str) -> Vec<String> {
    let mut found: Vec<(bool, String)> = Vec::new();
    for site in answer["sites"].as_array().into_iter().flatten() {
        let notices = site["notices"].as_array().into_iter().flatten();
        let shown = notices.filter(|notice| notice["id"] == id);
        found.extend(shown.map(|it| (it["inherited"] == true, text(&site["key"]).to_owned())));
    }
    found.sort();
    found.into_iter().map(|(_, key)| key).collect()
}

fn sample() -> Vec<Notice> {
    let read: Notices = toml::from_str(NOTICES)
        .unwrap_or_else(|error| panic!("the embedded notices are not understood: {error}"));
    read.notices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notices_of_the_sample_can_be_read() {
        assert!(!sample().is_empty());
    }
}
