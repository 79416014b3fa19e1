//! Limited drafts: who, of those who may read drafts where one lies, may know of this one.
//!
//! A limit narrows and never widens: whoever it admits still needs the role. It binds what looks
//! into a draft; what is live is public, so what takes it back is bound by nothing but its role.

use std::collections::BTreeSet;

use crate::{
    ids::{ActorId, AuthorityId, SiteId},
    permission::{Action, Actor, Role, Scope},
};

/// Whom the drafts of a content are limited to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DraftLimit {
    /// Those who are named, and those who wrote the text.
    pub persons: BTreeSet<ActorId>,
    /// Whoever is granted something within these.
    pub authorities: BTreeSet<AuthorityId>,
    /// The sites of those authorities, on which a grant lies within them too.
    pub sites: BTreeSet<SiteId>,
    /// The roles whose step of a review the text lies before, for as long as it does.
    pub before: BTreeSet<Role>,
}

impl DraftLimit {
    /// Whether `actor` is admitted for who they are. Whose step the text lies before is admitted
    /// for that: [`may`](crate::permission::may) asks it together with where they hold the role.
    pub fn names(&self, actor: &Actor) -> bool {
        let within = |scope: Scope| match scope {
            Scope::Authority(authority) => self.authorities.contains(&authority),
            Scope::Site(site) => self.sites.contains(&site),
            // Who is granted something everywhere is within no authority by that.
            _ => false,
        };
        self.persons.contains(&actor.id) || actor.grants.iter().any(|grant| within(grant.scope))
    }
}

impl Action {
    /// Whether doing it shows a draft, or says that there is one.
    pub const fn looks_into_drafts(self) -> bool {
        match self {
            Self::Draft
            | Self::ReadDrafts
            | Self::ReviewFirst
            | Self::ReviewSecond
            | Self::ReviewSecrecy
            | Self::Publish
            | Self::SetOriginalTime
            | Self::Import => true,
            Self::ReadPast
            | Self::TakeBack
            | Self::Erase
            | Self::Arrange
            | Self::ArrangeAuthorities
            | Self::Operate
            | Self::Administer
            | Self::Cosign => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::permission::{Grant, Touched, may};

    fn id<T: From<Uuid>>(number: u128) -> T {
        Uuid::from_u128(number).into()
    }

    fn actor(person: u128, grants: &[(Role, Scope)]) -> Actor {
        let grants = grants.iter().map(|(role, scope)| Grant { role: *role, scope: *scope });
        Actor { id: id(person), name: "t".into(), grants: grants.collect() }
    }

    fn limited(limit: DraftLimit) -> Touched {
        let limit = Some(Box::new(limit));
        Touched { authority: Some(id(1)), sites: vec![id(11)], limit }
    }

    #[test]
    fn a_limit_admits_who_is_named_and_nobody_for_being_an_administrator() {
        let touched =
            limited(DraftLimit { persons: BTreeSet::from([id(7)]), ..DraftLimit::default() });

        for role in Role::ALL {
            for scope in [Scope::Hub, Scope::Authority(id(1)), Scope::Site(id(11))] {
                for action in Action::ALL.into_iter().filter(|action| action.looks_into_drafts()) {
                    let stranger = actor(8, &[(role, scope)]);
                    assert!(!may(&stranger, action, &touched), "{role:?} {action:?}");
                    let named = actor(7, &[(role, scope)]);
                    assert_eq!(may(&named, action, &touched), role.carries(action), "{role:?}");
                }
            }
        }
    }

    #[test]
    fn a_limit_gives_nobody_a_right() {
        let touched =
            limited(DraftLimit { persons: BTreeSet::from([id(7)]), ..DraftLimit::default() });

        assert!(!may(&actor(7, &[]), Action::ReadDrafts, &touched));
        let elsewhere = actor(7, &[(Role::Editor, Scope::Site(id(12)))]);
        assert!(!may(&elsewhere, Action::ReadDrafts, &touched));
    }

    #[test]
    fn a_named_authority_admits_who_holds_something_within_it() {
        let touched = limited(DraftLimit {
            authorities: BTreeSet::from([id(1)]),
            sites: BTreeSet::from([id(11)]),
            ..DraftLimit::default()
        });
        let reads = |scope| may(&actor(8, &[(Role::Reader, scope)]), Action::ReadDrafts, &touched);

        assert!(reads(Scope::Authority(id(1))) && reads(Scope::Site(id(11))));
        assert!(!reads(Scope::Hub), "who is granted something everywhere is within nothing");
        assert!(!reads(Scope::Site(id(12))));
    }

    #[test]
    fn whose_step_it_lies_before_sees_it_until_it_is_taken() {
        let before = |roles: &[Role]| {
            limited(DraftLimit { before: roles.iter().copied().collect(), ..DraftLimit::default() })
        };
        let first = actor(8, &[(Role::FirstReviewer, Scope::Site(id(11)))]);
        let administrator = actor(8, &[(Role::PlatformAdministrator, Scope::Hub)]);
        let elsewhere = actor(
            8,
            &[(Role::FirstReviewer, Scope::Site(id(12))), (Role::Reader, Scope::Site(id(11)))],
        );

        assert!(may(&first, Action::ReviewFirst, &before(&[Role::FirstReviewer])));
        assert!(!may(&first, Action::ReadDrafts, &before(&[Role::Approver])));
        assert!(!may(&elsewhere, Action::ReadDrafts, &before(&[Role::FirstReviewer])));
        assert!(
            !may(&administrator, Action::Publish, &before(&[Role::Approver])),
            "a step is a role's, and an administrator holds another"
        );
    }

    #[test]
    fn what_is_public_is_taken_back_by_whoever_may() {
        let touched = limited(DraftLimit::default());
        let approver = actor(8, &[(Role::Approver, Scope::Site(id(11)))]);

        for action in [Action::TakeBack, Action::Erase, Action::ReadPast] {
            assert!(may(&approver, action, &touched), "{action:?}");
        }
    }
}
