//! Imports: a text that was checked before the unit of work was opened becomes a draft, or
//! live at once, in one act.
//!
//! Cleaning a long text takes longer than writing it, so an import does that outside any unit
//! of work and hands in a [`CheckedText`], which nothing but the check can make. The way goes
//! through the same gate and leaves the same rows as any other publication.

use schema::{
    content_type::{ContentType, OldTexts},
    edition::{Content, Importance, Origin, Place, PlacedAt, Source},
    gate::Way,
    ids::{ContentId, DocumentId},
    message::{Bilingual, Fault},
    names::{AuthorityKey, Locale, TypeName},
    permission::Action,
    validation::{self, Checked, Stage},
    visibility::{Notice, Removal, Visibility},
};
use serde_json::{Map, Value, json};
use store::{
    UnitOfWork,
    documents::{self, Document},
    editions::{self, NewText},
    publications::OriginalTime,
    trees,
};

use super::{
    Target, audit, authorise, claims, content_type,
    draft::{self, Blank},
    follow,
    live::{self, Candidate, Outcome},
    lock,
    place::{self, Found, WantedPlacement},
    readings::Readings,
    take_back,
};
use crate::{Desk, Error, Refusal};

/// Fields that fit their type as it is in force, with what is read off them.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedText {
    r#type: TypeName,
    type_version: u32,
    checked: Checked,
    stage: Stage,
    readings: Readings,
}

impl CheckedText {
    /// Checks `fields` for a draft or for publication.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn new(
        content_type: &ContentType,
        fields: &Map<String, Value>,
        stage: Stage,
    ) -> Result<Self, Vec<Fault>> {
        let checked = validation::check(content_type, fields, stage)?;
        Ok(Self {
            r#type: content_type.name.clone(),
            type_version: content_type.version,
            readings: Readings::of(content_type, &checked.fields),
            checked,
            stage,
        })
    }

    /// What the check made of the fields.
    pub fn checked(&self) -> &Checked {
        &self.checked
    }
}

/// Whose text it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IncomingDocument {
    /// A document that does not exist yet.
    New(UnknownDocument),
    /// A document that an earlier record became.
    Known(DocumentId),
}

/// A document that does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownDocument {
    /// The content id it brings along, or of what it translates; `None` for a new one.
    pub content: Option<ContentId>,
    /// The recalled document whose content id and paths it takes over.
    pub takes_over: Option<DocumentId>,
    /// Who owns it.
    pub authority: AuthorityKey,
    /// Its language.
    pub locale: Locale,
}

/// A text from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    /// Whose text it is.
    pub document: IncomingDocument,
    /// The text.
    pub text: CheckedText,
    /// Who it is credited to.
    pub source: Option<Source>,
    /// For reposts: whose text it is.
    pub origin: Option<Origin>,
    /// Where it stands.
    pub placements: Vec<WantedPlacement>,
    /// What changed, for the public history.
    pub change_note: Option<Bilingual>,
    /// Whether readers are told.
    pub importance: Importance,
    /// How it is published; `None` leaves it a draft.
    pub publication: Option<IncomingPublication>,
    /// For what another hub recorded.
    pub as_recorded: Option<AsRecorded>,
}

/// How a text from outside is published.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IncomingPublication {
    /// A claim that it was public elsewhere before.
    pub original: Option<OriginalTime>,
    /// What becomes of the text it supersedes; `None` for what the type says.
    pub old_text: Option<OldTexts>,
}

/// What a hub recorded of an edition and this one repeats word for word, so that digests come
/// out the same. Links may lead to contents that are still to come; facts shared with
/// translations are taken as they stand in each edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AsRecorded {
    /// Its placements as the edition says them, in the order of [`Incoming::placements`],
    /// which say where it stands now that columns may have other names.
    pub said: Vec<PlacedAt>,
    /// The version of the type it was checked under there.
    pub type_version: u32,
    /// Translations: the main edition that it follows.
    pub follows: Option<u32>,
    /// Whether the document was not live when this edition was published.
    pub after_break: bool,
}

/// What a text from outside became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BroughtIn {
    /// Its document, as it is now.
    pub document: Document,
    /// Number of the edition it became; `None` for a draft, and where the live edition said
    /// the same already.
    pub number: Option<u32>,
    /// Whether the live edition said the same already.
    pub unchanged: bool,
}

/// Takes a text in.
///
/// # Errors
/// What [`create`](super::create), [`save_draft`](super::save_draft) and
/// [`publish`](super::publish) refuse; [`Refusal::DraftInTheWay`] where somebody is at work on
/// the document.
pub async fn bring_in(
    desk: &Desk,
    work: &mut UnitOfWork,
    incoming: Incoming,
) -> Result<BroughtIn, Error> {
    let content_type = content_type(desk, &incoming.text.r#type)?;
    let (mut document, siblings) = match &incoming.document {
        IncomingDocument::New(unknown) => new(work, content_type, unknown, &incoming).await?,
        IncomingDocument::Known(id) => known(work, *id, &incoming).await?,
    };
    let found = found(work, &document, content_type, &incoming).await?;
    authorise(work, Action::Draft, &place::touched(&document, &found), None)?;
    if let IncomingDocument::New(_) = incoming.document {
        documents::insert(work, &document).await?;
        audit(work, "document.create", &document, None, json!({ "way": Way::Import })).await?;
    } else if incoming.as_recorded.as_ref().is_some_and(|recorded| recorded.after_break)
        && matches!(document.visibility, Visibility::Live | Visibility::Withdrawn)
    {
        let target = Target { document: document.id, version: None };
        document = take_back::remove(desk, work, target, Removal::Gone, Notice::default()).await?;
    }
    let (content, readings) = content(work, &document, content_type, &siblings, &incoming).await?;
    let place = Place {
        placements: found.iter().map(|found| found.said.clone()).collect(),
        change_note: incoming.change_note,
        importance: incoming.importance,
    };
    let Some(publication) = incoming.publication else {
        let text = NewText { content: &content, derived: &readings.derived, place };
        draft::store_text(desk, work, &mut document, content_type, &siblings, text, &found).await?;
        return Ok(BroughtIn { document, number: None, unchanged: false });
    };
    claims::claim_values(work, &document, content_type, &content.fields, &found).await?;
    let text = NewText { content: &content, derived: &readings.derived, place };
    let edition = editions::insert(work, document.id, content_type, text).await?;
    let candidate = Candidate {
        way: Way::Import,
        forced: None,
        approved: None,
        plan: None,
        original: publication.original,
        old_text: publication.old_text,
        draft: edition,
        content: content.clone(),
        entry: readings.entry,
        likeness: readings.likeness,
        checked: (incoming.text.stage == Stage::Publication).then_some(found),
    };
    let outcome = live::make_live(desk, work, &mut document, content_type, candidate).await?;
    let mut all = siblings;
    let number = match outcome {
        Outcome::Published(published) => {
            if document.main_locale && incoming.as_recorded.is_none() {
                follow::translations(desk, work, content_type, &content, &mut all).await?;
            }
            Some(published.number)
        }
        Outcome::NothingChanged(_) => None,
    };
    all.push(document.clone());
    claims::release(desk, work, document.content, &all).await?;
    Ok(BroughtIn { document, number, unchanged: number.is_none() })
}

async fn new(
    work: &mut UnitOfWork,
    content_type: &ContentType,
    unknown: &UnknownDocument,
    incoming: &Incoming,
) -> Result<(Document, Vec<Document>), Error> {
    let UnknownDocument { content, takes_over, authority, locale } = unknown;
    let authority = trees::authority_by_key(work.session(), authority)
        .await?
        .ok_or_else(|| Refusal::not_found("authority", authority))?;
    let siblings = match content {
        Some(content) => documents::lock_content(work, *content).await?,
        None => Vec::new(),
    };
    let blank = Blank {
        content: *content,
        takes_over: *takes_over,
        authority: authority.id,
        r#type: &content_type.name,
        locale,
    };
    draft::admitted(work, &siblings).await?;
    draft::check_siblings(&blank, &siblings)?;
    let mut document = blank.document(work, &siblings);
    document.draft_follows = follows(&document, &siblings, incoming);
    Ok((document, siblings))
}

async fn known(
    work: &mut UnitOfWork,
    id: DocumentId,
    incoming: &Incoming,
) -> Result<(Document, Vec<Document>), Error> {
    let (mut document, siblings) = lock(work, Target { document: id, version: None }).await?;
    let touched = documents::touched(work.session(), &document).await?;
    authorise(work, Action::Draft, &touched, Some(&document))?;
    if document.visibility.is_terminal() {
        return Err(Refusal::NotFrom(document.visibility).into());
    }
    if document.draft.is_some() {
        return Err(Refusal::DraftInTheWay.into());
    }
    document.draft_follows = follows(&document, &siblings, incoming);
    Ok((document, siblings))
}

fn follows(document: &Document, siblings: &[Document], incoming: &Incoming) -> Option<u32> {
    match &incoming.as_recorded {
        Some(recorded) => recorded.follows,
        None => main_of(document, siblings).map(|main| main.last_edition),
    }
}

fn main_of<'a>(document: &Document, siblings: &'a [Document]) -> Option<&'a Document> {
    siblings.iter().find(|sibling| {
        !document.main_locale && sibling.main_locale && !sibling.visibility.is_terminal()
    })
}

async fn found(
    work: &mut UnitOfWork,
    document: &Document,
    content_type: &ContentType,
    incoming: &Incoming,
) -> Result<Vec<Found>, Error> {
    let mut found = place::find(work, document, content_type, &incoming.placements).await?;
    if let Some(recorded) = &incoming.as_recorded {
        for (found, said) in found.iter_mut().zip(&recorded.said) {
            found.said = said.clone();
        }
    }
    Ok(found)
}

/// The text as it will be stored, and what is read off it.
async fn content(
    work: &mut UnitOfWork,
    document: &Document,
    content_type: &ContentType,
    siblings: &[Document],
    incoming: &Incoming,
) -> Result<(Content, Readings), Error> {
    let CheckedText { type_version, checked, stage, readings, .. } = &incoming.text;
    let (checked, readings) = match (&incoming.as_recorded, main_of(document, siblings)) {
        (None, Some(main)) => {
            let fields = checked.to_input(content_type);
            let fields = follow::with_shared_facts(work, content_type, main, fields).await?;
            let checked =
                validation::check(content_type, &fields, *stage).map_err(Refusal::Invalid)?;
            let readings = Readings::of(content_type, &checked.fields);
            (checked, readings)
        }
        _ => (checked.clone(), readings.clone()),
    };
    match &incoming.as_recorded {
        None => claims::check_references(work, content_type, &checked).await?,
        Some(_) => drop(claims::check_files(work, &checked.files).await?),
    }
    let content = Content {
        r#type: content_type.name.clone(),
        type_version: incoming.as_recorded.as_ref().map_or(*type_version, |r| r.type_version),
        locale: document.locale.clone(),
        fields: checked.fields,
        links: checked.links,
        files: checked.files,
        source: incoming.source.clone(),
        origin: incoming.origin.clone(),
    };
    Ok((content, readings))
}
