//! The dictionary: how Chinese without spaces is cut into words.

use std::sync::LazyLock;

use jieba_rs::Jieba;

use super::{REFERENCE_MARK, phrase::Phrase};

/// What stands before words of titles among the tokens. Folding drops it, so no text can hold it.
const WORD_MARK: char = '‡';

/// Loaded at the first use, which takes a fraction of a second; some 400,000 words.
static DICTIONARY: LazyLock<Jieba> = LazyLock::new(Jieba::new);

/// Every word of a folded text that a reader might look for, the longer ones with the words
/// within them, between single spaces.
pub(super) fn within(folded: &str) -> String {
    let mut words = String::new();
    for run in folded.split(' ').filter(|run| !run.is_empty()) {
        for token in DICTIONARY.cut_for_search(run, true) {
            words.push(' ');
            words.push_str(token.word);
        }
    }
    if !words.is_empty() {
        words.push(' ');
    }
    words
}

/// The tokens that tell a word in a title from an accident of two others: of the words of an entry.
pub(super) fn tokens_of(words: &str) -> impl Iterator<Item = String> {
    let words = words.split(' ').filter(|it| !it.is_empty() && !it.starts_with(REFERENCE_MARK));
    words.map(marked)
}

/// The tokens of `phrase` where it stands in a title as words of the dictionary, side by side.
pub fn word_tokens(phrase: &Phrase) -> Vec<String> {
    phrase.pattern().split(' ').filter(|run| !run.is_empty()).map(marked).collect()
}

fn marked(word: &str) -> String {
    format!("{WORD_MARK}{word}")
}

/// A run of a folded text, cut into its words.
pub(super) fn cut(run: &str) -> Vec<&str> {
    DICTIONARY.cut(run, true).into_iter().map(|token| token.word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_no_accident_of_two_others() {
        let words = within(" 江南京剧团 ");
        assert!(!words.contains(" 南京 "), "{words}");
        let words = within(" 市人民政府关于住房公积金的通知 ");
        for word in [" 人民 ", " 政府 ", " 住房 ", " 通知 "] {
            assert!(words.contains(word), "{word}: {words}");
        }
    }
}
