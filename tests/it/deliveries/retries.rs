//! What is done about calls that fail, by the class of the failure.

use schema::delivery::{Class, DeliveryState, Limits, TargetState};

use super::{
    post::{Post, latest, post, target},
    receiver::{Answer, Receiver},
};
use crate::house::text;

test_harness::on_both_databases! {
    with post;

    async fn a_failing_target_is_tried_again_on_schedule(post: Post) {
        let receiver = post.receiver("app").await;
        receiver.answers([Answer::Status(500), Answer::Status(502)]);
        let document = post.house.live_article("甲").await;

        post.settle().await;
        assert_eq!(receiver.received().len(), 1);
        let wait = post.next_try("app", &document).await.as_millis();
        assert!((4_000..=6_000).contains(&wait), "{wait}");
        assert_eq!(post.settle().await, 0, "not before it is due");

        post.turn(6);
        post.settle().await;
        assert_eq!(receiver.received().len(), 2);
        let wait = post.next_try("app", &document).await.as_millis();
        assert!((24_000..=36_000).contains(&wait), "{wait}");

        post.turn(36);
        post.settle().await;
        let calls = receiver.received();
        assert_eq!(calls.len(), 3);
        assert!(calls.iter().all(|call| call.body == calls[0].body));
        assert_eq!(post.states("app", &document).await, [DeliveryState::Done]);
        let tries = post.tries("app", &document).await;
        let classes: Vec<_> = tries.iter().filter_map(|one| one.class).collect();
        assert_eq!(classes, [Class::Transient, Class::Transient, Class::Ok]);
    }

    async fn a_target_that_asks_for_time_is_given_it(post: Post) {
        let receiver = post.receiver("app").await;
        receiver.answers([Answer::With(429, "retry-after: 600\r\n")]);
        let document = post.house.live_article("甲").await;

        post.settle().await;
        assert_eq!(post.next_try("app", &document).await.as_secs(), 600);
        // Another document has to wait as well.
        post.house.live_article("乙").await;
        post.turn(599);
        assert_eq!(post.settle().await, 0);

        post.turn(1);
        assert_eq!(post.settle().await, 2);
        assert_eq!(receiver.received().len(), 3);
    }

    async fn a_call_whose_answer_was_lost_is_made_again_with_the_same_id_and_bytes(post: Post) {
        let receiver = post.receiver("app").await;
        receiver.answers([Answer::Breaks]);
        let document = post.house.live_article("甲").await;

        post.settle().await;
        let lost = post.tries("app", &document).await;
        assert_eq!(lost[0].class, Some(Class::Unknown));
        post.turn(6);
        post.settle().await;

        let [first, second] = &receiver.received()[..] else { panic!("two calls") };
        assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
        assert_eq!(first.body, second.body);
        assert_ne!(first.header("webhook-timestamp"), second.header("webhook-timestamp"));
        assert_eq!(post.states("app", &document).await, [DeliveryState::Done]);
    }

    async fn every_event_waits_behind_the_one_that_fails(post: Post) {
        let receiver = post.receiver("app").await;
        receiver.answers([Answer::Status(500)]);
        let document = post.house.live_article("甲").await;
        post.settle().await;
        post.house.correct(&document, text("乙")).await;

        assert_eq!(post.settle().await, 0, "the correction waits for the publication");
        post.turn(6);
        post.settle().await;

        let editions: Vec<_> =
            receiver.received().iter().map(|call| call.data()["edition"].as_u64()).collect();
        assert_eq!(editions, [Some(1), Some(1), Some(2)]);
    }

    async fn a_newer_state_takes_the_place_of_one_that_waits(post: Post) {
        let receiver = post.receiver_of("search", latest).await;
        receiver.answers([Answer::Status(500)]);
        let document = post.house.live_article("甲").await;
        post.settle().await;
        post.house.correct(&document, text("乙")).await;

        post.settle().await;

        let editions: Vec<_> =
            receiver.received().iter().map(|call| call.data()["edition"].as_u64()).collect();
        assert_eq!(editions, [Some(1), Some(2)]);
        let states = post.states("search", &document).await;
        assert_eq!(states, [DeliveryState::Superseded, DeliveryState::Done]);
        post.turn(1_000_000);
        assert_eq!(post.settle().await, 0, "the old one never comes back");
    }

    async fn a_refused_document_waits_for_a_person_and_holds_nobody_up(post: Post) {
        let receiver = post.receiver("app").await;
        receiver.answers([Answer::Status(422)]);
        let refused = post.house.live_article("甲").await;
        post.settle().await;

        let other = post.house.live_article("乙").await;
        post.settle().await;
        assert_eq!(post.states("app", &refused).await, [DeliveryState::Refused]);
        assert_eq!(post.states("app", &other).await, [DeliveryState::Done]);
        assert_eq!(post.target("app").await.health.failures, 0, "a refusal is an answer");
        let stuck = editorial::targets::show(&post.desk, &post.house.administrator, "app").await;
        let (_, counts, stuck) = stuck.expect("it is there");
        assert_eq!((counts.refused, stuck.len()), (1, 1));
        assert_eq!(stuck[0].1.last.as_ref().and_then(|last| last.answer.clone()), Some("word".into()));

        let replayed = post.replay("app").await;
        post.settle().await;
        assert_eq!((replayed.due, replayed.overtaken), (1, 0));
        assert_eq!(post.states("app", &refused).await, [DeliveryState::Done]);
    }

    async fn after_seven_days_a_delivery_is_parked_and_can_be_replayed(post: Post) {
        let receiver = post.receiver("app").await;
        receiver.answers(std::iter::repeat_n(Answer::Status(500), 100));
        let document = post.house.live_article("甲").await;
        let mut tries = 0;
        while post.states("app", &document).await.is_empty()
            || post.states("app", &document).await == [DeliveryState::Pending]
        {
            tries += post.settle().await;
            post.turn(5 * 3_600);
        }

        assert_eq!(post.states("app", &document).await, [DeliveryState::Parked]);
        let last = post.last("app", &document).await;
        assert_eq!(last.reason.as_deref(), Some("tooLong"));
        assert!((30..60).contains(&tries), "{tries}");
        assert_eq!(post.settle().await, 0);

        let other = Receiver::start().await;
        drop(receiver);
        let address = other.url();
        post.house.act(async |work| {
            let mut target = post.target("app").await;
            target.address.clone_from(&address);
            target.particulars.reach.ports = vec![other.address.port()];
            Ok(store::deliveries::targets::update(work, &target).await?)
        })
        .await
        .expect("its address is mended");
        assert_eq!(post.replay("app").await.due, 1);
        post.settle().await;
        assert_eq!(post.states("app", &document).await, [DeliveryState::Done]);
        assert_eq!(other.received().len(), 1);
    }

    async fn what_was_overtaken_is_not_replayed(post: Post) {
        let receiver = post.receiver("app").await;
        receiver.answers([Answer::Status(422)]);
        let document = post.house.live_article("甲").await;
        post.settle().await;
        post.house.correct(&document, text("乙")).await;
        post.settle().await;

        let replayed = post.replay("app").await;

        assert_eq!((replayed.due, replayed.overtaken), (0, 1));
        assert_eq!(post.settle().await, 0);
        let states = post.states("app", &document).await;
        assert_eq!(states, [DeliveryState::Superseded, DeliveryState::Done]);
    }

    async fn a_target_that_does_not_know_us_is_paused_until_it_is_resumed(post: Post) {
        let receiver = post.receiver("app").await;
        receiver.answers([Answer::Status(401)]);
        let document = post.house.live_article("甲").await;
        post.settle().await;

        let target = post.target("app").await;
        assert_eq!((target.state, target.reason.as_deref()), (TargetState::Paused, Some("auth")));
        post.turn(100_000);
        assert_eq!(post.settle().await, 0);

        post.resume("app").await;
        post.settle().await;
        assert_eq!(receiver.received().len(), 2);
        assert_eq!(post.states("app", &document).await, [DeliveryState::Done]);
    }

    async fn a_target_that_is_gone_is_disabled_and_owed_only_recalls(post: Post) {
        let receiver = post.receiver("app").await;
        let held = post.house.live_article("甲").await;
        post.settle().await;
        receiver.answers([Answer::Status(410)]);
        post.house.live_article("乙").await;
        post.settle().await;

        assert_eq!(post.target("app").await.state, TargetState::Disabled);
        let later = post.house.live_article("丙").await;
        post.house.recall(&held).await;
        post.settle().await;
        assert!(post.lane("app", &later).await.is_empty());
        let states = post.states("app", &held).await;
        assert_eq!(states, [DeliveryState::Done, DeliveryState::Pending], "never forgotten");
    }

    async fn nobody_there_opens_the_circuit_and_a_probe_closes_it(post: Post) {
        let receiver = Receiver::start().await;
        let (address, port) = (receiver.url(), receiver.address.port());
        drop(receiver);
        let mut new = target("app", &address, port);
        new.limits = Limits { concurrency: 1, per_minute: 60_000, ..Limits::default() };
        post.create(new).await.expect("it is created");
        for title in ["甲", "乙", "丙", "丁", "戊", "己", "庚"] {
            post.house.live_article(title).await;
        }

        let calls = post.settle().await;

        assert_eq!(calls, 5, "five failures open it");
        assert!(post.target("app").await.health.open_until.is_some());
        post.turn(29);
        assert_eq!(post.settle().await, 0);
        post.turn(1);
        assert_eq!(post.settle().await, 1, "one probe");
        let open = post.target("app").await.health;
        assert_eq!(open.trips, 2);
    }

    async fn a_redirect_is_not_followed(post: Post) {
        let elsewhere = Receiver::start().await;
        let receiver = post.receiver("app").await;
        receiver.answers([Answer::With(302, "location: http://127.0.0.1:1/\r\n")]);
        let document = post.house.live_article("甲").await;

        post.settle().await;

        assert_eq!(post.states("app", &document).await, [DeliveryState::Refused]);
        assert_eq!(elsewhere.received(), []);
    }
}
