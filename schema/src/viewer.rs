//! Who asks: the one place that decides what a reader may see beyond the public.

use crate::permission::{Action, Actor, Touched, may};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Anybody. Sees what is live, and what withdrawals, removals and recalls tell.
    Public,
    /// Somebody known, with what they were granted.
    Known(Actor),
}

impl Viewer {
    /// Whether drafts of what is `touched` may be seen.
    pub fn sees_drafts(&self, touched: &Touched) -> bool {
        self.may(Action::ReadDrafts, touched)
    }

    /// Whether superseded, removed and recalled texts of what is `touched` may be seen.
    pub fn sees_past(&self, touched: &Touched) -> bool {
        self.may(Action::ReadPast, touched)
    }

    /// Whether how something does that is `touched`, and what was done to it, may be known
    /// without its texts: to those who arrange or operate it, and to auditors.
    pub fn sees_workings(&self, touched: &Touched) -> bool {
        [Action::Arrange, Action::Operate, Action::ReadPast]
            .into_iter()
            .any(|action| self.may(action, touched))
    }

    fn may(&self, action: Action, touched: &Touched) -> bool {
        match self {
            Self::Public => false,
            Self::Known(actor) => may(actor, action, touched),
        }
    }
}
