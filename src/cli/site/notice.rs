//! Notices of a site from the command line: what an officer on duty does who has no console at
//! hand.

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser as _},
};
use editorial::{
    Refusal,
    arrange::notices::{self, WantedNotice},
};
use jiff::Timestamp;
use schema::{
    ids::NoticeId,
    names::SiteKey,
    tree::notice::{NoticeKind, NoticeParticulars, NoticeSeverity, NoticeText, Phase, SiteNotice},
};
use serde_json::{Value, json};
use store::trees;

use crate::cli::{Answer, Failure, Hub, Language, answer::table};

/// Notices that `--all` lists.
const MOST: u32 = 100;

/// What can be done with notices.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// 发布公告：显示在本站及下级站点的每一页上 / Put a notice up: every page of the site and of
    /// those below it shows it
    Create(Box<Wanted>),
    /// 立即结束公告 / End a notice at once
    End {
        /// 公告编号 / Id of the notice
        id: NoticeId,
    },
    /// 列出站点自己的公告 / List the notices of the site itself
    List {
        /// 站点 / Site key
        site: SiteKey,
        /// 含已结束的 / With those that are over
        #[arg(long)]
        all: bool,
    },
}

/// What a notice is to say, and when.
#[derive(Args)]
pub(crate) struct Wanted {
    /// 站点 / Site key
    site: SiteKey,
    /// 类别 / What it is about
    #[arg(long, value_parser = PossibleValuesParser::new(NoticeKind::ALL.map(NoticeKind::as_str)).try_map(kind))]
    kind: NoticeKind,
    /// 级别：预警四色，或 info / How severe it is: the four colours of warnings, or info
    #[arg(long, default_value = "info", value_parser = PossibleValuesParser::new(NoticeSeverity::ALL.map(NoticeSeverity::as_str)).try_map(severity))]
    severity: NoticeSeverity,
    /// 中文文字 / What it says in Chinese
    #[arg(long)]
    zh: String,
    /// 英文文字 / What it says in English
    #[arg(long)]
    en: Option<String>,
    /// 详情地址 / Where more is said
    #[arg(long)]
    link: Option<String>,
    /// 开始时间，如 2026-03-02T09:00:00+08:00；不填则立即 / From when on; without it at once
    #[arg(long)]
    starts: Option<Timestamp>,
    /// 结束时间；不填则至手动结束 / Until when; without it until it is ended
    #[arg(long)]
    ends: Option<Timestamp>,
}

#[expect(clippy::needless_pass_by_value, reason = "it is what the parser hands on")]
fn kind(word: String) -> Result<NoticeKind, &'static str> {
    NoticeKind::parse(&word).ok_or("no kind of notice")
}

#[expect(clippy::needless_pass_by_value, reason = "it is what the parser hands on")]
fn severity(word: String) -> Result<NoticeSeverity, &'static str> {
    NoticeSeverity::parse(&word).ok_or("no severity")
}

pub(super) async fn run(hub: &Hub, command: Command) -> Result<Answer, Failure> {
    match command {
        Command::Create(wanted) => create(hub, *wanted).await,
        Command::End { id } => end(hub, id).await,
        Command::List { site, all } => list(hub, &site, all).await,
    }
}

async fn create(hub: &Hub, wanted: Wanted) -> Result<Answer, Failure> {
    let Wanted { site: key, kind, severity, zh, en, link, starts, ends } = wanted;
    let wanted = WantedNotice {
        particulars: NoticeParticulars { kind, severity, text: NoticeText { zh, en }, link },
        starts_at: starts,
        ends_at: ends,
    };
    let (created, _) = hub
        .desk
        .work(&hub.operator, async |work| {
            let found = trees::site_by_key(work.session(), &key).await?;
            let site = found.ok_or_else(|| Refusal::not_found("site", &key))?;
            notices::create_notice(work, site.id, wanted.clone()).await
        })
        .await?;
    let text = match hub.language {
        Language::Zh => format!("已发布公告 {}\n", created.id),
        Language::En => format!("the notice {} is put up\n", created.id),
    };
    Ok(Answer::new(text, &told(&created, hub.desk.clock.now())))
}

async fn end(hub: &Hub, id: NoticeId) -> Result<Answer, Failure> {
    let (ended, _) = hub
        .desk
        .work(&hub.operator, async |work| notices::end_notice(work, id, None).await)
        .await?;
    let text = match hub.language {
        Language::Zh => format!("公告 {id} 已结束\n"),
        Language::En => format!("the notice {id} is over\n"),
    };
    Ok(Answer::new(text, &told(&ended, hub.desk.clock.now())))
}

async fn list(hub: &Hub, key: &SiteKey, all: bool) -> Result<Answer, Failure> {
    let mut session = hub.desk.store.reader().await?;
    let found = trees::site_by_key(&mut session, key).await?;
    let site = found.ok_or_else(|| editorial::Error::from(Refusal::not_found("site", key)))?;
    let now = hub.desk.clock.now();
    let mut found = match all {
        true => store::notices::newest_of(&mut session, site.id, MOST).await?,
        false => store::notices::open_on(&mut session, &[site.id], now).await?,
    };
    found.sort_by_key(|notice| std::cmp::Reverse((notice.time.starts_at, notice.id)));
    let say = |zh, en| hub.language.say(zh, en);
    let header = [
        say("编号", "id"),
        say("阶段", "phase"),
        say("级别", "severity"),
        say("类别", "kind"),
        say("开始", "starts"),
        say("结束", "ends"),
        say("文字", "text"),
    ];
    let rows = found.iter().map(|notice| {
        let NoticeParticulars { kind, severity, text, .. } = &notice.particulars;
        [
            notice.id.to_string(),
            phase(notice.phase(now), hub.language).to_owned(),
            severity.as_str().to_owned(),
            kind.as_str().to_owned(),
            notice.time.starts_at.to_string(),
            notice.over_at().map(|at| at.to_string()).unwrap_or_default(),
            text.zh.clone(),
        ]
    });
    let all: Vec<Value> = found.iter().map(|notice| told(notice, now)).collect();
    Ok(Answer::new(table(header, rows), &all))
}

fn phase(phase: Phase, language: Language) -> &'static str {
    match phase {
        Phase::Later | Phase::Soon => language.say("待生效", "to come"),
        Phase::InForce => language.say("生效中", "in force"),
        Phase::Over => language.say("已结束", "over"),
    }
}

/// For programs.
fn told(notice: &SiteNotice, now: Timestamp) -> Value {
    let phase = match notice.phase(now) {
        Phase::Later => "later",
        Phase::Soon => "soon",
        Phase::InForce => "inForce",
        Phase::Over => "over",
    };
    json!({
        "id": notice.id,
        "notice": notice.particulars,
        "startsAt": notice.time.starts_at,
        "endsAt": notice.over_at(),
        "phase": phase,
        "version": notice.version,
    })
}
