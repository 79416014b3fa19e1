//! Working days and deadlines, as data with their source beside them.
//!
//! Rules count in working days (工作日), and which days are such is announced a year at a time:
//! [`Calendar`] holds the announcements, and a year that nobody loaded is refused, never guessed.
//! [`Span`] is a time allowed as a rule writes it, [`DeadlineRules`] are the rules themselves,
//! and [`Due`] is what one of them comes to.

mod days;
mod deadline_file;
mod deadlines;
mod due;
mod file;
mod region;
mod span;
mod sureness;
#[cfg(test)]
mod tests;

pub use self::{
    days::{Arrangement, Calendar, Exception, YearUnknown},
    deadlines::{Basis, Began, Beginning, DeadlineRule, DeadlineRules},
    due::{Due, Standing},
    region::{BadRegion, Region},
    span::{BadSpan, LONGEST, Span, Unit},
    sureness::Sureness,
};
pub use crate::toml_table::FileMistake;
