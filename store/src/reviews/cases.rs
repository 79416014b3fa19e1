//! Writing and reading one review: its row, its entry in the register, its acts.

use schema::{
    ids::{ActorId, AuthorityId, DocumentId, EditionId, ReviewId},
    parameters::BEIJING,
    review::{ActKind, Conclusion},
    viewer::Viewer,
};
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    Act, Awaits, Debt, Register, Review, Row,
    cosigning::{self, Cosignature},
    debts,
};
use crate::{
    Error, Session, UnitOfWork, convert,
    documents::{self, Document},
    editions,
    moment::Moment,
};

macro_rules! reviews {
    ($rest:literal) => {
        concat!(
            "SELECT id, document_id, content_id, authority_id, year, number, opened_at, opened_by, round, track, \
             chain, edition_id, submitted_at, submitted_by, errors, warnings, state, awaits, awaits_secrecy, \
             due_at, closed_at FROM review ",
            $rest
        )
    };
}

/// The next number in the register of `authority`, of the year it is in Beijing.
///
/// # Errors
/// [`Error::Database`].
pub async fn register(work: &mut UnitOfWork, authority: AuthorityId) -> Result<Register, Error> {
    let year = BEIJING.to_datetime(work.now()).year();
    let last = fetch_optional!(
        work.session(),
        (i64,),
        "INSERT INTO review_register (authority_id, year, last) VALUES ($1, $2, 1) \
         ON CONFLICT (authority_id, year) DO UPDATE SET last = review_register.last + 1 RETURNING last",
        authority.uuid(),
        i64::from(year),
    )?;
    let (last,) = last.ok_or_else(|| Error::corrupt("review_register", "it gave no number"))?;
    Ok(Register { year, number: convert::number("review_register.last", last)? })
}

/// Writes a review: a new one, or over one that is open everything that can change of it.
///
/// # Errors
/// [`Error::Database`]; a unique violation where another is open for the document. The database
/// refuses to change one that is closed.
pub async fn write(work: &mut UnitOfWork, review: &Review) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO review (id, document_id, content_id, authority_id, year, number, opened_at, opened_by, round, \
         track, chain, edition_id, submitted_at, submitted_by, errors, warnings, state, awaits, awaits_secrecy, \
         due_at, closed_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21) \
         ON CONFLICT (id) DO UPDATE SET round = excluded.round, track = excluded.track, chain = excluded.chain, \
             edition_id = excluded.edition_id, submitted_at = excluded.submitted_at, \
             submitted_by = excluded.submitted_by, errors = excluded.errors, warnings = excluded.warnings, \
             state = excluded.state, awaits = excluded.awaits, awaits_secrecy = excluded.awaits_secrecy, \
             due_at = excluded.due_at, closed_at = excluded.closed_at",
        review.id.uuid(),
        review.document.uuid(),
        review.content.uuid(),
        review.authority.uuid(),
        i64::from(review.register.year),
        i64::from(review.register.number),
        Moment(review.opened_at),
        review.opened_by.uuid(),
        i64::from(review.round),
        review.track.as_str(),
        Json(&review.chain),
        review.edition.uuid(),
        Moment(review.submitted_at),
        review.submitted_by.uuid(),
        i64::from(review.errors),
        i64::from(review.warnings),
        review.state.as_str(),
        review.awaits.map(Awaits::as_str),
        review.awaits_secrecy,
        review.due_at.map(Moment),
        review.closed_at.map(Moment),
    )?;
    Ok(())
}

/// The open review of `document`, within a unit of work that has locked the document.
///
/// # Errors
/// [`Error::Database`].
pub async fn open(work: &mut UnitOfWork, document: DocumentId) -> Result<Option<Review>, Error> {
    fetch_optional!(
        work.session(),
        Row,
        reviews!("WHERE document_id = $1 AND closed_at IS NULL"),
        document.uuid(),
    )?
    .map(Row::into_review)
    .transpose()
}

/// The review `id`, within a unit of work.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] when there is none.
pub async fn of_work(work: &mut UnitOfWork, id: ReviewId) -> Result<Review, Error> {
    fetch_optional!(work.session(), Row, reviews!("WHERE id = $1"), id.uuid())?
        .ok_or_else(|| Error::corrupt("review", "it is missing"))?
        .into_review()
}

/// What is noted of an act, beside who and when.
#[derive(Clone, Copy, Debug)]
pub struct NewAct<'a> {
    /// What.
    pub kind: ActKind,
    /// Which step.
    pub step: Option<usize>,
    /// What a secrecy review came to, and its basis.
    pub conclusion: Option<(Conclusion, &'a str)>,
    /// The reason, or a remark.
    pub note: Option<&'a str>,
    /// For which body, or which was asked.
    pub body: Option<AuthorityId>,
}

impl NewAct<'_> {
    /// An act without anything beside.
    pub const fn plain(kind: ActKind) -> Self {
        Self { kind, step: None, conclusion: None, note: None, body: None }
    }
}

/// Notes that the actor of `work` did something in `review`, on its edition.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] where that edition is gone.
pub async fn note(work: &mut UnitOfWork, review: &Review, act: NewAct<'_>) -> Result<(), Error> {
    let text = editions::of_work(work, review.edition).await?.text;
    let text = text.ok_or_else(|| Error::corrupt("edition", "it was erased"))?;
    let now = Moment(work.now());
    let actor = work.actor().clone();
    let step = act.step.and_then(|step| i64::try_from(step).ok());
    let commitment = text.commitment();
    execute!(
        work.session(),
        "INSERT INTO review_act (review_id, number, round, at, actor_id, actor, kind, step, edition_id, commitment, \
         conclusion, basis, note, body_id) \
         VALUES ($1, (SELECT COALESCE(MAX(a.number), 0) + 1 FROM review_act a WHERE a.review_id = $1), \
                 $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        review.id.uuid(),
        i64::from(review.round),
        now,
        actor.id.uuid(),
        actor.name.as_str(),
        act.kind.as_str(),
        step,
        review.edition.uuid(),
        convert::bytes(&commitment),
        act.conclusion.map(|(conclusion, _)| conclusion.as_str()),
        act.conclusion.map(|(_, basis)| basis),
        act.note,
        act.body.map(AuthorityId::uuid),
    )?;
    Ok(())
}

type ActRow = (
    i64,
    Moment,
    Uuid,
    String,
    String,
    Option<i64>,
    Uuid,
    Vec<u8>,
    Option<String>,
    Option<String>,
    Option<String>,
    Option<Uuid>,
);

/// Everything that was done in `review`, in order.
///
/// # Errors
/// [`Error::Database`].
pub async fn acts(session: &mut Session, review: &Review) -> Result<Vec<Act>, Error> {
    let rows = fetch_all!(
        session,
        ActRow,
        "SELECT round, at, actor_id, actor, kind, step, edition_id, commitment, conclusion, basis, note, \
         body_id FROM review_act WHERE review_id = $1 ORDER BY number",
        review.id.uuid(),
    )?;
    rows.into_iter().map(read_act).collect()
}

fn read_act(row: ActRow) -> Result<Act, Error> {
    let (round, at, by, by_name, kind, step, edition, commitment, conclusion, basis, note, body) =
        row;
    let conclusion = conclusion.map(|word| {
        Conclusion::parse(&word).ok_or_else(|| Error::corrupt("review_act.conclusion", &word))
    });
    Ok(Act {
        round: convert::number("review_act.round", round)?,
        at: at.0,
        by: by.into(),
        by_name,
        kind: ActKind::parse(&kind).ok_or_else(|| Error::corrupt("review_act.kind", &kind))?,
        step: step
            .map(usize::try_from)
            .transpose()
            .map_err(|error| Error::corrupt("review_act.step", error))?,
        edition: edition.into(),
        commitment: convert::digest("review_act.commitment", &commitment)?,
        conclusion: conclusion.transpose()?,
        basis,
        note,
        body: body.map(Into::into),
    })
}

/// Who wrote what is being reviewed: everybody who saved an edition of `document` since the one
/// that the public saw last.
///
/// # Errors
/// [`Error::Database`].
pub async fn authors(work: &mut UnitOfWork, document: &Document) -> Result<Vec<ActorId>, Error> {
    let rows = fetch_all!(
        work.session(),
        (Uuid,),
        "SELECT DISTINCT e.created_by FROM edition e WHERE e.document_id = $1 \
         AND NOT EXISTS (SELECT 1 FROM publication o WHERE o.edition_id = e.id) \
         AND e.created_at >= COALESCE((SELECT l.created_at FROM publication p JOIN edition l ON l.id = p.edition_id \
                                       WHERE p.document_id = $1 AND p.number = $2), $3)",
        document.id.uuid(),
        i64::from(document.last_edition),
        Moment(jiff::Timestamp::UNIX_EPOCH),
    )?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}

/// A review with all that was done in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The review.
    pub review: Review,
    /// What was done, in order.
    pub acts: Vec<Act>,
    /// What is, or was, owed after the publication.
    pub debt: Option<Debt>,
    /// The bodies that were asked to co-sign in its last round.
    pub cosignatures: Vec<Cosignature>,
}

impl Record {
    /// The edition of the text that a reviewer signed last, in whichever round: what has to be
    /// looked at again is what differs from it.
    pub fn last_signed(&self) -> Option<EditionId> {
        let signs = |act: &&Act| matches!(act.kind, ActKind::Approved | ActKind::Secrecy);
        self.acts.iter().rfind(signs).map(|act| act.edition)
    }
}

/// The reviews of `document`, the newest first, at most `limit`; none for a `viewer` who may not
/// see its drafts.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_document(
    session: &mut Session,
    viewer: &Viewer,
    document: &Document,
    limit: u32,
) -> Result<Vec<Record>, Error> {
    let touched = documents::touched(session, document).await?;
    if !viewer.sees_drafts(&touched) {
        return Ok(Vec::new());
    }
    let rows = fetch_all!(
        session,
        Row,
        reviews!("WHERE document_id = $1 ORDER BY id DESC LIMIT $2"),
        document.id.uuid(),
        i64::from(limit),
    )?;
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        let review = row.into_review()?;
        let acts = acts(session, &review).await?;
        let debt = debts::of_review(session, review.id).await?;
        let cosignatures = cosigning::of_round(session, review.id, review.round).await?;
        records.push(Record { review, acts, debt, cosignatures });
    }
    Ok(records)
}

/// Empties what reviewers wrote about `document`: they may have repeated the text.
///
/// # Errors
/// [`Error::Database`].
pub(crate) async fn erase(work: &mut UnitOfWork, document: DocumentId) -> Result<(), Error> {
    execute!(
        work.session(),
        "UPDATE review_act SET note = NULL, basis = NULL \
         WHERE review_id IN (SELECT id FROM review WHERE document_id = $1)",
        document.uuid(),
    )?;
    Ok(())
}
