//! `gongbao audit`: who did what, read, exported and verified.

mod export;
mod list;
mod verify;

use clap::Subcommand;

use super::{Answer, Failure, Hub};

/// What can be done with the audit.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// 查阅审计记录，新近在前 / Read the audit, newest first
    List(list::Arguments),
    /// 导出为 JSON 行，含哈希链，可离线核验 / Export as lines of JSON with their hashes, to be verified anywhere
    Export(export::Arguments),
    /// 核验导出的文件，并与本平台的记录相对照 / Verify a file that was exported, and hold it against this hub
    Verify(verify::Arguments),
}

pub(crate) async fn run(hub: &Hub, command: Command) -> Result<Answer, Failure> {
    match command {
        Command::List(arguments) => list::run(hub, arguments).await,
        Command::Export(arguments) => export::run(hub, &arguments).await,
        Command::Verify(arguments) => verify::run(hub, &arguments).await,
    }
}
