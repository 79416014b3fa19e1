//! `Range` and `If-Range` (RFC 9110, section 14): one part of a file.
//!
//! Several parts at once, other units and what does not read are answered with the whole
//! file, as the RFC allows: nobody resumes a download that way, and many small ranges of one
//! file are a known way to keep a server busy.

use std::ops::Range;

use axum::http::{HeaderMap, header};

/// What of the file is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All of it.
    Whole,
    /// These bytes, all of them within the file.
    Part(Range<u64>),
    /// A part that lies outside the file.
    Nothing,
}

/// What `headers` want of a file of `size` bytes that has `tag`.
pub(super) fn wanted(headers: &HeaderMap, tag: &str, size: u64) -> Wanted {
    let Some(range) = headers.get(header::RANGE).and_then(|range| range.to_str().ok()) else {
        return Wanted::Whole;
    };
    // A part of what is no longer this file is of no use. A date cannot tell: whole, too.
    if headers.get(header::IF_RANGE).is_some_and(|condition| condition.as_bytes() != tag.as_bytes())
    {
        return Wanted::Whole;
    }
    parse(range, size).unwrap_or(Wanted::Whole)
}

fn parse(range: &str, size: u64) -> Option<Wanted> {
    let (unit, range) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = range.trim().split_once('-')?;
    let wanted = match (first, last) {
        ("", suffix) => {
            let length = number(suffix)?.min(size);
            size - length..size
        }
        (first, "") => number(first)?..size,
        (first, last) => {
            let (first, last) = (number(first)?, number(last)?);
            if last < first {
                return None;
            }
            first..last.saturating_add(1).min(size)
        }
    };
    Some(if wanted.is_empty() { Wanted::Nothing } else { Wanted::Part(wanted) })
}

/// Digits alone: `parse` would take a plus sign. A number beyond any file is one.
fn number(digits: &str) -> Option<u64> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn asked(range: &str, size: u64) -> Wanted {
        let range = HeaderValue::from_str(range).expect("a header");
        wanted(&HeaderMap::from_iter([(header::RANGE, range)]), "\"t\"", size)
    }

    #[test]
    fn one_part_is_cut_to_the_file() {
        for (range, expected) in [
            ("bytes=0-3", Wanted::Part(0..4)),
            ("bytes=4-", Wanted::Part(4..10)),
            ("bytes=-3", Wanted::Part(7..10)),
            ("bytes=-99", Wanted::Part(0..10)),
            ("bytes=8-99999999999999999999999", Wanted::Part(8..10)),
            ("bytes=10-", Wanted::Nothing),
            ("bytes=-0", Wanted::Nothing),
            ("bytes=3-2", Wanted::Whole),
            ("bytes=0-1,4-5", Wanted::Whole),
            ("bytes=+1-2", Wanted::Whole),
            ("lines=1-2", Wanted::Whole),
            ("bytes", Wanted::Whole),
        ] {
            assert_eq!(asked(range, 10), expected, "{range}");
        }
    }

    #[test]
    fn a_part_of_another_file_is_not_given() {
        let with = |condition: &'static str| {
            let headers = HeaderMap::from_iter([
                (header::RANGE, HeaderValue::from_static("bytes=0-3")),
                (header::IF_RANGE, HeaderValue::from_static(condition)),
            ]);
            wanted(&headers, "\"t\"", 10)
        };

        assert_eq!(with("\"t\""), Wanted::Part(0..4));
        assert_eq!(with("\"other\""), Wanted::Whole);
        assert_eq!(with("W/\"t\""), Wanted::Whole, "a weak tag does not promise the same bytes");
        assert_eq!(with("Mon, 02 Mar 2026 01:00:00 GMT"), Wanted::Whole);
    }

    proptest! {
        #[test]
        fn whatever_is_asked_the_part_lies_in_the_file(range in "bytes=[0-9]{0,22}-[0-9]{0,22}", size: u64) {
            if let Wanted::Part(part) = asked(&range, size) {
                prop_assert!(part.start < part.end && part.end <= size);
            }
        }
    }
}
