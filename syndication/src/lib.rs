//! What follows from the log: every publication carried to every target that selects it, in
//! order, with receipts; and what was taken back, taken back everywhere.
//!
//! - [`fan_out`] turns events into deliveries, from a durable position per target.
//! - [`dispatcher`] claims lanes, makes calls, records what came of them.
//! - [`channels`] are the kinds of targets, each behind one trait.
//! - [`outbound`] is the only way out.
//! - [`engine`] runs all of it beside a server, or once until nothing is due.
//!
//! Nothing here holds anything that is owed in memory: a process may die between any two
//! lines, and another one goes on. No transaction is open during a call.

pub mod channels;
pub mod dispatcher;
pub mod dropping;
pub mod engine;
pub mod facts;
pub mod fan_out;
pub mod outbound;
pub mod schedule;
pub mod verdict;

mod allowance;

pub use channels::Channels;
pub use engine::{Engine, Handle, Settings};
pub use outbound::{Outbound, SystemLookup, Transport};
