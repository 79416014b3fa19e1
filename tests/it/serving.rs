//! `gongbao serve` as a process: what it says, how it ends, and that it survives being killed.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};

use editorial::types::put_in_force;
use serde_json::Value;
use test_harness::{Engine, TestDatabase};

use crate::{
    house::{article, house, house_with_types},
    wire::{get, send},
};

const TREE: &str = include_str!("house.toml");
const ARTICLE: &str = include_str!("types/article.toml");
const ALARM: &str = include_str!("types/alarm.toml");

fn gongbao(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongbao"));
    command.env_clear().current_dir(folder).stdin(Stdio::null());
    command
}

fn serve(folder: &Path) -> Command {
    let mut command = gongbao(folder);
    command.args(["serve", "--json", "--listen", "127.0.0.1:0"]);
    command
}

/// A server that said where it listens.
struct Running {
    child: Child,
    address: SocketAddr,
    said: Value,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut line = String::new();
        let output = child.stdout.take().expect("a pipe");
        BufReader::new(output).read_line(&mut line).expect("it says something");
        let Ok(said) = serde_json::from_str::<Value>(&line) else {
            let mut why = String::new();
            let _ = child.stderr.take().expect("a pipe").read_to_string(&mut why);
            panic!("it did not start: {line}{why}");
        };
        let address = said["listening"].as_str().expect("an address").parse().expect("one");
        Self { child, address, said }
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(sent.expect("kill is there").success());
    }

    /// How it ended, and what it logged.
    fn ended(mut self) -> (ExitStatus, String) {
        let mut log = String::new();
        self.child.stderr.take().expect("a pipe").read_to_string(&mut log).expect("UTF-8");
        (self.child.wait().expect("it ends"), log)
    }
}

/// Exit code and the two lines of a start that failed.
fn failed(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().expect("the program starts");
    let text = String::from_utf8(output.stderr).expect("UTF-8");
    let mut lines = text.lines().rev();
    let (remedy, what) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    (output.status.code(), what.to_owned(), remedy.to_owned())
}

test_harness::on_both_databases! {
    async fn what_was_acknowledged_survives_a_kill(database: TestDatabase) {
        let folder = database.folder();
        let with = |mut command: Command| {
            command.env("GONGBAO_DATABASE_URL", database.url());
            command
        };
        let first = Running::start(&mut with(serve(folder)));
        assert_eq!(first.said["needsAdministrator"], true);
        fs::write(folder.join("tree.toml"), TREE).expect("a manifest");
        let applied = with(gongbao(folder)).args(["site", "apply", "tree.toml"]).status();
        assert!(applied.expect("it runs").success(), "a second process works beside the server");
        assert_eq!(get(first.address, "/health/ready").await.status, 200);

        first.signal("-KILL");
        first.ended();
        let second = Running::start(&mut with(serve(folder)));

        assert_eq!(get(second.address, "/health/ready").await.status, 200);
        let listed = with(gongbao(folder)).args(["site", "list", "--json"]).output();
        let sites: Value = serde_json::from_slice(&listed.expect("it runs").stdout).expect("JSON");
        assert_eq!(sites.as_array().map(Vec::len), Some(3));
        let measured = get(second.address, "/metrics").await;
        assert!(String::from_utf8_lossy(&measured.body).contains("gongbao_build_info{"));
        second.signal("-TERM");
        let (status, log) = second.ended();
        assert!(status.success(), "{log}");
        for line in log.lines() {
            let line: Value = serde_json::from_str(line).expect("a line is a JSON object");
            assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
        }
        let answered = log.lines().find(|line| line.contains("\"stopped\"")).expect("the last word");
        assert!(answered.contains("\"cut\":false"), "{answered}");
    }
}

#[test]
fn types_that_would_orphan_are_put_in_force_only_on_demand() {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        test_harness::run(engine, house, async |house: crate::house::House| {
            house.create(article("甲")).await.expect("it is saved");
            let folder = house.folder();
            let types = folder.join("types");
            fs::create_dir(&types).expect("a folder");
            fs::write(types.join("alarm.toml"), ALARM).expect("a type");
            fs::write(types.join("article.toml"), ARTICLE).expect("a type");
            let with = || {
                let mut command = serve(folder);
                command
                    .env("GONGBAO_DATABASE_URL", house.database.url())
                    .env("GONGBAO_TYPES", "types");
                command
            };
            let running = Running::start(&mut with());
            running.signal("-INT");
            assert!(running.ended().0.success());
            fs::remove_file(types.join("article.toml")).expect("the type goes");

            let (code, what, remedy) = failed(&mut with());
            assert_eq!(code, Some(1), "{what}");
            assert!(
                what.contains("article") && remedy.contains("--accept-type-changes"),
                "{what} {remedy}"
            );
            let accepted = Running::start(with().arg("--accept-type-changes"));
            assert_eq!(get(accepted.address, "/health/ready").await.status, 200);
            accepted.signal("-TERM");
            assert!(accepted.ended().0.success());
        });
    }
}

#[test]
fn a_field_that_becomes_filterable_is_indexed_beside_the_server() {
    let plain = ARTICLE.replace(
        "filterable = true\nsortable = true\n\n[[field]]\nname = \"tags\"",
        "\n[[field]]\nname = \"tags\"",
    );
    let filterable = ARTICLE.replace("version = 1", "version = 2");
    for engine in [Engine::Sqlite, Engine::Postgres] {
        let types = [("article.toml", plain.as_str()), ("alarm.toml", ALARM)];
        let given = async |engine| house_with_types(engine, &types).await;
        test_harness::run(engine, given, async |house: crate::house::House| {
            house
                .act(async |work| put_in_force(&house.desk, work, false).await)
                .await
                .expect("new");
            let mut dated = article("甲");
            dated.text.fields.insert("writtenOn".into(), "2026-02-03".into());
            let draft = house.create(dated).await.expect("it is saved");
            house.make_public(&draft).await;
            let folder = house.folder().join("types");
            fs::create_dir(&folder).expect("a folder");
            fs::write(folder.join("alarm.toml"), ALARM).expect("a type");
            fs::write(folder.join("article.toml"), &filterable).expect("a type");

            let mut command = serve(house.folder());
            command.env("GONGBAO_DATABASE_URL", house.database.url()).env("GONGBAO_TYPES", &folder);
            let running = Running::start(&mut command);
            let query =
                r#"{"query":"{articles(filter:{writtenOn:{eq:\"2026-02-03\"}}){nodes{title}}}"}"#;
            let json = [("content-type", "application/json")];
            let answer = loop {
                let answer =
                    send(running.address, "POST", "/graphql", &json, query.as_bytes()).await.json();
                if answer["errors"][0]["extensions"]["code"] != "NOT_INDEXED" {
                    break answer;
                }
            };

            assert_eq!(answer["data"]["articles"]["nodes"][0]["title"], "甲", "{answer}");
            running.signal("-TERM");
            assert!(running.ended().0.success());
        });
    }
}

#[test]
fn a_database_that_comes_back_is_used_again() {
    test_harness::run(Engine::Postgres, house, async |house: crate::house::House| {
        let mut command = serve(house.folder());
        let running = Running::start(command.env("GONGBAO_DATABASE_URL", house.database.url()));
        assert_eq!(get(running.address, "/health/ready").await.status, 200);

        house
            .tamper(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .await;

        // Each dead connection is found out by one request; there are at most as many as the
        // pool holds.
        let mut answers = Vec::new();
        while answers.last() != Some(&200) && answers.len() < 40 {
            answers.push(get(running.address, "/health/ready").await.status);
        }
        assert_eq!(answers.last(), Some(&200), "{answers:?}");
        assert!(answers.iter().all(|status| [200, 503].contains(status)), "{answers:?}");
        running.signal("-TERM");
        assert!(running.ended().0.success());
    });
}

#[test]
fn the_first_start_says_how_to_make_an_administrator() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = gongbao(folder.path())
        .args(["serve", "--listen", "127.0.0.1:0", "--lang", "zh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let said: Vec<String> = lines.take(4).map(|line| line.expect("UTF-8")).collect();
    let commands: Vec<_> = said.iter().filter_map(|line| line.strip_prefix("  gongbao ")).collect();

    assert_eq!(commands.len(), 2, "{said:?}");
    for command in commands {
        let done = gongbao(folder.path()).args(command.split(' ')).output().expect("it runs");
        assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
    }
    child.kill().expect("it is stopped");
    child.wait().expect("it ends");
    let again = Running::start(&mut serve(folder.path()));
    assert_eq!(again.said["needsAdministrator"], false);
    again.signal("-TERM");
    assert!(again.ended().0.success());
}

#[test]
fn a_start_that_cannot_work_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let start = || serve(folder.path());
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let mut on_taken = gongbao(folder.path());

    let (code, what, remedy) = failed(on_taken.args(["serve", "--listen", &address]));
    assert_eq!(code, Some(1), "{what}");
    assert!(what.contains("another program") && remedy.contains("GONGBAO_LISTEN"), "{what}");
    let (code, what, _) = failed(start().env("GONGBAO_ASSETS", "file:///proc/gongbao"));
    assert_eq!(code, Some(1), "{what}");
    assert!(what.contains("/proc/gongbao"), "{what}");
    let (code, what, _) =
        failed(start().env("GONGBAO_DATABASE_URL", "postgres://hub:hunter2@127.0.0.1:1/hub"));
    assert_eq!(code, Some(1), "{what}");
    assert!(!what.contains("hunter2"), "{what}");
    let (code, what, _) =
        failed(start().env("GONGBAO_DATABASE_URL", "sqlite:///proc/gongbao/hub.db"));
    assert!(code == Some(1) || code == Some(2), "{what}");
}

#[test]
fn wrong_settings_are_refused_before_anything_is_touched() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, value) in [
        ("GONGBAO_LISTEN", "nowhere"),
        ("GONGBAO_HTTP_CONCURRENCY", "0"),
        ("GONGBAO_HTTP_TRUSTED_PROXIES", "10.0.0.0/8,proxy"),
        ("GONGBAO_HTTP_CONCURENCY", "1"),
        ("GONGBAO_PUBLIC_URL", "hub"),
        ("GONGBAO_LOG", "loud"),
    ] {
        let (code, what, remedy) = failed(serve(folder.path()).env(name, value));
        assert_eq!(code, Some(2), "{name}: {what}");
        assert!(what.contains(name) && !remedy.is_empty(), "{name}: {what}");
    }
    assert!(fs::read_dir(folder.path()).expect("the folder").next().is_none());
}

#[test]
fn the_settings_in_force_are_shown_without_secrets() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = gongbao(folder.path())
        .args(["serve", "--print-config", "--listen", "127.0.0.1:81"])
        .env("GONGBAO_DATABASE_URL", "postgres://hub:hunter2@db/hub")
        .env("GONGBAO_S3_SECRET_KEY", "hunter2")
        .env("GONGBAO_MASTER_KEY", "hunter2")
        .output()
        .expect("the program starts");

    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success() && !text.contains("hunter2"), "{text}");
    assert!(text.contains("listen = \"127.0.0.1:81\"") && text.contains("[http]"), "{text}");
}
