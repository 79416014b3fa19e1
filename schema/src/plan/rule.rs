//! What is proposed where, as data: for the hub, a site or a column, and one content type there.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Occasion, after_fault, stage_fault, twice};
use crate::message::Fault;

/// Targets of one rule, at the most.
const TARGETS: usize = 50;

/// The targets whose deliveries are planned at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Rule {
    /// In no order.
    pub targets: Vec<Named>,
}

/// What a rule says of one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Named {
    /// Its name.
    pub target: String,
    /// Whether every text goes there, and an editor changes nothing of it.
    #[serde(default)]
    pub required: bool,
    /// Whether it is proposed that a text goes there.
    #[serde(default = "yes")]
    pub proposed: bool,
    /// Place in the order.
    #[serde(default = "first")]
    pub stage: u8,
    /// Minutes later.
    #[serde(default)]
    pub after_minutes: u32,
}

const fn yes() -> bool {
    true
}

const fn first() -> u8 {
    1
}

impl Named {
    pub(super) const fn goes(&self, occasion: Occasion) -> bool {
        match occasion {
            Occasion::Written => self.required || self.proposed,
            Occasion::Imported => self.required,
        }
    }
}

impl Rule {
    /// What is wrong with it, apart from targets that are not there.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if self.targets.is_empty() || self.targets.len() > TARGETS {
            faults.push(Fault::new(
                "targets",
                "count",
                format!("应有 1 至 {TARGETS} 个投放对象"),
                format!("name 1 to {TARGETS} targets"),
            ));
        }
        let mut seen = BTreeSet::new();
        for (place, named) in self.targets.iter().enumerate() {
            let at = |what: &str| format!("targets[{place}].{what}");
            if !seen.insert(named.target.as_str()) {
                faults.push(twice(at("target")));
            }
            faults.extend(stage_fault(at("stage"), named.stage));
            faults.extend(after_fault(at("afterMinutes"), named.after_minutes));
        }
        faults
    }
}
