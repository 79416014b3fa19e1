//! What a list is narrowed down by. How it is asked of the indexes lies in `asked`.

mod asked;
pub(super) mod near;

use jiff::Timestamp;
use schema::{
    ids::{ColumnId, ContentId, SiteId},
    names::{FieldName, TypeName},
    position::Circle,
};

pub(super) use self::asked::{Asked, Names, push_test};

/// A condition on the documents of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Every one of these; all documents when there is none.
    All(Vec<Filter>),
    /// At least one of these; no document when there is none.
    Any(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// A filterable or sortable field of the listed type. A field with several values passes
    /// when one of them does. In a list without a type no document passes.
    Field {
        /// The field.
        field: FieldName,
        /// The test.
        test: Test,
    },
    /// The time that orders the list, by its index: the original time where there is one, else
    /// the first publication in the scope. From the first moment on, before the second.
    ListedBetween {
        /// No earlier than this.
        from: Option<Timestamp>,
        /// Earlier than this.
        to: Option<Timestamp>,
    },
    /// When the hub published the edition that is live.
    PublishedBetween {
        /// No earlier than this.
        from: Option<Timestamp>,
        /// Earlier than this.
        to: Option<Timestamp>,
    },
    /// When it was published elsewhere before; what has no such time does not pass.
    OriginallyPublishedBetween {
        /// No earlier than this.
        from: Option<Timestamp>,
        /// Earlier than this.
        to: Option<Timestamp>,
    },
    /// Public at this moment, by the hub's time, with a text that may still be read: of what is
    /// listed today, what had been published then, there too, and was not withdrawn or removed.
    PublicAt {
        /// The moment.
        at: Timestamp,
        /// The site of the list, where it has one.
        site: Option<SiteId>,
    },
    /// One of these contents.
    Contents(Vec<ContentId>),
    /// Shown in this column or one below it.
    Column(ColumnId),
    /// Shown in one of these columns or one below them.
    Columns(Vec<ColumnId>),
    /// Linked with a document that passes. One link deep: there no document passes another of
    /// these.
    Linked(Box<Linked>),
}

/// A condition on the documents at the other ends of a link. A link leads to a content: its live
/// document in the language of the listed one counts, else the one in its main language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Linked {
    /// The link field.
    pub field: FieldName,
    /// Whether the listed document has the field; else it is what the field leads to.
    pub forwards: bool,
    /// The type at the other end.
    pub r#type: TypeName,
    /// What a document there must pass.
    pub filter: Filter,
}

impl Default for Filter {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

/// A test of the values of a field, by their keys
/// ([`key_for`](schema::validation::key_for)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Test {
    /// Equal to this.
    Equals(Vec<u8>),
    /// Equal to one of these.
    In(Vec<Vec<u8>>),
    /// Between these; open where a bound is missing.
    Between(Option<Bound>, Option<Bound>),
    /// A text that starts with this.
    StartsWith(Vec<u8>),
    /// A text that has this in it.
    Contains(Vec<u8>),
    /// A place in this circle.
    Near(Circle),
    /// Whether there is no value.
    IsNull(bool),
}

/// An end of a range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The key at the end.
    pub key: Vec<u8>,
    /// Whether the end itself is within.
    pub inclusive: bool,
}

impl Filter {
    /// Its conditions that must all hold, one level deep.
    pub(super) fn conjuncts(&self) -> &[Self] {
        match self {
            Self::All(filters) => filters,
            single => std::slice::from_ref(single),
        }
    }
}
