//! Names that travel: type and field names, locales, site keys, column and document paths.
//!
//! They are part of digests, addresses and the outward contract, so each has one spelling,
//! checked once where it enters.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A name was not spelled as its kind demands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a {kind}: {rule}")]
pub struct BadName {
    /// What it should have been.
    pub kind: &'static str,
    /// What was given.
    pub text: String,
    /// The rule, in one clause.
    pub rule: &'static str,
}

macro_rules! name {
    ($($(#[$doc:meta])* $name:ident, $kind:literal, $rule:literal, $check:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadName;

            fn from_str(text: &str) -> Result<Self, BadName> {
                let check: fn(&str) -> bool = $check;
                if check(text) {
                    Ok(Self(text.into()))
                } else {
                    Err(BadName { kind: $kind, text: text.chars().take(80).collect(), rule: $rule })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

name! {
    /// The name of a content type, `policyDocument`.
    TypeName, "content type name", "camelCase letters and digits, 2 to 40, starting with a small letter", is_camel_case;
    /// The name of a field of a content type, `issuedOn`.
    FieldName, "field name", "camelCase letters and digits, 2 to 40, starting with a small letter", is_camel_case;
    /// A language, BCP 47 as far as governments need it: `zh-CN`, `en`, `bo`, `zh-Hant-HK`.
    Locale, "locale", "a language tag such as zh-CN or en, language in small letters", is_locale;
    /// The short name of a site in commands and addresses, `lanqiao-city`.
    SiteKey, "site key", "small letters, digits and hyphens, 2 to 63, starting with a letter", is_key;
    /// The short name of an authority, `lanqiao-city-government`.
    AuthorityKey, "authority key", "small letters, digits and hyphens, 2 to 63, starting with a letter", is_key;
    /// The short name of a deadline rule, `repost-fujian`.
    DeadlineKey, "deadline key", "small letters, digits and hyphens, 2 to 63, starting with a letter", is_key;
    /// The path of a column in its site, `policy/finance`, without slashes at the ends.
    ColumnPath, "column path", "segments of small letters, digits and hyphens joined by /, at most 8 of them and 200 bytes", is_column_path;
    /// The path of a document on a site, `/policy/2026/11/38`, with a slash at the start only.
    DocumentPath, "path", "starts with /, at most 400 bytes of letters, digits, - _ . ~ and Chinese characters, no empty, . or .. segment", is_document_path;
}

impl ColumnPath {
    /// Whether `self` is `ancestor` or lies below it.
    pub fn is_within(&self, ancestor: &Self) -> bool {
        self.0
            .strip_prefix(ancestor.as_str())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The path of the column above, `None` at the top.
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(parent, _)| Self(parent.into()))
    }
}

fn is_camel_case(text: &str) -> bool {
    (2..=40).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|letter| letter.is_ascii_alphanumeric())
}

fn is_key(text: &str) -> bool {
    (2..=63).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.chars().all(is_key_letter)
}

fn is_key_letter(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-'
}

fn is_locale(text: &str) -> bool {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    (2..=3).contains(&language.len())
        && language.chars().all(|letter| letter.is_ascii_lowercase())
        && text.len() <= 20
        && parts.all(|part| {
            (2..=8).contains(&part.len())
                && part.chars().all(|letter| letter.is_ascii_alphanumeric())
        })
}

fn is_column_path(text: &str) -> bool {
    text.len() <= 200
        && text.split('/').count() <= 8
        && text.split('/').all(|segment| !segment.is_empty() && segment.chars().all(is_key_letter))
}

fn is_document_path(text: &str) -> bool {
    text.len() <= 400
        && text.strip_prefix('/').is_some_and(|rest| {
            rest.split('/').all(|segment| {
                !segment.is_empty()
                    && segment != "."
                    && segment != ".."
                    && segment.chars().all(|letter| {
                        letter.is_ascii_alphanumeric()
                            || "-_.~".contains(letter)
                            || (!letter.is_ascii() && letter.is_alphanumeric())
                    })
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_as_spelled() {
        assert!("policyDocument".parse::<TypeName>().is_ok());
        assert!("zh-CN".parse::<Locale>().is_ok());
        assert!("zh-Hant-HK".parse::<Locale>().is_ok());
        assert!("lanqiao-city".parse::<SiteKey>().is_ok());
        assert!("policy/finance-2026".parse::<ColumnPath>().is_ok());
        assert!("/policy/2026/11/兰桥通知.html".parse::<DocumentPath>().is_ok());
    }

    #[test]
    fn anything_that_could_be_read_two_ways_is_refused() {
        for wrong in [
            "",
            "/",
            "a",
            "//a",
            "/a/",
            "/a//b",
            "/../etc",
            "/a b",
            "/a?b",
            "/a%2e",
            "/a\\b",
            "/a\u{202e}b",
        ] {
            assert!(wrong.parse::<DocumentPath>().is_err(), "{wrong:?}");
        }
        for wrong in ["", "/a", "a/", "a//b", "A", "政策", "a/b/c/d/e/f/g/h/i"] {
            assert!(wrong.parse::<ColumnPath>().is_err(), "{wrong:?}");
        }
        for wrong in ["", "Policy", "policy_document", "策", "p"] {
            assert!(wrong.parse::<TypeName>().is_err(), "{wrong:?}");
        }
        for wrong in ["", "ZH", "zh_CN", "zh-", "chinese"] {
            assert!(wrong.parse::<Locale>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_column_is_within_itself_and_its_ancestors_only() {
        let column = |path: &str| path.parse::<ColumnPath>().expect("a column path");
        assert!(column("policy/finance").is_within(&column("policy")));
        assert!(column("policy").is_within(&column("policy")));
        assert!(!column("policy-old").is_within(&column("policy")));
        assert_eq!(column("policy/finance").parent(), Some(column("policy")));
        assert_eq!(column("policy").parent(), None);
    }
}
