//! Columns: what they are, adding, changing and rearranging them.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use editorial::{
    Error, Refusal,
    arrange::{
        columns,
        rearrange::{self, Rearranged},
    },
};
use schema::{
    names::{ColumnPath, SiteKey},
    tree::{self, ColumnParticulars},
};
use serde::{Deserialize, Serialize};
use store::UnitOfWork;

use super::site;
use crate::manage::{answer::Text, input::Faults};

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Columns;

/// 栏目 / A place in the tree of a site
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Column {
    /// 站点代号 / Key of its site
    site: String,
    /// 路径 / Its path
    path: String,
    /// 名称 / Its name
    name: Text,
    /// 类别，如 动态要闻、通知公告、政策文件 / Its class
    class: String,
    /// 描述 / Description
    description: Option<Text>,
    /// 关键词 / Keywords
    keywords: Vec<String>,
    /// 应更新的天数 / Days within which something new is expected
    update_period_days: Option<u16>,
    /// 在同级中的次序 / Order among its siblings
    position: i64,
    /// 是否已关闭 / Whether it takes no documents any more
    closed: bool,
    /// 版本号，改动时须带上 / Counts its changes; a change names this
    version: i64,
}

impl Column {
    pub(super) fn new(column: tree::Column, site: &str) -> Self {
        let particulars = column.particulars;
        Self {
            site: site.to_owned(),
            path: column.path.to_string(),
            name: particulars.name.into(),
            class: particulars.class,
            description: particulars.description.map(Into::into),
            keywords: particulars.keywords,
            update_period_days: particulars.update_period_days,
            position: column.position,
            closed: column.closed,
            version: column.version,
        }
    }
}

/// 栏目调整的结果 / What a rearrangement came to
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Rearrangement {
    /// 调整后的栏目 / The column as it is now
    column: Column,
    /// 换了栏目的信息数 / Documents that stand in another column now
    replaced: u64,
    /// 换了网址的信息数，旧址均转向新址 / Documents that have another address now; the old one leads to it
    readdressed: u64,
}

impl Rearrangement {
    fn new(done: Rearranged, site: &str) -> Self {
        Self {
            column: Column::new(done.column, site),
            replaced: done.replaced,
            readdressed: done.readdressed,
        }
    }
}

/// 栏目的内容 / What a column is called and how it is watched
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ColumnInput {
    /// 名称 / Its name
    name: Text,
    /// 类别，如 动态要闻、通知公告、政策文件 / Its class
    class: String,
    /// 描述 / Description
    description: Option<Text>,
    /// 关键词 / Keywords
    #[graphql(default)]
    keywords: Vec<String>,
    /// 应更新的天数 / Days within which something new is expected
    update_period_days: Option<u16>,
}

impl ColumnInput {
    fn particulars(&self) -> ColumnParticulars {
        ColumnParticulars {
            name: self.name.clone().into(),
            class: self.class.clone(),
            description: self.description.clone().map(Into::into),
            keywords: self.keywords.clone(),
            update_period_days: self.update_period_days,
        }
    }
}

/// 指明一个栏目，以及所看到的版本号 / Names a column, and the version of it that was looked at
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ColumnTarget {
    /// 站点代号 / Key of its site
    site: String,
    /// 路径 / Its path
    path: String,
    /// 版本号 / Version
    version: i64,
}

impl ColumnTarget {
    async fn find(&self, work: &mut UnitOfWork) -> Result<tree::Column, Error> {
        let mut faults = Faults::default();
        let key: Option<SiteKey> = faults.read("column.site", &self.site);
        let path: Option<ColumnPath> = faults.read("column.path", &self.path);
        let (key, path) = faults.finish(key.zip(path))?;
        column(work, &key, &path).await
    }

    /// Another column of the same site.
    async fn other(
        &self,
        work: &mut UnitOfWork,
        field: &str,
        path: &str,
    ) -> Result<tree::Column, Error> {
        let mut faults = Faults::default();
        let key: Option<SiteKey> = faults.read("column.site", &self.site);
        let path: Option<ColumnPath> = faults.read(field, path);
        let (key, path) = faults.finish(key.zip(path))?;
        column(work, &key, &path).await
    }
}

async fn column(
    work: &mut UnitOfWork,
    key: &SiteKey,
    path: &ColumnPath,
) -> Result<tree::Column, Error> {
    let site = site(work, key).await?;
    store::columns::by_path(work.session(), site.id, path)
        .await?
        .ok_or_else(|| Refusal::not_found("column", format!("{key}:{path}")).into())
}

/// 新的栏目 / A column to be added
#[derive(Clone, Debug, InputObject)]
pub(crate) struct CreateColumnInput {
    /// 站点代号 / Key of its site
    site: String,
    /// 路径，上级栏目须已存在 / Its path; the column above it exists
    path: String,
    /// 在同级中的次序；不填则在最后 / Order among its siblings; without it after the last
    position: Option<i64>,
    /// 内容 / What it is
    column: ColumnInput,
}

/// 栏目的改动 / A column to be changed
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ChangeColumnInput {
    /// 哪个栏目 / Which column
    column: ColumnTarget,
    /// 在同级中的次序 / Order among its siblings
    position: i64,
    /// 内容，整体替换 / The whole of what it is
    particulars: ColumnInput,
}

/// 栏目改名 / A column to be renamed
#[derive(Clone, Debug, InputObject)]
pub(crate) struct RenameColumnInput {
    /// 哪个栏目 / Which column
    column: ColumnTarget,
    /// 新的最后一段路径 / New last segment of its path
    segment: Option<String>,
    /// 新的名称 / New name
    name: Option<Text>,
}

/// 栏目移动 / A column to be moved
#[derive(Clone, Debug, InputObject)]
pub(crate) struct MoveColumnInput {
    /// 哪个栏目 / Which column
    column: ColumnTarget,
    /// 新的上级栏目；不填则为最上级 / The column above it from now on; without it the top
    under: Option<String>,
}

/// 栏目合并 / A column to be merged
#[derive(Clone, Debug, InputObject)]
pub(crate) struct MergeColumnInput {
    /// 哪个栏目 / Which column
    column: ColumnTarget,
    /// 并入的栏目 / The column it goes into
    into: String,
}

/// 栏目关闭 / A column to be closed
#[derive(Clone, Debug, InputObject)]
pub(crate) struct CloseColumnInput {
    /// 哪个栏目 / Which column
    column: ColumnTarget,
    /// 接收信息和读者的栏目 / The column that takes its documents and its readers
    successor: Option<String>,
}

payload! {
    /// 栏目改动的结果 / What came of it
    ColumnPayload {
        /// 栏目 / The column
        column: Column
    }
}
payload! {
    /// 栏目调整的结果 / What came of it
    RearrangePayload {
        /// 调整 / The rearrangement
        rearrangement: Rearrangement
    }
}

#[Object]
impl Columns {
    /// 新增栏目 / Add a column
    async fn create_column(
        &self,
        context: &Context<'_>,
        input: CreateColumnInput,
    ) -> Result<ColumnPayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let key: Option<SiteKey> = faults.read("site", &input.site);
            let path: Option<ColumnPath> = faults.read("path", &input.path);
            let (key, path) = faults.finish(key.zip(path))?;
            let site = site(work, &key).await?.id;
            let (position, particulars) = (input.position, input.column.particulars());
            let created = columns::create_column(work, site, &path, position, particulars).await?;
            Column::new(created, &input.site)
        })
    }

    /// 更改栏目的内容或次序 / Change what a column is, or its order
    async fn change_column(
        &self,
        context: &Context<'_>,
        input: ChangeColumnInput,
    ) -> Result<ColumnPayload> {
        act!(context, caller, work => {
            let (seen, found) = (input.column.version, input.column.find(work).await?);
            let (position, particulars) = (input.position, input.particulars.particulars());
            let changed = columns::change_column(work, found.id, seen, position, particulars).await?;
            Column::new(changed, &input.column.site)
        })
    }

    /// 栏目改名，信息与网址随之调整 / Rename a column; documents and addresses follow
    async fn rename_column(
        &self,
        context: &Context<'_>,
        input: RenameColumnInput,
    ) -> Result<RearrangePayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let segment: Option<ColumnPath> = faults.read_some("segment", input.segment.as_deref());
            let segment = faults.finish(Some(segment))?;
            let (seen, found) = (input.column.version, input.column.find(work).await?);
            let name = input.name.clone().map(Into::into);
            let done =
                rearrange::rename_column(work, found.id, seen, segment.as_ref(), name).await?;
            Rearrangement::new(done, &input.column.site)
        })
    }

    /// 移动栏目，信息与网址随之调整 / Move a column; documents and addresses follow
    async fn move_column(
        &self,
        context: &Context<'_>,
        input: MoveColumnInput,
    ) -> Result<RearrangePayload> {
        act!(context, caller, work => {
            let (seen, found) = (input.column.version, input.column.find(work).await?);
            let under = match &input.under {
                Some(path) => Some(input.column.other(work, "under", path).await?.id),
                None => None,
            };
            let done = rearrange::move_column(work, found.id, seen, under).await?;
            Rearrangement::new(done, &input.column.site)
        })
    }

    /// 并入另一栏目，信息与下级栏目随之并入 / Merge a column, with documents and columns below, into another
    async fn merge_column(
        &self,
        context: &Context<'_>,
        input: MergeColumnInput,
    ) -> Result<RearrangePayload> {
        act!(context, caller, work => {
            let (seen, found) = (input.column.version, input.column.find(work).await?);
            let into = input.column.other(work, "into", &input.into).await?.id;
            let done = rearrange::merge_column(work, found.id, seen, into).await?;
            Rearrangement::new(done, &input.column.site)
        })
    }

    /// 关闭栏目 / Close a column
    async fn close_column(
        &self,
        context: &Context<'_>,
        input: CloseColumnInput,
    ) -> Result<RearrangePayload> {
        act!(context, caller, work => {
            let (seen, found) = (input.column.version, input.column.find(work).await?);
            let successor = match &input.successor {
                Some(path) => Some(input.column.other(work, "successor", path).await?.id),
                None => None,
            };
            let done = rearrange::close_column(work, found.id, seen, successor).await?;
            Rearrangement::new(done, &input.column.site)
        })
    }
}
