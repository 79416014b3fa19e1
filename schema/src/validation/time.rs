//! Days and moments.

use jiff::{Timestamp, civil::Date};

use super::problem::Problem;

/// A day that exists, written `2026-03-09`, from year 1 on.
pub(super) fn date(text: &str) -> Result<Date, Problem> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    text.parse::<Date>().ok().filter(|date| shape && date.year() >= 1).ok_or_else(|| {
        Problem::new(
            "not_a_date",
            "应为真实存在的日期，写作 2026-03-09",
            "must be a day that exists, written 2026-03-09",
        )
    })
}

/// A moment with its offset (RFC 3339), to the microsecond; finer parts are cut off.
pub(super) fn date_time(text: &str) -> Result<Timestamp, Problem> {
    let well_formed =
        text.as_bytes().get(10).is_some_and(|byte| matches!(byte, b'T' | b't' | b' '))
            && text.starts_with(|first: char| first.is_ascii_digit())
            && !text.contains('[');
    text.parse::<Timestamp>()
        .ok()
        .filter(|_| well_formed)
        .and_then(|moment| Timestamp::from_microsecond(moment.as_microsecond()).ok())
        .filter(|moment| moment.to_string().starts_with(|first: char| first.is_ascii_digit()))
        .ok_or_else(|| {
            Problem::new(
                "not_a_date_time",
                "应为带时区的时间，写作 2026-03-09T10:00:00+08:00",
                "must be a time with its offset, written 2026-03-09T10:00:00+08:00",
            )
        })
}
