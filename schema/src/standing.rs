//! On what terms somebody has an account, and what follows for what they may.
//!
//! Important content is published by a body's own people, and others are kept apart (国办发
//! 〔2014〕57号 十四): whoever is outsourced never has the last word, whatever they were granted,
//! and access ends with the contract.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use crate::{
    access::{Granted, PersonKind},
    message::{Bilingual, Fault},
    parameters::BEIJING,
    permission::{Action, Role},
};

/// How somebody is employed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Employment {
    /// On the establishment (在编).
    Permanent,
    /// Hired by the body itself (聘用).
    Contract,
    /// Of another company (外包).
    Outsourced,
}

impl Employment {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Permanent, Self::Contract, Self::Outsourced];

    /// The word kept in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Permanent => "permanent",
            Self::Contract => "contract",
            Self::Outsourced => "outsourced",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|employment| employment.as_str() == word)
    }

    /// What it is called to people.
    pub fn label(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Permanent => ("在编", "permanent"),
            Self::Contract => ("聘用", "contract"),
            Self::Outsourced => ("外包", "outsourced"),
        };
        Bilingual::new(zh, en)
    }

    /// Whether somebody employed so may ever hold `role`: what is published, and what may be
    /// opened, is for the body's own people to decide.
    pub const fn may_hold(self, role: Role) -> bool {
        let decides = role.carries(Action::Publish)
            || role.carries(Action::ReviewSecrecy)
            || role.carries(Action::Cosign);
        !matches!(self, Self::Outsourced) || !decides
    }
}

/// What decides whether an account can be used at all, and for what at the most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How somebody is employed; a program is not.
    pub employment: Option<Employment>,
    /// The last day of the contract, by the clock of Beijing.
    pub contract_ends_on: Option<Date>,
    /// When the account was disabled.
    pub disabled_at: Option<Timestamp>,
}

impl Standing {
    /// Whether the account can be used at `now`.
    pub fn acts_at(&self, now: Timestamp) -> bool {
        let today = BEIJING.to_datetime(now).date();
        self.disabled_at.is_none() && self.contract_ends_on.is_none_or(|last| today <= last)
    }

    /// Whether it may ever hold `role`.
    pub fn may_hold(&self, role: Role) -> bool {
        self.employment.is_none_or(|employment| employment.may_hold(role))
    }

    /// What counts of `granted`: a role that may not be held gives nothing, however it came there.
    pub fn holds(&self, granted: &[Granted]) -> Vec<Granted> {
        granted.iter().copied().filter(|granted| self.may_hold(granted.grant.role)).collect()
    }

    /// What is wrong with the terms of an account of this `kind`.
    pub fn faults(&self, kind: PersonKind) -> Vec<Fault> {
        let mut faults = Vec::new();
        match (kind, self.employment) {
            (PersonKind::Service, None) | (PersonKind::Person, Some(_)) => {}
            (PersonKind::Service, Some(_)) => faults.push(Fault::new(
                "employment",
                "not_employed",
                "程序账号没有用工性质，请去掉",
                "a program is not employed: leave it out",
            )),
            (PersonKind::Person, None) => faults.push(Fault::new(
                "employment",
                "required",
                "请填写用工性质：在编、聘用或外包",
                "say how the person is employed: permanent, contract or outsourced",
            )),
        }
        match (self.employment, self.contract_ends_on) {
            (Some(Employment::Outsourced), None) => faults.push(Fault::new(
                "contractEndsOn",
                "required",
                "外包人员须填写合同截止日，账号到期自动失效",
                "give the last day of the contract: an outsourced account ends with it",
            )),
            (Some(Employment::Permanent), Some(_)) => faults.push(Fault::new(
                "contractEndsOn",
                "no_contract",
                "在编人员没有合同截止日，请去掉",
                "permanent staff have no contract that ends: leave it out",
            )),
            _ => {}
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::{Grant, Scope};

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn access_ends_with_the_last_day_of_the_contract_in_beijing() {
        let last: Date = "2027-03-31".parse().expect("a day");
        let vendor = Standing {
            employment: Some(Employment::Outsourced),
            contract_ends_on: Some(last),
            disabled_at: None,
        };

        assert!(vendor.acts_at(at("2027-03-31T15:59:59Z")));
        assert!(!vendor.acts_at(at("2027-03-31T16:00:00Z")), "midnight in Beijing");
        let disabled = Standing { disabled_at: Some(at("2027-01-01T00:00:00Z")), ..vendor };
        assert!(!disabled.acts_at(at("2027-02-01T00:00:00Z")));
    }

    #[test]
    fn who_is_outsourced_never_has_the_last_word() {
        for role in Role::ALL {
            let has_the_last_word = [Action::Publish, Action::ReviewSecrecy, Action::Cosign]
                .into_iter()
                .any(|action| role.carries(action));
            assert_eq!(Employment::Outsourced.may_hold(role), !has_the_last_word, "{role:?}");
            assert!(Employment::Permanent.may_hold(role) && Employment::Contract.may_hold(role));
        }
        let granted = [Role::Editor, Role::Approver]
            .map(|role| Granted { grant: Grant { role, scope: Scope::Hub }, authority: None });
        let vendor = Standing { employment: Some(Employment::Outsourced), ..Standing::default() };
        assert_eq!(vendor.holds(&granted), granted[..1]);
        assert_eq!(Standing::default().holds(&granted), granted, "a program is not employed");
    }

    #[test]
    fn terms_fit_the_account() {
        let codes = |kind, employment, ends: Option<&str>| {
            let contract_ends_on = ends.map(|day| day.parse().expect("a day"));
            let standing = Standing { employment, contract_ends_on, disabled_at: None };
            standing.faults(kind).into_iter().map(|fault| fault.code).collect::<Vec<_>>()
        };
        let (person, program) = (PersonKind::Person, PersonKind::Service);
        let none: [&str; 0] = [];

        assert_eq!(codes(person, Some(Employment::Permanent), None), none);
        assert_eq!(codes(person, Some(Employment::Contract), None), none);
        assert_eq!(codes(person, Some(Employment::Outsourced), Some("2027-03-31")), none);
        assert_eq!(codes(program, None, Some("2027-03-31")), none, "a vendor's program");
        assert_eq!(codes(person, None, None), ["required"]);
        assert_eq!(codes(program, Some(Employment::Contract), None), ["not_employed"]);
        assert_eq!(codes(person, Some(Employment::Outsourced), None), ["required"]);
        assert_eq!(codes(person, Some(Employment::Permanent), Some("2027-03-31")), ["no_contract"]);
    }
}
