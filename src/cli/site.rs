//! `gongbao site`: authorities, sites and columns without the console.

mod column;
mod notice;
mod show;

use std::{fs, io::Read as _, path::PathBuf};

use clap::Subcommand;
use editorial::arrange::manifest::{self, Applied, Manifest};
use schema::{
    message::{Bilingual, Fault},
    names::SiteKey,
};

use super::{Answer, Failure, Hub, Language};

/// What can be done with sites.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// 按清单建立或更新机构、站点与栏目，可反复执行 / Create and change authorities, sites and
    /// columns as a manifest says; may be repeated
    Apply {
        /// 清单文件（TOML），- 为标准输入 / Manifest (TOML), - for standard input
        file: PathBuf,
    },
    /// 列出站点 / List the sites
    List,
    /// 显示站点及其栏目 / Show a site and its columns
    Show {
        /// 站点 / Site key
        site: SiteKey,
    },
    /// 调整栏目，信息与网址随之调整 / Rearrange columns; documents and addresses follow
    #[command(subcommand)]
    Column(column::Command),
    /// 站点公告：突发事件、预警、停机维护等 / Notices: emergencies, warnings, maintenance
    #[command(subcommand)]
    Notice(notice::Command),
}

pub(crate) async fn run(hub: &Hub, command: Command) -> Result<Answer, Failure> {
    match command {
        Command::Apply { file } => apply(hub, file).await,
        Command::List => show::list(hub).await,
        Command::Show { site } => show::show(hub, &site).await,
        Command::Column(command) => column::run(hub, command).await,
        Command::Notice(command) => notice::run(hub, command).await,
    }
}

async fn apply(hub: &Hub, file: PathBuf) -> Result<Answer, Failure> {
    let text = read(&file).map_err(|error| {
        let shown = file.display();
        Failure::work(
            Bilingual::new(
                format!("无法读取清单 {shown}：{error}"),
                format!("cannot read the manifest {shown}: {error}"),
            ),
            Bilingual::new("请检查文件名和权限", "check the file's name and its permissions"),
        )
    })?;
    let manifest = Manifest::parse(&text).map_err(|fault| {
        Failure::fault(Fault { path: format!("{}: {}", file.display(), fault.path), ..fault })
    })?;
    let (applied, _) = hub
        .desk
        .work(&hub.operator, async |work| manifest::apply(&hub.desk, work, &manifest).await)
        .await?;
    Ok(Answer::new(told(&applied, hub.language), &applied))
}

fn read(file: &PathBuf) -> std::io::Result<String> {
    if file.as_os_str() != "-" {
        return fs::read_to_string(file);
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(text)
}

fn told(applied: &Applied, language: Language) -> String {
    let lines = |entries: &[String], zh, en| {
        let word = language.say(zh, en);
        entries.iter().map(|entry| format!("{word} {entry}\n")).collect::<String>()
    };
    let (created, changed, unchanged) =
        (applied.created.len(), applied.changed.len(), applied.unchanged.len());
    let sum = match language {
        Language::Zh => format!("新建 {created}，更新 {changed}，未变 {unchanged}\n"),
        Language::En => format!("{created} created, {changed} changed, {unchanged} unchanged\n"),
    };
    lines(&applied.created, "新建", "created") + &lines(&applied.changed, "更新", "changed") + &sum
}
