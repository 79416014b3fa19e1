//! The fields of the query root: where a question starts.

mod find;
mod place;
mod single;

use std::sync::Arc;

use async_graphql::dynamic::TypeRef;
use futures_util::FutureExt as _;
use schema::{
    content_type::{ContentType, TypeRegistry},
    names::{ColumnPath, SiteKey},
};

use super::{
    Builder, change,
    document::{DOCUMENT, first},
    lists::{self, Listing},
    member::{Argument, Member, STATEMENT, argument, start},
    node::NODE,
    route::ROUTE,
    search, suggestions,
    values::list_nn,
};
use crate::content::{
    limits::cost::Times,
    reading::{Answer, Arguments, Changes, Reader, RouteAnswer, Shown, Thing},
    refusal::{Fault, Refusal},
};

use self::{find::Found, single::single};
pub(super) use self::{
    find::{IDS, nodes as nodes_by_id},
    place::{in_place, place},
};

/// Adds the root, with `more` fields than people ask for.
pub(super) fn add(
    builder: &mut Builder,
    types: &Arc<TypeRegistry>,
    more: impl IntoIterator<Item = Member>,
) {
    let mut members = vec![document(), route(), list(None), search::field(), suggestions::field()];
    members.extend([node(), nodes()]);
    members.extend([site(), sites(), column(), authority(), changes()]);
    for content_type in types.iter() {
        members.push(single(content_type));
        members.push(list(Some(content_type)));
    }
    members.extend(more);
    builder.object(
        "Query",
        ("公开信息的查询入口。", "Where questions about public information start."),
        &members,
        &[],
    );
}

fn id(name: &'static str, zh: &str, en: &str) -> Argument {
    argument(name, TypeRef::named(TypeRef::ID), zh, en)
}

fn text(name: &'static str, zh: &str, en: &str) -> Argument {
    argument(name, TypeRef::named(TypeRef::STRING), zh, en)
}

/// The three ways to name one document.
fn one_document(member: Member) -> Member {
    member
        .with(id("id", "按 id", "By id"))
        .with(text(
            "site",
            "网站代号；与 path 合用，或指定从哪个网站看",
            "Key of a site: with path, or to look at it from that site",
        ))
        .with(text(
            "path",
            "按网站内的路径（可带百分号编码），须同时给 site",
            "By path on a site (percent-encoded or not), with site",
        ))
        .with(id("contentId", "按内容编号", "By contentId"))
        .with(text(
            "locale",
            "与 contentId 合用的语言；没有该语言的取主语言",
            "The language, with contentId; the main one where it is missing",
        ))
}

fn document() -> Member {
    one_document(Member::root(
        "document",
        TypeRef::named(DOCUMENT),
        (
            "一条信息，按 id、site+path 或 contentId+locale。路径已移动的给出信息本身；不可读的为空，原因见 route。",
            "One document: by id, by site and path, or by contentId and locale. An old path gives the document it \
             leads to; null where there is nothing to read, and route says why.",
        ),
        start(|reader, arguments| {
            async move {
                let found = find::wanted(reader, arguments).await?;
                Ok(Answer::one(find::document(reader, found, arguments).await?.map(Thing::Document)))
            }
            .boxed()
        }),
    ))
    .with(as_of())
    .with(draft())
    .costs(2 * STATEMENT)
}

fn as_of() -> Argument {
    super::as_of::as_of(
        "按本系统时间，当时公开的文本；如今不可读的不给出",
        "The text that was public at this moment, by the hub's time; nothing that may not be read today",
    )
}

fn draft() -> Argument {
    argument(
        "draft",
        TypeRef::named(TypeRef::BOOLEAN),
        "有权限者预览草稿；没有草稿或没有权限的给出公开文本",
        "The draft, for those who may see it; else the public text",
    )
}

fn route() -> Member {
    one_document(Member::root(
        "route",
        TypeRef::named(ROUTE),
        (
            "一个地址上有什么：文本、转向或已不在的说明；为空则应答 404。",
            "What stands at an address: a text, a redirect, or why it is gone; null means 404.",
        ),
        start(|reader, arguments| {
            async move {
                let found = find::wanted(reader, arguments).await?;
                let answer = found.map(|found| match found {
                    Found::Here(shown) => RouteAnswer::Here(shown),
                    Found::Moved(shown) => RouteAnswer::Moved(shown),
                    Found::Closed(closed) if find::leads_elsewhere(&closed) => {
                        RouteAnswer::Redirect(*closed)
                    }
                    Found::Closed(closed) => RouteAnswer::Gone(*closed),
                });
                Ok(Answer::one(answer.map(|answer| Thing::Route(Arc::new(answer)))))
            }
            .boxed()
        }),
    ))
}

/// `documents`, or the list of one content type.
fn list(content_type: Option<&ContentType>) -> Member {
    let own = content_type.cloned();
    let of = content_type.map_or_else(|| DOCUMENT.to_owned(), ContentType::graphql_name);
    let name = content_type.map_or("documents", |it| it.plural.as_str());
    let (zh, en) = match content_type {
        Some(it) => (
            format!("{}列表，默认最新的在前", it.label.zh),
            format!("{}: a list, the newest first", it.label.en),
        ),
        None => (
            "各类信息的列表，默认最新的在前".into(),
            "Documents of every type, the newest first".into(),
        ),
    };
    let connection = TypeRef::named_nn(format!("{of}Connection"));
    let names = of.clone();
    let find = start(move |reader, arguments| {
        let (own, of) = (own.clone(), names.clone());
        async move { page(reader, arguments, own.as_ref(), &of).await }.boxed()
    });
    let mut member = in_place(Member::root(name, connection, (&zh, &en), find));
    if content_type.is_none() {
        member = member.with(lists::of_type());
    }
    member = member.with(lists::locale()).times(Times::Paged);
    lists::arguments(&of).into_iter().fold(member, Member::with)
}

async fn page(
    reader: &mut Reader,
    arguments: &Arguments,
    content_type: Option<&ContentType>,
    of: &str,
) -> Result<Answer, Fault> {
    let (site, scope) = place(reader, arguments).await?;
    let listing = Listing {
        of,
        content_type,
        scope,
        on: site.as_ref().map(|site| site.id),
        locale: site.as_ref().and_then(|site| site.particulars.locales.first().cloned()),
    };
    let model = Arc::clone(&reader.model);
    let lists::Asked { page, fields } = lists::question(&model, listing, arguments)?;
    reader.check_indexed(&fields).await?;
    reader.read_pages(std::slice::from_ref(&page)).await?;
    Ok(Answer::one(reader.page(&page.key()).map(Thing::Connection)))
}

fn site() -> Member {
    Member::root(
        "site",
        TypeRef::named("Site"),
        ("一个网站，按代号或域名。", "One site, by its key or its host name."),
        start(|reader, arguments| {
            async move {
                let found = match (arguments.parsed::<SiteKey>("key")?, arguments.text("domain")) {
                    (Some(key), _) => reader.site_by_key(&key).await?,
                    (None, Some(domain)) => {
                        let sites = reader.all_sites().await?;
                        sites
                            .into_iter()
                            .find(|site| site.particulars.domain.eq_ignore_ascii_case(domain))
                    }
                    (None, None) => {
                        return Err(Refusal::argument(
                            "请给出 key 或 domain",
                            "give key or domain",
                        )
                        .into());
                    }
                };
                Ok(Answer::one(found.map(Thing::Site)))
            }
            .boxed()
        }),
    )
    .with(text("key", "代号", "Its key"))
    .with(text("domain", "域名", "Its host name"))
}

fn sites() -> Member {
    Member::root(
        "sites",
        list_nn("Site"),
        ("全部网站，按代号排列。", "Every site, by key."),
        start(|reader, _| {
            async move {
                Ok(Answer::Many(reader.all_sites().await?.into_iter().map(Thing::Site).collect()))
            }
            .boxed()
        }),
    )
    .times(Times::About(20))
}

fn column() -> Member {
    Member::root(
        "column",
        TypeRef::named("Column"),
        (
            "一个栏目；旧路径给出现在的栏目，其 path 与所给不同时应转向。",
            "One column; an old path gives the column it leads to now, whose path then differs: redirect.",
        ),
        start(|reader, arguments| {
            async move {
                // What readers type leads nowhere where it is no path.
                let path = arguments.text("path").and_then(|path| path.parse::<ColumnPath>().ok());
                let (Some(key), Some(path)) = (arguments.parsed::<SiteKey>("site")?, path) else {
                    return Ok(Answer::Nothing);
                };
                let Some(site) = reader.site_by_key(&key).await? else { return Ok(Answer::Nothing) };
                Ok(Answer::one(reader.column_at(site.id, &path).await?.map(Thing::Column)))
            }
            .boxed()
        }),
    )
    .with(argument("site", TypeRef::named_nn(TypeRef::STRING), "网站代号", "Key of the site"))
    .with(argument("path", TypeRef::named_nn(TypeRef::STRING), "栏目路径", "Path of the column"))
}

fn authority() -> Member {
    Member::root(
        "authority",
        TypeRef::named("Authority"),
        ("一个机构，按代号。", "One authority, by its key."),
        start(|reader, arguments| {
            async move {
                let Some(key) = arguments.parsed("key")? else { return Ok(Answer::Nothing) };
                Ok(Answer::one(reader.authority_by_key(&key).await?.map(Thing::Authority)))
            }
            .boxed()
        }),
    )
    .with(argument("key", TypeRef::named_nn(TypeRef::STRING), "代号", "Its key"))
}

fn node() -> Member {
    Member::root(
        "node",
        TypeRef::named(NODE),
        ("按全局编号取一个对象。", "Whatever has this global id."),
        start(|reader, arguments| {
            async move {
                let Some(id) = arguments.text("id") else { return Ok(Answer::Nothing) };
                let mut found = find::nodes(reader, &[id]).await?;
                Ok(Answer::one(found.pop().flatten()))
            }
            .boxed()
        }),
    )
    .with(argument("id", TypeRef::named_nn(TypeRef::ID), "全局编号", "The global id"))
}

fn nodes() -> Member {
    Member::root(
        "nodes",
        list_nn(NODE),
        (
            "按全局编号取若干对象，按所给次序；取不到的略去。",
            "Whatever has these global ids, in their order; what is not there is left out.",
        ),
        start(|reader, arguments| {
            async move {
                let ids = find::ids(arguments)?;
                let found = find::nodes(reader, &ids).await?;
                Ok(Answer::Many(found.into_iter().flatten().collect()))
            }
            .boxed()
        }),
    )
    .with(argument(
        "ids",
        TypeRef::named_nn_list_nn(TypeRef::ID),
        "全局编号，最多 100 个",
        "The global ids, at most 100",
    ))
    .times(Times::About(100))
}

fn changes() -> Member {
    let (first, _) = first();
    Member::root(
        "changes",
        TypeRef::named_nn("ChangeConnection"),
        (
            "发布日志：自某游标以来的事件，按发生次序，无遗漏。",
            "The publication log: what happened since a cursor, in order and without gaps.",
        ),
        start(|reader, arguments| {
            async move {
                let after = arguments.text("after").map_or(Ok(0), change::read_cursor)?;
                let first = arguments.first()?;
                let mut page = reader.changes(after, first.saturating_add(1)).await?;
                let has_more = page.len() > first as usize;
                page.truncate(first as usize);
                let page = page.into_iter().map(Arc::new).collect();
                Ok(Answer::One(Thing::Changes(Arc::new(Changes { page, has_more }))))
            }
            .boxed()
        }),
    )
    .with(text("after", "此游标之后", "Behind this cursor"))
    .with(first)
    .times(Times::Paged)
}

/// A document looked at from where the caller asked.
fn shown(facts: Arc<crate::content::reading::Facts>, on: Option<schema::ids::SiteId>) -> Shown {
    Shown { facts, on }
}
