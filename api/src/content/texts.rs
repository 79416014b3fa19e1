//! Texts that were asked lately, as they were parsed, and what is known of their operations: one
//! that was found valid is valid with all variables that are what it declares.
//!
//! Front ends ask few texts many times. To parse and validate one takes longer than to answer it.

use std::sync::{Arc, PoisonError, RwLock};

use async_graphql::{
    Name, ServerError, Value, Variables,
    parser::types::{BaseType, ExecutableDocument, OperationDefinition, OperationType, Type},
};

use super::{ContentApi, answering::Operation};

/// Bytes of texts in memory, with what they were parsed to.
const BYTES: u64 = 8 << 20;
/// What one byte of a text comes to when it is parsed, about.
const PARSED: usize = 16;
/// Operations of one text that are known to be valid, at most.
const MOST_VALID: usize = 20;

/// The texts of one process.
pub(super) struct Texts(moka::sync::Cache<Box<str>, Arc<Text>>);

/// A text within the limits.
#[derive(Debug)]
pub(super) struct Text {
    pub(super) document: Arc<ExecutableDocument>,
    /// Nothing in it asks about the schema itself.
    is_of_content: bool,
    /// Names of operations that were found valid.
    valid: RwLock<Vec<Option<Box<str>>>>,
}

impl Texts {
    pub(super) fn new() -> Self {
        let texts = moka::sync::Cache::<Box<str>, Arc<Text>>::builder().max_capacity(BYTES);
        let weighed =
            texts.weigher(|text, _| u32::try_from(text.len() * PARSED).unwrap_or(u32::MAX));
        Self(weighed.build())
    }
}

impl ContentApi {
    /// The text as it was parsed, now or before.
    ///
    /// # Errors
    /// A limit that it goes beyond; what does not parse.
    pub(super) fn text(&self, text: &str) -> Result<Arc<Text>, Box<ServerError>> {
        if let Some(known) = self.0.texts.0.get(text) {
            return Ok(known);
        }
        let parsed = Arc::new(Text::of(text, Arc::new(self.parsed(text)?)));
        self.0.texts.0.insert(text.into(), Arc::clone(&parsed));
        Ok(parsed)
    }
}

impl Text {
    /// Of a text that was parsed.
    pub(super) fn of(text: &str, document: Arc<ExecutableDocument>) -> Self {
        // Fields about the schema begin with two underlines, and so does one that is not.
        let is_of_content = !text.replace("__typename", "").contains("__");
        Self { document, is_of_content, valid: RwLock::default() }
    }

    /// Whether `operation`, which is one of this text, is known to be a valid query of content.
    pub(super) fn is_valid(&self, operation: &Operation) -> bool {
        let name = operation.name.as_deref();
        let is_known = || {
            let valid = self.valid.read().unwrap_or_else(PoisonError::into_inner);
            valid.iter().any(|valid| valid.as_deref() == name)
        };
        let fits = |definition: &OperationDefinition| {
            definition.ty == OperationType::Query && are_declared(definition, &operation.variables)
        };
        self.is_of_content && is_known() && operation.definition().is_some_and(fits)
    }

    /// Notes that the engine found `operation` valid.
    pub(super) fn note_valid(&self, operation: &Operation) {
        let mut valid = self.valid.write().unwrap_or_else(PoisonError::into_inner);
        let name = operation.name.as_deref();
        if valid.len() < MOST_VALID && !valid.iter().any(|valid| valid.as_deref() == name) {
            valid.push(name.map(Into::into));
        }
    }
}

/// Whether every variable has a value of the type it is declared with, as far as that is told
/// from the value alone: of scalars that every schema has. Others the engine looks at.
fn are_declared(definition: &OperationDefinition, variables: &Variables) -> bool {
    definition.variable_definitions.iter().all(|declared| {
        let declared = &declared.node;
        match variables.get(&declared.name.node) {
            Some(value) => is_of(value, &declared.var_type.node),
            None => declared.default_value.is_some(),
        }
    })
}

fn is_of(value: &Value, declared: &Type) -> bool {
    if *value == Value::Null {
        return declared.nullable;
    }
    match &declared.base {
        BaseType::List(of) => match value {
            Value::List(values) => values.iter().all(|value| is_of(value, of)),
            _ => false,
        },
        BaseType::Named(name) => is_scalar(value, name),
    }
}

fn is_scalar(value: &Value, name: &Name) -> bool {
    match (name.as_str(), value) {
        ("String" | "ID", Value::String(_)) | ("Boolean", Value::Boolean(_)) => true,
        ("Int", Value::Number(number)) => {
            number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::{parser::parse_query, value};

    use super::*;

    fn text(text: &str) -> Text {
        Text::of(text, Arc::new(parse_query(text).expect("it parses")))
    }

    fn asked(text: &Text, variables: Value) -> Operation {
        let Value::Object(variables) = variables else { panic!("variables are an object") };
        let variables = Value::Object(variables).into_json().expect("JSON");
        Operation {
            document: Arc::clone(&text.document),
            name: None,
            variables: Variables::from_json(variables),
        }
    }

    #[test]
    fn what_was_found_valid_is_valid_with_variables_of_the_declared_types() {
        let text =
            text("query($s: String!, $n: Int = 5, $l: [ID!]) { a(s: $s, n: $n, l: $l) { b } }");
        let first = asked(&text, value!({ "s": "x" }));
        assert!(!text.is_valid(&first), "nobody looked at it yet");

        text.note_valid(&first);

        let is_valid = |variables: Value| text.is_valid(&asked(&text, variables));
        assert!(is_valid(value!({ "s": "y", "n": 7, "l": ["1", "2"] })));
        assert!(is_valid(value!({ "s": "y", "l": null })));
        assert!(!is_valid(value!({ "s": 1 })), "no text");
        assert!(!is_valid(value!({ "s": null })), "nothing where something is required");
        assert!(!is_valid(value!({})), "it is missing");
        assert!(!is_valid(value!({ "s": "y", "n": 3_000_000_000_i64 })), "no 32 bits");
        assert!(!is_valid(value!({ "s": "y", "n": 1.5 })));
        assert!(!is_valid(value!({ "s": "y", "l": "1" })), "the engine makes a list of it");
        assert!(!is_valid(value!({ "s": "y", "l": ["1", null] })));
    }

    #[test]
    fn types_of_the_schema_are_left_to_the_engine() {
        let text = text("query($filter: NewsFilter) { a(filter: $filter) { b } }");
        text.note_valid(&asked(&text, value!({})));

        assert!(!text.is_valid(&asked(&text, value!({ "filter": { "c": 1 } }))));
    }

    #[test]
    fn what_asks_about_the_schema_is_left_to_the_engine() {
        for (query, is_known) in [
            ("{ __typename a { __typename } }", true),
            ("{ __schema { queryType { name } } }", false),
            ("{ a ...f } fragment f on Query { t: __type(name: \"A\") { name } }", false),
        ] {
            let text = text(query);
            let asked = asked(&text, value!({}));
            text.note_valid(&asked);
            assert_eq!(text.is_valid(&asked), is_known, "{query}");
        }
    }

    #[test]
    fn each_operation_of_a_text_is_known_by_itself() {
        let text = text("query A { a } query B { b } subscription C { c }");
        let of = |name: &str| Operation { name: Some(name.into()), ..asked(&text, value!({})) };

        text.note_valid(&of("A"));
        text.note_valid(&of("C"));

        assert!(text.is_valid(&of("A")));
        assert!(!text.is_valid(&of("B")));
        assert!(!text.is_valid(&of("C")), "no query");
    }
}
