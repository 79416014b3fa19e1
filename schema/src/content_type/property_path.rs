//! Where a field's value goes in the structured data of schema.org: a property, or a way through
//! things of their own to one.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::field_file::is_identifier;

/// The most names on one way.
const STEPS: usize = 8;

/// Properties and types in turn, joined by dots, starting with a property of the document's own
/// schema.org type: `legislationDate`, `provider.GovernmentOrganization.name`, `location.Place`.
///
/// A way that ends in a property ends in a plain value. One that ends in a type ends in a thing,
/// which places, files, links and groups can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropertyPath(Box<[Box<str>]>);

/// A text is no way to a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "property.Type.property, at most {STEPS} names; properties start with a small letter, types with a capital"
)]
pub struct BadProperty;

impl PropertyPath {
    /// The names in turn: property, type, property, … Never empty.
    pub fn steps(&self) -> &[Box<str>] {
        &self.0
    }

    /// Whether it ends in a thing of a type, not in a property with a plain value.
    pub fn ends_in_type(&self) -> bool {
        self.0.len().is_multiple_of(2)
    }
}

impl FromStr for PropertyPath {
    type Err = BadProperty;

    fn from_str(text: &str) -> Result<Self, BadProperty> {
        let steps: Box<[Box<str>]> = text.split('.').map(Box::from).collect();
        let is_named = |(at, name)| match at % 2 {
            0 => is_identifier(name, char::is_ascii_lowercase),
            _ => is_identifier(name, char::is_ascii_uppercase),
        };
        if steps.len() > STEPS || !text.split('.').enumerate().all(is_named) {
            return Err(BadProperty);
        }
        Ok(Self(steps))
    }
}

impl fmt::Display for PropertyPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0.join("."))
    }
}

impl Serialize for PropertyPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PropertyPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_and_types_take_turns() {
        for (text, ends_in_type) in
            [("name", false), ("location.Place", true), ("provider.Organization.name", false)]
        {
            let path: PropertyPath = text.parse().expect("a way");
            assert_eq!((path.to_string().as_str(), path.ends_in_type()), (text, ends_in_type));
        }
        let long = ["aa.Bb"; 5].join(".");
        for wrong in ["", "Name", "name.", "a.b", "a.B.C", "a b", "a.B.c\"", ".", &long] {
            assert_eq!(wrong.parse::<PropertyPath>(), Err(BadProperty), "{wrong:?}");
        }
    }
}
