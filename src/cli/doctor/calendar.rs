//! Whether working days can be counted: for this year, and in time for the next one.

use jiff::Timestamp;
use schema::{
    calendar::{Calendar, YearUnknown},
    parameters::BEIJING,
};

use super::Check;
use crate::settings::Settings;

const AREA: &str = "calendar";
/// The notices for the next year appear between the end of October and the end of November;
/// 20 working days from then on soon lead into it.
const NOTICE_MONTH: i8 = 11;

pub(super) fn check(settings: &Settings, now: Timestamp) -> Vec<Check> {
    let mut checks = vec![match settings.calendar() {
        Ok(calendar) => known(&calendar, now),
        Err(failure) => Check::of_failure(AREA, failure),
    }];
    if let Err(failure) = settings.deadlines() {
        checks.push(Check::of_failure(AREA, failure));
    }
    checks
}

fn known(calendar: &Calendar, now: Timestamp) -> Check {
    let today = BEIJING.to_datetime(now).date();
    let unknown = match calendar.known_through(today.year()) {
        Some(last) if last > today.year() || today.month() < NOTICE_MONTH => {
            return Check::well(
                AREA,
                format!("节假日安排已知至 {last} 年"),
                format!("the holidays are known through {last}"),
            );
        }
        Some(last) => YearUnknown { year: last + 1 },
        None => YearUnknown { year: today.year() },
    };
    let (what, remedy) = (unknown.message(), unknown.remedy());
    Check::doubtful(AREA, what.zh, what.en).remedy(remedy.zh, remedy.en)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::Level;

    fn seen(now: &str) -> Check {
        known(&Calendar::embedded(), now.parse().expect("a moment"))
    }

    #[test]
    fn a_year_that_is_known_is_well_until_the_notices_for_the_next_one_appear() {
        for now in ["2025-11-01T00:00:00+08:00", "2026-08-01T00:00:00Z", "2026-10-31T15:59:59Z"] {
            let check = seen(now);
            assert_eq!((check.level, check.remedy.is_none()), (Level::Well, true), "{now}");
            assert!(check.what.en.contains("2026") && check.what.zh.contains("2026"), "{now}");
        }
    }

    #[test]
    fn a_year_that_is_missing_is_told_from_november_on() {
        // The second is midnight of the 1st of November in Beijing.
        for now in ["2027-06-01T00:00:00Z", "2026-10-31T16:00:00Z", "2026-12-31T00:00:00Z"] {
            let check = seen(now);
            assert_eq!(check.level, Level::Doubtful, "{now}");
            assert!(check.what.zh.contains("没有 2027 年"), "{now}: {}", check.what);
            let remedy = check.remedy.expect("what to do");
            assert!(remedy.en.contains("GONGBAO_CALENDAR") && remedy.zh.contains("2027"), "{now}");
        }
    }
}
