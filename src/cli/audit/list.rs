//! `gongbao audit list`.

use clap::Args;
use editorial::{Error, Refusal};
use jiff::Timestamp;
use schema::{
    ids::ActorId,
    names::{AuthorityKey, SiteKey},
    viewer::Viewer,
};
use serde_json::json;
use store::{
    audit::{self, Record, Wanted},
    trees,
};

use super::super::{Answer, Failure, Hub, Language, answer::table};

/// Which rows.
#[derive(Args)]
pub(crate) struct Arguments {
    /// 操作者编号 / Done by this account, by id
    #[arg(long, value_name = "ID")]
    actor: Option<ActorId>,
    /// 动作，如 document.publish；以点结尾则为一类 / What was done; with a dot at the end, all of a kind
    #[arg(long)]
    action: Option<String>,
    /// 对何物，如 document:编号 / To what
    #[arg(long)]
    subject: Option<String>,
    /// 涉及该机构 / Concerning this authority
    #[arg(long, value_name = "KEY")]
    authority: Option<AuthorityKey>,
    /// 涉及该站点 / Concerning this site
    #[arg(long, value_name = "KEY")]
    site: Option<SiteKey>,
    /// 不早于此时 / Not earlier
    #[arg(long, value_name = "TIME")]
    since: Option<Timestamp>,
    /// 早于此时 / Earlier than
    #[arg(long, value_name = "TIME")]
    until: Option<Timestamp>,
    /// 含有的文字 / Text that stands in a row
    #[arg(long)]
    text: Option<String>,
    /// 最多几行 / At most so many rows
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    first: u32,
}

pub(super) async fn run(hub: &Hub, arguments: Arguments) -> Result<Answer, Failure> {
    audit::seal(&hub.desk.store).await?;
    let mut session = hub.desk.store.snapshot().await?;
    let mut wanted = Wanted {
        actor: arguments.actor,
        action: arguments.action,
        subject: arguments.subject,
        since: arguments.since,
        until: arguments.until,
        text: arguments.text,
        ..Wanted::default()
    };
    if let Some(key) = &arguments.authority {
        let found = trees::authority_by_key(&mut session, key).await?;
        let found = found.ok_or_else(|| Error::from(Refusal::not_found("authority", key)))?;
        wanted.authority = Some(found.id);
    }
    if let Some(key) = &arguments.site {
        let found = trees::site_by_key(&mut session, key).await?;
        let found = found.ok_or_else(|| Error::from(Refusal::not_found("site", key)))?;
        wanted.site = Some(found.id);
    }
    let viewer = Viewer::Known(hub.operator.clone());
    let mut records: Vec<Record> = Vec::new();
    let mut after = None;
    loop {
        let left = arguments.first - u32::try_from(records.len()).unwrap_or(arguments.first);
        let found = audit::search(&mut session, &viewer, &wanted, after, left).await?;
        records.extend(found.records);
        after = found.next;
        if after.is_none() || records.len() >= arguments.first as usize {
            break;
        }
    }
    let header = match hub.language {
        Language::Zh => ["序号", "时间", "操作者", "动作", "对象", "从何处"],
        Language::En => ["number", "time", "who", "did", "to", "from"],
    };
    let text = table(header, records.iter().map(row));
    Ok(Answer::new(text, &json!({ "records": records, "hasMore": after.is_some() })))
}

fn row(record: &Record) -> [String; 6] {
    let origin = &record.origin;
    let from = match origin.address {
        Some(address) => address.to_string(),
        None => origin.via.as_str().to_owned(),
    };
    [
        record.seal.map_or_else(String::new, |seal| seal.number.to_string()),
        format!("{:.0}", record.at),
        record.actor_name.clone(),
        record.action.clone(),
        record.subject.clone(),
        from,
    ]
}
