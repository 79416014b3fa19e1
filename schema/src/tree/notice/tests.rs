//! Notices by the clock, in order, and what is wrong with them.

use uuid::Uuid;

use super::*;

fn at(moment: &str) -> Timestamp {
    moment.parse().expect("a moment")
}

fn said(text: &str) -> NoticeParticulars {
    NoticeParticulars {
        kind: NoticeKind::Weather,
        severity: NoticeSeverity::Orange,
        text: NoticeText { zh: text.into(), en: None },
        link: None,
    }
}

fn notice(number: u128, site: u128, starts_at: &str, ends_at: Option<&str>) -> SiteNotice {
    let nobody = Uuid::nil().into();
    let moment = at("2026-03-02T01:00:00Z");
    SiteNotice {
        id: Uuid::from_u128(number).into(),
        site: Uuid::from_u128(site).into(),
        particulars: said("暴雨橙色预警"),
        time: NoticeTime { starts_at: at(starts_at), ends_at: ends_at.map(at) },
        ended_at: None,
        version: 1,
        created_at: moment,
        created_by: nobody,
        changed_at: moment,
        changed_by: nobody,
    }
}

#[test]
fn words_are_those_of_the_store() {
    for kind in NoticeKind::ALL {
        assert_eq!(serde_json::to_value(kind).expect("a word"), kind.as_str());
        assert_eq!(NoticeKind::parse(kind.as_str()), Some(kind));
    }
    for severity in NoticeSeverity::ALL {
        assert_eq!(serde_json::to_value(severity).expect("a word"), severity.as_str());
        assert_eq!(NoticeSeverity::parse(severity.as_str()), Some(severity));
    }
    assert!(NoticeSeverity::ALL.is_sorted(), "the lowest first");
}

#[test]
fn a_notice_goes_through_its_time_by_the_clock_alone() {
    let notice = notice(1, 1, "2026-03-20T08:00:00Z", Some("2026-03-21T08:00:00Z"));
    for (now, phase, next) in [
        ("2026-03-13T07:59:59Z", Phase::Later, Some("2026-03-13T08:00:00Z")),
        ("2026-03-13T08:00:00Z", Phase::Soon, Some("2026-03-20T08:00:00Z")),
        ("2026-03-20T08:00:00Z", Phase::InForce, Some("2026-03-21T08:00:00Z")),
        ("2026-03-21T07:59:59Z", Phase::InForce, Some("2026-03-21T08:00:00Z")),
        ("2026-03-21T08:00:00Z", Phase::Over, None),
    ] {
        assert_eq!(notice.phase(at(now)), phase, "{now}");
        assert_eq!(notice.next_phase_at(at(now)), next.map(at), "{now}");
    }
}

#[test]
fn what_was_ended_is_over_whenever_it_was_to_end() {
    let ended = SiteNotice {
        ended_at: Some(at("2026-03-20T09:00:00Z")),
        ..notice(1, 1, "2026-03-20T08:00:00Z", None)
    };
    assert_eq!(ended.phase(at("2026-03-20T08:59:59Z")), Phase::InForce);
    assert_eq!(ended.phase(at("2026-03-20T09:00:00Z")), Phase::Over);
    let open = SiteNotice { ended_at: None, ..ended };
    assert_eq!(open.next_phase_at(at("2026-03-20T09:00:00Z")), None, "until somebody ends it");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let wrong = NoticeParticulars {
        text: NoticeText { zh: "雨".repeat(TEXT_LIMIT + 1), en: Some(" ".into()) },
        link: Some("javascript:alert(1)".into()),
        ..said("")
    };
    let found = wrong.faults();
    let codes: Vec<_> = found.iter().map(|fault| (fault.path.as_str(), fault.code)).collect();
    assert_eq!(codes, [("text.zh", "length"), ("text.en", "length"), ("link", "not_an_address")]);
    for link in ["/emergency/1", "https://www.nanhe.gov.cn/a"] {
        let right = NoticeParticulars { link: Some(link.into()), ..said("暴雨") };
        assert_eq!(right.faults(), []);
    }
}

#[test]
fn a_notice_ends_after_it_starts_and_not_in_the_past() {
    let now = at("2026-03-02T01:00:00Z");
    let code = |starts_at: &str, ends_at: Option<&str>| {
        let time = NoticeTime { starts_at: at(starts_at), ends_at: ends_at.map(at) };
        time.faults(now).first().map(|fault| fault.code)
    };
    assert_eq!(code("2026-03-01T00:00:00Z", None), None);
    assert_eq!(code("2026-03-02T01:00:00Z", Some("2026-03-02T01:00:01Z")), None);
    assert_eq!(
        code("2026-03-03T00:00:00Z", Some("2026-03-03T00:00:00Z")),
        Some("ends_before_start")
    );
    assert_eq!(code("2026-03-01T00:00:00Z", Some("2026-03-02T01:00:00Z")), Some("in_the_past"));
    assert_eq!(code("1969-12-31T23:59:59Z", None), Some("out_of_range"));
    assert_eq!(code("2026-03-02T01:00:00Z", Some("9999-01-01T00:00:00Z")), Some("out_of_range"));
}

#[test]
fn the_most_severe_comes_first_and_the_own_before_the_inherited() {
    let own = notice(1, 1, "2026-03-02T00:00:00Z", None);
    let newer = notice(2, 1, "2026-03-02T01:00:00Z", None);
    let above = notice(3, 2, "2026-03-02T02:00:00Z", None);
    let mut red = notice(4, 2, "2026-03-01T00:00:00Z", None);
    red.particulars.severity = NoticeSeverity::Red;
    let mut all = vec![above.clone(), own.clone(), red.clone(), newer.clone()];

    in_order(&mut all, |site| usize::from(site == above.site));

    assert_eq!(all, [red, newer, own, above]);
}
