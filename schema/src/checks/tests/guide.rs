//! The guides of checks tell what is.

use std::collections::BTreeSet;

use super::*;

const GUIDES: [(&str, &str); 2] = [
    ("checks.md", include_str!("../../../../docs/checks.md")),
    ("checks.zh-CN.md", include_str!("../../../../docs/checks.zh-CN.md")),
];

/// The checks: what stands in them between quotation marks, in snake case, is a code or the name of
/// a check.
const SOURCES: [&str; 11] = [
    include_str!("../terms.rs"),
    include_str!("../personal_data.rs"),
    include_str!("../images.rs"),
    include_str!("../sources.rs"),
    include_str!("../document_numbers.rs"),
    include_str!("../dates.rs"),
    include_str!("../links.rs"),
    include_str!("../counterparts.rs"),
    include_str!("../duplicates.rs"),
    include_str!("../deadlines.rs"),
    include_str!("../lengths.rs"),
];

fn blocks<'guide>(guide: &'guide str, of: &'guide str) -> impl Iterator<Item = &'guide str> {
    let parts = guide.split("```").skip(1).step_by(2);
    parts.filter_map(move |block| block.strip_prefix(of)?.strip_prefix('\n'))
}

#[test]
fn the_examples_of_the_guides_are_lists_that_can_be_read() {
    for (name, guide) in GUIDES {
        let [dictionary, sources] = blocks(guide, "csv").collect::<Vec<_>>()[..] else {
            panic!("{name}: two lists")
        };
        let dictionary =
            Dictionary::parse(dictionary).unwrap_or_else(|bad| panic!("{name}: {bad}"));
        assert_eq!(dictionary.terms().len(), 4, "{name}");
        let sources = Sources::parse(sources).unwrap_or_else(|bad| panic!("{name}: {bad}"));
        assert_eq!(sources.all().len(), 2, "{name}");
    }
}

#[test]
fn the_guides_name_every_code_and_no_other() {
    let is_code = |word: &&str| {
        word.contains('_') && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    let mut known: BTreeSet<&str> = BTreeSet::new();
    for source in SOURCES {
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        known.extend(code.split('"').skip(1).step_by(2).filter(is_code));
    }
    for key in Checks::embedded().keys() {
        known.remove(key);
    }
    for (name, guide) in GUIDES {
        let rows =
            guide.lines().filter(|line| line.starts_with('|') && line.matches('|').count() == 5);
        let cells = rows.filter_map(|row| row.split('|').nth(2));
        let named: BTreeSet<&str> =
            cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).filter(is_code).collect();
        assert_eq!(named, known, "{name}");
    }
}
