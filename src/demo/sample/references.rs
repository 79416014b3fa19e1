//! References inside fields: `{ ref = "key" }` for a document, `{ file = "files/x.csv" }` for
//! a file. No field of a content type holds an object with such a member, so nothing else is
//! taken for one.

use schema::message::Fault;
use serde_json::{Map, Value};

/// What stands in a field instead of what only a hub can give.
pub(super) enum Reference<'v> {
    /// The content of the document of this key.
    Content(&'v str),
    /// The file at this path, and the texts that go with it.
    File(&'v str, Map<String, Value>),
}

/// `fields` with every reference, at any depth, replaced by what `found` gives for it.
pub(super) fn replaced(
    fields: &Map<String, Value>,
    found: &mut impl FnMut(Reference<'_>) -> Result<Value, Fault>,
) -> Result<Map<String, Value>, Fault> {
    fields.iter().map(|(name, value)| Ok((name.clone(), replaced_in(value, found)?))).collect()
}

fn replaced_in(
    value: &Value,
    found: &mut impl FnMut(Reference<'_>) -> Result<Value, Fault>,
) -> Result<Value, Fault> {
    match value {
        Value::Object(members) => match reference(members) {
            Some(reference) => found(reference),
            None => replaced(members, found).map(Value::Object),
        },
        Value::Array(items) => items.iter().map(|item| replaced_in(item, found)).collect(),
        plain => Ok(plain.clone()),
    }
}

fn reference(members: &Map<String, Value>) -> Option<Reference<'_>> {
    if let (1, Some(Value::String(key))) = (members.len(), members.get("ref")) {
        return Some(Reference::Content(key));
    }
    let path = members.get("file")?.as_str()?;
    let mut texts = members.clone();
    texts.remove("file");
    Some(Reference::File(path, texts))
}
