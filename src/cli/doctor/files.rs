//! The file store: whether a probe comes back, and the room on this machine's disks.

use std::path::Path;

use indicatif::HumanBytes;
use store::diagnosis::free_space;
use tokio::time::timeout;

use super::{Check, PATIENCE};
use crate::{cli::Failure, settings::Settings};

const AREA: &str = "files";
/// Less room than this fills up while somebody is at home.
const LITTLE: u64 = 1 << 30;
const NOTHING: u64 = 64 << 20;

pub(super) async fn check(settings: &Settings) -> Vec<Check> {
    let mut checks = vec![probe(settings).await];
    let folder = settings.assets().strip_prefix("file://").map(Path::new);
    checks.extend(folder.and_then(|folder| room(AREA, folder)));
    let database = settings.database_url().strip_prefix("sqlite://").map(Path::new);
    checks.extend(database.and_then(Path::parent).and_then(|folder| room("database", folder)));
    checks
}

async fn probe(settings: &Settings) -> Check {
    let place = settings.assets();
    let folder = place.strip_prefix("file://").map(Path::new);
    if let Some(folder) = folder.filter(|folder| !folder.exists()) {
        let shown = folder.display();
        return Check::doubtful(
            AREA,
            format!("还没有文件夹 {shown}"),
            format!("there is no folder {shown} yet"),
        )
        .remedy(
            "首次启动时会创建；若本应存在，请检查 GONGBAO_ASSETS 与磁盘挂载",
            "the first start makes it; if it should be there, check GONGBAO_ASSETS and whether its disk is mounted",
        );
    }
    let files = match settings.files() {
        Ok(files) => files,
        Err(failure) => return Check::of_failure(AREA, failure),
    };
    match timeout(PATIENCE, files.check()).await {
        Ok(Ok(())) => Check::well(
            AREA,
            format!("{place}：写入、读取、删除正常"),
            format!("{place}: a probe was written, read and deleted"),
        ),
        Ok(Err(error)) => Check::of_failure(
            AREA,
            Failure::work(
                error.message(),
                schema::message::Bilingual::new(
                    "处理后再次运行 gongbao doctor",
                    "see to it, then run gongbao doctor again",
                ),
            ),
        ),
        Err(_) => {
            let seconds = PATIENCE.as_secs();
            Check::wrong(
                AREA,
                format!("{place} 在 {seconds} 秒内没有应答"),
                format!("{place} did not answer within {seconds} seconds"),
            )
            .remedy(
                "请检查存储服务、网络与 GONGBAO_S3_* 设置",
                "look after the service, the network and the GONGBAO_S3_* settings",
            )
        }
    }
}

/// Room on the disk of a folder, where there is little.
fn room(area: &'static str, folder: &Path) -> Option<Check> {
    let free = free_space(folder).filter(|free| *free < LITTLE)?;
    let (shown, left) = (folder.display(), HumanBytes(free));
    let (zh, en) =
        (format!("{shown} 所在磁盘仅剩 {left}"), format!("the disk of {shown} has {left} left"));
    let check =
        if free < NOTHING { Check::wrong(area, zh, en) } else { Check::doubtful(area, zh, en) };
    Some(check.remedy("清理或扩容", "free space, or add some"))
}
