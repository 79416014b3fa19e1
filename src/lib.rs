//! The executable as a library: `main.rs` hands it the command line, the stories of `tests/`
//! reach the sample content.

mod cli;
pub mod demo;
mod failure;
mod language;
mod logs;
mod progress;
mod settings;
mod simulate;

pub use cli::main;
