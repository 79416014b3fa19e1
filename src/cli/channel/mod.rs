//! `gongbao channel`: where the hub sends what it publishes, and what to do when it is stuck.

mod options;
mod told;

use std::sync::Arc;

use ::schema::{ids::DocumentId, message::Bilingual};
use clap::Subcommand;
use editorial::targets::{self, GivenSecret};
use serde_json::json;
use syndication::{Channels, Outbound, SystemLookup};

use self::{
    options::{Change, Create},
    told::{changed, equipped, listed, state, told, value},
};
use super::{Answer, Failure, Hub, Language};
use crate::settings::Settings;

/// What can be done with targets.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// 新建投放对象，密钥仅显示一次 / Create a target; its secrets are shown once
    Create(Box<Create>),
    /// 改动投放对象；不填的各项不变 / Change a target; what is not said stays as it is
    #[command(
        after_help = "离开所选范围的内容将通知对方撤下；新入选的待其下次发布，或用 --backfill 立即补投。\n\
                      更换地址后对方仍视为同一系统，所持不变；若是另一系统，请新建投放对象。\n\
                      What has left the selection is taken away from the receiver; what has entered it \
                      goes out with its next event, or at once with --backfill.\n\
                      At another address it is the same system and holds what it held; make another \
                      target for another system."
    )]
    Change(Box<Change>),
    /// 列出投放对象 / List the targets
    List,
    /// 显示投放对象及其停滞的投放 / Show a target, and what is stuck there
    Show {
        /// 投放对象 / Its name
        target: String,
    },
    /// 暂停投放，应投内容保留 / Send nothing to it; what is owed is kept
    Pause {
        /// 投放对象 / Its name
        target: String,
        /// 原因 / Why
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// 恢复投放 / Serve it again
    Resume {
        /// 投放对象 / Its name
        target: String,
    },
    /// 发起一次无害的调用并说明结果 / Make one harmless call and explain what came of it
    Test {
        /// 投放对象 / Its name
        target: String,
    },
    /// 重投已搁置或被拒的内容 / Try again what was parked or refused
    Replay {
        /// 投放对象 / Its name
        target: String,
        /// 仅此信息 / Only this document
        #[arg(long)]
        document: Option<DocumentId>,
    },
    /// 更换密钥，旧密钥 24 小时内仍有效 / Change its secrets; the old ones hold for 24 hours
    RotateSecret {
        /// 投放对象 / Its name
        target: String,
        /// 存有对方所给密钥的文件，- 为标准输入 / A file with the secret that the other side gave out; - is standard input
        #[arg(long, value_name = "FILE", value_parser = options::secret)]
        secret_file: Option<GivenSecret>,
    },
}

/// The channels of this hub.
pub(crate) fn channels(hub: &Hub, settings: &Settings) -> Result<Arc<Channels>, Failure> {
    let master = settings.master_key(&*hub.desk.entropy)?;
    let transport = Arc::new(Outbound::new(Arc::new(SystemLookup)));
    Ok(Arc::new(Channels::new(master, transport, Arc::clone(&hub.desk.entropy))))
}

pub(crate) async fn run(
    hub: &Hub,
    settings: &Settings,
    command: Command,
) -> Result<Answer, Failure> {
    let desk = &hub.desk;
    let language = hub.language;
    match command {
        Command::Create(create) => {
            let channels = channels(hub, settings)?;
            let new = create.target();
            let created = editorial::work!(desk, &hub.operator, work => {
                targets::create(desk, &*channels, work, new.clone()).await
            });
            Ok(equipped(&created?.0, language))
        }
        Command::Change(change) => {
            let channels = channels(hub, settings)?;
            let change = change.change();
            let (target, _) = editorial::work!(desk, &hub.operator, work => {
                targets::change(&*channels, work, &change).await
            })?;
            Ok(changed(&target, language))
        }
        Command::RotateSecret { target, secret_file } => {
            let given = secret_file.as_ref().map(GivenSecret::expose);
            let channels = channels(hub, settings)?;
            let rotated = editorial::work!(desk, &hub.operator, work => {
                targets::rotate_secret(&*channels, work, &target, given).await
            });
            Ok(equipped(&rotated?.0, language))
        }
        Command::List => list(hub).await,
        Command::Show { target } => show(hub, settings, &target).await,
        Command::Pause { target, reason } => {
            let paused = editorial::work!(desk, &hub.operator, work => {
                targets::pause(work, &target, &reason).await
            });
            Ok(state(&paused?.0, language))
        }
        Command::Resume { target } => {
            let resumed = editorial::work!(desk, &hub.operator, work => {
                targets::resume(work, &target).await
            });
            Ok(state(&resumed?.0, language))
        }
        Command::Replay { target, document } => {
            let replayed = editorial::work!(desk, &hub.operator, work => {
                targets::replay(work, &target, document).await
            });
            let replayed = replayed?.0;
            let text = match language {
                Language::Zh => {
                    format!("重投 {}，已有更新而不再投 {}\n", replayed.due, replayed.overtaken)
                }
                Language::En => format!(
                    "{} due again, {} overtaken by something newer\n",
                    replayed.due, replayed.overtaken
                ),
            };
            Ok(Answer::new(text, &replayed))
        }
        Command::Test { target } => test(hub, settings, &target).await,
    }
}

async fn list(hub: &Hub) -> Result<Answer, Failure> {
    let all = targets::list(&hub.desk, &hub.operator).await?;
    let values: Vec<_> = all.iter().map(|(target, counts)| value(target, *counts)).collect();
    Ok(Answer::new(listed(&all, hub.language), &values))
}

async fn show(hub: &Hub, settings: &Settings, key: &str) -> Result<Answer, Failure> {
    let (target, counts, stuck) = targets::show(&hub.desk, &hub.operator, key).await?;
    // The secret is never shown again; the public key is what a receiver may ask for.
    let channels = channels(hub, settings)?;
    let public = editorial::ports::Channels::public(&*channels, &target).unwrap_or_default();
    let mut value = value(&target, counts);
    value["shown"] = json!(public);
    value["stuck"] = stuck
        .iter()
        .map(|(document, delivery)| json!({ "document": document, "delivery": delivery }))
        .collect();
    Ok(Answer::new(told(&target, counts, &stuck, &public, hub.language), &value))
}

async fn test(hub: &Hub, settings: &Settings, key: &str) -> Result<Answer, Failure> {
    let channels = channels(hub, settings)?;
    let test = targets::test(&hub.desk, &*channels, &hub.operator, key).await?;
    let explanation = test.explanation.for_locale(hub.language.locale());
    let status = test.status.map(|status| format!("HTTP {status}  ")).unwrap_or_default();
    let answer = test.answer.as_deref().unwrap_or_default().trim();
    let text = format!("{status}{explanation}\n{answer}\n");
    if test.class == ::schema::delivery::Class::Ok {
        return Ok(Answer::new(text, &test));
    }
    let said = |locale: &str| format!("{status}{} {answer}", test.explanation.for_locale(locale));
    Err(Failure::work(
        Bilingual::new(said("zh"), said("en")),
        Bilingual::new(
            "处理后再次测试；真正的投放会按计划自动重试",
            "see to it and test again; deliveries are tried again by themselves",
        ),
    ))
}
