//! What a check found: where, how grave, what to write instead.

use serde::Serialize;

use crate::message::Bilingual;

/// How many findings of one check a text can have; the others are not told.
pub const MOST_OF_ONE_CHECK: usize = 200;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Severity {
    /// Worth knowing; often it is right as it is.
    Notice,
    /// Probably a mistake: somebody should look at it.
    Warning,
    /// Must not be public like this.
    Error,
}

impl Severity {
    /// All of them, the lightest first.
    pub const ALL: [Self; 3] = [Self::Notice, Self::Warning, Self::Error];

    /// Its word in data and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// What it is called to people.
    pub fn label(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Notice => ("提示", "notice"),
            Self::Warning => ("警告", "warning"),
            Self::Error => ("错误", "error"),
        };
        Bilingual::new(zh, en)
    }
}

impl std::str::FromStr for Severity {
    type Err = NotASeverity;

    fn from_str(word: &str) -> Result<Self, NotASeverity> {
        Self::ALL.into_iter().find(|known| known.as_str() == word).ok_or(NotASeverity)
    }
}

/// The word is none of notice, warning, error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("应为 notice、warning 或 error / it is none of notice, warning, error")]
pub struct NotASeverity;

/// Something that a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Stable code in snake case, for programs: `wrong_term`, `identity_number`, `link_not_live`, …
    pub code: &'static str,
    /// How grave.
    pub severity: Severity,
    /// Where: `fields.body`, `fields.pictures[1].alt`, `source.name`; the empty text for the whole
    /// document.
    pub path: String,
    /// The first character concerned, counted from 0 in the plain text of the field.
    pub start: usize,
    /// The character after the last one; the same as `start` where something is missing.
    pub end: usize,
    /// What is concerned with a little of what stands around it, on one line; empty where something
    /// is missing.
    pub excerpt: String,
    /// What to write in the place of the characters concerned, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
    /// What is wrong and what to do.
    pub message: Bilingual,
}

impl Finding {
    /// A finding about a field, or the whole, and no characters of it.
    pub fn about(
        path: impl Into<String>,
        code: &'static str,
        severity: Severity,
        message: Bilingual,
    ) -> Self {
        let (start, end) = (0, 0);
        let (path, excerpt) = (path.into(), String::new());
        Self { code, severity, path, start, end, excerpt, suggestion: None, message }
    }

    /// The same with what to write instead.
    pub fn suggesting(self, suggestion: impl Into<Option<String>>) -> Self {
        Self { suggestion: suggestion.into(), ..self }
    }
}

/// Where a check puts what it finds, as far as there is room for it.
#[derive(Debug)]
pub struct Findings<'all> {
    all: &'all mut Vec<Finding>,
    full_at: usize,
}

impl<'all> Findings<'all> {
    /// Room for the findings of one check behind those that are there.
    pub fn of_one_check(all: &'all mut Vec<Finding>) -> Self {
        let full_at = all.len() + MOST_OF_ONE_CHECK;
        Self { all, full_at }
    }

    /// Whether nothing more is taken: the check may stop.
    pub fn is_full(&self) -> bool {
        self.all.len() >= self.full_at
    }

    /// Adds a finding where there is room.
    pub fn push(&mut self, finding: Finding) {
        if !self.is_full() {
            self.all.push(finding);
        }
    }
}
