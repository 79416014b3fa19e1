//! The fields a content type adds to its documents, made from the kinds of its fields; links in
//! both directions.

mod links;

pub(super) use links::related;

use std::sync::Arc;

use async_graphql::{Value, dynamic::TypeRef};
use schema::{
    content_type::{Choice, ContentType, Field, FieldKind, TypeRegistry, reserved},
    message::Bilingual,
};
use serde_json::{Value as Json, json};

use super::{
    Builder,
    document::{DOCUMENT, enum_value, texts},
    member::{Member, STATEMENT},
    scalars::{DATE, DATE_TIME, DECIMAL, JSON, LONG},
    values::{graphql_json, list_nn, member_of, stored, string_nn},
};
use crate::content::{
    answering::Warm,
    limits::cost::Times,
    reading::{Answer, Thing},
};

/// The fields of `content_type`, their groups and choices added to the schema on the way.
pub(super) fn members(
    builder: &mut Builder,
    types: &Arc<TypeRegistry>,
    content_type: &ContentType,
) -> Vec<Member> {
    let prefix = content_type.graphql_name();
    let texts = texts();
    let mut members = Vec::new();
    for field in &content_type.fields {
        if let FieldKind::Choice { choices, .. } = &field.kind {
            add_choice(builder, &reserved::choices_name(&prefix, field), field, choices);
        }
        // These stand in the interface.
        if reserved::ROLES.contains(&field.name.as_str()) {
            continue;
        }
        if let FieldKind::Link { to, .. } = &field.kind {
            members.push(links::link(types, field, to));
            continue;
        }
        let ty = value_type(builder, &prefix, field);
        members.push(value_member(field, ty, &texts));
        if let FieldKind::Choice { choices, .. } = &field.kind {
            members.extend(label_member(content_type, field, choices));
        }
    }
    members.extend(
        types.reverse_links(&content_type.name).iter().map(|link| links::reverse(types, link)),
    );
    members
}

fn type_name(prefix: &str, field: &Field) -> String {
    format!("{prefix}{}", reserved::graphql_type_name(field.name.as_str()))
}

/// What people read of a field: its label, and its help where there is one.
pub(super) fn words(field: &Field) -> Bilingual {
    match &field.help {
        None => field.label.clone(),
        Some(help) => Bilingual::new(
            format!("{}。{}", field.label.zh, help.zh),
            format!("{}. {}", field.label.en, help.en),
        ),
    }
}

fn add_choice(builder: &mut Builder, name: &str, field: &Field, choices: &[Choice]) {
    if builder.has(name) {
        // Another type has the same choices.
        return;
    }
    let values = choices.iter().map(|choice| (choice.value.as_str(), choice.label.clone()));
    builder.enumeration(name, &words(field), values);
}

/// The GraphQL type of a field's value; adds the object types of groups.
fn value_type(builder: &mut Builder, prefix: &str, field: &Field) -> TypeRef {
    let name = match &field.kind {
        FieldKind::ShortText { .. }
        | FieldKind::LongText { .. }
        | FieldKind::RegionCode { .. }
        | FieldKind::DocumentNumber
        | FieldKind::Telephone { .. }
        | FieldKind::Url { .. } => TypeRef::STRING.to_owned(),
        FieldKind::RichText { .. } => "RichText".to_owned(),
        FieldKind::Integer { .. } => LONG.to_owned(),
        FieldKind::Decimal { .. } => DECIMAL.to_owned(),
        FieldKind::Boolean => TypeRef::BOOLEAN.to_owned(),
        FieldKind::Date { .. } => DATE.to_owned(),
        FieldKind::DateTime => DATE_TIME.to_owned(),
        FieldKind::Choice { .. } => reserved::choices_name(prefix, field),
        FieldKind::Place => "Place".to_owned(),
        FieldKind::File { .. } => "File".to_owned(),
        FieldKind::Link { .. } => DOCUMENT.to_owned(),
        FieldKind::Json { .. } => JSON.to_owned(),
        FieldKind::Group { fields, .. } => {
            let name = type_name(prefix, field);
            add_group(builder, &name, field, fields);
            name
        }
    };
    if field.kind.is_list() { TypeRef::named_nn_list(name) } else { TypeRef::named(name) }
}

fn add_group(builder: &mut Builder, name: &str, group: &Field, fields: &[Field]) {
    let mut members = Vec::new();
    for field in fields {
        if let FieldKind::Choice { choices, .. } = &field.kind {
            add_choice(builder, &reserved::choices_name(name, field), field, choices);
        }
        let ty = value_type(builder, name, field);
        let (kind, key) = (field.kind.clone(), field.name.clone());
        let help = words(field);
        let member = Member::ready(field.name.as_str(), ty, (&help.zh, &help.en), move |thing| {
            answer(&kind, member_of(thing, key.as_str()), |value| {
                Thing::Stored(Arc::new(value.clone()))
            })
        })
        .deprecated(field.deprecated.clone());
        members.push(listed(member, &field.kind));
        if let FieldKind::Choice { choices, .. } = &field.kind {
            let label = format!("{}Label", field.name);
            if !fields.iter().any(|other| other.name.as_str() == label) {
                let (choices, key) = (choices.clone(), field.name.clone());
                members.push(label_of(&label, field, move |thing, give| {
                    give(labels(&choices, member_of(thing, key.as_str())))
                }));
            }
        }
    }
    let help = words(group);
    builder.object(name, (&help.zh, &help.en), &members, &[]);
}

fn listed(member: Member, kind: &FieldKind) -> Member {
    if kind.is_list() { member.times(Times::About(5)) } else { member }
}

/// A field that is no link: brief ones lie in the card, the others in the whole text.
fn value_member(field: &Field, ty: TypeRef, texts: &Warm) -> Member {
    let (kind, name) = (field.kind.clone(), field.name.clone());
    let help = words(field);
    let help = (help.zh.as_str(), help.en.as_str());
    let member = if kind.is_brief() {
        Member::ready(field.name.as_str(), ty, help, move |thing| match thing {
            Thing::Document(shown) => {
                let value = shown.facts.card.fields.get(name.as_str());
                answer(&kind, value, |value| Thing::Stored(Arc::new(value.clone())))
            }
            _ => Answer::Nothing,
        })
    } else {
        Member::read(
            field.name.as_str(),
            ty,
            help,
            Some(Arc::clone(texts)),
            move |reader, thing, _| {
                let Thing::Document(shown) = thing else { return Ok(Answer::Nothing) };
                let Some(content) = reader.text(&shown.facts) else { return Ok(Answer::Nothing) };
                let value = content.fields.get(name.as_str());
                Ok(answer(&kind, value, |value| match kind {
                    FieldKind::RichText { .. } => {
                        Thing::RichText(Arc::clone(&content), name.clone())
                    }
                    _ => Thing::Stored(Arc::new(value.clone())),
                }))
            },
        )
        .costs(STATEMENT / 10)
    };
    listed(member, &field.kind).deprecated(field.deprecated.clone())
}

/// A stored value as an answer; a list that is not there is empty.
fn answer(kind: &FieldKind, value: Option<&Json>, thing: impl Fn(&Json) -> Thing) -> Answer {
    let is_object = matches!(
        kind,
        FieldKind::Place
            | FieldKind::File { .. }
            | FieldKind::Group { .. }
            | FieldKind::RichText { .. }
    );
    if kind.is_list() {
        let items = value.and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
        return if is_object {
            Answer::Many(items.iter().map(thing).collect())
        } else {
            Answer::Value(Value::List(items.iter().filter_map(|item| single(kind, item)).collect()))
        };
    }
    match value {
        None => Answer::Nothing,
        Some(value) if is_object => Answer::One(thing(value)),
        Some(value) => Answer::value(single(kind, value)),
    }
}

fn single(kind: &FieldKind, value: &Json) -> Option<Value> {
    match kind {
        // A value that is no longer a choice has no name in the schema.
        FieldKind::Choice { choices, .. } => {
            let word = value.as_str()?;
            choices.iter().any(|choice| choice.value == word).then(|| enum_value(word))
        }
        _ => graphql_json(value),
    }
}

/// Label of a choice beside its value, unless the type has a field of that name.
fn label_member(content_type: &ContentType, field: &Field, choices: &[Choice]) -> Option<Member> {
    let name = format!("{}Label", field.name);
    if content_type.field(&name).is_some() {
        return None;
    }
    let (choices, key) = (choices.to_vec(), field.name.clone());
    Some(label_of(&name, field, move |thing, give| match thing {
        Thing::Document(shown) => give(labels(&choices, shown.facts.card.fields.get(key.as_str()))),
        _ => give(Vec::new()),
    }))
}

fn label_of(
    name: &str,
    field: &Field,
    read: impl Fn(&Thing, &dyn Fn(Vec<Thing>) -> Answer) -> Answer + Send + Sync + 'static,
) -> Member {
    let is_list = field.kind.is_list();
    let ty = if is_list { list_nn("Bilingual") } else { TypeRef::named("Bilingual") };
    let zh = format!("{}的名称", field.label.zh);
    let en = format!("{}, as people read it", field.label.en);
    let member = Member::ready(name, ty, (&zh, &en), move |thing| {
        read(thing, &|labels| match is_list {
            true => Answer::Many(labels),
            false => Answer::one(labels.into_iter().next()),
        })
    });
    listed(member, &field.kind).deprecated(field.deprecated.clone())
}

fn labels(choices: &[Choice], value: Option<&Json>) -> Vec<Thing> {
    let values = match value {
        Some(Json::Array(values)) => values.as_slice(),
        Some(value) => std::slice::from_ref(value),
        None => &[],
    };
    let label = |value: &Json| {
        let choice = choices.iter().find(|choice| value.as_str() == Some(&*choice.value))?;
        Some(Thing::Bilingual(choice.label.clone()))
    };
    values.iter().filter_map(label).collect()
}

/// A choice as a value with its label, where the choices differ from type to type.
pub(super) fn choice_value(choice: &Choice) -> Option<Thing> {
    Some(Thing::Stored(Arc::new(json!({ "value": choice.value, "label": choice.label }))))
}

/// Adds what interface fields with choices give.
pub(super) fn add_choice_value(builder: &mut Builder) {
    builder.object(
        "ChoiceValue",
        ("选项及其名称。", "A choice with its label."),
        &[
            stored("value", string_nn(), ("值", "The value")),
            Member::ready(
                "label",
                TypeRef::named_nn("Bilingual"),
                ("名称", "What people read"),
                |thing| {
                    let label = member_of(thing, "label").cloned();
                    Answer::one(
                        label.and_then(|it| serde_json::from_value(it).ok()).map(Thing::Bilingual),
                    )
                },
            ),
        ],
        &[],
    );
}
