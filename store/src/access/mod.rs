//! Who may act on this hub: people and services, their tokens, what each was granted, and the
//! answers that programs get again when they repeat a request; the links by which drafts are shown
//! to others.

pub mod idempotency;
pub mod passwords;
pub mod people;
pub mod previews;
pub mod second_factors;
pub mod sessions;
pub mod sign_in_failures;
pub mod tokens;

mod grants;

pub use grants::{grant, revoke};
