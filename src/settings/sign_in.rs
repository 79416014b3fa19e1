//! The table `[sign_in]`: how people sign in.

use schema::sign_in::{Rules, SecondFactor};
use serde::{Deserialize, Deserializer, de};
use toml::{Table, Value};

use super::server::{number, number_or_none};

/// The table `[sign_in]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SignInSettings {
    /// `everyone`, `deciders` or `optional`.
    second_factor: SecondFactor,
    /// Days until a password is to be changed; 0 for never.
    #[serde(deserialize_with = "small_or_none")]
    password_days: u16,
    /// Minutes without a request after which a session ends.
    #[serde(deserialize_with = "small")]
    idle_minutes: u16,
    /// Hours after which a session ends in any case.
    #[serde(deserialize_with = "small")]
    longest_hours: u16,
}

impl Default for SignInSettings {
    fn default() -> Self {
        let Rules { second_factor, password_days, idle_minutes, longest_hours } = Rules::default();
        Self { second_factor, password_days, idle_minutes, longest_hours }
    }
}

impl SignInSettings {
    /// As signing in takes them.
    pub(crate) fn rules(&self) -> Rules {
        let Self { second_factor, password_days, idle_minutes, longest_hours } = *self;
        Rules { second_factor, password_days, idle_minutes, longest_hours }
    }

    pub(super) fn table(&self) -> Table {
        let number = |number: u16| Value::Integer(number.into());
        Table::from_iter([
            ("second_factor".to_owned(), Value::String(self.second_factor.as_str().to_owned())),
            ("password_days".to_owned(), number(self.password_days)),
            ("idle_minutes".to_owned(), number(self.idle_minutes)),
            ("longest_hours".to_owned(), number(self.longest_hours)),
        ])
    }
}

fn small<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    fits(number(deserializer)?)
}

fn small_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    fits(number_or_none(deserializer)?)
}

fn fits<E: de::Error>(number: u32) -> Result<u16, E> {
    let most = u16::MAX;
    number.try_into().map_err(|_| E::custom(format!("最大为 {most} / it is at most {most}")))
}
