//! Drafts: a document is created with one, each save puts a new edition in its place.
//!
//! A draft reserves its paths and claims its unique values, so that two people cannot write
//! towards the same address or the same 索引号 without hearing of it.

use schema::{
    content_type::ContentType,
    derived::Derived,
    digest::Digest,
    edition::{Content, Importance, Origin, Place, Source},
    ids::{AuthorityId, ContentId, DocumentId, EditionId},
    message::{Bilingual, Fault},
    names::{AuthorityKey, Locale, TypeName},
    permission::{Action, may},
    validation::{self, Checked, Stage},
    visibility::Visibility,
};
use serde_json::{Map, Value, json};
use store::{
    UnitOfWork,
    documents::{self, Document},
    due_times::DueTime,
    editions::{self, Edition, NewText},
    limits, publications, routes, trees,
};

use super::{
    Target, audit, authorise, claims, commitment_to, content_type, follow, lock,
    place::{self, Found, WantedPlacement},
};
use crate::{Desk, Error, Refusal, outside_links, plans, reviews, schedules};

/// What an author writes.
#[derive(Clone, Debug, PartialEq)]
pub struct DraftText {
    /// Values by field, links included.
    pub fields: Map<String, Value>,
    /// Who the text is credited to.
    pub source: Option<Source>,
    /// For reposts: whose text it is.
    pub origin: Option<Origin>,
    /// Where it is to stand.
    pub placements: Vec<WantedPlacement>,
    /// What changed, for the public history.
    pub change_note: Option<Bilingual>,
    /// Whether readers are told.
    pub importance: Importance,
}

/// A document that does not exist yet.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDocument {
    /// The content it is a translation of, or takes over; `None` for a new one.
    pub content: Option<ContentId>,
    /// The recalled document whose content id and paths it takes over.
    pub takes_over: Option<DocumentId>,
    /// Who owns it.
    pub authority: AuthorityKey,
    /// Its type.
    pub r#type: TypeName,
    /// Its language.
    pub locale: Locale,
    /// Its text.
    pub text: DraftText,
}

/// A draft that was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedDraft {
    /// Its document, as it is now.
    pub document: Document,
    /// The edition that is the draft.
    pub edition: EditionId,
    /// Digest over content and place: what an approval names.
    pub digest: Digest,
    /// Digest of the content.
    pub content_digest: Digest,
    /// Publications that were scheduled of the text that was there before, and are void now.
    pub void: Vec<DueTime>,
}

/// Creates a document with its first draft.
///
/// # Errors
/// A refusal for an unknown authority or type, a language the content has already, missing
/// permission, and everything [`save_draft`] refuses.
pub async fn create(
    desk: &Desk,
    work: &mut UnitOfWork,
    new: NewDocument,
) -> Result<SavedDraft, Error> {
    let authority = trees::authority_by_key(work.session(), &new.authority)
        .await?
        .ok_or_else(|| Refusal::not_found("authority", &new.authority))?;
    let content_type = content_type(desk, &new.r#type)?;
    let siblings = match new.content {
        Some(content) => documents::lock_content(work, content).await?,
        None => Vec::new(),
    };
    if let (Some(content), true) = (new.content, siblings.is_empty()) {
        return Err(Refusal::not_found("document", content).into());
    }
    let blank = Blank {
        content: new.content,
        takes_over: new.takes_over,
        authority: authority.id,
        r#type: &new.r#type,
        locale: &new.locale,
    };
    admitted(work, &siblings).await?;
    check_siblings(&blank, &siblings)?;
    let mut document = blank.document(work, &siblings);
    let found = place::find(work, &document, content_type, &new.text.placements).await?;
    authorise(work, Action::Draft, &place::touched(&document, &found), None)?;
    documents::insert(work, &document).await?;
    let edition =
        write(desk, work, &mut document, content_type, &siblings, new.text, found).await?;
    let commitment = commitment_to(work, Some(edition.edition)).await?;
    let details = json!({ "edition": edition.edition });
    audit(work, "document.create", &document, commitment, details).await?;
    Ok(SavedDraft { document, ..edition })
}

/// What a document is before it has a text.
pub(super) struct Blank<'a> {
    pub(super) content: Option<ContentId>,
    pub(super) takes_over: Option<DocumentId>,
    pub(super) authority: AuthorityId,
    pub(super) r#type: &'a TypeName,
    pub(super) locale: &'a Locale,
}

impl Blank<'_> {
    /// The document, beside the others of its content.
    pub(super) fn document(&self, work: &UnitOfWork, siblings: &[Document]) -> Document {
        Document {
            id: work.new_id(),
            content: self.content.unwrap_or_else(|| work.new_id()),
            locale: self.locale.clone(),
            main_locale: siblings.iter().all(|sibling| sibling.visibility.is_terminal()),
            authority: self.authority,
            r#type: self.r#type.clone(),
            version: 0,
            changed_at: work.now(),
            changed_by: work.actor().id,
            draft: None,
            live: None,
            last_edition: 0,
            visibility: Visibility::Unpublished,
            notice: None,
            first_published_at: None,
            published_at: None,
            major_at: None,
            originally_published_at: None,
            takes_over: self.takes_over,
            draft_follows: None,
            live_follows: None,
            created_at: work.now(),
        }
    }
}

/// Refuses who is not admitted to the drafts of a content that it could have a further document:
/// as if there were none.
pub(super) async fn admitted(work: &mut UnitOfWork, siblings: &[Document]) -> Result<(), Error> {
    for sibling in siblings {
        let touched = documents::touched(work.session(), sibling).await?;
        if touched.limit.is_some() && !may(work.actor(), Action::ReadDrafts, &touched) {
            return Err(Refusal::not_found("document", sibling.content).into());
        }
    }
    Ok(())
}

pub(super) fn check_siblings(new: &Blank<'_>, siblings: &[Document]) -> Result<(), Error> {
    let in_use: Vec<_> =
        siblings.iter().filter(|sibling| !sibling.visibility.is_terminal()).collect();
    if let Some(other) = in_use.iter().find(|sibling| sibling.locale == *new.locale) {
        return Err(Refusal::LocaleTaken(other.content, other.locale.clone()).into());
    }
    let owner = siblings.first().is_none_or(|first| first.authority == new.authority);
    let same_type = siblings.first().is_none_or(|first| first.r#type == *new.r#type);
    if !owner || !same_type {
        return Err(Refusal::Invalid(vec![Fault::new(
            "content",
            "not_a_translation",
            "译文须与原文属于同一机构、同一内容类型",
            "a translation has the authority and the type of what it translates",
        )])
        .into());
    }
    let recalled = |id| siblings.iter().any(|s| s.id == id && s.visibility.is_terminal());
    match new.takes_over {
        Some(predecessor) if !recalled(predecessor) => {
            Err(Refusal::not_found("document", predecessor).into())
        }
        None if in_use.is_empty() && !siblings.is_empty() => {
            Err(Refusal::NotFrom(Visibility::Recalled).into())
        }
        _ => Ok(()),
    }
}

/// Puts a new draft in the place of the one there is.
///
/// # Errors
/// [`Refusal::Stale`], [`Refusal::Invalid`] with every fault at once, a path that is taken, a
/// value that must be unique, links and files that lead nowhere, a foreign site, a closed
/// column, a document that was recalled, missing permission.
pub async fn save_draft(
    desk: &Desk,
    work: &mut UnitOfWork,
    target: Target,
    text: DraftText,
) -> Result<SavedDraft, Error> {
    let (mut document, siblings) = lock(work, target).await?;
    let before = documents::touched(work.session(), &document).await?;
    authorise(work, Action::Draft, &before, Some(&document))?;
    if document.visibility.is_terminal() {
        return Err(Refusal::NotFrom(document.visibility).into());
    }
    let content_type = content_type(desk, &document.r#type)?;
    let found = place::find(work, &document, content_type, &text.placements).await?;
    authorise(work, Action::Draft, &place::touched(&document, &found), Some(&document))?;
    let saved = write(desk, work, &mut document, content_type, &siblings, text, found).await?;
    let commitment = commitment_to(work, Some(saved.edition)).await?;
    let details = json!({ "edition": saved.edition });
    audit(work, "document.save", &document, commitment, details).await?;
    Ok(SavedDraft { document, ..saved })
}

/// Makes edition `number` the draft again, as a start for a new one.
///
/// # Errors
/// [`Refusal::DraftInTheWay`], an edition that does not exist or was erased, and what
/// [`save_draft`] refuses.
pub async fn draft_from_edition(
    desk: &Desk,
    work: &mut UnitOfWork,
    target: Target,
    number: u32,
) -> Result<SavedDraft, Error> {
    let (document, _) = lock(work, target).await?;
    let touched = documents::touched(work.session(), &document).await?;
    authorise(work, Action::Draft, &touched, Some(&document))?;
    if document.draft.is_some() {
        return Err(Refusal::DraftInTheWay.into());
    }
    let publications = publications::of_work(work, document.id).await?;
    let not_found = || Refusal::not_found("edition", number);
    let publication =
        publications.iter().find(|found| found.number == number).ok_or_else(not_found)?;
    let text = editions::of_work(work, publication.edition).await?.text.ok_or_else(not_found)?;
    let content = editions::content_of_work(work, text.content_digest).await?;
    let content_type = content_type(desk, &document.r#type)?;
    let draft = DraftText {
        fields: Checked::of(&content).to_input(content_type),
        source: content.source,
        origin: content.origin,
        placements: place::wanted(&text.place),
        change_note: None,
        importance: text.place.importance,
    };
    let target = Target { document: document.id, version: Some(document.version) };
    save_draft(desk, work, target, draft).await
}

/// Throws the draft away. A document that was never published goes with it.
///
/// # Errors
/// [`Refusal::NoDraft`], [`Refusal::Stale`], missing permission.
pub async fn discard_draft(
    desk: &Desk,
    work: &mut UnitOfWork,
    target: Target,
) -> Result<(), Error> {
    let (mut document, siblings) = lock(work, target).await?;
    let touched = documents::touched(work.session(), &document).await?;
    authorise(work, Action::Draft, &touched, Some(&document))?;
    if document.draft.is_none() {
        return Err(Refusal::NoDraft.into());
    }
    let commitment = commitment_to(work, document.draft).await?;
    let details = json!({ "edition": document.draft });
    audit(work, "document.discard", &document, commitment, details).await?;
    reviews::discard(work, &document).await?;
    schedules::void_draft(work, document.id).await?;
    document.draft = None;
    document.draft_follows = None;
    routes::release_reserved(work, document.id).await?;
    if document.visibility == Visibility::Unpublished {
        documents::delete_unpublished(work, document.id).await?;
        return claims::release(desk, work, document.content, &siblings).await;
    }
    documents::update(work, &mut document).await?;
    let all: Vec<Document> = siblings.into_iter().chain([document.clone()]).collect();
    claims::release(desk, work, document.content, &all).await
}

/// Checks a text, stores it as an edition, and makes that the draft of `document`.
pub(super) async fn write(
    desk: &Desk,
    work: &mut UnitOfWork,
    document: &mut Document,
    content_type: &ContentType,
    siblings: &[Document],
    text: DraftText,
    found: Vec<Found>,
) -> Result<SavedDraft, Error> {
    let main = siblings.iter().find(|sibling| {
        !document.main_locale && sibling.main_locale && !sibling.visibility.is_terminal()
    });
    let fields = match main {
        Some(main) => follow::with_shared_facts(work, content_type, main, text.fields).await?,
        None => text.fields,
    };
    let mut faults = schema::edition::credit_faults(
        text.source.as_ref(),
        text.origin.as_ref(),
        text.change_note.as_ref(),
    );
    let checked = match validation::check(content_type, &fields, Stage::Draft) {
        Ok(checked) if faults.is_empty() => checked,
        Ok(_) => return Err(Refusal::Invalid(faults).into()),
        Err(of_fields) => {
            faults.extend(of_fields);
            return Err(Refusal::Invalid(faults).into());
        }
    };
    claims::check_references(work, content_type, &checked).await?;
    let content = Content {
        r#type: content_type.name.clone(),
        type_version: content_type.version,
        locale: document.locale.clone(),
        fields: checked.fields,
        links: checked.links,
        files: checked.files,
        source: text.source,
        origin: text.origin,
    };
    let place = Place {
        placements: found.iter().map(|found| found.said.clone()).collect(),
        change_note: text.change_note,
        importance: text.importance,
    };
    document.draft_follows = main.map(|main| main.last_edition);
    let derived = Derived::of(content_type, &content.fields);
    let text = NewText { content: &content, derived: &derived, place };
    let edition = store_text(desk, work, document, content_type, siblings, text, &found).await?;
    let (edition, void) = edition;
    Ok(SavedDraft { void, ..saved(document, edition)? })
}

/// Makes a checked text the draft of `document`, with the paths and values it claims. Gives the
/// schedules too that are void by that.
pub(super) async fn store_text(
    desk: &Desk,
    work: &mut UnitOfWork,
    document: &mut Document,
    content_type: &ContentType,
    siblings: &[Document],
    text: NewText<'_>,
    found: &[Found],
) -> Result<(Edition, Vec<DueTime>), Error> {
    claims::reserve_paths(work, document, found).await?;
    claims::claim_values(work, document, content_type, &text.content.fields, found).await?;
    outside_links::note(desk, work, content_type, text.content).await?;
    let mut void = Vec::new();
    if document.draft.is_some() {
        reviews::void(work, document).await?;
        void = schedules::void_draft(work, document.id).await?;
    }
    let edition = editions::insert(work, document.id, content_type, text).await?;
    if let Some(former) = document.draft.replace(edition.id) {
        plans::carry_over(work, former, edition.id).await?;
    }
    documents::update(work, document).await?;
    limits::written(work, document.content).await?;
    let all: Vec<Document> = siblings.iter().cloned().chain([document.clone()]).collect();
    claims::release(desk, work, document.content, &all).await?;
    Ok((edition, void))
}

pub(super) fn saved(document: &Document, edition: Edition) -> Result<SavedDraft, Error> {
    let text = edition
        .text
        .ok_or(store::Error::Corrupt { what: "edition", why: "a new one is empty".into() })?;
    Ok(SavedDraft {
        document: document.clone(),
        edition: edition.id,
        digest: text.digest,
        content_digest: text.content_digest,
        void: Vec::new(),
    })
}
