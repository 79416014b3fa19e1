//! `gongbao simulate`: somebody else's server on a local port, to try deliveries with.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::PathBuf,
    process,
    sync::Arc,
    thread,
};

use ::schema::message::Bilingual;
use clap::{Args, Subcommand};
use editorial::ports::SystemClock;
use serde_json::json;
use tokio::{net::TcpListener, task::spawn_blocking};

use super::{Failure, Language};
use crate::simulate::webhook::{Key, Receiver};

/// The key is read from standard input.
const FROM_INPUT: &str = "-";

/// Whom to stand in for.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// 细心的 webhook 接收方，带网页显示所持内容 / A careful receiver of webhooks, with a page of
    /// what it holds
    Webhook(Webhook),
}

/// A receiver of webhooks.
#[derive(Args)]
pub(crate) struct Webhook {
    /// 监听地址，端口 0 为任一空闲端口 / Where to listen; port 0 is any free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// 建立投放对象时给出的 whpk_ 或 whsec_ 密钥；“-”则从标准输入读取一行 / The key shown when the
    /// target was created, whpk_ or whsec_; "-" reads it as a line of standard input
    #[arg(long, value_name = "KEY", default_value = FROM_INPUT, hide_default_value = true)]
    key: String,
    /// 收到的内容追加写入此文件，重新启动后接着用 / Keep what arrives in this file too, and go on
    /// from it after a restart
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,
    /// 网页上的名称 / What its page is called
    #[arg(long, default_value = "Webhook")]
    name: String,
    /// 标准输入关闭时退出 / Stop when standard input is closed
    #[arg(long)]
    until_input_ends: bool,
}

pub(crate) async fn run(
    command: Command,
    language: Language,
    as_json: bool,
) -> Result<(), Failure> {
    let Command::Webhook(webhook) = command;
    webhook.run(language, as_json).await
}

impl Webhook {
    async fn run(self, language: Language, as_json: bool) -> Result<(), Failure> {
        // What is wrong on the command line is said before anything else.
        let given = (self.key != FROM_INPUT).then(|| Key::read(&self.key)).transpose();
        let given = given.map_err(wrong_key)?;
        let listener = TcpListener::bind(self.listen)
            .await
            .map_err(|error| not_listening(self.listen, &error))?;
        let address = listener.local_addr().unwrap_or(self.listen);
        say(&self.announcement(address, given.is_none(), language, as_json));
        let key = match given {
            Some(key) => key,
            None => {
                Key::read(&spawn_blocking(line).await.unwrap_or_default()).map_err(wrong_key)?
            }
        };
        let heard: fn(&str) = if as_json { |_| {} } else { |told| say(&format!("{told}\n")) };
        let store = self.store.as_deref();
        let receiver = Receiver::open(self.name, key, store, Arc::new(SystemClock), heard)
            .map_err(|error| not_kept(&error))?;
        if self.until_input_ends {
            // The process ends here and now: what is not on the disk was not acknowledged.
            thread::spawn(|| {
                while !line().is_empty() {}
                process::exit(0);
            });
        }
        receiver.serve(listener).await.map_err(|error| not_listening(address, &error))
    }

    fn announcement(
        &self,
        address: SocketAddr,
        wants_key: bool,
        language: Language,
        as_json: bool,
    ) -> String {
        let page = format!("http://{address}/");
        if as_json {
            let value =
                json!({ "listening": address, "page": page, "address": format!("{page}in") });
            return format!("{value}\n");
        }
        let mut text = match language {
            Language::Zh => format!("webhook 接收方已启动：{page}\n"),
            Language::En => format!("a receiver of webhooks listens: {page}\n"),
        };
        if wants_key {
            text.push_str(language.say(
                "先在平台建立投放对象，再把它给出的 whpk_ 密钥贴在这里：\n",
                "create a target on the hub, then paste the key (whpk_…) that it shows here:\n",
            ));
            text.push_str(&format!(
                "  gongbao channel create NAME {page}in --authority AUTHORITY \\\n      \
                 --allow {}/32 --allow-http --port {}\n",
                address.ip(),
                address.port(),
            ));
        }
        text
    }
}

/// The next line of input; empty at its end.
fn line() -> String {
    let mut line = String::new();
    let _ = io::stdin().read_line(&mut line);
    line
}

fn say(text: &str) {
    // Nobody has to listen.
    let _ = io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush());
}

fn wrong_key(what: Bilingual) -> Failure {
    Failure::work(
        what,
        Bilingual::new(
            "用 gongbao channel create 或 rotate-secret 显示的密钥",
            "take the key that gongbao channel create or rotate-secret shows",
        ),
    )
}

fn not_listening(address: SocketAddr, error: &io::Error) -> Failure {
    Failure::work(
        Bilingual::new(
            format!("无法监听 {address}：{error}"),
            format!("cannot listen on {address}: {error}"),
        ),
        Bilingual::new("用 --listen 另选地址", "choose another address with --listen"),
    )
}

fn not_kept(error: &io::Error) -> Failure {
    Failure::work(
        Bilingual::new(
            format!("--store 所指的文件无法使用：{error}"),
            format!("the file of --store cannot be used: {error}"),
        ),
        Bilingual::new(
            "另选文件，或检查其权限",
            "choose another file, or look after its permissions",
        ),
    )
}
