//! `gongbao serve`: the server, from its settings to its last request.

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use api::{AppState, ServerSettings};
use clap::Args;
use editorial::sign_in::SignIn;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use schema::{message::Bilingual, origin::Origin, viewer::Viewer};
use serde_json::json;
use store::{
    access::people,
    files::{FileError, FileStore},
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::watch,
};

use super::{
    Failure, Hub, Language, channel, firing,
    housekeeping::{House, finish_what_was_owed, keep_house, open_links, seal, seal_the_audit},
    types_in_force,
};
use crate::settings::Settings;

const FIRST_ADMINISTRATOR: &str = "  gongbao user create admin --name 管理员 --role platformAdministrator\n\
                                   \x20 gongbao user password admin\n\
                                   \x20 gongbao token create admin --name first\n";

/// What can be said to the server beside its settings.
#[derive(Args)]
pub(crate) struct Arguments {
    /// 监听地址，覆盖 GONGBAO_LISTEN / Where to listen, over GONGBAO_LISTEN
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// 显示生效的设置（隐去密钥）后退出 / Print the settings in force, secrets hidden, and stop
    #[arg(long)]
    pub(crate) print_config: bool,
    /// 接受会使已存数据失效的内容类型改动 / Accept changes of content types that orphan stored data
    #[arg(long)]
    accept_type_changes: bool,
}

impl Arguments {
    /// Lays what was said over the settings.
    pub(crate) fn lay_over(&self, settings: &mut Settings) {
        settings.listen = self.listen.unwrap_or(settings.listen);
    }
}

/// Serves until it is told to stop.
pub(crate) async fn run(
    hub: &Hub,
    settings: &Settings,
    arguments: &Arguments,
    as_json: bool,
) -> Result<(), Failure> {
    let server = settings.server()?;
    let opened = Opened::new(hub, settings, arguments.accept_type_changes).await?;
    say(hub, settings, opened.address, as_json).await?;
    opened.serve(hub, server).await;
    Ok(())
}

/// A server that listens and has not answered anybody yet.
pub(crate) struct Opened {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// Told to stop by signals, or by whoever holds a copy.
    pub(crate) stop: Stop,
    listener: TcpListener,
    files: Arc<dyn FileStore>,
    /// How long files are kept that no edition uses.
    unused: Duration,
    channels: Arc<syndication::Channels>,
    sign_in: SignIn,
    keep_days: u32,
}

impl Opened {
    /// Does everything that must work before the first answer, so that a hub that cannot work
    /// does not start.
    pub(crate) async fn new(
        hub: &Hub,
        settings: &Settings,
        accept_type_changes: bool,
    ) -> Result<Self, Failure> {
        let files = settings.files()?;
        files.check().await.map_err(|error| no_files(&error))?;
        types_in_force::put(hub, accept_type_changes).await?;
        let channels = channel::channels(hub, settings)?;
        let stop = Stop::listen()?;
        raise_file_limit();
        let listener = TcpListener::bind(settings.listen)
            .await
            .map_err(|error| not_listening(settings.listen, &error))?;
        let address = listener.local_addr().unwrap_or(settings.listen);
        // From here on, so that the counts begin with the first request.
        let _ = api::measurements();
        finish_what_was_owed(hub, &*files).await;
        let sign_in = settings.sign_in(&*hub.desk.entropy)?;
        let unused = settings.unused_files();
        let keep_days = settings.audit.keep_days;
        Ok(Self { address, stop, listener, files, unused, channels, sign_in, keep_days })
    }

    /// Serves until it is told to stop.
    pub(crate) async fn serve(self, hub: &Hub, server: ServerSettings) {
        let Self { stop, listener, files, unused, channels, sign_in, keep_days, .. } = self;
        let asked = Arc::clone(&channels) as Arc<dyn editorial::ports::Channels>;
        let house = House { unused, rules: sign_in.rules.clone(), keep_days };
        // What is done at this desk and names no request, the hub does by itself.
        let desk = hub.desk.of(Origin::HUB);
        let state = AppState::new(desk.clone(), Arc::clone(&files), asked, sign_in, server);
        let engine =
            syndication::Engine::start(desk.clone(), channels, syndication::Settings::default());
        let firing = tokio::spawn(firing::run(desk, stop.asked(1)));
        let cut = tokio::select! {
            () = api::serve(listener, state, stop.asked(1)) => false,
            // Asked twice, it is meant at once.
            () = stop.asked(2) => true,
            () = keep_house(hub, &*files, &house) => true,
            () = seal_the_audit(hub) => true,
            () = open_links(hub) => true,
        };
        seal(hub).await;
        // Calls under way end and are recorded, and what is being fired is done; asked twice, they
        // are left to the next start.
        if !cut {
            let ended = async {
                engine.shutdown().await;
                if let Err(error) = firing.await {
                    tracing::error!(%error, "the loop of schedules failed");
                }
            };
            tokio::select! {
                () = ended => {}
                () = stop.asked(2) => {}
            }
        }
        tracing::info!(cut, "stopped");
    }
}

/// Takes as many open files as the system allows: most shells and service managers grant far
/// fewer at first, for programs of old, and every connection is one.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, limit = limit.current, "the limit of open files stays low");
    }
}

/// Where it listens, and on the first start what to do next.
async fn say(
    hub: &Hub,
    settings: &Settings,
    address: SocketAddr,
    as_json: bool,
) -> Result<(), Failure> {
    let url = settings.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
    let viewer = Viewer::Known(hub.operator.clone());
    let mut session = hub.desk.store.reader().await?;
    let (people, _) = people::page(&mut session, &viewer, None, 1).await?;
    drop(session);
    let is_new = people.is_empty();
    let text = if as_json {
        format!("{}\n", json!({ "listening": address, "url": url, "needsAdministrator": is_new }))
    } else {
        let mut text = match hub.language {
            Language::Zh => format!("公报已启动，监听 {address}；访问 {url}\n"),
            Language::En => format!("Gongbao listens on {address}; reach it at {url}\n"),
        };
        if is_new {
            text.push_str(hub.language.say(
                "还没有任何用户。在另一终端中创建第一位管理员，给他口令（供浏览器登录）或令牌（供程序使用）：\n",
                "Nobody is known yet. In another terminal, make the first administrator, with a password\n(for a browser) or a token (for programs):\n",
            ));
            text.push_str(FIRST_ADMINISTRATOR);
        }
        text
    };
    // Somebody who closed our output still wants the server.
    let _ = io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush());
    tracing::info!(%address, engine = ?hub.desk.store.engine(), "listening");
    Ok(())
}

fn no_files(error: &FileError) -> Failure {
    Failure::work(
        error.message(),
        Bilingual::new(
            "请检查 GONGBAO_ASSETS 所指的位置",
            "look after the place that GONGBAO_ASSETS names",
        ),
    )
}

fn not_listening(address: SocketAddr, error: &io::Error) -> Failure {
    let (zh, en) = match error.kind() {
        io::ErrorKind::AddrInUse => (
            format!("地址 {address} 已被其他程序占用"),
            format!("another program listens on {address} already"),
        ),
        io::ErrorKind::PermissionDenied => {
            (format!("没有权限监听 {address}"), format!("listening on {address} is not permitted"))
        }
        _ => {
            (format!("无法监听 {address}：{error}"), format!("cannot listen on {address}: {error}"))
        }
    };
    Failure::work(
        Bilingual::new(zh, en),
        Bilingual::new(
            "停止占用的程序，或用 GONGBAO_LISTEN 另选地址",
            "stop that program, or choose another address with GONGBAO_LISTEN",
        ),
    )
}

/// Counts how often the server was asked to stop: by SIGTERM or SIGINT, or by a part of the
/// program.
#[derive(Clone)]
pub(crate) struct Stop(watch::Sender<u32>);

impl Stop {
    fn listen() -> Result<Self, Failure> {
        let no_signals = |error: io::Error| {
            Failure::work(
                Bilingual::new(
                    format!("无法接收信号：{error}"),
                    format!("cannot hear signals: {error}"),
                ),
                Bilingual::new("请检查系统限制", "look after the limits of the system"),
            )
        };
        let mut terminate = signal(SignalKind::terminate()).map_err(no_signals)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(no_signals)?;
        let count = watch::Sender::new(0);
        let stop = Self(count.clone());
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                count.send_modify(|count| *count += 1);
            }
        });
        Ok(stop)
    }

    /// Asks once more.
    pub(crate) fn ask(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    /// Done when it was asked `times`. The counting task lives as long as the process.
    pub(crate) fn asked(&self, times: u32) -> impl Future<Output = ()> + Send + 'static {
        let mut count = self.0.subscribe();
        async move {
            let _ = count.wait_for(|count| *count >= times).await;
        }
    }
}
