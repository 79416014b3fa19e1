//! Full-text search: a field of the root, its connection, and highlights.

use std::sync::Arc;

use async_graphql::dynamic::TypeRef;
use futures_util::FutureExt as _;
use schema::{
    content_type::ContentType,
    edition::Card,
    names::{Locale, TypeName},
    search::{Highlighter, QUESTION_CHARACTERS, QUESTION_TERMS, Question},
};
use serde_json::Value as Json;
use store::{
    reading::ListScope,
    search::{LOOKED_AT, RANKED, SearchQuery},
};

use super::{
    Builder,
    document::DOCUMENT,
    facets, filter, lists,
    member::{Member, STATEMENT, argument, start, warm},
    root,
    scalars::LONG,
    values::{list_nn, string, string_nn},
};
use crate::content::{
    limits::cost::{LARGEST_PAGE, Times, USUAL_PAGE},
    reading::{Answer, Arguments, Counted, Facts, Model, Reader, SearchPage, Shown, Thing},
    refusal::{Fault, Refusal},
};

const CONNECTION: &str = "SearchConnection";
const EDGE: &str = "SearchEdge";
const HIGHLIGHTS: &str = "SearchHighlights";

/// The field of the root.
pub(super) fn field() -> Member {
    let find = start(|reader, arguments| {
        async move {
            let (query, on) = question(reader, arguments).await?;
            let page = reader.search(query, on).await?;
            Ok(Answer::One(Thing::Search(Arc::new(page))))
        }
        .boxed()
    });
    let most = format!("1 至 {LARGEST_PAGE}，默认 {USUAL_PAGE}");
    let member = Member::root(
        "search",
        TypeRef::named_nn(CONNECTION),
        (
            "全文检索：标题、文号、正文等。按相关程度排列，同等的最新在前。",
            "Full-text search in titles, document numbers and texts: the best first, the newest first among equals.",
        ),
        find,
    )
    .with(argument(
        "query",
        TypeRef::named_nn(TypeRef::STRING),
        &format!(
            "搜索词，最多 {QUESTION_CHARACTERS} 个字、{QUESTION_TERMS} 个词，须全部出现；引号或书名号内的按原样查找；可直接输入文号"
        ),
        &format!(
            "What to search for: at most {QUESTION_CHARACTERS} characters and {QUESTION_TERMS} words, all of which must be there; \
             what stands in quotation marks is taken as it is; a document number finds its document"
        ),
    ));
    root::in_place(member)
        .with(lists::of_type())
        .with(lists::locale())
        .with(argument(
            "listedAt",
            TypeRef::named("DateTimeRange"),
            "列表时间的范围",
            "Listed within this span of time",
        ))
        .with(argument(
            "first",
            TypeRef::named(TypeRef::INT),
            &format!("取前若干条，{most}"),
            &format!("The first so many, 1 to {LARGEST_PAGE}; {USUAL_PAGE} where nothing is given"),
        ))
        .with(argument("after", string(), "此游标之后", "Behind this cursor"))
        .times(Times::Paged)
        .costs(4 * STATEMENT)
}

async fn question(
    reader: &mut Reader,
    arguments: &Arguments,
) -> Result<(SearchQuery, Option<schema::ids::SiteId>), Fault> {
    let (site, scope): (_, ListScope) = root::place(reader, arguments).await?;
    let model = Arc::clone(&reader.model);
    let text = arguments.text("query").unwrap_or_default();
    let question = Question::parse(text, &model.searching.synonyms)
        .map_err(|bad| Refusal { code: "BAD_ARGUMENT", message: bad.message() })?;
    let after = arguments.text("after").map(str::parse).transpose().map_err(|_| {
        Refusal::new(
            "BAD_CURSOR",
            "after 不是搜索给出的游标，请从第一页重新开始",
            "after is not a cursor of a search: start again at the first page",
        )
    })?;
    let (from, to) = arguments.get("listedAt").map_or(Ok((None, None)), filter::span)?;
    let main = || site.as_ref().and_then(|site| site.particulars.locales.first().cloned());
    let query = SearchQuery {
        question,
        scope,
        r#type: of_type(&model, arguments)?,
        locale: arguments.parsed::<Locale>("locale")?.or_else(main),
        from,
        to,
        after,
        limit: arguments.first()?,
        ranked: RANKED,
        looked_at: LOOKED_AT,
    };
    Ok((query, site.map(|site| site.id)))
}

pub(super) fn of_type(model: &Model, arguments: &Arguments) -> Result<Option<TypeName>, Refusal> {
    let named = arguments.parsed::<TypeName>("type")?;
    match named.as_ref().filter(|name| model.types.get(name).is_none()) {
        None => Ok(named),
        Some(name) => Err(Refusal::argument(
            format!("没有内容类型 {name}"),
            format!("there is no content type {name}"),
        )),
    }
}

fn page_of(thing: &Thing) -> Option<&Arc<SearchPage>> {
    match thing {
        Thing::Search(page) => Some(page),
        _ => None,
    }
}

/// The document and the page of a hit.
fn hit_of(thing: &Thing) -> Option<(&SearchPage, &Shown)> {
    match thing {
        Thing::SearchEdge(page, at) | Thing::Highlights(page, at) => {
            Some((page, &page.hits.get(*at)?.1))
        }
        _ => None,
    }
}

/// Adds the types of search.
pub(super) fn add(builder: &mut Builder) {
    add_connection(builder);
    add_edge(builder);
    add_highlights(builder);
}

fn add_connection(builder: &mut Builder) {
    builder.object(
        CONNECTION,
        ("一页搜索结果。", "A page of hits."),
        &[
            Member::ready("edges", list_nn(EDGE), ("各条结果", "The hits"), |thing| {
                page_of(thing).map_or(Answer::Nothing, |it| {
                    let edges = (0..it.hits.len()).map(|at| Thing::SearchEdge(Arc::clone(it), at));
                    Answer::Many(edges.collect())
                })
            }),
            Member::ready("nodes", list_nn(DOCUMENT), ("各条信息", "The documents"), |thing| {
                page_of(thing).map_or(Answer::Nothing, |it| {
                    let shown = it.hits.iter().map(|(_, shown)| Thing::Document(shown.clone()));
                    Answer::Many(shown.collect())
                })
            }),
            Member::ready(
                "pageInfo",
                TypeRef::named_nn("PageInfo"),
                ("翻页信息", "How to go on"),
                |thing| Answer::one(page_of(thing).cloned().map(Thing::SearchPageInfo)),
            ),
            Member::ready(
                "totalCount",
                TypeRef::named_nn(LONG),
                (
                    "结果条数；isLimited 时为参与排序的条数",
                    "How many hits there are; where isLimited says so, how many were ranked",
                ),
                |thing| Answer::value(page_of(thing).map(|it| it.total)),
            ),
            Member::ready(
                "isLimited",
                TypeRef::named_nn(TypeRef::BOOLEAN),
                (
                    &format!("结果过多，只有最新的 {RANKED} 条参与排序和计数"),
                    &format!(
                        "There are too many hits: only the newest {RANKED} were ranked and counted"
                    ),
                ),
                |thing| Answer::value(page_of(thing).map(|it| it.is_limited)),
            ),
            facets::member(|thing| page_of(thing).cloned().map(Counted::Search)),
        ],
        &[],
    );
}

fn add_edge(builder: &mut Builder) {
    builder.object(
        EDGE,
        ("一条搜索结果。", "A hit."),
        &[
            Member::ready(
                "cursor",
                string_nn(),
                ("游标，供 after 使用", "Its cursor, for after"),
                |thing| match thing {
                    Thing::SearchEdge(page, at) => {
                        Answer::value(page.hits.get(*at).map(|(hit, _)| hit.cursor.to_string()))
                    }
                    _ => Answer::Nothing,
                },
            ),
            Member::ready("node", TypeRef::named_nn(DOCUMENT), ("信息", "The document"), |thing| {
                Answer::one(hit_of(thing).map(|(_, shown)| Thing::Document(shown.clone())))
            }),
            Member::ready(
                "score",
                TypeRef::named_nn(TypeRef::INT),
                (
                    "相关程度：5 文号相符，4 各词都是标题中的词，3 标题含有各词，2 标题含有其中的词，1 全文含有各词",
                    "How well it answers: 5 its document number does, 4 its title has all of it as words, 3 its title holds all of \
                     it, 2 its title holds some of it, 1 its text alone does",
                ),
                |thing| match thing {
                    Thing::SearchEdge(page, at) => {
                        Answer::value(page.hits.get(*at).map(|(hit, _)| hit.score))
                    }
                    _ => Answer::Nothing,
                },
            ),
            Member::ready(
                "highlights",
                TypeRef::named_nn(HIGHLIGHTS),
                ("命中之处", "Where it answers"),
                |thing| match thing {
                    Thing::SearchEdge(page, at) => {
                        Answer::One(Thing::Highlights(Arc::clone(page), *at))
                    }
                    _ => Answer::Nothing,
                },
            ),
        ],
        &[],
    );
}

fn add_highlights(builder: &mut Builder) {
    let texts = warm(|reader, things, _| {
        Box::pin(async move {
            let documents = things.iter().filter_map(hit_of).map(|(_, shown)| shown.facts.id);
            reader.read_plain_texts(documents.collect::<Vec<_>>()).await
        })
    });
    let highlighted = |mark: fn(&Model, &Highlighter, &Facts) -> Option<String>| {
        move |reader: &Reader, thing: &Thing, _: &Arguments| {
            let hit = hit_of(thing);
            let marked =
                hit.and_then(|(page, shown)| mark(&reader.model, &page.highlighter, &shown.facts));
            Ok(Answer::value(marked))
        }
    };
    builder.object(
        HIGHLIGHTS,
        (
            "命中之处。各项都是可直接输出的 HTML：文字已转义，只有 mark 一种标签；没有命中的为空。",
            "Where a hit answers. Each is HTML that can be printed as it is: the text is escaped and mark is the only tag; null \
             where nothing answers.",
        ),
        &[
            Member::read(
                "title",
                string(),
                ("标题全文", "The whole title"),
                None,
                highlighted(|model, highlighter, facts| {
                    highlighter.mark(&title(model.types.get(&facts.r#type)?, &facts.card)?)
                }),
            ),
            Member::read(
                "summary",
                string(),
                ("摘要全文", "The whole summary"),
                None,
                highlighted(|_, highlighter, facts| highlighter.mark(&facts.summary)),
            ),
            Member::read(
                "body",
                string(),
                ("正文节选", "A part of the main text"),
                Some(texts),
                |reader, thing, _| {
                    let excerpt = hit_of(thing).and_then(|(page, shown)| {
                        page.highlighter.excerpt(&reader.plain_text(shown.facts.id)?)
                    });
                    Ok(Answer::value(excerpt))
                },
            )
            .costs(STATEMENT / 10),
        ],
        &[],
    );
}

fn title(content_type: &ContentType, card: &Card) -> Option<String> {
    card.fields.get(content_type.title.as_str()).and_then(Json::as_str).map(str::to_owned)
}
