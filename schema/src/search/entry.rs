//! What of a text is searched.

use serde_json::{Map, Value};

use super::{fold::Folder, phrase, question::reference_token, typed, words};
use crate::{
    content_type::{ContentType, Field, FieldKind},
    derived::Derived,
    rich_text,
};

/// Bytes of a folded text that are searched, some 160,000 Chinese characters: the longest list
/// of tokens that PostgreSQL takes for one text holds theirs, whatever they are.
pub const TEXT_BYTES: usize = 500_000;

/// Document numbers of one text that are suggested by their beginnings.
const NUMBERS: usize = 8;

/// What search keeps of one text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The folded title.
    pub title: String,
    /// The words of the title and the tokens of its document numbers, between single spaces.
    pub words: String,
    /// Everything folded, the title first, and the tokens of its document numbers.
    pub text: String,
    /// The tokens that suggestions are found by.
    pub suggested: Vec<String>,
}

impl Entry {
    /// What search keeps of `fields` and what was `derived` of them: title, summary and main
    /// text, and every field that is marked as searchable.
    pub fn of(content_type: &ContentType, fields: &Map<String, Value>, derived: &Derived) -> Self {
        let title = content_type.title_of(fields).unwrap_or_default();
        let mut folder = Folder::new(|_, _| {});
        folder.add(title);
        let mut references = Vec::new();
        let is_asked = |field: &Field| {
            let is_role = [content_type.summary.as_ref(), content_type.body.as_ref()]
                .contains(&Some(&field.name));
            let is_group = matches!(field.kind, FieldKind::Group { .. });
            (field.searchable || is_role || is_group) && field.name != content_type.title
        };
        for field in content_type.fields.iter().filter(|field| is_asked(field)) {
            match fields.get(field.name.as_str()) {
                Some(Value::String(_)) if is_rich_body(content_type, field) => {
                    folder.add(&derived.plain_text);
                }
                Some(value) => add(&mut folder, &mut references, &field.kind, value),
                None => {}
            }
        }
        let title = super::fold(title);
        let known = &references[..references.len().min(NUMBERS)];
        let mut entry = Self {
            words: words::within(&title),
            suggested: typed::tokens_of(&title, known),
            title,
            text: within_bounds(folder.finish()),
        };
        for token in references {
            for tokens in [&mut entry.words, &mut entry.text] {
                if tokens.is_empty() {
                    tokens.push(' ');
                }
                tokens.push_str(&token);
                tokens.push(' ');
            }
        }
        entry
    }

    /// Whether no more is searched of it.
    pub fn is_full(&self) -> bool {
        self.text.len() >= TEXT_BYTES
    }

    /// Adds the text of a file that belongs to it, behind all of its own and as far as there is
    /// room.
    pub fn attach(&mut self, text: &str) {
        let mut folder = Folder::new(|_, _| {});
        folder.add(text);
        self.text.push_str(&folder.finish());
        self.text = within_bounds(std::mem::take(&mut self.text));
    }

    /// Everything it is found by: the tokens of its text, in order, and those of suggestions.
    pub fn tokens(&self) -> impl Iterator<Item = &str> {
        phrase::tokens(&self.text).chain(self.suggested.iter().map(String::as_str))
    }

    /// The words of its title as tokens, in order, for an index that ranks by itself.
    pub fn word_tokens(&self) -> impl Iterator<Item = String> {
        words::tokens_of(&self.words)
    }
}

fn is_rich_body(content_type: &ContentType, field: &Field) -> bool {
    matches!(field.kind, FieldKind::RichText { .. })
        && content_type.body.as_ref() == Some(&field.name)
}

fn add<Note: FnMut(usize, std::ops::Range<usize>)>(
    folder: &mut Folder<Note>,
    references: &mut Vec<String>,
    kind: &FieldKind,
    value: &Value,
) {
    if folder.len() > TEXT_BYTES {
        return;
    }
    match (kind, value) {
        (FieldKind::Group { fields, .. }, Value::Array(items)) => {
            for item in items.iter().filter_map(Value::as_object) {
                add_fields(folder, references, fields, item);
            }
        }
        (_, Value::Array(values)) => {
            for value in values {
                add(folder, references, kind, value);
            }
        }
        (FieldKind::RichText { .. }, Value::String(html)) => {
            folder.add(&rich_text::derive(html).text);
        }
        (FieldKind::DocumentNumber, Value::String(number)) => {
            folder.add(number);
            references.push(reference_token(number));
        }
        (_, Value::String(text)) => folder.add(text),
        (FieldKind::Place, Value::Object(place)) => {
            for text in place.values().filter_map(Value::as_str) {
                folder.add(text);
            }
        }
        _ => {}
    }
}

fn add_fields<Note: FnMut(usize, std::ops::Range<usize>)>(
    folder: &mut Folder<Note>,
    references: &mut Vec<String>,
    fields: &[Field],
    item: &Map<String, Value>,
) {
    let is_asked =
        |field: &&Field| field.searchable || matches!(field.kind, FieldKind::Group { .. });
    for field in fields.iter().filter(is_asked) {
        if let Some(value) = item.get(field.name.as_str()) {
            add(folder, references, &field.kind, value);
        }
    }
}

/// The whole runs of `folded` within [`TEXT_BYTES`].
fn within_bounds(mut folded: String) -> String {
    if folded.len() > TEXT_BYTES {
        let mut end = TEXT_BYTES;
        while !folded.is_char_boundary(end) {
            end -= 1;
        }
        folded.truncate(end);
        folded.push(' ');
    }
    folded
}
