//! The program itself: arguments, settings, exit codes, and what it prints where.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use test_harness::TestDatabase;

const TREE: &str = include_str!("house.toml");

/// `gongbao` in a folder of its own and an empty environment.
fn gongbao(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongbao"));
    command.env_clear().current_dir(folder).stdin(Stdio::null());
    command
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("tree.toml"), TREE).expect("a manifest");
    folder
}

fn done(command: &mut Command) -> String {
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn json(command: &mut Command) -> Value {
    serde_json::from_str(&done(command.arg("--json"))).expect("JSON")
}

/// Exit code and the two lines of a failure.
fn failed(command: &mut Command) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    assert!(stdout.is_empty(), "a failure says nothing on standard output");
    let text = String::from_utf8(stderr).expect("UTF-8");
    let lines: Vec<_> = text.lines().collect();
    let [what, remedy] = lines[..] else { panic!("two lines: {text}") };
    (status.code(), what.to_owned(), remedy.to_owned())
}

test_harness::on_both_databases! {
    async fn a_tree_is_applied_shown_and_rearranged(database: TestDatabase) {
        let folder = folder();
        let command = |arguments: &[&str]| {
            let mut command = gongbao(folder.path());
            command.env("GONGBAO_DATABASE_URL", database.url()).args(arguments);
            command
        };

        let first = json(&mut command(&["site", "apply", "tree.toml"]));
        let second = json(&mut command(&["site", "apply", "tree.toml"]));
        assert_eq!(first["created"].as_array().map(Vec::len), Some(13));
        assert_eq!(second["created"], Value::Array(vec![]));
        assert_eq!(second["unchanged"].as_array().map(Vec::len), Some(13));

        let sites = json(&mut command(&["site", "list"]));
        assert_eq!(sites[0]["key"], "lanqiao");
        let renamed = json(&mut command(&[
            "site", "column", "rename", "lanqiao", "policy", "--segment", "documents",
        ]));
        assert_eq!(renamed["column"]["path"], "documents");
        done(&mut command(&["site", "column", "move", "lanqiao", "documents/finance", "--top"]));
        done(&mut command(&["site", "column", "merge", "lanqiao", "finance", "--into", "news"]));
        done(&mut command(&["site", "column", "close", "lanqiao", "documents", "--successor", "news"]));

        let shown = json(&mut command(&["site", "show", "lanqiao"]));
        assert_eq!(shown["authority"]["key"], "lanqiao-city");
        let columns = shown["columns"].as_array().expect("columns");
        let paths: Vec<_> = columns.iter().map(|column| column["path"].as_str()).collect();
        assert_eq!(paths, [Some("news")]);
        let text = done(&mut command(&["site", "show", "lanqiao", "--lang", "zh"]));
        assert!(text.contains("名称：蓝桥市人民政府门户网站"), "{text}");
        assert!(text.contains("动态要闻"), "{text}");

        let (code, what, _) = failed(&mut command(&["site", "apply", "tree.toml"]));
        assert_eq!(code, Some(1), "the manifest still says policy");
        assert!(what.contains("column lanqiao:policy: path"), "{what}");
    }
}

#[test]
fn without_settings_everything_lies_in_one_folder() {
    let folder = folder();

    let mut apply = gongbao(folder.path())
        .args(["site", "apply", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = apply.stdin.take().expect("a pipe");
    input.write_all(TREE.as_bytes()).expect("the manifest is read");
    drop(input);
    let output = apply.wait_with_output().expect("it ends");

    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(text.ends_with("13 created, 0 changed, 0 unchanged\n"), "{text}");
    assert!(folder.path().join("gongbao-data/gongbao.db").is_file());
}

#[test]
fn the_language_is_the_environments_unless_asked_otherwise() {
    let folder = folder();
    let show = || {
        let mut command = gongbao(folder.path());
        command.args(["site", "show", "nowhere"]);
        command
    };

    let (code, english, _) = failed(&mut show());
    let (_, chinese, remedy) = failed(show().env("LANG", "zh_CN.UTF-8"));
    let (_, overruled, _) = failed(show().env("LANG", "zh_CN.UTF-8").args(["--lang", "en"]));

    assert_eq!(code, Some(1));
    assert_eq!(english, "error: there is no site \"nowhere\"");
    assert_eq!(chinese, "错误：找不到站点“nowhere”");
    assert_eq!(remedy, "处理：用 gongbao site list 查看已有的站点");
    assert_eq!(overruled, english);
}

#[test]
fn wrong_usage_and_wrong_settings_are_told_apart_from_failed_work() {
    let folder = folder();
    fs::write(folder.path().join("hub.toml"), "\ndatabase = \"sqlite://./x.db\"\n")
        .expect("a settings file");
    let list = || {
        let mut command = gongbao(folder.path());
        command.args(["site", "list"]);
        command
    };

    let (code, what, _) = failed(&mut gongbao(folder.path()));
    assert_eq!((code, what.contains("no command")), (Some(2), true), "{what}");
    let (code, what, _) = failed(gongbao(folder.path()).args(["site", "shwo"]));
    assert_eq!(code, Some(2));
    assert!(what.contains("'shwo'"), "{what}");
    let (code, what, _) = failed(gongbao(folder.path()).args(["site", "show", "Not-A-Key"]));
    assert_eq!(code, Some(2));
    assert!(what.contains("Not-A-Key"), "{what}");
    let (code, what, _) = failed(list().args(["--config", "hub.toml"]));
    assert_eq!(code, Some(2));
    assert!(what.contains("line 2") && what.contains("`database`"), "{what}");
    let (code, what, _) = failed(list().env("GONGBAO_DATABSE_URL", "x"));
    assert_eq!(code, Some(2));
    assert!(what.contains("GONGBAO_DATABSE_URL"), "{what}");
    let (code, what, _) = failed(list().env("GONGBAO_DATABASE_URL", "mysql://root:secret@db/hub"));
    assert_eq!(code, Some(2));
    assert!(!what.contains("secret"), "{what}");
    let (code, what, _) = failed(gongbao(folder.path()).args(["site", "apply", "nowhere.toml"]));
    assert_eq!(code, Some(1));
    assert!(what.contains("nowhere.toml"), "{what}");
    done(gongbao(folder.path()).arg("--help"));
    done(gongbao(folder.path()).arg("--version"));
}

#[test]
fn the_calendar_counts_through_announced_years_and_refuses_others_until_they_are_loaded() {
    let folder = folder();
    let calendar = |arguments: &[&str]| {
        let mut command = gongbao(folder.path());
        command.arg("calendar").args(arguments);
        command
    };
    let year = json(&mut calendar(&["show", "2024"]));
    assert_eq!((&year["year"], &year["workingDays"]), (&2024.into(), &251.into()));
    let by_rule = ["due", "--from", "2024-02-07", "--rule", "normative-document"];
    let due = json(&mut calendar(&by_rule));
    // Two days before the Spring Festival, then the Sunday that is made up for it.
    assert_eq!(due["due"], "2024-02-18T16:00:00Z");
    assert_eq!((&due["state"], &due["rule"]["sureness"]), (&"late".into(), &"text".into()));
    assert_eq!(json(&mut calendar(&["rules"])).as_array().map(Vec::len), Some(10));

    for wrong in [
        &["show", "next"][..],
        &["show", "--region", "Tibet"],
        &["due", "--from", "yesterday", "--within", "3wd"],
        &["due", "--from", "2026-02-13", "--within", "3w"],
        &["due", "--from", "2026-02-13", "--within", "3h"],
        &["due", "--from", "2026-02-13", "--within", "3d", "--rule", "repost"],
        &["due", "--from", "2026-02-13"],
        &["due", "--from", "2026-02-13", "--rule", "unheard-of"],
    ] {
        let (code, what, _) = failed(&mut calendar(wrong));
        assert_eq!(code, Some(2), "{wrong:?}: {what}");
    }
    let over_the_year = ["due", "--from", "2099-12-30", "--within", "3wd"];
    let (code, what, remedy) = failed(&mut calendar(&over_the_year));
    assert_eq!(code, Some(1));
    assert!(what.contains("2099") && remedy.contains("GONGBAO_CALENDAR"), "{what} {remedy}");

    let file = folder.path().join("calendar.toml");
    let off = |year: u16| {
        let days = ["01-01", "05-01", "10-01", "10-02", "10-03"].map(|day| format!("{year}-{day}"));
        let days = days.join(", ");
        format!("[year.{year}]\nsource = \"通知\"\nsureness = \"text\"\noff = [{days}]\n")
    };
    fs::write(&file, off(2099) + &off(2100)).expect("a calendar");
    let loaded = json(calendar(&over_the_year).env("GONGBAO_CALENDAR", &file));
    assert_eq!(loaded["due"], "2100-01-05T16:00:00Z", "the 31st, then Monday and Tuesday");
    fs::write(&file, off(2099) + "work = [2099-01-05]\n").expect("a wrong calendar");
    let (code, what, _) = failed(calendar(&over_the_year).env("GONGBAO_CALENDAR", &file));
    assert_eq!(code, Some(2));
    assert!(what.contains("calendar.toml:5: 2099-01-05 is no Saturday"), "{what}");
}

#[test]
fn content_types_come_from_the_folder_that_is_named() {
    let folder = folder();
    let types = folder.path().join("types");
    fs::create_dir(&types).expect("a folder");
    fs::write(types.join("article.toml"), include_str!("types/article.toml")).expect("a type");
    let list = || {
        let mut command = gongbao(folder.path());
        command.args(["schema", "types"]).env("GONGBAO_TYPES", "types");
        command
    };

    let listed = json(&mut list());
    fs::write(types.join("broken.toml"), "plural = 1\n").expect("a broken type");
    let (code, what, _) = failed(&mut list());

    assert_eq!(listed.as_array().map(Vec::len), Some(1));
    assert_eq!(listed[0]["name"], "article");
    assert_eq!(code, Some(2));
    assert!(what.contains("broken.toml:"), "{what}");
}

#[test]
fn a_change_of_the_schema_says_whom_it_hurts() {
    let folder = folder();
    let content = done(gongbao(folder.path()).arg("schema"));
    let older = content.replacen("  totalCount: Long!", "  totalCount: Long!\n  gone: Int", 1);
    assert_ne!(older, content);
    fs::write(folder.path().join("older.graphql"), &older).expect("a file");
    fs::write(folder.path().join("same.graphql"), &content).expect("a file");
    fs::write(folder.path().join("none.graphql"), "type Query {").expect("a file");
    let diff = |arguments: &[&str]| {
        let mut command = gongbao(folder.path());
        command.args(["schema", "diff", "--lang", "en"]).args(arguments);
        command
    };

    let same = done(&mut diff(&["same.graphql"]));
    let back = done(&mut diff(&["same.graphql", "older.graphql"]));
    let quiet = done(&mut diff(&["same.graphql", "older.graphql", "--quiet"]));
    let broken = diff(&["older.graphql"]).output().expect("the program starts");
    let (_, nonsense, _) = failed(&mut diff(&["none.graphql"]));

    assert_eq!((same.as_str(), quiet.as_str()), ("nothing changed\n", "nothing changed\n"));
    assert!(back.contains("safe") && back.contains(".gone") && back.contains("is new"), "{back}");
    assert_eq!(broken.status.code(), Some(1));
    let told = String::from_utf8_lossy(&broken.stdout);
    assert!(told.contains("breaking") && told.contains("is gone"), "{told}");
    let remedy = String::from_utf8_lossy(&broken.stderr);
    assert!(remedy.contains("1 changes break") && remedy.contains("deprecated"), "{remedy}");
    assert!(nonsense.contains("no GraphQL SDL"), "{nonsense}");
}

#[test]
fn the_kept_schemas_are_those_of_the_program() {
    let folder = folder();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/schema");
    let kept =
        done(gongbao(folder.path()).args(["schema", "--check", "--folder", root, "--lang", "en"]));
    assert_eq!(kept, "up to date\n");

    let content = done(gongbao(folder.path()).arg("schema"));
    let manage = done(gongbao(folder.path()).args(["schema", "manage"]));
    fs::write(folder.path().join("manage.graphql"), manage).expect("a file");
    fs::write(folder.path().join("content.graphql"), content.replacen("scalar Date\n", "", 1))
        .expect("a file");
    let check = ["schema", "--check", "--folder", "."];
    let (code, what, remedy) = failed(gongbao(folder.path()).args(check));

    assert_eq!(code, Some(1));
    assert!(what.contains("content.graphql is out of date: from line"), "{what}");
    assert!(remedy.contains("gongbao schema > "), "{remedy}");
    fs::write(folder.path().join("content.graphql"), content).expect("a file");
    done(gongbao(folder.path()).args(check));
    fs::remove_file(folder.path().join("manage.graphql")).expect("it is there");
    assert_eq!(failed(gongbao(folder.path()).args(check)).0, Some(1));
}
