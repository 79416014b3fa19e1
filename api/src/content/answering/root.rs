//! The fields of the root, each by itself: what goes wrong under one leaves the others.

use async_graphql::{PathSegment, ServerError, Value};

use super::{
    ahead::{Node, Place, Plan},
    selection::{Chosen, Operation, What},
    steps::{Steps, Way},
    writing::{disagree, write_key, write_text},
};
use crate::content::{
    reading::{Answer, Arguments, Reader, Thing},
    refusal::Fault,
};

/// The types of the root.
pub(super) const QUERY: &str = "Query";
const SUBSCRIPTION: &str = "Subscription";

/// The data of an answer, as JSON, and what went wrong under it.
#[derive(Debug, Default)]
pub(crate) struct Data {
    pub(crate) json: Vec<u8>,
    pub(crate) errors: Vec<ServerError>,
}

/// Something is not at hand.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NotAtHand;

impl Data {
    fn null(errors: Vec<ServerError>) -> Self {
        Self { json: b"null".to_vec(), errors }
    }
}

impl Operation {
    /// Whether anything is asked about the schema itself, which the engine answers.
    pub(super) fn asks_about_the_schema(&self, steps: &Steps) -> bool {
        self.root(steps, QUERY).is_some_and(|node| {
            node.fields.iter().any(|(chosen, _)| matches!(chosen.what, What::Introspection))
        })
    }

    fn root<'q>(&'q self, steps: &'q Steps, name: &str) -> Option<Node<'q>> {
        let (object, definition) = (steps.named(name)?, self.definition()?);
        Some(Plan::new(self, steps).node(object, &[&definition.selection_set.node]))
    }

    /// Answers a query. `about` is what the engine says about the schema.
    ///
    /// # Errors
    /// Where only what is at hand is to be read, and something is not.
    pub(crate) async fn answer(
        &self,
        steps: &Steps,
        reader: &mut Reader,
        about: &Value,
    ) -> Result<Data, NotAtHand> {
        let Some(root) = self.root(steps, QUERY) else { return Ok(Data::default()) };
        let mut data = Data::default();
        data.json.push(b'{');
        for (number, (chosen, place)) in root.fields.iter().enumerate() {
            if number > 0 {
                data.json.push(b',');
            }
            write_key(chosen.key, &mut data.json);
            let begin = data.json.len();
            let answered = match &chosen.what {
                What::TypeName => {
                    write_text(QUERY, &mut data.json);
                    Ok(())
                }
                What::Introspection => write_about(about, chosen, &mut data.json),
                What::Step(..) => {
                    let mut plan = Plan::below(self, steps, &root);
                    plan.answer(reader, chosen, *place, &mut data.json).await
                }
            };
            if let Err(Fault::NotAtHand) = answered {
                return Err(NotAtHand);
            }
            if let Err(fault) = answered {
                data.errors.push(told(fault, chosen));
                if matches!(&chosen.what, What::Step(step, _) if step.is_required) {
                    return Ok(Data::null(data.errors));
                }
                data.json.truncate(begin);
                data.json.extend_from_slice(b"null");
            }
        }
        data.json.push(b'}');
        Ok(data)
    }

    /// The arguments of the field of a subscription.
    pub(crate) fn arguments_of_subscription(&self, steps: &Steps) -> Option<Arguments> {
        let root = self.root(steps, SUBSCRIPTION)?;
        match root.fields.into_iter().next()? {
            (Chosen { what: What::Step(_, arguments), .. }, _) => Some(arguments),
            _ => None,
        }
    }

    /// Tells a subscription each of `things`, in their order: its only field, and what it
    /// selects.
    ///
    /// # Errors
    /// The first thing that cannot be read or given.
    pub(crate) async fn tell(
        &self,
        steps: &Steps,
        reader: &mut Reader,
        things: Vec<Thing>,
    ) -> Result<Vec<Vec<u8>>, Box<ServerError>> {
        let Some(root) = self.root(steps, SUBSCRIPTION) else { return Ok(Vec::new()) };
        let Some((chosen, place)) = root.fields.first() else { return Ok(Vec::new()) };
        let mut plan = Plan::below(self, steps, &root);
        let told = |fault| Box::new(told(fault, chosen));
        plan.read(reader, chosen, *place, things.clone()).await.map_err(told)?;
        let mut written = Vec::with_capacity(things.len());
        for thing in things {
            let mut json = b"{".to_vec();
            write_key(chosen.key, &mut json);
            let one = Answer::One(thing);
            plan.write(reader, chosen, *place, &one, &mut json).map_err(told)?;
            json.push(b'}');
            written.push(json);
        }
        Ok(written)
    }
}

impl<'q> Plan<'q> {
    async fn answer(
        &mut self,
        reader: &mut Reader,
        chosen: &Chosen<'q>,
        place: Place,
        json: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        let What::Step(step, arguments) = &chosen.what else { return Ok(()) };
        let Way::Start(start) = &step.way else {
            return Err(disagree(chosen, "a field of the root that starts nothing"));
        };
        let answer = start(reader, arguments).await?;
        if step.is_required && matches!(answer, Answer::Nothing) {
            return Err(disagree(chosen, "nothing where something is required"));
        }
        self.read(reader, chosen, place, answer.things().cloned().collect()).await?;
        self.write(reader, chosen, place, &answer, json)
    }
}

fn write_about(about: &Value, chosen: &Chosen<'_>, json: &mut Vec<u8>) -> Result<(), Fault> {
    let said = match about {
        Value::Object(about) => about.get(chosen.key),
        _ => None,
    };
    serde_json::to_writer(json, said.unwrap_or(&Value::Null))
        .map_err(|_| disagree(chosen, "what is said of the schema cannot be written"))
}

/// What went wrong, and under which field.
fn told(fault: Fault, chosen: &Chosen<'_>) -> ServerError {
    let error = async_graphql::Error::from(fault);
    let mut error = error.into_server_error(chosen.field.pos);
    error.path = vec![PathSegment::Field(chosen.key.to_owned())];
    error
}
