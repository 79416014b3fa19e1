//! Contents that belong together: a policy and its interpretation, and whatever else the files of
//! content types say so of.
//!
//! 国办发〔2014〕57号 (四) has a policy and its interpretation published together, and inspection
//! looks for the link in both directions. A type file says `reverse_expected = true` of a link
//! field: then what is linked to should have such a link, and what has the field should link to
//! something. When it is due is for those who know the clock.

use super::{Check, Finding, Findings, Severity, Subject, Surroundings};
use crate::{content_type::FieldKind, message::Bilingual};

/// See the module.
pub(super) struct Counterparts;

impl Check for Counterparts {
    fn key(&self) -> &'static str {
        "counterparts"
    }

    fn look(
        &self,
        subject: &Subject<'_>,
        surroundings: &Surroundings,
        findings: &mut Findings<'_>,
    ) {
        for field in &subject.content_type.fields {
            let FieldKind::Link { reverse: Some(reverse), .. } = &field.kind else { continue };
            let is_linked = subject.content.links.get(&field.name).is_some_and(|to| !to.is_empty());
            if reverse.expected && !is_linked {
                let label = &field.label;
                findings.push(Finding::about(
                    format!("fields.{}", field.name),
                    "counterpart_not_named",
                    Severity::Warning,
                    Bilingual::new(
                        format!("未关联“{}”，双方页面无法互相链接", label.zh),
                        format!(
                            "{:?} names nothing: the pages cannot link to each other",
                            label.en
                        ),
                    ),
                ));
            }
        }
        let Some(linked_by) = &surroundings.linked_by else { return };
        for link in &subject.expected {
            if linked_by.contains(&(link.source.clone(), link.field.clone())) {
                continue;
            }
            let label = &link.label;
            findings.push(Finding::about(
                "",
                "counterpart_missing",
                Severity::Warning,
                Bilingual::new(
                    format!("没有已发布的“{}”与之关联", label.zh),
                    format!("nothing published is linked to it under {:?}", label.en),
                ),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::{
        checks::tests::{codes_of, content, content_of, found_in},
        content_type::TypeRegistry,
    };

    #[test]
    fn a_policy_wants_an_interpretation_and_an_interpretation_its_policy() {
        let policy = content(json!({ "title": "办法" }));
        let linked_by = |links: &[(&str, &str)]| Surroundings {
            linked_by: Some(
                links
                    .iter()
                    .map(|(of, field)| {
                        (of.parse().expect("a type"), field.parse().expect("a field"))
                    })
                    .collect::<BTreeSet<_>>(),
            ),
            ..Surroundings::default()
        };
        for (surroundings, expected) in [
            (linked_by(&[]), vec!["counterpart_missing"]),
            (linked_by(&[("consultation", "interprets")]), vec!["counterpart_missing"]),
            (linked_by(&[("interpretation", "interprets")]), vec![]),
            (Surroundings::default(), vec![]),
        ] {
            assert_eq!(codes_of(&found_in(&Counterparts, &policy, &surroundings)), expected);
        }

        let mut interpretation = content_of("interpretation", json!({ "title": "解读" }));
        let found = found_in(&Counterparts, &interpretation, &linked_by(&[]));
        assert_eq!(codes_of(&found), ["counterpart_not_named"]);
        assert_eq!(found[0].path, "fields.interprets");
        let field = "interprets".parse().expect("a field");
        interpretation.links.insert(field, vec![uuid::Uuid::from_u128(1).into()]);
        assert_eq!(codes_of(&found_in(&Counterparts, &interpretation, &linked_by(&[]))), [""; 0]);
    }

    #[test]
    fn other_types_want_nothing() {
        for content_type in TypeRegistry::embedded().iter() {
            let name = content_type.name.as_str();
            if matches!(name, "policyDocument" | "interpretation") {
                continue;
            }
            let surroundings =
                Surroundings { linked_by: Some(BTreeSet::new()), ..Surroundings::default() };
            let title = content_type.title.to_string();
            let content = content_of(name, json!({ title: "甲" }));
            assert_eq!(
                codes_of(&found_in(&Counterparts, &content, &surroundings)),
                [""; 0],
                "{name}"
            );
        }
    }
}
