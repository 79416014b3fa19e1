//! The schema of the content API, built from the content types when the server starts.
//!
//! Every object type is a list of members ([`member`]); from one list come the GraphQL type,
//! its price list and the steps that the walk ahead follows, so the three cannot disagree. No
//! content type is named here: what differs between them is read off their definitions.

mod change;
mod connection;
mod document;
mod filter;
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
mod values;

use std::{collections::HashMap, sync::Arc};

use async_graphql::dynamic::{
    Enum, EnumItem, InputObject, Interface, Object, Scalar, Schema, SchemaBuilder, SchemaError,
    Type, Union,
};
use schema::{content_type::TypeRegistry, message::Bilingual, names::TypeName};

use self::member::{Member, description};
use super::{limits::cost::Prices, reading::ahead::Steps};

/// The schema and what belongs to it.
pub(crate) struct Graph {
    /// What the engine runs.
    pub(crate) schema: Schema,
    /// What every field costs.
    pub(crate) prices: Prices,
    /// Names of the GraphQL types of the content types.
    pub(crate) names: HashMap<TypeName, Arc<str>>,
}

/// Builds the schema of `types`.
///
/// # Errors
/// When the types make no GraphQL schema: there are none, or a name is taken twice, which
/// [`TypeRegistry::load`] refuses.
pub(crate) fn build(types: &Arc<TypeRegistry>) -> Result<Graph, SchemaError> {
    let mut builder = Builder::default();
    scalars::add(&mut builder);
    values::add(&mut builder);
    house::add(&mut builder);
    history::add(&mut builder);
    change::add(&mut builder);
    route::add(&mut builder);
    filter::add_shared(&mut builder, types);
    connection::add_page_info(&mut builder);
    own::add_choice_value(&mut builder);
    document::add(&mut builder, types);
    root::add(&mut builder, types);
    node::add(&mut builder);
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
        }
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
        let union = Union::new(name).description(description(&Bilingual::new(help.0, help.1)));
        self.types.push(of.iter().fold(union, |union, name| union.possible_type(*name)).into());
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
        let start: SchemaBuilder = Schema::build("Query", None, None).data(Arc::new(steps));
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
        Ok(Graph { schema, prices, names })
    }
}
