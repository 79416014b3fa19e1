//! Targets: one destination of one channel each, with its position in the log and its circuit.

use jiff::Timestamp;
use schema::{
    delivery::{TargetParticulars, TargetState},
    ids::{AuthorityId, TargetId},
};
use sqlx::types::Json;
use uuid::Uuid;

use super::{to_number, to_sequence, word};
use crate::{Error, Session, UnitOfWork, moment::Moment};

/// One destination of one channel (投放对象).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its id on this hub.
    pub id: TargetId,
    /// Its name in commands.
    pub key: String,
    /// Who owns it.
    pub authority: AuthorityId,
    /// Its channel, `webhook`.
    pub channel: String,
    /// Where it is.
    pub address: String,
    /// What an administrator says of it.
    pub particulars: TargetParticulars,
    /// Its secrets, encrypted.
    pub secrets: Option<Vec<u8>>,
    /// Whether it is served.
    pub state: TargetState,
    /// Why it is not.
    pub reason: Option<String>,
    /// Counts its changes, for optimistic locking.
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// How far it has come.
    pub progress: TargetProgress,
    /// Whether it answers.
    pub health: Health,
}

/// How far the log was turned into deliveries for a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetProgress {
    /// Number of the last event that was.
    pub position: u64,
    /// Number of the last event that was looked at for recalls, which run ahead.
    pub recall_position: u64,
    /// It is being looked through: the event that asked for it.
    pub sweep: Option<u64>,
}

/// Whether a target answers: circuit, quiet it asked for, rate. What follows from it is decided
/// by the dispatcher; it lies here so that all nodes see the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Failures in a row.
    pub failures: u32,
    /// How often the circuit opened in a row.
    pub trips: u32,
    /// The circuit is open until then; `None` while it is closed.
    pub open_until: Option<Timestamp>,
    /// The target asked for quiet until then.
    pub quiet_until: Option<Timestamp>,
    /// When its bucket of calls will be full again.
    pub full_at: Option<Timestamp>,
}

row! {
    struct Row {
        id: Uuid,
        key: String,
        authority_id: Uuid,
        channel: String,
        address: String,
        particulars: Json<TargetParticulars>,
        secrets: Option<Vec<u8>>,
        state: String,
        reason: Option<String>,
        version: i64,
        created_at: Moment,
        position: i64,
        recall_position: i64,
        sweep_sequence: Option<i64>,
        failures: i64,
        trips: i64,
        open_until: Option<Moment>,
        quiet_until: Option<Moment>,
        full_at: Option<Moment>,
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, key, authority_id, channel, address, particulars, secrets, state, reason, version, \
             created_at, position, recall_position, sweep_sequence, failures, trips, open_until, quiet_until, \
             full_at FROM target ",
            $rest
        )
    };
}

impl Row {
    fn into_target(self) -> Result<Target, Error> {
        let time = |moment: Option<Moment>| moment.map(|Moment(at)| at);
        Ok(Target {
            id: self.id.into(),
            key: self.key,
            authority: self.authority_id.into(),
            channel: self.channel,
            address: self.address,
            particulars: self.particulars.0,
            secrets: self.secrets,
            state: word("target.state", &self.state, TargetState::parse)?,
            reason: self.reason,
            version: self.version,
            created_at: self.created_at.0,
            progress: TargetProgress {
                position: to_sequence(self.position)?,
                recall_position: to_sequence(self.recall_position)?,
                sweep: self.sweep_sequence.map(to_sequence).transpose()?,
            },
            health: Health {
                failures: crate::convert::number("target.failures", self.failures)?,
                trips: crate::convert::number("target.trips", self.trips)?,
                open_until: time(self.open_until),
                quiet_until: time(self.quiet_until),
                full_at: time(self.full_at),
            },
        })
    }
}

/// The target of this id.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn target(session: &mut Session, id: TargetId) -> Result<Option<Target>, Error> {
    fetch_optional!(session, Row, select!("WHERE id = $1"), id.uuid())?
        .map(Row::into_target)
        .transpose()
}

/// The target of this key.
///
/// # Errors
/// As [`target`].
pub async fn by_key(session: &mut Session, key: &str) -> Result<Option<Target>, Error> {
    fetch_optional!(session, Row, select!("WHERE key = $1"), key)?.map(Row::into_target).transpose()
}

/// Every target, by key.
///
/// # Errors
/// As [`target`].
pub async fn all(session: &mut Session) -> Result<Vec<Target>, Error> {
    let mut targets = fetch_all!(session, Row, select!(""))?
        .into_iter()
        .map(Row::into_target)
        .collect::<Result<Vec<_>, _>>()?;
    targets.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(targets)
}

/// Adds a target.
///
/// # Errors
/// [`Error::Database`], a unique violation where the key is taken.
pub async fn insert(work: &mut UnitOfWork, target: &Target) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO target (id, key, authority_id, channel, address, particulars, secrets, state, version, \
         created_at, position, recall_position, sweep_sequence, failures, trips) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, 0)",
        target.id.uuid(),
        target.key.as_str(),
        target.authority.uuid(),
        target.channel.as_str(),
        target.address.as_str(),
        Json(&target.particulars),
        target.secrets.as_deref(),
        target.state.as_str(),
        target.version,
        Moment(target.created_at),
        to_number(target.progress.position)?,
        to_number(target.progress.recall_position)?,
        target.progress.sweep.map(to_number).transpose()?,
    )?;
    Ok(())
}

/// Writes address, particulars, secrets, state and reason, and counts the version up, where
/// the row still has the version that `target` carries; gives the target as it is then. One
/// that a person saw to starts with a clean bill of health.
///
/// # Errors
/// [`Error::Again`] when it was changed since it was read.
pub async fn update(work: &mut UnitOfWork, target: &Target) -> Result<Target, Error> {
    let touched = execute!(
        work.session(),
        "UPDATE target SET address = $3, particulars = $4, secrets = $5, state = $6, reason = $7, \
         version = version + 1, failures = 0, trips = 0, open_until = NULL, quiet_until = NULL \
         WHERE id = $1 AND version = $2",
        target.id.uuid(),
        target.version,
        target.address.as_str(),
        Json(&target.particulars),
        target.secrets.as_deref(),
        target.state.as_str(),
        target.reason.as_deref(),
    )?;
    crate::trees::one(touched)?;
    Ok(Target {
        version: target.version + 1,
        health: Health { full_at: target.health.full_at, ..Health::default() },
        ..target.clone()
    })
}

/// Asks for what is live already to be owed to a target, by the look through all documents
/// that its next event in the log begins.
///
/// # Errors
/// [`Error::Database`].
pub async fn ask_for_backfill(work: &mut UnitOfWork, id: TargetId) -> Result<(), Error> {
    execute!(
        work.session(),
        "UPDATE target SET backfill_asked = $2 WHERE id = $1",
        id.uuid(),
        true
    )?;
    Ok(())
}

/// Writes circuit, quiet and rate of a target whose row the caller holds.
pub(super) async fn write_health(
    session: &mut Session,
    id: TargetId,
    health: &Health,
) -> Result<(), Error> {
    execute!(
        session,
        "UPDATE target SET failures = $2, trips = $3, open_until = $4, quiet_until = $5, full_at = $6 WHERE id = $1",
        id.uuid(),
        i64::from(health.failures),
        i64::from(health.trips),
        health.open_until.map(Moment),
        health.quiet_until.map(Moment),
        health.full_at.map(Moment),
    )?;
    Ok(())
}

/// Stops serving a target whose row the caller holds; a pause does not undo a disabling, nor a
/// pause by a person. Gives whether that changed anything.
pub(super) async fn stop(
    session: &mut Session,
    id: TargetId,
    state: TargetState,
    reason: &str,
) -> Result<bool, Error> {
    let touched = execute!(
        session,
        "UPDATE target SET state = $2, reason = $3, version = version + 1 WHERE id = $1 AND state <> 'disabled' \
         AND state <> $2",
        id.uuid(),
        state.as_str(),
        reason,
    )?;
    Ok(touched > 0)
}

/// What the audit calls a target.
pub fn subject(key: &str) -> String {
    format!("target:{key}")
}
