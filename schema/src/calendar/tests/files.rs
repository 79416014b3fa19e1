use super::{NEXT_YEAR, region};
use crate::calendar::{Calendar, DeadlineRules, FileMistake, Sureness};

const RULE: &str = r#"[[rule]]
key = "answer"
name = { zh = "答复", en = "Answer" }
from = "formed"
within = "3wd"
source = "a document"
sureness = "text"
soon_percent = 25
"#;

fn overlay(year: &str) -> String {
    format!(
        "[[overlay]]\nregion = \"65\"\n[overlay.year.{year}]\nsource = \"s\"\nsureness = \"text\"\n"
    )
}

/// Mistakes stand at these lines and no others, and the first says this.
#[track_caller]
fn is_told<T>(text: &str, found: Result<T, Vec<FileMistake>>, lines: &[usize], word: &str) {
    let Err(mistakes) = found else { panic!("nothing is wrong with {text}") };
    let found: Vec<_> = mistakes.iter().map(|mistake| mistake.line).collect();
    assert_eq!(found, lines, "{text}: {mistakes:?}");
    let FileMistake { file, reason, .. } = &mistakes[0];
    assert_eq!(file, "own.toml");
    assert!(reason.en.contains(word), "{text}: {reason}");
    assert!(!reason.zh.is_empty() && reason.zh != reason.en, "{text}: {reason}");
}

#[test]
fn the_files_that_come_along_are_right() {
    let calendar =
        Calendar::default().with_file("cn.toml", include_str!("../../../calendar/cn.toml"));
    assert_eq!(calendar, Ok(Calendar::embedded()));
    let rules = include_str!("../../../calendar/deadlines.toml");
    assert_eq!(DeadlineRules::parse("deadlines.toml", rules), Ok(DeadlineRules::embedded()));

    let embedded = Calendar::embedded();
    let newest = embedded.arrangement(2026).expect("it is known");
    assert!(newest.source.contains("国办发明电〔2025〕7号"), "{}", newest.source);
    assert_eq!(newest.sureness, Sureness::Text);
}

#[test]
fn the_guides_list_every_rule_and_their_examples_can_be_loaded() {
    for (guide, name) in [
        (include_str!("../../../../docs/calendar.md"), "en"),
        (include_str!("../../../../docs/calendar.zh-CN.md"), "zh"),
    ] {
        let examples: Vec<&str> =
            guide.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
        assert_eq!(examples.len(), 2, "{name}: a year and an overlay");
        let year = Calendar::default().with_file("guide", examples[0]).expect("it is right");
        assert_eq!(year.arrangement(2026), Calendar::embedded().arrangement(2026), "{name}");
        let laid_over = year.with_file("guide", examples[1]).expect("it is right");
        assert_eq!(laid_over.local(2026, &region("990100")).len(), 1, "{name}");
        let rows: Vec<&str> = guide.lines().collect();
        for rule in DeadlineRules::embedded().iter() {
            let key = format!("| `{}` |", rule.key);
            let row = rows.iter().find(|row| row.starts_with(&key)).expect("a row of the rule");
            let sureness = rule.sureness.label();
            let within = format!("`{}`", rule.within);
            for word in [within.as_str(), sureness.for_locale(name), &rule.source] {
                assert!(row.contains(word), "{name}: {word} in {row}");
            }
        }
    }
}

#[test]
fn a_mistake_in_the_calendar_is_told_with_its_line() {
    let changed = |from: &str, to: &str| {
        assert!(NEXT_YEAR.contains(from), "{from}");
        NEXT_YEAR.replacen(from, to, 1)
    };
    let wrong: &[(String, &[usize], &str)] = &[
        ("[year.2027".to_owned(), &[1], "not valid TOML"),
        (format!("{NEXT_YEAR}\n[years.2028]\n"), &[7], "did you mean year?"),
        (changed("[year.2027]", "[year.27]"), &[1], "four digits"),
        (changed("source", "sources"), &[1, 2], "source is missing"),
        (
            changed("= \"国务院办公厅关于2027年部分节假日安排的通知\"", "= \" \""),
            &[2],
            "names the notice",
        ),
        (changed("\"text\"", "\"sure\""), &[3], "text, secondHand, unverified"),
        (changed("sureness = \"text\"\n", ""), &[1], "sureness is missing"),
        (changed("off = [", "url = \"nowhere\"\noff = ["), &[4], "whole address"),
        (changed("[2027-01-01", "[\"2027-01-01\""), &[4], "without quotes"),
        (changed("[2027-01-01", "[2027-01-01T08:00:00"), &[4], "without quotes"),
        (changed("[2027-01-01", "[2027-02-30, 2027-01-01"), &[4], "between 01 and 28"),
        (changed("[2027-01-01", "[2027-01-01, 2027-01-01"), &[4], "twice"),
        (changed("[2027-01-01", "[\n2027-01-01,\n2026-12-31"), &[6], "does not lie in 2027"),
        (changed("2027-10-03]", "2027-10-03, 2027-10-09]"), &[5], "stands in off and in work"),
        (changed("2027-10-09", "2027-10-08"), &[5], "no Saturday or Sunday"),
        (changed("2027-05-01, ", ""), &[1], "2027-05-01 is a holiday by law"),
        (changed("[2027-10-09]", "2027-10-09"), &[5], "a list of days"),
        (changed("work", "wrk"), &[5], "did you mean work?"),
        (
            changed("10-09", "10-08").replace("\"text\"", "\"sure\""),
            &[3, 5],
            "text, secondHand, unverified",
        ),
        ("[[overlay]]\nregion = \"65\"\n".to_owned(), &[1], "is missing"),
        (overlay("2026"), &[3], "no day is named"),
        (overlay("2031") + "off = [2031-03-20]", &[3], "no national days"),
        (
            overlay("2026").replace("\"65\"", "\"Tibet\"") + "off = [2026-03-20]",
            &[2],
            "no region code",
        ),
        (
            overlay("2026") + "off = [2026-03-20]\n" + &overlay("2026") + "off = [2026-03-21]",
            &[9],
            "more than once",
        ),
    ];
    for (text, lines, word) in wrong {
        is_told(text, Calendar::embedded().with_file("own.toml", text), lines, word);
    }
}

#[test]
fn a_mistake_in_the_rules_is_told_with_its_line() {
    let changed = |from: &str, to: &str| {
        assert!(RULE.contains(from), "{from}");
        RULE.replacen(from, to, 1)
    };
    DeadlineRules::parse("own.toml", RULE).expect("it is right");
    let wrong: &[(String, &[usize], &str)] = &[
        (String::new(), &[1], "rule is missing"),
        (changed("answer", "Answer!"), &[2], "small letters"),
        (changed(", en = \"Answer\"", ""), &[3], "both languages"),
        (changed("formed", "form"), &[4], "activityEnded"),
        (changed("3wd", "3 days"), &[5], "wd (working days)"),
        (changed("a document", ""), &[6], "names the document"),
        (changed("\"text\"", "\"T\""), &[7], "secondHand"),
        (changed("25", "100"), &[8], "0 to 99"),
        (changed("within", "withn"), &[1, 5], "within is missing"),
        (format!("{RULE}{RULE}"), &[9], "more than once"),
        (format!("{RULE}region = \"35\"\n"), &[9], "unknown key region"),
    ];
    for (text, lines, word) in wrong {
        is_told(text, DeadlineRules::parse("own.toml", text), lines, word);
    }
}
