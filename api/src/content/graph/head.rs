//! The field `head` of documents, columns, sites and of what is gone: what a page prints in its
//! head, as data and as markup. `schema::head` makes it; here is what it is made from
//! ([`gather`]) and how it is asked.

mod gather;

use std::sync::Arc;

use async_graphql::{Value, dynamic::TypeRef};
use schema::head::{Head, Link, Tag};

use super::{
    Builder,
    document::{documents, seen},
    house::language,
    member::{Argument, Member, STATEMENT, argument, warm},
    route::closed_of,
    scalars::JSON,
    values::{graphql_json, list_nn, string, string_nn},
};
use crate::content::{
    limits::cost::Times,
    reading::{Answer, Thing},
};

/// GraphQL types of this module.
const HEAD: &str = "Head";
const TAG: &str = "HeadTag";
const LINK: &str = "HeadLink";

/// `head` takes about ten statements, for all things of a level together.
const PRICE: u32 = STATEMENT / 5;

fn given(head: Option<Head>) -> Answer {
    Answer::one(head.map(|head| Thing::Head(Arc::new(head))))
}

/// `head` of documents.
pub(super) fn of_document() -> Member {
    let around = warm(|reader, things, _| {
        Box::pin(async move { gather::read_documents(reader, &documents(things)).await })
    });
    Member::read(
        "head",
        TypeRef::named(HEAD),
        (
            "网页 <head> 的全部内容：页面标签、分享卡片、结构化数据；不在任何网站上的草稿为空",
            "Everything its page prints in its head; null for a draft that stands on no site",
        ),
        Some(around),
        seen(|reader, shown| given(gather::document(reader, shown))),
    )
    .costs(PRICE)
}

fn locale() -> Argument {
    argument(
        "locale",
        TypeRef::named(TypeRef::STRING),
        "网页的语言；不给则为网站的主语言",
        "The language of the page; else the site's main one",
    )
}

/// `head` of sites: of their home pages.
pub(super) fn of_site() -> Member {
    let owners = warm(|reader, things, _| {
        Box::pin(async move {
            let sites = things.iter().filter_map(|thing| match thing {
                Thing::Site(site) => Some(site.authority),
                _ => None,
            });
            reader.read_authorities(sites.collect::<Vec<_>>()).await
        })
    });
    Member::read(
        "head",
        TypeRef::named_nn(HEAD),
        ("首页 <head> 的全部内容", "Everything its home page prints in its head"),
        Some(owners),
        |reader, thing, arguments| {
            let Thing::Site(site) = thing else { return Ok(Answer::Nothing) };
            let locale = language(site, arguments)?;
            Ok(given(Some(gather::site(reader, site, &locale))))
        },
    )
    .with(locale())
    .costs(PRICE)
}

/// `head` of columns: of their own pages.
pub(super) fn of_column() -> Member {
    let around = warm(|reader, things, _| {
        Box::pin(async move {
            let columns = things.iter().filter_map(|thing| match thing {
                Thing::Column(column) => Some(column.site),
                _ => None,
            });
            gather::read_columns(reader, columns.collect()).await
        })
    });
    Member::read(
        "head",
        TypeRef::named(HEAD),
        ("栏目页 <head> 的全部内容", "Everything its page prints in its head"),
        Some(around),
        |reader, thing, arguments| {
            let Thing::Column(column) = thing else { return Ok(Answer::Nothing) };
            let Some(site) = reader.site(column.site) else { return Ok(Answer::Nothing) };
            let locale = language(&site, arguments)?;
            Ok(given(Some(gather::column(reader, &site, column, &locale))))
        },
    )
    .with(locale())
    .costs(PRICE)
}

/// `head` of what stands in place of a text.
pub(super) fn of_gone() -> Member {
    let sites = warm(|reader, things, _| {
        Box::pin(async move {
            let placed = things.iter().filter_map(closed_of).filter_map(|it| it.placement.as_ref());
            reader.read_sites(placed.map(|placement| placement.site).collect::<Vec<_>>()).await
        })
    });
    Member::read(
        "head",
        TypeRef::named(HEAD),
        (
            "说明页 <head> 的全部内容：请搜索引擎不要收录，不透露原标题；按 site+path 查询时才知所在网站，否则可能为空",
            "Everything the page with the notice prints in its head: not to be indexed, and without the old title. Ask by site and path: otherwise the site may not be known, and this is null",
        ),
        Some(sites),
        |reader, thing, _| Ok(given(closed_of(thing).and_then(|it| gather::gone(reader, it)))),
    )
    .costs(PRICE)
}

/// Adds the types.
pub(super) fn add(builder: &mut Builder) {
    add_head(builder);
    add_tag(builder);
    add_link(builder);
}

fn add_head(builder: &mut Builder) {
    let of = |give: fn(&Arc<Head>) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::Head(head) => give(head),
            _ => Answer::Nothing,
        }
    };
    builder.object(
        HEAD,
        (
            "网页 <head> 的内容：既是数据，也是可直接输出的标记（html）。字符集与视口由前端给出。",
            "What a page prints in its head, as data and as markup ready to print (html). Charset and viewport are the front end's.",
        ),
        &[
            Member::ready(
                "title",
                string_nn(),
                ("<title>：标题、栏目、网站", "For <title>: title, column, site"),
                of(|head| Answer::Value(head.title.as_str().into())),
            ),
            Member::ready(
                "description",
                string(),
                ("摘要，一行", "What the page is about, in one line"),
                of(|head| Answer::value(head.description.as_deref())),
            ),
            Member::ready(
                "canonical",
                string(),
                (
                    "规范网址：转载信息为原发布网址，多处发布的为首发网站上的网址",
                    "The address search engines are to show: of a repost the origin's, of a text on several sites that on its home",
                ),
                of(|head| Answer::value(head.canonical.as_deref())),
            ),
            Member::ready(
                "robots",
                string(),
                (
                    "对搜索引擎的限制；不受限的为空",
                    "What robots must not do, such as noindex; null leaves them free",
                ),
                of(|head| Answer::value(head.robots)),
            ),
            Member::ready(
                "tags",
                list_nn(TAG),
                (
                    "全部 <meta>：页面标签、Open Graph、Twitter 卡片",
                    "Every <meta>: page tags of the national rule, Open Graph, Twitter card",
                ),
                of(|head| {
                    let tags = 0..head.tags.len();
                    Answer::Many(tags.map(|at| Thing::HeadTag(Arc::clone(head), at)).collect())
                }),
            )
            .times(Times::About(30)),
            Member::ready(
                "links",
                list_nn(LINK),
                (
                    "全部 <link>：规范网址、各语言版本、订阅源",
                    "Every <link>: canonical, languages, feeds",
                ),
                of(|head| {
                    let links = 0..head.links.len();
                    Answer::Many(links.map(|at| Thing::HeadLink(Arc::clone(head), at)).collect())
                }),
            )
            .times(Times::About(5)),
            Member::ready(
                "jsonLd",
                TypeRef::named(JSON),
                ("schema.org 结构化数据", "Structured data of schema.org"),
                of(|head| Answer::value(head.json_ld.as_ref().and_then(graphql_json))),
            ),
            Member::ready(
                "missing",
                list_nn(TypeRef::STRING),
                (
                    "规定必有而无内容的页面标签；检查会扣分，请补填",
                    "Page tags that the rule requires and that are empty: inspections look for them",
                ),
                of(|head| {
                    Answer::Value(Value::List(head.missing.iter().map(|&name| name.into()).collect()))
                }),
            ),
            Member::ready(
                "html",
                string_nn(),
                (
                    "以上全部内容的 HTML，已转义，原样放进 <head>",
                    "All of it as HTML, escaped: print it in <head> as it is",
                ),
                of(|head| Answer::Value(head.html().into())),
            ),
        ],
        &[],
    );
}

fn add_tag(builder: &mut Builder) {
    let of = |give: fn(&Tag) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::HeadTag(head, at) => give(&head.tags[*at]),
            _ => Answer::Nothing,
        }
    };
    builder.object(
        TAG,
        ("一个 <meta>。", "One <meta>."),
        &[
            Member::ready(
                "attribute",
                string_nn(),
                (
                    "写明名称的属性：name 或 property（Open Graph）",
                    "The attribute that carries its name: name, or property for Open Graph",
                ),
                of(|tag| Answer::Value(tag.attribute.as_str().into())),
            ),
            Member::ready(
                "name",
                string_nn(),
                ("名称，如 ArticleTitle、og:title", "Its name, such as ArticleTitle or og:title"),
                of(|tag| Answer::Value(tag.name.into())),
            ),
            Member::ready(
                "content",
                string_nn(),
                ("内容，未转义", "Its content, not escaped"),
                of(|tag| Answer::Value(tag.content.as_str().into())),
            ),
        ],
        &[],
    );
}

fn add_link(builder: &mut Builder) {
    let of = |give: fn(&Link) -> Answer| {
        move |thing: &Thing| match thing {
            Thing::HeadLink(head, at) => give(&head.links[*at]),
            _ => Answer::Nothing,
        }
    };
    builder.object(
        LINK,
        ("一个 <link>。", "One <link>."),
        &[
            Member::ready(
                "rel",
                string_nn(),
                ("关系：canonical 或 alternate", "What it leads to: canonical or alternate"),
                of(|link| Answer::Value(link.rel.into())),
            ),
            Member::ready(
                "href",
                string_nn(),
                ("网址", "The address"),
                of(|link| Answer::Value(link.href.as_str().into())),
            ),
            Member::ready(
                "hreflang",
                string(),
                ("该处的语言，或 x-default", "The language there, or x-default"),
                of(|link| Answer::value(link.hreflang.as_deref())),
            ),
            Member::ready(
                "type",
                string(),
                ("该处的媒体类型", "The media type there"),
                of(|link| Answer::value(link.r#type)),
            ),
            Member::ready(
                "title",
                string(),
                ("名称", "What people call it"),
                of(|link| Answer::value(link.title.as_deref())),
            ),
        ],
        &[],
    );
}
