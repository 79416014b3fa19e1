//! Where a page of hits ends. Base64url of: version 2, score, number of the entry.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

const VERSION: u8 = 2;

/// The place of a hit among those of its question. It stays good when its document is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchCursor {
    pub(super) score: u8,
    pub(super) number: i64,
}

/// A text is no cursor of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a cursor of a search")]
pub struct BadSearchCursor;

impl fmt::Display for SearchCursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [VERSION; 10];
        bytes[1] = self.score;
        bytes[2..].copy_from_slice(&self.number.to_be_bytes());
        formatter.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for SearchCursor {
    type Err = BadSearchCursor;

    fn from_str(text: &str) -> Result<Self, BadSearchCursor> {
        let read = || {
            let bytes: [u8; 10] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
            let (score, number) = bytes.strip_prefix(&[VERSION])?.split_first()?;
            let number = i64::from_be_bytes(number.try_into().ok()?);
            // No hit has the score 0.
            (*score > 0).then_some(Self { score: *score, number })
        };
        read().ok_or(BadSearchCursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_out_is_read_back_and_nothing_else_is() {
        for (score, number) in [(1, 0), (4, i64::MAX), (255, 7)] {
            let cursor = SearchCursor { score, number };
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for wrong in ["", "AAAA", "公报", "AQEAAAAAAAAAAQ", "AgEAAAAAAAAAAQAA", "AgAAAAAAAAAAAQ"]
        {
            assert_eq!(wrong.parse::<SearchCursor>(), Err(BadSearchCursor), "{wrong}");
        }
    }
}
