//! The body of a webhook: an event after CloudEvents 1.0, in canonical JSON, so that the same
//! event always has the same bytes.

use jiff::Timestamp;
use schema::{
    canonical::{NotCanonical, to_canonical},
    delivery::{Absence, Form, Owed},
    digest::Digest,
    edition::Content,
    ids::ContentId,
    message::Bilingual,
    names::{Locale, SiteKey, TypeName},
    visibility::EventKind,
};
use serde::Serialize;

use crate::facts::Facts;

#[derive(Serialize)]
struct Body<'f> {
    specversion: &'static str,
    id: &'f str,
    source: String,
    r#type: String,
    subject: ContentId,
    time: Timestamp,
    data: Data<'f>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'f> {
    sequence: u64,
    kind: EventKind,
    content_id: ContentId,
    locale: &'f Locale,
    r#type: &'f TypeName,
    site: &'f SiteKey,
    /// What the receiver should hold from now on: `edition` or `absent`.
    state: &'static str,
    /// The last edition, also of what must be absent: a receiver keeps the highest it saw.
    edition: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    absence: Option<Absence>,
    major: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_url: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replacement: Option<&'f str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<&'f Bilingual>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'f str>,
    /// Of the content: what the content API answers has the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'f Content>,
}

pub(super) fn render(facts: &Facts, form: Form) -> Result<Vec<u8>, NotCanonical> {
    let (state, edition, absence) = match facts.owed {
        Owed::Edition(number) => ("edition", number, None),
        Owed::Absent(absence) => ("absent", facts.event.edition, Some(absence)),
    };
    let reading = facts.reading.as_ref();
    let body = Body {
        specversion: "1.0",
        id: &facts.id,
        source: format!("https://{}", facts.site.particulars.domain),
        r#type: format!("gongbao.document.{}", facts.kind.as_str()),
        subject: facts.event.content,
        time: facts.at,
        data: Data {
            sequence: facts.sequence,
            kind: facts.kind,
            content_id: facts.event.content,
            locale: &facts.event.locale,
            r#type: &facts.event.r#type,
            site: &facts.site.key,
            state,
            edition,
            absence,
            major: facts.is_major(),
            url: facts.url.as_deref(),
            previous_url: facts.previous_url.as_deref(),
            replacement: facts.replacement.as_deref(),
            explanation: facts.explanation.as_ref(),
            title: facts.title.as_deref(),
            digest: reading.map(|reading| reading.content_digest),
            content: reading.filter(|_| form == Form::Full).map(|reading| &reading.content),
        },
    };
    Ok(to_canonical(&body)?.into_bytes())
}
