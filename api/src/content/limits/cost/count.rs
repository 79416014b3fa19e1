//! What is counted once over the whole text of a query: aliases and directives.

use async_graphql::parser::types::{Selection, SelectionSet};

use super::super::Limits;
use crate::content::refusal::Refusal;

/// What is counted once over the whole text.
#[derive(Default)]
pub(super) struct Count {
    pub(super) aliases: usize,
    pub(super) directives: usize,
}

impl Count {
    /// Nesting was bounded on the bytes before the text was parsed.
    pub(super) fn selections(&mut self, set: &SelectionSet) {
        for item in &set.items {
            let (directives, inner) = match &item.node {
                Selection::Field(field) => {
                    self.aliases += usize::from(field.node.alias.is_some());
                    (&field.node.directives, Some(&field.node.selection_set.node))
                }
                Selection::InlineFragment(inline) => {
                    (&inline.node.directives, Some(&inline.node.selection_set.node))
                }
                Selection::FragmentSpread(spread) => (&spread.node.directives, None),
            };
            self.directives += directives.len();
            if let Some(inner) = inner {
                self.selections(inner);
            }
        }
    }

    pub(super) fn check(&self, limits: &Limits) -> Result<(), Refusal> {
        if self.aliases > limits.aliases {
            let most = limits.aliases;
            return Err(Refusal::new(
                "TOO_MANY_ALIASES",
                format!("查询中别名最多 {most} 个，现有 {} 个", self.aliases),
                format!("a query has at most {most} aliases, this one has {}", self.aliases),
            ));
        }
        if self.directives > limits.directives {
            let most = limits.directives;
            return Err(Refusal::new(
                "TOO_MANY_DIRECTIVES",
                format!("查询中指令最多 {most} 个，现有 {} 个", self.directives),
                format!("a query has at most {most} directives, this one has {}", self.directives),
            ));
        }
        Ok(())
    }
}
