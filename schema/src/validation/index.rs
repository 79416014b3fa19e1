//! Index keys: bytes that compare as the values do, so that one index serves every kind on every
//! database.
//!
//! | kind | key |
//! | --- | --- |
//! | short text | UTF-8, cut at 512 bytes |
//! | document number | its lookup key, cut likewise |
//! | integer | 8 bytes, big-endian, sign bit flipped |
//! | decimal | see [`Decimal::ordered_bytes`] |
//! | boolean | one byte, 0 or 1 |
//! | date | 4 bytes: days since 1970-01-01, big-endian, sign bit flipped |
//! | date and time | 8 bytes: microseconds since 1970-01-01T00:00Z, likewise |
//! | choice, region code | ASCII text |
//! | place | its position, if it has one: see [`position`](crate::position) |
//! | link | the 16 bytes of the content id |
//!
//! Keys compare as unsigned bytes, a shorter one before a longer one that starts with it.

use std::collections::BTreeMap;

use jiff::{
    Timestamp,
    civil::{self, Date},
};
use serde_json::{Map, Value};

use super::scalar::{self, Purpose};
use crate::{
    content_type::{ContentType, Field, FieldKind, Unique},
    decimal::Decimal,
    document_number,
    ids::ContentId,
    message::Fault,
    names::FieldName,
    position,
};

/// Bytes of a text that take part in a comparison.
pub const TEXT_KEY_BYTES: usize = 512;

/// One value of a live document that lists are filtered or ordered by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexValue {
    /// The field.
    pub field: FieldName,
    /// Its key; a list has one row per value.
    pub key: Vec<u8>,
    /// Lists can be ordered by it.
    pub sortable: bool,
    /// Lists can be filtered by it.
    pub filterable: bool,
}

/// A value that no other content may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UniqueValue {
    /// The field.
    pub field: FieldName,
    /// Among whose contents.
    pub scope: Unique,
    /// Its key, never cut: different values have different keys.
    pub key: Vec<u8>,
}

/// The index rows of checked content, in the order of the type's fields.
pub fn index_values(
    content_type: &ContentType,
    checked_fields: &Map<String, Value>,
    links: &BTreeMap<FieldName, Vec<ContentId>>,
) -> Vec<IndexValue> {
    let mut rows = Vec::new();
    for field in content_type.fields.iter().filter(|field| field.filterable || field.sortable) {
        let mut keys: Vec<Vec<u8>> = match (&field.kind, checked_fields.get(field.name.as_str())) {
            (FieldKind::Link { .. }, _) => {
                let ids = links.get(&field.name).map_or(&[][..], Vec::as_slice);
                ids.iter().map(|id| id.uuid().as_bytes().to_vec()).collect()
            }
            (kind, Some(Value::Array(items))) => {
                items.iter().filter_map(|item| encode(kind, item)).collect()
            }
            (kind, Some(single)) => encode(kind, single).into_iter().collect(),
            (_, None) => Vec::new(),
        };
        keys.sort_unstable();
        keys.dedup();
        rows.extend(keys.into_iter().map(|key| IndexValue {
            field: field.name.clone(),
            key: cut(&field.kind, key),
            sortable: field.sortable,
            filterable: field.filterable,
        }));
    }
    rows.dedup();
    rows
}

/// The values of checked content that must be unique.
pub fn unique_values(
    content_type: &ContentType,
    checked_fields: &Map<String, Value>,
) -> Vec<UniqueValue> {
    let unique = |field: &Field| {
        let key = encode(&field.kind, checked_fields.get(field.name.as_str())?)?;
        Some(UniqueValue { field: field.name.clone(), scope: field.unique?, key })
    };
    content_type.fields.iter().filter_map(unique).collect()
}

/// The key of a value that is asked for. It is brought into canonical form first, so that
/// `国办发[2014]57号` finds what is stored as `国办发〔2014〕57号`; limits of the field do not bind.
///
/// # Errors
/// A fault at the field's name when the value is empty or not of the field's kind
/// (`empty_operand`, `not_a_date`, …), or the kind has no keys (`not_indexable`).
pub fn key_for(field: &Field, value: &Value) -> Result<Vec<u8>, Fault> {
    let fault = |code, zh: &str, en: &str| Fault::new(field.name.as_str(), code, zh, en);
    // A place is looked for in a circle, not by a value.
    let has_keys = field.kind.can_filter() && !matches!(field.kind, FieldKind::Place);
    if !has_keys && !field.kind.can_sort() {
        return Err(fault(
            "not_indexable",
            "不能按此类型的字段筛选或排序",
            "fields of this kind can be neither filtered nor ordered by",
        ));
    }
    let canonical = match &field.kind {
        FieldKind::Link { .. } => {
            scalar::content_id(value).map(|id| id.map(|id| id.to_string().into()))
        }
        kind => scalar::canonical(kind, value, Purpose::Operand),
    };
    let canonical = canonical.map_err(|problem| Fault {
        path: field.name.to_string(),
        code: problem.code,
        message: problem.message,
    })?;
    canonical
        .and_then(|value| encode(&field.kind, &value))
        .map(|key| cut(&field.kind, key))
        .ok_or_else(|| fault("empty_operand", "请给出要比较的值", "give a value to compare with"))
}

/// The key of a canonical value, not cut.
fn encode(kind: &FieldKind, value: &Value) -> Option<Vec<u8>> {
    match kind {
        FieldKind::ShortText { .. } | FieldKind::Choice { .. } | FieldKind::RegionCode { .. } => {
            Some(value.as_str()?.as_bytes().to_vec())
        }
        FieldKind::DocumentNumber => {
            Some(document_number::lookup_key(value.as_str()?).into_bytes())
        }
        FieldKind::Integer { .. } => Some(ordered(value.as_i64()?)),
        FieldKind::Decimal { .. } => {
            value.as_str()?.parse::<Decimal>().ok().map(|decimal| decimal.ordered_bytes())
        }
        FieldKind::Boolean => Some(vec![u8::from(value.as_bool()?)]),
        FieldKind::Date { .. } => {
            let date: Date = value.as_str()?.parse().ok()?;
            let days = (date - civil::date(1970, 1, 1)).get_days();
            Some(((days as u32) ^ (1 << 31)).to_be_bytes().to_vec())
        }
        FieldKind::DateTime => {
            Some(ordered(value.as_str()?.parse::<Timestamp>().ok()?.as_microsecond()))
        }
        FieldKind::Place => {
            let member = |name| value.get(name).and_then(Value::as_str);
            position::key(member("latitude")?, member("longitude")?)
        }
        FieldKind::Link { .. } => {
            let id: ContentId = value.as_str()?.parse().ok()?;
            Some(id.uuid().as_bytes().to_vec())
        }
        _ => None,
    }
}

fn ordered(number: i64) -> Vec<u8> {
    ((number as u64) ^ (1 << 63)).to_be_bytes().to_vec()
}

/// Cuts the key of a text between two characters.
fn cut(kind: &FieldKind, mut key: Vec<u8>) -> Vec<u8> {
    if matches!(kind, FieldKind::ShortText { .. } | FieldKind::DocumentNumber)
        && key.len() > TEXT_KEY_BYTES
    {
        let is_continuation = |byte: u8| byte & 0b1100_0000 == 0b1000_0000;
        let end = (0..=TEXT_KEY_BYTES).rev().find(|end| !is_continuation(key[*end]));
        key.truncate(end.unwrap_or(TEXT_KEY_BYTES));
    }
    key
}
