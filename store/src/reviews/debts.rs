//! Confirmations that are owed after a publication.

use jiff::Timestamp;
use schema::{
    ids::{DocumentId, ReviewId},
    permission::Role,
    review::DebtKind,
};
use uuid::Uuid;

use super::Debt;
use crate::{Error, Session, UnitOfWork, moment::Moment};

row! {
    struct Row {
        review_id: Uuid,
        document_id: Uuid,
        kind: String,
        confirms: String,
        owed_since: Moment,
        due_at: Option<Moment>,
        published_by: Uuid,
        confirmed_at: Option<Moment>,
        confirmed_by: Option<Uuid>,
    }
}

impl Row {
    fn into_debt(self) -> Result<Debt, Error> {
        Ok(Debt {
            review: self.review_id.into(),
            document: self.document_id.into(),
            kind: DebtKind::parse(&self.kind)
                .ok_or_else(|| Error::corrupt("review_debt.kind", &self.kind))?,
            confirms: Role::parse(&self.confirms)
                .ok_or_else(|| Error::corrupt("review_debt.confirms", &self.confirms))?,
            owed_since: self.owed_since.0,
            due_at: self.due_at.map(|Moment(at)| at),
            published_by: self.published_by.into(),
            confirmed_at: self.confirmed_at.map(|Moment(at)| at),
            confirmed_by: self.confirmed_by.map(Into::into),
        })
    }
}

macro_rules! debts {
    ($rest:literal) => {
        concat!(
            "SELECT review_id, document_id, kind, confirms, owed_since, due_at, published_by, confirmed_at, \
             confirmed_by FROM review_debt ",
            $rest
        )
    };
}

/// Notes that a publication is to be confirmed.
///
/// # Errors
/// [`Error::Database`].
pub async fn insert(work: &mut UnitOfWork, debt: &Debt) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO review_debt (review_id, document_id, kind, confirms, owed_since, due_at, published_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        debt.review.uuid(),
        debt.document.uuid(),
        debt.kind.as_str(),
        debt.confirms.as_str(),
        Moment(debt.owed_since),
        debt.due_at.map(Moment),
        debt.published_by.uuid(),
    )?;
    Ok(())
}

/// What is, or was, owed for `review`.
pub(crate) async fn of_review(
    session: &mut Session,
    review: ReviewId,
) -> Result<Option<Debt>, Error> {
    fetch_optional!(session, Row, debts!("WHERE review_id = $1"), review.uuid())?
        .map(Row::into_debt)
        .transpose()
}

/// What is still owed for `document`, the oldest first, within a unit of work that has locked the
/// document.
///
/// # Errors
/// [`Error::Database`].
pub async fn open(work: &mut UnitOfWork, document: DocumentId) -> Result<Vec<Debt>, Error> {
    let rows = fetch_all!(
        work.session(),
        Row,
        debts!("WHERE document_id = $1 AND confirmed_at IS NULL ORDER BY owed_since, review_id"),
        document.uuid(),
    )?;
    rows.into_iter().map(Row::into_debt).collect()
}

/// Notes that the actor of `work` confirmed what is owed for `review`.
///
/// # Errors
/// [`Error::Database`]; the database refuses who published.
pub async fn confirm(work: &mut UnitOfWork, review: ReviewId) -> Result<Timestamp, Error> {
    let (actor, now) = (work.actor().id, work.now());
    execute!(
        work.session(),
        "UPDATE review_debt SET confirmed_at = $2, confirmed_by = $3 WHERE review_id = $1 AND confirmed_at IS NULL",
        review.uuid(),
        Moment(now),
        actor.uuid(),
    )?;
    Ok(now)
}
