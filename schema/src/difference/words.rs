//! Cutting a passage into what is compared: characters where words are not parted by spaces,
//! else words, and every mark by itself.

use crate::rich_text::is_wide;

/// The pieces of `text`; together they are `text`.
pub(super) fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_of_word = |letter: char| letter.is_alphanumeric() && !is_wide(letter);
        let length = match is_of_word(first) {
            true => rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (piece, behind) = rest.split_at(length);
        pieces.push(piece);
        rest = behind;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_is_cut_into_characters_and_everything_else_into_words() {
        assert_eq!(
            pieces("自2026年起, see Annex 3。"),
            ["自", "2026", "年", "起", ",", " ", "see", " ", "Annex", " ", "3", "。"]
        );
        assert!(pieces("").is_empty());
    }
}
