//! `asOf`: the moment whose texts are asked for.

use async_graphql::dynamic::TypeRef;
use jiff::{SignedDuration, Timestamp};

use super::{
    member::{Argument, argument},
    scalars::DATE_TIME,
};
use crate::content::{
    reading::{Arguments, Model},
    refusal::Refusal,
};

const NAME: &str = "asOf";
/// How far the clock of whoever asks may be ahead of that of the hub.
const AHEAD: SignedDuration = SignedDuration::from_mins(1);

/// The argument.
pub(super) fn as_of(zh: &str, en: &str) -> Argument {
    argument(NAME, TypeRef::named(DATE_TIME), zh, en)
}

/// The moment that was given, if any.
///
/// # Errors
/// A refusal of what is no moment, and of one that has not come: what will be public then is not
/// known, and must not look as if it were.
pub(super) fn read_as_of(
    model: &Model,
    arguments: &Arguments,
) -> Result<Option<Timestamp>, Refusal> {
    let Some(text) = arguments.text(NAME) else { return Ok(None) };
    let moment: Timestamp = text.parse().map_err(|_| {
        Refusal::argument(format!("{text:?} 不是时刻"), format!("{text:?} is not a moment"))
    })?;
    let latest = model.clock.now().checked_add(AHEAD).unwrap_or(Timestamp::MAX);
    if moment > latest {
        return Err(Refusal::new(
            "IN_THE_FUTURE",
            format!("asOf 给出的时刻 {text} 还没有到：只能查询已过去的时刻"),
            format!(
                "asOf {text} is still to come: ask for a moment gone by, or leave it out for now"
            ),
        ));
    }
    Ok(Some(moment))
}
