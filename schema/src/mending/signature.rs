//! The signature of an official document: who issued it, and below it the date.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    marker::ends_sentence,
    passage::{Passage, Role},
};

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:\d{4}|[〇○零一二三四五六七八九]{4})\s*年\s*(?:\d{1,2}|[一二十]{1,3})\s*月\s*(?:\d{1,2}|[一二三四五六七八九十]{1,3})\s*日$")
        .expect("the pattern is well-formed")
});

/// Passages after the date among which it is looked for: notes, copies, attachments.
const MOST_AFTER: usize = 12;
/// The most authorities that sign together, and the most letters of their names.
const MOST_SIGNERS: usize = 12;
const LONGEST_SIGNER: usize = 30;

/// Gives signature and date their role.
pub(super) fn recognise(passages: &mut [Passage]) {
    let filled: Vec<usize> =
        (0..passages.len()).filter(|index| !passages[*index].text.is_empty()).collect();
    let Some(date) = filled.iter().rposition(|index| DATE.is_match(&passages[*index].text)) else {
        return;
    };
    if filled.len() - date > MOST_AFTER {
        return;
    }
    let signers = filled[..date]
        .iter()
        .rev()
        .take(MOST_SIGNERS)
        .take_while(|index| is_signer(&passages[**index]))
        .count();
    for index in &filled[date - signers..=date] {
        passages[*index].role = Role::Signature;
    }
}

fn is_signer(passage: &Passage) -> bool {
    passage.role == Role::Body
        && passage.text.chars().count() <= LONGEST_SIGNER
        && !ends_sentence(&passage.text)
        && !passage.text.contains(['，', '。', '；'])
}
