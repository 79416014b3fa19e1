//! Facts that are the same in every language: kept equal across the locales of a content.
//!
//! The main locale owns them. A translation takes them over when it is saved; when the main
//! edition changes one in public, every live translation follows in the same transaction with
//! a minor edition of its own, and every draft of one is saved anew.

use schema::{
    content_type::ContentType,
    derived::Derived,
    edition::{Content, Importance, Place},
    gate::Way,
    permission::Action,
    validation::{self, Checked, Stage},
};
use serde_json::{Map, Value};
use store::{
    UnitOfWork,
    documents::{self, Document},
    editions::{self, NewText},
};

use super::{
    authorise,
    live::{self, Candidate},
    readings::Readings,
};
use crate::{Desk, Error, Refusal, plans, reviews, schedules};

/// `fields` of a translation with the shared facts of `main` filled in.
///
/// # Errors
/// [`Refusal::SharedField`] where the translation says something else.
pub(super) async fn with_shared_facts(
    work: &mut UnitOfWork,
    content_type: &ContentType,
    main: &Document,
    mut fields: Map<String, Value>,
) -> Result<Map<String, Value>, Error> {
    let Some(edition) = main.live.or(main.draft) else { return Ok(fields) };
    let Some(text) = editions::of_work(work, edition).await?.text else { return Ok(fields) };
    let content = editions::content_of_work(work, text.content_digest).await?;
    let facts = shared_facts(content_type, &content);
    let given = shared_of(content_type, &fields);
    if !given.is_empty() {
        let checked = validation::check(content_type, &given, Stage::Draft)
            .map_err(Refusal::Invalid)?
            .to_input(content_type);
        let different = content_type.fields.iter().find(|field| {
            let name = field.name.as_str();
            given.contains_key(name) && checked.get(name) != facts.get(name)
        });
        if let Some(field) = different {
            return Err(Refusal::SharedField(field.name.clone()).into());
        }
    }
    fields.extend(facts);
    Ok(fields)
}

/// Lets every other language of `main`, which has just been published, follow its shared
/// facts.
pub(super) async fn translations(
    desk: &Desk,
    work: &mut UnitOfWork,
    content_type: &ContentType,
    main: &Content,
    siblings: &mut [Document],
) -> Result<(), Error> {
    let facts = shared_facts(content_type, main);
    for sibling in siblings.iter_mut().filter(|sibling| !sibling.visibility.is_terminal()) {
        // What it follows is public, and so is what follows: whom its drafts are limited to says
        // nothing of that.
        let touched = documents::touched(work.session(), sibling).await?.unlimited();
        if let Some(live) = sibling.live
            && let Some((content, place)) = followed(work, content_type, &facts, live).await?
        {
            authorise(work, Action::Publish, &touched, Some(sibling))?;
            let place = Place { importance: Importance::Minor, change_note: None, ..place };
            let Readings { derived, entry, likeness } = Readings::of(content_type, &content.fields);
            let text = NewText { content: &content, derived: &derived, place };
            let edition = editions::insert(work, sibling.id, content_type, text).await?;
            let draft = sibling.draft.replace(edition.id);
            let follows = sibling.draft_follows;
            sibling.draft_follows = sibling.live_follows;
            let candidate = Candidate {
                way: Way::Follow,
                forced: None,
                approved: None,
                plan: None,
                original: None,
                old_text: None,
                draft: edition,
                content,
                entry,
                likeness,
                checked: None,
            };
            live::make_live(desk, work, sibling, content_type, candidate).await?;
            sibling.draft = draft;
            sibling.draft_follows = follows;
            documents::update(work, sibling).await?;
        }
        if let Some(draft) = sibling.draft
            && let Some((content, place)) = followed(work, content_type, &facts, draft).await?
        {
            let derived = Derived::of(content_type, &content.fields);
            let text = NewText { content: &content, derived: &derived, place };
            let edition = editions::insert(work, sibling.id, content_type, text).await?;
            reviews::void(work, sibling).await?;
            schedules::void_draft(work, sibling.id).await?;
            plans::carry_over(work, draft, edition.id).await?;
            sibling.draft = Some(edition.id);
            documents::update(work, sibling).await?;
        }
    }
    Ok(())
}

/// The text of `edition` with `facts` put in; `None` when it says so already.
async fn followed(
    work: &mut UnitOfWork,
    content_type: &ContentType,
    facts: &Map<String, Value>,
    edition: schema::ids::EditionId,
) -> Result<Option<(Content, Place)>, Error> {
    let Some(text) = editions::of_work(work, edition).await?.text else { return Ok(None) };
    let content = editions::content_of_work(work, text.content_digest).await?;
    if shared_facts(content_type, &content) == *facts {
        return Ok(None);
    }
    let mut input = Checked::of(&content).to_input(content_type);
    for field in content_type.fields.iter().filter(|field| !field.localised) {
        input.remove(field.name.as_str());
    }
    input.extend(facts.clone());
    let checked =
        validation::check(content_type, &input, Stage::Draft).map_err(Refusal::Invalid)?;
    let content = Content {
        fields: checked.fields,
        links: checked.links,
        files: checked.files,
        type_version: content_type.version,
        ..content
    };
    Ok(Some((content, text.place)))
}

fn shared_facts(content_type: &ContentType, content: &Content) -> Map<String, Value> {
    shared_of(content_type, &Checked::of(content).to_input(content_type))
}

fn shared_of(content_type: &ContentType, input: &Map<String, Value>) -> Map<String, Value> {
    content_type
        .fields
        .iter()
        .filter(|field| !field.localised)
        .filter_map(|field| {
            let name = field.name.as_str();
            input.get(name).map(|value| (name.to_owned(), value.clone()))
        })
        .collect()
}
