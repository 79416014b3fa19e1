//! Reviews: what lies before the reviewers, who signed what, and what is owed afterwards.
//!
//! A review is one row and a list of acts that only grows. Its number, the register entry, and
//! its acts cannot be changed or deleted: the database refuses.

pub mod cases;
pub mod cosigning;
pub mod debts;
pub mod queue;

use jiff::Timestamp;
use schema::{
    digest::Digest,
    ids::{ActorId, AuthorityId, ContentId, DocumentId, EditionId, ReviewId},
    permission::Role,
    review::{ActKind, Chain, Conclusion, DebtKind, Signed, State, Track},
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Error, convert, moment::Moment};

/// One matter under review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Review {
    /// Its id.
    pub id: ReviewId,
    /// What is reviewed; a draft that was thrown away is no longer there.
    pub document: DocumentId,
    /// Its content.
    pub content: ContentId,
    /// Who owns it.
    pub authority: AuthorityId,
    /// Its entry in the register of the authority: without gaps within a year.
    pub register: Register,
    /// First submission.
    pub opened_at: Timestamp,
    /// Who submitted first.
    pub opened_by: ActorId,
    /// Counts the submissions, from 1.
    pub round: u32,
    /// By which track.
    pub track: Track,
    /// The steps, as they were at the last submission.
    pub chain: Chain,
    /// The edition that was submitted last.
    pub edition: EditionId,
    /// When.
    pub submitted_at: Timestamp,
    /// By whom.
    pub submitted_by: ActorId,
    /// Errors that checks found in it.
    pub errors: u32,
    /// Warnings that checks found in it.
    pub warnings: u32,
    /// How it stands.
    pub state: State,
    /// Whose turn it is.
    pub awaits: Option<Awaits>,
    /// Whether the secrecy review is still to be done.
    pub awaits_secrecy: bool,
    /// When the step whose turn it is will be late; `None` where no time is set, or the calendar
    /// does not know the year.
    pub due_at: Option<Timestamp>,
    /// When nothing followed any more.
    pub closed_at: Option<Timestamp>,
}

/// A number in the register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register {
    /// By the clock of Beijing.
    pub year: i16,
    /// From 1.
    pub number: u32,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaits {
    /// Somebody who has this role signs.
    Step(Role),
    /// Every step is taken: it is to be published.
    Publication,
}

impl Awaits {
    const PUBLICATION: &'static str = "publication";

    /// The word kept in the store: the role's, or `publication`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Step(role) => role.as_str(),
            Self::Publication => Self::PUBLICATION,
        }
    }

    pub(crate) fn parse(word: &str) -> Result<Self, Error> {
        match word {
            Self::PUBLICATION => Ok(Self::Publication),
            word => Role::parse(word)
                .map(Self::Step)
                .ok_or_else(|| Error::corrupt("review.awaits", word)),
        }
    }
}

/// Something that was done in a review.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// In which round.
    pub round: u32,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: ActorId,
    /// What people called them then.
    pub by_name: String,
    /// What.
    pub kind: ActKind,
    /// Which step of the round's chain.
    pub step: Option<usize>,
    /// On which edition.
    pub edition: EditionId,
    /// Commitment to its digest.
    pub commitment: Digest,
    /// What a secrecy review came to.
    pub conclusion: Option<Conclusion>,
    /// The legal basis of that.
    pub basis: Option<String>,
    /// The reason, or a remark.
    pub note: Option<String>,
    /// For which body it was done, or which was asked.
    pub body: Option<AuthorityId>,
}

impl Act {
    /// The same as a signature.
    pub const fn signed(&self) -> Signed {
        Signed { kind: self.kind, step: self.step, conclusion: self.conclusion, by: self.by }
    }
}

/// A confirmation that is owed after a publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debt {
    /// Of which review.
    pub review: ReviewId,
    /// Of which document.
    pub document: DocumentId,
    /// Why.
    pub kind: DebtKind,
    /// Who confirms: never who published.
    pub confirms: Role,
    /// The publication.
    pub owed_since: Timestamp,
    /// When it is late.
    pub due_at: Option<Timestamp>,
    /// Who published.
    pub published_by: ActorId,
    /// When it was confirmed.
    pub confirmed_at: Option<Timestamp>,
    /// By whom.
    pub confirmed_by: Option<ActorId>,
}

row! {
    struct Row {
        id: Uuid,
        document_id: Uuid,
        content_id: Uuid,
        authority_id: Uuid,
        year: i64,
        number: i64,
        opened_at: Moment,
        opened_by: Uuid,
        round: i64,
        track: String,
        chain: Json<Chain>,
        edition_id: Uuid,
        submitted_at: Moment,
        submitted_by: Uuid,
        errors: i64,
        warnings: i64,
        state: String,
        awaits: Option<String>,
        awaits_secrecy: bool,
        due_at: Option<Moment>,
        closed_at: Option<Moment>,
    }
}

impl Row {
    fn into_review(self) -> Result<Review, Error> {
        Ok(Review {
            id: self.id.into(),
            document: self.document_id.into(),
            content: self.content_id.into(),
            authority: self.authority_id.into(),
            register: Register {
                year: i16::try_from(self.year)
                    .map_err(|error| Error::corrupt("review.year", error))?,
                number: convert::number("review.number", self.number)?,
            },
            opened_at: self.opened_at.0,
            opened_by: self.opened_by.into(),
            round: convert::number("review.round", self.round)?,
            track: Track::parse(&self.track)
                .ok_or_else(|| Error::corrupt("review.track", &self.track))?,
            chain: self.chain.0,
            edition: self.edition_id.into(),
            submitted_at: self.submitted_at.0,
            submitted_by: self.submitted_by.into(),
            errors: convert::number("review.errors", self.errors)?,
            warnings: convert::number("review.warnings", self.warnings)?,
            state: State::parse(&self.state)
                .ok_or_else(|| Error::corrupt("review.state", &self.state))?,
            awaits: self.awaits.as_deref().map(Awaits::parse).transpose()?,
            awaits_secrecy: self.awaits_secrecy,
            due_at: self.due_at.map(|Moment(at)| at),
            closed_at: self.closed_at.map(|Moment(at)| at),
        })
    }
}
