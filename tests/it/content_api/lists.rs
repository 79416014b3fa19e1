//! Lists: filters, orders and pages in both directions.

use serde_json::{Value, json};

use super::{Front, titles};
use crate::house::{House, article, house, locale, placed};

impl House {
    /// Articles 一 to 七 written on successive days of March, tags alternating.
    async fn seven(&self) -> Vec<store::documents::Document> {
        let mut documents = Vec::new();
        for (day, title) in (1..).zip(["一", "二", "三", "四", "五", "六", "七"]) {
            let mut new = article(title);
            new.text.fields.insert("writtenOn".into(), json!(format!("2026-03-0{day}")));
            new.text.fields.insert("indexNumber".into(), json!(format!("LQ-{day}")));
            new.text
                .fields
                .insert("tags".into(), json!([if day % 2 == 0 { "双" } else { "单" }, "全部"]));
            if day == 7 {
                new.text.fields.remove("writtenOn");
                new.text.placements = vec![placed("lanqiao", &["news"], None)];
            }
            let draft = self.create(new).await.expect("it is saved");
            documents.push(self.make_public(&draft).await.document);
        }
        documents
    }
}

impl Front {
    async fn listed(&self, arguments: &str) -> Vec<String> {
        let data = self.ask(&format!("{{ articles{arguments} {{ nodes {{ title }} }} }}")).await;
        titles(&data["articles"]["nodes"]).into_iter().map(str::to_owned).collect()
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_list_has_the_newest_first_unless_asked_otherwise(house: House) {
        house.seven().await;
        let front = house.front();

        assert_eq!(front.listed("(first: 3)").await, ["七", "六", "五"]);
        assert_eq!(front.listed("(first: 3, orderBy: LISTED_AT_ASC)").await, ["一", "二", "三"]);
        assert_eq!(front.listed("(first: 3, orderBy: WRITTEN_ON_DESC)").await, ["六", "五", "四"]);
        assert_eq!(front.listed("(first: 2, orderBy: WRITTEN_ON_ASC)").await, ["七", "一"], "nothing comes first");
        assert_eq!(front.listed("(last: 2)").await, ["二", "一"]);
    }

    async fn filters_narrow_a_list_down(house: House) {
        let documents = house.seven().await;
        let front = house.front();
        let published = documents[4].published_at.expect("it is published");

        for (filter, expected) in [
            ("title: { eq: \"三\" }".to_owned(), vec!["三"]),
            ("title: { in: [\"三\", \"五\", \"九\"] }".to_owned(), vec!["五", "三"]),
            ("indexNumber: { startsWith: \"LQ-\" }, title: { eq: \"一\" }".to_owned(), vec!["一"]),
            ("indexNumber: { startsWith: \"LQ-3\" }".to_owned(), vec!["三"]),
            ("writtenOn: { gt: \"2026-03-02\", lte: \"2026-03-04\" }".to_owned(), vec!["四", "三"]),
            ("writtenOn: { isNull: true }".to_owned(), vec!["七"]),
            ("writtenOn: { isNull: false, lt: \"2026-03-02\" }".to_owned(), vec!["一"]),
            ("tags: { eq: \"双\" }".to_owned(), vec!["六", "四", "二"]),
            ("not: { tags: { eq: \"单\" } }".to_owned(), vec!["六", "四", "二"]),
            ("or: [{ title: { eq: \"一\" } }, { title: { eq: \"二\" } }]".to_owned(), vec!["二", "一"]),
            ("and: [{ tags: { eq: \"单\" } }, { tags: { eq: \"全部\" } }], writtenOn: { gte: \"2026-03-03\" }".to_owned(), vec!["五", "三"]),
            (format!("publishedAt: {{ gte: \"{published}\" }}"), vec!["七", "六", "五"]),
            (format!("publishedAt: {{ gt: \"{published}\" }}"), vec!["七", "六"]),
            (format!("listedAt: {{ lt: \"{published}\" }}"), vec!["四", "三", "二", "一"]),
            (format!("contentId: {{ eq: \"{}\" }}", documents[2].content), vec!["三"]),
            ("originallyPublishedAt: { gte: \"1990-01-01T00:00:00Z\" }".to_owned(), vec![]),
        ] {
            assert_eq!(front.listed(&format!("(filter: {{ {filter} }})")).await, expected, "{filter}");
        }
    }

    async fn a_filter_may_come_from_a_variable(house: House) {
        house.seven().await;

        let data = house.front().ask_with(
            "query ($filter: ArticleFilter, $order: [ArticleOrderBy!], $n: Int) { \
             articles(filter: $filter, orderBy: $order, first: $n) { nodes { title } totalCount } }",
            json!({ "filter": { "tags": { "in": ["双"] } }, "order": "TITLE_ASC", "n": 2 }),
        )
        .await;

        let mut expected = ["二", "四", "六"];
        expected.sort_unstable();
        assert_eq!(titles(&data["articles"]["nodes"]), expected[..2]);
        assert_eq!(data["articles"]["totalCount"], 3);
    }

    async fn a_variable_may_be_left_out(house: House) {
        house.seven().await;
        let query = "query ($filter: ArticleFilter, $title: String, $n: Int, $after: String, $site: String) { \
            articles(filter: $filter, first: $n, after: $after, site: $site) { nodes { title } } \
            one: articles(filter: { title: { eq: $title } }, first: 1) { nodes { title } } }";

        let data = house.front().ask_with(query, json!({ "n": 2 })).await;

        assert_eq!(titles(&data["articles"]["nodes"]), ["七", "六"]);
        assert_eq!(titles(&data["one"]["nodes"]), ["七"], "no value, no condition");
        let required = "query ($n: Int!) { articles(first: $n) { nodes { title } } }";
        assert_eq!(house.front().refusal(required).await, "INVALID_QUERY");
    }

    async fn lists_are_of_a_site_a_column_a_type_and_a_language(house: House) {
        let documents = house.seven().await;
        let mut english = article("One");
        (english.content, english.locale) = (Some(documents[0].content), locale("en"));
        english.text.fields.remove("indexNumber");
        let draft = house.create(english).await.expect("it is saved");
        house.make_public(&draft).await;
        let front = house.front();

        assert_eq!(front.listed("(site: \"lanqiao\", column: \"news\")").await, ["七"]);
        assert_eq!(front.listed("(site: \"lanqiao\", column: \"policy\", first: 1)").await, ["六"], "descendants too");
        assert_eq!(front.listed("(site: \"lanqiao\", locale: \"en\")").await, ["One"]);
        assert_eq!(front.listed("(first: 1)").await, ["One"], "without a site every language");
        assert_eq!(front.listed("(site: \"lanqiao\", first: 1)").await, ["七"], "the site's main language");
        assert_eq!(front.listed("(site: \"nanhe\")").await, [""; 0]);
        let data = front.ask("{ documents(type: alarm) { nodes { title } } }").await;
        assert_eq!(data["documents"]["nodes"], json!([]));
        for wrong in ["(site: \"nowhere\")", "(column: \"news\")", "(site: \"lanqiao\", column: \"nothing\")", "(site: \"A B\")"] {
            let query = format!("{{ articles{wrong} {{ nodes {{ title }} }} }}");
            assert_eq!(front.refusal(&query).await, "BAD_ARGUMENT", "{wrong}");
        }
    }

    async fn pages_lead_through_a_list_in_both_directions(house: House) {
        house.seven().await;
        let front = house.front();
        for order in ["LISTED_AT_DESC", "LISTED_AT_ASC", "WRITTEN_ON_DESC", "TITLE_ASC"] {
            let whole = front.listed(&format!("(orderBy: {order})")).await;
            assert_eq!(whole.len(), 7);
            let (mut forward, mut after) = (Vec::new(), Value::Null);
            loop {
                let page = front.page(order, json!({ "first": 3, "after": after })).await;
                assert_eq!(page["pageInfo"]["hasPreviousPage"], json!(!after.is_null()));
                forward.extend(titles_of(&page));
                after = page["pageInfo"]["endCursor"].clone();
                if page["pageInfo"]["hasNextPage"] == json!(false) {
                    break;
                }
            }
            assert_eq!(forward, whole, "{order}");
            let (mut backward, mut before) = (Vec::new(), Value::Null);
            loop {
                let page = front.page(order, json!({ "last": 3, "before": before })).await;
                let mut titles = titles_of(&page);
                titles.append(&mut backward);
                backward = titles;
                before = page["pageInfo"]["startCursor"].clone();
                if page["pageInfo"]["hasPreviousPage"] == json!(false) {
                    break;
                }
            }
            assert_eq!(backward, whole, "{order}");
        }
    }

    async fn what_cannot_be_a_page_is_refused(house: House) {
        house.seven().await;
        let front = house.front();
        let data = front.ask("{ articles(first: 1) { edges { cursor node { title } } } }").await;
        let edge = &data["articles"]["edges"][0];
        assert_eq!(edge["node"]["title"], "七");
        let cursor = edge["cursor"].as_str().expect("a cursor").to_owned();

        for (arguments, code) in [
            ("first: 0".to_owned(), "BAD_ARGUMENT"),
            ("first: -1".to_owned(), "BAD_ARGUMENT"),
            ("first: 101".to_owned(), "BAD_ARGUMENT"),
            ("first: 1, last: 1".to_owned(), "BAD_ARGUMENT"),
            ("after: \"x\"".to_owned(), "BAD_CURSOR"),
            (format!("after: \"{cursor}\", orderBy: TITLE_ASC"), "BAD_CURSOR"),
            ("filter: { contentId: { eq: \"x\" } }".to_owned(), "BAD_ARGUMENT"),
            ("filter: { column: \"x\" }".to_owned(), "BAD_ARGUMENT"),
            ("filter: { basis: { eq: \"x\" } }".to_owned(), "BAD_ARGUMENT"),
            ("filter: { writtenOn: { eq: \"2026-02-30\" } }".to_owned(), "INVALID_QUERY"),
            ("filter: { body: { eq: \"x\" } }".to_owned(), "INVALID_QUERY"),
            ("orderBy: BODY_ASC".to_owned(), "INVALID_QUERY"),
        ] {
            let query = format!("{{ articles({arguments}) {{ nodes {{ title }} }} }}");
            assert_eq!(front.refusal(&query).await, code, "{arguments}");
        }
        let many: Vec<String> = (0..40).map(|n| format!("{{ title: {{ eq: \"{n}\" }} }}")).collect();
        let query = format!("{{ articles(filter: {{ or: [{}] }}) {{ nodes {{ title }} }} }}", many.join(","));
        assert_eq!(front.refusal(&query).await, "TOO_COSTLY");
    }

    async fn changes_are_followed_from_a_cursor(house: House) {
        let first = house.live_article("甲").await;
        let front = house.front();
        let head = front.ask("{ changes(first: 1) { head } }").await["changes"]["head"].clone();
        let second = house.live_article("乙").await;
        house.recall(&first).await;

        let data = front.ask_with(
            "query ($after: String) { changes(after: $after, first: 2) { nodes { at kind contentId locale type edition importance \
             visibility left { site columns path } entered { site columns path } document { title } arrangement } \
             pageInfo { hasNextPage endCursor } } }",
            json!({ "after": head }),
        )
        .await;

        let [published, recalled] = &data["changes"]["nodes"].as_array().expect("a list")[..] else { panic!("{data}") };
        assert_eq!((&published["kind"], &published["document"]["title"]), (&json!("publish"), &json!("乙")));
        assert_eq!(published["contentId"], second.content.to_string());
        assert_eq!(published["entered"][0]["columns"], json!(["policy/finance"]));
        assert_eq!((&recalled["kind"], &recalled["visibility"]), (&json!("recall"), &json!("recalled")));
        assert_eq!(recalled["document"], Value::Null);
        assert_eq!(data["changes"]["pageInfo"]["hasNextPage"], false);
        let end = data["changes"]["pageInfo"]["endCursor"].clone();
        let rest = front.ask_with("query ($after: String) { changes(after: $after) { nodes { kind } head } }", json!({ "after": end.clone() })).await;
        assert_eq!(rest["changes"], json!({ "nodes": [], "head": end }));
        assert_eq!(front.refusal("{ changes(after: \"x\") { nodes { kind } } }").await, "BAD_CURSOR");
    }
}

impl Front {
    async fn page(&self, order: &str, mut variables: Value) -> Value {
        variables["order"] = json!(order);
        let query = "query ($order: [ArticleOrderBy!], $first: Int, $after: String, $last: Int, $before: String) { \
            articles(orderBy: $order, first: $first, after: $after, last: $last, before: $before) { \
            nodes { title } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }";
        self.ask_with(query, variables).await["articles"].clone()
    }
}

fn titles_of(page: &Value) -> Vec<String> {
    titles(&page["nodes"]).into_iter().map(str::to_owned).collect()
}
