//! Stories of the whole product, each on both databases: one binary, a module per subject.

mod house;

mod command_line;
mod documents;
mod elsewhere;
mod erasure;
mod log;
mod manifests;
mod merging;
mod past;
mod rearranging;
mod translations;
mod trees;
mod verification;
