//! What is late on a site, and what will be.

use clap::Args;
use editorial::deadlines::{self, Wanted};
use jiff::{SignedDuration, Timestamp};
use schema::{
    calendar::Standing,
    names::{DeadlineKey, SiteKey},
    parameters::BEIJING,
};
use serde_json::json;

use super::{Answer, Failure, Hub, Language, table};

/// Which deadlines.
#[derive(Args)]
pub(crate) struct Arguments {
    /// 站点 / The site
    #[arg(long, value_name = "SITE")]
    site: SiteKey,
    /// 列出多少天内到期的 / What is due within so many days
    #[arg(long, value_name = "DAYS", default_value_t = 30,
          value_parser = clap::value_parser!(u16).range(0..=3650))]
    within: u16,
    /// 只看多少天以来起算的 / What began within so many days
    #[arg(long, value_name = "DAYS", default_value_t = 180,
          value_parser = clap::value_parser!(u16).range(1..=3650))]
    since: u16,
    /// 只按这些规则，见 gongbao calendar rules / By these rules alone, of those that gongbao calendar
    /// rules lists
    #[arg(long = "rule", value_name = "KEY")]
    rules: Vec<DeadlineKey>,
}

pub(crate) async fn run(hub: &Hub, arguments: &Arguments) -> Result<Answer, Failure> {
    let now = hub.desk.clock.now();
    let days = |days: u16| SignedDuration::from_hours(i64::from(days) * 24);
    let wanted = Wanted {
        site: arguments.site.clone(),
        since: now.checked_sub(days(arguments.since)).unwrap_or(Timestamp::MIN),
        until: now.checked_add(days(arguments.within)).unwrap_or(Timestamp::MAX),
        rules: arguments.rules.clone(),
    };
    let list = deadlines::pending(&hub.desk, &hub.operator, &wanted).await?;
    let language = hub.language;
    let header = match language {
        Language::Zh => {
            ["状态", "到期（北京时间）", "事项", "适用", "信息", "标题", "可靠程度", "依据"]
        }
        Language::En => {
            ["state", "due in Beijing", "what", "whose", "document", "title", "sureness", "source"]
        }
    };
    let locale = language.locale();
    let state = |standing: Option<Standing>| match standing {
        None => language.say("日历未知", "unknown"),
        Some(Standing::Late { .. }) => language.say("已逾期", "late"),
        Some(Standing::Soon { .. }) => language.say("即将到期", "soon"),
        Some(Standing::OnTime { .. }) => language.say("未到期", "on time"),
    };
    let rows = list.items.iter().map(|pending| {
        let rule = &pending.rule;
        let preset = rule.preset.as_ref().map(|preset| preset.for_locale(locale));
        let due = match &pending.due {
            Ok(due) => BEIJING.to_datetime(due.at).strftime("%Y-%m-%d %H:%M").to_string(),
            Err(unknown) => unknown.message().for_locale(locale).to_owned(),
        };
        [
            state(pending.due.ok().map(|due| due.standing(now))).to_owned(),
            due,
            rule.name.for_locale(locale).to_owned(),
            preset.unwrap_or(language.say("全国", "national")).to_owned(),
            pending.document.to_string(),
            pending.title.clone().unwrap_or_default(),
            rule.sureness.label().for_locale(locale).to_owned(),
            rule.source.clone(),
        ]
    });
    let mut text = table(header, rows);
    if list.is_cut {
        text.push_str(language.say(
            "内容过多，较早的未列入\n",
            "there were more contents than are looked at: older ones are missing\n",
        ));
    }
    let value = json!({
        "isCut": list.is_cut,
        "items": list.items.iter().map(|pending| json!({
            "rule": pending.rule,
            "document": pending.document,
            "content": pending.content,
            "locale": pending.locale,
            "type": pending.r#type,
            "title": pending.title,
            "isPublic": pending.is_public,
            "from": pending.began.at,
            "field": pending.began.field,
            "due": pending.due.ok().map(|due| due.at),
            "state": pending.due.ok().map(|due| match due.standing(now) {
                Standing::Late { .. } => "late",
                Standing::Soon { .. } => "soon",
                Standing::OnTime { .. } => "onTime",
            }),
            "unknown": pending.due.err().map(|unknown| unknown.message()),
        })).collect::<Vec<_>>(),
    });
    Ok(Answer::new(text, &value))
}
