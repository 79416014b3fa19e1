//! Codes of an authenticator (RFC 6238): six digits of HMAC-SHA-1 over the number of the thirty
//! seconds, as every authenticator makes them.

use jiff::Timestamp;
use ring::hmac;
use schema::parameters::Entropy;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Seconds of a step.
const STEP: i64 = 30;
/// Bytes of a secret, as RFC 4226 recommends (160 bits).
const BYTES: usize = 20;
const DIGITS: usize = 6;
/// Steps before and after the present one whose codes are taken: clocks of telephones differ.
const AROUND: i64 = 1;
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What hub and authenticator share.
pub(super) struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// A new one.
    pub(super) fn random(entropy: &dyn Entropy) -> Self {
        let mut bytes = Zeroizing::new(vec![0; BYTES]);
        entropy.fill(&mut bytes);
        Self(bytes)
    }

    /// The one of these bytes.
    pub(super) fn of(bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(bytes)
    }

    /// Its bytes, to be sealed.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As people type it into an authenticator.
    pub(super) fn base32(&self) -> String {
        base32(&self.0)
    }

    /// The step whose code `typed` is, among those around `now`.
    pub(super) fn step_of(&self, typed: &str, now: Timestamp) -> Option<i64> {
        let typed: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
        if typed.len() != DIGITS || !typed.bytes().all(|letter| letter.is_ascii_digit()) {
            return None;
        }
        let present = now.as_second().div_euclid(STEP);
        // Every step is looked at, so that the time it takes does not tell which one it was.
        let mut found = None;
        for step in present - AROUND..=present + AROUND {
            let code = self.code(step);
            if bool::from(code.as_bytes().ct_eq(typed.as_bytes())) {
                found = Some(step);
            }
        }
        found
    }

    fn code(&self, step: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag[tag.len() - 1] & 0xf);
        let word = u32::from_be_bytes([
            tag[offset] & 0x7f,
            tag[offset + 1],
            tag[offset + 2],
            tag[offset + 3],
        ]);
        format!("{:0width$}", word % 1_000_000, width = DIGITS)
    }
}

/// Letters and digits for bytes (RFC 4648), without padding.
pub(super) fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(held >> bits) as usize & 31]));
        }
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(held << (5 - bits)) as usize & 31]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a moment")
    }

    fn rfc() -> Secret {
        Secret::of(Zeroizing::new(b"12345678901234567890".to_vec()))
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, the last six of its eight digits.
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(rfc().step_of(code, at(second)), Some(second / STEP), "{second}");
        }
    }

    #[test]
    fn a_code_is_taken_half_a_minute_early_or_late() {
        let code = rfc().code(100);
        for (second, taken) in
            [(99 * STEP - 1, false), (99 * STEP, true), (102 * STEP - 1, true), (102 * STEP, false)]
        {
            assert_eq!(rfc().step_of(&code, at(second)).is_some(), taken, "{second}");
        }
        let (first, last) = code.split_at(3);
        assert_eq!(rfc().step_of(&format!("{first} {last}"), at(100 * STEP)), Some(100));
        for wrong in ["", "12345", "1234567", "12345a", "１２３４５６"] {
            assert_eq!(rfc().step_of(wrong, at(100 * STEP)), None, "{wrong}");
        }
    }

    #[test]
    fn secrets_are_spelled_as_authenticators_read_them() {
        assert_eq!(rfc().base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(base32(b"foobar"), "MZXW6YTBOI");
        assert_eq!(base32(b""), "");
    }
}
