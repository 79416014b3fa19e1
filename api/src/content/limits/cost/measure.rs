//! What a part of a query comes to, and how far it may go.

use super::super::Limits;
use crate::content::refusal::Refusal;

/// What introspection may cost by the same count: the query of GraphiQL with plenty to spare,
/// but not fields of types of fields of types.
const INTROSPECTION: u64 = 1_500_000;

/// What a query costs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Cost {
    /// As the limit counts it.
    pub(crate) cost: u64,
    pub(super) introspection: u64,
}

impl Cost {
    /// In points of a budget. What the schema says of itself lies ready in memory and is counted
    /// by a measure of its own, far larger.
    pub(crate) const fn points(self) -> u64 {
        self.cost.saturating_add(self.introspection / 100)
    }
}

/// What a part of a query comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Measure {
    pub(super) cost: u64,
    pub(super) introspection: u64,
    /// What the field that gives this costs beside, however many values stand under it.
    pub(super) aside: u64,
    /// Levels of fields, introspection aside.
    pub(super) depth: usize,
}

impl Measure {
    pub(super) fn beside(self, other: Self) -> Self {
        Self {
            cost: self.cost.saturating_add(other.cost),
            introspection: self.introspection.saturating_add(other.introspection),
            aside: self.aside.saturating_add(other.aside),
            depth: self.depth.max(other.depth),
        }
    }

    /// As much as the greater, in every respect.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            cost: self.cost.max(other.cost),
            introspection: self.introspection.max(other.introspection),
            aside: self.aside.max(other.aside),
            depth: self.depth.max(other.depth),
        }
    }

    pub(super) fn check(self, limits: &Limits) -> Result<(), Refusal> {
        if self.depth > limits.depth {
            return Err(too_deep(limits.depth));
        }
        if self.cost > limits.cost || self.introspection > INTROSPECTION {
            let most = if self.cost > limits.cost { limits.cost } else { INTROSPECTION };
            let asked = if self.cost > limits.cost { self.cost } else { self.introspection };
            return Err(Refusal::new(
                "TOO_COSTLY",
                format!("查询的开销 {asked} 超过上限 {most}：请减少 first、减少字段或分次查询"),
                format!(
                    "the query costs {asked}, more than {most}: ask for fewer items (first), \
                     fewer fields, or in several queries"
                ),
            ));
        }
        Ok(())
    }
}

pub(super) fn too_deep(most: usize) -> Refusal {
    Refusal::new(
        "TOO_DEEP",
        format!("查询的嵌套超过 {most} 层，请减少嵌套"),
        format!("the query is nested more than {most} deep: flatten it"),
    )
}
