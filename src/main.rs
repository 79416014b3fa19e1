//! The one executable, `gongbao`: reads the command line, does the command, says what came
//! of it. Answers go to standard output; a failure is two lines on standard error, what is
//! wrong and what to do, with exit code 1 (the work failed) or 2 (wrong usage or settings).

mod cli;
mod settings;

use std::process::ExitCode;

use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    // Nothing but errors unless asked for: standard error belongs to the two lines.
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    cli::main(std::env::args_os(), std::env::vars_os()).await
}
