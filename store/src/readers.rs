//! Connections that read, handed from reader to reader without the pool's ceremony.
//!
//! The driver's pool takes a connection back in a task of its own and asks the database whether
//! it still lives. For a reader of one statement that is as much again as the statement: another
//! thread woken, and a second round trip. So what read without a fault is kept aside and given to
//! the next reader as it is. Everything else goes back through the pool, which looks at it: what
//! failed, what was left in the middle of a statement, what was kept for a while (the pool renews
//! connections by their age), and what others wait for.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{Database, Pool, pool::PoolConnection};

/// How long a connection goes from reader to reader before the pool looks at it again.
const UNSEEN: Duration = Duration::from_secs(30);

/// A pool, and what of it is kept aside for readers. Cheap to clone.
pub(crate) struct Readers<Db: Database> {
    pool: Pool<Db>,
    aside: Arc<Aside<Db>>,
}

struct Aside<Db: Database>(Mutex<State<Db>>);

struct State<Db: Database> {
    kept: Vec<Kept<Db>>,
    /// Who waits for the pool: while there is one, nothing is kept from it.
    waiting: usize,
    is_closed: bool,
}

struct Kept<Db: Database> {
    connection: PoolConnection<Db>,
    since: Instant,
}

/// A connection on loan to one reader.
pub(crate) struct Reader<Db: Database> {
    /// There until it is dropped.
    kept: Option<Kept<Db>>,
    /// Whether nothing is left of a statement, and none failed.
    is_settled: bool,
    /// `None` for a connection that always goes back through the pool.
    aside: Option<Arc<Aside<Db>>>,
}

/// Somebody waits for the pool as long as this lives.
struct Waiting<Db: Database>(Arc<Aside<Db>>);

impl<Db: Database> Readers<Db> {
    pub(crate) fn new(pool: Pool<Db>) -> Self {
        let state = State { kept: Vec::new(), waiting: 0, is_closed: false };
        Self { pool, aside: Arc::new(Aside(Mutex::new(state))) }
    }

    /// The pool itself, for what is no reader of single statements: see [`taking`](Self::taking).
    pub(crate) fn pool(&self) -> &Pool<Db> {
        &self.pool
    }

    /// Waits for what is `taken` from the pool. Where all connections are taken, one that is kept
    /// aside goes back first, and none is kept aside meanwhile.
    pub(crate) async fn taking<T>(&self, taken: impl Future<Output = T>) -> T {
        let _waiting = self.waiting();
        taken.await
    }

    fn waiting(&self) -> Waiting<Db> {
        let mut state = self.aside.state();
        state.waiting += 1;
        let has_room = self.idle_in_the_pool() > 0
            || self.pool.size() < self.pool.options().get_max_connections();
        let back = if has_room { None } else { state.kept.pop() };
        drop(state);
        drop(back);
        Waiting(Arc::clone(&self.aside))
    }

    /// A connection for a reader.
    pub(crate) async fn acquire(&self) -> sqlx::Result<Reader<Db>> {
        let aside = Some(Arc::clone(&self.aside));
        let kept = self.aside.state().kept.pop();
        // One that is kept for long goes back to the pool, as it is dropped.
        if let Some(kept) = kept
            && kept.since.elapsed() < UNSEEN
        {
            return Ok(Reader { kept: Some(kept), is_settled: true, aside });
        }
        let connection = self.taking(self.pool.acquire()).await?;
        let kept = Some(Kept { connection, since: Instant::now() });
        Ok(Reader { kept, is_settled: true, aside })
    }

    /// Open connections, and how many of them are idle.
    pub(crate) fn counts(&self) -> (u32, usize) {
        (self.pool.size(), self.idle_in_the_pool() + self.aside.state().kept.len())
    }

    /// The pool counts a connection that came back a moment after it may be taken again, so that
    /// its count falls below none meanwhile, and wraps.
    fn idle_in_the_pool(&self) -> usize {
        usize::try_from(self.pool.num_idle().cast_signed()).unwrap_or(0)
    }

    /// Closes every connection, after the work under way on them.
    pub(crate) async fn close(&self) {
        self.aside.close();
        self.pool.close().await;
    }
}

impl<Db: Database> Aside<Db> {
    fn state(&self) -> MutexGuard<'_, State<Db>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close(&self) {
        let mut state = self.state();
        state.is_closed = true;
        let kept = std::mem::take(&mut state.kept);
        drop(state);
        drop(kept);
    }

    /// Takes a connection that is as good as new, or gives it back.
    fn keep(&self, kept: Kept<Db>) -> Option<Kept<Db>> {
        let mut state = self.state();
        if state.waiting > 0 || state.is_closed {
            return Some(kept);
        }
        state.kept.push(kept);
        None
    }
}

impl<Db: Database> Reader<Db> {
    /// A connection that the pool takes back.
    pub(crate) fn of_pool(connection: PoolConnection<Db>) -> Self {
        let kept = Some(Kept { connection, since: Instant::now() });
        Self { kept, is_settled: false, aside: None }
    }

    /// A statement begins. Unless its end is [told](Self::settle) the pool looks at the
    /// connection before anybody else gets it.
    pub(crate) fn begin(&mut self) {
        self.is_settled = false;
    }

    /// The statement came to its end.
    pub(crate) fn settle(&mut self) {
        self.is_settled = true;
    }
}

impl<Db: Database> Deref for Reader<Db> {
    type Target = Db::Connection;

    fn deref(&self) -> &Self::Target {
        &self.kept.as_ref().expect("it is there until it is dropped").connection
    }
}

impl<Db: Database> DerefMut for Reader<Db> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.kept.as_mut().expect("it is there until it is dropped").connection
    }
}

impl<Db: Database> Drop for Reader<Db> {
    fn drop(&mut self) {
        let (Some(kept), Some(aside)) = (self.kept.take(), &self.aside) else { return };
        if self.is_settled {
            // What is not kept goes back to the pool as it is dropped.
            drop(aside.keep(kept));
            return;
        }
        // Where one connection broke the others are likely to be broken too: the pool looks at
        // all of them.
        let others = std::mem::take(&mut aside.state().kept);
        drop((kept, others));
    }
}

impl<Db: Database> Drop for Waiting<Db> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}

impl<Db: Database> Drop for State<Db> {
    fn drop(&mut self) {
        for kept in self.kept.drain(..) {
            // The pool would take it back in a task; there may be no runtime any more.
            drop(kept.connection.detach());
        }
    }
}

impl<Db: Database> Clone for Readers<Db> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone(), aside: Arc::clone(&self.aside) }
    }
}

impl<Db: Database> std::fmt::Debug for Readers<Db> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Readers").field("pool", &self.pool).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use test_harness::TestDatabase;
    use tokio::time::timeout;

    use crate::{Error, Session, Store};

    const PATIENCE: Duration = Duration::from_secs(20);
    /// More than either pool has.
    const MANY: usize = 40;

    async fn read(session: &mut Session) -> Result<Option<(i64,)>, Error> {
        fetch_optional!(session, (i64,), "SELECT CAST(1 AS BIGINT)")
    }

    test_harness::on_both_databases! {
        async fn readers_hand_one_connection_on(database: TestDatabase) {
            let store = Store::open(database.url()).await.expect("a store");
            let (before, _) = store.reading_connections();

            for _ in 0..MANY {
                let mut session = store.reader().await.expect("a reader");
                read(&mut session).await.expect("a row");
                drop(session);
                let (open, idle) = store.reading_connections();
                assert_eq!((open, idle), (before.max(1), before.max(1) as usize), "at once");
            }
        }

        async fn whoever_needs_the_pool_is_not_kept_from_it(database: TestDatabase) {
            let store = Store::open(database.url()).await.expect("a store");
            let tasks: Vec<_> = (0..MANY)
                .map(|_| {
                    let store = store.clone();
                    tokio::spawn(async move {
                        for _ in 0..20 {
                            read(&mut store.reader().await.expect("a reader")).await.expect("a row");
                            read(&mut store.snapshot().await.expect("a snapshot")).await.expect("a row");
                        }
                    })
                })
                .collect();
            for task in tasks {
                timeout(PATIENCE, task).await.expect("nobody waits for ever").expect("no fault");
            }
            let (open, _) = store.reading_connections();
            let all: Vec<_> = futures_util::future::join_all((0..open).map(|_| store.reader())).await;
            drop(all);

            // Every connection is kept for readers now.
            timeout(PATIENCE, store.snapshot()).await.expect("in time").expect("a snapshot");
            timeout(PATIENCE, store.writer()).await.expect("in time").expect("a writer");
        }

        async fn what_failed_is_not_handed_on_unseen(database: TestDatabase) {
            let store = Store::open(database.url()).await.expect("a store");
            let mut session = store.reader().await.expect("a reader");
            let failed: Result<Option<(i64,)>, Error> =
                fetch_optional!(session, (i64,), "SELECT * FROM nowhere");
            assert!(failed.is_err());
            drop(session);

            let mut session = store.reader().await.expect("another reader");
            assert_eq!(read(&mut session).await.expect("it reads"), Some((1,)));
        }

        async fn closing_closes_what_is_kept_aside(database: TestDatabase) {
            let store = Store::open(database.url()).await.expect("a store");
            read(&mut store.reader().await.expect("a reader")).await.expect("a row");

            timeout(PATIENCE, store.close()).await.expect("it ends");

            assert_eq!(store.reading_connections(), (0, 0));
            assert!(store.reader().await.is_err());
        }
    }
}
