//! Where a page of a list ends: opaque text for clients, the keys of one row for the index.
//!
//! Base64url of: version 2, four bytes that tell orders apart, the number of fields in the order,
//! length and bytes of the key of each, microseconds of the sort time, document id. A cursor names
//! no state of the list, so it stays good when its row is gone.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use schema::{digest::Digest, ids::DocumentId, validation::TEXT_KEY_BYTES};
use uuid::Uuid;

use super::order::{By, MAX_TERMS, Order, Place};

const VERSION: u8 = 2;
/// Base64url of the longest cursor, with room.
const MAX_LENGTH: usize = 2_200;

/// The place of one document in a list of one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    order: [u8; 4],
    pub(super) place: Place,
}

/// A text is not a cursor, or belongs to a list of another order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a cursor of a list in this order")]
pub struct BadCursor;

impl Cursor {
    pub(super) fn new(order: &Order, place: Place) -> Self {
        Self { order: fingerprint(order), place }
    }

    /// The place of a document in lists in default order, by the time that orders it there.
    pub fn of_listed(sort_at: Timestamp, document: DocumentId) -> Self {
        Self::new(&Order::default(), Place { keys: Vec::new(), sort_at, document })
    }

    /// Reads a cursor that a page of a list ordered by `order` gave.
    ///
    /// # Errors
    /// [`BadCursor`] for anything else.
    pub fn parse(text: &str, order: &Order) -> Result<Self, BadCursor> {
        let cursor: Self = text.parse()?;
        if cursor.is_of(order) { Ok(cursor) } else { Err(BadCursor) }
    }

    /// Whether it comes from a list in this order.
    pub fn is_of(&self, order: &Order) -> bool {
        self.order == fingerprint(order) && self.place.keys.len() == order.fields().count()
    }
}

fn fingerprint(order: &Order) -> [u8; 4] {
    let mut text = String::new();
    for term in order.terms() {
        text += &match term {
            By::Published(direction) => format!("published {direction:?};"),
            By::Field { field, direction } => format!("field {field} {direction:?};"),
            By::Distance { field, circle } => format!("distance {field} {:?};", circle.centre),
        };
    }
    let digest = Digest::of(text.as_bytes());
    let [a, b, c, d, ..] = *digest.as_bytes();
    [a, b, c, d]
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Place { keys, sort_at, document } = &self.place;
        let mut bytes =
            Vec::with_capacity(32 + keys.iter().map(|key| key.len() + 2).sum::<usize>());
        bytes.push(VERSION);
        bytes.extend(self.order);
        bytes.push(u8::try_from(keys.len()).unwrap_or(u8::MAX));
        for key in keys {
            bytes.extend(u16::try_from(key.len()).unwrap_or(u16::MAX).to_be_bytes());
            bytes.extend(key);
        }
        bytes.extend(sort_at.as_microsecond().to_be_bytes());
        bytes.extend(document.uuid().as_bytes());
        formatter.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, BadCursor> {
        if text.len() > MAX_LENGTH {
            return Err(BadCursor);
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadCursor)?;
        read(&bytes).ok_or(BadCursor)
    }
}

fn read(bytes: &[u8]) -> Option<Cursor> {
    let rest = bytes.strip_prefix(&[VERSION])?;
    let (order, rest) = rest.split_first_chunk::<4>()?;
    let ([count], mut rest) = rest.split_first_chunk::<1>()?;
    let mut keys = Vec::new();
    for _ in 0..usize::from(*count) {
        let (length, behind) = rest.split_first_chunk::<2>()?;
        let (key, behind) = behind.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        (key.len() <= TEXT_KEY_BYTES && keys.len() < MAX_TERMS).then_some(())?;
        keys.push(key.to_vec());
        rest = behind;
    }
    let (sort_at, rest) = rest.split_first_chunk::<8>()?;
    let document: [u8; 16] = rest.try_into().ok()?;
    let place = Place {
        keys,
        sort_at: Timestamp::from_microsecond(i64::from_be_bytes(*sort_at)).ok()?,
        document: Uuid::from_bytes(document).into(),
    };
    Some(Cursor { order: *order, place })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::order::Direction, *};

    fn by(field: &str, direction: Direction) -> By {
        By::Field { field: field.parse().expect("a field name"), direction }
    }

    fn by_fields(fields: &[&str]) -> Order {
        Order::of(fields.iter().map(|field| by(field, Direction::Ascending)))
    }

    fn cursor(order: &Order, keys: Vec<Vec<u8>>, micros: i64) -> Cursor {
        let sort_at = Timestamp::from_microsecond(micros).expect("a moment");
        Cursor::new(order, Place { keys, sort_at, document: Uuid::from_u128(7).into() })
    }

    proptest! {
        #[test]
        fn what_was_given_out_is_read_back(
            keys in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..=TEXT_KEY_BYTES), 1..=3),
            micros in -1_000_000_000_000_000_i64..4_000_000_000_000_000,
        ) {
            let order = by_fields(&["writtenOn", "title", "rank"][..keys.len()]);
            let given = cursor(&order, keys, micros);
            prop_assert_eq!(Cursor::parse(&given.to_string(), &order), Ok(given));
        }

        #[test]
        fn anything_else_is_refused_or_reads_back_as_itself(text in "[A-Za-z0-9_-]{0,80}") {
            if let Ok(cursor) = text.parse::<Cursor>() {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }
    }

    #[test]
    fn a_cursor_of_another_order_is_refused() {
        let given = cursor(&by_fields(&["writtenOn"]), vec![vec![1]], 0).to_string();
        let descending = Order::from(by("writtenOn", Direction::Descending));

        let others = [by_fields(&["title"]), by_fields(&["writtenOn", "title"]), descending];
        for other in others.into_iter().chain([Order::default()]) {
            assert_eq!(Cursor::parse(&given, &other), Err(BadCursor));
        }
    }

    #[test]
    fn a_cursor_without_the_keys_of_its_order_is_refused() {
        let order = by_fields(&["writtenOn", "title"]);
        let given = cursor(&order, vec![vec![1]], 0).to_string();
        assert_eq!(Cursor::parse(&given, &order), Err(BadCursor));
    }

    #[test]
    fn garbage_is_refused() {
        let whole = cursor(&Order::default(), vec![], 0).to_string();
        let cut = &whole[..whole.len() - 4];
        let longer = format!("{whole}AAAA");
        let endless = "A".repeat(MAX_LENGTH + 1);
        for garbage in ["", "!", "公报", "AAAA", cut, &longer, &endless] {
            assert_eq!(garbage.parse::<Cursor>(), Err(BadCursor), "{garbage}");
        }
    }
}
