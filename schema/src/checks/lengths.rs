//! Texts that are too long for a target they go to: a message service that cuts them, an account
//! that refuses them. How long they may be is what an administrator says of the target.

use super::{Check, Findings, Severity, Subject, Surroundings};
use crate::message::Bilingual;

/// See the module.
pub(super) struct Lengths;

impl Check for Lengths {
    fn key(&self) -> &'static str {
        "lengths"
    }

    fn look(
        &self,
        subject: &Subject<'_>,
        surroundings: &Surroundings,
        findings: &mut Findings<'_>,
    ) {
        let content_type = subject.content_type;
        for room in &surroundings.rooms {
            let title = Some(&content_type.title).filter(|_| room.title.is_some());
            let body = content_type.body.as_ref().filter(|_| room.text.is_some());
            for (field, most) in [(title, room.title), (body, room.text)] {
                let (Some(field), Some(most)) = (field, most) else { continue };
                let path = format!("fields.{field}");
                let Some(text) = subject.text(&path) else { continue };
                let most = usize::try_from(most).unwrap_or(usize::MAX);
                let length = text.folded().len();
                if length <= most {
                    continue;
                }
                let target = &room.target;
                let message = Bilingual::new(
                    format!("共 {length} 字，投放对象“{target}”最多 {most} 字"),
                    format!("{length} characters: the target {target:?} takes {most} at the most"),
                );
                let code = "too_long_for_target";
                findings.push(text.finding(most.., code, Severity::Warning, message));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::{
        Room,
        tests::{content, found_in},
    };

    #[test]
    fn what_does_not_fit_is_told_from_where_it_is_too_long() {
        let content = content(json!({ "title": "关于放假的通知", "body": "<p>放假三天。</p>" }));
        let room = |title, text| Room { target: "sms".into(), title, text };
        for (room, expected) in [
            (room(Some(7), Some(5)), vec![]),
            (room(None, None), vec![]),
            (room(Some(4), Some(5)), vec![("fields.title", 4, 7)]),
            (room(Some(7), Some(4)), vec![("fields.body", 4, 5)]),
        ] {
            let surroundings = Surroundings { rooms: vec![room], ..Surroundings::default() };

            let found = found_in(&Lengths, &content, &surroundings);

            let told: Vec<_> =
                found.iter().map(|it| (it.path.as_str(), it.start, it.end)).collect();
            assert_eq!(told, expected);
            assert!(found.iter().all(|it| it.message.zh.contains("sms")));
        }
    }
}
