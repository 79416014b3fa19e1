//! Signing in: what a session still owes before it acts for its person, how long failures keep
//! somebody waiting, and the settings of both.
//!
//! The classified protection of information systems (GB/T 22239, level 3) asks for passwords
//! that are complex and changed regularly, for failures that have consequences, for sessions
//! that end when idle, and for a second factor.

mod lock_out;
pub mod password;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use lock_out::{FORGOTTEN_AFTER, wait_until};

use crate::permission::{Action, Grant};

/// How long a password that somebody else set is good for being changed.
pub const TEMPORARY_FOR: SignedDuration = SignedDuration::from_hours(72);

/// The settings of signing in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Who must have a second factor.
    pub second_factor: SecondFactor,
    /// Days until a password is to be changed; 0 for never.
    pub password_days: u16,
    /// Minutes without a request after which a session ends.
    pub idle_minutes: u16,
    /// Hours after which a session ends in any case.
    pub longest_hours: u16,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            second_factor: SecondFactor::default(),
            password_days: 90,
            idle_minutes: 30,
            longest_hours: 12,
        }
    }
}

/// Who must have a second factor. Whoever has one must show it, whatever stands here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// Everybody.
    Everyone,
    /// Those who decide what becomes public, who may do what, and what is destroyed.
    #[default]
    Deciders,
    /// Nobody has to.
    Optional,
}

impl SecondFactor {
    /// The word of the settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::Deciders => "deciders",
            Self::Optional => "optional",
        }
    }

    /// Whether somebody who holds `grants` must have one.
    pub fn is_required_of(self, grants: &[Grant]) -> bool {
        const DECIDES: [Action; 9] = [
            Action::Publish,
            Action::TakeBack,
            Action::Erase,
            Action::ReviewSecrecy,
            Action::Cosign,
            Action::Administer,
            Action::Arrange,
            Action::ArrangeAuthorities,
            Action::Operate,
        ];
        match self {
            Self::Everyone => true,
            Self::Optional => false,
            Self::Deciders => grants
                .iter()
                .any(|grant| DECIDES.into_iter().any(|action| grant.role.carries(action))),
        }
    }
}

/// What a session owes before it acts for its person. It is worked out anew for each request, so
/// that a new duty binds the sessions that are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Owed {
    /// The second factor is to be shown.
    SecondFactor,
    /// A password of their own: this one was set by somebody else, or is too old.
    NewPassword,
    /// A second factor is to be set up.
    SetUpSecondFactor,
    /// Nothing: it acts for its person.
    Nothing,
}

/// What decides what a session owes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Whether the person has a second factor.
    pub has_second_factor: bool,
    /// Whether it was shown in this session.
    pub showed_second_factor: bool,
    /// Whether somebody else set the password.
    pub password_is_temporary: bool,
    /// When the password was set.
    pub password_set_at: Timestamp,
}

impl Rules {
    /// What a session owes at `now` whose person holds `grants`.
    pub fn owed(&self, shown: &Shown, grants: &[Grant], now: Timestamp) -> Owed {
        if shown.has_second_factor && !shown.showed_second_factor {
            return Owed::SecondFactor;
        }
        if shown.password_is_temporary || self.is_old(shown.password_set_at, now) {
            return Owed::NewPassword;
        }
        if !shown.has_second_factor && self.second_factor.is_required_of(grants) {
            return Owed::SetUpSecondFactor;
        }
        Owed::Nothing
    }

    fn is_old(&self, set_at: Timestamp, now: Timestamp) -> bool {
        let age = SignedDuration::from_hours(24 * i64::from(self.password_days));
        self.password_days > 0 && now.duration_since(set_at) >= age
    }

    /// Until when a session that began at `began` and was last seen at `seen` is good.
    pub fn good_until(&self, began: Timestamp, seen: Timestamp) -> Timestamp {
        let idle = SignedDuration::from_mins(i64::from(self.idle_minutes));
        let longest = SignedDuration::from_hours(i64::from(self.longest_hours));
        let end = |from: Timestamp, time| from.saturating_add(time).unwrap_or(from);
        end(seen, idle).min(end(began, longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::{Role, Scope};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn each_duty_is_met_in_turn() {
        let rules = Rules::default();
        let now = at("2026-03-02T00:00:00Z");
        let approver = [Grant { role: Role::Approver, scope: Scope::Hub }];
        let mut shown = Shown {
            has_second_factor: true,
            showed_second_factor: false,
            password_is_temporary: true,
            password_set_at: now,
        };

        assert_eq!(rules.owed(&shown, &approver, now), Owed::SecondFactor);
        shown.showed_second_factor = true;
        assert_eq!(rules.owed(&shown, &approver, now), Owed::NewPassword);
        shown.password_is_temporary = false;
        assert_eq!(rules.owed(&shown, &approver, now), Owed::Nothing);
        shown.has_second_factor = false;
        assert_eq!(rules.owed(&shown, &approver, now), Owed::SetUpSecondFactor);
        let editor = [Grant { role: Role::Editor, scope: Scope::Hub }];
        assert_eq!(rules.owed(&shown, &editor, now), Owed::Nothing);
        let everyone = Rules { second_factor: SecondFactor::Everyone, ..rules };
        assert_eq!(everyone.owed(&shown, &editor, now), Owed::SetUpSecondFactor);
    }

    #[test]
    fn a_password_grows_old_where_that_is_the_rule() {
        let shown = Shown {
            has_second_factor: false,
            showed_second_factor: false,
            password_is_temporary: false,
            password_set_at: at("2026-01-01T00:00:00Z"),
        };
        let rules = Rules::default();

        assert_eq!(rules.owed(&shown, &[], at("2026-03-31T23:59:59Z")), Owed::Nothing);
        assert_eq!(rules.owed(&shown, &[], at("2026-04-01T00:00:00Z")), Owed::NewPassword);
        let never = Rules { password_days: 0, ..rules };
        assert_eq!(never.owed(&shown, &[], at("2036-01-01T00:00:00Z")), Owed::Nothing);
    }

    #[test]
    fn a_session_ends_when_idle_and_in_any_case() {
        let rules = Rules::default();
        let began = at("2026-03-02T00:00:00Z");

        assert_eq!(rules.good_until(began, began), at("2026-03-02T00:30:00Z"));
        assert_eq!(
            rules.good_until(began, at("2026-03-02T11:50:00Z")),
            at("2026-03-02T12:00:00Z"),
            "no use keeps it open for longer"
        );
    }
}
