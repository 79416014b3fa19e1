//! `gongbao demo`: the main job with nothing to set up. A hub of its own is started, driven
//! through its public APIs, and then serves on for whoever wants to try.

use std::{
    fs, io, iter,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use ::schema::message::Bilingual;
use clap::{Args, Parser as _};
use serde_json::Value;
use tempfile::TempDir;

use super::{Answer, Cli, Command, Failure, Hub, Language, serve, token, user};
use crate::{
    demo::performance::{self, Failed, Report, Stage},
    settings::Settings,
};

/// The first administrator.
const LOGIN: &str = "admin";

/// How the demo runs.
#[derive(Args)]
pub(crate) struct Arguments {
    /// 监听地址，默认为任一空闲端口 / Where to listen; by default on any free port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0", hide_default_value = true)]
    listen: SocketAddr,
    /// 数据文件夹，不得已有数据；默认用临时文件夹，结束即删 / Folder for its data, without a hub in
    /// it; by default a temporary one that is removed at the end
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// 演示完即退出，有一步未成则失败 / Stop after the story; fail when any step failed
    #[arg(long)]
    once: bool,
}

/// Where the demo keeps its data.
enum Folder {
    Given(PathBuf),
    /// Removed when dropped.
    Temporary(TempDir),
}

pub(crate) async fn run(
    arguments: Arguments,
    language: Language,
    as_json: bool,
) -> Result<(), Failure> {
    let folder = Folder::open(arguments.data.as_deref())?;
    let settings = Settings::inside(folder.path(), arguments.listen);
    let hub = Hub::open(&settings, language).await?;
    let outcome = play(&hub, &settings, &folder, arguments.once, as_json).await;
    hub.desk.store.close().await;
    outcome
}

async fn play(
    hub: &Hub,
    settings: &Settings,
    folder: &Folder,
    once: bool,
    as_json: bool,
) -> Result<(), Failure> {
    let server = serve::Opened::new(hub, settings, false).await?;
    let token = first_token(hub, settings).await?;
    let stage = Stage {
        hub: server.address,
        token,
        folder: folder.path().to_owned(),
        stays: !once,
        language: hub.language,
        silent: as_json,
    };
    let stop = server.stop.clone();
    let story = async {
        let told = tokio::select! {
            told = performance::perform(&stage) => told.map_err(|failed| not_shown(&failed)),
            () = stop.asked(1) => Err(interrupted()),
        };
        if let Ok(performance) = &told {
            if as_json {
                say(&performance.report);
            }
            if !once {
                stop.asked(1).await;
            }
        }
        stop.ask();
        told.map(|_| ())
    };
    let public_url = format!("http://{}", server.address);
    let (told, ()) = tokio::join!(story, server.serve(hub, settings.http.server(Some(public_url))));
    told
}

/// An administrator and a token, as `gongbao user create` and `gongbao token create` make them.
async fn first_token(hub: &Hub, settings: &Settings) -> Result<String, Failure> {
    let administrator = "platformAdministrator";
    done(
        hub,
        settings,
        &["user", "create", LOGIN, "--name", "演示管理员", "--role", administrator],
    )
    .await?;
    let made = done(hub, settings, &["token", "create", LOGIN, "--name", "demo"]).await?;
    Ok(made["secret"].as_str().unwrap_or_default().to_owned())
}

/// What a command for accounts says to programs.
async fn done(hub: &Hub, settings: &Settings, arguments: &[&str]) -> Result<Value, Failure> {
    let line = iter::once("gongbao").chain(arguments.iter().copied());
    let cli = Cli::try_parse_from(line).map_err(|error| Failure::usage(&error))?;
    let answer = match cli.command {
        Command::User(command) => user::run(hub, settings, command).await?,
        Command::Token(command) => token::run(hub, command).await?,
        _ => return Ok(Value::Null),
    };
    Ok(serde_json::from_str(&answer.json()).unwrap_or_default())
}

fn say(report: &Report) {
    let answer = Answer::new(String::new(), report);
    let _ = io::Write::write_all(&mut io::stdout(), answer.json().as_bytes());
}

impl Folder {
    /// # Errors
    /// When it cannot be made, or holds a hub already: the demo would write into it.
    fn open(given: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = given else {
            let made = tempfile::Builder::new().prefix("gongbao-demo-").tempdir();
            return made.map(Self::Temporary).map_err(|error| not_made("", &error));
        };
        let shown = path.display().to_string();
        fs::create_dir_all(path).map_err(|error| not_made(&shown, &error))?;
        let mut entries = fs::read_dir(path).map_err(|error| not_made(&shown, &error))?;
        if entries.next().is_some() {
            let again = format!(
                "GONGBAO_DATABASE_URL=sqlite://{shown}/gongbao.db \
                 GONGBAO_ASSETS=file://{shown}/assets gongbao serve"
            );
            return Err(Failure::wrong(
                Bilingual::new(
                    format!("文件夹 {shown} 不是空的，演示不会写入已有的数据"),
                    format!("the folder {shown} is not empty: the demo writes over nobody's data"),
                ),
                Bilingual::new(
                    format!("另选一个空文件夹，或不带 --data；要用其中演示过的平台：{again}"),
                    format!(
                        "choose an empty one, or leave --data out; to run a demo's hub that is in it: {again}"
                    ),
                ),
            ));
        }
        // An absolute path stays right wherever a receiver is started.
        let path = fs::canonicalize(path).map_err(|error| not_made(&shown, &error))?;
        Ok(Self::Given(path))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }
}

fn not_made(shown: &str, error: &io::Error) -> Failure {
    Failure::work(
        Bilingual::new(
            format!("数据文件夹 {shown} 无法使用：{error}"),
            format!("the data folder {shown} cannot be used: {error}"),
        ),
        Bilingual::new("用 --data 另选一个", "choose another one with --data"),
    )
}

fn not_shown(failed: &Failed) -> Failure {
    let Failed { step, why } = failed;
    Failure::work(
        Bilingual::new(
            format!("演示步骤“{}”未成：{}", step.zh, why.zh),
            format!("the step {:?} failed: {}", step.en, why.en),
        ),
        Bilingual::new(
            "加 --data 留下数据，用 RUST_LOG=debug 再演示一次",
            "keep the data with --data, and run it again with RUST_LOG=debug",
        ),
    )
}

fn interrupted() -> Failure {
    Failure::work(
        Bilingual::new("演示在结束前被中断", "the demo was interrupted before its end"),
        Bilingual::new(
            "没有留下任何进程；可以重新开始",
            "no process was left; it may be run again",
        ),
    )
}
