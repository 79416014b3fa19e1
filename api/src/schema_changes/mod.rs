//! What changed between two GraphQL schemas, and whom it hurts.
//!
//! The rules are those of the GraphQL specification (October 2021): which documents that were
//! valid stay valid (sections 3 and 5), and which answers a client prepared for it may now
//! get. Descriptions are left out: no client depends on them.

mod compare;
mod described;

use schema::message::Bilingual;
use serde::Serialize;

use self::described::Described;

/// Whom a change hurts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Weight {
    /// Documents that were valid are no longer, or answers no longer have the shape they had.
    Breaking,
    /// A client may get what it did not know of, or another answer to the same question.
    Dangerous,
    /// Nobody who does not ask for it.
    Safe,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Whom it hurts.
    pub weight: Weight,
    /// Where: `Type`, `Type.field`, `Type.field(argument:)`, `@directive`.
    pub place: String,
    /// What changed.
    pub message: Bilingual,
}

/// A text that is no schema.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotASchema(String);

/// Everything that changed from `old` to `new`, two schemas in the schema definition language:
/// the breaking changes first, then by place.
///
/// # Errors
/// [`NotASchema`] for a text that does not parse; whether it is valid is not looked at.
pub fn changes(old: &str, new: &str) -> Result<Vec<Change>, NotASchema> {
    let (old, new) = (Described::parse(old)?, Described::parse(new)?);
    let mut changes = compare::compare(&old, &new);
    changes.sort_by(|one, other| {
        (one.weight, &one.place, &one.message.en).cmp(&(
            other.weight,
            &other.place,
            &other.message.en,
        ))
    });
    Ok(changes)
}

#[cfg(test)]
mod tests;
