//! `gongbao channel`: where the hub sends what it publishes, and what to do when it is stuck.

use std::sync::Arc;

use ::schema::{
    delivery::{ColumnOf, Declaration, Form, Limits, Reach, Selector, TargetState},
    ids::DocumentId,
    message::Bilingual,
    names::{AuthorityKey, Locale, SiteKey, TypeName},
};
use clap::{Args, Subcommand, ValueEnum};
use editorial::{
    ports::Shown,
    targets::{self, Equipped, NewTarget},
};
use serde_json::{Value, json};
use store::deliveries::{
    status::{Counts, DeliveryStatus},
    targets::Target,
};
use syndication::{Channels, Outbound, SystemLookup};

use super::{Answer, Failure, Hub, Language, answer::table, status};
use crate::settings::Settings;

/// What can be done with targets.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// 新建投放对象，密钥仅显示一次 / Create a target; its secrets are shown once
    Create(Box<Create>),
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
    },
}

/// A target to be created.
#[derive(Args)]
pub(crate) struct Create {
    /// 名称 / Its name
    target: String,
    /// 投放地址 / Where it is
    address: String,
    /// 所属机构 / Who owns it
    #[arg(long)]
    authority: AuthorityKey,
    /// 通道 / Its channel
    #[arg(long, default_value = "webhook")]
    channel: String,
    /// 仅这些站点（可重复） / Only these sites (may be repeated)
    #[arg(long = "site")]
    sites: Vec<SiteKey>,
    /// 仅这些栏目及其下级，写作 站点:路径（可重复） / Only these columns and below, as site:path
    #[arg(long = "column", value_parser = column)]
    columns: Vec<ColumnOf>,
    /// 仅这些内容类型（可重复） / Only these content types (may be repeated)
    #[arg(long = "type")]
    types: Vec<TypeName>,
    /// 仅这些语言（可重复） / Only these languages (may be repeated)
    #[arg(long = "locale")]
    locales: Vec<Locale>,
    /// 每个事件，或最新状态；默认依通道而定 / Every event or the latest state; by default as the
    /// channel says
    #[arg(long, value_enum)]
    declaration: Option<Declared>,
    /// 连同全文投放 / Send the text too
    #[arg(long)]
    full_text: bool,
    /// 现在在线的内容也投放 / Send what is live already, too
    #[arg(long)]
    backfill: bool,
    /// 同时调用数上限 / Calls under way at once
    #[arg(long, default_value_t = Limits::default().concurrency)]
    concurrency: u32,
    /// 每分钟调用数上限 / Calls a minute
    #[arg(long, default_value_t = Limits::default().per_minute)]
    per_minute: u32,
    /// 放行的内网地址段（可重复） / A private range that may be dialled (may be repeated)
    #[arg(long = "allow", value_name = "CIDR")]
    ranges: Vec<String>,
    /// 允许明文 HTTP / Allow plain http
    #[arg(long)]
    allow_http: bool,
    /// 放行的端口（可重复） / A port that may be dialled (may be repeated)
    #[arg(long = "port")]
    ports: Vec<u16>,
}

/// What of a document's history is sent.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Declared {
    /// 每个事件 / Each event, in order
    EveryEvent,
    /// 最新状态 / Where it stands now
    LatestState,
}

fn column(text: &str) -> Result<ColumnOf, String> {
    text.parse().map_err(|wrong: Bilingual| wrong.to_string())
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
        Command::RotateSecret { target } => {
            let channels = channels(hub, settings)?;
            let rotated = editorial::work!(desk, &hub.operator, work => {
                targets::rotate_secret(&*channels, work, &target).await
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

impl Create {
    fn target(self) -> NewTarget {
        NewTarget {
            key: self.target,
            authority: self.authority,
            channel: self.channel,
            address: self.address,
            selector: Selector {
                sites: self.sites,
                columns: self.columns,
                types: self.types,
                locales: self.locales,
            },
            declaration: self.declaration.map(|declared| match declared {
                Declared::EveryEvent => Declaration::EveryEvent,
                Declared::LatestState => Declaration::LatestState,
            }),
            form: if self.full_text { Form::Full } else { Form::Facts },
            limits: Limits { concurrency: self.concurrency, per_minute: self.per_minute },
            reach: Reach { ranges: self.ranges, http: self.allow_http, ports: self.ports },
            backfill: self.backfill,
        }
    }
}

async fn list(hub: &Hub) -> Result<Answer, Failure> {
    let all = targets::list(&hub.desk, &hub.operator).await?;
    let header = match hub.language {
        Language::Zh => ["名称", "通道", "地址", "状态", "持有", "待投", "搁置", "被拒"],
        Language::En => {
            ["name", "channel", "address", "state", "holds", "waiting", "parked", "refused"]
        }
    };
    let rows = all.iter().map(|(target, counts)| {
        [
            target.key.clone(),
            target.channel.clone(),
            target.address.clone(),
            state_name(target, hub.language),
            counts.held.to_string(),
            counts.pending.to_string(),
            counts.parked.to_string(),
            counts.refused.to_string(),
        ]
    });
    let values: Vec<_> = all.iter().map(|(target, counts)| value(target, *counts)).collect();
    Ok(Answer::new(table(header, rows), &values))
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

fn told(
    target: &Target,
    counts: Counts,
    stuck: &[(DocumentId, DeliveryStatus)],
    public: &[Shown],
    language: Language,
) -> String {
    let particulars = &target.particulars;
    let selector = serde_json::to_string(&particulars.selector).unwrap_or_default();
    let declared = match particulars.declaration {
        Declaration::EveryEvent => language.say("每个事件", "every event"),
        Declaration::LatestState => language.say("最新状态", "latest state"),
    };
    let mut text = format!(
        "{}  {}  {}\n{} {}\n{} {declared}\n{} {selector}\n",
        target.key,
        target.channel,
        target.address,
        language.say("状态：", "state:"),
        state_name(target, language),
        language.say("投放：", "sends:"),
        language.say("范围：", "selects:"),
    );
    for one in public {
        text.push_str(&format!("{}: {}\n", one.name, one.value));
    }
    let Counts { held, pending, parked, refused, overdue_recalls } = counts;
    text.push_str(&match language {
        Language::Zh => format!("持有 {held}，待投 {pending}，搁置 {parked}，被拒 {refused}\n"),
        Language::En => {
            format!("holds {held}, {pending} waiting, {parked} parked, {refused} refused\n")
        }
    });
    if overdue_recalls > 0 {
        text.push_str(&match language {
            Language::Zh => format!("警报：{overdue_recalls} 条召回超过 5 分钟未获确认\n"),
            Language::En => {
                format!("alarm: {overdue_recalls} recalls not acknowledged within 5 minutes\n")
            }
        });
    }
    if !stuck.is_empty() {
        text.push('\n');
        let rows = stuck.iter().map(|(document, delivery)| {
            let [owed, state, tries, answer, _] = status::delivery_row(delivery, language);
            [document.to_string(), owed, state, tries, answer]
        });
        let header = match language {
            Language::Zh => ["信息", "应有", "状态", "次数", "最近回应"],
            Language::En => ["document", "owed", "state", "tries", "last answer"],
        };
        text.push_str(&table(header, rows));
    }
    text
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

fn equipped(equipped: &Equipped, language: Language) -> Answer {
    let mut text = format!("{}\n", equipped.target.key);
    for shown in &equipped.shown {
        text.push_str(&format!("{}: {}\n", shown.name, shown.value));
    }
    text.push_str(language.say(
        "请立即交给接收方：密钥不会再次显示\n",
        "hand these to the receiver now: the secret is not shown again\n",
    ));
    let value = json!({ "target": equipped.target.key, "shown": equipped.shown });
    Answer::new(text, &value)
}

fn state(target: &Target, language: Language) -> Answer {
    let text = format!("{} {}\n", target.key, state_name(target, language));
    Answer::new(text, &json!({ "target": target.key, "state": target.state }))
}

fn state_name(target: &Target, language: Language) -> String {
    let state = match target.state {
        TargetState::Enabled if target.health.open_until.is_some() => {
            language.say("投放中（对方无响应）", "served (does not answer)")
        }
        TargetState::Enabled => language.say("投放中", "served"),
        TargetState::Paused => language.say("已暂停", "paused"),
        TargetState::Disabled => language.say("已停用", "disabled"),
    };
    match target.reason.as_deref() {
        Some(reason) if !reason.is_empty() => format!("{state}: {reason}"),
        _ => state.to_owned(),
    }
}

fn value(target: &Target, counts: Counts) -> Value {
    json!({
        "key": target.key,
        "channel": target.channel,
        "address": target.address,
        "state": target.state,
        "reason": target.reason,
        "particulars": target.particulars,
        "position": target.progress.position,
        "sweeping": target.progress.sweep.is_some(),
        "failures": target.health.failures,
        "openUntil": target.health.open_until,
        "counts": counts,
    })
}
