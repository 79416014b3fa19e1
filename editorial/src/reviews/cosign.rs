//! Co-signing (会签): bodies are asked, answer for exactly the text they were asked about, and their
//! objections are withdrawn or overruled.
//!
//! Who answers for a body may know of nothing else of the document, so its acts are found by what
//! was laid before it, and are refused to everybody else as if there were nothing.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schema::{
    calendar::Span,
    digest::Digest,
    due::{DueKind, DueState, Order},
    ids::{AuthorityId, CosignatureId},
    message::Fault,
    names::AuthorityKey,
    permission::{Action, Role},
    review::{ActKind, CosignState, Cosigner, Persons, Silence, State, answers_for, may_sign},
};
use store::{
    UnitOfWork,
    documents::{self, Document},
    due_times::{self, DueTime},
    editions,
    reviews::{
        Review,
        cases::{self, NewAct},
        cosigning::{self, Cosignature},
    },
    trees,
};

use super::{Looked, due, looked_at, note, remark, words};
use crate::{Desk, Error, Refusal, documents::authorise};

/// Bodies that are asked for one text, at the most.
const MOST: usize = 30;

/// What a body answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It agrees, with a remark or without.
    Agrees(Option<String>),
    /// It objects, for this reason.
    Objects(String),
    /// It takes its objection back, and has not answered again.
    Withdraws,
}

/// Asks the bodies that the chain of a review names, and those that somebody asked for in the round
/// before: their answers went with the text.
pub(super) async fn ask_all(
    desk: &Desk,
    work: &mut UnitOfWork,
    document: &Document,
    review: &Review,
) -> Result<(), Error> {
    let mut bodies = BTreeSet::new();
    for cosigner in &review.chain.cosigners {
        let found = trees::authority_by_key(work.session(), &cosigner.body).await?;
        let body = found.ok_or_else(|| Refusal::not_found("authority", &cosigner.body))?.id;
        // Whoever owns the text answers for it by its own review.
        if body != document.authority && bodies.insert(body) {
            ask_one(desk, work, document, review, (body, true), cosigner).await?;
        }
    }
    let Some(before) = review.round.checked_sub(1) else { return Ok(()) };
    for asked in cosigning::of_round(work.session(), review.id, before).await? {
        if !asked.by_rule && bodies.insert(asked.body) {
            let within = asked.due_at.and_then(|due| whole_hours(asked.asked_at, due));
            let cosigner = besides(asked.key, within);
            ask_one(desk, work, document, review, (asked.body, false), &cosigner).await?;
        }
    }
    Ok(())
}

/// The time that was allowed, for asking again.
fn whole_hours(from: Timestamp, until: Timestamp) -> Option<Span> {
    let hours = until.duration_since(from).as_hours().max(1);
    format!("{hours}h").parse().ok()
}

/// A body that somebody asks for besides: its silence means nothing, and an approver overrules it.
fn besides(body: AuthorityKey, within: Option<Span>) -> Cosigner {
    Cosigner { body, within, silence: Silence::Blocks, overruled_by: Some(Role::Approver) }
}

async fn ask_one(
    desk: &Desk,
    work: &mut UnitOfWork,
    document: &Document,
    review: &Review,
    (body, by_rule): (AuthorityId, bool),
    cosigner: &Cosigner,
) -> Result<(), Error> {
    let due_at = match cosigner.within {
        Some(within) => due(desk, work, body, within).await?,
        None => None,
    };
    let authority = trees::authority(work.session(), body).await?;
    let authority = authority.ok_or_else(|| Refusal::not_found("authority", &cosigner.body))?;
    let asked = Cosignature {
        id: work.new_id(),
        review: review.id,
        document: document.id,
        round: review.round,
        body,
        name: authority.particulars.name,
        key: authority.key,
        edition: review.edition,
        asked_at: work.now(),
        asked_by: work.actor().id,
        by_rule,
        silence: cosigner.silence,
        overruled_by: cosigner.overruled_by,
        due_at,
        state: CosignState::Asked,
        answered_at: None,
        answered_by: None,
    };
    cosigning::insert(work, &asked).await?;
    let act = NewAct { body: Some(body), ..NewAct::plain(ActKind::CosignAsked) };
    note(work, document, review, act).await?;
    // Where the calendar does not know the year silence means nothing, as it does without a time.
    if let (Silence::Agrees, Some(at)) = (asked.silence, due_at) {
        let due = DueTime {
            id: work.new_id(),
            subject: asked.id.uuid(),
            at,
            asked_at: work.now(),
            asked_by: work.actor().id,
            order: Order::Cosignature,
            state: DueState::Waiting,
            attempts: 0,
            next_at: Some(at),
            refusal: None,
            closed_at: None,
            closed_by: None,
        };
        due_times::insert(work, &due).await?;
    }
    Ok(())
}

/// Asks further bodies about a text that lies before the reviewers. What they do not answer keeps
/// it from being published, and their silence means nothing. A body that was asked already is not
/// asked again.
///
/// # Errors
/// [`Refusal::NotUnderReview`], a digest that differs from the draft's, missing permission to draft;
/// a body that is not there; [`Refusal::Invalid`] for the owner of the text, for none and for too
/// many.
pub async fn ask_to_cosign(
    desk: &Desk,
    work: &mut UnitOfWork,
    looked: Looked,
    bodies: &BTreeSet<AuthorityKey>,
    within: Option<Span>,
) -> Result<Review, Error> {
    let case = looked_at(work, looked).await?;
    authorise(work, Action::Draft, &case.touched, Some(&case.document))?;
    let asked = cosigning::of_round(work.session(), case.review.id, case.review.round).await?;
    if bodies.is_empty() || bodies.len() + asked.len() > MOST {
        return Err(bad_bodies(
            "count",
            (
                format!("请指明会签机构，合计最多 {MOST} 个"),
                format!("name bodies, {MOST} in all at the most"),
            ),
        ));
    }
    for key in bodies {
        let found = trees::authority_by_key(work.session(), key).await?;
        let body = found.ok_or_else(|| Refusal::not_found("authority", key))?.id;
        if body == case.document.authority {
            return Err(bad_bodies(
                "own_text",
                (
                    "本机构的文本由本机构审核，无须会签".into(),
                    "the body owns the text, and answers for it by its own review".into(),
                ),
            ));
        }
        if asked.iter().all(|other| other.body != body) {
            let cosigner = besides(key.clone(), within);
            ask_one(desk, work, &case.document, &case.review, (body, false), &cosigner).await?;
        }
    }
    Ok(case.review)
}

fn bad_bodies(code: &'static str, (zh, en): (String, String)) -> Error {
    Refusal::Invalid(vec![Fault::new("bodies", code, zh, en)]).into()
}

/// Answers for a body that was asked.
///
/// # Errors
/// Nothing that was laid before a body that the actor answers for; [`Refusal::NotUnderReview`] and a
/// digest that differs where the text is another one by now; [`Refusal::Cosigned`] where the body
/// has answered, or has nothing to withdraw; [`Refusal::Words`] for an objection without a reason.
pub async fn answer(
    work: &mut UnitOfWork,
    id: CosignatureId,
    digest: Digest,
    answer: &Answer,
) -> Result<Cosignature, Error> {
    let (document, review, mut asked) = laid(work, id).await?;
    let text = editions::of_work(work, asked.edition).await?.text;
    if text.is_none_or(|text| text.digest != digest) {
        return Err(Refusal::Gate(schema::gate::Shut::DigestDiffers).into());
    }
    let (from, to, kind, said) = match answer {
        Answer::Agrees(said) => {
            let said = remark("note", said.as_deref())?;
            (CosignState::Asked, CosignState::Confirmed, ActKind::Cosigned, said)
        }
        Answer::Objects(reason) => {
            let reason = words("reason", reason)?;
            (CosignState::Asked, CosignState::Objected, ActKind::CosignObjected, Some(reason))
        }
        Answer::Withdraws => {
            (CosignState::Objected, CosignState::Asked, ActKind::CosignWithdrawn, None)
        }
    };
    if asked.state != from {
        return Err(Refusal::Cosigned(asked.state).into());
    }
    cosigning::answer(work, &mut asked, to).await?;
    let act = NewAct { body: Some(asked.body), note: said.as_deref(), ..NewAct::plain(kind) };
    note(work, &document, &review, act).await?;
    if to != CosignState::Asked {
        close_time(work, id).await?;
    }
    Ok(asked)
}

/// Overrules the objection of a body.
///
/// # Errors
/// A body whose answer the actor may not know of; [`Refusal::Cosigned`] where it does not object;
/// [`Refusal::NotOverruled`] where the rule lets nobody; missing permission for the role it names;
/// [`Refusal::OwnText`] for who wrote or submitted the text; [`Refusal::Words`] without a reason.
pub async fn overrule(
    work: &mut UnitOfWork,
    id: CosignatureId,
    reason: &str,
) -> Result<Cosignature, Error> {
    let not_found = || Refusal::not_found("cosignature", id);
    let found = cosigning::by_id(work.session(), id).await?.ok_or_else(not_found)?;
    let document = documents::lock(work, found.document).await?.ok_or_else(not_found)?;
    let touched = documents::touched(work.session(), &document).await?;
    if !schema::permission::may(work.actor(), Action::ReadDrafts, &touched) {
        return Err(not_found().into());
    }
    let mut asked = cosigning::by_id(work.session(), id).await?.ok_or_else(not_found)?;
    let review = under_review(work, &document, &asked).await?;
    let Some(role) = asked.overruled_by else {
        return Err(Refusal::NotOverruled(asked.name).into());
    };
    let by = role.reviews().unwrap_or(Action::Publish);
    authorise(work, by, &touched, Some(&document))?;
    let reason = words("reason", reason)?;
    if asked.state != CosignState::Objected {
        return Err(Refusal::Cosigned(asked.state).into());
    }
    let mut authors = cases::authors(work, &document).await?;
    authors.push(review.submitted_by);
    if may_sign(Persons::NotAuthors, &[], &authors, work.actor().id).is_err() {
        return Err(Refusal::OwnText.into());
    }
    cosigning::answer(work, &mut asked, CosignState::Overruled).await?;
    let kind = ActKind::CosignOverruled;
    let act = NewAct { body: Some(asked.body), note: Some(&reason), ..NewAct::plain(kind) };
    note(work, &document, &review, act).await?;
    Ok(asked)
}

/// The time of a body is over: if it has not answered, that counts as agreed.
pub(crate) async fn silent(work: &mut UnitOfWork, id: CosignatureId) -> Result<(), Error> {
    let Some(found) = cosigning::by_id(work.session(), id).await? else { return Ok(()) };
    let Some(document) = documents::lock(work, found.document).await? else { return Ok(()) };
    let Some(mut asked) = cosigning::by_id(work.session(), id).await? else { return Ok(()) };
    if asked.state != CosignState::Asked || asked.silence != Silence::Agrees {
        return Ok(());
    }
    let review = match under_review(work, &document, &asked).await {
        Ok(review) => review,
        Err(Error::Refused(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    cosigning::answer(work, &mut asked, CosignState::Silent).await?;
    let act = NewAct { body: Some(asked.body), ..NewAct::plain(ActKind::CosignSilent) };
    note(work, &document, &review, act).await
}

/// The round is over: nobody has to answer any more.
pub(super) async fn end(work: &mut UnitOfWork, review: &Review) -> Result<(), Error> {
    for mut asked in cosigning::open_of(work, review).await? {
        cosigning::answer(work, &mut asked, CosignState::Void).await?;
        close_time(work, asked.id).await?;
    }
    Ok(())
}

async fn close_time(work: &mut UnitOfWork, id: CosignatureId) -> Result<(), Error> {
    for due in due_times::open_of(work, id.uuid()).await? {
        if due.kind() == DueKind::Cosignature {
            due_times::close(work, due.id, DueState::Void).await?;
        }
    }
    Ok(())
}

/// What was laid before a body that the actor answers for, with its document locked.
async fn laid(
    work: &mut UnitOfWork,
    id: CosignatureId,
) -> Result<(Document, Review, Cosignature), Error> {
    let not_found = || Refusal::not_found("cosignature", id);
    let found = cosigning::by_id(work.session(), id).await?.ok_or_else(not_found)?;
    if !answers_for(work.actor(), found.body) {
        return Err(not_found().into());
    }
    let document = documents::lock(work, found.document).await?.ok_or_else(not_found)?;
    let asked = cosigning::by_id(work.session(), id).await?.ok_or_else(not_found)?;
    let review = under_review(work, &document, &asked).await?;
    Ok((document, review, asked))
}

/// The review in which a body was asked, if the text it was asked about lies before the reviewers.
async fn under_review(
    work: &mut UnitOfWork,
    document: &Document,
    asked: &Cosignature,
) -> Result<Review, Error> {
    let review = cases::open(work, document.id).await?;
    let lies = |review: &Review| {
        review.id == asked.review
            && review.round == asked.round
            && review.state == State::Submitted
            && document.draft == Some(asked.edition)
    };
    Ok(review.filter(lies).ok_or(Refusal::NotUnderReview)?)
}
