//! From the tree of a rich text to its blocks.

use super::{Block, Cell, CellScope, Description, Inline, ListItem, Row, TextStyle};
use crate::rich_text::{
    allow_list::Kind,
    parse::parse,
    tree::{Element, Node},
};

/// The blocks of `html`, which is cleaned HTML.
pub fn blocks(html: &str) -> Vec<Block> {
    flow(&parse(html))
}

/// Blocks, with lines of bare text between them taken as paragraphs.
fn flow(nodes: &[Node]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let is_inline = |node: &Node| match node {
        Node::Text(_) => true,
        Node::Element(element) => element.is_inline(),
    };
    for run in nodes.chunk_by(|one, other| is_inline(one) && is_inline(other)) {
        match run {
            [Node::Element(element)] if !element.is_inline() => blocks.extend(block(element)),
            line => paragraph(line, TextStyle::default(), &mut blocks),
        }
    }
    blocks
}

fn block(element: &Element) -> Vec<Block> {
    let mut blocks = Vec::new();
    match element.name() {
        "p" => paragraph(&element.children, style(element), &mut blocks),
        "pre" => blocks.push(Block::Code { text: words(&element.children) }),
        "hr" => blocks.push(Block::Rule),
        "blockquote" => blocks.push(Block::Quote { content: flow(&element.children) }),
        "ul" | "ol" => blocks.push(Block::List {
            ordered: element.name() == "ol",
            start: number(element, "start").map_or(1, i64::from),
            items: parts(element).map(|item| ListItem { content: flow(&item.children) }).collect(),
        }),
        "dl" => blocks.push(Block::DescriptionList {
            items: parts(element)
                .map(|part| Description {
                    term: part.name() == "dt",
                    content: flow(&part.children),
                })
                .collect(),
        }),
        "table" => blocks.push(table(element)),
        "figure" => {
            let (caption, content): (Vec<_>, Vec<_>) = flow_parts(element, "figcaption");
            blocks.push(Block::Figure { content, caption });
        }
        "details" => {
            let summary = parts(element).find(|part| part.name() == "summary");
            let (_, content) = flow_parts(element, "summary");
            blocks.push(Block::Details {
                open: element.attribute("open").is_some(),
                summary: summary.map(|summary| line(&summary.children)).unwrap_or_default(),
                content,
            });
        }
        _ => match element.heading_level() {
            Some(level) => blocks.push(Block::Heading {
                level,
                id: element.attribute("id").unwrap_or_default().to_owned(),
                content: line(&element.children),
                style: style(element),
            }),
            None => blocks.extend(flow(&element.children)),
        },
    }
    blocks
}

/// The blocks of the child named `apart`, and those of all other children.
fn flow_parts(element: &Element, apart: &str) -> (Vec<Block>, Vec<Block>) {
    let is_apart = |node: &Node| matches!(node, Node::Element(child) if child.name() == apart);
    let mut inside = (Vec::new(), Vec::new());
    for run in element.children.chunk_by(|one, other| is_apart(one) == is_apart(other)) {
        let side = if is_apart(&run[0]) { &mut inside.0 } else { &mut inside.1 };
        side.extend(flow(run));
    }
    inside
}

fn parts(element: &Element) -> impl Iterator<Item = &Element> {
    element.children.iter().filter_map(|node| match node {
        Node::Element(part) => Some(part),
        Node::Text(_) => None,
    })
}

fn table(table: &Element) -> Block {
    let caption = parts(table).find(|part| part.name() == "caption");
    let sections = parts(table).filter(|part| matches!(part.name(), "thead" | "tbody" | "tfoot"));
    let rows = sections.flat_map(|section| {
        parts(section).map(|row| Row {
            head: section.name() == "thead",
            cells: parts(row).map(cell).collect(),
        })
    });
    Block::Table {
        caption: caption.map(|caption| line(&caption.children)).unwrap_or_default(),
        rows: rows.collect(),
    }
}

fn cell(cell: &Element) -> Cell {
    let heads_row = matches!(cell.attribute("scope"), Some("row" | "rowgroup"));
    let scope = if heads_row { CellScope::Row } else { CellScope::Column };
    Cell {
        header: (cell.name() == "th").then_some(scope),
        columns: number(cell, "colspan").unwrap_or(1),
        rows: number(cell, "rowspan").unwrap_or(1),
        align: style(cell).align,
        content: flow(&cell.children),
    }
}

/// A paragraph. Pictures that are all it holds, and recordings anywhere in it, become blocks
/// of their own: an app draws them across the page.
fn paragraph(nodes: &[Node], style: TextStyle, into: &mut Vec<Block>) {
    let only_pictures = nodes.iter().all(|node| is_blank(node) || is_picture(node));
    let stands_alone = |node: &Node| match node {
        Node::Element(element) => {
            element.rule.kind == Kind::Media || only_pictures && is_picture(node)
        }
        Node::Text(_) => false,
    };
    for run in nodes.chunk_by(|one, other| stands_alone(one) == stands_alone(other)) {
        if stands_alone(&run[0]) {
            into.extend(run.iter().filter_map(own_block));
        } else if !run.iter().all(is_blank) {
            into.push(Block::Paragraph { content: line(run), style });
        }
    }
}

fn is_blank(node: &Node) -> bool {
    match node {
        Node::Text(text) => text.chars().all(char::is_whitespace),
        Node::Element(element) => element.name() == "br",
    }
}

fn is_picture(node: &Node) -> bool {
    matches!(node, Node::Element(element) if element.name() == "img")
}

fn own_block(node: &Node) -> Option<Block> {
    let Node::Element(element) = node else {
        return None;
    };
    let value = |name| element.attribute(name).map(str::to_owned);
    match element.name() {
        "img" => Some(Block::Image {
            src: value("src")?,
            alt: value("alt").unwrap_or_default(),
            width: number(element, "width"),
            height: number(element, "height"),
        }),
        "audio" | "video" => {
            let further = parts(element).filter_map(|source| source.attribute("src"));
            Some(Block::Media {
                video: element.name() == "video",
                sources: value("src").into_iter().chain(further.map(str::to_owned)).collect(),
                poster: value("poster"),
            })
        }
        _ => None,
    }
}

fn style(element: &Element) -> TextStyle {
    let classes = element.attribute("class").unwrap_or_default();
    let align = classes.split(' ').find_map(|class| match class {
        "align-center" => Some("center"),
        "align-right" => Some("right"),
        "align-justify" => Some("justify"),
        _ => None,
    });
    TextStyle { align, indented: classes.split(' ').any(|class| class == "indent-2") }
}

fn number(element: &Element, name: &str) -> Option<u32> {
    element.attribute(name)?.parse().ok()
}

fn line(nodes: &[Node]) -> Vec<Inline> {
    let mut line = Vec::new();
    for node in nodes {
        match node {
            Node::Text(text) => line.push(Inline::Text { text: text.clone() }),
            Node::Element(element) => inline(element, &mut line),
        }
    }
    line
}

fn inline(element: &Element, into: &mut Vec<Inline>) {
    let value = |name| element.attribute(name).unwrap_or_default().to_owned();
    match element.name() {
        "br" => into.push(Inline::Break),
        "img" => into.push(Inline::Image { src: value("src"), alt: value("alt") }),
        "a" => into.push(Inline::Link { href: value("href"), content: line(&element.children) }),
        "ruby" => ruby(element, into),
        "strong" | "em" | "u" | "s" | "del" | "ins" | "sub" | "sup" | "small" | "mark" | "code" => {
            let content = line(&element.children);
            into.push(Inline::Styled { style: element.name(), content });
        }
        _ => into.extend(line(&element.children)),
    }
}

/// One pair per reading; text without one stays text.
fn ruby(element: &Element, into: &mut Vec<Inline>) {
    let mut base = Vec::new();
    for node in &element.children {
        match node {
            Node::Element(part) if part.name() == "rp" => {}
            Node::Element(part) if part.name() == "rt" => into.push(Inline::Ruby {
                base: std::mem::take(&mut base),
                reading: words(&part.children),
            }),
            other => base.extend(line(std::slice::from_ref(other))),
        }
    }
    into.extend(base);
}

fn words(nodes: &[Node]) -> String {
    nodes
        .iter()
        .map(|node| match node {
            Node::Text(text) => text.clone(),
            Node::Element(element) => words(&element.children),
        })
        .collect()
}
