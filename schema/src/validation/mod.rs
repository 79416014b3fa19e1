//! Whether content fits its type, and its canonical form.
//!
//! Everything that authors, imports and other sites hand in passes [`check`]. What comes out is
//! canonical: one spelling per value, so that equal content has equal digests, and checking it
//! again changes nothing. All faults are found at once, each with its place.

mod compound;
mod files;
mod index;
mod number;
mod problem;
mod rich;
mod scalar;
mod text;
mod time;
mod tracks;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

pub use files::{NamedFile, named_files};
pub use index::{IndexValue, TEXT_KEY_BYTES, UniqueValue, index_values, key_for, unique_values};
pub use tracks::TRACK_KINDS;

use self::{problem::Problem, scalar::Purpose};
use crate::{
    content_type::{ContentType, Field, FieldKind, Many},
    digest::Digest,
    edition::Content,
    ids::ContentId,
    message::Fault,
    names::FieldName,
    suggest::nearest,
};

/// How deep JSON may be nested in what is handed in.
pub const MAX_DEPTH: usize = 32;

/// How many faults are reported; what is more broken than this is not a text with mistakes.
pub const MAX_FAULTS: usize = 100;

/// What the content is checked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Saving: unfinished content passes, wrong content does not.
    Draft,
    /// Publishing: what is required must be there, and long and many enough.
    Publication,
}

/// Content that fits its type, in canonical form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    /// Values by field, links excepted. No nulls, no empty texts or lists.
    pub fields: Map<String, Value>,
    /// Contents linked to, by link field, in the author's order and each once.
    pub links: BTreeMap<FieldName, Vec<ContentId>>,
    /// Every file named in file fields and shown in rich texts.
    pub files: BTreeSet<Digest>,
}

impl Checked {
    /// What a stored text says; it was checked before it was stored.
    pub fn of(content: &Content) -> Self {
        Self {
            fields: content.fields.clone(),
            links: content.links.clone(),
            files: content.files.clone(),
        }
    }

    /// Fields and links together again, as [`check`] takes them: the start of the next edit.
    pub fn to_input(&self, content_type: &ContentType) -> Map<String, Value> {
        let mut input = self.fields.clone();
        for (name, ids) in &self.links {
            let many = content_type.field(name.as_str()).is_some_and(|field| field.kind.is_list());
            let mut ids = ids.iter().map(|id| Value::String(id.to_string()));
            let value = if many { Some(ids.collect()) } else { ids.next() };
            if let Some(value) = value {
                input.insert(name.to_string(), value);
            }
        }
        input
    }
}

/// Checks `input` against its type and gives its canonical form.
///
/// # Errors
/// Everything that is wrong, in the order of the type's fields, at most [`MAX_FAULTS`] of it.
pub fn check(
    content_type: &ContentType,
    input: &Map<String, Value>,
    stage: Stage,
) -> Result<Checked, Vec<Fault>> {
    let mut checker =
        Checker { stage, faults: Vec::new(), links: BTreeMap::new(), files: BTreeSet::new() };
    if input.values().any(|value| is_deeper_than(value, MAX_DEPTH - 1)) {
        return Err(vec![Fault::new(
            "",
            "too_deep",
            format!("内容嵌套超过 {MAX_DEPTH} 层，请减少嵌套"),
            format!("the content is nested more than {MAX_DEPTH} deep: flatten it"),
        )]);
    }
    let fields = checker.fields(&content_type.fields, input, "");
    if checker.faults.is_empty() {
        Ok(Checked { fields, links: checker.links, files: checker.files })
    } else {
        Err(checker.faults)
    }
}

/// Whether `text` is a media type without parameters, in small letters: `application/pdf`.
pub(crate) fn is_media_type(text: &str) -> bool {
    let is_part = |part: &str| {
        (1..=100).contains(&part.len())
            && part.starts_with(|first: char| first.is_ascii_alphanumeric())
            && part.bytes().all(|byte| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"!#$&^_.+-".contains(&byte)
            })
    };
    text.split_once('/').is_some_and(|(kind, subtype)| is_part(kind) && is_part(subtype))
}

fn is_deeper_than(value: &Value, levels: usize) -> bool {
    let mut inner: Box<dyn Iterator<Item = &Value>> = match value {
        Value::Array(items) => Box::new(items.iter()),
        Value::Object(members) => Box::new(members.values()),
        _ => return false,
    };
    levels == 0 || inner.any(|value| is_deeper_than(value, levels - 1))
}

/// Gathers faults, links and files on the way through the fields.
struct Checker {
    stage: Stage,
    faults: Vec<Fault>,
    links: BTreeMap<FieldName, Vec<ContentId>>,
    files: BTreeSet<Digest>,
}

impl Checker {
    /// Notes a fault, unless there are enough.
    fn fault(&mut self, path: &str, problem: Problem) {
        if self.faults.len() < MAX_FAULTS {
            let Problem { code, message } = problem;
            self.faults.push(Fault { path: path.to_owned(), code, message });
        }
    }

    /// Notes the fault of `result` at `path`; `None` then.
    fn value_of<T>(&mut self, path: &str, result: Result<Option<T>, Problem>) -> Option<T> {
        result.unwrap_or_else(|problem| {
            self.fault(path, problem);
            None
        })
    }

    /// The fields of the content or of one item of a group; `prefix` ends with a dot or is empty.
    fn fields(
        &mut self,
        fields: &[Field],
        input: &Map<String, Value>,
        prefix: &str,
    ) -> Map<String, Value> {
        let mut checked = Map::new();
        for field in fields {
            let path = format!("{prefix}{}", field.name);
            let faults_before = self.faults.len();
            let given = input.get(field.name.as_str()).unwrap_or(&Value::Null);
            let present = if matches!(field.kind, FieldKind::Link { .. }) {
                self.link(field, given, &path)
            } else if let Some(value) = self.field(field, given, &path) {
                checked.insert(field.name.to_string(), value);
                true
            } else {
                false
            };
            let required = field.required && self.stage == Stage::Publication;
            if required && !present && self.faults.len() == faults_before {
                self.fault(&path, problem::required(field));
            }
        }
        for name in input.keys() {
            if self.faults.len() >= MAX_FAULTS {
                break;
            }
            if !fields.iter().any(|field| field.name.as_str() == name) {
                let near = nearest(name, fields.iter().map(|field| field.name.as_str()));
                let shown: String = name.chars().take(80).collect();
                self.fault(&format!("{prefix}{shown}"), problem::unknown_field(near));
            }
        }
        checked
    }

    fn field(&mut self, field: &Field, given: &Value, path: &str) -> Option<Value> {
        match &field.kind {
            FieldKind::Group { fields, items } => {
                self.list(given, *items, path, |checker, item, path| {
                    let Value::Object(members) = item else {
                        checker.fault(path, problem::wrong_kind("对象", "an object"));
                        return None;
                    };
                    let checked = checker.fields(fields, members, &format!("{path}."));
                    (!checked.is_empty()).then_some(Value::Object(checked))
                })
            }
            kind => match kind.many() {
                Some(many) => self
                    .list(given, many, path, |checker, item, path| checker.one(kind, item, path)),
                None => self.one(kind, given, path),
            },
        }
    }

    /// One value that is neither a list, a group nor a link.
    fn one(&mut self, kind: &FieldKind, given: &Value, path: &str) -> Option<Value> {
        match kind {
            FieldKind::RichText { max_length } => {
                let html = self.value_of(path, rich::html(given, *max_length as usize))?;
                rich::shown_files(&html, &mut self.files);
                Some(Value::String(html))
            }
            FieldKind::Json { max_length } => {
                self.value_of(path, rich::json(given, *max_length as usize))
            }
            FieldKind::Place => self.place(given, path),
            FieldKind::File { media, .. } => self.file(media, given, path),
            _ => {
                let purpose = Purpose::of(self.stage);
                self.value_of(path, scalar::canonical(kind, given, purpose))
            }
        }
    }

    /// A list; empty entries are dropped, one bare value counts as a list of one.
    fn list(
        &mut self,
        given: &Value,
        many: Many,
        path: &str,
        one: impl Fn(&mut Self, &Value, &str) -> Option<Value>,
    ) -> Option<Value> {
        let items = match given {
            Value::Null => return None,
            Value::Array(items) => items.as_slice(),
            single => std::slice::from_ref(single),
        };
        let blank = |item: &&Value| {
            item.is_null() || item.as_str().is_some_and(|text| text.trim().is_empty())
        };
        let filled = items.iter().filter(|item| !blank(item)).count();
        if filled > many.max_items as usize {
            self.fault(path, problem::too_many(filled, many.max_items));
            return None;
        }
        let faults_before = self.faults.len();
        let checked: Vec<Value> = items
            .iter()
            .enumerate()
            .filter_map(|(at, item)| one(self, item, &format!("{path}[{at}]")))
            .collect();
        if checked.is_empty() {
            return None;
        }
        let too_few = checked.len() < many.min_items as usize;
        if too_few && self.stage == Stage::Publication && self.faults.len() == faults_before {
            self.fault(path, problem::too_few(checked.len(), many.min_items));
        }
        Some(Value::Array(checked))
    }

    /// Notes the contents that a link field names; whether there are any.
    fn link(&mut self, field: &Field, given: &Value, path: &str) -> bool {
        let FieldKind::Link { many, .. } = &field.kind else {
            return false;
        };
        let canonical =
            |given: &Value| scalar::content_id(given).map(|id| id.map(|id| id.to_string().into()));
        let values = match many {
            Some(many) => self.list(given, *many, path, |checker, item, path| {
                checker.value_of(path, canonical(item))
            }),
            None => self.value_of(path, canonical(given)),
        };
        let values = match values {
            Some(Value::Array(values)) => values,
            single => single.into_iter().collect(),
        };
        let mut ids: Vec<ContentId> = Vec::with_capacity(values.len());
        for id in values.iter().filter_map(|value| value.as_str()?.parse().ok()) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let present = !ids.is_empty();
        if present {
            self.links.insert(field.name.clone(), ids);
        }
        present
    }
}

#[cfg(test)]
mod tests;
