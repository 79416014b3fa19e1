//! Names become addresses once, and every answer is checked: one refused among them refuses
//! them all. The connection then goes to a checked address; TLS and `Host` keep the name.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::addresses::{Refused, Rules};

/// What resolves names.
#[async_trait]
pub trait Lookup: Send + Sync {
    /// Every address of `name`.
    ///
    /// # Errors
    /// When it has none, or nobody could say.
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// The machine's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}

/// A resolver that gives nothing but addresses that may be dialled.
pub(super) struct Guarded {
    pub(super) rules: Arc<Rules>,
    pub(super) lookup: Arc<dyn Lookup>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (rules, lookup) = (Arc::clone(&self.rules), Arc::clone(&self.lookup));
        Box::pin(async move {
            let found = lookup.addresses(name.as_str()).await?;
            let checked: Result<Vec<SocketAddr>, Refused> = found
                .into_iter()
                .map(|ip| rules.check(ip).map(|()| SocketAddr::new(ip, 0)))
                .collect();
            Ok(Box::new(checked?.into_iter()) as Addrs)
        })
    }
}
