//! When a delivery is tried again: plain functions of how often it was tried, and of what the
//! target asked for.

use jiff::{SignedDuration, Timestamp, fmt::rfc2822};

/// How patient a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// Minutes, then hours, then a person: 0, 5 s, 30 s, 2 min, 5 min, 15 min, 30 min, 1 h,
    /// 2 h, then every 4 h; parked after 7 days.
    Normal,
    /// A recall: 0, 1, 5, 15, 30, 60 s, then every 60 s, for ever.
    Recall,
}

const NORMAL: [i64; 8] = [5, 30, 120, 300, 900, 1_800, 3_600, 7_200];
const NORMAL_ON: i64 = 4 * 3_600;
const RECALL: [i64; 4] = [1, 5, 15, 30];
const RECALL_ON: i64 = 60;
const PATIENCE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Jitter in thousandths of a step: ±20 %.
const JITTER: i64 = 200;

/// A random part of a step, in thousandths: from −200 to 200.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jitter(i64);

impl Jitter {
    /// None.
    pub const NONE: Self = Self(0);

    /// From 4 random bytes.
    pub fn from_random(bytes: [u8; 4]) -> Self {
        Self(i64::from(u32::from_be_bytes(bytes)) % (2 * JITTER + 1) - JITTER)
    }
}

impl Course {
    /// How long to wait after try number `step`, from 1, without jitter.
    pub fn wait(self, step: u32) -> SignedDuration {
        let (steps, on): (&[i64], _) = match self {
            Self::Normal => (&NORMAL, NORMAL_ON),
            Self::Recall => (&RECALL, RECALL_ON),
        };
        let index = usize::try_from(step.max(1) - 1).unwrap_or(usize::MAX);
        SignedDuration::from_secs(steps.get(index).copied().unwrap_or(on))
    }

    /// The longest step: what a target may ask for at most.
    const fn longest(self) -> SignedDuration {
        match self {
            Self::Normal => SignedDuration::from_secs(NORMAL_ON),
            Self::Recall => SignedDuration::from_secs(RECALL_ON),
        }
    }

    /// When to try again after try number `step`, counted since the schedule began at
    /// `began`; `hint` is what the target asked for. `None` when patience is at its end.
    pub fn next(
        self,
        step: u32,
        began: Timestamp,
        now: Timestamp,
        hint: Option<SignedDuration>,
        jitter: Jitter,
    ) -> Option<Timestamp> {
        let wait = self.wait(step);
        let jittered = SignedDuration::from_millis(wait.as_secs() * (1_000 + jitter.0));
        let wait = match hint {
            Some(hint) => jittered.max(hint.min(self.longest())),
            None => jittered,
        };
        let next = now.saturating_add(wait).ok()?;
        let impatient = self == Self::Normal && next.duration_since(began) > PATIENCE;
        (!impatient).then_some(next)
    }
}

/// `Retry-After`: seconds, or an HTTP date. What is neither, or in the past, asks for nothing.
pub fn retry_after(header: &str, now: Timestamp) -> Option<SignedDuration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse::<u32>() {
        return Some(SignedDuration::from_secs(seconds.into()));
    }
    let until = rfc2822::DateTimeParser::new().parse_timestamp(header).ok()?;
    Some(until.duration_since(now)).filter(|wait| wait.is_positive())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> Timestamp {
        text.parse().expect("a moment")
    }

    fn tries(course: Course, count: u32) -> Vec<i64> {
        let began = moment("2026-03-02T00:00:00Z");
        let mut now = began;
        let mut times = vec![0];
        for step in 1..count {
            now = course.next(step, began, now, None, Jitter::NONE).expect("patience");
            times.push(now.duration_since(began).as_secs());
        }
        times
    }

    #[test]
    fn a_delivery_is_tried_in_growing_steps() {
        assert_eq!(
            tries(Course::Normal, 11),
            [0, 5, 35, 155, 455, 1_355, 3_155, 6_755, 13_955, 28_355, 42_755]
        );
    }

    #[test]
    fn a_recall_is_tried_every_minute_in_the_end() {
        assert_eq!(tries(Course::Recall, 8), [0, 1, 6, 21, 51, 111, 171, 231]);
    }

    #[test]
    fn a_delivery_waits_for_a_person_after_seven_days_and_a_recall_never() {
        let began = moment("2026-03-02T00:00:00Z");
        let now = moment("2026-03-08T22:00:00Z");
        assert_eq!(Course::Normal.next(50, began, now, None, Jitter::NONE), None);
        assert!(Course::Recall.next(9_999, began, now, None, Jitter::NONE).is_some());
    }

    #[test]
    fn what_a_target_asks_for_is_granted_up_to_the_longest_step() {
        let now = moment("2026-03-02T00:00:00Z");
        let next = |course: Course, hint| {
            let next =
                course.next(1, now, now, Some(SignedDuration::from_secs(hint)), Jitter::NONE);
            next.expect("patience").duration_since(now).as_secs()
        };

        assert_eq!(next(Course::Normal, 1), 5, "never sooner than the step");
        assert_eq!(next(Course::Normal, 600), 600);
        assert_eq!(next(Course::Normal, 1_000_000), 4 * 3_600);
        assert_eq!(next(Course::Recall, 1_000_000), 60);
    }

    #[test]
    fn jitter_stays_within_a_fifth() {
        let now = moment("2026-03-02T00:00:00Z");
        for bytes in [[0; 4], [255; 4], [0, 0, 1, 144], [7, 11, 13, 17]] {
            let jitter = Jitter::from_random(bytes);
            let next = Course::Normal.next(2, now, now, None, jitter).expect("patience");
            let wait = next.duration_since(now).as_millis();
            assert!((24_000..=36_000).contains(&wait), "{wait}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = moment("1994-11-06T08:49:00Z");
        let seconds = |header| retry_after(header, now).map(|wait| wait.as_secs());

        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT"), Some(37));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:48:37 GMT"), None);
        assert_eq!(seconds("soon"), None);
        assert_eq!(seconds("-5"), None);
    }
}
