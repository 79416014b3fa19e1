//! Reads TOML tables key by key and remembers every mistake with its line.
//!
//! A derived deserialiser stops at the first mistake and speaks English only. Whoever edits a
//! file of data should see all of them at once, in both languages; so each key is taken by hand,
//! and what nobody took is an unknown key.

use std::{fmt, ops::Range, str::FromStr};

use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

use crate::{message::Bilingual, suggest::nearest};

/// One mistake in a file of data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct FileMistake {
    /// The file's name as the caller gave it.
    pub file: String,
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub reason: Bilingual,
}

impl fmt::Display for FileMistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

/// Where mistakes of one file are gathered.
pub(crate) struct Mistakes<'t> {
    file: &'t str,
    text: &'t str,
    found: Vec<FileMistake>,
}

impl<'t> Mistakes<'t> {
    pub(crate) fn new(file: &'t str, text: &'t str) -> Self {
        Self { file, text, found: Vec::new() }
    }

    /// Notes that something is wrong at the byte offset `at`.
    pub(crate) fn add(&mut self, at: usize, zh: impl Into<String>, en: impl Into<String>) {
        let line = self.line(at);
        let reason = Bilingual::new(zh, en);
        self.found.push(FileMistake { file: self.file.to_owned(), line, reason });
    }

    /// The line of a byte offset, from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        let before = &self.text.as_bytes()[..at.min(self.text.len())];
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(crate) fn into_errors(self) -> Vec<FileMistake> {
        self.found
    }
}

/// A value and the byte offset where its key stands.
#[derive(Clone, Debug)]
pub(crate) struct At<T> {
    pub(crate) at: usize,
    pub(crate) value: T,
}

/// A table of which the keys are taken one by one.
pub(crate) struct Table<'t> {
    start: usize,
    entries: Vec<Entry<'t>>,
}

struct Entry<'t> {
    key: String,
    at: usize,
    value: DeValue<'t>,
}

impl<'t> Table<'t> {
    /// The whole of a file; `None` when it is not TOML.
    pub(crate) fn parse(text: &'t str, mistakes: &mut Mistakes<'_>) -> Option<Self> {
        match DeTable::parse(text) {
            Ok(table) => Some(Self::of(0, table.into_inner())),
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                let message = error.message();
                mistakes.add(
                    at,
                    format!("TOML 语法错误：{message}"),
                    format!("not valid TOML: {message}"),
                );
                None
            }
        }
    }

    fn of(start: usize, table: DeTable<'t>) -> Self {
        let mut entries: Vec<Entry<'t>> = table
            .into_iter()
            .map(|(key, value)| {
                let at = key.span().start;
                Entry { key: key.into_inner().into_owned(), at, value: value.into_inner() }
            })
            .collect();
        entries.sort_by_key(|entry| entry.at);
        Self { start, entries }
    }

    /// Where the table stands, for what is missing in it.
    pub(crate) fn start(&self) -> usize {
        self.start
    }

    /// Whether `key` is there.
    pub(crate) fn holds(&self, key: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == key)
    }

    fn take(&mut self, key: &str) -> Option<At<DeValue<'t>>> {
        let index = self.entries.iter().position(|entry| entry.key == key)?;
        let entry = self.entries.remove(index);
        Some(At { at: entry.at, value: entry.value })
    }

    /// Takes a text.
    pub(crate) fn text(&mut self, key: &str, mistakes: &mut Mistakes<'_>) -> Option<At<String>> {
        let At { at, value } = self.take(key)?;
        match value {
            DeValue::String(text) => Some(At { at, value: text.into_owned() }),
            _ => wrong_kind(key, at, "文本（加引号）", "a text in quotes", mistakes),
        }
    }

    /// Takes a text and reads it as `T`.
    pub(crate) fn parsed<T>(&mut self, key: &str, mistakes: &mut Mistakes<'_>) -> Option<At<T>>
    where
        T: FromStr,
        T::Err: fmt::Display,
    {
        let At { at, value } = self.text(key, mistakes)?;
        parse_at(key, at, &value, mistakes).map(|value| At { at, value })
    }

    /// Takes a text that `read` makes something of.
    pub(crate) fn read<T>(
        &mut self,
        key: &str,
        mistakes: &mut Mistakes<'_>,
        read: impl FnOnce(&str) -> Result<T, Bilingual>,
    ) -> Option<At<T>> {
        let At { at, value } = self.text(key, mistakes)?;
        match read(&value) {
            Ok(value) => Some(At { at, value }),
            Err(Bilingual { zh, en }) => {
                mistakes.add(at, format!("{key}：{zh}"), format!("{key}: {en}"));
                None
            }
        }
    }

    /// Takes one of the words that `spelled` gives to `all`.
    pub(crate) fn word<T: Copy>(
        &mut self,
        key: &str,
        mistakes: &mut Mistakes<'_>,
        all: &[T],
        spelled: fn(T) -> &'static str,
    ) -> Option<At<T>> {
        self.read(key, mistakes, |text| {
            let found = all.iter().copied().find(|one| spelled(*one) == text);
            found.ok_or_else(|| {
                let words: Vec<&str> = all.iter().map(|one| spelled(*one)).collect();
                Bilingual::new(
                    format!("没有 {text:?}，可用：{}", words.join("、")),
                    format!("there is no {text:?}, but {}", words.join(", ")),
                )
            })
        })
    }

    /// Takes a list of days, `[2026-01-01, 2026-01-02]`; every one knows its own place.
    pub(crate) fn dates(
        &mut self,
        key: &str,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<At<Vec<At<Date>>>> {
        let At { at, value } = self.take(key)?;
        let DeValue::Array(items) = value else {
            let (zh, en) = ("日期列表 [2026-01-01, …]", "a list of days, [2026-01-01, …]");
            return wrong_kind(key, at, zh, en, mistakes);
        };
        let mut days = Vec::with_capacity(items.len());
        for item in items {
            let at = item.span().start;
            match date(item.get_ref()) {
                Some(value) => days.push(At { at, value }),
                None => mistakes.add(
                    at,
                    format!("{key} 中应为日期，不加引号：2026-01-01"),
                    format!("{key} holds days, without quotes: 2026-01-01"),
                ),
            }
        }
        Some(At { at, value: days })
    }

    /// Takes `true` or `false`.
    pub(crate) fn flag(&mut self, key: &str, mistakes: &mut Mistakes<'_>) -> Option<At<bool>> {
        let At { at, value } = self.take(key)?;
        match value {
            DeValue::Boolean(value) => Some(At { at, value }),
            _ => wrong_kind(key, at, "true 或 false", "true or false", mistakes),
        }
    }

    /// Takes a whole number within the range of `T`.
    pub(crate) fn number<T>(&mut self, key: &str, mistakes: &mut Mistakes<'_>) -> Option<At<T>>
    where
        T: TryFrom<i64>,
    {
        let At { at, value } = self.take(key)?;
        let number = match &value {
            DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix()).ok(),
            _ => None,
        };
        match number.and_then(|number| T::try_from(number).ok()) {
            Some(value) => Some(At { at, value }),
            None => wrong_kind(key, at, "范围内的整数", "a whole number within range", mistakes),
        }
    }

    /// Takes a text, a whole number or a date, as text.
    pub(crate) fn scalar(&mut self, key: &str, mistakes: &mut Mistakes<'_>) -> Option<At<String>> {
        let At { at, value } = self.take(key)?;
        let value = match value {
            DeValue::String(text) => text.into_owned(),
            DeValue::Integer(digits) if digits.radix() == 10 => digits.as_str().to_owned(),
            DeValue::Datetime(moment) => moment.to_string(),
            _ => {
                return wrong_kind(
                    key,
                    at,
                    "整数、日期或加引号的小数",
                    "a whole number, a date, or a decimal in quotes",
                    mistakes,
                );
            }
        };
        Some(At { at, value })
    }

    /// Takes a list of texts.
    pub(crate) fn texts(
        &mut self,
        key: &str,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<At<Vec<String>>> {
        let At { at, value } = self.take(key)?;
        let texts = match value {
            DeValue::Array(items) => items
                .into_iter()
                .map(|item| item.into_inner().as_str().map(str::to_owned))
                .collect::<Option<Vec<String>>>(),
            _ => None,
        };
        match texts {
            Some(value) => Some(At { at, value }),
            None => wrong_kind(key, at, "文本列表", "a list of texts", mistakes),
        }
    }

    /// Takes a table.
    pub(crate) fn table(&mut self, key: &str, mistakes: &mut Mistakes<'_>) -> Option<Table<'t>> {
        let At { at, value } = self.take(key)?;
        match value {
            DeValue::Table(table) => Some(Self::of(at, table)),
            _ => wrong_kind(key, at, "表 { … }", "a table { … }", mistakes),
        }
    }

    /// Takes a list of tables, `[[key]]` or `[{ … }, { … }]`.
    pub(crate) fn tables(
        &mut self,
        key: &str,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<At<Vec<Table<'t>>>> {
        let At { at, value } = self.take(key)?;
        let tables = match value {
            DeValue::Array(items) => items
                .into_iter()
                .map(|item| {
                    let Range { start, .. } = item.span();
                    match item.into_inner() {
                        DeValue::Table(table) => Some(Self::of(start, table)),
                        _ => None,
                    }
                })
                .collect::<Option<Vec<Self>>>(),
            _ => None,
        };
        match tables {
            Some(value) => Some(At { at, value }),
            None => wrong_kind(key, at, "表的列表", "a list of tables", mistakes),
        }
    }

    /// Takes `{ zh = "…", en = "…" }`, both not empty.
    pub(crate) fn bilingual(
        &mut self,
        key: &str,
        mistakes: &mut Mistakes<'_>,
    ) -> Option<At<Bilingual>> {
        let mut table = self.table(key, mistakes)?;
        let at = table.start();
        let zh = table.text("zh", mistakes);
        let en = table.text("en", mistakes);
        table.finish(&["zh", "en"], mistakes);
        match (zh, en) {
            (Some(zh), Some(en)) if !zh.value.trim().is_empty() && !en.value.trim().is_empty() => {
                Some(At { at, value: Bilingual::new(zh.value, en.value) })
            }
            _ => wrong_kind(
                key,
                at,
                "中英文两种文字 { zh = \"…\", en = \"…\" }",
                "given in both languages, { zh = \"…\", en = \"…\" }",
                mistakes,
            ),
        }
    }

    /// Takes the remaining keys with tables, for tables whose keys are names themselves.
    pub(crate) fn remaining_tables(mut self, mistakes: &mut Mistakes<'_>) -> Vec<(String, Self)> {
        let keys: Vec<String> = self.entries.iter().map(|entry| entry.key.clone()).collect();
        keys.into_iter()
            .filter_map(|key| self.table(&key, mistakes).map(|table| (key, table)))
            .collect()
    }

    /// Takes the remaining keys with texts, for tables whose keys are names themselves.
    pub(crate) fn remaining_texts(
        mut self,
        mistakes: &mut Mistakes<'_>,
    ) -> Vec<(String, At<String>)> {
        let keys: Vec<String> = self.entries.iter().map(|entry| entry.key.clone()).collect();
        keys.into_iter()
            .filter_map(|key| self.text(&key, mistakes).map(|text| (key, text)))
            .collect()
    }

    /// Where `key` stands, if it is still there; for mistakes that need a better word than
    /// "unknown".
    pub(crate) fn drop_misplaced(&mut self, key: &str) -> Option<usize> {
        self.take(key).map(|entry| entry.at)
    }

    /// Everything that was not taken is unknown; `known` is what could have been meant.
    pub(crate) fn finish(self, known: &[&str], mistakes: &mut Mistakes<'_>) {
        for entry in self.entries {
            let (zh, en) = match nearest(&entry.key, known.iter().copied()) {
                Some(name) => (format!("，是否想写 {name}？"), format!("; did you mean {name}?")),
                None => (
                    format!("，此处可用：{}", known.join("、")),
                    format!("; known here: {}", known.join(", ")),
                ),
            };
            let key = entry.key;
            mistakes.add(entry.at, format!("未知的键 {key}{zh}"), format!("unknown key {key}{en}"));
        }
    }
}

/// Reads `text` as `T`, noting what it says when it cannot.
pub(crate) fn parse_at<T>(
    key: &str,
    at: usize,
    text: &str,
    mistakes: &mut Mistakes<'_>,
) -> Option<T>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    match text.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            mistakes.add(
                at,
                format!("{key} 的值 {text:?} 不正确：{error}"),
                format!("{key}: {text:?} is not right: {error}"),
            );
            None
        }
    }
}

/// A day, if that is all the value says.
fn date(value: &DeValue<'_>) -> Option<Date> {
    let DeValue::Datetime(moment) = value else { return None };
    let (Some(date), None, None) = (moment.date, moment.time, moment.offset) else { return None };
    let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
    Date::new(i16::try_from(date.year).ok()?, month, day).ok()
}

fn wrong_kind<T>(
    key: &str,
    at: usize,
    zh: &str,
    en: &str,
    mistakes: &mut Mistakes<'_>,
) -> Option<T> {
    mistakes.add(at, format!("{key} 应为{zh}"), format!("{key} must be {en}"));
    None
}

/// A value that must be there.
pub(crate) fn required<'t, T>(
    table: &mut Table<'t>,
    key: &str,
    mistakes: &mut Mistakes<'_>,
    take: impl FnOnce(&mut Table<'t>, &str, &mut Mistakes<'_>) -> Option<At<T>>,
) -> Option<At<T>> {
    if !table.holds(key) {
        mistakes.add(table.start(), format!("缺少 {key}"), format!("{key} is missing"));
        return None;
    }
    take(table, key, mistakes)
}
