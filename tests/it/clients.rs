//! `gongbao client`: what front ends publish, from the files their tools make, and a server that
//! serves the public nothing else.

use std::fs;

use serde_json::{Value, json};
use test_harness::TestDatabase;

use crate::{program::Program, wire::send};

const SITES: &str = "query Sites { sites { key } }";
const CODEGEN: &str = r#"{ "2d1b0c": "query Sites { sites { key } }",
    "77aa": "query Types { documents(first: 5) { nodes { title } } }" }"#;

fn json_of(program: &Program, arguments: &[&str]) -> Value {
    let said = program.done(&[arguments, &["--json"]].concat());
    serde_json::from_str(&said).expect("JSON")
}

test_harness::on_both_databases! {
    async fn operations_are_published_listed_and_taken_back(database: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let apollo = json!({ "format": "apollo-persisted-query-manifest", "version": 1, "operations":
            [{ "id": "ab12", "name": "Places", "type": "query", "body": SITES }] });
        fs::write(folder.path().join("codegen.json"), CODEGEN).expect("a file");
        fs::write(folder.path().join("apollo.json"), apollo.to_string()).expect("a file");
        let hub = Program::new(folder.path(), database.url());

        let published = ["client", "publish-operations", "--client", "portal@1.2", "codegen.json"];
        let published = json_of(&hub, &published);
        hub.done(&["client", "publish-operations", "--client", "app@7", "apollo.json"]);

        let operations = published["operations"].as_array().expect("a list");
        let names: Vec<_> = operations.iter().map(|one| one["name"].clone()).collect();
        assert_eq!(names, ["Sites", "Types"]);
        for operation in operations {
            assert!(operation["cost"].as_u64().is_some_and(|cost| cost > 20), "{operation}");
        }
        let listed = json_of(&hub, &["client", "list"]);
        let told = |one: &Value| {
            (one["client"].clone(), one["version"].clone(), one["operations"].clone())
        };
        let told: Vec<_> = listed.as_array().expect("a list").iter().map(told).collect();
        let expected =
            [(json!("app"), json!("7"), json!(1)), (json!("portal"), json!("1.2"), json!(2))];
        assert_eq!(told, expected);

        let removed = hub.done(&["client", "remove", "portal@1.2", "--lang", "zh"]);
        assert_eq!(removed, "已取消 portal@1.2 登记的 2 个查询\n");
        let (code, said) = hub.failed(&["client", "remove", "portal@1.2"]);
        assert_eq!((code, said.contains("portal@1.2")), (Some(1), true), "{said}");
    }

    async fn what_cannot_be_asked_for_is_not_published(database: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        let wrong = json!({
            "a1": "query Sites { sites { key } }",
            "b2": "query Odd {\n  sites { nothing }\n  documents { never }\n}",
            "c3": "query Broken { sites { key }",
        });
        fs::write(folder.path().join("wrong.json"), wrong.to_string()).expect("a file");
        fs::write(folder.path().join("no.json"), "[1]").expect("a file");
        let hub = Program::new(folder.path(), database.url());
        let publish = |file: &str, language: &str| {
            let command = ["client", "publish-operations", "--client", "portal@1.2"];
            hub.failed(&[&command[..], &[file, "--lang", language]].concat())
        };

        let (code, said) = publish("wrong.json", "en");
        assert_eq!(code, Some(1));
        for part in ["b2 2:11", "nothing", "b2 3:15", "never", "c3 1:"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let (_, chinese) = publish("wrong.json", "zh");
        assert!(chinese.contains("查询有误"), "{chinese}");
        for file in ["no.json", "missing.json"] {
            assert_eq!(publish(file, "en").0, Some(2), "{file}");
        }

        assert_eq!(json_of(&hub, &["client", "list"]), json!([]));
    }

    async fn a_server_that_serves_the_public_published_operations_alone(database: TestDatabase) {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("codegen.json"), CODEGEN).expect("a file");
        let hub = Program::new(folder.path(), database.url())
            .with("GONGBAO_HTTP_CONTENT_TRUSTED_DOCUMENTS_ONLY", "true");
        hub.done(&["client", "publish-operations", "--client", "portal@1.2", "codegen.json"]);
        let token = format!("Bearer {}", hub.administrator());
        let node = hub.serve();
        let ask = async |body: Value, headers: &[(&str, &str)]| {
            let headers = [&[("content-type", "application/json")], headers].concat();
            let body = body.to_string();
            send(node.address, "POST", "/graphql", &headers, body.as_bytes()).await.json()
        };
        let introspection = json!({ "query": "{ __schema { queryType { name } } }" });

        for _ in 0..3 {
            let answer = ask(json!({ "documentId": "2d1b0c" }), &[]).await;
            assert_eq!(answer, json!({ "data": { "sites": [] } }));
        }
        let refused = ask(introspection.clone(), &[]).await;
        let known = ask(introspection, &[("authorization", &token)]).await;

        assert_eq!(refused["errors"][0]["extensions"]["code"], "TRUSTED_DOCUMENTS_ONLY");
        assert_eq!(known["data"]["__schema"]["queryType"]["name"], "Query");
        node.stop();
    }
}
