//! Where a page of a list ends: opaque text for clients, the keys of one row for the index.
//!
//! Base64url of: version 1, four bytes that tell orders apart, length and bytes of the field's
//! key (orders by a field only), microseconds of the sort time, document id. A cursor names no
//! state of the list, so it stays good when its row is gone.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use schema::{digest::Digest, ids::DocumentId, validation::TEXT_KEY_BYTES};
use uuid::Uuid;

use super::list::Order;

const VERSION: u8 = 1;
/// Base64url of the longest cursor, with room.
const MAX_LENGTH: usize = 1_024;

/// The place of one document in a list of one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    order: [u8; 4],
    pub(super) key: Vec<u8>,
    pub(super) sort_at: Timestamp,
    pub(super) document: DocumentId,
}

/// A text is not a cursor, or belongs to a list of another order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a cursor of a list in this order")]
pub struct BadCursor;

impl Cursor {
    pub(super) fn new(
        order: &Order,
        key: Vec<u8>,
        sort_at: Timestamp,
        document: DocumentId,
    ) -> Self {
        Self { order: fingerprint(order), key, sort_at, document }
    }

    /// The place of a document in lists in default order, by the time that orders it there.
    pub fn of_listed(sort_at: Timestamp, document: DocumentId) -> Self {
        Self::new(&Order::default(), Vec::new(), sort_at, document)
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
        self.order == fingerprint(order)
    }
}

fn fingerprint(order: &Order) -> [u8; 4] {
    let text = match order {
        Order::Published(direction) => format!("published {direction:?}"),
        Order::Field { field, direction } => format!("field {field} {direction:?}"),
    };
    let digest = Digest::of(text.as_bytes());
    let [a, b, c, d, ..] = *digest.as_bytes();
    [a, b, c, d]
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let length = u16::try_from(self.key.len()).unwrap_or(u16::MAX);
        let mut bytes = Vec::with_capacity(31 + self.key.len());
        bytes.push(VERSION);
        bytes.extend(self.order);
        bytes.extend(length.to_be_bytes());
        bytes.extend(&self.key);
        bytes.extend(self.sort_at.as_microsecond().to_be_bytes());
        bytes.extend(self.document.uuid().as_bytes());
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
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    let (key, rest) = rest.split_at_checked(length)?;
    let (sort_at, rest) = rest.split_first_chunk::<8>()?;
    let document: [u8; 16] = rest.try_into().ok()?;
    (length <= TEXT_KEY_BYTES).then_some(())?;
    Some(Cursor {
        order: *order,
        key: key.to_vec(),
        sort_at: Timestamp::from_microsecond(i64::from_be_bytes(*sort_at)).ok()?,
        document: Uuid::from_bytes(document).into(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::list::Direction, *};

    fn by_field(field: &str) -> Order {
        Order::Field {
            field: field.parse().expect("a field name"),
            direction: Direction::Ascending,
        }
    }

    fn cursor(order: &Order, key: Vec<u8>, micros: i64) -> Cursor {
        let at = Timestamp::from_microsecond(micros).expect("a moment");
        Cursor::new(order, key, at, Uuid::from_u128(7).into())
    }

    proptest! {
        #[test]
        fn what_was_given_out_is_read_back(
            key in prop::collection::vec(any::<u8>(), 0..=TEXT_KEY_BYTES),
            micros in -1_000_000_000_000_000_i64..4_000_000_000_000_000,
        ) {
            let order = by_field("writtenOn");
            let given = cursor(&order, key, micros);
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
        let given = cursor(&by_field("writtenOn"), vec![1], 0).to_string();
        let descending = Order::Field {
            field: "writtenOn".parse().expect("a name"),
            direction: Direction::Descending,
        };

        for other in [by_field("title"), descending, Order::default()] {
            assert_eq!(Cursor::parse(&given, &other), Err(BadCursor));
        }
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
