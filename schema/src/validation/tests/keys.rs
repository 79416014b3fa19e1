//! Index keys stand in the order of the values, and an operand meets what is stored.

use jiff::{Timestamp, civil};
use proptest::prelude::*;

use super::*;

fn key(field: &str, value: impl Into<Value>) -> Vec<u8> {
    let value = value.into();
    let content_type = every_kind();
    let field = content_type.field(field).unwrap_or_else(|| panic!("no field {field}"));
    key_for(field, &value).unwrap_or_else(|fault| panic!("{value}: {fault}"))
}

#[test]
fn an_operand_meets_what_is_stored_however_it_is_spelled() {
    let input = object(json!({
        "title": "公报", "words": ["乙", "甲", "乙"], "count": 5, "amount": "1.50", "agreed": true,
        "day": "2026-03-09", "moment": "2026-03-09T10:00:00+08:00", "colour": "azure",
        "region": "510100", "number": "国办发[2014]57号", "other": ID, "others": [OTHER_ID, ID],
    }));
    let content_type = every_kind();
    let checked = check(&content_type, &input, Stage::Publication).expect("the content fits");

    let rows = index_values(&content_type, &checked.fields, &checked.links);

    let holds = |field: &str, operand: Value| {
        let key = key(field, operand);
        rows.iter().any(|row| row.field.as_str() == field && row.key == key)
    };
    for (field, operand) in [
        ("title", json!(" 公报 ")),
        ("words", json!("甲")),
        ("words", json!("乙")),
        ("count", json!(5)),
        ("amount", json!("01.5")),
        ("agreed", json!(true)),
        ("day", json!("2026-03-09")),
        ("moment", json!("2026-03-09T02:00:00Z")),
        ("colour", json!("azure")),
        ("region", json!("510100")),
        ("number", json!("国办发（2014）第 57 号")),
        ("other", json!(ID.to_uppercase())),
        ("others", json!(OTHER_ID)),
    ] {
        assert!(holds(field, operand.clone()), "{field}: {operand}");
    }
    assert!(!holds("count", json!(6)));
    assert_eq!(rows.iter().filter(|row| row.field.as_str() == "words").count(), 2);
    let day = rows.iter().find(|row| row.field.as_str() == "day").expect("a row for the day");
    assert!(day.sortable && day.filterable);
    assert!(rows.iter().all(|row| row.field.as_str() != "note"));
}

#[test]
fn limits_of_a_field_do_not_bind_what_is_asked_for() {
    assert!(key("count", json!(-5_000)) < key("count", json!(-10)));
    assert!(key("day", json!("0001-01-01")) < key("day", json!("1949-10-01")));
    assert!(!key("title", json!("一")).is_empty());
}

#[test]
fn what_cannot_be_compared_is_a_fault_at_the_field() {
    let content_type = every_kind();
    let fault = |name: &str, value: Value| {
        let field = content_type.field(name).unwrap_or_else(|| panic!("no field {name}"));
        let fault = key_for(field, &value).expect_err("no key");
        format!("{} {}", fault.path, fault.code)
    };

    assert_eq!(fault("day", json!("yesterday")), "day not_a_date");
    assert_eq!(fault("colour", json!("green")), "colour not_a_choice");
    assert_eq!(fault("title", Value::Null), "title empty_operand");
    assert_eq!(fault("data", json!({})), "data not_indexable");
    assert_eq!(fault("where", json!({"address": "x"})), "where not_indexable");
}

#[test]
fn a_long_text_is_cut_between_characters_and_stays_unique_as_a_whole() {
    let long = "长".repeat(300);
    let cut = key("title", json!(long));
    assert_eq!(cut.len(), 510);
    assert!(std::str::from_utf8(&cut).is_ok());

    let content_type = every_kind();
    let fields = object(json!({"code": "AB123", "title": "公报"}));
    let unique = unique_values(&content_type, &fields);
    assert_eq!(unique.len(), 1);
    assert_eq!((unique[0].field.as_str(), unique[0].key.as_slice()), ("code", &b"AB123"[..]));
}

proptest! {
    #[test]
    fn texts(left in "\\PC{1,12}", right in "\\PC{1,12}") {
        let stored = |text: &str| canonical_text(text);
        if let (Some(left), Some(right)) = (stored(&left), stored(&right)) {
            prop_assert_eq!(
                key("title", json!(left)).cmp(&key("title", json!(right))),
                left.cmp(&right)
            );
        }
    }

    #[test]
    fn integers(left in -MAX..=MAX, right in -MAX..=MAX) {
        prop_assert_eq!(key("count", json!(left)).cmp(&key("count", json!(right))), left.cmp(&right));
    }

    #[test]
    fn decimals(left in any::<i32>(), right in any::<i32>()) {
        let hundredths = |number: i32| {
            let (sign, number) = (if number < 0 { "-" } else { "" }, i64::from(number).abs());
            json!(format!("{sign}{}.{:02}", number / 100, number % 100))
        };
        prop_assert_eq!(
            key("amount", hundredths(left)).cmp(&key("amount", hundredths(right))),
            left.cmp(&right)
        );
    }

    #[test]
    fn days(left in day(), right in day()) {
        prop_assert_eq!(
            key("day", json!(left.to_string())).cmp(&key("day", json!(right.to_string()))),
            left.cmp(&right)
        );
    }

    #[test]
    fn moments(left in moment(), right in moment()) {
        prop_assert_eq!(
            key("moment", json!(left.to_string())).cmp(&key("moment", json!(right.to_string()))),
            left.cmp(&right)
        );
    }
}

const MAX: i64 = crate::canonical::MAX_INTEGER;

fn canonical_text(text: &str) -> Option<String> {
    let checked = draft("title", json!(text)).ok()?;
    Some(checked.fields.get("title")?.as_str()?.to_owned())
}

fn day() -> impl Strategy<Value = civil::Date> {
    (1_i16..=9999, 1_i8..=12, 1_i8..=28)
        .prop_map(|(year, month, day)| civil::date(year, month, day))
}

fn moment() -> impl Strategy<Value = Timestamp> {
    // 1800 to 2200 in microseconds.
    (-5_364_662_400_000_000_i64..7_258_118_400_000_000).prop_map(|microsecond| {
        Timestamp::from_microsecond(microsecond).expect("within the range of timestamps")
    })
}
