//! Reading for one request: one session, what was read so far, and the walk ahead that reads
//! whole levels of a query at once.
//!
//! A root field finds its things and then [`ahead`] follows what the query selects under them,
//! level by level: every step reads for all things of its level in one statement. The fields
//! resolved afterwards find everything in the [`Reader`]. How many statements a request takes
//! depends on the query alone, not on how many things it finds.

pub(crate) mod ahead;
mod arguments;
mod documents;
mod facets;
mod facts;
mod house;
mod pages;
mod past;
mod reader;
mod search;
mod single;
mod thing;

pub(crate) use arguments::{Arguments, parse};
pub(crate) use facets::{Counted, only};
pub(crate) use facts::{Facts, Shown, Text};
pub(crate) use pages::{Connection, PageKey, PageOf};
pub(crate) use past::Difference;
pub(crate) use reader::{Asking, Model, Reader, asset_digest};
pub(crate) use search::{SearchPage, Searching};
pub(crate) use single::{At, Wanted};
pub(crate) use thing::{Answer, Changes, RouteAnswer, Thing};
