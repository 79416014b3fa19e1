//! Reviews: first review, then open (先审查后公开).
//!
//! A draft is submitted, signed step by step as the chain of its place says, and published as
//! exactly that text: an edit voids every signature. What may be done is decided in
//! [`schema::review`]; the gate before publication asks `entry` what is missing.

mod act;
mod confirm;
mod cosign;
mod entry;
pub mod rules;
mod submit;

use schema::{
    calendar::Region,
    digest::Digest,
    ids::AuthorityId,
    permission::{Action, Touched},
    review::{ActKind, Signed, State, progress},
};
use serde_json::json;
use store::{
    UnitOfWork,
    documents::{self, Document},
    editions,
    reviews::{
        Act, Awaits, Review,
        cases::{self, NewAct},
    },
    trees,
};

pub use self::{
    act::{Secrecy, approve, return_to_author, review_secrecy, skip, waive},
    confirm::confirm,
    cosign::{Answer, answer, ask_to_cosign, overrule},
    submit::{Submission, submit, take_back},
};
pub(crate) use act::sign_last;
pub(crate) use cosign::silent;
pub(crate) use entry::{Candidate, entry};

use crate::{
    Desk, Error, Refusal,
    documents::{Target, commitment_to},
};

/// Characters of a reason, a remark or a basis, at the most.
const WORDS: usize = 1_000;

/// An act on a text that lies before the reviewers: which document, and which text of it was
/// looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looked {
    /// The document.
    pub target: Target,
    /// Digest of the draft that was looked at.
    pub digest: Digest,
    /// Digest of its publication plan; an approval names it where the plan says something.
    pub plan: Option<Digest>,
}

/// A review that is under way, with what was signed in its round.
struct Underway {
    document: Document,
    touched: Touched,
    review: Review,
    signed: Vec<Signed>,
}

/// Locks the document and finds its review, in which its draft lies before the reviewers.
async fn underway(work: &mut UnitOfWork, target: Target) -> Result<Underway, Error> {
    let (document, _) = crate::documents::lock(work, target).await?;
    let touched = documents::touched(work.session(), &document).await?;
    crate::documents::authorise(work, Action::ReadDrafts, &touched, Some(&document))?;
    let review = cases::open(work, document.id).await?;
    let review = review
        .filter(|review| review.state == State::Submitted && document.draft == Some(review.edition))
        .ok_or(Refusal::NotUnderReview)?;
    let acts = cases::acts(work.session(), &review).await?;
    let signed = of_round(&acts, review.round);
    Ok(Underway { document, touched, review, signed })
}

/// What was signed in `round`.
fn of_round(acts: &[Act], round: u32) -> Vec<Signed> {
    acts.iter().filter(|act| act.round == round).map(Act::signed).collect()
}

/// The same, refusing another text than the one that lies before the reviewers.
async fn looked_at(work: &mut UnitOfWork, looked: Looked) -> Result<Underway, Error> {
    let case = underway(work, looked.target).await?;
    let text = editions::of_work(work, case.review.edition).await?.text;
    match text.is_some_and(|text| text.digest == looked.digest) {
        true => Ok(case),
        false => Err(Refusal::Gate(schema::gate::Shut::DigestDiffers).into()),
    }
}

/// Writes whose turn it is after what was signed, and until when.
async fn turn(
    desk: &Desk,
    work: &mut UnitOfWork,
    review: &mut Review,
    signed: &[Signed],
) -> Result<(), Error> {
    let progress = progress(&review.chain, signed);
    let step = progress.next.map(|step| review.chain.steps[step].clone());
    review.awaits_secrecy = progress.awaits_secrecy(&review.chain);
    review.awaits = Some(step.as_ref().map_or(Awaits::Publication, |step| Awaits::Step(step.by)));
    let within = step.and_then(|step| step.within);
    review.due_at = match within {
        Some(within) => due(desk, work, review.authority, within).await?,
        None => None,
    };
    Ok(cases::write(work, review).await?)
}

/// When something is late that has to be done within `span` from now; `None` where the calendar
/// does not know the year: work does not stop because an arrangement was not announced yet.
async fn due(
    desk: &Desk,
    work: &mut UnitOfWork,
    authority: AuthorityId,
    span: schema::calendar::Span,
) -> Result<Option<jiff::Timestamp>, Error> {
    let authority = trees::authority(work.session(), authority).await?;
    let region: Option<Region> =
        authority.and_then(|authority| authority.particulars.region.parse().ok());
    Ok(desk.calendar.due(work.now(), span, region.as_ref()).ok())
}

/// Notes an act of the review, in the review and in the audit.
async fn note(
    work: &mut UnitOfWork,
    document: &Document,
    review: &Review,
    act: NewAct<'_>,
) -> Result<(), Error> {
    cases::note(work, review, act).await?;
    let details = json!({
        "review": review.id, "round": review.round, "track": review.track, "step": act.step,
        "conclusion": act.conclusion.map(|(conclusion, _)| conclusion), "edition": review.edition,
        "body": act.body,
    });
    let action = format!("review.{}", act.kind.as_str());
    let commitment = commitment_to(work, Some(review.edition)).await?;
    crate::documents::audit(work, &action, document, commitment, details).await
}

/// A reason or a basis as it is kept; refused where it is empty or too long.
fn words(field: &'static str, text: &str) -> Result<String, Error> {
    let text = text.trim();
    match (1..=WORDS).contains(&text.chars().count()) {
        true => Ok(text.to_owned()),
        false => Err(Refusal::Words { field, most: WORDS }.into()),
    }
}

/// The same of a remark that need not be there.
fn remark(field: &'static str, text: Option<&str>) -> Result<Option<String>, Error> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    text.map(|text| words(field, text)).transpose()
}

/// The draft that lies before the reviewers was changed: every signature is void.
pub(crate) async fn void(work: &mut UnitOfWork, document: &Document) -> Result<(), Error> {
    end_round(work, document, State::Edited, ActKind::Edited).await
}

/// The draft was thrown away.
pub(crate) async fn discard(work: &mut UnitOfWork, document: &Document) -> Result<(), Error> {
    end_round(work, document, State::Discarded, ActKind::Discarded).await
}

async fn end_round(
    work: &mut UnitOfWork,
    document: &Document,
    state: State,
    kind: ActKind,
) -> Result<(), Error> {
    let Some(mut review) = cases::open(work, document.id).await? else { return Ok(()) };
    if review.state == state || (state == State::Edited && review.state != State::Submitted) {
        return Ok(());
    }
    note(work, document, &review, NewAct::plain(kind)).await?;
    rest(work, &mut review, state).await
}

/// Writes that nobody's turn it is, and nobody's answer is waited for.
async fn rest(work: &mut UnitOfWork, review: &mut Review, state: State) -> Result<(), Error> {
    cosign::end(work, review).await?;
    review.state = state;
    review.awaits = None;
    review.awaits_secrecy = false;
    review.due_at = None;
    review.closed_at = state.is_closed().then(|| work.now());
    Ok(cases::write(work, review).await?)
}
