//! Beginning a transaction to the end, whoever waits for it.
//!
//! The driver counts a transaction of PostgreSQL only when its BEGIN is answered. Who gives up
//! before (a reader that hangs up, say) would hand back to the pool a connection that is in a
//! transaction nobody knows of: the next one to get it would read an old snapshot for ever, or
//! be refused every write. So a beginning that nobody waits for any more is finished beside, and
//! what it began is rolled back.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use sqlx::{PgPool, Postgres, Transaction};
use tokio::runtime::Handle;

type Beginning = Pin<Box<dyn Future<Output = sqlx::Result<Transaction<'static, Postgres>>> + Send>>;

/// A transaction on a connection of `pool`, begun by `statement` or as usual.
pub(crate) fn begin(pool: &PgPool, statement: Option<&'static str>) -> Begin {
    let pool = pool.clone();
    Begin(Some(Box::pin(async move {
        match statement {
            Some(statement) => pool.begin_with(statement).await,
            None => pool.begin().await,
        }
    })))
}

/// A transaction that begins.
pub(crate) struct Begin(Option<Beginning>);

impl Future for Begin {
    type Output = sqlx::Result<Transaction<'static, Postgres>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(beginning) = &mut self.0 else { return Poll::Pending };
        let polled = beginning.as_mut().poll(context);
        if polled.is_ready() {
            self.0 = None;
        }
        polled
    }
}

impl Drop for Begin {
    fn drop(&mut self) {
        if let (Some(beginning), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(beginning);
        }
    }
}
