//! What every document says, whatever its type calls the fields that say it.

use std::sync::Arc;

use async_graphql::{Value, dynamic::TypeRef};
use schema::content_type::{FieldKind, TypeRegistry};

use super::super::{
    member::{Member, STATEMENT},
    own,
    values::{graphql_json, list_nn, string_nn},
};
use super::{of, texts};
use crate::content::reading::{Answer, Thing};

/// The fields that are filled from fields of the type.
pub(super) fn members(types: &Arc<TypeRegistry>) -> Vec<Member> {
    let (titles, validities) = (Arc::clone(types), Arc::clone(types));
    vec![
        Member::ready(
            "title",
            string_nn(),
            ("标题", "The title"),
            of(move |facts| {
                let title =
                    titles.get(&facts.r#type).and_then(|it| it.title_of(&facts.card.fields));
                Answer::Value(title.unwrap_or_default().into())
            }),
        ),
        Member::ready(
            "summary",
            string_nn(),
            (
                "摘要；没有摘要的取正文开头",
                "The summary, or the start of the text where nobody wrote one",
            ),
            of(|facts| Answer::Value(facts.summary.as_str().into())),
        ),
        body(types),
        cover(types),
        Member::ready(
            "keywords",
            list_nn(TypeRef::STRING),
            ("关键词", "Its keywords"),
            of(|facts| {
                Answer::Value(
                    facts
                        .card
                        .fields
                        .get("keywords")
                        .and_then(graphql_json)
                        .unwrap_or(Value::List(Vec::new())),
                )
            }),
        ),
        Member::ready(
            "characters",
            TypeRef::named_nn(TypeRef::INT),
            (
                "正文字数，不计空白",
                "Length of the main text in characters, white space not counted",
            ),
            of(|facts| Answer::Value(facts.characters.into())),
        ),
        Member::ready(
            "validity",
            TypeRef::named("ChoiceValue"),
            ("有效性；内容类型没有此字段的为空", "Validity; null for types without this field"),
            of(move |facts| {
                let field = validities.get(&facts.r#type).and_then(|it| it.field("validity"));
                let value = facts.card.fields.get("validity").and_then(|value| value.as_str());
                let choice = match (field.map(|field| &field.kind), value) {
                    (Some(FieldKind::Choice { choices, .. }), Some(value)) => {
                        choices.iter().find(|choice| choice.value == value)
                    }
                    _ => None,
                };
                Answer::one(choice.and_then(own::choice_value))
            }),
        ),
        Member::ready(
            "source",
            TypeRef::named("Source"),
            ("来源", "Who the text is credited to"),
            of(|facts| Answer::one(facts.card.source.clone().map(Thing::Source))),
        ),
        Member::ready(
            "origin",
            TypeRef::named("Origin"),
            ("转载信息的原发布网站", "For reposts: the site whose text this is"),
            of(|facts| Answer::one(facts.card.origin.clone().map(Thing::Origin))),
        ),
    ]
}

/// The main text, under one name for all types: lists of several types can show it.
fn body(types: &Arc<TypeRegistry>) -> Member {
    let types = Arc::clone(types);
    Member::read(
        "body",
        TypeRef::named("RichText"),
        ("正文；内容类型没有正文的为空", "The main text; null for types that have none"),
        Some(texts()),
        move |reader, thing, _| {
            let Thing::Document(shown) = thing else { return Ok(Answer::Nothing) };
            let field = types.get(&shown.facts.r#type).and_then(|it| it.body.clone());
            let content = reader.text(&shown.facts);
            Ok(Answer::one(field.zip(content).and_then(|(field, content)| {
                let has_it = content.fields.contains_key(field.as_str());
                has_it.then(|| Thing::RichText(Arc::clone(&content), field))
            })))
        },
    )
    .costs(STATEMENT / 10)
}

fn cover(types: &Arc<TypeRegistry>) -> Member {
    let types = Arc::clone(types);
    Member::ready(
        "cover",
        TypeRef::named("File"),
        ("题图；没有的为空", "The picture it is shown with; null where there is none"),
        of(move |facts| {
            let cover = types.get(&facts.r#type).and_then(|it| it.cover_of(&facts.card.fields));
            Answer::one(cover.map(|it| Thing::Stored(Arc::new(it.clone().into()))))
        }),
    )
}
