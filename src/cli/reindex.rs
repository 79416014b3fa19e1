//! `gongbao reindex`: everything derived, built anew beside a working hub; or only what waits for
//! its index. Either way the index of search is merged in the end.

use editorial::maintenance;
use serde_json::json;
use store::{files::FileStore, search};

use super::{Answer, Failure, Hub, progress};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// 只建立尚缺的索引，例如恢复备份之后；服务运行时也会自动建立 / Only what waits for its index, as after
    /// a restore; a running server does that by itself
    #[arg(long)]
    waiting: bool,
}

pub(crate) async fn run(
    hub: &Hub,
    files: &dyn FileStore,
    arguments: &Arguments,
) -> Result<Answer, Failure> {
    let bar = progress::bar(None, hub.language.say("条信息", "documents"));
    let tell = |done| bar.set_position(done);
    // Before the documents, which are found by what is read off their files.
    maintenance::read_files(&hub.desk, files, &hub.operator, !arguments.waiting).await?;
    let done = match arguments.waiting {
        true => maintenance::index_what_waits(&hub.desk, &hub.operator, tell).await?,
        false => maintenance::reindex(&hub.desk, &hub.operator, tell).await?,
    };
    if search::is_scattered(&hub.desk.store).await? {
        while search::merge(&hub.desk.store).await? {}
    }
    bar.finish_and_clear();
    let text = match (hub.language.locale(), arguments.waiting) {
        ("zh", false) => format!("已重建 {done} 条信息的索引与派生数据\n"),
        (_, false) => format!("rebuilt what is derived of {done} documents\n"),
        ("zh", true) => format!("已建立 {done} 条信息尚缺的索引\n"),
        (_, true) => format!("indexed {done} documents that waited for it\n"),
    };
    Ok(Answer::new(text, &json!({ "documents": done })))
}
