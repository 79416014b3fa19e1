//! One listener: catches up from a cursor, then takes what its group makes.
//!
//! Nothing falls between the two: the place in the ring is taken first, and catching up goes on
//! until it reaches what comes through the ring.

use std::{sync::Arc, time::Duration};

use async_graphql::ServerError;
use metrics::{counter, gauge, histogram};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::sleep,
};

use super::{
    LAG, LISTENERS, Live, SENT,
    group::{Batch, Group, Told},
    operation::Untold,
};
/// How long until what did not work is tried again.
const AGAIN: Duration = Duration::from_millis(500);

/// A subscription under way; it ends with this value.
pub(super) struct Listening {
    live: Live,
    key: Box<str>,
    group: Arc<Group>,
    ring: Receiver<Told>,
    /// Events after this one come through the ring.
    joined: u64,
    /// The newest event that was looked at for this listener.
    position: u64,
    /// It has taken something out of the ring: who is so far and misses some is too slow.
    keeps_up: bool,
}

/// What a listener is told next.
pub(super) enum Next {
    /// Those events of a batch that come after number `after`; `is_new` where they have just
    /// happened.
    Events { after: u64, batch: Arc<Batch>, is_new: bool },
    /// It missed some, having been sent all up to this one: it did not take them in time.
    TooSlow { sent: u64 },
    /// There will be no more: why.
    Over(Arc<[ServerError]>),
}

impl Listening {
    /// A member of `group` that goes on behind event `position`.
    pub(super) fn new(live: Live, key: Box<str>, group: Arc<Group>, position: u64) -> Self {
        let (ring, joined) = group.join();
        gauge!(LISTENERS).increment(1);
        Self { live, key, group, ring, joined, position, keeps_up: false }
    }

    /// What it is told next.
    pub(super) async fn next(&mut self) -> Next {
        loop {
            let after = self.position;
            if after < self.joined {
                match self.group.chunk(&self.live, after).await {
                    Ok(Some(chunk)) => {
                        self.position = chunk.upto;
                        if !chunk.events.is_empty() {
                            return Next::Events { after, batch: chunk, is_new: false };
                        }
                    }
                    Ok(None) | Err(Untold::Away) => sleep(AGAIN).await,
                    Err(Untold::Failed(errors) | Untold::Refused(errors)) => {
                        return Next::Over(errors.into());
                    }
                }
                continue;
            }
            match self.ring.recv().await {
                Ok(Told::Batch(batch)) => {
                    batch.take();
                    self.keeps_up = true;
                    if batch.upto > after {
                        self.position = batch.upto;
                        return Next::Events { after, batch, is_new: true };
                    }
                }
                Ok(Told::Over(errors)) => return Next::Over(errors),
                Err(RecvError::Lagged(_)) if self.keeps_up => return Next::TooSlow { sent: after },
                // Much happened while it was catching up: it goes on catching up.
                Err(RecvError::Lagged(_)) => (self.ring, self.joined) = self.group.join(),
                // The group holds the other end, and this holds the group.
                Err(RecvError::Closed) => return Next::TooSlow { sent: after },
            }
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        gauge!(LISTENERS).decrement(1);
        self.live.leave(&self.key, &self.group);
    }
}

/// Notes that `events` of a batch were written to a listener.
pub(super) fn note_sent(batch: &Batch, events: u64, is_new: bool) {
    counter!(SENT).increment(events);
    if is_new {
        histogram!(LAG).record((batch.lag + batch.made.elapsed()).as_secs_f64());
    }
}
