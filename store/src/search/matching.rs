//! A question in the words of either database.

use std::collections::BTreeSet;

use schema::search::{Phrase, Question, Typed};

use crate::statement::Statement;

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
        |text, phrase| {
            text.push('"');
            text.push_str(&phrase.tokens().join(" "));
            text.push_str(if phrase.is_start() { "\" *" } else { "\"" });
        },
        |text, token| {
            text.push('"');
            text.push_str(token);
            text.push('"');
        },
    )
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
    for (at, term) in question.terms().iter().enumerate() {
        text.push_str(if at == 0 { "" } else { and });
        text.push('(');
        for (at, phrase) in term.alternatives().iter().enumerate() {
            text.push_str(if at == 0 { "" } else { or });
            text.push('(');
            push_phrase(&mut text, phrase);
            text.push(')');
        }
        text.push(')');
    }
    text.push(')');
    text
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

/// How a pattern is looked for in a column: the text before the column, and behind it.
#[derive(Clone, Copy)]
pub(super) struct Holds {
    /// `instr(` or `strpos(`.
    pub(super) function: &'static str,
    /// The column.
    pub(super) column: &'static str,
    /// Whether the pattern must stand there as a word of the dictionary.
    pub(super) as_words: bool,
}

impl Holds {
    fn push(self, statement: &mut Statement, pattern: &str) {
        statement.push(self.function).push(self.column).push(", ");
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
        let numbered = question("国办发〔2014〕57号");
        assert!(
            fts5(&numbered).starts_with("\"№国办发〔2014〕57号\" OR ((("),
            "{}",
            fts5(&numbered)
        );
    }

    #[test]
    fn tokens_are_kept_once() {
        assert_eq!(tsvector(tokens(&fold("人民人民 a A"))), "'a' '人民' '民' '民人' ");
    }
}
