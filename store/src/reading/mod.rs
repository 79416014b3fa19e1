//! Reading for the content API, feeds, sitemaps and sync: lists by index, documents by id, path
//! or content, links both ways, changes.
//!
//! Every function takes the [`Viewer`](schema::viewer::Viewer) who asks, and what that viewer may
//! see is decided in one place, `sight`. Drafts are reachable through [`drafts()`] alone, which is
//! asked for them by name: no list, link or address ever comes upon one. Each call is one statement, however many ids
//! it is given; somebody known who asks for what the public cannot read costs one more, which
//! finds out what their rights would have to cover.
//!
//! | asked for | answer |
//! | --- | --- |
//! | [`list()`], [`count`] | live documents in a scope, filtered and ordered, keyset pages both ways |
//! | [`find_page`], [`find_at_path`] | which documents these are, without what they say |
//! | [`tally`], [`column_counts`], [`value_counts`] | how the documents of a list spread |
//! | [`items`], [`contents`] | documents by id whose text may be read: briefly, and whole |
//! | [`answers`], [`at_path`], [`at_content`] | what stands at an address: the text, or the notice in its place |
//! | [`items_of_contents`] | what links lead to: live documents, in a language or the main one |
//! | [`linking`] | live documents that link to something |
//! | [`translations`] | the live documents of one content in every language |
//! | [`columns_of`] | the columns in which live placements stand |
//! | [`placements_of`], [`histories`] | where documents stand; their publications with date and note |
//! | [`texts`](texts()) | the texts of editions that were public once |
//! | [`drafts()`], [`drafts_of_contents`], [`drafts_linking`] | drafts, for those who may see them |
//! | [`first_pages`], [`counts`] | the newest documents of several columns or sites at once |
//! | [`departures()`] | what left a list lately |
//! | [`sitemap`] | every live document of a site, oldest first |
//! | [`changes`](changes()) | the publication log without its actors |
//!
//! A document that is live is an [`Item`]. One that is withdrawn with its text shown is an
//! [`Item`] too, with its notice, but in no list and behind no link. Every other unpublished
//! document is [`Closed`]: the notice alone, where there is one. What vanished or was recalled
//! silently is not there at all.

mod address;
mod by_id;
mod changes;
mod cursor;
mod departures;
mod drafts;
mod facets;
mod filter;
mod finding;
mod first_pages;
mod history;
mod item;
mod links;
mod list;
mod order;
mod page;
mod rare;
mod sight;
pub mod sitemap;
mod standing;
mod texts;

pub use address::{AtPath, at_content, at_path};
pub use by_id::{answers, contents, items, items_of_contents, translations};
pub use changes::{Change, Changed, DocumentChange, Position, changes, told};
pub use cursor::{BadCursor, Cursor};
pub use departures::{Departure, Told, departures};
pub use drafts::{Draft, drafts, drafts_linking, drafts_of_contents};
pub use facets::{column_counts, tally, value_counts};
pub use filter::{Bound, Filter, Linked, Test};
pub use finding::{At, FoundPage, find_at_path, find_page};
pub use first_pages::{counts, first_pages};
pub use history::{HistoryLine, histories};
pub use item::{Answer, Closed, Item, ItemPlacement};
pub use links::{columns_of, linking};
pub use list::{ListQuery, ListScope, MAX_PAGE, Page, count, list};
pub use order::{By, Direction, MAX_TERMS, Order};
pub(crate) use sight::own_sites;
pub use standing::placements_of;
pub use texts::texts;

#[cfg(test)]
mod plans;
