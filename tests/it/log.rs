//! The log: gap-free and in commit order, whoever writes at once.

use std::{collections::BTreeSet, sync::Arc};

use editorial::documents;
use schema::log::Subject;

use crate::house::{House, article, house, publication};

test_harness::on_both_databases! {
    with house;

    async fn numbers_have_no_gaps_under_concurrent_writers(house: House) {
        const WRITERS: usize = 8;
        const EACH: usize = 6;
        let house = Arc::new(house);
        let before = {
            let mut session = house.desk.store.reader().await.expect("a reader");
            store::log::head(&mut session).await.expect("an answer").sequence
        };

        let writers = (0..WRITERS).map(|writer| {
            let house = Arc::clone(&house);
            tokio::spawn(async move {
                for round in 0..EACH {
                    let title = format!("写者{writer}之{round}");
                    let (_, committed) = editorial::work!(&house.desk, &house.administrator, work => {
                        let draft = documents::create(&house.desk, work, article(&title)).await?;
                        documents::publish(&house.desk, work, publication(&draft)).await
                    })
                    .expect("it is published");
                    assert_eq!(committed.events, 1);
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.expect("the writer is done");
        }

        let mut session = house.desk.store.reader().await.expect("a reader");
        let events = store::log::after(&mut session, before, 1_000).await.expect("the log");
        let numbers: Vec<u64> = events.iter().map(|stored| stored.event.sequence).collect();
        let count = (WRITERS * EACH) as u64;
        assert_eq!(numbers, (before + 1..=before + count).collect::<Vec<_>>());
        let documents: BTreeSet<_> = events.iter().map(|stored| stored.document).collect();
        assert_eq!(documents.len(), WRITERS * EACH);
        drop(session);
        assert_eq!(house.findings().await, []);
    }

    async fn what_is_rolled_back_leaves_no_number(house: House) {
        house.live_article("甲").await;
        let mut work = house.desk.begin(&house.administrator).await.expect("a unit of work");
        let draft = documents::create(&house.desk, &mut work, article("乙")).await;
        let draft = draft.expect("it is saved");
        let published = documents::publish(&house.desk, &mut work, publication(&draft)).await;
        published.expect("it is published");
        drop(work);

        house.live_article("丙").await;

        assert_eq!(house.kinds().await.len(), 2);
        assert_eq!(house.seen(draft.document.id).await, None);
        assert_eq!(house.findings().await, []);
    }

    async fn the_house_itself_stands_in_the_log(house: House) {
        let mut session = house.desk.store.reader().await.expect("a reader");
        let events = store::log::after(&mut session, 0, 1_000).await.expect("the log");
        let arranged = events
            .iter()
            .filter(|stored| matches!(stored.event.subject, Subject::Arrangement(_)))
            .count();
        assert_eq!(arranged, 2 + 3 + 7, "authorities, sites and columns");
    }
}
