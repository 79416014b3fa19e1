//! Who asks, and under which id the request stands in answer and log.
//!
//! What a header claims is believed only from the proxies the settings name: anybody else
//! could write another's address into our log, or give two requests one id.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use schema::parameters::new_uuid;

use super::Network;
use crate::AppState;

/// The header that carries the id of a request.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of the connection, put into each request by the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// The id of a request, in the header `X-Request-Id` of its answer and in each line it leaves
/// in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Where a request comes from: the peer, or what a trusted proxy says of it. `None` in a
/// request that came over no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub Option<IpAddr>);

/// Middleware: puts [`RequestId`] and [`ClientAddress`] into the request, and the id into the
/// answer.
pub(crate) async fn identify(
    State(state): State<Arc<AppState>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = request_id(&state, &request);
    let header = HeaderValue::from_str(&id);
    let client = client_address(&state, &request);
    request.extensions_mut().insert(RequestId(id));
    request.extensions_mut().insert(ClientAddress(client));
    let mut response = next.run(request).await;
    if let Ok(header) = header {
        response.headers_mut().insert(REQUEST_ID, header);
    }
    response
}

/// Where a request comes from, as far as it can be believed.
pub(crate) fn client_address(state: &AppState, request: &Request) -> Option<IpAddr> {
    let peer = peer(request)?;
    Some(client(request.headers(), peer, &state.settings.trusted_proxies))
}

/// An IPv4 address, or the /64 that one IPv6 subscriber has to himself.
pub(crate) fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64)).into(),
        address => address,
    }
}

/// The id that a trusted proxy gave the request, or a new one.
pub(crate) fn request_id(state: &AppState, request: &Request) -> Arc<str> {
    let trusted = &state.settings.trusted_proxies;
    let from_proxy = peer(request).is_some_and(|peer| is_trusted(trusted, peer));
    let given = request.headers().get(REQUEST_ID).filter(|_| from_proxy).and_then(well_formed);
    given.unwrap_or_else(|| {
        new_uuid(state.desk.clock.now(), &*state.desk.entropy).to_string().into()
    })
}

fn peer(request: &Request) -> Option<IpAddr> {
    request.extensions().get::<Peer>().map(|peer| peer.0.ip())
}

fn is_trusted(trusted: &[Network], address: IpAddr) -> bool {
    trusted.iter().any(|network| network.contains(address))
}

/// An id that can stand in a log line and a header without harm.
fn well_formed(value: &HeaderValue) -> Option<Arc<str>> {
    let text = value.to_str().ok()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    ((8..=64).contains(&text.len()) && text.bytes().all(is_plain)).then(|| text.into())
}

/// The nearest address that is not a trusted proxy. Each proxy appends whom it heard, so the
/// list is read from its end, and everything before the first stranger is hearsay.
fn client(headers: &HeaderMap, peer: IpAddr, trusted: &[Network]) -> IpAddr {
    let lines: Vec<_> =
        headers.get_all(FORWARDED_FOR).iter().filter_map(|line| line.to_str().ok()).collect();
    let mut nearest = peer;
    for hop in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        if !is_trusted(trusted, nearest) {
            break;
        }
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        nearest = address.to_canonical();
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_client_is_the_nearest_one_that_is_no_proxy_of_ours() {
        let trusted =
            ["127.0.0.1".parse().expect("a range"), "10.0.0.0/8".parse().expect("a range")];
        let heard = |lines: &[&'static str], peer: &str| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, HeaderValue::from_static(line));
            }
            client(&headers, address(peer), &trusted)
        };

        assert_eq!(heard(&[], "127.0.0.1"), address("127.0.0.1"));
        assert_eq!(heard(&["192.0.2.7"], "127.0.0.1"), address("192.0.2.7"));
        assert_eq!(heard(&["6.6.6.6, 192.0.2.7, 10.0.0.2"], "127.0.0.1"), address("192.0.2.7"));
        assert_eq!(heard(&["6.6.6.6", "192.0.2.7"], "127.0.0.1"), address("192.0.2.7"));
        assert_eq!(heard(&["192.0.2.7"], "203.0.113.9"), address("203.0.113.9"), "a stranger lies");
        assert_eq!(heard(&["<script>, 10.0.0.2"], "127.0.0.1"), address("10.0.0.2"));
    }

    #[test]
    fn an_id_that_could_forge_a_line_of_the_log_is_not_taken() {
        for (id, taken) in [
            ("0198c0de-0000-7000-8000-000000000001", true),
            ("edge.42_abc", true),
            ("short", false),
            ("with space 1", false),
            ("{\"level\":\"x\"}", false),
        ] {
            assert_eq!(well_formed(&HeaderValue::from_static(id)).is_some(), taken, "{id}");
        }
        let long = HeaderValue::from_str(&"a".repeat(65)).expect("a header");
        assert_eq!(well_formed(&long), None);
    }
}
