//! What rich text may hold: the elements and attributes of the hub, as one table.
//!
//! Both the builder of the tree and the last gate (ammonia) read it, so they cannot disagree.
//! Chosen for official documents: headings, paragraphs, lists, tables, notes in ruby, pictures
//! and recordings. Nothing that runs, nothing that styles beyond four classes.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// What may stand inside an element, and where it may stand itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Holds text only, no other block: paragraphs, headings.
    Text,
    /// Holds blocks or text: list items, cells.
    Flow,
    /// Holds its own parts only: lists, tables and their rows.
    Structure,
    /// Part of a line of text.
    Inline,
    /// Part of a line of text, holds nothing.
    InlineVoid,
    /// Part of a line of text, holds sources only.
    Media,
    /// A block that holds nothing, or a part that holds nothing.
    Void,
}

/// Which values an attribute may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// The address of a link.
    Link,
    /// The address of a picture or recording.
    Source,
    /// Any text, at most so many characters.
    Text(usize),
    /// A whole number within bounds.
    Number(i64, i64),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A language tag.
    Language,
    /// Words of [`CLASSES`].
    Class,
    /// The anchor of a heading.
    Anchor,
    /// Present or absent.
    Flag,
    /// Present whatever the author wrote.
    Always(&'static str),
    /// Set by us on links that leave the site.
    Relation,
}

/// One element.
#[derive(Debug)]
pub(super) struct Rule {
    pub name: &'static str,
    pub kind: Kind,
    /// Own attributes in the order they are written; [`GENERAL`] come after them.
    pub attributes: &'static [(&'static str, Value)],
}

/// Attributes of every element that is not void structure.
pub(super) const GENERAL: &[(&str, Value)] =
    &[("lang", Value::Language), ("dir", Value::Word(&["ltr", "rtl", "auto"]))];

/// The classes that survive, in the order they are written: the alignments and the indent of
/// official documents, whose signature stands at the right.
pub(super) const CLASSES: &[&str] = &["align-center", "align-right", "align-justify", "indent-2"];

/// The relation of every link that leaves the site.
pub(super) const RELATION: &str = "noopener noreferrer";

const NONE: &[(&str, Value)] = &[];
const ALIGNED: &[(&str, Value)] = &[("class", Value::Class)];
const HEADING: &[(&str, Value)] = &[("id", Value::Anchor), ("class", Value::Class)];
const CELL: &[(&str, Value)] = &[
    ("colspan", Value::Number(2, 1000)),
    ("rowspan", Value::Number(2, 1000)),
    ("scope", Value::Word(&["row", "col", "rowgroup", "colgroup"])),
    ("class", Value::Class),
];
const SIZE: Value = Value::Number(1, 10_000);
const TITLE: Value = Value::Text(400);

const fn rule(
    name: &'static str,
    kind: Kind,
    attributes: &'static [(&'static str, Value)],
) -> Rule {
    Rule { name, kind, attributes }
}

/// Every element that survives.
pub(super) static RULES: &[Rule] = &[
    rule("p", Kind::Text, ALIGNED),
    rule("h1", Kind::Text, HEADING),
    rule("h2", Kind::Text, HEADING),
    rule("h3", Kind::Text, HEADING),
    rule("h4", Kind::Text, HEADING),
    rule("h5", Kind::Text, HEADING),
    rule("h6", Kind::Text, HEADING),
    rule("pre", Kind::Text, NONE),
    rule("hr", Kind::Void, NONE),
    rule("blockquote", Kind::Flow, NONE),
    rule("ul", Kind::Structure, NONE),
    rule(
        "ol",
        Kind::Structure,
        &[
            ("start", Value::Number(0, 1_000_000)),
            ("type", Value::Word(&["1", "a", "A", "i", "I"])),
        ],
    ),
    rule("li", Kind::Flow, &[("value", Value::Number(0, 1_000_000))]),
    rule("dl", Kind::Structure, NONE),
    rule("dt", Kind::Text, NONE),
    rule("dd", Kind::Flow, NONE),
    rule("table", Kind::Structure, NONE),
    rule("caption", Kind::Text, NONE),
    rule("colgroup", Kind::Structure, NONE),
    rule("col", Kind::Void, &[("span", Value::Number(2, 1000))]),
    rule("thead", Kind::Structure, NONE),
    rule("tbody", Kind::Structure, NONE),
    rule("tfoot", Kind::Structure, NONE),
    rule("tr", Kind::Structure, NONE),
    rule("th", Kind::Flow, CELL),
    rule("td", Kind::Flow, CELL),
    rule("figure", Kind::Flow, NONE),
    rule("figcaption", Kind::Flow, NONE),
    rule("details", Kind::Flow, &[("open", Value::Flag)]),
    rule("summary", Kind::Text, NONE),
    rule("a", Kind::Inline, &[("href", Value::Link), ("rel", Value::Relation), ("title", TITLE)]),
    rule("strong", Kind::Inline, NONE),
    rule("em", Kind::Inline, NONE),
    rule("u", Kind::Inline, NONE),
    rule("s", Kind::Inline, NONE),
    rule("del", Kind::Inline, NONE),
    rule("ins", Kind::Inline, NONE),
    rule("sub", Kind::Inline, NONE),
    rule("sup", Kind::Inline, NONE),
    rule("small", Kind::Inline, NONE),
    rule("mark", Kind::Inline, NONE),
    rule("code", Kind::Inline, NONE),
    rule("span", Kind::Inline, NONE),
    rule("abbr", Kind::Inline, &[("title", TITLE)]),
    rule("time", Kind::Inline, &[("datetime", Value::Text(64))]),
    rule("ruby", Kind::Inline, NONE),
    rule("rt", Kind::Inline, NONE),
    rule("rp", Kind::Inline, NONE),
    rule("br", Kind::InlineVoid, NONE),
    rule(
        "img",
        Kind::InlineVoid,
        &[
            ("src", Value::Source),
            ("alt", Value::Text(1000)),
            ("width", SIZE),
            ("height", SIZE),
            ("title", TITLE),
        ],
    ),
    rule("audio", Kind::Media, &[("src", Value::Source), ("controls", Value::Always(""))]),
    rule(
        "video",
        Kind::Media,
        &[
            ("src", Value::Source),
            ("controls", Value::Always("")),
            ("poster", Value::Source),
            ("width", SIZE),
            ("height", SIZE),
        ],
    ),
    rule("source", Kind::Void, &[("src", Value::Source), ("type", Value::Text(100))]),
];

/// What a tag of the author's is taken for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Meaning {
    /// An element that survives.
    Element(&'static Rule),
    /// A block whose tag goes and whose content stays, on lines of its own.
    Boundary,
    /// The tag and all inside it go.
    Dropped,
    /// As [`Meaning::Dropped`], and inside it the tokeniser sees no tags.
    DroppedRaw,
    /// The tag goes, the content stays where it is.
    Unwrapped,
}

/// What the tag `name` (in small letters) is taken for.
pub(super) fn meaning(name: &str) -> Meaning {
    static BY_NAME: LazyLock<HashMap<&'static str, &'static Rule>> =
        LazyLock::new(|| RULES.iter().map(|rule| (rule.name, rule)).collect());
    let name = match name {
        "b" => "strong",
        "i" => "em",
        "strike" => "s",
        "tt" | "kbd" | "samp" => "code",
        "image" => "img",
        other => other,
    };
    if let Some(rule) = BY_NAME.get(name) {
        return Meaning::Element(rule);
    }
    match name {
        "div" | "center" | "section" | "article" | "main" | "header" | "footer" | "nav"
        | "aside" | "address" | "hgroup" | "form" | "fieldset" | "legend" | "body" | "html"
        | "dir" | "menu" | "search" | "dialog" | "listing" => Meaning::Boundary,
        "script" | "style" | "textarea" | "title" | "xmp" | "iframe" | "noembed" | "noframes" => {
            Meaning::DroppedRaw
        }
        "svg" | "math" | "select" | "template" | "noscript" | "frameset" | "applet" => {
            Meaning::Dropped
        }
        _ => Meaning::Unwrapped,
    }
}

/// The rule of an element the builder opens by itself.
pub(super) fn element(name: &str) -> &'static Rule {
    match meaning(name) {
        Meaning::Element(rule) => rule,
        other => unreachable!("{name} stands in the table, it is no {other:?}"),
    }
}

/// The last gate: whatever the tree builder let through by mistake goes here.
pub(super) static GATE: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let names = |attributes: &'static [(&'static str, Value)]| {
        let listed = |value: Value| !matches!(value, Value::Class | Value::Relation);
        attributes.iter().filter(move |(_, value)| listed(*value)).map(|(name, _)| *name)
    };
    let classed =
        RULES.iter().filter(|rule| rule.attributes.iter().any(|(_, value)| *value == Value::Class));
    let relation = HashMap::from([("a", HashMap::from([("rel", HashSet::from([RELATION]))]))]);
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(RULES.iter().map(|rule| rule.name).collect())
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(
            RULES.iter().map(|rule| (rule.name, names(rule.attributes).collect())).collect(),
        )
        .generic_attributes(names(GENERAL).collect())
        .allowed_classes(
            classed.map(|rule| (rule.name, CLASSES.iter().copied().collect())).collect(),
        )
        .tag_attribute_values(relation)
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel", "asset"]))
        .url_relative(ammonia::UrlRelative::PassThrough)
        .link_rel(None);
    builder
});
