//! The engine: fan-out and dispatcher, run beside a server until it stops, or once until
//! nothing is due.
//!
//! Several engines may run on one database, in one process or in many. What wakes them is a
//! hint ([`Store::log_growth`](store::Store::log_growth)); that they look again every second is
//! what they rely on.

use std::{sync::Arc, time::Duration};

use editorial::Desk;
use jiff::Timestamp;
use store::{
    Error,
    deliveries::{bodies, fan_out as owing, holds},
    log,
};
use tokio::{
    sync::Notify,
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::{
    channels::Channels,
    dispatcher::Dispatcher,
    fan_out::{self, Step},
};

/// How the engine runs.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How often it looks for what nobody told it of.
    pub look: Duration,
    /// How long a stop waits for calls under way.
    pub patience: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self { look: Duration::from_secs(1), patience: Duration::from_secs(35) }
    }
}

/// How soon a target that another node is at is looked at again.
const BUSY: Duration = Duration::from_millis(5);
/// How often what no delivery needs any more is dropped.
const HOUSEKEEPING: Duration = Duration::from_secs(60);

/// Fan-out and dispatcher.
#[derive(Clone)]
pub struct Engine {
    desk: Desk,
    channels: Arc<Channels>,
    dispatcher: Arc<Dispatcher>,
    settings: Settings,
}

/// A running engine.
pub struct Handle {
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Handle {
    /// Stops claiming, waits for calls under way and records what came of them. What is still
    /// under way when patience ends counts as unknown when its lease ends.
    pub async fn shutdown(self) {
        self.stop.cancel();
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the delivery engine failed");
            }
        }
    }
}

impl Engine {
    /// An engine that does nothing yet.
    pub fn new(desk: Desk, channels: Arc<Channels>, settings: Settings) -> Self {
        let dispatcher = Arc::new(Dispatcher::new(desk.clone(), Arc::clone(&channels)));
        Self { desk, channels, dispatcher, settings }
    }

    /// Starts an engine on the current runtime.
    pub fn start(desk: Desk, channels: Arc<Channels>, settings: Settings) -> Handle {
        let engine = Self::new(desk, channels, settings);
        let stop = CancellationToken::new();
        let owed = Arc::new(Notify::new());
        let others = {
            let (store, stop) = (engine.desk.store.clone(), stop.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = store.watch_others() => {}
                }
            })
        };
        let tasks = vec![
            others,
            tokio::spawn(engine.clone().fan_out_loop(stop.clone(), Arc::clone(&owed))),
            tokio::spawn(engine.clone().dispatch_loop(stop.clone(), owed)),
            tokio::spawn(engine.keep_house(stop.clone())),
        ];
        Handle { stop, tasks }
    }

    /// Does everything that is due now, and everything that becomes due by it: turns the log
    /// into deliveries and makes their calls. Gives how many calls were made.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn settle(&self) -> Result<usize, Error> {
        let mut made = 0;
        loop {
            self.fan_out().await?;
            let mut calls = JoinSet::new();
            let pass = self.dispatcher.pass(&mut calls).await?;
            while let Some(call) = calls.join_next().await {
                heed(call);
            }
            made += pass.claimed;
            if pass.claimed == 0 {
                return Ok(made);
            }
        }
    }

    /// Turns the log into deliveries, up to its end.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn fan_out(&self) -> Result<(), Error> {
        while self.fan_out_once().await? {
            sleep(BUSY).await;
        }
        Ok(())
    }

    /// Gives whether another node was at some target.
    async fn fan_out_once(&self) -> Result<bool, Error> {
        let (targets, has_come) = {
            let mut session = self.desk.store.reader().await?;
            let head = log::head(&mut session).await?.sequence;
            (owing::behind(&mut session, head).await?, holds::is_owed(&mut session).await?)
        };
        if has_come {
            match holds::let_go(&self.desk.store, self.desk.clock.now()).await {
                // It will be looked at again.
                Ok(_) | Err(Error::Again) => {}
                Err(error) => return Err(error),
            }
        }
        let mut busy = false;
        for target in targets {
            loop {
                match fan_out::step(&self.desk, &self.channels, target).await {
                    Ok(Step::More) | Err(Error::Again) => {}
                    Ok(Step::CaughtUp) => break,
                    Ok(Step::Busy) => {
                        busy = true;
                        break;
                    }
                    // One target that cannot be served keeps no other one waiting.
                    Err(error @ Error::Corrupt { .. }) => {
                        tracing::error!(%target, %error, "a target's events cannot be read");
                        break;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(busy)
    }

    async fn fan_out_loop(self, stop: CancellationToken, owed: Arc<Notify>) {
        let mut growth = self.desk.store.log_growth();
        loop {
            let busy = match self.fan_out_once().await {
                Ok(busy) => busy,
                Err(error) => {
                    tracing::error!(%error, "fan-out");
                    false
                }
            };
            owed.notify_one();
            let wait = if busy { BUSY } else { self.settings.look };
            tokio::select! {
                () = stop.cancelled() => return,
                _ = growth.changed() => {}
                () = sleep(wait) => {}
            }
        }
    }

    async fn dispatch_loop(self, stop: CancellationToken, owed: Arc<Notify>) {
        let mut calls = JoinSet::new();
        loop {
            let wake = match self.dispatcher.pass(&mut calls).await {
                Ok(pass) => self.wake(pass.next),
                Err(error) => {
                    tracing::error!(%error, "dispatcher");
                    Instant::now() + self.settings.look
                }
            };
            tokio::select! {
                () = stop.cancelled() => break,
                () = owed.notified() => {}
                Some(call) = calls.join_next() => heed(call),
                () = sleep_until(wake) => {}
            }
        }
        let drained = async {
            while let Some(call) = calls.join_next().await {
                heed(call);
            }
        };
        if tokio::time::timeout(self.settings.patience, drained).await.is_err() {
            tracing::warn!("calls were still under way when the engine stopped");
        }
    }

    /// When to look again: when something is due, and now and then in any case.
    fn wake(&self, next: Option<Timestamp>) -> Instant {
        let until = next.map(|at| at.duration_since(self.desk.clock.now()));
        let until = until.and_then(|until| Duration::try_from(until).ok());
        Instant::now() + until.unwrap_or(self.settings.look).min(self.settings.look)
    }

    async fn keep_house(self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = sleep(HOUSEKEEPING) => {}
            }
            if let Err(error) = holds::forget(&self.desk.store).await {
                tracing::warn!(%error, "holds that are over could not be forgotten");
            }
            let now = self.desk.clock.now();
            if let Err(error) = bodies::drop_unneeded(&self.desk.store, now).await {
                tracing::warn!(%error, "bodies that nobody needs could not be dropped");
            }
        }
    }
}

fn heed(call: Result<(), tokio::task::JoinError>) {
    if let Err(error) = call {
        tracing::error!(%error, "a delivery failed unforeseen; its lease will end");
    }
}
