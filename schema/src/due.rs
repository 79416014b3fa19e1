//! Due times: what is to be done at a moment, by whichever node is awake then.
//!
//! Nothing becomes visible, invisible or different by the clock alone: when a time is due, an
//! act is done, or refused, and either way it is known what came of it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    content_type::OldTexts,
    ids::EditionId,
    message::Bilingual,
    permission::Action,
    visibility::{Notice, Removal},
};

/// Later than this, what was due and is not done is told of.
pub const OVERDUE: SignedDuration = SignedDuration::from_mins(5);
/// How far ahead something can be scheduled: what is further off nobody will remember.
pub const FURTHEST: SignedDuration = SignedDuration::from_hours(3 * 366 * 24);
/// After each refusal that may mend itself, how many minutes until the next try; an hour and a
/// half in all, then somebody has to look after it.
const RETRIES: [i64; 6] = [1, 2, 5, 15, 30, 37];

/// What kind of thing is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DueKind {
    /// A draft is to be published.
    Publication,
    /// A document is to be withdrawn.
    Withdrawal,
    /// A document is to be taken away from readers.
    Removal,
    /// A release set is to be published.
    ReleaseSet,
    /// A body that was asked to co-sign counts as agreed.
    Cosignature,
}

impl DueKind {
    /// Every kind.
    pub const ALL: [Self; 5] =
        [Self::Publication, Self::Withdrawal, Self::Removal, Self::ReleaseSet, Self::Cosignature];

    /// The word kept in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Publication => "publication",
            Self::Withdrawal => "withdrawal",
            Self::Removal => "removal",
            Self::ReleaseSet => "releaseSet",
            Self::Cosignature => "cosignature",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What whoever schedules, moves or cancels it must be allowed to do.
    pub const fn needs(self) -> Action {
        match self {
            Self::Publication | Self::ReleaseSet => Action::Publish,
            Self::Cosignature => Action::Cosign,
            Self::Withdrawal | Self::Removal => Action::TakeBack,
        }
    }

    /// What it is called to people.
    pub fn label(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Publication => ("定时发布", "publication"),
            Self::Withdrawal => ("定时撤回", "withdrawal"),
            Self::Removal => ("定时移除", "removal"),
            Self::ReleaseSet => ("同步发布", "release set"),
            Self::Cosignature => ("会签期限", "time to co-sign"),
        };
        Bilingual::new(zh, en)
    }
}

/// How it stands with something that is, or was, due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DueState {
    /// It waits for its time, or for its next try.
    Waiting,
    /// It was due and was refused; nothing happens until somebody moves or cancels it.
    Refused,
    /// It was done.
    Fired,
    /// Somebody cancelled it.
    Cancelled,
    /// What it was about is no longer so: the draft was changed, or it was done by hand.
    Void,
}

impl DueState {
    /// Every state.
    pub const ALL: [Self; 5] =
        [Self::Waiting, Self::Refused, Self::Fired, Self::Cancelled, Self::Void];

    /// The word kept in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Refused => "refused",
            Self::Fired => "fired",
            Self::Cancelled => "cancelled",
            Self::Void => "void",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing follows any more.
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Fired | Self::Cancelled | Self::Void)
    }

    /// What it is called to people.
    pub fn label(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Waiting => ("待到时", "waiting"),
            Self::Refused => ("到时被拒", "refused"),
            Self::Fired => ("已执行", "done"),
            Self::Cancelled => ("已取消", "cancelled"),
            Self::Void => ("已失效", "void"),
        };
        Bilingual::new(zh, en)
    }
}

/// What is to be done, as it is kept beside the moment. A text is named by its edition, which
/// never changes; a digest would outlive an erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Order {
    /// Publish the draft, if it is still this edition.
    Publication {
        /// The draft as it was when this was scheduled.
        edition: EditionId,
        /// What becomes of the text it supersedes; without it what the type says.
        old_text: Option<OldTexts>,
    },
    /// Withdraw the document.
    Withdrawal {
        /// What the public is told.
        notice: Notice,
    },
    /// Take the document away from readers.
    Removal {
        /// How.
        removal: Removal,
        /// What the public is told.
        notice: Notice,
    },
    /// Publish the release set as it was put together.
    ReleaseSet,
    /// Note that the body did not answer, if it has not.
    Cosignature,
}

impl Order {
    /// What kind of thing it is.
    pub const fn kind(&self) -> DueKind {
        match self {
            Self::Publication { .. } => DueKind::Publication,
            Self::Withdrawal { .. } => DueKind::Withdrawal,
            Self::Removal { .. } => DueKind::Removal,
            Self::ReleaseSet => DueKind::ReleaseSet,
            Self::Cosignature => DueKind::Cosignature,
        }
    }
}

/// When something is tried again that was refused `tries` times, the last time at `now`, for a
/// reason that may mend itself; `None` when that was the last try.
pub fn next_try(now: Timestamp, tries: u32) -> Option<Timestamp> {
    let last = usize::try_from(tries).ok()?.checked_sub(1)?;
    let minutes = RETRIES.get(last)?;
    now.checked_add(SignedDuration::from_mins(*minutes)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_is_kept_reads_back() {
        for kind in DueKind::ALL {
            assert_eq!(DueKind::parse(kind.as_str()), Some(kind));
        }
        for state in DueState::ALL {
            assert_eq!(DueState::parse(state.as_str()), Some(state));
        }
        assert_eq!(DueKind::parse("recall"), None);
    }

    #[test]
    fn an_order_is_kept_with_its_kind_and_reads_back() {
        let order = Order::Withdrawal { notice: Notice::default() };
        let kept = serde_json::to_value(&order).expect("JSON");
        assert_eq!(kept["kind"], DueKind::Withdrawal.as_str());
        assert_eq!(serde_json::from_value::<Order>(kept).expect("an order"), order);
        let set = serde_json::to_value(Order::ReleaseSet).expect("JSON");
        assert_eq!(set["kind"], DueKind::ReleaseSet.as_str());
    }

    #[test]
    fn what_is_refused_is_tried_again_for_an_hour_and_a_half_and_then_left_to_people() {
        let mut now: Timestamp = "2026-03-02T01:00:00Z".parse().expect("a moment");
        let mut tries = 1;
        while let Some(next) = next_try(now, tries) {
            (now, tries) = (next, tries + 1);
        }
        assert_eq!((now.to_string().as_str(), tries), ("2026-03-02T02:30:00Z", 7));
        assert_eq!(next_try(now, 0), None);
    }
}
