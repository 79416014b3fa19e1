//! `gongbao restore`: a backup into an empty hub, verified.

use std::{fs::File, io, path::PathBuf};

use clap::Args;
use indicatif::ProgressBar;
use serde_json::json;
use store::{
    audit,
    backup::{self, Archive, BackupError, Progress},
};

use super::{Answer, Failure, Hub, Language, backup::failure, progress, verify};
use crate::settings::Settings;

/// What is to be restored.
#[derive(Args)]
pub(crate) struct Arguments {
    /// 备份文件 / The backup
    file: PathBuf,
    /// 只检查备份是否完好，不恢复 / Only look whether the backup is whole
    #[arg(long)]
    check: bool,
}

/// Reads the whole archive first; then restores; then verifies what came of it, whose findings
/// are the outcome.
pub(crate) async fn run(
    settings: &Settings,
    language: Language,
    arguments: &Arguments,
) -> Result<Answer, Failure> {
    let file = &arguments.file;
    let failed = |error| failure(error, file);
    let input = open(file).map_err(BackupError::Read).map_err(failed)?;
    let bar = progress::bar(None, language.say("行已检查", "rows checked"));
    let archive = backup::check(input, &mut |done| step(&bar, done, language)).await;
    bar.finish_and_clear();
    let archive = archive.map_err(failed)?;
    if arguments.check {
        let text = format!("{}{}", described(&archive, language), warned(&archive, language));
        return Ok(Answer::new(text, &summary(&archive)));
    }
    // What would keep the hub from being verified is found before anything is written.
    settings.types()?;
    let files = settings.files()?;
    files.check().await.map_err(|error| failed(error.into()))?;
    let bar = progress::bar(Some(archive.rows()), language.say("行", "rows"));
    let mut watch = |done: Progress| step(&bar, done, language);
    let restored = backup::restore(settings.database()?, &archive, &*files, &mut watch).await;
    bar.finish_and_clear();
    let restored = restored.map_err(failed)?;

    let hub = Hub::open(settings, language).await?;
    let outcome = note_and_verify(&hub, &archive, &*files).await;
    hub.desk.store.close().await;
    let mut text = described(&archive, language);
    text.push_str(language.say("已恢复，核验结果：\n", "restored; what verification says:\n"));
    let outcome =
        outcome?.in_front(&text, json!({ "backup": summary(&archive), "restored": restored }));
    Ok(outcome.with_more_text(&warned(&archive, language)))
}

/// Whoever looks at the hub later must be able to see that its log goes on from a backup.
async fn note_and_verify(
    hub: &Hub,
    archive: &Archive,
    files: &dyn store::files::FileStore,
) -> Result<Answer, Failure> {
    let details = json!({
        "takenAt": archive.header.taken_at,
        "program": archive.header.program,
        "log": archive.header.log.sequence,
    });
    let desk = &hub.desk;
    editorial::work!(desk, &hub.operator, work => {
        Ok(audit::record(work, "hub.restore", "hub", &details).await?)
    })?;
    verify::run(hub, files).await
}

/// A device or a pipe is read once; an archive is read several times.
fn open(file: &std::path::Path) -> io::Result<File> {
    let opened = File::open(file)?;
    if !opened.metadata()?.is_file() {
        return Err(io::Error::other("不是普通文件 / it is not a plain file"));
    }
    Ok(opened)
}

fn step(bar: &ProgressBar, done: Progress, language: Language) {
    bar.set_position(done.rows);
    if done.files > 0 {
        bar.set_message(format!("+ {} {}", done.files, language.say("个文件", "files")));
    }
}

fn summary(archive: &Archive) -> serde_json::Value {
    json!({
        "takenAt": archive.header.taken_at,
        "program": archive.header.program,
        "engine": archive.header.engine,
        "migration": archive.header.migration,
        "log": archive.header.log,
        "rows": archive.rows(),
        "files": archive.files(),
        "erased": archive.erased(),
        "faulty": archive.faulty(),
    })
}

fn described(archive: &Archive, language: Language) -> String {
    let header = &archive.header;
    let (at, program, engine) = (header.taken_at, &header.program, &header.engine);
    let (rows, files, sequence) = (archive.rows(), archive.files(), header.log.sequence);
    match language {
        Language::Zh => format!(
            "备份完好：{at:.0} 由公报 {program}（{engine}）制作，{rows} 行，{files} 个文件，发布日志至第 {sequence} 条\n"
        ),
        Language::En => format!(
            "the backup is whole: made at {at:.0} by Gongbao {program} ({engine}), {rows} rows, {files} files, the log up to event {sequence}\n"
        ),
    }
}

/// What a backup cannot know, or knew to be wrong.
fn warned(archive: &Archive, language: Language) -> String {
    let mut text = String::new();
    let (erased, faulty) = (archive.erased(), archive.faulty());
    if erased > 0 {
        text.push_str(&match language {
            Language::Zh => format!(
                "制作期间有 {erased} 个文件被销毁，备份中仍有其文本：恢复后请重新销毁\n"
            ),
            Language::En => format!(
                "{erased} files were erased while it was made, and their texts are still in it: erase them again\n"
            ),
        });
    }
    if faulty > 0 {
        text.push_str(&match language {
            Language::Zh => format!("制作时已有 {faulty} 个文件缺失或损坏，不在备份中\n"),
            Language::En => {
                format!(
                    "{faulty} files were missing or damaged when it was made, and are not in it\n"
                )
            }
        });
    }
    text.push_str(language.say(
        "此后确认的销毁不在备份中：恢复后请逐一重做。主密钥需另行放回\n",
        "erasures confirmed since then are not in it: repeat each one after restoring. The master key is put back separately\n",
    ));
    text
}
