//! Conditions that few documents pass, and the same where many do.

use super::*;

fn key(number: u8) -> Vec<u8> {
    vec![0, 0, 0, 0, 0, 0, 0, number]
}

fn news(scope: ListScope) -> ListQuery {
    ListQuery { r#type: Some("news".parse().expect("a type name")), ..newest(scope) }
}

impl Hub {
    async fn listed(&self, query: &ListQuery) -> Vec<DocumentId> {
        let mut session = self.store.reader().await.expect("a reader");
        let page = list::list(&mut session, &Viewer::Public, query).await.expect("a page");
        page.items.iter().map(|item| item.id).collect()
    }
}

test_harness::on_both_databases! {
    with large_hub;

    async fn few_and_many_are_listed_alike(hub: Hub) {
        let topics = |range: std::ops::Range<u8>| Test::In(range.map(key).collect());
        let bound = |number| Some(Bound { key: key(number), inclusive: true });
        let tests = [
            Test::Equals(key(7)),
            Test::Equals(key(99)),
            topics(7..9),
            topics(7..10),
            Test::Between(bound(3), None),
            Test::Between(bound(18), bound(18)),
            Test::StartsWith(vec![0; 7]),
            Test::StartsWith(vec![0, 1]),
        ];
        let orders = [Order::default(), by_date(Direction::Ascending)];
        for scope in [ListScope::Hub, site(), column()] {
            for test in &tests {
                for (order, from_end) in [(&orders[0], false), (&orders[0], true), (&orders[1], false)] {
                    let order = order.clone();
                    let query = ListQuery { filter: topic(test.clone()), order, from_end, ..news(scope) };
                    // Within an alternative no index is asked.
                    let walked = ListQuery { filter: Filter::Any(vec![topic(test.clone())]), ..query.clone() };
                    assert_eq!(hub.listed(&query).await, hub.listed(&walked).await, "{query:?}");
                }
            }
        }
    }

    async fn what_few_pass_is_read_off_its_values(hub: Hub) {
        let days = [7_u32, 77, 777];
        let field = "writtenOn".parse().expect("a field name");
        let keys = days.map(|day| u64::from(day).to_be_bytes().to_vec());
        let filter = Filter::Field { field, test: Test::In(keys.to_vec()) };
        let query = ListQuery { filter, limit: 1_000, ..news(ListScope::Hub) };

        let all = hub.listed(&query).await;
        let plan = hub.plan(|session| list::statement(session, &query)).await.join("\n");

        let is_of_a_day = |number: &u32| days.contains(&((u64::from(*number) * 7_919 % 10_007) as u32));
        let expected = (1..=documents()).filter(|number| number % 10 != 0).filter(is_of_a_day);
        assert_eq!(all.len(), expected.count());
        assert!(plan.contains("few"), "{plan}");
    }
}
