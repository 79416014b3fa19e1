//! Rich text: the cleaned HTML with addresses that work, and what is read off it.

use std::sync::Arc;

use async_graphql::{Value, dynamic::TypeRef};
use schema::{digest::Digest, rich_text};
use serde_json::Value as Json;

use super::super::{Builder, member::Member, scalars::JSON};
use crate::content::reading::{Answer, Reader, Thing, asset_digest};

use super::{graphql_json, list_nn, member_of, rendition, stored, string_nn};

/// What a file is called that only stands in a text.
const FILE: &str = "file";

pub(super) fn add(builder: &mut Builder) {
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
                        Some(html) => Answer::Value(with_addresses(html, &|file| reader.asset(file, FILE)).into()),
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
                    Ok(Answer::Value(address(source, reader).into()))
                },
            ),
            rendition::member(|reader, thing| {
                let source = member_of(thing, "src").and_then(Json::as_str)?;
                Some(reader.asset(&asset_digest(source)?, FILE))
            }),
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
                    Ok(Answer::Value(address(source, reader).into()))
                },
            ),
            stored("text", string_nn(), ("文字", "The words that carry it")),
        ],
        &[],
    );
}
fn html_of(thing: &Thing) -> Option<&str> {
    match thing {
        Thing::RichText(content, field) => content.fields.get(field.as_str())?.as_str(),
        Thing::Stored(value) => value.as_str(),
        _ => None,
    }
}

/// The address of `source`, of a file of the hub the one it is served at.
fn address(source: &str, reader: &Reader) -> String {
    match asset_digest(source) {
        Some(digest) => reader.asset(&digest, FILE),
        None => source.to_owned(),
    }
}

/// Cleaned HTML with the addresses of the hub's files in its attributes. In cleaned HTML every
/// attribute is quoted and every `<` of the text is written `&lt;`.
pub(crate) fn with_addresses(html: &str, asset: &dyn Fn(&Digest) -> String) -> String {
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
                Some(digest) => result.push_str(&asset(&digest)),
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

    use schema::content_type::TypeRegistry;

    use super::*;
    use crate::content::reading::Model;

    fn model() -> Model {
        Model {
            clock: Arc::new(editorial::ports::SystemClock),
            types: Arc::new(TypeRegistry::default()),
            graphql: HashMap::new(),
            public_url: "https://hub.example".into(),
            is_indexed: AtomicBool::new(true),
            searching: crate::content::reading::Searching::new(schema::search::Synonyms::default()),
            shelf: None,
        }
    }

    #[test]
    fn files_of_the_hub_get_addresses_that_work() {
        let digest = Digest::of(b"picture");
        let html = rich_text::clean_html(&format!(
            "<p>asset:{digest} \"<img src=\"asset:{digest}\" alt=\"图>\"></p>"
        ));

        let shown = with_addresses(&html, &|file| model().asset(file, FILE));

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
        assert_eq!(with_addresses(&html, &|file| model().asset(file, FILE)), html);
    }

    #[test]
    fn names_of_files_cannot_leave_their_place() {
        let digest = Digest::of(b"paper");
        let address = model().asset(&digest, "../a b/附件.pdf?x#y");
        let name = address.strip_prefix(&format!("https://hub.example/assets/{}/", digest.hex()));
        assert_eq!(name, Some("..%2Fa%20b%2F%E9%99%84%E4%BB%B6.pdf%3Fx%23y"));
    }
}
