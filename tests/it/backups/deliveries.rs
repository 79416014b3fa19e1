//! What was owed when the backup was taken is owed by the restored hub, under the same ids.

use std::sync::Arc;

use editorial::Desk;
use store::Store;
use syndication::{Engine, Settings};

use super::{BOTH, json_of, program};
use crate::deliveries::{
    post::{Post, post},
    receiver::Answer,
};

test_harness::on_both_databases! {
    with post;

    async fn what_was_sent_since_is_sent_again_under_the_same_id(post: Post) {
        let receiver = post.receiver("app").await;
        let held = post.house.live_article("甲").await;
        post.settle().await;
        receiver.answers([Answer::Breaks]);
        let owed = post.house.live_article("乙").await;
        post.settle().await;
        let (archive, _) = post.house.back_up("backup.tar");
        let archive = archive.display().to_string();
        post.turn(3_600);
        post.settle().await;
        let before = receiver.received();
        let sent = |document: &store::documents::Document| {
            let of = document.content.to_string();
            before.iter().filter(|one| one.json()["subject"] == of).count()
        };
        assert_eq!((sent(&held), sent(&owed)), (1, 2), "the second try arrived");

        for engine in BOTH {
            let Some(database) = test_harness::database(engine) else { continue };
            let said = json_of(&program(&database), &["restore", &archive]);
            assert_eq!(said["clean"], true, "{said}");
            let store = Store::open(database.url()).await.expect("the store opens");
            let desk = Desk { store, ..post.desk.clone() };
            let engine = Engine::new(desk, Arc::clone(&post.channels), Settings::default());

            let count = receiver.received().len();
            engine.settle().await.expect("the store answers");

            let after = receiver.received();
            let again: Vec<_> = after[count..].iter().collect();
            assert_eq!(again.len(), 1, "what it acknowledged before the backup is not sent again");
            let first = before.last().expect("it was sent");
            assert_eq!(again[0].header("webhook-id"), first.header("webhook-id"));
            assert_eq!(again[0].body, first.body, "the same bytes");
        }
    }
}
