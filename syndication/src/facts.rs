//! What is told of an event: gathered once, from what the public may know, and rendered by
//! each channel in its own way.

use jiff::Timestamp;
use schema::{
    content_type::TypeRegistry,
    delivery::Owed,
    edition::Importance,
    ids::DocumentId,
    log::DocumentEvent,
    message::Bilingual,
    names::DocumentPath,
    tree::Site,
    viewer::Viewer,
    visibility::{EventKind, Notice, Visibility},
};
use store::{
    Session,
    documents::Document,
    past::{self, Reading},
    placements,
};
use url::Url;

/// What is told of one event of one document.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The message's id: the same for every try and every target.
    pub id: String,
    /// The document.
    pub document: DocumentId,
    /// The event's number.
    pub sequence: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// What it happened to.
    pub event: DocumentEvent,
    /// What the target should hold from now on.
    pub owed: Owed,
    /// The site that the target is pointed at.
    pub site: Site,
    /// Where the document stands, or stood, there.
    pub url: Option<String>,
    /// Where it stood there before.
    pub previous_url: Option<String>,
    /// What took its place.
    pub replacement: Option<String>,
    /// What the public is told of a document that is not simply live.
    pub explanation: Option<Bilingual>,
    /// Its title, where the public may read the text.
    pub title: Option<String>,
    /// The edition, where the public may read it.
    pub reading: Option<Reading>,
}

/// The id of the message that tells of the event `sequence` of `document`. It holds no dot,
/// which signatures use as a separator.
pub fn message_id(document: DocumentId, sequence: u64) -> String {
    format!("evt_{sequence}_{}", document.uuid().simple())
}

/// What an event says, before the rest is looked up.
pub(crate) struct Said<'e> {
    pub(crate) sequence: u64,
    pub(crate) at: Timestamp,
    pub(crate) kind: EventKind,
    pub(crate) event: &'e DocumentEvent,
    pub(crate) owed: Owed,
}

/// Gathers what is told of an event. Only what anybody may read now goes into it, so a text
/// that was taken back since it happened is not sent on.
pub(crate) async fn gather(
    session: &mut Session,
    types: &TypeRegistry,
    document: &Document,
    site: Site,
    said: &Said<'_>,
) -> Result<Facts, store::Error> {
    let event = said.event;
    let on_site = |positions: &[schema::edition::PlacedAt]| {
        positions.iter().find(|position| position.site == site.key).map(|at| at.path.clone())
    };
    let left = on_site(&event.left);
    let path = match on_site(&event.entered).or_else(|| left.clone()) {
        Some(path) => Some(path),
        None => placements::of_document(session, document.id)
            .await?
            .into_iter()
            .find(|placement| placement.site == site.id)
            .map(|placement| placement.path),
    };
    let reading = match said.owed {
        Owed::Edition(number) => past::numbered(session, &Viewer::Public, document, number).await?,
        Owed::Absent(_) => None,
    };
    let title = reading.as_ref().and_then(|reading| {
        types.get(&reading.content.r#type)?.title_of(&reading.content.fields).map(str::to_owned)
    });
    let notice = document.notice.as_ref();
    Ok(Facts {
        id: message_id(document.id, said.sequence),
        document: document.id,
        sequence: said.sequence,
        at: said.at,
        kind: said.kind,
        event: event.clone(),
        owed: said.owed,
        url: path.as_ref().and_then(|path| address(&site, path)),
        previous_url: left
            .filter(|left| Some(left) != path.as_ref())
            .and_then(|left| address(&site, &left)),
        replacement: notice
            .filter(|_| matches!(event.visibility, Visibility::Redirect | Visibility::Gone))
            .and_then(|notice| replacement(&site, notice)),
        explanation: notice
            .filter(|notice| event.visibility != Visibility::Vanished && !notice.silent)
            .filter(|_| event.visibility != Visibility::Live)
            .and_then(|notice| notice.explanation.clone()),
        title,
        reading,
        site,
    })
}

impl Facts {
    /// Whether readers are told of the change.
    pub fn is_major(&self) -> bool {
        self.event.importance == Importance::Major
    }
}

/// The public address of a path of a site.
fn address(site: &Site, path: &DocumentPath) -> Option<String> {
    absolute(site, path.as_str())
}

fn replacement(site: &Site, notice: &Notice) -> Option<String> {
    let address = notice.address.as_deref()?;
    if address.starts_with('/') { absolute(site, address) } else { Some(address.to_owned()) }
}

fn absolute(site: &Site, path: &str) -> Option<String> {
    Url::parse(&format!("https://{}{path}", site.particulars.domain)).ok().map(String::from)
}
