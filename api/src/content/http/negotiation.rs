//! Which form an answer takes: what the caller's `Accept` says, after RFC 9110 and the GraphQL
//! over HTTP specification.

use axum::http::{HeaderMap, HeaderName, header};

use crate::content::cache::packed::Coding;

/// The media types of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/json`: whatever GraphQL answers comes with status 200.
    Json,
    /// `application/graphql-response+json`: the status says whether there are data.
    GraphQl,
}

impl Media {
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphQl => "application/graphql-response+json; charset=utf-8",
        }
    }
}

/// The form the caller likes best; JSON where it does not say.
pub(super) fn media(headers: &HeaderMap) -> Media {
    let json = quality(headers, "application", "json");
    let graphql = quality(headers, "application", "graphql-response+json");
    if graphql > 0 && graphql >= json && names(headers, "graphql-response+json") {
        Media::GraphQl
    } else {
        Media::Json
    }
}

/// Whether it is a browser that asks for a page to look at.
pub(super) fn wants_a_page(headers: &HeaderMap) -> bool {
    let page = quality(headers, "text", "html");
    page > 0 && names(headers, "html") && page > quality(headers, "application", "json")
}

/// Whether the caller would rather have events than an answer. Clients that take both, as some do
/// with every request, get the answer.
pub(crate) fn prefers_events(headers: &HeaderMap) -> bool {
    if !names(headers, "event-stream") {
        return false;
    }
    let answer = quality(headers, "application", "json").max(quality(
        headers,
        "application",
        "graphql-response+json",
    ));
    quality(headers, "text", "event-stream") > answer
}

/// The short form that the caller likes best; the shortest where it does not mind.
pub(super) fn coding(headers: &HeaderMap) -> Option<Coding> {
    let liked = |name: &str| {
        let mut named = ranges(headers, header::ACCEPT_ENCODING)
            .filter(|(coding, _)| coding.eq_ignore_ascii_case(name));
        named.next().map_or(0, |(_, quality)| quality)
    };
    let mut best = (None, 0);
    for coding in Coding::ALL {
        // Named in the order in which they are given to those who like several alike.
        let quality = liked(coding.word());
        if quality > best.1 {
            best = (Some(coding), quality);
        }
    }
    best.0
}

fn names(headers: &HeaderMap, subtype: &str) -> bool {
    ranges(headers, header::ACCEPT).any(|(range, _)| {
        range.split_once('/').is_some_and(|(_, of)| of.eq_ignore_ascii_case(subtype))
    })
}

/// How much a type is liked, in thousandths: what its own range says, else what `type/*` says,
/// else `*/*`.
fn quality(headers: &HeaderMap, kind: &str, subtype: &str) -> u32 {
    if !headers.contains_key(header::ACCEPT) {
        return 1;
    }
    let best = ranges(headers, header::ACCEPT)
        .filter_map(|(range, quality)| {
            let (of, sub) = range.split_once('/')?;
            let exact = of.eq_ignore_ascii_case(kind) && sub.eq_ignore_ascii_case(subtype);
            let closeness = match (of, sub) {
                _ if exact => 3,
                (of, "*") if of.eq_ignore_ascii_case(kind) => 2,
                ("*", "*") => 1,
                _ => return None,
            };
            Some((closeness, quality))
        })
        .max();
    best.map_or(0, |(_, quality)| quality)
}

fn ranges(headers: &HeaderMap, of: HeaderName) -> impl Iterator<Item = (&str, u32)> {
    headers
        .get_all(of)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let quality = parts
                .filter_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
                .find_map(|quality| quality.parse::<f32>().ok())
                .unwrap_or(1.0);
            (name, (quality.clamp(0.0, 1.0) * 1_000.0) as u32)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, value.parse().expect("a header"));
        headers
    }

    #[test]
    fn the_caller_decides_on_the_form() {
        for (given, media_type) in [
            ("*/*", Media::Json),
            ("application/json", Media::Json),
            ("application/graphql-response+json", Media::GraphQl),
            ("application/graphql-response+json, application/json;q=0.9", Media::GraphQl),
            ("application/graphql-response+json;q=0.8, application/json", Media::Json),
            ("application/json, application/graphql-response+json", Media::GraphQl),
            ("application/graphql-response+json;q=0", Media::Json),
            ("image/png", Media::Json),
        ] {
            assert_eq!(media(&accept(given)), media_type, "{given}");
        }
        assert_eq!(media(&HeaderMap::new()), Media::Json);
    }

    #[test]
    fn the_caller_decides_how_short_it_is() {
        for (given, expected) in [
            ("gzip, deflate, br, zstd", Some(Coding::Brotli)),
            ("gzip", Some(Coding::Gzip)),
            ("gzip, zstd", Some(Coding::Zstd)),
            ("br;q=0.9, zstd;q=0.95, gzip;q=0.8", Some(Coding::Zstd)),
            ("zstd;q=0.2, gzip;q=0.3", Some(Coding::Gzip)),
            ("br;q=0.5, gzip", Some(Coding::Gzip)),
            ("br;q=0, gzip;q=0", None),
            ("identity", None),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, given.parse().expect("a header"));
            assert_eq!(coding(&headers), expected, "{given}");
        }
    }

    #[test]
    fn events_are_for_those_who_want_nothing_else() {
        for (given, expected) in [
            ("text/event-stream", true),
            ("text/event-stream, */*;q=0.5", true),
            ("application/json;q=0.9, text/event-stream", true),
            (
                "application/graphql-response+json, application/json, text/event-stream, multipart/mixed",
                false,
            ),
            ("application/json, text/event-stream;q=0.9", false),
            ("text/event-stream;q=0", false),
            ("text/*", false),
            ("*/*", false),
        ] {
            assert_eq!(prefers_events(&accept(given)), expected, "{given}");
        }
        assert!(!prefers_events(&HeaderMap::new()));
    }

    #[test]
    fn only_a_browser_gets_a_page() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8";
        assert!(wants_a_page(&accept(browser)));
        for program in ["*/*", "application/json", "application/json, text/html", "text/*"] {
            assert!(!wants_a_page(&accept(program)), "{program}");
        }
        assert!(!wants_a_page(&HeaderMap::new()));
    }
}
