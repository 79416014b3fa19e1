//! `gongbao check`: everything public, with the words of the operator.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value, json};
use test_harness::TestDatabase;

use crate::program::Program;

const TREE: &str = include_str!("../house.toml");

/// A hub with these news on `lanqiao`, in the folder.
fn hub(folder: &Path, database: &TestDatabase, news: &[(&str, &str)]) -> Program {
    let hub = Program::new(folder, database.url());
    fs::write(folder.join("tree.toml"), TREE).expect("a file");
    hub.done(&["site", "apply", "tree.toml"]);
    import(&hub, folder, "news", news);
    hub
}

fn import(hub: &Program, folder: &Path, of_type: &str, news: &[(&str, &str)]) {
    let records = news.iter().enumerate().map(|(number, (title, body))| {
        let record = json!({ "id": format!("{of_type}-{number}"), "title": title, "body": body });
        format!("{record}\n")
    });
    let file = format!("{of_type}.jsonl");
    fs::write(folder.join(&file), records.collect::<String>()).expect("a file");
    hub.done(&[
        "import",
        &file,
        "--site",
        "lanqiao",
        "--column",
        "news",
        "--type",
        of_type,
        "--publish",
    ]);
}

/// Exit code, findings and counts of `gongbao check --json` with further arguments.
fn checked(hub: &Program, arguments: &[&str]) -> (Option<i32>, Vec<Value>, Value) {
    let arguments = [&["check", "--json"], arguments].concat();
    let output = hub.command(&arguments).output().expect("it starts");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    let mut lines: Vec<Value> =
        said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let summary = lines.pop().expect("a last line");
    (output.status.code(), lines, summary["summary"].clone())
}

fn codes(findings: &[Value]) -> BTreeMap<&str, usize> {
    let mut codes = BTreeMap::new();
    for line in findings {
        *codes.entry(line["finding"]["code"].as_str().expect("a code")).or_default() += 1;
    }
    codes
}

test_harness::on_both_databases! {
    async fn everything_public_is_looked_at_whatever_its_number(database: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let clean: Vec<String> = (0..230).map(|number| format!("第{number}号简报")).collect();
        let mut news: Vec<(&str, &str)> = clean.iter().map(|title| (title.as_str(), "<p>正文。</p>")).collect();
        news.push(("关于布署工作的报道", "<p>身份证号11010519491231002X。</p>"));
        let hub = hub(folder.path(), &database, &news);

        let (code, findings, counts) = checked(&hub, &[]);

        assert_eq!(code, Some(1), "an error is found");
        assert_eq!(codes(&findings), BTreeMap::from([("wrong_term", 1), ("identity_number", 1)]));
        assert_eq!(
            counts,
            json!({ "documents": 231, "concerned": 1, "unknown": 0, "errors": 1, "warnings": 1, "notices": 0 })
        );
        let found = findings.iter().find(|it| it["finding"]["code"] == "identity_number").expect("it is there");
        assert_eq!(found["title"], "关于布署工作的报道");
        assert_eq!(found["type"], "news");
        let finding = &found["finding"];
        assert_eq!((&finding["path"], &finding["start"], &finding["end"]), (&json!("fields.body"), &json!(4), &json!(22)));
        assert_eq!(finding["suggestion"], "110***********002X");
    }

    async fn what_is_asked_for_is_told_and_only_errors_fail(database: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let hub = hub(folder.path(), &database, &[("帐号管理", "<p>正文。</p>"), ("部署", "<p>按装。</p>")]);
        import(&hub, folder.path(), "overview", &[("中华人民共合国概况", "<p>正文。</p>")]);

        let text = hub.done(&["check", "--type", "news", "--lang", "zh"]);
        assert!(text.contains("style_term") && text.contains("应写作“账号”"), "{text}");
        assert!(text.ends_with("检查了 2 条信息，2 条有问题：错误 0，警告 1，提示 1\n"), "{text}");
        let text = hub.done(&["check", "--type", "news", "--severity", "warning", "--lang", "en"]);
        assert!(!text.contains("style_term") && text.contains("fields.body 0–2"), "{text}");
        assert!(text.ends_with("2 documents, 2 with findings: 0 errors, 1 warnings, 1 notices\n"), "{text}");

        let (code, findings, counts) = checked(&hub, &["--site", "lanqiao", "--severity", "error"]);
        assert_eq!((code, codes(&findings)), (Some(1), BTreeMap::from([("wrong_term", 1)])));
        assert_eq!(counts["documents"], 3);
        let (code, findings, counts) = checked(&hub, &["--site", "nanhe"]);
        assert_eq!((code, findings.len(), &counts["documents"]), (Some(0), 0, &json!(0)));
        for (wrong, exit, why) in [
            (["check", "--site", "nowhere"], 1, "nowhere"),
            (["check", "--type", "poem"], 1, "poem"),
            (["check", "--severity", "grave"], 2, "notice"),
        ] {
            let (code, said) = hub.failed(&[&wrong[..], &["--lang", "en"]].concat());
            assert_eq!((code, said.contains(why)), (Some(exit), true), "{wrong:?}: {said}");
        }
    }

    async fn an_operators_words_and_sources_act_at_the_next_start(database: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let hub = hub(folder.path(), &database, &[("全市帐号工作", "<p>市府大院搬迁。</p>")]);
        let words = folder.path().join("words");
        fs::create_dir(&words).expect("a folder");
        fs::write(words.join("1.csv"), "term,class,severity,replacement,exceptions,sites\n帐号,style,off,,,\n").expect("a file");
        fs::write(words.join("2.csv"), "term,class,severity,replacement,exceptions,sites\n市府,wrong,error,市人民政府,,lanqiao\n").expect("a file");
        assert_eq!(codes(&checked(&hub, &[]).1), BTreeMap::from([("style_term", 1)]));

        let own = hub.with("GONGBAO_TERMS", &words.display().to_string());

        let (code, findings, _) = checked(&own, &[]);
        assert_eq!((code, codes(&findings)), (Some(1), BTreeMap::from([("wrong_term", 1)])));
        assert_eq!(findings[0]["finding"]["suggestion"], "市人民政府");
        assert!(own.done(&["serve", "--print-config"]).contains("words"));
        fs::write(words.join("2.csv"), "term,class,exceptions\n市府,wrong,市府大院\n").expect("a file");
        assert_eq!(checked(&own, &[]).1, [""; 0]);
        let one = own.with("GONGBAO_TERMS", &words.join("1.csv").display().to_string());
        assert_eq!(checked(&one, &[]).1, [""; 0]);
    }

    async fn a_wrong_list_is_refused_with_its_line(database: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let words = folder.path().join("words.csv");
        let hub = Program::new(folder.path(), database.url());
        for (name, text, line, why) in [
            ("GONGBAO_TERMS", "term,class\n按装,wrong\n按装,style\n", 3, "more than once"),
            ("GONGBAO_TERMS", "term;class\n按装;wrong\n", 1, "no column"),
            ("GONGBAO_SOURCES", "name,host\n人民日报,https://people.com.cn/\n", 2, "no host name"),
        ] {
            fs::write(&words, text).expect("a file");
            let hub = hub.clone().with(name, &words.display().to_string());
            for command in [&["check", "--lang", "en"][..], &["serve", "--listen", "127.0.0.1:0", "--lang", "en"]] {
                let (code, said) = hub.failed(command);
                let place = format!("words.csv is wrong at line {line}: ");
                assert_eq!(code, Some(2), "{text}: {said}");
                assert!(said.contains(&place) && said.contains(why), "{text}: {said}");
            }
            let output = hub.command(&["doctor", "--json"]).output().expect("it starts");
            let said = String::from_utf8(output.stdout).expect("UTF-8");
            assert!(!output.status.success() && said.contains(&format!("words.csv is wrong at line {line}")), "{said}");
        }
        let empty = folder.path().join("empty");
        fs::create_dir(&empty).expect("a folder");
        for nothing in [empty, folder.path().join("nowhere.csv")] {
            let hub = hub.clone().with("GONGBAO_TERMS", &nothing.display().to_string());
            let (code, said) = hub.failed(&["check", "--lang", "en"]);
            assert_eq!(code, Some(2), "{said}");
        }
    }
}
