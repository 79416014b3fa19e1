//! The fields of an answer in the order the query asks for them, as the specification demands.
//! The engine answers the fields of the root side by side and notes them as they come in.

use async_graphql::{
    Name, Response, Value,
    parser::types::{ExecutableDocument, Selection, SelectionSet},
};

/// The keys that the root of the operation asks for, in their order. Fragments that contain
/// themselves were refused before.
pub(super) fn keys(document: &ExecutableDocument, operation: Option<&str>) -> Vec<Name> {
    let mut keys = Vec::new();
    let mut operations = document.operations.iter();
    let asked =
        operations.find(|(name, _)| operation.is_none() || name.map(Name::as_str) == operation);
    if let Some((_, asked)) = asked {
        collect(document, &asked.node.selection_set.node, &mut keys);
    }
    keys
}

fn collect(document: &ExecutableDocument, set: &SelectionSet, keys: &mut Vec<Name>) {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => keys.push(field.node.response_key().node.clone()),
            Selection::InlineFragment(inline) => {
                collect(document, &inline.node.selection_set.node, keys);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    collect(document, &fragment.node.selection_set.node, keys);
                }
            }
        }
    }
}

/// Puts the data of `response` into the order of `keys`.
pub(super) fn put(response: &mut Response, keys: &[Name]) {
    let Value::Object(data) = &mut response.data else { return };
    let place = |name: &Name| keys.iter().position(|key| key == name);
    data.sort_by_cached_key(|name, _| place(name));
}

#[cfg(test)]
mod tests {
    use async_graphql::{parser::parse_query, value};

    use super::*;

    #[test]
    fn an_answer_follows_its_question() {
        let query = "query A { x } query B { b ...f c: x ... { a } } fragment f on Query { d b }";
        let document = parse_query(query).expect("it parses");
        let mut response = Response::new(value!({ "a": 1, "c": 2, "b": 3, "d": 4 }));

        put(&mut response, &keys(&document, Some("B")));

        assert_eq!(response.data.to_string(), "{b: 3, d: 4, c: 2, a: 1}");
    }
}
