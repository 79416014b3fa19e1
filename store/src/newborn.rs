//! Documents that began within a unit of work, and which rows of theirs there can be by now.
//!
//! Whatever else would be read or deleted of them is known to be nothing. Of the statements of
//! an import, whose documents are nearly all new, this saves every third.

use std::collections::HashMap;

use schema::ids::DocumentId;

/// Rows that hang on a document.
#[derive(Clone, Copy)]
pub(crate) enum Rows {
    Paths = 1,
    ReservedPaths = 2,
    Placements = 4,
    Lists = 8,
    Links = 16,
    SearchEntry = 32,
    Likeness = 64,
}

/// The documents that began, with the rows written of each.
#[derive(Default)]
pub(crate) struct Newborn(HashMap<DocumentId, u8>);

impl Newborn {
    /// `document` was inserted: nothing but its own row exists.
    pub(crate) fn begins(&mut self, document: DocumentId) {
        self.0.insert(document, 0);
    }

    /// Such rows of `document` are about to be written.
    pub(crate) fn gets(&mut self, document: DocumentId, rows: Rows) {
        if let Some(written) = self.0.get_mut(&document) {
            *written |= rows as u8;
        }
    }

    /// Whether there can be such rows of `document`; so it is of every document that did not
    /// begin here.
    pub(crate) fn can_have(&self, document: DocumentId, rows: Rows) -> bool {
        self.0.get(&document).is_none_or(|written| written & rows as u8 != 0)
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn only_of_a_document_that_began_here_something_is_known_to_be_missing() {
        let (new, old) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        let mut newborn = Newborn::default();
        newborn.begins(new);
        assert!(!newborn.can_have(new, Rows::Links));
        assert!(newborn.can_have(old, Rows::Links));

        newborn.gets(new, Rows::Links);
        newborn.gets(old, Rows::Paths);

        assert!(newborn.can_have(new, Rows::Links));
        assert!(!newborn.can_have(new, Rows::Paths));
        assert!(newborn.can_have(old, Rows::Paths));
    }
}
