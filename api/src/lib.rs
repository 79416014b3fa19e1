//! How people and programs reach the hub: GraphQL, files, health, metrics.
//!
//! [`router`] is everything that can be asked, with what every request passes on its way
//! ([`http`]); [`serve`] puts it on a socket. Only this crate knows HTTP servers and GraphQL;
//! what it does to content it does through `editorial`, what it reads through `store`, always
//! as the viewer that the request turned out to come from.

mod console;
pub mod content;
pub mod http;
pub mod manage;
pub mod schema_changes;

mod addresses;
mod assets;
mod authentication;
mod caching;
mod feeds;
mod freshness;
mod http_date;
mod operations;
mod problem;
mod routes;
mod server;
mod site;
mod sitemaps;
mod state;
mod trail;
mod xml;

pub use caching::CachingSettings;
pub use operations::metrics::measurements;
pub use problem::Problem;
pub use routes::router;
pub use server::serve;
pub use state::{AppState, ServerSettings};
