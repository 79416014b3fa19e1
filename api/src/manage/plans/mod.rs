//! Publication plans: what is proposed where, what an editor changes, and letting go.

mod mutations;
mod rules;
mod told;

pub(crate) use mutations::Planning;
pub(crate) use rules::{PlanRuling, Plans};
pub(crate) use told::{HeldBack, Plan};
