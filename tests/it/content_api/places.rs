//! Places near a point, counts by type, year, column and choice, topics in one question, and how
//! far links may be followed.

use schema::content_type::EMBEDDED_FILES;
use serde_json::{Value, json};
use test_harness::Engine;

use super::titles;
use crate::house::{House, fields, house_with_types, placed, text};

/// A bus stop, with what people filter it by.
const STOP: &str = r#"
name = "stop"
plural = "stops"
version = 1
label = { zh = "站点", en = "Stop" }
title = "title"
path = "/{column}/{id}"
old_texts = "amended"

[[field]]
name = "title"
kind = "short_text"
label = { zh = "名称", en = "Name" }
required = true
filterable = true
sortable = true

[[field]]
name = "ground"
kind = "place"
label = { zh = "位置", en = "Position" }
localised = false
filterable = true

[[field]]
name = "shelter"
kind = "choice"
label = { zh = "候车亭", en = "Shelter" }
filterable = true
choices = [
    { value = "roofed", label = { zh = "有顶", en = "Roofed" } },
    { value = "open", label = { zh = "露天", en = "Open" } },
]
"#;

pub(super) async fn town(engine: Engine) -> Option<House> {
    let article = ("article.toml", include_str!("../types/article.toml"));
    house_with_types(engine, &[article, ("stop.toml", STOP)]).await
}

async fn hub(engine: Engine) -> Option<House> {
    house_with_types(engine, EMBEDDED_FILES).await
}

impl House {
    pub(super) async fn published(&self, r#type: &str, columns: &[&str], values: Value) -> Value {
        let mut new = crate::house::article("-");
        new.r#type = r#type.parse().expect("a type name");
        new.text = text("-");
        new.text.fields = fields(values);
        new.text.placements = vec![placed("lanqiao", columns, None)];
        let draft = self.create(new).await.expect("it is saved");
        json!(self.make_public(&draft).await.document.content.to_string())
    }

    pub(super) async fn stop(
        &self,
        title: &str,
        at: Option<(&str, &str)>,
        shelter: &str,
        column: &str,
    ) {
        let mut values = json!({ "title": title, "shelter": shelter });
        if let Some((latitude, longitude)) = at {
            values["ground"] =
                json!({ "address": "兰桥市", "latitude": latitude, "longitude": longitude });
        }
        self.published("stop", &[column], values).await;
    }

    /// The market, 111 metres north of it, 1.1 km east, the other end of the country, nowhere.
    pub(super) async fn stops(&self) {
        self.stop("市场", Some(("30.25", "103.5")), "roofed", "policy/finance").await;
        self.stop("北口", Some(("30.251", "103.5")), "open", "policy").await;
        self.stop("东站", Some(("30.25", "103.5115")), "open", "news").await;
        self.stop("远方", Some(("45.75", "126.65")), "roofed", "news").await;
        self.stop("无处", None, "open", "news").await;
    }
}

test_harness::on_both_databases! {
    with town;

    async fn what_is_near_a_point_is_found_by_distance(house: House) {
        house.stops().await;
        let front = house.front();
        let near = async |arguments: &str, latitude: &str, longitude: &str, metres: u32| {
            let query = format!(
                "{{ stops({arguments} filter: {{ ground: {{ near: {{ latitude: {latitude}, longitude: {longitude}, metres: {metres} }} }} }}) {{ \
                 nodes {{ title }} totalCount }} }}"
            );
            let list = front.ask(&query).await["stops"].clone();
            assert_eq!(list["totalCount"], titles(&list["nodes"]).len());
            titles(&list["nodes"]).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };

        assert_eq!(near("", "30.25", "103.5", 1).await, ["市场"]);
        assert_eq!(near("", "30.25", "103.5", 111).await, ["市场"]);
        assert_eq!(near("", "30.25", "103.5", 112).await, ["北口", "市场"]);
        assert_eq!(near("", "30.25", "103.5", 1_100).await, ["北口", "市场"]);
        assert_eq!(near("", "30.25", "103.5", 1_110).await, ["东站", "北口", "市场"]);
        assert_eq!(near("site: \"lanqiao\",", "30.25", "103.5", 1_110).await, ["东站", "北口", "市场"]);
        assert_eq!(near("site: \"lanqiao\", column: \"policy\",", "30.25", "103.5", 1_110).await, ["北口", "市场"]);
        assert_eq!(near("orderBy: [TITLE_DESC],", "30.25", "103.5", 1_110).await, ["市场", "北口", "东站"]);
        assert_eq!(near("", "-30.25", "-76.5", 100_000).await, [""; 0]);
        let data = front.ask("{ stops(filter: { ground: { isNull: true } }) { nodes { title } } }").await;
        assert_eq!(titles(&data["stops"]["nodes"]), ["无处"]);
        for (near, code) in [
            ("latitude: 91, longitude: 0, metres: 5", "BAD_ARGUMENT"),
            ("latitude: 1, longitude: 1, metres: 0", "BAD_ARGUMENT"),
            ("latitude: 1, longitude: 1, metres: 1000000", "BAD_ARGUMENT"),
            ("latitude: 1, longitude: 1", "INVALID_QUERY"),
        ] {
            let query = format!("{{ stops(filter: {{ ground: {{ near: {{ {near} }} }} }}) {{ nodes {{ title }} }} }}");
            assert_eq!(front.refusal(&query).await, code, "{near}");
        }
    }

    async fn pages_lead_through_what_is_near(house: House) {
        house.stops().await;
        let front = house.front();
        let query = "query ($after: String) { stops(site: \"lanqiao\", first: 1, after: $after, \
            filter: { ground: { near: { latitude: 30.25, longitude: 103.5, metres: 5000 } } }) { \
            nodes { title } pageInfo { endCursor hasNextPage } } }";
        let (mut found, mut after) = (Vec::new(), Value::Null);
        loop {
            let page = front.ask_with(query, json!({ "after": after })).await["stops"].clone();
            found.extend(titles(&page["nodes"]).into_iter().map(str::to_owned));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                break;
            }
        }
        assert_eq!(found, ["东站", "北口", "市场"]);
    }

    async fn a_list_counts_what_is_in_it_when_asked(house: House) {
        house.stops().await;
        house.live_article("文章").await;
        let front = house.front();
        let query = "{ stops(site: \"lanqiao\", first: 1, orderBy: TITLE_ASC, filter: { not: { title: { eq: \"无处\" } } }) { facets { isLimited \
            types { type count } years { year count } columns { column { path name { zh } } count } \
            choices { field label { zh } values { value label { zh } count } } } } }";

        let facets = front.ask(query).await["stops"]["facets"].clone();

        let column = |path: &str, name: &str, count: u32| json!({ "column": { "path": path, "name": { "zh": name } }, "count": count });
        assert_eq!(facets["types"], json!([{ "type": "stop", "count": 4 }]));
        assert_eq!(facets["years"], json!([{ "year": 2026, "count": 4 }]));
        let columns = facets["columns"].as_array().expect("a list");
        for (path, count) in [("policy", 2), ("news", 2), ("policy/finance", 1)] {
            let found = columns.iter().find(|it| it["column"]["path"] == path).expect("a column");
            assert_eq!(found, &column(path, found["column"]["name"]["zh"].as_str().expect("a name"), count));
        }
        assert_eq!(columns.len(), 3, "{facets}");
        assert_eq!(columns[2]["count"], 1, "the most first");
        assert_eq!(
            facets["choices"],
            json!([{ "field": "shelter", "label": { "zh": "候车亭" }, "values": [
                { "value": "open", "label": { "zh": "露天" }, "count": 2 },
                { "value": "roofed", "label": { "zh": "有顶" }, "count": 2 },
            ] }])
        );
        assert_eq!(facets["isLimited"], false);
        let all = "{ documents { facets { types { type count } choices { field } } } }";
        assert_eq!(
            front.ask(all).await["documents"]["facets"],
            json!({ "types": [{ "type": "stop", "count": 5 }, { "type": "article", "count": 1 }], "choices": [] })
        );
        let below = "{ column(site: \"lanqiao\", path: \"policy\") { documents { facets { columns { column { path } count } } } } }";
        assert_eq!(
            front.ask(below).await["column"]["documents"]["facets"]["columns"],
            json!([{ "column": { "path": "policy" }, "count": 3 }, { "column": { "path": "policy/finance" }, "count": 2 }])
        );
    }

    async fn only_the_counts_that_are_asked_for_are_made(house: House) {
        house.stops().await;
        let front = house.front();
        let counted = async |facets: &str| {
            let query = format!("{{ stops {{ nodes {{ title }} {facets} }} }}");
            front.ask(&query).await;
            front.statements(&query).await
        };

        assert_eq!(counted("").await, 1);
        assert_eq!(counted("facets { years { count } types { count } isLimited }").await, 2);
        assert_eq!(counted("facets { choices { field } }").await, 2);
        assert_eq!(counted("facets { columns { count } }").await, 3, "the columns themselves are read too");
        let of_many = "{ sites { documents(first: 5) { facets { years { count } } } } }";
        assert_eq!(front.refusal(of_many).await, "NOT_IN_A_LIST");
    }

    async fn a_search_counts_by_column_too(house: House) {
        house.live_article("电梯改造").await;
        let front = house.front();
        let query = "{ search(query: \"电梯\", site: \"lanqiao\", type: article) { facets { columns { column { path } count } choices { field } } } }";

        assert_eq!(
            front.ask(query).await["search"]["facets"],
            json!({ "columns": [
                { "column": { "path": "policy/finance" }, "count": 1 },
                { "column": { "path": "policy" }, "count": 1 },
            ], "choices": [] })
        );
    }
}

mod hub {
    use super::*;

    impl House {
        async fn policy(&self, title: &str, more: Value) -> Value {
            let mut values = json!({ "title": title, "issuer": "兰桥市人民政府", "writtenOn": "2026-03-01", "validity": "effective" });
            for (name, value) in more.as_object().expect("an object") {
                values[name] = value.clone();
            }
            self.published("policyDocument", &["policy"], values).await
        }
    }

    test_harness::on_both_databases! {
        with super::hub;

        async fn a_topic_is_one_question(house: House) {
            let news = house.published("news", &["news"], json!({ "title": "绿化动员会" })).await;
            let policy = house.policy("绿化办法", json!({})).await;
            let topic = house.published("topic", &["news"], json!({
                "title": "城市绿化", "topicStatus": "current", "items": [news, policy],
                "sections": [{ "name": "动态" }, { "name": "政策", "description": "有关文件" }],
            })).await;
            let front = house.front();
            let query = format!(
                "{{ topic(contentId: {topic}) {{ title topicStatus sections {{ name description }} items {{ title typeLabel {{ zh }} url }} head {{ html }} }} \
                 news: newsItems(filter: {{ topics: {{ eq: {topic} }} }}) {{ nodes {{ title topics(first: 1) {{ title }} }} totalCount }} \
                 none: news(contentId: {topic}) {{ title }} }}"
            );

            let data = front.ask(&query).await;

            assert_eq!(titles(&data["topic"]["items"]), ["绿化动员会", "绿化办法"]);
            assert_eq!(data["topic"]["sections"][1], json!({ "name": "政策", "description": "有关文件" }));
            assert!(data["topic"]["head"]["html"].as_str().expect("markup").contains("城市绿化"));
            assert_eq!((titles(&data["news"]["nodes"]), &data["news"]["totalCount"]), (vec!["绿化动员会"], &json!(1)));
            assert_eq!(data["none"], Value::Null, "it is of another type");
        }

        async fn links_are_followed_from_policy_to_policy_within_limits(house: House) {
            let old = house.policy("旧办法", json!({})).await;
            let law = house.policy("条例", json!({})).await;
            let policy = house.policy("新办法", json!({ "implements": [law], "repeals": [old] })).await;
            let explained = json!({ "title": "图解新办法", "interprets": [policy], "authorKind": "issuer", "form": "infographic" });
            house.published("interpretation", &["policy"], explained).await;
            let front = house.front();

            let data = front
                .ask(&format!(
                    "{{ policyDocument(contentId: {old}) {{ title repealedBy(first: 3) {{ title implements {{ title }} \
                     interpretations(first: 3) {{ title interprets {{ title repeals {{ title }} }} }} }} }} }}"
                ))
                .await;

            let repealing = &data["policyDocument"]["repealedBy"][0];
            assert_eq!(repealing["title"], "新办法");
            assert_eq!(repealing["implements"][0]["title"], "条例");
            assert_eq!(repealing["interpretations"][0]["interprets"][0]["repeals"][0]["title"], "旧办法");
            let explained = "{ policyDocuments(filter: { interpretations: { form: { eq: infographic } } }) { nodes { title } } \
                interpretations(filter: { interprets: { validity: { eq: effective }, title: { contains: \"办法\" } } }) { nodes { title } } }";
            let data = front.ask(explained).await;
            assert_eq!(titles(&data["policyDocuments"]["nodes"]), ["新办法"]);
            assert_eq!(titles(&data["interpretations"]["nodes"]), ["图解新办法"]);

            let mut wide = "{ title }".to_owned();
            let mut deep = "{ title }".to_owned();
            for level in 0..16 {
                deep = format!("{{ implements {deep} }}");
                if level < 4 {
                    wide = format!("{{ implements {wide} repealedBy(first: 100) {wide} }}");
                }
            }
            assert_eq!(front.refusal(&format!("{{ policyDocument(contentId: {old}) {deep} }}")).await, "TOO_DEEP");
            assert_eq!(front.refusal(&format!("{{ policyDocument(contentId: {old}) {wide} }}")).await, "TOO_COSTLY");
        }
    }
}
