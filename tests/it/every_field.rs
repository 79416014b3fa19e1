//! A team writes a type with every kind of field into a folder and starts the server on it;
//! everything the product does is then done with that type, over HTTP and by the program's
//! commands alone.

use std::{fs, path::Path};

use schema::digest::Digest;
use serde_json::{Value, json};
use test_harness::TestDatabase;

use crate::{
    house::PNG,
    program::{Node, Program, reasons},
    wire::send,
};

const TREE: &str = include_str!("house.toml");
const PROJECT: &str = include_str!("types/project.toml");
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n";

/// The folder a team would keep: the types that come with the product, and one more.
fn types(folder: &Path) -> String {
    let types = folder.join("types");
    fs::create_dir(&types).expect("a folder");
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/types");
    for file in fs::read_dir(built_in).expect("the built-in types") {
        let file = file.expect("a type").path();
        fs::copy(&file, types.join(file.file_name().expect("a name"))).expect("it is copied");
    }
    fs::write(types.join("project.toml"), PROJECT).expect("a type");
    types.display().to_string()
}

fn hub(database: &TestDatabase) -> Program {
    let folder = database.folder();
    Program::new(folder, database.url()).with("GONGBAO_TYPES", &types(folder))
}

fn new(r#type: &str, column: &str, fields: &Value) -> Value {
    json!({
        "authority": "lanqiao-city", "type": r#type, "locale": "zh-CN",
        "draft": { "fields": fields, "placements": [{ "site": "lanqiao", "columns": [column] }] },
    })
}

fn file(bytes: &[u8], name: &str, media: &str) -> Value {
    json!({
        "digest": Digest::of(bytes).to_string(), "name": name, "mediaType": media,
        "size": bytes.len(),
    })
}

/// Everything wrong that one draft can be, a fault or two in each field.
fn all_wrong() -> Value {
    json!({
        "title": "某".repeat(41), "code": "12-AB", "keywords": ["甲", "乙", "丙", "丁"],
        "summary": "长".repeat(101), "body": 7, "jobs": -1, "investment": "1.234",
        "national": "是", "begunOn": "2026-02-30", "approvedAt": "2026-01-01T25:00:00Z",
        "stage": "finished", "region": "99", "approval": 5, "ground": { "address": "甲", "longitude": "181", "latitude": "0" },
        "hotline": "call us", "homepage": "javascript:alert(1)", "basis": "nobody",
        "parts": "nobody", "picture": file(PDF, "a.pdf", "application/pdf"), "papers": [7],
        "milestones": [{ "name": "甲", "on": "2026-13-01" }, { "on": "x", "by": "y" }],
        "figures": { "half": 0.5 }, "titel": "甲",
    })
}

fn every_kind(basis: &Value, part: &Value) -> Value {
    json!({
        "title": "蓝桥大桥", "code": "2026-QL", "keywords": ["桥梁", "交通"],
        "summary": "第一行\n第二行", "body": "<h2>一、概况</h2><p onclick=\"x()\">主桥长三千米。</p>",
        "jobs": 1200, "investment": "35.50", "national": true, "begunOn": "2026-03-09",
        "approvedAt": "2026-01-05T09:00:00+08:00", "stage": "underWay", "region": "510100",
        "approval": "兰发改[2026]3号",
        "ground": { "address": "滨江路1号", "longitude": "103.50", "latitude": "30.25" },
        "hotline": "0999-12345678", "homepage": "https://bridge.lanqiao.example/",
        "basis": basis, "parts": [part],
        "picture": file(PNG, "效果图.png", "image/png"),
        "papers": [file(PDF, "批复.pdf", "application/pdf")],
        "milestones": [
            { "name": "开工", "on": "2026-03-09", "proof": file(PDF, "令.pdf", "application/pdf") },
            { "name": "合龙" },
        ],
        "figures": { "spans": [120, 260, 120] },
    })
}

const EVERYTHING: &str = "title code keywords summary body { html text } jobs investment national \
    begunOn approvedAt stage stageLabel { zh en } region approval \
    ground { address longitude latitude } hotline homepage basis { title } parts { title } \
    picture { url size } papers { name url } milestones { name on proof { name } } figures";

/// Titles of a list of projects, in its order.
async fn listed(node: &Node, arguments: &str) -> Vec<String> {
    let data = node.content(&format!("{{ projects({arguments}) {{ nodes {{ title }} }} }}")).await;
    let nodes = data["projects"]["nodes"].as_array().expect("a list");
    nodes.iter().map(|one| one["title"].as_str().expect("a title").to_owned()).collect()
}

/// Type and digest of every edition that is public, by content and language.
async fn digests(node: &Node) -> Vec<String> {
    let data = node
        .content(
            "{ documents(first: 100) { nodes { contentId locale edition { number digest } } } }",
        )
        .await;
    let nodes = data["documents"]["nodes"].as_array().expect("a list");
    let mut all: Vec<_> = nodes.iter().map(Value::to_string).collect();
    all.sort();
    all
}

/// What is wrong is said at once, and nothing is kept.
async fn is_validated(node: &Node, token: &str) {
    let refused =
        node.act(token, "createDocument", new("project", "news", &all_wrong()), "__typename").await;
    let reasons = reasons(&refused);
    let expected = [
        ("fields.approval", "wrong_kind"),
        ("fields.approvedAt", "not_a_date_time"),
        ("fields.basis", "not_a_content_id"),
        ("fields.begunOn", "not_a_date"),
        ("fields.body", "wrong_kind"),
        ("fields.code", "pattern"),
        ("fields.figures", "not_canonical"),
        ("fields.ground.longitude", "out_of_range"),
        ("fields.homepage", "not_a_url"),
        ("fields.hotline", "not_a_telephone"),
        ("fields.investment", "too_precise"),
        ("fields.jobs", "out_of_range"),
        ("fields.keywords", "too_many"),
        ("fields.milestones[0].on", "not_a_date"),
        ("fields.milestones[1].by", "unknown_field"),
        ("fields.milestones[1].on", "not_a_date"),
        ("fields.national", "wrong_kind"),
        ("fields.papers[0]", "wrong_kind"),
        ("fields.parts[0]", "not_a_content_id"),
        ("fields.picture.mediaType", "media_type_not_allowed"),
        ("fields.region", "not_a_region_code"),
        ("fields.stage", "not_a_choice"),
        ("fields.summary", "too_long"),
        ("fields.titel", "unknown_field"),
        ("fields.title", "too_long"),
    ];
    let seen: Vec<_> =
        reasons.iter().map(|(field, code)| (field.as_str(), code.as_str())).collect();
    assert_eq!(seen, expected);

    // What is required binds at publication, and a file must be there.
    let unfinished = json!({ "milestones": [{ "on": "2026-03-09" }] });
    let saved = node
        .act_well(
            token,
            "createDocument",
            new("project", "news", &unfinished),
            "draft { digest document { contentId locale version } }",
        )
        .await;
    let publication = json!({
        "document": saved["draft"]["document"], "approvedDigest": saved["draft"]["digest"],
    });
    let refused = node.act(token, "publishDocument", publication, "__typename").await;
    let codes = crate::program::reasons(&refused);
    assert!(codes.contains(&("fields.title".into(), "required".into())), "{codes:?}");
    assert!(codes.contains(&("fields.milestones[0].name".into(), "required".into())), "{codes:?}");
    let pictured = json!({ "title": "无图", "picture": file(PNG, "a.png", "image/png") });
    let refused =
        node.act(token, "createDocument", new("project", "news", &pictured), "__typename").await;
    assert_eq!(crate::program::reasons(&refused)[0].1, "file_missing");
}

/// Every filterable and sortable kind finds and orders what it should.
async fn is_listed(node: &Node, basis: &str, part: &str) {
    for filter in [
        "title: { eq: \"蓝桥大桥\" }",
        "title: { startsWith: \"蓝桥\" }",
        "code: { eq: \"2026-QL\" }",
        "keywords: { eq: \"交通\" }",
        "jobs: { gte: 1000, lt: 2000 }",
        "investment: { eq: \"35.5\" }",
        "investment: { gt: \"9\" }",
        "national: { eq: true }",
        "begunOn: { eq: \"2026-03-09\" }",
        "approvedAt: { lte: \"2026-01-05T01:00:00Z\" }",
        "stage: { eq: underWay }",
        "stage: { in: [underWay] }",
        "region: { startsWith: \"5101\" }",
        "approval: { eq: \"兰发改（2026）3号\" }",
        &format!("basis: {{ eq: \"{basis}\" }}"),
        &format!("parts: {{ in: [\"{part}\"] }}"),
        "not: { national: { isNull: true } }",
    ] {
        assert_eq!(
            listed(node, &format!("filter: {{ {filter} }}")).await,
            ["蓝桥大桥"],
            "{filter}"
        );
    }
    for (order, first) in [
        ("TITLE_ASC", "引桥"),
        ("JOBS_DESC", "蓝桥大桥"),
        ("INVESTMENT_ASC", "引桥"),
        ("BEGUN_ON_DESC", "蓝桥大桥"),
        ("APPROVED_AT_DESC", "蓝桥大桥"),
        ("APPROVAL_DESC", "蓝桥大桥"),
    ] {
        let all = listed(node, &format!("orderBy: {order}")).await;
        assert_eq!((all.len(), all[0].as_str()), (2, first), "{order}: {all:?}");
    }
}

/// Waits until the fields that are new to this hub can be asked for.
async fn is_indexed(node: &Node) {
    let query =
        json!({ "query": "{ projects(filter: { code: { eq: \"2026-QL\" } }) { nodes { id } } }" });
    let headers = [("content-type", "application/json")];
    loop {
        let answer =
            send(node.address, "POST", "/graphql", &headers, query.to_string().as_bytes()).await;
        let errors = &answer.json()["errors"];
        if errors.is_null() {
            return;
        }
        assert_eq!(errors[0]["extensions"]["code"], "NOT_INDEXED");
    }
}

async fn is_shown(node: &Node) {
    let data = node
        .content(&format!("{{ projects(locale: \"zh-CN\", filter: {{ code: {{ eq: \"2026-QL\" }} }}) {{ nodes {{ {EVERYTHING} }} }} }}"))
        .await;
    let shown = &data["projects"]["nodes"][0];
    let is = |field: &str, expected: Value| assert_eq!(shown[field], expected, "{field}");
    is("summary", json!("第一行\n第二行"));
    assert_eq!(shown["body"]["html"], "<h2 id=\"h-一-概况\">一、概况</h2><p>主桥长三千米。</p>");
    is("jobs", json!(1200));
    is("investment", json!("35.5"));
    is("approvedAt", json!("2026-01-05T01:00:00Z"));
    is("stageLabel", json!({ "zh": "在建", "en": "Under way" }));
    is("approval", json!("兰发改〔2026〕3号"));
    is("ground", json!({ "address": "滨江路1号", "longitude": "103.5", "latitude": "30.25" }));
    is("hotline", json!("0999-12345678"));
    is("homepage", json!("https://bridge.lanqiao.example/"));
    is("basis", json!({ "title": "关于重点项目的通知" }));
    is("parts", json!([{ "title": "引桥" }]));
    assert_eq!(shown["milestones"][0]["proof"]["name"], "令.pdf");
    assert_eq!(shown["milestones"][1], json!({ "name": "合龙", "on": null, "proof": null }));
    is("figures", json!({ "spans": [120, 260, 120] }));
    let back = node
        .content("{ policyDocuments { nodes { projects { title } } } projects(filter: { title: { eq: \"引桥\" } }) { nodes { partOf { title } } } }")
        .await;
    assert_eq!(back["policyDocuments"]["nodes"][0]["projects"], json!([{ "title": "蓝桥大桥" }]));
    assert_eq!(back["projects"]["nodes"][0]["partOf"], json!([{ "title": "蓝桥大桥" }]));
    let feed = node.get("/sites/lanqiao/columns/news/feed.json").await.json();
    let items = feed["items"].as_array().expect("items");
    let item = items.iter().find(|item| item["title"] == "蓝桥大桥").expect("it is in the feed");
    assert_eq!(item["_gongbao"]["type"], "project");
    assert_eq!(item["attachments"][0]["title"], "批复.pdf");
}

test_harness::on_both_databases! {
    async fn a_type_with_every_kind_of_field_is_a_file_and_nothing_else(database: TestDatabase) {
        let program = hub(&database);
        let printed = program.done(&["schema"]);
        assert!(printed.contains("type Project implements"), "the type is in the schema");
        assert!(printed.contains("@deprecated(reason: \"不再填写。 / No longer filled.\")"));
        fs::write(database.folder().join("tree.toml"), TREE).expect("a manifest");
        program.done(&["site", "apply", "tree.toml"]);
        let token = program.administrator();
        let node = program.serve();

        is_indexed(&node).await;
        is_validated(&node, &token).await;
        for (bytes, media) in [(PNG, "image/png"), (PDF, "application/pdf")] {
            let stored = node.upload(&token, bytes).await;
            assert_eq!((stored.status, &stored.json()["mediaType"]), (201, &json!(media)));
        }
        let picture = format!("/assets/{}/a.png", Digest::of(PNG).hex());
        assert_eq!(node.get(&picture).await.status, 404, "nothing public uses it");
        let policy = json!({ "title": "关于重点项目的通知", "issuer": "蓝桥市人民政府", "writtenOn": "2026-01-02", "validity": "effective", "body": "<p>全文</p>" });
        let policy = node.publish_new(&token, new("policyDocument", "policy", &policy)).await;
        let part = node.publish_new(&token, new("project", "news", &json!({ "title": "引桥" }))).await;
        let fields = every_kind(&policy["contentId"], &part["contentId"]);
        let whole = node.publish_new(&token, new("project", "news", &fields)).await;
        let text = |document: &Value| document["contentId"].as_str().expect("an id").to_owned();
        is_shown(&node).await;
        is_listed(&node, &text(&policy), &text(&part)).await;
        let shown = node.get(&picture).await;
        assert_eq!((shown.status, shown.body.as_slice()), (200, PNG));
        assert_eq!(shown.header("content-type"), "image/png");

        // One code, one project; and a fact is the same in every language.
        let again = json!({ "title": "冒名", "code": "2026-QL" });
        let again = node.act(&token, "createDocument", new("project", "news", &again), "__typename").await;
        assert_eq!(reasons(&again)[0].1, "not_unique");
        let mut english = new("project", "news", &json!({ "title": "Lanqiao Bridge", "keywords": ["bridge"] }));
        english["locale"] = json!("en");
        english["contentId"] = whole["contentId"].clone();
        node.publish_new(&token, english).await;
        let english = node
            .content("{ projects(locale: \"en\") { nodes { title jobs keywords summary } } }")
            .await;
        let translated = json!([{ "title": "Lanqiao Bridge", "jobs": 1200, "keywords": ["bridge"], "summary": "" }]);
        assert_eq!(english["projects"]["nodes"], translated);

        // What leaves as files comes back as the same texts.
        let elsewhere = test_harness::database(database.engine()).expect("another database");
        program.done(&["export", "--site", "lanqiao", "--output", "export"]);
        let export = database.folder().join("export").display().to_string();
        let other = hub(&elsewhere);
        other.done(&["site", "apply", &format!("{export}/tree.toml")]);
        other.done(&["import", &export]);
        for program in [&program, &other] {
            let checked: Value = serde_json::from_str(&program.done(&["verify", "--json"])).expect("JSON");
            // A draft was kept, and is among the documents.
            assert_eq!((&checked["checked"]["documents"], &checked["checked"]["files"]), (&json!(5), &json!(2)));
        }
        let second = other.serve();
        is_indexed(&second).await;
        assert_eq!(digests(&second).await, digests(&node).await);
        assert_eq!(digests(&second).await.len(), 4);
        is_shown(&second).await;
        node.stop();
        second.stop();
    }
}
