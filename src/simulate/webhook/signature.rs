//! Signatures of Standard Webhooks 1.0.0 (<https://www.standardwebhooks.com>), from the
//! receiver's side: over `{id}.{timestamp}.{body}`, byte for byte as they came.

use axum::http::HeaderMap;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{
    hmac,
    signature::{ED25519, UnparsedPublicKey},
};
use schema::message::Bilingual;

/// Seconds by which a message's clock may differ from ours.
const TOLERANCE: u64 = 300;

/// What a sender's messages are checked with.
pub(crate) enum Key {
    /// `whsec_…`, shared with the sender.
    Secret(hmac::Key),
    /// `whpk_…`, Ed25519. Whoever holds it can forge nothing.
    Public(Vec<u8>),
}

/// Why a message is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// A header is missing or cannot be read.
    Headers,
    /// Its time is too far from ours: an old message may be played again.
    Timestamp,
    /// No signature fits.
    Signature,
}

impl Key {
    /// Reads a key as the hub shows it.
    ///
    /// # Errors
    /// Another prefix, or what follows is not base64 of a key.
    pub(crate) fn read(text: &str) -> Result<Self, Bilingual> {
        let wrong = || {
            Bilingual::new(
                "密钥应为 whpk_ 或 whsec_ 加 base64",
                "a key is whpk_ or whsec_ and base64 after it",
            )
        };
        let bytes = |text: &str| STANDARD.decode(text).map_err(|_| wrong());
        match text.trim().split_once('_') {
            Some(("whsec", secret)) => {
                Ok(Self::Secret(hmac::Key::new(hmac::HMAC_SHA256, &bytes(secret)?)))
            }
            Some(("whpk", public)) => {
                let key = bytes(public)?;
                if key.len() == 32 { Ok(Self::Public(key)) } else { Err(wrong()) }
            }
            _ => Err(wrong()),
        }
    }

    /// The id of a message that is the sender's own and fresh at `now`, in seconds.
    pub(super) fn believe<'h>(
        &self,
        headers: &'h HeaderMap,
        body: &[u8],
        now: i64,
    ) -> Result<&'h str, Doubt> {
        let header =
            |name| headers.get(name).and_then(|value| value.to_str().ok()).ok_or(Doubt::Headers);
        let (id, at) = (header("webhook-id")?, header("webhook-timestamp")?);
        let signatures = header("webhook-signature")?;
        let sent: i64 = at.parse().map_err(|_| Doubt::Headers)?;
        if sent.abs_diff(now) > TOLERANCE {
            return Err(Doubt::Timestamp);
        }
        let signed = [format!("{id}.{at}.").as_bytes(), body].concat();
        // After a change of keys there are several; one that fits is enough.
        if signatures.split(' ').any(|signature| self.fits(signature, &signed)) {
            Ok(id)
        } else {
            Err(Doubt::Signature)
        }
    }

    fn fits(&self, signature: &str, signed: &[u8]) -> bool {
        let Some((version, text)) = signature.split_once(',') else { return false };
        let Ok(bytes) = STANDARD.decode(text) else { return false };
        match (self, version) {
            (Self::Secret(key), "v1") => hmac::verify(key, signed, &bytes).is_ok(),
            (Self::Public(key), "v1a") => {
                UnparsedPublicKey::new(&ED25519, key).verify(signed, &bytes).is_ok()
            }
            _ => false,
        }
    }
}

impl Doubt {
    /// What the sender is told.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Headers => "webhook-id, webhook-timestamp or webhook-signature is missing",
            Self::Timestamp => "the timestamp is more than five minutes off",
            Self::Signature => "no signature fits",
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    // From the reference libraries of Standard Webhooks.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const AT: i64 = 1_614_265_330;

    fn headers(signature: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("webhook-id", HeaderValue::from_static("msg_p5jXN8AQM9LWM0D4loKWxJek"));
        headers.insert("webhook-timestamp", HeaderValue::from(AT));
        headers.insert("webhook-signature", HeaderValue::from_str(signature).expect("a header"));
        headers
    }

    fn believed(signature: &str, body: &[u8], now: i64) -> Result<String, Doubt> {
        let key = Key::read(SECRET).expect("a key");
        key.believe(&headers(signature), body, now).map(str::to_owned)
    }

    #[test]
    fn the_example_of_the_standard_is_believed_also_among_others() {
        let among = format!("v1a,AAAA v1,AAAA {SIGNATURE}");

        for signature in [SIGNATURE, &among] {
            let id = believed(signature, BODY, AT).expect("it is theirs");
            assert_eq!(id, "msg_p5jXN8AQM9LWM0D4loKWxJek");
        }
    }

    #[test]
    fn another_body_another_version_and_another_time_are_not() {
        let other_version = SIGNATURE.replace("v1,", "v2,");

        assert_eq!(believed(SIGNATURE, b"{\"test\":2432232314}", AT), Err(Doubt::Signature));
        assert_eq!(believed(&other_version, BODY, AT), Err(Doubt::Signature));
        assert_eq!(believed("", BODY, AT), Err(Doubt::Signature));
        assert!(believed(SIGNATURE, BODY, AT + 300).is_ok());
        assert_eq!(believed(SIGNATURE, BODY, AT + 301), Err(Doubt::Timestamp));
        assert_eq!(believed(SIGNATURE, BODY, AT - 301), Err(Doubt::Timestamp));
        assert_eq!(believed(SIGNATURE, BODY, i64::MIN), Err(Doubt::Timestamp));
    }

    #[test]
    fn what_is_no_key_is_said_to_be_none() {
        for wrong in ["", "whsec_***", "whpk_AAAA", "secret_AAAA", "AAAA"] {
            assert!(Key::read(wrong).is_err(), "{wrong}");
        }
    }
}
