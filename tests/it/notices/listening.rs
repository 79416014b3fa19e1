//! Those who listen to a site hear of its notices, and of those of the sites above it.

use editorial::arrange::notices;
use schema::tree::notice::NoticeSeverity;
use serde_json::json;

use super::{during, warning};
use crate::{
    house::{House, article, house, placed},
    live::{Events, Socket},
};

const TOLD: &str = "cursor kind site arrangement \
                    notice { text { zh } severity inForce inherited site { key notices { text { zh } } } }";

fn listening_to(arguments: &str) -> String {
    format!("subscription ($after: String) {{ changes(after: $after, {arguments}) {{ {TOLD} }} }}")
}

test_harness::on_both_databases! {
    with house;

    async fn who_listens_to_a_site_below_hears_of_a_notice_from_above(house: House) {
        let node = house.node().await;
        let bureau = listening_to("site: \"lanqiao-finance\", columns: [\"notices\"], types: [article]");
        let mut below = Events::post(node.address, &bureau, json!({}), &[]).await;
        let province = listening_to("site: \"nanhe\"");
        let after = json!({ "after": node.head().await });
        let mut above = Socket::listening(node.address, &province, after).await;

        house.put_up("lanqiao", warning(NoticeSeverity::Red, "城区内涝")).await;
        let notice = house.put_up("nanhe", warning(NoticeSeverity::Orange, "全省暴雨")).await;
        house.end(&notice).await;

        let city = below.change().await;
        assert_eq!(city["notice"]["text"]["zh"], "城区内涝");
        let told = below.change().await;
        assert_eq!((&told["kind"], &told["site"]), (&json!("arrange"), &json!("nanhe")));
        let key = format!("nanhe:{}", notice.id);
        assert_eq!(
            told["arrangement"],
            json!({ "what": "notice", "key": key, "change": "created" })
        );
        let ended = below.change().await;
        assert_eq!(ended["arrangement"]["change"], "closed");
        assert_eq!(ended["notice"], json!(null), "it must be shown no more");
        let heard = above.changes(2).await;
        assert_eq!(heard[0]["site"], "nanhe", "nothing from below");
        assert_eq!(heard[1]["arrangement"]["change"], "closed");
        node.stop().await;
    }

    async fn the_event_lets_one_ask_for_the_notice_and_for_all_of_its_site(house: House) {
        let node = house.node().await;
        let after = node.head().await;
        house.put_up("nanhe", warning(NoticeSeverity::Blue, "大风")).await;
        let notice = house.put_up("nanhe", warning(NoticeSeverity::Yellow, "大雾")).await;
        house
            .act(async |work| {
                let wanted = warning(NoticeSeverity::Orange, "浓雾");
                notices::change_notice(work, notice.id, notice.version, wanted).await
            })
            .await
            .expect("it is changed");

        let told = node.changes(Some(&after), TOLD).await;

        let changes: Vec<_> = told.iter().map(|it| it["arrangement"]["change"].clone()).collect();
        assert_eq!(changes, ["created", "created", "changed"]);
        let expected = json!({
            "text": { "zh": "浓雾" },
            "severity": "orange",
            "inForce": true,
            "inherited": false,
            "site": { "key": "nanhe", "notices": [
                { "text": { "zh": "浓雾" } }, { "text": { "zh": "大风" } },
            ] },
        });
        assert_eq!(told[2]["notice"], expected);
        assert_eq!(told[1]["notice"], expected, "as it is now");
        node.stop().await;
    }

    async fn what_begins_much_later_is_not_told_before_its_time(house: House) {
        let node = house.node().await;
        let after = node.head().await;
        let wanted = warning(NoticeSeverity::Info, "国庆活动");
        house.put_up("nanhe", during(wanted, "2026-09-30T00:00:00Z", "2026-10-08T00:00:00Z")).await;

        let told = node.changes(Some(&after), TOLD).await;

        assert_eq!(told[0]["arrangement"]["what"], "notice");
        assert_eq!(told[0]["notice"], json!(null));
        node.stop().await;
    }

    async fn who_subscribes_and_then_asks_misses_nothing(house: House) {
        // A node that has not heard of what others did, and is not looking.
        let elsewhere = House { desk: house.another_desk().await, ..house };
        let node = elsewhere.node().await;
        let query = "{ site(key: \"nanhe\") { notices { text { zh } } } }";
        node.ask(query, json!({})).await;
        let kept = node.ask(query, json!({})).await;
        assert_eq!(kept["site"]["notices"], json!([]));
        let others = House { desk: elsewhere.another_desk().await, ..elsewhere };
        others.put_up("nanhe", warning(NoticeSeverity::Red, "溃坝")).await;

        let told = listening_to("site: \"nanhe\"");
        let _events = Events::post(node.address, &told, json!({}), &[]).await;

        let now = node.ask(query, json!({})).await;
        assert_eq!(now["site"]["notices"][0]["text"]["zh"], "溃坝");
        node.stop().await;
    }

    async fn one_can_listen_to_kinds_alone(house: House) {
        let node = house.node().await;
        let query = listening_to("site: \"lanqiao-finance\", kinds: [arrange, recall]");
        let mut events = Events::post(node.address, &query, json!({}), &[]).await;

        let mut new = article("公示");
        new.text.placements = vec![placed("lanqiao-finance", &["notices"], None)];
        let draft = house.create(new).await.expect("it is saved");
        let document = house.make_public(&draft).await.document;
        house.put_up("nanhe", warning(NoticeSeverity::Info, "维护")).await;
        house.recall(&document).await;

        assert_eq!(events.change().await["notice"]["text"]["zh"], "维护", "not the publication");
        assert_eq!(events.change().await["kind"], "recall");
        node.stop().await;
    }
}
