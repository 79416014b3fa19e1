//! `gongbao backup`: everything in one file, beside a working hub.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use clap::Args;
use editorial::{ports::SystemClock, trail};
use indicatif::HumanBytes;
use schema::{message::Bilingual, parameters::Clock as _, permission::Touched};
use serde_json::{Value, json};
use store::{
    Store,
    backup::{self, BackupError, Progress, Taken},
};

use super::{Answer, Failure, Hub, Language, progress};
use crate::settings::{KeySource, Settings};

/// Where the backup goes.
#[derive(Args)]
pub(crate) struct Arguments {
    /// 备份文件，通常以 .tar 结尾 / The file to write, usually named .tar
    file: PathBuf,
    /// 覆盖已有的文件 / Write over a file that is there
    #[arg(long)]
    force: bool,
}

/// Looks at the database without opening it to work: a backup must be possible before a new
/// version touches the structure, and never changes anything.
pub(crate) async fn run(
    settings: &Settings,
    language: Language,
    arguments: &Arguments,
) -> Result<Answer, Failure> {
    let file = &arguments.file;
    if !arguments.force && file.exists() {
        return Err(exists(file));
    }
    let files = settings.files()?;
    let store = Store::look(settings.database_url()).await.map_err(Failure::opening)?;
    let part = Part::create(file).map_err(|error| not_written(file, &error))?;
    let unaudited = note(settings, &store, file).await.err();
    let bar = progress::bar(None, language.say("行", "rows"));
    let mut watch = |done: Progress| {
        bar.set_position(done.rows);
        if done.files > 0 {
            bar.set_message(format!("+ {} {}", done.files, language.say("个文件", "files")));
        }
    };
    let taken_at = SystemClock.now();
    let out = part.file.try_clone().map_err(|error| not_written(file, &error))?;
    let taken = backup::take(&store, &*files, out, taken_at, &mut watch).await;
    store.close().await;
    bar.finish_and_clear();
    let taken = taken.map_err(|error| failure(error, file))?;
    if !arguments.force && file.exists() {
        return Err(exists(file));
    }
    part.become_whole(file).map_err(|error| not_written(file, &error))?;
    let key = settings.key_source();
    let mut value = json!({ "file": file, "takenAt": taken_at, "masterKey": key_place(&key) });
    if let (Value::Object(value), Ok(Value::Object(more))) =
        (&mut value, serde_json::to_value(&taken))
    {
        value.extend(more);
    }
    let mut answer = Answer::new(told(&taken, file, &key, language), &value);
    if let Some(failure) = unaudited {
        answer = answer.with_more_text(&format!(
            "{}{}\n",
            language.say("本次备份未记入审计：", "this backup is not in the audit: "),
            failure.what.for_locale(language.locale()),
        ));
    }
    Ok(match taken.faulty.len() {
        0 => answer,
        count => answer.with_failure(Failure::work(
            Bilingual::new(
                format!("备份已写成，但文件存储中有 {count} 个文件缺失或损坏，未能备份"),
                format!("the backup is written, but {count} files are missing or damaged in the file store and not in it"),
            ),
            Bilingual::new(
                "运行 gongbao verify 查看，并从更早的备份取回这些文件",
                "look at them with gongbao verify, and bring them back from an older backup",
            ),
        )),
    })
}

/// Every text leaves the hub with a backup, so the audit tells of it, the backup's own included. A
/// structure of an older version is left alone, and a backup is made all the same: who needs one
/// may need it because the hub takes no writes any more.
async fn note(settings: &Settings, store: &Store, file: &Path) -> Result<(), Failure> {
    if !store.structure().await?.is_current() {
        return Err(Failure::work(
            Bilingual::new(
                "数据库的结构不是本程序的版本",
                "the structure of the database is not that of this program",
            ),
            Bilingual::new("启动 gongbao serve 升级", "start gongbao serve, which changes it"),
        ));
    }
    let hub = Hub::open(settings, Language::En).await?;
    let details = json!({ "file": file.file_name().map(|name| name.to_string_lossy()) });
    let nothing = Touched::default();
    let noted =
        trail::taken_out(&hub.desk, &hub.operator, "hub.backup", "hub", &nothing, &details).await;
    hub.desk.store.close().await;
    Ok(noted?)
}

fn told(taken: &Taken, file: &Path, key: &KeySource, language: Language) -> String {
    let Taken { tables, rows, files, log, erased, .. } = taken;
    let (shown, sequence, bytes) = (file.display(), log.sequence, HumanBytes(taken.bytes));
    let mut text = match language {
        Language::Zh => format!(
            "已备份到 {shown}（{bytes}）：{tables} 张表 {rows} 行，{files} 个文件，发布日志至第 {sequence} 条\n"
        ),
        Language::En => format!(
            "backed up to {shown} ({bytes}): {rows} rows of {tables} tables, {files} files, the log up to event {sequence}\n"
        ),
    };
    if *erased > 0 {
        text.push_str(&match language {
            Language::Zh => format!(
                "备份期间有 {erased} 个文件被依令销毁：备份中仍有其文本，请尽快重新备份，并删除这一份\n"
            ),
            Language::En => format!(
                "{erased} files were erased meanwhile: their texts are still in this backup; make a new one and destroy this\n"
            ),
        });
    }
    for digest in &taken.faulty {
        text.push_str(&match language {
            Language::Zh => format!("缺失或损坏：{digest}\n"),
            Language::En => format!("missing or damaged: {digest}\n"),
        });
    }
    let place = key_place(key);
    text.push_str(&match language {
        Language::Zh => format!(
            "主密钥不在备份中（{place}）：请另行妥善保管，没有它，投放对象的密钥无法解开\n"
        ),
        Language::En => format!(
            "the master key is not in the backup ({place}): keep it elsewhere; without it the secrets of targets do not open\n"
        ),
    });
    text
}

fn key_place(key: &KeySource) -> String {
    match key {
        KeySource::Variable => "GONGBAO_MASTER_KEY".into(),
        KeySource::File(file) => file.display().to_string(),
    }
}

/// The file on its way, `FILE.part`: removed again unless it became whole.
struct Part {
    path: PathBuf,
    file: File,
    whole: bool,
}

impl Part {
    /// Readable by its owner alone. What a killed backup left is replaced; one that still runs
    /// holds the file locked.
    fn create(target: &Path) -> io::Result<Self> {
        let mut name = target.as_os_str().to_owned();
        name.push(".part");
        let path = PathBuf::from(name);
        match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
            Ok(left) => match left.try_lock() {
                Err(TryLockError::WouldBlock) => {
                    return Err(io::Error::new(
                        io::ErrorKind::ResourceBusy,
                        "另一个备份正在写入 / another backup is writing it",
                    ));
                }
                Err(TryLockError::Error(error)) => return Err(error),
                Ok(()) => fs::remove_file(&path)?,
            },
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        let part = Self { path, file, whole: false };
        part.file.try_lock().map_err(io::Error::from)?;
        Ok(part)
    }

    /// Gives it its name, so that it is there after a power cut.
    fn become_whole(mut self, target: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, target)?;
        self.whole = true;
        match target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => File::open(folder)?.sync_all(),
            None => File::open(".")?.sync_all(),
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.whole {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn exists(file: &Path) -> Failure {
    let shown = file.display();
    Failure::work(
        Bilingual::new(format!("{shown} 已存在"), format!("{shown} is there already")),
        Bilingual::new(
            "换一个文件名；确要覆盖则加 --force",
            "choose another name, or add --force to write over it",
        ),
    )
}

fn not_written(file: &Path, error: &io::Error) -> Failure {
    let shown = file.display();
    Failure::work(
        Bilingual::new(
            format!("无法写入备份 {shown}：{error}"),
            format!("the backup {shown} cannot be written: {error}"),
        ),
        Bilingual::new(
            "请检查文件夹的权限和磁盘空间",
            "check the folder's permissions and the room on its disk",
        ),
    )
}

/// What went wrong with the backup or the restoring of `file`.
pub(super) fn failure(error: BackupError, file: &Path) -> Failure {
    let shown = file.display();
    match error {
        BackupError::Store(error) => error.into(),
        BackupError::Files(error) => Failure::work(
            error.message(),
            Bilingual::new(
                "请检查 GONGBAO_ASSETS 所指的位置后重试",
                "look after the place that GONGBAO_ASSETS names, then try again",
            ),
        ),
        BackupError::Written(error) => not_written(file, &error),
        BackupError::Read(error) => Failure::work(
            Bilingual::new(
                format!("无法读取 {shown}：{error}"),
                format!("{shown} cannot be read: {error}"),
            ),
            Bilingual::new("请检查文件名和权限", "check the file's name and permissions"),
        ),
        BackupError::Foreign(what) => Failure::work(
            what,
            Bilingual::new(
                "请给出 gongbao backup 写成的文件，并用与其相称的版本；没有恢复任何内容",
                "name a file that gongbao backup wrote, and use the version that fits it; nothing was restored",
            ),
        ),
        BackupError::Damaged(what) => Failure::work(
            what,
            Bilingual::new(
                "请重新取得此文件，或用另一份备份；没有恢复任何内容",
                "fetch the file again, or use another backup; nothing was restored",
            ),
        ),
        BackupError::NotEmpty(table) => Failure::work(
            Bilingual::new(
                format!("目标数据库不是空的：表 {table} 中已有数据"),
                format!("the database to restore into is not empty: table {table} holds rows"),
            ),
            Bilingual::new(
                "把 GONGBAO_DATABASE_URL 指向一个新的空数据库；恢复从不覆盖已有内容",
                "point GONGBAO_DATABASE_URL at a new, empty database: restoring never writes over anything",
            ),
        ),
        BackupError::NewerDatabase { archive } => Failure::work(
            Bilingual::new(
                format!("目标数据库的结构比备份（结构 {archive}）新"),
                format!(
                    "the database to restore into has a newer structure than the backup (structure {archive})"
                ),
            ),
            Bilingual::new(
                "给一个从未打开过的空数据库：恢复会按备份的结构建立，再升级到本程序的结构",
                "give it an empty database that nothing has opened: it gets the structure of the backup first, then that of this program",
            ),
        ),
    }
}
