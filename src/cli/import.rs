//! `gongbao import`: files of existing texts become documents. With `--json` every record is
//! acknowledged by a line of its own, once it is committed and not before.

use std::{
    fs,
    io::{self, IsTerminal as _, Write as _},
    path::PathBuf,
    sync::Arc,
};

use clap::Args;
use editorial::exchange::{
    Limits,
    import::{self, Event, ImportError, Report, Request, Status, Summary},
};
use indicatif::ProgressBar;
use schema::{
    message::Bilingual,
    names::{ColumnPath, SiteKey, TypeName},
};
use serde_json::json;
use store::files::FileStore;

use super::{Failure, Hub, Language, progress, types_in_force};

/// What is to be imported, and where it goes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// .jsonl、.jsonl.gz、.csv 文件，Markdown、HTML 或纯文本文件夹，或 gongbao export 的输出 / A
    /// .jsonl, .jsonl.gz or .csv file, a folder of Markdown, HTML or plain texts, or what gongbao
    /// export wrote
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// 站点；导入 gongbao export 的输出时不需要，栏目和类型亦然 / Site key; what gongbao export wrote
    /// needs neither this nor column and type
    #[arg(long)]
    site: Option<SiteKey>,
    /// 栏目路径 / Column path
    #[arg(long)]
    column: Option<ColumnPath>,
    /// 内容类型 / Content type
    #[arg(long = "type", value_name = "TYPE")]
    r#type: Option<TypeName>,
    /// 直接发布，否则存为草稿 / Publish; drafts otherwise
    #[arg(long)]
    publish: bool,
    /// 映射文件（TOML）：记录的各项对应哪些字段 / Mapping (TOML): how records become fields
    #[arg(long, value_name = "MAP")]
    mapping: Option<PathBuf>,
}

pub(crate) async fn run(
    hub: &Hub,
    files: Arc<dyn FileStore>,
    arguments: Arguments,
    as_json: bool,
) -> Result<(), Failure> {
    let mapping = arguments.mapping.as_ref().map(read_mapping).transpose()?;
    types_in_force::put(hub, false).await?;
    let request = Request {
        path: arguments.file,
        site: arguments.site,
        column: arguments.column,
        r#type: arguments.r#type,
        publishes: arguments.publish,
        mapping,
        limits: Limits::default(),
    };
    let bar = progress::bar(Some(0), hub.language.say("条记录", "records"));
    let language = hub.language;
    let mut tell = |event: Event<'_>| match event {
        Event::Total(total) => {
            bar.set_length(total);
            Ok(())
        }
        Event::Record(report) => {
            bar.inc(1);
            tell_one(report, &bar, language, as_json)
        }
    };
    let summary = import::import(&hub.desk, &files, &hub.operator, request, &mut tell).await;
    bar.finish_and_clear();
    let summary = summary.map_err(failure)?;
    let mut out = io::stdout().lock();
    let _ = if as_json {
        writeln!(out, "{}", json!({ "summary": summary }))
    } else {
        writeln!(out, "{}", told(&summary, language))
    };
    if summary.rejected == 0 { Ok(()) } else { Err(rejected(summary.rejected)) }
}

fn read_mapping(path: &PathBuf) -> Result<(String, String), Failure> {
    let name = path.display().to_string();
    match fs::read_to_string(path) {
        Ok(text) => Ok((name, text)),
        Err(error) => Err(Failure::work(
            Bilingual::new(
                format!("无法读取映射文件 {name}：{error}"),
                format!("cannot read the mapping {name}: {error}"),
            ),
            Bilingual::new("请检查文件名和权限", "check the file's name and its permissions"),
        )),
    }
}

/// A line for each record with `--json`; for people only what somebody has to look at.
fn tell_one(
    report: &Report,
    bar: &ProgressBar,
    language: Language,
    as_json: bool,
) -> io::Result<()> {
    if as_json {
        let line = serde_json::to_string(report).map_err(io::Error::other)?;
        // The line is the acknowledgement: it must be out before the next record is.
        let mut out = io::stdout().lock();
        writeln!(out, "{line}")?;
        return out.flush();
    }
    let Some(reason) = &report.reason else { return Ok(()) };
    let message = reason.message.for_locale(language.locale());
    let word = match report.status {
        Status::Rejected => language.say("未导入", "rejected"),
        _ => language.say("略过", "skipped"),
    };
    let key = report.key.as_deref().unwrap_or_default();
    let line = format!("{} {key} {word}: {message}", report.at);
    // A bar that is not drawn swallows what is printed above it.
    if io::stderr().is_terminal() {
        bar.println(line);
    } else {
        eprintln!("{line}");
    }
    Ok(())
}

fn told(summary: &Summary, language: Language) -> String {
    let Summary { records, published, drafted, done, unchanged, skipped, rejected } = summary;
    match language {
        Language::Zh => format!(
            "共 {records} 条记录：发布 {published}，草稿 {drafted}，状态 {done}，未变 {unchanged}，略过 {skipped}，未导入 {rejected}"
        ),
        Language::En => format!(
            "{records} records: {published} published, {drafted} drafts, {done} states, {unchanged} unchanged, {skipped} skipped, {rejected} rejected"
        ),
    }
}

fn rejected(number: u64) -> Failure {
    Failure::work(
        Bilingual::new(
            format!("有 {number} 条记录未导入，原因见上；其余均已保存"),
            format!("{number} records were rejected for the reasons above; all others are stored"),
        ),
        Bilingual::new(
            "改正后再次导入同一文件即可：已导入的记录不会重复",
            "correct them and import the same file again: what is stored stays as it is",
        ),
    )
}

fn failure(error: ImportError) -> Failure {
    match error {
        ImportError::Refused(refusal) => editorial::Error::from(*refusal).into(),
        ImportError::Mapping(_) | ImportError::Wrong(_) => Failure::work(
            error.message(),
            Bilingual::new(
                "没有导入任何记录；请改正后重试",
                "nothing was imported; correct it and try again",
            ),
        ),
        _ => Failure::work(
            error.message(),
            Bilingual::new(
                "排除故障后再次导入同一文件，将从中断处继续",
                "see to the fault and import the same file again: it goes on where it stopped",
            ),
        ),
    }
}
