//! Words that mean the same, as the operator lists them: laid over a hub by a setting, without
//! anything being indexed again.

use std::fs;

use serde_json::{Value, json};
use test_harness::TestDatabase;

use crate::{
    program::{Node, Program},
    wire::send,
};

const TREE: &str = include_str!("house.toml");
const OWN: &str = "[[group]]\nwords = [\"市长热线\", \"12345\"]\n";

async fn found(node: &Node, words: &str) -> Value {
    let query = "query ($words: String!) { search(query: $words) { nodes { title } } }";
    let body = json!({ "query": query, "variables": { "words": words } }).to_string();
    let headers = [("content-type", "application/json")];
    let answer = send(node.address, "POST", "/graphql", &headers, body.as_bytes()).await.json();
    answer["data"]["search"]["nodes"].clone()
}

test_harness::on_both_databases! {
    async fn an_operators_list_takes_the_place_of_ours_at_the_next_start(database: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("synonyms.toml");
        let record = json!({ "id": "1", "title": "12345热线年度报告", "body": "<p>市人民政府发布。</p>" });
        fs::write(folder.path().join("news.jsonl"), record.to_string()).expect("a file");
        fs::write(folder.path().join("tree.toml"), TREE).expect("a file");
        fs::write(&file, OWN).expect("a file");
        let hub = Program::new(folder.path(), database.url());
        hub.done(&["site", "apply", "tree.toml"]);
        hub.done(&["import", "news.jsonl", "--site", "lanqiao", "--column", "news", "--type", "news", "--publish"]);
        let is = json!([{ "title": "12345热线年度报告" }]);

        let node = hub.serve();
        assert_eq!(found(&node, "市长热线").await, json!([]));
        assert_eq!(found(&node, "市政府").await, is, "by the list that comes along");
        node.stop();

        let own = hub.with("GONGBAO_SYNONYMS", &file.display().to_string());
        let node = own.serve();
        assert_eq!(found(&node, "市长热线").await, is);
        assert_eq!(found(&node, "市政府").await, json!([]), "the list that comes along is not in force");
        node.stop();
        assert!(own.done(&["serve", "--print-config"]).contains("synonyms.toml"));
    }

    async fn a_wrong_list_is_refused_with_its_line(database: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("synonyms.toml");
        let hub = Program::new(folder.path(), database.url()).with("GONGBAO_SYNONYMS", &file.display().to_string());
        for (text, line, why) in [
            (format!("{OWN}\n[[group]]\nwords = [\"热线\", \"市长热线\"]\n"), 5, "more than once"),
            ("[[group]]\nwords = [\"甲\"]\n".to_owned(), 1, "2 to 8"),
            ("[[group]]\nword = [\"甲\", \"乙\"]\n".to_owned(), 1, "2 to 8"),
            ("# ours\n[[groups]]\nwords = []\n".to_owned(), 2, "[[group]]"),
            ("[[group]\n".to_owned(), 1, "TOML"),
        ] {
            fs::write(&file, &text).expect("a file");
            let (code, said) = hub.failed(&["serve", "--listen", "127.0.0.1:0", "--lang", "en"]);
            assert_eq!(code, Some(2), "{text}: {said}");
            let place = format!("synonyms.toml is wrong at line {line}: ");
            assert!(said.contains(&place) && said.contains(why), "{text}: {said}");
            let (_, chinese) = hub.failed(&["serve", "--listen", "127.0.0.1:0", "--lang", "zh"]);
            assert!(chinese.contains(&format!("synonyms.toml 第 {line} 行有误")), "{chinese}");
        }
        let output = hub.command(&["doctor", "--json"]).output().expect("it starts");
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        assert!(!output.status.success() && said.contains("synonyms.toml is wrong at line 1"), "{said}");
        fs::remove_file(&file).expect("the file");
        let (code, said) = hub.failed(&["serve", "--listen", "127.0.0.1:0", "--lang", "en"]);
        assert_eq!((code, said.contains("synonyms.toml")), (Some(2), true), "{said}");
    }
}
