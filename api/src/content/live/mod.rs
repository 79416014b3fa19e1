//! Live updates: `subscription changes`, over WebSocket and over server-sent events.
//!
//! | part | does |
//! | --- | --- |
//! | [`feed`] | reads the log once for all listeners of the process |
//! | [`selection`] | which events a listener is told |
//! | [`operation`] | runs a subscription: once for its arguments, then for each stretch of events |
//! | [`group`] | those who listen to the same: what they are told is made once |
//! | [`listening`] | one listener: catches up from a cursor, then takes what its group makes |
//! | [`entrance`], [`door`] | who may listen, and when everybody must leave |
//! | [`protocol`], [`socket`] | graphql-transport-ws |
//! | [`events`] | graphql-sse, in its mode of distinct connections |
//!
//! Architecture invariants: what a listener is told is decided and read by the same code as the
//! query `changes`; no listener reads the log or the database for itself while it keeps up;
//! nothing is kept for a listener that the ring of its group does not hold anyway.

mod door;
mod entrance;
mod events;
mod feed;
mod group;
mod listening;
mod protocol;
mod selection;
mod socket;

mod operation;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_graphql::ServerError;
use axum::{
    Extension, Router,
    extract::{Request, State},
    response::Response,
    routing::get,
};
use jiff::Timestamp;
use metrics::gauge;
use schema::{parameters::Clock, viewer::Viewer};
use tokio::{sync::Semaphore, task::AbortHandle};

pub(crate) use self::{
    door::Door,
    entrance::is_live,
    selection::{Selection, Wanted},
};
use self::{
    entrance::is_upgrade,
    feed::Feed,
    group::Group,
    listening::Listening,
    operation::{Asked, Operation, Untold},
};
use super::{
    ContentApi, Question,
    budget::{ASKING, Budgets, Payer},
    http, refusal,
    refusal::Refusal,
};
use crate::{
    AppState,
    authentication::{Authentication, Pass},
    content::http::prefers_events,
    http::Origins,
};

/// Listening connections, by transport.
pub(crate) const CONNECTIONS: &str = "gongbao_live_connections";
/// Subscriptions under way.
pub(crate) const LISTENERS: &str = "gongbao_live_listeners";
/// Different ones among them.
pub(crate) const DISTINCT: &str = "gongbao_live_distinct";
/// Events sent to listeners.
pub(crate) const SENT: &str = "gongbao_live_events_sent_total";
/// Listeners that were too slow and had to go.
pub(crate) const SHED: &str = "gongbao_live_shed_total";
/// From the commit of an event to its being written to a listener's socket.
pub(crate) const LAG: &str = "gongbao_live_lag_seconds";

/// Runs at once over all groups: plain questions come first.
const RUNS: usize = 2;

/// Limits of live updates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveSettings {
    /// Connections that listen, on this node.
    pub connections: usize,
    /// Of them from one IPv4 address, or one IPv6 network of 64 bits.
    pub per_address: usize,
    /// Operations under way on one WebSocket.
    pub operations: usize,
    /// Different subscriptions on this node: those who listen to the same count as one.
    pub distinct: usize,
    /// How long a listener may leave what it is sent unread before it is shed, and a WebSocket
    /// uninitialised.
    pub patience: Duration,
}

impl Default for LiveSettings {
    fn default() -> Self {
        Self {
            connections: 10_000,
            per_address: 1_000,
            operations: 20,
            distinct: 1_000,
            patience: Duration::from_secs(10),
        }
    }
}

/// Live updates of a hub. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Live(Arc<Inner>);

struct Inner {
    api: ContentApi,
    feed: Feed,
    door: Door,
    clock: Arc<dyn Clock>,
    authentication: Authentication,
    origins: Origins,
    budgets: Budgets,
    /// Room for requests in progress, which questions over a listening connection take too.
    places: Arc<Semaphore>,
    runs: Semaphore,
    groups: Mutex<HashMap<Box<str>, Entry>>,
}

struct Entry {
    group: Arc<Group>,
    members: usize,
    task: AbortHandle,
}

/// Who listens.
#[derive(Clone)]
struct Listener {
    viewer: Viewer,
    /// What shows that a token is still good, where one was presented.
    pass: Option<Pass>,
    /// Who pays for what it asks.
    payer: Payer,
}

impl Listener {
    /// Whether it is still who it was when it came.
    async fn is_still(&self) -> bool {
        match &self.pass {
            None => true,
            // While the database is away nobody is told anything either.
            Some(pass) => {
                pass.viewer().await.map_or(true, |now| now.as_ref() == Some(&self.viewer))
            }
        }
    }
}

/// What becomes of a question over a listening connection.
enum Begun {
    /// Its answer in JSON.
    Answered(Vec<u8>),
    /// It is answered with every event from now on.
    Listening(Box<Listening>),
    /// It is refused.
    Refused(Vec<ServerError>),
}

impl Live {
    pub(crate) fn new(api: ContentApi, state: &AppState, authentication: Authentication) -> Self {
        Self(Arc::new(Inner {
            api,
            feed: Feed::new(state.desk.store.clone()),
            door: state.door.clone(),
            clock: Arc::clone(&state.desk.clock),
            authentication,
            origins: state.origins.clone(),
            places: Arc::clone(&state.places),
            budgets: state.budgets.clone(),
            runs: Semaphore::new(RUNS),
            groups: Mutex::default(),
        }))
    }

    /// The address of its own that WebSockets have; that of questions takes them too.
    pub(super) fn router(&self) -> Router {
        let listen =
            async |State(live): State<Self>, viewer: Option<Extension<Viewer>>, request| {
                live.answer(viewer.map(|Extension(viewer)| viewer), request).await
            };
        Router::new().route("/graphql/ws", get(listen)).with_state(self.clone())
    }

    /// Answers a request that [`is_live`].
    pub(super) async fn answer(&self, viewer: Option<Viewer>, request: Request) -> Response {
        let pass = request.extensions().get::<Pass>().cloned();
        let payer = Payer::of(Some(&self.0.budgets), &request);
        let listener = Listener { viewer: viewer.unwrap_or(Viewer::Public), pass, payer };
        if prefers_events(request.headers()) && !is_upgrade(request.headers()) {
            return events::answer(self.clone(), listener, request).await;
        }
        socket::upgrade(self.clone(), listener, request).await
    }

    fn feed(&self) -> &Feed {
        &self.0.feed
    }

    fn settings(&self) -> &LiveSettings {
        self.0.door.settings()
    }

    /// Tells events as `operation` selects them, some runs at a time.
    async fn tell(
        &self,
        operation: &Operation,
        events: Vec<store::log::StoredEvent>,
    ) -> Result<Vec<bytes::Bytes>, Untold> {
        // Nobody closes it.
        let _run = self.0.runs.acquire().await;
        self.0.api.tell(operation, events).await
    }

    /// How long ago `at` was.
    fn since(&self, at: Timestamp) -> Duration {
        Duration::try_from(self.0.clock.now().duration_since(at)).unwrap_or_default()
    }

    /// Begins what a question asks for; `after`, where it is given, goes over the argument.
    async fn begin(&self, listener: &Listener, question: Question, after: Option<u64>) -> Begun {
        if let Err(spent) = listener.payer.pay(ASKING) {
            return Begun::Refused(vec![spent.into_server_error()]);
        }
        let question = Question { payer: listener.payer.clone(), ..question };
        let api = &self.0.api;
        let (operation, wanted) = match api.look_over(listener.viewer.clone(), question).await {
            Err(errors) => return Begun::Refused(errors),
            Ok(Asked::Query(question)) => {
                let answered = api.answer(listener.viewer.clone(), *question).await;
                return match http::json(&answered) {
                    Ok(json) => Begun::Answered(json),
                    Err(error) => {
                        tracing::error!(%error, "an answer cannot be written as JSON");
                        Begun::Refused(vec![refusal::internal().into_server_error()])
                    }
                };
            }
            Ok(Asked::Subscription(operation, wanted)) => (operation, wanted),
        };
        let head = match self.feed().head().await {
            Ok(head) => head,
            Err(error) => {
                tracing::warn!(%error, "the head of the log cannot be read");
                return Begun::Refused(vec![busy().into_server_error()]);
            }
        };
        let position = after.or(wanted.after).unwrap_or(head);
        if position > head {
            return Begun::Refused(vec![from_another_log().into_server_error()]);
        }
        match self.join(*operation, wanted.selection, head) {
            Some((key, group)) => {
                Begun::Listening(Box::new(Listening::new(self.clone(), key, group, position)))
            }
            None => Begun::Refused(vec![too_many_distinct().into_server_error()]),
        }
    }

    /// Makes a member of the group that listens to the same, or of a new one; `None` when there
    /// are too many.
    fn join(
        &self,
        operation: Operation,
        selection: Selection,
        head: u64,
    ) -> Option<(Box<str>, Arc<Group>)> {
        let key: Box<str> = operation.key().into();
        let mut groups = self.groups();
        if let Some(entry) = groups.get_mut(&key) {
            entry.members += 1;
            return Some((key, Arc::clone(&entry.group)));
        }
        if groups.len() >= self.settings().distinct {
            return None;
        }
        let group = Arc::new(Group::new(operation, selection, head));
        let task = tokio::spawn(Arc::clone(&group).follow(self.clone())).abort_handle();
        let entry = Entry { group: Arc::clone(&group), members: 1, task };
        groups.insert(key.clone(), entry);
        gauge!(DISTINCT).set(groups.len() as f64);
        Some((key, group))
    }

    /// Takes a member out of its group; with the last one the group goes.
    fn leave(&self, key: &str, group: &Arc<Group>) {
        let mut groups = self.groups();
        let Some(entry) = groups.get_mut(key) else { return };
        if !Arc::ptr_eq(&entry.group, group) {
            return;
        }
        entry.members -= 1;
        if entry.members == 0 {
            entry.task.abort();
            groups.remove(key);
            gauge!(DISTINCT).set(groups.len() as f64);
        }
    }

    /// Forgets a group that has ended: who comes next begins another.
    fn forget(&self, group: &Arc<Group>) {
        let mut groups = self.groups();
        groups.retain(|_, entry| !Arc::ptr_eq(&entry.group, group));
        gauge!(DISTINCT).set(groups.len() as f64);
    }

    fn groups(&self) -> std::sync::MutexGuard<'_, HashMap<Box<str>, Entry>> {
        self.0.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn busy() -> Refusal {
    Refusal::new("UNAVAILABLE", "服务器繁忙，请稍后再试", "the server is busy: try again later")
}

fn from_another_log() -> Refusal {
    Refusal::new(
        "BAD_CURSOR",
        "after 在发布日志末尾之后：可能来自另一个系统，或系统已由备份恢复；请重新整体读取",
        "after lies beyond the end of the log: of another hub, or of this one before it was restored; \
         read everything anew",
    )
}

fn too_many_distinct() -> Refusal {
    Refusal::new(
        "TOO_MANY_SUBSCRIPTIONS",
        "不同的订阅已达上限；内容相同的订阅（查询文本和变量一致，after 用变量给出）只计一次",
        "there are as many different subscriptions as may be; those with the same text and variables \
         (after given by a variable) count once",
    )
}
