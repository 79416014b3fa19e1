//! The one spelling of a tree: white space folded, nothing empty, text in form C.
//!
//! Runs bottom up, so that a list whose items were all empty is empty itself. The result is
//! a fixed point: the digest of an edition stands on it.

use super::{
    allow_list::Kind,
    characters::{Line, composed, is_folded},
    tree::{Element, Node, push_text},
};

/// The tidied form of the blocks of a text.
pub(super) fn tidy(blocks: Vec<Node>) -> Vec<Node> {
    let mut blocks = tidy_flow(blocks);
    compose(&mut blocks);
    blocks
}

/// Lines of text, blocks, or both in turn.
fn tidy_flow(children: Vec<Node>) -> Vec<Node> {
    let mut tidied = Vec::with_capacity(children.len());
    let mut line = Line::default();
    for child in children {
        match child {
            Node::Element(element) if !element.is_inline() => match tidy_block(element) {
                Some(block) => {
                    trim_end(&mut tidied);
                    line = Line::default();
                    tidied.push(Node::Element(block));
                }
                // What an empty block divided stays divided.
                None => push_text(&mut tidied, &line.fold(" ")),
            },
            inline => tidy_inline(inline, &mut line, &mut tidied),
        }
    }
    trim_end(&mut tidied);
    tidied
}

fn tidy_block(mut element: Element) -> Option<Element> {
    if element.name() == "pre" {
        element.children = tidy_preformatted(element.children);
    } else if element.rule.kind != Kind::Void {
        element.children = tidy_flow(element.children);
    }
    let stays = match element.rule.kind {
        Kind::Void => element.name() != "source" || element.attribute("src").is_some(),
        _ if matches!(element.name(), "td" | "th") => {
            if is_blank(&element.children) {
                element.children.clear();
            }
            true
        }
        // A table of empty cells is as empty as a paragraph of spaces.
        Kind::Text | Kind::Flow => !is_blank(&element.children),
        _ if element.name() == "table" => !is_blank(&element.children),
        _ => !element.children.is_empty(),
    };
    stays.then_some(element)
}

fn tidy_inline(node: Node, line: &mut Line, into: &mut Vec<Node>) {
    let mut element = match node {
        Node::Text(text) => return push_text(into, &line.fold(&text)),
        Node::Element(element) => element,
    };
    match (element.name(), element.rule.kind) {
        ("br", _) => {
            *line = Line::default();
            into.push(Node::Element(element));
        }
        (_, Kind::InlineVoid) => {
            if element.attribute("src").is_some() {
                line.continue_after_object();
                into.push(Node::Element(element));
            }
        }
        (_, Kind::Media) => {
            element.children.retain(
                |child| matches!(child, Node::Element(source) if source.attribute("src").is_some()),
            );
            if element.attribute("src").is_some() || !element.children.is_empty() {
                line.continue_after_object();
                into.push(Node::Element(element));
            }
        }
        _ => {
            let unwrapped = means_nothing(&element);
            let mut children = Vec::with_capacity(element.children.len());
            let target = if unwrapped { &mut *into } else { &mut children };
            for child in element.children {
                tidy_inline(child, line, target);
            }
            if !unwrapped && !children.is_empty() {
                element.children = children;
                into.push(Node::Element(element));
            }
        }
    }
}

/// Text whose white space speaks. A parser drops the first line break of such a block, so
/// none may stand there.
fn tidy_preformatted(children: Vec<Node>) -> Vec<Node> {
    let mut tidied = Vec::new();
    for child in children {
        tidy_code(child, &mut tidied);
    }
    trim_breaks(&mut tidied);
    if let Some(Node::Text(last)) = tidied.last_mut() {
        last.truncate(last.trim_end_matches(['\n', ' ', '\t']).len());
        if last.is_empty() {
            tidied.pop();
        }
    }
    tidied
}

fn tidy_code(node: Node, into: &mut Vec<Node>) {
    let mut element = match node {
        Node::Text(text) => {
            return push_text(into, &text.replace("\r\n", "\n").replace(['\r', '\x0c'], "\n"));
        }
        Node::Element(element) => element,
    };
    if element.name() == "br" {
        return push_text(into, "\n");
    }
    // Pictures and recordings have no place in preformatted text.
    if element.rule.kind != Kind::Inline {
        return;
    }
    let unwrapped = means_nothing(&element);
    let mut children = Vec::with_capacity(element.children.len());
    let target = if unwrapped { &mut *into } else { &mut children };
    for child in element.children {
        tidy_code(child, target);
    }
    if !unwrapped && !children.is_empty() {
        element.children = children;
        into.push(Node::Element(element));
    }
}

/// Takes the line breaks off the start, where they are the first thing in the block.
fn trim_breaks(nodes: &mut Vec<Node>) {
    if let Some(Node::Text(first)) = nodes.first_mut() {
        first.drain(..first.len() - first.trim_start_matches('\n').len());
        if first.is_empty() {
            nodes.remove(0);
        }
    }
}

/// Whether an inline element says nothing without the attributes it lacks.
fn means_nothing(element: &Element) -> bool {
    match element.name() {
        "a" => element.attribute("href").is_none(),
        "span" => element.attributes.is_empty(),
        _ => false,
    }
}

/// Takes the white space off the end of a line, through the elements that end there.
fn trim_end(nodes: &mut Vec<Node>) {
    while let Some(last) = nodes.last_mut() {
        match last {
            Node::Text(text) => {
                text.truncate(text.trim_end_matches(is_folded).len());
                if !text.is_empty() {
                    return;
                }
            }
            Node::Element(element) => {
                if element.rule.kind != Kind::Inline {
                    return;
                }
                trim_end(&mut element.children);
                if !element.children.is_empty() {
                    return;
                }
            }
        }
        nodes.pop();
    }
}

/// Whether a reader would see nothing: white space of any kind and line breaks.
fn is_blank(nodes: &[Node]) -> bool {
    nodes.iter().all(|node| match node {
        Node::Text(text) => text.chars().all(char::is_whitespace),
        Node::Element(element) => match element.rule.kind {
            Kind::Void | Kind::InlineVoid | Kind::Media => matches!(element.name(), "br" | "col"),
            _ => is_blank(&element.children),
        },
    })
}

fn compose(nodes: &mut [Node]) {
    for node in nodes {
        match node {
            Node::Text(text) => *text = composed(text),
            Node::Element(element) => compose(&mut element.children),
        }
    }
}
