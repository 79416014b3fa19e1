//! A pattern in a mapping file, checked when the file is read.

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A regular expression (syntax of the crate `regex`), matched in time linear in the line.
#[derive(Clone, Debug)]
pub struct Pattern(Regex);

/// Bytes a compiled pattern may take, so that a mapping file cannot ask for gigabytes.
const LARGEST: usize = 1 << 20;

impl Pattern {
    /// A pattern from its text.
    ///
    /// # Errors
    /// When `text` is no regular expression, or a very large one.
    pub fn new(text: &str) -> Result<Self, regex::Error> {
        RegexBuilder::new(text).size_limit(LARGEST).build().map(Self)
    }

    pub(super) fn matches(&self, line: &str) -> bool {
        self.0.is_match(line)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl Eq for Pattern {}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text)
            .map_err(|error| D::Error::custom(format!("无法读取的模式 / not a pattern: {error}")))
    }
}
