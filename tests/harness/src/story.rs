//! One story, told once, run as a test of its own on each engine.

use crate::Engine;

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
/// When the story does, and where PostgreSQL is required and missing.
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
    runtime.block_on(async {
        if let Some(given) = fixture(engine).await {
            story(given).await;
        }
    });
}
