//! Deliveries (投放): what is owed to which target, every try at it, and what each target holds.
//!
//! The publication log is the truth; everything here follows from it. Acts of people on
//! targets go through a [`UnitOfWork`](crate::UnitOfWork) like every other act. What the
//! machine writes (fan-out, claims, results) are transactions of this module: each is short,
//! none is open during a call, and each takes the time from its caller.
//!
//! Locks are always taken in one order: a target, then lanes, then what lies in them.

pub mod bodies;
pub mod claims;
pub mod fan_out;
pub mod holds;
pub mod journal;
pub mod lanes;
pub mod replays;
pub mod status;
pub mod targets;

use crate::Error;

fn to_sequence(number: i64) -> Result<u64, Error> {
    u64::try_from(number).map_err(|error| Error::corrupt("sequence", error))
}

fn to_number(sequence: u64) -> Result<i64, Error> {
    i64::try_from(sequence).map_err(|error| Error::corrupt("sequence", error))
}

fn word<T>(what: &'static str, word: &str, parse: fn(&str) -> Option<T>) -> Result<T, Error> {
    parse(word).ok_or_else(|| Error::corrupt(what, word))
}
