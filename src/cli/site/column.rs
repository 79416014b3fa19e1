//! Renaming, moving, merging and closing columns.

use clap::{Args, Subcommand};
use editorial::{
    Error, Refusal,
    arrange::rearrange::{self, Rearranged},
};
use schema::{
    message::Bilingual,
    names::{ColumnPath, SiteKey},
    tree::Column,
};
use serde_json::json;
use store::{UnitOfWork, columns, trees};

use crate::cli::{Answer, Failure, Hub, Language};

/// What can be done with a column.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// 改路径的最后一段、改名称 / Change the last segment of the path, or the name
    Rename {
        #[command(flatten)]
        column: Which,
        /// 新的最后一段路径 / New last segment of the path
        #[arg(long, required_unless_present = "name_zh")]
        segment: Option<ColumnPath>,
        /// 新的中文名称 / New Chinese name
        #[arg(long, requires = "name_en")]
        name_zh: Option<String>,
        /// 新的英文名称 / New English name
        #[arg(long, requires = "name_zh")]
        name_en: Option<String>,
    },
    /// 移到另一上级栏目之下 / Put it below another column
    Move {
        #[command(flatten)]
        column: Which,
        /// 新的上级栏目 / The column above it from now on
        #[arg(long, required_unless_present = "top")]
        under: Option<ColumnPath>,
        /// 移到最上级 / Put it at the top
        #[arg(long, conflicts_with = "under")]
        top: bool,
    },
    /// 并入另一栏目，信息和下级栏目随之并入 / Merge it, with documents and columns below, into another
    Merge {
        #[command(flatten)]
        column: Which,
        /// 并入的栏目 / The column it goes into
        #[arg(long)]
        into: ColumnPath,
    },
    /// 关闭栏目 / Close it
    Close {
        #[command(flatten)]
        column: Which,
        /// 接收信息和读者的栏目 / The column that takes its documents and its readers
        #[arg(long)]
        successor: Option<ColumnPath>,
    },
}

/// Which column is meant.
#[derive(Args)]
pub(crate) struct Which {
    /// 站点 / Site key
    site: SiteKey,
    /// 栏目路径 / Path of the column
    path: ColumnPath,
}

pub(super) async fn run(hub: &Hub, command: Command) -> Result<Answer, Failure> {
    let (rearranged, _) =
        hub.desk.work(&hub.operator, async |work| rearrange(work, &command).await).await?;
    let told = told(&rearranged, hub.language);
    let Rearranged { column, replaced, readdressed } = rearranged;
    Ok(Answer::new(
        told,
        &json!({ "column": column, "replaced": replaced, "readdressed": readdressed }),
    ))
}

async fn rearrange(work: &mut UnitOfWork, command: &Command) -> Result<Rearranged, Error> {
    match command {
        Command::Rename { column, segment, name_zh, name_en } => {
            let name = name_zh.as_ref().zip(name_en.as_ref());
            let name = name.map(|(zh, en)| Bilingual::new(zh, en));
            let column = find(work, &column.site, &column.path).await?;
            rearrange::rename_column(work, column.id, column.version, segment.as_ref(), name).await
        }
        Command::Move { column, under, .. } => {
            let above = other(work, &column.site, under.as_ref()).await?;
            let column = find(work, &column.site, &column.path).await?;
            rearrange::move_column(work, column.id, column.version, above.map(|above| above.id))
                .await
        }
        Command::Merge { column, into } => {
            let into = find(work, &column.site, into).await?;
            let column = find(work, &column.site, &column.path).await?;
            rearrange::merge_column(work, column.id, column.version, into.id).await
        }
        Command::Close { column, successor } => {
            let heir = other(work, &column.site, successor.as_ref()).await?;
            let column = find(work, &column.site, &column.path).await?;
            rearrange::close_column(work, column.id, column.version, heir.map(|heir| heir.id)).await
        }
    }
}

async fn other(
    work: &mut UnitOfWork,
    site: &SiteKey,
    path: Option<&ColumnPath>,
) -> Result<Option<Column>, Error> {
    match path {
        None => Ok(None),
        Some(path) => find(work, site, path).await.map(Some),
    }
}

async fn find(work: &mut UnitOfWork, key: &SiteKey, path: &ColumnPath) -> Result<Column, Error> {
    let site = trees::site_by_key(work.session(), key)
        .await?
        .ok_or_else(|| Refusal::not_found("site", key))?;
    columns::by_path(work.session(), site.id, path)
        .await?
        .ok_or_else(|| Refusal::not_found("column", format!("{key}:{path}")).into())
}

fn told(rearranged: &Rearranged, language: Language) -> String {
    let Rearranged { column, replaced, readdressed } = rearranged;
    match (language, column.closed) {
        (Language::Zh, false) => {
            format!("栏目现为 {}；{readdressed} 条信息改了网址\n", column.path)
        }
        (Language::Zh, true) => format!(
            "栏目 {} 已关闭；{replaced} 条信息换了栏目，{readdressed} 条改了网址\n",
            column.path
        ),
        (Language::En, false) => {
            format!(
                "the column is now {}; {readdressed} documents have another address\n",
                column.path
            )
        }
        (Language::En, true) => format!(
            "the column {} is closed; {replaced} documents went to another column, {readdressed} have another address\n",
            column.path
        ),
    }
}
