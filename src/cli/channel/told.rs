//! Targets as the command line tells of them.

use ::schema::{
    delivery::{Declaration, TargetState},
    ids::DocumentId,
};
use editorial::{ports::Shown, targets::Equipped};
use serde_json::{Value, json};
use store::deliveries::{
    status::{Counts, DeliveryStatus},
    targets::Target,
};

use crate::cli::{Answer, Language, answer::table, status};

/// A line for each target.
pub(super) fn listed(all: &[(Target, Counts)], language: Language) -> String {
    let header = match language {
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
            state_name(target, language),
            counts.held.to_string(),
            counts.pending.to_string(),
            counts.parked.to_string(),
            counts.refused.to_string(),
        ]
    });
    table(header, rows)
}

/// One target, and what waits for a person there.
pub(super) fn told(
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
        "{}  {}  {}  v{}\n{} {}\n{} {declared}\n{} {selector}\n",
        target.key,
        target.channel,
        target.address,
        target.version,
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

/// New secrets, this once.
pub(super) fn equipped(equipped: &Equipped, language: Language) -> Answer {
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

/// Whether it is served.
pub(super) fn state(target: &Target, language: Language) -> Answer {
    let text = format!("{} {}\n", target.key, state_name(target, language));
    Answer::new(text, &json!({ "target": target.key, "state": target.state }))
}

/// What it is after a change.
pub(super) fn changed(target: &Target, language: Language) -> Answer {
    let text = format!(
        "{} {} {}\n{}\n",
        target.key,
        language.say("第几次修改：", "version"),
        target.version,
        target.address,
    );
    let value = json!({
        "target": target.key,
        "version": target.version,
        "address": target.address,
        "particulars": target.particulars,
        "state": target.state,
    });
    Answer::new(text, &value)
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

/// A target for programs.
pub(super) fn value(target: &Target, counts: Counts) -> Value {
    json!({
        "key": target.key,
        "version": target.version,
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
