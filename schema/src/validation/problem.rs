//! What can be wrong with one value, in both languages; the path is added by whoever knows it.

use crate::{content_type::Field, message::Bilingual};

/// A fault without its place.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) code: &'static str,
    pub(super) message: Bilingual,
}

impl Problem {
    pub(super) fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, message: Bilingual::new(zh, en) }
    }
}

pub(super) fn required(field: &Field) -> Problem {
    let label = &field.label;
    Problem::new(
        "required",
        format!("发布前须填写“{}”", label.zh),
        format!("{} must be filled before publication", label.en),
    )
}

pub(super) fn unknown_field(near: Option<&str>) -> Problem {
    match near {
        Some(near) => Problem::new(
            "unknown_field",
            format!("没有这个字段，是否想写 {near}？"),
            format!("there is no such field; did you mean {near}?"),
        ),
        None => Problem::new(
            "unknown_field",
            "没有这个字段，请删除",
            "there is no such field: remove it",
        ),
    }
}

pub(super) fn wrong_kind(zh: &str, en: &str) -> Problem {
    Problem::new("wrong_kind", format!("此处应为{zh}"), format!("this must be {en}"))
}

pub(super) fn expected_one() -> Problem {
    Problem::new("expected_one", "此处只能有一个值，不能是列表", "this takes one value, not a list")
}

pub(super) fn too_long(length: usize, most: usize, zh_unit: &str, en_unit: &str) -> Problem {
    Problem::new(
        "too_long",
        format!("长度为 {length} {zh_unit}，最多 {most} {zh_unit}，请缩短"),
        format!("{length} {en_unit} long, at most {most}: shorten it"),
    )
}

pub(super) fn too_many(items: usize, most: u32) -> Problem {
    Problem::new(
        "too_many",
        format!("共 {items} 项，最多 {most} 项，请删减"),
        format!("{items} entries, at most {most}: remove some"),
    )
}

pub(super) fn too_few(items: usize, fewest: u32) -> Problem {
    Problem::new(
        "too_few",
        format!("只有 {items} 项，至少 {fewest} 项，请补充"),
        format!("{items} entries, at least {fewest}: add more"),
    )
}
