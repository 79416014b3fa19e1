//! `gongbao demo` and `gongbao simulate webhook` as processes: what the demo promises, and what
//! a careful receiver refuses.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdin, Command, Output, Stdio},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::hmac;
use serde_json::{Value, json};

use crate::wire::{Answer, get, send};

const SECRET: [u8; 32] = [7; 32];

fn gongbao(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongbao"));
    command.env_clear().current_dir(folder).stdin(Stdio::null());
    command
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

/// Whether a process of this id is still there, and is not merely waiting to be buried.
fn is_alive(process: u64) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat"))
        .is_ok_and(|stat| !stat.rsplit(") ").next().unwrap_or_default().starts_with('Z'))
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("no list {name}: {value}"))
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn step<'r>(report: &'r Value, act: &str) -> &'r Value {
    let found = list(report, "steps").iter().find(|step| step["act"] == act);
    found.unwrap_or_else(|| panic!("no {act}: {report}"))
}

#[test]
fn the_demo_does_and_finds_what_it_promises() {
    let folder = folder();

    let mut demo = gongbao(folder.path());
    let output = demo.args(["demo", "--once", "--json"]).output().expect("the program starts");

    assert!(output.status.success(), "{}", said(&output));
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON and nothing else");
    assert_eq!(list(&report, "steps").len(), 8);
    assert_eq!(report["published"]["documents"], 39);

    let recalled = step(&report, "recall");
    assert_eq!(recalled["seen"][0]["status"], 410);
    let key = &recalled["document"];
    let item = list(&report, "items").iter().find(|item| item["key"] == *key).expect("its row");
    let states: Vec<_> = list(item, "targets").iter().map(|at| &at["state"]).collect();
    assert_eq!(states, ["absent", "absent", "absent"], "it was at all three and is at none");

    assert_eq!(step(&report, "move")["seen"][0]["status"], 301);
    let withdrawn = &step(&report, "withdraw")["seen"][0];
    assert_eq!(withdrawn["status"], 200);
    assert!(withdrawn["said"]["en"].as_str().is_some_and(|said| said.starts_with("withdrawn: ")));
    assert_eq!(step(&report, "remove")["seen"][0]["status"], 302);

    let notice = &list(&report, "notices")[0];
    let shown_on: Vec<_> = list(notice, "shownOn").iter().filter_map(Value::as_str).collect();
    assert_eq!(shown_on, ["lanqiao", "lanqiao-finance", "qingxi"], "its site, and those below it");

    let outage = &report["outage"];
    assert!(list(outage, "owed").contains(key), "the recall waited for it too");
    assert!(outage["mostTries"].as_u64() > Some(1), "{outage}");
    let waiting = list(&report, "items").iter().flat_map(|item| list(item, "targets"));
    assert!(waiting.clone().all(|at| at["waits"] == false));
    let retried = waiting.filter(|at| at["tries"].as_u64() > Some(1));
    assert!(retried.clone().count() > 0);
    assert!(retried.clone().all(|at| at["target"] == outage["target"]), "the others were there");

    for receiver in list(&report, "receivers") {
        let process = receiver["process"].as_u64().expect("an id");
        assert!(!is_alive(process), "{} was left behind", receiver["name"]["en"]);
    }
    let data = report["data"].as_str().expect("a folder");
    assert!(!Path::new(data).exists(), "the temporary folder is gone");
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing was made here");
}

#[test]
fn the_demo_does_not_write_into_a_folder_in_use() {
    let folder = folder();
    let hub = folder.path().join("hub");
    fs::create_dir(&hub).expect("a folder");
    fs::write(hub.join("gongbao.db"), "somebody's").expect("a file");

    let mut demo = gongbao(folder.path());
    let output = demo.args(["demo", "--once", "--data", "hub"]).output().expect("it starts");

    assert_eq!(output.status.code(), Some(2));
    let text = said(&output);
    assert!(text.starts_with("error: the folder hub is not empty"), "{text}");
    assert!(text.contains("to do: "), "{text}");
    assert_eq!(fs::read(hub.join("gongbao.db")).expect("it is there"), b"somebody's");
    assert_eq!(fs::read_dir(&hub).expect("a folder").count(), 1);
}

/// A receiver as a process, killed when dropped.
struct Receiver {
    child: Child,
    _input: Option<ChildStdin>,
    address: SocketAddr,
}

impl Receiver {
    fn start(folder: &Path) -> Self {
        let mut child = gongbao(folder)
            .args(["simulate", "webhook", "--json", "--listen", "127.0.0.1:0"])
            .args(["--store", "copies.jsonl", "--until-input-ends"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
        let said: Value = serde_json::from_str(&line).expect("JSON");
        let address = said["listening"].as_str().and_then(|at| at.parse().ok());
        let mut input = child.stdin.take().expect("a pipe");
        writeln!(input, "whsec_{}", STANDARD.encode(SECRET)).expect("it reads its key");
        Self { child, _input: Some(input), address: address.expect("an address") }
    }

    /// Sends what a hub would send at `at`, signed with `secret`.
    async fn told(&self, data: &Value, id: &str, at: i64, secret: &[u8]) -> Answer {
        let body = json!({ "specversion": "1.0", "id": id, "data": data }).to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let tag = hmac::sign(&key, format!("{id}.{at}.{body}").as_bytes());
        let (at, signature) = (at.to_string(), format!("v1,{}", STANDARD.encode(tag)));
        let headers = [
            ("content-type", "application/json"),
            ("webhook-id", id),
            ("webhook-timestamp", &at),
            ("webhook-signature", &signature),
        ];
        send(self.address, "POST", "/in", &headers, body.as_bytes()).await
    }

    async fn accepts(&self, data: &Value, id: &str) {
        assert_eq!(self.told(data, id, now(), &SECRET).await.status, 204);
    }

    async fn states(&self) -> Vec<String> {
        let items = get(self.address, "/items.json").await.json();
        let state =
            |item: &Value| format!("{} {}", item["state"], item["edition"]).replace('"', "");
        list(&items, "items").iter().map(state).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The receiver is another process with the machine's own clock.
#[expect(clippy::disallowed_methods, reason = "a program of its own, with the machine's clock")]
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

fn fact(sequence: u64, kind: &str, state: &str) -> Value {
    json!({
        "contentId": "019a0000-0000-7000-8000-000000000001", "locale": "zh-CN",
        "sequence": sequence, "kind": kind, "state": state, "edition": 1, "type": "notice",
        "site": "lanqiao", "title": (state == "edition").then_some("防汛<b>通知</b>"),
        "absence": (state == "absent").then_some("recalled"),
    })
}

#[tokio::test]
async fn a_receiver_believes_nobody_but_its_hub_and_no_old_message() {
    let folder = folder();
    let receiver = Receiver::start(folder.path());
    let message = fact(1, "publish", "edition");

    let forged = receiver.told(&message, "evt_1", now(), &[8; 32]).await;
    let old = receiver.told(&message, "evt_1", now() - 3_600, &SECRET).await;
    let unsigned = send(receiver.address, "POST", "/in", &[], b"{}").await;

    assert_eq!([forged.status, old.status, unsigned.status], [401, 401, 401]);
    assert!(receiver.states().await.is_empty());
    receiver.accepts(&message, "evt_1").await;
    assert_eq!(receiver.states().await, ["edition 1"]);
    receiver.accepts(&json!({}), "evt_test").await;
    assert_eq!(receiver.states().await, ["edition 1"], "a test call changes nothing");
}

#[tokio::test]
async fn a_receiver_keeps_a_stone_through_late_messages_and_its_own_death() {
    let folder = folder();
    let receiver = Receiver::start(folder.path());
    receiver.accepts(&fact(1, "publish", "edition"), "evt_1").await;
    let page = get(receiver.address, "/").await;
    let page = String::from_utf8(page.body).expect("UTF-8");
    assert!(page.contains("防汛&lt;b&gt;通知&lt;/b&gt;"), "{page}");

    receiver.accepts(&fact(9, "recall", "absent"), "evt_9").await;
    receiver.accepts(&fact(5, "correct", "edition"), "evt_5").await;
    assert_eq!(receiver.states().await, ["absent 1"]);

    drop(receiver);
    let receiver = Receiver::start(folder.path());
    assert_eq!(receiver.states().await, ["absent 1"]);
    receiver.accepts(&fact(6, "publish", "edition"), "evt_6").await;
    assert_eq!(receiver.states().await, ["absent 1"]);
    let copy = "/items/019a0000-0000-7000-8000-000000000001/zh-CN";
    assert_eq!(get(receiver.address, copy).await.status, 410);
    assert_eq!(get(receiver.address, "/items/nothing/zh-CN").await.status, 404);
}

#[test]
fn a_receiver_ends_with_whoever_started_it() {
    let folder = folder();
    let mut receiver = Receiver::start(folder.path());

    drop(receiver._input.take());

    assert!(receiver.child.wait().expect("it ends").success());
}

#[test]
fn a_receiver_says_what_is_no_key() {
    let folder = folder();
    let mut command = gongbao(folder.path());
    command.args(["simulate", "webhook", "--listen", "127.0.0.1:0", "--key", "whpk_AAAA"]);
    let output = command.output().expect("the program starts");

    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).starts_with("error: a key is whpk_ or whsec_"), "{}", said(&output));
}
