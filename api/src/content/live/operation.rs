//! A subscription as it is run: asked once for its arguments, and then for each stretch of
//! events.

use std::sync::Arc;

use async_graphql::{
    Name, ServerError, Value,
    parser::types::{OperationDefinition, OperationType, Selection as Selected},
};
use async_graphql_value::Value as Written;
use bytes::Bytes;
use futures_util::StreamExt as _;
use schema::viewer::Viewer;
use store::log::StoredEvent;
use tokio::time::timeout;

use super::selection::Wanted;
use crate::content::{
    ContentApi, Limits, Question, answering,
    graph::wanted,
    limits::cost,
    reading::Thing,
    refusal::{self, Refusal},
    timed_out,
};

/// What telling one event may cost: it is paid for each event, as long as somebody listens.
const COST: u64 = 1_000;

/// What is the same for all who listen to the same.
pub(super) struct Operation {
    viewer: Viewer,
    query: String,
    asked: answering::Operation,
}

/// What becomes of a question.
pub(super) enum Asked {
    /// It is answered once.
    Query(Box<Question>),
    /// It is answered with every event.
    Subscription(Box<Operation>, Wanted),
}

/// Why events were not told.
#[derive(Debug)]
pub(super) enum Untold {
    /// The database does not answer.
    Away,
    /// It did not work now.
    Failed(Vec<ServerError>),
    /// It never will.
    Refused(Vec<ServerError>),
}

impl Operation {
    /// What tells it from all others. From where it goes on is not part of it: those who
    /// resume at different events still listen to the same.
    pub(super) fn key(&self) -> String {
        let answering::Operation { name, variables, .. } = &self.asked;
        let mut variables = variables.clone();
        if let Some(name) = self.after_variable() {
            variables.remove(&name);
        }
        let variables = serde_json::to_string(&variables).unwrap_or_default();
        format!("{:?}\n{name:?}\n{variables}\n{}", self.viewer, self.query)
    }

    /// The variable that gives `after` and nothing else: no other place names it.
    fn after_variable(&self) -> Option<Name> {
        let root = self.asked.definition().and_then(root_field)?;
        let (_, value) = root.arguments.iter().find(|(name, _)| name.node == "after")?;
        let Written::Variable(name) = &value.node else { return None };
        let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let marked = format!("${name}");
        let named = self.query.match_indices(&marked).filter(|(at, _)| {
            let next = self.query.as_bytes().get(at + marked.len());
            !next.is_some_and(|byte| is_of_name(*byte))
        });
        // Where it is defined, and where it is given.
        (named.count() == 2).then(|| name.clone())
    }
}

impl ContentApi {
    /// Looks a question over: a subscription is asked for its arguments at once.
    pub(super) async fn look_over(
        &self,
        viewer: Viewer,
        question: Question,
    ) -> Result<Asked, Vec<ServerError>> {
        let refused = |error: Box<ServerError>| {
            let mut error = *error;
            refusal::complete(&mut error);
            vec![error]
        };
        let question = self.resolve(&viewer, question).await.map_err(refused)?;
        let (asked, ..) = self.operation(question.clone()).map_err(refused)?;
        let definition = asked.definition();
        if definition.is_none_or(|definition| definition.ty != OperationType::Subscription) {
            return Ok(Asked::Query(Box::new(question)));
        }
        if definition.and_then(root_field).is_none() {
            return Err(vec![not_one_field().into_server_error()]);
        }
        let limits = Limits { cost: COST, ..self.limits().clone() };
        cost::check(&asked.document, &asked.variables, &self.0.graph.prices, &limits)
            .and_then(|cost| question.payer.pay(cost.points()))
            .map_err(|refusal| vec![refusal.into_server_error()])?;
        // Nothing comes of it but what is wrong with it: the engine is never left running.
        let answers = self.0.graph.schema.execute_stream(asked.request()).collect::<Vec<_>>();
        let mut errors: Vec<ServerError> =
            answers.await.into_iter().flat_map(|answer| answer.errors).collect();
        errors.iter_mut().for_each(refusal::complete);
        if !errors.is_empty() {
            return Err(errors);
        }
        let mut reader = self.reader(viewer.clone());
        let arguments = asked.arguments_of_subscription(&self.0.graph.steps).unwrap_or_default();
        let wanted = timeout(self.limits().time, wanted(&mut reader, &arguments));
        match wanted.await {
            Ok(Ok(wanted)) => {
                let operation = Operation { viewer, query: question.query, asked };
                Ok(Asked::Subscription(Box::new(operation), wanted))
            }
            Ok(Err(fault)) => Err(vec![fault.into_refusal().into_server_error()]),
            Err(_) => Err(vec![timed_out().into_server_error()]),
        }
    }

    /// Tells `events`, each as a GraphQL answer in JSON.
    pub(super) async fn tell(
        &self,
        operation: &Operation,
        events: Vec<StoredEvent>,
    ) -> Result<Vec<Bytes>, Untold> {
        let mut reader = self.reader(operation.viewer.clone());
        let telling = async {
            let changes = reader.told(events).await;
            let changes = changes.map_err(|fault| fault.into_refusal().into_server_error())?;
            let things =
                changes.into_iter().map(|change| Thing::Change(Arc::new(change))).collect();
            let told = operation.asked.tell(&self.0.graph.steps, &mut reader, things).await;
            told.map_err(|error| *error)
        };
        let told = match timeout(self.limits().time, telling).await {
            Ok(told) => told.map_err(|error| untold(vec![error]))?,
            Err(_) => return Err(untold(vec![timed_out().into_server_error()])),
        };
        let whole = |data: Vec<u8>| [&b"{\"data\":"[..], &data, b"}"].concat().into();
        Ok(told.into_iter().map(whole).collect())
    }
}

fn untold(errors: Vec<ServerError>) -> Untold {
    let has = |wanted: &str| {
        errors.iter().any(|error| {
            let code = error.extensions.as_ref().and_then(|values| values.get("code"));
            matches!(code, Some(Value::String(code)) if code == wanted)
        })
    };
    if has("UNAVAILABLE") {
        Untold::Away
    } else if has("INTERNAL") || has("TIMED_OUT") {
        Untold::Failed(errors)
    } else {
        Untold::Refused(errors)
    }
}

/// The only field of a subscription, as the specification demands. The engine does not look
/// into fragments here, nor at conditions.
fn root_field(of: &OperationDefinition) -> Option<&async_graphql::parser::types::Field> {
    match of.selection_set.node.items.as_slice() {
        [one] => match &one.node {
            Selected::Field(field) if field.node.directives.is_empty() => Some(&field.node),
            _ => None,
        },
        _ => None,
    }
}

fn not_one_field() -> Refusal {
    Refusal::new(
        "INVALID_QUERY",
        "订阅只能有一个根字段 changes，须直接写出，不带指令、不经片段",
        "a subscription has one root field, changes, written out: no directive, no fragment",
    )
}

#[cfg(test)]
mod tests {
    use async_graphql::{Variables, parser::parse_query};
    use serde_json::json;

    use super::*;

    fn operation(query: &str, variables: serde_json::Value) -> Operation {
        let document = Arc::new(parse_query(query).expect("it parses"));
        let variables = Variables::from_json(variables);
        let asked = answering::Operation { document, name: None, variables };
        Operation { viewer: Viewer::Public, query: query.into(), asked }
    }

    #[test]
    fn those_who_resume_at_different_events_listen_to_the_same() {
        let query = "subscription ($a: String, $s: String) { changes(after: $a, site: $s) { at } }";
        let at = |after: &str, site: &str| operation(query, json!({ "a": after, "s": site })).key();

        assert_eq!(at("x", "nanhe"), at("y", "nanhe"));
        assert_ne!(at("x", "nanhe"), at("x", "lanqiao"));
        let both = "subscription ($a: String) { changes(after: $a, site: $a) { at } }";
        let at = |after: &str| operation(both, json!({ "a": after })).key();
        assert_ne!(at("x"), at("y"), "the variable says more than where to go on");
    }

    #[test]
    fn a_subscription_has_one_field_that_is_written_out() {
        for (query, is_one) in [
            ("subscription { changes { at } }", true),
            ("subscription { it: changes { at } }", true),
            ("subscription { changes { at } again: changes { at } }", false),
            ("subscription { ...f } fragment f on Subscription { changes { at } }", false),
            ("subscription { ... { changes { at } } }", false),
            ("subscription ($no: Boolean!) { changes @skip(if: $no) { at } }", false),
        ] {
            let operation = operation(query, json!({}));
            let found = operation.asked.definition().and_then(root_field);
            assert_eq!(found.is_some(), is_one, "{query}");
        }
    }
}
