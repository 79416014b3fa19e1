//! The publication log as a list to follow: what changed since a cursor, without its actors.

use std::sync::Arc;

use async_graphql::{Value, dynamic::TypeRef};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use schema::{ids::NoticeId, message::Bilingual, visibility::EventKind};
use store::reading::{Change, Changed, DocumentChange, Position};

use super::{
    Builder,
    document::{DOCUMENT, DOCUMENT_TYPE, IMPORTANCE, VISIBILITY, enum_value, importance},
    house::NOTICE,
    member::{Member, STATEMENT, warm},
    scalars::{DATE_TIME, JSON},
    values::{graphql_json, list_nn, string, string_nn},
};
use crate::content::{
    reading::{Answer, Shown, Thing},
    refusal::Refusal,
};

/// The name of the type of kinds of events.
pub(super) const KIND: &str = "ChangeKind";
/// First byte of a cursor, so that no other opaque text passes for one.
const CURSOR: u8 = 0xc1;

/// The cursor behind event `sequence`.
pub(crate) fn cursor(sequence: u64) -> String {
    let mut bytes = [CURSOR; 9];
    bytes[1..].copy_from_slice(&sequence.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a cursor: the number of the event it stands behind.
///
/// # Errors
/// A refusal for anything else.
pub(crate) fn read_cursor(text: &str) -> Result<u64, Refusal> {
    let read = || {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let rest: [u8; 8] = bytes.strip_prefix(&[CURSOR])?.try_into().ok()?;
        Some(u64::from_be_bytes(rest))
    };
    read().ok_or_else(|| {
        Refusal::new(
            "BAD_CURSOR",
            "after 不是 changes 给出的游标",
            "after is not a cursor that changes gave",
        )
    })
}

pub(super) fn add(builder: &mut Builder) {
    builder.enumeration(
        KIND,
        &Bilingual::new("发布事件的种类。", "The kinds of events."),
        EventKind::ALL.map(|kind| {
            let (zh, en) = match kind {
                EventKind::Publish => ("发布", "A document became live"),
                EventKind::Correct => ("更正", "A live document has a new text"),
                EventKind::Move => ("移动", "The same text stands elsewhere"),
                EventKind::Withdraw => ("撤回", "It is shown with a notice, or the notice alone"),
                EventKind::Remove => ("删除、转移或抹除", "Gone, redirected or vanished"),
                EventKind::Recall => ("召回", "Taken back everywhere, for ever"),
                EventKind::Arrange => (
                    "机构、网站、栏目、类型、投放对象或网站公告的调整",
                    "A column, site, type, authority, target or notice of a site changed",
                ),
            };
            (kind.as_str(), Bilingual::new(zh, en))
        }),
    );
    add_connection(builder);
    add_change(builder);
    let position = |give: fn(&Position) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::Position(position) => give(position),
            _ => Answer::Nothing,
        }
    };
    builder.object(
        "Position",
        ("一条信息在一个网站上的位置，按代号与路径。", "A place on a site, by key and path."),
        &[
            Member::ready(
                "site",
                string_nn(),
                ("网站代号", "Key of the site"),
                position(|it| Answer::Value(it.site.as_str().into())),
            ),
            Member::ready(
                "columns",
                list_nn(TypeRef::STRING),
                ("栏目路径，主栏目在前", "Paths of its columns, the main one first"),
                position(|it| {
                    Answer::Value(Value::List(
                        it.columns.iter().map(|column| column.as_str().into()).collect(),
                    ))
                }),
            ),
            Member::ready(
                "path",
                string(),
                ("路径；已不留痕迹的为空", "Its path; null for what has left no trace since"),
                position(|it| Answer::value(it.path.as_ref().map(|path| path.as_str()))),
            ),
        ],
        &[],
    );
}

fn add_connection(builder: &mut Builder) {
    let heads = warm(|reader, _, _| Box::pin(async move { reader.read_head().await }));
    builder.object(
        "ChangeConnection",
        ("一页发布事件。", "A page of events."),
        &[
            Member::ready(
                "edges",
                list_nn("ChangeEdge"),
                ("各事件及其游标", "The events with their cursors"),
                |thing| match thing {
                    Thing::Changes(it) => {
                        Answer::Many(it.page.iter().cloned().map(Thing::ChangeEdge).collect())
                    }
                    _ => Answer::Nothing,
                },
            ),
            Member::ready("nodes", list_nn("Change"), ("各事件", "The events"), |thing| {
                match thing {
                    Thing::Changes(it) => {
                        Answer::Many(it.page.iter().cloned().map(Thing::Change).collect())
                    }
                    _ => Answer::Nothing,
                }
            }),
            Member::ready(
                "pageInfo",
                TypeRef::named_nn("PageInfo"),
                ("翻页信息", "How to go on"),
                |thing| match thing {
                    Thing::Changes(it) => Answer::One(Thing::ChangePage(Arc::clone(it))),
                    _ => Answer::Nothing,
                },
            ),
            Member::read(
                "head",
                string_nn(),
                (
                    "最新事件的游标：先取它，再整体读取，之后由它继续",
                    "Cursor of the newest event: take it, read everything, go on from it",
                ),
                Some(heads),
                |reader, _, _| Ok(Answer::value(reader.head.map(cursor))),
            ),
        ],
        &[],
    );
    builder.object(
        "ChangeEdge",
        ("一个发布事件及其游标。", "An event with its cursor."),
        &[
            Member::ready(
                "cursor",
                string_nn(),
                ("游标，供 after 使用", "Its cursor, for after"),
                |thing| match thing {
                    Thing::ChangeEdge(change) => Answer::Value(cursor(change.sequence).into()),
                    _ => Answer::Nothing,
                },
            ),
            Member::ready("node", TypeRef::named_nn("Change"), ("事件", "The event"), |thing| {
                match thing {
                    Thing::ChangeEdge(change) => Answer::One(Thing::Change(Arc::clone(change))),
                    _ => Answer::Nothing,
                }
            }),
        ],
        &[],
    );
}

fn change_of(thing: &Thing) -> Option<&Change> {
    match thing {
        Thing::Change(change) => Some(change),
        _ => None,
    }
}

fn document_of(thing: &Thing) -> Option<&DocumentChange> {
    match &change_of(thing)?.changed {
        Changed::Document(change) => Some(change),
        Changed::Arrangement(_) => None,
    }
}

fn notice_of(thing: &Thing) -> Option<NoticeId> {
    match &change_of(thing)?.changed {
        Changed::Document(_) => None,
        Changed::Arrangement(arrangement) => Some(arrangement.notice()?.1),
    }
}

fn add_change(builder: &mut Builder) {
    let any = |give: fn(&Change) -> Answer| {
        move |thing: &Thing| change_of(thing).map_or(Answer::Nothing, give)
    };
    let of = |give: fn(&DocumentChange) -> Answer| {
        move |thing: &Thing| document_of(thing).map_or(Answer::Nothing, give)
    };
    let positions = |positions: &[Position]| {
        Answer::Many(positions.iter().cloned().map(|it| Thing::Position(Arc::new(it))).collect())
    };
    let positions_of = |entered: bool| {
        move |thing: &Thing| match document_of(thing) {
            Some(change) if entered => positions(&change.entered),
            Some(change) => positions(&change.left),
            None => Answer::Many(Vec::new()),
        }
    };
    let items = warm(|reader, things, _| {
        Box::pin(async move {
            let ids = things.iter().filter_map(document_of).map(|change| change.document);
            reader.read_items(ids.collect::<Vec<_>>()).await
        })
    });
    let notices = warm(|reader, things, _| {
        Box::pin(async move {
            let ids = things.iter().filter_map(notice_of);
            reader.read_notices_by_id(ids.collect::<Vec<_>>()).await
        })
    });
    builder.object(
        "Change",
        (
            "发布日志中的一个事件。关于信息的事件给出它离开和进入的位置；其他事件见 arrangement。",
            "An event of the publication log. Of a document it says what it left and entered; otherwise see arrangement.",
        ),
        &[
            Member::ready("cursor", string_nn(), ("游标，供 after 使用：由此之后继续", "Its cursor, for after: to go on behind it"), any(|it| {
                Answer::Value(cursor(it.sequence).into())
            })),
            Member::ready("at", TypeRef::named_nn(DATE_TIME), ("时间", "When"), any(|it| {
                Answer::Value(it.at.to_string().into())
            })),
            Member::ready("kind", TypeRef::named_nn(KIND), ("种类", "What happened"), any(|it| {
                Answer::Value(enum_value(it.kind.as_str()))
            })),
            Member::ready("contentId", TypeRef::named(TypeRef::ID), ("内容编号", "The contentId of the document"), of(|it| {
                Answer::Value(it.content.to_string().into())
            })),
            Member::ready("locale", string(), ("语言", "Its language"), of(|it| Answer::Value(it.locale.as_str().into()))),
            Member::read("type", TypeRef::named(DOCUMENT_TYPE), ("内容类型；已停用的为空", "Its content type; null for one no longer in force"), None, |reader, thing, _| {
                let known = document_of(thing).filter(|it| reader.model.types.get(&it.r#type).is_some());
                Ok(Answer::value(known.map(|it| enum_value(it.r#type.as_str()))))
            }),
            Member::ready("edition", TypeRef::named(TypeRef::INT), ("版本号", "Number of the edition that the public saw from then on, or saw last"), of(|it| {
                Answer::Value(it.edition.into())
            })),
            Member::ready("importance", TypeRef::named(IMPORTANCE), ("变更的轻重", "How much it mattered"), of(|it| importance(it.importance))),
            Member::ready("visibility", TypeRef::named(VISIBILITY), ("此后公众看到的状态", "What the public saw from then on"), of(|it| {
                Answer::Value(enum_value(it.visibility.as_str()))
            })),
            Member::ready("site", string(), ("只涉及的网站代号：他单位网站对自己发布位置的操作，或公告所在的网站", "Key of the one site it concerns: one that acted on its own placement, or that put a notice up"), any(|it| match &it.changed {
                Changed::Document(of) => Answer::value(of.site.as_ref().map(|site| site.as_str())),
                Changed::Arrangement(of) => Answer::value(of.notice().map(|(site, _)| site.to_string())),
            })),
            Member::ready("left", list_nn("Position"), ("离开的位置", "Where it stood before"), positions_of(false)),
            Member::ready("entered", list_nn("Position"), ("进入的位置", "Where it stood from then on"), positions_of(true)),
            Member::read("document", TypeRef::named(DOCUMENT), ("该信息现在的样子；公众不可见的为空", "The document as it is now; null where the public cannot read it"), Some(items), |reader, thing, _| {
                let facts = document_of(thing).and_then(|it| reader.item(it.document));
                Ok(Answer::one(facts.map(|facts| Thing::Document(Shown { facts, on: None }))))
            })
            .costs(STATEMENT / 10),
            Member::read("notice", TypeRef::named(NOTICE), ("网站公告现在的样子；不是公告，或公告已结束、尚不公开的为空", "The notice of a site as it is now; null for other changes, and where it is over or not told yet"), Some(notices), |reader, thing, _| {
                Ok(Answer::one(notice_of(thing).and_then(|id| reader.notice(id))))
            })
            .costs(STATEMENT / 10),
            Member::ready("arrangement", TypeRef::named(JSON), ("调整：what、key、change、becomes", "The arrangement: what, key, change, becomes"), |thing| {
                match change_of(thing).map(|change| &change.changed) {
                    Some(Changed::Arrangement(arrangement)) => Answer::value(graphql_json(arrangement)),
                    _ => Answer::Nothing,
                }
            }),
        ],
        &[],
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_and_nothing_else_is() {
        for sequence in [0, 1, u64::MAX] {
            assert_eq!(read_cursor(&cursor(sequence)), Ok(sequence));
        }
        for wrong in ["", "1", "AAAAAAAAAAAA", "公报"] {
            assert!(read_cursor(wrong).is_err(), "{wrong}");
        }
    }
}
