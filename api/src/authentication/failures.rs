//! How often an address may present a token that is not good.
//!
//! A secret of 256 bits is not guessed; what is limited here is the work that guessing makes,
//! and the noise that would hide another attack. The rule is that of a leaking bucket, kept as
//! one moment per address: when the bucket will be empty again. Time is handed in.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::{SignedDuration, Timestamp};

use crate::http::neighbourhood;

/// Failures an address may make at once.
const BURST: i32 = 10;
/// The time that makes up for one failure.
const EACH: SignedDuration = SignedDuration::from_secs(6);
/// Addresses that are remembered. Beyond that all are forgotten: forgetting is safer than
/// growing without end.
const ADDRESSES: usize = 50_000;

/// Which addresses failed, and until when that counts.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<HashMap<Option<IpAddr>, Timestamp>>);

impl Failures {
    /// In how many seconds `address` may try again; `None` when it may now.
    pub(super) fn wait(&self, address: Option<IpAddr>, now: Timestamp) -> Option<u32> {
        let counts_until = *self.known().get(&address.map(neighbourhood))?;
        let ahead = counts_until.duration_since(now);
        let over = ahead - EACH * (BURST - 1);
        // One more failure would have to fit: as long as it does not, the answer is to wait.
        (over > SignedDuration::ZERO)
            .then(|| u32::try_from(over.as_secs()).unwrap_or(u32::MAX).max(1))
    }

    /// Notes a failure of `address`.
    pub(super) fn note(&self, address: Option<IpAddr>, now: Timestamp) {
        let mut known = self.known();
        if known.len() >= ADDRESSES {
            known.retain(|_, until| *until > now);
        }
        if known.len() >= ADDRESSES {
            known.clear();
        }
        let until = known.entry(address.map(neighbourhood)).or_insert(now);
        *until = (*until).max(now).saturating_add(EACH).unwrap_or(Timestamp::MAX);
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Option<IpAddr>, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect("an address"))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("a moment")
    }

    #[test]
    fn after_so_many_failures_an_address_waits_and_no_other_does() {
        let failures = Failures::default();
        let guilty = address("192.0.2.7");

        for _ in 0..BURST {
            assert_eq!(failures.wait(guilty, at(0)), None);
            failures.note(guilty, at(0));
        }

        assert_eq!(failures.wait(guilty, at(0)), Some(6));
        assert_eq!(failures.wait(guilty, at(4)), Some(2));
        assert_eq!(failures.wait(guilty, at(6)), None, "one more try");
        failures.note(guilty, at(6));
        assert_eq!(failures.wait(guilty, at(6)), Some(6));
        assert_eq!(failures.wait(address("192.0.2.8"), at(0)), None);
        assert_eq!(failures.wait(guilty, at(66)), None, "all is forgotten");
    }

    #[test]
    fn the_addresses_of_one_subscriber_are_one() {
        let failures = Failures::default();
        for last in 0..BURST {
            failures.note(address(&format!("2001:db8:1:2::{last}")), at(0));
        }

        assert!(failures.wait(address("2001:db8:1:2:ffff::1"), at(0)).is_some());
        assert_eq!(failures.wait(address("2001:db8:1:3::1"), at(0)), None);
    }
}
