//! Stories of the whole product, each on both databases: one binary, a module per subject.

#![allow(
    unreachable_pub,
    reason = "a test binary exports nothing; `pub` says what stories may use"
)]

mod house;
mod people;
mod permissions_page;
mod program;
mod wire;

mod administration;
mod audit;
mod backups;
mod bad_input;
mod campaigns;
mod checks;
mod clients;
mod command_line;
mod content_api;
mod content_types;
mod deliveries;
mod demonstration;
mod doctor;
mod documents;
mod elsewhere;
mod erasure;
mod every_field;
mod exporting;
mod feeds;
mod files;
mod full_disk;
mod given_up;
mod head;
mod importing;
mod lists;
mod live;
mod log;
mod management;
mod manifests;
mod merging;
mod notices;
mod past;
mod plans;
mod previews;
mod processes;
mod reading;
mod rearranging;
mod sample_content;
mod search;
mod server;
mod serving;
mod sitemaps;
mod synonyms;
mod translations;
mod trees;
mod verification;
mod visibility;
