//! What the content API answers instead of data: refusals the caller can act on, with a stable
//! code and a sentence in both languages, and faults of ours, which are logged and not told.

use async_graphql::{ErrorExtensionValues, Name, ServerError, Value, indexmap::IndexMap};
use schema::message::{Bilingual, Fault as InputFault};

/// Mistakes in the text of one question that are told, the first ones.
pub(crate) const MISTAKES: usize = 20;
/// Characters of a message in one language: a mistake is named, not sent back whole.
const MESSAGE: usize = 500;

/// Why a question was not answered.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The caller can do something about it.
    Refused(Refusal),
    /// The store failed.
    Store(store::Error),
    /// What is asked for is not at hand: the answer is made again, from the database.
    NotAtHand,
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
        Self { code, message: Bilingual::new(short(zh.into()), short(en.into())) }
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

/// `message`, or its beginning and its end.
fn short(message: String) -> String {
    let length = message.chars().count();
    if length <= MESSAGE {
        return message;
    }
    let part = MESSAGE / 2;
    let beginning = message.chars().take(part);
    beginning.chain("…".chars()).chain(message.chars().skip(length - part)).collect()
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
            // Nobody is told: see `answering`.
            Self::NotAtHand => internal(),
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
    error.message = short(std::mem::take(&mut error.message));
    let message = Bilingual::new(format!("查询有误：{}", error.message), error.message.clone());
    let refusal = Refusal { code: "INVALID_QUERY", message };
    error.extensions = Some(refusal.extensions());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_named_and_not_sent_back_whole() {
        let refusal =
            Refusal::argument("长".repeat(60_000), format!("{}end", "long ".repeat(10_000)));
        assert_eq!(refusal.message.zh.chars().count(), MESSAGE + 1);
        assert!(refusal.message.en.starts_with("long ") && refusal.message.en.ends_with("end"));
        let mut error = ServerError::new("x".repeat(60_000), None);
        complete(&mut error);
        assert_eq!(error.message.chars().count(), MESSAGE + 1);
        assert!(message(&error).is_some_and(|told| told.zh.chars().count() < MESSAGE + 20));
        assert_eq!(Refusal::new("X", "短", "short").message, Bilingual::new("短", "short"));
    }
}
