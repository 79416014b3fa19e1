//! Takes the tables of a mapping file key by key, so that every mistake is found at once, with
//! its line; what nobody took is an unknown key.

use schema::message::Bilingual;
use serde_json::{Map, Value};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::MappingError;

/// Where the mistakes of one file are gathered.
pub(super) struct Mistakes<'t> {
    pub(super) file: &'t str,
    pub(super) text: &'t str,
    pub(super) found: Vec<MappingError>,
}

impl Mistakes<'_> {
    /// Notes that something is wrong at the byte offset `at`.
    pub(super) fn add(&mut self, at: usize, zh: impl Into<String>, en: impl Into<String>) {
        let before = &self.text.as_bytes()[..at.min(self.text.len())];
        self.found.push(MappingError {
            file: self.file.to_owned(),
            line: before.iter().filter(|byte| **byte == b'\n').count() + 1,
            reason: Bilingual::new(zh, en),
        });
    }
}

/// A value and the byte offset where its key stands.
pub(super) struct At<T> {
    pub(super) at: usize,
    pub(super) value: T,
}

/// A table of which the keys are taken one by one.
pub(super) struct Table<'t> {
    pub(super) at: usize,
    entries: Vec<(String, At<Spanned<DeValue<'t>>>)>,
}

impl<'t> Table<'t> {
    pub(super) fn of(at: usize, table: DeTable<'t>) -> Self {
        let mut entries: Vec<_> = table
            .into_iter()
            .map(|(key, value)| {
                let at = key.span().start;
                (key.into_inner().into_owned(), At { at, value })
            })
            .collect();
        entries.sort_by_key(|(_, value)| value.at);
        Self { at, entries }
    }

    /// An empty one, for a table that may be absent.
    pub(super) const fn empty() -> Self {
        Self { at: 0, entries: Vec::new() }
    }

    /// The names that are there.
    pub(super) fn names(&self) -> Vec<String> {
        self.entries.iter().map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn take(&mut self, key: &str) -> Option<At<Spanned<DeValue<'t>>>> {
        let index = self.entries.iter().position(|(name, _)| name == key)?;
        Some(self.entries.remove(index).1)
    }

    /// Takes a text.
    pub(super) fn text(&mut self, key: &str, mistakes: &mut Mistakes<'_>) -> Option<At<String>> {
        let At { at, value } = self.take(key)?;
        match value.into_inner() {
            DeValue::String(text) => Some(At { at, value: text.into_owned() }),
            _ => {
                mistakes.add(at, format!("{key} 应为文本"), format!("{key} must be a text"));
                None
            }
        }
    }

    /// Takes one text or a list of them.
    pub(super) fn texts(&mut self, key: &str, mistakes: &mut Mistakes<'_>) -> Vec<String> {
        let Some(At { at, value }) = self.take(key) else { return Vec::new() };
        let items = match value.into_inner() {
            DeValue::Array(items) => items.into_iter().map(Spanned::into_inner).collect(),
            single => vec![single],
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            match item {
                DeValue::String(text) if !text.is_empty() => texts.push(text.into_owned()),
                _ => mistakes.add(
                    at,
                    format!("{key} 应为文本，或由文本组成的列表"),
                    format!("{key} must be a text or a list of texts"),
                ),
            }
        }
        texts
    }

    /// Takes a table; an empty one where there is none.
    pub(super) fn table(&mut self, key: &str, mistakes: &mut Mistakes<'_>) -> Self {
        let Some(At { at, value }) = self.take(key) else { return Self::empty() };
        match value.into_inner() {
            DeValue::Table(table) => Self::of(at, table),
            _ => {
                mistakes.add(at, format!("{key} 应为表"), format!("{key} must be a table"));
                Self::empty()
            }
        }
    }

    /// Takes a value for a record.
    pub(super) fn json(&mut self, key: &str, mistakes: &mut Mistakes<'_>) -> Option<Value> {
        let At { at, value } = self.take(key)?;
        let value = json(value.into_inner());
        if value.is_none() {
            mistakes.add(
                at,
                format!("{key} 不能含有小数：请写成文本"),
                format!("{key} must hold no fraction: write it as a text"),
            );
        }
        value
    }

    /// Takes a table of values for a record.
    pub(super) fn values(
        &mut self,
        key: &str,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<At<Map<String, Value>>> {
        let at = self.entries.iter().find(|(name, _)| name == key)?.1.at;
        match self.json(key, mistakes)? {
            Value::Object(value) => Some(At { at, value }),
            _ => {
                mistakes.add(at, format!("{key} 应为表"), format!("{key} must be a table"));
                None
            }
        }
    }

    /// Notes every key that nobody took.
    pub(super) fn finish(self, known: &str, mistakes: &mut Mistakes<'_>) {
        for (name, At { at, .. }) in self.entries {
            mistakes.add(
                at,
                format!("不认识的键 {name}，此处可用：{known}"),
                format!("unknown key {name}; here may stand: {known}"),
            );
        }
    }
}

/// A TOML value as a record holds it; `None` for fractions.
fn json(value: DeValue<'_>) -> Option<Value> {
    Some(match value {
        DeValue::String(text) => Value::String(text.into_owned()),
        DeValue::Integer(number) => {
            i64::from_str_radix(number.as_str(), number.radix()).ok()?.into()
        }
        DeValue::Float(_) => return None,
        DeValue::Boolean(yes) => Value::Bool(yes),
        DeValue::Datetime(moment) => Value::String(moment.to_string()),
        DeValue::Array(items) => Value::Array(
            items.into_iter().map(|item| json(item.into_inner())).collect::<Option<_>>()?,
        ),
        DeValue::Table(table) => Value::Object(
            table
                .into_iter()
                .map(|(key, value)| {
                    Some((key.into_inner().into_owned(), json(value.into_inner())?))
                })
                .collect::<Option<_>>()?,
        ),
    })
}
