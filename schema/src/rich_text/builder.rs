//! Builds the tree from tags and text, nested so that every browser reads it back unchanged.
//!
//! Authors' tags come unclosed, crossed and in the wrong places. The rules are those of the
//! HTML standard made simpler: each part stands in its whole (a cell in a row, an item in a
//! list; what is missing is supplied), text stands in paragraphs, no paragraph holds another
//! block, bold text that runs across paragraphs is bold in each. Depth and copies are bounded,
//! so the work is linear in the length of the text.

use super::{
    allow_list::{Kind, Rule, element},
    attributes::{Attributes, Given, kept},
    tree::{Element, Node, push_text},
};

/// The most lists, tables and quotes inside each other; deeper ones lose their outline.
const MOST_CONTAINERS: usize = 30;
/// The most elements inside each other within one line of text.
const MOST_INLINE: usize = 16;
/// The most open elements; only boundaries, which leave no trace, can come so far.
const MOST_OPEN: usize = 250;
/// Bytes of formatting that even a short text may have copied into further blocks.
const FREE_COPIES: usize = 4_096;

struct Frame {
    /// `None` for a boundary, whose content goes to the frame below.
    rule: Option<&'static Rule>,
    tag: Box<str>,
    attributes: Attributes,
    children: Vec<Node>,
    /// Opened by us, not by the author.
    implied: bool,
    /// The alignment a boundary gives to the paragraphs in it.
    alignment: Option<&'static str>,
    /// Blocks that were opened inside a heading and are ignored.
    swallowed: usize,
    /// Whether [`Builder::carried`] was opened again here; on inline frames, whether it was
    /// opened that way.
    carried: bool,
}

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

impl Frame {
    fn new(rule: &'static Rule, attributes: Attributes, implied: bool) -> Self {
        let carried = false;
        Self { rule: Some(rule), tag: rule.name.into(), attributes, implied, carried, ..Self::boundary("", None) }
    }

    fn boundary(tag: &str, alignment: Option<&'static str>) -> Self {
        Self {
            rule: None,
            tag: tag.into(),
            attributes: Attributes::new(),
            children: Vec::new(),
            implied: false,
            alignment,
            swallowed: 0,
            carried: false,
        }
    }

    fn kind(&self) -> Option<Kind> {
        self.rule.map(|rule| rule.kind)
    }

    /// Whether it is the element `name`, not a boundary that was written so.
    fn is(&self, name: &str) -> bool {
        self.rule.is_some_and(|rule| rule.name == name)
    }

    fn is_one_of(&self, names: &[&str]) -> bool {
        self.rule.is_some_and(|rule| names.contains(&rule.name))
    }

    fn is_inline(&self) -> bool {
        matches!(self.kind(), Some(Kind::Inline | Kind::Media))
    }

    /// Text blocks that keep out other blocks instead of ending before them.
    fn is_heading_like(&self) -> bool {
        self.kind() == Some(Kind::Text) && !self.is("p")
    }
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
        Self { open: vec![whole], carried: Vec::new(), containers: 0, copies_left: length + FREE_COPIES }
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
        let is_table_part = matches!(tag, "table" | "thead" | "tbody" | "tfoot" | "tr" | "td" | "th");
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
            let Some(ruby) = self.find(line, |frame| frame.is("ruby")) else { return };
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
            && let Some(index) = self.carried.iter().rposition(|carried| carried.rule.name == &*name)
        {
            self.carried.remove(index);
        }
        // Crossed tags: what was opened inside goes on outside.
        let inside: Vec<_> = self.open[index + 1..]
            .iter()
            .filter(|frame| frame.kind() == Some(Kind::Inline) && !is_ruby(&frame.tag) && !is_ruby(&name))
            .filter_map(|frame| Some((frame.rule?, frame.attributes.clone(), frame.carried)))
            .collect();
        self.close_to(index);
        for (rule, attributes, carried) in inside {
            self.reopen(rule, attributes, carried);
        }
    }

    fn reopen(&mut self, rule: &'static Rule, attributes: Attributes, carried: bool) {
        let values: usize = attributes.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
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
        let inherited = if name == "p" || is_heading(name) { self.inherited_alignment() } else { None };
        let attributes = kept(rule, given, inherited);
        if rule.kind == Kind::Void {
            self.push(rule, attributes);
        } else {
            self.open_frame(Frame::new(rule, attributes, false));
        }
    }

    // Placing a block: each of these leaves the right parent on top, or says that there is none.

    /// Makes room for a block that may stand anywhere; `false` when it is left out.
    fn prepare_block(&mut self, name: &str) -> bool {
        let block = self.block_index();
        let in_heading = self.open[block].rule.is_some_and(|rule| is_heading(rule.name));
        let is_swallowed = name == "p" || name.is_empty() || !in_heading && is_heading(name);
        if self.open[block].is_heading_like() && is_swallowed {
            self.open[block].swallowed += 1;
            let separator = if self.open[block].is("pre") { "\n" } else { " " };
            push_text(&mut self.top_mut().children, separator);
            return false;
        }
        if is_container(name) && self.containers >= MOST_CONTAINERS {
            return false;
        }
        self.suspend_line();
        if self.top().kind() == Some(Kind::Text) {
            self.close_to(self.open.len() - 1);
        }
        name.is_empty() || self.supply_flow()
    }

    fn open_boundary(&mut self, tag: &str, alignment: Option<&'static str>) {
        if self.prepare_block("") && self.open.len() < MOST_OPEN {
            self.open.push(Frame::boundary(tag, alignment));
        }
    }

    /// Closes down to the nearest of `wholes`, or opens one as `implied`.
    fn place_part(&mut self, wholes: &[&str], implied: &str) -> bool {
        let fence = ["td", "th", "caption", "blockquote", "figure", "details", "figcaption"];
        let found = (1..self.open.len())
            .rev()
            .take_while(|index| !self.open[*index].is_one_of(&fence))
            .find(|index| self.open[*index].is_one_of(wholes));
        if let Some(index) = found {
            self.close_to(index + 1);
            return true;
        }
        let placed = self.prepare_block(implied);
        if placed {
            self.open_frame(Frame::new(element(implied), Attributes::new(), true));
        }
        placed
    }

    /// Closes down to the nearest of `parts` of the innermost table, or to the table.
    fn place_in_table(&mut self, parts: &[&str]) -> bool {
        for index in (1..self.open.len()).rev() {
            let frame = &self.open[index];
            if frame.is_one_of(parts) || frame.is("table") {
                self.close_to(index + 1);
                return true;
            }
        }
        false
    }

    fn place_summary(&mut self) -> bool {
        let block = self.block_index();
        let frame = &self.open[block];
        let placed = frame.is("details") && frame.children.is_empty();
        if placed {
            self.close_to(block + 1);
        }
        placed
    }

    fn place_caption(&mut self) -> bool {
        let figure = (1..self.open.len())
            .rev()
            .take_while(|index| {
                let frame = &self.open[*index];
                frame.rule.is_none() || frame.is_inline() || frame.is_one_of(&["p", "figure"])
            })
            .find(|index| self.open[*index].is("figure"));
        if let Some(index) = figure {
            self.close_to(index + 1);
        }
        figure.is_some()
    }

    /// Opens `part` unless it is on top.
    fn supply(&mut self, part: &str) -> bool {
        if !self.top().is(part) {
            self.open_frame(Frame::new(element(part), Attributes::new(), true));
        }
        true
    }

    fn supply_rows(&mut self) -> bool {
        !self.top().is("table") || self.supply("tbody")
    }

    /// Supplies the parts that lead from a list or table on top to a place for content.
    fn supply_flow(&mut self) -> bool {
        loop {
            let holder = self.holder_index();
            let part = match self.open[holder].rule.map_or("", |rule| rule.name) {
                "ul" | "ol" => "li",
                "dl" => "dd",
                "table" => "tbody",
                "thead" | "tbody" | "tfoot" => "tr",
                "tr" => "td",
                "colgroup" => {
                    self.close_to(holder);
                    continue;
                }
                _ => return true,
            };
            // A boundary between a list and its items would hide the items from the list.
            self.close_to(holder + 1);
            self.open_frame(Frame::new(element(part), Attributes::new(), true));
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
            let room = MOST_INLINE.saturating_sub(self.carried.len());
            let interrupted: Vec<_> = interrupted
                .filter_map(|frame| Some((frame.rule?, frame.attributes.clone())))
                .take(room)
                .collect();
            self.carried.extend(
                interrupted.into_iter().map(|(rule, attributes)| Carried { rule, attributes, within }),
            );
        }
        self.close_to(block + 1);
    }

    // The stack.

    fn top(&self) -> &Frame {
        self.open.last().expect("the whole text stays open to the end")
    }

    fn top_mut(&mut self) -> &mut Frame {
        self.open.last_mut().expect("the whole text stays open to the end")
    }

    /// The innermost frame that is no part of a line of text.
    fn block_index(&self) -> usize {
        self.open.iter().rposition(|frame| !frame.is_inline()).unwrap_or(0)
    }

    /// The innermost block that is kept, or the whole text.
    fn holder_index(&self) -> usize {
        let is_holder = |frame: &Frame| !frame.is_inline() && frame.rule.is_some();
        self.open.iter().rposition(is_holder).unwrap_or(0)
    }

    fn find(&self, from: usize, wanted: impl Fn(&Frame) -> bool) -> Option<usize> {
        self.open[from..].iter().rposition(wanted).map(|index| from + index)
    }

    fn inherited_alignment(&self) -> Option<&'static str> {
        let boundaries = self.open.iter().rev().take_while(|frame| frame.rule.is_none());
        boundaries.filter_map(|frame| frame.alignment).next()
    }

    fn push(&mut self, rule: &'static Rule, attributes: Attributes) {
        let element = Element { rule, attributes, children: Vec::new() };
        self.top_mut().children.push(Node::Element(element));
    }

    fn open_frame(&mut self, frame: Frame) {
        self.containers += usize::from(frame.rule.is_some_and(|rule| is_container(rule.name)));
        self.open.push(frame);
    }

    /// Closes frames until `length` are open.
    fn close_to(&mut self, length: usize) {
        while self.open.len() > length.max(1) {
            let Some(frame) = self.open.pop() else { return };
            let parent = self.top_mut();
            match frame.rule {
                Some(rule) => {
                    let Frame { attributes, children, .. } = frame;
                    parent.children.push(Node::Element(Element { rule, attributes, children }));
                    self.containers -= usize::from(is_container(rule.name));
                }
                None => parent.children.extend(frame.children),
            }
        }
        let length = self.open.len();
        self.carried.retain(|carried| carried.within < length);
    }
}

fn is_ruby(tag: &str) -> bool {
    matches!(tag, "ruby" | "rt" | "rp")
}
