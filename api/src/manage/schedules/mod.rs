//! Schedules, embargoes and release sets: what is to become public, or not, and when; and what
//! is late.

mod deadlines;
mod embargoes;
mod listed;
mod mutations;
mod sets;
mod told;

use async_graphql::MergedObject;

pub(crate) use embargoes::{Embargo, Embargoes};
pub(crate) use mutations::Scheduling;
pub(crate) use sets::Releasing;
pub(crate) use told::Schedule;

/// The queries of schedules.
#[derive(Default, MergedObject)]
pub(crate) struct Schedules(listed::Scheduled, sets::Sets, deadlines::Deadlines);
