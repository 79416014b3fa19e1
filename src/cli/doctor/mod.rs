//! `gongbao doctor`: what is wrong with this hub, and what to do. It is needed most when little
//! works, so every check stands alone: what cannot be looked at is said, and the rest goes on.
//!
//! It changes nothing: no migration is run, no database, folder or key is made. A probe of the
//! file store is written and taken away again.

mod caches;
mod calendar;
mod database;
mod files;
mod hub;
mod outside;
mod settings;
mod time;

use std::time::Duration;

use schema::message::Bilingual;
use serde::Serialize;

use super::{Answer, Failure, Language, answer::table};
use crate::settings::Settings;

/// Whoever does not answer for so long is away.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Level {
    Well,
    /// Not looked at, or not to be known from here.
    Unknown,
    /// It works, and somebody should look at it.
    Doubtful,
    /// It does not work.
    Wrong,
}

impl Level {
    const fn mark(self) -> &'static str {
        match self {
            Self::Well => "✓",
            Self::Unknown => "?",
            Self::Doubtful => "!",
            Self::Wrong => "✗",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Check {
    /// What it is about, stable: `database`, `masterKey`.
    area: &'static str,
    level: Level,
    what: Bilingual,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<Bilingual>,
}

impl Check {
    fn well(area: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { area, level: Level::Well, what: Bilingual::new(zh, en), remedy: None }
    }

    fn unknown(area: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { level: Level::Unknown, ..Self::well(area, zh, en) }
    }

    fn doubtful(area: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { level: Level::Doubtful, ..Self::well(area, zh, en) }
    }

    fn wrong(area: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { level: Level::Wrong, ..Self::well(area, zh, en) }
    }

    fn of_failure(area: &'static str, failure: Failure) -> Self {
        Self { area, level: Level::Wrong, what: failure.what, remedy: Some(failure.remedy) }
    }

    fn remedy(self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { remedy: Some(Bilingual::new(zh, en)), ..self }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Diagnosis {
    healthy: bool,
    checks: Vec<Check>,
}

/// Looks at everything that these settings lead to, or says what is wrong with them.
pub(crate) async fn run(settings: Result<Settings, Failure>, language: Language) -> Answer {
    let mut checks = Vec::new();
    match settings {
        Err(failure) => {
            checks.push(Check::of_failure("settings", failure));
            checks.push(Check::unknown(
                "database",
                "设置有误，数据库、文件存储等未检查",
                "not looked at, nor anything else the settings lead to",
            ));
            checks.extend(time::zones());
        }
        Ok(settings) => {
            checks.extend(settings::check(&settings));
            let (store, of_database) = database::check(&settings).await;
            checks.extend(of_database);
            let types = settings::types(&settings, &mut checks);
            checks.extend(files::check(&settings).await);
            checks.extend(time::zones());
            checks.extend(calendar::check(&settings, time::now()));
            match &store {
                Some(store) => {
                    checks
                        .extend(hub::check(store, types.as_ref(), settings.audit.keep_days).await);
                    checks.extend(outside::check(store, &settings).await);
                    store.close().await;
                }
                None => checks.push(Check::unknown(
                    "log",
                    "数据库不可用：发布日志、人员、投放未检查",
                    "the database is not to be used: log, people and deliveries were not looked at",
                )),
            }
            checks.push(settings::backups());
        }
    }
    told(checks, language)
}

fn told(checks: Vec<Check>, language: Language) -> Answer {
    let locale = language.locale();
    let rows = checks.iter().flat_map(|check| {
        let what = check.what.for_locale(locale).replace('\n', " ");
        let remedy = check.remedy.as_ref().map(|remedy| {
            let remedy = remedy.for_locale(locale).replace('\n', " ");
            [String::new(), String::new(), format!("→ {remedy}")]
        });
        let row = [check.level.mark().to_owned(), area_name(check.area, language), what];
        std::iter::once(row).chain(remedy)
    });
    let text = table(["", "", ""], rows).trim_start_matches('\n').to_owned();
    let wrong = checks.iter().filter(|check| check.level == Level::Wrong).count();
    let answer = Answer::new(text, &Diagnosis { healthy: wrong == 0, checks });
    if wrong == 0 {
        return answer;
    }
    answer.with_failure(Failure::work(
        Bilingual::new(format!("发现 {wrong} 处问题"), format!("{wrong} things are wrong")),
        Bilingual::new("按上面 ✗ 各行的 → 处理", "see what follows → below each ✗ above"),
    ))
}

fn area_name(area: &str, language: Language) -> String {
    let (zh, en) = match area {
        "settings" => ("设置", "settings"),
        "database" => ("数据库", "database"),
        "contentTypes" => ("内容类型", "content types"),
        "log" => ("发布日志", "log"),
        "files" => ("文件存储", "files"),
        "clock" => ("时钟", "clock"),
        "timeZones" => ("时区数据", "time zones"),
        "calendar" => ("日历", "calendar"),
        "masterKey" => ("主密钥", "master key"),
        "people" => ("人员", "people"),
        "deliveries" => ("投放", "deliveries"),
        "outgoing" => ("对外访问", "outgoing"),
        "backups" => ("备份", "backups"),
        other => return other.to_owned(),
    };
    language.say(zh, en).to_owned()
}
