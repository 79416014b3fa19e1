//! The secrets of tokens, preview links and sessions: shown once, kept nowhere.

use std::{fmt, marker::PhantomData};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use schema::digest::Digest;
use zeroize::Zeroizing;

/// Letters of the hint, after the prefix.
const HINT: usize = 6;

/// What a secret is of.
pub trait Kind {
    /// What every such secret starts with, so that scanners for leaked secrets find it and
    /// nobody takes one kind for the other.
    const PREFIX: &'static str;
}

/// A secret of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfToken;

/// A secret of a preview link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfPreview;

/// A secret of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfSession;

impl Kind for OfToken {
    const PREFIX: &'static str = "gongbao_";
}

impl Kind for OfPreview {
    const PREFIX: &'static str = "gbp_";
}

impl Kind for OfSession {
    const PREFIX: &'static str = "gbs_";
}

/// What the holder of a token presents.
pub type TokenSecret = Secret<OfToken>;

/// What the holder of a preview link presents.
pub type PreviewSecret = Secret<OfPreview>;

/// What a browser presents while somebody is signed in.
pub type SessionSecret = Secret<OfSession>;

/// The text of a secret: its prefix and 32 random bytes in base64url. Printing it for debugging
/// prints nothing, and its memory is wiped when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret<K>(Zeroizing<String>, PhantomData<K>);

impl<K: Kind> Secret<K> {
    /// The secret made of `random` bytes.
    pub(crate) fn new(random: &Zeroizing<[u8; 32]>) -> Self {
        let letters = Zeroizing::new(URL_SAFE_NO_PAD.encode(random.as_slice()));
        Self(Zeroizing::new(format!("{}{}", K::PREFIX, letters.as_str())), PhantomData)
    }

    /// Reads what somebody presents; `None` when no such secret of a hub looks so.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.strip_prefix(K::PREFIX)?;
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(letters).ok()?);
        (bytes.len() == 32).then(|| Self(Zeroizing::new(text.to_owned()), PhantomData))
    }

    /// The text, for the one moment at which it is shown.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Its first letters, by which people tell them apart: too few to guess the rest.
    pub(crate) fn hint(&self) -> String {
        self.0.chars().take(K::PREFIX.len() + HINT).collect()
    }

    /// What the store keeps of it. The secret has 256 random bits, so a plain hash cannot be
    /// reversed by guessing.
    pub(crate) fn hash(&self) -> Digest {
        Digest::of(self.0.as_bytes())
    }
}

impl<K: Kind> fmt::Debug for Secret<K> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secret({}…)", K::PREFIX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_reads_back_and_is_never_printed() {
        let secret = TokenSecret::new(&Zeroizing::new([7; 32]));

        assert_eq!(secret.reveal().len(), "gongbao_".len() + 43);
        assert_eq!(TokenSecret::parse(secret.reveal()), Some(secret.clone()));
        assert_eq!(secret.hint(), "gongbao_BwcHBw");
        assert_eq!(format!("{secret:?}"), "Secret(gongbao_…)");
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

    #[test]
    fn a_token_is_no_preview_link_and_the_other_way_round() {
        let random = Zeroizing::new([7; 32]);
        let (token, link) = (TokenSecret::new(&random), PreviewSecret::new(&random));

        assert_eq!(link.hint(), "gbp_BwcHBw");
        assert_eq!(TokenSecret::parse(link.reveal()), None);
        assert_eq!(PreviewSecret::parse(token.reveal()), None);
        assert_ne!(token.hash(), link.hash());
    }
}
