//! The command line: what can be asked, and the way every command goes.
//!
//! A command is a file here with its arguments and one function from an open [`Hub`] to an
//! [`Answer`]; adding one is a file, a line in [`Command`] and a line in [`run`].

mod answer;
mod audit;
mod backup;
mod calendar;
mod channel;
mod check;
mod client;
mod demo;
mod doctor;
mod export;
mod firing;
mod grants;
mod housekeeping;
mod import;
mod reindex;
mod restore;
mod schema;
mod serve;
mod simulate;
mod site;
mod status;
mod token;
mod types_in_force;
mod user;
mod verify;

use std::{ffi::OsString, io::Write as _, path::PathBuf, process::ExitCode, sync::Arc};

use ::schema::{
    checks::Checks,
    ids::ActorId,
    origin::Origin,
    parameters::Clock as _,
    permission::{Actor, Grant, Role, Scope},
};
use clap::{Parser, Subcommand, ValueEnum as _};
use editorial::{
    Desk,
    ports::{SystemClock, SystemEntropy},
};
use store::Store;
use uuid::Uuid;

pub(crate) use self::answer::Answer;
pub(crate) use crate::{failure::Failure, language::Language};
use crate::{logs, progress, settings::Settings};

/// 政务内容中枢：一次入库，处处发布，可查可撤 / Government content hub: stored once,
/// published everywhere, provable, retractable
#[derive(Parser)]
#[command(name = "gongbao", version, propagate_version = true, subcommand_required = true)]
struct Cli {
    /// 设置文件（TOML） / Settings file (TOML)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// 输出机器可读的 JSON / Print machine-readable JSON
    #[arg(long, global = true)]
    json: bool,
    /// 输出语言，默认依环境而定 / Language of the output, by default that of the environment
    #[arg(long, global = true, value_name = "zh|en")]
    lang: Option<Language>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// 一键演示：建平台、发布、更正、召回，看每一条去了哪里 / The whole of it with nothing to set up:
    /// publishes, corrects, recalls, and shows where each item went
    Demo(demo::Arguments),
    /// 启动服务 / Start the server
    Serve(serve::Arguments),
    /// 导入已有文本：JSON 行、CSV、文件夹；重复导入不产生变化 / Import existing texts: JSON lines, CSV,
    /// folders; importing again changes nothing
    Import(import::Arguments),
    /// 导出整个站点，可再导入且摘要一致 / Export a whole site; imports back to the same digests
    Export(export::Arguments),
    /// 管理机构、站点与栏目 / Authorities, sites and columns
    #[command(subcommand)]
    Site(site::Command),
    /// 管理账号与授权 / Accounts, and what they are granted
    #[command(subcommand)]
    User(user::Command),
    /// 管理访问令牌 / Access tokens
    #[command(subcommand)]
    Token(token::Command),
    /// 登记前端使用的查询 / The queries of front ends, published so that they are trusted
    #[command(subcommand)]
    Client(client::Command),
    /// 管理投放对象 / Targets: where the hub sends what it publishes
    #[command(subcommand)]
    Channel(channel::Command),
    /// 一条信息现在何处：版本、事件、各投放对象 / Where a document is: editions, events, each target
    Status(status::Arguments),
    /// 工作日历与时限：某年的工作日、何时到期 / Working days and deadlines: those of a year, and when
    /// something is due
    #[command(subcommand)]
    Calendar(calendar::Command),
    /// 内容模型 / The content model
    Schema(schema::Arguments),
    /// 在本机模拟别人的服务，供试验投放 / Somebody else's server on a local port, to try deliveries with
    #[command(subcommand)]
    Simulate(simulate::Command),
    /// 审计：查阅、导出、核验谁做过什么 / The audit: who did what, read, exported, verified
    #[command(subcommand)]
    Audit(audit::Command),
    /// 核验版本、日志、索引与文件，有问题则失败 / Check editions, log, indexes and files; fails on
    /// any finding
    Verify,
    /// 检查已发布的内容：错误用语、个人信息、失效链接等；有错误则失败 / Look at everything published: wrong
    /// words, personal data, dead links and more; fails on errors
    Check(check::Arguments),
    /// 重建索引与派生数据，不停机 / Rebuild everything derived, beside a working hub
    Reindex(reindex::Arguments),
    /// 检查设置、数据库、文件、时钟、投放等：哪里有问题，该怎么办 / What is wrong with settings,
    /// database, files, clock, deliveries, and what to do
    Doctor,
    /// 在线备份数据库与文件，写成一个文件 / Back up database and files beside a working hub, as one file
    Backup(backup::Arguments),
    /// 把备份恢复到空的数据库（SQLite 或 PostgreSQL）并核验 / Restore a backup into an empty database
    /// of either kind, and verify it
    Restore(restore::Arguments),
}

/// What every command works with.
pub(crate) struct Hub {
    /// Store, types, clock and randomness.
    pub(crate) desk: Desk,
    /// Who acts.
    pub(crate) operator: Actor,
    /// The language of the answer.
    pub(crate) language: Language,
}

impl Hub {
    async fn open(settings: &Settings, language: Language) -> Result<Self, Failure> {
        let types = Arc::new(settings.types()?);
        let calendar = Arc::new(settings.calendar()?);
        let store = Store::open(settings.database()?).await.map_err(Failure::opening)?;
        let desk = Desk {
            types,
            calendar,
            deadlines: Arc::new(settings.deadlines()?),
            checks: Arc::new(Checks::embedded()),
            outside_links: settings.outside_links(),
            store,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            origin: Arc::new(Origin::COMMAND_LINE),
        };
        Ok(Self { desk, operator: operator(), language })
    }

    /// The same for commands that look at texts: with the words and sources of the operator.
    async fn open_with_checks(settings: &Settings, language: Language) -> Result<Self, Failure> {
        let checks = Arc::new(settings.checks()?);
        let mut hub = Self::open(settings, language).await?;
        hub.desk.checks = checks;
        Ok(hub)
    }
}

/// Who acts on the command line. Whoever can open the database could write to it directly,
/// so there is nothing to sign in to; what is done stands in log and audit under this name.
fn operator() -> Actor {
    const ID: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001);
    Actor {
        id: ActorId::from(ID),
        name: "command line".into(),
        grants: vec![Grant { role: Role::PlatformAdministrator, scope: Scope::Hub }],
    }
}

/// Does what `arguments` ask for, in the environment of `variables`.
pub async fn main(
    arguments: impl IntoIterator<Item = OsString>,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> ExitCode {
    // What is not UTF-8 is none of ours.
    let environment: Vec<(String, String)> = variables
        .into_iter()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let language = wished(&arguments).unwrap_or_else(|| Language::of(&environment));
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        // `--help` and `--version` come this way too.
        Err(asked) if asked.exit_code() == 0 => {
            let _ = asked.print();
            return ExitCode::SUCCESS;
        }
        Err(error) => return Failure::usage(&error).report(language),
    };
    match run(cli, language, environment).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(language),
    }
}

async fn run(
    cli: Cli,
    language: Language,
    environment: Vec<(String, String)>,
) -> Result<(), Failure> {
    let settings = Settings::load(cli.config.as_deref(), environment);
    if matches!(cli.command, Command::Doctor) {
        logs::quiet();
        return say(doctor::run(settings, language).await, cli.json);
    }
    let mut settings = settings?;
    match &cli.command {
        Command::Serve(arguments) => {
            arguments.lay_over(&mut settings);
            logs::serving(settings.log);
        }
        _ => logs::quiet(),
    }
    let answer = match cli.command {
        Command::Schema(arguments) => {
            schema::run(&Arc::new(settings.types()?), &arguments, language)?
        }
        Command::Calendar(command) => {
            calendar::run(&settings, command, SystemClock.now(), language).await?
        }
        Command::Serve(arguments) if arguments.print_config => {
            let shown = settings.shown();
            Answer::new(shown.to_string(), &shown)
        }
        Command::Serve(arguments) => {
            let hub = Hub::open_with_checks(&settings, language).await?;
            let outcome = serve::run(&hub, &settings, &arguments, cli.json).await;
            hub.desk.store.close().await;
            return outcome;
        }
        Command::Demo(arguments) => return demo::run(arguments, language, cli.json).await,
        Command::Simulate(command) => return simulate::run(command, language, cli.json).await,
        Command::Site(command) => {
            let hub = Hub::open(&settings, language).await?;
            let answer = site::run(&hub, command).await;
            hub.desk.store.close().await;
            answer?
        }
        Command::Channel(command) => {
            let hub = Hub::open(&settings, language).await?;
            let answer = channel::run(&hub, &settings, command).await;
            hub.desk.store.close().await;
            answer?
        }
        Command::Status(arguments) => {
            let hub = Hub::open(&settings, language).await?;
            let answer = status::run(&hub, &arguments).await;
            hub.desk.store.close().await;
            answer?
        }
        Command::User(command) => {
            let hub = Hub::open(&settings, language).await?;
            let answer = user::run(&hub, &settings, command).await;
            hub.desk.store.close().await;
            answer?
        }
        Command::Token(command) => {
            let hub = Hub::open(&settings, language).await?;
            let answer = token::run(&hub, command).await;
            hub.desk.store.close().await;
            answer?
        }
        Command::Client(command) => {
            let hub = Hub::open(&settings, language).await?;
            let answer = client::run(&hub, command).await;
            hub.desk.store.close().await;
            answer?
        }
        Command::Import(arguments) => {
            let hub = Hub::open(&settings, language).await?;
            let outcome = import::run(&hub, settings.files()?, arguments, cli.json).await;
            hub.desk.store.close().await;
            return outcome;
        }
        Command::Export(arguments) => {
            let hub = Hub::open(&settings, language).await?;
            let answer = export::run(&hub, settings.files()?, &arguments).await;
            hub.desk.store.close().await;
            match answer? {
                Some(answer) => answer,
                None => return Ok(()),
            }
        }
        Command::Audit(command) => {
            let hub = Hub::open(&settings, language).await?;
            let answer = audit::run(&hub, command).await;
            hub.desk.store.close().await;
            answer?
        }
        Command::Verify => {
            let hub = Hub::open(&settings, language).await?;
            let answer = verify::run(&hub, &*settings.files()?).await;
            hub.desk.store.close().await;
            answer?
        }
        Command::Check(arguments) => {
            let hub = Hub::open_with_checks(&settings, language).await?;
            let outcome = check::run(&hub, arguments, cli.json).await;
            hub.desk.store.close().await;
            return outcome;
        }
        // Done above: it works with settings that are wrong, too.
        Command::Doctor => return Ok(()),
        Command::Backup(arguments) => backup::run(&settings, language, &arguments).await?,
        Command::Restore(arguments) => restore::run(&settings, language, &arguments).await?,
        Command::Reindex(arguments) => {
            let hub = Hub::open(&settings, language).await?;
            let answer = reindex::run(&hub, &*settings.files()?, &arguments).await;
            hub.desk.store.close().await;
            answer?
        }
    };
    say(answer, cli.json)
}

fn say(answer: Answer, as_json: bool) -> Result<(), Failure> {
    let text = if as_json { answer.json() } else { answer.text };
    // A reader that went away (`gongbao … | head`) is no failure.
    let _ = std::io::stdout().write_all(text.as_bytes());
    answer.failure.map_or(Ok(()), Err)
}

/// `--lang` as it stands on the command line, even where the rest of it is wrong.
fn wished(arguments: &[OsString]) -> Option<Language> {
    arguments.iter().enumerate().find_map(|(place, argument)| {
        let word = match argument.to_str()?.strip_prefix("--lang")? {
            "" => arguments.get(place + 1)?.to_str()?,
            rest => rest.strip_prefix('=')?,
        };
        Language::from_str(word, false).ok()
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_fits_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_help_text_is_in_both_languages() {
        fn look(command: &clap::Command) {
            let texts = command.get_about().into_iter().chain(
                command
                    .get_arguments()
                    .filter(|argument| !["help", "version"].contains(&argument.get_id().as_str()))
                    .map(|argument| argument.get_help().expect("a help text")),
            );
            for text in texts {
                assert!(text.to_string().contains(" / "), "{}: {text}", command.get_name());
            }
            command.get_subcommands().for_each(look);
        }
        look(&Cli::command());
    }

    #[test]
    fn the_first_variable_that_says_anything_decides_the_language() {
        let environment = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect::<Vec<_>>()
        };
        let chinese = environment(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "")]);
        let overruled = environment(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C.UTF-8")]);

        assert_eq!(Language::of(&chinese), Language::Zh);
        assert_eq!(Language::of(&overruled), Language::En);
        assert_eq!(Language::of(&[]), Language::En);
    }
}
