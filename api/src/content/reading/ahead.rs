//! The walk ahead: follows what a query selects under the things of a root field, a level at a
//! time, and reads each level for all of its things together.

use std::{collections::HashMap, sync::Arc};

use async_graphql::SelectionField;
use futures_util::{FutureExt as _, future::BoxFuture};

use super::{Answer, Arguments, Reader, Thing};
use crate::content::refusal::Fault;

/// Reads whatever a field needs, for all things it is asked of.
pub(crate) type Warm = Arc<
    dyn for<'a> Fn(&'a mut Reader, &'a [Thing], &'a Arguments) -> BoxFuture<'a, Result<(), Fault>>
        + Send
        + Sync,
>;

/// What a field gives, from what was read.
pub(crate) type Give =
    Arc<dyn Fn(&Reader, &Thing, &Arguments) -> Result<Answer, Fault> + Send + Sync>;

/// A field that leads to further things or reads something.
#[derive(Clone)]
pub(crate) struct Step {
    /// What it reads; `None` where everything is there already.
    pub(crate) warm: Option<Warm>,
    /// What it gives.
    pub(crate) give: Give,
}

/// The fields that lead somewhere or read something, by GraphQL type and name.
#[derive(Default)]
pub(crate) struct Steps(pub(crate) HashMap<Box<str>, HashMap<Box<str>, Step>>);

/// Reads everything that `fields` select under `things`.
pub(crate) fn walk<'a>(
    steps: &'a Steps,
    reader: &'a mut Reader,
    things: Vec<Thing>,
    fields: Vec<SelectionField<'a>>,
) -> BoxFuture<'a, Result<(), Fault>> {
    async move {
        if things.is_empty() {
            return Ok(());
        }
        let groups = by_type(things);
        for field in fields {
            let asked: Vec<(&Step, &[Thing])> = groups
                .iter()
                .filter_map(|(name, things)| {
                    Some((steps.0.get(&**name)?.get(field.name())?, things.as_slice()))
                })
                .collect();
            if asked.is_empty() {
                continue;
            }
            // A variable that is missing is told where the field is resolved.
            let Ok(arguments) = field.arguments() else { continue };
            let arguments = Arguments(arguments.into_iter().collect());
            warm(reader, &asked, &arguments).await?;
            let mut under = Vec::new();
            for (step, things) in &asked {
                for thing in *things {
                    under.extend((step.give)(reader, thing, &arguments)?.things().cloned());
                }
            }
            walk(steps, reader, under, field.selection_set().collect()).await?;
        }
        Ok(())
    }
    .boxed()
}

fn by_type(things: Vec<Thing>) -> Vec<(Arc<str>, Vec<Thing>)> {
    let mut groups: Vec<(Arc<str>, Vec<Thing>)> = Vec::new();
    for thing in things {
        let Some(name) = thing.type_name() else { continue };
        match groups.iter_mut().find(|(of, _)| *of == name) {
            Some((_, group)) => group.push(thing),
            None => groups.push((name, vec![thing])),
        }
    }
    groups
}

/// Fields that several types share read for all of them together.
async fn warm(
    reader: &mut Reader,
    asked: &[(&Step, &[Thing])],
    arguments: &Arguments,
) -> Result<(), Fault> {
    let mut together: Vec<(&Warm, Vec<Thing>)> = Vec::new();
    for (step, things) in asked {
        let Some(warm) = &step.warm else { continue };
        match together.iter_mut().find(|(other, _)| Arc::ptr_eq(other, warm)) {
            Some((_, all)) => all.extend_from_slice(things),
            None => together.push((warm, things.to_vec())),
        }
    }
    for (warm, things) in together {
        warm(reader, &things, arguments).await?;
    }
    Ok(())
}
