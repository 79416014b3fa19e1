//! What listeners are told: everything, once, in order, from wherever they go on.

use editorial::documents;
use schema::visibility::{Notice, Removal};
use serde_json::{Value, json};

use super::{Events, Socket, TOLD, everything, titles};
use crate::house::{House, article, house, now, placed, text, told};

impl House {
    async fn standing_in(
        &self,
        title: &str,
        site: &str,
        column: &str,
    ) -> store::documents::Document {
        let mut new = article(title);
        new.text.placements = vec![placed(site, &[column], None)];
        let draft = self.create(new).await.expect("the draft is saved");
        self.make_public(&draft).await.document
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_listener_is_told_what_the_query_tells(house: House) {
        let node = house.node().await;
        let after = node.head().await;
        let mut socket = Socket::listening(node.address, &everything(TOLD), json!({ "after": after })).await;

        let document = house.live_article("甲").await;
        let corrected = house.correct(&document, text("甲之二")).await.document;
        house.live_article("乙").await;
        house.withdraw(&corrected, told("暂停", "Paused")).await.expect("it is withdrawn");
        house.recall(&corrected).await;

        let heard = socket.changes(5).await;
        let kinds: Vec<&str> = heard.iter().filter_map(|it| it["kind"].as_str()).collect();
        assert_eq!(kinds, ["publish", "correct", "publish", "withdraw", "recall"]);
        let mut again = Socket::listening(node.address, &everything(TOLD), json!({ "after": after })).await;
        assert_eq!(again.changes(5).await, node.changes(Some(&after), TOLD).await);
        node.stop().await;
    }

    async fn whoever_resumes_at_a_cursor_is_told_what_comes_behind_it(house: House) {
        let node = house.node().await;
        for title in ["甲", "乙", "丙", "丁"] {
            house.live_article(title).await;
        }
        let all = node.changes(None, TOLD).await;
        // The very first events too: the house was set up by them.
        assert!(all.len() > 8, "{}", all.len());

        for (position, change) in all.iter().enumerate() {
            let after = json!({ "after": change["cursor"] });
            let mut socket = Socket::listening(node.address, &everything(TOLD), after).await;
            let rest = &all[position + 1..];
            assert_eq!(socket.changes(rest.len()).await, rest, "behind {position}");
        }
        node.stop().await;
    }

    async fn nothing_falls_between_catching_up_and_listening(house: House) {
        const PUBLISHED: usize = 40;
        let node = house.node().await;
        let after = node.head().await;
        let expected: Vec<String> = (0..PUBLISHED).map(|number| format!("第{number}篇")).collect();
        let mut listeners = Vec::new();
        for number in 0..12 {
            let (address, after, expected) = (node.address, json!({ "after": after }), expected.clone());
            let query = everything("cursor document { title }");
            listeners.push(tokio::spawn(async move {
                // Each begins at another moment of the publishing: when so many were heard of.
                let mut first = Events::post(address, &query, after.clone(), &[]).await;
                for _ in 0..number * 3 {
                    first.change().await;
                }
                let heard = match number % 2 {
                    0 => Socket::listening(address, &query, after).await.changes(PUBLISHED).await,
                    _ => {
                        let mut events = Events::post(address, &query, after, &[]).await;
                        let mut heard = Vec::new();
                        while heard.len() < PUBLISHED {
                            heard.push(events.change().await);
                        }
                        heard
                    }
                };
                assert_eq!(titles(&heard), expected);
            }));
        }
        for title in &expected {
            house.live_article(title).await;
        }
        for listener in listeners {
            listener.await.expect("it heard everything, once and in order");
        }
        node.stop().await;
    }

    async fn a_place_is_told_what_enters_and_leaves_it(house: House) {
        let node = house.node().await;
        let after = node.head().await;
        let select = |arguments: &str| {
            format!("subscription ($after: String) {{ changes(after: $after, {arguments}) {{ {TOLD} }} }}")
        };
        let finance = house.standing_in("财政", "lanqiao", "policy/finance").await;
        house.standing_in("要闻", "lanqiao", "news").await;
        house.standing_in("公示", "lanqiao-finance", "notices").await;
        let shown = Notice { shows_text: true, ..told("暂停", "Paused") };
        house.withdraw(&finance, shown).await.expect("it is withdrawn");
        // What was withdrawn stands nowhere any more, and leaves nothing.
        house.recall(&finance).await;
        let last = house.standing_in("结束", "lanqiao", "policy/finance").await;

        for (arguments, expected) in [
            ("site: \"lanqiao\"", vec!["publish", "publish", "withdraw", "recall", "publish"]),
            ("site: \"lanqiao\", columns: [\"policy\"]", vec!["publish", "withdraw", "recall", "publish"]),
            ("site: \"lanqiao\", columns: [\"news\", \"policy/finance\"]", vec!["publish", "publish", "withdraw", "recall", "publish"]),
            ("site: \"lanqiao-finance\"", vec!["publish"]),
            ("types: [article]", vec!["publish", "publish", "publish", "withdraw", "recall", "publish"]),
        ] {
            let after = json!({ "after": after });
            let mut socket = Socket::listening(node.address, &select(arguments), after).await;
            let heard = socket.changes(expected.len()).await;
            let kinds: Vec<&str> = heard.iter().filter_map(|it| it["kind"].as_str()).collect();
            assert_eq!(kinds, expected, "{arguments}");
        }
        let mut alarms = Socket::listening(node.address, &select("types: [alarm]"), json!({ "after": after })).await;
        let mut other = Socket::listening(node.address, &select("site: \"lanqiao-finance\", types: [article]"), json!({ "after": after })).await;
        house.act(async |work| {
            documents::remove(&house.desk, work, now(&last), Removal::Gone, told("删除", "Gone")).await
        }).await.expect("it is removed");
        house.standing_in("再公示", "lanqiao-finance", "notices").await;
        assert_eq!(titles(&other.changes(2).await), ["公示", "再公示"]);
        alarms.say(json!({ "type": "ping" })).await;
        assert_eq!(alarms.said().await["type"], "pong", "nothing of these was for it");
        node.stop().await;
    }

    async fn what_another_process_publishes_is_told(house: House) {
        let node = house.another_node().await;
        let after = node.head().await;
        let mut socket = Socket::listening(node.address, &everything(TOLD), json!({ "after": after })).await;

        for title in ["甲", "乙"] {
            house.live_article(title).await;
            assert_eq!(socket.change().await["document"]["title"], title);
        }
        node.stop().await;
    }

    async fn many_who_listen_to_the_same_are_told_the_same(house: House) {
        let node = house.node().await;
        let mut sockets = Vec::new();
        let mut afters = vec![node.head().await];
        for title in ["甲", "乙"] {
            house.live_article(title).await;
            afters.push(node.head().await);
        }
        for number in 0..30 {
            let after = json!({ "after": afters[number % 3] });
            sockets.push(Socket::listening(node.address, &everything(TOLD), after).await);
        }
        for title in ["丙", "丁"] {
            house.live_article(title).await;
        }

        let expected = node.changes(Some(&afters[0]), TOLD).await;
        for (number, socket) in sockets.iter_mut().enumerate() {
            let rest: &[Value] = &expected[number % 3..];
            assert_eq!(socket.changes(rest.len()).await, rest, "listener {number}");
        }
        node.stop().await;
    }
}
