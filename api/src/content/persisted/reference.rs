//! How a question says which text it means: the text itself, `documentId` after the GraphQL over
//! HTTP working group, or the hash of Apollo's automatic persisted queries, which may come with
//! the text.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::content::refusal::Refusal;

/// What stands for a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::content) enum Reference {
    /// `documentId`.
    Document(String),
    /// `extensions.persistedQuery.sha256Hash`.
    Apollo(String),
}

impl Reference {
    /// By what the text is kept: digits alone where it is a SHA-256.
    pub(super) fn id(&self) -> &str {
        let (Self::Document(id) | Self::Apollo(id)) = self;
        id.strip_prefix("sha256:").unwrap_or(id)
    }
}

/// Which text a question means, and whether it wants to know what it costs.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::content) struct Meant {
    /// The text; empty where something else stands for it.
    pub(in crate::content) query: String,
    pub(in crate::content) reference: Option<Reference>,
    pub(in crate::content) tells_cost: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PersistedQuery {
    version: u32,
    sha256_hash: String,
}

/// Reads the members of a request that say which text it means; `None` where none does.
///
/// # Errors
/// What contradicts itself or is of no known form.
pub(in crate::content) fn meant(
    query: Option<String>,
    document_id: Option<String>,
    extensions: Option<Map<String, Value>>,
) -> Result<Option<Meant>, Refusal> {
    let mut extensions = extensions.unwrap_or_default();
    let tells_cost = extensions.get("cost") == Some(&Value::Bool(true));
    let apollo = match extensions.remove("persistedQuery").filter(|value| !value.is_null()) {
        None => None,
        Some(value) => Some(persisted_query(value)?),
    };
    let reference = match (document_id, apollo) {
        (Some(_), Some(_)) => return Err(one_only()),
        (Some(_), None) if query.is_some() => return Err(one_only()),
        (Some(id), None) => Some(Reference::Document(id)),
        (None, apollo) => apollo,
    };
    if query.is_none() && reference.is_none() {
        return Ok(None);
    }
    Ok(Some(Meant { query: query.unwrap_or_default(), reference, tells_cost }))
}

fn persisted_query(value: Value) -> Result<Reference, Refusal> {
    let query: PersistedQuery = serde_json::from_value(value).map_err(|error| {
        bad(
            format!("extensions.persistedQuery 应含 version 与 sha256Hash：{error}"),
            format!("extensions.persistedQuery has version and sha256Hash: {error}"),
        )
    })?;
    match query.version {
        1 => Ok(Reference::Apollo(query.sha256_hash)),
        other => Err(bad(
            format!("不支持 persistedQuery 的版本 {other}，应为 1"),
            format!("version {other} of persistedQuery is not supported: send version 1"),
        )),
    }
}

fn one_only() -> Refusal {
    bad(
        "query、documentId、persistedQuery 只能给出其一（persistedQuery 可与 query 同时给出）",
        "give one of query, documentId and persistedQuery (persistedQuery may come with query)",
    )
}

pub(super) fn bad(zh: impl Into<String>, en: impl Into<String>) -> Refusal {
    Refusal::new("BAD_REQUEST", zh, en)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(request: &Value) -> Result<Option<Meant>, Refusal> {
        let text = |name: &str| request[name].as_str().map(str::to_owned);
        meant(text("query"), text("documentId"), request["extensions"].as_object().cloned())
    }

    #[test]
    fn a_question_means_one_text() {
        let hash = json!({ "persistedQuery": { "version": 1, "sha256Hash": "ab" } });
        for (request, query, reference) in [
            (json!({ "query": "{a}" }), "{a}", None),
            (json!({ "query": "{a}", "extensions": { "other": 1 } }), "{a}", None),
            (
                json!({ "documentId": "sha256:ab" }),
                "",
                Some(Reference::Document("sha256:ab".into())),
            ),
            (json!({ "extensions": hash }), "", Some(Reference::Apollo("ab".into()))),
            (
                json!({ "query": "{a}", "extensions": hash }),
                "{a}",
                Some(Reference::Apollo("ab".into())),
            ),
        ] {
            let meant = read(&request).expect("it can be read").expect("a text is meant");
            assert_eq!((meant.query.as_str(), meant.reference), (query, reference), "{request}");
        }
        assert_eq!(read(&json!({ "variables": {} })), Ok(None));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let hash =
            |version: u32| json!({ "persistedQuery": { "version": version, "sha256Hash": "ab" } });
        for request in [
            json!({ "query": "{a}", "documentId": "ab" }),
            json!({ "documentId": "ab", "extensions": hash(1) }),
            json!({ "extensions": hash(2) }),
            json!({ "extensions": { "persistedQuery": { "version": 1 } } }),
            json!({ "extensions": { "persistedQuery": "ab" } }),
        ] {
            assert_eq!(
                read(&request).map_err(|refusal| refusal.code),
                Err("BAD_REQUEST"),
                "{request}"
            );
        }
    }

    #[test]
    fn the_algorithm_may_be_named() {
        for id in ["sha256:ab", "ab"] {
            assert_eq!(Reference::Document(id.into()).id(), "ab");
        }
        assert_eq!(Reference::Document("md5:ab".into()).id(), "md5:ab");
    }
}
