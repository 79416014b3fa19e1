//! The tree of a rich text, and its one spelling as HTML.
//!
//! The builder bounds the depth of every tree, so walking one by recursion is safe.

use super::{
    allow_list::{Kind, Rule},
    attributes::Attributes,
};

/// A piece of rich text.
#[derive(Debug)]
pub(super) enum Node {
    Text(String),
    Element(Element),
}

/// An element of the allow-list.
#[derive(Debug)]
pub(super) struct Element {
    pub rule: &'static Rule,
    pub attributes: Attributes,
    pub children: Vec<Node>,
}

impl Element {
    pub(super) fn name(&self) -> &'static str {
        self.rule.name
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn is_inline(&self) -> bool {
        matches!(self.rule.kind, Kind::Inline | Kind::InlineVoid | Kind::Media)
    }

    /// 1 to 6 for a heading.
    pub(super) fn heading_level(&self) -> Option<u8> {
        match self.name().as_bytes() {
            [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
            _ => None,
        }
    }
}

/// Adds text after `nodes`, joining it to text that stands last.
pub(super) fn push_text(nodes: &mut Vec<Node>, text: &str) {
    if text.is_empty() {
        return;
    }
    match nodes.last_mut() {
        Some(Node::Text(last)) => last.push_str(text),
        _ => nodes.push(Node::Text(text.to_owned())),
    }
}

/// The HTML of `nodes`, byte for byte as the last gate writes it.
pub(super) fn to_html(nodes: &[Node]) -> String {
    let mut html = String::new();
    write(nodes, &mut html);
    html
}

fn write(nodes: &[Node], html: &mut String) {
    for node in nodes {
        match node {
            Node::Text(text) => escape(text, false, html),
            Node::Element(element) => {
                html.push('<');
                html.push_str(element.name());
                for (name, value) in &element.attributes {
                    html.push(' ');
                    html.push_str(name);
                    html.push_str("=\"");
                    escape(value, true, html);
                    html.push('"');
                }
                html.push('>');
                if !matches!(element.rule.kind, Kind::Void | Kind::InlineVoid) {
                    write(&element.children, html);
                    html.push_str("</");
                    html.push_str(element.name());
                    html.push('>');
                }
            }
        }
    }
}

/// Writes `text` so that it reads as text (or as the value of an attribute in quotes).
pub(super) fn escape(text: &str, in_quotes: bool, html: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '\u{a0}' => html.push_str("&nbsp;"),
            '"' if in_quotes => html.push_str("&quot;"),
            _ => html.push(letter),
        }
    }
}
