//! From where something is done: what the audit says beside who and when.

use std::{fmt, net::IpAddr, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::ids::{PreviewLinkId, SessionId, TokenId};

/// From where something is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Origin {
    /// Which way.
    pub via: Via,
    /// The address of the client, as far as it can be believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// The id of the request, which also stands in its answer and in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// What was presented.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<Credential>,
}

/// Which way something came to the hub.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Via {
    /// The hub did it by itself.
    Hub,
    /// A command on a machine of the hub.
    CommandLine,
    /// A request over the network.
    Request,
    /// It was written before origins were kept.
    Unrecorded,
}

/// What somebody presented to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credential {
    /// What kind of thing.
    pub kind: CredentialKind,
    /// Its id, which is no secret.
    pub id: Uuid,
}

/// The kinds of what can be presented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// An API token.
    Token,
    /// The session of a browser.
    Session,
    /// A preview link.
    Link,
}

/// A text was no [`Credential`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what is presented is written `token:`, `session:` or `link:` and an id")]
pub struct NotACredential;

impl Origin {
    /// The hub by itself.
    pub const HUB: Self = Self { via: Via::Hub, address: None, request: None, credential: None };
    /// A command.
    pub const COMMAND_LINE: Self =
        Self { via: Via::CommandLine, address: None, request: None, credential: None };
}

impl Via {
    /// Every way.
    pub const ALL: [Self; 4] = [Self::Hub, Self::CommandLine, Self::Request, Self::Unrecorded];

    /// The word kept in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hub => "hub",
            Self::CommandLine => "commandLine",
            Self::Request => "request",
            Self::Unrecorded => "unrecorded",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|via| via.as_str() == word)
    }
}

impl CredentialKind {
    const ALL: [Self; 3] = [Self::Token, Self::Session, Self::Link];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Session => "session",
            Self::Link => "link",
        }
    }
}

impl From<TokenId> for Credential {
    fn from(id: TokenId) -> Self {
        Self { kind: CredentialKind::Token, id: id.uuid() }
    }
}

impl From<SessionId> for Credential {
    fn from(id: SessionId) -> Self {
        Self { kind: CredentialKind::Session, id: id.uuid() }
    }
}

impl From<PreviewLinkId> for Credential {
    fn from(id: PreviewLinkId) -> Self {
        Self { kind: CredentialKind::Link, id: id.uuid() }
    }
}

impl fmt::Display for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.kind.as_str(), self.id)
    }
}

impl FromStr for Credential {
    type Err = NotACredential;

    fn from_str(text: &str) -> Result<Self, NotACredential> {
        let (kind, id) = text.split_once(':').ok_or(NotACredential)?;
        let kind = CredentialKind::ALL.into_iter().find(|known| known.as_str() == kind);
        let id = id.parse().map_err(|_| NotACredential)?;
        kind.map(|kind| Self { kind, id }).ok_or(NotACredential)
    }
}

impl Serialize for Credential {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Credential {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_presented_is_read_as_it_was_written() {
        let token = Credential::from(TokenId::from(Uuid::from_u128(7)));

        assert_eq!(token.to_string().parse(), Ok(token));
        for wrong in ["", "token", "token:", "key:00000000-0000-0000-0000-000000000007"] {
            assert_eq!(wrong.parse::<Credential>(), Err(NotACredential), "{wrong}");
        }
    }
}
