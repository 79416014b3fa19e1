//! The secret of a token: shown once, kept nowhere.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use schema::digest::Digest;
use zeroize::Zeroizing;

/// What every secret of this hub starts with, so that scanners for leaked secrets find it.
const PREFIX: &str = "gongbao_";
/// Letters of the hint, after the prefix.
const HINT: usize = 6;

/// The text of a token: `gongbao_` and 32 random bytes in base64url. Printing it for debugging
/// prints nothing, and its memory is wiped when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenSecret(Zeroizing<String>);

impl TokenSecret {
    /// The secret made of `random` bytes.
    pub(super) fn new(random: &Zeroizing<[u8; 32]>) -> Self {
        let letters = Zeroizing::new(URL_SAFE_NO_PAD.encode(random.as_slice()));
        Self(Zeroizing::new(format!("{PREFIX}{}", letters.as_str())))
    }

    /// Reads what somebody presents; `None` when no secret of a hub looks so.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.strip_prefix(PREFIX)?;
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(letters).ok()?);
        (bytes.len() == 32).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text, for the one moment at which it is shown.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Its first letters, by which people tell tokens apart: too few to guess the rest.
    pub(super) fn hint(&self) -> String {
        self.0.chars().take(PREFIX.len() + HINT).collect()
    }

    /// What the store keeps of it. The secret has 256 random bits, so a plain hash cannot be
    /// reversed by guessing.
    pub(super) fn hash(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_back_and_is_never_printed() {
        let secret = TokenSecret::new(&Zeroizing::new([7; 32]));

        assert_eq!(secret.reveal().len(), PREFIX.len() + 43);
        assert_eq!(TokenSecret::parse(secret.reveal()), Some(secret.clone()));
        assert_eq!(secret.hint(), "gongbao_BwcHBw");
        assert_eq!(format!("{secret:?}"), "TokenSecret(…)");
    }

    #[test]
    fn what_is_no_secret_is_not_looked_up() {
        let right = TokenSecret::new(&Zeroizing::new([7; 32]));
        let cut = &right.reveal()[..right.reveal().len() - 1];
        let padded = format!("{}=", right.reveal());
        let spaced = format!(" {}", right.reveal());
        for wrong in ["", "gongbao_", "gongbao_short", cut, &padded, &spaced, "Bearer x"] {
            assert_eq!(TokenSecret::parse(wrong), None, "{wrong}");
        }
    }
}
