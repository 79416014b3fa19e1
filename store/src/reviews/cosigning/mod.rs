//! Bodies that were asked to co-sign a text, and how it stands with each.

mod laid;
mod late;
mod waiting;

use jiff::Timestamp;
use schema::{
    ids::{ActorId, AuthorityId, CosignatureId, DocumentId, EditionId, ReviewId},
    message::Bilingual,
    names::AuthorityKey,
    permission::Role,
    review::{CosignState, Silence},
    tree::AuthorityParticulars,
};
use sqlx::types::Json;
use uuid::Uuid;

pub(crate) use laid::with_file;
pub use laid::{Laid, laid};
pub use late::{Late, late};
pub(super) use waiting::waiting;

use super::Review;
use crate::{Error, Session, UnitOfWork, convert, moment::Moment};

/// A body that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosignature {
    /// Its id.
    pub id: CosignatureId,
    /// In which review.
    pub review: ReviewId,
    /// Of which document.
    pub document: DocumentId,
    /// In which round.
    pub round: u32,
    /// The body.
    pub body: AuthorityId,
    /// What people call it by now.
    pub name: Bilingual,
    /// Its key.
    pub key: AuthorityKey,
    /// The text it was asked about.
    pub edition: EditionId,
    /// When.
    pub asked_at: Timestamp,
    /// By whom.
    pub asked_by: ActorId,
    /// Whether a rule names it; else somebody asked for it.
    pub by_rule: bool,
    /// What no answer in time means.
    pub silence: Silence,
    /// Who may overrule its objection.
    pub overruled_by: Option<Role>,
    /// When an answer is late.
    pub due_at: Option<Timestamp>,
    /// How it stands.
    pub state: CosignState,
    /// When it answered, or counted as having agreed.
    pub answered_at: Option<Timestamp>,
    /// By whom.
    pub answered_by: Option<ActorId>,
}

row! {
    struct Row {
        id: Uuid,
        review_id: Uuid,
        document_id: Uuid,
        round: i64,
        body_id: Uuid,
        particulars: Json<AuthorityParticulars>,
        key: String,
        edition_id: Uuid,
        asked_at: Moment,
        asked_by: Uuid,
        by_rule: bool,
        silence: String,
        overruled_by: Option<String>,
        due_at: Option<Moment>,
        state: String,
        answered_at: Option<Moment>,
        answered_by: Option<Uuid>,
    }
}

impl Row {
    fn into_cosignature(self) -> Result<Cosignature, Error> {
        let overruled_by = self.overruled_by.map(|word| {
            Role::parse(&word).ok_or_else(|| Error::corrupt("cosignature.overruled_by", &word))
        });
        Ok(Cosignature {
            id: self.id.into(),
            review: self.review_id.into(),
            document: self.document_id.into(),
            round: convert::number("cosignature.round", self.round)?,
            body: self.body_id.into(),
            name: self.particulars.0.name,
            key: convert::text("authority.key", &self.key)?,
            edition: self.edition_id.into(),
            asked_at: self.asked_at.0,
            asked_by: self.asked_by.into(),
            by_rule: self.by_rule,
            silence: Silence::parse(&self.silence)
                .ok_or_else(|| Error::corrupt("cosignature.silence", &self.silence))?,
            overruled_by: overruled_by.transpose()?,
            due_at: self.due_at.map(|Moment(at)| at),
            state: CosignState::parse(&self.state)
                .ok_or_else(|| Error::corrupt("cosignature.state", &self.state))?,
            answered_at: self.answered_at.map(|Moment(at)| at),
            answered_by: self.answered_by.map(Into::into),
        })
    }
}

macro_rules! cosignatures {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.review_id, c.document_id, c.round, c.body_id, a.particulars, a.key, c.edition_id, \
             c.asked_at, c.asked_by, c.by_rule, c.silence, c.overruled_by, c.due_at, c.state, c.answered_at, \
             c.answered_by FROM cosignature c JOIN authority a ON a.id = c.body_id ",
            $rest
        )
    };
}

/// Writes a body that was asked.
///
/// # Errors
/// [`Error::Database`]; a unique violation where it was asked in this round already.
pub async fn insert(work: &mut UnitOfWork, asked: &Cosignature) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO cosignature (id, review_id, document_id, round, body_id, edition_id, asked_at, asked_by, by_rule, \
         silence, overruled_by, due_at, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        asked.id.uuid(),
        asked.review.uuid(),
        asked.document.uuid(),
        i64::from(asked.round),
        asked.body.uuid(),
        asked.edition.uuid(),
        Moment(asked.asked_at),
        asked.asked_by.uuid(),
        asked.by_rule,
        asked.silence.as_str(),
        asked.overruled_by.map(Role::as_str),
        asked.due_at.map(Moment),
        asked.state.as_str(),
    )?;
    Ok(())
}

/// Writes how it stands with a body now, by the actor of `work`.
///
/// # Errors
/// [`Error::Database`].
pub async fn answer(
    work: &mut UnitOfWork,
    cosignature: &mut Cosignature,
    state: CosignState,
) -> Result<(), Error> {
    let is_answer = !matches!(state, CosignState::Asked | CosignState::Void);
    cosignature.state = state;
    cosignature.answered_at = is_answer.then(|| work.now());
    cosignature.answered_by = is_answer.then(|| work.actor().id);
    execute!(
        work.session(),
        "UPDATE cosignature SET state = $2, answered_at = $3, answered_by = $4 WHERE id = $1",
        cosignature.id.uuid(),
        state.as_str(),
        cosignature.answered_at.map(Moment),
        cosignature.answered_by.map(ActorId::uuid),
    )?;
    Ok(())
}

/// The bodies that were asked in `round` of a review, in the order in which they were. Whoever asks
/// has found out that the viewer may know of the review.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`].
pub async fn of_round(
    session: &mut Session,
    review: ReviewId,
    round: u32,
) -> Result<Vec<Cosignature>, Error> {
    fetch_all!(
        session,
        Row,
        cosignatures!("WHERE c.review_id = $1 AND c.round = $2 ORDER BY c.asked_at, a.key"),
        review.uuid(),
        i64::from(round),
    )?
    .into_iter()
    .map(Row::into_cosignature)
    .collect()
}

/// The body that was asked by this id, whoever may know of it.
///
/// # Errors
/// As [`of_round`].
pub async fn by_id(session: &mut Session, id: CosignatureId) -> Result<Option<Cosignature>, Error> {
    fetch_optional!(session, Row, cosignatures!("WHERE c.id = $1"), id.uuid())?
        .map(Row::into_cosignature)
        .transpose()
}

/// The bodies of `review` that still have to answer in its round.
///
/// # Errors
/// As [`of_round`].
pub async fn open_of(work: &mut UnitOfWork, review: &Review) -> Result<Vec<Cosignature>, Error> {
    let mut asked = of_round(work.session(), review.id, review.round).await?;
    asked.retain(|one| one.state == CosignState::Asked);
    Ok(asked)
}
