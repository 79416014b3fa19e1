//! The same thing published twice, which readers take for two and inspection for carelessness.
//!
//! One order may promulgate several texts under one number, and every month has its notice of the
//! same title: only both together make it likely that something is there already.

use super::{Check, Finding, Findings, Severity, Subject, Surroundings};
use crate::message::Bilingual;

/// See the module.
pub(super) struct Duplicates;

impl Check for Duplicates {
    fn key(&self) -> &'static str {
        "duplicates"
    }

    fn look(
        &self,
        subject: &Subject<'_>,
        surroundings: &Surroundings,
        findings: &mut Findings<'_>,
    ) {
        let title = format!("fields.{}", subject.content_type.title);
        for other in &surroundings.published {
            let (id, name) = (other.content, &other.title);
            let (path, code, severity, zh, en) = if other.same_text {
                (
                    String::new(),
                    "duplicate_text",
                    Severity::Warning,
                    format!("与已发布的“{name}”（{id}）内容完全相同"),
                    format!("{name:?} ({id}) is public already and says the same"),
                )
            } else if other.same_title && other.same_number {
                (
                    title.clone(),
                    "duplicate_document",
                    Severity::Warning,
                    format!("与已发布的信息（{id}）标题、文号均相同"),
                    format!("{id} is public already under the same title and document number"),
                )
            } else if other.same_title {
                (
                    title.clone(),
                    "duplicate_title",
                    Severity::Notice,
                    format!("与已发布的信息（{id}）标题相同"),
                    format!("{id} is public already under the same title"),
                )
            } else {
                continue;
            };
            let message = Bilingual::new(zh, en);
            findings.push(match subject.text(&path) {
                Some(text) => text.finding(.., code, severity, message),
                None => Finding::about(path, code, severity, message),
            });
        }
        for other in &surroundings.nearly {
            let (id, alike) = (other.content, other.alike);
            let message = Bilingual::new(
                format!("正文与已发布的信息（{id}）有 {alike}% 相同"),
                format!("{alike} % of the text is that of {id}, which is public already"),
            );
            let code = "nearly_duplicate";
            findings.push(Finding::about(String::new(), code, Severity::Notice, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::{
        Nearly, Published,
        tests::{content, found_in},
    };

    #[test]
    fn what_is_nearly_the_same_is_told_with_how_much() {
        let content = content(json!({ "title": "关于放假的通知" }));
        let nearly = vec![Nearly { content: uuid::Uuid::from_u128(7).into(), alike: 93 }];
        let surroundings = Surroundings { nearly, ..Surroundings::default() };

        let found = found_in(&Duplicates, &content, &surroundings);

        let [finding] = &found[..] else { panic!("{found:?}") };
        assert_eq!((finding.code, finding.severity), ("nearly_duplicate", Severity::Notice));
        assert!(finding.message.zh.contains("93%"));
    }

    #[test]
    fn only_what_is_likely_the_same_is_told() {
        let content = content(json!({ "title": "关于放假的通知" }));
        for (same_text, same_title, same_number, expected) in [
            (true, true, true, vec![("", "duplicate_text", Severity::Warning)]),
            (false, true, true, vec![("fields.title", "duplicate_document", Severity::Warning)]),
            (false, true, false, vec![("fields.title", "duplicate_title", Severity::Notice)]),
            (false, false, true, vec![]),
        ] {
            let other = Published {
                content: uuid::Uuid::from_u128(7).into(),
                title: "关于放假的通知".into(),
                same_text,
                same_title,
                same_number,
            };
            let surroundings = Surroundings { published: vec![other], ..Surroundings::default() };

            let found = found_in(&Duplicates, &content, &surroundings);

            let told: Vec<_> =
                found.iter().map(|it| (it.path.as_str(), it.code, it.severity)).collect();
            assert_eq!(told, expected);
            assert!(
                found
                    .iter()
                    .all(|it| it.message.zh.contains("00000007") || it.message.zh.contains("0007"))
            );
        }
    }
}
