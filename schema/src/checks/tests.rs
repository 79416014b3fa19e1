//! What all checks keep to, whatever the text; and how they do on real ones.

mod guide;
mod properties;
mod real_texts;
mod words;

use std::sync::LazyLock;

use serde_json::Value;

use super::*;
use crate::{
    content_type::TypeRegistry,
    edition::Content,
    validation::{Stage, check},
};

static TYPES: LazyLock<TypeRegistry> = LazyLock::new(TypeRegistry::embedded);

/// A content of the type that has a document number, cleaned as saving cleans it.
pub(super) fn content(fields: Value) -> Content {
    let of = if fields.get("pictures").is_some() { "news" } else { "policyDocument" };
    content_of(of, fields)
}

pub(super) fn content_of(of: &str, fields: Value) -> Content {
    let content_type = TYPES.get(&of.parse().expect("a type name")).expect("a type");
    let Value::Object(fields) = fields else { panic!("no fields: {fields}") };
    let checked = check(content_type, &fields, Stage::Draft).expect("they fit their type");
    Content {
        r#type: content_type.name.clone(),
        type_version: content_type.version,
        locale: "zh-CN".parse().expect("a locale"),
        fields: checked.fields,
        links: checked.links,
        files: checked.files,
        source: None,
        origin: None,
    }
}

/// What a check finds in `content`.
pub(super) fn found_in(
    check: &dyn Check,
    content: &Content,
    surroundings: &Surroundings,
) -> Vec<Finding> {
    let content_type = TYPES.get(&content.r#type).expect("a type");
    let subject = Subject::new(&TYPES, content_type, content);
    let mut found = Vec::new();
    check.look(&subject, surroundings, &mut Findings::of_one_check(&mut found));
    found
}

/// What a check finds in such fields when nothing is known around them.
pub(super) fn found_by(check: &dyn Check, fields: Value) -> Vec<Finding> {
    found_in(check, &content(fields), &Surroundings::default())
}

pub(super) fn codes_of(found: &[Finding]) -> Vec<&'static str> {
    found.iter().map(|finding| finding.code).collect()
}
