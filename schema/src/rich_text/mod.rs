//! Rich text: what authors write as HTML or Markdown, cleaned once where it enters.
//!
//! The cleaned HTML is what is stored, digested and sent. It holds only what the table in
//! `allow_list` names, nested so that every browser reads it back unchanged, and cleaning it
//! again changes nothing. Everything else (plain text, blocks, headings, pictures, links) is
//! derived from it and can be rebuilt.
//!
//! Architecture invariant: only `parse` sees HTML as received, and it does so in time linear
//! in the length of the text, whatever the text.

mod allow_list;
mod anchors;
mod attributes;
mod block;
mod bounds;
mod builder;
mod characters;
mod derived;
mod parse;
mod tidy;
mod tree;

pub use block::{Block, Cell, CellScope, Description, Inline, ListItem, Row, TextStyle, blocks};
pub use derived::{Derived, Heading, Image, Link, RENDERER_VERSION, derive, excerpt};

pub(crate) use characters::{is_wide, wanted as wanted_characters};

#[cfg(test)]
mod tests;

/// Writes `text` into `html` so that it reads as text.
pub fn escape(text: &str, html: &mut String) {
    tree::escape(text, false, html);
}

/// How often a text is cleaned before it is given up as markup; one round is what every known
/// text needs.
const MOST_ROUNDS: usize = 4;

/// The cleaned, normalised form of `html`: the allow-list applied, every tag closed and in its
/// place, white space folded, text in normalisation form C, anchors on headings.
///
/// Cleaning a cleaned text changes nothing. Should a text not settle, which no known one does,
/// its words are kept as plain paragraphs.
pub fn clean_html(html: &str) -> String {
    let mut built = build(html);
    for _ in 0..MOST_ROUNDS {
        let gated = allow_list::GATE.clean(&built).to_string();
        let rebuilt = build(&gated);
        // The gate let everything through and building again changes nothing: it is settled.
        if gated == built && rebuilt == built {
            return built;
        }
        built = rebuilt;
    }
    html_from_text(&derive(&built).text)
}

/// The HTML of the tree of `html`, which the gate has still to see.
fn build(html: &str) -> String {
    let mut blocks = parse::parse(html);
    anchors::settle(&mut blocks);
    tree::to_html(&blocks)
}

/// The cleaned HTML of a Markdown text: CommonMark with tables and strikethrough. HTML inside
/// it is cleaned like any other.
pub fn html_from_markdown(markdown: &str) -> String {
    use pulldown_cmark::{Options, Parser, html};

    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut received = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut received, Parser::new_ext(markdown, options));
    clean_html(&received)
}

/// The cleaned HTML of a plain text: one paragraph per line that is not blank.
pub fn html_from_text(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 8);
    for line in text.lines() {
        let line = characters::tidy_line(line);
        if !line.trim().is_empty() {
            html.push_str("<p>");
            tree::escape(&line, false, &mut html);
            html.push_str("</p>");
        }
    }
    html
}

/// Adds `text` to `html` so that it reads as text.
pub(crate) fn escape_text(text: &str, html: &mut String) {
    tree::escape(text, false, html);
}
