//! What the house gets from outside itself: the real clock, the real randomness, and the
//! channels to the world.

use std::fmt;

use async_trait::async_trait;
use jiff::Timestamp;
use rand::{RngCore as _, TryRngCore as _};
use schema::{
    delivery::{Class, Declaration, TargetParticulars},
    ids::TargetId,
    message::{Bilingual, Fault},
    parameters::{Clock, Entropy},
};
use serde::Serialize;
use store::deliveries::targets::Target;

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the time comes from")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// The operating system's randomness. What is as short as the random part of an id comes from a
/// generator of the thread that the system seeds again and again (ChaCha): every request has an
/// id, and asking the system for it takes longer than finding a kept answer.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

/// Bytes that ids take. Secrets, salts and keys are longer.
const ID_BYTES: usize = 10;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        if bytes.len() <= ID_BYTES {
            rand::rng().fill_bytes(bytes);
            return;
        }
        rand::rngs::OsRng
            .try_fill_bytes(bytes)
            .expect("an operating system without randomness cannot run a publishing hub");
    }
}

/// What the house asks of channels: implemented in `syndication`, handed over by the
/// executable.
#[async_trait]
pub trait Channels: Send + Sync {
    /// What a target of `channel` is given unless its administrator says otherwise; `None` for
    /// a channel that is not there.
    fn declaration(&self, channel: &str) -> Option<Declaration>;

    /// Whether what `channel` serves are caches, which drop what is stale and hold nothing.
    fn is_cache(&self, channel: &str) -> bool;

    /// Everything that is wrong with a target.
    fn faults(&self, channel: &str, address: &str, particulars: &TargetParticulars) -> Vec<Fault>;

    /// Secrets for a new target, sealed; `None` for a channel that is not there.
    fn mint(&self, channel: &str, target: TargetId) -> Option<Minted>;

    /// A secret that the other side gave out, sealed; `None` for a channel that is not there, that
    /// makes its own, or for a secret that it could not send.
    fn take(&self, channel: &str, target: TargetId, secret: &str) -> Option<Minted>;

    /// New secrets; the old ones hold on for a while.
    ///
    /// # Errors
    /// When the old ones cannot be opened.
    fn rotate(&self, target: &Target, now: Timestamp) -> Result<Minted, Bilingual>;

    /// What of a target's secrets anybody may see.
    ///
    /// # Errors
    /// When they cannot be opened.
    fn public(&self, target: &Target) -> Result<Vec<Shown>, Bilingual>;

    /// Makes one harmless call and says what came of it.
    async fn test(&self, target: &Target, now: Timestamp) -> ChannelTest;
}

/// Pages outside the hub. Whatever is asked was written by somebody else: an implementation opens
/// public addresses alone.
#[async_trait]
pub trait Web: Send + Sync {
    /// The HTTP status that is answered for the page at `url`, which is asked for without changing
    /// anything there; `None` where nobody answers, and for what may not be opened.
    async fn status(&self, url: &str) -> Option<u16>;
}

/// Secrets as they are kept, and what of them is shown to the administrator, once.
pub struct Minted {
    /// Encrypted under the master key.
    pub sealed: Vec<u8>,
    /// What the other side needs to know.
    pub shown: Vec<Shown>,
}

/// Something the other side needs to know. Printing it for debugging prints its name alone.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// What it is: `secret`, `publicKey`.
    pub name: &'static str,
    /// The text to hand over.
    pub value: String,
}

impl fmt::Debug for Shown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Shown({}: …)", self.name)
    }
}

/// What came of a harmless call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChannelTest {
    /// As what it counts.
    pub class: Class,
    /// HTTP status.
    pub status: Option<u16>,
    /// The beginning of the answer, or what went wrong.
    pub answer: Option<String>,
    /// What that means, and what to do.
    pub explanation: Bilingual,
}
