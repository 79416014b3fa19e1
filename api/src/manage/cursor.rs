//! A place in a list that is ordered by a moment and an id: microseconds and id, without meaning to
//! anybody else.

use std::{fmt, str::FromStr};

use jiff::Timestamp;
use schema::message::Fault;
use uuid::Uuid;

use super::input::Spelled;

/// Where a page of such a list ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// The moment of its last item.
    pub(crate) at: Timestamp,
    /// The id of its last item.
    pub(crate) id: Uuid,
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:x}.{}", self.at.as_microsecond(), self.id.simple())
    }
}

/// A text was not a cursor of such a list.
pub(crate) struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (at, id) = text.split_once('.').ok_or(NotACursor)?;
        let at = i64::from_str_radix(at, 16).map_err(|_| NotACursor)?;
        Ok(Self {
            at: Timestamp::from_microsecond(at).map_err(|_| NotACursor)?,
            id: id.parse().map_err(|_| NotACursor)?,
        })
    }
}

impl Spelled for Cursor {
    fn fault(path: &str, _: &str, _: NotACursor) -> Fault {
        Fault::new(
            path,
            "bad_cursor",
            "应为本列表此前给出的位置",
            "give a cursor that this list gave",
        )
    }
}
