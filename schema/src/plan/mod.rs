//! Publication plans (发布计划): to which targets a text goes, in which order, and when.
//!
//! What a target selects, it is given; a plan says of the targets that a [`Rule`] names whether a
//! text goes there too, after which others, and how much later. It is proposed by the rule,
//! changed by the editor, and approved with the text: what reviewers sign is the digest of the
//! text and the [digest](Plan::digest) of its plan. A plan decides where a text goes that a target
//! does not hold yet. What it holds is corrected and taken back there without asking a plan.

mod rule;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{
    canonical::{NotCanonical, canonical_digest},
    digest::Digest,
    message::Fault,
};

pub use rule::{Named, Rule};

/// Places in the order, at the most.
pub const STAGES: u8 = 9;
/// How much later than what it comes after a text may go to a target: 30 days, in minutes.
pub const LONGEST: u32 = 30 * 24 * 60;
/// How far ahead a moment may lie.
pub const FURTHEST: SignedDuration = SignedDuration::from_hours(365 * 24);

/// To which targets one edition goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plan {
    /// By place in the order, then by name; a target stands in it once.
    pub steps: Vec<Step>,
}

/// What a plan says of one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Step {
    /// The target's name.
    pub target: String,
    /// Whether the text goes there.
    pub goes: bool,
    /// Whether an editor may change anything of this step.
    pub required: bool,
    /// Place in the order, 1 to [`STAGES`]: it goes there when every target of an earlier place
    /// holds it.
    pub stage: u8,
    /// Not before this moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// So many minutes after the publication, or after the targets of earlier places hold it; at
    /// most [`LONGEST`].
    pub after_minutes: u32,
}

/// What is to be different of one target. What is not said stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StepChange {
    /// The target's name.
    pub target: String,
    /// Whether the text goes there.
    pub goes: Option<bool>,
    /// Place in the order.
    pub stage: Option<u8>,
    /// Not before this moment; `Some(None)` for no moment.
    pub at: Option<Option<Timestamp>>,
    /// Minutes later.
    pub after_minutes: Option<u32>,
}

impl StepChange {
    fn over(&self, step: &Step) -> Step {
        Step {
            goes: self.goes.unwrap_or(step.goes),
            stage: self.stage.unwrap_or(step.stage),
            at: self.at.unwrap_or(step.at),
            after_minutes: self.after_minutes.unwrap_or(step.after_minutes),
            ..step.clone()
        }
    }
}

impl Plan {
    /// What is signed of it.
    ///
    /// # Errors
    /// [`NotCanonical`] never happens for a plan that was checked.
    pub fn digest(&self) -> Result<Digest, NotCanonical> {
        canonical_digest(self)
    }

    /// Whether it says nothing of any target.
    pub const fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// What it says of `target`.
    pub fn step(&self, target: &str) -> Option<&Step> {
        self.steps.iter().find(|step| step.target == target)
    }

    /// The targets that must hold a text before it goes to `step`.
    pub fn before<'p>(&'p self, step: &'p Step) -> impl Iterator<Item = &'p str> {
        let earlier = self.steps.iter().filter(|one| one.goes && one.stage < step.stage);
        earlier.map(|one| one.target.as_str())
    }

    /// What a correction starts from: the same, without moments that were of the text before.
    #[must_use]
    pub fn again(mut self) -> Self {
        for step in &mut self.steps {
            step.at = None;
        }
        self
    }

    /// Writes `changes` over it. What is not named stays as it is.
    ///
    /// # Errors
    /// Everything that is wrong: a target that is not in the plan or is named twice, a step that
    /// is required, numbers and moments out of their range.
    pub fn change(&self, changes: &[StepChange], now: Timestamp) -> Result<Self, Vec<Fault>> {
        let mut plan = self.clone();
        let mut faults = Vec::new();
        let mut seen = BTreeSet::new();
        for (place, change) in changes.iter().enumerate() {
            let at = |what: &str| format!("steps[{place}].{what}");
            if !seen.insert(change.target.as_str()) {
                faults.push(twice(at("target")));
                continue;
            }
            let Some(step) = plan.steps.iter_mut().find(|step| step.target == change.target) else {
                faults.push(Fault::new(
                    at("target"),
                    "not_in_the_plan",
                    format!("“{}”不在此信息的发布计划中", change.target),
                    format!("{:?} is not in the plan of this document", change.target),
                ));
                continue;
            };
            let wanted = change.over(step);
            if step.required && wanted != *step {
                faults.push(Fault::new(
                    at("target"),
                    "required",
                    format!("“{}”为规定必投，不能更改", change.target),
                    format!("{:?} is required by the rule and cannot be changed", change.target),
                ));
                continue;
            }
            faults.extend(stage_fault(at("stage"), wanted.stage));
            faults.extend(after_fault(at("afterMinutes"), wanted.after_minutes));
            let ahead = wanted.at.map(|at| at.duration_since(now));
            if ahead.is_some_and(|ahead| ahead > FURTHEST) {
                faults.push(Fault::new(
                    at("at"),
                    "out_of_range",
                    "时间应在一年之内",
                    "give a time within a year",
                ));
            }
            *step = wanted;
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        plan.in_order();
        Ok(plan)
    }

    fn in_order(&mut self) {
        self.steps
            .sort_by(|one, other| (one.stage, &one.target).cmp(&(other.stage, &other.target)));
    }
}

/// How a text whose plan this is came to be published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occasion {
    /// Somebody writes it.
    Written,
    /// It was public before and is imported: it goes nowhere that nobody requires.
    Imported,
}

/// The plan of a text: what the rules of its places say of the targets that take it, with what was
/// `said` of them already. `takes` says whether a target takes the text.
pub fn propose(
    rules: &[&Rule],
    takes: impl Fn(&str) -> bool,
    said: Option<&Plan>,
    occasion: Occasion,
) -> Plan {
    let mut plan = Plan::default();
    for named in rules.iter().flat_map(|rule| &rule.targets).filter(|named| takes(&named.target)) {
        match plan.steps.iter_mut().find(|step| step.target == named.target) {
            // It stands in several columns: what one of them requires is required.
            Some(step) => {
                step.required |= named.required;
                step.goes |= named.goes(occasion);
                step.stage = step.stage.min(named.stage);
                step.after_minutes = step.after_minutes.min(named.after_minutes);
            }
            None => plan.steps.push(Step {
                target: named.target.clone(),
                goes: named.goes(occasion),
                required: named.required,
                stage: named.stage,
                at: None,
                after_minutes: named.after_minutes,
            }),
        }
    }
    for step in plan.steps.iter_mut().filter(|step| !step.required) {
        if let Some(said) = said.and_then(|said| said.step(&step.target)) {
            *step = Step { required: false, ..said.clone() };
        }
    }
    plan.in_order();
    plan
}

fn twice(path: String) -> Fault {
    Fault::new(path, "twice", "同一投放对象只能出现一次", "name a target once")
}

fn stage_fault(path: String, stage: u8) -> Option<Fault> {
    (!(1..=STAGES).contains(&stage)).then(|| {
        Fault::new(
            path,
            "out_of_range",
            format!("次序应为 1 至 {STAGES}"),
            format!("give a place in the order from 1 to {STAGES}"),
        )
    })
}

fn after_fault(path: String, after: u32) -> Option<Fault> {
    (after > LONGEST).then(|| {
        Fault::new(
            path,
            "out_of_range",
            format!("最多推迟 {LONGEST} 分钟（30 天）"),
            format!("at most {LONGEST} minutes (30 days) later"),
        )
    })
}

#[cfg(test)]
mod tests;
