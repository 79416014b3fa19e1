//! `If-None-Match`: whether the caller has the file already (RFC 9110, section 13.1.2).

use axum::http::{HeaderMap, header};

/// Whether one of the caller's tags is `tag`. Weak and strong count alike here: a cache may
/// have got the tag through something that weakened it.
pub(crate) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|line| line.to_str().ok())
        // Our tags hold no comma, so a tag that does is none of ours however it is cut.
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .any(|given| given == "*" || given.strip_prefix("W/").unwrap_or(given) == tag)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_tag_is_found_among_others_weak_or_strong() {
        for (line, known) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", \"a\"", true),
            ("*", true),
            ("\"b\"", false),
            ("a", false),
            ("", false),
        ] {
            let headers =
                HeaderMap::from_iter([(header::IF_NONE_MATCH, HeaderValue::from_static(line))]);
            assert_eq!(is_known(&headers, "\"a\""), known, "{line}");
        }
        assert!(!is_known(&HeaderMap::new(), "\"a\""));
    }
}
