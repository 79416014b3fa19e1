//! What becomes of a delivery, and of its target, after a call: one function over the class of
//! the outcome.

use jiff::{SignedDuration, Timestamp};
use schema::delivery::{Class, TargetState};
use store::deliveries::{claims::Claimed, journal::Verdict};

use crate::{
    outbound::{CallFailure, Reply},
    schedule::{self, Course, Jitter},
};

/// What became of one call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// As what it counts.
    pub class: Class,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// The beginning of the answer, or what went wrong.
    pub answer: Option<String>,
    /// How long the target asks to be left alone.
    pub hint: Option<SignedDuration>,
}

impl Outcome {
    /// An outcome without an answer.
    pub fn without_answer(class: Class, why: impl Into<String>) -> Self {
        Self { class, status: None, answer: Some(why.into()), hint: None }
    }

    /// What came of a call that was made at `at`.
    pub fn of_reply(reply: Result<Reply, CallFailure>, at: Timestamp) -> Self {
        match reply {
            Ok(reply) => {
                let asked = reply.retry_after.as_deref();
                Self {
                    class: class_of(reply.status, asked.is_some()),
                    status: Some(reply.status),
                    answer: Some(reply.text),
                    hint: asked.and_then(|header| schedule::retry_after(header, at)),
                }
            }
            Err(failure) => {
                let class = match &failure {
                    CallFailure::Blocked(_) => Class::Blocked,
                    CallFailure::NotSent(_) => Class::TargetDown,
                    CallFailure::Unanswered(_) => Class::Unknown,
                };
                Self::without_answer(class, failure.to_string())
            }
        }
    }
}

/// The class of an HTTP status. `asks` says whether the answer carried a Retry-After.
pub const fn class_of(status: u16, asks: bool) -> Class {
    match status {
        200..=299 => Class::Ok,
        401 | 403 => Class::Auth,
        408 | 425 => Class::Transient,
        410 => Class::Gone,
        429 => Class::Throttled,
        503 if asks => Class::Throttled,
        500..=599 => Class::Transient,
        _ => Class::Refused,
    }
}

/// What becomes of `claimed` after `outcome`. `repeats_safely`: the target tells a repeated
/// call from a new one.
pub fn verdict(
    claimed: &Claimed,
    outcome: &Outcome,
    repeats_safely: bool,
    now: Timestamp,
    jitter: Jitter,
) -> (Verdict, Option<(TargetState, &'static str)>) {
    let recall = claimed.owed.is_recall();
    let course = if recall { Course::Recall } else { Course::Normal };
    let again = |hint| match course.next(claimed.step, claimed.started_at, now, hint, jitter) {
        Some(next) => Verdict::Retry(next),
        None => Verdict::Park("tooLong"),
    };
    let verdict = match outcome.class {
        Class::Ok => Verdict::Done,
        Class::Transient | Class::TargetDown => again(None),
        Class::Throttled => again(outcome.hint),
        Class::Unknown if repeats_safely => again(None),
        Class::Unknown => Verdict::Park("unknownOutcome"),
        // What is owed stays owed: it goes out when the target is resumed.
        Class::Auth | Class::Gone => Verdict::Retry(now),
        // Taking back is not given up because the other side calls it wrong.
        Class::Refused if recall => again(None),
        Class::Refused => Verdict::Refuse("refused"),
        Class::Blocked => Verdict::Park("blocked"),
    };
    let stop = match outcome.class {
        Class::Auth => Some((TargetState::Paused, "auth")),
        Class::Gone => Some((TargetState::Disabled, "gone")),
        _ => None,
    };
    (verdict, stop)
}

#[cfg(test)]
mod tests {
    use schema::{
        delivery::{Absence, Owed},
        visibility::EventKind,
    };
    use uuid::Uuid;

    use super::*;

    fn claimed(owed: Owed) -> Claimed {
        let id = Uuid::nil();
        let now = now();
        Claimed {
            target: id.into(),
            document: id.into(),
            fence: 1,
            delivery: id.into(),
            attempt: id.into(),
            number: 1,
            step: 1,
            sequence: 1,
            kind: EventKind::Publish,
            owed,
            started_at: now,
            body: Vec::new(),
            last: None,
        }
    }

    fn now() -> Timestamp {
        "2026-03-02T00:00:00Z".parse().expect("a moment")
    }

    fn of(class: Class, owed: Owed, repeats_safely: bool) -> Verdict {
        let outcome = Outcome::without_answer(class, "");
        verdict(&claimed(owed), &outcome, repeats_safely, now(), Jitter::NONE).0
    }

    const EDITION: Owed = Owed::Edition(1);
    const RECALL: Owed = Owed::Absent(Absence::Recalled);

    #[test]
    fn every_status_has_its_class() {
        let expected = [
            (200, Class::Ok),
            (204, Class::Ok),
            (302, Class::Refused),
            (400, Class::Refused),
            (401, Class::Auth),
            (403, Class::Auth),
            (404, Class::Refused),
            (408, Class::Transient),
            (410, Class::Gone),
            (422, Class::Refused),
            (425, Class::Transient),
            (429, Class::Throttled),
            (500, Class::Transient),
            (502, Class::Transient),
            (503, Class::Transient),
        ];
        for (status, class) in expected {
            assert_eq!(class_of(status, false), class, "{status}");
        }
        assert_eq!(class_of(503, true), Class::Throttled);
    }

    #[test]
    fn an_unknown_outcome_is_repeated_only_where_the_target_tells_repeats() {
        assert!(matches!(of(Class::Unknown, EDITION, true), Verdict::Retry(_)));
        assert_eq!(of(Class::Unknown, EDITION, false), Verdict::Park("unknownOutcome"));
    }

    #[test]
    fn a_refused_document_waits_for_a_person_and_a_refused_recall_is_tried_on() {
        assert_eq!(of(Class::Refused, EDITION, true), Verdict::Refuse("refused"));
        assert!(matches!(of(Class::Refused, RECALL, true), Verdict::Retry(_)));
    }

    #[test]
    fn a_target_that_does_not_know_us_is_paused_and_one_that_is_gone_disabled() {
        let stop = |class| {
            let outcome = Outcome::without_answer(class, "");
            verdict(&claimed(EDITION), &outcome, true, now(), Jitter::NONE).1
        };
        assert_eq!(stop(Class::Auth), Some((TargetState::Paused, "auth")));
        assert_eq!(stop(Class::Gone), Some((TargetState::Disabled, "gone")));
        for class in [Class::Ok, Class::Transient, Class::Refused, Class::Blocked] {
            assert_eq!(stop(class), None, "{class:?}");
        }
    }
}
