//! Signatures of Standard Webhooks: over `{id}.{timestamp}.{body}`, `v1` with HMAC-SHA256,
//! `v1a` with Ed25519.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{hmac, signature::Ed25519KeyPair};

use crate::channels::Parcel;

fn signed_bytes(parcel: &Parcel) -> Vec<u8> {
    let head = format!("{}.{}.", parcel.id, parcel.at.as_second());
    [head.as_bytes(), &parcel.body].concat()
}

/// `v1,…`
pub(super) fn symmetric(secret: &[u8], parcel: &Parcel) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    format!("v1,{}", STANDARD.encode(hmac::sign(&key, &signed_bytes(parcel))))
}

/// `v1a,…`
pub(super) fn asymmetric(key: &Ed25519KeyPair, parcel: &Parcel) -> String {
    format!("v1a,{}", STANDARD.encode(key.sign(&signed_bytes(parcel))))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jiff::Timestamp;

    use super::*;

    #[test]
    fn the_example_of_the_standard_gives_its_signature() {
        // From the reference libraries of Standard Webhooks.
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64");
        let parcel = Parcel {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek".into(),
            body: Bytes::from_static(br#"{"test": 2432232314}"#),
            at: Timestamp::from_second(1_614_265_330).expect("a moment"),
        };

        assert_eq!(symmetric(&secret, &parcel), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
