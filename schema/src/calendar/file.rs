//! Reads a file of the calendar: years, and overlays of regions over them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{Arrangement, FileMistake, Region, Sureness, days::is_weekend};
use crate::{
    edition::is_web_address,
    toml_table::{At, Mistakes, Table, required},
};

/// Days that the law itself makes holidays, whatever the lunar calendar says
/// (全国年节及纪念日放假办法). A year without them was written down by halves, and due times that
/// were counted through it would be wrong without anybody noticing.
const BY_LAW: [(i8, i8); 5] = [(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)];

/// What a file holds, all of it right.
pub(super) struct File {
    pub(super) years: Vec<(i16, Arrangement)>,
    pub(super) local: Vec<(Region, i16, Arrangement)>,
}

/// Reads a file; `known` are the years that need not stand in it.
///
/// # Errors
/// Every mistake.
pub(super) fn read(name: &str, text: &str, known: &[i16]) -> Result<File, Vec<FileMistake>> {
    let mut mistakes = Mistakes::new(name, text);
    let mut file = File { years: Vec::new(), local: Vec::new() };
    if let Some(mut table) = Table::parse(text, &mut mistakes) {
        let years = table.table("year", &mut mistakes);
        let overlays = table.tables("overlay", &mut mistakes);
        table.finish(&["year", "overlay"], &mut mistakes);
        file.years = years.map(|years| national(years, &mut mistakes)).unwrap_or_default();
        let mut known: BTreeSet<i16> = known.iter().copied().collect();
        known.extend(file.years.iter().map(|(year, _)| *year));
        for overlay in overlays.map(|overlays| overlays.value).unwrap_or_default() {
            local(overlay, &known, &mut file.local, &mut mistakes);
        }
    }
    match mistakes.is_empty() {
        true => Ok(file),
        false => Err(mistakes.into_errors()),
    }
}

fn national(years: Table<'_>, mistakes: &mut Mistakes<'_>) -> Vec<(i16, Arrangement)> {
    let mut read = Vec::new();
    for (key, table) in years.remaining_tables(mistakes) {
        let start = table.start();
        let Some(year) = number(&key, start, mistakes) else { continue };
        let Some(arrangement) = arrangement(table, year, mistakes) else { continue };
        let missing = BY_LAW.into_iter().find_map(|(month, day)| {
            let date = Date::new(year, month, day).ok()?;
            (arrangement.days.get(&date) != Some(&false)).then_some(date)
        });
        // A day that stands there and could not be read is not missing.
        if let Some(date) = missing.filter(|_| mistakes.is_empty()) {
            mistakes.add(
                start,
                format!("{year} 年不完整：{date} 是法定节日，应在 off 中"),
                format!("{year} is not complete: {date} is a holiday by law and stands in off"),
            );
        }
        read.push((year, arrangement));
    }
    read
}

fn local(
    mut overlay: Table<'_>,
    known: &BTreeSet<i16>,
    read: &mut Vec<(Region, i16, Arrangement)>,
    mistakes: &mut Mistakes<'_>,
) {
    let region = required(&mut overlay, "region", mistakes, |table, key, mistakes| {
        table.read(key, mistakes, |text| text.parse::<Region>().map_err(|bad| bad.message()))
    });
    let years = overlay.table("year", mistakes);
    if years.is_none() {
        let (zh, en) = ("缺少 [overlay.year.某年]", "[overlay.year.…] is missing");
        mistakes.add(overlay.start(), zh, en);
    }
    overlay.finish(&["region", "year"], mistakes);
    let years = years.map(|years| years.remaining_tables(mistakes)).unwrap_or_default();
    for (key, table) in years {
        let start = table.start();
        let Some(year) = number(&key, start, mistakes) else { continue };
        let Some(arrangement) = arrangement(table, year, mistakes) else { continue };
        if !known.contains(&year) {
            mistakes.add(
                start,
                format!("没有 {year} 年的全国安排，地方安排不能单独存在"),
                format!("{year} has no national days, over which these could be laid"),
            );
        }
        let Some(region) = &region else { continue };
        if read.iter().any(|(other, of, _)| (other, *of) == (&region.value, year)) {
            mistakes.add(
                start,
                format!("地区 {} 的 {year} 年出现了不止一次", region.value),
                format!("{year} of the region {} stands there more than once", region.value),
            );
        }
        read.push((region.value.clone(), year, arrangement));
    }
}

fn number(key: &str, at: usize, mistakes: &mut Mistakes<'_>) -> Option<i16> {
    let year = Some(key).filter(|key| key.len() == 4 && !key.starts_with('0'));
    let year = year.and_then(|key| key.parse().ok());
    if year.is_none() {
        mistakes.add(
            at,
            format!("{key:?} 不是年份：应为四位数字，如 [year.2027]"),
            format!("{key:?} is no year, which has four digits: [year.2027]"),
        );
    }
    year
}

fn arrangement(
    mut table: Table<'_>,
    year: i16,
    mistakes: &mut Mistakes<'_>,
) -> Option<Arrangement> {
    let source = required(&mut table, "source", mistakes, |table, key, mistakes| {
        let text = table.text(key, mistakes)?;
        if text.value.trim().is_empty() {
            mistakes.add(
                text.at,
                "source 应写明所依据的通知",
                "source names the notice that this is taken from",
            );
        }
        Some(text)
    });
    let url = table.text("url", mistakes);
    if let Some(url) = url.as_ref().filter(|url| !is_web_address(&url.value)) {
        mistakes.add(url.at, "url 应为完整网址", "url is a whole address, https://…");
    }
    let sureness = required(&mut table, "sureness", mistakes, |table, key, mistakes| {
        table.word(key, mistakes, &Sureness::ALL, Sureness::as_str)
    });
    let start = table.start();
    let off = table.dates("off", mistakes);
    let work = table.dates("work", mistakes);
    table.finish(&["source", "url", "sureness", "off", "work"], mistakes);
    let mut days = BTreeMap::new();
    let listed = |list: Option<At<Vec<At<Date>>>>| list.map(|list| list.value).unwrap_or_default();
    let off = listed(off).into_iter().map(|day| (day, false));
    for (day, works) in off.chain(listed(work).into_iter().map(|day| (day, true))) {
        check(&day, works, year, mistakes);
        if let Some(before) = days.insert(day.value, works) {
            let date = day.value;
            let (zh, en) = match before == works {
                true => ("重复", "stands there twice"),
                false => ("同时在 off 和 work 中", "stands in off and in work"),
            };
            mistakes.add(day.at, format!("{date} {zh}"), format!("{date} {en}"));
        }
    }
    if days.is_empty() {
        mistakes.add(
            start,
            format!("{year} 年没有写任何日期"),
            format!("no day is named for {year}"),
        );
    }
    Some(Arrangement {
        source: source?.value,
        url: url.map(|url| url.value),
        sureness: sureness?.value,
        days,
    })
}

fn check(day: &At<Date>, works: bool, year: i16, mistakes: &mut Mistakes<'_>) {
    let date = day.value;
    if date.year() != year {
        mistakes.add(
            day.at,
            format!("{date} 不在 {year} 年：请写入该年的表"),
            format!("{date} does not lie in {year}: it belongs to the table of its year"),
        );
    }
    if works && !is_weekend(date) {
        mistakes.add(
            day.at,
            format!("{date} 不是周六或周日，不会调休上班"),
            format!("{date} is no Saturday or Sunday, so it is no day that is made up"),
        );
    }
}
