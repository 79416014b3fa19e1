//! One open element.

use crate::rich_text::{
    allow_list::{Kind, Rule},
    attributes::Attributes,
    tree::Node,
};

pub(super) struct Frame {
    /// `None` for a boundary, whose content goes to the frame below.
    pub rule: Option<&'static Rule>,
    pub tag: Box<str>,
    pub attributes: Attributes,
    pub children: Vec<Node>,
    /// Opened by us, not by the author.
    pub implied: bool,
    /// The alignment a boundary gives to the paragraphs in it.
    pub alignment: Option<&'static str>,
    /// Blocks that were opened inside a heading and are ignored.
    pub swallowed: usize,
    /// Whether the formatting the builder carries on was opened again here; on inline frames, whether it was
    /// opened that way.
    pub carried: bool,
}

impl Frame {
    pub(super) fn new(rule: &'static Rule, attributes: Attributes, implied: bool) -> Self {
        let carried = false;
        Self {
            rule: Some(rule),
            tag: rule.name.into(),
            attributes,
            implied,
            carried,
            ..Self::boundary("", None)
        }
    }

    pub(super) fn boundary(tag: &str, alignment: Option<&'static str>) -> Self {
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

    pub(super) fn kind(&self) -> Option<Kind> {
        self.rule.map(|rule| rule.kind)
    }

    /// Whether it is the element `name`, not a boundary that was written so.
    pub(super) fn is(&self, name: &str) -> bool {
        self.rule.is_some_and(|rule| rule.name == name)
    }

    pub(super) fn is_one_of(&self, names: &[&str]) -> bool {
        self.rule.is_some_and(|rule| names.contains(&rule.name))
    }

    pub(super) fn is_inline(&self) -> bool {
        matches!(self.kind(), Some(Kind::Inline | Kind::Media))
    }

    /// Text blocks that keep out other blocks instead of ending before them.
    pub(super) fn is_heading_like(&self) -> bool {
        self.kind() == Some(Kind::Text) && !self.is("p")
    }
}
