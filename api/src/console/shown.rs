//! A text as reviewers read it: field by field, under the names that people know.

use schema::{
    content_type::{ContentType, FieldKind},
    difference::{self, FieldDifference},
    digest::Digest,
    edition::Content,
    rich_text,
};
use serde_json::Value;

use super::frame::Tongue;
use crate::content::with_addresses;

/// A field, as HTML that can be printed as it is.
pub(super) struct ShownField {
    pub(super) label: String,
    pub(super) html: String,
}

/// The fields that say something, in the order of their type.
pub(super) fn fields(l: Tongue, content_type: &ContentType, content: &Content) -> Vec<ShownField> {
    let shown = content_type.fields.iter().filter_map(|field| {
        let value = content.fields.get(field.name.as_str())?;
        let html = match (&field.kind, value) {
            // Cleaned when it was saved.
            (FieldKind::RichText { .. }, Value::String(html)) => with_addresses(html, &address),
            _ => paragraphs(&difference::passages_of(field, value, &content.locale)),
        };
        (!html.is_empty()).then(|| ShownField { label: l.of_both(&field.label), html })
    });
    shown.collect()
}

/// The fields that differ.
pub(super) fn differences(
    l: Tongue,
    content_type: &ContentType,
    found: &[FieldDifference],
) -> Vec<ShownField> {
    let shown = found.iter().map(|difference| ShownField {
        label: label(l, content_type, difference.field.as_str()),
        html: difference.html(),
    });
    shown.collect()
}

/// What people call a field: by its name in the content, or by its path in a finding.
pub(super) fn label(l: Tongue, content_type: &ContentType, path: &str) -> String {
    let name = path.strip_prefix("fields.").unwrap_or(path);
    let name = name.split(['.', '[']).next().unwrap_or(name);
    let field = content_type.fields.iter().find(|field| field.name.as_str() == name);
    field.map_or_else(|| path.to_owned(), |field| l.of_both(&field.label))
}

fn paragraphs(passages: &[String]) -> String {
    let mut html = String::new();
    for passage in passages {
        html.push_str("<p>");
        rich_text::escape(passage, &mut html);
        html.push_str("</p>");
    }
    html
}

/// Where the browser of somebody signed in finds a file of a draft.
fn address(digest: &Digest) -> String {
    format!("/assets/{}/file", digest.hex())
}
