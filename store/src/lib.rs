//! The only crate that knows SQL (SQLite, PostgreSQL) and files (disk, S3).
//!
//! Reads take a [`schema::viewer::Viewer`], writes go through a [`UnitOfWork`], which cannot be had
//! without an actor. Nothing here decides what may be done: `editorial` does, with `schema`.

#[macro_use]
mod session;

#[macro_use]
mod scopes;

pub mod access;
pub mod assets;
pub mod audit;
pub mod backup;
pub mod checking;
pub mod columns;
pub mod condition;
pub mod deadlines;
pub mod deliveries;
pub mod diagnosis;
pub mod documents;
pub mod due_times;
pub mod editions;
pub mod embargoes;
pub mod erasures;
pub mod files;
pub mod imports;
pub mod kept;
pub mod likeness;
pub mod limits;
pub mod links;
pub mod listing;
pub mod log;
pub mod notices;
pub mod outside_links;
pub mod past;
pub mod persisted;
pub mod placed_rules;
pub mod placements;
pub mod plans;
pub mod publications;
pub mod reading;
pub mod reindex;
pub mod release_sets;
pub mod reviews;
pub mod routes;
pub mod search;
pub mod spread;
pub mod trees;
pub mod types;
pub mod unique;
pub mod uploads;
pub mod vault;
pub mod verify;
pub mod worklist;

mod begin;
mod convert;
mod dialect;
mod error;
#[cfg(test)]
mod filled;
mod moment;
mod newborn;
mod open;
mod readers;
mod signal;
mod statement;
mod unit_of_work;

pub use error::Error;
pub use open::{Engine, Store};
pub use session::Session;
pub use unit_of_work::{Committed, Savepoint, UnitOfWork};
