//! Shards: a month of one language each, in parts where a month is long.
//!
//! A document belongs to the month it was first published in, by the original time where there
//! is one, so an edit changes one shard and a new document only the last part of the newest
//! month: search engines fetch what changed and nothing else.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use schema::names::Locale;
use store::reading::sitemap::Stamp;

/// Addresses of one document are written once as itself and, where a site has several
/// languages, once for each of them and once more as the default.
const ADDRESSES: u32 = 20_000;

/// How many documents a part holds on a site of so many languages: few enough that the longest
/// addresses stay below 50 MB (sitemaps.org), and usual ones below the 10 MB and 10,000
/// documents that the strictest engines take.
pub(super) fn documents_in_part(languages: usize) -> u32 {
    let languages = u32::try_from(languages.max(1)).unwrap_or(u32::MAX);
    (ADDRESSES / languages.saturating_add(1)).max(1)
}

/// One part of one month in one language: `2026-03-1-zh-CN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    /// The first of the month.
    month: Date,
    /// From 1.
    pub(super) part: u32,
    pub(super) locale: Locale,
}

/// A text names no shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotAShard;

impl Shard {
    /// When its month begins, and when the next one does; in UTC.
    pub(super) fn bounds(&self) -> Option<(Timestamp, Timestamp)> {
        let next = self.month.checked_add(jiff::Span::new().months(1)).ok()?;
        let start = |date: Date| date.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
        Some((start(self.month)?, start(next)?))
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month) = (self.month.year(), self.month.month());
        write!(formatter, "{year:04}-{month:02}-{}-{}", self.part, self.locale)
    }
}

impl FromStr for Shard {
    type Err = NotAShard;

    fn from_str(text: &str) -> Result<Self, NotAShard> {
        let read = || {
            let mut pieces = text.splitn(4, '-');
            let year = pieces.next()?.parse().ok()?;
            let month = pieces.next()?.parse().ok()?;
            Some(Self {
                month: Date::new(year, month, 1).ok()?,
                part: pieces.next()?.parse().ok().filter(|part| *part > 0)?,
                locale: pieces.next()?.parse().ok()?,
            })
        };
        // One spelling of each: no `2026-3-01-…`.
        read().filter(|shard: &Self| shard.to_string() == text).ok_or(NotAShard)
    }
}

/// A shard and the newest change in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Changed {
    pub(super) shard: Shard,
    pub(super) at: Timestamp,
}

/// Cuts the documents of one language into shards, as they come in their order.
pub(super) struct Cutter {
    locale: Locale,
    most: u32,
    /// Documents in the last shard.
    filled: u32,
    shards: Vec<Changed>,
}

impl Cutter {
    pub(super) fn new(locale: Locale, most: u32) -> Self {
        Self { locale, most, filled: 0, shards: Vec::new() }
    }

    pub(super) fn take(&mut self, stamp: &Stamp) {
        let month = TimeZone::UTC.to_datetime(stamp.place.at).date().first_of_month();
        let last = self.shards.last_mut().filter(|last| last.shard.month == month);
        let part = match last {
            Some(last) if self.filled < self.most => {
                self.filled += 1;
                last.at = last.at.max(stamp.changed_at);
                return;
            }
            Some(last) => last.shard.part + 1,
            None => 1,
        };
        self.filled = 1;
        let shard = Shard { month, part, locale: self.locale.clone() };
        self.shards.push(Changed { shard, at: stamp.changed_at });
    }

    pub(super) fn into_shards(self) -> Vec<Changed> {
        self.shards
    }
}

#[cfg(test)]
mod tests {
    use store::reading::sitemap::Place;
    use uuid::Uuid;

    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn stamp(at: &str, changed_at: &str) -> Stamp {
        let place = Place { at: moment(at), document: Uuid::from_u128(1).into() };
        Stamp { place, changed_at: moment(changed_at) }
    }

    #[test]
    fn a_shard_has_one_name_and_the_bounds_of_its_month() {
        let shard: Shard = "2025-12-3-zh-Hant-HK".parse().expect("a shard");
        assert_eq!((shard.part, shard.locale.as_str()), (3, "zh-Hant-HK"));
        assert_eq!(shard.to_string(), "2025-12-3-zh-Hant-HK");
        let bounds = (moment("2025-12-01T00:00:00Z"), moment("2026-01-01T00:00:00Z"));
        assert_eq!(shard.bounds(), Some(bounds));
        assert_eq!("9999-12-1-en".parse::<Shard>().expect("a shard").bounds(), None);
        for wrong in [
            "",
            "2026-03",
            "2026-03-1",
            "2026-3-1-en",
            "2026-03-0-en",
            "2026-03-01-en",
            "2026-13-1-en",
            "2026-03-1-EN",
            "+2026-03-1-en",
            "2026-03-1-en-",
        ] {
            assert_eq!(wrong.parse::<Shard>(), Err(NotAShard), "{wrong}");
        }
    }

    #[test]
    fn documents_are_cut_by_month_and_long_months_into_parts() {
        let mut cutter = Cutter::new("en".parse().expect("a locale"), 2);
        for stamp in [
            stamp("1949-10-01T07:00:00Z", "2026-03-01T00:00:00Z"),
            stamp("2026-02-28T23:59:59.999999Z", "2026-03-04T00:00:00Z"),
            stamp("2026-03-01T00:00:00Z", "2026-03-06T00:00:00Z"),
            stamp("2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z"),
            stamp("2026-03-03T00:00:00Z", "2026-03-03T00:00:00Z"),
            stamp("2026-04-01T00:00:00Z", "2026-04-01T00:00:00Z"),
        ] {
            cutter.take(&stamp);
        }

        let shards: Vec<_> = cutter
            .into_shards()
            .iter()
            .map(|changed| (changed.shard.to_string(), changed.at.to_string()))
            .collect();

        let expected = [
            ("1949-10-1-en", "2026-03-01T00:00:00Z"),
            ("2026-02-1-en", "2026-03-04T00:00:00Z"),
            ("2026-03-1-en", "2026-03-06T00:00:00Z"),
            ("2026-03-2-en", "2026-03-03T00:00:00Z"),
            ("2026-04-1-en", "2026-04-01T00:00:00Z"),
        ];
        assert_eq!(shards, expected.map(|(shard, at)| (shard.to_owned(), at.to_owned())));
    }

    #[test]
    fn a_part_never_holds_more_than_engines_take() {
        for languages in 1..=20 {
            assert!(documents_in_part(languages) <= 10_000);
            assert!(documents_in_part(languages) > 0);
        }
    }
}
