//! Answers that are made of what is at hand: what the database would say, for the price of
//! finding out which documents are shown.

use std::sync::Arc;

use api::content::{ContentApi, ContentSettings, Follower, Shelf, http::router};
use schema::viewer::Viewer;
use serde_json::json;
use store::Store;

use super::{
    Front,
    kept::{Dice, act, questions},
};
use crate::house::{House, house, text};

const LIST: &str = "{ articles(site: \"lanqiao\", column: \"policy/finance\") { nodes { title columns { name { zh } } body { text } } } }";
const DETAIL: &str = "{ document(site: \"lanqiao\", path: \"/1\") { title url columns { path } ... on Article { body { html } } } }";
const HOME: &str = "{ site(key: \"lanqiao\") { name { zh } columns { path name { zh } } navigation { label { zh } } } }";

impl House {
    /// The content API of a node that keeps at hand what documents say, and no answers.
    fn shelving_front(&self, store: &Store) -> Front {
        let shelf = Shelf::new(Follower::new(store.clone()), 1 << 24);
        let settings = ContentSettings { shelf: Some(shelf), ..ContentSettings::default() };
        let (types, clock) = (&self.desk.types, Arc::clone(&self.desk.clock));
        let api = ContentApi::new(types, store.clone(), clock, "https://hub.example", settings);
        Front {
            router: router(api.expect("the types make a schema"), None),
            viewer: Viewer::Public,
        }
    }
}

test_harness::on_both_databases! {
    with house;

    async fn what_was_read_before_is_not_read_again(house: House) {
        house.standing_at("预算", &["policy/finance"], "/1").await;
        let front = house.shelving_front(&house.desk.store);

        for (query, least) in [(LIST, 1), (DETAIL, 1), (HOME, 0)] {
            let read = front.try_with(query, json!({})).await;
            let at_hand = front.try_with(query, json!({})).await;

            assert_eq!(at_hand.body, read.body, "{query}");
            assert!(read.statements > least, "{query}");
            assert_eq!(at_hand.statements, least, "{query}");
        }
    }

    async fn what_was_corrected_or_recalled_is_not_at_hand_any_more(house: House) {
        let budget = house.standing_at("预算", &["policy/finance"], "/1").await;
        let front = house.shelving_front(&house.desk.store);
        let title = async || front.ask(DETAIL).await["document"]["title"].clone();
        assert_eq!((title().await, title().await), (json!("预算"), json!("预算")));

        let corrected = house.correct(&budget, text("预算，更正")).await;
        assert_eq!((title().await, title().await), (json!("预算，更正"), json!("预算，更正")));

        house.rename("policy/finance", "budget").await.expect("it is renamed");
        let columns = &front.ask(DETAIL).await["document"]["columns"];
        assert_eq!(*columns, json!([{ "path": "policy/budget" }]));

        house.recall(&corrected.document).await;
        for query in [LIST, DETAIL] {
            let answer = front.try_with(query, json!({})).await.body.to_string();
            assert!(!answer.contains("更正"), "{query}: {answer}");
        }
    }

    async fn what_another_process_publishes_is_read(house: House) {
        let budget = house.standing_at("预算", &["policy/finance"], "/1").await;
        let other = Store::open(house.database.url()).await.expect("the store opens");
        let front = house.shelving_front(&other);
        front.ask(DETAIL).await;
        front.ask(DETAIL).await;

        // It has not heard of it yet: what it finds is newer than what is at hand.
        house.correct(&budget, text("预算，更正")).await;

        let answer = front.ask(LIST).await;
        assert_eq!(answer["articles"]["nodes"][0]["title"], "预算，更正");
        assert_eq!(front.ask(DETAIL).await["document"]["title"], "预算，更正");
        other.close().await;
    }

    async fn whatever_happens_what_is_at_hand_is_what_the_database_says(house: House) {
        let shelving = house.shelving_front(&house.desk.store);
        let fresh = house.front();
        let questions = questions();
        let (mut dice, mut live, mut from_the_shelf) = (Dice(20_261_122), Vec::new(), 0);

        for round in 0..40 {
            act(&house, &mut dice, &mut live, round).await;
            for question in &questions {
                let made = fresh.reply(question).await;
                for _ in 0..2 {
                    let shelved = shelving.reply(question).await;
                    assert_eq!(shelved.body, made.body, "after round {round}: {question}");
                    from_the_shelf += usize::from(shelved.statements <= 1 && made.statements > 1);
                }
            }
        }

        assert!(from_the_shelf > 200, "only {from_the_shelf} answers were made from the shelf");
    }
}
