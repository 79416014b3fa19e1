//! Who may do what where: one pure function over grants.
//!
//! Roles are fixed and named as Chinese government sites name them. Access limits bind
//! drafts and acts only: what is live is public.

mod labels;

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ActorId, AuthorityId, SiteId},
    limit::DraftLimit,
};

/// Somebody or something that acts, with what it may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Its id, which stands in the log and the audit.
    pub id: ActorId,
    /// A name for people: account, token or command.
    pub name: String,
    /// What it was granted.
    pub grants: Vec<Grant>,
}

/// A role within a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// What.
    pub role: Role,
    /// Where.
    pub scope: Scope,
}

/// Where a grant holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Scope {
    /// Everywhere on this hub.
    Hub,
    /// What one authority owns: its documents and its sites.
    Authority(AuthorityId),
    /// One site.
    Site(SiteId),
}

/// The roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Everything but first, second and secrecy review, and answering for an authority.
    PlatformAdministrator,
    /// Site, columns, channels of its scope.
    SiteAdministrator,
    /// Drafts (信息员).
    Contributor,
    /// Drafts of everybody in scope.
    Editor,
    /// Takes the first step of a review (初审).
    FirstReviewer,
    /// Takes the second step of a review (审核).
    SecondReviewer,
    /// Takes the last step of a review, publishes and takes back (审发).
    Approver,
    /// Says whether a text may be opened (保密审查).
    SecrecyReviewer,
    /// Answers for its authority when that is asked to co-sign (会签), and sees what it is asked
    /// about.
    Cosigner,
    /// Deliveries, checks, backups; no texts.
    Operator,
    /// Reads everything that was not erased, changes nothing.
    Auditor,
    /// Reads drafts in scope.
    Reader,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 12] = [
        Self::PlatformAdministrator,
        Self::SiteAdministrator,
        Self::Contributor,
        Self::Editor,
        Self::FirstReviewer,
        Self::SecondReviewer,
        Self::Approver,
        Self::SecrecyReviewer,
        Self::Cosigner,
        Self::Operator,
        Self::Auditor,
        Self::Reader,
    ];

    /// The word kept in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PlatformAdministrator => "platformAdministrator",
            Self::SiteAdministrator => "siteAdministrator",
            Self::Contributor => "contributor",
            Self::Editor => "editor",
            Self::FirstReviewer => "firstReviewer",
            Self::SecondReviewer => "secondReviewer",
            Self::Approver => "approver",
            Self::SecrecyReviewer => "secrecyReviewer",
            Self::Cosigner => "cosigner",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
            Self::Reader => "reader",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// What somebody with this role does in a review; `None` for a role that takes no part.
    pub const fn reviews(self) -> Option<Action> {
        match self {
            Self::FirstReviewer => Some(Action::ReviewFirst),
            Self::SecondReviewer => Some(Action::ReviewSecond),
            Self::Approver => Some(Action::Publish),
            Self::SecrecyReviewer => Some(Action::ReviewSecrecy),
            _ => None,
        }
    }

    /// Whether the role carries `action`, scope aside.
    pub const fn carries(self, action: Action) -> bool {
        use Action::{
            Administer, Arrange, Cosign, Draft, Erase, Import, Operate, Publish, ReadDrafts,
            ReadPast, ReviewFirst, ReviewSecond, ReviewSecrecy, SetOriginalTime, TakeBack,
        };
        match self {
            Self::PlatformAdministrator => {
                !matches!(action, ReviewFirst | ReviewSecond | ReviewSecrecy | Cosign)
            }
            Self::SiteAdministrator => {
                matches!(action, Arrange | Administer | ReadDrafts | ReadPast)
            }
            Self::Contributor | Self::Editor => matches!(action, Draft | ReadDrafts),
            Self::FirstReviewer => matches!(action, ReviewFirst | Draft | ReadDrafts),
            Self::SecondReviewer => matches!(action, ReviewSecond | Draft | ReadDrafts),
            Self::SecrecyReviewer => matches!(action, ReviewSecrecy | ReadDrafts),
            Self::Approver => matches!(
                action,
                Draft
                    | ReadDrafts
                    | Publish
                    | TakeBack
                    | SetOriginalTime
                    | Import
                    | Erase
                    | ReadPast
            ),
            Self::Cosigner => matches!(action, Cosign),
            Self::Operator => matches!(action, Operate),
            Self::Auditor => matches!(action, ReadDrafts | ReadPast),
            Self::Reader => matches!(action, ReadDrafts),
        }
    }
}

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// Create, change and discard drafts.
    Draft,
    /// See drafts.
    ReadDrafts,
    /// See superseded, withdrawn, removed and recalled texts.
    ReadPast,
    /// Sign the first step of a review.
    ReviewFirst,
    /// Sign the second step of a review.
    ReviewSecond,
    /// Conclude whether a text may be opened.
    ReviewSecrecy,
    /// Sign the last step of a review; publish, correct, move.
    Publish,
    /// Withdraw, remove, recall.
    TakeBack,
    /// Order or confirm an erasure.
    Erase,
    /// Claim an original publication time.
    SetOriginalTime,
    /// Import.
    Import,
    /// Change sites and columns.
    Arrange,
    /// Change authorities and content types.
    ArrangeAuthorities,
    /// Operate deliveries.
    Operate,
    /// People, their tokens, and what they are granted.
    Administer,
    /// Answer for an authority that was asked to co-sign a text of another one.
    Cosign,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 16] = [
        Self::Draft,
        Self::ReadDrafts,
        Self::ReadPast,
        Self::ReviewFirst,
        Self::ReviewSecond,
        Self::ReviewSecrecy,
        Self::Publish,
        Self::TakeBack,
        Self::Erase,
        Self::SetOriginalTime,
        Self::Import,
        Self::Arrange,
        Self::ArrangeAuthorities,
        Self::Operate,
        Self::Administer,
        Self::Cosign,
    ];
}

/// What an action touches. A document touches its authority and every site it is placed on;
/// hub-wide things touch neither.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Who owns it.
    pub authority: Option<AuthorityId>,
    /// The sites it concerns.
    pub sites: Vec<SiteId>,
    /// Whom its drafts are limited to; `None` where they are for everybody who may read drafts.
    pub limit: Option<Box<DraftLimit>>,
}

impl Touched {
    /// The same of what is public, which no limit binds.
    #[must_use]
    pub fn unlimited(self) -> Self {
        Self { limit: None, ..self }
    }
}

/// Whether `actor` may do `action` to what is `touched`: a grant on the hub or on its
/// authority covers it; grants on sites cover it when they cover every site it touches. What
/// looks into drafts that are limited needs to be admitted to them besides.
pub fn may(actor: &Actor, action: Action, touched: &Touched) -> bool {
    holds(actor, |role| role.carries(action), touched)
        && match &touched.limit {
            Some(limit) if action.looks_into_drafts() => {
                limit.names(actor) || holds(actor, |role| limit.before.contains(&role), touched)
            }
            _ => true,
        }
}

/// Whether `actor` holds a role that is `wanted` over all that is `touched`.
fn holds(actor: &Actor, wanted: impl Fn(Role) -> bool, touched: &Touched) -> bool {
    let held = || actor.grants.iter().filter(|grant| wanted(grant.role));
    let wholly = held().any(|grant| match grant.scope {
        Scope::Hub => true,
        Scope::Authority(authority) => touched.authority == Some(authority),
        Scope::Site(_) => false,
    });
    wholly
        || (!touched.sites.is_empty()
            && touched.sites.iter().all(|site| {
                held().any(|grant| matches!(grant.scope, Scope::Site(granted) if granted == *site))
            }))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn site(number: u128) -> SiteId {
        Uuid::from_u128(number).into()
    }

    fn actor(grants: &[Grant]) -> Actor {
        Actor { id: Uuid::nil().into(), name: "t".into(), grants: grants.to_vec() }
    }

    #[test]
    fn nobody_may_anything_without_a_grant() {
        for action in Action::ALL {
            assert!(!may(&actor(&[]), action, &Touched::default()));
        }
    }

    #[test]
    fn a_grant_on_one_site_does_not_reach_another() {
        let editor = actor(&[Grant { role: Role::Editor, scope: Scope::Site(site(1)) }]);
        let on = |sites: &[u128]| Touched {
            authority: None,
            sites: sites.iter().copied().map(site).collect(),
            ..Touched::default()
        };

        assert!(may(&editor, Action::Draft, &on(&[1])));
        assert!(!may(&editor, Action::Draft, &on(&[2])));
        assert!(!may(&editor, Action::Draft, &on(&[1, 2])), "both sites must be covered");
        assert!(!may(&editor, Action::Draft, &on(&[])), "a site grant never covers the hub");
        assert!(!may(&editor, Action::Publish, &on(&[1])));
    }

    #[test]
    fn who_administers_the_platform_reviews_nothing() {
        for action in
            [Action::ReviewFirst, Action::ReviewSecond, Action::ReviewSecrecy, Action::Cosign]
        {
            assert!(!Role::PlatformAdministrator.carries(action), "{action:?}");
            let reviewers = Role::ALL.into_iter().filter(|role| role.carries(action));
            assert_eq!(reviewers.count(), 1, "{action:?} belongs to one role");
        }
        for role in Role::ALL {
            assert!(role.reviews().is_none_or(|action| role.carries(action)), "{role:?}");
        }
    }

    #[test]
    fn only_the_platform_arranges_authorities() {
        for role in Role::ALL {
            let expected = role == Role::PlatformAdministrator;
            assert_eq!(role.carries(Action::ArrangeAuthorities), expected, "{role:?}");
        }
    }
}
