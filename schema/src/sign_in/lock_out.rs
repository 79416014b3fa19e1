//! How long failures to sign in keep somebody waiting.
//!
//! The wait grows with each failure and never becomes for ever: whoever guesses has a few dozen
//! tries a day, and whoever wants to lock somebody else out has to go on trying.

use jiff::{SignedDuration, Timestamp};

/// Failures that have no consequence: people mistype.
const FREE: u32 = 5;
/// The first wait; each further failure doubles it.
const FIRST: SignedDuration = SignedDuration::from_mins(1);
/// The longest wait.
const LONGEST: SignedDuration = SignedDuration::from_mins(30);
/// Failures are forgotten this long after the last one.
pub const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Until when nobody may try, after `failures` in a row of which the last was at `last`; `None`
/// when they may now.
pub fn wait_until(failures: u32, last: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let beyond = failures.checked_sub(FREE)?;
    let wait = 2_i32
        .checked_pow(beyond)
        .and_then(|times| FIRST.checked_mul(times))
        .map_or(LONGEST, |wait| wait.min(LONGEST));
    let until = last.saturating_add(wait).unwrap_or(last);
    (now < until).then_some(until)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_and_ends() {
        let last: Timestamp = "2026-03-02T00:00:00Z".parse().expect("a moment");
        let waits = |failures| {
            let until = wait_until(failures, last, last)?;
            Some(until.duration_since(last).as_mins())
        };

        for failures in 0..FREE {
            assert_eq!(waits(failures), None, "{failures}");
        }
        assert_eq!([5, 6, 7, 8, 9, 10, 11].map(waits), [1, 2, 4, 8, 16, 30, 30].map(Some));
        assert_eq!(waits(u32::MAX), Some(30), "it never becomes for ever");
        assert_eq!(wait_until(5, last, last + FIRST), None, "it is over to the second");
    }
}
