//! What checks do not distinguish: full and half width, capitals and small letters.
//!
//! One character becomes one character, so that a place in the folded text is the same place in
//! the text itself. Search folds more ([`search`](crate::search)), and gives places up for it.

/// The folded form of one character.
pub(super) fn folded(letter: char) -> char {
    let plain = match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        '\u{3000}' | '\u{a0}' | '\u{2002}'..='\u{200a}' => ' ',
        _ => letter,
    };
    if plain.is_ascii() {
        return plain.to_ascii_lowercase();
    }
    let mut small = plain.to_lowercase();
    match (small.next(), small.next()) {
        (Some(small), None) => small,
        // One capital with two small letters (İ) keeps its place.
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn width_and_capitals_make_no_difference() {
        for (written, expected) in [
            ("ＷＴＯ２０２６", "wto2026"),
            ("５　Ｇ", "5 g"),
            ("Élan", "élan"),
            ("İ", "İ"),
            ("市，", "市,"),
        ] {
            assert_eq!(written.chars().map(folded).collect::<String>(), expected);
        }
    }
}
