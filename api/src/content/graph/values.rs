//! Values that fields hold: texts in two languages, rich text, places, files, sources.

mod rendition;
mod rich_text;

pub(crate) use rich_text::with_addresses;
use std::sync::Arc;

use async_graphql::{Value, dynamic::TypeRef};
use schema::{media::Media, message::Bilingual, validation::TRACK_KINDS, visibility::Notice};
use serde_json::Value as Json;

use super::{
    Builder,
    document::enum_value,
    member::Member,
    scalars::{DECIMAL, LONG},
};
use crate::content::reading::{Answer, Reader, Thing};

pub(super) fn string() -> TypeRef {
    TypeRef::named(TypeRef::STRING)
}

pub(super) fn string_nn() -> TypeRef {
    TypeRef::named_nn(TypeRef::STRING)
}

pub(super) fn list_nn(name: &str) -> TypeRef {
    TypeRef::named_nn_list_nn(name)
}

pub(super) fn add(builder: &mut Builder) {
    let bilingual = |zh: bool| {
        move |thing: &Thing| match thing {
            Thing::Bilingual(text) => {
                Answer::Value(if zh { text.zh.as_str() } else { text.en.as_str() }.into())
            }
            _ => Answer::Nothing,
        }
    };
    builder.object(
        "Bilingual",
        ("中英文对照的文字。", "A text in both languages of the product."),
        &[
            Member::ready("zh", string_nn(), ("中文", "Chinese"), bilingual(true)),
            Member::ready("en", string_nn(), ("英文", "English"), bilingual(false)),
        ],
        &[],
    );
    rendition::add(builder);
    rich_text::add(builder);
    add_stored(builder);
    add_notice(builder);
    add_credits(builder);
}

fn add_stored(builder: &mut Builder) {
    builder.object(
        "Place",
        ("地点：地址，以及可选的坐标。", "An address, with or without coordinates."),
        &[
            stored("address", string_nn(), ("地址", "The address")),
            stored("longitude", TypeRef::named(DECIMAL), ("经度，度", "Longitude in degrees")),
            stored("latitude", TypeRef::named(DECIMAL), ("纬度，度", "Latitude in degrees")),
        ],
        &[],
    );
    builder.object(
        "File",
        ("文件。", "A file."),
        &[
            Member::read(
                "url",
                string_nn(),
                ("下载地址", "Where to get it"),
                None,
                |reader, thing, _| Ok(Answer::value(file_address(reader, thing))),
            ),
            rendition::member(|reader, thing| {
                let media = member_of(thing, "mediaType").and_then(Json::as_str)?;
                Media::of(media).filter(|media| media.is_picture())?;
                file_address(reader, thing)
            }),
            stored("name", string_nn(), ("文件名", "Its name")),
            stored(
                "mediaType",
                string_nn(),
                ("媒体类型，如 application/pdf", "Its media type, such as application/pdf"),
            ),
            stored("size", TypeRef::named_nn(LONG), ("字节数", "Its size in bytes")),
            stored("alt", string(), ("替代文字", "What it shows, in words")),
            stored("caption", string(), ("说明", "What is said of it")),
            stored("credit", string(), ("来源或作者", "Who it is credited to")),
            stored(
                "mapApprovalNumber",
                string(),
                ("审图号", "The number under which a map was approved"),
            ),
            stored("digest", string_nn(), ("摘要，sha256:…", "Its digest, sha256:…")),
            Member::ready(
                "captions",
                list_nn("CaptionTrack"),
                ("视频和音频的字幕（WebVTT）", "Captions of film and sound (WebVTT)"),
                |thing| {
                    let tracks = member_of(thing, "captions").and_then(Json::as_array);
                    let tracks = tracks.into_iter().flatten().cloned();
                    Answer::Many(tracks.map(|track| Thing::Stored(Arc::new(track))).collect())
                },
            ),
            Member::ready(
                "focalPoint",
                TypeRef::named("FocalPoint"),
                (
                    "图片的焦点，裁切时保留",
                    "The point of a picture that stays in sight when it is cut",
                ),
                |thing| {
                    let point = member_of(thing, "focalPoint").cloned();
                    Answer::one(point.map(|point| Thing::Stored(Arc::new(point))))
                },
            ),
        ],
        &[],
    );
    add_captions(builder);
    builder.object(
        "FocalPoint",
        ("图片的焦点，以百分比计。", "A point of a picture, in percent of its sides."),
        &[
            stored("x", TypeRef::named_nn(TypeRef::INT), ("距左边", "From the left")),
            stored("y", TypeRef::named_nn(TypeRef::INT), ("距上边", "From the top")),
        ],
        &[],
    );
}

fn add_captions(builder: &mut Builder) {
    builder.enumeration(
        "CaptionKind",
        &Bilingual::new(
            "字幕的种类，同 HTML 的 track 元素。",
            "What captions are for, as HTML's track says it.",
        ),
        TRACK_KINDS.map(|(name, zh, en)| (name, Bilingual::new(zh, en))),
    );
    builder.object(
        "CaptionTrack",
        ("视频或音频的一条字幕（WebVTT）。", "Captions of film or sound (WebVTT)."),
        &[
            Member::read(
                "url",
                string_nn(),
                ("下载地址", "Where to get it"),
                None,
                |reader, thing, _| Ok(Answer::value(file_address(reader, thing))),
            ),
            stored("language", string_nn(), ("语言，如 zh-CN", "Its language, such as zh-CN")),
            Member::ready(
                "kind",
                TypeRef::named_nn("CaptionKind"),
                ("种类", "What it is for"),
                |thing| {
                    let kind = member_of(thing, "kind").and_then(Json::as_str);
                    kind.map_or(Answer::Nothing, |kind| Answer::Value(enum_value(kind)))
                },
            ),
            stored(
                "label",
                string(),
                ("供选择时显示的名称", "What it is called where one chooses"),
            ),
            stored("name", string_nn(), ("文件名", "Its name")),
            stored("size", TypeRef::named_nn(LONG), ("字节数", "Its size in bytes")),
            stored("digest", string_nn(), ("摘要，sha256:…", "Its digest, sha256:…")),
        ],
        &[],
    );
}

/// Where a file of a file field is to be had.
fn file_address(reader: &Reader, thing: &Thing) -> Option<String> {
    let text = |name| member_of(thing, name).and_then(Json::as_str);
    let digest: schema::digest::Digest = text("digest")?.parse().ok()?;
    Some(reader.asset(&digest, text("name").unwrap_or_default()))
}

fn add_notice(builder: &mut Builder) {
    let of = |give: fn(&Notice) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::Notice(notice) => give(notice),
            _ => Answer::Nothing,
        }
    };
    builder.object(
        "UnpublishingNotice",
        (
            "撤回、删除、转移时给公众的说明。",
            "What the public is told of a document that is not simply live.",
        ),
        &[
            Member::ready(
                "explanation",
                TypeRef::named("Bilingual"),
                ("原因", "Why"),
                of(|notice| Answer::one(notice.explanation.clone().map(Thing::Bilingual))),
            ),
            Member::ready(
                "alternative",
                string(),
                (
                    "另可查看的地址：本站路径或完整网址",
                    "Where to look instead: a path of the same site or an address",
                ),
                of(|notice| Answer::value(notice.address.as_deref())),
            ),
            Member::ready(
                "showsText",
                TypeRef::named_nn(TypeRef::BOOLEAN),
                ("撤回后原文是否仍可阅读", "Whether the text stays to be read under the notice"),
                of(|notice| Answer::Value(notice.shows_text.into())),
            ),
        ],
        &[],
    );
}

fn add_credits(builder: &mut Builder) {
    builder.object(
        "Source",
        ("信息来源。", "Who a text is credited to."),
        &[
            Member::ready("name", string_nn(), ("名称", "The name shown"), |thing| match thing {
                Thing::Source(source) => Answer::Value(source.name.as_str().into()),
                _ => Answer::Nothing,
            }),
            Member::ready(
                "url",
                string(),
                ("原文地址", "Where it was first to be read"),
                |thing| match thing {
                    Thing::Source(source) => Answer::value(source.url.as_deref()),
                    _ => Answer::Nothing,
                },
            ),
        ],
        &[],
    );
    builder.object(
        "Origin",
        ("转载信息的原发布网站。", "The site a reposted text was taken from."),
        &[
            Member::ready(
                "site",
                string_nn(),
                ("网站标识码或域名", "Site code or host"),
                |thing| match thing {
                    Thing::Origin(origin) => Answer::Value(origin.site.as_str().into()),
                    _ => Answer::Nothing,
                },
            ),
            Member::ready(
                "url",
                string_nn(),
                ("原文地址", "The address of the text there"),
                |thing| match thing {
                    Thing::Origin(origin) => Answer::Value(origin.url.as_str().into()),
                    _ => Answer::Nothing,
                },
            ),
            Member::ready(
                "publishedAt",
                TypeRef::named_nn(super::scalars::DATE_TIME),
                ("原发布时间", "When it was published there"),
                |thing| match thing {
                    Thing::Origin(origin) => Answer::Value(origin.published_at.to_string().into()),
                    _ => Answer::Nothing,
                },
            ),
        ],
        &[],
    );
}

/// A member of a stored JSON object, as it stands there.
pub(super) fn stored(name: &'static str, ty: TypeRef, help: (&str, &str)) -> Member {
    Member::ready(name, ty, help, move |thing| {
        Answer::value(member_of(thing, name).and_then(graphql_json))
    })
}

pub(super) fn member_of<'thing>(thing: &'thing Thing, name: &str) -> Option<&'thing Json> {
    match thing {
        Thing::Stored(value) => value.get(name),
        _ => None,
    }
}

/// JSON as a value of an answer.
pub(super) fn graphql_json(value: &impl serde::Serialize) -> Option<Value> {
    let value = serde_json::to_value(value).ok()?;
    Value::from_json(value).ok().filter(|value| *value != Value::Null)
}
