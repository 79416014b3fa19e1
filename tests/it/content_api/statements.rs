//! How many statements a question takes: what it asks decides, not how much it finds.

use serde_json::json;

use crate::house::{House, article, house, placed};

/// A question and the statements it takes.
const QUESTIONS: [(&str, u64); 11] = [
    ("{ articles(first: 20) { nodes { title summary publishedAt path tags } } }", 1),
    ("{ articles(first: 20) { totalCount nodes { title } } }", 2),
    ("{ articles(first: 20) { nodes { title body { html } } } }", 2),
    ("{ articles(first: 20) { nodes { title url site { key } columns { name { zh } } } } }", 4),
    (
        "{ articles(first: 20) { nodes { basis { title body { text } } basedOnThis { title history { number } } } } }",
        6,
    ),
    (
        "{ documents(first: 20) { nodes { title history { number } translations { url } placements { path site { key } } related { title } } } }",
        9,
    ),
    ("{ sites { key columns { path documents(first: 3) { nodes { title } totalCount } } } }", 5),
    (
        "{ a: articles(first: 3) { nodes { authority { key } } } b: articles(last: 3) { nodes { authority { key } } } }",
        3,
    ),
    ("{ changes(first: 50) { nodes { kind document { title } } } }", 3),
    ("{ articles(first: 20) { nodes { head { html missing } } } }", 8),
    ("{ sites { head { html } columns { head { html } } } }", 3),
];

impl House {
    async fn linked_articles(&self, many: usize) {
        let mut last: Option<store::documents::Document> = None;
        for number in 0..many {
            let mut new = article(&format!("第{number}号"));
            if let Some(basis) = last.as_ref().filter(|_| number % 3 > 0) {
                new.text.fields.insert("basis".into(), json!([basis.content.to_string()]));
            }
            if number % 2 == 0 {
                new.text.placements.push(placed("lanqiao-finance", &["notices"], None));
                new.text.placements[0].columns.push("news".parse().expect("a column path"));
            }
            let draft = self.create(new).await.expect("it is saved");
            last = Some(self.make_public(&draft).await.document);
        }
    }
}

test_harness::on_both_databases! {
    with house;

    async fn what_is_asked_decides_not_what_is_found(house: House) {
        house.linked_articles(4).await;
        let front = house.front();
        // The first question that filters looks whether every index is complete.
        front.statements("{ articles(filter: { title: { eq: \"x\" } }) { nodes { title } } }").await;
        let mut few = Vec::new();
        for (query, expected) in QUESTIONS {
            let statements = front.statements(query).await;
            assert_eq!(statements, expected, "{query}");
            few.push(statements);
        }

        house.linked_articles(20).await;

        for ((query, _), few) in QUESTIONS.into_iter().zip(few) {
            assert_eq!(front.statements(query).await, few, "{query}");
        }
    }

    async fn a_filtered_list_is_one_statement(house: House) {
        house.linked_articles(3).await;
        let front = house.front();
        let query = "{ articles(filter: { title: { eq: \"第1号\" } }) { nodes { title } } }";

        assert_eq!(front.statements(query).await, 2, "the first one looks at the indexes");
        assert_eq!(front.statements(query).await, 1);
    }
}
