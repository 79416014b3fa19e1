//! `gongbao audit verify`: an export against itself, and against the hub it came from.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader},
    path::{Path, PathBuf},
};

use clap::Args;
use schema::{
    audit::{
        Seal,
        export::{NotWhole, Verified, Verifier},
    },
    message::Bilingual,
};
use serde_json::json;
use store::{Session, audit};

use super::super::{Answer, Failure, Hub, Language};

/// Which file.
#[derive(Args)]
pub(crate) struct Arguments {
    /// gongbao audit export 写成的文件 / A file that gongbao audit export wrote
    file: PathBuf,
    /// 只核验文件本身，不与本平台对照 / The file alone, not held against this hub
    #[arg(long)]
    alone: bool,
}

pub(super) async fn run(hub: &Hub, arguments: &Arguments) -> Result<Answer, Failure> {
    let file = &arguments.file;
    let verified = read(file).map_err(|error| unread(file, &error))?;
    let verified = verified.map_err(|wrong| broken(file, wrong))?;
    let mut known = None;
    if !arguments.alone {
        audit::seal(&hub.desk.store).await?;
        let mut session = hub.desk.store.snapshot().await?;
        let end = stands(&mut session, verified.last).await?;
        let start = stands(&mut session, verified.header.follows).await?;
        if end == Some(false) || start == Some(false) {
            return Err(other(file));
        }
        known = end.or(start);
    }
    let (rows, last) = (verified.rows, verified.last);
    let mut text = match hub.language {
        Language::Zh => format!("文件完好：{rows} 条，止于第 {} 条，{}\n", last.number, last.hash),
        Language::En => {
            format!(
                "the file is whole: {rows} rows, ending with row {}, {}\n",
                last.number, last.hash
            )
        }
    };
    text.push_str(match (arguments.alone, known) {
        (true, _) => "",
        (false, Some(_)) => hub.language.say(
            "与本平台的哈希链一致\n",
            "it is a piece of this hub's chain\n",
        ),
        (false, None) => hub.language.say(
            "本平台已无这些记录（保存期已过），无从对照\n",
            "this hub has none of these rows any more, their time is over: nothing to hold it against\n",
        ),
    });
    let value = json!({ "rows": rows, "end": last, "agreesWithHub": known });
    Ok(Answer::new(text, &value))
}

/// Whether the hub has the row so; `None` where it has it no more.
async fn stands(session: &mut Session, named: Seal) -> Result<Option<bool>, store::Error> {
    let kept = audit::first_kept(session).await?;
    if named.number < kept.number {
        return Ok(None);
    }
    if named.number == kept.number {
        return Ok(Some(named == kept));
    }
    let found = audit::sealed_after(session, named.number - 1, 1).await?;
    Ok(Some(found.first().and_then(|record| record.seal) == Some(named)))
}

fn read(file: &Path) -> io::Result<Result<Verified, NotWhole>> {
    let mut verifier = Verifier::default();
    for line in BufReader::new(File::open(file)?).lines() {
        if let Err(wrong) = verifier.line(&line?) {
            return Ok(Err(wrong));
        }
    }
    Ok(verifier.finish())
}

fn unread(file: &Path, error: &io::Error) -> Failure {
    let shown = file.display();
    Failure::work(
        Bilingual::new(
            format!("无法读取 {shown}：{error}"),
            format!("{shown} cannot be read: {error}"),
        ),
        Bilingual::new("请检查文件名和权限", "check the file's name and permissions"),
    )
}

fn broken(file: &Path, NotWhole { line, what }: NotWhole) -> Failure {
    let shown = file.display();
    Failure::work(
        Bilingual::new(
            format!("{shown} 第 {line} 行：{}", what.zh),
            format!("{shown}, line {line}: {}", what.en),
        ),
        Bilingual::new(
            "此文件不足为证：请取得原来的导出文件",
            "this file proves nothing: get the one that was exported",
        ),
    )
}

fn other(file: &Path) -> Failure {
    let shown = file.display();
    Failure::work(
        Bilingual::new(
            format!("{shown} 与本平台的哈希链不一致"),
            format!("{shown} is no piece of this hub's chain"),
        ),
        Bilingual::new(
            "若文件确由本平台导出，且此后未恢复过更早的备份，则平台的审计记录已被改写：请保全现场并查明",
            "if this hub exported the file, and no older backup was restored since, its audit was rewritten: keep everything as it is, and find out who did that",
        ),
    )
}
