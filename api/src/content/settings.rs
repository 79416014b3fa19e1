//! What the content API is told beside its store.

use schema::search::Synonyms;

use super::{Limits, Shelf, http::Statuses};

/// Settings of the content API.
#[derive(Clone, Debug)]
pub struct ContentSettings {
    /// How much one request may ask for.
    pub limits: Limits,
    /// Words that mean the same to those who search.
    pub synonyms: Synonyms,
    /// Which HTTP statuses say what became of a question.
    pub statuses: Statuses,
    /// What documents say, kept at hand while it is right.
    pub shelf: Option<Shelf>,
}

impl Default for ContentSettings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            synonyms: Synonyms::embedded(),
            statuses: Statuses::default(),
            shelf: None,
        }
    }
}

/// Other limits, and nothing else.
impl From<Limits> for ContentSettings {
    fn from(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }
}
