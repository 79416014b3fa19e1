//! Reading for one request: one session, and what was read so far.
//!
//! Every function reads for many things at once and leaves what it found in the [`Reader`], where
//! the fields that are written afterwards look for it. How many statements a request takes
//! depends on its query alone, not on how many things it finds.

mod arguments;
mod documents;
mod facets;
mod facts;
mod house;
mod notices;
mod pages;
mod past;
mod preview;
mod reader;
mod search;
mod shelf;
mod single;
mod suggestions;
mod thing;

pub(crate) use arguments::{Arguments, parse};
pub(crate) use facets::{Counted, only};
pub(crate) use facts::{Drafted, Facts, Shown, Text};
pub(crate) use notices::Posted;
pub(crate) use pages::{Connection, PageKey, PageOf};
pub(crate) use past::Difference;
pub(crate) use preview::OfDrafts;
pub(crate) use reader::{Model, Reader, asset_digest};
pub(crate) use search::{SearchPage, Searching};
pub(crate) use shelf::MADE;
pub use shelf::Shelf;
pub(crate) use single::{At, Wanted};
pub(crate) use suggestions::Suggestion;
pub(crate) use thing::{Answer, Changes, RouteAnswer, Thing};
