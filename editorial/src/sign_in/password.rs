//! Passwords in memory, and the slow function that is kept of them: Argon2id with the parameters
//! of its crate, which follow OWASP's advice (19 MiB, two passes, one lane).
//!
//! The function runs where it blocks nobody, and never more often at once than there are places.
//! For an account that does not exist it runs all the same, so that the time an answer takes says
//! nothing.

use std::fmt;

use argon2::{
    Argon2, PasswordHasher as _, PasswordVerifier as _,
    password_hash::{self, phc::PasswordHash},
};
use schema::{parameters::Entropy, sign_in::password};
use zeroize::Zeroizing;

use super::SignIn;
use crate::Error;

/// Bytes of a salt.
const SALT: usize = 16;
/// Characters that are looked at; nobody has a longer one.
const MOST: usize = password::MOST;

/// A password that somebody typed. Printing it for debugging prints nothing, and its memory is
/// wiped when it goes.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// What was typed, in the one spelling that is kept.
    pub fn typed(text: &str) -> Self {
        let cut: Zeroizing<String> = Zeroizing::new(text.chars().take(MOST + 1).collect());
        Self(Zeroizing::new(password::normalized(&cut)))
    }

    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(…)")
    }
}

impl SignIn {
    /// What is kept of `password`.
    pub(super) async fn hash(
        &self,
        entropy: &dyn Entropy,
        password: &Password,
    ) -> Result<String, Error> {
        let mut salt = [0; SALT];
        entropy.fill(&mut salt);
        let password = password.clone();
        let hash = self.slowly(move || hash(&password, &salt)).await?;
        Ok(hash.map_err(failed)?)
    }

    /// Whether `kept` was made of `password`. Without anything kept it takes as long to say no.
    pub(super) async fn is_right(
        &self,
        password: &Password,
        kept: Option<String>,
    ) -> Result<bool, Error> {
        let password = password.clone();
        let right = self.slowly(move || match kept {
            Some(kept) => is_right(&password, &kept),
            None => hash(&password, &[0; SALT]).map(|_| false),
        });
        Ok(right.await?.map_err(failed)?)
    }

    async fn slowly<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let place = self.places.clone().acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        });
        done.await.map_err(|error| failed(error).into())
    }
}

fn hash(password: &Password, salt: &[u8]) -> Result<String, password_hash::Error> {
    let hash: PasswordHash =
        Argon2::default().hash_password_with_salt(password.0.as_bytes(), salt)?;
    Ok(hash.to_string())
}

fn is_right(password: &Password, kept: &str) -> Result<bool, password_hash::Error> {
    let kept = PasswordHash::new(kept).map_err(|_| password_hash::Error::EncodingInvalid)?;
    match Argon2::default().verify_password(password.0.as_bytes(), &kept) {
        Ok(()) => Ok(true),
        Err(password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error),
    }
}

fn failed(error: impl fmt::Display) -> store::Error {
    store::Error::Corrupt { what: "password.hash", why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_tells_the_password_and_nothing_else() {
        let password = Password::typed("Kor7-Bamit!qe");
        let kept = hash(&password, &[7; SALT]).expect("it is hashed");

        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_eq!(is_right(&password, &kept), Ok(true));
        assert_eq!(is_right(&Password::typed("Kor7-Bamit!qf"), &kept), Ok(false));
        assert!(is_right(&password, "plain").is_err(), "damage is no wrong password");
        assert_eq!(format!("{password:?}"), "Password(…)");
    }
}
