//! Words as data: what should not be written, how grave that is, and what to write instead.
//!
//! A dictionary is a CSV file, which the offices that keep such lists open in a spreadsheet and which
//! is read a hundred thousand lines at a time. Its first line names its columns:
//!
//! | column | holds |
//! | --- | --- |
//! | `term` | what should not stand there; needed |
//! | `class` | `wrong`, `sensitive`, `leader` or `style`; needed |
//! | `severity` | `error`, `warning`, `notice`, or `off` to silence a term of another dictionary; else that of its class |
//! | `replacement` | what to write instead |
//! | `exceptions` | wordings that hold the term and are right, divided by a bar |
//! | `sites` | keys of the sites it is for, divided by a bar; else it is for all |
//! | `note` | why, for whoever meets the finding |
//!
//! Lines that begin with `#` are comments.

use std::{collections::HashSet, str::FromStr};

use super::{
    finding::Severity,
    fold::folded,
    list::{BadList, Line, Table},
};
use crate::names::SiteKey;

/// The dictionary that comes with Gongbao.
const EMBEDDED: &str = include_str!("../../checks/terms.csv");
/// Characters of a term, its replacement or an exception.
const CHARACTERS: usize = 100;
/// Characters of a note.
const NOTE_CHARACTERS: usize = 300;

const COLUMNS: [&str; 7] =
    ["term", "class", "severity", "replacement", "exceptions", "sites", "note"];

/// What kind of word it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Written wrongly, whatever the context (错误).
    Wrong,
    /// Can be wrong or out of place, and harms where it is (敏感).
    Sensitive,
    /// The name or the post of a leader (领导人姓名、职务), written wrongly or out of date.
    Leader,
    /// Not wrong, but there is a word to prefer (规范用语).
    Style,
}

/// A word that should not be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// As the dictionary writes it.
    pub written: Box<str>,
    /// What kind of word it is.
    pub class: Class,
    /// How grave it is to write it; `None` where it is not to be found at all.
    pub severity: Option<Severity>,
    /// What to write instead.
    pub replacement: Option<Box<str>>,
    /// Wordings that hold it and are right, folded.
    pub exceptions: Box<[Box<[char]>]>,
    /// The sites it is for; empty for all.
    pub sites: Box<[SiteKey]>,
    /// Why.
    pub note: Option<Box<str>>,
}

/// Words, in the order of precedence: of two that are written the same the later one counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dictionary {
    terms: Vec<Term>,
}

impl Dictionary {
    /// The dictionary that comes with Gongbao: wrong wordings that nobody disputes.
    ///
    /// # Panics
    /// Never: a test reads it.
    pub fn embedded() -> Self {
        Self::parse(EMBEDDED).unwrap_or_default()
    }

    /// Reads a dictionary.
    ///
    /// # Errors
    /// The first mistake, with its line.
    pub fn parse(text: &str) -> Result<Self, BadList> {
        let mut table = Table::new(text, &COLUMNS, &["term", "class"])?;
        let mut terms = Vec::new();
        let mut seen = HashSet::new();
        while let Some(line) = table.next()? {
            let term = term(&line)?;
            let (folded, sites) = (fold(&term.written), term.sites.clone());
            if !seen.insert((folded, sites)) {
                let written = &term.written;
                return Err(line.bad(
                    format!("“{written}”出现了不止一次"),
                    format!("{written:?} stands there more than once"),
                ));
            }
            terms.push(term);
        }
        Ok(Self { terms })
    }

    /// The same with the words of `other`, which count where both have one.
    pub fn with(mut self, other: Self) -> Self {
        self.terms.extend(other.terms);
        self
    }

    /// Its words.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    pub(super) fn into_terms(self) -> Vec<Term> {
        self.terms
    }
}

impl FromIterator<Term> for Dictionary {
    fn from_iter<Terms: IntoIterator<Item = Term>>(terms: Terms) -> Self {
        Self { terms: terms.into_iter().collect() }
    }
}

pub(super) fn fold(text: &str) -> Box<[char]> {
    text.chars().map(folded).collect()
}

fn term(line: &Line<'_>) -> Result<Term, BadList> {
    let written = line.text("term", CHARACTERS)?.unwrap_or_default();
    let class = match line.get("class") {
        "wrong" => Class::Wrong,
        "sensitive" => Class::Sensitive,
        "leader" => Class::Leader,
        "style" => Class::Style,
        _ => {
            return Err(line.bad(
                "class 应为 wrong、sensitive、leader 或 style",
                "class is wrong, sensitive, leader or style",
            ));
        }
    };
    let severity = match line.get("severity") {
        "" => Some(match class {
            Class::Wrong | Class::Leader => Severity::Error,
            Class::Sensitive => Severity::Warning,
            Class::Style => Severity::Notice,
        }),
        "off" => None,
        word => match Severity::from_str(word) {
            Ok(severity) => Some(severity),
            Err(_) => {
                return Err(line.bad(
                    "severity 应为 error、warning、notice 或 off",
                    "severity is error, warning, notice or off",
                ));
            }
        },
    };
    let folded_term = fold(&written);
    let mut exceptions = Vec::new();
    for exception in line.list("exceptions") {
        let folded = fold(exception);
        let holds = folded.len() > folded_term.len()
            && folded.windows(folded_term.len()).any(|part| *part == *folded_term);
        if !holds || folded.len() > CHARACTERS {
            return Err(line.bad(
                format!("例外“{exception}”应包含“{written}”，最多 {CHARACTERS} 个字"),
                format!("the exception {exception:?} is to hold {written:?}, and has at most {CHARACTERS} characters"),
            ));
        }
        exceptions.push(folded);
    }
    let replacement = line.text("replacement", CHARACTERS)?;
    if replacement.as_deref().is_some_and(|replacement| *fold(replacement) == *folded_term) {
        return Err(line.bad("replacement 与 term 相同", "the replacement is the term itself"));
    }
    Ok(Term {
        written,
        class,
        severity,
        replacement,
        exceptions: exceptions.into(),
        sites: line.sites()?,
        note: line.text("note", NOTE_CHARACTERS)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dictionary_that_comes_with_the_program_is_right() {
        let dictionary = Dictionary::parse(EMBEDDED).expect("it is right");

        assert!(dictionary.terms().len() > 100, "{}", dictionary.terms().len());
        for term in dictionary.terms() {
            assert!(term.sites.is_empty(), "{}", term.written);
            assert!(
                term.replacement.is_some() || term.note.is_some(),
                "{} helps nobody without a word of what to do",
                term.written
            );
            // Else what is suggested would be found again.
            let replaced = fold(term.replacement.as_deref().unwrap_or_default());
            for other in dictionary.terms() {
                let wrong = fold(&other.written);
                let holds = replaced.windows(wrong.len()).any(|part| *part == *wrong);
                assert!(!holds, "{} in the place of {}", other.written, term.written);
            }
        }
    }

    #[test]
    fn a_line_says_what_its_class_leaves_open() {
        let text = "\u{feff}term,class,severity,replacement,exceptions,sites\n\
                    # a comment\n\
                    按装,wrong,,安装,按装机｜按装载,\n\
                    \"旧称, 全名\",leader,off,,,lanqiao-finance|lanqiao\n\
                    其它,style,,,,\n暗语,sensitive,error,,,\n";

        let dictionary = Dictionary::parse(text).expect("it is right");

        let told: Vec<_> = dictionary
            .terms()
            .iter()
            .map(|term| (&*term.written, term.severity, term.exceptions.len(), term.sites.len()))
            .collect();
        assert_eq!(
            told,
            [
                ("按装", Some(Severity::Error), 2, 0),
                ("旧称, 全名", None, 0, 2),
                ("其它", Some(Severity::Notice), 0, 0),
                ("暗语", Some(Severity::Error), 0, 0),
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line, why) in [
            ("", 1, "missing"),
            ("term\n按装", 1, "class is missing"),
            ("term,class,word\n", 1, "no column \"word\""),
            ("term,class,term\n", 1, "more than once"),
            ("term,class\n按装,wrong\n\n# nothing\n按装,sensitive\n", 5, "more than once"),
            ("term,class\nWTO,wrong\nｗｔｏ,style\n", 3, "more than once"),
            ("term,class\n按装\n", 2, "1 columns in the place of 2"),
            ("term,class\n,wrong\n", 2, "term is 1 to 100"),
            ("term,class\n按装,false\n", 2, "class is"),
            ("term,class,severity\n按装,wrong,grave\n", 2, "severity is"),
            ("term,class,exceptions\n按装,wrong,安装\n", 2, "is to hold"),
            ("term,class,replacement\n按装,wrong,按装\n", 2, "the term itself"),
            ("term,class,sites\n按装,wrong,Not A Key\n", 2, "no key of a site"),
        ] {
            let error = Dictionary::parse(text).expect_err(text);
            assert_eq!(
                (error.line, error.reason.en.contains(why)),
                (line, true),
                "{text}: {error}"
            );
            assert!(!error.reason.zh.is_empty());
        }
    }
}
