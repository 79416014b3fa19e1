//! What is proposed where. Who sets a rule decides what becomes of the deliveries of the targets it
//! names, so they must be theirs to tend.

use schema::{message::Fault, plan::Rule};
use store::{UnitOfWork, deliveries::targets, placed_rules::PlacedRule};

use crate::{
    Desk, Error, Refusal,
    placed_rules::{self, NamedPlace},
    ports::Channels,
    targets::tended_by,
};

/// Sets the rule of a place over the one it has. Setting it to what it is changes nothing.
///
/// # Errors
/// [`Refusal::Invalid`] with everything that is wrong, a target that is not there or not theirs to
/// tend among it, and one that is a cache: what is stale there is dropped at once. As
/// [`placed_rules::rule`] otherwise.
pub async fn set_rule(
    desk: &Desk,
    channels: &dyn Channels,
    work: &mut UnitOfWork,
    at: &NamedPlace,
    (seen, rule): (Option<i64>, Rule),
) -> Result<PlacedRule<Rule>, Error> {
    // Whether they may arrange there comes first: a stranger learns nothing of targets.
    placed_rules::rule::<Rule>(desk, work, at).await?;
    let actor = work.actor().clone();
    let mut faults = rule.faults();
    for (place, named) in rule.targets.iter().enumerate() {
        let path = format!("targets[{place}].target");
        let target = targets::by_key(work.session(), &named.target).await?;
        let tended = match &target {
            Some(target) => tended_by(work.session(), &actor, target).await?,
            None => false,
        };
        let Some(target) = target.filter(|_| tended) else {
            faults.push(Fault::new(
                path,
                "not_found",
                format!("没有投放对象“{}”", named.target),
                format!("there is no target {:?}", named.target),
            ));
            continue;
        };
        if channels.is_cache(&target.channel) {
            faults.push(Fault::new(
                path,
                "is_a_cache",
                format!("“{}”是缓存，失效内容须立即清除，不能列入发布计划", named.target),
                format!("{:?} is a cache: what is stale there is dropped at once", named.target),
            ));
        }
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults).into());
    }
    placed_rules::set(desk, work, at, seen, rule).await
}

/// Takes the rule of a place away: what the next place above says holds again.
///
/// # Errors
/// As [`placed_rules::remove`].
pub async fn remove_rule(
    desk: &Desk,
    work: &mut UnitOfWork,
    at: &NamedPlace,
    seen: Option<i64>,
) -> Result<(), Error> {
    placed_rules::remove::<Rule>(desk, work, at, seen).await
}
