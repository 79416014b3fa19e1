//! Stand-ins for other people's servers, on a local port: what the hub delivers to, without an
//! account anywhere.
//!
//! A simulator keeps to what its protocol's specification says and shares no code with the
//! channel that it stands opposite, so that neither agrees with the other's mistakes. They are
//! servers of their own, so they name axum, as `api` does.

pub(crate) mod webhook;
