//! Who may listen, and when everybody must leave: connections in all and from one address, and
//! the stop of the server.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use metrics::gauge;
use tokio::sync::watch;

use super::{CONNECTIONS, LiveSettings};
use crate::http::neighbourhood;

/// The door that every listening connection passes. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Door(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    settings: LiveSettings,
    inside: Mutex<HashMap<Option<IpAddr>, usize>>,
    count: watch::Sender<usize>,
    is_closed: watch::Sender<bool>,
}

/// Why somebody must not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// As many listen as may.
    Everywhere,
    /// As many listen from this address as may.
    Address,
    /// The server is stopping.
    Closed,
}

/// A connection that came in; it leaves with this value.
#[derive(Debug)]
pub(super) struct Inside {
    door: Door,
    network: Option<IpAddr>,
    transport: &'static str,
}

impl Door {
    /// A door within the limits of `settings`.
    pub(crate) fn new(settings: LiveSettings) -> Self {
        Self(Arc::new(Inner {
            settings,
            inside: Mutex::default(),
            count: watch::Sender::new(0),
            is_closed: watch::Sender::new(false),
        }))
    }

    pub(super) fn settings(&self) -> &LiveSettings {
        &self.0.settings
    }

    /// Lets a connection from `address` in.
    pub(super) fn enter(
        &self,
        address: Option<IpAddr>,
        transport: &'static str,
    ) -> Result<Inside, Full> {
        if *self.0.is_closed.borrow() {
            return Err(Full::Closed);
        }
        let network = address.map(neighbourhood);
        let mut inside = self.0.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if *self.0.count.borrow() >= self.0.settings.connections {
            return Err(Full::Everywhere);
        }
        let here = inside.entry(network).or_insert(0);
        if *here >= self.0.settings.per_address {
            return Err(Full::Address);
        }
        *here += 1;
        self.0.count.send_modify(|count| *count += 1);
        gauge!(CONNECTIONS, "transport" => transport).increment(1);
        Ok(Inside { door: self.clone(), network, transport })
    }

    /// Asks everybody to leave, and lets nobody in any more.
    pub(crate) fn close(&self) {
        self.0.is_closed.send_replace(true);
    }

    /// Done when the door is closed.
    pub(super) fn closed(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut closed = self.0.is_closed.subscribe();
        async move {
            // The sender lives as long as any door.
            let _ = closed.wait_for(|closed| *closed).await;
        }
    }

    /// Done when everybody has left.
    pub(crate) async fn emptied(&self) {
        let _ = self.0.count.subscribe().wait_for(|count| *count == 0).await;
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        let inner = &self.door.0;
        let mut inside = inner.inside.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(here) = inside.get_mut(&self.network) {
            *here -= 1;
            if *here == 0 {
                inside.remove(&self.network);
            }
        }
        inner.count.send_modify(|count| *count -= 1);
        gauge!(CONNECTIONS, "transport" => self.transport).decrement(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect("an address"))
    }

    #[test]
    fn so_many_come_in_and_from_one_address_fewer() {
        let settings = LiveSettings { connections: 3, per_address: 2, ..LiveSettings::default() };
        let door = Door::new(settings);
        let enter = |from: &str| door.enter(address(from), "websocket");

        let first = enter("2001:db8::1").expect("there is room");
        let _second = enter("2001:db8::2").expect("there is room");
        assert_eq!(enter("2001:db8::3").err(), Some(Full::Address));
        let _third = enter("192.0.2.1").expect("another address");
        assert_eq!(enter("192.0.2.2").err(), Some(Full::Everywhere));
        drop(first);
        let _fourth = enter("2001:db8::3").expect("somebody left");
        door.close();
        assert_eq!(enter("192.0.2.3").err(), Some(Full::Closed));
    }
}
