//! A document as an answer shows it: the live edition, an earlier one, or a draft.

use std::sync::Arc;

use jiff::Timestamp;
use schema::{
    content_type::ContentType,
    digest::Digest,
    edition::{Card, Content},
    ids::{AuthorityId, ColumnId, ContentId, DocumentId, SiteId},
    message::Bilingual,
    names::{Locale, TypeName},
    rich_text,
    visibility::{Notice, Visibility},
};
use store::{
    documents::Document,
    past::Reading,
    reading::{Draft, Item, ItemPlacement},
};

/// Characters of the body that stand in for a summary nobody wrote.
const SUMMARY_CHARACTERS: usize = 120;

/// What an answer says of one document.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) id: DocumentId,
    pub(crate) content: ContentId,
    pub(crate) locale: Locale,
    pub(crate) main_locale: bool,
    pub(crate) authority: AuthorityId,
    pub(crate) r#type: TypeName,
    /// Name of its GraphQL type.
    pub(crate) graphql: Arc<str>,
    pub(crate) visibility: Visibility,
    pub(crate) notice: Option<Notice>,
    /// `None` for a draft.
    pub(crate) number: Option<u32>,
    pub(crate) digest: Digest,
    pub(crate) content_digest: Digest,
    pub(crate) change_note: Option<Bilingual>,
    pub(crate) first_published_at: Option<Timestamp>,
    pub(crate) published_at: Option<Timestamp>,
    pub(crate) major_at: Option<Timestamp>,
    pub(crate) originally_published_at: Option<Timestamp>,
    /// Number of the main edition that a translation follows.
    pub(crate) follows: Option<u32>,
    pub(crate) summary: String,
    pub(crate) characters: u64,
    pub(crate) card: Card,
    /// On the site it was read for, or its home.
    pub(crate) placement: Option<ItemPlacement>,
    pub(crate) text: Text,
    /// What is known of a draft, where this is one.
    pub(crate) draft: Option<Drafted>,
}

/// What is known of a draft beside its text.
#[derive(Debug, Default)]
pub(crate) struct Drafted {
    /// Counts the changes of its document.
    pub(crate) version: i64,
    /// When it was saved.
    pub(crate) saved_at: Timestamp,
    /// Where it is to stand, its home first.
    pub(crate) placements: Vec<Arc<ItemPlacement>>,
    /// The columns there.
    pub(crate) columns: Vec<(SiteId, ColumnId)>,
}

/// Where the whole text is.
#[derive(Debug)]
pub(crate) enum Text {
    /// Read when asked for: it is the live one.
    Live,
    /// Here.
    Given(Arc<Content>),
}

/// A document, and the site it is looked at from.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) facts: Arc<Facts>,
    /// `None` looks from its home.
    pub(crate) on: Option<SiteId>,
}

impl Facts {
    /// Of a document whose live text may be read.
    pub(crate) fn of_item(item: Item, graphql: Arc<str>) -> Self {
        Self {
            id: item.id,
            content: item.content,
            locale: item.locale,
            main_locale: item.main_locale,
            authority: item.authority,
            r#type: item.r#type,
            graphql,
            visibility: item.visibility,
            notice: item.notice,
            number: Some(item.edition),
            digest: item.digest,
            content_digest: item.content_digest,
            change_note: item.change_note,
            first_published_at: Some(item.first_published_at),
            published_at: Some(item.published_at),
            major_at: Some(item.major_at),
            originally_published_at: item.originally_published_at,
            follows: item.live_follows,
            summary: item.summary,
            characters: item.characters,
            card: item.card,
            placement: item.placement,
            text: Text::Live,
            draft: None,
        }
    }

    /// Of an earlier edition of the document that `live` is of.
    pub(crate) fn of_edition(
        live: &Self,
        reading: &Reading,
        published_at: Timestamp,
        content_type: &ContentType,
    ) -> Self {
        let (summary, characters) = summed_up(content_type, &reading.content);
        Self {
            id: live.id,
            content: live.content,
            locale: live.locale.clone(),
            main_locale: live.main_locale,
            authority: live.authority,
            r#type: live.r#type.clone(),
            graphql: Arc::clone(&live.graphql),
            visibility: live.visibility,
            notice: live.notice.clone(),
            number: reading.number,
            digest: reading.digest,
            content_digest: reading.content_digest,
            change_note: reading.place.change_note.clone(),
            first_published_at: live.first_published_at,
            published_at: Some(published_at),
            major_at: live.major_at.min(Some(published_at)),
            originally_published_at: live.originally_published_at,
            follows: live.follows,
            summary,
            characters,
            card: Card::of(content_type, &reading.content),
            placement: live.placement.clone(),
            text: Text::Given(Arc::new(reading.content.clone())),
            draft: None,
        }
    }

    /// Of what was public at some moment. `published_at` is that edition's own.
    pub(crate) fn of_reading(
        document: Document,
        reading: Reading,
        published_at: Option<Timestamp>,
        placement: Option<ItemPlacement>,
        content_type: &ContentType,
        graphql: Arc<str>,
    ) -> Self {
        let content = reading.content;
        let (summary, characters) = summed_up(content_type, &content);
        Self {
            id: document.id,
            content: document.content,
            locale: document.locale,
            main_locale: document.main_locale,
            authority: document.authority,
            r#type: document.r#type,
            graphql,
            visibility: document.visibility,
            notice: document.notice,
            number: reading.number,
            digest: reading.digest,
            content_digest: reading.content_digest,
            change_note: reading.place.change_note,
            first_published_at: document.first_published_at,
            published_at,
            major_at: published_at.and(document.major_at).min(published_at),
            originally_published_at: document.originally_published_at,
            follows: document.live_follows,
            summary,
            characters,
            card: Card::of(content_type, &content),
            placement,
            text: Text::Given(Arc::new(content)),
            draft: None,
        }
    }

    /// Of a draft.
    pub(crate) fn of_draft(draft: Draft, drafted: Drafted, graphql: Arc<str>) -> Self {
        Self {
            id: draft.id,
            content: draft.content,
            locale: draft.locale,
            main_locale: draft.main_locale,
            authority: draft.authority,
            r#type: draft.r#type,
            graphql,
            visibility: draft.visibility,
            notice: draft.notice,
            number: None,
            digest: draft.digest,
            content_digest: draft.content_digest,
            change_note: draft.place.change_note,
            first_published_at: draft.first_published_at,
            published_at: None,
            major_at: None,
            originally_published_at: draft.originally_published_at,
            follows: draft.follows,
            summary: draft.summary,
            characters: draft.characters,
            card: draft.card,
            placement: drafted.placements.first().map(|home| ItemPlacement::clone(home)),
            text: Text::Given(Arc::new(draft.text)),
            draft: Some(drafted),
        }
    }
}

/// The summary, or the start of the body where nobody wrote one, and the length of the body.
fn summed_up(content_type: &ContentType, content: &Content) -> (String, u64) {
    let body = rich_text::derive(content_type.body_of(&content.fields).unwrap_or_default());
    let summary = match content_type.summary_of(&content.fields) {
        Some(summary) => summary.to_owned(),
        None => rich_text::excerpt(&body.text, SUMMARY_CHARACTERS),
    };
    (summary, body.characters as u64)
}
