//! How much may be sent to a target: places, rate, quiet it asked for, circuit.
//!
//! All of it lies on the target's row, so every node sees the same; here are the rules as
//! plain functions. Recalls have places of their own and are held back by nothing but those.

use jiff::{SignedDuration, Timestamp};
use schema::delivery::{Class, Limits, TargetState};
use store::deliveries::{
    claims::{Allowance, Busy, Permit},
    targets::{Health, Target},
};

/// Failures in a row that open the circuit.
const FAILURES: u32 = 5;
const FIRST_BREAK: SignedDuration = SignedDuration::from_secs(30);
const LONGEST_BREAK: SignedDuration = SignedDuration::from_mins(15);
/// Calls that may come at once after a pause: what the rate gives in so many seconds.
const BURST_SECONDS: u32 = 10;

/// What this node has places for, and how long a claim is leased.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Places {
    pub(crate) free: Permit,
    pub(crate) lease: SignedDuration,
}

impl Allowance for Places {
    fn permit(&self, target: &Target, busy: Busy, now: Timestamp) -> Permit {
        if target.state != TargetState::Enabled {
            return Permit::default();
        }
        let limits = target.particulars.limits;
        let normal = match circuit(&target.health, now) {
            Circuit::Open => 0,
            Circuit::HalfOpen if busy.normal > 0 => 0,
            Circuit::HalfOpen => 1,
            Circuit::Closed => limits.concurrency.saturating_sub(busy.normal),
        };
        let quiet = target.health.quiet_until.is_some_and(|until| until > now);
        let rate = in_bucket(limits, target.health.full_at, now);
        Permit {
            normal: if quiet { 0 } else { normal.min(rate).min(self.free.normal) },
            urgent: limits.concurrency.saturating_sub(busy.urgent).min(self.free.urgent),
        }
    }

    fn spent(&self, target: &Target, claimed: Permit, now: Timestamp) -> Health {
        let mut health = target.health;
        if claimed.normal > 0 {
            health.full_at =
                Some(taken(target.particulars.limits, health.full_at, claimed.normal, now));
            if circuit(&health, now) == Circuit::HalfOpen {
                // The probe: nobody else goes until it is back, or given up.
                health.open_until = now.saturating_add(self.lease).ok();
            }
        }
        health
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Circuit {
    Closed,
    Open,
    HalfOpen,
}

fn circuit(health: &Health, now: Timestamp) -> Circuit {
    match health.open_until {
        None => Circuit::Closed,
        Some(until) if until > now => Circuit::Open,
        Some(_) => Circuit::HalfOpen,
    }
}

/// The earliest moment at which something without a recall may be claimed, were it due at
/// `due`.
pub(crate) fn not_before(health: &Health, due: Timestamp) -> Timestamp {
    [health.open_until, health.quiet_until].into_iter().flatten().fold(due, Timestamp::max)
}

/// What an answer makes of a target's health. A failure of the target counts; so does an
/// answer, whatever it says, for it shows that somebody is there.
pub(crate) fn after(
    health: &Health,
    class: Class,
    hint: Option<SignedDuration>,
    now: Timestamp,
) -> Health {
    let mut health = *health;
    if class.counts_against_target() {
        health.failures = health.failures.saturating_add(1);
        let probe_failed = health.open_until.is_some();
        if probe_failed || health.failures >= FAILURES {
            health.open_until = now.saturating_add(pause(health.trips)).ok();
            health.trips = health.trips.saturating_add(1);
        }
    } else if class != Class::Blocked {
        health.failures = 0;
        health.trips = 0;
        health.open_until = None;
    }
    if class == Class::Throttled {
        let wait = hint.unwrap_or(SignedDuration::ZERO).min(LONGEST_BREAK);
        health.quiet_until = now.saturating_add(wait).ok();
    }
    health
}

/// Whether `class` can change such a health at all; most answers need no write.
pub(crate) fn changes(health: &Health, class: Class) -> bool {
    let clean = Health { full_at: None, quiet_until: None, ..*health } == Health::default();
    !clean || class.counts_against_target() || class == Class::Throttled
}

fn pause(trips: u32) -> SignedDuration {
    FIRST_BREAK.saturating_mul(1 << trips.min(10)).min(LONGEST_BREAK)
}

fn interval(limits: Limits) -> SignedDuration {
    SignedDuration::from_micros(60_000_000 / i64::from(limits.per_minute.max(1)))
}

fn burst(limits: Limits) -> u32 {
    (limits.per_minute * BURST_SECONDS / 60).max(1)
}

/// Calls left in the bucket.
fn in_bucket(limits: Limits, full_at: Option<Timestamp>, now: Timestamp) -> u32 {
    let missing = full_at.map_or(SignedDuration::ZERO, |full| full.duration_since(now));
    if !missing.is_positive() {
        return burst(limits);
    }
    let interval = interval(limits).as_micros().max(1);
    let used = u32::try_from((missing.as_micros() + interval - 1) / interval).unwrap_or(u32::MAX);
    burst(limits).saturating_sub(used)
}

/// When the bucket will be full again after `count` calls.
fn taken(limits: Limits, full_at: Option<Timestamp>, count: u32, now: Timestamp) -> Timestamp {
    let from = full_at.map_or(now, |full| full.max(now));
    let more = interval(limits).saturating_mul(i32::try_from(count).unwrap_or(i32::MAX));
    from.saturating_add(more).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-03-02T00:00:00Z".parse().expect("a moment")
    }

    fn later(seconds: i64) -> Timestamp {
        now() + SignedDuration::from_secs(seconds)
    }

    fn fails(mut health: Health, times: u32, at: Timestamp) -> Health {
        for _ in 0..times {
            health = after(&health, Class::TargetDown, None, at);
        }
        health
    }

    #[test]
    fn the_circuit_opens_after_failures_in_a_row_and_closes_with_an_answer() {
        let failing = fails(Health::default(), FAILURES - 1, now());
        assert_eq!(circuit(&failing, now()), Circuit::Closed);
        let answered = after(&failing, Class::Refused, None, now());
        assert_eq!(answered, Health::default(), "a refusal is an answer");

        let open = fails(failing, 1, now());
        assert_eq!(circuit(&open, later(29)), Circuit::Open);
        assert_eq!(circuit(&open, later(30)), Circuit::HalfOpen);
        assert_eq!(after(&open, Class::Ok, None, later(31)), Health::default());
    }

    #[test]
    fn a_failed_probe_opens_it_for_longer_each_time_up_to_a_limit() {
        let mut health = fails(Health::default(), FAILURES, now());
        let mut breaks = Vec::new();
        for _ in 0..7 {
            let at = health.open_until.expect("it is open");
            health = fails(health, 1, at);
            breaks.push(health.open_until.expect("it is open").duration_since(at).as_secs());
        }
        assert_eq!(breaks, [60, 120, 240, 480, 900, 900, 900]);
    }

    #[test]
    fn the_bucket_gives_a_burst_and_then_its_rate() {
        let limits = Limits { concurrency: 4, per_minute: 60, ..Limits::default() };
        assert_eq!(in_bucket(limits, None, now()), 10);

        let full_at = taken(limits, None, 10, now());

        assert_eq!(in_bucket(limits, Some(full_at), now()), 0);
        assert_eq!(in_bucket(limits, Some(full_at), later(1)), 1);
        assert_eq!(in_bucket(limits, Some(full_at), later(60)), 10);
    }

    #[test]
    fn a_healthy_target_needs_no_write_for_an_answer_it_gave() {
        assert!(!changes(&Health::default(), Class::Ok));
        assert!(!changes(&Health { full_at: Some(now()), ..Health::default() }, Class::Ok));
        assert!(changes(&Health { failures: 1, ..Health::default() }, Class::Ok));
        assert!(changes(&Health::default(), Class::Unknown));
    }
}
