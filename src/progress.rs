//! Bars for long work: on a terminal's standard error only, so that pipes and logs stay clean.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar towards `length`, or a counter where the length is not known; `{pos}` counts what
/// `unit` names.
pub(crate) fn bar(length: Option<u64>, unit: &'static str) -> ProgressBar {
    let (bar, template) = match length {
        Some(length) => (ProgressBar::new(length), "{bar:30} {pos}/{len} {prefix} {msg} ({eta})"),
        None => (ProgressBar::new_spinner(), "{spinner} {pos} {prefix} {msg} ({elapsed})"),
    };
    // A template is checked by its first use, which a test makes.
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_prefix(unit);
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_bars_have_templates_that_are_understood() {
        for length in [None, Some(3)] {
            let bar = bar(length, "documents");
            bar.inc(1);
            assert_eq!(bar.position(), 1);
        }
    }
}
