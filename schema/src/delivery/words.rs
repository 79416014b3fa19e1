//! The words of deliveries that are kept in the store and shown to programs.

use serde::{Deserialize, Serialize};

/// What of a document's history a target is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Declaration {
    /// Each event, in order; one that cannot be delivered holds up those behind it until it is
    /// parked.
    EveryEvent,
    /// Where the document stands now; a newer event takes the place of one that waits.
    LatestState,
}

/// Why a target must not show a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Absence {
    /// Removed, with an explanation.
    Gone,
    /// Something else took its place.
    Redirect,
    /// As if it had never been.
    Vanished,
    /// Taken back, for ever.
    Recalled,
    /// It is still public, but no longer among what this target selects.
    OutOfScope,
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeliveryState {
    /// It is owed.
    Pending,
    /// The target has it.
    Done,
    /// A later event took its place.
    Superseded,
    /// It waits for a person: tried for too long, blocked, or with an outcome nobody can tell.
    Parked,
    /// The target said it will not take this document.
    Refused,
}

/// Whether a target is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TargetState {
    /// It is.
    Enabled,
    /// Nothing is sent until it is resumed; what is owed to it is kept.
    Paused,
    /// It said that it is gone (410). Only recalls are still noted as owed.
    Disabled,
}

/// What came of one call, as far as the engine acts differently on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Class {
    /// The target has it, or had it or something newer already.
    Ok,
    /// It failed at the other end: 5xx, 408, 425.
    Transient,
    /// Too much at once: 429, or 503 with Retry-After.
    Throttled,
    /// Nobody was reached: no byte was sent.
    TargetDown,
    /// Bytes were sent and no answer was stored.
    Unknown,
    /// The target does not know us: 401, 403.
    Auth,
    /// The target will not take it: any other 4xx, and redirects.
    Refused,
    /// The target is no more: 410.
    Gone,
    /// The address may not be dialled.
    Blocked,
}

macro_rules! words {
    ($($name:ident { $($variant:ident = $word:literal,)+ })+) => {$(
        impl $name {
            /// Every one, for checks that must not forget one.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word kept in the store.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// Reads the stored word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word)
            }
        }
    )+};
}

words! {
    Declaration { EveryEvent = "everyEvent", LatestState = "latestState", }
    Absence {
        Gone = "gone", Redirect = "redirect", Vanished = "vanished", Recalled = "recalled",
        OutOfScope = "outOfScope",
    }
    DeliveryState {
        Pending = "pending", Done = "done", Superseded = "superseded", Parked = "parked",
        Refused = "refused",
    }
    TargetState { Enabled = "enabled", Paused = "paused", Disabled = "disabled", }
    Class {
        Ok = "ok", Transient = "transient", Throttled = "throttled", TargetDown = "targetDown",
        Unknown = "unknown", Auth = "auth", Refused = "refused", Gone = "gone",
        Blocked = "blocked",
    }
}

impl Class {
    /// Whether it speaks against the target as a whole, not against one document.
    pub const fn counts_against_target(self) -> bool {
        matches!(self, Self::Transient | Self::TargetDown | Self::Unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stored_word_and_the_json_word_are_the_same() {
        fn same<T: Serialize + Copy>(all: &[T], word: fn(T) -> &'static str) {
            for one in all {
                assert_eq!(serde_json::to_value(one).expect("a word"), word(*one));
            }
        }
        same(Declaration::ALL, Declaration::as_str);
        same(Absence::ALL, Absence::as_str);
        same(DeliveryState::ALL, DeliveryState::as_str);
        same(TargetState::ALL, TargetState::as_str);
        same(Class::ALL, Class::as_str);
    }

    #[test]
    fn a_refusal_of_one_document_never_speaks_against_the_target() {
        for class in [Class::Refused, Class::Ok, Class::Throttled, Class::Auth, Class::Blocked] {
            assert!(!class.counts_against_target(), "{class:?}");
        }
    }
}
