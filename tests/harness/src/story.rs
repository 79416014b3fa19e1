//! One story, told once, run as a test of its own on each engine.

use std::time::Duration;

use tokio::time::timeout;

use crate::Engine;

/// How long a story may take: many times what the longest does, and little enough that a story
/// which waits for ever is named, instead of holding up all the others.
const LIMIT: Duration = Duration::from_secs(600);
/// How long threads that a story left behind may hold up its end.
const LEFT_BEHIND: Duration = Duration::from_secs(10);

/// Writes each story as two tests, `story::sqlite` and `story::postgres`.
///
/// The argument is a fresh empty [`TestDatabase`](crate::TestDatabase). With a first line
/// `with path::to::fixture;` it is what that `async fn(Engine) -> Option<T>` makes, `None`
/// meaning that the engine is not there and the test is skipped:
///
/// ```text
/// test_harness::on_both_databases! {
///     with crate::testing::migrated_store;
///
///     async fn a_stale_write_is_refused(store: Store) { /* given, when, then */ }
/// }
/// ```
#[macro_export]
macro_rules! on_both_databases {
    (
        with $fixture:path;
        $($(#[$attribute:meta])* async fn $name:ident($($given:tt)*) $body:block)+
    ) => {$(
        fn $name(engine: $crate::Engine) {
            $crate::run(engine, $fixture, async move |$($given)*| $body);
        }

        mod $name {
            $(#[$attribute])*
            #[test]
            fn sqlite() {
                super::$name($crate::Engine::Sqlite);
            }

            $(#[$attribute])*
            #[test]
            fn postgres() {
                super::$name($crate::Engine::Postgres);
            }
        }
    )+};
    ($($(#[$attribute:meta])* async fn $name:ident($($given:tt)*) $body:block)+) => {
        $crate::on_both_databases! {
            with $crate::empty_database;
            $($(#[$attribute])* async fn $name($($given)*) $body)+
        }
    };
}

/// Runs one story on one engine, on a runtime with two worker threads. The tests that
/// [`on_both_databases!`] writes call this; a test with a shape of its own may too.
///
/// # Panics
/// When the story does or takes longer than ten minutes, and where PostgreSQL is required and
/// missing.
pub fn run<T>(
    engine: Engine,
    fixture: impl AsyncFnOnce(Engine) -> Option<T>,
    story: impl AsyncFnOnce(T),
) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime for the story");
    let told = runtime.block_on(async {
        let story = async {
            if let Some(given) = fixture(engine).await {
                story(given).await;
            }
        };
        // Made inside the runtime, whose clock it needs.
        timeout(LIMIT, story).await
    });
    runtime.shutdown_timeout(LEFT_BEHIND);
    assert!(told.is_ok(), "the story did not end within {} s", LIMIT.as_secs());
}
