//! Every field of the root of the content API, asked for every hidden text by every name it has.

use api::content::Limits;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    Asking,
    scene::{Hidden, Scene},
    schema::{INTROSPECTION, Schema},
};

/// How many objects deep everything is selected.
const DEPTH: u32 = 2;

/// What can be asked of one list and not of several at once.
const ALONE: [&str; 1] = ["facets"];

/// Without the limits that would keep one question from asking for everything.
fn limits() -> Limits {
    Limits {
        query_bytes: 1 << 20,
        body_bytes: 1 << 21,
        cost: u64::MAX / 4,
        aliases: 10_000,
        depth: 40,
        nesting: 200,
        ..Limits::default()
    }
}

/// Everything that the content API tells somebody, by what was asked.
pub async fn content(scene: &Scene, asking: &Asking) -> Vec<(String, String)> {
    let front = scene.house.front_of(asking.viewer.clone(), limits());
    let schema = Schema::read(&front.ask(INTROSPECTION).await);
    assert_eq!(schema.subscriptions, ["changes"], "a subscription needs a case: see `served`");
    let mut told = Vec::new();
    for (field, of) in schema.roots() {
        let arguments = arguments(&field, scene);
        assert!(!arguments.is_empty(), "the field {field} of the root needs a case");
        let (all, fewer) =
            (schema.selection(&of, DEPTH, &[]), schema.selection(&of, DEPTH, &ALONE));
        for given in arguments {
            let mut body =
                front.try_with(&format!("{{ {field}{given}{all} }}"), json!({})).await.body;
            if codes(&body) == ["NOT_IN_A_LIST"] {
                body =
                    front.try_with(&format!("{{ {field}{given}{fewer} }}"), json!({})).await.body;
            }
            let refused = codes(&body);
            let is_foreseen = refused.iter().all(|code| *code == "PREVIEW_HAS_NO_PAST");
            assert!(is_foreseen, "{field}{given}: {}", body["errors"]);
            told.push((format!("{field}{given}"), body.to_string()));
        }
    }
    told
}

/// What is counted and listed, for somebody.
pub async fn counts(scene: &Scene, asking: &Asking) -> String {
    let front = scene.house.front_of(asking.viewer.clone(), limits());
    let schema = Schema::read(&front.ask(INTROSPECTION).await);
    let counted = format!("totalCount facets{}", schema.selection("Facets", DEPTH, &[]));
    let query = format!(
        "{{ documents(first: 100) {{ {counted} nodes {{ id }} }} \
         articles(site: \"lanqiao\") {{ {counted} nodes {{ id }} }} \
         found: search(query: \"标题\") {{ {counted} nodes {{ id }} }} \
         other: search(query: \"众所周知\") {{ {counted} nodes {{ id }} }} \
         changes(first: 100) {{ nodes {{ cursor kind }} }} }}"
    );
    front.ask(&query).await.to_string()
}

/// The codes of what went wrong.
fn codes(body: &Value) -> Vec<&str> {
    let errors = body["errors"].as_array().into_iter().flatten();
    errors.map(|error| error["extensions"]["code"].as_str().expect("a code")).collect()
}

/// How a field of the root is asked, each with its braces; nothing for a field without a case.
fn arguments(field: &str, scene: &Scene) -> Vec<String> {
    let each = |given: &dyn Fn(&Hidden) -> Vec<String>| -> Vec<String> {
        scene.hidden.iter().flat_map(given).map(|given| format!("({given})")).collect()
    };
    let always = |given: &[&str]| given.iter().map(|given| (*given).to_owned()).collect();
    match field {
        "document" => each(&|it| {
            let mut given = names(it);
            given.push(format!("{}, draft: true", by_id(it)));
            given.push(format!("{}, asOf: \"{}\"", by_id(it), scene.when_public(it)));
            given
        }),
        "article" | "alarm" => each(&|it| vec![by_id(it)]),
        "route" => each(&|it| names(it).into_iter().skip(1).take(2).collect()),
        "node" => each(&|it| vec![by_id(it)]),
        "nodes" => {
            let ids: Vec<String> = scene.hidden.iter().map(|it| format!("{:?}", id(it))).collect();
            vec![format!("(ids: [{}])", ids.join(", "))]
        }
        "documents" => lists(scene),
        "alarms" => always(&["(first: 100)"]),
        "articles" => {
            let mut given = lists(scene);
            let of_title =
                |it: &Hidden| format!("filter: {{ title: {{ eq: \"标题 {}\" }} }}", it.word());
            given.extend(each(&|it| vec![of_title(it)]));
            given.push("(orderBy: [TITLE_ASC])".into());
            given
        }
        "search" => {
            let mut given = each(&|it| vec![format!("query: \"{}\"", it.word())]);
            given.push("(query: \"众所周知\")".into());
            given
        }
        "suggestions" => each(&|it| vec![format!("query: \"{}\"", &it.word()[..5])]),
        "site" => always(&["(key: \"nanhe\")", "(domain: \"www.lanqiao.gov.cn\")"]),
        "sites" => always(&[""]),
        "column" => {
            always(&["(site: \"lanqiao\", path: \"news\")", "(site: \"nanhe\", path: \"policy\")"])
        }
        "authority" => always(&["(key: \"lanqiao-city\")", "(key: \"nanhe-province\")"]),
        "changes" => always(&["(first: 100)"]),
        "_service" => always(&[""]),
        "_entities" => each(&|it| {
            vec![format!("representations: [{{ __typename: \"Article\", id: {:?} }}]", id(it))]
        }),
        _ => Vec::new(),
    }
}

fn lists(scene: &Scene) -> Vec<String> {
    let then = scene.when_public(scene.hidden("withdrawn"));
    [
        "(first: 100)".to_owned(),
        "(site: \"lanqiao\", first: 100)".into(),
        "(site: \"lanqiao\", column: \"news\", last: 100)".into(),
        "(site: \"nanhe\", first: 100)".into(),
        format!("(site: \"lanqiao\", first: 100, asOf: \"{then}\")"),
    ]
    .into()
}

/// A document by each of its names.
fn names(it: &Hidden) -> Vec<String> {
    let site = if it.name == "foreign draft" { "nanhe" } else { "lanqiao" };
    vec![
        by_id(it),
        format!("site: \"{site}\", path: \"{}\"", it.path),
        format!("contentId: \"{}\"", it.document.content),
        format!("contentId: \"{}\", locale: \"en\", site: \"{site}\"", it.document.content),
    ]
}

fn by_id(it: &Hidden) -> String {
    format!("id: {:?}", id(it))
}

/// Its global id.
fn id(it: &Hidden) -> String {
    let mut bytes = vec![1];
    bytes.extend_from_slice(it.document.id.uuid().as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}
