//! What waits for somebody: texts whose next step they may take, and confirmations they may give.

use std::collections::{BTreeMap, btree_map::Entry};

use jiff::Timestamp;
use schema::{
    edition::Card,
    ids::{AuthorityId, ContentId, CosignatureId, DocumentId, ReviewId},
    names::{Locale, TypeName},
    permission::Role,
    review::{DebtKind, Track},
    viewer::Viewer,
};
use uuid::Uuid;

use super::cosigning;
use crate::{Error, Session, convert, limits, moment::Moment, scopes::Scopes};

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// A step, signed by somebody with this role; a secrecy review for
    /// [`SecrecyReviewer`](Role::SecrecyReviewer).
    Step(Role),
    /// The publication of what was signed.
    Publication,
    /// A confirmation after the publication, by somebody with this role.
    Confirmation(DebtKind, Role),
    /// The answer of this body, which was asked to co-sign.
    Cosignature(CosignatureId, AuthorityId),
}

/// A text that waits.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// For what: more than one thing where the viewer has more than one role.
    pub waits: Vec<Wait>,
    /// The review.
    pub review: ReviewId,
    /// The document.
    pub document: DocumentId,
    /// Its content.
    pub content: ContentId,
    /// Its language.
    pub locale: Locale,
    /// Its type.
    pub r#type: TypeName,
    /// By which track it is reviewed.
    pub track: Track,
    /// How often it was submitted.
    pub round: u32,
    /// Submission, or the publication that is to be confirmed.
    pub since: Timestamp,
    /// What people call who submitted or published; `None` for the command line.
    pub by: Option<String>,
    /// When it is late.
    pub due_at: Option<Timestamp>,
    /// The short fields of the draft, or of the live edition.
    pub card: Option<Card>,
}

/// Where a page ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Since when the last one waits.
    pub since: Timestamp,
    /// Its review.
    pub review: ReviewId,
}

impl Waiting {
    /// Where it stands in the queue.
    pub const fn position(&self) -> Position {
        Position { since: self.since, review: self.review }
    }
}

row! {
    struct Row {
        id: Uuid,
        document_id: Uuid,
        content_id: Uuid,
        locale: String,
        type_name: String,
        track: String,
        round: i64,
        since: Moment,
        by_name: Option<String>,
        due_at: Option<Moment>,
        debt: Option<String>,
        card: Option<String>,
    }
}

impl Row {
    fn into_waiting(self, wait: Wait) -> Result<Waiting, Error> {
        Ok(Waiting {
            waits: vec![match (wait, self.debt) {
                (Wait::Confirmation(_, role), Some(kind)) => Wait::Confirmation(
                    DebtKind::parse(&kind)
                        .ok_or_else(|| Error::corrupt("review_debt.kind", &kind))?,
                    role,
                ),
                (wait, _) => wait,
            }],
            review: self.id.into(),
            document: self.document_id.into(),
            content: self.content_id.into(),
            locale: convert::text("document.locale", &self.locale)?,
            r#type: convert::text("document.type", &self.type_name)?,
            track: Track::parse(&self.track)
                .ok_or_else(|| Error::corrupt("review.track", &self.track))?,
            round: convert::number("review.round", self.round)?,
            since: self.since.0,
            by: self.by_name,
            due_at: self.due_at.map(|Moment(at)| at),
            card: self
                .card
                .map(|card| serde_json::from_str(&card))
                .transpose()
                .map_err(|error| Error::corrupt("derived.card", error))?,
        })
    }
}

macro_rules! waiting {
    ($since:literal, $by:literal, $due:literal, $debt:literal, $from:literal) => {
        concat!(
            "SELECT r.id, r.document_id, d.content_id, d.locale, d.type AS type_name, r.track, r.round, ",
            $since, " AS since, w.name AS by_name, ", $due, " AS due_at, ", $debt, " AS debt, c.card FROM ", $from,
            " JOIN document d ON d.id = r.document_id LEFT JOIN person w ON w.id = ", $by,
            " LEFT JOIN edition e ON e.id = CASE WHEN ", not_hidden!(), " \
                 THEN COALESCE(d.draft_edition_id, d.live_edition_id) ELSE d.live_edition_id END \
             LEFT JOIN derived c ON c.content_digest = e.content_digest WHERE (", $since, ", r.id) > ($1, $2) AND ",
            within!("$3"),
        )
    };
}

macro_rules! submitted {
    ($awaits:literal) => {
        concat!(
            waiting!("r.submitted_at", "r.submitted_by", "r.due_at", "NULL", "review r"),
            " AND ",
            not_hidden!(),
            " AND r.closed_at IS NULL AND r.state = 'submitted' AND ",
            $awaits,
            " ORDER BY r.submitted_at, r.id LIMIT $7"
        )
    };
}

macro_rules! owed {
    () => {
        concat!(
            waiting!(
                "o.owed_since",
                "o.published_by",
                "o.due_at",
                "o.kind",
                "review_debt o JOIN review r ON r.id = o.review_id"
            ),
            " AND o.confirmed_at IS NULL AND o.confirms = $6 ORDER BY o.owed_since, r.id LIMIT $7"
        )
    };
}

/// At most `limit` texts that wait for `viewer` after `after`, the longest waiting first: steps
/// whose role they have where the document stands, publications for approvers, confirmations. What
/// they wrote or signed before is among them; signing it is refused.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_viewer(
    session: &mut Session,
    viewer: &Viewer,
    after: Option<Position>,
    limit: u32,
) -> Result<Vec<Waiting>, Error> {
    let mut waits = vec![Wait::Publication];
    for role in Role::ALL.into_iter().filter(|role| role.reviews().is_some()) {
        waits.push(Wait::Step(role));
        waits.push(Wait::Confirmation(DebtKind::Forced, role));
    }
    let hidden = limits::hidden_from(session, viewer).await?;
    let mut waiting: BTreeMap<Position, Waiting> = BTreeMap::new();
    for wait in waits {
        for found in of_wait(session, (viewer, &hidden), wait, after, limit).await? {
            add(&mut waiting, found);
        }
    }
    for found in cosigning::waiting(session, viewer, after, limit).await? {
        add(&mut waiting, found);
    }
    Ok(waiting.into_values().take(limit as usize).collect())
}

fn add(waiting: &mut BTreeMap<Position, Waiting>, found: Waiting) {
    match waiting.entry(found.position()) {
        Entry::Occupied(known) => known.into_mut().waits.extend(found.waits),
        Entry::Vacant(place) => {
            place.insert(found);
        }
    }
}

/// What should have been done by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Late {
    /// Steps of reviews that are under way.
    pub steps: u64,
    /// Confirmations after a publication.
    pub confirmations: u64,
    /// Answers of bodies that were asked to co-sign.
    pub cosignatures: u64,
}

/// How much is late at `now`, on the whole hub: numbers alone, for whoever runs it.
///
/// # Errors
/// [`Error::Database`].
pub async fn late(session: &mut Session, now: Timestamp) -> Result<Late, Error> {
    let counts = fetch_optional!(
        session,
        (i64, i64, i64),
        "SELECT (SELECT COUNT(*) FROM review r WHERE r.closed_at IS NULL AND r.due_at < $1), \
         (SELECT COUNT(*) FROM review_debt o WHERE o.confirmed_at IS NULL AND o.due_at < $1), \
         (SELECT COUNT(*) FROM cosignature c WHERE c.state = 'asked' AND c.due_at < $1)",
        Moment(now),
    )?;
    let (steps, confirmations, cosignatures) = counts.unwrap_or_default();
    Ok(Late {
        steps: steps.unsigned_abs(),
        confirmations: confirmations.unsigned_abs(),
        cosignatures: cosignatures.unsigned_abs(),
    })
}

async fn of_wait(
    session: &mut Session,
    (viewer, hidden): (&Viewer, &str),
    wait: Wait,
    after: Option<Position>,
    limit: u32,
) -> Result<Vec<Waiting>, Error> {
    let role = match wait {
        Wait::Publication => Role::Approver,
        Wait::Step(role) | Wait::Confirmation(_, role) => role,
        Wait::Cosignature(..) => return Ok(Vec::new()),
    };
    let Some(action) = role.reviews() else { return Ok(Vec::new()) };
    let scopes = Scopes::of(viewer, action);
    if scopes.is_nowhere() {
        return Ok(Vec::new());
    }
    let (sql, word) = match wait {
        Wait::Confirmation(..) => (with_scopes!(session, "$4", "$5", "$8", owed!()), role.as_str()),
        Wait::Step(Role::SecrecyReviewer) => (
            with_scopes!(
                session,
                "$4",
                "$5",
                "$8",
                submitted!("r.awaits_secrecy AND $6 = 'secrecyReviewer'")
            ),
            role.as_str(),
        ),
        Wait::Publication => {
            (with_scopes!(session, "$4", "$5", "$8", submitted!("r.awaits = $6")), "publication")
        }
        Wait::Step(_) | Wait::Cosignature(..) => {
            (with_scopes!(session, "$4", "$5", "$8", submitted!("r.awaits = $6")), role.as_str())
        }
    };
    let (since, review) = match after {
        Some(after) => (after.since, after.review.uuid()),
        None => (Timestamp::UNIX_EPOCH, Uuid::nil()),
    };
    let rows = fetch_all!(
        session,
        Row,
        sql,
        Moment(since),
        review,
        scopes.everything,
        scopes.authorities.as_str(),
        scopes.sites.as_str(),
        word,
        i64::from(limit),
        hidden,
    )?;
    rows.into_iter().map(|row| row.into_waiting(wait)).collect()
}
