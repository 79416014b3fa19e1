//! How people sign in: with a password, a second factor, and a session on each device.
//!
//! A session says at each request what it still owes ([`Owed`]); only one that owes nothing acts
//! for its person. It gets another secret whenever it comes to mean more, so that a secret which
//! was planted or seen before is worth nothing after. Why it is so: docs/decisions/sign-in.md.

mod begin;
mod device;
mod failures;
mod password;
mod passwords;
mod refusal;
mod second_factor;
mod session;
mod totp;

use std::sync::Arc;

use schema::{permission::Actor, sign_in::Rules};
use store::{access::people::Person, vault::MasterKey};
use tokio::sync::Semaphore;

pub use begin::{Begun, begin};
pub use device::Device;
pub use failures::unlock;
pub use password::Password;
pub use passwords::{GivenPassword, change_password, give_password};
pub use refusal::SignInRefusal;
pub use schema::sign_in::Owed;
pub use second_factor::{
    Enrolment, Recovery, begin_second_factor, confirm_second_factor, remove_second_factor,
    renew_recovery_codes, reset_second_factor, show_second_factor,
};
pub use session::{SignedIn, authenticate, end, end_all, end_one, note_use, open_sessions, tidy};

/// Passwords looked at at once, at the most: each takes 19 MiB and a core for a while.
const AT_ONCE: usize = 2;

/// What signing in works with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// The settings.
    pub rules: Rules,
    /// Under which the secrets of second factors are sealed.
    key: MasterKey,
    places: Arc<Semaphore>,
}

impl SignIn {
    /// Signing in by `rules`, with secrets sealed under `key`.
    pub fn new(rules: Rules, key: MasterKey) -> Self {
        Self { rules, key, places: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

/// Somebody as they act once they are signed in.
fn actor_of(person: &Person) -> Actor {
    let grants = person.standing.holds(&person.grants);
    Actor {
        id: person.id,
        name: person.name.clone(),
        grants: grants.into_iter().map(|granted| granted.grant).collect(),
    }
}
