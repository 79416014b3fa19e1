//! Gongbao's vocabulary and decisions, without any I/O.
//!
//! Everything here is a plain value or a pure function: what a content type is, whether a
//! text fits it, what an edition's digest is, what an act makes of a document, how a row of
//! the publication log is hashed. Storage, networks and clocks live in the crates above.

pub mod access;
pub mod audit;
pub mod calendar;
pub mod canonical;
pub mod checks;
pub mod client;
pub mod content_type;
pub mod decimal;
pub mod delivery;
pub mod derived;
pub mod difference;
pub mod digest;
pub mod document_number;
pub mod due;
pub mod edition;
pub mod gate;
pub mod head;
pub mod ids;
pub mod likeness;
pub mod limit;
pub mod log;
pub mod map_approval;
pub mod media;
pub mod mending;
pub mod message;
pub mod names;
pub mod origin;
pub mod parameters;
pub mod parts;
pub mod permission;
pub mod placed_rule;
pub mod plan;
pub mod position;
pub mod preview;
pub mod review;
pub mod rich_text;
pub mod search;
pub mod sign_in;
pub mod standing;
mod suggest;
mod toml_table;
pub mod tree;
pub mod validation;
pub mod viewer;
pub mod visibility;
