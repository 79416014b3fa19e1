//! Which requests ask for a listening connection, and which of them get one.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use schema::message::Bilingual;

use super::{
    Live,
    door::{Full, Inside},
};
use crate::content::http::prefers_events;
use crate::{Problem, http::ClientAddress};

impl Live {
    /// Lets a connection in, or says why not. The request is not held on to.
    pub(super) fn enter<'live>(
        &'live self,
        request: &Request,
        transport: &'static str,
    ) -> impl Future<Output = Result<Inside, Response>> + Send + use<'live> {
        let address = request.extensions().get::<ClientAddress>().and_then(|client| client.0);
        let origin = other_origin(request);
        async move {
            // As with CORS, which browsers do not ask for here.
            if let Some(origin) = origin
                && !self.0.origins.allow(&origin, "/graphql").await
            {
                return Err(Problem::of_status(StatusCode::FORBIDDEN).into_response());
            }
            self.0.door.enter(address, transport).map_err(|full| refusal(full).into_response())
        }
    }
}

fn refusal(full: Full) -> Problem {
    match full {
        Full::Address => Problem::of_status(StatusCode::TOO_MANY_REQUESTS)
            .detail(Bilingual::new(
                "来自此地址的实时连接已达上限",
                "as many live connections as may be come from this address",
            ))
            .retry_after(30),
        Full::Everywhere => Problem::of_status(StatusCode::SERVICE_UNAVAILABLE)
            .detail(Bilingual::new(
                "实时连接已达上限",
                "there are as many live connections as may be",
            ))
            .retry_after(30),
        Full::Closed => Problem::of_status(StatusCode::SERVICE_UNAVAILABLE).retry_after(5),
    }
}

/// Whether a request asks for a listening connection.
pub(crate) fn is_live(method: &Method, headers: &HeaderMap) -> bool {
    *method != Method::HEAD && (is_upgrade(headers) || prefers_events(headers))
}

pub(super) fn is_upgrade(headers: &HeaderMap) -> bool {
    let upgrade = headers.get(header::UPGRADE).map(HeaderValue::as_bytes);
    upgrade.is_some_and(|value| value.eq_ignore_ascii_case(b"websocket"))
}

/// The origin of a page that asks, where it is not the hub's own.
fn other_origin(request: &Request) -> Option<HeaderValue> {
    let headers = request.headers();
    let origin = headers.get(header::ORIGIN)?;
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    // HTTP/2 names the host in the address.
    let own = host.or_else(|| request.uri().authority().map(|authority| authority.as_str()));
    let given = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let is_own = matches!((own, given), (Some(own), Some((_, given))) if own == given);
    (!is_own).then(|| origin.clone())
}
