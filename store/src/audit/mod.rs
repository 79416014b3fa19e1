//! The audit: who did what to what, from where, on which edition; one row for each act, written
//! with it. Nobody changes a row and nobody deletes one before its time: the database refuses.
//!
//! A row is written without its place in the chain and gets it seconds later ([`seal`]), so that
//! writers never wait for each other here (docs/decisions/audit.md).

pub mod guard;
mod keep;
mod seal;
mod search;

use jiff::Timestamp;
use schema::{
    audit::{Concerns, Seal},
    digest::Digest,
    ids::ActorId,
    origin::{Origin, Via},
    parameters::{Entropy, new_uuid},
    permission::Touched,
    viewer::Viewer,
};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

pub(crate) use keep::is_told;
pub use keep::{Checkpoint, checkpoint, cut, first_kept};
pub use schema::audit::Record;
pub use seal::{Condition, condition, head, seal};
pub use search::{Found, Wanted, sealed_after, search, span};

use crate::{Error, Session, UnitOfWork, convert, moment::Moment};

/// The rows that `$which` names, in the order that it names.
macro_rules! records {
    ($session:expr, $which:expr $(, $bind:expr)* $(,)?) => {
        fetch_all!(
            $session,
            $crate::audit::Row,
            concat!(
                "SELECT id, at, actor_id, actor, action, subject, details, authority_id, site_id, commitment, \
                 via, address, request, credential, number, hash FROM audit WHERE ",
                $which
            )
            $(, $bind)*
        )
        .and_then(|rows| rows.into_iter().map($crate::audit::Row::into_record).collect::<Result<Vec<_>, Error>>())
    };
}
pub(crate) use records;

/// At most `limit` rows about `subject` that are older than row `before`, the newest first;
/// none for a `viewer` who may not read the past of what is `touched`.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_subject(
    session: &mut Session,
    viewer: &Viewer,
    touched: &Touched,
    subject: &str,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Record>, Error> {
    if !viewer.sees_past(touched) {
        return Ok(Vec::new());
    }
    rows(session, subject, before, limit).await
}

/// As [`of_subject`], about something that holds no texts, like a target: also those who
/// arrange or operate it may know.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_workings(
    session: &mut Session,
    viewer: &Viewer,
    touched: &Touched,
    subject: &str,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Record>, Error> {
    if !viewer.sees_workings(touched) {
        return Ok(Vec::new());
    }
    rows(session, subject, before, limit).await
}

async fn rows(
    session: &mut Session,
    subject: &str,
    before: Option<Uuid>,
    limit: u32,
) -> Result<Vec<Record>, Error> {
    records!(
        session,
        "subject = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
        subject,
        before.unwrap_or(Uuid::max()),
        i64::from(limit),
    )
}

row! {
    struct Row {
        id: Uuid,
        at: Moment,
        actor_id: Uuid,
        actor: String,
        action: String,
        subject: String,
        details: Json<Value>,
        authority_id: Option<Uuid>,
        site_id: Option<Uuid>,
        commitment: Option<Vec<u8>>,
        via: String,
        address: Option<String>,
        request: Option<String>,
        credential: Option<String>,
        number: Option<i64>,
        hash: Option<Vec<u8>>,
    }
}

impl Row {
    fn into_record(self) -> Result<Record, Error> {
        let via = Via::parse(&self.via).ok_or_else(|| Error::corrupt("audit.via", &self.via))?;
        let address = self.address.map(|address| convert::text("audit.address", &address));
        let credential = self.credential.map(|text| convert::text("audit.credential", &text));
        let commitment = self.commitment.map(|bytes| convert::digest("audit.commitment", &bytes));
        let seal = match (self.number, self.hash) {
            (None, None) => None,
            (Some(number), Some(hash)) => Some(Seal {
                number: to_number(number)?,
                hash: convert::digest("audit.hash", &hash)?,
            }),
            _ => return Err(Error::corrupt("audit", "a row is sealed by half")),
        };
        Ok(Record {
            id: self.id,
            at: self.at.0,
            actor: self.actor_id.into(),
            actor_name: self.actor,
            action: self.action,
            subject: self.subject,
            details: self.details.0,
            concerns: Concerns {
                authority: self.authority_id.map(Into::into),
                site: self.site_id.map(Into::into),
            },
            commitment: commitment.transpose()?,
            origin: Origin {
                via,
                address: address.transpose()?,
                request: self.request,
                credential: credential.transpose()?,
            },
            seal,
        })
    }
}

fn to_number(number: i64) -> Result<u64, Error> {
    u64::try_from(number).map_err(|error| Error::corrupt("audit.number", error))
}

fn to_stored(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(|error| Error::corrupt("audit.number", error))
}

/// What an act concerns beside its subject.
#[derive(Clone, Copy, Debug, Default)]
pub struct About {
    /// Whom it concerns: who may read of it.
    pub concerns: Concerns,
    /// Commitment to the edition it is done on.
    pub commitment: Option<Digest>,
}

impl From<&Touched> for About {
    fn from(touched: &Touched) -> Self {
        Self { concerns: touched.into(), commitment: None }
    }
}

/// Notes that the actor of `work` did `action` (`document.publish`) to `subject` (`person:<id>`),
/// which concerns the hub as a whole. `details` must not hold texts: the audit outlives an
/// erasure.
///
/// # Errors
/// [`Error::Database`].
pub async fn record(
    work: &mut UnitOfWork,
    action: &str,
    subject: &str,
    details: &Value,
) -> Result<(), Error> {
    record_about(work, action, subject, About::default(), details).await
}

/// As [`record`], of what concerns an authority or a site, or was done on an edition.
///
/// # Errors
/// [`Error::Database`].
pub async fn record_about(
    work: &mut UnitOfWork,
    action: &str,
    subject: &str,
    about: About,
    details: &Value,
) -> Result<(), Error> {
    let record = Record {
        id: work.new_id(),
        at: work.now(),
        actor: work.actor().id,
        actor_name: work.actor().name.clone(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        details: details.clone(),
        concerns: about.concerns,
        commitment: about.commitment,
        origin: work.origin().clone(),
        seal: None,
    };
    insert(work.session(), &record).await
}

/// Writes a row that somebody else is the reason of than who does `work`.
///
/// # Errors
/// [`Error::Database`].
pub async fn add(work: &mut UnitOfWork, record: &Record) -> Result<(), Error> {
    insert(work.session(), record).await
}

/// The delivery engine, where it does by itself what a person could do: stop a target, or
/// leave it alone for a while.
pub const DELIVERY_ENGINE: (Uuid, &str) =
    (Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0002), "delivery engine");

/// The hub, where it keeps its own house.
pub const HOUSEKEEPING: (Uuid, &str) =
    (Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0003), "housekeeping");

/// Whoever it was: nobody the hub knows.
pub const STRANGER: (Uuid, &str) =
    (Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0004), "nobody known");

/// As [`record`], by the [`DELIVERY_ENGINE`] in a transaction of its own.
pub(crate) async fn record_by_engine(
    session: &mut Session,
    by: (Timestamp, &dyn Entropy),
    action: &str,
    subject: &str,
    details: &Value,
) -> Result<(), Error> {
    record_by_hub(session, by, DELIVERY_ENGINE, action, subject, details).await
}

/// As [`record`], by what the hub is called where nobody told it to.
async fn record_by_hub(
    session: &mut Session,
    (now, entropy): (Timestamp, &dyn Entropy),
    (actor, name): (Uuid, &str),
    action: &str,
    subject: &str,
    details: &Value,
) -> Result<(), Error> {
    let record = Record {
        id: new_uuid(now, entropy),
        at: now,
        actor: ActorId::from(actor),
        actor_name: name.to_owned(),
        action: action.to_owned(),
        subject: subject.to_owned(),
        details: details.clone(),
        concerns: Concerns::default(),
        commitment: None,
        origin: Origin::HUB,
        seal: None,
    };
    insert(session, &record).await
}

async fn insert(session: &mut Session, record: &Record) -> Result<(), Error> {
    let Record { concerns, origin, .. } = record;
    execute!(
        session,
        "INSERT INTO audit (id, at, actor_id, actor, action, subject, details, authority_id, site_id, commitment, \
         via, address, request, credential) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        record.id,
        Moment(record.at),
        record.actor.uuid(),
        &record.actor_name,
        &record.action,
        &record.subject,
        Json(&record.details),
        concerns.authority.map(|authority| authority.uuid()),
        concerns.site.map(|site| site.uuid()),
        record.commitment.as_ref().map(|commitment| commitment.as_bytes().as_slice()),
        origin.via.as_str(),
        origin.address.map(|address| address.to_string()),
        origin.request.as_deref(),
        origin.credential.map(|credential| credential.to_string()),
    )?;
    Ok(())
}
