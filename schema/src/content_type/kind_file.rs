//! Reads the kind of a field and the limits that this kind allows.

use std::{fmt, str::FromStr};

use super::{
    Choice, DECIMAL_SCALE, FieldKind, GROUP_DEPTH, GROUP_ITEMS, JSON_BYTES, LIST_ITEMS,
    LONG_TEXT_CHARACTERS, Many, Pattern, RICH_TEXT_BYTES, Reverse, SHORT_TEXT_CHARACTERS,
    field_file::{field_list, is_identifier},
};
use crate::{
    names::FieldName,
    toml_table::{At, Mistakes, Table, parse_at, required},
    validation::is_media_type,
};

/// Keys of some kinds only.
pub(super) const LIMITS: [&str; 17] = [
    "min_length",
    "max_length",
    "pattern",
    "minimum",
    "maximum",
    "scale",
    "choices",
    "choices_name",
    "min_items",
    "max_items",
    "to",
    "reverse",
    "reverse_label",
    "reverse_expected",
    "reverse_together",
    "media",
    "fields",
];

/// The kinds of fields.
pub(super) const KINDS: [&str; 18] = [
    "short_text",
    "long_text",
    "rich_text",
    "integer",
    "decimal",
    "boolean",
    "date",
    "date_time",
    "choice",
    "region_code",
    "document_number",
    "place",
    "telephone",
    "url",
    "link",
    "file",
    "group",
    "json",
];

/// Takes the keys of the kind from the table of its field; `None` when no kind comes of it.
pub(super) fn read_kind(
    kind: &At<String>,
    table: &mut Table<'_>,
    depth: usize,
    mistakes: &mut Mistakes<'_>,
) -> Option<FieldKind> {
    Some(match kind.value.as_str() {
        "short_text" => {
            let (min_length, max_length) = lengths(table, SHORT_TEXT_CHARACTERS, mistakes);
            let pattern =
                table.text("pattern", mistakes).and_then(|source| pattern(&source, mistakes));
            FieldKind::ShortText { min_length, max_length, pattern, many: many(table, mistakes) }
        }
        "long_text" => {
            let (min_length, max_length) = lengths(table, LONG_TEXT_CHARACTERS, mistakes);
            FieldKind::LongText { min_length, max_length }
        }
        "rich_text" => {
            FieldKind::RichText { max_length: ceiling(table, RICH_TEXT_BYTES, mistakes) }
        }
        "integer" => {
            let (minimum, maximum) = range(table, mistakes);
            FieldKind::Integer { minimum, maximum }
        }
        "decimal" => {
            let scale = table.number::<u32>("scale", mistakes);
            if let Some(scale) = scale.as_ref().filter(|scale| scale.value > DECIMAL_SCALE) {
                mistakes.add(
                    scale.at,
                    format!("scale 最大为 {DECIMAL_SCALE}"),
                    format!("scale is at most {DECIMAL_SCALE}"),
                );
            }
            let (minimum, maximum) = range(table, mistakes);
            FieldKind::Decimal {
                scale: scale.map_or(DECIMAL_SCALE, |scale| scale.value),
                minimum,
                maximum,
            }
        }
        "boolean" => FieldKind::Boolean,
        "date" => {
            let (minimum, maximum) = range(table, mistakes);
            FieldKind::Date { minimum, maximum }
        }
        "date_time" => FieldKind::DateTime,
        "choice" => FieldKind::Choice {
            choices: choices(table, mistakes)?,
            name: choices_name(table, mistakes),
            many: many(table, mistakes),
        },
        "region_code" => FieldKind::RegionCode { many: many(table, mistakes) },
        "document_number" => FieldKind::DocumentNumber,
        "place" => FieldKind::Place,
        "telephone" => FieldKind::Telephone { many: many(table, mistakes) },
        "url" => FieldKind::Url { many: many(table, mistakes) },
        "link" => link(kind.at, table, depth, mistakes),
        "file" => FieldKind::File { media: media(table, mistakes), many: many(table, mistakes) },
        "group" => group(kind.at, table, depth, mistakes),
        "json" => FieldKind::Json { max_length: ceiling(table, JSON_BYTES, mistakes) },
        _ => {
            mistakes.add(
                kind.at,
                format!("未知的 kind；可用：{}", KINDS.join("、")),
                format!("unknown kind; there are: {}", KINDS.join(", ")),
            );
            return None;
        }
    })
}

fn group(at: usize, table: &mut Table<'_>, depth: usize, mistakes: &mut Mistakes<'_>) -> FieldKind {
    let inner = required(table, "fields", mistakes, Table::tables);
    let mut fields = Vec::new();
    if depth >= GROUP_DEPTH {
        mistakes.add(
            at,
            format!("组最多嵌套 {GROUP_DEPTH} 层"),
            format!("groups lie at most {GROUP_DEPTH} deep"),
        );
    } else if let Some(inner) = inner {
        if inner.value.is_empty() {
            mistakes.add(inner.at, "组至少要有一个字段", "a group needs at least one field");
        }
        fields = field_list(inner.value, depth + 1, mistakes);
    }
    FieldKind::Group { fields, items: bounds(table, GROUP_ITEMS, mistakes) }
}

fn link(at: usize, table: &mut Table<'_>, depth: usize, mistakes: &mut Mistakes<'_>) -> FieldKind {
    if depth > 0 {
        mistakes.add(
            at,
            "组内不能有 link 字段：请放在组外",
            "a link has no place inside a group: put it outside",
        );
    }
    let to = table.texts("to", mistakes).map_or_else(Vec::new, |names| {
        names.value.iter().filter_map(|name| parse_at("to", names.at, name, mistakes)).collect()
    });
    let name = table.parsed::<FieldName>("reverse", mistakes);
    let label = table.bilingual("reverse_label", mistakes);
    let mut of_reverse = |key: &str| {
        let flag = table.flag(key, mistakes);
        if let Some(flag) = flag.as_ref().filter(|_| name.is_none()) {
            let (zh, en) =
                (format!("{key} 须与 reverse 同时给出"), format!("{key} goes with reverse"));
            mistakes.add(flag.at, zh, en);
        }
        flag.is_some_and(|flag| flag.value)
    };
    let (expected, together) = (of_reverse("reverse_expected"), of_reverse("reverse_together"));
    let reverse = match (name, label) {
        (Some(name), Some(label)) => {
            Some(Reverse { name: name.value, label: label.value, expected, together })
        }
        (None, None) => None,
        (Some(At { at, .. }), None) | (None, Some(At { at, .. })) => {
            mistakes.add(
                at,
                "reverse 与 reverse_label 须同时给出",
                "reverse and reverse_label go together",
            );
            None
        }
    };
    FieldKind::Link { to, reverse, many: many(table, mistakes) }
}

fn choices(table: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> Option<Vec<Choice>> {
    let list = required(table, "choices", mistakes, Table::tables)?;
    if list.value.is_empty() {
        mistakes.add(list.at, "choices 至少要有一项", "choices needs at least one entry");
    }
    let mut choices: Vec<Choice> = Vec::with_capacity(list.value.len());
    for mut entry in list.value {
        let start = entry.start();
        let value = required(&mut entry, "value", mistakes, Table::text);
        let label = required(&mut entry, "label", mistakes, Table::bilingual);
        let schema_org = entry.text("schema_org", mistakes);
        entry.finish(&["value", "label", "schema_org"], mistakes);
        if let Some(member) = &schema_org
            && !is_identifier(&member.value, char::is_ascii_uppercase)
        {
            mistakes.add(
                member.at,
                "选项的 schema_org 应为 schema.org 的枚举值，如 InForce",
                "schema_org of a choice must be a member of a schema.org enumeration, such as InForce",
            );
        }
        let (Some(value), Some(label)) = (value, label) else {
            continue;
        };
        if !is_identifier(&value.value, char::is_ascii_alphabetic)
            || matches!(value.value.as_str(), "true" | "false" | "null")
        {
            mistakes.add(
                value.at,
                "value 应以字母开头，由字母和数字组成，不超过 40 个",
                "value must start with a letter and be letters and digits, at most 40",
            );
        }
        if choices.iter().any(|other| other.value == value.value) {
            let value = &value.value;
            mistakes.add(
                start,
                format!("选项 {value} 重复"),
                format!("the choice {value} stands twice"),
            );
        }
        choices.push(Choice {
            value: value.value,
            label: label.value,
            schema_org: schema_org.map(|member| member.value),
        });
    }
    Some(choices)
}

/// What choices are called that several types have.
fn choices_name(table: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> Option<String> {
    let name = table.text("choices_name", mistakes)?;
    if !is_identifier(&name.value, char::is_ascii_uppercase) {
        mistakes.add(
            name.at,
            "choices_name 应以大写字母开头，由字母和数字组成，不超过 40 个，如 Openness",
            "choices_name must start with a capital and be letters and digits, at most 40, such as Openness",
        );
    }
    Some(name.value)
}

fn media(table: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> Vec<String> {
    let Some(list) = table.texts("media", mistakes) else {
        return Vec::new();
    };
    for entry in &list.value {
        let sample =
            entry.strip_suffix("/*").map_or_else(|| entry.clone(), |kind| format!("{kind}/x"));
        if !is_media_type(&sample) {
            mistakes.add(
                list.at,
                format!("media 中的 {entry:?} 不是媒体类型，应如 image/* 或 application/pdf"),
                format!("media: {entry:?} is not a media type such as image/* or application/pdf"),
            );
        }
    }
    list.value
}

/// Compiles a pattern where the file gives one.
fn pattern(source: &At<String>, mistakes: &mut Mistakes<'_>) -> Option<Pattern> {
    match Pattern::new(&source.value) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            mistakes.add(
                source.at,
                format!("pattern 不是正确的正则表达式：{error}"),
                format!("pattern is not a regular expression: {error}"),
            );
            None
        }
    }
}

fn many(table: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> Option<Many> {
    let flag = table.flag("many", mistakes);
    if flag.is_some_and(|flag| flag.value) {
        return Some(bounds(table, LIST_ITEMS, mistakes));
    }
    for key in ["min_items", "max_items"] {
        if let Some(at) = table.drop_misplaced(key) {
            mistakes.add(
                at,
                format!("{key} 只用于列表：请加 many = true"),
                format!("{key} is for lists: add many = true"),
            );
        }
    }
    None
}

fn bounds(table: &mut Table<'_>, most: u32, mistakes: &mut Mistakes<'_>) -> Many {
    let min = table.number::<u32>("min_items", mistakes);
    let max = table.number::<u32>("max_items", mistakes);
    let (min_items, max_items) = ordered("min_items", "max_items", min, max, most, mistakes);
    Many { min_items, max_items }
}

fn lengths(table: &mut Table<'_>, most: u32, mistakes: &mut Mistakes<'_>) -> (u32, u32) {
    let min = table.number::<u32>("min_length", mistakes);
    let max = table.number::<u32>("max_length", mistakes);
    ordered("min_length", "max_length", min, max, most, mistakes)
}

fn ceiling(table: &mut Table<'_>, most: u32, mistakes: &mut Mistakes<'_>) -> u32 {
    let max = table.number::<u32>("max_length", mistakes);
    ordered("", "max_length", None, max, most, mistakes).1
}

/// A lower and an upper limit within `1..=most`, which is also the upper limit's default.
fn ordered(
    low_key: &str,
    high_key: &str,
    low: Option<At<u32>>,
    high: Option<At<u32>>,
    most: u32,
    mistakes: &mut Mistakes<'_>,
) -> (u32, u32) {
    let max = high.as_ref().map_or(most, |high| high.value);
    if let Some(high) = high.filter(|high| high.value == 0 || high.value > most) {
        mistakes.add(
            high.at,
            format!("{high_key} 应在 1 与 {most} 之间"),
            format!("{high_key} must be from 1 to {most}"),
        );
    }
    let min = low.as_ref().map_or(0, |low| low.value);
    if let Some(low) = low.filter(|low| low.value > max) {
        mistakes.add(
            low.at,
            format!("{low_key} 大于 {high_key}（{max}）"),
            format!("{low_key} is above {high_key} ({max})"),
        );
    }
    (min, max)
}

fn range<T>(table: &mut Table<'_>, mistakes: &mut Mistakes<'_>) -> (Option<T>, Option<T>)
where
    T: FromStr + PartialOrd,
    T::Err: fmt::Display,
{
    let mut limit = |key| {
        let text = table.scalar(key, mistakes)?;
        let value = parse_at::<T>(key, text.at, &text.value, mistakes)?;
        Some(At { at: text.at, value })
    };
    let (minimum, maximum) = (limit("minimum"), limit("maximum"));
    if let (Some(low), Some(high)) = (&minimum, &maximum)
        && low.value > high.value
    {
        mistakes.add(low.at, "minimum 大于 maximum", "minimum is above maximum");
    }
    (minimum.map(|limit| limit.value), maximum.map(|limit| limit.value))
}
