//! Mending of extracted texts: from the lines a PDF or a web page left behind to the rich text
//! of the document.
//!
//! An import mapping names the steps as data; each is one small function over the passages of
//! the text. Whatever the steps, the words stay: apart from white space and the lines listed
//! in [`Mended::dropped`], input and output hold the same characters in the same order.

mod headings;
mod indent;
mod join;
mod lines;
mod marker;
mod passage;
mod pattern;
mod signature;
mod title;

use serde::{Deserialize, Serialize};

use crate::rich_text::clean_html;

pub use join::Layout;
pub use pattern::Pattern;

use passage::Passage;

#[cfg(test)]
mod tests;

/// One step of mending. In a mapping file a table whose `step` says which:
/// `steps = [{ step = "drop_page_marks" }, { step = "join_lines" }]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Drops lines that hold a page number and nothing else.
    DropPageMarks {
        /// What such a line looks like; when absent `—4—`, `- 4 -`, `第4页 共9页`. A bare number
        /// is not among them, since cells of tables look the same.
        #[serde(default = "lines::page_marks")]
        patterns: Vec<Pattern>,
    },
    /// Drops lines that belong to the page and not to the document, such as reading times.
    DropLines {
        /// What such a line looks like.
        patterns: Vec<Pattern>,
    },
    /// Takes title and document number (发文字号) from the head of the text.
    TakeTitle {},
    /// Joins printed lines into paragraphs.
    JoinLines {
        /// How the text marks its paragraphs; seen from the text itself when absent.
        #[serde(default)]
        layout: Layout,
    },
    /// Makes headings of 第一章, 一、, （一）, 1. and their like, and sets off the ones that run
    /// into their paragraph.
    RecogniseHeadings {},
    /// Sets the signature and the date at the right.
    RecogniseSignature {},
    /// Indents the paragraphs by two letters, save the address line.
    IndentParagraphs {},
}

/// A mended text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mended {
    /// The rich text; cleaning it changes nothing.
    pub html: String,
    /// The title, where [`Step::TakeTitle`] found one.
    pub title: Option<String>,
    /// The document number, spelled by
    /// [`document_number::normalise`](crate::document_number::normalise), where
    /// [`Step::TakeTitle`] found one.
    pub document_number: Option<String>,
    /// The lines that are not in `html`, in the order of the text.
    pub dropped: Vec<Dropped>,
}

/// One line that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Dropped {
    /// Its number in the text, from 1.
    pub line: usize,
    /// What it held, without white space at its ends.
    pub text: String,
    /// The name of the step that left it out.
    pub step: &'static str,
}

/// A text on its way through the steps.
#[derive(Debug, Default)]
struct Draft {
    passages: Vec<Passage>,
    title: Option<String>,
    document_number: Option<String>,
    dropped: Vec<Dropped>,
}

impl Draft {
    /// Leaves out the passages for which `wanted` says so; they are single lines still, or the
    /// report names the first line of several.
    fn drop_where(
        &mut self,
        step: &'static str,
        mut unwanted: impl FnMut(usize, &Passage) -> bool,
    ) {
        let mut index = 0;
        self.passages.retain(|passage| {
            let drops = !passage.text.is_empty() && unwanted(index, passage);
            index += 1;
            if drops {
                self.dropped.push(Dropped { line: passage.line, text: passage.text.clone(), step });
            }
            !drops
        });
    }
}

/// Mends `text` by `steps`, in their order.
pub fn mend(text: &str, steps: &[Step]) -> Mended {
    let mut draft = Draft { passages: passage::read(text), ..Draft::default() };
    for step in steps {
        match step {
            Step::DropPageMarks { patterns } => {
                lines::drop_lines(&mut draft, "drop_page_marks", patterns);
            }
            Step::DropLines { patterns } => lines::drop_lines(&mut draft, "drop_lines", patterns),
            Step::TakeTitle {} => title::take(&mut draft),
            Step::JoinLines { layout } => draft.passages = join::join(&draft.passages, *layout),
            Step::RecogniseHeadings {} => headings::recognise(&mut draft.passages),
            Step::RecogniseSignature {} => signature::recognise(&mut draft.passages),
            Step::IndentParagraphs {} => indent::indent(&mut draft.passages),
        }
    }
    draft.dropped.sort_by_key(|dropped| dropped.line);
    Mended {
        html: clean_html(&passage::to_html(&draft.passages)),
        title: draft.title,
        document_number: draft.document_number,
        dropped: draft.dropped,
    }
}
