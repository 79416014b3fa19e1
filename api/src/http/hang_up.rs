//! Cutting a connection from within a request: for an answer that its receiver does not take, and
//! to which nothing can be said any more.

use std::sync::Arc;

use tokio::sync::Notify;

/// The connection that a request came over, put into each request by the server.
#[derive(Clone, Debug, Default)]
pub(crate) struct HangUp(Arc<Notify>);

impl HangUp {
    /// Cuts it, with everything else that is under way on it.
    pub(crate) fn now(&self) {
        self.0.notify_one();
    }

    /// Done when it is to be cut.
    pub(crate) async fn asked(&self) {
        self.0.notified().await;
    }
}
