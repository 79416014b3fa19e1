//! The publication log: appending at the end of a unit of work, reading by number.

use jiff::Timestamp;
use schema::{
    digest::Digest,
    edition::{Importance, PlacedAt},
    ids::{ActorId, DocumentId},
    log::{Arrangement, DocumentEvent, Event, Subject, row_hash},
    names::SiteKey,
    visibility::EventKind,
};
use serde::{Deserialize, Serialize};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Engine, Error, Session, convert, moment::Moment, signal};

/// An event that has no number yet.
#[derive(Clone, Debug)]
pub enum NewEvent {
    /// Something happened to a document.
    Document(Box<NewDocumentEvent>),
    /// The house changed.
    Arrangement(Arrangement),
}

/// What happened to a document.
#[derive(Clone, Debug)]
pub struct NewDocumentEvent {
    /// What happened.
    pub kind: EventKind,
    /// To which document of this hub.
    pub document: DocumentId,
    /// What the row will say.
    pub of: DocumentEvent,
}

/// The end of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Number of the last event, 0 when there is none.
    pub sequence: u64,
    /// Its time.
    pub at: Timestamp,
    /// Its hash.
    pub hash: Digest,
}

#[derive(Serialize, Deserialize)]
struct Positions {
    left: Vec<PlacedAt>,
    entered: Vec<PlacedAt>,
}

/// The hash before the first row.
pub fn genesis() -> Digest {
    Digest::of(b"")
}

/// The end of the log.
///
/// # Errors
/// [`Error::Database`].
pub async fn head(session: &mut Session) -> Result<Head, Error> {
    read_head(session, "SELECT sequence, at, hash FROM log_head WHERE id = 1").await
}

async fn read_head(session: &mut Session, sql: &'static str) -> Result<Head, Error> {
    let Some((sequence, Moment(at), hash)) = fetch_optional!(session, (i64, Moment, Vec<u8>), sql)?
    else {
        return Ok(Head { sequence: 0, at: Timestamp::MIN, hash: genesis() });
    };
    Ok(Head {
        sequence: to_sequence(sequence)?,
        at,
        hash: convert::digest("log_head.hash", &hash)?,
    })
}

/// Locks the counter, appends `events`, moves the counter; gives the number of the last one.
/// The caller commits at once: until then every other publishing transaction waits.
pub(crate) async fn append(
    session: &mut Session,
    at: Timestamp,
    actor: ActorId,
    events: &[NewEvent],
) -> Result<u64, Error> {
    let genesis = genesis();
    execute!(
        session,
        "INSERT INTO log_head (id, sequence, at, hash) VALUES (1, 0, $1, $2) ON CONFLICT (id) DO NOTHING",
        Moment(Timestamp::UNIX_EPOCH),
        genesis.as_bytes().as_slice(),
    )?;
    let lock = dialect!(session,
        sqlite: "SELECT sequence, at, hash FROM log_head WHERE id = 1",
        postgres: "SELECT sequence, at, hash FROM log_head WHERE id = 1 FOR UPDATE",
    );
    let mut head = read_head(session, lock).await?;
    if head.at > at {
        return Err(Error::Again);
    }
    for event in events {
        head.sequence += 1;
        head.at = at;
        head.hash = insert(session, head, actor, event).await?;
    }
    execute!(
        session,
        "UPDATE log_head SET sequence = $1, at = $2, hash = $3 WHERE id = 1",
        to_number(head.sequence)?,
        Moment(head.at),
        head.hash.as_bytes().as_slice(),
    )?;
    // Other processes hear of it with the commit; publishing transactions wait for each other
    // here anyway, so the notification's own lock costs nothing more.
    if session.engine() == Engine::Postgres {
        execute!(session, "SELECT pg_notify($1, '')", signal::CHANNEL)?;
    }
    Ok(head.sequence)
}

async fn insert(
    session: &mut Session,
    head: Head,
    actor: ActorId,
    event: &NewEvent,
) -> Result<Digest, Error> {
    let number = to_number(head.sequence)?;
    let at = Moment(head.at);
    match event {
        NewEvent::Document(new) => {
            let of = &new.of;
            let subject = Subject::Document(of.clone());
            let hash = row_hash(head.hash, head.sequence, head.at, new.kind, actor, &subject)
                .map_err(|error| Error::corrupt("event", error))?;
            let stored = Json(Positions { left: of.left.clone(), entered: of.entered.clone() });
            execute!(
                session,
                "INSERT INTO publication_log (sequence, at, kind, actor_id, document_id, content_id, locale, type, \
                 edition, major, visibility, site, positions, commitment, hash) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
                number,
                at,
                new.kind.as_str(),
                actor.uuid(),
                new.document.uuid(),
                of.content.uuid(),
                of.locale.as_str(),
                of.r#type.as_str(),
                i64::from(of.edition),
                of.importance == Importance::Major,
                of.visibility.as_str(),
                of.site.as_ref().map(SiteKey::as_str),
                &stored,
                of.commitment.as_bytes().as_slice(),
                hash.as_bytes().as_slice(),
            )?;
            Ok(hash)
        }
        NewEvent::Arrangement(arrangement) => {
            let subject = Subject::Arrangement(arrangement.clone());
            let kind = EventKind::Arrange;
            let hash = row_hash(head.hash, head.sequence, head.at, kind, actor, &subject)
                .map_err(|error| Error::corrupt("event", error))?;
            execute!(
                session,
                "INSERT INTO publication_log (sequence, at, kind, actor_id, arrangement, hash) \
                 VALUES ($1, $2, $3, $4, $5, $6)",
                number,
                at,
                kind.as_str(),
                actor.uuid(),
                Json(arrangement),
                hash.as_bytes().as_slice(),
            )?;
            Ok(hash)
        }
    }
}

row! {
    struct Row {
        sequence: i64,
        at: Moment,
        kind: String,
        actor_id: Uuid,
        document_id: Option<Uuid>,
        content_id: Option<Uuid>,
        locale: Option<String>,
        type_name: Option<String>,
        edition: Option<i64>,
        major: Option<bool>,
        visibility: Option<String>,
        site: Option<String>,
        positions: Option<Json<Positions>>,
        commitment: Option<Vec<u8>>,
        arrangement: Option<Json<Arrangement>>,
        hash: Vec<u8>,
    }
}

/// An event and the row of the document it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// The event.
    pub event: Event,
    /// The document, for events of one.
    pub document: Option<DocumentId>,
}

/// The events that `$which` names, in the order that it names.
macro_rules! events {
    ($session:expr, $which:literal $(, $bind:expr)+ $(,)?) => {
        fetch_all!(
            $session,
            Row,
            concat!(
                "SELECT sequence, at, kind, actor_id, document_id, content_id, locale, \
                 type AS type_name, edition, major, visibility, site, positions, commitment, \
                 arrangement, hash FROM publication_log WHERE ",
                $which
            )
            $(, $bind)+
        )
        .and_then(|rows| rows.into_iter().map(Row::into_event).collect())
    };
}

/// When event number `sequence` happened.
///
/// # Errors
/// [`Error::Database`].
pub async fn at(session: &mut Session, sequence: u64) -> Result<Option<Timestamp>, Error> {
    let found = fetch_optional!(
        session,
        (Moment,),
        "SELECT at FROM publication_log WHERE sequence = $1",
        to_number(sequence)?,
    )?;
    Ok(found.map(|(Moment(at),)| at))
}

/// At most `limit` events after number `after`, in order.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn after(
    session: &mut Session,
    after: u64,
    limit: u32,
) -> Result<Vec<StoredEvent>, Error> {
    events!(
        session,
        "sequence > $1 ORDER BY sequence LIMIT $2",
        to_number(after)?,
        i64::from(limit),
    )
}

/// At most `limit` recalls after number `after`, in order: what is taken back is read ahead of
/// everything else.
///
/// # Errors
/// As [`after`].
pub async fn recalls_after(
    session: &mut Session,
    after: u64,
    limit: u32,
) -> Result<Vec<StoredEvent>, Error> {
    events!(
        session,
        "sequence > $1 AND kind = 'recall' ORDER BY sequence LIMIT $2",
        to_number(after)?,
        i64::from(limit),
    )
}

/// All events of one document, in order.
///
/// # Errors
/// As [`after`].
pub async fn of_document(
    session: &mut Session,
    document: DocumentId,
) -> Result<Vec<StoredEvent>, Error> {
    events!(session, "document_id = $1 ORDER BY sequence", document.uuid())
}

impl Row {
    fn into_event(self) -> Result<StoredEvent, Error> {
        let kind =
            EventKind::parse(&self.kind).ok_or_else(|| Error::corrupt("event kind", &self.kind))?;
        let document = self.document_id.map(DocumentId::from);
        let subject = match self.arrangement {
            Some(Json(arrangement)) => Subject::Arrangement(arrangement),
            None => Subject::Document(DocumentEvent {
                content: required(self.content_id)?.into(),
                locale: convert::text("event.locale", &required(self.locale)?)?,
                r#type: convert::text("event.type", &required(self.type_name)?)?,
                edition: convert::number("event.edition", required(self.edition)?)?,
                importance: if required(self.major)? {
                    Importance::Major
                } else {
                    Importance::Minor
                },
                visibility: convert::visibility(&required(self.visibility)?)?,
                site: self.site.map(|site| convert::text("event.site", &site)).transpose()?,
                left: self.positions.as_ref().map(|Json(p)| p.left.clone()).unwrap_or_default(),
                entered: self.positions.map(|Json(p)| p.entered).unwrap_or_default(),
                commitment: convert::digest("commitment", &required(self.commitment)?)?,
            }),
        };
        Ok(StoredEvent {
            event: Event {
                sequence: to_sequence(self.sequence)?,
                at: self.at.0,
                kind,
                actor: self.actor_id.into(),
                subject,
                hash: convert::digest("event hash", &self.hash)?,
            },
            document,
        })
    }
}

fn required<T>(value: Option<T>) -> Result<T, Error> {
    value.ok_or_else(|| Error::corrupt("event", "a value is missing"))
}

fn to_sequence(number: i64) -> Result<u64, Error> {
    u64::try_from(number).map_err(|error| Error::corrupt("sequence", error))
}

fn to_number(sequence: u64) -> Result<i64, Error> {
    i64::try_from(sequence).map_err(|error| Error::corrupt("sequence", error))
}
