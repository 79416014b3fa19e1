//! The loop that fires what is due beside a server, until the server stops.
//!
//! Every node runs it. It sleeps until the next due time that it knows of, and looks again every
//! second for what other nodes scheduled. Between two acts it can stop; one that is under way is
//! finished first.

use std::{pin::pin, time::Duration};

use editorial::{
    Desk,
    schedules::{self, Round},
};
use tokio::time::sleep;

/// How often it is looked for what somebody else scheduled.
const LOOK: Duration = Duration::from_secs(1);
/// Before the next look after a fault.
const PAUSE: Duration = Duration::from_secs(5);
/// Before the next look where another node is at all that is due.
const BUSY: Duration = Duration::from_millis(50);

pub(super) async fn run(desk: Desk, stop: impl Future<Output = ()>) {
    let mut stop = pin!(stop);
    loop {
        let wait = match schedules::fire_due(&desk).await {
            Ok(round) => {
                tell(&round);
                until_next(&desk, &round)
            }
            Err(error) => {
                tracing::error!(%error, "what is due is not fired");
                PAUSE
            }
        };
        tokio::select! {
            biased;
            () = &mut stop => return,
            () = sleep(wait) => {}
        }
    }
}

/// How long until there is something to do.
fn until_next(desk: &Desk, round: &Round) -> Duration {
    if !round.faults.is_empty() {
        return PAUSE;
    }
    let Some(next) = round.next else { return LOOK };
    let left = Duration::try_from(next.duration_since(desk.clock.now())).unwrap_or_default();
    match left.is_zero() && round.tried.is_empty() {
        true => BUSY,
        false => left.min(LOOK),
    }
}

fn tell(round: &Round) {
    for tried in &round.tried {
        let (schedule, kind) = (tried.due.id, tried.due.kind().as_str());
        match &tried.refused {
            None if tried.is_late() => {
                tracing::warn!(%schedule, kind, due = %tried.due.at, "fired late");
            }
            None => tracing::info!(%schedule, kind, "fired"),
            Some((refused, next)) => tracing::info!(
                %schedule,
                kind,
                code = refused.code,
                reason = refused.message.en,
                next = next.map(tracing::field::display),
                "refused when it was due"
            ),
        }
    }
    for (schedule, error) in &round.faults {
        tracing::error!(%schedule, %error, "not fired: it is due still");
    }
    for due in &round.overdue {
        tracing::warn!(
            schedule = %due.id,
            kind = due.kind,
            subject = %due.subject,
            due = %due.at,
            refusal = due.refusal,
            "overdue: somebody has to look after it"
        );
    }
}
