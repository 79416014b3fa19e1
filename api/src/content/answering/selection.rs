//! Which fields an operation selects under values of a type (CollectFields of the GraphQL
//! specification): fragments that apply to the type, without what is skipped, fields of one key
//! merged, arguments with their variables and defaults.

use std::sync::Arc;

use async_graphql::{
    Name, Positioned, Request, Value, Variables,
    indexmap::IndexMap,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
    },
};
use async_graphql_value::Value as Written;

use super::steps::{Object, Step};
use crate::content::reading::Arguments;

/// The name of the type of an object, as a field.
const TYPE_NAME: &str = "__typename";

/// An operation with its variables, those that were left out as null.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) document: Arc<ExecutableDocument>,
    pub(crate) name: Option<String>,
    pub(crate) variables: Variables,
}

/// A field that is selected.
pub(super) struct Chosen<'q> {
    /// Its key in the answer.
    pub(super) key: &'q str,
    pub(super) what: What<'q>,
    /// What is selected under it, in every place that names it.
    pub(super) sets: Vec<&'q SelectionSet>,
    /// Where it is named first.
    pub(super) field: &'q Positioned<Field>,
}

/// What is to be answered for a field.
pub(super) enum What<'q> {
    /// The name of the type.
    TypeName,
    /// What the engine says about the schema.
    Introspection,
    /// What this step gives.
    Step(&'q Step, Arguments),
}

impl Operation {
    /// As the engine takes it.
    pub(crate) fn request(&self) -> Request {
        let mut request = Request::new("").variables(self.variables.clone());
        if let Some(name) = &self.name {
            request = request.operation_name(name);
        }
        request.set_parsed_query(ExecutableDocument::clone(&self.document));
        request
    }

    /// The operation that is asked for.
    pub(crate) fn definition(&self) -> Option<&OperationDefinition> {
        let name = self.name.as_deref();
        let mut operations = self.document.operations.iter();
        let asked = operations.find(|(of, _)| name.is_none() || of.map(Name::as_str) == name);
        asked.map(|(_, operation)| &operation.node)
    }

    /// The fields that `sets` select of values of type `object`, in the order of their keys.
    pub(super) fn choose<'q>(
        &'q self,
        object: &'q Object,
        sets: &[&'q SelectionSet],
    ) -> Vec<Chosen<'q>> {
        let mut chosen = Vec::new();
        for set in sets {
            self.collect(object, set, &mut chosen);
        }
        chosen
    }

    fn collect<'q>(
        &'q self,
        object: &'q Object,
        set: &'q SelectionSet,
        chosen: &mut Vec<Chosen<'q>>,
    ) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) if self.applies(&field.node.directives) => {
                    self.add(object, field, chosen);
                }
                Selection::InlineFragment(inline) if self.applies(&inline.node.directives) => {
                    let on = inline.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    if on.is_none_or(|on| object.is(on)) {
                        self.collect(object, &inline.node.selection_set.node, chosen);
                    }
                }
                Selection::FragmentSpread(spread) if self.applies(&spread.node.directives) => {
                    let fragment = self.document.fragments.get(&spread.node.fragment_name.node);
                    let fragment = fragment
                        .filter(|it| object.is(it.node.type_condition.node.on.node.as_str()));
                    if let Some(fragment) = fragment {
                        self.collect(object, &fragment.node.selection_set.node, chosen);
                    }
                }
                _ => {}
            }
        }
    }

    fn add<'q>(
        &'q self,
        object: &'q Object,
        field: &'q Positioned<Field>,
        chosen: &mut Vec<Chosen<'q>>,
    ) {
        let key = field.node.response_key().node.as_str();
        let set = &field.node.selection_set.node;
        // Validation has seen to it that fields of one key are the same field.
        if let Some(same) = chosen.iter_mut().find(|chosen| chosen.key == key) {
            same.sets.push(set);
            return;
        }
        let name = field.node.name.node.as_str();
        let what = match object.fields.get(name) {
            Some(step) => What::Step(step, self.arguments(&field.node, step)),
            None if name == TYPE_NAME => What::TypeName,
            None => What::Introspection,
        };
        chosen.push(Chosen { key, what, sets: vec![set], field });
    }

    fn arguments(&self, field: &Field, step: &Step) -> Arguments {
        let given = field.arguments.iter();
        let mut arguments: IndexMap<Name, Value> = given
            .map(|(name, value)| (name.node.clone(), self.value(value.node.clone())))
            .collect();
        for (name, value) in &step.defaults {
            if !arguments.contains_key(name) {
                arguments.insert(name.clone(), value.clone());
            }
        }
        Arguments(arguments)
    }

    /// A value with its variables filled in.
    fn value(&self, written: Written) -> Value {
        written
            .into_const_with(|name| Ok::<_, std::convert::Infallible>(self.variable(&name)))
            .unwrap_or_else(|never| match never {})
    }

    fn variable(&self, name: &Name) -> Value {
        if let Some(value) = self.variables.get(name) {
            return value.clone();
        }
        let defined = self.definition().into_iter().flat_map(|it| &it.variable_definitions);
        let mut defined = defined.filter(|it| it.node.name.node == *name);
        let default = defined.next().and_then(|it| it.node.default_value.as_ref());
        default.map(|value| value.node.clone()).unwrap_or_default()
    }

    /// Whether neither `@skip` nor `@include` takes away what bears these directives.
    fn applies(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let unless = match directive.node.name.node.as_str() {
                "skip" => true,
                "include" => false,
                _ => return true,
            };
            let condition = directive.node.get_argument("if").map(|value| value.node.clone());
            condition.map(|value| self.value(value)) != Some(Value::Boolean(unless))
        })
    }
}
