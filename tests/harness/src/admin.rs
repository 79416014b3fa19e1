//! The superuser's connection to the cluster, one per test process.
//!
//! It lives on a thread with a runtime of its own, so that a database can be made and dropped
//! from anywhere: plain tests, tests inside a runtime, and destructors.

use std::{sync::mpsc, thread};

use anyhow::{Context as _, Result, anyhow};
use sqlx::{
    AssertSqlSafe, Connection as _, Row as _,
    postgres::{PgConnectOptions, PgConnection},
};

struct Command {
    sql: String,
    reply: mpsc::Sender<Result<Option<String>>>,
}

/// Handle on the connection; closed when dropped.
pub(crate) struct Admin {
    commands: mpsc::Sender<Command>,
}

impl Admin {
    /// Connects, and fails where the server does not answer or does not know the password.
    pub(crate) fn connect(url: &str) -> Result<Self> {
        let options: PgConnectOptions = url.parse().context("the cluster's address")?;
        let (commands, received) = mpsc::channel::<Command>();
        let (ready, readiness) = mpsc::channel();
        thread::Builder::new().name("test-postgres-admin".into()).spawn(move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build()
            else {
                return;
            };
            let mut connection = match runtime.block_on(PgConnection::connect_with(&options)) {
                Ok(connection) => connection,
                Err(error) => {
                    let _ = ready.send(Err(error));
                    return;
                }
            };
            let _ = ready.send(Ok(()));
            for Command { sql, reply } in received {
                let _ = reply.send(runtime.block_on(first_column(&mut connection, sql)));
            }
            let _ = runtime.block_on(connection.close());
        })?;
        readiness.recv().context("the thread of the connection ended")??;
        Ok(Self { commands })
    }

    /// Runs one statement; the answer is the first column, a text, of the first row.
    pub(crate) fn run(&self, sql: impl Into<String>) -> Result<Option<String>> {
        let (reply, answer) = mpsc::channel();
        self.commands
            .send(Command { sql: sql.into(), reply })
            .map_err(|_| anyhow!("the thread of the connection ended"))?;
        answer.recv().context("the thread of the connection ended")?
    }
}

async fn first_column(connection: &mut PgConnection, sql: String) -> Result<Option<String>> {
    let row = sqlx::raw_sql(AssertSqlSafe(sql.clone()))
        .fetch_optional(connection)
        .await
        .with_context(|| sql)?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}
