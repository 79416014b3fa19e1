//! The keys of a webhook: an HMAC secret and an Ed25519 key, and those before them, which stay
//! valid for a day after a rotation.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use editorial::ports::Shown;
use jiff::{SignedDuration, Timestamp};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use schema::parameters::Entropy;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize as _, Zeroizing};

use super::signature;
use crate::channels::{Made, Parcel};

const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    hmac: String,
    seed: String,
}

impl Drop for Keys {
    fn drop(&mut self) {
        self.hmac.zeroize();
        self.seed.zeroize();
    }
}

/// The keys that sign now.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyRing {
    current: Keys,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Previous>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Previous {
    keys: Keys,
    until: Timestamp,
}

impl Keys {
    fn new(entropy: &dyn Entropy) -> Self {
        let random = || {
            let mut bytes = Zeroizing::new([0; 32]);
            entropy.fill(&mut *bytes);
            STANDARD.encode(*bytes)
        };
        Self { hmac: random(), seed: random() }
    }

    fn pair(&self) -> Option<Ed25519KeyPair> {
        let seed = Zeroizing::new(STANDARD.decode(&self.seed).ok()?);
        Ed25519KeyPair::from_seed_unchecked(&seed).ok()
    }

    fn public(&self) -> Option<Shown> {
        let public = STANDARD.encode(self.pair()?.public_key());
        Some(Shown { name: "publicKey", value: format!("whpk_{public}") })
    }

    fn sign(&self, parcel: &Parcel, into: &mut Vec<String>) {
        if let Ok(secret) = STANDARD.decode(&self.hmac).map(Zeroizing::new) {
            into.push(signature::symmetric(&secret, parcel));
        }
        if let Some(pair) = self.pair() {
            into.push(signature::asymmetric(&pair, parcel));
        }
    }
}

impl KeyRing {
    pub(super) fn new(entropy: &dyn Entropy) -> Self {
        Self { current: Keys::new(entropy), previous: None }
    }

    pub(super) fn read(secrets: &[u8]) -> Option<Self> {
        serde_json::from_slice(secrets).ok()
    }

    pub(super) fn rotated(self, now: Timestamp, entropy: &dyn Entropy) -> Self {
        let until = now.saturating_add(OVERLAP).unwrap_or(Timestamp::MAX);
        Self { current: Keys::new(entropy), previous: Some(Previous { keys: self.current, until }) }
    }

    /// As it is kept, and what of the current keys the receiver is told.
    pub(super) fn made(&self) -> Made {
        let secret = Shown { name: "secret", value: format!("whsec_{}", self.current.hmac) };
        let kept = serde_json::to_vec(self).unwrap_or_default();
        let shown = std::iter::once(secret).chain(self.current.public()).collect();
        Made { secrets: Zeroizing::new(kept), shown }
    }

    pub(super) fn public(&self) -> Vec<Shown> {
        self.current.public().into_iter().collect()
    }

    /// One signature per key and kind that is valid when `parcel` is sent.
    pub(super) fn sign(&self, parcel: &Parcel) -> String {
        let mut signatures = Vec::new();
        self.current.sign(parcel, &mut signatures);
        if let Some(previous) = self.previous.as_ref().filter(|old| old.until > parcel.at) {
            previous.keys.sign(parcel, &mut signatures);
        }
        signatures.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use bytes::Bytes;
    use ring::signature::{ED25519, UnparsedPublicKey};

    use super::*;

    struct Counting(AtomicU8);

    impl Entropy for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0.fetch_add(1, Ordering::SeqCst));
        }
    }

    fn parcel(hours: i64) -> Parcel {
        let start: Timestamp = "2026-03-02T00:00:00Z".parse().expect("a moment");
        let at = start + SignedDuration::from_hours(hours);
        Parcel { id: "evt_1_a".into(), body: Bytes::from_static(b"{}"), at }
    }

    #[test]
    fn the_public_key_that_is_shown_verifies_what_is_signed() {
        let ring = KeyRing::new(&Counting(AtomicU8::new(1)));
        let made = ring.made();
        let public = made.shown.iter().find(|shown| shown.name == "publicKey").expect("a key");
        let public = STANDARD.decode(public.value.trim_start_matches("whpk_")).expect("base64");

        let signatures = KeyRing::read(&made.secrets).expect("keys").sign(&parcel(0));

        let signature = signatures.split(' ').find_map(|one| one.strip_prefix("v1a,"));
        let signature = STANDARD.decode(signature.expect("a signature")).expect("base64");
        let bytes = format!("evt_1_a.{}.{{}}", parcel(0).at.as_second());
        UnparsedPublicKey::new(&ED25519, public)
            .verify(bytes.as_bytes(), &signature)
            .expect("it verifies");
    }

    #[test]
    fn old_keys_sign_on_for_a_day_after_a_rotation() {
        let entropy = Counting(AtomicU8::new(1));
        let old = KeyRing::new(&entropy);
        let of_old = old.sign(&parcel(23));

        let rotated = old.rotated(parcel(0).at, &entropy);

        let soon = rotated.sign(&parcel(23));
        let late = rotated.sign(&parcel(24));

        assert_eq!(soon.split(' ').count(), 4);
        assert!(soon.ends_with(&of_old), "the old signatures stand after the new ones");
        assert_eq!(late.split(' ').count(), 2);
    }
}
