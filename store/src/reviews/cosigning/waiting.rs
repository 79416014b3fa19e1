//! What waits for the bodies that somebody answers for, for their queue.

use jiff::Timestamp;
use schema::{edition::Card, ids::AuthorityId, review::Track, viewer::Viewer};
use uuid::Uuid;

use super::super::queue::{Position, Wait, Waiting};
use crate::{Error, Session, convert, dialect::Ids, moment::Moment, statement::Statement};

row! {
    struct WaitingRow {
        id: Uuid,
        body_id: Uuid,
        review_id: Uuid,
        document_id: Uuid,
        content_id: Uuid,
        locale: String,
        type_name: String,
        track: String,
        round: i64,
        asked_at: Moment,
        by_name: Option<String>,
        due_at: Option<Moment>,
        card: Option<String>,
    }
}

impl WaitingRow {
    fn into_waiting(self) -> Result<Waiting, Error> {
        Ok(Waiting {
            waits: vec![Wait::Cosignature(self.id.into(), self.body_id.into())],
            review: self.review_id.into(),
            document: self.document_id.into(),
            content: self.content_id.into(),
            locale: convert::text("document.locale", &self.locale)?,
            r#type: convert::text("document.type", &self.type_name)?,
            track: Track::parse(&self.track)
                .ok_or_else(|| Error::corrupt("review.track", &self.track))?,
            round: convert::number("review.round", self.round)?,
            since: self.asked_at.0,
            by: self.by_name,
            due_at: self.due_at.map(|Moment(at)| at),
            card: self
                .card
                .map(|card| serde_json::from_str::<Card>(&card))
                .transpose()
                .map_err(|error| Error::corrupt("derived.card", error))?,
        })
    }
}

/// At most `limit` texts that wait for bodies that `viewer` answers for, the longest waiting first.
pub(in crate::reviews) async fn waiting(
    session: &mut Session,
    viewer: &Viewer,
    after: Option<Position>,
    limit: u32,
) -> Result<Vec<Waiting>, Error> {
    let bodies = viewer.bodies();
    if bodies.is_empty() {
        return Ok(Vec::new());
    }
    let (since, review) = match after {
        Some(after) => (after.since, after.review.uuid()),
        None => (Timestamp::UNIX_EPOCH, Uuid::nil()),
    };
    let statement = waiting_statement(session, &bodies, (since, review), limit);
    let rows = statement.fetch_all::<WaitingRow>(session).await?;
    rows.into_iter().map(WaitingRow::into_waiting).collect()
}

fn waiting_statement(
    session: &Session,
    bodies: &[AuthorityId],
    (since, review): (Timestamp, Uuid),
    limit: u32,
) -> Statement {
    let mut statement = Statement::new(session.engine());
    statement
        .push(
            "SELECT c.id, c.body_id, c.review_id, c.document_id, d.content_id, d.locale, d.type AS type_name, r.track, \
             r.round, c.asked_at, w.name AS by_name, c.due_at, v.card FROM cosignature c \
             JOIN review r ON r.id = c.review_id JOIN document d ON d.id = c.document_id \
             JOIN edition e ON e.id = c.edition_id LEFT JOIN derived v ON v.content_digest = e.content_digest \
             LEFT JOIN person w ON w.id = c.asked_by WHERE c.state = 'asked' AND (c.asked_at, c.review_id) > (",
        )
        .bind(Moment(since))
        .push(", ")
        .bind(review)
        .push(") AND c.body_id ")
        .is_one_of(bodies.iter().map(|body| body.uuid()).collect::<Ids>())
        .push(" ORDER BY c.asked_at, c.review_id LIMIT ")
        .bind(i64::from(limit));
    statement
}
