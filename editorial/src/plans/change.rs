//! Editors change the plan of a draft; whoever may publish lets go what a plan holds back.

use schema::{
    digest::Digest,
    edition::Place,
    gate::Shut,
    permission::Action,
    plan::{Step, StepChange},
    visibility::Visibility,
};
use serde_json::json;
use store::{
    UnitOfWork,
    deliveries::{holds, targets},
    documents::{self, Document},
    due_times::DueTime,
    editions,
    plans::{self, Written},
};

use super::{Planned, loosen, of_draft};
use crate::{
    Error, Refusal,
    documents::{Target, audit, authorise, commitment_to, lock, text_of},
    reviews, schedules,
};

/// What is to be different in the plan of a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The document whose draft it is.
    pub target: Target,
    /// Digest of the plan that was looked at; refused where it is another one by now.
    pub seen: Option<Digest>,
    /// What is said of targets; of the others nothing changes.
    pub steps: Vec<StepChange>,
}

/// Changes the plan of a draft. Every signature is void by that, as by an edit of the text, and so
/// is a publication that was scheduled of it, which is given.
///
/// # Errors
/// [`Refusal::NoDraft`], [`Refusal::Stale`], [`Shut::PlanDiffers`], [`Refusal::Invalid`] with
/// everything that is wrong, missing permission to draft.
pub async fn change(
    work: &mut UnitOfWork,
    change: Change,
) -> Result<(Document, Planned, Vec<DueTime>), Error> {
    let (mut document, _) = lock(work, change.target).await?;
    let touched = documents::touched(work.session(), &document).await?;
    authorise(work, Action::Draft, &touched, Some(&document))?;
    let draft = document.draft.ok_or(Refusal::NoDraft)?;
    let place: Place = text_of(&editions::of_work(work, draft).await?)?.place.clone();
    let seen = of_draft(work.session(), &document, draft, &place).await?;
    if change.seen.is_some_and(|digest| digest != seen.digest) {
        return Err(Refusal::Gate(Shut::PlanDiffers).into());
    }
    let plan = seen.plan.change(&change.steps, work.now()).map_err(Refusal::Invalid)?;
    if plan == seen.plan {
        return Ok((document, seen, Vec::new()));
    }
    reviews::void(work, &document).await?;
    let void = schedules::void_draft(work, document.id).await?;
    loosen(work, draft).await?;
    plans::write(work, draft, &Written { plan: plan.clone(), settled: false }).await?;
    // Whoever has the page before them acts on what they saw.
    documents::update(work, &mut document).await?;
    let details = json!({ "before": seen.plan, "after": plan });
    let commitment = commitment_to(work, Some(draft)).await?;
    audit(work, "plan.change", &document, commitment, details).await?;
    // The rules have the last word: what a column requires meanwhile is required.
    let planned = of_draft(work.session(), &document, draft, &place).await?;
    Ok((document, planned, void))
}

/// Characters of a reason, at the most.
const REASON: usize = 500;

/// Lets what a plan holds back go to a target now: the one it waits for will not come, or it is
/// wanted sooner; and sends what is live to a target that its plan left out. Where neither is so
/// nothing is done.
///
/// # Errors
/// A target that is not there, [`Refusal::Words`] without a reason, missing permission to publish.
pub async fn let_go(
    work: &mut UnitOfWork,
    target: Target,
    key: &str,
    reason: &str,
) -> Result<Document, Error> {
    let reason = reason.trim();
    let (document, _) = lock(work, target).await?;
    let touched = documents::touched(work.session(), &document).await?;
    authorise(work, Action::Publish, &touched, Some(&document))?;
    if !(1..=REASON).contains(&reason.chars().count()) {
        return Err(Refusal::Words { field: "reason", most: REASON }.into());
    }
    let not_found = || Refusal::not_found("target", key);
    let target = targets::by_key(work.session(), key).await?.ok_or_else(not_found)?;
    let held_back = holds::let_go_now(work, target.id, document.id).await?;
    if held_back || send_after_all(work, &document, &target).await? {
        let details = json!({ "target": target.key, "reason": reason });
        let commitment = commitment_to(work, document.live).await?;
        audit(work, "plan.letGo", &document, commitment, details).await?;
    }
    Ok(document)
}

/// Writes into the plan of what is live that it goes to a target after all.
async fn send_after_all(
    work: &mut UnitOfWork,
    document: &Document,
    target: &targets::Target,
) -> Result<bool, Error> {
    let live = document.live.filter(|_| document.visibility == Visibility::Live);
    let Some(edition) = live else { return Ok(false) };
    let Some(Written { mut plan, .. }) = plans::of_edition(work.session(), edition).await? else {
        return Ok(false);
    };
    let left_out = plan.steps.iter_mut().find(|step| step.target == target.key && !step.goes);
    let Some(step) = left_out else { return Ok(false) };
    *step = Step { goes: true, stage: 1, at: None, after_minutes: 0, ..step.clone() };
    plans::write(work, edition, &Written { plan, settled: true }).await?;
    holds::send_later(work, target.id, document.id).await?;
    Ok(true)
}
