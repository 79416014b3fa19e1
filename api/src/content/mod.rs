//! The content API: public, read-only GraphQL over what is published, built from the content
//! types when the server starts.
//!
//! | part | does |
//! | --- | --- |
//! | `graph` | the schema: types, fields, arguments, their words in Chinese and English |
//! | `answering` | follows what is selected, reads it level by level, in as many statements as there are levels, and writes it |
//! | `reading` | what one request reads, and what was read |
//! | `limits` | what a query may ask for, checked before anything is done for it |
//! | `cache` | answers that were given before, as long as they are right |
//! | `texts` | texts as they were parsed, and which of their operations are valid |
//! | `persisted` | texts that are asked for by an identifier instead of being sent |
//! | `budget` | what one address or token may ask for in a minute |
//! | `live` | the same changes as they happen: subscriptions over WebSocket and server-sent events |
//! | [`http`] | GraphQL over HTTP at `/graphql`, and GraphiQL for browsers |
//!
//! Architecture invariants: no content type is named in any of these files; nothing here
//! decides what a viewer may see (the store does); a field reads nothing that was not read for
//! all of its siblings together.

mod answering;
pub(crate) mod budget;
mod cache;
mod graph;
pub mod http;
pub(crate) mod limits;
pub(crate) mod live;
pub(crate) mod persisted;
mod reading;
mod refusal;
mod settings;
mod texts;

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::AtomicBool},
};

use async_graphql::{
    Name, SDLExportOptions, ServerError, Value, Variables, dynamic::SchemaError,
    parser::types::ExecutableDocument, value,
};
use schema::{content_type::TypeRegistry, parameters::Clock, viewer::Viewer};
use store::Store;

pub use cache::ResponseCache;
pub use cache::follower::Follower;
pub(crate) use cache::{LOOKUPS, UNKEPT, follower::LAG};
pub(crate) use graph::with_addresses;
pub use http::Statuses;
pub use limits::Limits;
pub use live::LiveSettings;
pub use persisted::{DocumentSettings, LookedOver, PersistedDocuments};
pub(crate) use reading::MADE;
pub use reading::Shelf;
pub use settings::ContentSettings;

use self::{
    answering::{Data, HandOver, Operation},
    budget::Payer,
    cache::parts::MadeOf,
    graph::Graph,
    limits::cost,
    persisted::{Known, Reference},
    reading::{Model, OfDrafts, Reader, Searching},
    refusal::Refusal,
    texts::{Text, Texts},
};

/// The content API of a hub. Cheap to clone.
#[derive(Clone)]
pub struct ContentApi(Arc<Inner>);

struct Inner {
    graph: Graph,
    model: Arc<Model>,
    store: Store,
    limits: Limits,
    statuses: Statuses,
    documents: Option<PersistedDocuments>,
    texts: Texts,
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
    /// What comes of drafts that are read.
    drafts: OfDrafts,
}

/// An answer and what it took.
#[derive(Debug)]
pub struct Answered {
    /// The data as JSON; `None` where nothing was looked up: a question that is refused before
    /// has no data, not even null.
    pub data: Option<Vec<u8>>,
    /// What went wrong, every error with a code and a message in both languages.
    pub errors: Vec<ServerError>,
    /// What is said beside the data.
    pub extensions: BTreeMap<String, Value>,
    /// Statements sent to the database.
    pub statements: u64,
}

impl ContentApi {
    /// The content API over `store`; `clock` says what is in force when it is asked for.
    /// `public_url` is the address of the hub as front ends reach it, without a path; addresses of
    /// files are relative where it is empty.
    ///
    /// # Errors
    /// When two types make one GraphQL name, which [`TypeRegistry::load`] refuses.
    pub fn new(
        types: &Arc<TypeRegistry>,
        store: Store,
        clock: Arc<dyn Clock>,
        public_url: &str,
        told: impl Into<ContentSettings>,
    ) -> Result<Self, SchemaError> {
        Self::with_documents(types, store, clock, public_url, told, None)
    }

    /// The same, with texts that are asked for by an identifier.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_documents(
        types: &Arc<TypeRegistry>,
        store: Store,
        clock: Arc<dyn Clock>,
        public_url: &str,
        told: impl Into<ContentSettings>,
        documents: Option<PersistedDocuments>,
    ) -> Result<Self, SchemaError> {
        let graph = graph::build(types)?;
        let ContentSettings { limits, synonyms, statuses, shelf } = told.into();
        let model = Model {
            clock,
            types: Arc::clone(types),
            graphql: graph.names.clone(),
            public_url: public_url.trim_end_matches('/').into(),
            is_indexed: AtomicBool::new(false),
            searching: Searching::new(synonyms),
            shelf,
        };
        let model = Arc::new(model);
        let texts = Texts::new();
        Ok(Self(Arc::new(Inner { graph, model, store, limits, statuses, documents, texts })))
    }

    /// Its limits.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The statuses its answers go out with.
    pub(crate) fn statuses(&self) -> Statuses {
        self.0.statuses
    }

    /// Answers `question` as `viewer` may know.
    pub async fn answer(&self, viewer: Viewer, question: Question) -> Answered {
        match self.resolve(&viewer, question).await {
            Ok(question) => {
                let reader = self.reader(viewer).of_drafts(question.drafts.clone());
                self.ask(reader, question).await.0
            }
            Err(error) => Answered::refused(*error),
        }
    }

    /// Answers `question` as the public may know, and says what the answer is made of; `None`
    /// where it is not the whole answer.
    async fn answer_noting(
        &self,
        question: Question,
        is_to_be_kept: bool,
    ) -> (Answered, Option<MadeOf>) {
        // A text that comes with its hash is to be kept: who sends it again must get here again.
        let is_left = question.reference.is_some() && !question.query.is_empty();
        let question = match self.resolve(&Viewer::Public, question).await {
            Ok(question) => question,
            Err(error) => return (Answered::refused(*error), None),
        };
        let reader = self.reader(Viewer::Public).noting(is_to_be_kept);
        let (answered, made_of) = self.ask(reader, question).await;
        let is_whole = answered.errors.is_empty();
        (answered, made_of.filter(|_| is_whole && !is_left))
    }

    fn reader(&self, viewer: Viewer) -> Reader {
        Reader::new(Arc::clone(&self.0.model), self.0.store.clone(), viewer)
    }

    async fn ask(&self, mut reader: Reader, question: Question) -> (Answered, Option<MadeOf>) {
        let (tells_cost, payer) = (question.tells_cost, question.payer.clone());
        let paid = self.operation(question).and_then(|(operation, text, cost)| {
            let points = cost.points();
            payer.pay(points).map_err(|refusal| Box::new(refusal.into_server_error()))?;
            Ok((operation, text, cost))
        });
        let (operation, text, cost) = match paid {
            Ok(asked) => asked,
            Err(error) => return (Answered::refused(*error), None),
        };
        let valid = HandOver::default();
        let executed = self.execute(Arc::new(operation), &text, &valid, &mut reader);
        let mut answered = match tokio::time::timeout(self.0.limits.time, executed).await {
            Ok(answered) => answered,
            Err(_) => Answered {
                data: valid.is_valid().then(|| b"null".to_vec()),
                ..Answered::refused(timed_out().into_server_error())
            },
        };
        if tells_cost {
            let told = value!({ "cost": cost.cost, "limit": self.0.limits.cost });
            answered.extensions.insert("cost".into(), told);
        }
        answered.errors.iter_mut().for_each(refusal::complete);
        answered.statements = reader.statements();
        (answered, reader.made_of())
    }

    /// Has the engine validate `operation` where it is not known to be valid, and answers it.
    async fn execute(
        &self,
        operation: Arc<Operation>,
        text: &Text,
        valid: &HandOver,
        reader: &mut Reader,
    ) -> Answered {
        if text.is_valid(&operation) {
            valid.note();
            let Data { json, errors } = self.data(&operation, reader, &Value::Null).await;
            let extensions = BTreeMap::new();
            return Answered { data: Some(json), errors, extensions, statements: 0 };
        }
        let request = operation.request().data(valid.clone()).data(Arc::clone(&operation));
        let about = self.0.graph.schema.execute(request).await;
        let mut answered = Answered {
            data: None,
            errors: about.errors,
            extensions: about.extensions,
            statements: 0,
        };
        answered.errors.truncate(refusal::MISTAKES);
        if valid.is_valid() {
            text.note_valid(&operation);
            let data = self.data(&operation, reader, &about.data).await;
            answered.errors.extend(data.errors);
            answered.data = Some(data.json);
        }
        answered
    }

    /// The data of a valid operation: of what is at hand where that is enough, else read.
    async fn data(&self, operation: &Operation, reader: &mut Reader, about: &Value) -> Data {
        let steps = &self.0.graph.steps;
        if let Some(mut at_hand) = reader.at_hand().await {
            if let Ok(data) = operation.answer(steps, &mut at_hand, about).await {
                Reader::count_made(true);
                *reader = at_hand;
                return data;
            }
            reader.add_in_vain(&at_hand);
        }
        Reader::count_made(false);
        operation.answer(steps, reader, about).await.unwrap_or_default()
    }

    /// The operation of a question that keeps the limits, and what it costs.
    fn operation(
        &self,
        question: Question,
    ) -> Result<(Operation, Arc<Text>, cost::Cost), Box<ServerError>> {
        let limits = &self.0.limits;
        let refused = |refusal: Refusal| Box::new(refusal.into_server_error());
        let Question { query, variables, operation: name, known, .. } = question;
        let text = match known.as_ref().and_then(|known| known.parsed.as_ref()) {
            Some(text) => Arc::clone(text),
            None => self.text(&query)?,
        };
        let document = Arc::clone(&text.document);
        let variables = complete(&document, name.as_deref(), variables).map_err(refused)?;
        let cost =
            cost::check(&document, &variables, &self.0.graph.prices, limits).map_err(refused)?;
        Ok((Operation { document, name, variables }, text, cost))
    }
}

impl Answered {
    /// What a question is answered for which nothing was looked up.
    fn refused(mut error: ServerError) -> Self {
        refusal::complete(&mut error);
        Self { data: None, errors: vec![error], extensions: BTreeMap::new(), statements: 0 }
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
