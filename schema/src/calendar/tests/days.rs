use std::num::NonZeroU16;

use jiff::ToSpan as _;
use proptest::prelude::*;

use super::{NEXT_YEAR, day, embedded_with, region};
use crate::calendar::{Calendar, YearUnknown};

const OVERLAYS: &str = r#"
[[overlay]]
region = "650000"
[overlay.year.2026]
source = "a region's notice"
sureness = "text"
off = [2026-03-20]
work = [2026-03-22]

[[overlay]]
region = "650100"
[overlay.year.2026]
source = "a city's notice"
sureness = "secondHand"
off = [2026-03-22, 2026-03-23]
"#;

fn after(calendar: &Calendar, from: &str, count: u16, code: Option<&str>) -> Result<String, i16> {
    let region = code.map(region);
    let count = NonZeroU16::new(count).expect("at least one");
    let reached = calendar.after_working_days(day(from), count, region.as_ref());
    reached.map(|day| day.to_string()).map_err(|unknown| unknown.year)
}

#[test]
fn the_years_that_come_along_have_the_working_days_that_were_announced() {
    let calendar = Calendar::embedded();

    let known: Vec<_> = calendar.years().map(|(year, _)| year).collect();
    assert_eq!(known, [2024, 2025, 2026]);
    for (year, count) in [(2024, 251), (2025, 248), (2026, 248)] {
        assert_eq!(calendar.working_days(year, None), Ok(count), "{year}");
    }
}

#[test]
fn holidays_made_up_weekends_and_plain_days_are_told_apart() {
    let calendar = Calendar::embedded();

    for (date, works) in [
        ("2024-02-09", true),  // 除夕, a working day that year
        ("2024-02-12", false), // 春节
        ("2024-02-18", true),  // a Sunday made up for it
        ("2025-01-26", true),  // a Sunday
        ("2025-10-08", false), // 国庆节、中秋节
        ("2026-01-02", false), // a Friday
        ("2026-01-04", true),  // a Sunday
        ("2026-02-14", true),  // a Saturday
        ("2026-03-07", false), // a Saturday like any other
        ("2026-03-09", true),  // a Monday
    ] {
        assert_eq!(calendar.is_working_day(day(date), None), Ok(works), "{date}");
    }
}

#[test]
fn working_days_are_counted_across_the_spring_festival_and_the_days_made_up_for_it() {
    let calendar = Calendar::embedded();

    for (from, count, to) in [
        ("2026-02-13", 3, "2026-02-25"), // Saturday the 14th, then Tuesday the 24th
        ("2026-02-06", 20, "2026-03-12"), // both Saturdays
        ("2024-02-02", 3, "2024-02-06"), // Sunday the 4th
        ("2024-02-09", 1, "2024-02-18"), // a Sunday
        ("2026-02-16", 1, "2026-02-24"), // from within the holiday
        ("2025-12-30", 3, "2026-01-05"), // into the next year, over its first Sunday
    ] {
        assert_eq!(after(&calendar, from, count, None).as_deref(), Ok(to), "{count} from {from}");
    }
}

#[test]
fn a_year_that_nobody_announced_is_refused_wherever_the_count_meets_it() {
    let calendar = Calendar::embedded();

    assert_eq!(calendar.is_working_day(day("2027-01-04"), None), Err(YearUnknown { year: 2027 }));
    assert_eq!(calendar.working_days(2023, None), Err(YearUnknown { year: 2023 }));
    assert_eq!(after(&calendar, "2026-12-30", 1, None).as_deref(), Ok("2026-12-31"));
    assert_eq!(after(&calendar, "2026-12-30", 2, None), Err(2027));
    assert_eq!(after(&calendar, "2026-06-01", 300, None), Err(2027));
    assert_eq!(after(&calendar, "2023-12-31", 1, None).as_deref(), Ok("2024-01-02"));
    assert_eq!(after(&calendar, "9999-12-31", 1, None), Err(9999));

    let unknown = YearUnknown { year: 2027 };
    for text in [unknown.message(), unknown.remedy()] {
        assert!(text.zh.contains("2027 年") && text.en.contains("2027"), "{text}");
    }
}

#[test]
fn a_year_that_is_loaded_is_counted_through() {
    let calendar = embedded_with(NEXT_YEAR);

    assert_eq!(after(&calendar, "2026-12-30", 2, None).as_deref(), Ok("2027-01-04"));
    assert_eq!(calendar.known_through(2026), Some(2027));
    assert_eq!(calendar.known_through(2028), None);
    assert_eq!(Calendar::embedded().known_through(2025), Some(2026));
}

#[test]
fn a_year_of_the_file_takes_the_place_of_the_one_that_came_along() {
    let calendar = embedded_with(&NEXT_YEAR.replace("2027", "2026").replace("10-09", "10-10"));

    let festival = calendar.is_working_day(day("2026-02-17"), None);
    assert_eq!(festival, Ok(true), "nothing of the year before is left");
    assert_eq!(calendar.working_days(2025, None), Ok(248), "other years are as they were");
}

#[test]
fn a_region_has_days_of_its_own_and_those_of_the_regions_it_lies_in() {
    let calendar = embedded_with(OVERLAYS);
    let works = |date: &str, code: Option<&str>| {
        let region = code.map(region);
        calendar.is_working_day(day(date), region.as_ref()).expect("the year is known")
    };

    assert!(works("2026-03-20", None) && works("2026-03-20", Some("510100")));
    for inside in ["65", "650200", "650102004"] {
        assert!(!works("2026-03-20", Some(inside)), "{inside}");
    }
    assert!(works("2026-03-22", Some("650200")), "the Sunday is made up");
    assert!(!works("2026-03-22", Some("650102")), "what the city says goes before the region");
    assert!(works("2026-03-23", Some("650200")) && !works("2026-03-23", Some("650100")));
    assert!(!works("2026-02-17", Some("650100")), "the nation's holidays are everybody's");

    assert_eq!(after(&calendar, "2026-03-19", 1, Some("65")).as_deref(), Ok("2026-03-22"));
    assert_eq!(after(&calendar, "2026-03-19", 1, Some("6501")).as_deref(), Ok("2026-03-24"));
    assert_eq!(calendar.working_days(2026, Some(&region("6501"))), Ok(246));

    let local = calendar.exceptions(2026, Some(&region("650102"))).expect("the year is known");
    let local: Vec<_> = local
        .iter()
        .filter_map(|day| Some((day.date.to_string(), day.works, day.region.as_ref()?.as_str())))
        .collect();
    assert_eq!(
        local,
        [
            ("2026-03-20".to_owned(), false, "65"),
            ("2026-03-22".to_owned(), false, "6501"),
            ("2026-03-23".to_owned(), false, "6501"),
        ]
    );
}

proptest! {
    #[test]
    fn counting_lands_on_working_days_and_never_goes_back(
        offset in 0..900_i32,
        later in 0..30_i32,
        count in 1..80_u16,
        in_region: bool,
    ) {
        let calendar = embedded_with(OVERLAYS);
        let region = in_region.then(|| region("650102"));
        let region = region.as_ref();
        let from = day("2023-12-31").saturating_add(offset.days());
        let reach = |from, count| {
            let count = NonZeroU16::new(count).expect("at least one");
            calendar.after_working_days(from, count, region)
        };
        // It is known until the end of 2026, and 80 working days are less than half a year.
        let reached = reach(from, count).expect("the years are known");

        prop_assert!(reached > from);
        prop_assert_eq!(calendar.is_working_day(reached, region), Ok(true));
        prop_assert!(reach(from, count + 1).expect("known") > reached);
        prop_assert!(reach(from.saturating_add(later.days()), count).expect("known") >= reached);
        let mut between = 0;
        for date in from.tomorrow().expect("a day").series(1.day()).take_while(|day| *day <= reached) {
            between += u16::from(calendar.is_working_day(date, region).expect("known"));
        }
        prop_assert_eq!(between, count);
    }
}
