//! The one executable, `gongbao`: reads the command line, does the command, says what came
//! of it. Answers go to standard output; a failure is two lines on standard error, what is
//! wrong and what to do, with exit code 1 (the work failed) or 2 (wrong usage or settings).

use std::process::ExitCode;

/// Answers are made of many short-lived strings, passed between threads: the system's allocator
/// took a sixth of their time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    gongbao::main(std::env::args_os(), std::env::vars_os()).await
}
