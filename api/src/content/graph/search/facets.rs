//! How the hits of a question spread over types and years.

use async_graphql::{Value, dynamic::TypeRef};

use super::{
    super::{
        Builder,
        document::{DOCUMENT_TYPE, enum_value},
        member::Member,
        scalars::LONG,
        values::list_nn,
    },
    FACETS,
};
use crate::content::reading::{Answer, Thing};

const OF_TYPE: &str = "SearchTypeFacet";
const OF_YEAR: &str = "SearchYearFacet";

/// Adds the types of facets.
pub(super) fn add(builder: &mut Builder) {
    let count = || {
        Member::ready("count", TypeRef::named_nn(LONG), ("条数", "How many"), |thing| match thing
        {
            Thing::TypeCount(_, count) | Thing::YearCount(_, count) => {
                Answer::Value((*count).into())
            }
            _ => Answer::Nothing,
        })
    };
    builder.object(
        FACETS,
        ("结果的分布。", "How the hits of a question spread."),
        &[
            Member::ready(
                "types",
                list_nn(OF_TYPE),
                ("按内容类型，多的在前", "By content type, the most first"),
                |thing| match thing {
                    Thing::Tally(tally) => {
                        let types = tally.types.iter().cloned();
                        Answer::Many(types.map(|(of, count)| Thing::TypeCount(of, count)).collect())
                    }
                    _ => Answer::Nothing,
                },
            ),
            Member::ready(
                "years",
                list_nn(OF_YEAR),
                (
                    "按列表时间的年份（北京时间），新的在前",
                    "By year of listing, Beijing time, the newest first",
                ),
                |thing| match thing {
                    Thing::Tally(tally) => {
                        let years = tally.years.iter().copied();
                        Answer::Many(years.map(|(of, count)| Thing::YearCount(of, count)).collect())
                    }
                    _ => Answer::Nothing,
                },
            ),
        ],
        &[],
    );
    builder.object(
        OF_TYPE,
        ("一种内容类型的条数。", "How many hits are of a content type."),
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
            count(),
        ],
        &[],
    );
    builder.object(
        OF_YEAR,
        ("一年的条数。", "How many hits are of a year."),
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
}
