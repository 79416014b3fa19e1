//! Scalars beyond those of GraphQL. Each checks what callers write before it reaches a field.

use async_graphql::{Value, dynamic::Scalar};
use schema::message::Bilingual;

use super::{Builder, member::description};

pub(super) const DATE: &str = "Date";
pub(super) const DATE_TIME: &str = "DateTime";
pub(super) const DECIMAL: &str = "Decimal";
pub(super) const LONG: &str = "Long";
pub(super) const JSON: &str = "JSON";

pub(super) fn add(builder: &mut Builder) {
    let text_that = |fits: fn(&str) -> bool| move |value: &Value| matches!(value, Value::String(text) if fits(text));
    let scalar = |name: &str, zh: &str, en: &str| {
        Scalar::new(name).description(description(&Bilingual::new(zh, en)))
    };
    builder.scalar(
        scalar(DATE, "日期，ISO 8601，如 2026-03-02。", "A calendar day, ISO 8601: 2026-03-02.")
            .validator(text_that(|text| text.parse::<jiff::civil::Date>().is_ok())),
    );
    builder.scalar(
        scalar(
            DATE_TIME,
            "时刻，RFC 3339，带时区；返回值一律为 UTC，如 2026-03-02T01:00:00Z。",
            "A moment, RFC 3339 with zone; answers are in UTC: 2026-03-02T01:00:00Z.",
        )
        .validator(text_that(|text| text.parse::<jiff::Timestamp>().is_ok())),
    );
    builder.scalar(
        scalar(
            DECIMAL,
            "精确的十进制数，写作字符串，如 \"12.50\"。",
            "An exact decimal number, written as a string: \"12.50\".",
        )
        .validator(text_that(|text| text.parse::<schema::decimal::Decimal>().is_ok())),
    );
    builder.scalar(
        scalar(
            LONG,
            "±(2^53−1) 以内的整数。",
            "A whole number within ±(2^53−1): beyond Int, exact in every JSON reader.",
        )
        .validator(|value| matches!(value, Value::Number(number) if number.is_i64())),
    );
    builder.scalar(scalar(JSON, "任意 JSON。", "Any JSON."));
}
