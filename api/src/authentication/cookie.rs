//! The cookie of a session: sent by a browser to this host alone, over TLS, never from a page of
//! another site, and out of reach of scripts.
//!
//! A browser sends it with every request by itself, so a request that changes something has to
//! show besides that a page of ours made it: with the session's form token, and by what the browser
//! says of where the request comes from.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use editorial::{access::SessionSecret, sign_in::SignedIn};
use subtle::ConstantTimeEq as _;

/// The prefix binds it to this host, all of its paths, and TLS (RFC 6265bis).
const NAME: &str = "__Host-gongbao-session";
/// The header that carries the form token where no form does.
pub(crate) const FORM_TOKEN: HeaderName = HeaderName::from_static("x-gongbao-form");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The session that a browser presents.
pub(crate) fn presented(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, value)| (name == NAME).then_some(value))
}

/// Gives the browser a session to present. It forgets it when it is closed.
pub(crate) fn set(secret: &SessionSecret) -> (HeaderName, HeaderValue) {
    cookie(secret.reveal(), "")
}

/// Has the browser forget its session.
pub(crate) fn cleared() -> (HeaderName, HeaderValue) {
    cookie("", "; Max-Age=0")
}

fn cookie(value: &str, rest: &str) -> (HeaderName, HeaderValue) {
    let text = format!("{NAME}={value}; Path=/; Secure; HttpOnly; SameSite=Strict{rest}");
    let mut value = HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    (header::SET_COOKIE, value)
}

/// Whether a request may have been made by a page of another site, as its browser tells.
pub(crate) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get(FETCH_SITE) {
        return site != "same-origin" && site != "none";
    }
    // Older browsers say where a request comes from, but not what that means.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    match (origin.and_then(|origin| origin.split_once("://")), host) {
        (Some((_, of)), Some(host)) => !of.eq_ignore_ascii_case(host),
        (Some(_), None) => true,
        (None, _) => headers.contains_key(header::ORIGIN),
    }
}

/// Whether `token` shows that a page of ours made a request with this session.
pub(crate) fn is_form_token(signed_in: &SignedIn, token: &str) -> bool {
    signed_in.form_token.as_bytes().ct_eq(token.as_bytes()).into()
}

/// Whether a request with a session may do what it asks for: it only reads, or shows that a page of
/// ours made it.
pub(crate) fn may_act(signed_in: &SignedIn, method: &Method, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD) {
        return true;
    }
    let token = headers.get(FORM_TOKEN).and_then(|token| token.to_str().ok());
    !is_from_elsewhere(headers) && token.is_some_and(|token| is_form_token(signed_in, token))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let sent = headers(&[(header::COOKIE, "a=b; __Host-gongbao-session=gbs_x; c=d")]);
        assert_eq!(presented(&sent), Some("gbs_x"));
        for other in ["gongbao-session=gbs_x", "x__Host-gongbao-session=gbs_x", ""] {
            assert_eq!(presented(&headers(&[(header::COOKIE, other)])), None, "{other}");
        }
    }

    #[test]
    fn where_a_request_comes_from_is_believed_to_its_disadvantage() {
        let origin = header::ORIGIN;
        let host = header::HOST;
        for (sent, elsewhere) in [
            (headers(&[(FETCH_SITE, "same-origin")]), false),
            (headers(&[(FETCH_SITE, "none")]), false),
            (headers(&[(FETCH_SITE, "same-site")]), true),
            (headers(&[(FETCH_SITE, "cross-site"), (origin.clone(), "https://h")]), true),
            (headers(&[(origin.clone(), "https://h"), (host.clone(), "h")]), false),
            (headers(&[(origin.clone(), "https://evil"), (host.clone(), "h")]), true),
            (headers(&[(origin.clone(), "null"), (host, "h")]), true),
            (headers(&[(origin, "https://h")]), true),
            (headers(&[]), false),
        ] {
            assert_eq!(is_from_elsewhere(&sent), elsewhere, "{sent:?}");
        }
    }
}
