//! Which steps a review has, as data: per track, for the hub, a site or a column, and for one
//! content type there.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::{Cosigner, Track, cosigning};
use crate::{
    calendar::Span,
    message::{Bilingual, Fault},
    permission::{Action, Role},
};

/// Steps of a chain, at the most.
const STEPS: usize = 10;
/// Characters of a step's name, at the most.
const NAME: usize = 40;

/// The steps that a text takes, in their order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Chain {
    /// The steps; none means that whoever may publish publishes what they looked at.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// Who may not sign.
    #[serde(default)]
    pub persons: Persons,
    /// Whether a secrecy review has to conclude that the text may be opened.
    #[serde(default = "yes")]
    pub secrecy: bool,
    /// What is owed after the publication.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<Confirmation>,
    /// The bodies that have to co-sign, at any time before the publication.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cosigners: Vec<Cosigner>,
}

const fn yes() -> bool {
    true
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// What people call it.
    pub name: Bilingual,
    /// Who signs it.
    pub by: Role,
    /// The time allowed, from when it is this step's turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<Span>,
    /// Whether it may be passed over with a reason.
    #[serde(default)]
    pub skippable: bool,
}

/// Who may not sign a step.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "camelCase")]
pub enum Persons {
    /// Everybody the step is for may.
    Any,
    /// Nobody signs what they wrote or submitted.
    NotAuthors,
    /// Neither that, nor two steps of one round.
    #[default]
    Different,
}

/// A confirmation that is owed after the publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Confirmation {
    /// Who gives it: never who published.
    pub by: Role,
    /// The time allowed, from the publication.
    pub within: Span,
}

/// The chains of one place; a track that is not named is as the next place above says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// For what editors write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordinary: Option<Chain>,
    /// For emergencies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emergency: Option<Chain>,
    /// For what was taken over from another site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repost: Option<Chain>,
    /// For imports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<Chain>,
}

static USUAL: LazyLock<Rule> = LazyLock::new(|| {
    toml::from_str(include_str!("../../review/usual.toml"))
        .expect("the embedded review is checked by a test")
});

/// The rule that holds where no other names a track. It names every track.
pub fn usual() -> &'static Rule {
    &USUAL
}

impl Rule {
    /// The chain of `track`, where it is named here.
    pub const fn chain(&self, track: Track) -> Option<&Chain> {
        match track {
            Track::Ordinary => self.ordinary.as_ref(),
            Track::Emergency => self.emergency.as_ref(),
            Track::Repost => self.repost.as_ref(),
            Track::Import => self.import.as_ref(),
        }
    }

    /// What is wrong with it.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for track in Track::ALL {
            if let Some(chain) = self.chain(track) {
                chain.faults(track, &mut faults);
            }
        }
        if Track::ALL.into_iter().all(|track| self.chain(track).is_none()) {
            faults.push(Fault::new(
                "",
                "required",
                "请至少给出一种流程：ordinary、emergency、repost 或 import",
                "name one track at least: ordinary, emergency, repost or import",
            ));
        }
        faults
    }
}

impl Chain {
    /// Whether nothing is asked for but the right to publish and the digest.
    pub const fn is_direct(&self) -> bool {
        self.steps.is_empty() && !self.secrecy && self.cosigners.is_empty()
    }

    /// The chain that satisfies both: for a text that stands where two chains hold. The longer
    /// one, with the steps of the other that it has no like of before its last step.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let (mut whole, other) =
            if other.steps.len() > self.steps.len() { (other, self) } else { (self, other) };
        for step in other.steps {
            match whole.steps.iter_mut().find(|own| own.by == step.by) {
                Some(own) => own.skippable &= step.skippable,
                None => whole.steps.insert(whole.steps.len().saturating_sub(1), step),
            }
        }
        whole.persons = whole.persons.max(other.persons);
        whole.secrecy |= other.secrecy;
        whole.confirmation = whole.confirmation.or(other.confirmation);
        whole.cosigners = cosigning::joined(whole.cosigners, other.cosigners);
        whole
    }

    fn faults(&self, track: Track, faults: &mut Vec<Fault>) {
        cosigning::faults(&self.cosigners, |found| {
            let path = format!("{}.{}", track.as_str(), found.path);
            faults.push(Fault { path, ..found });
        });
        let mut fault = |path: String, code, zh: String, en: String| {
            faults.push(Fault::new(format!("{}.{path}", track.as_str()), code, zh, en));
        };
        if self.steps.len() > STEPS {
            fault(
                "steps".into(),
                "too_many",
                format!("审核环节最多 {STEPS} 个"),
                format!("at most {STEPS} steps"),
            );
        }
        for (place, step) in self.steps.iter().enumerate() {
            let at = |what: &str| format!("steps[{place}].{what}");
            for (language, name) in [("zh", &step.name.zh), ("en", &step.name.en)] {
                if name.trim().is_empty() || name.chars().count() > NAME {
                    fault(
                        at(&format!("name.{language}")),
                        "count",
                        format!("名称应为 1 至 {NAME} 个字"),
                        format!("give 1 to {NAME} characters"),
                    );
                }
            }
            if step.by.reviews().is_none_or(|action| action == Action::ReviewSecrecy) {
                fault(
                    at("by"),
                    "not_a_reviewer",
                    "审核环节由初审、审核或审发人员负责".into(),
                    "a step is taken by a first reviewer, a second reviewer or an approver".into(),
                );
            }
        }
        if let Some(last) = self.steps.last()
            && (last.by != Role::Approver || last.skippable)
        {
            fault(
                format!("steps[{}]", self.steps.len() - 1),
                "not_an_approval",
                "最后一个环节须为审发，且不能跳过".into(),
                "the last step is the approver's, and cannot be skipped".into(),
            );
        }
        let confirms = self.confirmation.map(|confirmation| confirmation.by.reviews());
        if confirms.is_some_and(|action| {
            !matches!(action, Some(Action::ReviewFirst | Action::ReviewSecond | Action::Publish))
        }) {
            fault(
                "confirmation.by".into(),
                "not_a_reviewer",
                "事后确认由初审、审核或审发人员负责".into(),
                "a confirmation is given by a first reviewer, a second reviewer or an approver"
                    .into(),
            );
        }
        if track == Track::Emergency && self.confirmation.is_none() {
            fault(
                "confirmation".into(),
                "required",
                "应急流程须规定事后确认".into(),
                "an emergency is confirmed afterwards: say by whom and within what time".into(),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(by: Role, skippable: bool) -> Step {
        Step { name: by.label(), by, within: None, skippable }
    }

    fn chain(steps: &[(Role, bool)], persons: Persons, secrecy: bool) -> Chain {
        let steps = steps.iter().map(|(by, skippable)| step(*by, *skippable)).collect();
        Chain { steps, persons, secrecy, confirmation: None, cosigners: Vec::new() }
    }

    fn codes(chain: Chain) -> Vec<(String, &'static str)> {
        let rule = Rule { ordinary: Some(chain), ..Rule::default() };
        rule.faults().into_iter().map(|fault| (fault.path, fault.code)).collect()
    }

    #[test]
    fn the_usual_rule_names_every_track_and_asks_for_three_persons_and_secrecy() {
        let usual = usual();

        assert_eq!(usual.faults(), []);
        for track in Track::ALL {
            assert!(usual.chain(track).is_some(), "{track:?}");
        }
        let ordinary = usual.chain(Track::Ordinary).expect("it is named");
        let by: Vec<Role> = ordinary.steps.iter().map(|step| step.by).collect();
        assert_eq!(by, [Role::FirstReviewer, Role::SecondReviewer, Role::Approver]);
        assert_eq!((ordinary.persons, ordinary.secrecy), (Persons::Different, true));
        for track in [Track::Ordinary, Track::Emergency, Track::Repost] {
            let chain = usual.chain(track).expect("it is named");
            assert!(chain.secrecy, "{track:?}: an author's word opens nothing");
        }
    }

    #[test]
    fn a_text_on_two_sites_takes_the_steps_of_both() {
        let lax = chain(&[(Role::Approver, false)], Persons::Any, false);
        let strict = chain(
            &[(Role::FirstReviewer, true), (Role::Approver, false)],
            Persons::NotAuthors,
            true,
        );
        let other = chain(
            &[(Role::FirstReviewer, false), (Role::SecondReviewer, true), (Role::Approver, false)],
            Persons::Any,
            false,
        );

        assert_eq!(lax.clone().and(strict.clone()), strict);
        assert_eq!(strict.clone().and(lax), strict);
        let both = strict.clone().and(other.clone());
        let steps: Vec<_> = both.steps.iter().map(|step| (step.by, step.skippable)).collect();
        assert_eq!(
            steps,
            [(Role::FirstReviewer, false), (Role::SecondReviewer, true), (Role::Approver, false)],
            "what one of them does not let pass over is not passed over"
        );
        assert_eq!((both.persons, both.secrecy), (Persons::NotAuthors, true));
        assert_eq!(other.and(strict).steps, both.steps, "in whichever order they are looked at");
    }

    #[test]
    fn a_chain_ends_with_the_approver() {
        let at = |path: &str, code| vec![(format!("ordinary.{path}"), code)];
        let persons = Persons::Different;

        assert_eq!(codes(chain(&[], persons, false)), []);
        assert_eq!(
            codes(chain(&[(Role::FirstReviewer, false)], persons, false)),
            at("steps[0]", "not_an_approval")
        );
        assert_eq!(
            codes(chain(&[(Role::Approver, true)], persons, false)),
            at("steps[0]", "not_an_approval")
        );
        assert_eq!(
            codes(chain(&[(Role::Operator, false), (Role::Approver, false)], persons, false)),
            at("steps[0].by", "not_a_reviewer")
        );
        assert_eq!(
            codes(chain(&[(Role::SecrecyReviewer, false), (Role::Approver, false)], persons, true)),
            at("steps[0].by", "not_a_reviewer"),
            "the secrecy review is no step"
        );
    }

    #[test]
    fn an_emergency_is_confirmed_afterwards() {
        let now = chain(&[(Role::Approver, false)], Persons::NotAuthors, true);
        let rule = Rule { emergency: Some(now), ..Rule::default() };

        let faults = rule.faults();

        assert_eq!(faults[0].path, "emergency.confirmation");
        assert_eq!(Rule::default().faults()[0].code, "required", "a rule says something");
    }
}
