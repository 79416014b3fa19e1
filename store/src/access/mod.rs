//! Who may act on this hub: people and services, their tokens, what each was granted, and the
//! answers that programs get again when they repeat a request.

pub mod idempotency;
pub mod people;
pub mod tokens;

mod grants;

pub use grants::{grant, revoke};
