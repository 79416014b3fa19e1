//! A question in the words of either database.

use std::{borrow::Borrow, collections::BTreeSet};

use schema::search::{Phrase, Question, Term, Typed, title_tokens, word_tokens};

use crate::{Engine, statement::Statement};

/// Tokens as PostgreSQL keeps them: each once, without places.
pub(super) fn tsvector<'entry>(tokens: impl Iterator<Item = &'entry str>) -> String {
    let tokens: BTreeSet<&str> = tokens.collect();
    let mut text = String::with_capacity(tokens.iter().map(|token| token.len() + 3).sum());
    for token in tokens {
        push_lexeme(&mut text, token);
        text.push(' ');
    }
    text
}

/// `question` for FTS5: phrases of tokens, any of each term, all terms; or the document number.
pub(super) fn fts5(question: &Question) -> String {
    combined(
        question,
        " AND ",
        " OR ",
        |text, phrase| push_fts5(text, &phrase.tokens(), phrase),
        push_quoted,
    )
}

/// What finds the hits of each score, for FTS5, the best first: each finds what has that score and
/// no other, but for 2, which says nothing of the terms that a title does not hold. See
/// [`Hit`](super::Hit).
pub(super) fn fts5_by_score(question: &Question) -> Vec<(u8, String)> {
    let words =
        all_terms(question, |text, phrase| push_quoted(text, &word_tokens(phrase).join(" ")));
    let title = all_terms(question, |text, phrase| push_fts5(text, &title_tokens(phrase), phrase));
    let mut some = String::new();
    for (at, phrase) in question.terms().iter().flat_map(Term::alternatives).enumerate() {
        some.push_str(if at == 0 { "" } else { " OR " });
        push_fts5(&mut some, &title_tokens(phrase), phrase);
    }
    let text = all_terms(question, |text, phrase| push_fts5(text, &phrase.tokens(), phrase));
    // A title that has every term as words holds them, and one that holds them holds some.
    let mut scores = vec![(4, words.clone(), None), (3, title.clone(), Some(words))];
    if question.terms().len() > 1 {
        scores.push((2, some.clone(), Some(title)));
    }
    scores.push((1, text, Some(some)));
    let reference = question.reference().map(|reference| format!("\"{reference}\""));
    let without = |(score, found, better): (u8, String, Option<String>)| {
        let better = better.into_iter().chain(reference.clone());
        (score, better.fold(found, |found, better| format!("({found}) NOT ({better})")))
    };
    let by_reference = reference.iter().map(|reference| (5, reference.clone()));
    by_reference.chain(scores.into_iter().map(without)).collect()
}

/// `question` for PostgreSQL: texts that hold every token of what is asked. Where the tokens
/// must stand side by side, [`push_exact`] says so.
pub(super) fn tsquery(question: &Question) -> String {
    combined(
        question,
        " & ",
        " | ",
        |text, phrase| {
            let tokens = phrase.tokens();
            for (at, token) in tokens.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { " & " });
                push_lexeme(text, token);
            }
            text.push_str(if phrase.is_start() { ":*" } else { "" });
        },
        push_lexeme,
    )
}

/// Titles that may hold what was `typed`, and document numbers that begin with it, for FTS5.
pub(super) fn fts5_of_typed(typed: &Typed) -> String {
    let (tokens, is_beginning) = typed.title_tokens();
    let mut text = format!("\"{}\"{}", tokens.join(" "), if is_beginning { " *" } else { "" });
    if let Some(number) = typed.number_token() {
        text.push_str(" OR \"");
        text.push_str(&number);
        text.push('"');
    }
    text
}

/// The same for PostgreSQL, which does not look whether tokens stand side by side.
pub(super) fn tsquery_of_typed(typed: &Typed) -> String {
    let (tokens, is_beginning) = typed.title_tokens();
    let mut text = String::from("(");
    for (at, token) in tokens.iter().enumerate() {
        text.push_str(if at == 0 { "" } else { " & " });
        push_lexeme(&mut text, token);
    }
    text.push_str(if is_beginning { ":*)" } else { ")" });
    if let Some(number) = typed.number_token() {
        text.push_str(" | ");
        push_lexeme(&mut text, &number);
    }
    text
}

fn combined(
    question: &Question,
    and: &str,
    or: &str,
    push_phrase: impl Fn(&mut String, &Phrase),
    push_token: impl Fn(&mut String, &str),
) -> String {
    let mut text = String::new();
    if let Some(reference) = question.reference() {
        push_token(&mut text, reference);
        text.push_str(or);
    }
    text.push('(');
    push_terms(&mut text, question, and, or, push_phrase);
    text.push(')');
    text
}

fn push_terms(
    text: &mut String,
    question: &Question,
    and: &str,
    or: &str,
    push_phrase: impl Fn(&mut String, &Phrase),
) {
    for (at, term) in question.terms().iter().enumerate() {
        text.push_str(if at == 0 { "" } else { and });
        text.push('(');
        for (at, phrase) in term.alternatives().iter().enumerate() {
            text.push_str(if at == 0 { "" } else { or });
            text.push('(');
            push_phrase(text, phrase);
            text.push(')');
        }
        text.push(')');
    }
}

/// The terms alone for FTS5, without the document number.
fn all_terms(question: &Question, push_phrase: impl Fn(&mut String, &Phrase)) -> String {
    let mut text = String::new();
    push_terms(&mut text, question, " AND ", " OR ", push_phrase);
    text
}

/// Writes the tokens of `phrase` side by side for FTS5.
fn push_fts5(text: &mut String, tokens: &[impl Borrow<str>], phrase: &Phrase) {
    push_quoted(text, &tokens.join(" "));
    if phrase.is_start() {
        text.push_str(" *");
    }
}

fn push_quoted(text: &mut String, tokens: &str) {
    text.push('"');
    text.push_str(tokens);
    text.push('"');
}

fn push_lexeme(text: &mut String, token: &str) {
    text.push('\'');
    for letter in token.chars() {
        if matches!(letter, '\'' | '\\') {
            text.push(letter);
        }
        text.push(letter);
    }
    text.push('\'');
}

/// How a pattern is looked for in a column.
#[derive(Clone, Copy)]
pub(super) struct Holds {
    column: &'static str,
    /// Whether the pattern must stand there as a word of the dictionary.
    as_words: bool,
}

impl Holds {
    /// In the words of the entry `e`.
    pub(super) const WORDS: Self = Self { column: "e.words", as_words: true };
    /// In its title.
    pub(super) const TITLE: Self = Self { column: "e.title", as_words: false };
    /// In the folded text of the entry `n`, which PostgreSQL keeps.
    pub(super) const TEXT: Self = Self { column: "n.text", as_words: false };

    fn push(self, statement: &mut Statement, pattern: &str) {
        statement.push(match statement.engine() {
            Engine::Sqlite => "instr(",
            Engine::Postgres => "strpos(",
        });
        statement.push(self.column).push(", ");
        match self.as_words {
            true => statement.bind(&*format!(" {} ", pattern.trim())),
            false => statement.bind(pattern),
        };
        statement.push(") > 0");
    }

    /// Writes that the column holds the token of the document number asked for.
    pub(super) fn push_reference(self, statement: &mut Statement, reference: &str) {
        Self { as_words: true, ..self }.push(statement, reference);
    }

    /// Writes that the column holds every term of `question`.
    pub(super) fn push_terms(self, statement: &mut Statement, question: &Question) {
        for (at, term) in question.terms().iter().enumerate() {
            statement.push(if at == 0 { "(" } else { " AND (" });
            self.push_any(statement, term.alternatives());
            statement.push(")");
        }
    }

    /// Writes that the column holds a term of `question`.
    pub(super) fn push_some(self, statement: &mut Statement, question: &Question) {
        let terms = question.terms().iter();
        let phrases: Vec<Phrase> = terms.flat_map(|term| term.alternatives()).cloned().collect();
        self.push_any(statement, &phrases);
    }

    fn push_any(self, statement: &mut Statement, phrases: &[Phrase]) {
        for (at, phrase) in phrases.iter().enumerate() {
            statement.push(if at == 0 { "" } else { " OR " });
            self.push(statement, phrase.pattern());
        }
    }

    /// Writes that the column holds what [`tsquery`] leaves open: tokens side by side. Nothing
    /// where every phrase is one token.
    pub(super) fn push_exact(self, statement: &mut Statement, question: &Question) {
        let is_open = |phrase: &Phrase| phrase.tokens().len() > 1;
        let terms = question.terms().iter().map(|term| term.alternatives());
        let open: Vec<&[Phrase]> = terms.filter(|phrases| phrases.iter().any(is_open)).collect();
        if open.is_empty() {
            return;
        }
        statement.push(" AND (");
        if let Some(reference) = question.reference() {
            self.push_reference(statement, reference);
            statement.push(" OR ");
        }
        for (at, phrases) in open.into_iter().enumerate() {
            statement.push(if at == 0 { "(" } else { " AND (" });
            self.push_any(statement, phrases);
            statement.push(")");
        }
        statement.push(")");
    }
}

#[cfg(test)]
mod tests {
    use schema::search::{Synonyms, fold, tokens};

    use super::*;

    fn question(text: &str) -> Question {
        Question::parse(text, &Synonyms::embedded()).expect("a question")
    }

    #[test]
    fn a_question_is_put_in_the_words_of_either_database() {
        let asked = question("市政府 5G");
        assert_eq!(fts5(&asked), "(((\"市政 政府\") OR (\"市人 人民 民政 政府\")) AND ((\"5g\")))");
        assert_eq!(
            tsquery(&asked),
            "((('市政' & '政府') | ('市人' & '人民' & '民政' & '政府')) & (('5g')))"
        );
        assert_eq!(fts5(&question("房")), "(((\"房\" *)))");
        assert_eq!(tsquery(&question("房")), "((('房':*)))");
        assert_eq!(fts5(&question("房")), "(((\"房\" *)))");
        let numbered = question("国办发〔2014〕57号");
        assert!(
            fts5(&numbered).starts_with("\"№国办发〔2014〕57号\" OR ((("),
            "{}",
            fts5(&numbered)
        );
    }

    #[test]
    fn each_score_is_a_question_of_its_own() {
        let asked = question("消防 检查");
        let (words, title) = ("((\"‡消防\")) AND ((\"‡检查\"))", "((\"†消防\")) AND ((\"†检查\"))");
        assert_eq!(
            fts5_by_score(&asked),
            [
                (4, words.to_owned()),
                (3, format!("({title}) NOT ({words})")),
                (2, format!("(\"†消防\" OR \"†检查\") NOT ({title})")),
                (1, format!("({}) NOT (\"†消防\" OR \"†检查\")", "((\"消防\")) AND ((\"检查\"))")),
            ]
        );
        let numbered = fts5_by_score(&question("国办发〔2014〕57号"));
        let scores: Vec<u8> = numbered.iter().map(|(score, _)| *score).collect();
        assert_eq!(scores, [5, 4, 3, 1], "one term is held or not");
        let token = "\"№国办发〔2014〕57号\"";
        assert_eq!(numbered[0].1, token);
        assert!(numbered[1..].iter().all(|(_, text)| text.ends_with(&format!(" NOT ({token})"))));
    }

    #[test]
    fn tokens_are_kept_once() {
        assert_eq!(tsvector(tokens(&fold("人民人民 a A"))), "'a' '人民' '民' '民人' ");
    }
}
