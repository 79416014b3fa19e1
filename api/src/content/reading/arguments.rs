//! The arguments of a field, with their variables filled in.

use std::str::FromStr;

use async_graphql::{Name, Value, indexmap::IndexMap};

use crate::content::{
    limits::cost::{LARGEST_PAGE, USUAL_PAGE},
    refusal::Refusal,
};

/// The arguments of a field as its caller gave them. Validation has seen to their types.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Arguments(pub(crate) IndexMap<Name, Value>);

impl Arguments {
    /// The argument, where it was given and not null.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| **value != Value::Null)
    }

    /// A text or an enum value.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::String(text) => Some(text),
            Value::Enum(word) => Some(word),
            _ => None,
        }
    }

    /// Whether it was given as true.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::Boolean(true)))
    }

    /// A text that must be spelled as its kind demands.
    ///
    /// # Errors
    /// A refusal naming the argument and what is wrong with it.
    pub(crate) fn parsed<T: FromStr<Err: std::fmt::Display>>(
        &self,
        name: &str,
    ) -> Result<Option<T>, Refusal> {
        self.text(name).map(|text| parse(name, text)).transpose()
    }

    /// A number of items, between 1 and the largest page.
    ///
    /// # Errors
    /// A refusal for any other number.
    pub(crate) fn count(&self, name: &str) -> Result<Option<u32>, Refusal> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let number = match value {
            Value::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
            _ => None,
        };
        match number {
            Some(number @ 1..=LARGEST_PAGE) => Ok(Some(number)),
            _ => Err(Refusal::argument(
                format!("{name} 应为 1 至 {LARGEST_PAGE} 的整数"),
                format!("{name} must be a whole number from 1 to {LARGEST_PAGE}"),
            )),
        }
    }

    /// `first`, or the usual page.
    ///
    /// # Errors
    /// As [`count`](Self::count).
    pub(crate) fn first(&self) -> Result<u32, Refusal> {
        Ok(self.count("first")?.unwrap_or(USUAL_PAGE))
    }
}

/// Reads `text` as `T`.
///
/// # Errors
/// A refusal naming the argument and what is wrong with it.
pub(crate) fn parse<T: FromStr<Err: std::fmt::Display>>(
    name: &str,
    text: &str,
) -> Result<T, Refusal> {
    text.parse().map_err(|error| {
        Refusal::argument(format!("{name} 的写法不对：{error}"), format!("{name}: {error}"))
    })
}
