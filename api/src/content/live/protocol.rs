//! The messages of graphql-transport-ws, as its protocol text of the library graphql-ws has them
//! (github.com/enisdenjo/graphql-ws, PROTOCOL.md), and the codes that connections are closed
//! with.

use std::{borrow::Cow, sync::Arc};

use async_graphql::ServerError;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The name under which clients ask for it.
pub(super) const SUBPROTOCOL: &str = "graphql-transport-ws";
/// Bytes of an id that a client gives an operation.
const LONGEST_ID: usize = 256;
/// Bytes of a reason, by RFC 6455.
const LONGEST_REASON: usize = 123;

/// Why a connection is closed. Clients of the library come back by themselves after the codes of
/// RFC 6455 and after [`TOO_SLOW`](Self::TOO_SLOW), and not after the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Close {
    pub(super) code: u16,
    pub(super) reason: Cow<'static, str>,
}

impl Close {
    /// The server stops.
    pub(super) const GOING_AWAY: Self = Self::new(1001, "Going away");
    /// Nothing was heard for too long.
    pub(super) const SILENT: Self = Self::new(1001, "Nothing was heard for too long");
    /// A message is larger than it may be.
    pub(super) const TOO_LARGE: Self = Self::new(1009, "Message too large");
    /// An operation before the connection was initialised.
    pub(super) const UNAUTHORIZED: Self = Self::new(4401, "Unauthorized");
    /// The token that was presented is not good, or no longer.
    pub(super) const FORBIDDEN: Self = Self::new(4403, "Forbidden");
    /// Another subprotocol, or none.
    pub(super) const SUBPROTOCOL: Self = Self::new(4406, "Subprotocol not acceptable");
    /// Not initialised in time.
    pub(super) const INITIALISATION_TIMEOUT: Self =
        Self::new(4408, "Connection initialisation timeout");
    /// Initialised twice.
    pub(super) const INITIALISED_TWICE: Self = Self::new(4429, "Too many initialisation requests");
    /// What was sent was not taken in time. A code of our own.
    pub(super) const TOO_SLOW: u16 = 4413;

    const fn new(code: u16, reason: &'static str) -> Self {
        Self { code, reason: Cow::Borrowed(reason) }
    }

    /// A message that the protocol does not have.
    fn invalid(what: &str) -> Self {
        Self::with(4400, format!("Invalid message: {what}"))
    }

    /// An id that is in use.
    pub(super) fn in_use(id: &str) -> Self {
        Self::with(4409, format!("Subscriber for {id} already exists"))
    }

    /// The listener is too slow; `cursor` is that of the newest event written to it.
    pub(super) fn too_slow(cursor: Option<&str>) -> Self {
        Self::with(
            Self::TOO_SLOW,
            match cursor {
                Some(cursor) => format!("Too slow, go on after {cursor}"),
                None => "Too slow".to_owned(),
            },
        )
    }

    fn with(code: u16, mut reason: String) -> Self {
        let mut end = reason.len().min(LONGEST_REASON);
        while !reason.is_char_boundary(end) {
            end -= 1;
        }
        reason.truncate(end);
        Self { code, reason: reason.into() }
    }
}

/// What a client says.
#[derive(Debug)]
pub(super) enum Message {
    /// The first message, with what stands in `authorization` of its payload.
    Init(Option<String>),
    /// Are you there?
    Ping(Option<Box<RawValue>>),
    /// I am.
    Pong,
    /// An operation under an id of the client's: the text of its payload.
    Subscribe(Arc<str>, Box<RawValue>),
    /// An operation is not wanted any more.
    Complete(Arc<str>),
}

#[derive(Deserialize)]
struct Raw<'text> {
    #[serde(borrow)]
    r#type: Cow<'text, str>,
    #[serde(borrow, default)]
    id: Option<Cow<'text, str>>,
    #[serde(default)]
    payload: Option<Box<RawValue>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct InitPayload {
    #[serde(alias = "Authorization")]
    authorization: Option<String>,
}

/// Reads a message.
///
/// # Errors
/// How the connection is to be closed because of it.
pub(super) fn read(text: &str) -> Result<Message, Close> {
    let raw: Raw<'_> = serde_json::from_str(text)
        .map_err(|_| Close::invalid("it is no JSON object with a type"))?;
    let payload = raw.payload.filter(|payload| payload.get() != "null");
    let id = || -> Result<Arc<str>, Close> {
        match raw.id.as_deref() {
            Some(id) if !id.is_empty() && id.len() <= LONGEST_ID => Ok(id.into()),
            _ => Err(Close::invalid("id must be a short text")),
        }
    };
    Ok(match &*raw.r#type {
        "connection_init" => Message::Init(match payload {
            None => None,
            Some(payload) => {
                serde_json::from_str::<InitPayload>(object(&payload)?)
                    .map_err(|_| Close::invalid("authorization must be a text"))?
                    .authorization
            }
        }),
        "ping" | "pong" => {
            if let Some(payload) = &payload {
                object(payload)?;
            }
            if raw.r#type == "ping" { Message::Ping(payload) } else { Message::Pong }
        }
        "subscribe" => {
            let id = id()?;
            let payload = payload.ok_or_else(|| Close::invalid("a payload is missing"))?;
            object(&payload)?;
            Message::Subscribe(id, payload)
        }
        "complete" => Message::Complete(id()?),
        _ => return Err(Close::invalid("its type is unknown")),
    })
}

fn object(payload: &RawValue) -> Result<&str, Close> {
    let text = payload.get();
    if text.starts_with('{') { Ok(text) } else { Err(Close::invalid("its payload is no object")) }
}

/// A payload of a subscription that is none.
pub(super) fn no_operation() -> Close {
    Close::invalid("its payload is no operation")
}

/// The connection is initialised.
pub(super) const ACKNOWLEDGED: &str = "{\"type\":\"connection_ack\"}";

/// I am there.
pub(super) fn pong(payload: Option<&RawValue>) -> String {
    match payload {
        None => "{\"type\":\"pong\"}".to_owned(),
        Some(payload) => format!("{{\"type\":\"pong\",\"payload\":{payload}}}"),
    }
}

/// A result of operation `id`: JSON as it is.
pub(super) fn next(id: &str, payload: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(payload.len() + id.len() + 40);
    text.extend_from_slice(b"{\"id\":");
    text.extend_from_slice(json(&id).as_bytes());
    text.extend_from_slice(b",\"type\":\"next\",\"payload\":");
    text.extend_from_slice(payload);
    text.push(b'}');
    text
}

/// Operation `id` is refused, or has failed for good.
pub(super) fn error(id: &str, errors: &[ServerError]) -> String {
    format!("{{\"id\":{},\"type\":\"error\",\"payload\":{}}}", json(&id), json(&errors))
}

/// Operation `id` has ended.
pub(super) fn complete(id: &str) -> String {
    format!("{{\"id\":{},\"type\":\"complete\"}}", json(&id))
}

fn json(value: &impl Serialize) -> String {
    // Texts and errors can always be written.
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<u16> {
        read(text).err().map(|close| close.code)
    }

    #[test]
    fn what_the_protocol_does_not_have_closes_the_connection() {
        let long = format!("{{\"type\":\"complete\",\"id\":\"{}\"}}", "x".repeat(257));
        for wrong in [
            "",
            "[]",
            "{}",
            "{\"type\":5}",
            "{\"type\":\"start\"}",
            "{\"type\":\"subscribe\",\"id\":\"1\"}",
            "{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":\"x\"}",
            "{\"type\":\"subscribe\",\"payload\":{}}",
            "{\"type\":\"subscribe\",\"id\":\"\",\"payload\":{}}",
            "{\"type\":\"subscribe\",\"id\":1,\"payload\":{}}",
            "{\"type\":\"complete\"}",
            "{\"type\":\"connection_init\",\"payload\":[]}",
            "{\"type\":\"connection_init\",\"payload\":{\"authorization\":5}}",
            "{\"type\":\"ping\",\"payload\":1}",
            &long,
        ] {
            assert_eq!(code(wrong), Some(4400), "{wrong}");
        }
        for right in [
            "{\"type\":\"connection_init\"}",
            "{\"type\":\"connection_init\",\"payload\":{\"any\":[1]}}",
            "{\"type\":\"ping\",\"payload\":null}",
            "{\"payload\":{\"query\":\"{ a }\"},\"id\":\"公\",\"type\":\"subscribe\"}",
        ] {
            assert_eq!(code(right), None, "{right}");
        }
    }

    #[test]
    fn an_id_cannot_break_out_of_its_message() {
        let told = next("\"},{\"", b"{\"data\":{}}");
        let told: serde_json::Value = serde_json::from_slice(&told).expect("JSON");
        assert_eq!(told["id"], "\"},{\"");
        assert_eq!(told["payload"]["data"], serde_json::json!({}));
    }

    #[test]
    fn a_reason_fits_into_its_frame() {
        assert!(Close::in_use(&"报".repeat(80)).reason.len() <= LONGEST_REASON);
    }
}
