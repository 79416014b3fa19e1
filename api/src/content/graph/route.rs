//! What a front end needs to route by: the text, where to send the reader, or what to say in
//! place of a text that is gone.

use std::sync::Arc;

use async_graphql::dynamic::TypeRef;
use schema::visibility::Visibility;
use store::reading::Closed;

use super::{
    Builder,
    document::{DOCUMENT, VISIBILITY, documents, enum_value, url},
    head,
    member::{Member, warm},
    values::{string, string_nn},
};
use crate::content::reading::{Answer, RouteAnswer, Shown, Thing};

pub(super) const ROUTE: &str = "Route";

fn answer_of(thing: &Thing) -> Option<&RouteAnswer> {
    match thing {
        Thing::Route(answer) => Some(answer),
        _ => None,
    }
}

pub(super) fn closed_of(thing: &Thing) -> Option<&Closed> {
    match answer_of(thing)? {
        RouteAnswer::Redirect(closed) | RouteAnswer::Gone(closed) => Some(closed),
        RouteAnswer::Here(_) | RouteAnswer::Moved(_) => None,
    }
}

fn shown_of(thing: &Thing) -> Option<&Shown> {
    match answer_of(thing)? {
        RouteAnswer::Here(shown) | RouteAnswer::Moved(shown) => Some(shown),
        RouteAnswer::Redirect(_) | RouteAnswer::Gone(_) => None,
    }
}

fn document(thing: &Thing) -> Answer {
    Answer::one(shown_of(thing).cloned().map(Thing::Document))
}

pub(super) fn add(builder: &mut Builder) {
    let int = || TypeRef::named_nn(TypeRef::INT);
    let status = |status: u16| move |_: &Thing| Answer::Value(status.into());
    let words = ("建议的 HTTP 状态码", "The HTTP status to answer with");
    builder.object(
        "DocumentRoute",
        (
            "此处有文本可读；撤回而仍显示原文的也在此，须显示 document.notice。",
            "A text to show; withdrawn ones that still show it too, with document.notice.",
        ),
        &[
            Member::ready("status", int(), words, status(200)),
            Member::ready(
                "document",
                TypeRef::named_nn(DOCUMENT),
                ("信息", "The document"),
                document,
            ),
        ],
        &[],
    );
    add_redirect(builder, words);
    add_gone(builder, words);
    builder.union(
        ROUTE,
        (
            "一个地址上有什么：文本、转向，或已不在的说明。什么都没有时 route 为空，应答 404。",
            "What stands at an address: a text, a redirect, or why it is gone. Where there is nothing, route is null: answer 404.",
        ),
        &["DocumentRoute", "RedirectRoute", "GoneRoute"],
    );
}

fn add_redirect(builder: &mut Builder, words: (&str, &str)) {
    let sites = warm(|reader, things, _| {
        Box::pin(async move {
            let shown: Vec<Shown> = things.iter().filter_map(shown_of).cloned().collect();
            let things: Vec<Thing> = shown.into_iter().map(Thing::Document).collect();
            let shown = documents(&things);
            reader.read_standing(&shown).await?;
            let sites: Vec<_> = shown
                .iter()
                .filter_map(|shown| reader.standing(shown).map(|placement| placement.site))
                .collect();
            reader.read_sites(sites).await
        })
    });
    let is_moved = |thing: &Thing| matches!(answer_of(thing), Some(RouteAnswer::Moved(_)));
    builder.object(
        "RedirectRoute",
        (
            "请把读者转到 location：信息移动了，或由别的页面取代。",
            "Send the reader to location: the document moved, or something took its place.",
        ),
        &[
            Member::ready("status", TypeRef::named_nn(TypeRef::INT), words, move |thing| {
                Answer::Value(if is_moved(thing) { 301 } else { 302 }.into())
            }),
            Member::read(
                "location",
                string_nn(),
                (
                    "转向的地址：本站路径，或完整网址",
                    "Where to: a path of the same site, or an address",
                ),
                Some(sites),
                |reader, thing, _| {
                    Ok(match answer_of(thing) {
                        Some(RouteAnswer::Moved(shown)) => {
                            let placement = reader.standing(shown);
                            let stays =
                                placement.as_ref().is_some_and(|it| Some(it.site) == shown.on);
                            Answer::value(placement.and_then(|placement| match stays {
                                true => Some(placement.path.to_string()),
                                false => url(reader, &placement),
                            }))
                        }
                        Some(RouteAnswer::Redirect(closed)) => {
                            let notice = closed.notice.as_ref();
                            Answer::value(notice.and_then(|notice| notice.address.as_deref()))
                        }
                        _ => Answer::Nothing,
                    })
                },
            ),
            Member::ready(
                "permanent",
                TypeRef::named_nn(TypeRef::BOOLEAN),
                ("是否永久", "Whether for good"),
                move |thing| Answer::Value(is_moved(thing).into()),
            ),
            Member::ready(
                "document",
                TypeRef::named(DOCUMENT),
                ("移动了的信息", "The document that moved"),
                document,
            ),
            notice(),
        ],
        &[],
    );
}

fn add_gone(builder: &mut Builder, words: (&str, &str)) {
    builder.object(
        "GoneRoute",
        (
            "曾在此处、现已不可读：撤回、删除或召回。请显示说明与另可查看的地址。",
            "Something was here and can no longer be read: withdrawn, removed or recalled. Show the notice.",
        ),
        &[
            Member::ready("status", TypeRef::named_nn(TypeRef::INT), words, |thing| {
                let withdrawn = closed_of(thing).is_some_and(|it| it.visibility == Visibility::Withdrawn);
                Answer::Value(if withdrawn { 200 } else { 410 }.into())
            }),
            Member::ready("visibility", TypeRef::named_nn(VISIBILITY), ("状态", "What became of it"), |thing| {
                Answer::value(closed_of(thing).map(|it| enum_value(it.visibility.as_str())))
            }),
            notice(),
            Member::ready("contentId", TypeRef::named_nn(TypeRef::ID), ("内容编号", "Its contentId"), |thing| {
                Answer::value(closed_of(thing).map(|it| it.content.to_string()))
            }),
            Member::ready("locale", string(), ("语言", "Its language"), |thing| {
                Answer::value(closed_of(thing).map(|it| it.locale.as_str()))
            }),
            head::of_gone(),
        ],
        &[],
    );
}

fn notice() -> Member {
    Member::ready(
        "notice",
        TypeRef::named("UnpublishingNotice"),
        ("给公众的说明", "What the public is told"),
        |thing| {
            let notice = closed_of(thing).and_then(|it| it.notice.clone());
            Answer::one(notice.map(|notice| Thing::Notice(Arc::new(notice))))
        },
    )
}
