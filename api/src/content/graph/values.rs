//! Values that fields hold: texts in two languages, rich text, places, files, sources.

use std::sync::Arc;

use async_graphql::{Value, dynamic::TypeRef};
use schema::{rich_text, visibility::Notice};
use serde_json::Value as Json;

use super::{
    Builder,
    member::Member,
    scalars::{DECIMAL, JSON, LONG},
};
use crate::content::reading::{Answer, Model, Thing, asset_digest};

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
    add_rich_text(builder);
    add_stored(builder);
    add_notice(builder);
    add_credits(builder);
}

fn add_rich_text(builder: &mut Builder) {
    // What is derived is derived from the HTML when it is asked for.
    let derived = |pick: fn(rich_text::Derived) -> Value| {
        move |thing: &Thing| match html_of(thing) {
            Some(html) => Answer::Value(pick(rich_text::derive(html))),
            None => Answer::Nothing,
        }
    };
    let listed = |name: &'static str, ty: &str, help, pick: fn(rich_text::Derived) -> Vec<Json>| {
        Member::ready(name, list_nn(ty), help, move |thing| match html_of(thing) {
            Some(html) => {
                let found = pick(rich_text::derive(html));
                Answer::Many(
                    found.into_iter().map(|value| Thing::Stored(Arc::new(value))).collect(),
                )
            }
            None => Answer::Nothing,
        })
        .costs(5)
        .times(crate::content::limits::cost::Times::About(5))
    };
    builder.object(
        "RichText",
        (
            "富文本。保存的是清洗过的 HTML，其余各项由它得出。",
            "A rich text: cleaned HTML, and what is read off it.",
        ),
        &[
            Member::read(
                "html",
                string_nn(),
                (
                    "清洗过的 HTML，可直接放入页面；本系统的图片和文件已换成可访问的地址",
                    "Cleaned HTML, ready for a page; pictures and files of the hub have addresses that work",
                ),
                None,
                |reader, thing, _| {
                    Ok(match html_of(thing) {
                        Some(html) => Answer::Value(with_addresses(html, &reader.model).into()),
                        None => Answer::Nothing,
                    })
                },
            )
            .costs(2),
            Member::ready(
                "text",
                string_nn(),
                ("纯文本，每段一行", "Plain text, a line per paragraph"),
                derived(|derived| derived.text.into()),
            )
            .costs(5),
            Member::ready(
                "blocks",
                TypeRef::named_nn(JSON),
                (
                    "段落树（JSON），供原生应用用自带控件绘制",
                    "A tree of blocks as JSON, for apps that draw it with native controls",
                ),
                |thing| match html_of(thing) {
                    Some(html) => Answer::value(graphql_json(&rich_text::blocks(html))),
                    None => Answer::Nothing,
                },
            )
            .costs(5),
            listed("headings", "Heading", ("标题，按文中顺序", "The headings in the order of the text"), |derived| {
                derived.headings.iter().filter_map(|heading| serde_json::to_value(heading).ok()).collect()
            }),
            listed("images", "Image", ("图片，按文中顺序", "The pictures in the order of the text"), |derived| {
                derived.images.iter().filter_map(|image| serde_json::to_value(image).ok()).collect()
            }),
            listed("links", "TextLink", ("文中链接", "The links in the order of the text"), |derived| {
                derived.links.iter().filter_map(|link| serde_json::to_value(link).ok()).collect()
            }),
            Member::ready(
                "characters",
                TypeRef::named_nn(TypeRef::INT),
                ("字数，不计空白", "Its length in characters, white space not counted"),
                derived(|derived| (derived.characters as u64).into()),
            )
            .costs(5),
        ],
        &[],
    );
    builder.object(
        "Heading",
        ("文中的标题。", "A heading of a text."),
        &[
            stored("level", TypeRef::named_nn(TypeRef::INT), ("级别，1 至 6", "Its level, 1 to 6")),
            stored("id", string_nn(), ("锚点，即 HTML 中的 id", "Its anchor, the id in the HTML")),
            stored("text", string_nn(), ("文字", "Its words")),
        ],
        &[],
    );
    builder.object(
        "Image",
        ("文中的图片。", "A picture of a text."),
        &[
            Member::read(
                "url",
                string_nn(),
                ("地址", "Its address"),
                None,
                |reader, thing, _| {
                    let source = member_of(thing, "src").and_then(Json::as_str).unwrap_or_default();
                    Ok(Answer::Value(address(source, &reader.model).into()))
                },
            ),
            stored("alt", string_nn(), ("替代文字", "What it shows, in words")),
        ],
        &[],
    );
    builder.object(
        "TextLink",
        ("文中的链接。", "A link of a text."),
        &[
            Member::read(
                "url",
                string_nn(),
                ("地址", "Its address"),
                None,
                |reader, thing, _| {
                    let source =
                        member_of(thing, "href").and_then(Json::as_str).unwrap_or_default();
                    Ok(Answer::Value(address(source, &reader.model).into()))
                },
            ),
            stored("text", string_nn(), ("文字", "The words that carry it")),
        ],
        &[],
    );
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
                |reader, thing, _| {
                    let text =
                        |name| member_of(thing, name).and_then(Json::as_str).unwrap_or_default();
                    let digest: Option<schema::digest::Digest> = text("digest").parse().ok();
                    Ok(Answer::value(
                        digest.map(|digest| reader.model.asset(&digest, text("name"))),
                    ))
                },
            ),
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
            stored("digest", string_nn(), ("摘要，sha256:…", "Its digest, sha256:…")),
        ],
        &[],
    );
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

fn html_of(thing: &Thing) -> Option<&str> {
    match thing {
        Thing::RichText(content, field) => content.fields.get(field.as_str())?.as_str(),
        Thing::Stored(value) => value.as_str(),
        _ => None,
    }
}

/// The address of `source`, of a file of the hub the one it is served at.
fn address(source: &str, model: &Model) -> String {
    match asset_digest(source) {
        Some(digest) => model.asset(&digest, "file"),
        None => source.to_owned(),
    }
}

/// Cleaned HTML with the addresses of the hub's files in its attributes. In cleaned HTML every
/// attribute is quoted and every `<` of the text is written `&lt;`.
fn with_addresses(html: &str, model: &Model) -> String {
    const MARK: &str = "asset:sha256:";
    if !html.contains(MARK) {
        return html.to_owned();
    }
    let mut result = String::with_capacity(html.len() + 256);
    for (index, part) in html.split('<').enumerate() {
        if index > 0 {
            result.push('<');
        }
        let (tag, text) = match part.split_once('>') {
            Some((tag, text)) if index > 0 => (tag, Some(text)),
            _ => ("", None),
        };
        let Some(text) = text else {
            result.push_str(part);
            continue;
        };
        for (index, piece) in tag.split('"').enumerate() {
            if index > 0 {
                result.push('"');
            }
            match asset_digest(piece).filter(|_| index % 2 == 1) {
                Some(digest) => result.push_str(&model.asset(&digest, "file")),
                None => result.push_str(piece),
            }
        }
        result.push('>');
        result.push_str(text);
    }
    result
}

#[cfg(test)]
mod tests {
    use std::{collections::HashMap, sync::atomic::AtomicBool};

    use schema::{content_type::TypeRegistry, digest::Digest};

    use super::*;

    fn model() -> Model {
        Model {
            types: Arc::new(TypeRegistry::default()),
            graphql: HashMap::new(),
            public_url: "https://hub.example".into(),
            is_indexed: AtomicBool::new(true),
        }
    }

    #[test]
    fn files_of_the_hub_get_addresses_that_work() {
        let digest = Digest::of(b"picture");
        let html = rich_text::clean_html(&format!(
            "<p>asset:{digest} \"<img src=\"asset:{digest}\" alt=\"图>\"></p>"
        ));

        let shown = with_addresses(&html, &model());

        assert!(
            shown.contains(&format!("src=\"https://hub.example/assets/{}/file\"", digest.hex())),
            "{shown}"
        );
        assert!(shown.contains(&format!("asset:{digest} ")), "words are left alone: {shown}");
        assert_eq!(shown.matches("/assets/").count(), 1);
    }

    #[test]
    fn everything_else_stays_as_it_is() {
        let html = rich_text::clean_html(
            "<p>a < b > c “\"” <a href=\"/x?y=1&z=2\">asset:sha256:00</a></p>",
        );
        assert_eq!(with_addresses(&html, &model()), html);
    }

    #[test]
    fn names_of_files_cannot_leave_their_place() {
        let digest = Digest::of(b"paper");
        let address = model().asset(&digest, "../a b/附件.pdf?x#y");
        let name = address.strip_prefix(&format!("https://hub.example/assets/{}/", digest.hex()));
        assert_eq!(name, Some("..%2Fa%20b%2F%E9%99%84%E4%BB%B6.pdf%3Fx%23y"));
    }
}
