//! When something is due that began at a time, and how it stands now.

use std::str::FromStr;

use clap::Args;
use jiff::{SignedDuration, Timestamp, civil::DateTime};
use schema::{
    calendar::{Calendar, DeadlineRules, Due, Region, Span, Standing, Unit},
    message::Bilingual,
    names::DeadlineKey,
    parameters::BEIJING,
};
use serde_json::json;

use super::{Answer, Failure, Language};

/// What began when, and what is allowed.
#[derive(Args)]
pub(crate) struct Arguments {
    /// 起算时间（北京时间），如 2026-02-13T10:30，或只写日期 / When it began, by the clock of Beijing
    /// unless a zone is given: 2026-02-13T10:30, or the day alone
    #[arg(long, value_name = "TIME")]
    from: Start,
    /// 时限：h 小时、d 自然日、wd 工作日、mo 个月，如 24h、20wd / The time allowed: hours, days, working
    /// days (wd) or months (mo), such as 24h or 20wd
    #[arg(long, value_name = "SPAN", conflicts_with = "rule")]
    within: Option<Span>,
    /// 按某条规则推算，见 gongbao calendar rules / By a rule, of those that gongbao calendar rules lists
    #[arg(long, value_name = "KEY")]
    rule: Option<DeadlineKey>,
    /// 行政区划代码，含地方假日 / Region code, for the days of a region
    #[arg(long, value_name = "CODE")]
    region: Option<Region>,
}

/// A beginning as people write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Start {
    at: Timestamp,
    /// Only the day was given: enough for everything that is not counted in hours.
    is_day: bool,
}

const NO_START: &str = "应为时间，如 2026-02-13T10:30（北京时间）、2026-02-13T10:30:00+08:00，或日期 2026-02-13 / a time is expected, 2026-02-13T10:30 (in Beijing) or 2026-02-13T10:30:00+08:00, or a day, 2026-02-13";

impl FromStr for Start {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(at) = text.parse() {
            return Ok(Self { at, is_day: false });
        }
        // What is left has no zone; a zone that is not understood must not become Beijing's.
        let plain = |letter: char| letter.is_ascii_digit() || "-:. T".contains(letter);
        if !text.chars().all(plain) {
            return Err(NO_START);
        }
        let local = text.parse::<DateTime>().and_then(|local| BEIJING.to_timestamp(local));
        let at = local.map_err(|_| NO_START)?;
        Ok(Self { at, is_day: !text.contains(['T', ' ']) })
    }
}

pub(super) fn run(
    calendar: &Calendar,
    rules: &DeadlineRules,
    Arguments { from, within, rule, region }: &Arguments,
    now: Timestamp,
    language: Language,
) -> Result<Answer, Failure> {
    let rule = match rule {
        Some(key) => Some(rules.get(key).ok_or_else(|| no_rule(key))?),
        None => None,
    };
    let within = rule.map(|rule| rule.within).or(*within).ok_or_else(no_span)?;
    if from.is_day && within.unit() == Unit::Hours {
        return Err(no_moment());
    }
    let start = from.at;
    let due = match rule {
        Some(rule) => rule.due(start, calendar, region.as_ref())?,
        None => Due::new(start, calendar.due(start, within, region.as_ref())?, 0),
    };
    let standing = due.standing(now);
    let locale = language.locale();
    let mut text = match language {
        Language::Zh => format!("到期：{}（北京时间）\n", shown(due.at, within.unit())),
        Language::En => format!("due:   {} in Beijing\n", shown(due.at, within.unit())),
    };
    let allowed = within.label();
    let allowed = allowed.for_locale(locale);
    if let Some(rule) = rule {
        let (name, sure) = (rule.name.for_locale(locale), rule.sureness.label());
        let (sure, source) = (sure.for_locale(locale), &rule.source);
        text.push_str(&match language {
            Language::Zh => format!("规则：{name}，{allowed}；{source}（{sure}）\n"),
            Language::En => format!("rule:  {name}, {allowed}; {source} ({sure})\n"),
        });
    }
    text.push_str(&told(standing, language));
    let (state, left) = match standing {
        Standing::OnTime { left } => ("onTime", left),
        Standing::Soon { left } => ("soon", left),
        Standing::Late { by } => ("late", -by),
    };
    let value = json!({
        "from": start,
        "within": within,
        "rule": rule,
        "region": region,
        "due": due.at,
        "state": state,
        "secondsLeft": left.as_secs(),
    });
    Ok(Answer::new(text, &value))
}

fn no_rule(key: &DeadlineKey) -> Failure {
    Failure::wrong(
        Bilingual::new(format!("没有时限规则 {key}"), format!("there is no deadline rule {key}")),
        Bilingual::new(
            "用 gongbao calendar rules 查看已有的规则",
            "gongbao calendar rules shows the rules there are",
        ),
    )
}

fn no_span() -> Failure {
    Failure::wrong(
        Bilingual::new("没有说明时限", "it is not said what time is allowed"),
        Bilingual::new(
            "加 --within 时限，如 --within 20wd；或 --rule 规则",
            "add --within SPAN, such as --within 20wd, or --rule KEY",
        ),
    )
}

fn no_moment() -> Failure {
    Failure::wrong(
        Bilingual::new(
            "以小时计的时限从具体时刻起算，只有日期不够",
            "hours are counted from a moment, for which a day is not enough",
        ),
        Bilingual::new(
            "写明时刻，如 --from 2026-02-13T10:30",
            "give the time, such as --from 2026-02-13T10:30",
        ),
    )
}

/// A due time by the clock of Beijing: the end of a day is its 24:00, as a rule says it.
fn shown(at: Timestamp, unit: Unit) -> String {
    let local = BEIJING.to_datetime(at);
    match (unit, local.date().yesterday()) {
        (Unit::Days | Unit::WorkingDays | Unit::Months, Ok(last)) => format!("{last} 24:00"),
        _ if local.second() == 0 => local.strftime("%Y-%m-%d %H:%M").to_string(),
        _ => local.strftime("%Y-%m-%d %H:%M:%S").to_string(),
    }
}

fn told(standing: Standing, language: Language) -> String {
    let (zh, en, long) = match standing {
        Standing::OnTime { left } => ("现在：尚余 ", "now:   on time, left: ", left),
        Standing::Soon { left } => ("现在：即将到期，尚余 ", "now:   due soon, left: ", left),
        Standing::Late { by } => ("现在：已逾期 ", "now:   late by ", by),
    };
    format!("{}{}\n", language.say(zh, en), length(long, language))
}

/// Days and hours, or hours and minutes: what somebody acts upon.
fn length(long: SignedDuration, language: Language) -> String {
    let (days, hours, minutes) = (long.as_hours() / 24, long.as_hours() % 24, long.as_mins() % 60);
    match (days, language) {
        (0, Language::Zh) => format!("{hours} 小时 {minutes} 分"),
        (0, Language::En) => format!("{hours} h {minutes} min"),
        (_, Language::Zh) => format!("{days} 天 {hours} 小时"),
        (_, Language::En) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn start(text: &str) -> Start {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn answered(
        (from, within, rule): (&str, Option<&str>, Option<&str>),
        now: &str,
        language: Language,
    ) -> Result<(String, Value), Failure> {
        let arguments = Arguments {
            from: start(from),
            within: within.map(|span| span.parse().expect("a span")),
            rule: rule.map(|key| key.parse().expect("a key")),
            region: None,
        };
        let (calendar, rules) = (Calendar::embedded(), DeadlineRules::embedded());
        let answer = run(&calendar, &rules, &arguments, start(now).at, language)?;
        let json = serde_json::from_str(&answer.json()).expect("JSON");
        Ok((answer.text, json))
    }

    #[test]
    fn a_beginning_is_a_moment_in_beijing_or_in_its_own_zone_or_a_day() {
        let at = |text: &str| start(text).at.to_string();
        assert_eq!(at("2026-02-13T10:30"), "2026-02-13T02:30:00Z");
        assert_eq!(at("2026-02-13 10:30:15"), "2026-02-13T02:30:15Z");
        assert_eq!(at("2026-02-13T10:30:00Z"), "2026-02-13T10:30:00Z");
        assert_eq!(at("2026-02-13"), "2026-02-12T16:00:00Z");
        assert!(start("2026-02-13").is_day && !start("2026-02-13T00:00").is_day);
        for wrong in ["", "13.2.2026", "2026-02-30", "2026-02-13T10:30[Asia/Tokio]", "20:00"] {
            assert_eq!(wrong.parse::<Start>(), Err(NO_START), "{wrong}");
        }
    }

    #[test]
    fn a_due_time_is_told_as_the_end_of_its_last_day_with_what_is_left() {
        let asked = ("2026-02-13", Some("3wd"), None);
        let told = |now| answered(asked, now, Language::Zh).expect("the year is known");

        let (text, json) = told("2026-02-24T12:00");
        assert_eq!(text, "到期：2026-02-25 24:00（北京时间）\n现在：尚余 1 天 12 小时\n");
        assert_eq!(json["due"], "2026-02-25T16:00:00Z");
        assert_eq!((&json["state"], &json["secondsLeft"]), (&json!("onTime"), &json!(36 * 3600)));
        let (text, json) = told("2026-02-26T02:05");
        assert!(text.ends_with("现在：已逾期 2 小时 5 分\n"), "{text}");
        assert_eq!((&json["state"], &json["secondsLeft"]), (&json!("late"), &json!(-125 * 60)));
    }

    #[test]
    fn a_rule_is_told_with_its_source_and_warns_when_little_is_left() {
        let asked = ("2026-02-14T20:00", None, Some("emergency-first"));

        let answer = answered(asked, "2026-02-14T23:30", Language::En);
        let (text, json) = answer.expect("hours need no year");

        assert!(text.starts_with("due:   2026-02-15 01:00 in Beijing\n"), "{text}");
        assert!(text.contains("5 hours; 《关于全面推进政务公开工作的意见》"), "{text}");
        assert!(text.contains("(second-hand)"), "{text}");
        assert!(text.ends_with("now:   due soon, left: 1 h 30 min\n"), "{text}");
        assert_eq!(
            (&json["state"], &json["rule"]["key"]),
            (&json!("soon"), &json!("emergency-first"))
        );
    }

    #[test]
    fn what_cannot_be_counted_is_refused_with_what_to_do() {
        for (asked, what, remedy) in [
            (("2026-02-13", Some("24h"), None), "a day is not enough", "2026-02-13T10:30"),
            (("2026-02-13", None, Some("public-activity")), "a day is not enough", "10:30"),
            (("2026-02-13", None, Some("no-such")), "no-such", "gongbao calendar rules"),
            (("2026-02-13", None, None), "what time is allowed", "--within 20wd"),
            (("2026-12-30", Some("5wd"), None), "2027", "GONGBAO_CALENDAR"),
        ] {
            let refused = answered(asked, "2026-03-01T00:00", Language::En).expect_err(what);
            assert!(refused.what.en.contains(what), "{}", refused.what);
            assert!(refused.remedy.en.contains(remedy), "{}", refused.remedy);
        }
    }
}
