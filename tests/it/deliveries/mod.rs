//! Deliveries: from a publication to a receipt, and everything that can go wrong between.

mod addresses;
mod commands;
mod deliveries_once;
mod engines;
mod keys;
mod post;
mod recalls;
mod receiver;
mod retries;
mod selections;
mod unsure;
