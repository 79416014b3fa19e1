//! A cache in front of the hub is told what to drop: what readers get through it is new once the
//! call arrived, and everything else stays where it is.

use editorial::{
    Refusal, documents,
    targets::{NewTarget, TargetChange},
};
use schema::{
    delivery::{Class, DeliveryState, Purge, PurgeBy, Selector},
    visibility::Removal,
};
use store::documents::Document;

use super::{
    LIST, address,
    cache::{Cache, SECRET},
    kept_outside,
};
use crate::{
    deliveries::{
        post::{Post, post, target},
        receiver::{Answer, Receiver},
    },
    house::{article, now, placed, text, told},
    server::Served,
};

const NEWS: &str = "{ documents(site: \"lanqiao\", column: \"news\") { nodes { title } } }";

/// How the stories' cache is told.
fn by_tags() -> Purge {
    let text = r#"{"by":"tags","header":"xkey-purge","secretHeader":"x-purge-key"}"#;
    serde_json::from_str(text).expect("a manner")
}

fn cache_target(key: &str, url: &str, port: u16, purge: Purge) -> NewTarget {
    NewTarget {
        channel: "purge".into(),
        selector: Selector::default(),
        purge: Some(purge),
        secret: Some(SECRET.to_owned().into()),
        declaration: None,
        ..target(key, url, port)
    }
}

/// A hub with a cache in front, and a target that leads to it.
struct Fronted {
    post: Post,
    served: Served,
    cache: Cache,
}

impl Fronted {
    async fn of(post: Post, purge: Purge) -> Self {
        let served = post.house.serve_with(kept_outside()).await;
        let cache = Cache::before(served.address).await;
        let url = format!("http://{}", cache.address);
        let new = cache_target("cdn", &url, cache.address.port(), purge);
        post.create(new).await.expect("the target is created");
        Self { post, served, cache }
    }

    async fn published(&self, title: &str, column: &str, path: &str) -> Document {
        let mut new = article(title);
        new.text.placements = vec![placed("lanqiao", &[column], Some(path))];
        let draft = self.post.house.create(new).await.expect("it is saved");
        self.post.house.make_public(&draft).await.document
    }

    /// What a reader gets, having asked often enough for it to be held.
    async fn held(&self, path: &str) -> String {
        self.cache.read(path).await;
        let (text, was_held) = self.cache.read(path).await;
        assert!(was_held, "{path} is held");
        text
    }
}

fn detail(path: &str) -> String {
    address(&format!("{{ document(site: \"lanqiao\", path: \"{path}\") {{ title }} }}"))
}

const FEED: &str = "/sites/lanqiao/columns/policy/finance/feed.json";

test_harness::on_both_databases! {
    with post;

    async fn what_is_corrected_is_new_once_the_call_arrived_and_the_rest_stays(post: Post) {
        let fronted = Fronted::of(post, by_tags()).await;
        let budget = fronted.published("预算", "policy/finance", "/1").await;
        fronted.published("通车", "news", "/2").await;
        fronted.post.settle().await;
        let about_it = [address(LIST), detail("/1"), FEED.to_owned()];
        let others = [address(NEWS), detail("/2")];
        for path in about_it.iter().chain(&others) {
            fronted.held(path).await;
        }

        fronted.post.house.correct(&budget, text("预算，更正")).await;
        assert!(!fronted.held(&about_it[0]).await.contains("更正"), "nobody told it yet");
        fronted.post.settle().await;

        for path in &about_it {
            let (answer, was_held) = fronted.cache.read(path).await;
            assert!(answer.contains("更正") && !was_held, "{path}: {answer}");
        }
        for path in &others {
            assert!(fronted.cache.holds(path).await, "{path}");
        }
        let receipt = fronted.post.tries("cdn", &budget).await.pop().expect("a try");
        let said = receipt.answer.expect("what was dropped");
        assert!(said.starts_with("dropped ") && said.contains("column-lanqiao/policy/finance"), "{said}");
        fronted.served.stop().await;
    }

    async fn what_is_taken_back_or_moved_is_out_of_it(post: Post) {
        let fronted = Fronted::of(post, by_tags()).await;
        let recalled = fronted.published("召回", "policy/finance", "/1").await;
        let removed = fronted.published("删除", "policy/finance", "/2").await;
        let moved = fronted.published("移动", "policy/finance", "/3").await;
        fronted.post.settle().await;
        let by_id = address(&format!("{{ document(contentId: \"{}\") {{ title }} }}", recalled.content));
        let all = [address(LIST), address(NEWS), detail("/1"), detail("/2"), FEED.into(), by_id];
        for path in &all {
            fronted.held(path).await;
        }

        let house = &fronted.post.house;
        house.recall(&recalled).await;
        let notice = told("含有错误信息", "It contained an error");
        house
            .act(async |work| {
                documents::remove(&house.desk, work, now(&removed), Removal::Gone, notice.clone())
                    .await
            })
            .await
            .expect("it is removed");
        let mut text = text("移动");
        text.placements = vec![placed("lanqiao", &["news"], Some("/3"))];
        house.correct(&moved, text).await;
        fronted.post.settle().await;

        for path in &all {
            let (answer, was_held) = fronted.cache.read(path).await;
            let is_gone = !answer.contains("召回\"") && !answer.contains("删除\"");
            assert!(is_gone && !was_held, "{path}: {answer}");
        }
        assert!(fronted.cache.read(&address(NEWS)).await.0.contains("移动"));
        fronted.served.stop().await;
    }

    async fn what_was_published_before_there_was_a_cache_is_dropped_too(post: Post) {
        let before = post.house.live_article("预算").await;
        let fronted = Fronted::of(post, by_tags()).await;
        fronted.held(&address(LIST)).await;

        fronted.post.house.recall(&before).await;
        fronted.post.settle().await;

        let (answer, was_held) = fronted.cache.read(&address(LIST)).await;
        assert!(!answer.contains("预算") && !was_held, "{answer}");
        fronted.served.stop().await;
    }

    async fn a_change_of_the_house_empties_it(post: Post) {
        let fronted = Fronted::of(post, by_tags()).await;
        fronted.published("预算", "policy/finance", "/1").await;
        fronted.post.settle().await;
        let all = [address("{ sites { name { zh } } }"), address(LIST), detail("/1")];
        for path in &all {
            fronted.held(path).await;
        }

        fronted.post.house.rename("news", "headlines").await.expect("it is renamed");
        fronted.post.settle().await;

        for path in &all {
            assert!(!fronted.cache.holds(path).await, "{path}");
        }
        fronted.served.stop().await;
    }

    async fn a_cache_is_emptied_when_somebody_asks_for_it(post: Post) {
        let fronted = Fronted::of(post, by_tags()).await;
        fronted.published("预算", "policy/finance", "/1").await;
        fronted.post.settle().await;
        fronted.held(&detail("/1")).await;

        let change =
            TargetChange { key: "cdn".into(), backfill: true, ..TargetChange::default() };
        let changed = fronted.post.house.act(async |work| {
            editorial::targets::change(&*fronted.post.channels, work, &change).await
        });
        changed.await.expect("it is asked for");
        fronted.post.settle().await;

        assert!(!fronted.cache.holds(&detail("/1")).await);
        assert!(fronted.cache.told().iter().any(|told| told.ends_with(" hub")), "{:?}", fronted.cache.told());
        fronted.served.stop().await;
    }

    async fn a_cache_that_does_not_do_it_is_told_again_and_everybody_sees_that(post: Post) {
        let fronted = Fronted::of(post, by_tags()).await;
        let document = fronted.published("预算", "policy/finance", "/1").await;
        fronted.post.settle().await;
        fronted.held(&detail("/1")).await;
        fronted.cache.refuses([503, 502]);

        fronted.post.house.recall(&document).await;
        fronted.post.settle().await;

        assert!(fronted.cache.holds(&detail("/1")).await, "it was not done");
        let waiting = fronted.post.last("cdn", &document).await;
        assert_eq!((waiting.state, waiting.tries), (DeliveryState::Pending, 1));
        assert_eq!(waiting.last.and_then(|last| last.class), Some(Class::Transient));
        for _ in 0..2 {
            // A recall is tried again after seconds.
            fronted.post.turn(10);
            fronted.post.settle().await;
        }
        assert!(!fronted.cache.holds(&detail("/1")).await);
        assert_eq!(fronted.post.last("cdn", &document).await.state, DeliveryState::Done);
        fronted.served.stop().await;
    }

    async fn a_recall_takes_along_what_waited_before_it(post: Post) {
        let fronted = Fronted::of(post, by_tags()).await;
        let document = fronted.published("预算", "policy/finance", "/1").await;
        fronted.post.settle().await;
        fronted.held(&address(LIST)).await;
        let mut elsewhere = text("预算");
        elsewhere.placements = vec![placed("lanqiao", &["news"], Some("/1"))];
        fronted.post.house.correct(&document, elsewhere).await;
        let document = fronted.post.house.seen(document.id).await.expect("it is live");
        fronted.post.house.recall(&document).await;

        // The move is overtaken, and its lists are dropped all the same.
        fronted.post.settle().await;

        let states = fronted.post.states("cdn", &document).await;
        assert_eq!(states.last(), Some(&DeliveryState::Done), "{states:?}");
        assert!(!fronted.cache.holds(&address(LIST)).await);
        fronted.served.stop().await;
    }

    async fn a_cache_that_knows_no_tags_is_told_addresses(post: Post) {
        let purge = Purge {
            header: None,
            by: PurgeBy::Addresses,
            hosts: vec!["hub".into()],
            also_done: vec![404],
            ..by_tags()
        };
        let fronted = Fronted::of(post, purge).await;
        let document = fronted.published("预算", "policy/finance", "/1").await;
        fronted.post.settle().await;
        let paths = [FEED, "/sites/lanqiao/feed.atom", "/sites/lanqiao/sitemap.xml"];
        for path in paths {
            fronted.held(path).await;
        }

        fronted.post.house.correct(&document, text("预算，更正")).await;
        fronted.post.settle().await;

        for path in paths {
            assert!(!fronted.cache.holds(path).await, "{path}");
        }
        let told = fronted.cache.told();
        for path in ["/", "/1", "/policy", "/policy/finance"] {
            assert!(told.contains(&format!("PURGE {path} ")), "{path}: {told:?}");
        }
        assert_eq!(fronted.post.last("cdn", &document).await.state, DeliveryState::Done);
        fronted.served.stop().await;
    }

    async fn an_api_is_told_in_the_words_it_asks_for(post: Post) {
        let receiver = Receiver::start().await;
        let purge = Purge {
            method: "POST".into(),
            header: None,
            body: Some(r#"{"purge_type": "tag", "tags": {tags}}"#.into()),
            secret_header: Some("Authorization".into()),
            secret_prefix: "Bearer ".into(),
            ..by_tags()
        };
        let new = cache_target("api", &receiver.url(), receiver.address.port(), purge);
        post.create(new).await.expect("the target is created");
        receiver.answers([Answer::Status(200)]);

        post.house.live_article("预算").await;
        post.settle().await;

        let [call] = &receiver.received()[..] else { panic!("one call") };
        assert_eq!(call.header("authorization"), format!("Bearer {SECRET}"));
        let body = call.json();
        assert_eq!(body["purge_type"], "tag");
        let tags = body["tags"].as_array().expect("tags");
        assert!(tags.contains(&"site-lanqiao".into()), "{tags:?}");
        let test = post.channels.clone();
        let target = post.target("api").await;
        let tested = editorial::ports::Channels::test(
            &*test,
            &target,
            schema::parameters::Clock::now(&*post.clock),
        )
        .await;
        assert_eq!(tested.class, Class::Ok);
        assert_eq!(receiver.received()[1].json()["tags"], serde_json::json!(["gongbao-test"]));
    }

    async fn a_cache_selects_nothing_and_says_how_it_is_told(post: Post) {
        let faults = async |new: NewTarget| match post.create(new).await {
            Err(Refusal::Invalid(faults)) => {
                faults.into_iter().map(|fault| fault.path).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        };
        let right = cache_target("cdn", "http://127.0.0.1:9", 9, by_tags());
        let selecting = NewTarget { selector: target("x", "x", 9).selector, ..right.clone() };
        let silent = NewTarget { purge: None, ..right.clone() };
        let wrong = NewTarget {
            purge: Some(Purge { method: "GET".into(), ..by_tags() }),
            ..right.clone()
        };
        let no_secret = NewTarget { secret: Some("a\nb".to_owned().into()), ..right.clone() };
        let webhook = NewTarget { secret: None, ..right };

        assert_eq!(faults(selecting).await, ["selector"]);
        assert_eq!(faults(silent).await, ["purge"]);
        assert_eq!(faults(wrong).await, ["purge.method"]);
        assert_eq!(faults(no_secret).await, ["secret"]);
        let webhook = NewTarget { channel: "webhook".into(), ..webhook };
        assert_eq!(faults(webhook).await, ["purge"]);
    }
}
