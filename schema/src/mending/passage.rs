//! The passages of a text: printed lines at first, paragraphs once they are joined.

use crate::rich_text::{escape_text, wanted_characters};

/// One printed line or one paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Passage {
    /// The number of its first line in the text, from 1.
    pub line: usize,
    /// Columns of white space before it; an ideographic space takes two.
    pub indent: usize,
    /// Without white space at its ends; empty for a blank line.
    pub text: String,
    pub role: Role,
    /// Set two letters in.
    pub indented: bool,
}

/// What a passage is in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Body,
    /// A heading of this level, 1 to 6.
    Heading(u8),
    /// A paragraph whose first so many bytes are its heading.
    RunIn(usize),
    /// The signature or its date.
    Signature,
}

/// The lines of `text`, blank ones included.
pub(super) fn read(text: &str) -> Vec<Passage> {
    let lines = text.lines().enumerate();
    lines
        .map(|(index, line)| {
            let line = wanted_characters(line);
            let start = line.trim_start();
            let indent = line[..line.len() - start.len()].chars().map(columns).sum();
            Passage {
                line: index + 1,
                indent,
                text: start.trim_end().to_owned(),
                role: Role::Body,
                indented: false,
            }
        })
        .collect()
}

/// The HTML of `passages`, blank ones left out.
pub(super) fn to_html(passages: &[Passage]) -> String {
    let mut html = String::new();
    for passage in passages.iter().filter(|passage| !passage.text.is_empty()) {
        let (tag, class) = match passage.role {
            Role::Heading(level) => (format!("h{level}"), ""),
            Role::Signature => ("p".to_owned(), " class=\"align-right\""),
            Role::Body | Role::RunIn(_) if passage.indented => {
                ("p".to_owned(), " class=\"indent-2\"")
            }
            Role::Body | Role::RunIn(_) => ("p".to_owned(), ""),
        };
        html.push_str(&format!("<{tag}{class}>"));
        match passage.role {
            Role::RunIn(length) => {
                let (lead, rest) = passage.text.split_at(length);
                html.push_str("<strong>");
                escape_text(lead, &mut html);
                html.push_str("</strong>");
                escape_text(rest, &mut html);
            }
            _ => escape_text(&passage.text, &mut html),
        }
        html.push_str(&format!("</{tag}>"));
    }
    html
}

/// Columns a letter takes in print: two for Chinese, one for Latin.
pub(super) fn columns(letter: char) -> usize {
    if letter == '\u{3000}' || crate::rich_text::is_wide(letter) { 2 } else { 1 }
}

/// Columns `text` takes in print.
pub(super) fn width(text: &str) -> usize {
    // The quotation marks and dashes of Chinese stand outside the Chinese blocks of Unicode.
    let wide_mark = |letter| matches!(letter, '“' | '”' | '‘' | '’' | '—' | '…');
    text.chars().map(|letter| if wide_mark(letter) { 2 } else { columns(letter) }).sum()
}
