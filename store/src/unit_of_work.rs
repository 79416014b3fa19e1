//! A unit of work: one transaction, one moment, one actor, and the events it will leave.
//!
//! Editorial functions write through an open unit of work; the caller decides where it ends.
//! Events get their numbers at the very end: the log's counter is locked as the last thing
//! before the commit, so that writers wait for each other no longer than they must, and
//! numbers are without gaps and in commit order.

use std::sync::Arc;

use jiff::Timestamp;
use schema::{
    origin::Origin,
    parameters::{Clock, Entropy, new_uuid, to_microseconds},
    permission::Actor,
};
use uuid::Uuid;

use crate::{
    Error, Session, Store,
    log::{self, NewEvent},
    newborn::Newborn,
    signal::LogSignal,
};

/// An open transaction with the time and the actor of all that is done in it. Dropped without
/// [`commit`](Self::commit) it leaves nothing.
pub struct UnitOfWork {
    session: Session,
    actor: Actor,
    origin: Origin,
    now: Timestamp,
    entropy: Arc<dyn Entropy>,
    events: Vec<NewEvent>,
    signal: LogSignal,
    newborn: Newborn,
}

/// A point within a unit of work. Dropped unused it keeps what followed.
#[derive(Debug)]
#[must_use]
pub struct Savepoint {
    events: usize,
}

/// What a commit left in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Number of the last event in the log; the events of this work end with it.
    pub head: u64,
    /// How many events this work added.
    pub events: usize,
}

impl Store {
    /// Opens a unit of work for `actor`, who comes from `origin`. Its time is the clock's, but never earlier than the
    /// log's last event.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn begin(
        &self,
        actor: &Actor,
        origin: &Origin,
        clock: &dyn Clock,
        entropy: Arc<dyn Entropy>,
    ) -> Result<UnitOfWork, Error> {
        let mut session = self.writer().await?;
        let head = log::head(&mut session).await?;
        let now = to_microseconds(clock.now()).max(head.at);
        Ok(UnitOfWork {
            session,
            actor: actor.clone(),
            origin: origin.clone(),
            now,
            entropy,
            events: Vec::new(),
            signal: self.signal().clone(),
            newborn: Newborn::default(),
        })
    }
}

impl UnitOfWork {
    /// The one moment at which all of this happens.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Who does it.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Goes on as `actor`: a program that took up what somebody asked for does it as them, once
    /// it has found out in this very work who they are and what they may now.
    pub fn act_as(&mut self, actor: Actor) {
        self.actor = actor;
    }

    /// From where it is done.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// A new id.
    pub fn new_id<Id: From<Uuid>>(&self) -> Id {
        new_uuid(self.now, &*self.entropy).into()
    }

    /// A new salt.
    pub fn new_salt(&self) -> [u8; 32] {
        let mut salt = [0; 32];
        self.entropy.fill(&mut salt);
        salt
    }

    /// Its transaction, for reads that must see its own writes.
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// The documents that began in it.
    pub(crate) fn newborn(&mut self) -> &mut Newborn {
        &mut self.newborn
    }

    /// Leaves an event, numbered at the commit.
    pub fn record(&mut self, event: NewEvent) {
        self.events.push(event);
    }

    /// Marks a point to come back to, so that one refused part of a work does not spoil the
    /// rest. Points do not nest: a new one replaces the last.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn savepoint(&mut self) -> Result<Savepoint, Error> {
        execute!(self.session, "SAVEPOINT part")?;
        Ok(Savepoint { events: self.events.len() })
    }

    /// Keeps what was done since `point`.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn keep(&mut self, _: Savepoint) -> Result<(), Error> {
        execute!(self.session, "RELEASE SAVEPOINT part")?;
        Ok(())
    }

    /// Takes back what was done since `point`, the events with it.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn take_back_to(&mut self, point: Savepoint) -> Result<(), Error> {
        self.events.truncate(point.events);
        execute!(self.session, "ROLLBACK TO SAVEPOINT part")?;
        execute!(self.session, "RELEASE SAVEPOINT part")?;
        Ok(())
    }

    /// Appends the events to the log and commits.
    ///
    /// # Errors
    /// [`Error::Again`] when another unit of work committed a later moment meanwhile, or the
    /// database asks for a repetition: nothing was written, the work may be done again.
    pub async fn commit(mut self) -> Result<Committed, Error> {
        let events = self.events.len();
        let head = if self.events.is_empty() {
            log::head(&mut self.session).await?.sequence
        } else {
            log::append(&mut self.session, self.now, self.actor.id, &self.events).await?
        };
        self.session.commit().await?;
        if events > 0 {
            self.signal.grew_to(head);
        }
        Ok(Committed { head, events })
    }
}
