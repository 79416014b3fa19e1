//! Dates of HTTP headers and of RSS: `Mon, 02 Mar 2026 01:00:05 GMT` (RFC 9110, section 5.6.7).

use jiff::{
    Timestamp,
    fmt::rfc2822::{DateTimeParser, DateTimePrinter},
};

/// `at` as a date, to the second below. Years before 0 and after 9999 have none: the nearest
/// thing to say is the start of Unix time.
pub(crate) fn http_date(at: Timestamp) -> String {
    let printer = DateTimePrinter::new();
    printer
        .timestamp_to_rfc9110_string(&at)
        .or_else(|_| printer.timestamp_to_rfc9110_string(&Timestamp::UNIX_EPOCH))
        .unwrap_or_default()
}

/// Reads a date; `None` for anything else.
pub(crate) fn parse_http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().parse_timestamp(text.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_back_to_the_second() {
        let at: Timestamp = "2026-03-02T01:00:05.25Z".parse().expect("a moment");
        assert_eq!(http_date(at), "Mon, 02 Mar 2026 01:00:05 GMT");
        let cut = Timestamp::from_second(at.as_second()).expect("a moment");
        assert_eq!(parse_http_date(&http_date(at)), Some(cut));
        for wrong in ["", "yesterday", "Mon, 30 Feb 2026 01:00:05 GMT", "2026-03-02T01:00:05Z"] {
            assert_eq!(parse_http_date(wrong), None, "{wrong}");
        }
        assert_eq!(http_date(Timestamp::MIN), "Thu, 01 Jan 1970 00:00:00 GMT");
    }
}
