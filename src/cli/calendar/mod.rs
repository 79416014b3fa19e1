//! `gongbao calendar`: the working days of a year, when something is due, and by which rules.
//!
//! But for what is late it asks no database: what it says follows from the settings alone.

mod due;
mod late;
mod rules;
mod show;

use clap::Subcommand;
use jiff::Timestamp;
use schema::calendar::Region;

use super::{Answer, Failure, Hub, Language, answer::table};
use crate::settings::Settings;

/// What can be asked of the calendar.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// 某年的放假、调休与工作日数 / Days off and days made up of a year, and its working days
    Show {
        /// 年份，默认为今年 / The year; this one without it
        #[arg(value_parser = clap::value_parser!(i16).range(1..=9999))]
        year: Option<i16>,
        /// 行政区划代码，含地方假日 / Region code, for the days of a region
        #[arg(long, value_name = "CODE")]
        region: Option<Region>,
    },
    /// 推算何时到期 / When something is due
    Due(due::Arguments),
    /// 列出时限规则及其依据 / List the rules, and the documents they are taken from
    Rules,
    /// 某站点已逾期和将到期的事项 / What is late on a site, and what will be
    Late(late::Arguments),
}

pub(crate) async fn run(
    settings: &Settings,
    command: Command,
    now: Timestamp,
    language: Language,
) -> Result<Answer, Failure> {
    match command {
        Command::Show { year, region } => {
            show::run(&settings.calendar()?, year, region.as_ref(), now, language)
        }
        Command::Due(arguments) => {
            let (calendar, rules) = (settings.calendar()?, settings.deadlines()?);
            due::run(&calendar, &rules, &arguments, now, language)
        }
        Command::Rules => Ok(rules::run(&settings.deadlines()?, language)),
        Command::Late(arguments) => {
            let hub = Hub::open(settings, language).await?;
            let answer = late::run(&hub, &arguments).await;
            hub.desk.store.close().await;
            answer
        }
    }
}
