//! Rich text as a tree of blocks, for apps that draw it with native controls instead of a web
//! view. Each variant is one thing to draw; nothing in it needs an HTML parser.

use serde::Serialize;

use super::{
    parse::parse,
    tree::{Element, Node},
};

/// One block, in JSON an object whose `type` says which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Block {
    /// A heading.
    Heading {
        /// 1 to 6.
        level: u8,
        /// Its anchor, which links of the text may name as `#id`.
        id: String,
        /// Its line.
        content: Vec<Inline>,
        /// How it stands.
        #[serde(flatten)]
        style: TextStyle,
    },
    /// A paragraph.
    Paragraph {
        /// Its line.
        content: Vec<Inline>,
        /// How it stands.
        #[serde(flatten)]
        style: TextStyle,
    },
    /// A list.
    List {
        /// Numbered or not.
        ordered: bool,
        /// The number of the first item.
        start: i64,
        /// Its items.
        items: Vec<ListItem>,
    },
    /// Terms and their descriptions.
    DescriptionList {
        /// In the order of the text.
        items: Vec<Description>,
    },
    /// A table.
    Table {
        /// Its caption; empty without one.
        caption: Vec<Inline>,
        /// Its rows from top to bottom.
        rows: Vec<Row>,
    },
    /// A picture on its own, with what stands under it.
    Image {
        /// Address, or `asset:sha256:…` for a file of the hub.
        src: String,
        /// What it shows, in words.
        alt: String,
        /// Width in CSS pixels, where the author gave one.
        #[serde(skip_serializing_if = "Option::is_none")]
        width: Option<u32>,
        /// Height in CSS pixels, where the author gave one.
        #[serde(skip_serializing_if = "Option::is_none")]
        height: Option<u32>,
    },
    /// A recording.
    Media {
        /// Whether it has pictures.
        video: bool,
        /// Addresses of the same recording in several forms, the preferred first.
        sources: Vec<String>,
        /// The picture shown before it plays.
        #[serde(skip_serializing_if = "Option::is_none")]
        poster: Option<String>,
    },
    /// Pictures, recordings or tables with a caption.
    Figure {
        /// What is shown.
        content: Vec<Block>,
        /// What is said of it.
        caption: Vec<Block>,
    },
    /// A quotation.
    Quote {
        /// What is quoted.
        content: Vec<Block>,
    },
    /// Text that opens on demand.
    Details {
        /// Whether it starts open.
        open: bool,
        /// What is shown while it is closed.
        summary: Vec<Inline>,
        /// What opens.
        content: Vec<Block>,
    },
    /// Preformatted text.
    Code {
        /// With its line breaks.
        text: String,
    },
    /// A line across.
    Rule,
}

/// How a paragraph or heading stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TextStyle {
    /// `center`, `right` or `justify`; absent at the start of the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub align: Option<&'static str>,
    /// Whether the first line stands two letters in.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub indented: bool,
}

/// One item of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ListItem {
    /// What it holds.
    pub content: Vec<Block>,
}

/// A term or a description.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// Whether it is the term.
    pub term: bool,
    /// What it holds.
    pub content: Vec<Block>,
}

/// One row of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Whether it belongs to the head of the table.
    pub head: bool,
    /// From left to right; cells that reach down from above are not repeated.
    pub cells: Vec<Cell>,
}

/// One cell of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cell {
    /// What it heads, for a header cell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<CellScope>,
    /// How many columns it covers.
    pub columns: u32,
    /// How many rows it covers.
    pub rows: u32,
    /// `center`, `right` or `justify`; absent at the start of the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub align: Option<&'static str>,
    /// What it holds.
    pub content: Vec<Block>,
}

/// What a header cell heads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CellScope {
    /// The cells below it, also where nothing was said.
    Column,
    /// The cells beside it.
    Row,
}

/// A piece of a line, in JSON an object whose `type` says which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Inline {
    /// Plain text.
    Text {
        /// The text.
        text: String,
    },
    /// Text set off from the rest.
    Styled {
        /// `strong`, `em`, `u`, `s`, `del`, `ins`, `sub`, `sup`, `small`, `mark` or `code`.
        style: &'static str,
        /// What is set off.
        content: Vec<Inline>,
    },
    /// A link.
    Link {
        /// Address; `#…` names a heading of the same text.
        href: String,
        /// The words that carry it.
        content: Vec<Inline>,
    },
    /// Text with its reading above it.
    Ruby {
        /// The text.
        base: Vec<Inline>,
        /// The reading.
        reading: String,
    },
    /// A picture inside a line.
    Image {
        /// Address, or `asset:sha256:…` for a file of the hub.
        src: String,
        /// What it shows, in words.
        alt: String,
    },
    /// A new line in the same paragraph.
    Break,
}

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
                .map(|part| Description { term: part.name() == "dt", content: flow(&part.children) })
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

/// A paragraph. Pictures that stand at either end of it, and recordings anywhere, become
/// blocks of their own: an app draws them across the page.
fn paragraph(nodes: &[Node], style: TextStyle, into: &mut Vec<Block>) {
    let own_block = |node: &Node| match node {
        Node::Element(element) => own_block(element),
        Node::Text(_) => None,
    };
    let is_apart = |node: &Node| {
        matches!(node, Node::Element(element) if matches!(element.name(), "audio" | "video"))
    };
    let only_pictures = nodes.iter().all(|node| match node {
        Node::Text(text) => text.trim().is_empty(),
        Node::Element(element) => own_block(node).is_some() || element.name() == "br",
    });
    let starts_block = |node: &Node| if only_pictures { own_block(node) } else { None };
    for run in nodes.chunk_by(|one, other| !is_apart(one) && !is_apart(other)) {
        if is_apart(&run[0]) || only_pictures {
            into.extend(run.iter().filter_map(|node| starts_block(node).or_else(|| own_block(node))));
            continue;
        }
        let content = line(run);
        if !content.is_empty() {
            into.push(Block::Paragraph { content, style });
        }
    }
}

fn own_block(element: &Element) -> Option<Block> {
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
