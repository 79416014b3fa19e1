//! What is read off the fields of a text once, when it is stored, and kept beside it.
//!
//! It takes longer than writing the text does, and needs nothing but the fields: an import
//! makes it before it opens a unit of work.

use serde_json::{Map, Value};

use crate::{content_type::ContentType, rich_text};

/// How many characters of the body stand in for a summary that nobody wrote.
const SUMMARY_CHARACTERS: usize = 120;

/// What is read off one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Derived {
    /// Its summary, or the beginning of its body.
    pub summary: String,
    /// The body in plain text.
    pub plain_text: String,
    /// The length of the body without white space, as 字数 is counted.
    pub characters: usize,
}

impl Derived {
    /// Reads it off `fields`, which are cleaned.
    pub fn of(content_type: &ContentType, fields: &Map<String, Value>) -> Self {
        let body = rich_text::derive(content_type.body_of(fields).unwrap_or_default());
        let summary = match content_type.summary_of(fields) {
            Some(summary) => summary.to_owned(),
            None => rich_text::excerpt(&body.text, SUMMARY_CHARACTERS),
        };
        Self { summary, plain_text: body.text, characters: body.characters }
    }
}
