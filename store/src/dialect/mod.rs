//! What the two databases spell differently beyond a word: lists as one parameter, so that the
//! text of a statement never varies with the number of values.
//!
//! One small file per database: [`sqlite`] hands a list over as JSON, [`postgres`] as an array.
//! Statements name the test with [`is_one_of`] and bind one of the list types below.

mod postgres;
mod sqlite;

use uuid::Uuid;

use crate::Engine;

/// Ids as one parameter, each once.
#[derive(Clone, Debug)]
pub(crate) struct Ids(pub(crate) Vec<Uuid>);

/// Index keys as one parameter.
#[derive(Clone, Debug)]
pub(crate) struct Keys(pub(crate) Vec<Vec<u8>>);

impl<Id: Copy + Into<Uuid>> FromIterator<Id> for Ids {
    fn from_iter<Iter: IntoIterator<Item = Id>>(ids: Iter) -> Self {
        let mut ids: Vec<Uuid> = ids.into_iter().map(Into::into).collect();
        ids.sort_unstable();
        ids.dedup();
        Self(ids)
    }
}

/// The text before and after the placeholder of [`Ids`] or [`Keys`], to follow the tested value:
/// `id <before>$1<after>`.
pub(crate) const fn is_one_of(engine: Engine) -> (&'static str, &'static str) {
    match engine {
        Engine::Sqlite => sqlite::IS_ONE_OF,
        Engine::Postgres => postgres::IS_ONE_OF,
    }
}

/// A set of ids to select from as `wanted (id)`: the text before and after the placeholder.
pub(crate) const fn rows_of(engine: Engine) -> (&'static str, &'static str) {
    match engine {
        Engine::Sqlite => sqlite::ROWS_OF,
        Engine::Postgres => postgres::ROWS_OF,
    }
}

/// The key of the home site in the JSON of an edition's place, `e.place`.
pub(crate) const fn home_site(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => sqlite::HOME_SITE,
        Engine::Postgres => postgres::HOME_SITE,
    }
}

/// Locks the row of one target for a claim or a fan-out; no row when somebody else holds it.
pub(crate) const fn take_target(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => sqlite::TAKE_TARGET,
        Engine::Postgres => postgres::TAKE_TARGET,
    }
}

/// Locks lanes of target `$1` that are `$2` urgent and due at `$3`, the longest due first, at
/// most `$4`, passing over those that somebody else holds.
pub(crate) const fn take_lanes(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => sqlite::TAKE_LANES,
        Engine::Postgres => postgres::TAKE_LANES,
    }
}

/// Locks one lane.
pub(crate) const fn lock_lane(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => sqlite::LOCK_LANE,
        Engine::Postgres => postgres::LOCK_LANE,
    }
}

/// Locks one due time if it is due at `$2` and nobody else is at it.
pub(crate) const fn take_due_time(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => sqlite::TAKE_DUE_TIME,
        Engine::Postgres => postgres::TAKE_DUE_TIME,
    }
}
