//! The schema of the content API, built from the content types when the server starts.
//!
//! Every object type is a list of members ([`member`]); from one list come the GraphQL type,
//! its price list and the steps by which it is answered, so the three cannot disagree. No
//! content type is named here: what differs between them is read off their definitions.

mod as_of;
mod change;
mod connection;
mod difference;
mod document;
mod facets;
mod federation;
mod filter;
#[cfg(test)]
mod fitting;
mod head;
mod history;
mod house;
mod lists;
mod member;
mod node;
mod order;
mod own;
mod root;
mod route;
mod scalars;
mod search;
mod subscription;
mod suggestions;
mod values;

use std::{collections::HashMap, sync::Arc};

use async_graphql::dynamic::{
    Enum, EnumItem, InputObject, Interface, Object, Scalar, Schema, SchemaBuilder, SchemaError,
    Type, Union,
};
use schema::{content_type::TypeRegistry, message::Bilingual, names::TypeName};

pub(crate) use self::change::{cursor as change_cursor, read_cursor as read_change_cursor};
use self::member::{Member, description};
pub(crate) use self::subscription::wanted;
pub(crate) use self::values::with_addresses;
use super::{
    answering::{HandOver, Steps},
    limits::cost::Prices,
};

/// The schema and what belongs to it.
pub(crate) struct Graph {
    /// What the engine runs.
    pub(crate) schema: Schema,
    /// How every field is answered.
    pub(crate) steps: Arc<Steps>,
    /// What every field costs.
    pub(crate) prices: Prices,
    /// Names of the GraphQL types of the content types.
    pub(crate) names: HashMap<TypeName, Arc<str>>,
}

/// Builds the schema of `types`.
///
/// # Errors
/// When two types make one GraphQL name, which [`TypeRegistry::load`] refuses.
pub(crate) fn build(types: &Arc<TypeRegistry>) -> Result<Graph, SchemaError> {
    let mut builder = Builder::default();
    federation::add(&mut builder, types);
    with_root(builder, types, federation::fields(types))
}

/// The same without what only routers of federated graphs ask for: as it is printed.
///
/// # Errors
/// As [`build`].
pub(crate) fn printed(types: &Arc<TypeRegistry>) -> Result<Graph, SchemaError> {
    with_root(Builder::default(), types, [])
}

fn with_root(
    mut builder: Builder,
    types: &Arc<TypeRegistry>,
    more: impl IntoIterator<Item = Member>,
) -> Result<Graph, SchemaError> {
    scalars::add(&mut builder);
    values::add(&mut builder);
    house::add(&mut builder);
    history::add(&mut builder);
    difference::add(&mut builder);
    change::add(&mut builder);
    route::add(&mut builder);
    search::add(&mut builder);
    suggestions::add(&mut builder);
    facets::add(&mut builder);
    head::add(&mut builder);
    filter::add_shared(&mut builder, types);
    connection::add_page_info(&mut builder);
    own::add_choice_value(&mut builder);
    document::add(&mut builder, types);
    root::add(&mut builder, types, more);
    node::add(&mut builder);
    subscription::add(&mut builder);
    builder.finish(types)
}

/// Gathers the types of the schema.
#[derive(Default)]
struct Builder {
    types: Vec<Type>,
    prices: Prices,
    steps: Steps,
}

impl Builder {
    /// An object type.
    fn object(&mut self, name: &str, help: (&str, &str), members: &[Member], implements: &[&str]) {
        let mut object =
            Object::new(name).description(description(&Bilingual::new(help.0, help.1)));
        for interface in implements {
            object = object.implement(*interface);
            self.steps.note_kind(name, interface);
        }
        self.prices.add_object(name, implements);
        for member in members {
            self.prices.set(name, &member.name, member.price());
            member.note(name, &mut self.steps);
            object = object.field(member.field());
        }
        self.types.push(object.into());
    }

    /// An interface: the signatures of members that its objects have.
    fn interface(&mut self, name: &str, help: (&str, &str), members: &[Member]) {
        let mut interface =
            Interface::new(name).description(description(&Bilingual::new(help.0, help.1)));
        for member in members {
            self.prices.set(name, &member.name, member.price());
            interface = interface.field(member.interface_field());
        }
        self.types.push(interface.into());
    }

    /// A union of objects.
    fn union(&mut self, name: &str, help: (&str, &str), of: &[&str]) {
        self.prices.add_union(name, of);
        of.iter().for_each(|object| self.steps.note_kind(object, name));
        let union = Union::new(name).description(description(&Bilingual::new(help.0, help.1)));
        self.types.push(of.iter().fold(union, |union, name| union.possible_type(*name)).into());
    }

    /// Whether there is an enumeration or input of this name already.
    fn has(&self, name: &str) -> bool {
        self.types.iter().any(|known| match known {
            Type::Enum(known) => known.type_name() == name,
            Type::InputObject(known) => known.type_name() == name,
            _ => false,
        })
    }

    /// An enumeration: values with their meaning.
    fn enumeration<'value>(
        &mut self,
        name: &str,
        help: &Bilingual,
        values: impl IntoIterator<Item = (&'value str, Bilingual)>,
    ) {
        let items = values
            .into_iter()
            .map(|(value, label)| EnumItem::new(value).description(label.to_string()));
        let enumeration = Enum::new(name).description(description(help)).items(items);
        self.types.push(enumeration.into());
    }

    /// A scalar.
    fn scalar(&mut self, scalar: Scalar) {
        self.types.push(scalar.into());
    }

    /// An input object.
    fn input(&mut self, input: InputObject) {
        self.types.push(input.into());
    }

    fn finish(self, types: &TypeRegistry) -> Result<Graph, SchemaError> {
        let Self { types: graphql, mut prices, steps } = self;
        prices.add_introspection(graphql.len() + 20);
        let steps = Arc::new(steps);
        let start: SchemaBuilder = Schema::build("Query", None, Some(subscription::SUBSCRIPTION))
            .extension(HandOver::extension(Arc::clone(&steps)));
        let schema = graphql
            .into_iter()
            .fold(start, SchemaBuilder::register)
            // Nesting, depth and cost were checked before; the engine's own bound stays above.
            .limit_recursive_depth(256)
            .finish()?;
        let names = types
            .iter()
            .map(|content_type| (content_type.name.clone(), content_type.graphql_name().into()))
            .collect();
        Ok(Graph { schema, steps, prices, names })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use schema::content_type::reserved;

    use super::*;

    fn graph(types: &Arc<TypeRegistry>) -> Graph {
        build(types).expect("the types make a schema")
    }

    fn names(graph: &Graph) -> BTreeSet<String> {
        let types = graph.schema.registry().types.keys();
        types.filter(|name| !name.starts_with('_')).cloned().collect()
    }

    #[test]
    fn no_content_type_can_take_the_name_of_a_type_of_the_core() {
        let types = Arc::new(TypeRegistry::embedded());
        let own: BTreeSet<String> = types.iter().flat_map(reserved::graphql_type_names).collect();

        let core: Vec<String> =
            names(&graph(&types)).into_iter().filter(|name| !own.contains(name)).collect();

        let free: Vec<_> = core.iter().filter(|name| !reserved::is_core_type(name)).collect();
        assert!(free.is_empty(), "reserve these in schema::content_type::reserved: {free:?}");
    }

    #[test]
    fn no_field_of_a_content_type_can_take_the_name_of_one_of_the_core() {
        let types = Arc::new(TypeRegistry::embedded());
        let graph = graph(&types);
        let core = graph.schema.registry().types.get(document::DOCUMENT).and_then(|it| it.fields());

        for name in core.expect("fields").keys() {
            let by_role = reserved::ROLES.contains(&name.as_str());
            assert!(by_role || reserved::is_core_field(name), "reserve {name}");
        }
        let query = graph.schema.registry().types.get("Query").and_then(|it| it.fields());
        for name in query.expect("fields").keys().filter(|name| !name.starts_with('_')) {
            let is_of_type =
                types.iter().any(|it| it.plural.as_str() == name || it.name.as_str() == name);
            assert!(is_of_type || reserved::ROOT_FIELDS.contains(&name.as_str()), "reserve {name}");
        }
    }

    #[test]
    fn everything_has_words_in_both_languages() {
        let types = Arc::new(TypeRegistry::embedded());
        let graph = graph(&types);
        let has_both = |text: Option<&str>| {
            text.is_some_and(|text| text.split_once(" / ").is_some_and(|(zh, en)| zh != en))
        };
        for (name, meta) in &graph.schema.registry().types {
            use async_graphql::registry::MetaType;
            let (description, fields) = match meta {
                _ if name.starts_with("__") => continue,
                MetaType::Object { description, fields, .. }
                | MetaType::Interface { description, fields, .. } => (description, Some(fields)),
                MetaType::Enum { description, .. }
                | MetaType::Union { description, .. }
                | MetaType::InputObject { description, .. } => (description, None),
                MetaType::Scalar { .. } => continue,
            };
            assert!(has_both(description.as_deref()), "{name}: {description:?}");
            for (field, meta) in
                fields.into_iter().flatten().filter(|(name, _)| !name.starts_with("__"))
            {
                assert!(has_both(meta.description.as_deref()), "{name}.{field}");
                for (argument, meta) in &meta.args {
                    assert!(has_both(meta.description.as_deref()), "{name}.{field}({argument})");
                }
            }
        }
    }
}
