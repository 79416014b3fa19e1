//! `gongbao audit export`: a piece of the chain as lines.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use editorial::trail;
use jiff::Timestamp;
use schema::{
    audit::{
        Seal,
        export::{End, Header},
    },
    message::Bilingual,
    permission::Touched,
};
use serde::Serialize;
use serde_json::json;
use store::{Session, audit};

use super::super::{Answer, Failure, Hub, Language};

/// Rows that are read at a time.
const PAGE: u32 = 500;

/// Which rows, and where to.
#[derive(Args)]
pub(crate) struct Arguments {
    /// 写入的文件，每行一条 JSON / The file to write, a line of JSON for each row
    file: PathBuf,
    /// 不早于此时 / Not earlier
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// 早于此时 / Earlier than
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// 覆盖已有的文件 / Write over a file that is there
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(hub: &Hub, arguments: &Arguments) -> Result<Answer, Failure> {
    let Arguments { file, since, until, force } = arguments;
    if !force && file.exists() {
        let shown = file.display();
        return Err(Failure::work(
            Bilingual::new(format!("{shown} 已存在"), format!("{shown} is there already")),
            Bilingual::new(
                "换一个文件名；确要覆盖则加 --force",
                "choose another name, or add --force to write over it",
            ),
        ));
    }
    let desk = &hub.desk;
    let details = json!({ "since": since, "until": until });
    let nothing = Touched::default();
    trail::taken_out(desk, &hub.operator, "audit.export", "audit", &nothing, &details).await?;
    audit::seal(&desk.store).await?;
    let mut session = desk.store.snapshot().await?;
    let span = audit::span(&mut session, *since, *until).await?;
    let end = write(&mut session, file, span, desk.clock.now()).await?;
    let (shown, End { end: last, rows }) = (file.display(), &end);
    let text = match hub.language {
        Language::Zh => format!(
            "已导出 {rows} 条到 {shown}，止于第 {} 条，{}\n请把末条的哈希值另行保存：它证明此前各条未被改动\n",
            last.number, last.hash
        ),
        Language::En => format!(
            "exported {rows} rows to {shown}, ending with row {}, {}\nKeep that hash elsewhere: it proves that nothing before it was changed\n",
            last.number, last.hash
        ),
    };
    Ok(Answer::new(text, &json!({ "file": file, "rows": rows, "end": last })))
}

async fn write(
    session: &mut Session,
    file: &Path,
    span: Option<(u64, u64)>,
    now: Timestamp,
) -> Result<End, Failure> {
    let failed = |error: io::Error| not_written(file, &error);
    let follows = match span {
        None => audit::head(session).await?,
        Some((first, _)) => before(session, first).await?,
    };
    let last = span.map_or(follows.number, |(_, last)| last);
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    let part = PathBuf::from(name);
    let mut out = BufWriter::new(create(&part).map_err(failed)?);
    line(&mut out, &Header::new(follows, now)).map_err(failed)?;
    let mut end = End { end: follows, rows: 0 };
    while end.end.number < last {
        let left = u32::try_from(last - end.end.number).unwrap_or(PAGE).min(PAGE);
        let page = audit::sealed_after(session, end.end.number, left).await?;
        if page.is_empty() {
            break;
        }
        for record in page {
            line(&mut out, &record).map_err(failed)?;
            end.rows += 1;
            end.end = record.seal.unwrap_or(end.end);
        }
    }
    line(&mut out, &end).map_err(failed)?;
    let written = out.into_inner().map_err(io::IntoInnerError::into_error);
    written.and_then(|out| out.sync_all()).map_err(failed)?;
    fs::rename(&part, file).map_err(failed)?;
    Ok(end)
}

/// Readable by its owner alone: it tells who did what.
fn create(file: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)
}

fn line(out: &mut impl Write, of: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, of)?;
    out.write_all(b"\n")
}

/// What row number `first` follows.
async fn before(session: &mut Session, first: u64) -> Result<Seal, store::Error> {
    let kept = audit::first_kept(session).await?;
    match first.checked_sub(2).filter(|_| kept.number + 1 < first) {
        None => Ok(kept),
        Some(number) => {
            let found = audit::sealed_after(session, number, 1).await?;
            Ok(found.into_iter().find_map(|record| record.seal).unwrap_or(kept))
        }
    }
}

fn not_written(file: &Path, error: &io::Error) -> Failure {
    let shown = file.display();
    Failure::work(
        Bilingual::new(
            format!("无法写入 {shown}：{error}"),
            format!("{shown} cannot be written: {error}"),
        ),
        Bilingual::new(
            "请检查文件夹的权限和磁盘空间",
            "check the folder's permissions and the room on its disk",
        ),
    )
}
