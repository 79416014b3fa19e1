//! A publication reaches every target that selects it, once, in order, with a receipt.

use editorial::documents;
use schema::{
    delivery::{Class, DeliveryState, Form},
    visibility::{Notice, Removal},
};

use super::post::{Post, post};
use crate::house::{article, now, placed, text, told};

test_harness::on_both_databases! {
    with post;

    async fn a_publication_reaches_a_target_and_leaves_a_receipt(post: Post) {
        let receiver = post.receiver("app").await;

        let document = post.house.live_article("通知").await;
        post.settle().await;

        let [call] = &receiver.received()[..] else { panic!("one call") };
        let body = call.json();
        assert_eq!(body["type"], "gongbao.document.publish");
        assert_eq!(body["id"].as_str(), Some(call.header("webhook-id")));
        assert_eq!(body["source"], "https://www.lanqiao.gov.cn");
        let data = call.data();
        assert_eq!((&data["state"], &data["edition"]), (&"edition".into(), &1.into()));
        assert_eq!(data["title"], "通知");
        assert_eq!(data["contentId"], document.content.to_string());
        let reading = post.house.read(document.id).await.expect("it is public");
        assert_eq!(data["digest"], reading.content_digest.to_string());
        let path = &reading.place.placements[0].path;
        assert_eq!(data["url"], format!("https://www.lanqiao.gov.cn{path}"));
        assert_eq!(data.get("content"), None, "the text only where it is asked for");

        let [standing] = &post.standing(&document).await[..] else { panic!("one target") };
        assert_eq!(standing.holds.and_then(|holds| holds.edition), Some(1));
        let delivery = standing.delivery.as_ref().expect("a delivery");
        assert_eq!((delivery.state, delivery.tries), (DeliveryState::Done, 1));
        let last = delivery.last.as_ref().expect("a try");
        assert_eq!((last.class, last.status, last.applied), (Some(Class::Ok), Some(204), true));
        assert_eq!(post.settle().await, 0, "once is enough");
    }

    async fn the_life_of_a_document_is_told_in_order(post: Post) {
        let receiver = post.receiver("app").await;
        let document = post.house.live_article("甲").await;
        post.house.correct(&document, text("乙")).await;
        let document = post.house.seen(document.id).await.expect("it is live");
        let mut moved = text("乙");
        moved.placements = vec![placed("lanqiao", &["news"], Some("/news/moved"))];
        post.house.correct(&document, moved).await;
        let document = post.house.seen(document.id).await.expect("it is live");
        let notice = told("有误，正在核实", "It is being checked");
        let document = post.house.withdraw(&document, notice).await.expect("it is withdrawn");
        let gone = Notice { address: Some("/news/instead".into()), ..told("已移至", "It moved") };
        post.house
            .act(async |work| {
                let removal = Removal::Redirect;
                documents::remove(&post.desk, work, now(&document), removal, gone.clone()).await
            })
            .await
            .expect("it is removed");
        post.settle().await;
        post.house.recall(&document).await;
        post.settle().await;

        let word = |kind: &str, state: &str| (kind.to_owned(), state.to_owned());
        assert_eq!(
            receiver.told(),
            [
                word("publish", "edition"),
                word("correct", "edition"),
                word("move", "edition"),
                word("withdraw", "edition"),
                word("remove", "absent"),
                word("recall", "absent"),
            ]
        );
        let all: Vec<_> = receiver.received().iter().map(|call| call.data()).collect();
        assert_eq!(all[2]["url"], "https://www.lanqiao.gov.cn/news/moved");
        assert!(all[2]["previousUrl"].as_str().is_some_and(|url| url.contains("/policy/finance/")));
        assert_eq!(all[4]["replacement"], "https://www.lanqiao.gov.cn/news/instead");
        assert_eq!(all[4]["absence"], "redirect");
        assert_eq!(all[5]["absence"], "recalled");
        let sequences: Vec<_> = all.iter().map(|data| data["sequence"].as_u64()).collect();
        assert!(sequences.is_sorted());
        let [standing] = &post.standing(&document).await[..] else { panic!("one target") };
        assert_eq!(standing.holds.map(|holds| holds.edition), Some(None), "it holds nothing");
    }

    async fn what_was_withdrawn_before_it_was_sent_is_not_sent_on(post: Post) {
        let receiver = post.receiver_of("full", |new| {
            editorial::targets::NewTarget { form: Form::Full, ..new }
        })
        .await;
        let document = post.house.live_article("机密").await;
        let notice = told("不应公开", "It should not have been public");
        post.house.withdraw(&document, notice).await.expect("it is withdrawn");

        post.settle().await;

        for call in receiver.received() {
            assert!(!String::from_utf8_lossy(&call.body).contains("机密"));
        }
        let last = receiver.received().pop().expect("a call").data();
        assert_eq!(last["explanation"]["zh"], "不应公开");
    }

    async fn the_text_comes_along_where_it_is_asked_for(post: Post) {
        let receiver = post.receiver_of("full", |new| {
            editorial::targets::NewTarget { form: Form::Full, ..new }
        })
        .await;

        post.house.live_article("全文").await;
        post.settle().await;

        let content = receiver.received()[0].data()["content"].clone();
        assert_eq!(content["fields"]["title"], "全文");
        let digest = schema::canonical::canonical_digest(&content).expect("it is canonical");
        assert_eq!(receiver.received()[0].data()["digest"], digest.to_string());
    }

    async fn two_targets_are_told_the_same_bytes_under_the_same_id(post: Post) {
        let (one, other) = (post.receiver("one").await, post.receiver("other").await);

        post.house.live_article("甲").await;
        post.settle().await;

        let (one, other) = (&one.received()[0], &other.received()[0]);
        assert_eq!(one.body, other.body);
        assert_eq!(one.header("webhook-id"), other.header("webhook-id"));
        assert_ne!(one.header("webhook-signature"), other.header("webhook-signature"));
    }

    async fn a_draft_is_told_to_nobody(post: Post) {
        let receiver = post.receiver("app").await;
        post.house.create(article("草稿")).await.expect("it is saved");

        assert_eq!(post.settle().await, 0);
        assert_eq!(receiver.received(), []);
    }

    async fn bodies_that_nobody_needs_are_dropped_and_those_that_wait_are_kept(post: Post) {
        let (done, down) = (post.receiver("done").await, post.receiver("down").await);
        down.answers([super::receiver::Answer::Status(500)]);
        post.house.live_article("甲").await;
        post.settle().await;
        post.turn(3_600);

        let store = &post.desk.store;
        let now = || schema::parameters::Clock::now(&*post.clock);
        let kept = store::deliveries::bodies::drop_unneeded(store, now()).await;
        assert_eq!(kept.expect("an answer"), 0, "one target still waits for it");
        post.settle().await;
        post.turn(3_600);
        let dropped = store::deliveries::bodies::drop_unneeded(store, now()).await;

        assert_eq!(dropped.expect("an answer"), 1);
        assert_eq!((done.received().len(), down.received().len()), (1, 2));
        assert_eq!(down.received()[0].body, done.received()[0].body);
    }
}
