//! What the content API answers instead of data: refusals the caller can act on, with a stable
//! code and a sentence in both languages, and faults of ours, which are logged and not told.

use async_graphql::{ErrorExtensionValues, Name, ServerError, Value, indexmap::IndexMap};
use schema::message::{Bilingual, Fault as InputFault};

/// Why a question was not answered.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The caller can do something about it.
    Refused(Refusal),
    /// The store failed.
    Store(store::Error),
}

/// A refusal the caller can act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// Stable, in capitals, as GraphQL clients expect `extensions.code`.
    pub(crate) code: &'static str,
    /// What is wrong and what to do.
    pub(crate) message: Bilingual,
}

impl Refusal {
    pub(crate) fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, message: Bilingual::new(zh, en) }
    }

    /// An argument that cannot be used as given.
    pub(crate) fn argument(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self::new("BAD_ARGUMENT", zh, en)
    }

    /// The same as an error outside any field.
    pub(crate) fn into_server_error(self) -> ServerError {
        let mut error = ServerError::new(self.message.to_string(), None);
        error.extensions = Some(self.extensions());
        error
    }

    fn extensions(&self) -> ErrorExtensionValues {
        let mut values = ErrorExtensionValues::default();
        values.set("code", self.code);
        values.set("message", both(&self.message));
        values
    }
}

/// A text in both languages as a value of an answer.
fn both(text: &Bilingual) -> Value {
    let member = |name, text: &str| (Name::new(name), Value::from(text));
    Value::Object(IndexMap::from_iter([member("zh", &text.zh), member("en", &text.en)]))
}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<store::Error> for Fault {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

/// What is wrong with an operand of a filter.
impl From<InputFault> for Fault {
    fn from(fault: InputFault) -> Self {
        Self::Refused(Refusal::argument(
            format!("{}：{}", fault.path, fault.message.zh),
            format!("{}: {}", fault.path, fault.message.en),
        ))
    }
}

impl Fault {
    /// What the caller learns of it; a fault of the store is logged.
    pub(crate) fn into_refusal(self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal,
            Self::Store(error) => {
                tracing::error!(%error, "a question to the content API failed");
                if error.is_unavailable() { unavailable() } else { internal() }
            }
        }
    }
}

impl From<Fault> for async_graphql::Error {
    fn from(fault: Fault) -> Self {
        let refusal = fault.into_refusal();
        let mut error = Self::new(refusal.message.to_string());
        error.extensions = Some(refusal.extensions());
        error
    }
}

/// What the caller learns when the database does not answer.
fn unavailable() -> Refusal {
    Refusal::new(
        "UNAVAILABLE",
        "数据库暂时不可用，请稍后再试",
        "the database is unavailable: try again later",
    )
}

/// What the caller learns of a fault of ours.
pub(crate) fn internal() -> Refusal {
    Refusal::new(
        "INTERNAL",
        "服务器内部错误，请稍后再试",
        "something went wrong on the server: try again later",
    )
}

/// The code of an error.
pub(crate) fn code(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

/// The message of an error in both languages.
pub(crate) fn message(error: &ServerError) -> Option<Bilingual> {
    let Value::Object(message) = error.extensions.as_ref()?.get("message")? else { return None };
    match (message.get("zh")?, message.get("en")?) {
        (Value::String(zh), Value::String(en)) => Some(Bilingual::new(zh, en)),
        _ => None,
    }
}

/// Gives errors of the GraphQL engine (a query that does not parse, an unknown field) a code
/// and a Chinese sentence, as every other refusal has.
pub(crate) fn complete(error: &mut ServerError) {
    let has_code = error.extensions.as_ref().is_some_and(|values| values.get("code").is_some());
    if has_code {
        return;
    }
    if error.message.starts_with("internal:") {
        tracing::error!(error = %error.message, path = ?error.path, "the content schema and its resolvers disagree");
        let refusal = internal();
        error.message = refusal.message.to_string();
        error.extensions = Some(refusal.extensions());
        return;
    }
    let message = Bilingual::new(format!("查询有误：{}", error.message), error.message.clone());
    let refusal = Refusal { code: "INVALID_QUERY", message };
    error.extensions = Some(refusal.extensions());
}
