//! Times allowed: what the text itself says began so long ago that it should be public, or answered,
//! by now.
//!
//! Which rules there are and whose they are is data (`schema/calendar/deadlines.toml`); what they
//! come to for a text is counted by whoever knows the clock and the calendar.

use super::{Check, Finding, Findings, Severity, Subject, Surroundings};
use crate::{calendar::Standing, message::Bilingual, parameters::BEIJING};

/// See the module.
pub(super) struct Deadlines;

impl Check for Deadlines {
    fn key(&self) -> &'static str {
        "deadlines"
    }

    fn look(&self, _: &Subject<'_>, surroundings: &Surroundings, findings: &mut Findings<'_>) {
        for limit in &surroundings.limits {
            let (code, severity, zh, en) = match limit.standing {
                Standing::OnTime { .. } => continue,
                Standing::Soon { .. } => {
                    ("deadline_soon", Severity::Notice, "即将到期", "it is due soon")
                }
                Standing::Late { .. } => {
                    ("deadline_late", Severity::Warning, "已逾期", "it is late")
                }
            };
            let (name, source) = (&limit.name, &limit.source);
            let due = BEIJING.to_datetime(limit.at).strftime("%Y-%m-%d %H:%M");
            findings.push(Finding::about(
                format!("fields.{}", limit.field),
                code,
                severity,
                Bilingual::new(
                    format!("{}：{zh}，期限为 {due}（北京时间）；{source}", name.zh),
                    format!("{}: {en}, {due} in Beijing; {source}", name.en),
                ),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use serde_json::json;

    use super::*;
    use crate::checks::{
        Limit,
        tests::{codes_of, content, found_in},
    };

    #[test]
    fn what_is_late_or_soon_late_is_found_where_the_text_says_when_it_began() {
        let hour = SignedDuration::from_hours(1);
        let limit = |standing| Limit {
            name: Bilingual::new("主动公开", "Disclosure"),
            source: "条例第二十六条".into(),
            field: "title".parse().expect("a field"),
            at: "2026-03-30T16:00:00Z".parse().expect("a moment"),
            standing,
        };
        let found = |standing| {
            let surroundings =
                Surroundings { limits: vec![limit(standing)], ..Surroundings::default() };
            found_in(&Deadlines, &content(json!({ "title": "甲" })), &surroundings)
        };

        assert_eq!(codes_of(&found(Standing::OnTime { left: hour })), [""; 0]);
        assert_eq!(codes_of(&found(Standing::Soon { left: hour })), ["deadline_soon"]);
        let late = found(Standing::Late { by: hour });
        assert_eq!(codes_of(&late), ["deadline_late"]);
        assert_eq!(late[0].path, "fields.title");
        assert!(late[0].message.en.contains("2026-03-31 00:00 in Beijing; 条例"), "{late:?}");
    }
}
