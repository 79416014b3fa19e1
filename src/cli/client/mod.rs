//! `gongbao client`: the operations that front ends publish, which a hub may serve to the public
//! alone.

mod manifest;

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use api::content::{ContentApi, Limits};
use clap::Subcommand;
use editorial::{Error, Refusal, operations};
use schema::{
    client::ClientVersion,
    digest::Digest,
    message::{Bilingual, Fault},
};
use serde_json::json;
use store::persisted::{
    Document,
    clients::{self, Operation, Published},
};

use self::manifest::Listed;
use super::{Answer, Failure, Hub, Language, answer::table};

/// Bytes of a file of operations.
const LARGEST: u64 = 16 << 20;
/// Faults that are told; the rest is counted.
const TOLD: usize = 20;

/// What can be done with the operations of front ends.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// 登记某客户端版本使用的全部查询，替换此版本原有的登记 / Publish the operations of a version of a
    /// client, in place of what was published for that version
    PublishOperations {
        /// 客户端与版本，如 portal@1.2 / Client and version, such as portal@1.2
        #[arg(long, value_name = "NAME@VERSION")]
        client: ClientVersion,
        /// 工具生成的文件：graphql-codegen 或 Relay 的 {标识: 查询}，或 Apollo 的清单；- 为标准输入 /
        /// What the tool made: {id: text} of graphql-codegen or Relay, or Apollo's manifest; - is
        /// standard input
        file: PathBuf,
    },
    /// 列出已登记的客户端版本 / List what is published
    List,
    /// 取消登记，其查询不再受信任 / Take back what was published for a version: its queries are no
    /// longer trusted
    Remove {
        /// 客户端与版本，如 portal@1.2 / Client and version, such as portal@1.2
        client: ClientVersion,
    },
}

pub(crate) async fn run(hub: &Hub, command: Command) -> Result<Answer, Failure> {
    match command {
        Command::PublishOperations { client, file } => publish(hub, &client, &file).await,
        Command::List => list(hub).await,
        Command::Remove { client } => {
            let (operations, _) = editorial::work!(&hub.desk, &hub.operator, work => {
                operations::remove(work, &client).await
            })?;
            let said = match hub.language {
                Language::Zh => format!("已取消 {client} 登记的 {operations} 个查询\n"),
                Language::En => format!("took back {operations} operations of {client}\n"),
            };
            Ok(Answer::new(
                said,
                &json!({ "client": client.to_string(), "operations": operations }),
            ))
        }
    }
}

async fn publish(hub: &Hub, client: &ClientVersion, file: &Path) -> Result<Answer, Failure> {
    let text = read(file).map_err(|error| {
        let shown = file.display();
        Failure::wrong(
            Bilingual::new(
                format!("无法读取 {shown}：{error}"),
                format!("cannot read {shown}: {error}"),
            ),
            Bilingual::new("请检查文件名", "look after the name of the file"),
        )
    })?;
    let listed = manifest::read(&text).map_err(|wrong| {
        Failure::wrong(
            wrong,
            Bilingual::new(
                "请给出 graphql-codegen 的 persisted-documents.json、Relay 的同类文件或 Apollo 的清单",
                "give persisted-documents.json of graphql-codegen, Relay's file of that form, or Apollo's manifest",
            ),
        )
    })?;
    let operations = looked_over(hub, listed).await?;
    editorial::work!(&hub.desk, &hub.operator, work => {
        operations::publish(work, client, &operations).await
    })?;
    let greatest = operations.iter().map(|operation| operation.document.cost).max().unwrap_or(0);
    let count = operations.len();
    let said = match hub.language {
        Language::Zh => format!("已为 {client} 登记 {count} 个查询，单个开销最高 {greatest}\n"),
        Language::En => {
            format!(
                "published {count} operations of {client}; the most costly one costs {greatest}\n"
            )
        }
    };
    let value = json!({
        "client": client.to_string(),
        "operations": operations.iter().map(|operation| json!({
            "id": operation.id,
            "name": operation.name,
            "digest": operation.document.digest,
            "cost": operation.document.cost,
        })).collect::<Vec<_>>(),
    });
    Ok(Answer::new(said, &value))
}

fn read(file: &Path) -> io::Result<String> {
    let source: Box<dyn io::Read> = match file.to_str() {
        Some("-") => Box::new(io::stdin()),
        _ => Box::new(File::open(file)?),
    };
    let mut text = String::new();
    source.take(LARGEST + 1).read_to_string(&mut text)?;
    match u64::try_from(text.len()).is_ok_and(|length| length <= LARGEST) {
        true => Ok(text),
        false => Err(io::Error::other(format!("> {LARGEST} bytes"))),
    }
}

/// Checks every text against the content types in force, and tells all that is wrong.
async fn looked_over(hub: &Hub, listed: Vec<Listed>) -> Result<Vec<Operation>, Failure> {
    let (store, clock) = (hub.desk.store.clone(), Arc::clone(&hub.desk.clock));
    let api = ContentApi::new(&hub.desk.types, store, clock, "", Limits::default());
    let api = api.map_err(|error| {
        Failure::settings(Bilingual::new(
            format!("内容类型无法生成接口：{error}"),
            format!("the content types make no GraphQL schema: {error}"),
        ))
    })?;
    let checked = api.schema_digest();
    let (mut operations, mut faults) = (Vec::with_capacity(listed.len()), Vec::new());
    for Listed { id, name, text } in listed {
        match api.look_over_text(&text).await {
            Ok(found) => {
                let digest = Digest::of(text.as_bytes());
                let document = Document { digest, text, cost: found.cost, checked };
                operations.push(Operation { id, name: name.unwrap_or(found.names), document });
            }
            Err(wrong) => faults.extend(wrong.into_iter().map(|fault| {
                let called = name.as_deref().unwrap_or(&id);
                let place =
                    if fault.path.is_empty() { String::new() } else { format!(" {}", fault.path) };
                Fault { path: format!("{called}{place}"), ..fault }
            })),
        }
    }
    if faults.is_empty() {
        return Ok(operations);
    }
    let more = faults.len().saturating_sub(TOLD);
    faults.truncate(TOLD);
    if more > 0 {
        faults.push(Fault::new(
            "…",
            "more",
            format!("另有 {more} 处错误"),
            format!("{more} more are wrong"),
        ));
    }
    Err(Error::from(Refusal::Invalid(faults)).into())
}

async fn list(hub: &Hub) -> Result<Answer, Failure> {
    let mut session = hub.desk.store.reader().await?;
    let all = clients::all(&mut session).await?;
    let header = match hub.language {
        Language::Zh => ["客户端", "查询数", "最高开销", "登记时间"],
        Language::En => ["client", "operations", "greatest cost", "published"],
    };
    let row = |published: &Published| {
        [
            published.client.to_string(),
            published.operations.to_string(),
            published.greatest_cost.to_string(),
            published.at.to_string(),
        ]
    };
    let value = |published: &Published| {
        json!({
            "client": published.client.client(),
            "version": published.client.version(),
            "operations": published.operations,
            "greatestCost": published.greatest_cost,
            "publishedAt": published.at.to_string(),
        })
    };
    let values: Vec<_> = all.iter().map(value).collect();
    Ok(Answer::new(table(header, all.iter().map(row)), &values))
}
