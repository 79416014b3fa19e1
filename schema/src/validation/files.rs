//! The files that file fields name, wherever they stand in a text.

use serde_json::{Map, Value};

use crate::{
    content_type::{Field, FieldKind},
    digest::Digest,
};

/// A file as a text names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// Where in the text: `picture`, `steps[2].form`.
    pub path: String,
    /// Which file.
    pub digest: Digest,
    /// What it is called there.
    pub name: String,
    /// What the text says it is.
    pub media_type: String,
    /// How long the text says it is, in bytes.
    pub size: Option<u64>,
    /// Around which point it is cut, in whole percent from the left and from the top.
    pub focal_point: Option<(u8, u8)>,
}

impl NamedFile {
    /// The field it stands in, whatever its place in a list: `files`, `steps.form`.
    pub fn field(&self) -> String {
        let mut field = String::with_capacity(self.path.len());
        for part in self.path.split('.') {
            if !field.is_empty() {
                field.push('.');
            }
            field.push_str(part.split('[').next().unwrap_or_default());
        }
        field
    }
}

/// The files that the file fields of checked values name, in the order of the fields, each before
/// the captions that belong to it.
pub fn named_files(fields: &[Field], values: &Map<String, Value>) -> Vec<NamedFile> {
    let mut found = Vec::new();
    gather(fields, values, "", &mut found);
    found
}

fn gather(fields: &[Field], values: &Map<String, Value>, prefix: &str, found: &mut Vec<NamedFile>) {
    for field in fields {
        let Some(value) = values.get(field.name.as_str()) else { continue };
        let path = format!("{prefix}{}", field.name);
        let items: Vec<(String, &Value)> = match value {
            Value::Array(items) => {
                items.iter().enumerate().map(|(at, item)| (format!("{path}[{at}]"), item)).collect()
            }
            one => vec![(path, one)],
        };
        for (path, item) in items {
            match (&field.kind, item) {
                (FieldKind::File { .. }, item) => {
                    let tracks = item.get("captions").and_then(Value::as_array);
                    let tracks = tracks.into_iter().flatten().enumerate();
                    let tracks = tracks.map(|(at, it)| (format!("{path}.captions[{at}]"), it));
                    let tracks: Vec<_> = tracks.collect();
                    found.extend(named(path, item));
                    found.extend(tracks.into_iter().filter_map(|(path, it)| named(path, it)));
                }
                (FieldKind::Group { fields, .. }, Value::Object(members)) => {
                    gather(fields, members, &format!("{path}."), found);
                }
                _ => {}
            }
        }
    }
}

fn named(path: String, file: &Value) -> Option<NamedFile> {
    let text = |member: &str| file.get(member).and_then(Value::as_str);
    let percent = |axis: &str| {
        let value = file.get("focalPoint")?.get(axis)?.as_u64()?;
        u8::try_from(value).ok()
    };
    Some(NamedFile {
        path,
        digest: text("digest")?.parse().ok()?,
        name: text("name")?.to_owned(),
        media_type: text("mediaType")?.to_owned(),
        size: file.get("size").and_then(Value::as_u64),
        focal_point: percent("x").zip(percent("y")),
    })
}
