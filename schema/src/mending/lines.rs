//! Lines that belong to the page and not to the document.

use super::{Draft, Pattern};

/// How page numbers stand alone on a line of official documents: between dashes, or as 第…页.
pub(super) fn page_marks() -> Vec<Pattern> {
    [
        r"^[-‐–—―－─]+\s*[0-9０-９]{1,4}\s*[-‐–—―－─]+$",
        r"^第\s*[0-9０-９]{1,4}\s*页([\s,，/／]*共\s*[0-9０-９]{1,4}\s*页)?$",
    ]
    .into_iter()
    .filter_map(|pattern| Pattern::new(pattern).ok())
    .collect()
}

/// Drops every line that one of `patterns` matches.
pub(super) fn drop_lines(draft: &mut Draft, step: &'static str, patterns: &[Pattern]) {
    draft.drop_where(step, |_, line| patterns.iter().any(|pattern| pattern.matches(&line.text)));
}
