//! SQLite: a list is JSON text of hexadecimal strings, unpacked by `json_each`.

use sqlx::{
    Encode, Sqlite, Type,
    encode::IsNull,
    error::BoxDynError,
    sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo},
};

use super::{Ids, Keys};
use crate::convert;

pub(super) const IS_ONE_OF: (&str, &str) = ("IN (SELECT unhex(value) FROM json_each(", "))");
pub(super) const ROWS_OF: (&str, &str) =
    ("(SELECT unhex(value) AS id FROM json_each(", ")) AS wanted");
pub(super) const HOME_SITE: &str = "(e.place ->> '$.placements[0].site')";

// A writing transaction is the only one, so nothing needs a lock of its own.
pub(super) const TAKE_TARGET: &str = "SELECT id FROM target WHERE id = $1";
pub(super) const TAKE_LANES: &str = "SELECT document_id FROM lane WHERE target_id = $1 AND urgent = $2 AND due_at <= $3 \
     ORDER BY due_at LIMIT $4";
pub(super) const LOCK_LANE: &str =
    "SELECT fence, owed_sequence FROM lane WHERE target_id = $1 AND document_id = $2";

pub(super) const TAKE_DUE_TIME: &str =
    "SELECT id FROM due_time WHERE id = $1 AND next_at IS NOT NULL AND next_at <= $2";

fn json_of_hex<'bytes>(values: impl Iterator<Item = &'bytes [u8]>) -> String {
    let mut json = String::from("[");
    for (index, bytes) in values.enumerate() {
        json.push_str(if index == 0 { "\"" } else { ",\"" });
        json.push_str(&convert::hex(bytes));
        json.push('"');
    }
    json.push(']');
    json
}

impl Type<Sqlite> for Ids {
    fn type_info() -> SqliteTypeInfo {
        <String as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for Ids {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        let json = json_of_hex(self.0.iter().map(|id| id.as_bytes().as_slice()));
        Encode::<Sqlite>::encode(json, buffer)
    }
}

impl Type<Sqlite> for Keys {
    fn type_info() -> SqliteTypeInfo {
        <String as Type<Sqlite>>::type_info()
    }
}

impl Encode<'_, Sqlite> for Keys {
    fn encode_by_ref(&self, buffer: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(json_of_hex(self.0.iter().map(Vec::as_slice)), buffer)
    }
}
