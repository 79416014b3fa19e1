//! The calls that drop something, in the manner of a cache.

use std::borrow::Cow;

use bytes::Bytes;
use schema::delivery::{Class, Purge, PurgeBy};
use store::deliveries::targets::Target;
use url::Url;

use crate::{
    channels::Parcel,
    dropping::Dropping,
    outbound::{Call, Transport},
    verdict::Outcome,
};

/// Letters of what was dropped that a receipt keeps.
const TOLD: usize = 700;

/// Makes all calls that `dropping` takes, one after the other. Where one fails the rest is not
/// made: all of them are made again.
pub(super) async fn make(
    target: &Target,
    manner: &Purge,
    secret: &str,
    dropping: &Dropping,
    (parcel, transport): (&Parcel, &dyn Transport),
) -> Outcome {
    let calls = calls(&target.address, manner, secret, dropping);
    let made = calls.len();
    let mut last = Outcome {
        class: Class::Ok,
        status: None,
        answer: Some("nothing that this cache can be told to drop".into()),
        hint: None,
    };
    for call in calls {
        let reply = transport.send(call, &target.particulars.reach).await;
        last = Outcome::of_reply(reply, parcel.at);
        if last.status.is_some_and(|status| manner.also_done.contains(&status)) {
            last.class = Class::Ok;
        }
        if last.class != Class::Ok {
            return last;
        }
    }
    if made > 0 {
        last.answer = Some(told(manner, dropping, made));
    }
    last
}

/// What a receipt says.
fn told(manner: &Purge, dropping: &Dropping, calls: usize) -> String {
    let (number, what, names) = match manner.by {
        PurgeBy::Tags => {
            let tags: Vec<_> = dropping.tags.iter().map(String::as_str).collect();
            (tags.len(), "tags", tags.join(" "))
        }
        PurgeBy::Addresses => {
            let all = addresses(manner, dropping);
            let all: Vec<_> = all.iter().map(|one| one.path.as_ref()).collect();
            (all.len(), "addresses", all.join(" "))
        }
    };
    let mut told = format!("dropped {number} {what} in {calls} calls: {names}");
    told.truncate(told.floor_char_boundary(TOLD));
    told
}

fn calls(address: &str, manner: &Purge, secret: &str, dropping: &Dropping) -> Vec<Call> {
    let call = |url: String, header: Option<(String, String)>, body: Option<String>| {
        let mut headers: Vec<(Cow<'static, str>, String)> = Vec::new();
        headers.extend(header.map(|(name, value)| (name.into(), value)));
        if let Some(name) = &manner.secret_header {
            let value = format!("{}{secret}", manner.secret_prefix);
            headers.push((name.clone().into(), value));
        }
        if body.is_some() {
            headers.push(("content-type".into(), "application/json".into()));
        }
        let body = body.map(Bytes::from).unwrap_or_default();
        Call { method: manner.method.clone().into(), url, headers, body }
    };
    let most = manner.per_call.max(1) as usize;
    match (manner.by, &manner.header) {
        (PurgeBy::Tags, Some(header)) => {
            let tags: Vec<_> = dropping.tags.iter().map(String::as_str).collect();
            let join = |tags: &[&str]| (header.clone(), tags.join(&manner.separator));
            tags.chunks(most).map(|tags| call(address.into(), Some(join(tags)), None)).collect()
        }
        (PurgeBy::Tags, None) => {
            let tags: Vec<_> = dropping.tags.iter().cloned().collect();
            tags.chunks(most).map(|tags| call(address.into(), None, manner.body(tags))).collect()
        }
        (PurgeBy::Addresses, _) if manner.body.is_some() => {
            let all = addresses(manner, dropping);
            let urls: Vec<_> = all.iter().filter_map(Address::url).collect();
            urls.chunks(most).map(|urls| call(address.into(), None, manner.body(urls))).collect()
        }
        (PurgeBy::Addresses, _) => {
            let base = address.trim_end_matches('/');
            addresses(manner, dropping)
                .into_iter()
                .map(|Address { host, path }| {
                    let host = host.map(|host| ("host".to_owned(), host));
                    call(format!("{base}{path}"), host, None)
                })
                .collect()
        }
    }
}

/// An address as a cache keeps it.
#[derive(Debug, PartialEq, Eq)]
struct Address {
    /// `None` where it is the one that the cache is called by.
    host: Option<String>,
    path: String,
}

impl Address {
    fn url(&self) -> Option<String> {
        Some(format!("https://{}{}", self.host.as_ref()?, self.path))
    }
}

fn addresses(manner: &Purge, dropping: &Dropping) -> Vec<Address> {
    let page = |page: &String| {
        let url = Url::parse(page).ok()?;
        let host = url.host_str()?;
        let host = url.port().map_or(host.to_owned(), |port| format!("{host}:{port}"));
        Some(Address { host: Some(host), path: url.path().to_owned() })
    };
    let mut all: Vec<_> = dropping.pages.iter().filter_map(page).collect();
    let hosts: Vec<_> = dropping.domains.iter().chain(&manner.hosts).cloned().map(Some).collect();
    let hosts = if hosts.is_empty() { vec![None] } else { hosts };
    for path in &dropping.paths {
        all.extend(hosts.iter().map(|host| Address { host: host.clone(), path: path.clone() }));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manner(text: &str) -> Purge {
        serde_json::from_str(text).expect("a manner")
    }

    fn dropping() -> Dropping {
        let set = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect();
        Dropping {
            tags: set(&["all", "d-abc", "site-lanqiao"]),
            pages: set(&["https://www.lanqiao.example/", "https://www.lanqiao.example/%E9%80%9A"]),
            paths: set(&["/sites/lanqiao/feed.atom"]),
            domains: set(&["www.lanqiao.example"]),
        }
    }

    fn said(calls: &[Call]) -> Vec<(String, Vec<String>, String)> {
        let one = |call: &Call| {
            let headers = call.headers.iter().map(|(name, value)| format!("{name}: {value}"));
            let body = String::from_utf8(call.body.to_vec()).expect("text");
            (format!("{} {}", call.method, call.url), headers.collect(), body)
        };
        calls.iter().map(one).collect()
    }

    #[test]
    fn tags_go_in_a_header_no_more_than_the_cache_takes_at_once() {
        let manner = manner(
            r#"{"by":"tags","header":"xkey-purge","perCall":2,"secretHeader":"x-purge-key"}"#,
        );

        let calls = calls("http://cache/", &manner, "s3cret", &dropping());

        let head = |tags: &str| vec![format!("xkey-purge: {tags}"), "x-purge-key: s3cret".into()];
        assert_eq!(
            said(&calls),
            [
                ("PURGE http://cache/".into(), head("all d-abc"), String::new()),
                ("PURGE http://cache/".into(), head("site-lanqiao"), String::new()),
            ]
        );
    }

    #[test]
    fn tags_go_in_a_body_as_the_cache_words_it() {
        let manner = manner(
            r#"{"by":"tags","method":"POST","body":"{\"tags\": {tags}}","secretHeader":"authorization","secretPrefix":"Bearer "}"#,
        );

        let calls = calls("https://api/purge", &manner, "k", &dropping());

        assert_eq!(
            said(&calls),
            [(
                "POST https://api/purge".into(),
                vec!["authorization: Bearer k".into(), "content-type: application/json".into()],
                r#"{"tags": ["all","d-abc","site-lanqiao"]}"#.into()
            )]
        );
    }

    #[test]
    fn addresses_are_asked_of_the_cache_under_the_host_that_readers_use() {
        let manner = manner(r#"{"by":"addresses","hosts":["hub.example"]}"#);

        let calls = calls("http://10.0.0.1:8080/purge/", &manner, "", &dropping());

        let said: Vec<_> = said(&calls).into_iter().map(|(line, head, _)| (line, head)).collect();
        let expect = |path: &str, host: &str| {
            (format!("PURGE http://10.0.0.1:8080/purge{path}"), vec![format!("host: {host}")])
        };
        assert_eq!(
            said,
            [
                expect("/", "www.lanqiao.example"),
                expect("/%E9%80%9A", "www.lanqiao.example"),
                expect("/sites/lanqiao/feed.atom", "www.lanqiao.example"),
                expect("/sites/lanqiao/feed.atom", "hub.example"),
            ]
        );
    }

    #[test]
    fn a_receipt_says_what_was_dropped() {
        let by_tags = manner(r#"{"by":"tags","header":"xkey"}"#);

        let told = told(&by_tags, &dropping(), 1);

        assert_eq!(told, "dropped 3 tags in 1 calls: all d-abc site-lanqiao");
    }
}
