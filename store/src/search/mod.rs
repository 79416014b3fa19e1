//! Full-text search over what is live, in the database and in the transaction that makes a text
//! live or takes it away.
//!
//! `schema::search` folds texts and cuts them into tokens; here they are kept and matched. SQLite
//! keeps tokens with their places (FTS5) and finds phrases by itself. PostgreSQL keeps each token
//! once (a GIN index) and looks for phrases of several tokens in the folded text, because its
//! token places end at 16,383. Both find exactly the texts that hold what was asked.
//!
//! Entries know nothing of sites and columns: what shows where is asked of `listing`, or of what
//! triggers derive of it (`search_place`), so nothing is ever found that is not listed in the
//! place searched.

mod attached;
mod cursor;
mod find;
mod hits;
mod matching;
mod merge;
mod pending;
mod ranking;
mod suggest;
mod write;

pub use attached::{forget_readings, found_by, keep_text, text_of, unread};
pub use cursor::{BadSearchCursor, SearchCursor};
pub use find::{
    Found, Hit, RANKED, SearchQuery, column_counts, find, plain_texts, tally, value_counts,
};
pub use merge::{is_scattered, merge};
pub use pending::{Waiting, is_complete, wait_for, waiting, write_waiting};
pub use ranking::LOOKED_AT;
pub use suggest::{FROM_INDEX, Fit, NEWEST, Suggested, SuggestionQuery, suggest};
pub use write::{clear, write};

pub(crate) use pending::{ALL_WAIT, done};
pub(crate) use write::OVERWRITE;

#[cfg(test)]
mod plans;
