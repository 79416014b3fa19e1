//! Joining printed lines into paragraphs.
//!
//! An extract does not say where a paragraph ends; the print does. A first line stands in, a
//! last line stops short of the margin, and some extracts leave a blank line between
//! paragraphs, while others leave one after every line, which then says nothing. So the text
//! is looked at as a whole first: how wide a full line is, and what a blank line means here.

use serde::{Deserialize, Serialize};

use super::{
    marker::{ends_sentence, starts_passage},
    passage::{Passage, width},
};
use crate::rich_text::is_wide;

/// How a text marks its paragraphs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// Seen from the text itself.
    #[default]
    Automatic,
    /// Printed lines; indents and short lines mark paragraphs, blank lines mean nothing.
    Printed,
    /// Printed lines; a blank line stands between paragraphs.
    BlankLines,
    /// Every line is a paragraph.
    Lines,
}

/// Columns by which a full line may stay short of the margin: a mark that may not start a line
/// pulls its letter along, a Latin word is not divided.
const RAGGED: usize = 10;
/// Columns from which white space at the start of a line is an indent and not an accident.
const INDENT: usize = 2;

/// The paragraphs of `lines`.
pub(super) fn join(lines: &[Passage], layout: Layout) -> Vec<Passage> {
    let layout = if layout == Layout::Automatic { seen(lines) } else { layout };
    let margin = margin(lines);
    let base = base_indent(lines);
    let mut paragraphs: Vec<Passage> = Vec::new();
    let mut previous: Option<&Passage> = None;
    let mut after_blank = true;
    for line in lines {
        if line.text.is_empty() {
            after_blank = true;
            continue;
        }
        let starts = previous.is_none_or(|previous| match layout {
            Layout::Lines => true,
            Layout::BlankLines if after_blank => true,
            _ => starts_paragraph(previous, line, margin, base),
        });
        match paragraphs.last_mut() {
            Some(paragraph) if !starts => append(&mut paragraph.text, &line.text),
            _ => paragraphs.push(line.clone()),
        }
        previous = Some(line);
        after_blank = false;
    }
    paragraphs
}

/// Columns of the narrowest print that is taken for print: twenty letters.
const NARROWEST: usize = 40;

/// How `lines` mark their paragraphs.
fn seen(lines: &[Passage]) -> Layout {
    let text: Vec<(usize, &Passage)> =
        lines.iter().enumerate().filter(|(_, line)| !line.text.is_empty()).collect();
    let margin = margin(lines);
    // Print fills its lines to one margin and breaks sentences there; where every line is a
    // paragraph, lines end as sentences do.
    let broken =
        text.iter().filter(|(_, line)| is_full(line, margin) && !ends_sentence(&line.text)).count();
    if margin < NARROWEST || broken * 4 < text.len() {
        return Layout::Lines;
    }
    let adjacent = text.windows(2).filter(|pair| pair[0].0 + 1 == pair[1].0).count();
    if adjacent * 3 >= text.len() { Layout::BlankLines } else { Layout::Printed }
}

/// Columns of a full line: the width most lines come close to.
fn margin(lines: &[Passage]) -> usize {
    let mut widths: Vec<usize> =
        lines.iter().map(|line| width(&line.text)).filter(|width| *width > 0).collect();
    widths.sort_unstable();
    // The widest window of RAGGED columns that holds the most lines ends at the margin.
    let mut best = (0, 0);
    let mut start = 0;
    for (end, margin) in widths.iter().enumerate() {
        while widths[start] + RAGGED < *margin {
            start += 1;
        }
        best = best.max((end + 1 - start, *margin));
    }
    best.1
}

fn is_full(line: &Passage, margin: usize) -> bool {
    // A first line is short by its indent, a line with hanging marks is longer than the margin.
    let width = width(&line.text) + line.indent.min(4) * 2;
    width + RAGGED >= margin && width <= margin + 2 * RAGGED
}

/// The indent most lines share.
fn base_indent(lines: &[Passage]) -> usize {
    let mut indents: Vec<usize> =
        lines.iter().filter(|line| !line.text.is_empty()).map(|line| line.indent).collect();
    indents.sort_unstable();
    indents.get(indents.len() / 2).copied().unwrap_or(0)
}

fn starts_paragraph(previous: &Passage, line: &Passage, margin: usize, base: usize) -> bool {
    if line.indent >= base + INDENT {
        return true;
    }
    let width_before = width(&previous.text) + previous.indent.min(4) * 2;
    let stops_short = width_before + RAGGED < margin;
    let is_half_empty = width_before * 5 < margin * 3;
    let ends = ends_sentence(&previous.text);
    stops_short && (ends || is_half_empty || starts_passage(&line.text))
        || ends && starts_passage(&line.text)
}

/// Adds a line to its paragraph; only words of other scripts are divided by a space.
fn append(paragraph: &mut String, line: &str) {
    let before = paragraph.chars().next_back();
    let is_word_end = before.is_some_and(|letter| !is_chinese(letter));
    let is_word_start = line.chars().next().is_some_and(|letter| !is_chinese(letter));
    if is_word_end && is_word_start {
        paragraph.push(' ');
    }
    paragraph.push_str(line);
}

fn is_chinese(letter: char) -> bool {
    is_wide(letter) || matches!(letter, '“' | '”' | '‘' | '’' | '—' | '…')
}
