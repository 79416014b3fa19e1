//! What lists are narrowed down and ordered by beyond one field: parts of texts, several columns,
//! linked documents, several orders.

use serde_json::{Value, json};
use store::documents::Document;

use super::{Front, titles};
use crate::house::{House, article, house, locale, placed};

impl House {
    async fn resting_on(&self, title: &str, day: Option<u8>, basis: &[&Document]) -> Document {
        let mut new = article(title);
        let basis: Vec<String> = basis.iter().map(|it| it.content.to_string()).collect();
        new.text.fields.insert("basis".into(), json!(basis));
        if let Some(day) = day {
            new.text.fields.insert("writtenOn".into(), json!(format!("2026-03-0{day}")));
        }
        let draft = self.create(new).await.expect("it is saved");
        self.make_public(&draft).await.document
    }

    /// 条例 is the basis of 办法甲 and 办法乙, and 办法甲 that of 细则.
    async fn ladder(&self) -> [Document; 4] {
        let law = self.resting_on("城市绿化条例", Some(1), &[]).await;
        let first = self.resting_on("绿化办法甲", Some(2), &[&law]).await;
        let second = self.resting_on("绿化办法乙", Some(2), &[&law]).await;
        let detail = self.resting_on("实施细则", None, &[&first]).await;
        [law, first, second, detail]
    }
}

impl Front {
    async fn found(&self, filter: &str) -> Vec<String> {
        let query =
            format!("{{ articles(filter: {{ {filter} }}) {{ nodes {{ title }} totalCount }} }}");
        let data = self.ask(&query).await;
        let titles: Vec<String> =
            titles(&data["articles"]["nodes"]).into_iter().map(str::to_owned).collect();
        assert_eq!(data["articles"]["totalCount"], titles.len(), "{filter}");
        titles
    }

    async fn walk(&self, order: &Value) -> Vec<String> {
        let query = "query ($order: [ArticleOrderBy!], $after: String) { articles(orderBy: $order, first: 2, after: $after) { \
            nodes { title } pageInfo { hasNextPage endCursor } } }";
        let (mut walked, mut after) = (Vec::new(), Value::Null);
        loop {
            let data = self.ask_with(query, json!({ "order": order, "after": after })).await;
            let page = &data["articles"];
            walked.extend(titles(&page["nodes"]).into_iter().map(str::to_owned));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                return walked;
            }
        }
    }

    async fn walk_back(&self, order: &Value) -> Vec<String> {
        let query = "query ($order: [ArticleOrderBy!], $before: String) { articles(orderBy: $order, last: 2, before: $before) { \
            nodes { title } pageInfo { hasPreviousPage startCursor } } }";
        let (mut walked, mut before) = (Vec::new(), Value::Null);
        loop {
            let data = self.ask_with(query, json!({ "order": order, "before": before })).await;
            let page = &data["articles"];
            let found = titles(&page["nodes"]).into_iter().map(str::to_owned);
            walked.splice(0..0, found);
            before = page["pageInfo"]["startCursor"].clone();
            if page["pageInfo"]["hasPreviousPage"] == json!(false) {
                return walked;
            }
        }
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_text_is_found_by_any_part_of_it(house: House) {
        house.ladder().await;
        let front = house.front();

        assert_eq!(front.found("title: { contains: \"绿化\" }").await, ["绿化办法乙", "绿化办法甲", "城市绿化条例"]);
        assert_eq!(front.found("title: { contains: \"绿化\", startsWith: \"城\" }").await, ["城市绿化条例"]);
        assert_eq!(front.found("title: { contains: \"%\" }").await, [""; 0], "nothing stands for anything");
        assert_eq!(front.refusal("{ articles(filter: { title: { contains: \"\" } }) { nodes { title } } }").await, "BAD_ARGUMENT");
    }

    async fn a_list_is_narrowed_by_what_its_documents_are_linked_with(house: House) {
        let [law, first, ..] = house.ladder().await;
        let front = house.front();

        assert_eq!(front.found("basis: { title: { contains: \"条例\" } }").await, ["绿化办法乙", "绿化办法甲"]);
        assert_eq!(front.found("basis: { writtenOn: { gte: \"2026-03-02\" } }").await, ["实施细则"]);
        assert_eq!(front.found(&format!("basis: {{ eq: \"{}\", title: {{ contains: \"条例\" }} }}", law.content)).await.len(), 2);
        assert_eq!(front.found(&format!("basis: {{ basis: {{ eq: \"{}\" }} }}", law.content)).await, ["实施细则"]);
        assert_eq!(front.found("not: { basis: { isNull: false } }").await, ["城市绿化条例"]);
        assert_eq!(front.found("basedOnThis: { title: { eq: \"实施细则\" } }").await, ["绿化办法甲"]);
        assert_eq!(front.found(&format!("basedOnThis: {{ eq: \"{}\" }}", first.content)).await, ["城市绿化条例"]);
        assert_eq!(front.found("basedOnThis: { isNull: true }").await, ["实施细则", "绿化办法乙"]);
        assert_eq!(front.found("basis: { title: { eq: \"绿化办法甲\" }, listedAt: { lt: \"2000-01-01T00:00:00Z\" } }").await, [""; 0]);
        let either = "or: [{ basis: { title: { contains: \"条例\" } } }, { basedOnThis: { isNull: true } }]";
        assert_eq!(front.found(either).await, ["实施细则", "绿化办法乙", "绿化办法甲"]);
    }

    async fn what_is_no_longer_public_is_linked_with_nothing(house: House) {
        let [law, ..] = house.ladder().await;
        house.recall(&law).await;
        let front = house.front();

        assert_eq!(front.found("basis: { title: { contains: \"条例\" } }").await, [""; 0]);
        assert_eq!(front.found("basedOnThis: { isNull: false }").await, ["绿化办法甲"]);
    }

    async fn of_linked_documents_the_language_of_the_listed_one_counts(house: House) {
        let [law, first, ..] = house.ladder().await;
        for (of, title) in [(&law, "Greening regulation"), (&first, "Greening measures")] {
            let mut english = article(title);
            (english.content, english.locale) = (Some(of.content), locale("en"));
            let draft = house.create(english).await.expect("it is saved");
            house.make_public(&draft).await;
        }
        let front = house.front();

        assert_eq!(front.found("basis: { title: { contains: \"Greening\" } }").await, ["Greening measures"]);
        assert_eq!(front.found("basis: { title: { contains: \"条例\" } }").await, ["绿化办法乙", "绿化办法甲"]);
    }

    async fn a_link_is_followed_once_and_conditions_are_counted(house: House) {
        let front = house.front();
        let twice = "{ articles(filter: { basis: { basis: { title: { eq: \"x\" } } } }) { nodes { title } } }";
        assert_eq!(front.refusal(twice).await, "INVALID_QUERY");
        let query = "query ($f: ArticleFilter) { articles(filter: $f) { nodes { title } } }";
        let smuggled = json!({ "f": { "basis": { "basis": { "title": { "eq": "x" } } } } });
        let refused = front.try_with(query, smuggled).await.code();
        assert!(["INVALID_QUERY", "BAD_ARGUMENT"].contains(&refused.as_str()), "{refused}");
        let many: Vec<String> = (0..20).map(|n| format!("{{ basis: {{ title: {{ eq: \"{n}\" }} }} }}")).collect();
        let query = format!("{{ articles(filter: {{ or: [{}] }}) {{ nodes {{ title }} }} }}", many.join(","));
        assert_eq!(front.refusal(&query).await, "TOO_COSTLY");
        let query = "{ articles(filter: { basis: { title: { eq: \"x\" } } }) { nodes { title } } }";
        front.ask(query).await;
        assert_eq!(front.statements(query).await, 1);
    }

    async fn several_columns_of_any_site_are_one_list(house: House) {
        house.live_article("财政").await;
        let mut news = article("要闻");
        news.text.placements = vec![placed("lanqiao", &["news"], None)];
        let mut notice = article("公示");
        notice.text.placements = vec![placed("lanqiao-finance", &["notices"], None)];
        for new in [news, notice] {
            let draft = house.create(new).await.expect("it is saved");
            house.make_public(&draft).await;
        }
        let front = house.front();
        let column = async |site: &str, path: &str| {
            let query = format!("{{ column(site: \"{site}\", path: \"{path}\") {{ id }} }}");
            front.ask(&query).await["column"]["id"].clone()
        };
        let (policy, notices) = (column("lanqiao", "policy").await, column("lanqiao-finance", "notices").await);

        assert_eq!(front.found(&format!("columns: [{policy}, {notices}]")).await, ["公示", "财政"]);
        assert_eq!(front.found(&format!("columns: {notices}")).await, ["公示"]);
        assert_eq!(front.found("columns: []").await, [""; 0]);
        assert_eq!(front.found(&format!("column: {policy}, columns: [{notices}]")).await, [""; 0]);
        assert_eq!(front.refusal("{ articles(filter: { columns: [\"x\"] }) { nodes { title } } }").await, "BAD_ARGUMENT");
    }

    async fn each_order_decides_among_the_equals_of_the_one_before(house: House) {
        for (title, day) in [("丙", 1), ("甲", 2), ("乙", 1), ("丁", 2), ("甲", 1)] {
            house.resting_on(title, Some(day), &[]).await;
        }
        house.resting_on("乙", None, &[]).await;
        let front = house.front();
        // By the bytes of the texts: 丁 4E01, 丙 4E19, 乙 4E59, 甲 7532.
        for (order, expected) in [
            (json!(["WRITTEN_ON_DESC", "TITLE_ASC"]), ["丁", "甲", "丙", "乙", "甲", "乙"]),
            (json!(["WRITTEN_ON_ASC", "TITLE_ASC"]), ["乙", "丙", "乙", "甲", "丁", "甲"]),
            (json!(["TITLE_DESC", "WRITTEN_ON_ASC"]), ["甲", "甲", "乙", "乙", "丙", "丁"]),
            (json!(["WRITTEN_ON_DESC", "LISTED_AT_ASC"]), ["甲", "丁", "丙", "乙", "甲", "乙"]),
            (json!("WRITTEN_ON_DESC"), ["丁", "甲", "甲", "乙", "丙", "乙"]),
            (json!(["LISTED_AT_ASC", "TITLE_ASC"]), ["丙", "甲", "乙", "丁", "甲", "乙"]),
        ] {
            assert_eq!(front.walk(&order).await, expected, "{order}");
            assert_eq!(front.walk_back(&order).await, expected, "{order} from the end");
        }
        let plain = front.ask("{ articles(orderBy: TITLE_ASC, first: 1) { nodes { title } } }").await;
        assert_eq!(titles(&plain["articles"]["nodes"]), ["丁"], "one order needs no list");
    }

    async fn a_cursor_belongs_to_all_of_its_orders(house: House) {
        house.ladder().await;
        let front = house.front();
        let data = front.ask("{ articles(orderBy: [WRITTEN_ON_DESC, TITLE_ASC], first: 1) { pageInfo { endCursor } } }").await;
        let cursor = data["articles"]["pageInfo"]["endCursor"].as_str().expect("a cursor").to_owned();

        for order in ["[WRITTEN_ON_DESC]", "[WRITTEN_ON_DESC, TITLE_DESC]", "[TITLE_ASC, WRITTEN_ON_DESC]"] {
            let query = format!("{{ articles(orderBy: {order}, after: \"{cursor}\") {{ nodes {{ title }} }} }}");
            assert_eq!(front.refusal(&query).await, "BAD_CURSOR", "{order}");
        }
        let four = "{ articles(orderBy: [TITLE_ASC, WRITTEN_ON_ASC, LISTED_AT_ASC, TITLE_DESC]) { nodes { title } } }";
        assert_eq!(front.refusal(four).await, "BAD_ARGUMENT");
    }

    async fn a_kept_list_is_made_anew_when_what_it_is_narrowed_by_changes(house: House) {
        let [law, ..] = house.ladder().await;
        let front = house.keeping_front(&house.desk.store);
        let query = "{ articles(site: \"lanqiao\", column: \"policy\", filter: { basis: { title: { contains: \"条例\" } } }) { totalCount } }";
        assert_eq!(front.ask(query).await["articles"]["totalCount"], 2);
        assert_eq!(front.statements(query).await, 0);

        house.recall(&law).await;

        assert_eq!(front.ask(query).await["articles"]["totalCount"], 0);
    }
}
