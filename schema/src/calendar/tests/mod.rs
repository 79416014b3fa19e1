//! What the days, the files and the rules of the calendar come to, on days that were announced.

mod days;
mod deadlines;
mod dues;
mod files;

use jiff::civil::Date;

use super::{Calendar, Region};

/// A year of somebody's own, as short as one can be.
const NEXT_YEAR: &str = r#"[year.2027]
source = "国务院办公厅关于2027年部分节假日安排的通知"
sureness = "text"
off = [2027-01-01, 2027-05-01, 2027-10-01, 2027-10-02, 2027-10-03]
work = [2027-10-09]
"#;

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn region(code: &str) -> Region {
    code.parse().expect("a region")
}

fn embedded_with(text: &str) -> Calendar {
    Calendar::embedded().with_file("own.toml", text).expect("it is right")
}
