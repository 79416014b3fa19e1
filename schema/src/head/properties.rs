//! Values of fields as properties of schema.org, along the ways that the content type names
//! ([`PropertyPath`]).
//!
//! Ways that pass through things of the same type under the same property meet in one thing
//! (`mainEntity.Question.name` and `mainEntity.Question.text` are one question), unless it has
//! that property already: then another thing begins. Places, files, links and items of groups
//! are things by themselves and take nothing in from other fields.
//!
//! [`PropertyPath`]: crate::content_type::PropertyPath

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Place, Text, one_line};
use crate::{
    content_type::{Field, FieldKind, PropertyPath},
    rich_text,
};

/// Characters of a rich text in structured data: the page itself prints the whole.
const TEXT_CHARACTERS: usize = 5_000;

/// A thing: a type of schema.org and its properties.
#[derive(Clone, Debug)]
pub(super) struct Node {
    r#type: String,
    /// Made for a value on the way, so that other values may still join it.
    is_open: bool,
    properties: BTreeMap<String, Vec<Part>>,
}

/// A value of a property.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Plain(Value),
    Thing(Node),
}

impl<T: Into<Value>> From<T> for Part {
    fn from(value: T) -> Self {
        Self::Plain(value.into())
    }
}

impl From<Node> for Part {
    fn from(node: Node) -> Self {
        Self::Thing(node)
    }
}

impl Node {
    pub(super) fn new(r#type: impl Into<String>) -> Self {
        Self { r#type: r#type.into(), is_open: false, properties: BTreeMap::new() }
    }

    /// A thing that stands elsewhere in the graph.
    pub(super) fn reference(id: &str) -> Value {
        json!({ "@id": id })
    }

    pub(super) fn has(&self, property: &str) -> bool {
        self.properties.contains_key(property)
    }

    pub(super) fn push(&mut self, property: &str, part: impl Into<Part>) {
        self.properties.entry(property.to_owned()).or_default().push(part.into());
    }

    /// Fills a property that nothing has filled, if there is something to fill it with.
    pub(super) fn fill(&mut self, property: &str, part: Option<impl Into<Part>>) {
        if let (Some(part), false) = (part, self.has(property)) {
            self.push(property, part);
        }
    }

    /// With a property.
    pub(super) fn with(mut self, property: &str, part: impl Into<Part>) -> Self {
        self.push(property, part);
        self
    }

    /// Puts a value where `steps` lead from here.
    fn put(&mut self, steps: &[Box<str>], part: Part) {
        match steps {
            [] => {}
            [property] => self.push(property, part),
            [property, r#type] => match part {
                Part::Thing(node) => {
                    self.push(property, Node { r#type: r#type.to_string(), ..node });
                }
                plain @ Part::Plain(_) => self.push(property, plain),
            },
            [property, r#type, rest @ ..] => self.open(property, r#type, rest).put(rest, part),
        }
    }

    /// The thing under `property` that a value on its way along `rest` may join.
    fn open(&mut self, property: &str, r#type: &str, rest: &[Box<str>]) -> &mut Self {
        let parts = self.properties.entry(property.to_owned()).or_default();
        let joins = |part: &Part| match part {
            Part::Thing(node) => {
                let is_free = rest.len() > 1 || !node.has(&rest[0]);
                node.is_open && node.r#type == r#type && is_free
            }
            Part::Plain(_) => false,
        };
        let at = parts.iter().rposition(joins).unwrap_or_else(|| {
            parts.push(Part::Thing(Self { is_open: true, ..Self::new(r#type) }));
            parts.len() - 1
        });
        match &mut parts[at] {
            Part::Thing(node) => node,
            Part::Plain(_) => unreachable!("a thing was found or put there"),
        }
    }

    /// As JSON-LD; a property with one value holds it without a list.
    pub(super) fn into_json(self) -> Value {
        let single = |part| match part {
            Part::Plain(value) => value,
            Part::Thing(node) => node.into_json(),
        };
        let mut object = Map::new();
        object.insert("@type".to_owned(), self.r#type.into());
        for (property, parts) in self.properties {
            let mut values: Vec<Value> = parts.into_iter().map(single).collect();
            let value = match values.len() {
                1 => values.swap_remove(0),
                _ => Value::Array(values),
            };
            object.insert(property, value);
        }
        Value::Object(object)
    }
}

/// Fills `node` with what the fields of the document say.
pub(super) fn fill(node: &mut Node, place: &Place<'_>, text: &Text<'_>) {
    fill_from(node, &text.content_type.fields, text.fields, place, text);
}

fn fill_from(
    node: &mut Node,
    fields: &[Field],
    values: &Map<String, Value>,
    place: &Place<'_>,
    text: &Text<'_>,
) {
    for field in fields {
        let Some(path) = &field.schema_org else { continue };
        if let FieldKind::Link { .. } = field.kind {
            for linked in text.links.get(&field.name).into_iter().flatten() {
                let address = linked.address.as_str();
                let part = match path.ends_in_type() {
                    true => {
                        let name = one_line(&linked.title);
                        Node::new("Thing").with("name", name).with("url", address).into()
                    }
                    false => address.into(),
                };
                node.put(path.steps(), part);
            }
            continue;
        }
        let values = match values.get(field.name.as_str()) {
            Some(Value::Array(values)) if field.kind.is_list() => values.as_slice(),
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        for value in values {
            if let Some(part) = part(&field.kind, path, value, place, text) {
                node.put(path.steps(), part);
            }
        }
    }
}

/// A stored value as schema.org knows such values; the type of a thing is set where it is put.
fn part(
    kind: &FieldKind,
    path: &PropertyPath,
    value: &Value,
    place: &Place<'_>,
    text: &Text<'_>,
) -> Option<Part> {
    Some(match kind {
        FieldKind::Choice { choices, .. } => {
            let choice = choices.iter().find(|choice| value.as_str() == Some(&*choice.value))?;
            match &choice.schema_org {
                Some(member) => format!("https://schema.org/{member}").into(),
                None => place.word(&choice.label).into(),
            }
        }
        FieldKind::RichText { .. } => {
            let plain = rich_text::derive(value.as_str()?).text;
            rich_text::excerpt(&plain, TEXT_CHARACTERS).into()
        }
        FieldKind::Place if path.ends_in_type() => where_it_is(value)?.into(),
        FieldKind::Place => value.get("address")?.clone().into(),
        FieldKind::File { .. } => {
            let file = value.as_object()?;
            let address = text.file_address(file)?;
            if !path.ends_in_type() {
                return Some(address.into());
            }
            let mut node = Node::new("MediaObject").with("contentUrl", address);
            node.fill("name", file.get("name").cloned());
            node.fill("encodingFormat", file.get("mediaType").cloned());
            node.fill("contentSize", file.get("size").map(|size| format!("{size} B")));
            node.into()
        }
        FieldKind::Group { fields, .. } => {
            let mut node = Node::new("Thing");
            fill_from(&mut node, fields, value.as_object()?, place, text);
            node.into()
        }
        // Links are followed before; JSON of any shape fills nothing.
        FieldKind::Link { .. } | FieldKind::Json { .. } => return None,
        _ => value.clone().into(),
    })
}

fn where_it_is(value: &Value) -> Option<Node> {
    let mut node = Node::new("Place").with("address", value.get("address")?.clone());
    if let (Some(longitude), Some(latitude)) = (value.get("longitude"), value.get("latitude")) {
        let geo = Node::new("GeoCoordinates")
            .with("longitude", longitude.clone())
            .with("latitude", latitude.clone());
        node.push("geo", geo);
    }
    Some(node)
}
