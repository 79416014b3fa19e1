//! The content API as a subgraph of a federated graph (Apollo Federation, subgraph
//! specification 2.3): what a router asks of it besides what everybody may ask.
//!
//! Whatever has a global id is an entity with the key `id`. The fields below are served and
//! not printed: what `_service` gives is the schema as everybody knows it, and which of its
//! types are entities.

use std::{
    fmt::Write as _,
    sync::{Arc, OnceLock},
};

use async_graphql::{
    Value,
    dynamic::{Scalar, TypeRef},
};
use futures_util::FutureExt as _;
use schema::{content_type::TypeRegistry, message::Bilingual};

use super::{
    Builder,
    connection::PAGE_INFO,
    member::{Member, argument, description, start},
    root::{IDS, nodes_by_id},
};
use crate::content::{
    limits::cost::Times,
    reading::{Answer, Thing},
    refusal::Refusal,
};

pub(super) const ENTITY: &str = "_Entity";
const ANY: &str = "_Any";
const SERVICE: &str = "_Service";
/// What else has a global id.
const OF_THE_HOUSE: [&str; 3] = ["Site", "Column", "Authority"];

/// Adds the types that the fields of the root need.
pub(super) fn add(builder: &mut Builder, types: &Arc<TypeRegistry>) {
    let (zh, en) = (
        "实体的标识：__typename 与 id。供联邦网关使用。",
        "What names an entity: __typename and id. For routers of a federated graph.",
    );
    builder.scalar(
        Scalar::new(ANY)
            .description(description(&Bilingual::new(zh, en)))
            .validator(|value| matches!(value, Value::Object(_))),
    );
    let entities = entities(types);
    let names: Vec<&str> = entities.iter().map(String::as_str).collect();
    builder.union(ENTITY, ("有全局编号的一切。", "Whatever has a global id."), &names);
    builder.object(
        SERVICE,
        ("作为子图的本接口。", "This API as a subgraph."),
        &[Member::ready(
            "sdl",
            TypeRef::named(TypeRef::STRING),
            ("子图的 SDL", "The subgraph in the schema definition language"),
            |thing| match thing {
                Thing::Subgraph(sdl) => Answer::Value(sdl.to_string().into()),
                _ => Answer::Nothing,
            },
        )],
        &[],
    );
}

/// The fields of the root.
pub(super) fn fields(types: &Arc<TypeRegistry>) -> [Member; 2] {
    let (types, sdl) = (Arc::clone(types), Arc::new(OnceLock::new()));
    let service = Member::root(
        "_service",
        TypeRef::named_nn(SERVICE),
        ("供联邦网关取得子图。", "For routers of a federated graph: the subgraph."),
        start(move |_, _| {
            let sdl = sdl.get_or_init(|| Arc::from(subgraph(&types)));
            let service = Thing::Subgraph(Arc::clone(sdl));
            async move { Ok(Answer::One(service)) }.boxed()
        }),
    );
    let entities = Member::root(
        "_entities",
        TypeRef::named_list_nn(ENTITY),
        (
            "供联邦网关按标识取实体，按所给次序；取不到的为空。",
            "For routers of a federated graph: what these name, in their order; null where there is nothing.",
        ),
        start(|reader, arguments| {
            async move {
                let wanted = match arguments.get("representations") {
                    Some(Value::List(wanted)) => wanted.as_slice(),
                    Some(one) => std::slice::from_ref(one),
                    None => &[],
                };
                if wanted.len() > IDS {
                    return Err(Refusal::argument(
                        format!("representations 最多 {IDS} 个"),
                        format!("representations takes at most {IDS} of them"),
                    )
                    .into());
                }
                let text = |value: &Value, name: &str| match value {
                    Value::Object(object) => match object.get(name) {
                        Some(Value::String(text)) => text.clone(),
                        _ => String::new(),
                    },
                    _ => String::new(),
                };
                let ids: Vec<String> = wanted.iter().map(|it| text(it, "id")).collect();
                let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
                let found = nodes_by_id(reader, &ids).await?;
                let called = wanted.iter().map(|it| text(it, "__typename"));
                let is_so = |(found, name): (Option<Thing>, String)| {
                    found.filter(|thing| thing.type_name().is_some_and(|is| *is == *name))
                };
                Ok(Answer::Each(found.into_iter().zip(called).map(is_so).collect()))
            }
            .boxed()
        }),
    )
    .with(argument(
        "representations",
        TypeRef::named_nn_list_nn(ANY),
        "实体的标识，最多 100 个",
        "What names the entities, at most 100",
    ))
    .times(Times::About(100));
    [service, entities]
}

fn entities(types: &TypeRegistry) -> Vec<String> {
    let of_types = types.iter().map(|content_type| content_type.graphql_name());
    of_types.chain(OF_THE_HOUSE.map(str::to_owned)).collect()
}

/// The printed schema, and what a router has to know of it.
fn subgraph(types: &Arc<TypeRegistry>) -> String {
    // Every graph with lists has this type. Behind `extend` the word would hold for what is added
    // there, which is nothing.
    let sdl = crate::content::sdl(types).unwrap_or_default();
    let (own, shared) =
        (format!("\ntype {PAGE_INFO} {{"), format!("\ntype {PAGE_INFO} @shareable {{"));
    let mut sdl = sdl.replacen(&own, &shared, 1);
    sdl.push_str(
        "\nextend schema @link(url: \"https://specs.apollo.dev/federation/v2.3\", import: [\"@key\", \"@shareable\"])\n",
    );
    for name in entities(types) {
        let _ = writeln!(sdl, "extend type {name} @key(fields: \"id\")");
    }
    sdl
}
