//! The stack of open elements.

use super::{Builder, Frame, is_container};
use crate::rich_text::{
    allow_list::Rule,
    attributes::Attributes,
    tree::{Element, Node},
};

impl Builder {
    pub(super) fn top(&self) -> &Frame {
        self.open.last().expect("the whole text stays open to the end")
    }

    pub(super) fn top_mut(&mut self) -> &mut Frame {
        self.open.last_mut().expect("the whole text stays open to the end")
    }

    /// The innermost frame that is no part of a line of text.
    pub(super) fn block_index(&self) -> usize {
        self.open.iter().rposition(|frame| !frame.is_inline()).unwrap_or(0)
    }

    /// The innermost block that is kept, or the whole text.
    pub(super) fn holder_index(&self) -> usize {
        let is_holder = |frame: &Frame| !frame.is_inline() && frame.rule.is_some();
        self.open.iter().rposition(is_holder).unwrap_or(0)
    }

    pub(super) fn find(&self, from: usize, wanted: impl Fn(&Frame) -> bool) -> Option<usize> {
        self.open[from..].iter().rposition(wanted).map(|index| from + index)
    }

    pub(super) fn inherited_alignment(&self) -> Option<&'static str> {
        let boundaries = self.open.iter().rev().take_while(|frame| frame.rule.is_none());
        boundaries.filter_map(|frame| frame.alignment).next()
    }

    pub(super) fn push(&mut self, rule: &'static Rule, attributes: Attributes) {
        let element = Element { rule, attributes, children: Vec::new() };
        self.top_mut().children.push(Node::Element(element));
    }

    pub(super) fn open_frame(&mut self, frame: Frame) {
        self.containers += usize::from(frame.rule.is_some_and(|rule| is_container(rule.name)));
        self.open.push(frame);
    }

    /// Closes frames until `length` are open.
    pub(super) fn close_to(&mut self, length: usize) {
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
