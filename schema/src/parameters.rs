//! Time and randomness as parameters, so that a test can hand in its own and needs no luck.

use jiff::{
    Timestamp, Unit,
    tz::{Offset, offset},
};
use uuid::{Builder, Uuid};

/// The clock on the wall of every Chinese site: one zone, no summer time.
pub const BEIJING: Offset = offset(8);

/// What tells the time.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// What gives randomness fit for secrets.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` with random bytes.
    fn fill(&self, bytes: &mut [u8]);
}

/// `moment` cut to the microsecond, the precision both databases keep.
pub fn to_microseconds(moment: Timestamp) -> Timestamp {
    moment
        .round(jiff::TimestampRound::new().smallest(Unit::Microsecond).mode(jiff::RoundMode::Trunc))
        .unwrap_or(moment)
}

/// A UUIDv7 for `now`.
pub fn new_uuid(now: Timestamp, entropy: &dyn Entropy) -> Uuid {
    let mut random = [0; 10];
    entropy.fill(&mut random);
    let milliseconds = u64::try_from(now.as_millisecond()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid()
}
