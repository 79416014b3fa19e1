//! Which days are worked: what was announced for each year, and for the year in a region.

use std::{collections::BTreeMap, num::NonZeroU16};

use jiff::civil::{Date, Weekday};
use serde::Serialize;

use super::{FileMistake, Region, Sureness, file};
use crate::message::Bilingual;

/// The years that come with Gongbao.
const EMBEDDED: &str = include_str!("../../calendar/cn.toml");

/// The days off and the days made up, by year; a year that is not here is unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    years: BTreeMap<i16, Year>,
}

/// What is announced for a year: nationally, and beyond that in regions.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Year {
    national: Arrangement,
    /// A region sorts before those that lie in it.
    local: BTreeMap<Region, Arrangement>,
}

/// One announcement: what it says and who says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrangement {
    /// The notice, by its title and number.
    pub source: String,
    /// Where it can be read.
    pub url: Option<String>,
    /// Whether the days were compared with it.
    pub sureness: Sureness,
    /// Whether a day is worked, for the days that are named.
    pub(super) days: BTreeMap<Date, bool>,
}

/// A day that is not as its weekday says, or is a weekend that belongs to a holiday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Exception {
    /// The day.
    pub date: Date,
    /// Whether it is worked.
    pub works: bool,
    /// Whose announcement decided that; nobody's but the national one without it.
    pub region: Option<Region>,
}

/// Nobody loaded what was announced for a year, so nothing can be counted through it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct YearUnknown {
    /// The year.
    pub year: i16,
}

impl YearUnknown {
    /// Which year is missing.
    pub fn message(&self) -> Bilingual {
        let year = self.year;
        Bilingual::new(
            format!("没有 {year} 年的节假日安排，无法推算工作日"),
            format!(
                "the holidays of {year} are not known, so working days cannot be counted through it"
            ),
        )
    }

    /// What to do about it.
    pub fn remedy(&self) -> Bilingual {
        let year = self.year;
        Bilingual::new(
            format!(
                "将国务院办公厅关于 {year} 年节假日安排的通知写入日历文件，并以 GONGBAO_CALENDAR 指定该文件"
            ),
            format!(
                "write the notice of the State Council for {year} into a file and name it with GONGBAO_CALENDAR"
            ),
        )
    }
}

impl Calendar {
    /// The years that come with Gongbao.
    ///
    /// # Panics
    /// Never: a test reads it.
    pub fn embedded() -> Self {
        Self::default().with_file("cn.toml", EMBEDDED).unwrap_or_default()
    }

    /// The same with the years of a file, which replace those of the same number. An overlay
    /// replaces that of the same region and year.
    ///
    /// # Errors
    /// Every mistake in the file.
    pub fn with_file(mut self, name: &str, text: &str) -> Result<Self, Vec<FileMistake>> {
        let years: Vec<i16> = self.years.keys().copied().collect();
        let file = file::read(name, text, &years)?;
        for (number, national) in file.years {
            let local = self.years.remove(&number).map(|year| year.local).unwrap_or_default();
            self.years.insert(number, Year { national, local });
        }
        for (region, number, arrangement) in file.local {
            if let Some(year) = self.years.get_mut(&number) {
                year.local.insert(region, arrangement);
            }
        }
        Ok(self)
    }

    /// The years that are known, in order, with what was announced nationally.
    pub fn years(&self) -> impl Iterator<Item = (i16, &Arrangement)> {
        self.years.iter().map(|(number, year)| (*number, &year.national))
    }

    /// The last year of those known without a gap from `year` on; `None` when that one is not.
    pub fn known_through(&self, year: i16) -> Option<i16> {
        let known = |year: &i16| self.years.contains_key(year);
        (year..i16::MAX).take_while(known).last()
    }

    /// What was announced for `year` nationally.
    ///
    /// # Errors
    /// When the year is unknown.
    pub fn arrangement(&self, year: i16) -> Result<&Arrangement, YearUnknown> {
        self.year(year).map(|year| &year.national)
    }

    /// What was announced for `year` in `region` and the regions it lies in, the largest first.
    pub fn local(&self, year: i16, region: &Region) -> Vec<(&Region, &Arrangement)> {
        let local = self.years.get(&year).into_iter().flat_map(|year| &year.local);
        local.filter(|(overlay, _)| overlay.covers(region)).collect()
    }

    /// Every named day of `year`, in order, as it is in `region`.
    ///
    /// # Errors
    /// When the year is unknown.
    pub fn exceptions(
        &self,
        year: i16,
        region: Option<&Region>,
    ) -> Result<Vec<Exception>, YearUnknown> {
        let mut days = BTreeMap::new();
        for (date, works) in &self.year(year)?.national.days {
            days.insert(*date, Exception { date: *date, works: *works, region: None });
        }
        let local = region.map(|region| self.local(year, region)).unwrap_or_default();
        for (overlay, arrangement) in local {
            for (date, works) in &arrangement.days {
                let region = Some(overlay.clone());
                days.insert(*date, Exception { date: *date, works: *works, region });
            }
        }
        Ok(days.into_values().collect())
    }

    /// Whether `date` is worked in `region`: Monday to Friday, but for what was announced.
    /// The announcement for the smallest region counts.
    ///
    /// # Errors
    /// When its year is unknown.
    pub fn is_working_day(&self, date: Date, region: Option<&Region>) -> Result<bool, YearUnknown> {
        let national = self.arrangement(date.year())?.days.get(&date);
        let local = region.and_then(|region| {
            let overlays = self.local(date.year(), region);
            overlays.into_iter().rev().find_map(|(_, overlay)| overlay.days.get(&date))
        });
        Ok(local.or(national).copied().unwrap_or_else(|| !is_weekend(date)))
    }

    /// The working days of `year` in `region`.
    ///
    /// # Errors
    /// When the year is unknown.
    pub fn working_days(&self, year: i16, region: Option<&Region>) -> Result<u16, YearUnknown> {
        self.year(year)?;
        let first = Date::new(year, 1, 1).map_err(|_| YearUnknown { year })?;
        let mut count = 0;
        for date in first.series(jiff::Span::new().days(1)).take_while(|day| day.year() == year) {
            count += u16::from(self.is_working_day(date, region)?);
        }
        Ok(count)
    }

    /// The last of `count` working days after `from`, which is not counted itself.
    ///
    /// # Errors
    /// The first year on the way that is unknown.
    pub fn after_working_days(
        &self,
        from: Date,
        count: NonZeroU16,
        region: Option<&Region>,
    ) -> Result<Date, YearUnknown> {
        let mut date = from;
        let mut left = count.get();
        while left > 0 {
            // The calendar of the world ends with the year 9999, which nobody announced.
            date = date.tomorrow().map_err(|_| YearUnknown { year: date.year() })?;
            left -= u16::from(self.is_working_day(date, region)?);
        }
        Ok(date)
    }

    fn year(&self, year: i16) -> Result<&Year, YearUnknown> {
        self.years.get(&year).ok_or(YearUnknown { year })
    }
}

/// Saturday or Sunday.
pub(super) fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}
