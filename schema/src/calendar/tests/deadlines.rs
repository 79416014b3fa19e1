use std::collections::HashSet;

use jiff::Timestamp;

use crate::{
    calendar::{Basis, Beginning, Calendar, DeadlineRule, DeadlineRules, Standing, Sureness, Unit},
    content_type::{FieldKind, TypeRegistry},
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

#[test]
fn the_rules_that_come_with_gongbao_name_fields_of_the_types_that_do() {
    let types = TypeRegistry::embedded();
    let field = |basis: &Basis| {
        let content_type = types.get(&basis.r#type).unwrap_or_else(|| panic!("no type {basis}"));
        let name = basis.field.as_ref()?;
        Some(content_type.field(name.as_str()).unwrap_or_else(|| panic!("no field {basis}")))
    };
    let mut looked_for = 0;
    for rule in DeadlineRules::embedded().iter() {
        for basis in &rule.of {
            looked_for += 1;
            let Some(field) = field(basis) else { continue };
            let is_moment = matches!(field.kind, FieldKind::DateTime);
            let is_day =
                matches!(field.kind, FieldKind::Date { .. }) && rule.within.unit() != Unit::Hours;
            assert!(is_moment || is_day, "{}: {basis}", rule.key);
        }
        let by = rule.by.as_ref().and_then(field);
        assert!(by.is_none_or(|by| matches!(by.kind, FieldKind::Link { .. })), "{}", rule.key);
    }
    assert!(looked_for > 5);
}

#[test]
fn a_rule_says_where_contents_say_when_it_began() {
    let rule = |more: &str| {
        let text = format!(
            "[[rule]]\nkey = \"rule\"\nname = {{ zh = \"规\", en = \"Rule\" }}\nfrom = \"formed\"\n\
             within = \"20wd\"\nsource = \"s\"\nsureness = \"text\"\nsoon_percent = 0\n{more}"
        );
        DeadlineRules::parse("rules.toml", &text).map(|rules| rules.iter().next().cloned())
    };
    let good =
        rule("of = [\"notice.formedAt\", \"dataRelease\"]\nby = \"interpretation.interprets\"\n");
    let good = good.expect("it is right").expect("a rule");
    assert_eq!(good.of[0].to_string(), "notice.formedAt");
    assert!(good.concerns(&"dataRelease".parse().expect("a type")));
    assert!(!good.is_about_publication());

    for (wrong, said) in [
        ("of = [\"Notice.formedAt\"]\n", "of is type.field"),
        ("of = [\"notice\"]\n", "by says which link"),
        ("of = [\"notice.formedAt\"]\nby = \"interpretation\"\n", "by is the link field"),
    ] {
        let mistakes = rule(wrong).expect_err(wrong);
        assert!(mistakes.iter().any(|mistake| mistake.to_string().contains(said)), "{mistakes:?}");
    }
}
