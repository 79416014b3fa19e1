//! Whether the schema is pleasant to ask: fields of one name can be asked for together, and
//! nothing is described that nobody can use.

use std::{collections::BTreeSet, sync::Arc};

use async_graphql::{
    dynamic::Schema,
    registry::{MetaType, Registry},
};
use schema::content_type::TypeRegistry;

use super::{build, document::DOCUMENT};

fn schema() -> Schema {
    build(&Arc::new(TypeRegistry::embedded())).expect("the types make a schema").schema
}

/// The name of the type that lists and "not null" are wrapped round, and what they are.
fn parted(ty: &str) -> (&str, String) {
    let name = ty.trim_matches(['[', ']', '!']);
    (name, ty.replacen(name, "_", 1))
}

/// Why two fields cannot be asked for under one name in one selection, by the rule of the
/// specification ("SameResponseShape").
fn conflict(
    registry: &Registry,
    one: &str,
    other: &str,
    seen: &mut BTreeSet<(String, String)>,
) -> Option<String> {
    let ((one_name, one_shape), (other_name, other_shape)) = (parted(one), parted(other));
    let fields = |name: &str| registry.types.get(name).and_then(MetaType::fields);
    let differ = || Some(format!("{one} and {other}"));
    match (fields(one_name), fields(other_name)) {
        _ if one_shape != other_shape => differ(),
        _ if one_name == other_name => None,
        (Some(ours), Some(theirs)) => {
            if !seen.insert((one_name.to_owned(), other_name.to_owned())) {
                return None;
            }
            ours.iter().find_map(|(name, field)| {
                let theirs = theirs.get(name)?;
                let why = conflict(registry, &field.ty, &theirs.ty, seen)?;
                Some(format!("{one_name}.{name}, {other_name}.{name}: {why}"))
            })
        }
        _ => differ(),
    }
}

#[test]
fn no_two_built_in_types_have_fields_of_one_name_that_cannot_be_asked_for_together() {
    let schema = schema();
    let registry = schema.registry();
    let documents: Vec<_> = registry
        .types
        .iter()
        .filter(|(name, _)| registry.implements.get(*name).is_some_and(|it| it.contains(DOCUMENT)))
        .filter_map(|(name, meta)| Some((name, meta.fields()?)))
        .collect();
    assert!(documents.len() > 15, "{}", documents.len());

    let mut conflicts = Vec::new();
    for (at, (name, fields)) in documents.iter().enumerate() {
        for (other_name, others) in &documents[at + 1..] {
            for (field, meta) in *fields {
                let Some(other) = others.get(field) else { continue };
                let why = conflict(registry, &meta.ty, &other.ty, &mut BTreeSet::new());
                conflicts.extend(why.map(|why| format!("{name}, {other_name}: {field}: {why}")));
            }
        }
    }
    assert!(conflicts.is_empty(), "rename a field, or share its choices: {conflicts:#?}");
}

#[test]
fn what_cannot_be_asked_for_together_is_seen() {
    let schema = schema();
    let registry = schema.registry();
    let conflict = |one, other| conflict(registry, one, other, &mut BTreeSet::new());

    assert_eq!(conflict("String", "String!"), Some("String and String!".to_owned()));
    assert_eq!(conflict("String", "Int"), Some("String and Int".to_owned()));
    assert_eq!(conflict("[News!]!", "News"), Some("[News!]! and News".to_owned()));
    assert_eq!(conflict("News", "RichText"), None, "they have no field in common");
    let deep = conflict("DateTimeRange", "Edition");
    assert!(deep.is_some(), "a leaf is no object");
}

#[test]
fn every_input_and_every_enumeration_is_used() {
    let schema = schema();
    let registry = schema.registry();
    let mut used = BTreeSet::new();
    for meta in registry.types.values() {
        for field in meta.fields().into_iter().flat_map(|fields| fields.values()) {
            used.insert(parted(&field.ty).0.to_owned());
            used.extend(field.args.values().map(|argument| parted(&argument.ty).0.to_owned()));
        }
        if let MetaType::InputObject { input_fields, .. } = meta {
            used.extend(input_fields.values().map(|field| parted(&field.ty).0.to_owned()));
        }
    }
    let is_named =
        |meta: &&MetaType| matches!(meta, MetaType::InputObject { .. } | MetaType::Enum { .. });
    let named = registry.types.values().filter(is_named).map(MetaType::name);
    let unused: Vec<_> =
        named.filter(|name| !name.starts_with("__") && !used.contains(*name)).collect();

    assert!(unused.is_empty(), "{unused:?}");
}
