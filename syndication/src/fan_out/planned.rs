//! What the publication plan of an edition says of a target that does not hold the document yet.

use jiff::SignedDuration;
use store::{
    Error,
    deliveries::{holds::Hold, targets},
    plans,
};

use super::{Wanted, Writer};

/// What becomes of an edition for a target.
pub(super) enum Planned {
    /// Its editors did not send it there.
    LeftOut,
    /// It goes there, at once unless it is held back.
    Goes(Option<Hold>),
}

impl Writer<'_> {
    /// What the plan of the edition `number` says. Of a target that no rule names it says nothing:
    /// what a target selects, it is given.
    pub(super) async fn planned(
        &mut self,
        wanted: &Wanted<'_>,
        number: u32,
    ) -> Result<Planned, Error> {
        let plan = plans::published(self.fan.session(), wanted.document, number).await?;
        let Some(plan) = plan else { return Ok(Planned::Goes(None)) };
        let Some(step) = plan.step(&self.fan.target().key) else {
            return Ok(Planned::Goes(None));
        };
        if !step.goes {
            return Ok(Planned::LeftOut);
        }
        let mut waits_for = Vec::new();
        for earlier in plan.before(step) {
            let target = targets::by_key(self.fan.session(), earlier).await?;
            waits_for.extend(target.map(|target| target.id));
        }
        let later = SignedDuration::from_mins(i64::from(step.after_minutes));
        let then = wanted.at.saturating_add(later).unwrap_or(wanted.at);
        let not_before = match step.at {
            // The minutes count from when the others hold it.
            Some(at) if !waits_for.is_empty() => at.max(wanted.at),
            None if !waits_for.is_empty() => wanted.at,
            Some(at) => at.max(then),
            None => then,
        };
        let after_minutes = step.after_minutes;
        Ok(Planned::Goes(Some(Hold { not_before, after_minutes, waits_for })))
    }
}
