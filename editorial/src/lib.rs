//! What can be done to content.
//!
//! One function per act. Each takes an open unit of work, authorises, lets `schema` decide,
//! writes through `store` and leaves an event; the caller decides where the work ends. A
//! refusal that can be foreseen is a [`Refusal`], with a code for programs and a sentence in
//! both languages; everything else is a fault of the store.

pub mod access;
pub mod arrange;
pub mod checks;
pub mod deadlines;
pub mod desk;
pub mod documents;
pub mod exchange;
pub mod files;
pub mod maintenance;
pub mod operations;
pub mod outside_links;
pub mod placed_rules;
pub mod plans;
pub mod ports;
pub mod previews;
pub mod reviews;
pub mod schedules;
pub mod sign_in;
pub mod targets;
pub mod trail;
pub mod types;

mod refusal;

pub use desk::Desk;
pub use refusal::{Error, Held, Refusal};
