//! PostgreSQL: a list is an array.

use sqlx::{
    Encode, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgTypeInfo},
};
use uuid::Uuid;

use super::{Ids, Keys};

pub(super) const IS_ONE_OF: (&str, &str) = ("= ANY(", ")");
pub(super) const ROWS_OF: (&str, &str) = ("unnest(", ") AS wanted (id)");
pub(super) const HOME_SITE: &str = "(CAST(e.place AS JSONB) #>> '{placements,0,site}')";

pub(super) const TAKE_TARGET: &str =
    "SELECT id FROM target WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED";
pub(super) const TAKE_LANES: &str = "SELECT document_id FROM lane WHERE target_id = $1 AND urgent = $2 AND due_at <= $3 \
     ORDER BY due_at LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED";
pub(super) const LOCK_LANE: &str = "SELECT fence, owed_sequence FROM lane WHERE target_id = $1 AND document_id = $2 FOR NO KEY UPDATE";

pub(super) const TAKE_DUE_TIME: &str = "SELECT id FROM due_time WHERE id = $1 AND next_at IS NOT NULL AND next_at <= $2 FOR UPDATE SKIP LOCKED";

impl Type<Postgres> for Ids {
    fn type_info() -> PgTypeInfo {
        <Vec<Uuid> as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Ids {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode_by_ref(&self.0, buffer)
    }
}

impl Type<Postgres> for Keys {
    fn type_info() -> PgTypeInfo {
        <Vec<Vec<u8>> as Type<Postgres>>::type_info()
    }
}

impl Encode<'_, Postgres> for Keys {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Postgres>::encode_by_ref(&self.0, buffer)
    }
}
