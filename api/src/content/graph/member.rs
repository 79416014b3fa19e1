//! A field of an object type: its signature, its words in both languages, its price, and how
//! it is answered. Interfaces repeat the signature, so it is kept apart from the engine's own
//! field type.

use std::sync::Arc;

use async_graphql::{
    Value,
    dynamic::{
        Field, FieldFuture, FieldValue, InputValue, InterfaceField, ResolverContext, TypeRef,
    },
};
use futures_util::future::BoxFuture;
use schema::message::Bilingual;

use super::federation::ENTITY;
use crate::content::{
    limits::cost::{Price, Times},
    reading::{
        Answer, Arguments, Asking, Reader, Thing,
        ahead::{self, Give, Step, Steps, Warm},
    },
    refusal::Fault,
};

/// Price of a field that takes a statement of its own.
pub(super) const STATEMENT: u32 = 50;

/// Types whose values name their concrete type.
pub(super) const ABSTRACT: [&str; 4] = ["Document", "Node", "Route", ENTITY];

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

/// How a field is answered.
#[derive(Clone)]
enum Way {
    /// From its parent alone, at once.
    Ready(Arc<dyn Fn(&Thing) -> Answer + Send + Sync>),
    /// From its parent and what was read.
    Step(Step),
    /// By finding where to start, and then reading ahead.
    Start(Start),
}

/// How a field of the root is answered.
pub(super) type Start = Arc<
    dyn for<'a> Fn(&'a mut Reader, &'a Arguments) -> BoxFuture<'a, Result<Answer, Fault>>
        + Send
        + Sync,
>;

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
        Self::new(name, ty, Bilingual::new(zh, en), Way::Ready(Arc::new(give)))
    }

    /// A field that reads something first, for all things of its level at once.
    pub(super) fn read(
        name: impl Into<String>,
        ty: TypeRef,
        (zh, en): (&str, &str),
        warm: Option<Warm>,
        give: impl Fn(&Reader, &Thing, &Arguments) -> Result<Answer, Fault> + Send + Sync + 'static,
    ) -> Self {
        let step = Step { warm, give: Arc::new(give) };
        Self::new(name, ty, Bilingual::new(zh, en), Way::Step(step))
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
        let step = match &self.way {
            Way::Step(step) => step.clone(),
            Way::Ready(give) => {
                let give = Arc::clone(give);
                let give: Give = Arc::new(move |_, thing, _| Ok(give(thing)));
                Step { warm: None, give }
            }
            Way::Start(_) => return,
        };
        steps.0.entry(of_type.into()).or_default().insert(self.name.as_str().into(), step);
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
        let is_abstract = ABSTRACT.contains(&self.ty.type_name());
        let way = self.way.clone();
        let mut field = Field::new(&self.name, self.ty.clone(), move |context| {
            resolve(&way, is_abstract, context)
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

fn resolve<'a>(way: &Way, is_abstract: bool, context: ResolverContext<'a>) -> FieldFuture<'a> {
    match way {
        Way::Ready(give) => {
            // A parent of another kind is a mistake of the schema: nothing comes of it.
            let answer = context.parent_value.downcast_ref::<Thing>().map(|thing| give(thing));
            FieldFuture::Value(value(answer.unwrap_or(Answer::Nothing), is_abstract))
        }
        Way::Start(find) => {
            let find = Arc::clone(find);
            FieldFuture::new(async move {
                let arguments = Arguments(context.args.as_index_map().clone());
                let asking = context.ctx.data::<Asking>()?;
                let steps = context.ctx.data::<Arc<Steps>>()?;
                let mut reader = asking.0.lock().await;
                reader.began = true;
                let answer = find(&mut reader, &arguments).await?;
                if let Answer::Each(places) = &answer {
                    let key = context.ctx.field().alias().unwrap_or(context.ctx.field().name());
                    reader.note_missing(key, places);
                }
                let selected = context.ctx.field().selection_set().collect();
                ahead::walk(steps, &mut reader, answer.things().cloned().collect(), selected)
                    .await?;
                Ok(value(answer, is_abstract))
            })
        }
        Way::Step(step) => {
            let step = step.clone();
            FieldFuture::new(async move {
                let thing = context.parent_value.try_downcast_ref::<Thing>()?;
                let arguments = Arguments(context.args.as_index_map().clone());
                let asking = context.ctx.data::<Asking>()?;
                let mut reader = asking.0.lock().await;
                if let Some(warm) = &step.warm {
                    warm(&mut reader, std::slice::from_ref(thing), &arguments).await?;
                }
                Ok(value((step.give)(&reader, thing, &arguments)?, is_abstract))
            })
        }
    }
}

fn value(answer: Answer, is_abstract: bool) -> Option<FieldValue<'static>> {
    let one = |thing: Thing| {
        let name = thing.type_name().filter(|_| is_abstract);
        let value = FieldValue::owned_any(thing);
        match name {
            Some(name) => value.with_type(name.to_string()),
            None => value,
        }
    };
    match answer {
        Answer::Nothing => None,
        Answer::Value(value) => Some(FieldValue::value(value)),
        Answer::One(thing) => Some(one(thing)),
        Answer::Many(things) => Some(FieldValue::list(things.into_iter().map(one))),
        Answer::Each(places) => Some(FieldValue::list(
            places.into_iter().map(|place| one(place.unwrap_or(Thing::Missing))),
        )),
    }
}
