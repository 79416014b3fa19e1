//! What changed between two editions, as texts: per field, passage by passage, and inside a
//! passage by characters (Chinese) or words.
//!
//! Only what people read is compared: formatting, pictures and files that bear the same names
//! are no texts, and a field in which nothing else changed says so. The work is bounded: what is
//! too large is compared by passages, and says so too.

mod passages;
mod words;

use serde_json::{Map, Value};

use crate::{
    content_type::{Choice, ContentType, Field, FieldKind},
    edition::Content,
    names::{FieldName, Locale},
    rich_text,
};

pub use self::passages::Passage;

/// A field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDifference {
    /// The field.
    pub field: FieldName,
    /// Its passages, old and new, in order: paragraphs of a long text, values of a list. Empty
    /// when only the formatting differs.
    pub passages: Vec<Passage>,
    /// Whether every passage was compared inside; else some large ones were taken as replaced.
    pub is_exact: bool,
}

/// A piece of a passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// What became of it.
    pub kind: SegmentKind,
    /// Its text.
    pub text: String,
}

/// What became of a piece of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SegmentKind {
    /// It stands in both.
    Same,
    /// It stands in the older one alone.
    Removed,
    /// It stands in the newer one alone.
    Added,
}

impl FieldDifference {
    /// The passages as HTML that can be printed as it is: one paragraph each, the text escaped,
    /// `ins` and `del` around what was added and removed.
    pub fn html(&self) -> String {
        let mut html = String::new();
        for passage in &self.passages {
            html.push_str("<p>");
            for segment in &passage.segments {
                let (before, after) = match segment.kind {
                    SegmentKind::Same => ("", ""),
                    SegmentKind::Removed => ("<del>", "</del>"),
                    SegmentKind::Added => ("<ins>", "</ins>"),
                };
                html.push_str(before);
                rich_text::escape(&segment.text, &mut html);
                html.push_str(after);
            }
            html.push_str("</p>");
        }
        html
    }
}

/// The fields of `content_type` that differ between two texts of one document, in its order.
pub fn between(content_type: &ContentType, old: &Content, new: &Content) -> Vec<FieldDifference> {
    let mut effort = passages::Effort::default();
    let mut found = Vec::new();
    for field in &content_type.fields {
        let name = field.name.as_str();
        let (before, after) = (old.fields.get(name), new.fields.get(name));
        if before == after {
            continue;
        }
        let read = |value: Option<&Value>, locale| {
            value.map(|value| passages_of(field, value, locale)).unwrap_or_default()
        };
        let (before, after) = (read(before, &old.locale), read(after, &new.locale));
        let (passages, is_exact) = match before == after {
            true => (Vec::new(), true),
            false => passages::compare(&before, &after, &mut effort),
        };
        found.push(FieldDifference { field: field.name.clone(), passages, is_exact });
    }
    found
}

/// What people read of a value, passage by passage.
pub fn passages_of(field: &Field, value: &Value, locale: &Locale) -> Vec<String> {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    match (&field.kind, value) {
        (FieldKind::Group { fields, .. }, Value::Array(items)) => {
            let members = items.iter().filter_map(Value::as_object);
            members.flat_map(|item| passages_of_item(fields, item, locale)).collect()
        }
        (_, Value::Array(items)) => {
            items.iter().flat_map(|item| passages_of(field, item, locale)).collect()
        }
        (FieldKind::RichText { .. }, Value::String(html)) => lines(&rich_text::derive(html).text),
        (FieldKind::Choice { choices, .. }, Value::String(word)) => {
            vec![label(choices, word, locale)]
        }
        (FieldKind::Place, Value::Object(place)) => word_of(place, "address"),
        (FieldKind::File { .. }, Value::Object(file)) => word_of(file, "name"),
        (FieldKind::Boolean, Value::Bool(is_so)) => {
            let (no, yes) = if is_chinese(locale) { ("否", "是") } else { ("no", "yes") };
            vec![if *is_so { yes } else { no }.to_owned()]
        }
        (FieldKind::Json { .. }, _) => Vec::new(),
        (_, Value::String(text)) => lines(text),
        (_, Value::Number(number)) => vec![number.to_string()],
        _ => Vec::new(),
    }
}

fn passages_of_item(fields: &[Field], item: &Map<String, Value>, locale: &Locale) -> Vec<String> {
    let given = |field: &Field| Some(passages_of(field, item.get(field.name.as_str())?, locale));
    fields.iter().filter_map(given).flatten().collect()
}

fn word_of(object: &Map<String, Value>, member: &str) -> Vec<String> {
    object.get(member).and_then(Value::as_str).map(str::to_owned).into_iter().collect()
}

/// What people read of a choice; of one that is no longer offered, its word.
fn label(choices: &[Choice], word: &str, locale: &Locale) -> String {
    let choice = choices.iter().find(|choice| &*choice.value == word);
    choice.map_or_else(
        || word.to_owned(),
        |choice| match is_chinese(locale) {
            true => choice.label.zh.clone(),
            false => choice.label.en.clone(),
        },
    )
}

fn is_chinese(locale: &Locale) -> bool {
    locale.as_str().split('-').next() == Some("zh")
}

#[cfg(test)]
mod tests;
