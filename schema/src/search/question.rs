//! What a reader's words ask for.
//!
//! A question that is a document number asks for the document of that number, and for texts
//! that cite it, however the brackets were typed. Anything else is terms, all of which a text
//! must hold: `"…"`, `“…”`, `「…」` and `《…》` ask for what stands between them as it is; the rest
//! is cut into words, each with its synonyms.

use super::{
    REFERENCE_MARK, Synonyms,
    fold::{fold, is_dense, simplified},
    phrase::Phrase,
    words,
};
use crate::{document_number, message::Bilingual};

/// Characters of a question, at most.
pub const QUESTION_CHARACTERS: usize = 100;
/// Characters of a document number that are compared.
const REFERENCE_CHARACTERS: usize = 200;
/// Single characters that only join words.
const FUNCTION_WORDS: [char; 24] = [
    '的', '了', '和', '与', '及', '或', '在', '是', '等', '之', '对', '为', '以', '于', '把', '被',
    '而', '其', '由', '吗', '呢', '吧', '么', '啊',
];
/// Terms of a question, at most.
pub const QUESTION_TERMS: usize = 16;

/// A question, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    terms: Vec<Term>,
    reference: Option<String>,
}

/// One thing that a text must hold, in any of several words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    alternatives: Vec<Phrase>,
}

/// Why a question cannot be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadQuestion {
    /// There is no letter in it.
    Empty,
    /// It has more than [`QUESTION_CHARACTERS`].
    TooLong,
    /// It has more than [`QUESTION_TERMS`].
    TooManyTerms,
}

impl BadQuestion {
    /// What is wrong and what to do.
    pub fn message(self) -> Bilingual {
        match self {
            Self::Empty => Bilingual::new("请输入要搜索的词", "say what to search for"),
            Self::TooLong => Bilingual::new(
                format!("搜索词最多 {QUESTION_CHARACTERS} 个字"),
                format!("what to search for has at most {QUESTION_CHARACTERS} characters"),
            ),
            Self::TooManyTerms => Bilingual::new(
                format!("搜索词最多 {QUESTION_TERMS} 个，请减少一些"),
                format!("search for at most {QUESTION_TERMS} words at once"),
            ),
        }
    }
}

impl Question {
    /// Understands `text`.
    ///
    /// # Errors
    /// [`BadQuestion`].
    pub fn parse(text: &str, synonyms: &Synonyms) -> Result<Self, BadQuestion> {
        if text.chars().count() > QUESTION_CHARACTERS {
            return Err(BadQuestion::TooLong);
        }
        if let Some(reference) = reference(text)
            && let Some(phrase) = Phrase::of(&document_number::normalise(text))
        {
            let cited = Term { alternatives: vec![phrase] };
            return Ok(Self { terms: vec![cited], reference: Some(reference) });
        }
        let mut terms = Terms { synonyms, found: Vec::new(), lone: Vec::new() };
        for part in parts(text) {
            match part {
                Part::Quoted(text) => terms.exactly(text),
                Part::Free(text) => terms.freely(text),
            }
        }
        let terms = terms.into_terms();
        match terms.len() {
            0 => Err(BadQuestion::Empty),
            1..=QUESTION_TERMS => Ok(Self { terms, reference: None }),
            _ => Err(BadQuestion::TooManyTerms),
        }
    }

    /// What a text must hold, all of it.
    pub fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The token of the document number asked for; then a text that has it need not hold the
    /// terms.
    pub fn reference(&self) -> Option<&str> {
        self.reference.as_deref()
    }
}

impl Term {
    /// What a text may hold to hold the term: one of these.
    pub fn alternatives(&self) -> &[Phrase] {
        &self.alternatives
    }
}

/// The token of a document number.
pub(super) fn reference_token(number: &str) -> String {
    let key = document_number::lookup_key(&simplified(number));
    // Nothing that a database could take for the end of a token.
    let safe = key.chars().map(|it| if it.is_ascii_punctuation() { '·' } else { it });
    let safe = safe.filter(|it| !it.is_whitespace()).take(REFERENCE_CHARACTERS);
    std::iter::once(REFERENCE_MARK).chain(safe).collect()
}

/// The token of `text`, if it is a document number and nothing else: an issuer, then a year in
/// brackets or 令, then digits and 号.
fn reference(text: &str) -> Option<String> {
    let key = document_number::lookup_key(&simplified(text));
    let numbered = key.strip_suffix('号')?;
    let before = numbered.trim_end_matches(|it: char| it.is_ascii_digit());
    let issuer = before.strip_suffix('令').or_else(|| {
        let dated = before.strip_suffix('〕')?;
        let issuer = dated.trim_end_matches(|it: char| it.is_ascii_digit());
        (dated.len() - issuer.len() == 4).then_some(())?;
        issuer.strip_suffix('〔')
    })?;
    let is_number = before.len() < numbered.len() && !issuer.is_empty();
    is_number.then(|| reference_token(text))
}

enum Part<'text> {
    Quoted(&'text str),
    Free(&'text str),
}

/// A text in what stands in quotation marks and what does not. A mark without its other half is
/// as good as none.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(|it| closing(it).is_some()) {
        let mark = rest[open..].chars().next();
        let Some((mark, close)) = mark.and_then(|mark| Some((mark, closing(mark)?))) else { break };
        let inside = &rest[open + mark.len_utf8()..];
        parts.push(Part::Free(&rest[..open]));
        match inside.find(close) {
            Some(end) => {
                parts.push(Part::Quoted(&inside[..end]));
                rest = &inside[end + close.len_utf8()..];
            }
            None => rest = inside,
        }
    }
    parts.push(Part::Free(rest));
    parts
}

const fn closing(mark: char) -> Option<char> {
    match mark {
        '"' => Some('"'),
        '＂' => Some('＂'),
        '“' => Some('”'),
        '「' => Some('」'),
        '『' => Some('』'),
        '《' => Some('》'),
        _ => None,
    }
}

/// The terms of a question, as they are found.
struct Terms<'synonyms> {
    synonyms: &'synonyms Synonyms,
    found: Vec<Term>,
    /// Single characters beside words, such as 的; they count only where there is nothing else.
    lone: Vec<String>,
}

impl Terms<'_> {
    fn exactly(&mut self, text: &str) {
        self.add(Phrase::of(text).into_iter().collect());
    }

    fn freely(&mut self, text: &str) {
        let folded = fold(text);
        for run in folded.split(' ').filter(|run| !run.is_empty()) {
            match run.starts_with(is_dense) {
                true => self.cut(run),
                false => self.word(run),
            }
        }
    }

    /// Words with synonyms are taken as they are; what lies between is cut by the dictionary.
    fn cut(&mut self, run: &str) {
        let mut begun = 0;
        let mut at = 0;
        while let Some(letter) = run[at..].chars().next() {
            match self.synonyms.at_start(&run[at..]).map(str::len) {
                Some(length) => {
                    self.cut_words(&run[begun..at]);
                    self.word(&run[at..at + length]);
                    at += length;
                    begun = at;
                }
                None => at += letter.len_utf8(),
            }
        }
        self.cut_words(&run[begun..]);
    }

    /// A character that the dictionary leaves by itself belongs to the word before it (区块 链), or
    /// the one behind it (市 财政局); several together are a word it does not know, such as a name.
    fn cut_words(&mut self, run: &str) {
        let mut words: Vec<String> = Vec::new();
        let mut single = String::new();
        // A function word parts its neighbours.
        let mut is_parted = true;
        for word in words::cut(run).into_iter().chain([""]) {
            let is_single = !word.is_empty() && word.chars().nth(1).is_none();
            if is_single && !word.contains(FUNCTION_WORDS) {
                single.push_str(word);
                continue;
            }
            let known = !is_single && !word.is_empty();
            match (single.chars().count(), words.last_mut()) {
                (1, Some(before)) if !is_parted => before.push_str(&single),
                (1, _) if known => {
                    words.push(format!("{single}{word}"));
                    (single, is_parted) = (String::new(), false);
                    continue;
                }
                (1, _) => self.lone.push(single.clone()),
                (0, _) => {}
                _ => words.push(single.clone()),
            }
            single.clear();
            is_parted = !known;
            if known {
                words.push(word.to_owned());
            } else if is_single {
                self.lone.push(word.to_owned());
            }
        }
        for word in words {
            self.word(&word);
        }
    }

    fn word(&mut self, word: &str) {
        let same = self.synonyms.of(word);
        let words = same.iter().map(|word| &**word).filter(|other| fold(other).trim() != word);
        let words = std::iter::once(word).chain(words);
        self.add(words.filter_map(Phrase::of).collect());
    }

    fn add(&mut self, alternatives: Vec<Phrase>) {
        let term = Term { alternatives };
        if !term.alternatives.is_empty() && !self.found.contains(&term) {
            self.found.push(term);
        }
    }

    fn into_terms(mut self) -> Vec<Term> {
        if self.found.is_empty() {
            for character in std::mem::take(&mut self.lone) {
                self.add(Phrase::of(&character).into_iter().collect());
            }
        }
        self.found
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Result<Question, BadQuestion> {
        Question::parse(text, &Synonyms::embedded())
    }

    /// The terms of a question, alternatives divided by `|`.
    fn terms(text: &str) -> Vec<String> {
        let question = parse(text).expect(text);
        let patterns = |term: &Term| {
            let patterns: Vec<&str> =
                term.alternatives().iter().map(|it| it.pattern().trim()).collect();
            patterns.join("|")
        };
        question.terms().iter().map(patterns).collect()
    }

    #[test]
    fn words_are_cut_and_bring_their_synonyms() {
        assert_eq!(terms("市政府"), ["市政府|市人民政府"]);
        assert_eq!(terms("加装电梯 补贴"), ["加装", "电梯", "补贴"]);
        assert_eq!(terms("市政府的通知"), ["市政府|市人民政府", "通知"]);
        assert_eq!(terms("5G網絡"), ["5g", "网络"]);
        assert_eq!(terms("区块链"), ["区块链"]);
        assert_eq!(terms("区块链与市财政局"), ["区块链", "市财政局"]);
        assert_eq!(terms("房"), ["房"]);
        assert_eq!(terms("的"), ["的"]);
        assert_eq!(terms("elevator Elevator"), ["elevator"]);
    }

    #[test]
    fn what_is_quoted_is_taken_as_it_is() {
        assert_eq!(terms("“住房公积金管理”"), ["住房公积金管理"]);
        assert_eq!(terms("《城市绿化条例》"), ["城市绿化条例"]);
        assert_eq!(terms("\"no smoking\" 医院"), ["no smoking", "医院"]);
        assert_eq!(terms("\"市政府"), ["市政府|市人民政府"], "half a pair is none");
    }

    #[test]
    fn a_document_number_is_one_in_every_spelling() {
        let known = parse("国办发〔2014〕57号").expect("a question");
        assert!(known.reference().is_some());
        for spelling in [
            "国办发[2014]57号",
            "国办发（2014）57 号",
            "国办发【2014】第57号",
            "國辦發〔２０１４〕５７號",
            " 国办发 ( 2014 ) 057号 ",
        ] {
            let asked = parse(spelling).expect(spelling);
            assert_eq!(asked.reference(), known.reference(), "{spelling}");
        }
        let order = parse("国务院令第656号").expect("a question");
        assert_eq!(order.reference(), parse("国令第六百五十六号").expect("one").reference());
        for other in ["57号", "〔2014〕57号", "通知 57号文", "号", "令1号"] {
            assert_eq!(parse(other).expect(other).reference(), None, "{other}");
        }
    }

    #[test]
    fn a_question_has_bounds() {
        assert_eq!(parse(""), Err(BadQuestion::Empty));
        assert_eq!(parse(" ，\"\" "), Err(BadQuestion::Empty));
        assert_eq!(parse(&"字".repeat(QUESTION_CHARACTERS + 1)), Err(BadQuestion::TooLong));
        let many: Vec<String> = (0..=QUESTION_TERMS).map(|number| format!("a{number}")).collect();
        assert_eq!(parse(&many.join(" ")), Err(BadQuestion::TooManyTerms));
    }

    proptest! {
        #[test]
        fn any_words_are_a_question_or_refused(text in "\\PC{0,60}") {
            if let Ok(question) = parse(&text) {
                for term in question.terms() {
                    prop_assert!(!term.alternatives().is_empty());
                    for phrase in term.alternatives() {
                        prop_assert!(!phrase.tokens().is_empty());
                    }
                }
            }
        }
    }
}
