//! Engines that run by themselves: woken by a commit, several on one database, stopped in the
//! middle of a call; and workers that sleep through their lease.

use std::{collections::BTreeMap, sync::Arc};

use schema::delivery::{Class, DeliveryState};
use syndication::{Engine, Settings};

use super::{
    post::{Post, latest, post},
    receiver::Answer,
};
use crate::house::text;

impl Post {
    fn start(&self) -> syndication::Handle {
        Engine::start(self.desk.clone(), Arc::clone(&self.channels), Settings::default())
    }
}

test_harness::on_both_databases! {
    with post;

    async fn a_commit_wakes_the_engine(post: Post) {
        let receiver = post.receiver("app").await;
        let running = post.start();

        let document = post.house.live_article("甲").await;

        receiver.wait_for(1).await;
        running.shutdown().await;
        assert_eq!(post.states("app", &document).await, [DeliveryState::Done]);
    }

    async fn what_another_process_commits_is_noticed(post: Post) {
        let receiver = post.receiver("app").await;
        let elsewhere = {
            let url = post.house.database.url();
            let store = store::Store::open(url).await.expect("the store opens");
            editorial::Desk { store, ..post.desk.clone() }
        };
        let running =
            Engine::start(elsewhere, Arc::clone(&post.channels), Settings::default());

        post.house.live_article("甲").await;

        receiver.wait_for(1).await;
        running.shutdown().await;
    }

    async fn several_engines_deliver_everything_in_order_and_nothing_twice(post: Post) {
        let every = post.receiver("every").await;
        let last = post.receiver_of("last", latest).await;
        let mut running = vec![post.start()];
        for _ in 0..2 {
            let url = post.house.database.url();
            let store = store::Store::open(url).await.expect("the store opens");
            let desk = editorial::Desk { store, ..post.desk.clone() };
            running.push(Engine::start(desk, Arc::clone(&post.channels), Settings::default()));
        }
        let mut documents = Vec::new();
        for index in 0..6 {
            let document = post.house.live_article(&format!("甲{index}")).await;
            let published = post.house.correct(&document, text(&format!("乙{index}"))).await;
            post.house.correct(&published.document, text(&format!("丙{index}"))).await;
            documents.push(document);
        }

        every.wait_for(18).await;
        for one in running {
            one.shutdown().await;
        }
        post.settle().await;

        let mut editions: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for call in every.received() {
            let data = call.data();
            let content = data["contentId"].as_str().expect("an id").to_owned();
            editions.entry(content).or_default().push(data["edition"].as_u64().expect("a number"));
        }
        assert_eq!(editions.len(), 6);
        assert!(editions.values().all(|seen| seen == &[1, 2, 3]), "{editions:?}");
        for document in &documents {
            let standing = post.standing(document).await;
            let held = standing.iter().map(|one| one.holds.and_then(|holds| holds.edition));
            assert!(held.eq([Some(3), Some(3)]));
        }
        assert!(last.received().len() <= 18);
    }

    async fn a_stop_waits_for_the_call_under_way_and_records_it(post: Post) {
        let receiver = post.receiver("app").await;
        receiver.answers([Answer::Holds(204)]);
        let running = post.start();
        let document = post.house.live_article("甲").await;
        receiver.wait_for(1).await;

        let stopping = tokio::spawn(running.shutdown());
        receiver.release();
        stopping.await.expect("it stops");

        assert_eq!(post.states("app", &document).await, [DeliveryState::Done]);
        post.house.live_article("乙").await;
        assert_eq!(receiver.received().len(), 1, "it is stopped");
    }

    async fn a_worker_that_slept_through_its_lease_moves_nothing(post: Post) {
        let receiver = post.receiver("app").await;
        receiver.answers([Answer::Holds(500)]);
        let document = post.house.live_article("甲").await;
        let engine = post.engine.clone();
        let slow = tokio::spawn(async move { engine.settle().await });
        receiver.wait_for(1).await;

        post.turn(89);
        let other = post.other_node().await;
        assert_eq!(other.settle().await.expect("an answer"), 0, "the lane is leased");
        post.turn(2);
        other.settle().await.expect("the store answers");
        assert_eq!(post.states("app", &document).await, [DeliveryState::Done]);
        receiver.release();
        slow.await.expect("it ends").expect("the store answers");

        let [first, second] = &receiver.received()[..] else { panic!("two calls") };
        assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
        assert_eq!(first.body, second.body);
        let tries = post.tries("app", &document).await;
        let seen: Vec<_> = tries.iter().map(|one| (one.class, one.applied)).collect();
        assert_eq!(seen, [(Some(Class::Transient), false), (Some(Class::Ok), true)]);
        assert_eq!(post.states("app", &document).await, [DeliveryState::Done], "nothing moved");
        assert_eq!(post.target("app").await.health.failures, 0);
    }

    async fn a_worker_that_died_is_followed_by_the_same_message(post: Post) {
        let receiver = post.receiver("app").await;
        receiver.answers([Answer::Holds(204)]);
        let document = post.house.live_article("甲").await;
        let engine = post.engine.clone();
        let dying = tokio::spawn(async move { engine.settle().await });
        receiver.wait_for(1).await;
        dying.abort();
        let _ = dying.await;
        assert_eq!(post.settle().await, 0, "nobody knows yet that it died");

        post.turn(91);
        post.settle().await;

        let [first, second] = &receiver.received()[..] else { panic!("two calls") };
        assert_eq!((first.header("webhook-id"), &first.body), (second.header("webhook-id"), &second.body));
        let classes: Vec<_> =
            post.tries("app", &document).await.iter().map(|one| one.class).collect();
        assert_eq!(classes, [Some(Class::Unknown), Some(Class::Ok)]);
    }

    async fn what_is_paused_is_kept_and_goes_out_when_it_is_resumed(post: Post) {
        let receiver = post.receiver("app").await;
        post.pause("app").await;
        let document = post.house.live_article("甲").await;
        assert_eq!(post.settle().await, 0);
        assert_eq!(post.states("app", &document).await, [DeliveryState::Pending]);

        post.resume("app").await;
        post.settle().await;

        assert_eq!(receiver.received().len(), 1);
    }
}
