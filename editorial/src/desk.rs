//! The desk: what every act needs besides the work itself, and the loop that repeats a unit
//! of work which met another one.

use std::sync::Arc;

use schema::{
    calendar::{Calendar, DeadlineRules},
    checks::Checks,
    content_type::TypeRegistry,
    origin::Origin,
    parameters::{Clock, Entropy},
    permission::Actor,
};
use store::{Committed, Store, UnitOfWork};

use crate::Error;

/// How often a unit of work that met another one is done again before its caller hears of it.
const TRIES: u32 = 20;

/// The content types, the calendar, the deadlines and the checks in force, the store, the clock and the randomness.
#[derive(Clone)]
pub struct Desk {
    /// Content types in force.
    pub types: Arc<TypeRegistry>,
    /// Working days, by which times allowed are counted.
    pub calendar: Arc<Calendar>,
    /// Within what time something must be public.
    pub deadlines: Arc<DeadlineRules>,
    /// What texts are looked at for.
    pub checks: Arc<Checks>,
    /// After how many days an address outside the hub is opened again, to see whether anything is
    /// there; `None` where none is ever opened.
    pub outside_links: Option<u16>,
    /// The open store.
    pub store: Store,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// What gives randomness.
    pub entropy: Arc<dyn Entropy>,
    /// From where what is done at this desk comes: the audit says so.
    pub origin: Arc<Origin>,
}

impl Desk {
    /// The same desk for what comes from `origin`.
    #[must_use]
    pub fn of(&self, origin: Origin) -> Self {
        Self { origin: Arc::new(origin), ..self.clone() }
    }

    /// Opens a unit of work for `actor`.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn begin(&self, actor: &Actor) -> Result<UnitOfWork, Error> {
        Ok(self.store.begin(actor, &self.origin, &*self.clock, Arc::clone(&self.entropy)).await?)
    }

    /// Does `act` in one unit of work and commits it; does it again from the start when
    /// another unit of work came first. `act` must therefore leave nothing outside the work.
    ///
    /// The compiler cannot see that such a future may move between threads; where it must
    /// (servers, spawned tasks), use [`work!`](crate::work), which is the same without the
    /// closure.
    ///
    /// # Errors
    /// What `act` refuses, and [`Error::Store`].
    pub async fn work<T>(
        &self,
        actor: &Actor,
        mut act: impl AsyncFnMut(&mut UnitOfWork) -> Result<T, Error>,
    ) -> Result<(T, Committed), Error> {
        crate::work!(self, actor, work => act(work).await)
    }
}

/// Does `$body` in one unit of work and commits it, again from the start when another unit of
/// work came first. Gives `Result<(T, Committed), Error>`; `?` inside the body leaves the body.
///
/// ```text
/// let (published, _) = editorial::work!(desk, &actor, work => publish(desk, work, request.clone()).await)?;
/// ```
#[macro_export]
macro_rules! work {
    ($desk:expr, $actor:expr, $work:ident => $body:expr) => {{
        let desk: &$crate::Desk = $desk;
        let mut tries = $crate::desk::Tries::default();
        loop {
            let outcome = async {
                let mut unit = desk.begin($actor).await?;
                let done: Result<_, $crate::Error> = async {
                    let $work = &mut unit;
                    $body
                }
                .await;
                let done = done?;
                Ok::<_, $crate::Error>((done, unit.commit().await?))
            }
            .await;
            if !tries.again(&outcome) {
                break outcome;
            }
        }
    }};
}

/// Counts the tries of one unit of work.
#[derive(Debug, Default)]
pub struct Tries(u32);

impl Tries {
    /// Whether the work met another one and is to be done again.
    pub fn again<T>(&mut self, outcome: &Result<T, Error>) -> bool {
        self.0 += 1;
        self.0 < TRIES && matches!(outcome, Err(Error::Store(store::Error::Again)))
    }
}
