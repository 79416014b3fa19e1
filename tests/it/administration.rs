//! `gongbao user` and `gongbao token`: the first administrator, and what can be done without
//! the console.

use std::{path::Path, process::Command};

use serde_json::{Value, json};
use test_harness::TestDatabase;

fn gongbao(folder: &Path, database: &TestDatabase, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongbao"));
    command
        .env_clear()
        .current_dir(folder)
        .env("GONGBAO_DATABASE_URL", database.url())
        .args(arguments);
    command
}

fn done(command: &mut Command) -> Value {
    let output = command.arg("--json").output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn failed(command: &mut Command) -> (Option<i32>, String) {
    let output = command.output().expect("the program starts");
    assert!(output.stdout.is_empty(), "a failure says nothing on standard output");
    (output.status.code(), String::from_utf8(output.stderr).expect("UTF-8"))
}

test_harness::on_both_databases! {
    async fn the_first_administrator_and_a_token_are_made(database: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let run = |arguments: &[&str]| done(&mut gongbao(folder.path(), &database, arguments));

        let person = run(&["user", "create", "zhang.san", "--name", "张三", "--role", "platformAdministrator"]);
        assert_eq!(person["grants"], json!(["platformAdministrator"]));
        let token = run(&["token", "create", "zhang.san", "--name", "first"]);
        let secret = token["secret"].as_str().expect("a secret");
        assert!(secret.starts_with(token["hint"].as_str().expect("a hint")));

        let listed = run(&["token", "list", "zhang.san"]);
        assert_eq!(listed[0]["grants"], json!(["platformAdministrator"]));
        assert!(!listed.to_string().contains(secret), "a secret is shown once");
        let id = token["id"].as_str().expect("an id");
        let revoked = run(&["token", "revoke", id]);
        assert_eq!(run(&["token", "revoke", id]), revoked, "twice is once");

        run(&["user", "grant", "zhang.san", "auditor"]);
        let left = run(&["user", "revoke", "zhang.san", "platformAdministrator"]);
        assert_eq!(left["grants"], json!(["auditor"]));
        run(&["user", "disable", "zhang.san"]);
        let people = run(&["user", "list"]);
        assert!(people[0]["disabledAt"].is_string());
        for file in database.data_files() {
            let bytes = std::fs::read(&file).unwrap_or_default();
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "the secret lies in {}", file.display());
        }
    }

    async fn what_cannot_be_granted_is_told(database: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let run = |arguments: &[&str]| failed(&mut gongbao(folder.path(), &database, arguments));
        done(&mut gongbao(folder.path(), &database, &["user", "create", "a1", "--name", "甲"]));

        for (arguments, code, word) in [
            (&["user", "grant", "a1", "king"][..], 2, "king"),
            (&["user", "grant", "a1", "editor@lanqiao"], 2, "ROLE@site:KEY"),
            (&["user", "grant", "a1", "editor@site:nowhere"], 1, "nowhere"),
            (&["user", "grant", "nobody", "editor"], 1, "nobody"),
            (&["user", "create", "Zhang San", "--name", "x"], 2, "Zhang San"),
            (&["user", "create", "a1", "--name", "乙"], 1, "a1"),
            (&["token", "create", "nobody", "--name", "x"], 1, "nobody"),
            (&["token", "create", "a1", "--name", "x", "--expires", "2020-01-01T00:00:00Z"], 1, "expiresAt"),
            (&["token", "list", "nobody"], 1, "nobody"),
        ] {
            let (status, said) = run(arguments);
            assert_eq!(status, Some(code), "{arguments:?}: {said}");
            assert!(said.contains(word), "{arguments:?}: {said}");
        }
    }
}
