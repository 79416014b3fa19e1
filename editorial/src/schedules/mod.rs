//! Schedules: what is to be done to a document, or to a release set, at a moment.
//!
//! A schedule is an order and the moment at which somebody wants it carried out. Nothing is
//! decided when it is made that is not asked again when it is due: the gate, the permission of
//! whoever scheduled it, the state of the document. It names one edition; a draft that is changed
//! has no schedule any more.

mod embargo;
mod fire;
mod sets;

use jiff::Timestamp;
use schema::{
    content_type::OldTexts,
    digest::Digest,
    due::{DueKind, DueState, FURTHEST, Order},
    gate::Shut,
    ids::{DocumentId, DueTimeId},
    message::Fault,
    parameters::to_microseconds,
    permission::{Action, Touched},
    visibility::{Act, Decision, Difference, Notice, Removal, decide},
};
use serde_json::json;
use store::{
    UnitOfWork,
    documents::{self, Document},
    due_times::{self, DueTime},
    editions, embargoes, release_sets,
};

pub use self::{
    embargo::{lift_embargo, set_embargo},
    fire::{Round, Tried, fire_due},
    sets::{
        InSet, NewSet, add_to_set, create_set, dissolve_set, publish_set, remove_from_set,
        schedule_set,
    },
};

use crate::{
    Desk, Error, Refusal,
    documents::{Target, authorise, check_notice, lock, says_something_new},
    reviews,
};

/// A publication that is to be done later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchedulePublication {
    /// The document whose draft it is.
    pub target: Target,
    /// Digest of the text that was looked at.
    pub approved: Digest,
    /// When.
    pub at: Timestamp,
    /// What becomes of the text it supersedes; `None` for what the type says.
    pub old_text: Option<OldTexts>,
}

/// Schedules the publication of a draft. Whoever schedules signs the last step of its review by
/// that, where it is all that is missing: nobody signs when it is due. What else is missing may
/// still come until then.
///
/// # Errors
/// [`Refusal::NoDraft`], a digest that differs, a moment that is over or too far off,
/// [`Refusal::NothingToPublish`], [`Refusal::AlreadyScheduled`], an embargo that ends later,
/// missing permission to publish.
pub async fn schedule_publication(
    desk: &Desk,
    work: &mut UnitOfWork,
    wanted: SchedulePublication,
) -> Result<DueTime, Error> {
    let (document, _) = lock(work, wanted.target).await?;
    permit(work, &document, DueKind::Publication).await?;
    let at = moment(work, wanted.at)?;
    let edition = document.draft.ok_or(Refusal::NoDraft)?;
    let draft = editions::of_work(work, edition).await?;
    let text = crate::documents::text_of(&draft)?;
    if text.digest != wanted.approved {
        return Err(Refusal::Gate(Shut::DigestDiffers).into());
    }
    if !says_something_new(desk, work, &document, text).await? {
        return Err(Refusal::NothingToPublish.into());
    }
    under_embargo(work, document.id, at).await?;
    reviews::sign_last(desk, work, document.id, edition).await?;
    let order = Order::Publication { edition, old_text: wanted.old_text };
    insert(work, document.id.uuid(), at, order).await
}

/// Schedules a withdrawal. A document that is to be published before that may be scheduled to be
/// taken back already.
///
/// # Errors
/// [`Refusal::NotFrom`] where it could not be withdrawn now and no publication comes before;
/// [`Refusal::Invalid`] without an explanation, or for a moment that is over or too far off;
/// [`Refusal::AlreadyScheduled`]; missing permission.
pub async fn schedule_withdrawal(
    work: &mut UnitOfWork,
    target: Target,
    at: Timestamp,
    notice: Notice,
) -> Result<DueTime, Error> {
    let (document, _) = lock(work, target).await?;
    permit(work, &document, DueKind::Withdrawal).await?;
    check_notice(&notice, true, false)?;
    let at = moment(work, at)?;
    can_be_taken_back(work, &document, Act::Withdraw, at).await?;
    insert(work, document.id.uuid(), at, Order::Withdrawal { notice }).await
}

/// Schedules a removal.
///
/// # Errors
/// As [`schedule_withdrawal`]; [`Refusal::Invalid`] for a redirect that leads nowhere.
pub async fn schedule_removal(
    work: &mut UnitOfWork,
    target: Target,
    at: Timestamp,
    removal: Removal,
    notice: Notice,
) -> Result<DueTime, Error> {
    let (document, _) = lock(work, target).await?;
    permit(work, &document, DueKind::Removal).await?;
    check_notice(&notice, false, removal == Removal::Redirect)?;
    let at = moment(work, at)?;
    can_be_taken_back(work, &document, Act::Remove(removal), at).await?;
    insert(work, document.id.uuid(), at, Order::Removal { removal, notice }).await
}

/// Moves what is scheduled, or was refused, to another moment. It is done as whoever moved it.
///
/// # Errors
/// [`Refusal::ScheduleClosed`]; a moment that is over or too far off; an embargo that ends later;
/// missing permission.
pub async fn change_schedule(
    work: &mut UnitOfWork,
    id: DueTimeId,
    at: Timestamp,
) -> Result<DueTime, Error> {
    let due = open(work, id).await?;
    let at = moment(work, at)?;
    if let (DueKind::Publication, Some(document)) = (due.kind(), due.document()) {
        under_embargo(work, document, at).await?;
    }
    due_times::change(work, id, at, &due.order).await?;
    audit(work, "schedule.change", &due, json!({ "at": at })).await?;
    told(work, id).await
}

/// Cancels what is scheduled, or puts away what was refused.
///
/// # Errors
/// [`Refusal::ScheduleClosed`]; missing permission.
pub async fn cancel_schedule(work: &mut UnitOfWork, id: DueTimeId) -> Result<DueTime, Error> {
    let due = open(work, id).await?;
    due_times::close(work, id, DueState::Cancelled).await?;
    audit(work, "schedule.cancel", &due, json!({})).await?;
    told(work, id).await
}

/// The draft of `document` is no longer what was scheduled: its publication, and that of every
/// set it is in, is void. Gives what was.
pub(crate) async fn void_draft(
    work: &mut UnitOfWork,
    document: DocumentId,
) -> Result<Vec<DueTime>, Error> {
    let mut void = overtaken(work, document, &[DueKind::Publication]).await?;
    for set in release_sets::open_with(work.session(), document).await? {
        void.extend(void_open(work, set.id.uuid(), &[DueKind::ReleaseSet]).await?);
    }
    Ok(void)
}

/// Something was done to `document` that leaves nothing to do for schedules of `kinds`.
pub(crate) async fn overtaken(
    work: &mut UnitOfWork,
    document: DocumentId,
    kinds: &[DueKind],
) -> Result<Vec<DueTime>, Error> {
    void_open(work, document.uuid(), kinds).await
}

async fn void_open(
    work: &mut UnitOfWork,
    subject: uuid::Uuid,
    kinds: &[DueKind],
) -> Result<Vec<DueTime>, Error> {
    let mut void = due_times::open_of(work, subject).await?;
    void.retain(|due| kinds.contains(&due.kind()));
    for due in &mut void {
        due_times::close(work, due.id, DueState::Void).await?;
        audit(work, "schedule.void", due, json!({})).await?;
        due.state = DueState::Void;
        due.next_at = None;
        due.closed_at = Some(work.now());
        due.closed_by = Some(work.actor().id);
    }
    Ok(void)
}

/// Refuses who may not do to the document what is scheduled.
async fn permit(
    work: &mut UnitOfWork,
    document: &Document,
    kind: DueKind,
) -> Result<Touched, Error> {
    let touched = documents::touched(work.session(), document).await?;
    authorise(work, kind.needs(), &touched, Some(document))?;
    Ok(touched)
}

/// The moment as it is kept, if it is to come and not too far off.
fn moment(work: &UnitOfWork, at: Timestamp) -> Result<Timestamp, Error> {
    let at = to_microseconds(at);
    let fault = if at <= work.now() {
        Fault::new("at", "in_the_past", "时间已过，请选择将来的时间", "give a time that is to come")
    } else if at.duration_since(work.now()) > FURTHEST {
        Fault::new("at", "out_of_range", "最多可定在三年之内", "give a time within three years")
    } else {
        return Ok(at);
    };
    Err(Refusal::Invalid(vec![fault]).into())
}

async fn under_embargo(
    work: &mut UnitOfWork,
    document: DocumentId,
    at: Timestamp,
) -> Result<(), Error> {
    match embargoes::of_document(work.session(), document).await? {
        Some(embargo) if at < embargo.not_before => {
            Err(Refusal::Gate(Shut::Embargoed(embargo.not_before)).into())
        }
        _ => Ok(()),
    }
}

async fn can_be_taken_back(
    work: &mut UnitOfWork,
    document: &Document,
    act: Act,
    at: Timestamp,
) -> Result<(), Error> {
    let nothing = Difference { text: false, positions: false };
    let Decision::NotFrom(state) = decide(act, document.visibility, nothing) else { return Ok(()) };
    let open = due_times::open_of(work, document.id.uuid()).await?;
    let comes = |due: &DueTime| due.kind() == DueKind::Publication && due.at < at;
    match !state.is_terminal() && open.iter().any(comes) {
        true => Ok(()),
        false => Err(Refusal::NotFrom(state).into()),
    }
}

/// Writes a new one, unless such a thing is open for the subject already.
async fn insert(
    work: &mut UnitOfWork,
    subject: uuid::Uuid,
    at: Timestamp,
    order: Order,
) -> Result<DueTime, Error> {
    let open = due_times::open_of(work, subject).await?;
    if let Some(other) = open.iter().find(|due| due.kind() == order.kind()) {
        return Err(Refusal::AlreadyScheduled { schedule: other.id, at: other.at }.into());
    }
    let due = DueTime {
        id: work.new_id(),
        subject,
        at,
        asked_at: work.now(),
        asked_by: work.actor().id,
        order,
        state: DueState::Waiting,
        attempts: 0,
        next_at: Some(at),
        refusal: None,
        closed_at: None,
        closed_by: None,
    };
    due_times::insert(work, &due).await?;
    audit(work, "schedule.create", &due, json!({ "at": due.at })).await?;
    Ok(due)
}

/// One that is open, locked, if the actor may do what it orders; who may not even know of it is
/// told that there is no such thing.
async fn open(work: &mut UnitOfWork, id: DueTimeId) -> Result<DueTime, Error> {
    let not_found = || Refusal::not_found("schedule", id);
    let due = due_times::due_time(work.session(), id).await?.ok_or_else(not_found)?;
    if let Some(set) = due.release_set() {
        let hidden = sets::permitted(work, set, Action::Publish).await;
        hidden.map_err(|error| as_hidden(error, id))?;
    } else {
        let document = documents::lock(work, due.subject.into()).await?.ok_or_else(not_found)?;
        permit(work, &document, due.kind()).await.map_err(|error| as_hidden(error, id))?;
    }
    let due = due_times::lock(work, id).await?.ok_or_else(not_found)?;
    match due.state.is_closed() {
        true => Err(Refusal::ScheduleClosed(due.state).into()),
        false => Ok(due),
    }
}

/// A document or a set that the actor may not know of hides its schedules.
fn as_hidden(error: Error, id: DueTimeId) -> Error {
    match error {
        Error::Refused(refusal) if matches!(*refusal, Refusal::NotFound { .. }) => {
            Refusal::not_found("schedule", id).into()
        }
        error => error,
    }
}

async fn told(work: &mut UnitOfWork, id: DueTimeId) -> Result<DueTime, Error> {
    let due = due_times::due_time(work.session(), id).await?;
    Ok(due.ok_or_else(|| Refusal::not_found("schedule", id))?)
}

/// Notes in the audit of its subject what was done to a schedule.
async fn audit(
    work: &mut UnitOfWork,
    action: &str,
    due: &DueTime,
    mut details: serde_json::Value,
) -> Result<(), Error> {
    details["schedule"] = json!(due.id);
    details["kind"] = json!(due.kind());
    let subject = match due.document() {
        Some(document) => format!("document:{document}"),
        None => match due.cosignature() {
            Some(cosignature) => format!("cosignature:{cosignature}"),
            None => format!("releaseSet:{}", due.subject),
        },
    };
    Ok(store::audit::record(work, action, &subject, &details).await?)
}
