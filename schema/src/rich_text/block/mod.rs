//! Rich text as a tree of blocks, for apps that draw it with native controls instead of a web
//! view. Each variant is one thing to draw; nothing in it needs an HTML parser.

mod read;

use serde::Serialize;

pub use read::blocks;

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
