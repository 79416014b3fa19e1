//! What requests are served with, and the settings of the server.

use std::{sync::Arc, time::Duration};

use editorial::{Desk, ports::Channels, sign_in::SignIn};
use schema::search::Synonyms;
use store::files::FileStore;
use tokio::sync::Semaphore;

use crate::{
    assets::Renderer,
    caching::{Caching, CachingSettings},
    content::{Follower, LiveSettings, ResponseCache, Statuses, budget::Budgets, live::Door},
    http::{Network, Origins},
    operations::health::Readiness,
    trail::Trail,
};

/// Settings of the server, all with a default that suits one machine.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// Address of the hub as others reach it, where it has a host of its own; else what it serves
    /// is reached under the host of each site.
    pub public_url: Option<String>,
    /// Proxies whose `X-Request-Id` and `X-Forwarded-For` are believed.
    pub trusted_proxies: Vec<Network>,
    /// Connections open at once; further ones wait to be accepted.
    pub connections: usize,
    /// Requests in progress at once; further ones are refused with 503.
    pub concurrency: usize,
    /// Until the head of an answer is there.
    pub time_limit: Duration,
    /// Bytes of answers of the content API that are kept as long as they are right; 0 keeps none.
    pub content_cache_bytes: u64,
    /// Bytes of what documents say that are kept at hand for answers that are made; 0 keeps none.
    pub content_shelf_bytes: u64,
    /// Whether the public is served published operations alone; without a token nothing else is.
    pub trusted_documents_only: bool,
    /// Words that mean the same to those who search.
    pub synonyms: Synonyms,
    /// Which HTTP statuses say what became of a question to the content API.
    pub content_statuses: Statuses,
    /// Points that questions from one address may cost in a minute; 0 counts nothing.
    pub points_per_address: u32,
    /// Points that questions with one token may cost in a minute; 0 counts nothing.
    pub points_per_token: u32,
    /// How long requests under way may take to finish once the server stops.
    pub stop_limit: Duration,
    /// How long answers may be kept outside.
    pub caching: CachingSettings,
    /// Limits of live updates.
    pub live: LiveSettings,
}

/// Generous: a portal that renders for all of its readers is one address.
const POINTS: u32 = 6_000_000;

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            public_url: None,
            trusted_proxies: Vec::new(),
            connections: 4_096,
            concurrency: 512,
            time_limit: Duration::from_secs(30),
            content_cache_bytes: 64 << 20,
            content_shelf_bytes: 64 << 20,
            trusted_documents_only: false,
            synonyms: Synonyms::embedded(),
            content_statuses: Statuses::default(),
            points_per_address: POINTS,
            points_per_token: POINTS,
            stop_limit: Duration::from_secs(20),
            caching: CachingSettings::default(),
            live: LiveSettings::default(),
        }
    }
}

/// What every request is served with. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    /// Types, store, clock and randomness.
    pub desk: Desk,
    /// The file store.
    pub files: Arc<dyn FileStore>,
    /// What is asked of channels: new secrets, a harmless call.
    pub channels: Arc<dyn Channels>,
    /// How people sign in.
    pub sign_in: SignIn,
    /// Settings of the server.
    pub settings: Arc<ServerSettings>,
    /// What has changed when, as far as this process knows.
    pub(crate) follower: Follower,
    /// Answers of the content API that are kept, where any are.
    pub(crate) answers: Option<ResponseCache>,
    /// What is said of answers to the caches outside.
    pub(crate) caching: Arc<Caching>,
    /// What may be asked for in a minute.
    pub(crate) budgets: Budgets,
    /// What listening connections pass.
    pub(crate) door: Door,
    pub(crate) origins: Origins,
    /// What makes renditions.
    pub(crate) renderer: Arc<Renderer>,
    pub(crate) readiness: Readiness,
    /// What requests leave in the audit beside what they change.
    pub(crate) trail: Trail,
    /// Room for requests in progress, shared by all routes but those of operations.
    pub(crate) places: Arc<Semaphore>,
}

impl AppState {
    /// Done when what requests left for the audit until now is written.
    pub fn audited(&self) -> impl Future<Output = ()> + Send + 'static {
        let trail = self.trail.clone();
        async move { trail.settled().await }
    }

    /// A state that serves from `desk` and `files`, asks `channels`, and lets people in by `sign_in`.
    pub fn new(
        desk: Desk,
        files: Arc<dyn FileStore>,
        channels: Arc<dyn Channels>,
        sign_in: SignIn,
        settings: ServerSettings,
    ) -> Self {
        let bytes = settings.content_cache_bytes;
        let follower = Follower::new(desk.store.clone());
        let clock = Arc::clone(&desk.clock);
        Self {
            answers: (bytes > 0).then(|| ResponseCache::following(follower.clone(), clock, bytes)),
            follower,
            caching: Arc::new(Caching::new(&settings.caching)),
            budgets: Budgets::new(settings.points_per_address, settings.points_per_token),
            door: Door::new(settings.live.clone()),
            origins: Origins::new(desk.store.clone()),
            renderer: Arc::new(Renderer::new()),
            trail: Trail::new(desk.clone()),
            readiness: Readiness::new(desk.store.clone(), Arc::clone(&files)),
            places: Arc::new(Semaphore::new(settings.concurrency)),
            settings: Arc::new(settings),
            desk,
            files,
            channels,
            sign_in,
        }
    }
}
