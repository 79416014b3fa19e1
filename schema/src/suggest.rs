//! "Did you mean": the known name nearest to a mistyped one.

/// The name of `known` that a typist most likely meant by `given`, if any is near enough: at
/// most one slip in three letters. Long inputs are not compared at all.
pub(crate) fn nearest<'n>(
    given: &str,
    known: impl IntoIterator<Item = &'n str>,
) -> Option<&'n str> {
    let letters: Vec<char> = given.chars().take(81).flat_map(char::to_lowercase).collect();
    if letters.len() > 80 {
        return None;
    }
    let allowed = (letters.len() / 3).max(1);
    known
        .into_iter()
        .map(|name| (distance(&letters, name), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Edit distance where swapping two neighbours is one slip; case ignored, underscores and
/// hyphens free.
fn distance(left: &[char], right: &str) -> usize {
    let plain = |letter: &char| !matches!(letter, '_' | '-');
    let left: Vec<char> = left.iter().copied().filter(plain).collect();
    let right: Vec<char> = right.chars().flat_map(char::to_lowercase).filter(plain).collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=right.len()).collect()];
    for (at, letter) in left.iter().enumerate() {
        let above = &rows[at];
        let mut row = vec![at + 1];
        for (column, other) in right.iter().enumerate() {
            let substituted = above[column] + usize::from(letter != other);
            let mut least = substituted.min(above[column + 1] + 1).min(row[column] + 1);
            let swapped =
                at > 0 && column > 0 && letter == &right[column - 1] && &left[at - 1] == other;
            if swapped {
                least = least.min(rows[at - 1][column - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_name_and_another_word_does_not() {
        let known = ["documentNumber", "issuer", "writtenOn"];

        assert_eq!(nearest("documentNumbr", known), Some("documentNumber"));
        assert_eq!(nearest("document_number", known), Some("documentNumber"));
        assert_eq!(nearest("Isuer", known), Some("issuer"));
        assert_eq!(nearest("isseur", known), Some("issuer"));
        assert_eq!(nearest("titel", ["title"]), Some("title"));
        assert_eq!(nearest("colour", known), None);
        assert_eq!(nearest(&"x".repeat(1_000_000), known), None);
    }
}
