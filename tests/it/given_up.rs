//! Readers and writers that give up: what they began leaves nothing behind.

use futures_util::FutureExt as _;

use crate::house::{House, article, house};

test_harness::on_both_databases! {
    with house;

    async fn who_gives_up_while_a_snapshot_begins_leaves_no_transaction_behind(house: House) {
        for _ in 0..20 {
            // With a connection at hand, one look is enough to have it begin and not end.
            drop(house.desk.store.reader().await.expect("a connection"));
            while house.desk.store.connections().idle == 0 {
                tokio::task::yield_now().await;
            }
            drop(house.desk.store.snapshot().now_or_never());
        }

        for number in 0..20 {
            let title = format!("第{number}篇");
            let document = house.live_article(&title).await;
            assert!(house.seen(document.id).await.is_some(), "{title} is seen at once");
            house.create(article("草稿")).await.expect("a draft is saved");
        }
    }
}
