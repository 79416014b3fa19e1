//! The desk: what every act needs besides the work itself, and the loop that repeats a unit
//! of work which met another one.

use std::sync::Arc;

use schema::{
    content_type::TypeRegistry,
    parameters::{Clock, Entropy},
    permission::Actor,
};
use store::{Committed, Store, UnitOfWork};

use crate::Error;

/// How often a unit of work that met another one is done again before its caller hears of it.
const TRIES: u32 = 20;

/// The content types in force, the store, the clock and the randomness.
#[derive(Clone)]
pub struct Desk {
    /// Content types in force.
    pub types: Arc<TypeRegistry>,
    /// The open store.
    pub store: Store,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// What gives randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Desk {
    /// Opens a unit of work for `actor`.
    ///
    /// # Errors
    /// [`Error::Store`].
    pub async fn begin(&self, actor: &Actor) -> Result<UnitOfWork, Error> {
        Ok(self.store.begin(actor, &*self.clock, Arc::clone(&self.entropy)).await?)
    }

    /// Does `act` in one unit of work and commits it; does it again from the start when
    /// another unit of work came first. `act` must therefore leave nothing outside the work.
    ///
    /// # Errors
    /// What `act` refuses, and [`Error::Store`].
    pub async fn work<T>(
        &self,
        actor: &Actor,
        mut act: impl AsyncFnMut(&mut UnitOfWork) -> Result<T, Error>,
    ) -> Result<(T, Committed), Error> {
        let mut tries = 1;
        loop {
            let outcome = async {
                let mut work = self.begin(actor).await?;
                let done = act(&mut work).await?;
                Ok((done, work.commit().await?))
            }
            .await;
            match outcome {
                Err(Error::Store(store::Error::Again)) if tries < TRIES => tries += 1,
                outcome => return outcome,
            }
        }
    }
}
