//! A recall is terminal, goes first, and is never forgotten.

use editorial::documents;
use schema::{
    delivery::DeliveryState,
    permission::{Role, Scope},
};

use super::{
    post::{Post, latest, post},
    receiver::Answer,
};
use crate::house::{actor, now, text};

test_harness::on_both_databases! {
    with post;

    async fn a_recall_takes_the_place_of_everything_that_waits(post: Post) {
        let receiver = post.receiver("app").await;
        receiver.answers([Answer::Status(500), Answer::Status(422)]);
        let document = post.house.live_article("甲").await;
        post.settle().await;
        post.house.correct(&document, text("乙")).await;
        let document = post.house.seen(document.id).await.expect("it is live");
        post.house.recall(&document).await;

        // Its receiver refuses it once: taking back is not given up for that.
        post.settle().await;
        post.turn(2);
        post.settle().await;

        let told = receiver.told();
        assert_eq!(told[1], ("recall".into(), "absent".into()));
        assert_eq!(told.len(), 3);
        let states = post.states("app", &document).await;
        assert_eq!(states.last(), Some(&DeliveryState::Done));
        let done = states.iter().filter(|state| **state == DeliveryState::Done).count();
        assert_eq!(done, 1, "{states:?}");
        post.turn(1_000_000);
        assert_eq!(post.settle().await, 0, "nothing revives it");
        assert_eq!(post.replay("app").await.due, 0);
    }

    async fn what_was_recalled_before_it_was_sent_is_never_sent(post: Post) {
        let receiver = post.receiver("app").await;
        let document = post.house.live_article("甲").await;
        post.house.recall(&document).await;

        post.settle().await;

        assert_eq!(receiver.received(), []);
    }

    async fn a_recall_is_tried_every_minute_until_it_is_taken(post: Post) {
        let receiver = post.receiver_of("search", latest).await;
        let document = post.house.live_article("甲").await;
        post.settle().await;
        receiver.answers(std::iter::repeat_n(Answer::Status(500), 200));
        post.house.recall(&document).await;
        for _ in 0..20 {
            post.settle().await;
            post.turn(72);
        }

        assert!(receiver.received().len() >= 20, "{}", receiver.received().len());
        assert_eq!(post.states("search", &document).await.last(), Some(&DeliveryState::Pending));
        let listed = editorial::targets::list(&post.desk, &post.house.administrator).await;
        assert_eq!(listed.expect("targets")[0].1.overdue_recalls, 1, "an alarm");
    }

    async fn a_recall_goes_beside_calls_that_hang(post: Post) {
        let receiver = post.receiver("app").await;
        let held = post.house.live_article("甲").await;
        post.settle().await;
        receiver.answers(std::iter::repeat_n(Answer::Holds(204), 4));
        for title in ["乙", "丙", "丁", "戊", "己"] {
            post.house.live_article(title).await;
        }
        let engine = post.engine.clone();
        let hanging = tokio::spawn(async move { engine.settle().await });
        receiver.wait_for(5).await;
        post.house.recall(&held).await;

        let other = post.other_node().await;
        other.settle().await.expect("the store answers");

        let calls = receiver.wait_for(6).await;
        assert_eq!(calls[5].told(), ("recall".into(), "absent".into()));
        (0..4).for_each(|_| receiver.release());
        hanging.await.expect("it ends").expect("the store answers");
        assert_eq!(receiver.received().len(), 7);
    }

    async fn a_recall_waits_for_the_call_under_way(post: Post) {
        let receiver = post.receiver("app").await;
        receiver.answers([Answer::Holds(204)]);
        let document = post.house.live_article("甲").await;
        let engine = post.engine.clone();
        let sending = tokio::spawn(async move { engine.settle().await });
        receiver.wait_for(1).await;
        post.house.recall(&document).await;

        let other = post.other_node().await;
        assert_eq!(other.settle().await.expect("the store answers"), 0, "one call per lane");
        receiver.release();
        sending.await.expect("it ends").expect("the store answers");
        post.settle().await;

        assert_eq!(
            receiver.told(),
            [("publish".into(), "edition".into()), ("recall".into(), "absent".into())]
        );
        let [standing] = &post.standing(&document).await[..] else { panic!("one target") };
        assert_eq!(standing.holds.map(|holds| holds.edition), Some(None));
    }

    async fn recalls_are_read_ahead_of_a_long_log(post: Post) {
        let receiver = post.receiver("app").await;
        let held = post.house.live_article("甲").await;
        post.settle().await;
        for title in ["乙", "丙", "丁"] {
            post.house.live_article(title).await;
        }
        post.house.recall(&held).await;
        let before = post.target("app").await;

        let step = syndication::fan_out::step(&post.desk, &post.channels, before.id).await;

        assert_eq!(step.expect("an answer"), syndication::fan_out::Step::More);
        let after = post.target("app").await;
        assert_eq!(after.progress.position, before.progress.position, "nothing else was read");
        assert_eq!(post.states("app", &held).await, [DeliveryState::Done, DeliveryState::Pending]);
        post.settle().await;
        assert_eq!(receiver.received().len(), 5);
    }

    async fn an_erasure_takes_the_bodies_along_and_the_recall_still_goes_out(post: Post) {
        let receiver = post.receiver_of("full", |new| {
            editorial::targets::NewTarget { form: schema::delivery::Form::Full, ..new }
        })
        .await;
        receiver.answers([Answer::Status(204), Answer::Status(500)]);
        let document = post.house.live_article("Quittenbrot-Akte-5150").await;
        post.settle().await;
        let document = post.house.seen(document.id).await.expect("it is live");
        post.house.recall(&document).await;
        post.settle().await;
        let document = post.house.seen(document.id).await.expect("it is known");
        let order = post.house.act(async |work| {
            documents::order_erasure(&post.desk, work, now(&document), "保密法").await
        });
        let order = order.await.expect("it is ordered");
        let other = actor("second", 2, Role::PlatformAdministrator, Scope::Hub);
        post.house
            .act_as(&other, async |work| {
                documents::confirm_erasure(&post.desk, work, order).await
            })
            .await
            .expect("it is erased");
        let now = schema::parameters::Clock::now(&*post.clock);
        // The database's own housekeeping may be reading an older state just then.
        while let Err(store::Error::Again) =
            store::erasures::purge(&post.desk.store, &*post.house.files, now).await
        {}

        for file in post.house.database.data_files() {
            let bytes = std::fs::read(&file).unwrap_or_default();
            let found = bytes.windows(21).any(|bytes| bytes == b"Quittenbrot-Akte-5150");
            assert!(!found, "{}", file.display());
        }
        post.turn(10);
        post.settle().await;
        assert_eq!(receiver.told().last(), Some(&("recall".into(), "absent".into())));
        assert_eq!(post.states("full", &document).await.last(), Some(&DeliveryState::Done));
    }
}
