//! Targets that are changed: what follows for what they hold, and who may change what.

use editorial::{
    Refusal,
    arrange::rearrange,
    targets::{self, NewTarget, TargetChange},
};
use schema::{
    delivery::{ColumnOf, DeliveryState, Selector, TargetState},
    permission::{Actor, Role, Scope},
};
use serde_json::{Value, json};
use store::{deliveries::targets::Target, documents::Document};

use super::{
    post::{Post, post},
    receiver::{Answer, Receiver},
};
use crate::house::{actor, article, placed, text, told};

fn column(text: &str) -> ColumnOf {
    text.parse().expect("a column")
}

/// Only what stands in this column.
fn only(path: &str) -> impl FnOnce(NewTarget) -> NewTarget {
    let columns = vec![column(path)];
    move |new| NewTarget { selector: Selector { columns, ..Selector::default() }, ..new }
}

fn of(key: &str) -> TargetChange {
    TargetChange { key: key.into(), ..TargetChange::default() }
}

/// From now on only what stands in this column.
fn to_column(key: &str, path: &str) -> TargetChange {
    TargetChange { columns: Some(vec![column(path)]), ..of(key) }
}

impl Post {
    async fn change_as(&self, actor: &Actor, change: TargetChange) -> Result<Target, Refusal> {
        let changed = async |work: &mut store::UnitOfWork| {
            targets::change(&*self.channels, work, &change).await
        };
        self.house.act_as(actor, changed).await.map(|(target, _)| target)
    }

    async fn change(&self, change: TargetChange) -> Target {
        self.change_as(&self.house.administrator, change).await.expect("it is changed")
    }

    async fn live_in(&self, title: &str, column: &str) -> Document {
        let mut new = article(title);
        new.text.placements = vec![placed("lanqiao", &[column], None)];
        let draft = self.house.create(new).await.expect("the draft is saved");
        self.house.make_public(&draft).await.document
    }

    async fn seen_now(&self, document: &Document) -> Document {
        self.house.seen(document.id).await.expect("it is seen")
    }

    async fn history(&self, key: &str) -> Vec<(String, String, Value)> {
        let actor = &self.house.administrator;
        let rows = targets::history(&self.desk, actor, key, None, 100).await.expect("an answer");
        rows.into_iter().rev().map(|row| (row.actor_name, row.action, row.details)).collect()
    }

    async fn acts(&self, key: &str) -> Vec<(String, String)> {
        self.history(key).await.into_iter().map(|(actor, action, _)| (actor, action)).collect()
    }
}

fn word(kind: &str, state: &str) -> (String, String) {
    (kind.to_owned(), state.to_owned())
}

fn by(actor: &str, action: &str) -> (String, String) {
    word(actor, action)
}

const ENGINE: &str = "delivery engine";

test_harness::on_both_databases! {
    with post;

    async fn what_left_the_selection_is_taken_away(post: Post) {
        let receiver = post.receiver_of("app", only("lanqiao:policy")).await;
        let left = post.live_in("甲", "policy/finance").await;
        let withdrawn = post.live_in("乙", "policy").await;
        post.settle().await;
        let notice = told("暂停执行", "Suspended");
        post.house.withdraw(&post.seen_now(&withdrawn).await, notice).await.expect("withdrawn");
        post.settle().await;

        let before = post.target("app").await;
        let after = post.change(to_column("app", "lanqiao:news")).await;
        post.settle().await;

        assert_eq!(after.version, before.version + 1);
        let taken: Vec<_> = receiver.received().iter().skip(3).map(|call| call.data()).collect();
        assert_eq!(taken.len(), 2, "also what was withdrawn and is still shown with its notice");
        let changed_at = post.lane("app", &left).await.last().expect("a delivery").sequence;
        for data in &taken {
            assert_eq!((&data["kind"], &data["absence"]), (&json!("arrange"), &json!("outOfScope")));
            assert_eq!(data["sequence"], json!(changed_at), "a number higher than all before");
        }
        let [standing] = &post.standing(&left).await[..] else { panic!("one target") };
        assert_eq!(standing.holds.map(|holding| holding.edition), Some(None));

        post.house.recall(&post.seen_now(&left).await).await;
        post.settle().await;
        assert_eq!(receiver.told().last(), Some(&word("recall", "absent")));
    }

    async fn what_stays_selected_is_left_alone(post: Post) {
        let receiver = post.receiver_of("app", only("lanqiao:policy")).await;
        let document = post.live_in("甲", "policy/finance").await;
        let withdrawn = post.live_in("乙", "policy/finance").await;
        post.settle().await;
        let notice = told("暂停执行", "Suspended");
        post.house.withdraw(&post.seen_now(&withdrawn).await, notice).await.expect("withdrawn");
        post.settle().await;

        post.change(to_column("app", "lanqiao:policy/finance")).await;

        assert_eq!(post.settle().await, 0);
        assert_eq!(receiver.received().len(), 3);
        post.house.correct(&post.seen_now(&document).await, text("丙")).await;
        post.settle().await;
        assert_eq!(receiver.told().last(), Some(&word("correct", "edition")));
    }

    async fn what_entered_waits_for_its_next_event(post: Post) {
        let receiver = post.receiver_of("app", only("lanqiao:news")).await;
        let document = post.live_in("甲", "policy/finance").await;
        post.settle().await;

        post.change(to_column("app", "lanqiao:policy")).await;
        assert_eq!(post.settle().await, 0, "nobody asked for what is live already");
        post.house.correct(&post.seen_now(&document).await, text("乙")).await;
        post.settle().await;

        assert_eq!(receiver.told(), [word("correct", "edition")]);
    }

    async fn what_entered_is_sent_at_once_with_a_backfill(post: Post) {
        let receiver = post.receiver_of("app", only("lanqiao:news")).await;
        let document = post.live_in("甲", "policy/finance").await;
        let news = post.live_in("乙", "news").await;
        post.settle().await;

        for path in ["lanqiao:policy", "lanqiao:news", "lanqiao:policy"] {
            post.change(TargetChange { backfill: true, ..to_column("app", path) }).await;
            post.settle().await;
        }

        let of = |document: &Document| -> Vec<_> {
            let all = receiver.received();
            let own = all.iter().map(|call| call.data());
            own.filter(|data| data["contentId"] == document.content.to_string())
                .map(|data| (data["state"].as_str().expect("a word").to_owned(), data["sequence"].as_u64()))
                .collect()
        };
        let states = |document| of(document).into_iter().map(|(state, _)| state).collect::<Vec<_>>();
        assert_eq!(states(&document), ["edition", "absent", "edition"]);
        assert_eq!(states(&news), ["edition", "absent", "edition", "absent"]);
        for document in [&document, &news] {
            assert!(of(document).is_sorted_by(|one, next| one.1 < next.1), "{:?}", of(document));
        }
    }

    async fn a_backfill_alone_sends_what_was_never_sent(post: Post) {
        let sent = post.live_in("甲", "news").await;
        let receiver = post.receiver("app").await;
        assert_eq!(post.settle().await, 0);

        post.change(TargetChange { backfill: true, ..of("app") }).await;
        post.settle().await;
        post.change(TargetChange { backfill: true, ..of("app") }).await;

        assert_eq!(post.settle().await, 0, "what it holds is not sent twice");
        let [call] = &receiver.received()[..] else { panic!("one call") };
        assert_eq!(call.data()["contentId"], sent.content.to_string());
        assert_eq!(call.told(), word("publish", "edition"));
    }

    async fn two_changes_before_the_engine_looks_lose_no_backfill(post: Post) {
        let receiver = post.receiver_of("app", only("lanqiao:news")).await;
        post.live_in("甲", "policy/finance").await;
        post.settle().await;

        post.change(TargetChange { backfill: true, ..to_column("app", "lanqiao:policy") }).await;
        post.change(to_column("app", "lanqiao:policy/finance")).await;
        post.settle().await;

        assert_eq!(receiver.told(), [word("publish", "edition")]);
        let target = post.target("app").await;
        assert_eq!(target.progress.sweep, None);
        post.change(to_column("app", "lanqiao:news")).await;
        post.live_in("乙", "policy/finance").await;
        post.change(to_column("app", "lanqiao:policy")).await;
        post.settle().await;
        let last = receiver.told();
        assert_eq!(last.len(), 2, "the backfill was asked for once: {last:?}");
        assert_eq!(last[1].1, "edition", "what was published while the engine slept is judged by the selection it finds");
    }

    async fn at_another_address_it_is_the_same_system(post: Post) {
        let (old, new) = (post.receiver("app").await, Receiver::start().await);
        let document = post.live_in("甲", "news").await;
        post.settle().await;

        let reach = Some(vec![new.address.port()]);
        post.change(TargetChange { address: Some(new.url()), ports: reach, ..of("app") }).await;
        assert_eq!(post.settle().await, 0, "it holds what it held");
        post.house.recall(&post.seen_now(&document).await).await;
        post.settle().await;

        assert_eq!(old.told(), [word("publish", "edition")]);
        assert_eq!(new.told(), [word("recall", "absent")]);
    }

    async fn an_engine_elsewhere_notices_a_change(post: Post) {
        let elsewhere = post.other_node().await;
        let receiver = post.receiver_of("app", only("lanqiao:news")).await;
        let document = post.live_in("甲", "news").await;
        elsewhere.settle().await.expect("the store answers");
        assert_eq!(post.change(TargetChange { concurrency: Some(1), ..of("app") }).await.version, 2);

        post.change(to_column("app", "lanqiao:policy")).await;
        elsewhere.settle().await.expect("the store answers");

        assert_eq!(receiver.told(), [word("publish", "edition"), word("arrange", "absent")]);
        assert_eq!(post.states("app", &document).await, [DeliveryState::Done, DeliveryState::Done]);
        assert!(post.house.findings().await.is_empty());
    }

    async fn an_edition_for_one_is_an_absence_for_another(post: Post) {
        let policy = post.receiver_of("policy", only("lanqiao:policy")).await;
        let news = post.receiver_of("news", only("lanqiao:news")).await;
        let document = post.live_in("甲", "policy/finance").await;
        post.settle().await;

        let mut moved = text("甲");
        moved.placements = vec![placed("lanqiao", &["news"], None)];
        post.house.correct(&document, moved).await;
        post.settle().await;

        assert_eq!(policy.told().last().map(|told| told.1.as_str()), Some("absent"));
        assert_eq!(news.told().last().map(|told| told.1.as_str()), Some("edition"));
    }

    async fn a_change_is_made_to_what_was_seen(post: Post) {
        post.receiver("app").await;
        let seen = post.target("app").await.version;
        post.pause("app").await;

        let change = TargetChange { version: Some(seen), per_minute: Some(60), ..of("app") };
        let stale = post.change_as(&post.house.administrator, change).await;

        let Err(Refusal::Stale { expected, actual, changed_by, .. }) = stale else {
            panic!("{stale:?}")
        };
        assert_eq!((expected, actual), (seen, seen + 1));
        assert_eq!(changed_by, post.house.administrator.id);
        let same = TargetChange { version: Some(actual), per_minute: Some(60_000), ..of("app") };
        assert_eq!(post.change(same).await.version, actual, "nothing changed, nothing is counted");
    }

    async fn who_may_change_what(post: Post) {
        post.receiver("app").await;
        let house = &post.house;
        let here = house.on_site(Role::SiteAdministrator, "lanqiao", 11).await;
        let there = house.on_site(Role::SiteAdministrator, "nanhe", 12).await;
        let operator = actor("operator", 13, Role::Operator, Scope::Hub);
        let auditor = actor("auditor", 14, Role::Auditor, Scope::Hub);
        let everything = || TargetChange { sites: Some(vec![]), ..of("app") };
        let types = || TargetChange { types: Some(vec!["article".parse().expect("a type")]), ..of("app") };
        let limits = || TargetChange { concurrency: Some(2), ..of("app") };
        let code = |outcome: Result<Target, Refusal>| outcome.map_or_else(|refusal| refusal.code(), |_| "done");

        assert_eq!(code(post.change_as(&there, limits()).await), "not_found");
        assert_eq!(code(post.change_as(&auditor, limits()).await), "not_found");
        assert_eq!(code(post.change_as(&operator, limits()).await), "done");
        assert_eq!(code(post.change_as(&operator, types()).await), "not_permitted");
        assert_eq!(code(post.change_as(&here, types()).await), "done");
        assert_eq!(code(post.change_as(&here, everything()).await), "not_permitted");
        let elsewhere = TargetChange { sites: Some(vec!["nanhe".parse().expect("a key")]), ..of("app") };
        assert_eq!(code(post.change_as(&here, elsewhere).await), "not_permitted");
        let inside = TargetChange { address: Some("http://127.0.0.1/admin".into()), ..of("app") };
        assert_eq!(code(post.change_as(&here, inside).await), "not_permitted");
        let wide = TargetChange { ranges: Some(vec!["10.0.0.0/8".into()]), ..of("app") };
        assert_eq!(code(post.change_as(&here, wide).await), "not_permitted");
        let wrong = TargetChange { per_minute: Some(0), address: Some("ftp://x".into()), ..of("app") };
        assert_eq!(code(post.change_as(&house.administrator, wrong).await), "invalid");
        let nowhere = to_column("app", "lanqiao:nowhere");
        assert_eq!(code(post.change_as(&house.administrator, nowhere).await), "not_found");
        let test = targets::test(&post.desk, &*post.channels, &auditor, "app").await;
        assert!(test.is_err(), "who may only look calls nobody");
    }

    async fn the_audit_tells_what_changed_without_secrets(post: Post) {
        post.receiver("app").await;
        post.change(TargetChange {
            address: Some("https://hooks.example.org/in?key=s3cret".into()),
            per_minute: Some(60),
            ..of("app")
        })
        .await;

        let (who, action, details) = post.history("app").await.pop().expect("a row");

        assert_eq!((who.as_str(), action.as_str()), ("administrator", "target.change"));
        assert_eq!(details["limits"]["from"]["perMinute"], 60_000);
        assert_eq!(details["limits"]["to"]["perMinute"], 60);
        assert_eq!(details["address"]["to"], "https://hooks.example.org/in?…");
        assert_eq!(details.get("selector"), None);
        assert!(!details.to_string().contains("s3cret"));
    }

    async fn what_the_engine_does_by_itself_is_on_record(post: Post) {
        let receiver = post.receiver("app").await;
        let document = post.live_in("甲", "news").await;
        receiver.answers([Answer::Status(401)]);
        post.settle().await;
        post.turn(1);
        let resume = async |work: &mut store::UnitOfWork| targets::resume(work, "app").await;
        post.desk.work(&post.house.administrator, resume).await.expect("it is resumed");
        receiver.answers((0..6).map(|_| Answer::Status(500)));
        for _ in 0..6 {
            post.turn(2 * 3_600);
            post.settle().await;
        }
        post.turn(5 * 3_600);
        post.settle().await;
        assert_eq!(post.states("app", &document).await, [DeliveryState::Done]);
        receiver.answers([Answer::Status(410)]);
        post.live_in("乙", "news").await;
        post.settle().await;

        assert_eq!(post.target("app").await.state, TargetState::Disabled);
        assert_eq!(
            post.acts("app").await,
            [
                by("administrator", "target.create"),
                by(ENGINE, "target.pause"),
                by("administrator", "target.resume"),
                by(ENGINE, "target.leave_alone"),
                by(ENGINE, "target.answers_again"),
                by(ENGINE, "target.disable"),
            ]
        );
        let details = post.history("app").await.pop().expect("a row").2;
        assert_eq!(details, json!({ "class": "gone", "status": 410, "reason": "gone" }));
    }

    async fn a_selection_that_follows_a_column_is_a_change_too(post: Post) {
        post.receiver_of("app", only("lanqiao:policy/finance")).await;
        let seen = post.target("app").await.version;
        let site = post.house.site("lanqiao").await;
        let old = {
            let mut session = post.desk.store.reader().await.expect("a reader");
            let path = "policy/finance".parse().expect("a path");
            let found = store::columns::by_path(&mut session, site, &path).await;
            found.expect("an answer").expect("a column")
        };
        let segment = "money".parse().expect("a path");
        post.house
            .act(async |work| rearrange::rename_column(work, old.id, old.version, Some(&segment), None).await)
            .await
            .expect("it is renamed");
        post.settle().await;

        let now = post.target("app").await;

        assert_eq!(now.particulars.selector.columns, [column("lanqiao:policy/money")]);
        assert_eq!(now.version, seen + 1, "nobody writes the old selection over it unseen");
        assert_eq!(post.acts("app").await.last(), Some(&by(ENGINE, "target.follow")));
    }

    async fn who_may_not_know_of_a_target_reads_nothing_of_it(post: Post) {
        post.receiver("app").await;
        let there = post.house.on_site(Role::SiteAdministrator, "nanhe", 12).await;
        let operator = actor("operator", 13, Role::Operator, Scope::Hub);

        let rows = targets::history(&post.desk, &there, "app", None, 100).await;
        assert_eq!(rows.expect("an answer"), []);
        assert!(targets::find(&post.desk, &there, "app").await.is_err());
        assert!(targets::list(&post.desk, &there).await.expect("an answer").is_empty());
        let rows = targets::history(&post.desk, &operator, "app", None, 100).await;
        assert_eq!(rows.expect("an answer").len(), 1, "an operator reads no texts, and this");
    }
}
