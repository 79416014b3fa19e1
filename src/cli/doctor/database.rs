//! The database: whether it answers, what it is, and whether its structure is this program's.

use std::path::Path;

use store::{
    Store,
    diagnosis::{self, Server, Structure},
};
use tokio::time::timeout;

use super::{Check, PATIENCE};
use crate::{cli::Failure, settings::Settings};

const AREA: &str = "database";
/// Of PostgreSQL; older ones get no corrections any more.
const OLDEST: u32 = 14;

/// The open database, where it can be used as it is.
pub(super) async fn check(settings: &Settings) -> (Option<Store>, Vec<Check>) {
    let url = settings.database_url();
    let file = url.strip_prefix("sqlite://").map(Path::new);
    if let Some(file) = file.filter(|file| !file.exists()) {
        let shown = file.display();
        let check = Check::doubtful(
            AREA,
            format!("还没有数据库文件 {shown}"),
            format!("there is no database {shown} yet"),
        );
        let check = check.remedy(
            "首次启动 gongbao serve 时会创建；若本应存在，请检查 GONGBAO_DATABASE_URL 与磁盘挂载",
            "gongbao serve makes it at its first start; if it should be there, check GONGBAO_DATABASE_URL and whether its disk is mounted",
        );
        return (None, vec![check]);
    }
    let store = match timeout(PATIENCE, Store::look(url)).await {
        Ok(Ok(store)) => store,
        Ok(Err(error)) => return (None, vec![Check::of_failure(AREA, Failure::opening(error))]),
        Err(_) => {
            let seconds = PATIENCE.as_secs();
            let check = Check::wrong(
                AREA,
                format!("{seconds} 秒内没有应答"),
                format!("no answer within {seconds} seconds"),
            );
            let check = check.remedy(
                "请检查数据库是否在运行、地址与防火墙",
                "see whether it runs, and look at its address and the firewalls on the way",
            );
            return (None, vec![check]);
        }
    };
    let mut checks = Vec::new();
    match look(&store, file, &mut checks).await {
        Ok(true) => (Some(store), checks),
        outcome => {
            if let Err(error) = outcome {
                checks.push(Check::of_failure(AREA, Failure::opening(error)));
            }
            store.close().await;
            (None, checks)
        }
    }
}

/// Whether the structure is one that can be asked further.
async fn look(
    store: &Store,
    file: Option<&Path>,
    checks: &mut Vec<Check>,
) -> Result<bool, store::Error> {
    let mut session = store.reader().await?;
    let server = diagnosis::server(&mut session).await?;
    drop(session);
    checks.extend(of_server(&server));
    let network = file.and_then(Path::parent).map(|folder| match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    });
    if let Some(kind) = network.and_then(diagnosis::network_file_system) {
        let check = Check::wrong(
            AREA,
            format!("SQLite 文件放在网络文件系统上（{kind}），其文件锁不可靠，会损坏数据"),
            format!(
                "the SQLite file lies on a network file system ({kind}), whose locks cannot be trusted: data will be damaged"
            ),
        );
        checks.push(check.remedy(
            "移到本机磁盘，或改用 PostgreSQL（gongbao backup 后 gongbao restore）",
            "move it to a disk of this machine, or to PostgreSQL (gongbao backup, then gongbao restore)",
        ));
    }
    let structure = diagnosis::structure(store).await?;
    checks.push(of_structure(structure));
    Ok(matches!(structure, Structure::Current(_)))
}

fn of_server(server: &Server) -> Vec<Check> {
    let mut checks = Vec::new();
    match server {
        Server::Sqlite { version, journal, damage } => {
            checks.push(Check::well(
                AREA,
                format!("SQLite {version}"),
                format!("SQLite {version}"),
            ));
            if journal != "wal" {
                let check = Check::doubtful(
                    AREA,
                    format!("日志模式为 {journal}，不是 WAL"),
                    format!("its journal is {journal} and not a write-ahead log"),
                );
                checks.push(check.remedy(
                    "启动 gongbao serve 即会改回；若文件系统不支持 WAL，请换磁盘",
                    "the next start of gongbao serve changes it back; where the file system has no shared memory, move the file",
                ));
            }
            for line in damage {
                let check = Check::wrong(
                    AREA,
                    format!("数据库文件已损坏：{line}"),
                    format!("the file is damaged: {line}"),
                );
                checks.push(check.remedy(
                    "停止服务，另存此文件，从备份恢复到新文件，再运行 gongbao verify",
                    "stop the server, keep this file aside, restore a backup into a new one, then run gongbao verify",
                ));
            }
        }
        Server::Postgres {
            version,
            major,
            encoding,
            unsafe_settings,
            connections,
            pool,
            replica,
            ..
        } => {
            let (zh, en) = (
                format!("PostgreSQL {version}，{encoding}"),
                format!("PostgreSQL {version}, {encoding}"),
            );
            checks.push(Check::well(AREA, zh, en));
            if *major < OLDEST {
                let check = Check::doubtful(
                    AREA,
                    format!("PostgreSQL {major} 已过旧"),
                    format!("PostgreSQL {major} is too old"),
                );
                checks.push(check.remedy(
                    format!("升级到 {OLDEST} 或更新的版本"),
                    format!("upgrade it to {OLDEST} or later"),
                ));
            }
            if encoding != "UTF8" {
                let check = Check::wrong(
                    AREA,
                    format!("数据库编码为 {encoding}，无法存放所有文字"),
                    format!("its encoding is {encoding}, which cannot hold every text"),
                );
                checks.push(check.remedy(
                    "新建 UTF8 编码的数据库（createdb --encoding UTF8 --template template0），再恢复备份",
                    "make a database in UTF8 (createdb --encoding UTF8 --template template0) and restore a backup into it",
                ));
            }
            for name in unsafe_settings {
                let check = Check::wrong(
                    AREA,
                    format!("{name} 已关闭：断电会丢失已确认的发布，甚至损坏数据"),
                    format!(
                        "{name} is off: a power cut loses what was acknowledged, or damages everything"
                    ),
                );
                checks.push(check.remedy(
                    format!("在 postgresql.conf 中设 {name} = on 并重新加载"),
                    format!("set {name} = on in postgresql.conf and reload it"),
                ));
            }
            if connections <= pool {
                let check = Check::doubtful(
                    AREA,
                    format!("最多 {connections} 个连接，而每个节点最多用 {pool} 个"),
                    format!("it allows {connections} connections, and each node may take {pool}"),
                );
                checks.push(check.remedy(
                    "提高 max_connections：每个节点留足，并为命令行与备份另留余地",
                    "raise max_connections: enough for every node, and some for commands and backups",
                ));
            }
            if *replica {
                let check = Check::wrong(
                    AREA,
                    "这是只读的从库，不能写入",
                    "this server only follows another one and takes no writes",
                );
                checks.push(check.remedy(
                    "把 GONGBAO_DATABASE_URL 指向主库",
                    "point GONGBAO_DATABASE_URL at the primary",
                ));
            }
        }
    }
    checks
}

fn of_structure(structure: Structure) -> Check {
    match structure {
        Structure::Current(applied) => Check::well(
            AREA,
            format!("结构 {applied}，与本程序一致"),
            format!("its structure is {applied}, that of this program"),
        ),
        Structure::None => Check::doubtful(
            AREA,
            "是空的：还没有建立结构",
            "it is empty: nothing was set up in it yet",
        )
        .remedy(
            "启动 gongbao serve，或用 gongbao restore 恢复备份",
            "start gongbao serve, or restore a backup with gongbao restore",
        ),
        Structure::Behind { applied, known } => Check::doubtful(
            AREA,
            format!("结构为 {applied}，本程序为 {known}：下次启动时升级"),
            format!("its structure is {applied}, this program's is {known}: the next start brings it up to date"),
        )
        .remedy(
            "先运行 gongbao backup，再启动 gongbao serve",
            "run gongbao backup first, then start gongbao serve",
        ),
        Structure::Newer { applied, known } => Check::wrong(
            AREA,
            format!("结构为 {applied}，比本程序（{known}）新"),
            format!("its structure is {applied}, newer than this program ({known})"),
        )
        .remedy("改用新版本的程序", "use the newer program"),
        Structure::Altered(version) => Check::wrong(
            AREA,
            format!("结构 {version} 与本程序所知不同，或未执行完"),
            format!("structure {version} is not the one this program knows, or was not finished"),
        )
        .remedy(
            "使用建立它的那个版本的程序；或从备份恢复到空数据库",
            "use the program that set it up, or restore a backup into an empty database",
        ),
    }
}
