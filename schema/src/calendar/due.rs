//! How something that is due stands at a moment.

use jiff::{SignedDuration, Timestamp};

/// A due time that was counted from a beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// When the time began to run.
    pub from: Timestamp,
    /// When it is over: nobody is late until this moment has passed.
    pub at: Timestamp,
    /// From when on it is due soon; never before `from`, and `at` when nobody is to be warned.
    pub soon_from: Timestamp,
}

/// How something that is due stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is time left.
    OnTime {
        /// How much.
        left: SignedDuration,
    },
    /// There is little time left, or none, and it is not late yet.
    Soon {
        /// How much.
        left: SignedDuration,
    },
    /// It is late.
    Late {
        /// By how much.
        by: SignedDuration,
    },
}

impl Due {
    /// A time from `from` to `at`, of which the last `soon_percent` are soon.
    pub fn new(from: Timestamp, at: Timestamp, soon_percent: u8) -> Self {
        let whole = at.duration_since(from).as_secs();
        let soon = whole.saturating_mul(soon_percent.min(100).into()) / 100;
        let soon_from = at.saturating_sub(SignedDuration::from_secs(soon)).unwrap_or(from);
        Self { from, at, soon_from }
    }

    /// How it stands at `now`.
    pub fn standing(&self, now: Timestamp) -> Standing {
        let left = self.at.duration_since(now);
        match left.is_negative() {
            true => Standing::Late { by: left.abs() },
            false if now >= self.soon_from => Standing::Soon { left },
            false => Standing::OnTime { left },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    #[test]
    fn what_is_due_is_on_time_then_soon_then_late() {
        let due = Due::new(at("2026-03-02T00:00:00Z"), at("2026-03-03T00:00:00Z"), 25);
        let hours = SignedDuration::from_hours;

        assert_eq!(due.soon_from, at("2026-03-02T18:00:00Z"));
        let standings = [
            ("2026-03-02T12:00:00Z", Standing::OnTime { left: hours(12) }),
            ("2026-03-02T18:00:00Z", Standing::Soon { left: hours(6) }),
            ("2026-03-03T00:00:00Z", Standing::Soon { left: hours(0) }),
            ("2026-03-03T02:00:00Z", Standing::Late { by: hours(2) }),
        ];
        for (now, standing) in standings {
            assert_eq!(due.standing(at(now)), standing, "{now}");
        }
    }

    #[test]
    fn nobody_is_warned_where_no_share_is_soon() {
        let due = Due::new(at("2026-03-02T00:00:00Z"), at("2026-03-03T00:00:00Z"), 0);

        let last = due.standing(at("2026-03-02T23:59:59Z"));

        assert_eq!(last, Standing::OnTime { left: SignedDuration::from_secs(1) });
    }
}
