//! Links in both directions: what a document leads to, and what leads to it.

use std::sync::Arc;

use async_graphql::dynamic::TypeRef;
use schema::{
    content_type::{ContentType, Field, ReverseLink, TypeRegistry},
    names::{FieldName, TypeName},
};

use super::super::{
    document::{DOCUMENT, documents, first},
    member::{Member, STATEMENT, argument, warm},
    values::list_nn,
};
use crate::content::{
    limits::cost::Times,
    reading::{Answer, Arguments, Facts, Reader, Shown, Thing},
    refusal::{Fault, Refusal},
};

use super::words;

/// How many documents `related` gives where `first` does not say.
const RELATED: u32 = 20;

/// The one GraphQL type that a link leads to, else the interface.
fn target(types: &TypeRegistry, to: &[TypeName]) -> String {
    match to {
        [one] => types.get(one).map_or_else(|| DOCUMENT.to_owned(), ContentType::graphql_name),
        _ => DOCUMENT.to_owned(),
    }
}

pub(super) fn link(types: &Arc<TypeRegistry>, field: &Field, to: &[TypeName]) -> Member {
    let name = target(types, to);
    let is_list = field.kind.is_list();
    let ty = if is_list { TypeRef::named_nn_list(name) } else { TypeRef::named(name) };
    let help = words(field);
    let (wanted, key, to) = (field.name.clone(), field.name.clone(), to.to_vec());
    let warm = warm(move |reader, things, _| {
        let wanted = wanted.clone();
        Box::pin(async move { reader.read_linked(targets(things, Some(&wanted))).await })
    });
    let member = Member::read(
        field.name.as_str(),
        ty,
        (&help.zh, &help.en),
        Some(warm),
        move |reader, thing, _| {
            let Thing::Document(shown) = thing else { return Ok(Answer::Nothing) };
            let found = linked(reader, shown, &key)
                .filter(|facts| to.is_empty() || to.contains(&facts.r#type))
                .map(|facts| Thing::Document(Shown { facts, on: shown.on }));
            Ok(if is_list { Answer::Many(found.collect()) } else { Answer::one({ found }.next()) })
        },
    )
    .costs(STATEMENT / 10)
    .deprecated(field.deprecated.clone());
    if is_list { member.times(Times::About(10)) } else { member }
}

/// What the link fields of documents, or one of them, lead to, each in the document's language.
fn targets(
    things: &[Thing],
    field: Option<&FieldName>,
) -> Vec<(schema::ids::ContentId, schema::names::Locale)> {
    let of_one = |shown: &&Shown| {
        let facts = &shown.facts;
        let fields = facts.card.links.iter().filter(|(name, _)| field.is_none_or(|it| it == *name));
        let contents = fields.flat_map(|(_, contents)| contents);
        contents.map(|content| (*content, facts.locale.clone())).collect::<Vec<_>>()
    };
    documents(things).iter().flat_map(of_one).collect()
}

fn linked(reader: &Reader, shown: &Shown, field: &FieldName) -> impl Iterator<Item = Arc<Facts>> {
    let contents = shown.facts.card.links.get(field).map_or(&[][..], Vec::as_slice);
    contents.iter().filter_map(move |content| reader.linked(*content, &shown.facts.locale))
}

pub(super) fn reverse(types: &Arc<TypeRegistry>, link: &ReverseLink) -> Member {
    let source =
        types.get(&link.source).map_or_else(|| DOCUMENT.to_owned(), ContentType::graphql_name);
    let (warmed, given) = (link.clone(), link.clone());
    let warm = warm(move |reader, things, arguments| {
        let link = warmed.clone();
        Box::pin(async move {
            let first = arguments.first()?;
            let facts = facts_of(things);
            reader.read_linking(&facts, &link.source, &link.field, first).await
        })
    });
    let (first, default) = first();
    Member::read(
        link.name.as_str(),
        list_nn(&source),
        (&link.label.zh, &link.label.en),
        Some(warm),
        move |reader, thing, arguments| {
            let Thing::Document(shown) = thing else { return Ok(Answer::Nothing) };
            let found = reader.linking(shown, &given.source, &given.field, arguments.first()?);
            Ok(Answer::Many(found.into_iter().map(Thing::Document).collect()))
        },
    )
    .with_default(first, default)
    .costs(STATEMENT / 10)
    .times(Times::Paged)
}

fn facts_of(things: &[Thing]) -> Vec<&Facts> {
    documents(things).into_iter().map(|shown| &*shown.facts).collect()
}

/// Everything that is linked with a document, in both directions.
pub(in crate::content::graph) fn related(types: &Arc<TypeRegistry>) -> Member {
    let (for_warm, for_give) = (Arc::clone(types), Arc::clone(types));
    let warm = warm(move |reader, things, arguments| {
        let types = Arc::clone(&for_warm);
        Box::pin(async move { read_related(reader, &types, things, arguments).await })
    });
    let (first, _) = first();
    Member::read(
        "related",
        list_nn(DOCUMENT),
        ("相关信息：本条链接到的，以及链接到本条的", "What it links to, and what links to it"),
        Some(warm),
        move |reader, thing, arguments| {
            let Thing::Document(shown) = thing else { return Ok(Answer::Nothing) };
            let kind = arguments.text("kind");
            let first = related_first(arguments)?;
            let fits = |name: &FieldName| kind.is_none_or(|kind| kind == name.as_str());
            let mut found: Vec<Arc<Facts>> = Vec::new();
            let Some(content_type) = for_give.get(&shown.facts.r#type) else {
                return Ok(Answer::Many(Vec::new()));
            };
            for field in content_type.fields.iter().filter(|field| fits(&field.name)) {
                found.extend(linked(reader, shown, &field.name));
            }
            for link in
                for_give.reverse_links(&content_type.name).iter().filter(|it| fits(&it.name))
            {
                let linking = reader.linking(shown, &link.source, &link.field, first);
                found.extend(linking.into_iter().map(|shown| shown.facts));
            }
            let mut seen = std::collections::HashSet::new();
            found.retain(|facts| seen.insert(facts.id));
            found.truncate(first as usize);
            let document = |facts| Thing::Document(Shown { facts, on: shown.on });
            Ok(Answer::Many(found.into_iter().map(document).collect()))
        },
    )
    .with(argument(
        "kind",
        TypeRef::named(TypeRef::STRING),
        "只要这一种：链接字段名或其反向名",
        "Of this kind only: the name of a link field, or of the other direction of one",
    ))
    .with_default(first, RELATED)
    .costs(STATEMENT / 5)
    .times(Times::Paged)
}

fn related_first(arguments: &Arguments) -> Result<u32, Refusal> {
    Ok(arguments.count("first")?.unwrap_or(RELATED))
}

async fn read_related(
    reader: &mut Reader,
    types: &TypeRegistry,
    things: &[Thing],
    arguments: &Arguments,
) -> Result<(), Fault> {
    let first = related_first(arguments)?;
    let kind: Option<FieldName> = arguments.parsed("kind")?;
    reader.read_linked(targets(things, kind.as_ref())).await?;
    let facts = facts_of(things);
    // A link that several types share is read for the documents of all of them at once.
    let mut links: Vec<(&ReverseLink, Vec<&Facts>)> = Vec::new();
    for facts in facts {
        let reverse = types.reverse_links(&facts.r#type).iter();
        for link in reverse.filter(|link| kind.as_ref().is_none_or(|kind| *kind == link.name)) {
            match links.iter_mut().find(|(other, _)| *other == link) {
                Some((_, all)) => all.push(facts),
                None => links.push((link, vec![facts])),
            }
        }
    }
    for (link, facts) in links {
        reader.read_linking(&facts, &link.source, &link.field, first).await?;
    }
    Ok(())
}
