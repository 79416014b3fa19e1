//! The server on a real socket: health, ids, refusals, files, and a stop that loses no request.

mod budgets;
mod files;
mod kept;
mod outside;

use std::{collections::BTreeSet, net::SocketAddr, sync::Arc, time::Duration};

use api::{AppState, ServerSettings};
use editorial::{Desk, arrange::sites};
use schema::digest::Digest;
use serde_json::json;
use store::{Store, documents::Document};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

use crate::{
    house::{House, article, house},
    wire::{ask, get, head, send},
};

/// A server on a free port, until it is told to stop.
struct Served {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Served {
    async fn stop(self) {
        let _ = self.stop.send(());
        self.task.await.expect("it stops by itself");
    }
}

impl House {
    async fn serve(&self) -> Served {
        self.serve_with(ServerSettings {
            trusted_proxies: vec!["127.0.0.0/8".parse().expect("a range")],
            ..ServerSettings::default()
        })
        .await
    }

    async fn serve_with(&self, settings: ServerSettings) -> Served {
        self.serve_from(self.desk.store.clone(), settings).await
    }

    /// A server over its own view of the hub.
    async fn serve_from(&self, store: Store, settings: ServerSettings) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = AppState::new(
            Desk { store, ..self.desk.clone() },
            Arc::clone(&self.files),
            self.channels(),
            self.sign_in(),
            settings,
        );
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(api::serve(listener, state, async {
            let _ = stopped.await;
        }));
        Served { address, stop, task }
    }

    /// The routes of the server that are not GraphQL, as the router tells them.
    fn routes(&self) -> BTreeSet<String> {
        let settings = ServerSettings::default();
        let state = AppState::new(
            self.desk.clone(),
            Arc::clone(&self.files),
            self.channels(),
            self.sign_in(),
            settings,
        );
        let told = format!("{:?}", api::router(state));
        let feeds = |path: &str| match path {
            // A path of a column has slashes of its own, so one route takes all of these.
            "/sites/{site}/columns/{*feed}" => ["atom", "rss", "json"]
                .map(|format| format!("/sites/{{site}}/columns/{{column}}/feed.{format}"))
                .to_vec(),
            path => vec![path.to_owned()],
        };
        told.split('"')
            .filter(|word| word.starts_with('/') && *word != "/")
            .filter(|path| !path.contains("graphql") && !path.contains("__private"))
            // Pages for people are described by themselves.
            .filter(|path| !path.starts_with("/console"))
            .flat_map(feeds)
            .collect()
    }

    /// A file that nobody uses yet.
    async fn upload(&self, bytes: &[u8]) -> Digest {
        self.take_in(bytes).await.digest
    }

    /// Lets a browser's pages of `origin` read what `lanqiao` shows.
    async fn allow_origin(&self, origin: &str) {
        let site = self.site("lanqiao").await;
        self.act(async |work| {
            let site = store::trees::site(work.session(), site).await?.expect("the site exists");
            let mut particulars = site.particulars;
            particulars.origins = vec![origin.to_owned()];
            let (id, seen, parent) = (site.id, site.version, site.parent);
            sites::change_site(&self.desk, work, id, seen, parent, particulars).await
        })
        .await
        .expect("the site is changed");
    }

    /// A live article with one file.
    async fn article_with(&self, digest: Digest, name: &str, media: &str) -> Document {
        let mut new = article("甲");
        let size = self.files.size(&digest).await.expect("an answer").expect("it is there");
        new.text.fields.insert("files".into(), files(digest, name, media, size));
        let draft = self.create(new).await.expect("it is saved");
        self.make_public(&draft).await.document
    }
}

fn files(digest: Digest, name: &str, media: &str, size: u64) -> serde_json::Value {
    json!([{ "digest": digest, "name": name, "mediaType": media, "size": size }])
}

fn asset(digest: Digest) -> String {
    format!("/assets/{}/x", digest.hex())
}

const PDF: &[u8] = b"%PDF-1.7 0123456789";

test_harness::on_both_databases! {
    with house;

    async fn it_is_alive_and_ready_and_tells_what_it_offers(house: House) {
        let served = house.serve().await;

        let live = get(served.address, "/health/live").await;
        let ready = get(served.address, "/health/ready").await;
        let described = get(served.address, "/openapi.json").await;

        assert_eq!((live.status, ready.status), (200, 200));
        assert_eq!(ready.json()["status"], "ready");
        let paths = described.json()["paths"].as_object().expect("paths").clone();
        let paths: BTreeSet<_> = paths.keys().cloned().collect();
        assert_eq!(paths, house.routes(), "what is described, and what is served");
        assert_eq!(live.header("x-content-type-options"), "nosniff");
        assert!(live.header("content-security-policy").contains("default-src 'none'"));
        served.stop().await;
    }

    async fn a_hub_that_cannot_work_is_alive_but_not_ready(house: House) {
        let served = house.serve().await;
        house.tamper("UPDATE _sqlx_migrations SET version = version + 1000 WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)").await;

        let newer = get(served.address, "/health/ready").await;

        assert_eq!((newer.status, newer.problem().as_str()), (503, "not_ready"));
        assert_eq!(newer.json()["errors"][0]["code"], "structure_differs");
        assert_eq!(newer.header("retry-after"), "5");
        house.desk.store.close().await;
        let away = get(served.address, "/health/ready").await;
        let faults = away.json()["errors"].clone();
        assert_eq!((away.status, &faults[0]["path"]), (503, &json!("database")));
        assert!(!faults.to_string().contains("pool"), "the caller learns no internals: {faults}");
        assert_eq!(get(served.address, "/health/live").await.status, 200);
        let metrics = get(served.address, "/metrics").await;
        assert_eq!(metrics.status, 200, "what only the database knows is left out");
        let file = get(served.address, &asset(Digest::of(b""))).await;
        assert!(file.status >= 500);
        file.problem();
        served.stop().await;
    }

    async fn every_answer_carries_an_id(house: House) {
        let served = house.serve().await;
        let with = async |id: &str| {
            ask(served.address, "GET", "/health/live", &[("x-request-id", id)]).await
        };

        let own = get(served.address, "/health/live").await;
        let given = with("edge-0000042").await;
        let forged = ask(served.address, "GET", "/nowhere", &[("x-request-id", "a b\"c{}")]).await;

        assert_eq!(own.header("x-request-id").len(), 36);
        assert_eq!(given.header("x-request-id"), "edge-0000042", "a trusted proxy names it");
        assert_eq!(forged.header("x-request-id").len(), 36);
        let stranger = house.serve_with(ServerSettings::default()).await;
        let claimed = ask(stranger.address, "GET", "/", &[("x-request-id", "edge-0000042")]).await;
        assert_ne!(claimed.header("x-request-id"), "edge-0000042", "anybody else does not");
        served.stop().await;
        stranger.stop().await;
    }

    async fn every_refusal_is_a_problem_in_the_callers_language(house: House) {
        let served = house.serve().await;

        let chinese = ask(served.address, "GET", "/nowhere?token=secret", &[("accept-language", "zh-CN,zh;q=0.9")]).await;
        let english = get(served.address, "/assets/not-a-digest/x").await;
        let method = send(served.address, "DELETE", "/health/live", &[], b"").await;

        assert_eq!((chinese.status, chinese.problem().as_str()), (404, "not_found"));
        assert_eq!(chinese.json()["title"], chinese.json()["messages"]["zh"]);
        assert_eq!(chinese.header("content-language"), "zh");
        assert!(!String::from_utf8_lossy(&chinese.body).contains("secret"));
        assert_eq!((english.status, english.problem().as_str()), (404, "not_found"));
        assert_eq!(english.header("content-language"), "en");
        assert_eq!((method.status, method.problem().as_str()), (405, "method_not_allowed"));
        assert_eq!(method.header("allow"), "GET,HEAD");
        served.stop().await;
    }

    async fn a_body_without_end_is_cut_off_early(house: House) {
        let served = house.serve().await;
        let mut stream = TcpStream::connect(served.address).await.expect("it accepts");
        let json = [("content-type", "application/json")];
        let start = head("POST", "/graphql", &json, None);
        stream.write_all(&start).await.expect("it listens");

        // A gigabyte, if nobody stops it.
        let chunk = [b"10000\r\n".as_slice(), &[b' '; 65_536], b"\r\n"].concat();
        let mut sent = 0_u64;
        while sent < 1 << 30 {
            match stream.write_all(&chunk).await {
                Ok(()) => sent += 65_536,
                Err(_) => break,
            }
        }

        assert!(sent < 64 << 20, "{sent} bytes were taken");
        let path = asset(Digest::of(b""));
        let announced = send(served.address, "GET", &path, &[], &[0; 4_096]).await;
        assert_eq!((announced.status, announced.problem().as_str()), (413, "too_large"));
        served.stop().await;
    }

    async fn a_body_that_cannot_be_read_is_refused_where_it_was_sent(house: House) {
        let served = house.serve().await;
        let json = [("content-type", "application/json")];
        let with = async |path: &str, body: &[u8]| {
            send(served.address, "POST", path, &json, body).await
        };

        for body in [&b"{\"query\": "[..], b"{\"query\": \"\xff\xfe\"}", b"[[[[", b""] {
            let answer = with("/graphql", body).await;
            assert_eq!(answer.status, 400, "{answer:?}");
            assert!(answer.json()["errors"][0]["message"].is_string(), "{answer:?}");
            let managed = with("/manage/graphql", body).await;
            assert_eq!((managed.status, managed.problem().as_str()), (401, "unauthenticated"));
            assert!(managed.header("www-authenticate").starts_with("Bearer"));
        }
        assert_eq!(with("/manage/files", b"x").await.problem(), "unauthenticated");
        served.stop().await;
    }

    async fn what_is_no_http_ends_its_own_connection_only(house: House) {
        let served = house.serve().await;
        for hostile in [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nhost: \xff\xfe\r\nx:\x00\r\n\r\n", b"GET /%ff%fe HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n"] {
            let mut stream = TcpStream::connect(served.address).await.expect("it accepts");
            stream.write_all(hostile).await.expect("it listens");
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            assert!(!answer.starts_with(b"HTTP/1.1 2"), "{hostile:?}");
        }
        assert_eq!(get(served.address, "/health/live").await.status, 200);
        served.stop().await;
    }

    async fn an_answer_that_is_compressed_says_so(house: House) {
        let served = house.serve().await;
        let with = async |encoding: &str| {
            ask(served.address, "GET", "/openapi.json", &[("accept-encoding", encoding)]).await
        };

        let plain = with("identity").await;
        let short = with("gzip").await;

        assert_eq!((plain.header("content-encoding"), short.header("content-encoding")), ("", "gzip"));
        assert!(short.body.len() * 2 < plain.body.len());
        assert_eq!(short.header("vary"), "accept-encoding");
        served.stop().await;
    }

    async fn only_the_origins_of_sites_may_read_from_a_browser(house: House) {
        house.allow_origin("https://www.lanqiao.gov.cn").await;
        let served = house.serve().await;
        let digest = house.upload(PDF).await;
        house.article_with(digest, "a.pdf", "application/pdf").await;
        let path = asset(digest);
        let from = async |origin: &str| {
            ask(served.address, "GET", &path, &[("origin", origin)]).await
        };

        let own = from("https://www.lanqiao.gov.cn").await;
        let other = from("https://evil.example").await;

        assert_eq!(own.header("access-control-allow-origin"), "https://www.lanqiao.gov.cn");
        assert_eq!(other.header("access-control-allow-origin"), "");
        assert_eq!(other.status, 200, "it is public; only scripts of that page may not read it");
        served.stop().await;
    }

    async fn what_is_too_much_at_once_is_refused_with_a_time_to_come_back(house: House) {
        let served = house.serve_with(ServerSettings { concurrency: 0, ..ServerSettings::default() }).await;

        let refused = get(served.address, &asset(Digest::of(b""))).await;

        assert_eq!((refused.status, refused.problem().as_str()), (503, "unavailable"));
        assert_eq!(refused.header("retry-after"), "1");
        assert_eq!(get(served.address, "/health/live").await.status, 200, "operators are served");
        served.stop().await;
    }

    async fn a_stop_finishes_what_is_under_way(house: House) {
        let bytes = vec![b'7'; 600_000];
        let digest = house.upload(&bytes).await;
        house.article_with(digest, "a.txt", "text/plain").await;
        let served = house.serve().await;
        let address = served.address;
        let mut idle = TcpStream::connect(address).await.expect("it accepts");
        let mut busy = TcpStream::connect(address).await.expect("it accepts");
        busy.write_all(&head("GET", &asset(digest), &[], Some(0))).await.expect("it listens");
        let mut first = [0; 8];
        busy.read_exact(&mut first).await.expect("the answer has begun");

        let stopping = tokio::spawn(served.stop());
        assert_eq!(idle.read(&mut first).await.expect("it is closed"), 0, "nothing was under way");
        let mut rest = Vec::new();
        busy.read_to_end(&mut rest).await.expect("the answer is whole");

        assert!(rest.ends_with(&bytes[..1_000]) && rest.len() > bytes.len());
        stopping.await.expect("it has stopped");
        TcpStream::connect(address).await.expect_err("nobody listens any more");
    }

    async fn a_stop_does_not_wait_for_ever(house: House) {
        // More than the system takes in for a reader who does not read.
        let size = 32 << 20;
        let digest = house.upload(&vec![b'7'; size]).await;
        house.article_with(digest, "a.txt", "text/plain").await;
        let stop_limit = Duration::from_millis(50);
        let served = house.serve_with(ServerSettings { stop_limit, ..ServerSettings::default() }).await;
        let mut stalled = TcpStream::connect(served.address).await.expect("it accepts");
        stalled.write_all(&head("GET", &asset(digest), &[], Some(0))).await.expect("it listens");
        stalled.read_exact(&mut [0; 8]).await.expect("the answer has begun");

        served.stop().await;

        let mut rest = Vec::new();
        let _ = stalled.read_to_end(&mut rest).await;
        assert!(rest.len() < size, "it was cut off");
    }

    async fn requests_are_measured_by_their_template(house: House) {
        let served = house.serve().await;
        api::measurements().expect("this process measures");
        get(served.address, "/assets/nothing/at-all").await;
        send(served.address, "BREW", "/coffee-4711", &[], b"").await;

        let page = get(served.address, "/metrics").await;

        let text = String::from_utf8(page.body).expect("text");
        assert!(page.status == 200 && text.contains("gongbao_log_head"), "{text}");
        assert!(text.contains("route=\"/assets/{digest}/{name}\",status=\"404\""), "{text}");
        assert!(text.contains("method=\"other\",route=\"unmatched\""), "{text}");
        assert!(!text.contains("coffee-4711"), "a path is no label");
        served.stop().await;
    }
}
