//! Gongbao's vocabulary and decisions, without any I/O.
//!
//! Everything here is a plain value or a pure function: what a content type is, whether a
//! text fits it, what an edition's digest is, what an act makes of a document, how a row of
//! the publication log is hashed. Storage, networks and clocks live in the crates above.

pub mod canonical;
pub mod content_type;
pub mod digest;
pub mod ids;
pub mod message;
pub mod names;
pub mod rich_text;
pub mod validation;
