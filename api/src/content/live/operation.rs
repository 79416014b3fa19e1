//! A subscription as it is run: asked once for its arguments, and then for each stretch of
//! events.

use std::sync::{Arc, OnceLock};

use async_graphql::{
    Name, Request, Response, ServerError, Value, Variables,
    parser::types::{
        ExecutableDocument, OperationDefinition, OperationType, Selection as Selected,
    },
};
use async_graphql_value::Value as Written;
use bytes::Bytes;
use futures_util::StreamExt as _;
use schema::viewer::Viewer;
use serde::Serialize;
use store::log::StoredEvent;
use tokio::{sync::Mutex, time::timeout};

use super::selection::{Telling, Wanted};
use crate::content::{
    ContentApi, Limits, Question, limits::cost, reading::Asking, refusal, refusal::Refusal,
    timed_out,
};

/// What telling one event may cost: it is paid for each event, as long as somebody listens.
const COST: u64 = 1_000;

/// What is the same for all who listen to the same.
pub(super) struct Operation {
    viewer: Viewer,
    query: String,
    name: Option<String>,
    variables: Variables,
    document: ExecutableDocument,
}

/// What becomes of a question.
pub(super) enum Asked {
    /// It is answered once.
    Query(Question),
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
        let mut variables = self.variables.clone();
        if let Some(name) = self.after_variable() {
            variables.remove(&name);
        }
        let variables = serde_json::to_string(&variables).unwrap_or_default();
        format!("{:?}\n{:?}\n{variables}\n{}", self.viewer, self.name, self.query)
    }

    /// The variable that gives `after` and nothing else: no other place names it.
    fn after_variable(&self) -> Option<Name> {
        let root = definition(&self.document, self.name.as_deref()).and_then(root_field)?;
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

    fn request(&self) -> Request {
        let mut request = Request::new(&self.query).variables(self.variables.clone());
        if let Some(name) = &self.name {
            request = request.operation_name(name);
        }
        request.set_parsed_query(self.document.clone());
        request
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
        let (mut request, ..) = self.request(question.clone()).map_err(refused)?;
        let document = request.parsed_query().map_err(|error| refused(Box::new(error)))?.clone();
        let name = question.operation.as_deref();
        let asked = definition(&document, name);
        if asked.is_none_or(|asked| asked.ty != OperationType::Subscription) {
            return Ok(Asked::Query(question));
        }
        if asked.and_then(root_field).is_none() {
            return Err(vec![not_one_field().into_server_error()]);
        }
        let limits = Limits { cost: COST, ..self.limits().clone() };
        cost::check(&document, &request.variables, &self.0.graph.prices, &limits)
            .and_then(|cost| question.payer.pay(cost.points()))
            .map_err(|refusal| vec![refusal.into_server_error()])?;
        let operation = Operation {
            viewer,
            query: question.query,
            name: question.operation,
            variables: request.variables,
            document,
        };
        let slot = Arc::new(OnceLock::new());
        let answers = self.run(&operation, Telling::Arguments(Arc::clone(&slot))).await;
        let errors: Vec<ServerError> = answers.into_iter().flat_map(|it| it.errors).collect();
        match slot.get() {
            Some(wanted) if errors.is_empty() => {
                Ok(Asked::Subscription(Box::new(operation), wanted.clone()))
            }
            _ if errors.is_empty() => Err(vec![refusal::internal().into_server_error()]),
            _ => Err(errors),
        }
    }

    /// Tells `events`, each as a GraphQL answer in JSON.
    pub(super) async fn tell(
        &self,
        operation: &Operation,
        events: Vec<StoredEvent>,
    ) -> Result<Vec<Bytes>, Untold> {
        let count = events.len();
        let answers = self.run(operation, Telling::Events(events)).await;
        let mut told = Vec::with_capacity(count);
        for answer in answers {
            if !answer.errors.is_empty() {
                return Err(untold(answer.errors));
            }
            match serde_json::to_vec(&Told { data: &answer.data }) {
                Ok(json) => told.push(json.into()),
                Err(error) => {
                    tracing::error!(%error, "an event cannot be written as JSON");
                    return Err(Untold::Failed(vec![refusal::internal().into_server_error()]));
                }
            }
        }
        match told.len() == count {
            true => Ok(told),
            false => Err(Untold::Failed(vec![refusal::internal().into_server_error()])),
        }
    }

    async fn run(&self, operation: &Operation, telling: Telling) -> Vec<Response> {
        let asking = Asking(Arc::new(Mutex::new(self.reader(operation.viewer.clone()))));
        let request = operation.request().data(asking).data(telling);
        let answers = self.0.graph.schema.execute_stream(request).collect::<Vec<_>>();
        let mut answers = match timeout(self.limits().time, answers).await {
            Ok(answers) => answers,
            Err(_) => vec![Response::from_errors(vec![timed_out().into_server_error()])],
        };
        for answer in &mut answers {
            answer.errors.iter_mut().for_each(refusal::complete);
        }
        answers
    }
}

#[derive(Serialize)]
struct Told<'answer> {
    data: &'answer Value,
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

fn definition<'query>(
    document: &'query ExecutableDocument,
    name: Option<&str>,
) -> Option<&'query OperationDefinition> {
    let mut operations = document.operations.iter();
    let asked = operations.find(|(of, _)| name.is_none() || of.map(Name::as_str) == name);
    asked.map(|(_, operation)| &operation.node)
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
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    fn operation(query: &str, variables: serde_json::Value) -> Operation {
        Operation {
            viewer: Viewer::Public,
            query: query.into(),
            name: None,
            variables: Variables::from_json(variables),
            document: parse_query(query).expect("it parses"),
        }
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
            let document = parse_query(query).expect("it parses");
            let found = definition(&document, None).and_then(root_field);
            assert_eq!(found.is_some(), is_one, "{query}");
        }
    }
}
