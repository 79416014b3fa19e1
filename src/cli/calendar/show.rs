//! A year as it was announced, day by day, with the days of a region where one is named.

use jiff::{Timestamp, civil::Date};
use schema::{
    calendar::{Arrangement, Calendar, Exception, Region},
    parameters::BEIJING,
};
use serde_json::{Value, json};

use super::{Answer, Failure, Language, table};

pub(super) fn run(
    calendar: &Calendar,
    year: Option<i16>,
    region: Option<&Region>,
    now: Timestamp,
    language: Language,
) -> Result<Answer, Failure> {
    let year = year.unwrap_or_else(|| BEIJING.to_datetime(now).year());
    let national = calendar.arrangement(year)?;
    let count = calendar.working_days(year, region)?;
    let days = calendar.exceptions(year, region)?;
    let local = region.map(|region| calendar.local(year, region)).unwrap_or_default();
    let mut text = match language {
        Language::Zh => format!("{year} 年，{count} 个工作日\n"),
        Language::En => format!("{year}, {count} working days\n"),
    };
    text.push_str(&told(language.say("全国", "national"), national, language));
    for (region, arrangement) in &local {
        text.push_str(&told(region.as_str(), arrangement, language));
    }
    text.push('\n');
    let header = match language {
        Language::Zh => ["自", "至", "星期", "安排", "适用"],
        Language::En => ["from", "to", "weekdays", "is", "whose"],
    };
    text.push_str(&table(header, runs(&days).iter().map(|run| row(run, language))));
    let known: Vec<i16> = calendar.years().map(|(year, _)| year).collect();
    let value = json!({
        "year": year,
        "region": region,
        "workingDays": count,
        "national": source(national),
        "local": local.iter().map(|(region, arrangement)| {
            json!({ "region": region, "source": source(arrangement) })
        }).collect::<Vec<_>>(),
        "days": days,
        "knownYears": known,
    });
    Ok(Answer::new(text, &value))
}

fn told(whose: &str, arrangement: &Arrangement, language: Language) -> String {
    let Arrangement { source, url, sureness, .. } = arrangement;
    let label = sureness.label();
    let sure = label.for_locale(language.locale());
    let url = url.as_ref().map(|url| format!(" {url}")).unwrap_or_default();
    match language {
        Language::Zh => format!("{whose}：{source}（{sure}）{url}\n"),
        Language::En => format!("{whose}: {source} ({sure}){url}\n"),
    }
}

fn source(Arrangement { source, url, sureness, .. }: &Arrangement) -> Value {
    json!({ "source": source, "url": url, "sureness": sureness })
}

/// Days that follow each other and are alike.
struct Run<'d> {
    first: &'d Exception,
    last: &'d Exception,
    days: usize,
}

fn runs(days: &[Exception]) -> Vec<Run<'_>> {
    let alike = |one: &Exception, next: &Exception| {
        one.date.tomorrow().is_ok_and(|tomorrow| tomorrow == next.date)
            && (one.works, &one.region) == (next.works, &next.region)
    };
    days.chunk_by(alike)
        .filter_map(|run| Some(Run { first: run.first()?, last: run.last()?, days: run.len() }))
        .collect()
}

fn row(Run { first, last, days }: &Run<'_>, language: Language) -> [String; 5] {
    let (from, to) = (weekday(first.date, language), weekday(last.date, language));
    let weekdays = match days {
        1 => from.to_owned(),
        _ => [from, to].join(language.say("至", "–")),
    };
    let is = match (first.works, days, language) {
        (true, _, _) => language.say("上班", "worked").to_owned(),
        (false, _, Language::Zh) => format!("放假 {days} 天"),
        (false, 1, Language::En) => "off, 1 day".to_owned(),
        (false, _, Language::En) => format!("off, {days} days"),
    };
    let whose = first.region.as_ref().map_or(language.say("全国", "national"), Region::as_str);
    [first.date.to_string(), last.date.to_string(), weekdays, is, whose.to_owned()]
}

fn weekday(date: Date, language: Language) -> &'static str {
    const ZH: [&str; 7] = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
    const EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let from_monday = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
    match language {
        Language::Zh => ZH[from_monday],
        Language::En => EN[from_monday],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OVERLAY: &str = "[[overlay]]\nregion = \"650000\"\n[overlay.year.2026]\n\
        source = \"a region's notice\"\nsureness = \"secondHand\"\noff = [2026-03-20]\n";

    fn shown(year: Option<i16>, code: Option<&str>, language: Language) -> (String, Value) {
        let calendar = Calendar::embedded().with_file("own.toml", OVERLAY).expect("it is right");
        let region = code.map(|code| code.parse().expect("a region"));
        let now = "2025-12-31T16:00:00Z".parse().expect("a moment");
        let answer = run(&calendar, year, region.as_ref(), now, language).expect("it is known");
        let json = serde_json::from_str(&answer.json()).expect("JSON");
        (answer.text, json)
    }

    #[test]
    fn a_year_is_shown_as_it_was_announced() {
        let (text, json) = shown(Some(2025), None, Language::Zh);

        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        assert_eq!(lines[0], "2025 年，248 个工作日");
        assert!(lines[1].contains("国办发明电〔2024〕12号") && lines[1].contains("据转述"));
        let row = |from: &str| {
            let line = lines.iter().find(|line| line.starts_with(from)).expect("the row");
            line.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(row("2025-01-28"), "2025-01-28 2025-02-04 周二至周二 放假 8 天 全国");
        assert_eq!(row("2025-01-26"), "2025-01-26 2025-01-26 周日 上班 全国");
        assert_eq!(json["workingDays"], 248);
        assert_eq!(json["days"].as_array().expect("days").len(), 28 + 5);
        assert_eq!(json["knownYears"], json!([2024, 2025, 2026]));
    }

    #[test]
    fn a_region_is_shown_with_its_own_days_and_this_year_is_that_of_beijing() {
        let (text, json) = shown(None, Some("650102"), Language::En);

        assert!(text.starts_with("2026, 247 working days\n"), "{text}");
        assert!(text.contains("65: a region's notice (second-hand)\n"), "{text}");
        let row = text.lines().find(|line| line.contains("2026-03-20")).expect("the row");
        assert!(row.contains("Fri") && row.contains("off, 1 day") && row.ends_with("65"), "{row}");
        assert_eq!(
            (&json["region"], &json["local"][0]["region"]),
            (&json!("650102"), &json!("65"))
        );
    }
}
