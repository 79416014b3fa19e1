//! What a list is ordered by: one term, or several of which each decides among the equals of
//! the one before it.

use std::cmp::Ordering;

use jiff::Timestamp;
use schema::{ids::DocumentId, names::FieldName, position::Circle};

/// The most terms that an order is made of.
pub const MAX_TERMS: usize = 3;

/// Which way an order runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest, or oldest, first.
    Ascending,
    /// Largest, or newest, first.
    Descending,
}

impl Direction {
    fn apply(self, ascending: Ordering) -> Ordering {
        match self {
            Self::Ascending => ascending,
            Self::Descending => ascending.reverse(),
        }
    }
}

/// One term of an order.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum By {
    /// The list's time: the original time where there is one, else the first publication in the
    /// scope.
    Published(Direction),
    /// A sortable field of the listed type; documents without a value come before all others
    /// in ascending order. A list without a type has none.
    Field {
        /// The field.
        field: FieldName,
        /// Which way.
        direction: Direction,
    },
    /// How far a place of the listed type is from the middle of a circle, the nearest first; only
    /// what lies in the circle is listed. The first term of an order or none.
    Distance {
        /// The place.
        field: FieldName,
        /// The circle.
        circle: Circle,
    },
}

impl By {
    /// Which way it runs.
    pub const fn direction(&self) -> Direction {
        match self {
            Self::Published(direction) | Self::Field { direction, .. } => *direction,
            Self::Distance { .. } => Direction::Ascending,
        }
    }

    /// The field, if it is one.
    pub const fn field(&self) -> Option<&FieldName> {
        match self {
            Self::Published(_) => None,
            Self::Field { field, .. } | Self::Distance { field, .. } => Some(field),
        }
    }
}

/// What a list is ordered by. Ties are broken in the direction of the first term, by the list's
/// time and the document's id, so an order is total.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Order(Vec<By>);

impl Default for Order {
    fn default() -> Self {
        Self(vec![By::Published(Direction::Descending)])
    }
}

impl From<By> for Order {
    fn from(by: By) -> Self {
        Self(vec![by])
    }
}

impl Order {
    /// The order of `terms`: of a field that is named twice the first counts, of more than
    /// [`MAX_TERMS`] the first ones do, and a distance counts where it comes first. Without any,
    /// the default order.
    pub fn of(terms: impl IntoIterator<Item = By>) -> Self {
        let mut order: Vec<By> = Vec::new();
        for term in terms {
            let is_late = matches!(term, By::Distance { .. }) && !order.is_empty();
            if order.len() < MAX_TERMS
                && !is_late
                && order.iter().all(|known| known.field() != term.field())
            {
                order.push(term);
            }
        }
        if order.is_empty() { Self::default() } else { Self(order) }
    }

    /// Its terms, the first decides first; at least one.
    pub fn terms(&self) -> &[By] {
        &self.0
    }

    /// The fields in it.
    pub fn fields(&self) -> impl Iterator<Item = &FieldName> {
        self.0.iter().filter_map(By::field)
    }

    /// Which way its first term runs, and what breaks ties.
    pub fn direction(&self) -> Direction {
        self.0.first().map_or(Direction::Descending, By::direction)
    }

    /// What the keys read with a row come to in this order: of a place its distance.
    pub(super) fn keys(&self, read: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let fields = self.0.iter().filter(|term| term.field().is_some());
        let key = |(term, key): (&By, Vec<u8>)| match term {
            By::Distance { circle, .. } => distance_key(circle.line_squared_to(&key)),
            _ => key,
        };
        fields.zip(read).map(key).collect()
    }

    pub(super) fn compare(&self, one: &Place, other: &Place) -> Ordering {
        let mut keys = one.keys.iter().zip(&other.keys);
        let terms = self.0.iter().map(|term| {
            let ascending = match term {
                By::Published(_) => one.sort_at.cmp(&other.sort_at),
                By::Field { .. } | By::Distance { .. } => {
                    keys.next().map_or(Ordering::Equal, |(one, other)| one.cmp(other))
                }
            };
            term.direction().apply(ascending)
        });
        let decided = terms.fold(Ordering::Equal, Ordering::then);
        let ties = (one.sort_at, one.document).cmp(&(other.sort_at, other.document));
        decided.then(self.direction().apply(ties))
    }
}

/// A distance among the keys of a cursor: the square of a straight line.
fn distance_key(line_squared: Option<i64>) -> Vec<u8> {
    line_squared.unwrap_or(i64::MAX).to_be_bytes().to_vec()
}

/// The distance that [`distance_key`] wrote; of anything else the largest there is.
pub(super) fn distance_of(key: &[u8]) -> i64 {
    key.try_into().map_or(i64::MAX, i64::from_be_bytes)
}

/// Where a document stands in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The keys of the fields in the order, in its order.
    pub(super) keys: Vec<Vec<u8>>,
    /// The list's time.
    pub(super) sort_at: Timestamp,
    pub(super) document: DocumentId,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(field: &str, direction: Direction) -> By {
        By::Field { field: field.parse().expect("a field name"), direction }
    }

    #[test]
    fn a_field_that_is_named_twice_counts_once() {
        use Direction::{Ascending, Descending};
        let order = Order::of([
            by("title", Ascending),
            By::Published(Ascending),
            by("title", Descending),
            By::Published(Descending),
        ]);
        assert_eq!(order.terms(), [by("title", Ascending), By::Published(Ascending)]);
        assert_eq!(Order::of([]), Order::default());
    }
}
