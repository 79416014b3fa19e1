//! Lists as Relay connections: edges with cursors, the nodes themselves, page info, and a count
//! that is made only when it is asked for.

use std::sync::Arc;

use async_graphql::dynamic::TypeRef;
use schema::{
    content_type::{ContentType, Field},
    position,
};

use super::{
    Builder, facets,
    member::{Member, warm},
    order,
    scalars::LONG,
    values::{list_nn, string, string_nn},
};
use crate::content::reading::{Answer, Connection, Counted, PageOf, SearchPage, Thing};

pub(super) const PAGE_INFO: &str = "PageInfo";

/// Names of the connection of `of` and of its edges.
pub(super) fn names(of: &str) -> (Arc<str>, Arc<str>) {
    (format!("{of}Connection").into(), format!("{of}Edge").into())
}

/// Adds the connection `{name}Connection` over nodes of `of`, the documents of `content_type`
/// where they are of one.
pub(super) fn add(builder: &mut Builder, name: &str, of: &str, content_type: Option<&ContentType>) {
    let counts = warm(|reader, things, _| {
        Box::pin(async move {
            let pages = things.iter().filter_map(connection).map(|it| it.page.clone());
            reader.read_counts(&pages.collect::<Vec<PageOf>>()).await
        })
    });
    let (own, edge) = names(name);
    builder.object(
        &own,
        ("一页列表。", "A page of a list."),
        &[
            Member::ready(
                "edges",
                list_nn(&edge),
                ("各条及其游标", "The items with their cursors"),
                |thing| match thing {
                    Thing::Connection(it) => Answer::Many(
                        (0..it.nodes.len()).map(|at| Thing::Edge(Arc::clone(it), at)).collect(),
                    ),
                    _ => Answer::Nothing,
                },
            ),
            Member::ready("nodes", list_nn(of), ("各条", "The items"), |thing| match thing {
                Thing::Connection(it) => {
                    Answer::Many(it.nodes.iter().cloned().map(Thing::Document).collect())
                }
                _ => Answer::Nothing,
            }),
            Member::ready(
                "pageInfo",
                TypeRef::named_nn("PageInfo"),
                ("翻页信息", "How to go on"),
                |thing| match thing {
                    Thing::Connection(it) => Answer::One(Thing::PageInfo(Arc::clone(it))),
                    _ => Answer::Nothing,
                },
            ),
            Member::read(
                "totalCount",
                TypeRef::named_nn(LONG),
                (
                    "总条数；只在查询此项时计算",
                    "How many there are in all; counted only when asked for",
                ),
                Some(counts),
                |reader, thing, _| {
                    Ok(Answer::value(connection(thing).and_then(|it| reader.count(&it.page.key()))))
                },
            )
            .costs(10),
            facets::member(|thing| connection(thing).cloned().map(Counted::List)),
        ],
        &[],
    );
    let mut members = edge_members(of);
    members.extend(content_type.and_then(distance));
    let words = ("列表中的一条及其游标。", "An item of a list with its cursor.");
    builder.object(&edge, words, &members, &[]);
}

fn edge_members(of: &str) -> Vec<Member> {
    vec![
        Member::ready(
            "cursor",
            string_nn(),
            ("游标，供 after、before 使用", "Its cursor, for after and before"),
            |thing| match thing {
                Thing::Edge(it, at) => Answer::value(it.cursors.get(*at).map(ToString::to_string)),
                _ => Answer::Nothing,
            },
        ),
        Member::ready("node", TypeRef::named_nn(of), ("该条", "The item"), |thing| match thing {
            Thing::Edge(it, at) => Answer::one(it.nodes.get(*at).cloned().map(Thing::Document)),
            _ => Answer::Nothing,
        }),
    ]
}

/// How far an item is from where `near` was asked, for types with a place.
fn distance(content_type: &ContentType) -> Option<Member> {
    let places = content_type.fields.iter().filter(|field| order::is_place(field));
    let places: Vec<Field> = places.cloned().collect();
    if places.is_empty() {
        return None;
    }
    Some(Member::ready(
        "distance",
        TypeRef::named(TypeRef::INT),
        (
            "与 near 所给地点的距离，沿地面，米；未按 near 筛选的为空",
            "How far it is from the point of near, along the ground, in metres; null where near was not asked",
        ),
        move |thing| {
            let Thing::Edge(it, at) = thing else { return Answer::Nothing };
            let Some(shown) = it.nodes.get(*at) else { return Answer::Nothing };
            let metres = |place: &Field| {
                let circle = order::near(&it.page.query.filter, place)?;
                let position = shown.facts.card.fields.get(place.name.as_str())?;
                let degrees = |name| position.get(name).and_then(|degrees| degrees.as_str());
                circle.metres_to(&position::key(degrees("latitude")?, degrees("longitude")?)?)
            };
            // Circles are small enough for a whole number.
            let metres = places.iter().find_map(metres).map(|metres| metres.round() as i32);
            Answer::value(metres)
        },
    ))
}

fn connection(thing: &Thing) -> Option<&Arc<Connection>> {
    match thing {
        Thing::Connection(connection) => Some(connection),
        _ => None,
    }
}

/// Adds what all connections tell of their page.
pub(super) fn add_page_info(builder: &mut Builder) {
    let flag = |documents: fn(&Connection) -> bool,
                changes: fn(bool) -> bool,
                hits: fn(&SearchPage) -> bool| {
        move |thing: &Thing| match thing {
            Thing::PageInfo(it) => Answer::Value(documents(it).into()),
            Thing::ChangePage(it) => Answer::Value(changes(it.has_more).into()),
            Thing::SearchPageInfo(it) => Answer::Value(hits(it).into()),
            _ => Answer::Nothing,
        }
    };
    let cursor = |is_last: bool| {
        move |thing: &Thing| match thing {
            Thing::PageInfo(it) => {
                let cursor = if is_last { it.cursors.last() } else { it.cursors.first() };
                Answer::value(cursor.map(ToString::to_string))
            }
            Thing::ChangePage(it) => {
                let change = if is_last { it.page.last() } else { it.page.first() };
                Answer::value(change.map(|change| super::change::cursor(change.sequence)))
            }
            Thing::SearchPageInfo(it) => {
                let hit = if is_last { it.hits.last() } else { it.hits.first() };
                Answer::value(hit.map(|(hit, _)| hit.cursor.to_string()))
            }
            _ => Answer::Nothing,
        }
    };
    let boolean = || TypeRef::named_nn(TypeRef::BOOLEAN);
    builder.object(
        PAGE_INFO,
        ("翻页信息。", "How to go on from a page."),
        &[
            Member::ready(
                "hasNextPage",
                boolean(),
                ("后面是否还有", "Whether there are more behind it"),
                flag(|it| it.has_next, |more| more, |it| it.has_next),
            ),
            Member::ready(
                "hasPreviousPage",
                boolean(),
                ("前面是否还有", "Whether there are more before it"),
                flag(|it| it.has_previous, |_| false, |it| it.query.after.is_some()),
            ),
            Member::ready(
                "startCursor",
                string(),
                ("首条的游标", "Cursor of the first item"),
                cursor(false),
            ),
            Member::ready(
                "endCursor",
                string(),
                ("末条的游标", "Cursor of the last item"),
                cursor(true),
            ),
        ],
        &[],
    );
}
