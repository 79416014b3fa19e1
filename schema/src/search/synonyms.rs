//! Synonyms as data: which words mean the same to readers.

use std::{collections::HashMap, sync::Arc};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::fold::fold;
use crate::message::Bilingual;

/// The list that comes with Gongbao.
const EMBEDDED: &str = include_str!("../../search/synonyms.toml");
/// Words of one group: each is one more thing to look for.
const GROUP_WORDS: usize = 8;
/// Characters of a word.
const WORD_CHARACTERS: usize = 30;

/// Groups of words that mean the same, by each of their words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Synonyms {
    groups: HashMap<Box<str>, Arc<[Box<str>]>>,
    longest: usize,
}

/// What is wrong with a file of synonyms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {reason}")]
pub struct BadSynonyms {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub reason: Bilingual,
}

impl Synonyms {
    /// The list that comes with Gongbao.
    ///
    /// # Panics
    /// Never: a test reads it.
    pub fn embedded() -> Self {
        Self::parse(EMBEDDED).unwrap_or_default()
    }

    /// Reads a file: `[[group]]` with `words`, a list of two to eight.
    ///
    /// # Errors
    /// The first mistake, with its line.
    pub fn parse(text: &str) -> Result<Self, BadSynonyms> {
        let reader = Reader { text };
        let table = DeTable::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            let message = error.message();
            reader.bad(
                at,
                format!("TOML 语法错误：{message}"),
                format!("not valid TOML: {message}"),
            )
        })?;
        let mut synonyms = Self::default();
        for (key, value) in table.into_inner() {
            let at = key.span().start;
            match (key.get_ref().as_ref(), value.into_inner()) {
                ("group", DeValue::Array(groups)) => {
                    for group in groups {
                        synonyms.add(reader.words(&group)?)?;
                    }
                }
                _ => {
                    return Err(reader.bad(
                        at,
                        "这里只能有 [[group]]",
                        "nothing but [[group]] stands here",
                    ));
                }
            }
        }
        Ok(synonyms)
    }

    fn add(&mut self, words: Vec<Word<'_>>) -> Result<(), BadSynonyms> {
        let group: Arc<[Box<str>]> = words.iter().map(|word| word.written.clone()).collect();
        for word in words {
            self.longest = self.longest.max(word.folded.chars().count());
            if self.groups.insert(word.folded.clone().into(), Arc::clone(&group)).is_some() {
                return Err(word.reader.bad(
                    word.at,
                    format!("“{}”出现了不止一次", word.written),
                    format!("{:?} stands there more than once", word.written),
                ));
            }
        }
        Ok(())
    }

    /// The words that mean the same as `folded`, itself among them; empty when there are none.
    pub(super) fn of(&self, folded: &str) -> &[Box<str>] {
        self.groups.get(folded).map_or(&[], |group| group)
    }

    /// The longest word with synonyms that `run` starts with.
    pub(super) fn at_start<'run>(&self, run: &'run str) -> Option<&'run str> {
        let ends = run.char_indices().map(|(at, letter)| at + letter.len_utf8());
        let ends: Vec<usize> = ends.take(self.longest).collect();
        ends.into_iter().rev().map(|end| &run[..end]).find(|word| self.groups.contains_key(*word))
    }
}

/// A word of the file.
struct Word<'text> {
    reader: Reader<'text>,
    at: usize,
    written: Box<str>,
    folded: String,
}

#[derive(Clone, Copy)]
struct Reader<'text> {
    text: &'text str,
}

impl<'text> Reader<'text> {
    fn bad(self, at: usize, zh: impl Into<String>, en: impl Into<String>) -> BadSynonyms {
        let before = &self.text.as_bytes()[..at.min(self.text.len())];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        BadSynonyms { line, reason: Bilingual::new(zh, en) }
    }

    fn words(self, group: &Spanned<DeValue<'_>>) -> Result<Vec<Word<'text>>, BadSynonyms> {
        let at = group.span().start;
        let malformed = || {
            self.bad(
                at,
                format!("每个 [[group]] 只有 words，为 2 至 {GROUP_WORDS} 个词"),
                format!("a [[group]] has words and nothing else, 2 to {GROUP_WORDS} of them"),
            )
        };
        let DeValue::Table(table) = group.get_ref() else { return Err(malformed()) };
        let mut words = Vec::new();
        for (key, value) in table {
            let ("words", DeValue::Array(list)) = (key.get_ref().as_ref(), value.get_ref()) else {
                return Err(malformed());
            };
            for word in list {
                words.push(self.word(word)?);
            }
        }
        if !(2..=GROUP_WORDS).contains(&words.len()) {
            return Err(malformed());
        }
        Ok(words)
    }

    fn word(self, word: &Spanned<DeValue<'_>>) -> Result<Word<'text>, BadSynonyms> {
        let at = word.span().start;
        let written = match word.get_ref() {
            DeValue::String(written) => written.as_ref(),
            _ => "",
        };
        let folded = fold(written);
        let folded = folded.trim();
        let length = folded.chars().count();
        if length == 0 || length > WORD_CHARACTERS || folded.contains(' ') {
            return Err(self.bad(
                at,
                format!("应为一个词，最多 {WORD_CHARACTERS} 个字，中间没有标点"),
                format!(
                    "a word is expected, at most {WORD_CHARACTERS} characters without punctuation"
                ),
            ));
        }
        Ok(Word { reader: self, at, written: written.into(), folded: folded.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_that_comes_with_the_program_is_right() {
        let synonyms = Synonyms::parse(EMBEDDED).expect("it is right");
        assert!(synonyms.of("市政府").iter().any(|word| &**word == "市人民政府"));
        assert_eq!(synonyms.at_start("市政府办公室"), Some("市政府"));
        assert_eq!(synonyms.at_start("办公室"), None);
        assert!(synonyms.of("办公室").is_empty());
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line) in [
            ("[[group]]\nwords = [\"甲\"]", 1),
            ("[[group]]\nwords = [\"甲\", \"乙\"]\n[[group]]\nwords = [\"丙\",\n\"甲\"]", 5),
            ("[[group]]\nwords = [\"甲\", 7]", 2),
            ("[[group]]\nwords = [\"甲\", \"乙，丙\"]", 2),
            ("[[group]]\nwords = [\"甲\", \"乙\"]\nweight = 2", 1),
            ("\nwords = []", 2),
            ("[[group]", 1),
        ] {
            let error = Synonyms::parse(text).expect_err(text);
            assert_eq!(error.line, line, "{text}: {error}");
            assert!(!error.reason.zh.is_empty() && !error.reason.en.is_empty());
        }
    }
}
