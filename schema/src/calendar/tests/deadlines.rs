use std::collections::HashSet;

use jiff::Timestamp;

use crate::{
    calendar::{Beginning, Calendar, DeadlineRule, DeadlineRules, Standing, Sureness},
    names::DeadlineKey,
};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a moment")
}

fn rule(key: &str) -> DeadlineRule {
    let key: DeadlineKey = key.parse().expect("a key");
    DeadlineRules::embedded().get(&key).expect("the rule comes along").clone()
}

#[test]
fn the_rules_that_come_along_say_what_their_documents_say() {
    for (key, from, within, sureness) in [
        ("disclosure", Beginning::Formed, "20wd", Sureness::Text),
        ("normative-document", Beginning::Printed, "3wd", Sureness::Text),
        ("public-activity", Beginning::ActivityEnded, "24h", Sureness::Text),
        ("repost", Beginning::OriginPublished, "12h", Sureness::Unverified),
        ("repost-fujian", Beginning::OriginPublished, "8h", Sureness::SecondHand),
        ("repost-check-2016", Beginning::OriginPublished, "24h", Sureness::SecondHand),
        ("emergency-first", Beginning::Emergency, "5h", Sureness::SecondHand),
        ("emergency-press", Beginning::Emergency, "24h", Sureness::SecondHand),
        ("opinion", Beginning::Opinion, "48h", Sureness::SecondHand),
        ("interpretation", Beginning::PolicyPublished, "3wd", Sureness::SecondHand),
    ] {
        let rule = rule(key);
        assert_eq!(
            (rule.from, rule.within.to_string(), rule.sureness),
            (from, within.into(), sureness),
            "{key}"
        );
        assert!(!rule.source.is_empty(), "{key}");
    }
    assert_eq!(DeadlineRules::embedded().iter().count(), 10);
    assert_eq!(rule("disclosure").preset, None, "the nation's");
    assert_eq!(rule("repost-fujian").preset.map(|preset| preset.zh).as_deref(), Some("福建"));
}

#[test]
fn every_beginning_and_sureness_has_a_word_and_a_name_of_its_own() {
    let beginnings = Beginning::ALL.map(|it| (it.as_str(), it.label(), serde_json::json!(it)));
    let degrees = Sureness::ALL.map(|it| (it.as_str(), it.label(), serde_json::json!(it)));
    for words in [&beginnings[..], &degrees[..]] {
        let mut seen = [(); 3].map(|()| HashSet::new());
        for (word, label, json) in words {
            let names = [*word, &label.zh, &label.en];
            assert!(seen.iter_mut().zip(names).all(|(seen, name)| seen.insert(name)), "{word}");
            assert_eq!(json, word, "files and programs say the same");
        }
    }
}

#[test]
fn information_formed_before_the_spring_festival_is_due_soon_and_then_late() {
    let calendar = Calendar::embedded();
    // 20 working days after Friday the 6th of February: the 12th of March, 24:00.
    let due = rule("disclosure").due(at("2026-02-06T09:00:00+08:00"), &calendar, None);
    let due = due.expect("the year is known");

    assert_eq!(due.at, at("2026-03-13T00:00:00+08:00"));
    assert!(matches!(due.standing(at("2026-02-24T09:00:00+08:00")), Standing::OnTime { .. }));
    assert!(matches!(due.standing(at("2026-03-10T09:00:00+08:00")), Standing::Soon { .. }));
    assert!(matches!(due.standing(at("2026-03-13T00:00:00+08:00")), Standing::Soon { .. }));
    let Standing::Late { by } = due.standing(at("2026-03-13T02:00:00+08:00")) else {
        panic!("it is late")
    };
    assert_eq!(by.as_hours(), 2);
}

#[test]
fn a_rule_in_working_days_is_refused_where_the_year_is_unknown() {
    let calendar = Calendar::embedded();
    let december = at("2026-12-30T09:00:00+08:00");

    let refused = rule("normative-document").due(december, &calendar, None);

    assert_eq!(refused.map_err(|unknown| unknown.year), Err(2027));
    assert!(rule("emergency-first").due(december, &calendar, None).is_ok(), "hours need no year");
}
