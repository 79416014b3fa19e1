//! Stories of the whole product, each on both databases: one binary, a module per subject.

#![allow(
    unreachable_pub,
    reason = "a test binary exports nothing; `pub` says what stories may use"
)]

mod house;
mod wire;

mod administration;
mod command_line;
mod content_api;
mod content_types;
mod deliveries;
mod documents;
mod elsewhere;
mod erasure;
mod exporting;
mod feeds;
mod importing;
mod lists;
mod log;
mod management;
mod manifests;
mod merging;
mod past;
mod processes;
mod reading;
mod rearranging;
mod sample_content;
mod server;
mod serving;
mod sitemaps;
mod translations;
mod trees;
mod verification;
