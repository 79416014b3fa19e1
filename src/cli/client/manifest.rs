//! The files in which the tools of front ends write down operations.

use schema::message::Bilingual;
use serde::Deserialize;
use serde_json::{Map, Value};

/// An operation as a tool wrote it down.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Listed {
    /// By what it will be asked for: without the name of the algorithm where that is SHA-256.
    pub(super) id: String,
    /// What people call it, where the file says so.
    pub(super) name: Option<String>,
    pub(super) text: String,
}

#[derive(Deserialize)]
struct Manifest {
    operations: Vec<Operation>,
}

#[derive(Deserialize)]
struct Operation {
    id: String,
    #[serde(default)]
    name: Option<String>,
    body: String,
}

/// Reads a file of either form: `{id: text}`, which graphql-codegen and Relay write, or Apollo's
/// manifest.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(text: &str) -> Result<Vec<Listed>, Bilingual> {
    let not_json = |error: serde_json::Error| {
        Bilingual::new(
            format!("文件不是所需的 JSON：{error}"),
            format!("not the JSON that is wanted: {error}"),
        )
    };
    let file: Map<String, Value> = serde_json::from_str(text).map_err(not_json)?;
    if file.get("operations").is_some_and(Value::is_array) {
        let manifest: Manifest = serde_json::from_value(file.into()).map_err(not_json)?;
        let listed = |Operation { id, name, body }| Listed { id: plain(id), name, text: body };
        return Ok(manifest.operations.into_iter().map(listed).collect());
    }
    let listed = |(id, text): (String, Value)| match text {
        Value::String(text) => Ok(Listed { id: plain(id), name: None, text }),
        _ => Err(Bilingual::new(
            format!("{id} 的值应为查询文本"),
            format!("{id} should have the text of a query"),
        )),
    };
    file.into_iter().map(listed).collect()
}

fn plain(id: String) -> String {
    id.strip_prefix("sha256:").map(str::to_owned).unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_the_tools_are_read() {
        let of = |id: &str, name: Option<&str>, text: &str| Listed {
            id: id.into(),
            name: name.map(str::to_owned),
            text: text.into(),
        };

        let codegen = r#"{ "sha256:ab": "query A { a }", "cd": "query B { b }" }"#;
        let apollo = r#"{ "format": "apollo-persisted-query-manifest", "version": 1, "operations":
            [{ "id": "ab", "name": "A", "type": "query", "body": "query A { a }" }] }"#;

        let (a, b) = ("query A { a }", "query B { b }");
        let mut of_codegen = read(codegen).expect("it is read");
        of_codegen.sort_by(|one, other| one.id.cmp(&other.id));
        assert_eq!(of_codegen, [of("ab", None, a), of("cd", None, b)]);
        assert_eq!(read(apollo), Ok(vec![of("ab", Some("A"), a)]));
    }

    #[test]
    fn other_files_are_refused() {
        for wrong in ["", "[]", "{ \"ab\": 1 }", "{ \"operations\": [{ \"id\": \"ab\" }] }"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
