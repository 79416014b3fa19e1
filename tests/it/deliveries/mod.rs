//! Deliveries: from a publication to a receipt, and everything that can go wrong between.

mod addresses;
mod changes;
mod commands;
mod deliveries_once;
mod engines;
pub mod keys;
pub mod post;
mod recalls;
pub mod receiver;
mod retries;
mod selections;
mod unsure;
