//! Canonical JSON (RFC 8785), the bytes that digests and signatures stand on.
//!
//! Beyond the RFC: no floats (decimals are strings) and integers within ±(2^53−1), so that
//! every reader of JSON recomputes the same bytes.

use serde::Serialize;
use serde_json::{Number, Value};

use crate::digest::Digest;

/// The largest integer every JSON reader keeps exactly, 2^53−1.
pub const MAX_INTEGER: i64 = 9_007_199_254_740_991;

/// A value that has no canonical form.
#[derive(Debug, thiserror::Error)]
pub enum NotCanonical {
    /// It holds a float or an integer beyond ±(2^53−1).
    #[error("number {0} cannot be written exactly: write decimals as strings")]
    Number(Number),
    /// It cannot be written as JSON at all.
    #[error("cannot be written as canonical JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The canonical bytes of `value`, as text.
///
/// # Errors
/// [`NotCanonical`] when it holds a float, a too large integer, or is not JSON.
pub fn to_canonical(value: &impl Serialize) -> Result<String, NotCanonical> {
    let value = serde_json::to_value(value)?;
    check_numbers(&value)?;
    Ok(serde_json_canonicalizer::to_string(&value)?)
}

/// The digest of the canonical bytes of `value`.
///
/// # Errors
/// As [`to_canonical`].
pub fn canonical_digest(value: &impl Serialize) -> Result<Digest, NotCanonical> {
    to_canonical(value).map(|text| Digest::of(text.as_bytes()))
}

fn check_numbers(value: &Value) -> Result<(), NotCanonical> {
    match value {
        Value::Number(number) => match number.as_i64() {
            Some(integer) if (-MAX_INTEGER..=MAX_INTEGER).contains(&integer) => Ok(()),
            _ => Err(NotCanonical::Number(number.clone())),
        },
        Value::Array(items) => items.iter().try_for_each(check_numbers),
        Value::Object(members) => members.values().try_for_each(check_numbers),
        Value::Null | Value::Bool(_) | Value::String(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_sorted_and_chinese_stays_as_it_is() {
        let text = to_canonical(&json!({"标题": "公报", "b": [1, null], "a": true}))
            .expect("plain JSON has a canonical form");

        assert_eq!(text, r#"{"a":true,"b":[1,null],"标题":"公报"}"#);
    }

    #[test]
    fn floats_and_huge_integers_are_refused_at_any_depth() {
        for wrong in [json!(1.5), json!([{"a": 9_007_199_254_740_992_i64}]), json!(u64::MAX)] {
            assert!(matches!(to_canonical(&wrong), Err(NotCanonical::Number(_))), "{wrong}");
        }
    }
}
