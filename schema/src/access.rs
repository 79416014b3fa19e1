//! People and services that act, and what grants come to when one limits another.
//!
//! Two questions are answered here, both by the table of roles and nothing else: what a token
//! may do, which is never more than its owner may; and whether somebody has what they want to
//! grant to others.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    ids::AuthorityId,
    message::{Bilingual, Fault},
    permission::{Action, Grant, Role, Scope, Touched},
};

/// What stands behind an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PersonKind {
    /// Somebody.
    Person,
    /// A program.
    Service,
}

impl PersonKind {
    /// The word kept in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Service => "service",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Person, Self::Service].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// The name an account is known by on this hub: 2 to 63 small letters, digits, `.`, `_`, `-`
/// and `@`, starting with a letter or digit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Login(Box<str>);

impl Login {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Login {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A text was not a login name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", Self::message())]
pub struct NotALogin;

impl NotALogin {
    /// The rule.
    pub fn message() -> Bilingual {
        Bilingual::new(
            "账号为 2 至 63 个小写字母、数字或 . _ - @，以字母或数字开头",
            "a login is 2 to 63 small letters, digits or . _ - @, starting with a letter or digit",
        )
    }

    /// The same, at `path` of what somebody handed in.
    pub fn at(path: &str) -> Fault {
        Fault { path: path.to_owned(), code: "not_a_login", message: Self::message() }
    }
}

impl FromStr for Login {
    type Err = NotALogin;

    fn from_str(text: &str) -> Result<Self, NotALogin> {
        let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let fits = (2..=63).contains(&text.len())
            && text.starts_with(letter)
            && text.chars().all(|c| letter(c) || "._-@".contains(c));
        if fits { Ok(Self(text.into())) } else { Err(NotALogin) }
    }
}

/// A grant, with what has to be known of its scope to compare it with others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The grant.
    pub grant: Grant,
    /// Whose site it is, for a grant on a site that exists.
    pub authority: Option<AuthorityId>,
}

impl Granted {
    /// What handing out or taking away this grant touches.
    pub fn touched(&self) -> Touched {
        match self.grant.scope {
            Scope::Hub => Touched::default(),
            Scope::Authority(authority) => {
                Touched { authority: Some(authority), sites: Vec::new(), ..Touched::default() }
            }
            Scope::Site(site) => {
                Touched { authority: self.authority, sites: vec![site], ..Touched::default() }
            }
        }
    }

    /// Whether its scope lies within `scope`.
    fn is_within(&self, scope: Scope) -> bool {
        match (self.grant.scope, scope) {
            (_, Scope::Hub) => true,
            (Scope::Site(_), Scope::Authority(whole)) => self.authority == Some(whole),
            (part, whole) => part == whole,
        }
    }
}

/// What is left of `granted` within the limits of `owner`: for each pair the roles that hold
/// no action beyond either, in the narrower of both scopes.
pub fn narrowed(granted: &[Granted], owner: &[Granted]) -> Vec<Grant> {
    let mut left = Vec::new();
    for one in granted {
        for limit in owner {
            let scope = if one.is_within(limit.grant.scope) {
                one.grant.scope
            } else if limit.is_within(one.grant.scope) {
                limit.grant.scope
            } else {
                continue;
            };
            for role in within_both(one.grant.role, limit.grant.role) {
                let grant = Grant { role, scope };
                if !left.contains(&grant) {
                    left.push(grant);
                }
            }
        }
    }
    left
}

/// Whether `holder` may grant `wanted`: they may do everything that it allows, everywhere it allows
/// it. Who takes part in reviews is for those to say who may publish there: nobody who administers
/// reviews, or a small office could appoint no reviewers.
pub fn covers(holder: &[Grant], wanted: &Granted) -> bool {
    let carries = |role: Role, action| {
        let reviews = matches!(
            action,
            Action::ReviewFirst | Action::ReviewSecond | Action::ReviewSecrecy | Action::Cosign
        );
        role.carries(action) || (reviews && role.carries(Action::Publish))
    };
    actions(wanted.grant.role).into_iter().all(|action| {
        holder.iter().any(|held| carries(held.role, action) && wanted.is_within(held.scope))
    })
}

/// The roles that together carry exactly what both roles carry.
fn within_both(one: Role, other: Role) -> impl Iterator<Item = Role> {
    if one == other {
        return vec![one].into_iter();
    }
    let fits = |role: &Role| {
        actions(*role).into_iter().all(|action| one.carries(action) && other.carries(action))
    };
    if fits(&one) {
        return vec![one].into_iter();
    }
    if fits(&other) {
        return vec![other].into_iter();
    }
    Role::ALL.into_iter().filter(fits).collect::<Vec<_>>().into_iter()
}

fn actions(role: Role) -> Vec<Action> {
    Action::ALL.into_iter().filter(|action| role.carries(*action)).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        ids::{ActorId, SiteId},
        permission::{Actor, may},
    };

    fn authority(number: u128) -> AuthorityId {
        Uuid::from_u128(number).into()
    }

    fn site(number: u128) -> SiteId {
        Uuid::from_u128(number).into()
    }

    fn on(role: Role, scope: Scope) -> Granted {
        // Sites 10 to 19 are of authority 1, sites 20 to 29 of authority 2.
        let owner = match scope {
            Scope::Site(site) => Some(authority(site.uuid().as_u128() / 10)),
            _ => None,
        };
        Granted { grant: Grant { role, scope }, authority: owner }
    }

    fn scopes() -> Vec<Scope> {
        vec![
            Scope::Hub,
            Scope::Authority(authority(1)),
            Scope::Authority(authority(2)),
            Scope::Site(site(10)),
            Scope::Site(site(11)),
            Scope::Site(site(20)),
        ]
    }

    fn allows(grants: &[Grant], action: Action, touched: &Touched) -> bool {
        let id: ActorId = Uuid::nil().into();
        may(&Actor { id, name: "t".into(), grants: grants.to_vec() }, action, touched)
    }

    #[test]
    fn a_token_may_exactly_what_it_and_its_owner_may() {
        let questions: Vec<Touched> =
            scopes().into_iter().map(|scope| on(Role::Reader, scope).touched()).collect();
        for of_token in Role::ALL {
            for of_owner in Role::ALL {
                for token_scope in scopes() {
                    for owner_scope in scopes() {
                        let (token, owner) = (on(of_token, token_scope), on(of_owner, owner_scope));
                        let left = narrowed(&[token], &[owner]);
                        for action in Action::ALL {
                            for touched in &questions {
                                assert_eq!(
                                    allows(&left, action, touched),
                                    allows(&[token.grant], action, touched)
                                        && allows(&[owner.grant], action, touched),
                                    "{token:?} of {owner:?}: {action:?} on {touched:?}",
                                );
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn nobody_has_more_than_they_were_granted() {
        let administrator = on(Role::SiteAdministrator, Scope::Authority(authority(1))).grant;

        assert!(covers(&[administrator], &on(Role::Auditor, Scope::Site(site(11)))));
        assert!(!covers(&[administrator], &on(Role::Auditor, Scope::Site(site(20)))));
        assert!(!covers(&[administrator], &on(Role::Auditor, Scope::Hub)));
        assert!(!covers(&[administrator], &on(Role::Approver, Scope::Site(site(11)))));
        let both = [administrator, on(Role::Approver, Scope::Site(site(11))).grant];
        assert!(covers(&both, &on(Role::Approver, Scope::Site(site(11)))));
        for reviewer in [Role::FirstReviewer, Role::SecondReviewer, Role::SecrecyReviewer] {
            let appointed = on(reviewer, Scope::Site(site(11)));
            assert!(covers(&both, &appointed), "who may publish there appoints reviewers");
            assert!(!covers(&[administrator], &appointed), "{reviewer:?}");
        }
        assert!(!covers(&[], &on(Role::Reader, Scope::Site(site(11)))));
    }

    #[test]
    fn a_login_has_one_spelling() {
        for right in ["zhang.san", "a1", "editor@lanqiao", "0x"] {
            assert!(right.parse::<Login>().is_ok(), "{right}");
        }
        for wrong in ["", "a", "Zhang", "张三", "-a", "a b", "a\n", &"a".repeat(64)] {
            assert!(wrong.parse::<Login>().is_err(), "{wrong:?}");
        }
    }
}
