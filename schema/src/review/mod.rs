//! Reviews: what a text passes before it may become public, as data and as decisions.
//!
//! First review, then open; one matter, one review; who reviews answers for it (先审查后公开、
//! 一事一审、谁审查谁负责). A [`Chain`] says which steps there are and who takes them, [`Progress`]
//! what is still missing of one round, and [`may_sign`] who may take the next step. Nothing here
//! knows a store: what was signed is handed in.

mod chain;
mod cosigning;
mod progress;

use serde::{Deserialize, Serialize};

use crate::message::Bilingual;

pub use self::{
    chain::{Chain, Confirmation, Persons, Rule, Step, usual},
    cosigning::{Asked, CosignState, Cosigner, Silence, answers_for, bodies_of},
    progress::{Missing, Progress, Signed, Unfit, may_sign, progress},
};

/// By which track a text is reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Track {
    /// What editors write.
    Ordinary,
    /// An emergency: fewer steps, and a confirmation that is owed afterwards (应急).
    Emergency,
    /// What was taken over from another site (转载).
    Repost,
    /// What was public before and is imported.
    Import,
}

impl Track {
    /// Every track.
    pub const ALL: [Self; 4] = [Self::Ordinary, Self::Emergency, Self::Repost, Self::Import];

    /// The word kept in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Emergency => "emergency",
            Self::Repost => "repost",
            Self::Import => "import",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|track| track.as_str() == word)
    }

    /// What it is called to people.
    pub fn label(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Ordinary => ("普通", "ordinary"),
            Self::Emergency => ("应急", "emergency"),
            Self::Repost => ("转载", "repost"),
            Self::Import => ("导入", "import"),
        };
        Bilingual::new(zh, en)
    }
}

/// How a review stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// It lies before the reviewers.
    Submitted,
    /// A reviewer sent it back (退回).
    Returned,
    /// Its author took it back.
    TakenBack,
    /// The text was changed, so every signature is void.
    Edited,
    /// The text was published; nothing follows.
    Published,
    /// The draft was thrown away; nothing follows.
    Discarded,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Submitted,
        Self::Returned,
        Self::TakenBack,
        Self::Edited,
        Self::Published,
        Self::Discarded,
    ];

    /// The word kept in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Returned => "returned",
            Self::TakenBack => "takenBack",
            Self::Edited => "edited",
            Self::Published => "published",
            Self::Discarded => "discarded",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing follows.
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Published | Self::Discarded)
    }

    /// What it is called to people.
    pub fn label(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Submitted => ("审核中", "under review"),
            Self::Returned => ("已退回", "returned"),
            Self::TakenBack => ("已撤回送审", "taken back"),
            Self::Edited => ("已修改，须重新送审", "edited since"),
            Self::Published => ("已发布", "published"),
            Self::Discarded => ("已放弃", "discarded"),
        };
        Bilingual::new(zh, en)
    }
}

/// What was done in a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ActKind {
    /// Laid before the reviewers (送审).
    Submitted,
    /// A step was signed.
    Approved,
    /// A step was passed over, with the reason.
    Skipped,
    /// Sent back, with the reason.
    Returned,
    /// Taken back by its author.
    TakenBack,
    /// The secrecy review came to a conclusion.
    Secrecy,
    /// What checks call an error was let stand, with the reason.
    Waived,
    /// The text was changed under the review.
    Edited,
    /// Published as reviewed.
    Published,
    /// Published before the review was complete, with the reason.
    Forced,
    /// A confirmation that was owed was given.
    Confirmed,
    /// The draft was thrown away.
    Discarded,
    /// A body was asked to co-sign.
    CosignAsked,
    /// A body agreed.
    Cosigned,
    /// A body objected, with the reason.
    CosignObjected,
    /// A body took its objection back.
    CosignWithdrawn,
    /// A body did not answer in time, which counts as agreed; recorded by the hub.
    CosignSilent,
    /// The objection of a body was overruled, with the reason.
    CosignOverruled,
}

impl ActKind {
    /// Every kind.
    pub const ALL: [Self; 18] = [
        Self::Submitted,
        Self::Approved,
        Self::Skipped,
        Self::Returned,
        Self::TakenBack,
        Self::Secrecy,
        Self::Waived,
        Self::Edited,
        Self::Published,
        Self::Forced,
        Self::Confirmed,
        Self::Discarded,
        Self::CosignAsked,
        Self::Cosigned,
        Self::CosignObjected,
        Self::CosignWithdrawn,
        Self::CosignSilent,
        Self::CosignOverruled,
    ];

    /// The word kept in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Skipped => "skipped",
            Self::Returned => "returned",
            Self::TakenBack => "takenBack",
            Self::Secrecy => "secrecy",
            Self::Waived => "waived",
            Self::Edited => "edited",
            Self::Published => "published",
            Self::Forced => "forced",
            Self::Confirmed => "confirmed",
            Self::Discarded => "discarded",
            Self::CosignAsked => "cosignAsked",
            Self::Cosigned => "cosigned",
            Self::CosignObjected => "cosignObjected",
            Self::CosignWithdrawn => "cosignWithdrawn",
            Self::CosignSilent => "cosignSilent",
            Self::CosignOverruled => "cosignOverruled",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What it is called to people.
    pub fn label(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Submitted => ("送审", "submitted"),
            Self::Approved => ("审核通过", "approved"),
            Self::Skipped => ("跳过", "skipped"),
            Self::Returned => ("退回", "returned"),
            Self::TakenBack => ("撤回送审", "taken back"),
            Self::Secrecy => ("保密审查", "secrecy review"),
            Self::Waived => ("放行检查所见", "findings waived"),
            Self::Edited => ("修改", "edited"),
            Self::Published => ("发布", "published"),
            Self::Forced => ("强制发布", "published by force"),
            Self::Confirmed => ("事后确认", "confirmed afterwards"),
            Self::Discarded => ("放弃", "discarded"),
            Self::CosignAsked => ("请会签", "asked to co-sign"),
            Self::Cosigned => ("会签同意", "co-signed"),
            Self::CosignObjected => ("会签有异议", "objected"),
            Self::CosignWithdrawn => ("撤回异议", "objection withdrawn"),
            Self::CosignSilent => ("逾期视为同意", "silent, which counts as agreed"),
            Self::CosignOverruled => ("裁定异议", "objection overruled"),
        };
        Bilingual::new(zh, en)
    }
}

/// What a secrecy review came to (保密审查结论).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Conclusion {
    /// It may be opened (可以公开).
    Open,
    /// It may not (不予公开).
    Closed,
    /// Part of it may, after the rest was taken out (区分处理后公开; 政府信息公开条例 art. 37).
    InPart,
    /// The competent or the secrecy authority is to be asked (报请确定; 实施条例 art. 42).
    Referred,
}

impl Conclusion {
    /// Every conclusion.
    pub const ALL: [Self; 4] = [Self::Open, Self::Closed, Self::InPart, Self::Referred];

    /// The word kept in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::InPart => "inPart",
            Self::Referred => "referred",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|conclusion| conclusion.as_str() == word)
    }

    /// What it is called to people.
    pub fn label(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Open => ("可以公开", "may be opened"),
            Self::Closed => ("不予公开", "may not be opened"),
            Self::InPart => ("区分处理后公开", "may be opened in part"),
            Self::Referred => ("报请确定", "referred to the competent authority"),
        };
        Bilingual::new(zh, en)
    }
}

/// Why a confirmation is owed after a publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DebtKind {
    /// It came by the emergency track.
    Emergency,
    /// It was forced past steps that were missing.
    Forced,
}

impl DebtKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Emergency, Self::Forced];

    /// The word kept in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Emergency => "emergency",
            Self::Forced => "forced",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What it is called to people.
    pub fn label(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Emergency => ("应急发布", "emergency"),
            Self::Forced => ("强制发布", "published by force"),
        };
        Bilingual::new(zh, en)
    }
}
