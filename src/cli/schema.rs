//! `gongbao schema`: the content model in force, and the GraphQL APIs.
//!
//! Without a subcommand it prints the content API in the schema definition language. That of
//! the types that come with the product, and the management API, are kept in `schema/`, so that
//! every change of the outward contract shows in review; `--check` fails when either is out of
//! date, and `diff` says whom a change hurts.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use api::schema_changes::{self, Change, Weight};
use clap::{Args, Subcommand};
use schema::{content_type::TypeRegistry, message::Bilingual};
use serde_json::json;

use super::{Answer, Failure, Language, answer::table};

/// Where the schemas are kept.
const FOLDER: &str = "schema";

/// What can be asked of the content model.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// 与保存的 content.graphql、manage.graphql 比较，不一致则失败 / Compare with content.graphql and
    /// manage.graphql as kept and fail when they differ
    #[arg(long)]
    check: bool,
    /// 保存它们的文件夹 / The folder they are kept in
    #[arg(long, value_name = "DIR", default_value = FOLDER, requires = "check")]
    folder: PathBuf,
}

#[derive(Subcommand)]
enum Command {
    /// 列出内容类型 / List the content types
    Types,
    /// 输出管理接口的 SDL / Print the SDL of the management API
    Manage,
    /// 与旧的 SDL 比较，列出改动；有破坏兼容的改动则失败 / What changed since an older SDL; fails
    /// where something breaks those who use it
    Diff(Diff),
}

#[derive(Args)]
struct Diff {
    /// 旧的 SDL 文件 / File with the older SDL
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// 新的 SDL 文件；不给则为当前内容类型的内容接口 / File with the newer one; else the content
    /// API of the content types in force
    #[arg(value_name = "NEW")]
    new: Option<PathBuf>,
    /// 只列出破坏兼容和有风险的改动 / Leave out what hurts nobody
    #[arg(long)]
    quiet: bool,
}

pub(crate) fn run(
    types: &Arc<TypeRegistry>,
    arguments: &Arguments,
    language: Language,
) -> Result<Answer, Failure> {
    match (&arguments.command, arguments.check) {
        (Some(Command::Types), _) => Ok(list(types, language)),
        (Some(Command::Manage), _) => Ok(printed(api::manage::sdl())),
        (Some(Command::Diff(arguments)), _) => diff(types, arguments, language),
        (None, false) => Ok(printed(content(types)?)),
        (None, true) => {
            check(&arguments.folder.join("content.graphql"), &content(types)?, "gongbao schema")?;
            let manage = arguments.folder.join("manage.graphql");
            check(&manage, &api::manage::sdl(), "gongbao schema manage")?;
            let said = language.say("与程序一致\n", "up to date\n");
            Ok(Answer::new(said.to_owned(), &json!({ "upToDate": true })))
        }
    }
}

fn printed(sdl: String) -> Answer {
    let json = json!({ "sdl": sdl });
    Answer::new(sdl, &json)
}

fn content(types: &Arc<TypeRegistry>) -> Result<String, Failure> {
    api::content::sdl(types).map_err(|error| {
        Failure::settings(Bilingual::new(
            format!("内容类型构不成 GraphQL 接口：{error}"),
            format!("the content types make no GraphQL schema: {error}"),
        ))
    })
}

/// Holds the file at `path` against what `command` prints.
fn check(path: &Path, now: &str, command: &str) -> Result<(), Failure> {
    let file = path.display();
    let kept = read(
        path,
        Bilingual::new(
            "在项目根目录运行，或用 --folder 指明文件夹",
            "run it at the top of the project, or name the folder with --folder",
        ),
    )?;
    if kept == now {
        return Ok(());
    }
    let line = 1 + kept.lines().zip(now.lines()).take_while(|(kept, now)| kept == now).count();
    Err(Failure::work(
        Bilingual::new(
            format!("{file} 已过期，从第 {line} 行起与程序不一致"),
            format!("{file} is out of date: from line {line} on it differs from the program"),
        ),
        Bilingual::new(
            format!("运行 {command} > {file}，审阅改动后提交"),
            format!("run {command} > {file}, review the change and commit it"),
        ),
    ))
}

fn read(path: &Path, remedy: Bilingual) -> Result<String, Failure> {
    let file = path.display();
    fs::read_to_string(path).map_err(|error| {
        let what = Bilingual::new(
            format!("读不到 {file}：{error}"),
            format!("{file} cannot be read: {error}"),
        );
        Failure::work(what, remedy)
    })
}

/// What changed, the worst first.
fn diff(
    types: &Arc<TypeRegistry>,
    Diff { old, new, quiet }: &Diff,
    language: Language,
) -> Result<Answer, Failure> {
    let remedy = || {
        Bilingual::new(
            "给出 gongbao schema 或 gongbao schema manage 输出的文件",
            "name a file that gongbao schema or gongbao schema manage printed",
        )
    };
    let then = read(old, remedy())?;
    let now = match new {
        Some(new) => read(new, remedy())?,
        None => content(types)?,
    };
    let mut changes = schema_changes::changes(&then, &now).map_err(|error| {
        let what = Bilingual::new(
            format!("不是 GraphQL SDL：{error}"),
            format!("this is no GraphQL SDL: {error}"),
        );
        Failure::work(what, remedy())
    })?;
    let breaking = changes.iter().filter(|change| change.weight == Weight::Breaking).count();
    changes.retain(|change| !quiet || change.weight != Weight::Safe);
    let text = match changes.is_empty() {
        true => language.say("没有改动\n", "nothing changed\n").to_owned(),
        false => changed(&changes, language),
    };
    let answer = Answer::new(text, &json!({ "breaking": breaking, "changes": changes }));
    if breaking == 0 {
        return Ok(answer);
    }
    Ok(answer.with_failure(Failure::work(
        Bilingual::new(
            format!("{breaking} 处改动破坏兼容"),
            format!("{breaking} changes break those who use the schema"),
        ),
        Bilingual::new(
            "保留旧字段并以 deprecated 标明替代者，待各前端改用后再删除",
            "keep the old field, deprecated with a word on what replaces it, until nobody asks for it",
        ),
    )))
}

fn changed(changes: &[Change], language: Language) -> String {
    let header = match language {
        Language::Zh => ["影响", "位置", "改动"],
        Language::En => ["weight", "place", "change"],
    };
    let rows = changes.iter().map(|change| {
        let weight = match change.weight {
            Weight::Breaking => language.say("破坏兼容", "breaking"),
            Weight::Dangerous => language.say("有风险", "dangerous"),
            Weight::Safe => language.say("无影响", "safe"),
        };
        let message = change.message.for_locale(language.locale()).to_owned();
        [weight.to_owned(), change.place.clone(), message]
    });
    table(header, rows)
}

fn list(types: &TypeRegistry, language: Language) -> Answer {
    let header = match language {
        Language::Zh => ["类型", "名称", "版本", "字段"],
        Language::En => ["type", "label", "version", "fields"],
    };
    let rows = types.iter().map(|content_type| {
        [
            content_type.name.to_string(),
            content_type.label.for_locale(language.locale()).to_owned(),
            content_type.version.to_string(),
            content_type.fields.len().to_string(),
        ]
    });
    let definitions: Vec<_> = types.iter().collect();
    Answer::new(table(header, rows), &definitions)
}
