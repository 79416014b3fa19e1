//! The content API: public, read-only GraphQL over what is published, built from the content
//! types when the server starts.
//!
//! | part | does |
//! | --- | --- |
//! | `graph` | the schema: types, fields, arguments, their words in Chinese and English |
//! | `reading` | what one request reads, level by level, in as many statements as its query has levels |
//! | `limits` | what a query may ask for, checked before anything is done for it |
//! | `cache` | answers that were given before, as long as they are right |
//! | `persisted` | texts that are asked for by an identifier instead of being sent |
//! | `budget` | what one address or token may ask for in a minute |
//! | `live` | the same changes as they happen: subscriptions over WebSocket and server-sent events |
//! | [`http`] | GraphQL over HTTP at `/graphql`, and GraphiQL for browsers |
//!
//! Architecture invariants: no content type is named in any of these files; nothing here
//! decides what a viewer may see (the store does); a field reads nothing that the walk ahead
//! could not have read for all of its siblings.

pub(crate) mod budget;
mod cache;
mod graph;
pub mod http;
pub(crate) mod limits;
pub(crate) mod live;
pub(crate) mod persisted;
mod reading;
mod refusal;
mod sequence;

use std::sync::{Arc, atomic::AtomicBool};

use async_graphql::{
    Name, Request, Response, SDLExportOptions, ServerError, Value, Variables, dynamic::SchemaError,
    parser::types::ExecutableDocument, value,
};
use schema::{content_type::TypeRegistry, search::Synonyms, viewer::Viewer};
use store::Store;
use tokio::sync::Mutex;

pub(crate) use cache::LOOKUPS;
pub use cache::ResponseCache;
pub use limits::Limits;
pub use live::LiveSettings;
pub use persisted::{DocumentSettings, LookedOver, PersistedDocuments};

use self::{
    budget::Payer,
    cache::parts::MadeOf,
    graph::Graph,
    limits::cost,
    persisted::{Known, Reference},
    reading::{Asking, Model, Reader, Searching},
    refusal::Refusal,
};

/// The content API of a hub. Cheap to clone.
#[derive(Clone)]
pub struct ContentApi(Arc<Inner>);

struct Inner {
    graph: Graph,
    model: Arc<Model>,
    store: Store,
    limits: Limits,
    documents: Option<PersistedDocuments>,
}

/// One question.
#[derive(Clone, Debug)]
pub struct Question {
    /// The text of the query.
    pub query: String,
    /// Values of its variables.
    pub variables: Variables,
    /// Which of its operations, where it has several.
    pub operation: Option<String>,
    /// What stands for the text, or belongs to it.
    reference: Option<Reference>,
    /// The text as it was found.
    known: Option<Arc<Known>>,
    /// Whether the answer tells what it costs.
    tells_cost: bool,
    /// Who pays for it.
    payer: Payer,
}

/// An answer and what it took.
#[derive(Debug)]
pub struct Answered {
    /// The answer, every error with a code and a message in both languages.
    pub response: Response,
    /// Whether anything was looked up: a question that is refused before has no data, not even
    /// null.
    pub executed: bool,
    /// Statements sent to the database.
    pub statements: u64,
}

impl ContentApi {
    /// The content API over `store`. `public_url` is the address of the hub as front ends reach
    /// it, without a path; addresses of files are relative where it is empty.
    ///
    /// # Errors
    /// When two types make one GraphQL name, which [`TypeRegistry::load`] refuses.
    pub fn new(
        types: &Arc<TypeRegistry>,
        store: Store,
        public_url: &str,
        limits: Limits,
    ) -> Result<Self, SchemaError> {
        Self::with_documents(types, store, public_url, limits, None)
    }

    /// The same, with texts that are asked for by an identifier.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_documents(
        types: &Arc<TypeRegistry>,
        store: Store,
        public_url: &str,
        limits: Limits,
        documents: Option<PersistedDocuments>,
    ) -> Result<Self, SchemaError> {
        let graph = graph::build(types)?;
        let model = Model {
            types: Arc::clone(types),
            graphql: graph.names.clone(),
            public_url: public_url.trim_end_matches('/').into(),
            is_indexed: AtomicBool::new(false),
            searching: Searching::new(Synonyms::embedded()),
        };
        Ok(Self(Arc::new(Inner { graph, model: Arc::new(model), store, limits, documents })))
    }

    /// Its limits.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Answers `question` as `viewer` may know.
    pub async fn answer(&self, viewer: Viewer, question: Question) -> Answered {
        match self.resolve(&viewer, question).await {
            Ok(question) => self.ask(self.reader(viewer), question).await.0,
            Err(error) => Answered::refused(*error),
        }
    }

    /// Answers `question` as the public may know, and says what the answer is made of; `None`
    /// where it is not the whole answer.
    async fn answer_noting(&self, question: Question) -> (Answered, Option<MadeOf>) {
        // A text that comes with its hash is to be kept: who sends it again must get here again.
        let is_left = question.reference.is_some() && !question.query.is_empty();
        let question = match self.resolve(&Viewer::Public, question).await {
            Ok(question) => question,
            Err(error) => return (Answered::refused(*error), None),
        };
        let (answered, made_of) = self.ask(self.reader(Viewer::Public).noting(), question).await;
        let is_whole = answered.response.errors.is_empty();
        (answered, made_of.filter(|_| is_whole && !is_left))
    }

    fn reader(&self, viewer: Viewer) -> Reader {
        Reader::new(Arc::clone(&self.0.model), self.0.store.clone(), viewer)
    }

    async fn ask(&self, reader: Reader, question: Question) -> (Answered, Option<MadeOf>) {
        let (tells_cost, payer) = (question.tells_cost, question.payer.clone());
        let paid = self.request(question).and_then(|asked| {
            let points = asked.2.points();
            payer.pay(points).map_err(|refusal| Box::new(refusal.into_server_error()))?;
            Ok(asked)
        });
        let (request, sequence, cost) = match paid {
            Ok(asked) => asked,
            Err(error) => return (Answered::refused(*error), None),
        };
        let asking = Asking(Arc::new(Mutex::new(reader)));
        let request = request.data(asking.clone());
        let executed = self.0.graph.schema.execute(request);
        let mut response = match tokio::time::timeout(self.0.limits.time, executed).await {
            Ok(response) => response,
            Err(_) => Response::from_errors(vec![timed_out().into_server_error()]),
        };
        sequence::put(&mut response, &sequence);
        if tells_cost {
            let told = value!({ "cost": cost.cost, "limit": self.0.limits.cost });
            response.extensions.insert("cost".into(), told);
        }
        response.errors.iter_mut().for_each(refusal::complete);
        let mut reader = asking.0.lock().await;
        reader.put_nulls(&mut response.data);
        let executed = reader.began || response.data != Value::Null;
        let (statements, made_of) = (reader.statements(), reader.made_of());
        (Answered { response, executed, statements }, made_of)
    }

    /// A question that keeps the limits, the order its answer is to have, and what it costs.
    fn request(
        &self,
        question: Question,
    ) -> Result<(Request, Vec<Name>, cost::Cost), Box<ServerError>> {
        let limits = &self.0.limits;
        let refused = |refusal: Refusal| Box::new(refusal.into_server_error());
        let Question { query, variables, operation, known, .. } = question;
        let document = match known.as_ref().and_then(|known| known.parsed.as_ref()) {
            Some(document) => document.clone(),
            None => self.parsed(&query)?,
        };
        let variables = complete(&document, operation.as_deref(), variables).map_err(refused)?;
        let cost =
            cost::check(&document, &variables, &self.0.graph.prices, limits).map_err(refused)?;
        let sequence = sequence::keys(&document, operation.as_deref());
        let mut request = Request::new(query).variables(variables);
        if let Some(operation) = operation {
            request = request.operation_name(operation);
        }
        request.set_parsed_query(document);
        Ok((request, sequence, cost))
    }
}

impl Answered {
    /// What a question is answered for which nothing was looked up.
    fn refused(mut error: ServerError) -> Self {
        refusal::complete(&mut error);
        Self { response: Response::from_errors(vec![error]), executed: false, statements: 0 }
    }
}

/// The variables of the operation, those that may be left out and were as null: the engine
/// takes a variable that is missing for a mistake.
fn complete(
    document: &ExecutableDocument,
    operation: Option<&str>,
    mut variables: Variables,
) -> Result<Variables, Refusal> {
    let operations = document.operations.iter();
    let asked =
        operations.filter(|(name, _)| operation.is_none() || name.map(Name::as_str) == operation);
    for definition in asked.flat_map(|(_, asked)| &asked.node.variable_definitions) {
        let definition = &definition.node;
        let name = &definition.name.node;
        let value = variables.get(name);
        let is_missing = value.is_none() && definition.default_value.is_none();
        if definition.var_type.node.nullable {
            if is_missing {
                variables.insert(name.clone(), Value::Null);
            }
        } else if is_missing || value == Some(&Value::Null) {
            return Err(Refusal::new(
                "INVALID_QUERY",
                format!("缺少变量 ${name}"),
                format!("the variable ${name} is missing"),
            ));
        }
    }
    Ok(variables)
}

fn timed_out() -> Refusal {
    Refusal::new(
        "TIMED_OUT",
        "查询用时过长，已中止：请缩小范围或分次查询",
        "the query took too long and was stopped: narrow it down or ask in several queries",
    )
}

fn too_large(zh: &str, en: &str, most: usize) -> Refusal {
    Refusal::new(
        "TOO_LARGE",
        format!("{zh}超过 {most} 字节"),
        format!("{en} is longer than {most} bytes"),
    )
}

/// The schema of the content API over `types` in the schema definition language, in a stable
/// order: types by name, fields as their files have them.
///
/// # Errors
/// When two types make one GraphQL name, which [`TypeRegistry::load`] refuses.
pub fn sdl(types: &Arc<TypeRegistry>) -> Result<String, SchemaError> {
    // Descriptions stand in blocks: the engine writes backslashes of short ones as they are.
    let text =
        graph::printed(types)?.schema.sdl_with_options(SDLExportOptions::new().use_space_ident());
    Ok(format!("{}\n", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_that_is_kept_is_the_one_that_is_served() {
        let kept = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema/content.graphql");
        let kept = std::fs::read_to_string(kept).expect("schema/content.graphql");

        let now = sdl(&Arc::new(TypeRegistry::embedded())).expect("the types make a schema");

        assert!(kept == now, "run gongbao schema > schema/content.graphql and review the change");
    }
}
