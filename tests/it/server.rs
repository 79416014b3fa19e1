//! The server on a real socket: health, ids, refusals, files while they are public, and a stop
//! that loses no request.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use api::{AppState, ServerSettings};
use editorial::arrange::sites;
use schema::{
    digest::Digest,
    permission::{Role, Scope},
    visibility::Notice,
};
use serde_json::json;
use store::documents::Document;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

use crate::{
    house::{House, actor, article, house, text, told},
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
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let state = AppState::new(self.desk.clone(), Arc::clone(&self.files), settings);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(api::serve(listener, state, async {
            let _ = stopped.await;
        }));
        Served { address, stop, task }
    }

    /// A file that nobody uses yet.
    async fn upload(&self, bytes: &[u8]) -> Digest {
        let stored = self.files.put(bytes.to_vec().into(), 1 << 26).await.expect("it is stored");
        self.act(async |work| {
            Ok(store::editions::file_stored(work, stored.digest, stored.size).await?)
        })
        .await
        .expect("it is noted");
        stored.digest
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
        new.text.fields.insert("files".into(), files(digest, name, media));
        let draft = self.create(new).await.expect("it is saved");
        self.make_public(&draft).await.document
    }
}

fn files(digest: Digest, name: &str, media: &str) -> serde_json::Value {
    json!([{ "digest": digest, "name": name, "mediaType": media, "size": 10 }])
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
        for path in described.json()["paths"].as_object().expect("paths").keys() {
            let path = path.replace("{digest}", &Digest::of(b"").hex()).replace("{name}", "x");
            let answer = get(served.address, &path).await;
            let is_route = answer.status != 405 && answer.header("allow").is_empty();
            assert!(is_route && answer.status < 500, "{path}: {answer:?}");
        }
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
        let path = asset(Digest::of(b""));
        let mut stream = TcpStream::connect(served.address).await.expect("it accepts");
        stream.write_all(&head("POST", &path, &[], None)).await.expect("it listens");

        // A gigabyte, if nobody stops it.
        let chunk = [b"10000\r\n".as_slice(), &[0; 65_536], b"\r\n"].concat();
        let mut sent = 0_u64;
        while sent < 1 << 30 {
            match stream.write_all(&chunk).await {
                Ok(()) => sent += 65_536,
                Err(_) => break,
            }
        }

        assert!(sent < 64 << 20, "{sent} bytes were taken");
        let announced = send(served.address, "GET", &path, &[], &[0; 4_096]).await;
        assert_eq!((announced.status, announced.problem().as_str()), (413, "too_large"));
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

    async fn a_file_is_there_while_a_public_text_uses_it(house: House) {
        let served = house.serve().await;
        let digest = house.upload(PDF).await;
        let path = asset(digest);
        let status = async || get(served.address, &path).await.status;
        assert_eq!(status().await, 404, "nobody uses it");

        let mut new = article("甲");
        new.text.fields.insert("files".into(), files(digest, "附件.pdf", "application/pdf"));
        let draft = house.create(new).await.expect("it is saved");
        assert_eq!(status().await, 404, "a draft is nobody's business");
        let document = house.make_public(&draft).await.document;
        let shown = get(served.address, &path).await;
        assert_eq!((shown.status, shown.body.as_slice()), (200, PDF));
        assert_eq!(shown.header("content-type"), "application/pdf");
        assert!(shown.header("content-disposition").starts_with("inline;"));
        assert!(shown.header("content-disposition").contains("filename*=UTF-8''%E9%99%84%E4%BB%B6.pdf"));

        let shows_text = Notice { shows_text: true, ..told("更正中", "Being corrected") };
        let withdrawn = house.withdraw(&document, shows_text).await.expect("it is withdrawn");
        assert_eq!(status().await, 200, "the text stays to be read");
        let alone = house.withdraw(&withdrawn, told("已撤回", "Withdrawn")).await.expect("it is");
        assert_eq!(status().await, 404, "the notice stands alone");
        let lifted = house.correct(&alone, text("乙")).await.document;
        assert_eq!(status().await, 200, "the edition before stays readable");
        house.recall(&lifted).await;
        assert_eq!(status().await, 404);
        served.stop().await;
    }

    async fn a_recalled_file_is_unknown_even_to_who_has_its_tag(house: House) {
        let served = house.serve().await;
        let digest = house.upload(PDF).await;
        let document = house.article_with(digest, "a.pdf", "application/pdf").await;
        let twin = house.article_with(digest, "b.pdf", "application/pdf").await;
        let tag = format!("\"{}\"", digest.hex());
        let path = asset(digest);
        let again = async || {
            ask(served.address, "GET", &path, &[("if-none-match", &tag)]).await
        };

        assert_eq!(again().await.status, 304);
        house.recall(&document).await;
        assert_eq!(again().await.status, 304, "the other text still uses it");
        house.recall(&twin).await;
        assert_eq!(again().await.status, 404);
        assert_eq!(get(served.address, &asset(digest)).await.problem(), "not_found");
        served.stop().await;
    }

    async fn who_may_see_a_draft_may_see_its_file(house: House) {
        let digest = house.upload(PDF).await;
        let mut new = article("甲");
        new.text.fields.insert("files".into(), files(digest, "a.pdf", "application/pdf"));
        house.create(new).await.expect("it is saved");
        let seen = async |role| {
            let viewer = schema::viewer::Viewer::Known(actor("x", 70, role, Scope::Hub));
            let mut session = house.desk.store.reader().await.expect("a reader");
            let found = store::assets::find(&mut session, &viewer, &house.desk.types, &digest).await;
            found.expect("an answer").map(|asset| asset.public)
        };

        assert_eq!(seen(Role::Reader).await, Some(false), "and it is not public by that");
        assert_eq!(seen(Role::Operator).await, None);
    }

    async fn a_part_is_given_and_what_is_known_is_not_sent_again(house: House) {
        let served = house.serve().await;
        let digest = house.upload(PDF).await;
        house.article_with(digest, "a.pdf", "application/pdf").await;
        let path = asset(digest);
        let tag = format!("\"{}\"", digest.hex());
        let with = async |name: &str, value: String| {
            ask(served.address, "GET", &path, &[(name, &value)]).await
        };

        let whole = get(served.address, &path).await;
        assert_eq!((whole.header("etag"), whole.header("accept-ranges")), (tag.as_str(), "bytes"));
        assert_eq!(whole.header("cache-control"), "public, max-age=60, must-revalidate");
        assert_eq!(whole.header("cross-origin-resource-policy"), "cross-origin");
        let part = with("range", "bytes=9-12".into()).await;
        assert_eq!((part.status, part.body.as_slice()), (206, &b"0123"[..]));
        assert_eq!(part.header("content-range"), "bytes 9-12/19");
        let outside = with("range", "bytes=19-".into()).await;
        assert_eq!((outside.status, outside.problem().as_str()), (416, "range_not_satisfiable"));
        assert_eq!(outside.header("content-range"), "bytes */19");
        let known = with("if-none-match", format!("W/{tag}")).await;
        assert_eq!((known.status, known.body.len(), known.header("etag")), (304, 0, tag.as_str()));
        let head = ask(served.address, "HEAD", &path, &[]).await;
        assert_eq!((head.status, head.body.len(), head.header("content-length")), (200, 0, "19"));
        let stale = ask(served.address, "GET", &path, &[("range", "bytes=0-0"), ("if-range", "\"other\"")]).await;
        assert_eq!((stale.status, stale.body.len()), (200, 19));
        served.stop().await;
    }

    async fn a_file_that_could_run_scripts_runs_none(house: House) {
        let served = house.serve().await;
        let page = house.upload(b"<script>alert(1)</script>").await;
        house.article_with(page, "a.html", "text/html").await;
        let undeclared = house.upload(b"<svg onload=alert(1)>").await;
        let mut new = article("乙");
        let body = format!("<p>图</p><img src=\"asset:{undeclared}\" alt=\"图\">");
        new.text.fields.insert("body".into(), json!(body));
        let draft = house.create(new).await.expect("it is saved");
        house.make_public(&draft).await;

        let page = ask(served.address, "GET", &asset(page), &[("accept-encoding", "gzip, br")]).await;
        let shown = get(served.address, &format!("/assets/{}/evil.html", undeclared.hex())).await;

        assert!(page.header("content-security-policy").starts_with("sandbox;"));
        assert_eq!(page.header("content-encoding"), "", "files go out as they are");
        assert_eq!(shown.status, 200);
        assert_eq!(shown.header("content-type"), "application/octet-stream");
        assert!(shown.header("content-disposition").starts_with("attachment;"));
        assert_eq!(shown.header("x-content-type-options"), "nosniff");
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
        let bytes = vec![7; 600_000];
        let digest = house.upload(&bytes).await;
        house.article_with(digest, "a.bin", "application/octet-stream").await;
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
        let digest = house.upload(&vec![7; size]).await;
        house.article_with(digest, "a.bin", "application/octet-stream").await;
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
