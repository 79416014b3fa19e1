//! Who asks: the one place that decides what a reader may see beyond the public.

use std::collections::BTreeSet;

use crate::{
    ids::{AuthorityId, ContentId},
    permission::{Action, Actor, Scope, Touched, may},
    review::{answers_for, bodies_of},
};

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Anybody. Sees what is live, and what withdrawals, removals and recalls tell.
    Public,
    /// Somebody known, with what they were granted.
    Known(Actor),
    /// Whoever asked to read drafts in the place of what the public reads.
    Preview(Box<Preview>),
}

/// A reading of drafts in the place of what the public reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// With whose rights: it never shows more than they may see now.
    pub with: Actor,
    /// Which drafts.
    pub covers: Covers,
}

/// The drafts that a preview shows, as far as its rights reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Covers {
    /// Every one: somebody known asked.
    All,
    /// Those of these contents: whoever holds a link asked, of whom nothing else is known.
    Contents(BTreeSet<ContentId>),
}

impl Viewer {
    /// Whether drafts of what is `touched` may be seen, whichever they are.
    pub fn sees_drafts(&self, touched: &Touched) -> bool {
        self.may(Action::ReadDrafts, touched)
    }

    /// Whether drafts of `content`, which is `touched`, may be seen.
    pub fn sees_drafts_of(&self, content: ContentId, touched: &Touched) -> bool {
        match self {
            Self::Preview(preview) => {
                preview.covers.includes(content) && may(&preview.with, Action::ReadDrafts, touched)
            }
            Self::Public | Self::Known(_) => self.sees_drafts(touched),
        }
    }

    /// Whether superseded, removed and recalled texts of what is `touched` may be seen.
    pub fn sees_past(&self, touched: &Touched) -> bool {
        self.may(Action::ReadPast, touched)
    }

    /// Where superseded, removed and recalled texts may be seen: of what else is touched there, too,
    /// [`sees_past`](Self::sees_past) decides.
    pub fn scopes_of_past(&self) -> Vec<Scope> {
        let grants = self.known().map(|actor| actor.grants.as_slice()).unwrap_or_default();
        let carries = grants.iter().filter(|grant| grant.role.carries(Action::ReadPast));
        let mut scopes: Vec<Scope> = Vec::new();
        for grant in carries {
            if !scopes.contains(&grant.scope) {
                scopes.push(grant.scope);
            }
        }
        scopes
    }

    /// Whether a text may be seen that `body` was asked to co-sign: by who answers for it, that text
    /// and no other.
    pub fn answers_for(&self, body: AuthorityId) -> bool {
        self.known().is_some_and(|actor| answers_for(actor, body))
    }

    /// The bodies that it answers for.
    pub fn bodies(&self) -> Vec<AuthorityId> {
        self.known().map(|actor| bodies_of(actor).collect()).unwrap_or_default()
    }

    /// Whether how something does that is `touched`, and what was done to it, may be known
    /// without its texts: to those who arrange or operate it, and to auditors.
    pub fn sees_workings(&self, touched: &Touched) -> bool {
        [Action::Arrange, Action::Operate, Action::ReadPast]
            .into_iter()
            .any(|action| self.may(action, touched))
    }

    /// Whether it is nobody in particular who asks: the public, or whoever holds a link. Beside
    /// the drafts of the link they see the same.
    pub fn is_anonymous(&self) -> bool {
        self.known().is_none()
    }

    /// The preview, where drafts are to stand in the place of what the public reads.
    pub fn preview(&self) -> Option<&Preview> {
        match self {
            Self::Preview(preview) => Some(preview),
            Self::Public | Self::Known(_) => None,
        }
    }

    /// The same without the wish to read drafts in the place of what the public reads.
    pub fn without_preview(self) -> Self {
        match self {
            Self::Preview(preview) => match preview.covers {
                Covers::All => Self::Known(preview.with),
                Covers::Contents(_) => Self::Public,
            },
            other => other,
        }
    }

    /// Somebody known.
    fn known(&self) -> Option<&Actor> {
        match self {
            Self::Public => None,
            Self::Known(actor) => Some(actor),
            Self::Preview(preview) => match preview.covers {
                Covers::All => Some(&preview.with),
                Covers::Contents(_) => None,
            },
        }
    }

    fn may(&self, action: Action, touched: &Touched) -> bool {
        self.known().is_some_and(|actor| may(actor, action, touched))
    }
}

impl Covers {
    /// Whether drafts of `content` are among them.
    pub fn includes(&self, content: ContentId) -> bool {
        match self {
            Self::All => true,
            Self::Contents(contents) => contents.contains(&content),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::permission::{Grant, Role};

    fn content(number: u128) -> ContentId {
        Uuid::from_u128(number).into()
    }

    fn actor(role: Role, scope: Scope) -> Actor {
        Actor { id: Uuid::nil().into(), name: "t".into(), grants: vec![Grant { role, scope }] }
    }

    fn link(with: Actor, contents: &[u128]) -> Viewer {
        let contents = contents.iter().copied().map(content).collect();
        Viewer::Preview(Box::new(Preview { with, covers: Covers::Contents(contents) }))
    }

    #[test]
    fn a_link_shows_the_drafts_it_covers_and_nothing_else() {
        let approver = link(actor(Role::Approver, Scope::Hub), &[1, 2]);
        let anything = Touched::default();

        assert!(approver.sees_drafts_of(content(1), &anything));
        assert!(!approver.sees_drafts_of(content(3), &anything));
        assert!(!approver.sees_drafts(&anything), "without a name no draft is covered");
        assert!(!approver.sees_past(&anything) && !approver.sees_workings(&anything));
        assert!(approver.is_anonymous());
        assert_eq!(approver.without_preview(), Viewer::Public);
    }

    #[test]
    fn a_link_shows_no_more_than_its_maker_may_see() {
        let site = Uuid::from_u128(7).into();
        let here = Touched { authority: None, sites: vec![site], ..Touched::default() };
        let elsewhere = Touched {
            authority: None,
            sites: vec![Uuid::from_u128(8).into()],
            ..Touched::default()
        };

        let editor = link(actor(Role::Editor, Scope::Site(site)), &[1]);
        assert!(editor.sees_drafts_of(content(1), &here));
        assert!(!editor.sees_drafts_of(content(1), &elsewhere));
        let operator = link(actor(Role::Operator, Scope::Hub), &[1]);
        assert!(!operator.sees_drafts_of(content(1), &here), "who lost the right shows nothing");
    }

    #[test]
    fn somebody_known_who_previews_stays_who_they_are() {
        let auditor = actor(Role::Auditor, Scope::Hub);
        let known = Viewer::Known(auditor.clone());
        let previewing = Viewer::Preview(Box::new(Preview { with: auditor, covers: Covers::All }));

        for viewer in [&known, &previewing] {
            assert!(viewer.sees_drafts_of(content(9), &Touched::default()));
            assert!(viewer.sees_past(&Touched::default()));
            assert!(!viewer.is_anonymous());
        }
        assert!(known.preview().is_none() && previewing.preview().is_some());
        assert_eq!(previewing.without_preview(), known);
    }
}
