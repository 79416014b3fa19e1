//! What changed in a document from one edition to another.

use std::sync::Arc;

use async_graphql::{Value, dynamic::TypeRef};
use schema::{
    difference::{FieldDifference, Segment, SegmentKind},
    message::Bilingual,
};

use super::{
    Builder,
    document::{documents, enum_value},
    member::{Member, argument, warm},
    values::{list_nn, string_nn},
};
use crate::content::{
    limits::cost::Times,
    reading::{Answer, Arguments, Difference, Facts, Thing},
    refusal::{Fault, Refusal},
};

/// Price of a difference: reading two whole texts, and comparing them.
const COMPARISON: u32 = 1_000;

const DIFFERENCE: &str = "Difference";
const FIELD: &str = "FieldDifference";
const PASSAGE: &str = "DifferencePassage";
const SEGMENT: &str = "DifferenceSegment";
const KIND: &str = "DifferenceKind";

/// The field `difference` of documents.
pub(super) fn member() -> Member {
    let compare = warm(|reader, things, arguments| {
        Box::pin(async move {
            let (from, to) = ends(arguments)?;
            let facts: Vec<&Facts> = documents(things).iter().map(|shown| &*shown.facts).collect();
            reader.read_differences(&facts, from, to).await
        })
    });
    let number = |name, zh, en| argument(name, TypeRef::named(TypeRef::INT), zh, en);
    Member::read(
        "difference",
        TypeRef::named(DIFFERENCE),
        (
            "两版之间文字的变化；任一版不可阅读的为空",
            "What changed in its texts from one edition to another; null where either may not be read",
        ),
        Some(compare),
        |reader, thing, arguments| {
            let Thing::Document(shown) = thing else { return Ok(Answer::Nothing) };
            let (from, to) = ends(arguments)?;
            let found = reader.difference(&shown.facts, from, to);
            Ok(Answer::one(found.map(Thing::Difference)))
        },
    )
    .with(number(
        "from",
        "旧版的版本号；不给则为新版之前最近一个可阅读的版本",
        "Number of the older edition; else the last one before the newer that may be read",
    ))
    .with(number(
        "to",
        "新版的版本号；不给则为所显示的版本",
        "Number of the newer edition; else the one that is shown",
    ))
    .costs(COMPARISON)
}

fn ends(arguments: &Arguments) -> Result<(Option<u32>, Option<u32>), Fault> {
    Ok((edition(arguments, "from")?, edition(arguments, "to")?))
}

fn edition(arguments: &Arguments, name: &str) -> Result<Option<u32>, Refusal> {
    let Some(value) = arguments.get(name) else { return Ok(None) };
    let number = match value {
        Value::Number(number) => number.as_u64().and_then(|number| u32::try_from(number).ok()),
        _ => None,
    };
    number.filter(|number| *number > 0).map(Some).ok_or_else(|| {
        Refusal::argument(
            format!("{name} 应为版本号，从 1 开始"),
            format!("{name} takes the number of an edition, from 1"),
        )
    })
}

fn field_of(thing: &Thing) -> Option<&FieldDifference> {
    match thing {
        Thing::FieldDifference(difference, at) => difference.fields.get(*at),
        _ => None,
    }
}

/// A passage: its difference, its field, its place there.
fn segments_of(thing: &Thing) -> &[Segment] {
    let segments = match thing {
        Thing::Passage(of, field, at) => {
            of.fields.get(*field).and_then(|field| field.passages.get(*at))
        }
        _ => None,
    };
    segments.map_or(&[], |passage| &passage.segments)
}

/// Adds the types of differences.
pub(super) fn add(builder: &mut Builder) {
    builder.enumeration(
        KIND,
        &Bilingual::new("一段文字的变化。", "What became of a piece of text."),
        [
            ("same", Bilingual::new("两版都有", "It stands in both")),
            ("removed", Bilingual::new("只在旧版", "It stands in the older one alone")),
            ("added", Bilingual::new("只在新版", "It stands in the newer one alone")),
        ],
    );
    add_difference(builder);
    add_field(builder);
    builder.object(
        PASSAGE,
        ("一个段落，或列表中的一个值。", "A paragraph of a long text, or a value of a list."),
        &[Member::ready(
            "segments",
            list_nn(SEGMENT),
            ("各段文字，依次", "Its pieces, in order"),
            |thing| Answer::Many(segments_of(thing).iter().cloned().map(Thing::Segment).collect()),
        )
        .times(Times::About(5))],
        &[],
    );
    let of = |give: fn(&Segment) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::Segment(segment) => give(segment),
            _ => Answer::Nothing,
        }
    };
    builder.object(
        SEGMENT,
        ("段落中的一段文字。", "A piece of a passage."),
        &[
            Member::ready(
                "kind",
                TypeRef::named_nn(KIND),
                ("变化", "What became of it"),
                of(|segment| {
                    Answer::Value(enum_value(match segment.kind {
                        SegmentKind::Same => "same",
                        SegmentKind::Removed => "removed",
                        SegmentKind::Added => "added",
                    }))
                }),
            ),
            Member::ready(
                "text",
                string_nn(),
                ("文字", "Its text"),
                of(|segment| Answer::Value(segment.text.as_str().into())),
            ),
        ],
        &[],
    );
}

fn add_difference(builder: &mut Builder) {
    let of = |give: fn(&Arc<Difference>) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::Difference(difference) => give(difference),
            _ => Answer::Nothing,
        }
    };
    builder.object(
        DIFFERENCE,
        ("两版之间文字的变化。", "What changed in the texts of a document."),
        &[
            Member::ready(
                "from",
                TypeRef::named_nn(TypeRef::INT),
                ("旧版的版本号", "Number of the older edition"),
                of(|it| Answer::Value(it.from.into())),
            ),
            Member::ready(
                "to",
                TypeRef::named(TypeRef::INT),
                ("新版的版本号；草稿为空", "Number of the newer edition; null for a draft"),
                of(|it| Answer::value(it.to)),
            ),
            Member::ready(
                "fields",
                list_nn(FIELD),
                ("有变化的字段", "The fields that differ"),
                of(|it| {
                    let fields = 0..it.fields.len();
                    Answer::Many(
                        fields.map(|at| Thing::FieldDifference(Arc::clone(it), at)).collect(),
                    )
                }),
            )
            .times(Times::About(5)),
        ],
        &[],
    );
}

fn add_field(builder: &mut Builder) {
    builder.object(
        FIELD,
        ("一个字段的变化。", "What changed in a field."),
        &[
            Member::ready("name", string_nn(), ("字段名", "The name of the field"), |thing| {
                Answer::value(field_of(thing).map(|it| it.field.as_str()))
            }),
            Member::read(
                "label",
                TypeRef::named("Bilingual"),
                ("字段的名称", "What people call it"),
                None,
                |reader, thing, _| {
                    let Thing::FieldDifference(of, _) = thing else { return Ok(Answer::Nothing) };
                    let content_type = reader.model.types.get(&of.r#type);
                    let field = field_of(thing)
                        .and_then(|it| content_type?.field(it.field.as_str()))
                        .map(|field| Thing::Bilingual(field.label.clone()));
                    Ok(Answer::one(field))
                },
            ),
            Member::ready(
                "html",
                string_nn(),
                (
                    "可直接输出的 HTML：每段一个 p，文字已转义，新增的在 ins、删去的在 del 中；只有格式变化的为空文本",
                    "HTML that can be printed as it is: a p for each passage, the text escaped, in ins what was added and in del \
                     what was removed; empty where only the formatting differs",
                ),
                |thing| Answer::value(field_of(thing).map(FieldDifference::html)),
            ),
            Member::ready(
                "passages",
                list_nn(PASSAGE),
                ("各段落，依次；没有变化的也在内", "Its passages in order, those that stayed with them"),
                |thing| match thing {
                    Thing::FieldDifference(of, field) => {
                        let passages = field_of(thing).map_or(0, |it| it.passages.len());
                        let passage = |at| Thing::Passage(Arc::clone(of), *field, at);
                        Answer::Many((0..passages).map(passage).collect())
                    }
                    _ => Answer::Nothing,
                },
            )
            .times(Times::About(50)),
            Member::ready(
                "isFormattingOnly",
                TypeRef::named_nn(TypeRef::BOOLEAN),
                (
                    "文字相同，只有格式、图片等变化",
                    "Its words are the same: formatting, pictures and the like differ",
                ),
                |thing| Answer::value(field_of(thing).map(|it| it.passages.is_empty())),
            ),
            Member::ready(
                "isExact",
                TypeRef::named_nn(TypeRef::BOOLEAN),
                (
                    "各段落内都逐字比较过；过大的文本只逐段比较",
                    "Whether all passages were compared inside; of what is too large only the passages are",
                ),
                |thing| Answer::value(field_of(thing).map(|it| it.is_exact)),
            ),
        ],
        &[],
    );
}
