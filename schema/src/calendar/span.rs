//! A time allowed, as a rule writes it.

use std::{fmt, num::NonZeroU16, str::FromStr};

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{Calendar, Region, YearUnknown};
use crate::{message::Bilingual, parameters::BEIJING};

/// The longest span, in whatever it is counted.
pub const LONGEST: u16 = 9_999;

/// What a time allowed is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Hours: they run through nights and holidays, from the very moment.
    Hours,
    /// Days of the calendar (自然日).
    Days,
    /// Working days (工作日).
    WorkingDays,
    /// Months of the calendar.
    Months,
}

impl Unit {
    /// Every unit. The letters of one may end with those of another that stands behind it.
    const ALL: [Self; 4] = [Self::WorkingDays, Self::Hours, Self::Days, Self::Months];

    const fn letters(self) -> &'static str {
        match self {
            Self::Hours => "h",
            Self::Days => "d",
            Self::WorkingDays => "wd",
            Self::Months => "mo",
        }
    }
}

/// A time allowed: `24h`, `30d`, `20wd`, `1mo`.
///
/// Days, working days and months are counted from the day after, and end with the last moment
/// of their last day (民法典 201–203: the first day is not counted, the last one ends at 24:00).
/// What the code says there of a last day that is a holiday is left out on purpose: it prolongs
/// the time of whoever must act, and here that is government itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    length: NonZeroU16,
    unit: Unit,
}

/// A text that is no span.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct BadSpan {
    /// What was given.
    pub text: String,
}

impl BadSpan {
    /// What is wrong and what to do.
    pub fn message(&self) -> Bilingual {
        let text = &self.text;
        Bilingual::new(
            format!(
                "{text:?} 不是时限：应为 1 至 {LONGEST} 的整数加单位，h 小时、d 自然日、wd 工作日、mo 个月，如 24h、20wd"
            ),
            format!(
                "{text:?} is no time allowed, which is a number from 1 to {LONGEST} and h (hours), d (days), wd (working days) or mo (months): 24h, 20wd"
            ),
        )
    }
}

impl Span {
    /// What it is counted in.
    pub const fn unit(self) -> Unit {
        self.unit
    }

    /// How it is called to people.
    pub fn label(self) -> Bilingual {
        let length = self.length;
        let (zh, en) = match self.unit {
            Unit::Hours => ("小时", "hour"),
            Unit::Days => ("日", "day"),
            Unit::WorkingDays => ("个工作日", "working day"),
            Unit::Months => ("个月", "month"),
        };
        let many = if length.get() == 1 { "" } else { "s" };
        Bilingual::new(format!("{length} {zh}"), format!("{length} {en}{many}"))
    }
}

impl Calendar {
    /// The end of a time allowed that begins at `from`, in `region`: nobody is late until it has
    /// passed. It is the very moment for hours; for everything else 24:00 of the last day by the
    /// clock of Beijing, which is the next day's midnight.
    ///
    /// # Errors
    /// For working days, the first year on the way that is unknown.
    pub fn due(
        &self,
        from: Timestamp,
        span: Span,
        region: Option<&Region>,
    ) -> Result<Timestamp, YearUnknown> {
        let first = BEIJING.to_datetime(from).date();
        let length = span.length.get();
        let last = match span.unit {
            Unit::Hours => {
                let long = from.saturating_add(SignedDuration::from_hours(length.into()));
                return Ok(long.unwrap_or(Timestamp::MAX));
            }
            Unit::Days => first.saturating_add(i32::from(length).days()),
            Unit::Months => first.saturating_add(i32::from(length).months()),
            Unit::WorkingDays => self.after_working_days(first, span.length, region)?,
        };
        Ok(end_of(last))
    }
}

/// 24:00 of a day in Beijing.
fn end_of(day: Date) -> Timestamp {
    let midnight = day.tomorrow().and_then(|next| BEIJING.to_timestamp(next.at(0, 0, 0, 0)));
    midnight.unwrap_or(Timestamp::MAX)
}

impl FromStr for Span {
    type Err = BadSpan;

    fn from_str(text: &str) -> Result<Self, BadSpan> {
        let read = Unit::ALL.into_iter().find_map(|unit| {
            let digits = text.strip_suffix(unit.letters())?;
            let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
            let length = digits.parse::<NonZeroU16>().ok().filter(|_| plain)?;
            (length.get() <= LONGEST).then_some(Self { length, unit })
        });
        read.ok_or_else(|| BadSpan { text: text.chars().take(40).collect() })
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.length, self.unit.letters())
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}
