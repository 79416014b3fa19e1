//! Reading ahead: follows what is selected, and reads each level for all of its things together,
//! whatever they hang on. How many statements that takes depends on the operation alone.

use std::{collections::HashMap, sync::Arc};

use async_graphql::parser::types::SelectionSet;

use super::{
    selection::{Chosen, Operation, What},
    steps::{Object, Steps, Warm, Way},
};
use crate::content::{
    reading::{Arguments, Reader, Thing},
    refusal::Fault,
};

/// What is selected of the values of one type in one place of an operation.
pub(super) struct Node<'q> {
    pub(super) object: &'q Object,
    pub(super) fields: Vec<(Chosen<'q>, Place)>,
}

/// A place in an operation: a field somewhere under the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place(u32);

/// What an operation selects, as far as it was followed.
pub(super) struct Plan<'q> {
    operation: &'q Operation,
    steps: &'q Steps,
    places: u32,
    /// By place and the address of the type.
    nodes: HashMap<(Place, usize), Arc<Node<'q>>>,
}

/// Things of one type in one place.
struct Group<'q> {
    node: Arc<Node<'q>>,
    things: Vec<Thing>,
}

impl<'q> Plan<'q> {
    pub(super) fn new(operation: &'q Operation, steps: &'q Steps) -> Self {
        Self { operation, steps, places: 0, nodes: HashMap::new() }
    }

    /// The same for what lies under `root`, whose places are taken.
    pub(super) fn below(operation: &'q Operation, steps: &'q Steps, root: &Node<'_>) -> Self {
        let taken = root.fields.iter().map(|(_, Place(place))| place + 1).max();
        Self { places: taken.unwrap_or_default(), ..Self::new(operation, steps) }
    }

    /// What is selected of values of `object` by `sets`.
    pub(super) fn node(&mut self, object: &'q Object, sets: &[&'q SelectionSet]) -> Node<'q> {
        let chosen = self.operation.choose(object, sets);
        let mut placed = Vec::with_capacity(chosen.len());
        for chosen in chosen {
            placed.push((chosen, Place(self.places)));
            self.places += 1;
        }
        Node { object, fields: placed }
    }

    /// What is selected of `thing`, which the field at `place` gave; `None` for values without
    /// fields.
    pub(super) fn under(
        &mut self,
        chosen: &Chosen<'q>,
        place: Place,
        thing: &Thing,
    ) -> Option<Arc<Node<'q>>> {
        let What::Step(step, _) = &chosen.what else { return None };
        let object = self.steps.of(thing, &step.to)?;
        let key = (place, std::ptr::from_ref(object).addr());
        if let Some(node) = self.nodes.get(&key) {
            return Some(Arc::clone(node));
        }
        let node = Arc::new(self.node(object, &chosen.sets));
        self.nodes.insert(key, Arc::clone(&node));
        Some(node)
    }

    /// Reads everything that is selected under `things`, which the field at `place` gave.
    ///
    /// # Errors
    /// The first thing that cannot be read or given.
    pub(super) async fn read(
        &mut self,
        reader: &mut Reader,
        chosen: &Chosen<'q>,
        place: Place,
        things: Vec<Thing>,
    ) -> Result<(), Fault> {
        let mut level = Vec::new();
        for thing in things {
            self.sort_in(&mut level, chosen, place, thing);
        }
        while !level.is_empty() {
            for (warm, arguments, things) in together(&level) {
                warm(reader, &things, arguments).await?;
            }
            let mut next = Vec::new();
            for Group { node, things } in &level {
                for (chosen, place) in &node.fields {
                    let What::Step(step, arguments) = &chosen.what else { continue };
                    let Way::Below { give, .. } = &step.way else { continue };
                    if chosen.sets.iter().all(|set| set.items.is_empty()) {
                        continue;
                    }
                    for thing in things {
                        for thing in give(reader, thing, arguments)?.things() {
                            self.sort_in(&mut next, chosen, *place, thing.clone());
                        }
                    }
                }
            }
            level = next;
        }
        Ok(())
    }

    fn sort_in(
        &mut self,
        level: &mut Vec<Group<'q>>,
        chosen: &Chosen<'q>,
        place: Place,
        thing: Thing,
    ) {
        let Some(node) = self.under(chosen, place, &thing) else { return };
        match level.iter_mut().find(|group| Arc::ptr_eq(&group.node, &node)) {
            Some(group) => group.things.push(thing),
            None => level.push(Group { node, things: vec![thing] }),
        }
    }
}

/// What a level reads: fields that read the same in the same way read together.
fn together<'l>(level: &'l [Group<'_>]) -> Vec<(&'l Warm, &'l Arguments, Vec<Thing>)> {
    let mut together: Vec<(&Warm, &Arguments, Vec<Thing>)> = Vec::new();
    for Group { node, things } in level {
        for (chosen, _) in &node.fields {
            let What::Step(step, arguments) = &chosen.what else { continue };
            let Way::Below { warm: Some(warm), .. } = &step.way else { continue };
            let same = together
                .iter_mut()
                .find(|(other, given, _)| Arc::ptr_eq(other, warm) && *given == arguments);
            match same {
                Some((_, _, all)) => all.extend_from_slice(things),
                None => together.push((warm, arguments, things.clone())),
            }
        }
    }
    together
}
