//! Limiting drafts to some persons and authorities, and lifting that.
//!
//! It is an act of those who write the text, or who administer where it stands. Who administers is
//! not admitted by that: to read, they first have to change the limit or lift it, on record.

use std::collections::BTreeSet;

use schema::{
    access::Login,
    ids::{AuthorityId, ContentId},
    message::Fault,
    names::AuthorityKey,
    permission::{Action, Actor, may},
};
use serde_json::json;
use store::{
    Session, UnitOfWork,
    access::people,
    documents::{self, Document},
    limits::{self, Names, Set},
    trees,
};

use super::audit;
use crate::{Error, Refusal};

/// Persons and authorities that a limit names, at the most.
const NAMES: usize = 100;
/// Characters of a reason, at the most.
const REASON: usize = 1_000;

/// To whom drafts are to be limited, as people name them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LimitTo {
    /// Persons, by their logins.
    pub persons: BTreeSet<Login>,
    /// Authorities, with whoever is granted something within them.
    pub authorities: BTreeSet<AuthorityKey>,
}

/// Limits the drafts of a content, in every language, to these and to whoever wrote them, in the
/// place of whom they were limited to. With nobody named, to those who wrote them.
///
/// # Errors
/// A content that is not there or that the actor may not know of; a person or an authority that is
/// not there; [`Refusal::Invalid`] for too many names.
pub async fn limit_drafts(
    work: &mut UnitOfWork,
    content: ContentId,
    to: &LimitTo,
) -> Result<Set, Error> {
    let documents = permitted(work, content).await?;
    if to.persons.len() + to.authorities.len() > NAMES {
        return Err(Refusal::Invalid(vec![Fault::new(
            "persons",
            "too_many",
            format!("最多指名 {NAMES} 个人员和机构"),
            format!("name {NAMES} persons and authorities at the most"),
        )])
        .into());
    }
    let mut names = Names::default();
    for login in &to.persons {
        let person = people::by_login(work, login).await?;
        names.persons.insert(person.ok_or_else(|| Refusal::not_found("person", login))?.id);
    }
    for key in &to.authorities {
        let authority = trees::authority_by_key(work.session(), key).await?;
        let authority = authority.ok_or_else(|| Refusal::not_found("authority", key))?;
        names.authorities.insert(authority.id);
    }
    let before = limits::of_content(work.session(), content).await?;
    limits::set(work, content, &names).await?;
    let details = json!({
        "persons": names.persons, "authorities": names.authorities,
        "before": before.map(|before| json!({
            "persons": before.names.persons, "authorities": before.names.authorities,
        })),
    });
    for document in &documents {
        audit(work, "draft.limit", document, None, details.clone()).await?;
    }
    let set = limits::of_content(work.session(), content).await?;
    Ok(set.ok_or_else(|| Refusal::not_found("document", content))?)
}

/// Lifts the limit of a content: its drafts are for everybody again who may read drafts where they
/// lie. Where there is none nothing is done.
///
/// # Errors
/// As [`limit_drafts`]; [`Refusal::Words`] without a reason.
pub async fn lift_draft_limit(
    work: &mut UnitOfWork,
    content: ContentId,
    reason: &str,
) -> Result<(), Error> {
    let documents = permitted(work, content).await?;
    let reason = reason.trim();
    if !(1..=REASON).contains(&reason.chars().count()) {
        return Err(Refusal::Words { field: "reason", most: REASON }.into());
    }
    if limits::lift(work, content).await? {
        for document in &documents {
            audit(work, "draft.liftLimit", document, None, json!({ "reason": reason })).await?;
        }
    }
    Ok(())
}

/// A content with limited drafts, as those are told who may read them or lift the limit: without a
/// word of the drafts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limited {
    /// Which.
    pub content: ContentId,
    /// Who owns it.
    pub authority: AuthorityId,
    /// The limit.
    pub set: Set,
}

/// At most `limit` contents with limited drafts after `after`, in the order of their ids, that
/// `actor` sees or could lift the limit of.
///
/// # Errors
/// [`Error::Store`].
pub async fn limited(
    session: &mut Session,
    actor: &Actor,
    after: Option<ContentId>,
    limit: usize,
) -> Result<Vec<Limited>, Error> {
    let mut told = Vec::new();
    for content in limits::contents_after(session, after).await? {
        let documents = documents::every_of_content(session, content).await?;
        let mut concerns = !documents.is_empty();
        for document in &documents {
            let touched = documents::touched(session, document).await?;
            concerns &= sees_or_lifts(actor, &touched);
        }
        let Some(first) = documents.first().filter(|_| concerns) else { continue };
        if let Some(set) = limits::of_content(session, content).await? {
            told.push(Limited { content, authority: first.authority, set });
        }
        if told.len() >= limit {
            break;
        }
    }
    Ok(told)
}

fn sees_or_lifts(actor: &Actor, touched: &schema::permission::Touched) -> bool {
    may(actor, Action::ReadDrafts, touched) || may(actor, Action::Administer, touched)
}

/// The documents of a content, locked, if the actor writes its drafts or administers where it
/// stands; who may not even read its drafts is told that there is no such content.
async fn permitted(work: &mut UnitOfWork, content: ContentId) -> Result<Vec<Document>, Error> {
    let not_found = || Refusal::not_found("document", content);
    let documents = documents::lock_content(work, content).await?;
    if documents.is_empty() {
        return Err(not_found().into());
    }
    for document in &documents {
        let touched = documents::touched(work.session(), document).await?;
        let may = |action| may(work.actor(), action, &touched);
        if may(Action::Draft) || may(Action::Administer) {
            continue;
        }
        return Err(match may(Action::ReadDrafts) {
            true => Refusal::NotPermitted(Action::Draft).into(),
            false => not_found().into(),
        });
    }
    Ok(documents)
}
