//! A front end that publishes its operations: its name and one of its versions, written
//! `portal@1.2`.

use std::{fmt, str::FromStr};

/// Characters of a name or a version, at most.
const LONGEST: usize = 64;

/// A version of a client.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientVersion {
    client: Box<str>,
    version: Box<str>,
}

/// What was given is no version of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "应写作 名称@版本，如 portal@1.2；名称与版本由字母、数字和 . _ + - 组成 / \
     write name@version, such as portal@1.2; both are of letters, digits and . _ + -"
)]
pub struct NotAClientVersion;

impl ClientVersion {
    /// What the client is called.
    pub fn client(&self) -> &str {
        &self.client
    }

    /// Which of its versions.
    pub fn version(&self) -> &str {
        &self.version
    }
}

impl FromStr for ClientVersion {
    type Err = NotAClientVersion;

    fn from_str(text: &str) -> Result<Self, NotAClientVersion> {
        let (client, version) = text.split_once('@').ok_or(NotAClientVersion)?;
        let is_name = |name: &str| {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
            (1..=LONGEST).contains(&name.len())
                && name.bytes().all(plain)
                && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        };
        match is_name(client) && is_name(version) {
            true => Ok(Self { client: client.into(), version: version.into() }),
            false => Err(NotAClientVersion),
        }
    }
}

impl fmt::Display for ClientVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}@{}", self.client, self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_a_client_reads_back_as_it_is_written() {
        for text in ["portal@1.2", "app-ios@2026.11.22+7", "p@1"] {
            let read: ClientVersion = text.parse().expect("a version of a client");
            assert_eq!(read.to_string(), text);
        }
        for text in ["portal", "@1", "portal@", "portal@1@2", "门户@1", "-p@1", "p@1 2"] {
            assert_eq!(text.parse::<ClientVersion>(), Err(NotAClientVersion), "{text}");
        }
        assert!(format!("{}@1", "a".repeat(65)).parse::<ClientVersion>().is_err());
    }
}
