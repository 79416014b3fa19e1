//! `gongbao export`: everything of a site as a folder that `gongbao import` takes, or as lines
//! on standard output.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use editorial::exchange::{self, ExportError, Exported, Sink};
use indicatif::ProgressBar;
use schema::{message::Bilingual, names::SiteKey};
use store::files::FileStore;

use super::{Answer, Failure, Hub, Language, progress};

/// What is to be exported, and where to.
#[derive(Args)]
pub(crate) struct Arguments {
    /// 站点 / Site key
    #[arg(long)]
    site: SiteKey,
    /// 输出文件夹；- 为标准输出，只输出记录，不含附件 / Folder to write; - for standard output, the
    /// records without their files
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
}

/// `None` where the lines themselves went to standard output.
pub(crate) async fn run(
    hub: &Hub,
    files: Arc<dyn FileStore>,
    arguments: &Arguments,
) -> Result<Option<Answer>, Failure> {
    let bar = progress::bar(None, hub.language.say("条信息", "documents"));
    let actor = &hub.operator;
    let outcome = if arguments.output.as_os_str() == "-" {
        let mut sink = Lines { out: BufWriter::new(io::stdout()), bar: bar.clone() };
        let exported = exchange::export(&hub.desk, &files, actor, &arguments.site, &mut sink).await;
        exported.and_then(|_| Ok(sink.out.flush()?)).map(|()| None)
    } else {
        to_folder(hub, &files, arguments, &bar).await.map(Some)
    };
    bar.finish_and_clear();
    outcome.map_err(|error| failure(error, &arguments.output))
}

async fn to_folder(
    hub: &Hub,
    files: &Arc<dyn FileStore>,
    arguments: &Arguments,
    bar: &ProgressBar,
) -> Result<Answer, ExportError> {
    let mut folder = Folder::create(&arguments.output, bar.clone())?;
    let exported =
        exchange::export(&hub.desk, files, &hub.operator, &arguments.site, &mut folder).await?;
    folder.finish()?;
    let Exported { documents, editions, drafts, files } = exported;
    let shown = arguments.output.display();
    let text = match hub.language {
        Language::Zh => format!(
            "已导出到 {shown}：{documents} 条信息，{editions} 个版本，{drafts} 份草稿，{files} 个文件\n"
        ),
        Language::En => format!(
            "exported to {shown}: {documents} documents, {editions} editions, {drafts} drafts, {files} files\n"
        ),
    };
    Ok(Answer::new(text, &exported))
}

/// The records alone, as lines.
struct Lines {
    out: BufWriter<io::Stdout>,
    bar: ProgressBar,
}

impl Sink for Lines {
    fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.out, "{line}")
    }

    fn takes_files(&self) -> bool {
        false
    }

    fn file(&mut self, _: &str, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn asset(&mut self, _: &str) -> io::Result<Option<Box<dyn Write + Send>>> {
        Ok(None)
    }

    fn asset_done(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn progress(&mut self, documents: u64) {
        self.bar.set_position(documents);
    }
}

/// A folder. Every file gets its name when it is complete, the records last, so that a broken
/// export is never taken for a whole one.
struct Folder {
    root: PathBuf,
    lines: BufWriter<File>,
    bar: ProgressBar,
}

const UNFINISHED: &str = "part";

impl Folder {
    fn create(root: &Path, bar: ProgressBar) -> io::Result<Self> {
        fs::create_dir_all(root.join(exchange::FILES))?;
        let lines = File::create(unfinished(&root.join(exchange::RECORDS)))?;
        Ok(Self { root: root.to_owned(), lines: BufWriter::new(lines), bar })
    }

    fn finish(mut self) -> io::Result<()> {
        self.lines.flush()?;
        self.lines.get_ref().sync_all()?;
        let records = self.root.join(exchange::RECORDS);
        fs::rename(unfinished(&records), records)
    }

    fn asset_path(&self, name: &str) -> PathBuf {
        self.root.join(exchange::FILES).join(name)
    }
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(UNFINISHED);
    name.into()
}

impl Sink for Folder {
    fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.lines, "{line}")
    }

    fn takes_files(&self) -> bool {
        true
    }

    fn file(&mut self, name: &str, text: &[u8]) -> io::Result<()> {
        fs::write(self.root.join(name), text)
    }

    fn asset(&mut self, name: &str) -> io::Result<Option<Box<dyn Write + Send>>> {
        let path = self.asset_path(name);
        if path.exists() {
            return Ok(None);
        }
        let file = File::create(unfinished(&path))?;
        Ok(Some(Box::new(BufWriter::new(file))))
    }

    fn asset_done(&mut self, name: &str) -> io::Result<()> {
        let path = self.asset_path(name);
        fs::rename(unfinished(&path), path)
    }

    fn progress(&mut self, documents: u64) {
        self.bar.set_position(documents);
    }
}

fn failure(error: ExportError, output: &Path) -> Failure {
    let shown = output.display();
    match error {
        ExportError::Refused(refusal) => editorial::Error::from(*refusal).into(),
        ExportError::Store(error) => error.into(),
        ExportError::Files(error) => Failure::work(
            error.message(),
            Bilingual::new(
                "请先用 gongbao verify 检查文件，再重新导出",
                "look at the files with gongbao verify, then export again",
            ),
        ),
        ExportError::Written(error) => Failure::work(
            Bilingual::new(
                format!("无法写入 {shown}：{error}"),
                format!("cannot write to {shown}: {error}"),
            ),
            Bilingual::new(
                "请检查文件夹的权限和磁盘空间",
                "check the folder's permissions and the room on its disk",
            ),
        ),
    }
}
