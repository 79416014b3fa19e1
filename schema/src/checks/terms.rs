//! Words that should not be written, found all at once: one pass over a text, whatever the number
//! of words.

use std::{collections::HashMap, ops::Range};

use aho_corasick::{AhoCorasick, AhoCorasickKind, Input, MatchKind};

use super::{
    Check, Findings, Subject, SubjectText, Surroundings,
    dictionary::{Class, Dictionary, Term, fold},
};
use crate::message::Bilingual;

/// The words of all dictionaries, made ready once and shared.
pub struct Terms {
    automaton: AhoCorasick,
    /// The words that are written the same, by how, folded; the one that counts first.
    written: HashMap<String, Vec<u32>>,
    terms: Vec<Term>,
}

/// More words than a search can be made of: some hundreds of millions of characters.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("用语过多，无法建立检索：{0} / too many terms to search for: {0}")]
pub struct TooManyTerms(String);

impl Terms {
    /// The words that come with Gongbao.
    ///
    /// # Panics
    /// Never in a build whose tests pass: they are part of the program.
    pub fn embedded() -> Self {
        match Self::new(Dictionary::embedded()) {
            Ok(terms) => terms,
            Err(error) => panic!("the embedded terms cannot be searched for: {error}"),
        }
    }

    /// Makes the words of `dictionary` ready: a second for some hundred thousand of them.
    ///
    /// # Errors
    /// [`TooManyTerms`].
    pub fn new(dictionary: Dictionary) -> Result<Self, TooManyTerms> {
        let terms = dictionary.into_terms();
        let mut written: HashMap<String, Vec<u32>> = HashMap::with_capacity(terms.len());
        for (number, term) in (0_u32..).zip(&terms) {
            written.entry(fold(&term.written).iter().collect()).or_default().push(number);
        }
        for of_one in written.values_mut() {
            // A term for certain sites before one for all, then the later before the earlier.
            of_one.sort_by_key(|number| {
                (terms[*number as usize].sites.is_empty(), std::cmp::Reverse(*number))
            });
        }
        // Contiguous: a tenth of the memory of a DFA, and as quick on texts that seldom match.
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(written.keys())
            .map_err(|error| TooManyTerms(error.to_string()))?;
        Ok(Self { automaton, written, terms })
    }

    /// How many words it knows.
    pub fn len(&self) -> usize {
        self.terms.len()
    }

    /// Whether it knows no word.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Calls `found` with every word in `text`, folded, and its place in characters.
    fn search(
        &self,
        text: &[char],
        surroundings: &Surroundings,
        mut found: impl FnMut(&Term, Range<usize>),
    ) {
        let haystack: String = text.iter().collect();
        // As many characters stand before this byte.
        let (mut at, mut characters) = (0, 0);
        let mut from = 0;
        while let Some(hit) = self.automaton.find(Input::new(&haystack).range(from..)) {
            characters += haystack[at..hit.start()].chars().count();
            at = hit.start();
            match self.longest(&haystack[hit.range()], text, characters, surroundings) {
                Some((term, bytes, letters)) => {
                    found(term, characters..characters + letters);
                    from = at + bytes;
                }
                // A word that is right here can hide one that begins in it.
                None => from = at + haystack[at..].chars().next().map_or(1, char::len_utf8),
            }
        }
    }

    /// The longest word that `hit` begins with and that is wrong where it stands, with its length in
    /// bytes and in characters. The longest word of all may be right there, or not be meant for
    /// this site.
    fn longest(
        &self,
        hit: &str,
        text: &[char],
        start: usize,
        surroundings: &Surroundings,
    ) -> Option<(&Term, usize, usize)> {
        let mut letters = hit.chars().count();
        let ends = hit.char_indices().map(|(end, _)| end).skip(1).chain([hit.len()]);
        for end in ends.collect::<Vec<_>>().into_iter().rev() {
            let place = start..start + letters;
            let numbers = self.written.get(&hit[..end]).into_iter().flatten();
            let mut terms = numbers.map(|number| &self.terms[*number as usize]);
            let term = terms.find(|term| is_for(term, surroundings)).filter(|term| {
                term.severity.is_some() && is_word(text, &place) && !is_excepted(term, text, &place)
            });
            if let Some(term) = term {
                return Some((term, end, letters));
            }
            letters -= 1;
        }
        None
    }
}

fn is_for(term: &Term, surroundings: &Surroundings) -> bool {
    term.sites.is_empty() || term.sites.iter().any(|site| surroundings.sites.contains(site))
}

/// Whether what stands at `place` is no part of a longer word of letters and digits.
fn is_word(text: &[char], place: &Range<usize>) -> bool {
    let goes_on = |one: Option<&char>, other: Option<&char>| {
        one.zip(other).is_some_and(|(one, other)| {
            one.is_ascii_alphanumeric() && other.is_ascii_alphanumeric()
        })
    };
    let before = place.start.checked_sub(1).and_then(|before| text.get(before));
    !goes_on(before, text.get(place.start))
        && !goes_on(text.get(place.end.saturating_sub(1)), text.get(place.end))
}

/// Whether what stands at `place` is part of a wording in which the term is right.
fn is_excepted(term: &Term, text: &[char], place: &Range<usize>) -> bool {
    let found = &text[place.clone()];
    term.exceptions.iter().any(|exception| {
        exception.windows(found.len()).enumerate().any(|(offset, part)| {
            part == found
                && place.start.checked_sub(offset).is_some_and(|start| {
                    text.get(start..start + exception.len()) == Some(exception)
                })
        })
    })
}

impl Check for Terms {
    fn key(&self) -> &'static str {
        "terms"
    }

    fn look(
        &self,
        subject: &Subject<'_>,
        surroundings: &Surroundings,
        findings: &mut Findings<'_>,
    ) {
        for text in &subject.texts {
            if findings.is_full() {
                return;
            }
            self.search(text.folded(), surroundings, |term, place| {
                if !findings.is_full() {
                    tell(text, term, place, findings);
                }
            });
        }
    }
}

fn tell(text: &SubjectText<'_>, term: &Term, place: Range<usize>, findings: &mut Findings<'_>) {
    let Some(severity) = term.severity else { return };
    let written = text.at(place.clone());
    let (code, mut zh, mut en) = match term.class {
        Class::Wrong => ("wrong_term", format!("“{written}”有误"), format!("{written:?} is wrong")),
        Class::Sensitive => (
            "sensitive_term",
            format!("“{written}”为敏感用语，请核对"),
            format!("{written:?} is a sensitive wording: look at it"),
        ),
        Class::Leader => (
            "leader_term",
            format!("“{written}”：领导人姓名或职务有误，请核对"),
            format!("{written:?}: the name or post of a leader is wrong, look at it"),
        ),
        Class::Style => (
            "style_term",
            format!("“{written}”不够规范"),
            format!("{written:?} is not the preferred wording"),
        ),
    };
    if let Some(replacement) = &term.replacement {
        zh.push_str(&format!("，应写作“{replacement}”"));
        en.push_str(&format!("; write {replacement:?}"));
    }
    if let Some(note) = &term.note {
        zh.push_str(&format!("（{note}）"));
        en.push_str(&format!(" ({note})"));
    }
    let finding = text.finding(place, code, severity, Bilingual::new(zh, en));
    findings.push(finding.suggesting(term.replacement.as_deref().map(str::to_owned)));
}
