//! A schema as it is compared: by names, extensions merged, descriptions gone.

use std::collections::BTreeMap;

use async_graphql::{
    Positioned,
    parser::{
        parse_schema,
        types::{
            ConstDirective, DirectiveDefinition, FieldDefinition, InputValueDefinition,
            TypeDefinition, TypeKind, TypeSystemDefinition,
        },
    },
};

use super::NotASchema;

/// A schema.
#[derive(Debug, Default)]
pub(super) struct Described {
    pub(super) types: BTreeMap<String, Type>,
    pub(super) directives: BTreeMap<String, Directive>,
    /// `query`, `mutation` and `subscription`, with their types.
    pub(super) roots: BTreeMap<&'static str, String>,
}

/// A type.
#[derive(Debug, Default)]
pub(super) struct Type {
    pub(super) kind: Kind,
    /// Of objects, interfaces and input objects.
    pub(super) fields: BTreeMap<String, Field>,
    /// Values of an enumeration, members of a union, with why they are deprecated.
    pub(super) values: BTreeMap<String, Option<String>>,
    pub(super) implements: Vec<String>,
}

/// A kind of type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Scalar,
    Object,
    Interface,
    Union,
    Enumeration,
    Input,
}

/// A field, or an argument, or a field of an input object.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) of: async_graphql::parser::types::Type,
    pub(super) default: Option<String>,
    pub(super) arguments: BTreeMap<String, Field>,
    pub(super) deprecated: Option<String>,
}

impl Field {
    /// Whether whoever writes the field or calls with the argument must give it.
    pub(super) const fn is_required(&self) -> bool {
        !self.of.nullable && self.default.is_none()
    }
}

/// A directive. Whether it is repeatable the parser does not tell.
#[derive(Debug)]
pub(super) struct Directive {
    pub(super) arguments: BTreeMap<String, Field>,
    pub(super) locations: Vec<String>,
}

impl Described {
    pub(super) fn parse(sdl: &str) -> Result<Self, NotASchema> {
        let document = parse_schema(sdl).map_err(|error| NotASchema(error.to_string()))?;
        let mut described = Self::default();
        for definition in document.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    let schema = schema.node;
                    let roots = [
                        ("query", schema.query),
                        ("mutation", schema.mutation),
                        ("subscription", schema.subscription),
                    ];
                    let named = |(root, name): (_, Option<Positioned<_>>)| {
                        name.map(|name| (root, ToString::to_string(&name.node)))
                    };
                    described.roots.extend(roots.into_iter().filter_map(named));
                }
                TypeSystemDefinition::Type(definition) => described.add(definition.node),
                TypeSystemDefinition::Directive(definition) => {
                    let DirectiveDefinition { name, arguments, locations, .. } = definition.node;
                    let locations = locations.iter().map(|at| format!("{:?}", at.node)).collect();
                    let arguments = inputs(arguments);
                    let directive = Directive { arguments, locations };
                    described.directives.insert(name.node.to_string(), directive);
                }
            }
        }
        if described.roots.is_empty() {
            for (root, name) in
                [("query", "Query"), ("mutation", "Mutation"), ("subscription", "Subscription")]
            {
                if described.types.contains_key(name) {
                    described.roots.insert(root, name.to_owned());
                }
            }
        }
        Ok(described)
    }

    fn add(&mut self, definition: TypeDefinition) {
        let known = self.types.entry(definition.name.node.to_string()).or_default();
        let (kind, implements, more) = match definition.kind {
            TypeKind::Scalar => (Kind::Scalar, Vec::new(), BTreeMap::new()),
            TypeKind::Object(object) => (Kind::Object, object.implements, fields(object.fields)),
            TypeKind::Interface(interface) => {
                (Kind::Interface, interface.implements, fields(interface.fields))
            }
            TypeKind::Union(union) => {
                let members = union.members.into_iter();
                known.values.extend(members.map(|member| (member.node.to_string(), None)));
                (Kind::Union, Vec::new(), BTreeMap::new())
            }
            TypeKind::Enum(values) => {
                known.values.extend(values.values.into_iter().map(|value| {
                    let value = value.node;
                    (value.value.node.to_string(), deprecated(&value.directives))
                }));
                (Kind::Enumeration, Vec::new(), BTreeMap::new())
            }
            TypeKind::InputObject(input) => (Kind::Input, Vec::new(), inputs(input.fields)),
        };
        known.kind = kind;
        known.implements.extend(implements.into_iter().map(|name| name.node.to_string()));
        known.fields.extend(more);
    }
}

fn fields(fields: Vec<Positioned<FieldDefinition>>) -> BTreeMap<String, Field> {
    fields
        .into_iter()
        .map(|Positioned { node, .. }| {
            let field = Field {
                of: node.ty.node,
                default: None,
                arguments: inputs(node.arguments),
                deprecated: deprecated(&node.directives),
            };
            (node.name.node.to_string(), field)
        })
        .collect()
}

fn inputs(inputs: Vec<Positioned<InputValueDefinition>>) -> BTreeMap<String, Field> {
    inputs
        .into_iter()
        .map(|Positioned { node, .. }| {
            let field = Field {
                of: node.ty.node,
                default: node.default_value.map(|default| default.node.to_string()),
                arguments: BTreeMap::new(),
                deprecated: deprecated(&node.directives),
            };
            (node.name.node.to_string(), field)
        })
        .collect()
}

/// The reason that `@deprecated` gives.
fn deprecated(directives: &[Positioned<ConstDirective>]) -> Option<String> {
    let directive = directives.iter().find(|it| it.node.name.node == "deprecated")?;
    let reason = directive.node.get_argument("reason").map(|reason| reason.node.to_string());
    Some(reason.unwrap_or_else(|| "No longer supported".to_owned()))
}
