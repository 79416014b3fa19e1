//! Who calls, what their resolvers work with, and the way every mutation goes: one unit of
//! work, with the answer kept in it where the request carries an idempotency key.

use std::sync::Arc;

use async_graphql::Context;
use editorial::{Desk, Error, Refusal, ports::Channels, sign_in::SignIn};
use schema::{digest::Digest, permission::Actor, viewer::Viewer};
use serde::{Serialize, de::DeserializeOwned};
use store::{
    Session, UnitOfWork,
    access::{
        idempotency::{self, Claim},
        people,
    },
    files::FileStore,
};

use super::answer::{UserError, fault};
use crate::trail::{Trail, Witness};

/// What the resolvers of one request work with.
pub(crate) struct Caller {
    /// Types, store, clock and randomness.
    pub(crate) desk: Desk,
    /// The file store.
    pub(crate) files: Arc<dyn FileStore>,
    /// What is asked of channels.
    pub(crate) channels: Arc<dyn Channels>,
    /// How people sign in.
    pub(crate) sign_in: SignIn,
    /// What is to be kept in the audit beside changes.
    pub(crate) trail: Trail,
    /// Tells which texts are read that are not public.
    pub(crate) witness: Witness,
    /// Who calls.
    pub(crate) actor: Actor,
    /// Under which key, if the request carries one.
    pub(crate) keyed: Option<Keyed>,
}

/// A request that is done once, however often it is sent.
pub(crate) struct Keyed {
    /// What the header `Idempotency-Key` says.
    pub(crate) key: String,
    /// Digest of operation and variables.
    pub(crate) request: Digest,
}

impl Caller {
    /// The caller of the request that is being answered.
    pub(crate) fn of<'context>(context: &Context<'context>) -> &'context Self {
        context.data_unchecked::<Self>()
    }

    /// The caller as a reader.
    pub(crate) fn viewer(&self) -> Viewer {
        Viewer::Known(self.actor.clone())
    }

    /// A connection to read from.
    pub(crate) async fn session(&self) -> async_graphql::Result<Session> {
        self.desk.store.reader().await.map_err(|error| fault(&error))
    }

    /// The answer that was given to this change before; `None` where it is to be done now.
    pub(crate) async fn answered<T: DeserializeOwned>(
        &self,
        work: &mut UnitOfWork,
        field: &str,
    ) -> Result<Option<T>, Error> {
        let Some(Keyed { key, request }) = &self.keyed else { return Ok(None) };
        match idempotency::claim(work, key, field, *request).await? {
            Claim::First => Ok(None),
            Claim::OtherRequest => Err(Refusal::KeyUsed.into()),
            Claim::Answered(answer) => {
                serde_json::from_value(answer).map(Some).map_err(|error| corrupt(&error).into())
            }
        }
    }

    /// Keeps the answer to a change beside the change itself.
    pub(crate) async fn keep<T: Serialize + Sync>(
        &self,
        work: &mut UnitOfWork,
        field: &str,
        done: &T,
    ) -> Result<(), Error> {
        let Some(Keyed { key, .. }) = &self.keyed else { return Ok(()) };
        let answer = serde_json::to_value(done).map_err(|error| corrupt(&error))?;
        Ok(idempotency::answer(work, key, field, &answer).await?)
    }

    /// What came of a unit of work, as a payload tells it.
    pub(crate) async fn told<T>(
        &self,
        field: &str,
        outcome: Result<T, Error>,
    ) -> async_graphql::Result<Result<T, Vec<UserError>>> {
        let refusal = match outcome {
            Ok(done) => return Ok(Ok(done)),
            Err(Error::Store(error)) => return Err(fault(&error)),
            Err(Error::Refused(refusal)) => refusal,
        };
        if refusal.is_for_want_of_permission() {
            self.trail.refused(&self.actor, &self.desk.origin, field, refusal.code());
        }
        let mut errors = UserError::all(&refusal);
        if let Refusal::Stale { changed_by, .. } = &*refusal {
            let mut session = self.session().await?;
            let name = people::name(&mut session, *changed_by).await;
            let name = name.map_err(|error| fault(&error))?;
            for stale in errors.iter_mut().filter_map(|error| error.stale.as_mut()) {
                stale.changed_by.name.clone_from(&name);
            }
        }
        Ok(Err(errors))
    }
}

fn corrupt(error: &serde_json::Error) -> store::Error {
    store::Error::Corrupt { what: "idempotency answer", why: error.to_string() }
}

/// The name under which the answer of this field stands in the response: it tells the changes
/// of one request apart.
pub(crate) fn response_name(context: &Context<'_>) -> String {
    context.path_node.map(|node| node.to_string_vec().join(".")).unwrap_or_default()
}

/// Does the body in one unit of work of the caller and gives the payload. The body is an
/// expression that may use `?` on [`Error`]; it is done again when another unit of work came
/// first, so it leaves nothing outside the work.
macro_rules! act {
    ($context:expr, $caller:ident, $work:ident => $body:expr) => {{
        let $caller = $crate::manage::caller::Caller::of($context);
        let field = $crate::manage::caller::response_name($context);
        let outcome = editorial::work!(&$caller.desk, &$caller.actor, $work => {
            match $caller.answered($work, &field).await? {
                Some(answered) => Ok(answered),
                None => {
                    let done = $body;
                    $caller.keep($work, &field, &done).await?;
                    Ok(done)
                }
            }
        });
        let told = $caller.told(&field, outcome.map(|(done, _)| done)).await?;
        Ok(told.into())
    }};
}
