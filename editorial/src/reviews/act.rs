//! What reviewers do: sign a step, pass it over, send the text back, conclude on secrecy.

use schema::{
    ids::{DocumentId, EditionId},
    permission::{Action, may},
    review::{ActKind, Conclusion, Signed, State, Unfit, may_sign, progress},
};
use store::{
    UnitOfWork,
    reviews::{
        Review,
        cases::{self, NewAct},
    },
};

use super::{Looked, Underway, looked_at, note, remark, rest, turn, underway, words};
use crate::{
    Desk, Error, Refusal,
    documents::{Target, authorise},
    plans,
};

/// What a secrecy review came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secrecy {
    /// The conclusion.
    pub conclusion: Conclusion,
    /// Its legal basis.
    pub basis: String,
    /// A remark.
    pub note: Option<String>,
}

/// Signs the step whose turn it is.
///
/// # Errors
/// [`Refusal::NotUnderReview`], a digest that differs from the draft's, missing permission for
/// this step, [`Refusal::OwnText`] and [`Refusal::SignedBefore`] as the chain says, and
/// [`Refusal::NothingToSign`] when every step is taken.
pub async fn approve(
    desk: &Desk,
    work: &mut UnitOfWork,
    looked: Looked,
    remarks: Option<&str>,
) -> Result<Review, Error> {
    let remarks = remark("note", remarks)?;
    let mut case = looked_at(work, looked).await?;
    let next = progress(&case.review.chain, &case.signed).next;
    let step = next.ok_or(Refusal::NothingToSign)?;
    let by = case.review.chain.steps[step].by.reviews().unwrap_or(Action::Publish);
    authorise(work, by, &case.touched, Some(&case.document))?;
    plans::looked_at(work, &case.document, case.review.edition, looked.plan).await?;
    fit(work, &case).await?;
    let act =
        NewAct { step: Some(step), note: remarks.as_deref(), ..NewAct::plain(ActKind::Approved) };
    sign(desk, work, &mut case, act).await?;
    Ok(case.review)
}

/// Signs the last step of the review for whoever schedules the publication of `edition`, where it
/// is all that is missing and they may sign it.
pub(crate) async fn sign_last(
    desk: &Desk,
    work: &mut UnitOfWork,
    document: DocumentId,
    edition: EditionId,
) -> Result<(), Error> {
    let mut case = match underway(work, Target { document, version: None }).await {
        Ok(case) if case.review.edition == edition => case,
        Ok(_) => return Ok(()),
        Err(Error::Refused(refusal)) if matches!(*refusal, Refusal::NotUnderReview) => {
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let next = progress(&case.review.chain, &case.signed).next;
    let Some(step) = next.filter(|step| step + 1 == case.review.chain.steps.len()) else {
        return Ok(());
    };
    let by = case.review.chain.steps[step].by.reviews().unwrap_or(Action::Publish);
    if !may(work.actor(), by, &case.touched) || unfit(work, &case).await?.is_some() {
        return Ok(());
    }
    let act = NewAct { step: Some(step), ..NewAct::plain(ActKind::Approved) };
    sign(desk, work, &mut case, act).await
}

/// Passes over the step whose turn it is, which is marked so.
///
/// # Errors
/// As [`approve`], for somebody who may publish; [`Refusal::NotSkippable`] where the chain does
/// not let the step be passed over; [`Refusal::Invalid`] without a reason.
pub async fn skip(
    desk: &Desk,
    work: &mut UnitOfWork,
    looked: Looked,
    reason: &str,
) -> Result<Review, Error> {
    let reason = words("reason", reason)?;
    let mut case = looked_at(work, looked).await?;
    authorise(work, Action::Publish, &case.touched, Some(&case.document))?;
    let next = progress(&case.review.chain, &case.signed).next;
    let step = next.ok_or(Refusal::NothingToSign)?;
    if !case.review.chain.steps[step].skippable {
        return Err(Refusal::NotSkippable(case.review.chain.steps[step].name.clone()).into());
    }
    let act = NewAct { step: Some(step), note: Some(&reason), ..NewAct::plain(ActKind::Skipped) };
    sign(desk, work, &mut case, act).await?;
    Ok(case.review)
}

/// Concludes whether the text may be opened. Any other conclusion than that it may keeps it from
/// being published; a later conclusion on the same text takes its place.
///
/// # Errors
/// As [`approve`], for a secrecy reviewer; [`Refusal::NothingToSign`] where the chain asks for no
/// secrecy review; [`Refusal::Invalid`] without a legal basis.
pub async fn review_secrecy(
    desk: &Desk,
    work: &mut UnitOfWork,
    looked: Looked,
    secrecy: &Secrecy,
) -> Result<Review, Error> {
    let basis = words("basis", &secrecy.basis)?;
    let remarks = remark("note", secrecy.note.as_deref())?;
    let mut case = looked_at(work, looked).await?;
    authorise(work, Action::ReviewSecrecy, &case.touched, Some(&case.document))?;
    if !case.review.chain.secrecy {
        return Err(Refusal::NothingToSign.into());
    }
    let own = |signed: &Signed| signed.kind == ActKind::Secrecy && signed.by == work.actor().id;
    if !case.signed.iter().any(own) {
        fit(work, &case).await?;
    }
    let act = NewAct {
        conclusion: Some((secrecy.conclusion, &basis)),
        note: remarks.as_deref(),
        ..NewAct::plain(ActKind::Secrecy)
    };
    sign(desk, work, &mut case, act).await?;
    Ok(case.review)
}

/// Lets stand what checks call an error in this very text.
///
/// # Errors
/// As [`approve`], for somebody who may publish; [`Refusal::NothingToSign`] where no error was
/// found; [`Refusal::Invalid`] without a reason.
pub async fn waive(
    desk: &Desk,
    work: &mut UnitOfWork,
    looked: Looked,
    reason: &str,
) -> Result<Review, Error> {
    let reason = words("reason", reason)?;
    let mut case = looked_at(work, looked).await?;
    authorise(work, Action::Publish, &case.touched, Some(&case.document))?;
    if case.review.errors == 0 {
        return Err(Refusal::NothingToSign.into());
    }
    own_text(work, &case).await?;
    let act = NewAct { note: Some(&reason), ..NewAct::plain(ActKind::Waived) };
    sign(desk, work, &mut case, act).await?;
    Ok(case.review)
}

/// Sends a text back to its authors.
///
/// # Errors
/// [`Refusal::NotUnderReview`], [`Refusal::Stale`], [`Refusal::Invalid`] without a reason; missing
/// permission to take any of the steps or the secrecy review.
pub async fn return_to_author(
    work: &mut UnitOfWork,
    target: Target,
    reason: &str,
) -> Result<Review, Error> {
    let reason = words("reason", reason)?;
    let mut case = underway(work, target).await?;
    let roles = case.review.chain.steps.iter().map(|step| step.by);
    let steps = roles.filter_map(schema::permission::Role::reviews);
    let secrecy = case.review.chain.secrecy.then_some(Action::ReviewSecrecy);
    let mut actions = steps.chain(secrecy).chain([Action::Publish]);
    if !actions.any(|action| may(work.actor(), action, &case.touched)) {
        authorise(work, Action::Publish, &case.touched, Some(&case.document))?;
    }
    let act = NewAct { note: Some(&reason), ..NewAct::plain(ActKind::Returned) };
    note(work, &case.document, &case.review, act).await?;
    rest(work, &mut case.review, State::Returned).await?;
    Ok(case.review)
}

/// Refuses who may not sign this text, whatever their role.
async fn fit(work: &mut UnitOfWork, case: &Underway) -> Result<(), Error> {
    match unfit(work, case).await? {
        Some(Unfit::Author) => Err(Refusal::OwnText.into()),
        Some(Unfit::SignedBefore) => Err(Refusal::SignedBefore.into()),
        None => Ok(()),
    }
}

/// Refuses whose text it is, where the chain does; who signed another part may go on.
async fn own_text(work: &mut UnitOfWork, case: &Underway) -> Result<(), Error> {
    match unfit(work, case).await? {
        Some(Unfit::Author) => Err(Refusal::OwnText.into()),
        Some(Unfit::SignedBefore) | None => Ok(()),
    }
}

async fn unfit(work: &mut UnitOfWork, case: &Underway) -> Result<Option<Unfit>, Error> {
    let mut authors = cases::authors(work, &case.document).await?;
    authors.push(case.review.submitted_by);
    let who = work.actor().id;
    Ok(may_sign(case.review.chain.persons, &case.signed, &authors, who).err())
}

async fn sign(
    desk: &Desk,
    work: &mut UnitOfWork,
    case: &mut Underway,
    act: NewAct<'_>,
) -> Result<(), Error> {
    note(work, &case.document, &case.review, act).await?;
    case.signed.push(Signed {
        kind: act.kind,
        step: act.step,
        conclusion: act.conclusion.map(|(conclusion, _)| conclusion),
        by: work.actor().id,
    });
    turn(desk, work, &mut case.review, &case.signed).await
}
