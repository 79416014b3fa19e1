//! Builds the tree from tags and text, nested so that every browser reads it back unchanged.
//!
//! Authors' tags come unclosed, crossed and in the wrong places. The rules are those of the
//! HTML standard made simpler: each part stands in its whole (a cell in a row, an item in a
//! list; what is missing is supplied), text stands in paragraphs, no paragraph holds another
//! block, bold text that runs across paragraphs is bold in each. Depth and copies are bounded,
//! so the work is linear in the length of the text.

mod frame;
mod placing;
mod stack;

use super::{
    allow_list::{Kind, Rule, element},
    attributes::{Attributes, Given, kept},
    tree::{Node, push_text},
};
use frame::Frame;

/// The most lists, tables and quotes inside each other; deeper ones lose their outline.
const MOST_CONTAINERS: usize = 30;
/// The most elements inside each other within one line of text.
const MOST_INLINE: usize = 16;
/// The most open elements; only boundaries, which leave no trace, can come so far.
const MOST_OPEN: usize = 250;
/// Bytes of formatting that even a short text may have copied into further blocks.
const FREE_COPIES: usize = 4_096;

/// Inline formatting that a block interrupted and that goes on in the next one.
struct Carried {
    rule: &'static Rule,
    attributes: Attributes,
    /// Ends when the frame at this index does.
    within: usize,
}

/// The open elements, innermost last. The first is the whole text.
pub(super) struct Builder {
    open: Vec<Frame>,
    carried: Vec<Carried>,
    containers: usize,
    /// Bytes of formatting that may still be copied into further blocks.
    copies_left: usize,
}

fn is_container(name: &str) -> bool {
    matches!(name, "ul" | "ol" | "dl" | "table" | "blockquote" | "figure" | "details")
}

fn is_heading(name: &str) -> bool {
    matches!(name, "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

impl Builder {
    /// A builder for a text of `length` bytes.
    pub(super) fn new(length: usize) -> Self {
        let whole = Frame::boundary("", None);
        Self {
            open: vec![whole],
            carried: Vec::new(),
            containers: 0,
            copies_left: length + FREE_COPIES,
        }
    }

    /// Closes what is open and hands over the blocks of the text.
    pub(super) fn finish(mut self) -> Vec<Node> {
        self.close_to(1);
        self.open.pop().map(|whole| whole.children).unwrap_or_default()
    }

    /// Text between two tags.
    pub(super) fn text(&mut self, text: &str) {
        let top = self.top();
        if top.kind() == Some(Kind::Media) {
            return;
        }
        let is_blank = text.chars().all(super::characters::is_folded);
        if !top.is_inline() && !self.prepare_line(is_blank) {
            return;
        }
        push_text(&mut self.top_mut().children, text);
    }

    /// The start tag of an element that survives.
    pub(super) fn start(&mut self, rule: &'static Rule, given: &Given<'_>) {
        match rule.kind {
            Kind::Inline | Kind::Media => self.start_inline(rule, given),
            Kind::InlineVoid => {
                if self.top().kind() != Some(Kind::Media) && self.prepare_line(false) {
                    let attributes = kept(rule, given, None);
                    self.push(rule, attributes);
                }
            }
            Kind::Text | Kind::Flow | Kind::Structure | Kind::Void => {
                self.start_block(rule, given);
            }
        }
    }

    /// The start tag of a block that is not kept, such as `div`.
    pub(super) fn start_boundary(&mut self, tag: &str, given: &Given<'_>) {
        let alignment = given.alignment(tag).or_else(|| self.inherited_alignment());
        self.open_boundary(tag, alignment);
    }

    /// An end tag.
    pub(super) fn end(&mut self, tag: &str) {
        let line = self.block_index() + 1;
        if let Some(index) = self.find(line, |frame| &*frame.tag == tag) {
            self.end_inline(index);
            return;
        }
        if let Some(index) = self.carried.iter().rposition(|carried| carried.rule.name == tag) {
            self.carried.remove(index);
            return;
        }
        let block = self.block_index();
        if self.open[block].swallowed > 0 && &*self.open[block].tag != tag {
            self.open[block].swallowed -= 1;
            return;
        }
        let is_table_part =
            matches!(tag, "table" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th");
        for index in (1..self.open.len()).rev() {
            if &*self.open[index].tag == tag {
                self.close_to(index);
                return;
            }
            if !is_table_part && self.open[index].is_one_of(&["td", "th", "caption"]) {
                return;
            }
        }
    }

    fn start_inline(&mut self, rule: &'static Rule, given: &Given<'_>) {
        if self.top().kind() == Some(Kind::Media) {
            return;
        }
        if rule.name == "a" {
            self.end_links();
        }
        if !self.prepare_line(false) {
            return;
        }
        let line = self.block_index() + 1;
        if matches!(rule.name, "rt" | "rp") {
            let Some(ruby) = self.find(line, |frame| frame.is("ruby")) else {
                return;
            };
            self.close_to(ruby + 1);
        } else if rule.name != "span" && self.find(line, |frame| frame.is(rule.name)).is_some() {
            return;
        }
        if self.open.len() - line < MOST_INLINE {
            let attributes = kept(rule, given, None);
            self.open.push(Frame::new(rule, attributes, false));
        }
    }

    /// A link holds no link: one that is open ends here.
    fn end_links(&mut self) {
        self.carried.retain(|carried| carried.rule.name != "a");
        let line = self.block_index() + 1;
        if let Some(index) = self.find(line, |frame| frame.is("a")) {
            self.end_inline(index);
        }
    }

    fn end_inline(&mut self, index: usize) {
        let name = self.open[index].tag.clone();
        if self.open[index].carried
            && let Some(index) =
                self.carried.iter().rposition(|carried| carried.rule.name == &*name)
        {
            self.carried.remove(index);
        }
        // Crossed tags: what was opened inside goes on outside.
        let inside: Vec<_> = self.open[index + 1..]
            .iter()
            .filter(|frame| {
                frame.kind() == Some(Kind::Inline) && !is_ruby(&frame.tag) && !is_ruby(&name)
            })
            .filter_map(|frame| Some((frame.rule?, frame.attributes.clone(), frame.carried)))
            .collect();
        self.close_to(index);
        for (rule, attributes, carried) in inside {
            self.reopen(rule, attributes, carried);
        }
    }

    fn reopen(&mut self, rule: &'static Rule, attributes: Attributes, carried: bool) {
        let line = self.block_index() + 1;
        if rule.name != "span" && self.find(line, |frame| frame.is(rule.name)).is_some() {
            return;
        }
        let values: usize =
            attributes.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
        let cost = values + 2 * rule.name.len() + 5;
        if let Some(left) = self.copies_left.checked_sub(cost) {
            self.copies_left = left;
            self.open.push(Frame { carried, ..Frame::new(rule, attributes, true) });
        }
    }

    fn start_block(&mut self, rule: &'static Rule, given: &Given<'_>) {
        let name = rule.name;
        let placed = match name {
            "li" => self.place_part(&["ul", "ol"], "ul"),
            "dt" | "dd" => self.place_part(&["dl"], "dl"),
            "caption" => self.place_in_table(&[]) && self.top().children.is_empty(),
            "colgroup" | "thead" | "tbody" | "tfoot" => self.place_in_table(&[]),
            "col" => self.place_in_table(&["colgroup"]) && self.supply("colgroup"),
            "tr" => self.place_in_table(&["thead", "tbody", "tfoot"]) && self.supply_rows(),
            "td" | "th" => {
                self.place_in_table(&["tr", "thead", "tbody", "tfoot"])
                    && self.supply_rows()
                    && self.supply("tr")
            }
            "summary" => self.place_summary(),
            "figcaption" => self.place_caption(),
            "source" => {
                if self.top().kind() == Some(Kind::Media) {
                    let attributes = kept(rule, given, None);
                    self.push(rule, attributes);
                }
                return;
            }
            _ => {
                if !self.prepare_block(name) {
                    return;
                }
                true
            }
        };
        if !placed {
            self.start_boundary(name, given);
            return;
        }
        let inherited =
            if name == "p" || is_heading(name) { self.inherited_alignment() } else { None };
        let attributes = kept(rule, given, inherited);
        if rule.kind == Kind::Void {
            self.push(rule, attributes);
        } else {
            self.open_frame(Frame::new(rule, attributes, false));
        }
    }

    /// Makes room for text or an inline element; `false` when blank text has no place.
    fn prepare_line(&mut self, is_blank: bool) -> bool {
        if self.top().is_inline() {
            return true;
        }
        let holder = self.holder_index();
        let is_direct = holder + 1 == self.open.len();
        let needs_part = self.open[holder].kind() == Some(Kind::Structure);
        let needs_paragraph = |builder: &Self| {
            let frame = builder.top();
            frame.rule.is_none() || frame.is("blockquote")
        };
        if is_blank && (needs_part || needs_paragraph(self) || !is_direct) {
            return false;
        }
        if needs_part {
            self.supply_flow();
        }
        if needs_paragraph(self) {
            let alignment = self.inherited_alignment();
            let class = alignment.map(|class| ("class", class.to_owned()));
            self.open_frame(Frame::new(element("p"), class.into_iter().collect(), true));
        }
        if !self.top().carried && !is_blank {
            self.top_mut().carried = true;
            let carried: Vec<_> = self
                .carried
                .iter()
                .map(|carried| (carried.rule, carried.attributes.clone()))
                .take(MOST_INLINE)
                .collect();
            for (rule, attributes) in carried {
                self.reopen(rule, attributes, true);
            }
        }
        true
    }

    /// Closes the inline elements of the innermost block; those that were not opened inside a
    /// paragraph of the author's go on in the next block.
    fn suspend_line(&mut self) {
        let block = self.block_index();
        let frame = &self.open[block];
        let goes_on = frame.implied || frame.kind() != Some(Kind::Text);
        let within = if frame.kind() == Some(Kind::Text) { block - 1 } else { block };
        if goes_on {
            let interrupted = self.open[block + 1..].iter().filter(|frame| {
                frame.kind() == Some(Kind::Inline) && !frame.carried && !is_ruby(&frame.tag)
            });
            for (rule, attributes) in interrupted
                .filter_map(|frame| Some((frame.rule?, frame.attributes.clone())))
                .collect::<Vec<_>>()
            {
                let is_known = self.carried.iter().any(|carried| carried.rule.name == rule.name);
                if (rule.name == "span" || !is_known) && self.carried.len() < MOST_INLINE {
                    self.carried.push(Carried { rule, attributes, within });
                }
            }
        }
        // What is carried opens again in the line after the block.
        self.open[block].carried = false;
        self.close_to(block + 1);
    }
}

fn is_ruby(tag: &str) -> bool {
    matches!(tag, "ruby" | "rt" | "rp")
}
