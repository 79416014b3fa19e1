//! What is read off a text on its way to be live. Making it takes longer than writing it, so an
//! import does that before it opens a unit of work.

use schema::{content_type::ContentType, derived::Derived, likeness::Likeness, search::Entry};
use serde_json::{Map, Value};

/// What is read off the fields of a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Readings {
    /// What is kept beside it.
    pub(super) derived: Derived,
    /// What search keeps of it.
    pub(super) entry: Entry,
    /// By what nearly the same is found; nothing of a short text.
    pub(super) likeness: Option<Likeness>,
}

impl Readings {
    /// Of `fields`, which are cleaned.
    pub(super) fn of(content_type: &ContentType, fields: &Map<String, Value>) -> Self {
        let derived = Derived::of(content_type, fields);
        let likeness = Likeness::of(&derived.plain_text);
        Self { entry: Entry::of(content_type, fields, &derived), likeness, derived }
    }
}
