//! The one client: reqwest under a stack of layers, one stack per set of address rules.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use reqwest::{
    Client, Request,
    header::{HeaderName, HeaderValue},
    redirect,
};
use schema::delivery::Reach;
use tower::{BoxError, ServiceBuilder, ServiceExt as _, util::BoxCloneSyncService};
use tracing::Instrument as _;

use super::{
    Call, CallFailure, Reply, Transport,
    addresses::Rules,
    guard::{CapLayer, GuardLayer},
    resolve::{Guarded, Lookup},
};

const CONNECT: Duration = Duration::from_secs(5);
/// A whole call, from resolving to the last byte read. A lane's lease is longer than twice it.
pub(crate) const TOTAL: Duration = Duration::from_secs(30);
/// Calls of this process under way at once, over all targets.
const CONCURRENCY: usize = 128;
/// Sets of address rules whose connections are kept.
const STACKS: usize = 64;
const USER_AGENT: &str = concat!("gongbao/", env!("CARGO_PKG_VERSION"));

type Stack = BoxCloneSyncService<Request, Reply, BoxError>;

/// The guarded client. Proxies are off, redirects are not followed, nothing is decompressed.
pub struct Outbound {
    lookup: Arc<dyn Lookup>,
    places: Arc<tokio::sync::Semaphore>,
    stacks: Mutex<HashMap<Reach, Stack>>,
}

impl Outbound {
    /// A client that asks `lookup` for the addresses of names.
    pub fn new(lookup: Arc<dyn Lookup>) -> Self {
        // Two providers may be in the program; the first that was installed is used by all.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let places = Arc::new(tokio::sync::Semaphore::new(CONCURRENCY));
        Self { lookup, places, stacks: Mutex::default() }
    }

    /// Sees whether anybody answers at the origin of `address`: asks for the head of its first
    /// page, which changes nothing there. Whatever is answered counts.
    ///
    /// # Errors
    /// [`CallFailure`].
    pub async fn knock(&self, address: &str, reach: &Reach) -> Result<Reply, CallFailure> {
        let stack = self.stack(reach)?;
        let mut url = Rules::of(reach)
            .map_err(|fault| CallFailure::Blocked(fault.message.en))?
            .read(address)
            .map_err(|refused| CallFailure::Blocked(refused.to_string()))?;
        // The rest of an address may be a secret, and may do something.
        url.set_path("/");
        url.set_query(None);
        url.set_fragment(None);
        let reply = stack.oneshot(Request::new(reqwest::Method::HEAD, url)).await;
        reply.map_err(|error| match error.downcast::<CallFailure>() {
            Ok(failure) => *failure,
            Err(error) => CallFailure::Unanswered(error.to_string()),
        })
    }

    fn stack(&self, reach: &Reach) -> Result<Stack, CallFailure> {
        let mut stacks = self.stacks.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stack) = stacks.get(reach) {
            return Ok(stack.clone());
        }
        let rules = Rules::of(reach).map_err(|fault| CallFailure::Blocked(fault.message.en))?;
        let rules = Arc::new(rules);
        let client = Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .dns_resolver(Guarded { rules: Arc::clone(&rules), lookup: Arc::clone(&self.lookup) })
            .build()
            .map_err(|error| CallFailure::NotSent(error.to_string()))?;
        let stack = ServiceBuilder::new()
            .timeout(TOTAL)
            .layer(tower::limit::GlobalConcurrencyLimitLayer::with_semaphore(Arc::clone(
                &self.places,
            )))
            .layer(CapLayer)
            .layer(GuardLayer(rules))
            .service(client);
        let stack = BoxCloneSyncService::new(stack);
        if stacks.len() >= STACKS {
            stacks.clear();
        }
        stacks.insert(reach.clone(), stack.clone());
        Ok(stack)
    }
}

#[async_trait]
impl Transport for Outbound {
    async fn send(&self, call: Call, reach: &Reach) -> Result<Reply, CallFailure> {
        let stack = self.stack(reach)?;
        let url = Rules::of(reach)
            .map_err(|fault| CallFailure::Blocked(fault.message.en))?
            .read(&call.url)
            .map_err(|refused| CallFailure::Blocked(refused.to_string()))?;
        // Host and port only: the rest of an address may be a secret.
        let span = tracing::info_span!(
            "outbound",
            host = url.host_str().unwrap_or_default(),
            port = url.port_or_known_default(),
            bytes = call.body.len(),
        );
        let method = reqwest::Method::from_bytes(call.method.as_bytes())
            .map_err(|_| CallFailure::Blocked(format!("{} is no method", call.method)))?;
        let mut request = Request::new(method, url);
        *request.body_mut() = Some(call.body.into());
        for (name, value) in call.headers {
            let unwritten = |_| CallFailure::Blocked(format!("header {name} cannot be written"));
            let name: HeaderName = name.parse().map_err(|_| unwritten(()))?;
            let value = HeaderValue::from_str(&value).map_err(|_| unwritten(()))?;
            request.headers_mut().insert(name, value);
        }
        let reply = stack.oneshot(request).instrument(span).await;
        reply.map_err(|error| match error.downcast::<CallFailure>() {
            Ok(failure) => *failure,
            // The stack's own time-out: by then bytes may have been sent.
            Err(error) => CallFailure::Unanswered(error.to_string()),
        })
    }
}
