//! A draft is laid before the reviewers, and taken back by its authors.

use schema::{
    permission::Action,
    review::{ActKind, State, Track},
    validation::{self, Checked, Stage},
};
use store::{
    UnitOfWork, documents, editions,
    reviews::{
        Review,
        cases::{self, NewAct},
    },
};

use super::{Looked, cosign, note, remark, rest, rules, turn, underway, words};
use crate::{
    Desk, Error, Refusal, checks,
    documents::{Target, authorise, content_type, lock, place},
    plans,
};

/// A draft that is to be reviewed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submission {
    /// Which text.
    pub looked: Looked,
    /// By which track; a text that was taken over from another site goes by its own, whatever is
    /// said here, unless it is an emergency.
    pub track: Track,
    /// Why; required of an emergency.
    pub note: Option<String>,
}

/// Lays a draft before the reviewers: it gets a number in the register of its authority, which it
/// keeps when it is returned and submitted again. What checks find in it is counted: an error keeps
/// it from being published until somebody waives it, or mends the text.
///
/// # Errors
/// [`Refusal::NoDraft`], [`Refusal::Stale`], [`Refusal::Invalid`] for what a publication would
/// refuse and for an emergency without a reason, [`Refusal::UnderReview`], missing permission.
pub async fn submit(
    desk: &Desk,
    work: &mut UnitOfWork,
    submission: Submission,
) -> Result<Review, Error> {
    let Submission { looked, track, note: reason } = submission;
    let (document, _) = lock(work, looked.target).await?;
    let touched = documents::touched(work.session(), &document).await?;
    authorise(work, Action::Draft, &touched, Some(&document))?;
    let edition = document.draft.ok_or(Refusal::NoDraft)?;
    let reason = match track {
        Track::Emergency => Some(words("note", reason.as_deref().unwrap_or_default())?),
        _ => remark("note", reason.as_deref())?,
    };
    let draft = editions::of_work(work, edition).await?;
    let text = crate::documents::text_of(&draft)?.clone();
    if text.digest != looked.digest {
        return Err(Refusal::Gate(schema::gate::Shut::DigestDiffers).into());
    }
    let content = editions::content_of_work(work, text.content_digest).await?;
    let content_type = content_type(desk, &document.r#type)?;
    let input = Checked::of(&content).to_input(content_type);
    validation::check(content_type, &input, Stage::Publication).map_err(Refusal::Invalid)?;

    let says = (&text, &content);
    let found = checks::count(desk, work.session(), &document, edition, says).await?;
    let checks::Found { errors, warnings } = found;
    let track = match (track, &content.origin) {
        (Track::Emergency, _) => Track::Emergency,
        (_, Some(_)) => Track::Repost,
        (_, None) => Track::Ordinary,
    };
    let found = place::find(work, &document, content_type, &place::wanted(&text.place)).await?;
    let chain = rules::chain(work, &document, &found, track).await?;
    let (now, actor) = (work.now(), work.actor().id);
    let open = cases::open(work, document.id).await?;
    if open.as_ref().is_some_and(|open| open.state == State::Submitted) {
        return Err(Refusal::UnderReview.into());
    }
    let (id, register, first) = match &open {
        Some(open) => (open.id, open.register, (open.opened_at, open.opened_by)),
        None => {
            let register = cases::register(work, document.authority).await?;
            (work.new_id(), register, (now, actor))
        }
    };
    let mut review = Review {
        id,
        document: document.id,
        content: document.content,
        authority: document.authority,
        register,
        opened_at: first.0,
        opened_by: first.1,
        round: open.map_or(1, |open| open.round + 1),
        track,
        chain,
        edition,
        submitted_at: now,
        submitted_by: actor,
        errors,
        warnings,
        state: State::Submitted,
        awaits: None,
        awaits_secrecy: false,
        due_at: None,
        closed_at: None,
    };
    cases::write(work, &review).await?;
    plans::settle_draft(work, &document, edition, &text.place).await?;
    let act = NewAct { note: reason.as_deref(), ..NewAct::plain(ActKind::Submitted) };
    note(work, &document, &review, act).await?;
    cosign::ask_all(desk, work, &document, &review).await?;
    turn(desk, work, &mut review, &[]).await?;
    Ok(review)
}

/// Takes a text back from the reviewers.
///
/// # Errors
/// [`Refusal::NotUnderReview`], [`Refusal::Stale`], missing permission to draft.
pub async fn take_back(
    work: &mut UnitOfWork,
    target: Target,
    reason: Option<&str>,
) -> Result<Review, Error> {
    let reason = remark("note", reason)?;
    let mut case = underway(work, target).await?;
    authorise(work, Action::Draft, &case.touched, Some(&case.document))?;
    let act = NewAct { note: reason.as_deref(), ..NewAct::plain(ActKind::TakenBack) };
    note(work, &case.document, &case.review, act).await?;
    rest(work, &mut case.review, State::TakenBack).await?;
    Ok(case.review)
}
