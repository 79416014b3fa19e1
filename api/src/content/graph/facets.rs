//! How the documents of a list, or the hits of a search, spread over types, years, columns and
//! choices.

use std::sync::Arc;

use async_graphql::{Value, dynamic::TypeRef};
use schema::content_type::FieldKind;
use store::spread::COUNTED;

use super::{
    Builder,
    document::{DOCUMENT_TYPE, enum_value},
    member::{Member, STATEMENT, warm},
    scalars::LONG,
    values::{list_nn, string_nn},
};
use crate::content::{
    answering::Warm,
    limits::cost::Times,
    reading::{Answer, Counted, Thing, only},
};

const FACETS: &str = "Facets";
const OF_TYPE: &str = "TypeFacet";
const OF_YEAR: &str = "YearFacet";
const OF_COLUMN: &str = "ColumnFacet";
const OF_CHOICE: &str = "ChoiceFacet";
const OF_VALUE: &str = "ChoiceValueFacet";

/// The field `facets` of a connection.
pub(super) fn member(counted: fn(&Thing) -> Option<Counted>) -> Member {
    Member::ready(
        "facets",
        TypeRef::named_nn(FACETS),
        (
            "全部结果的分布；只计算所查询的各项",
            "How all of them spread; only what is selected is counted",
        ),
        move |thing| Answer::one(counted(thing).map(|of| Thing::Facets(Arc::new(of)))),
    )
    .times(Times::Aside)
}

fn counted(things: &[Thing]) -> Vec<&Counted> {
    things.iter().filter_map(counted_by).collect()
}

fn counted_by(thing: &Thing) -> Option<&Counted> {
    match thing {
        Thing::Facets(of) => Some(of),
        _ => None,
    }
}

fn tallies() -> Warm {
    warm(|reader, things, _| {
        Box::pin(async move {
            match only(&counted(things))? {
                Some(of) => reader.read_tally(of).await,
                None => Ok(()),
            }
        })
    })
}

/// Adds the types of facets.
pub(super) fn add(builder: &mut Builder) {
    let tallies = tallies();
    builder.object(
        FACETS,
        (
            "分布：各类型、年份、栏目、选项各有多少条。",
            "How documents spread: how many there are of each type, year, column and choice.",
        ),
        &[types(&tallies), years(&tallies), columns(), choices(), is_limited(&tallies)],
        &[],
    );
    add_items(builder);
}

fn types(tallies: &Warm) -> Member {
    Member::read(
        "types",
        list_nn(OF_TYPE),
        ("按内容类型，多的在前", "By content type, the most first"),
        Some(Arc::clone(tallies)),
        |reader, thing, _| {
            let Thing::Facets(of) = thing else { return Ok(Answer::Nothing) };
            let tally = reader.tally(of);
            let types = tally.iter().flat_map(|tally| tally.types.iter().cloned());
            Ok(Answer::Many(types.map(|(of, count)| Thing::TypeCount(of, count)).collect()))
        },
    )
    .costs(STATEMENT)
    .times(Times::About(10))
}

fn years(tallies: &Warm) -> Member {
    Member::read(
        "years",
        list_nn(OF_YEAR),
        (
            "按列表时间的年份（北京时间），新的在前",
            "By year of listing, Beijing time, the newest first",
        ),
        Some(Arc::clone(tallies)),
        |reader, thing, _| {
            let Thing::Facets(of) = thing else { return Ok(Answer::Nothing) };
            let tally = reader.tally(of);
            let years = tally.iter().flat_map(|tally| tally.years.iter().copied());
            Ok(Answer::Many(years.map(|(of, count)| Thing::YearCount(of, count)).collect()))
        },
    )
    .costs(STATEMENT)
    .times(Times::About(10))
}

fn columns() -> Member {
    let counts = warm(|reader, things, _| {
        Box::pin(async move {
            match only(&counted(things))? {
                Some(of) => reader.read_column_counts(of).await,
                None => Ok(()),
            }
        })
    });
    Member::read(
        "columns",
        list_nn(OF_COLUMN),
        (
            "按栏目，各含其下级栏目，多的在前；限于所查询的网站或栏目之内",
            "By column, each with all below it, the most first; within the site or column that was asked for",
        ),
        Some(counts),
        |reader, thing, _| {
            let Thing::Facets(of) = thing else { return Ok(Answer::Nothing) };
            let counts = reader.column_counts(of).iter();
            let columns = counts
                .filter_map(|(id, count)| Some(Thing::ColumnCount(reader.column(*id)?, *count)));
            Ok(Answer::Many(columns.collect()))
        },
    )
    .costs(2 * STATEMENT)
    .times(Times::About(20))
}

fn choices() -> Member {
    let counts = warm(|reader, things, _| {
        Box::pin(async move {
            match only(&counted(things))? {
                Some(of) => reader.read_choice_counts(of).await,
                None => Ok(()),
            }
        })
    });
    Member::read(
        "choices",
        list_nn(OF_CHOICE),
        (
            "按可筛选的选项字段；只列一种内容类型时才有",
            "By each filterable field of choices; there where documents of one type are listed",
        ),
        Some(counts),
        |reader, thing, _| {
            let Thing::Facets(of) = thing else { return Ok(Answer::Nothing) };
            let values = reader.choice_counts(of).unwrap_or_default();
            let fields = reader.choices_of(of).into_iter().map(|field| {
                let counts = values.get(&field.name).cloned().unwrap_or_default();
                let mut counts: Vec<(Vec<u8>, u64)> = counts.into_iter().collect();
                counts.sort_unstable_by(|(a, of_a), (b, of_b)| (of_b, a).cmp(&(of_a, b)));
                let text = |(key, count)| Some((String::from_utf8(key).ok()?.into(), count));
                Thing::ChoiceFacet(Arc::new((field, counts.into_iter().filter_map(text).collect())))
            });
            Ok(Answer::Many(fields.collect()))
        },
    )
    .costs(2 * STATEMENT)
    .times(Times::About(5))
}

fn is_limited(tallies: &Warm) -> Member {
    Member::read(
        "isLimited",
        TypeRef::named_nn(TypeRef::BOOLEAN),
        (
            &format!("条数过多，只计算了最新的 {COUNTED} 条"),
            &format!("There are too many: only the newest {COUNTED} were counted"),
        ),
        Some(Arc::clone(tallies)),
        |reader, thing, _| {
            let Thing::Facets(of) = thing else { return Ok(Answer::Nothing) };
            let total = reader.tally(of).map_or(0, |tally| tally.total());
            Ok(Answer::Value((total >= u64::from(COUNTED)).into()))
        },
    )
    .costs(STATEMENT)
}

fn add_items(builder: &mut Builder) {
    let count = || {
        Member::ready("count", TypeRef::named_nn(LONG), ("条数", "How many"), |thing| match thing
        {
            Thing::TypeCount(_, count)
            | Thing::YearCount(_, count)
            | Thing::ColumnCount(_, count)
            | Thing::ValueCount(_, _, count) => Answer::Value((*count).into()),
            _ => Answer::Nothing,
        })
    };
    builder.object(
        OF_TYPE,
        ("一种内容类型的条数。", "How many are of a content type."),
        &[
            Member::read(
                "type",
                TypeRef::named(DOCUMENT_TYPE),
                ("内容类型；已停用的为空", "The content type; null for one no longer in force"),
                None,
                |reader, thing, _| {
                    Ok(match thing {
                        Thing::TypeCount(of, _) if reader.model.types.get(of).is_some() => {
                            Answer::Value(enum_value(of.as_str()))
                        }
                        _ => Answer::Nothing,
                    })
                },
            ),
            Member::read(
                "label",
                TypeRef::named("Bilingual"),
                (
                    "内容类型的名称；已停用的为空",
                    "What people call it; null for one no longer in force",
                ),
                None,
                |reader, thing, _| {
                    let Thing::TypeCount(of, _) = thing else { return Ok(Answer::Nothing) };
                    let content_type = reader.model.types.get(of);
                    Ok(Answer::one(content_type.map(|it| Thing::Bilingual(it.label.clone()))))
                },
            ),
            count(),
        ],
        &[],
    );
    builder.object(
        OF_YEAR,
        ("一年的条数。", "How many are of a year."),
        &[
            Member::ready(
                "year",
                TypeRef::named_nn(TypeRef::INT),
                ("年份", "The year"),
                |thing| match thing {
                    Thing::YearCount(year, _) => Answer::Value(Value::from(*year)),
                    _ => Answer::Nothing,
                },
            ),
            count(),
        ],
        &[],
    );
    builder.object(
        OF_COLUMN,
        ("一个栏目及其下级栏目的条数。", "How many stand in a column or below it."),
        &[
            Member::ready(
                "column",
                TypeRef::named_nn("Column"),
                ("栏目", "The column"),
                |thing| match thing {
                    Thing::ColumnCount(column, _) => Answer::One(Thing::Column(Arc::clone(column))),
                    _ => Answer::Nothing,
                },
            ),
            count(),
        ],
        &[],
    );
    builder.object(
        OF_CHOICE,
        ("一个选项字段的分布。", "How many there are of each choice of a field."),
        &[
            Member::ready("field", string_nn(), ("字段名", "The name of the field"), |thing| {
                match thing {
                    Thing::ChoiceFacet(facet) => Answer::Value(facet.0.name.as_str().into()),
                    _ => Answer::Nothing,
                }
            }),
            Member::ready(
                "label",
                TypeRef::named_nn("Bilingual"),
                ("字段的名称", "What people call it"),
                |thing| match thing {
                    Thing::ChoiceFacet(facet) => {
                        Answer::One(Thing::Bilingual(facet.0.label.clone()))
                    }
                    _ => Answer::Nothing,
                },
            ),
            Member::ready(
                "values",
                list_nn(OF_VALUE),
                (
                    "各选项，多的在前；没有的不列",
                    "Its choices, the most first; none that nothing has",
                ),
                |thing| match thing {
                    Thing::ChoiceFacet(facet) => {
                        let value = |(value, count): &(Arc<str>, u64)| {
                            Thing::ValueCount(Arc::clone(facet), Arc::clone(value), *count)
                        };
                        Answer::Many(facet.1.iter().map(value).collect())
                    }
                    _ => Answer::Nothing,
                },
            )
            .times(Times::About(10)),
        ],
        &[],
    );
    builder.object(
        OF_VALUE,
        ("一个选项的条数。", "How many have a choice."),
        &[
            Member::ready(
                "value",
                string_nn(),
                ("选项的值，用于筛选", "The choice, to filter by"),
                |thing| match thing {
                    Thing::ValueCount(_, value, _) => Answer::Value((&**value).into()),
                    _ => Answer::Nothing,
                },
            ),
            Member::ready(
                "label",
                TypeRef::named("Bilingual"),
                (
                    "选项的名称；不再提供的为空",
                    "What people read; null for what is no longer offered",
                ),
                |thing| match thing {
                    Thing::ValueCount(facet, value, _) => match &facet.0.kind {
                        FieldKind::Choice { choices, .. } => {
                            let choice = choices.iter().find(|choice| *choice.value == **value);
                            Answer::one(choice.map(|it| Thing::Bilingual(it.label.clone())))
                        }
                        _ => Answer::Nothing,
                    },
                    _ => Answer::Nothing,
                },
            ),
            count(),
        ],
        &[],
    );
}
