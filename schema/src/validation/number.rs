//! Whole and decimal numbers.

use std::fmt;

use serde_json::Value;

use super::problem::Problem;
use crate::{canonical::MAX_INTEGER, decimal::Decimal};

/// A whole number that every JSON reader keeps exactly.
pub(super) fn integer(given: &Value) -> Result<i64, Problem> {
    given.as_i64().filter(|number| (-MAX_INTEGER..=MAX_INTEGER).contains(number)).ok_or_else(|| {
        Problem::new(
            "not_an_integer",
            "应为整数（不加引号，绝对值不超过 2^53−1）",
            "must be a whole number without quotes, within ±(2^53−1)",
        )
    })
}

/// A decimal, from a text or a whole JSON number; JSON fractions have lost their exact value.
pub(super) fn decimal(given: &Value) -> Result<Decimal, Problem> {
    let exact = match given {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.as_i64().map(Decimal::from),
        _ => None,
    };
    exact.ok_or_else(|| {
        Problem::new(
            "not_a_decimal",
            "应为小数，写成文本，如 \"12.50\"（不用指数，不用千分位）",
            "must be a decimal written as a text, such as \"12.50\", without exponent or separators",
        )
    })
}

/// Refuses more than `scale` digits after the point; nothing is rounded.
pub(super) fn within_scale(number: &Decimal, scale: u32) -> Result<(), Problem> {
    if number.scale() <= scale as usize {
        return Ok(());
    }
    Err(Problem::new(
        "too_precise",
        format!("最多 {scale} 位小数，请先取舍"),
        format!("at most {scale} digits after the point: round it first"),
    ))
}

/// Refuses what lies outside the limits of its field.
pub(super) fn within<T: PartialOrd + fmt::Display>(
    value: &T,
    minimum: Option<&T>,
    maximum: Option<&T>,
) -> Result<(), Problem> {
    let (zh, en, limit) = match (minimum, maximum) {
        (Some(minimum), _) if value < minimum => ("不得小于", "must not be below", minimum),
        (_, Some(maximum)) if value > maximum => ("不得大于", "must not be above", maximum),
        _ => return Ok(()),
    };
    Err(Problem::new("out_of_range", format!("{zh} {limit}"), format!("{en} {limit}")))
}
