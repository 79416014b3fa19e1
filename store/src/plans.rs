//! The publication plan of an edition (schema/src/plan), as it was changed, submitted or published.

use schema::{
    ids::{DocumentId, EditionId},
    plan::Plan,
};
use sqlx::types::Json;

use crate::{Error, Session, UnitOfWork, moment::Moment};

/// A plan as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The plan.
    pub plan: Plan,
    /// Whether it stays as it is, because reviewers look at it, or its text was published with it.
    pub settled: bool,
}

/// The plan that was written for an edition.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_edition(
    session: &mut Session,
    edition: EditionId,
) -> Result<Option<Written>, Error> {
    let found = fetch_optional!(
        session,
        (Json<Plan>, bool),
        "SELECT plan, settled FROM publication_plan WHERE edition_id = $1",
        edition.uuid(),
    )?;
    Ok(found.map(|(Json(plan), settled)| Written { plan, settled }))
}

/// The plan with which a document was published as its edition `number`.
///
/// # Errors
/// [`Error::Database`].
pub async fn published(
    session: &mut Session,
    document: DocumentId,
    number: u32,
) -> Result<Option<Plan>, Error> {
    let found = fetch_optional!(
        session,
        (Json<Plan>,),
        "SELECT n.plan FROM publication p JOIN publication_plan n ON n.edition_id = p.edition_id \
         WHERE p.document_id = $1 AND p.number = $2",
        document.uuid(),
        i64::from(number),
    )?;
    Ok(found.map(|(Json(plan),)| plan))
}

/// Writes the plan of an edition over the one there is.
///
/// # Errors
/// [`Error::Database`].
pub async fn write(
    work: &mut UnitOfWork,
    edition: EditionId,
    written: &Written,
) -> Result<(), Error> {
    let (now, actor) = (Moment(work.now()), work.actor().id);
    execute!(
        work.session(),
        "INSERT INTO publication_plan (edition_id, plan, settled, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (edition_id) DO UPDATE SET plan = excluded.plan, \
             settled = excluded.settled, changed_at = excluded.changed_at, changed_by = excluded.changed_by",
        edition.uuid(),
        Json(&written.plan),
        written.settled,
        now,
        actor.uuid(),
    )?;
    Ok(())
}
