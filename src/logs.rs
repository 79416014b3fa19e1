//! What the program says of its work, on standard error.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;

use crate::settings::LogFormat;

/// Nothing but errors unless asked for: standard error belongs to the two lines of a failure.
pub(crate) fn quiet() {
    tracing_subscriber::fmt()
        .with_env_filter(filter("error"))
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
}

/// For a server: each request and what happens beside, as text or one JSON object a line.
/// `RUST_LOG` narrows or widens it.
pub(crate) fn serving(format: LogFormat) {
    let as_text = match format {
        LogFormat::Auto => io::stderr().is_terminal(),
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    let subscriber =
        tracing_subscriber::fmt().with_env_filter(filter("info")).with_writer(io::stderr);
    if as_text {
        subscriber.with_target(false).init();
    } else {
        subscriber.json().flatten_event(true).with_current_span(true).with_span_list(false).init();
    }
}

fn filter(otherwise: &str) -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(otherwise))
}
