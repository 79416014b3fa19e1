//! Deliveries: the words for what is owed to whom, and the pure decisions about it.
//!
//! A target (投放对象) names what it wants with a [`Selector`] and how it wants it with a
//! [`Declaration`]. Every event of the log is turned by [`owed`](owed::owed) into the state
//! that the target should hold from then on: edition n, or absence. Update and delete are one
//! path, so an update that comes late can never revive what was taken back.

pub mod owed;
pub mod purge;
pub mod selector;
pub mod words;

use serde::{Deserialize, Serialize};

pub use owed::{Before, Owed};
pub use purge::{Purge, PurgeBy};
pub use selector::{ColumnOf, Selector};
pub use words::{Absence, Class, Declaration, DeliveryState, TargetState};

/// How much a target takes, and how fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Limits {
    /// Calls under way at once, 1 to 64. A recall may go beside them.
    pub concurrency: u32,
    /// Calls a minute, 1 to 60,000. Recalls are not held back.
    pub per_minute: u32,
    /// Characters of a title that it takes. A longer one is found fault with, and sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_characters: Option<u32>,
    /// Characters of a body, in plain text; likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_characters: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { concurrency: 4, per_minute: 600, title_characters: None, text_characters: None }
    }
}

/// What may be dialled for a target beyond public addresses over https; each is an
/// administrator's word.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reach {
    /// Address ranges, CIDR notation: `10.20.0.0/16`, `fd00::/8`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<String>,
    /// Plain http.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub http: bool,
    /// Ports beside 443 (and 80 where http is allowed).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<u16>,
}

/// How much of a text a target is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Form {
    /// Facts, digest and address; who wants the text fetches it.
    #[default]
    Facts,
    /// The text too.
    Full,
}

impl Form {
    /// The word kept in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Full => "full",
        }
    }
}

/// What an administrator says of a target. Kept as one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TargetParticulars {
    /// Which documents.
    #[serde(default)]
    pub selector: Selector,
    /// Every event, or the latest state.
    pub declaration: Declaration,
    /// How much of a text.
    #[serde(default)]
    pub form: Form,
    /// How much at once.
    #[serde(default)]
    pub limits: Limits,
    /// What may be dialled.
    #[serde(default)]
    pub reach: Reach,
    /// How it is told what to drop, where it is a cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purge: Option<Purge>,
}
