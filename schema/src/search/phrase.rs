//! Tokens of folded texts, and phrases made of them.
//!
//! A run without spaces has one token for each of its letters: the letter with the one behind
//! it, the last by itself. So a phrase of tokens is an exact substring, it never reaches from
//! one run into the next by accident, and a single character is whatever tokens start with it.

use super::fold::{fold, is_dense};

/// The tokens of a folded text, in order.
pub fn tokens(folded: &str) -> impl Iterator<Item = &str> {
    folded.split(' ').filter(|run| !run.is_empty()).flat_map(|run| {
        let is_dense = run.starts_with(is_dense);
        let starts =
            run.char_indices().map(|(at, _)| at).take(if is_dense { usize::MAX } else { 1 });
        starts.map(move |at| match is_dense {
            true => {
                let rest = &run[at..];
                let end = rest.char_indices().nth(2).map_or(rest.len(), |(end, _)| end);
                &rest[..end]
            }
            false => run,
        })
    })
}

/// Something to be found as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Phrase {
    pattern: String,
    starts_only: bool,
}

impl Phrase {
    /// The phrase of `text`; `None` when it has no letter.
    pub fn of(text: &str) -> Option<Self> {
        let folded = fold(text);
        let mut pattern = folded.as_str();
        let mut runs = folded.split(' ').filter(|run| !run.is_empty());
        let first = runs.next()?;
        let last = runs.next_back().unwrap_or(first);
        // What is written without spaces may go on at either end.
        if first.starts_with(is_dense) {
            pattern = pattern.trim_start();
        }
        if last.starts_with(is_dense) {
            pattern = pattern.trim_end();
        }
        let starts_only = last.starts_with(is_dense) && last.chars().nth(1).is_none();
        Some(Self { pattern: pattern.to_owned(), starts_only })
    }

    /// What a folded text must hold, byte by byte, to hold the phrase.
    pub fn pattern(&self) -> &str {
        &self.pattern
    }

    /// Its tokens, in order, side by side in every text that holds it.
    pub fn tokens(&self) -> Vec<&str> {
        let mut tokens: Vec<&str> = tokens(&self.pattern).collect();
        let is_open = self.pattern.ends_with(is_dense);
        if is_open && !self.starts_only {
            // The last character by itself: in a text it goes on, or it does not.
            tokens.pop();
        }
        tokens
    }

    /// Whether the last token is a single character, with which tokens of texts only start.
    pub const fn is_start(&self) -> bool {
        self.starts_only
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(text: &str) -> Vec<String> {
        tokens(&fold(text)).map(str::to_owned).collect()
    }

    #[test]
    fn every_character_begins_a_token_and_every_word_is_one() {
        assert_eq!(cut("市人民政府"), ["市人", "人民", "民政", "政府", "府"]);
        assert_eq!(cut("5G网络，甲"), ["5g", "网络", "络", "甲"]);
        assert_eq!(cut("Notice No. 7"), ["notice", "no", "7"]);
        assert_eq!(cut("，"), [""; 0]);
    }

    #[test]
    fn a_phrase_goes_on_where_its_script_has_no_spaces() {
        let phrase = |text| Phrase::of(text).expect("a phrase");
        assert_eq!(phrase("政府").tokens(), ["政府"]);
        assert_eq!(phrase("人民政府").tokens(), ["人民", "民政", "政府"]);
        assert_eq!(phrase("57号").tokens(), ["57", "号"]);
        assert!(phrase("57号").is_start() && phrase("房").is_start());
        assert!(!phrase("政府").is_start() && !phrase("57").is_start());
        assert_eq!(phrase("57号").pattern(), " 57 号");
        assert_eq!(
            phrase("国办发〔2014〕57号").tokens(),
            ["国办", "办发", "发", "2014", "57", "号"]
        );
        assert_eq!(phrase("Notice 7").pattern(), " notice 7 ");
        assert_eq!(Phrase::of("。"), None);
    }

    /// Whether the tokens of the phrase stand side by side in the text, as a database looks.
    fn is_found(phrase: &Phrase, text: &str) -> bool {
        let folded = fold(text);
        let held: Vec<&str> = tokens(&folded).collect();
        let wanted = phrase.tokens();
        let (last, before) = wanted.split_last().expect("a token");
        held.windows(wanted.len()).any(|window| {
            let (end, start) = window.split_last().expect("a token");
            start == before && if phrase.is_start() { end.starts_with(last) } else { end == last }
        })
    }

    proptest! {
        #[test]
        fn tokens_side_by_side_are_an_exact_substring(
            text in "[甲乙丙a1 ，]{0,14}", words in "[甲乙丙a1 ，]{1,5}",
        ) {
            if let Some(phrase) = Phrase::of(&words) {
                prop_assert_eq!(is_found(&phrase, &text), fold(&text).contains(phrase.pattern()));
            }
        }
    }
}
