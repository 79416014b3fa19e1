use jiff::Timestamp;

use super::region;
use crate::calendar::{Calendar, LONGEST, Span, Unit};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn span(text: &str) -> Span {
    text.parse().expect("a span")
}

#[test]
fn a_time_allowed_ends_at_the_moment_or_with_the_last_day_in_beijing() {
    let calendar = Calendar::embedded();
    for (from, allowed, due) in [
        // Hours run through the Spring Festival, days and months do not end earlier or later for it.
        ("2026-02-13T10:30:00+08:00", "24h", "2026-02-14T10:30:00+08:00"),
        ("2026-02-13T10:30:00+08:00", "5h", "2026-02-13T15:30:00+08:00"),
        ("2026-02-13T10:30:00+08:00", "30d", "2026-03-16T00:00:00+08:00"),
        ("2026-01-31T10:30:00+08:00", "1mo", "2026-03-01T00:00:00+08:00"),
        ("2026-01-15T10:30:00+08:00", "1mo", "2026-02-16T00:00:00+08:00"),
        // Friday before the Spring Festival: its Saturday is made up, then Tuesday the 24th.
        ("2026-02-13T10:30:00+08:00", "3wd", "2026-02-26T00:00:00+08:00"),
        ("2026-02-13T23:59:59+08:00", "3wd", "2026-02-26T00:00:00+08:00"),
        ("2026-02-14T00:00:00+08:00", "3wd", "2026-02-27T00:00:00+08:00"),
        ("2026-02-13T16:00:00Z", "3wd", "2026-02-27T00:00:00+08:00"),
        ("2026-02-06T09:00:00+08:00", "20wd", "2026-03-13T00:00:00+08:00"),
    ] {
        let reached = calendar.due(at(from), span(allowed), None);
        assert_eq!(reached, Ok(at(due)), "{allowed} from {from}");
    }
}

#[test]
fn only_working_days_need_to_know_the_year() {
    let calendar = Calendar::embedded();
    let december = at("2026-12-30T10:00:00+08:00");
    let due = |allowed: &str| calendar.due(december, span(allowed), Some(&region("510100")));

    assert_eq!(due("48h"), Ok(at("2027-01-01T10:00:00+08:00")));
    assert_eq!(due("30d"), Ok(at("2027-01-30T00:00:00+08:00")));
    assert_eq!(
        due("1wd"),
        Ok(at("2027-01-01T00:00:00+08:00")),
        "the 31st is worked, and ends then"
    );
    assert_eq!(due("2wd").map_err(|unknown| unknown.year), Err(2027));
    assert_eq!(calendar.due(Timestamp::MAX, span("9999d"), None), Ok(Timestamp::MAX));
    assert_eq!(calendar.due(Timestamp::MAX, span("9999h"), None), Ok(Timestamp::MAX));
}

#[test]
fn a_span_is_spelled_one_way_and_called_in_both_languages() {
    for (text, unit, zh, en) in [
        ("24h", Unit::Hours, "24 小时", "24 hours"),
        ("1d", Unit::Days, "1 日", "1 day"),
        ("3wd", Unit::WorkingDays, "3 个工作日", "3 working days"),
        ("1mo", Unit::Months, "1 个月", "1 month"),
        ("9999wd", Unit::WorkingDays, "9999 个工作日", "9999 working days"),
    ] {
        let read = span(text);
        let label = read.label();
        assert_eq!((read.unit(), label.zh.as_str(), label.en.as_str()), (unit, zh, en));
        assert_eq!(read.to_string(), text);
        let json = serde_json::to_string(&read).expect("JSON");
        assert_eq!(json, format!("{text:?}"));
        assert_eq!(serde_json::from_str::<Span>(&json).expect("a span"), read);
    }
    let too_long = format!("{}d", LONGEST + 1);
    for wrong in ["", "3", "wd", "0h", "-1h", "+1h", "1.5h", "3 wd", "3w", "3WD", "３d", &too_long]
    {
        let refused = wrong.parse::<Span>().expect_err(wrong).message();
        assert!(refused.zh.contains("工作日") && refused.en.contains("working days"), "{wrong}");
    }
}
