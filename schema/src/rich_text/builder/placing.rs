//! Placing a block: each function leaves the right parent on top, or says that there is none.

use super::{Builder, Frame, MOST_CONTAINERS, MOST_OPEN, is_container, is_heading};
use crate::rich_text::{
    allow_list::{Kind, element},
    attributes::Attributes,
    tree::{Node, push_text},
};

impl Builder {
    /// Makes room for a block that may stand anywhere; `false` when it is left out.
    pub(super) fn prepare_block(&mut self, name: &str) -> bool {
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

    pub(super) fn open_boundary(&mut self, tag: &str, alignment: Option<&'static str>) {
        if self.prepare_block("") && self.open.len() < MOST_OPEN {
            self.open.push(Frame::boundary(tag, alignment));
        }
    }

    /// Closes down to the nearest of `wholes`, or opens one as `implied`.
    pub(super) fn place_part(&mut self, wholes: &[&str], implied: &str) -> bool {
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
    pub(super) fn place_in_table(&mut self, parts: &[&str]) -> bool {
        for index in (1..self.open.len()).rev() {
            let frame = &self.open[index];
            if frame.is_one_of(parts) || frame.is("table") {
                self.close_to(index + 1);
                return true;
            }
        }
        false
    }

    /// A summary comes first or not at all.
    pub(super) fn place_summary(&mut self) -> bool {
        let top = self.top();
        top.is("details") && top.children.iter().all(is_blank_text)
    }

    pub(super) fn place_caption(&mut self) -> bool {
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
    pub(super) fn supply(&mut self, part: &str) -> bool {
        if !self.top().is(part) {
            self.open_frame(Frame::new(element(part), Attributes::new(), true));
        }
        true
    }

    pub(super) fn supply_rows(&mut self) -> bool {
        !self.top().is("table") || self.supply("tbody")
    }

    /// Supplies the parts that lead from a list or table on top to a place for content.
    pub(super) fn supply_flow(&mut self) -> bool {
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
}

fn is_blank_text(node: &Node) -> bool {
    matches!(node, Node::Text(text) if text.chars().all(crate::rich_text::characters::is_folded))
}
