//! How sure a fact is that was taken from somebody else's rule.

use serde::{Deserialize, Serialize};

use crate::message::Bilingual;

/// Where a number was seen. A rule that nobody verified is still of use as a default, as long as
/// everybody who relies on it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Sureness {
    /// In the text itself, or a reprint of it.
    Text,
    /// In a press report, a data set, or another authority's notice that quotes it.
    SecondHand,
    /// From memory only.
    Unverified,
}

impl Sureness {
    /// Every degree, the surest first.
    pub const ALL: [Self; 3] = [Self::Text, Self::SecondHand, Self::Unverified];

    /// The word in files of data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::SecondHand => "secondHand",
            Self::Unverified => "unverified",
        }
    }

    /// What it is called to people.
    pub fn label(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Text => ("据原文", "from the text"),
            Self::SecondHand => ("据转述", "second-hand"),
            Self::Unverified => ("未核实", "unverified"),
        };
        Bilingual::new(zh, en)
    }
}
