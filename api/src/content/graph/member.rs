//! A field of an object type: its signature, its words in both languages, its price, and how
//! it is answered. Interfaces repeat the signature, so it is kept apart from the engine's own
//! field type.

use std::sync::Arc;

use async_graphql::{
    Value,
    dynamic::{Field, FieldFuture, FieldValue, InputValue, InterfaceField, TypeRef},
};
use futures_util::future::BoxFuture;
use schema::message::Bilingual;

use crate::content::{
    answering::{HandOver, Start, Step, Steps, Warm, Way},
    limits::cost::{Price, Times},
    reading::{Answer, Arguments, Reader, Thing},
    refusal::Fault,
};

/// Price of a field that takes a statement of its own.
pub(super) const STATEMENT: u32 = 50;

/// A field of an object type.
#[derive(Clone)]
pub(super) struct Member {
    pub(super) name: String,
    pub(super) ty: TypeRef,
    pub(super) help: Bilingual,
    pub(super) arguments: Vec<Argument>,
    pub(super) deprecated: Option<Bilingual>,
    own: u32,
    times: Times,
    alone: &'static [&'static str],
    way: Way,
}

/// An argument of a field.
#[derive(Clone)]
pub(super) struct Argument {
    pub(super) name: &'static str,
    pub(super) ty: TypeRef,
    pub(super) help: Bilingual,
    pub(super) default: Option<Value>,
}

/// An argument.
pub(super) fn argument(name: &'static str, ty: TypeRef, zh: &str, en: &str) -> Argument {
    Argument { name, ty, help: Bilingual::new(zh, en), default: None }
}

/// What reads for many things at once.
pub(super) fn warm<F>(read: F) -> Warm
where
    F: for<'a> Fn(&'a mut Reader, &'a [Thing], &'a Arguments) -> BoxFuture<'a, Result<(), Fault>>
        + Send
        + Sync
        + 'static,
{
    Arc::new(read)
}

/// What finds where a query starts.
pub(super) fn start<F>(find: F) -> Start
where
    F: for<'a> Fn(&'a mut Reader, &'a Arguments) -> BoxFuture<'a, Result<Answer, Fault>>
        + Send
        + Sync
        + 'static,
{
    Arc::new(find)
}

impl Member {
    fn new(name: impl Into<String>, ty: TypeRef, help: Bilingual, way: Way) -> Self {
        Self {
            name: name.into(),
            ty,
            help,
            arguments: Vec::new(),
            deprecated: None,
            own: 1,
            times: Times::Once,
            alone: &[],
            way,
        }
    }

    /// A field whose value lies in its parent.
    pub(super) fn ready(
        name: impl Into<String>,
        ty: TypeRef,
        (zh, en): (&str, &str),
        give: impl Fn(&Thing) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let way = Way::Below { warm: None, give: Arc::new(move |_, thing, _| Ok(give(thing))) };
        Self::new(name, ty, Bilingual::new(zh, en), way)
    }

    /// A field that reads something first, for all things of its level at once.
    pub(super) fn read(
        name: impl Into<String>,
        ty: TypeRef,
        (zh, en): (&str, &str),
        warm: Option<Warm>,
        give: impl Fn(&Reader, &Thing, &Arguments) -> Result<Answer, Fault> + Send + Sync + 'static,
    ) -> Self {
        let way = Way::Below { warm, give: Arc::new(give) };
        Self::new(name, ty, Bilingual::new(zh, en), way)
    }

    /// A field of the root.
    pub(super) fn root(
        name: impl Into<String>,
        ty: TypeRef,
        (zh, en): (&str, &str),
        find: Start,
    ) -> Self {
        let member = Self::new(name, ty, Bilingual::new(zh, en), Way::Start(find));
        member.costs(STATEMENT)
    }

    /// With an argument.
    pub(super) fn with(mut self, argument: Argument) -> Self {
        self.arguments.push(argument);
        self
    }

    /// With an argument that has a default.
    pub(super) fn with_default(self, argument: Argument, default: impl Into<Value>) -> Self {
        self.with(Argument { default: Some(default.into()), ..argument })
    }

    /// At another price than 1.
    pub(super) fn costs(mut self, own: u32) -> Self {
        self.own = own;
        self
    }

    /// With several values under it.
    pub(super) fn times(mut self, times: Times) -> Self {
        self.times = times;
        self
    }

    /// With arguments that cannot be asked of every item of a list.
    pub(super) fn alone(mut self, arguments: &'static [&'static str]) -> Self {
        self.alone = arguments;
        self
    }

    /// Marked as no longer to be used.
    pub(super) fn deprecated(mut self, reason: Option<Bilingual>) -> Self {
        self.deprecated = reason;
        self
    }

    /// Its price.
    pub(super) fn price(&self) -> Price {
        Price {
            own: self.own,
            times: self.times,
            to: self.ty.type_name().into(),
            alone: self.alone,
        }
    }

    /// Notes it among the steps of `of_type`.
    pub(super) fn note(&self, of_type: &str, steps: &mut Steps) {
        let given = |argument: &Argument| Some((argument.name, argument.default.clone()?));
        let defaults = self.arguments.iter().filter_map(given);
        steps.note(of_type, &self.name, Step::new(self.way.clone(), &self.ty, defaults));
    }

    /// As a field of an interface.
    pub(super) fn interface_field(&self) -> InterfaceField {
        let mut field =
            InterfaceField::new(&self.name, self.ty.clone()).description(description(&self.help));
        for argument in &self.arguments {
            field = field.argument(argument.input());
        }
        field
    }

    /// As a field of an object.
    pub(super) fn field(&self) -> Field {
        let mut field = Field::new(&self.name, self.ty.clone(), |_| {
            FieldFuture::new(async { Err::<Option<FieldValue<'_>>, _>(HandOver::elsewhere()) })
        })
        .description(description(&self.help));
        for argument in &self.arguments {
            field = field.argument(argument.input());
        }
        if let Some(reason) = &self.deprecated {
            field = field.deprecation(Some(&reason.to_string()));
        }
        field
    }
}

impl Argument {
    /// As the engine takes it.
    pub(super) fn input(&self) -> InputValue {
        let input =
            InputValue::new(self.name, self.ty.clone()).description(description(&self.help));
        match &self.default {
            Some(default) => input.default_value(default.clone()),
            None => input,
        }
    }
}

/// A text of the schema: Chinese, then English.
pub(super) fn description(text: &Bilingual) -> String {
    text.to_string()
}
