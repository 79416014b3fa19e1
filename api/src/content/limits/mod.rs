//! How much one request may ask for. Every limit is checked before the work it bounds: sizes
//! before parsing, nesting on the bytes before a recursive parser sees them, depth and cost on
//! the parsed query before anything is looked up, time last.

pub(crate) mod cost;
pub(crate) mod nesting;

use std::time::Duration;

/// The limits of the content API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request body, or of the query string of a GET.
    pub body_bytes: usize,
    /// Bytes of the text of one query.
    pub query_bytes: usize,
    /// Bytes of the variables of one query, as JSON.
    pub variables_bytes: usize,
    /// Operations in one request (an array of them).
    pub batch: usize,
    /// How deep brackets of any kind may lie in the text of a query.
    pub nesting: usize,
    /// How deep fields may be selected.
    pub depth: usize,
    /// What one operation may cost; see `cost`.
    pub cost: u64,
    /// Aliases in one query.
    pub aliases: usize,
    /// Directives in one query.
    pub directives: usize,
    /// Longest time one request may take.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 256 * 1024,
            query_bytes: 64 * 1024,
            variables_bytes: 64 * 1024,
            batch: 10,
            nesting: 48,
            depth: 15,
            cost: 20_000,
            aliases: 60,
            directives: 60,
            time: Duration::from_secs(10),
        }
    }
}
