//! Title and document number at the head of a text.
//!
//! A portal prints both from fields of their own, so the body must not repeat them.

use std::sync::LazyLock;

use regex::Regex;

use super::{Draft, marker::starts_passage, passage::Passage};
use crate::document_number::normalise;

/// 国办发〔2014〕57号, with the brackets and spaces that extracts make of it.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^[^\s\d，。：]{2,20}\s*[〔\[［【（(]\s*\d{4}\s*[〕\]］】）)]\s*(?:第\s*)?\d{1,5}\s*号$",
    )
    .expect("the pattern is well-formed")
});

/// How the titles of official documents end: with the kind of document (《党政机关公文处理工作条例》,
/// article 8, and the kinds of regulations).
const KINDS: &[&str] = &[
    "决议", "决定", "命令", "令", "公报", "公告", "通告", "意见", "通知", "通报", "报告", "请示",
    "批复", "议案", "函", "纪要", "条例", "规定", "办法", "细则", "规则", "方案", "规划", "计划",
    "要点", "指南", "指引", "标准", "规范", "解读", "说明",
];

/// The most lines a title is printed on.
const MOST_LINES: usize = 6;

/// Takes title and number off `draft`.
pub(super) fn take(draft: &mut Draft) {
    let head: Vec<&Passage> = draft
        .passages
        .iter()
        .filter(|line| !line.text.is_empty())
        .take_while(|line| is_title_line(&line.text) && !NUMBER.is_match(&line.text))
        .take(MOST_LINES + 1)
        .collect();
    let title: String = head.iter().map(|line| line.text.as_str()).collect();
    let mut rest = draft.passages.iter().filter(|line| !line.text.is_empty()).skip(head.len());
    let next = rest.next().map_or("", |line| line.text.as_str());
    let has_number = NUMBER.is_match(next);
    let is_title = (1..=MOST_LINES).contains(&head.len())
        && (has_number || KINDS.iter().any(|kind| title.ends_with(kind)));
    let lines = if is_title { head.len() } else { 0 };
    // A number without a title stands at the head only where nothing stands before it.
    let takes_number = has_number && (is_title || head.is_empty());
    if takes_number {
        draft.document_number = Some(normalise(next));
    }
    if is_title {
        draft.title = Some(title);
    }
    let mut seen = 0;
    draft.drop_where("take_title", |_, _| {
        seen += 1;
        seen <= lines + usize::from(takes_number)
    });
}

/// Whether a line can be part of a title: no sentence, no address line, no number of a passage.
fn is_title_line(text: &str) -> bool {
    !text.contains(['。', '，', '；', '！', '？', ','])
        && !text.ends_with(['：', ':'])
        && !starts_passage(text)
        && text.chars().count() <= 60
}
