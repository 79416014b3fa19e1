//! What a target is given: by site, column, type and language; and what happens when that
//! changes.

use editorial::{arrange::rearrange, documents, targets::NewTarget};
use schema::delivery::{DeliveryState, Selector};

use super::post::{Post, latest, post};
use crate::house::{article, now, placed, text, told};

fn columns(texts: &[&str]) -> impl FnOnce(NewTarget) -> NewTarget {
    let columns = texts.iter().map(|text| text.parse().expect("a column")).collect();
    move |new| NewTarget { selector: Selector { columns, ..Selector::default() }, ..new }
}

fn in_column(title: &str, column: &str) -> documents::NewDocument {
    let mut new = article(title);
    new.text.placements = vec![placed("lanqiao", &[column], None)];
    new
}

test_harness::on_both_databases! {
    with post;

    async fn a_column_is_selected_with_all_below_it(post: Post) {
        let receiver = post.receiver_of("policy", columns(&["lanqiao:policy"])).await;
        for (title, column) in [("甲", "policy/finance"), ("乙", "news"), ("丙", "policy")] {
            let draft = post.house.create(in_column(title, column)).await.expect("it is saved");
            post.house.make_public(&draft).await;
        }

        post.settle().await;

        let mut titles: Vec<_> =
            receiver.received().iter().map(|call| call.data()["title"].to_string()).collect();
        titles.sort();
        assert_eq!(titles, ["\"丙\"", "\"甲\""]);
    }

    async fn what_leaves_the_selection_is_owed_as_absent(post: Post) {
        let receiver = post.receiver_of("policy", columns(&["lanqiao:policy"])).await;
        let document = post.house.live_article("甲").await;
        post.settle().await;
        let mut moved = text("甲");
        moved.placements = vec![placed("lanqiao", &["news"], None)];
        post.house.correct(&document, moved).await;
        post.settle().await;
        let document = post.house.seen(document.id).await.expect("it is live");
        post.house.correct(&document, {
            let mut corrected = text("乙");
            corrected.placements = vec![placed("lanqiao", &["news"], None)];
            corrected
        })
        .await;
        post.settle().await;

        let calls = receiver.received();
        assert_eq!(calls.len(), 2, "what it does not hold is not its business");
        assert_eq!(calls[1].data()["state"], "absent");
        assert_eq!(calls[1].data()["absence"], "outOfScope");
        let [standing] = &post.standing(&document).await[..] else { panic!("one target") };
        assert_eq!(standing.holds.map(|holds| holds.edition), Some(None));
    }

    async fn types_and_languages_are_told_apart(post: Post) {
        let english = post.receiver_of("english", |new| NewTarget {
            selector: Selector { locales: vec!["en".parse().expect("a locale")], ..new.selector.clone() },
            ..new
        })
        .await;
        let alarms = post.receiver_of("alarms", |new| NewTarget {
            selector: Selector { types: vec!["alarm".parse().expect("a type")], ..new.selector.clone() },
            ..new
        })
        .await;

        post.house.live_article("甲").await;
        post.settle().await;

        assert_eq!((english.received().len(), alarms.received().len()), (0, 0));
    }

    async fn a_new_target_is_given_what_is_live_where_it_asks_for_it(post: Post) {
        let kept = post.house.live_article("甲").await;
        post.house.correct(&kept, text("乙")).await;
        let recalled = post.house.live_article("丙").await;
        post.house.recall(&recalled).await;

        let only_new = post.receiver("only-new").await;
        let all = post.receiver_of("all", |new| NewTarget { backfill: true, ..new }).await;
        post.settle().await;

        assert_eq!(only_new.received(), []);
        let [call] = &all.received()[..] else { panic!("what is live, as it is") };
        assert_eq!((&call.data()["edition"], &call.data()["title"]), (&2.into(), &"乙".into()));
        assert_eq!(post.states("all", &kept).await, [DeliveryState::Done]);
        assert_eq!(post.target("all").await.progress.sweep, None);
    }

    async fn a_target_follows_a_column_that_is_merged_into_another(post: Post) {
        let follows = post.receiver_of("follows", columns(&["lanqiao:policy/finance"])).await;
        let sits = post.receiver_of("sits", columns(&["lanqiao:policy"])).await;
        let document = post.house.live_article("甲").await;
        post.settle().await;
        let site = post.house.site("lanqiao").await;
        let (from, into) = {
            let mut session = post.desk.store.reader().await.expect("a reader");
            let from = store::columns::by_path(&mut session, site, &"policy/finance".parse().expect("a path")).await;
            let into = store::columns::by_path(&mut session, site, &"news".parse().expect("a path")).await;
            (from.expect("an answer").expect("a column"), into.expect("an answer").expect("a column"))
        };
        let merged = post.house.act(async |work| {
            rearrange::merge_column(work, from.id, from.version, into.id).await
        });
        merged.await.expect("it is merged");
        post.settle().await;

        assert_eq!(follows.received().len(), 1, "it holds the document as before");
        assert_eq!(sits.told().last(), Some(&("arrange".into(), "absent".into())));
        let selector = post.target("follows").await.particulars.selector;
        assert_eq!(selector.columns[0].to_string(), "lanqiao:news");
        post.house.correct(&post.house.seen(document.id).await.expect("it is live"), {
            let mut corrected = text("乙");
            corrected.placements = vec![placed("lanqiao", &["news"], None)];
            corrected
        })
        .await;
        post.settle().await;
        assert_eq!(follows.received().len(), 2);
    }

    async fn a_site_of_another_authority_is_a_place_of_its_own(post: Post) {
        let nanhe = post.receiver_of("nanhe", |new| {
            let sites = vec!["nanhe".parse().expect("a site key")];
            latest(NewTarget { selector: Selector { sites, ..Selector::default() }, ..new })
        })
        .await;
        let lanqiao = post.receiver("lanqiao").await;
        let document = post.house.live_article("甲").await;
        post.settle().await;
        assert_eq!(nanhe.received(), []);

        let reading = post.house.read(document.id).await.expect("it is live");
        let request = documents::PlaceElsewhere {
            target: documents::Target { document: document.id, version: None },
            placement: placed("nanhe", &["news"], Some("/news/from-lanqiao")),
            approved: Some(reading.digest),
        };
        post.house
            .act(async |work| {
                documents::place_elsewhere(&post.desk, work, request.clone()).await
            })
            .await
            .expect("it is placed");
        post.settle().await;
        assert_eq!(nanhe.received()[0].data()["url"], "https://www.nanhe.gov.cn/news/from-lanqiao");
        let site = "nanhe".parse().expect("a site key");
        post.house
            .act(async |work| {
                let target = documents::Target { document: document.id, version: None };
                let notice = told("本站撤下", "Taken down here");
                documents::withdraw_elsewhere(&post.desk, work, target, &site, notice).await
            })
            .await
            .expect("it is withdrawn there");
        post.settle().await;

        let word = |kind: &str, state: &str| (kind.to_owned(), state.to_owned());
        assert_eq!(nanhe.told(), [word("publish", "edition"), word("withdraw", "absent")]);
        let stays = lanqiao.received().iter().all(|call| call.data()["state"] == "edition");
        assert!(stays, "the owner's site is untouched");
        post.house.recall(&post.house.seen(document.id).await.expect("it is live")).await;
        post.settle().await;
        assert_eq!(nanhe.told().last(), Some(&word("recall", "absent")));
        let _ = now(&document);
    }
}
