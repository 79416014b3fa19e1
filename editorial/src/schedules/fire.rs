//! Firing what is due, on whichever node comes first.
//!
//! One unit of work takes the row, finds out who scheduled it and what they may now, does the act
//! and closes the row: a process that dies in between has done nothing, and the next one does it.
//! What is refused leaves nothing but the refusal; it is tried again where it may mend itself, and
//! left to people where it cannot.

use jiff::Timestamp;
use schema::{
    due::{DueKind, DueState, OVERDUE, Order, next_try},
    gate::{Shut, Way},
    ids::{ActorId, DueTimeId},
    permission::Actor,
};
use serde_json::json;
use store::{
    UnitOfWork,
    access::people,
    documents,
    due_times::{self, Alarming, DueTime, Refused},
    editions,
};

use super::{audit, sets};
use crate::{
    Desk, Error, Refusal,
    documents::{Publish, Target, publish, remove, text_of, withdraw},
    reviews,
};

/// How many are fired in one round, at the most.
const BATCH: u32 = 50;

/// What one round came to.
#[derive(Debug, Default)]
pub struct Round {
    /// What was done or refused, in the order in which it was due.
    pub tried: Vec<Tried>,
    /// What met a fault of the store and is due still: it keeps nothing else waiting.
    pub faults: Vec<(DueTimeId, store::Error)>,
    /// What is overdue and was told of to nobody yet: each stands in one round on one node.
    pub overdue: Vec<Alarming>,
    /// When the next one is due; a moment that is over where there is more to do.
    pub next: Option<Timestamp>,
}

/// What came of one that was due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried {
    /// As it was when it was taken.
    pub due: DueTime,
    /// When that was.
    pub at: Timestamp,
    /// Why it was not done, and when it is tried again, if it is.
    pub refused: Option<(Refused, Option<Timestamp>)>,
}

impl Tried {
    /// Whether it was done.
    pub const fn is_done(&self) -> bool {
        self.refused.is_none()
    }

    /// Whether it was done much later than it was due: the hub was away.
    pub fn is_late(&self) -> bool {
        self.at.duration_since(self.due.at) > OVERDUE
    }
}

/// Fires what is due now, the longest due first.
///
/// # Errors
/// [`Error::Store`] where the store is away: what was not fired is due still.
pub async fn fire_due(desk: &Desk) -> Result<Round, Error> {
    let now = desk.clock.now();
    let mut round = Round::default();
    for id in due_times::due(&mut desk.store.reader().await?, now, BATCH).await? {
        match fire_one(desk, id).await {
            Ok(tried) => round.tried.extend(tried),
            Err(Error::Store(fault)) if !fault.is_unavailable() && !fault.is_full() => {
                round.faults.push((id, fault));
            }
            Err(error) => return Err(error),
        }
    }
    round.overdue = overdue(desk).await?;
    round.next = due_times::next(&mut desk.store.reader().await?).await?;
    Ok(round)
}

/// What came of it; `None` where it was not due any more, or somebody else is at it.
async fn fire_one(desk: &Desk, id: DueTimeId) -> Result<Option<Tried>, Error> {
    let mut taken = None;
    let outcome = crate::work!(desk, &nobody(), work => fire(desk, work, id, &mut taken).await);
    match (outcome, taken) {
        (Ok(_), None) => Ok(None),
        (Ok((at, _)), Some(due)) => Ok(Some(Tried { due, at, refused: None })),
        (Err(Error::Refused(refusal)), Some(due)) => refuse(desk, due, &refusal).await,
        (Err(error), _) => Err(error),
    }
}

/// Does what is due and closes it, in one unit of work; gives its moment.
async fn fire(
    desk: &Desk,
    work: &mut UnitOfWork,
    id: DueTimeId,
    taken: &mut Option<DueTime>,
) -> Result<Timestamp, Error> {
    *taken = due_times::take(work, id).await?;
    let now = work.now();
    let Some(due) = taken else { return Ok(now) };
    // That time is over is nobody's act but the hub's.
    if due.kind() != DueKind::Cosignature {
        let actor = account(work, due.asked_by).await?;
        work.act_as(actor);
    }
    // First, so that the act finds no schedule of its own to overtake.
    due_times::close(work, due.id, DueState::Fired).await?;
    audit(work, "schedule.fire", due, json!({ "at": due.at })).await?;
    carry_out(desk, work, due).await?;
    Ok(now)
}

async fn carry_out(desk: &Desk, work: &mut UnitOfWork, due: &DueTime) -> Result<(), Error> {
    let target = Target { document: due.subject.into(), version: None };
    match &due.order {
        Order::Publication { edition, old_text } => {
            let not_found = || Refusal::not_found("document", target.document);
            let document = documents::lock(work, target.document).await?.ok_or_else(not_found)?;
            match document.draft {
                None => return Err(Refusal::NoDraft.into()),
                Some(draft) if draft != *edition => {
                    return Err(Refusal::Gate(Shut::DigestDiffers).into());
                }
                Some(_) => {}
            }
            let digest = text_of(&editions::of_work(work, *edition).await?)?.digest;
            let request = Publish {
                target,
                way: Way::Schedule,
                forced: None,
                approved: Some(digest),
                plan: None,
                original: None,
                old_text: *old_text,
            };
            publish(desk, work, request).await?;
        }
        Order::Withdrawal { notice } => {
            withdraw(desk, work, target, notice.clone()).await?;
        }
        Order::Removal { removal, notice } => {
            remove(desk, work, target, *removal, notice.clone()).await?;
        }
        Order::Cosignature => reviews::silent(work, due.subject.into()).await?,
        Order::ReleaseSet => {
            sets::publish_by(desk, work, due.subject.into(), Way::Schedule).await?;
        }
    }
    Ok(())
}

/// Whoever scheduled it, with what they may now: an account that is disabled, or whose contract is
/// over, fires nothing.
async fn account(work: &mut UnitOfWork, id: ActorId) -> Result<Actor, Error> {
    let person = people::of_work(work, id).await?.ok_or(Refusal::AccountClosed)?;
    if !person.standing.acts_at(work.now()) {
        return Err(Refusal::AccountClosed.into());
    }
    let grants = person.standing.holds(&person.grants);
    Ok(Actor {
        id,
        name: person.name,
        grants: grants.into_iter().map(|granted| granted.grant).collect(),
    })
}

/// Notes that `due` was refused, unless somebody moved or closed it meanwhile.
async fn refuse(desk: &Desk, due: DueTime, refusal: &Refusal) -> Result<Option<Tried>, Error> {
    let refused = Refused { code: refusal.code().to_owned(), message: refusal.message() };
    let ((noted, at, next), _) = crate::work!(desk, &nobody(), work => {
        let now = work.now();
        let next = mends(refusal).then(|| next_try(now, due.attempts + 1)).flatten();
        let noted = due_times::refuse(work, &due, &refused, next).await?;
        if noted {
            let details = json!({ "code": refused.code, "next": next });
            audit(work, "schedule.refuse", &due, details).await?;
        }
        Ok((noted, now, next))
    })?;
    Ok(noted.then_some(Tried { due, at, refused: Some((refused, next)) }))
}

/// Whether what was refused may go through later without anybody touching the schedule: a review
/// is completed, an embargo is lifted, another document leaves the path.
fn mends(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::Gate(Shut::Unreviewed(_) | Shut::Embargoed(_))
        | Refusal::PathTaken { .. }
        | Refusal::NotUnique { .. }
        | Refusal::ColumnClosed(..)
        | Refusal::CounterpartNotInSet(_) => true,
        Refusal::SetHeld(held) => held.iter().all(|one| mends(&one.refusal)),
        _ => false,
    }
}

/// What is overdue and was told of to nobody yet.
async fn overdue(desk: &Desk) -> Result<Vec<Alarming>, Error> {
    let now = desk.clock.now();
    if !due_times::is_alarming(&mut desk.store.reader().await?, now).await? {
        return Ok(Vec::new());
    }
    Ok(crate::work!(desk, &nobody(), work => Ok(due_times::alarm(work).await?))?.0)
}

/// Who looks up what is due: it may do nothing of its own.
fn nobody() -> Actor {
    let (id, name) = store::audit::HOUSEKEEPING;
    Actor { id: id.into(), name: name.into(), grants: Vec::new() }
}
