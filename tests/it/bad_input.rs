//! Everything bad that may be handed to a running hub, by its sockets and its commands: each
//! sender is told what is wrong, and afterwards the hub holds what it held before and works on.
//!
//! What a full disk does is told in `full_disk`, a database that goes away in
//! `campaigns::outage`; single refusals in depth stand with their subjects.

use std::{fs, io::Write as _};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use test_harness::Engine;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    house::{House, house},
    program::{Node, Program, reasons},
    wire::{head, send},
};

struct Hub {
    house: House,
    program: Program,
    token: String,
}

async fn hub(engine: Engine) -> Option<Hub> {
    let house = house(engine).await?;
    let types = house.types_folder().display().to_string();
    let program = Program::new(house.folder(), house.database.url()).with("GONGBAO_TYPES", &types);
    let token = program.administrator();
    Some(Hub { house, program, token })
}

fn article(fields: &Value, path: Option<&str>) -> Value {
    json!({
        "authority": "lanqiao-city", "type": "article", "locale": "zh-CN",
        "draft": {
            "fields": fields,
            "placements": [{ "site": "lanqiao", "columns": ["news"], "path": path }],
        },
    })
}

fn text(title: &str) -> Value {
    json!({ "title": title, "body": "<p>正文</p>" })
}

impl Hub {
    /// What a draft is refused for, as fields and codes.
    async fn refused(&self, node: &Node, new: Value) -> Vec<(String, String)> {
        let payload = node.act(&self.token, "createDocument", new, "draft { digest }").await;
        assert_eq!(payload["draft"], Value::Null);
        for error in payload["userErrors"].as_array().expect("errors") {
            for language in ["zh", "en"] {
                assert!(error["message"][language].as_str().is_some_and(|text| !text.is_empty()));
            }
        }
        reasons(&payload)
    }

    async fn posts(&self, node: &Node, path: &str, body: &[u8]) -> (u16, String) {
        let token = format!("Bearer {}", self.token);
        let headers = [("content-type", "application/json"), ("authorization", &token)];
        let answer = send(node.address, "POST", path, &headers, body).await;
        let told = answer.json();
        let code = told.get("code").or_else(|| told["errors"][0]["extensions"].get("code"));
        (answer.status, code.and_then(Value::as_str).unwrap_or_default().to_lowercase())
    }
}

test_harness::on_both_databases! {
    with hub;

    async fn whoever_sends_something_bad_is_told_and_nothing_else_happens(hub: Hub) {
        let node = hub.program.serve();
        let first = node.publish_new(&hub.token, article(&text("甲"), Some("/news/a"))).await;
        let before = hub.house.sequence().await;

        // Wrong JSON, broken UTF-8, a query ten thousand levels deep.
        let deep = json!({ "query": "{a".repeat(10_000) + &"}".repeat(10_000) }).to_string();
        for path in ["/graphql", "/manage/graphql"] {
            for body in [b"{\"query\": ".as_slice(), b"{\"query\": \"{ \xff\xfe }\"}", b"\xff"] {
                let (status, code) = hub.posts(&node, path, body).await;
                assert_eq!(status, 400, "{path} {}", String::from_utf8_lossy(body));
                assert!(!code.is_empty(), "{path}");
            }
            let (_, code) = hub.posts(&node, path, deep.as_bytes()).await;
            assert!(["too_deep", "too_large"].contains(&code.as_str()), "{path}: {code}");
        }

        // Unknown fields, over-long text, dates that do not exist, links to nothing.
        let nothing = "0190a6e2-0000-7000-8000-000000000000";
        for (field, value, code) in [
            ("titel", json!("甲"), "unknown_field"),
            ("title", json!("字".repeat(100_000)), "too_long"),
            ("title", json!("a\u{0}b"), "control_character"),
            ("writtenOn", json!("2026-02-30"), "not_a_date"),
            ("writtenOn", json!("2026-13-01"), "not_a_date"),
            ("basis", json!([nothing]), "link_to_nothing"),
            ("basis", json!(["../../etc/passwd"]), "not_a_content_id"),
        ] {
            let mut fields = text("乙");
            fields[field] = value;
            let seen = hub.refused(&node, article(&fields, None)).await;
            assert_eq!(seen.len(), 1, "{seen:?}");
            assert!(seen[0].0.starts_with(&format!("fields.{field}")), "{seen:?}");
            assert_eq!(seen[0].1, code, "{field}");
        }

        // Two documents that claim one path.
        let taken = hub.refused(&node, article(&text("乙"), Some("/news/a"))).await;
        assert_eq!(taken[0].1, "path_taken");

        // A tree of columns that would bite its tail.
        let query = "{ site(key: \"lanqiao\") { columns { path version } } }";
        let read = node.manage(&hub.token, query, json!({})).await.json();
        let columns = read["data"]["site"]["columns"].as_array().unwrap_or_else(|| panic!("{read}"));
        let policy = columns.iter().find(|one| one["path"] == "policy").expect("a column");
        let tail = json!({
            "column": { "site": "lanqiao", "path": "policy", "version": policy["version"] },
            "under": "policy/finance",
        });
        let refused = node.act(&hub.token, "moveColumn", tail, "__typename").await;
        assert_eq!(reasons(&refused)[0].1, "cycle");

        // A gigabyte: announced, it is refused at once.
        let token = format!("Bearer {}", hub.token);
        for path in ["/manage/files", "/manage/graphql", "/graphql"] {
            let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
            let mut stream = TcpStream::connect(node.address).await.expect("it accepts");
            stream.write_all(&head("POST", path, &headers, Some(1 << 30))).await.expect("it listens");
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).await.expect("an answer before the body");
            assert_eq!(&answer, b"HTTP/1.1 413", "{path}");
        }

        // Hostile HTML is the one thing that is mended and not refused.
        let hostile = "<p onclick=\"x()\">乙<script>alert(1)</script><img src=x onerror=y>\
            <a href=\"javascript:z()\">丙</a><svg><style>*{}</style></svg></p>";
        node.publish_new(&hub.token, article(&json!({ "title": "乙", "body": hostile }), None)).await;
        let shown = node.content("{ articles(first: 1) { nodes { title body { html } } } }").await;
        let html = shown["articles"]["nodes"][0]["body"]["html"].as_str().expect("a body");
        assert!(html.contains('乙') && html.contains('丙'), "{html}");
        for word in ["script", "onclick", "onerror", "alert", "svg", "style"] {
            assert!(!html.contains(word), "{html}");
        }

        assert_eq!(hub.house.sequence().await, before + 1, "nothing but the last one was published");
        let data = node.content("{ document(site: \"lanqiao\", path: \"/news/a\") { contentId title } }").await;
        assert_eq!((&data["document"]["title"], &data["document"]["contentId"]), (&json!("甲"), &first["contentId"]));
        node.stop();
        assert_eq!(hub.house.findings().await, []);
    }

    async fn a_packed_file_that_breaks_off_keeps_what_was_acknowledged(hub: Hub) {
        let records = 60;
        let lines: String = (0..records)
            .map(|number| {
                // Words that cannot be packed, so that half the file is half the records.
                let noise = schema::digest::Digest::of(&[number; 4]).hex();
                let record = json!({ "id": number.to_string(), "title": format!("{number}号"), "body": format!("<p>{noise}</p>") });
                format!("{record}\n")
            })
            .collect();
        let mut packed = GzEncoder::new(Vec::new(), Compression::none());
        packed.write_all(lines.as_bytes()).expect("it is packed");
        let packed = packed.finish().expect("it is packed");
        let folder = hub.house.folder();
        let file = folder.join("texts.jsonl.gz");
        fs::write(&file, &packed[..packed.len() / 2]).expect("a file");
        let import = ["import", "texts.jsonl.gz", "--site", "lanqiao", "--column", "news", "--type", "article", "--publish", "--json"];

        let broken = hub.program.command(&import).output().expect("it starts");
        let said = String::from_utf8_lossy(&broken.stderr);
        assert_eq!(broken.status.code(), Some(1), "{said}");
        assert_eq!(said.lines().count(), 2, "what is wrong and what to do: {said}");
        let told = String::from_utf8(broken.stdout).expect("UTF-8");
        let published = told.lines().filter(|line| line.contains("\"status\":\"published\"")).count();
        assert!(published < usize::from(records), "{told}");
        assert_eq!(hub.house.events().await.len(), published, "what was acknowledged, and no more");

        fs::write(&file, &packed).expect("a file");
        let whole = hub.program.done(&import);
        let summary: Value = serde_json::from_str(whole.lines().last().expect("a summary")).expect("JSON");
        assert_eq!(summary["summary"]["rejected"], 0, "{summary}");
        assert_eq!(hub.house.events().await.len(), usize::from(records));
        assert_eq!(hub.house.findings().await, []);
    }

    async fn a_folder_that_cannot_be_written_to_is_named(hub: Hub) {
        // Nobody writes below /proc, not even root.
        let program = hub.program.clone().with("GONGBAO_ASSETS", "file:///proc/gongbao");
        let (code, said) = program.failed(&["serve", "--listen", "127.0.0.1:0", "--lang", "zh"]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("/proc/gongbao") && said.contains("GONGBAO_ASSETS"), "{said}");
        let (code, said) = hub.program.failed(&["export", "--site", "lanqiao", "--output", "/proc/gongbao"]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("/proc/gongbao"), "{said}");
    }
}
