//! The way out: one guarded client for everything that leaves the hub.
//!
//! What is dialled was chosen by somebody else, so every address is hostile until checked
//! ([`addresses`]): as it is written, as it resolves, and as it was connected.

pub mod addresses;
mod client;
mod guard;
mod resolve;
mod web;

use std::borrow::Cow;

use async_trait::async_trait;
use bytes::Bytes;
use schema::delivery::Reach;

pub use client::Outbound;
pub use resolve::{Lookup, SystemLookup};

/// A call to be made.
#[derive(Clone, Debug)]
pub struct Call {
    /// `POST`, or what a cache calls dropping.
    pub method: Cow<'static, str>,
    /// The address.
    pub url: String,
    /// Headers.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// What is sent.
    pub body: Bytes,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// `Retry-After`, as it was sent.
    pub retry_after: Option<String>,
    /// `Date`, as it was sent.
    pub date: Option<String>,
    /// The beginning of the body. Never trusted.
    pub text: String,
}

/// Why there is no answer, as far as it matters what may have been sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallFailure {
    /// The address may not be dialled; nothing was sent, or nothing of the answer was used.
    #[error("{0}")]
    Blocked(String),
    /// Nobody was reached: no byte of the request was sent.
    #[error("{0}")]
    NotSent(String),
    /// Bytes may have been sent; what came of it is not known.
    #[error("{0}")]
    Unanswered(String),
}

/// What makes calls. The product's is [`Outbound`].
#[async_trait]
pub trait Transport: Send + Sync {
    /// Makes `call` within `reach`, without following redirects.
    ///
    /// # Errors
    /// [`CallFailure`].
    async fn send(&self, call: Call, reach: &Reach) -> Result<Reply, CallFailure>;
}
