//! Of conditions on types that exclude each other (`... on News { … } ... on Leader { … }`) a value
//! answers one: they cost as much as the most costly of them, and what applies together adds up.

use std::collections::HashMap;

use super::Measure;

/// For every type that a condition can name, the object types its values may be of.
#[derive(Clone, Debug, Default)]
pub(super) struct Kinds {
    numbers: HashMap<Box<str>, usize>,
    by_name: HashMap<Box<str>, Objects>,
}

/// A set of object types, a bit for each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Objects(Vec<u64>);

impl Objects {
    fn add(&mut self, object: usize) {
        let (word, bit) = (object / 64, object % 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << bit;
    }

    fn has(&self, object: usize) -> bool {
        self.0.get(object / 64).is_some_and(|word| word >> (object % 64) & 1 == 1)
    }

    fn both(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(one, other)| one & other).collect())
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    fn each(&self) -> impl Iterator<Item = usize> {
        (0..self.0.len() * 64).filter(|object| self.has(*object))
    }
}

impl Kinds {
    /// Adds an object type and the interfaces it implements.
    pub(super) fn add_object(&mut self, name: &str, implements: &[&str]) {
        let object = self.number(name);
        for name in implements.iter().chain([&name]) {
            self.by_name.entry((*name).into()).or_default().add(object);
        }
    }

    /// Adds a union of object types.
    pub(super) fn add_union(&mut self, name: &str, of: &[&str]) {
        for member in of {
            let object = self.number(member);
            self.by_name.entry(name.into()).or_default().add(object);
        }
    }

    fn number(&mut self, object: &str) -> usize {
        let next = self.numbers.len();
        *self.numbers.entry(object.into()).or_insert(next)
    }

    /// The object types for which a condition on `on` chooses among the values of `of_type`;
    /// `None` where it chooses nothing, or where it is not known what it chooses.
    pub(super) fn chosen(&self, of_type: Option<&str>, on: &str) -> Option<Objects> {
        let chosen = self.by_name.get(on)?;
        let Some(all) = of_type.and_then(|of_type| self.by_name.get(of_type)) else {
            return Some(chosen.clone());
        };
        let both = all.both(chosen);
        // What can never be is refused by validation; until then it counts like anything else.
        (!both.is_empty() && both != all.both(all)).then_some(both)
    }
}

/// What the parts of a selection come to: those of every value together, those of some values
/// as much as for the most costly value.
#[derive(Default)]
pub(super) struct Parts {
    always: Measure,
    chosen: Vec<(Objects, Measure)>,
}

impl Parts {
    pub(super) fn add(&mut self, chosen: Option<Objects>, measure: Measure) {
        match chosen {
            None => self.always = self.always.beside(measure),
            Some(objects) => self.chosen.push((objects, measure)),
        }
    }

    /// Never less than what they come to for any one value.
    pub(super) fn measure(self) -> Measure {
        let mut by_object: HashMap<usize, Measure> = HashMap::new();
        for (objects, measure) in &self.chosen {
            for object in objects.each() {
                let sum = by_object.entry(object).or_default();
                *sum = sum.beside(*measure);
            }
        }
        let most = by_object.into_values().fold(Measure::default(), Measure::or);
        self.always.beside(most)
    }
}
