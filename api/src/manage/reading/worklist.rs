//! The documents one may work on, the last changed first.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use schema::names::{Locale, SiteKey, TypeName};
use store::{
    trees,
    worklist::{self, Line, Position, Wanted},
};

use super::{page, read};
use crate::manage::{
    answer::{Who, fault},
    caller::Caller,
    cursor::Cursor,
    input::Faults,
    words::Visibility,
};

/// The queries of this file.
#[derive(Default)]
pub(crate) struct Worklist;

/// 筛选 / Which documents are asked for
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct DocumentFilter {
    /// 站点 / Those that stand, or are drafted to stand, on this site
    site: Option<String>,
    /// 内容类型 / Those of this type
    r#type: Option<String>,
    /// 语言 / Those in this language
    locale: Option<String>,
    /// 公众所见 / Those the public sees so
    visibility: Option<Visibility>,
    /// 有无草稿 / Those that have a draft, or have none
    has_draft: Option<bool>,
    /// 只看自己最后改动的 / Those that you changed last
    #[graphql(default)]
    mine: bool,
}

/// 列表中的一条信息 / One line of the list
#[derive(SimpleObject)]
pub(crate) struct DocumentLine {
    /// 本平台上的编号 / Its id on this hub
    id: String,
    /// 内容编号 / Its name across languages and sites
    content_id: String,
    /// 语言 / Its language
    locale: String,
    /// 内容类型 / Its type
    r#type: String,
    /// 标题；草稿优先 / Its title, that of the draft where there is one
    title: Option<String>,
    /// 版本号 / Its version
    version: i64,
    /// 最后改动的时间 / When it was last changed
    changed_at: String,
    /// 最后改动者 / Who changed it last
    changed_by: Who,
    /// 公众所见 / What the public sees
    visibility: Visibility,
    /// 是否有草稿 / Whether it has a draft
    has_draft: bool,
    /// 公众最后所见版本的序号 / Number of the edition the public saw last
    edition: u32,
    /// 该版本的发布时间 / Publication of that edition
    published_at: Option<String>,
}

/// 列表中的一项及其位置 / An item and where it stands
#[derive(SimpleObject)]
pub(crate) struct DocumentEdge {
    /// 位置 / Where to go on from
    cursor: String,
    /// 信息 / The document
    node: DocumentLine,
}

/// 分页 / Where a page ends
#[derive(SimpleObject)]
pub(crate) struct PageInfo {
    /// 是否还有 / Whether there are more
    pub(super) has_next_page: bool,
    /// 最后一项的位置 / Where the last item stands
    pub(super) end_cursor: Option<String>,
}

/// 一页信息 / A page of documents
#[derive(SimpleObject)]
pub(crate) struct DocumentConnection {
    /// 各项 / The items
    edges: Vec<DocumentEdge>,
    /// 分页 / Where the page ends
    page_info: PageInfo,
}

#[Object]
impl Worklist {
    /// 可经办的信息，最近改动的在前 / The documents you may work on, the last changed first
    async fn documents(
        &self,
        context: &Context<'_>,
        #[graphql(default, desc = "筛选 / Which ones")] filter: DocumentFilter,
        #[graphql(default = 20, desc = "最多几条，不超过 100 / At most so many, up to 100")] first: i32,
        #[graphql(desc = "从此位置之后 / After this cursor")] after: Option<String>,
    ) -> Result<DocumentConnection> {
        let caller = Caller::of(context);
        let mut faults = Faults::default();
        let site: Option<SiteKey> = faults.read_some("filter.site", filter.site.as_deref());
        let r#type: Option<TypeName> = faults.read_some("filter.type", filter.r#type.as_deref());
        let locale: Option<Locale> = faults.read_some("filter.locale", filter.locale.as_deref());
        let after: Option<Cursor> = faults.read_some("after", after.as_deref());
        let (site, r#type, locale, after) =
            read(faults.finish(Some((site, r#type, locale, after))))?;
        let mut session = caller.session().await?;
        let site = match site {
            None => None,
            Some(key) => {
                let found = trees::site_by_key(&mut session, &key).await;
                match found.map_err(|error| fault(&error))? {
                    Some(site) => Some(site.id),
                    None => return Ok(connection(caller, Vec::new(), 0)),
                }
            }
        };
        let wanted = Wanted {
            site,
            r#type,
            locale,
            visibility: filter.visibility.map(Into::into),
            drafted: filter.has_draft,
            changed_by: filter.mine.then_some(caller.actor.id),
        };
        let length = page(first);
        let after = after.map(|Cursor { at, id }| Position { changed_at: at, document: id.into() });
        let lines =
            worklist::documents(&mut session, &caller.viewer(), &wanted, after, length + 1).await;
        Ok(connection(caller, lines.map_err(|error| fault(&error))?, length as usize))
    }
}

fn connection(caller: &Caller, mut lines: Vec<Line>, length: usize) -> DocumentConnection {
    let has_next_page = lines.len() > length;
    lines.truncate(length);
    let edges: Vec<DocumentEdge> = lines.into_iter().map(|line| edge(caller, line)).collect();
    let end_cursor = edges.last().map(|edge| edge.cursor.clone());
    DocumentConnection { edges, page_info: PageInfo { has_next_page, end_cursor } }
}

fn edge(caller: &Caller, line: Line) -> DocumentEdge {
    let content_type = caller.desk.types.get(&line.r#type);
    let title =
        line.card.as_ref().zip(content_type).and_then(|(card, content_type)| {
            content_type.title_of(&card.fields).map(str::to_owned)
        });
    DocumentEdge {
        cursor: Cursor { at: line.changed_at, id: line.document.uuid() }.to_string(),
        node: DocumentLine {
            id: line.document.to_string(),
            content_id: line.content.to_string(),
            locale: line.locale.to_string(),
            r#type: line.r#type.to_string(),
            title,
            version: line.version,
            changed_at: line.changed_at.to_string(),
            changed_by: Who { id: line.changed_by.to_string(), name: line.changed_by_name },
            visibility: line.visibility.into(),
            has_draft: line.drafted,
            edition: line.edition,
            published_at: line.published_at.map(|at| at.to_string()),
        },
    }
}
