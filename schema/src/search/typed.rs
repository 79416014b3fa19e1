//! What a reader has typed so far, and the titles and document numbers it may become.
//!
//! | what is typed | becomes |
//! | --- | --- |
//! | Chinese | titles that hold it, anywhere |
//! | letters and digits | titles with a word that begins so |
//! | the beginning of a document number, in any spelling | documents of such a number |
//!
//! Each entry keeps tokens of its title apart from those of its text, and the beginnings of its
//! document numbers, under a mark that no text can hold: so they are found by the index that is
//! there already, and what only stands in a text is not.

use super::{
    QUESTION_CHARACTERS, REFERENCE_MARK,
    fold::is_dense,
    highlight::Highlighter,
    phrase::{self, Phrase},
    question::{BadQuestion, reference_token},
};

/// What stands before tokens of titles. Folding drops it, so no text can hold it.
const TITLE_MARK: char = '†';
/// Characters of a document number by which it begins to be found, and up to which.
const NUMBER_CHARACTERS: std::ops::RangeInclusive<usize> = 2..=40;
/// Letters of a word by which words that begin so are looked for in all titles; with fewer, the
/// word is taken as it is.
const WORD_BEGINNING: usize = 3;
/// Brackets that a year is typed in; which one is not distinguished.
const BRACKETS: [(&str, char); 2] = [("[(【〔［（{｛〖", '〔'), ("])】〕］）}｝〗", '〕')];

/// What was typed, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    phrase: Phrase,
    number: Option<String>,
}

impl Typed {
    /// Understands `text`.
    ///
    /// # Errors
    /// [`BadQuestion`], of which nothing typed so far is one.
    pub fn parse(text: &str) -> Result<Self, BadQuestion> {
        if text.chars().count() > QUESTION_CHARACTERS {
            return Err(BadQuestion::TooLong);
        }
        let phrase = Phrase::of(text).ok_or(BadQuestion::Empty)?;
        let bracketed = text.chars().map(|letter| {
            let pair = BRACKETS.into_iter().find(|(brackets, _)| brackets.contains(letter));
            pair.map_or(letter, |(_, bracket)| bracket)
        });
        let number = reference_token(&bracketed.collect::<String>());
        let length = number.chars().count() - 1;
        Ok(Self { phrase, number: NUMBER_CHARACTERS.contains(&length).then_some(number) })
    }

    /// What a folded title holds that this may become: it begins there and may go on.
    pub fn pattern(&self) -> &str {
        self.phrase.pattern().trim_end()
    }

    /// What a folded title that begins with it begins with.
    pub fn beginning(&self) -> String {
        format!(" {}", self.pattern().trim_start())
    }

    /// What stands among the words of an entry whose document number begins with it.
    pub fn number(&self) -> Option<&str> {
        self.number.as_deref()
    }

    /// The tokens of a title that may hold it, side by side, and whether the last of them is only
    /// the beginning of one.
    pub fn title_tokens(&self) -> (Vec<String>, bool) {
        let tokens = self.phrase.tokens();
        let is_beginning = self.phrase.is_start()
            || tokens.last().is_some_and(|last| {
                !last.starts_with(is_dense) && last.chars().count() >= WORD_BEGINNING
            });
        (title_tokens(&self.phrase), is_beginning)
    }

    /// The token of documents whose number begins with it.
    pub fn number_token(&self) -> Option<String> {
        self.number.as_deref().map(marked)
    }

    /// `text` as HTML to print as it is, with what was typed marked wherever it stands.
    pub fn highlighted(&self, text: &str) -> String {
        Highlighter::of(vec![self.pattern().to_owned()]).shown(text)
    }
}

/// Whether a document number as it is written begins with the number that `typed` has.
pub fn number_begins(typed: &Typed, number: &str) -> bool {
    typed.number().is_some_and(|typed| reference_token(number).starts_with(typed))
}

/// The tokens of `phrase` in the title of an entry, side by side in every title that holds it.
pub fn title_tokens(phrase: &Phrase) -> Vec<String> {
    phrase.tokens().into_iter().map(marked).collect()
}

/// The tokens that suggestions are found by: of a folded title, and of the tokens of document
/// numbers, each beginning.
pub(super) fn tokens_of(title: &str, references: &[String]) -> Vec<String> {
    let of_title = phrase::tokens(title).map(marked);
    let beginnings = references.iter().flat_map(|reference| {
        let ends = reference.char_indices().map(|(at, letter)| at + letter.len_utf8());
        // The mark of the number is the first letter.
        let ends = ends.skip(*NUMBER_CHARACTERS.start()).take(NUMBER_CHARACTERS.count());
        ends.map(|end| marked(&reference[..end])).collect::<Vec<_>>()
    });
    of_title.chain(beginnings).collect()
}

fn marked(token: &str) -> String {
    debug_assert!(token.starts_with(|it: char| it == REFERENCE_MARK || it.is_alphanumeric()));
    format!("{TITLE_MARK}{token}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::fold::fold, *};

    fn typed(text: &str) -> Typed {
        Typed::parse(text).expect("something typed")
    }

    #[test]
    fn what_is_typed_may_go_on() {
        for (text, pattern, tokens, is_beginning) in [
            ("公积金", "公积金", vec!["†公积", "†积金"], false),
            ("房", "房", vec!["†房"], true),
            ("國辦", "国办", vec!["†国办"], false),
            ("Noti", " noti", vec!["†noti"], true),
            ("5", " 5", vec!["†5"], false),
            ("加装 elev", "加装 elev", vec!["†加装", "†装", "†elev"], true),
        ] {
            let typed = typed(text);
            assert_eq!(typed.pattern(), pattern, "{text}");
            let (found, beginning) = typed.title_tokens();
            assert_eq!(
                (found, beginning),
                (tokens.into_iter().map(str::to_owned).collect(), is_beginning),
                "{text}"
            );
        }
        assert_eq!(Typed::parse("，。"), Err(BadQuestion::Empty));
        assert_eq!(Typed::parse(&"长".repeat(101)), Err(BadQuestion::TooLong));
    }

    #[test]
    fn a_document_number_is_known_by_its_beginning_in_any_spelling() {
        let full = "国办发〔2014〕57号";
        for text in
            ["国办", "國辦發", "国办发[20", "国办发（2014", "国办发(2014)5", "国办发〔2014〕57号"]
        {
            assert!(number_begins(&typed(text), full), "{text}");
            let tokens = tokens_of("", &[reference_token(full)]);
            assert!(
                tokens.contains(&typed(text).number_token().expect("a token")),
                "{text}: {tokens:?}"
            );
        }
        assert!(number_begins(&typed("国令第65"), "中华人民共和国国务院令第656号"));
        assert!(!number_begins(&typed("办发"), full));
        assert_eq!(typed("国").number_token(), None, "one character begins too much");
    }

    #[test]
    fn what_was_typed_is_marked_and_nothing_else_is_markup() {
        assert_eq!(typed("公积").highlighted("住房<公积金>"), "住房&lt;<mark>公积</mark>金&gt;");
        assert_eq!(typed("noti").highlighted("A Notice"), "A <mark>Noti</mark>ce");
        assert_eq!(typed("电梯").highlighted("a & b"), "a &amp; b");
    }

    proptest! {
        #[test]
        fn a_title_that_holds_what_is_typed_has_its_tokens(
            before in "[甲乙丙ab1 ，]{0,8}", text in "[甲乙丙ab1]{1,4}", behind in "[甲乙丙ab1 ，]{0,8}",
        ) {
            let folded = fold(&format!("{before}{text}{behind}"));
            let Ok(typed) = Typed::parse(&text) else { return Ok(()) };
            // Of a word only its beginning is asked for.
            if !folded.contains(typed.pattern()) {
                return Ok(());
            }
            let tokens = tokens_of(&folded, &[]);
            let (wanted, is_beginning) = typed.title_tokens();
            let (last, before) = wanted.split_last().expect("a token");
            prop_assert!(before.iter().all(|token| tokens.contains(token)), "{:?} {:?}", tokens, wanted);
            // Short words are found where they are whole.
            let is_word = !last.ends_with(is_dense);
            prop_assert!(
                tokens.contains(last) || tokens.iter().any(|token| is_beginning && token.starts_with(last)) || is_word,
                "{:?} {:?}", tokens, wanted
            );
        }
    }
}
