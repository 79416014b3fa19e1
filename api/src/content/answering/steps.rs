//! How every field of the schema is answered, by the names of its type and its own.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use async_graphql::{Name, Value, dynamic::TypeRef};
use futures_util::future::BoxFuture;

use crate::content::{
    reading::{Answer, Arguments, Reader, Thing},
    refusal::Fault,
};

/// Reads whatever a field needs, for all things it is asked of.
pub(crate) type Warm = Arc<
    dyn for<'a> Fn(&'a mut Reader, &'a [Thing], &'a Arguments) -> BoxFuture<'a, Result<(), Fault>>
        + Send
        + Sync,
>;

/// What a field gives, from what was read.
pub(crate) type Give =
    Arc<dyn Fn(&Reader, &Thing, &Arguments) -> Result<Answer, Fault> + Send + Sync>;

/// How a field of the root finds where a query starts.
pub(crate) type Start = Arc<
    dyn for<'a> Fn(&'a mut Reader, &'a Arguments) -> BoxFuture<'a, Result<Answer, Fault>>
        + Send
        + Sync,
>;

/// How a field is answered.
#[derive(Clone)]
pub(crate) enum Way {
    /// By finding where to start.
    Start(Start),
    /// From its parent and what was read for it.
    Below {
        /// What it reads; `None` where everything is there already.
        warm: Option<Warm>,
        /// What it gives.
        give: Give,
    },
}

/// A field: how it is answered, and what its value is.
#[derive(Clone)]
pub(crate) struct Step {
    pub(crate) way: Way,
    /// The type of its value, or of the values in its list.
    pub(super) to: Box<str>,
    /// Null is no answer.
    pub(super) is_required: bool,
    /// Arguments that have a value where none is given.
    pub(super) defaults: Vec<(Name, Value)>,
}

impl Step {
    /// A field of this type.
    pub(crate) fn new(
        way: Way,
        ty: &TypeRef,
        defaults: impl IntoIterator<Item = (&'static str, Value)>,
    ) -> Self {
        Self {
            way,
            to: ty.type_name().into(),
            is_required: matches!(ty, TypeRef::NonNull(_)),
            defaults: defaults.into_iter().map(|(name, value)| (Name::new(name), value)).collect(),
        }
    }
}

/// An object type.
#[derive(Default)]
pub(super) struct Object {
    pub(super) name: Box<str>,
    /// Interfaces that it implements and unions that it is of.
    pub(super) is_also: HashSet<Box<str>>,
    pub(super) fields: HashMap<Box<str>, Step>,
}

impl Object {
    /// Whether a condition on the type `name` holds for its values.
    pub(super) fn is(&self, name: &str) -> bool {
        *self.name == *name || self.is_also.contains(name)
    }
}

/// The fields of all object types.
#[derive(Default)]
pub(crate) struct Steps {
    objects: HashMap<Box<str>, Object>,
}

impl Steps {
    /// Notes a field.
    pub(crate) fn note(&mut self, object: &str, field: &str, step: Step) {
        self.object(object).fields.insert(field.into(), step);
    }

    /// Notes that the values of an object type are values of an abstract type too.
    pub(crate) fn note_kind(&mut self, object: &str, of: &str) {
        self.object(object).is_also.insert(of.into());
    }

    fn object(&mut self, name: &str) -> &mut Object {
        let object = self.objects.entry(name.into()).or_default();
        if object.name.is_empty() {
            object.name = name.into();
        }
        object
    }

    /// The object type of this name.
    pub(super) fn named(&self, name: &str) -> Option<&Object> {
        self.objects.get(name)
    }

    /// The type of `thing`, which a field of type `to` gave; `None` for scalars.
    pub(super) fn of(&self, thing: &Thing, to: &str) -> Option<&Object> {
        self.objects.get(to).or_else(|| self.objects.get(&*thing.type_name()?))
    }
}
