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

    fn may(&self, action: Action, touched: &Touched) -> bool {
        match self {
            Self::Public => false,
            Self::Known(actor) => may(actor, action, touched),
        }
    }
}
