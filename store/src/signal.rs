//! That the log grew, for those who read it: a hint that comes at once, never the truth.
//!
//! Within a process the commit itself says so. Another process is heard of through
//! PostgreSQL's NOTIFY, or by looking at the head of the log, which is one read of one row.
//! Whoever misses a hint sees the head at the next look; nothing depends on a hint.

use std::{sync::Arc, time::Duration};

use sqlx::postgres::PgListener;
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::{Store, log};

pub(crate) const CHANNEL: &str = "gongbao_log";
/// How long it takes at most, without a NOTIFY, to see what another process committed: soon
/// after something happened, and when nothing has happened for a while.
const BUSY_LOOK: Duration = Duration::from_millis(50);
const IDLE_LOOK: Duration = Duration::from_secs(1);

/// The number of the last event as far as this process knows.
#[derive(Clone, Debug)]
pub(crate) struct LogSignal(Arc<watch::Sender<u64>>);

impl LogSignal {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    pub(crate) fn grew_to(&self, head: u64) {
        self.0.send_if_modified(|known| {
            let grew = head > *known;
            *known = head.max(*known);
            grew
        });
    }
}

impl Store {
    /// Changes when the log grows: at once for what this process commits, and for what others
    /// commit while [`watch_others`](Self::watch_others) runs. The value is the number of the
    /// last event known of.
    pub fn log_growth(&self) -> watch::Receiver<u64> {
        self.signal().0.subscribe()
    }

    /// Notes that the log was seen to go up to `head`: whoever was told so is then given nothing
    /// older by this process.
    pub fn log_was_seen_at(&self, head: u64) {
        self.signal().grew_to(head);
    }

    /// Hears of what other processes commit, on PostgreSQL or to one SQLite file, until it is
    /// dropped. One is enough for a process. Faults of the database are waited out.
    pub async fn watch_others(&self) {
        let mut listener = None;
        let mut look = IDLE_LOOK;
        loop {
            if listener.is_none() {
                listener = self.listening().await;
            }
            let known = *self.signal().0.borrow();
            let looked = Instant::now();
            if let Ok(mut session) = self.reader().await
                && let Ok(head) = log::head(&mut session).await
            {
                look = if head.sequence > known { BUSY_LOOK } else { (look * 2).min(IDLE_LOOK) };
                self.signal().grew_to(head.sequence);
            }
            match &mut listener {
                None => sleep_until(looked + look).await,
                Some(heard) => tokio::select! {
                    () = sleep_until(looked + IDLE_LOOK) => {}
                    notification = heard.recv() => {
                        if notification.is_err() {
                            listener = None;
                            sleep_until(looked + IDLE_LOOK).await;
                        }
                    }
                },
            }
        }
    }

    async fn listening(&self) -> Option<PgListener> {
        let mut listener = self.listener().await?;
        listener.listen(CHANNEL).await.ok()?;
        Some(listener)
    }
}
