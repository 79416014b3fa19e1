//! How the databases run what lists are narrowed down and ordered by beyond the promises: row by
//! row on the way, and sorting no more than what is equal in the first order.

use schema::{names::FieldName, position::Circle};

use super::*;
use crate::{
    reading::{Linked, facets},
    spread,
};

fn by(field: &str, direction: Direction) -> By {
    By::Field { field: field.parse().expect("a field name"), direction }
}

/// What a plan does that grows with the hub, but for sorting what is equal in the first order.
fn growing_beyond_equals(engine: Engine, plan: &[String]) -> Vec<String> {
    let is_of_equals = |step: &&String| match engine {
        Engine::Sqlite => {
            step.contains("LAST TERM")
                || step.contains("LAST 2 TERMS")
                || step.contains("LAST 3 TERMS")
        }
        Engine::Postgres => {
            step.contains("Incremental Sort")
                || step.contains("Sort Key")
                || step.contains("Presorted Key")
        }
    };
    growing_steps(engine, plan).into_iter().filter(|step| !is_of_equals(&step)).collect()
}

test_harness::on_both_databases! {
    with large_hub;

    async fn linked_documents_are_looked_up_on_the_way(hub: Hub) {
        let linked = |forwards| {
            let condition = Filter::All(vec![
                topic(Test::Contains(vec![7])),
                Filter::Columns(vec![id(3, 7).into(), id(3, 8).into()]),
            ]);
            Filter::Linked(Box::new(Linked {
                field: "basis".parse().expect("a field name"),
                forwards,
                r#type: "policy".parse().expect("a type name"),
                filter: condition,
            }))
        };
        for forwards in [true, false] {
            for scope in [ListScope::Hub, site(), column()] {
                let query = ListQuery { filter: linked(forwards), ..typed(newest(scope)) };
                hub.assert_list_by_index("linked", query.clone()).await;
                let query = ListQuery { order: by_date(Direction::Ascending), ..query };
                hub.assert_list_by_index("linked, in the order of a field", query).await;
            }
        }
    }

    async fn further_orders_sort_only_what_is_equal_in_the_first(hub: Hub) {
        let at = Timestamp::from_second(90_000).expect("a moment");
        for second in [Direction::Ascending, Direction::Descending] {
            let order = Order::of([by("writtenOn", Direction::Descending), by("topic", second)]);
            let keys = vec![vec![0; 8]; 2];
            let place = order::Place { keys, sort_at: at, document: id(0x0d, 1_500).into() };
            let cursor = Cursor::new(&order, place);
            for (after, from_end) in [(None, false), (Some(cursor.clone()), false), (None, true)] {
                let query =
                    ListQuery { order: order.clone(), after, from_end, ..typed(newest(site())) };
                let plan = hub.plan(|session| list::statement(session, &query)).await;
                let growing = growing_beyond_equals(hub.store.engine(), &plan);
                assert!(growing.is_empty(), "{query:?}: {growing:#?} of {plan:#?}");
            }
        }
    }

    async fn a_list_of_the_past_is_read_by_index(hub: Hub) {
        let at = Timestamp::from_second(60_000).expect("a moment");
        for (scope, site) in [(ListScope::Hub, None), (site(), Some(id(2, 1).into())), (column(), Some(id(2, 1).into()))] {
            let filter = Filter::All(vec![Filter::default(), Filter::PublicAt { at, site }]);
            let query = ListQuery { filter, ..newest(scope) };
            hub.assert_list_by_index("as of", query.clone()).await;
            hub.assert_list_by_index("as of, of a type", typed(query)).await;
        }
    }

    async fn places_are_read_by_their_latitudes(hub: Hub) {
        let circle = Circle::around("30.25", "103.5", 2_000).expect("a circle");
        let filter = Filter::Field { field: "ground".parse().expect("a field name"), test: Test::Near(circle) };
        for scope in [ListScope::Hub, site()] {
            let query = ListQuery { filter: filter.clone(), ..typed(newest(scope)) };
            let plan = hub.plan(|session| list::statement(session, &query)).await;
            let scans = without_sorts(hub.store.engine(), &plan);
            assert!(scans.is_empty(), "only what is near is sorted: {scans:#?} of {plan:#?}");
            let text = plan.join("\n");
            assert!(text.contains("key>?") || text.contains("(key >= "), "{text}");
        }
    }

    async fn the_nearest_are_sorted_among_what_is_near(hub: Hub) {
        let circle = Circle::around("30.25", "103.5", 2_000).expect("a circle");
        let field: FieldName = "ground".parse().expect("a field name");
        let filter = Filter::Field { field: field.clone(), test: Test::Near(circle.clone()) };
        let order = Order::from(By::Distance { field, circle });
        let place = order::Place { keys: vec![vec![0; 8]], sort_at: Timestamp::UNIX_EPOCH, document: id(0x0d, 1).into() };
        for after in [None, Some(Cursor::new(&order, place))] {
            for scope in [ListScope::Hub, site(), column()] {
                let query = ListQuery { filter: filter.clone(), order: order.clone(), after: after.clone(), ..typed(newest(scope)) };
                let plan = hub.plan(|session| list::statement(session, &query)).await;
                let scans = without_sorts(hub.store.engine(), &plan);
                assert!(scans.is_empty(), "only what is near is sorted: {scans:#?} of {plan:#?}");
                let text = plan.join("\n");
                assert!(text.contains("key>?") || text.contains("(key >= "), "{text}");
            }
        }
    }

    async fn texts_of_the_past_are_found_by_their_editions(hub: Hub) {
        let editions: Vec<_> = (1..=20).map(|number| id(0x0e, number).into()).collect();
        hub.assert_by_index("texts", |session| crate::reading::texts::statement(session, &editions)).await;
    }

    async fn counts_look_up_no_more_than_what_they_count(hub: Hub) {
        for scope in [ListScope::Hub, site(), column()] {
            let query = typed(newest(scope));
            let of = |count: fn(&mut Statement, ListScope)| {
                move |session: &Session| {
                    facets::statement(session, &typed(newest(scope)), |statement| count(statement, scope))
                }
            };
            let counts: [fn(&mut Statement, ListScope); 3] = [
                |statement, _| spread::push_tally(statement),
                |statement, scope| spread::push_columns(statement, scope),
                |statement, _| spread::push_values(statement, &["topic".parse().expect("a field name")]),
            ];
            for count in counts {
                let plan = hub.plan(of(count)).await;
                let newest = plan.join("\n");
                assert!(newest.contains("listing_type") || newest.contains("listing_"), "{query:?}: {newest}");
            }
        }
    }
}

fn without_sorts(engine: Engine, plan: &[String]) -> Vec<String> {
    let is_sort = |step: &String| step.contains("TEMP B-TREE") || step.contains("Sort");
    growing_steps(engine, plan).into_iter().filter(|step| !is_sort(step)).collect()
}
