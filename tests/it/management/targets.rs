//! Targets over the management API: made, changed, stopped, tested, and asked what they hold.
//! The branch is an office with an engine beside it, by a clock that stands still until it is
//! turned.

use std::sync::Arc;

use axum::http::StatusCode;
use editorial::ports::Channels;
use futures_util::future::join_all;
use schema::permission::Role;
use serde_json::{Value, json};
use syndication::Engine;
use test_harness::Engine as Database;

use super::{Office, codes, open};
use crate::deliveries::{
    post::{Post, StandingClock, post},
    receiver::{Answer, Receiver},
};

const TARGET: &str = "key version state reason address declaration form \
     limits { concurrency perMinute } reach { ranges http ports } \
     selects { sites columns { site path } types locales } \
     counts { held pending parked refused overdueRecalls }";
const DELIVERIES: &str = "query($contentId: String!, $locale: String!) { \
     document(contentId: $contentId, locale: $locale) { deliveries { target state waiting \
     holds { edition sequence eventAt deliveredAt milliseconds } \
     delivery { sequence kind edition absence state tries last { number class status milliseconds } } } } }";

pub struct Branch {
    pub office: Office,
    clock: Arc<StandingClock>,
    engine: Engine,
}

pub async fn branch(database: Database) -> Option<Branch> {
    let Post { house, clock, desk, channels, engine } = post(database).await?;
    let office = open(house, desk, channels as Arc<dyn Channels>).await;
    Some(Branch { office, clock, engine })
}

/// A target that takes everything of the city's main site.
pub fn new(key: &str, receiver: &Receiver) -> Value {
    json!({
        "key": key, "authority": "lanqiao-city", "address": receiver.url(), "sites": ["lanqiao"],
        "reach": { "ranges": ["127.0.0.0/8"], "http": true, "ports": [receiver.address.port()] },
    })
}

impl Branch {
    pub fn root(&self) -> &str {
        &self.office.administrator
    }

    pub async fn made(&self, key: &str) -> Receiver {
        let receiver = Receiver::start().await;
        let selection = "equipped { target { key } }";
        self.office.done(self.root(), "createTarget", new(key, &receiver), selection).await;
        receiver
    }

    pub async fn settle(&self) {
        self.engine.settle().await.expect("the store answers");
    }

    pub fn turn(&self, seconds: i64) {
        self.clock.turn(seconds);
    }

    async fn target(&self, token: &str, key: &str) -> Value {
        let query = format!("query($key: String!) {{ target(key: $key) {{ {TARGET} }} }}");
        self.office.query(token, &query, json!({ "key": key })).await["target"].clone()
    }

    async fn change(&self, mut input: Value) -> Value {
        let now = self.target(self.root(), "app").await;
        input["key"] = json!("app");
        input["version"] = now["version"].clone();
        let selection = format!("target {{ {TARGET} }}");
        self.office.done(self.root(), "changeTarget", input, &selection).await["target"].clone()
    }

    async fn deliveries(&self, token: &str, document: &Value) -> Value {
        let variables = json!({ "contentId": document["contentId"], "locale": document["locale"] });
        let found = self.office.query(token, DELIVERIES, variables).await;
        found["document"]["deliveries"].clone()
    }

    async fn acts(&self, token: &str) -> Vec<String> {
        let query = "{ audit(subject: \"target:app\") { action actor { name } } }";
        let rows = self.office.query(token, query, json!({})).await;
        let rows = rows["audit"].as_array().expect("rows").clone();
        rows.iter().rev().map(|row| row["action"].as_str().expect("a word").to_owned()).collect()
    }
}

test_harness::on_both_databases! {
    with branch;

    async fn a_target_lives_over_the_api(branch: Branch) {
        let office = &branch.office;
        let root = branch.root();
        let receiver = Receiver::start().await;
        let selection = format!("equipped {{ target {{ {TARGET} shown {{ name value }} }} secrets {{ name value }} }}");
        let made = office.done(root, "createTarget", new("app", &receiver), &selection).await;
        let (target, secrets) = (&made["equipped"]["target"], &made["equipped"]["secrets"]);
        assert_eq!((&target["state"], &target["declaration"], &target["form"]), (&json!("ENABLED"), &json!("EVERY_EVENT"), &json!("FACTS")));
        assert_eq!(target["selects"]["sites"], json!(["lanqiao"]));
        assert!(secrets[0]["value"].as_str().expect("a secret").starts_with("whsec_"));
        assert_eq!(target["shown"], json!([secrets[1]]), "the public key is no secret");

        let document = office.live("甲").await;
        branch.turn(7);
        branch.settle().await;
        let standings = branch.deliveries(root, &document).await;
        let [standing] = &standings.as_array().expect("a list")[..] else { panic!("one target") };
        assert_eq!((&standing["target"], &standing["waiting"]), (&json!("app"), &json!(0)));
        assert_eq!((&standing["holds"]["edition"], &standing["holds"]["milliseconds"]), (&json!(1), &json!(7_000)));
        assert_eq!(standing["holds"]["deliveredAt"], "2026-03-02T06:00:07Z");
        assert_eq!((&standing["delivery"]["state"], &standing["delivery"]["tries"]), (&json!("DONE"), &json!(1)));
        assert_eq!((&standing["delivery"]["last"]["class"], &standing["delivery"]["last"]["status"]), (&json!("OK"), &json!(204)));

        let input = json!({ "key": "app", "reason": "维护" });
        let paused = office.done(root, "pauseTarget", input, "target { state reason }").await;
        assert_eq!(paused["target"], json!({ "state": "PAUSED", "reason": "维护" }));
        let refused = office.live("乙").await;
        branch.settle().await;
        assert_eq!(receiver.received().len(), 1);
        branch.turn(1);
        office.done(root, "resumeTarget", json!({ "key": "app" }), "target { state }").await;
        receiver.answers([Answer::Status(422)]);
        branch.settle().await;
        let stuck = "{ targets { key counts { held refused } stuck { document delivery { state reason } } } }";
        let seen = office.query(root, stuck, json!({})).await;
        assert_eq!(seen["targets"][0]["counts"], json!({ "held": 1, "refused": 1 }));
        assert_eq!(seen["targets"][0]["stuck"][0]["document"], refused["id"]);
        branch.turn(1);
        let input = json!({ "key": "app", "document": refused["id"] });
        let replayed = office.done(root, "replayTarget", input, "replayed { due overtaken }").await;
        assert_eq!(replayed["replayed"], json!({ "due": 1, "overtaken": 0 }));
        branch.settle().await;

        let recalled = office.recall(root, &document).await;
        branch.settle().await;
        let gone = branch.deliveries(root, &recalled).await;
        assert_eq!((&gone[0]["holds"]["edition"], &gone[0]["delivery"]["absence"]), (&Value::Null, &json!("RECALLED")));
        assert_eq!(branch.acts(root).await, ["target.create", "target.pause", "target.resume", "target.replay"]);
    }

    async fn a_change_takes_away_what_left_and_sends_what_entered_on_request(branch: Branch) {
        let receiver = branch.made("app").await;
        let document = branch.office.live("甲").await;
        branch.settle().await;

        let changed = branch.change(json!({ "sites": [], "columns": [{ "site": "lanqiao", "path": "news" }] })).await;
        branch.settle().await;
        assert_eq!(changed["selects"]["columns"], json!([{ "site": "lanqiao", "path": "news" }]));
        assert_eq!(changed["reach"]["http"], true, "what is not said stays");
        let away = branch.deliveries(branch.root(), &document).await;
        assert_eq!(away[0]["holds"]["edition"], Value::Null);
        assert_eq!((&away[0]["delivery"]["kind"], &away[0]["delivery"]["absence"]), (&json!("ARRANGE"), &json!("OUT_OF_SCOPE")));

        branch.change(json!({ "columns": [] })).await;
        branch.settle().await;
        assert_eq!(receiver.received().len(), 2, "without a backfill it waits for its next event");
        let back = branch.change(json!({ "backfill": true, "form": "FULL", "limits": { "concurrency": 1, "perMinute": 60 } })).await;
        branch.settle().await;

        assert_eq!((&back["form"], &back["limits"]["perMinute"]), (&json!("FULL"), &json!(60)));
        let last = receiver.received().pop().expect("a call").data();
        assert_eq!((&last["state"], last["content"].is_object()), (&json!("edition"), true));
        assert_eq!(branch.deliveries(branch.root(), &document).await[0]["holds"]["edition"], 1);
    }

    async fn a_change_to_what_was_not_seen_is_refused(branch: Branch) {
        branch.made("app").await;
        let root = branch.root();
        let seen = branch.target(root, "app").await["version"].clone();
        branch.change(json!({ "limits": { "concurrency": 2, "perMinute": 60 } })).await;

        let input = json!({ "key": "app", "version": seen, "address": "https://hooks.example.org/in" });
        let payload = branch.office.act(root, "changeTarget", input, "target { key }").await;

        assert_eq!(codes(&payload)[0].0, "stale");
        assert_eq!(payload["target"], Value::Null);
        let stale = &payload["userErrors"][0]["stale"];
        assert_eq!((&stale["expected"], &stale["changedBy"]["name"]), (&seen, &json!("账号 root")));
        assert_ne!(branch.target(root, "app").await["address"], "https://hooks.example.org/in");
    }

    async fn everything_that_is_wrong_is_said(branch: Branch) {
        let receiver = branch.made("app").await;
        let office = &branch.office;
        let create = |change: Value| {
            let mut input = new("other", &receiver);
            for (name, value) in change.as_object().expect("an object") {
                input[name] = value.clone();
            }
            input
        };
        for (change, code, field) in [
            (json!({ "key": "Other" }), "not_a_key", "key"),
            (json!({ "key": "app" }), "exists", ""),
            (json!({ "authority": "nobody" }), "not_found", ""),
            (json!({ "channel": "pigeon" }), "unknown_channel", "channel"),
            (json!({ "sites": ["no such"] }), "bad_name", "sites[0]"),
            (json!({ "columns": [{ "site": "lanqiao", "path": "/x/" }] }), "bad_name", "columns[0].path"),
            (json!({ "columns": [{ "site": "lanqiao", "path": "nowhere" }] }), "not_found", ""),
            (json!({ "types": ["No!"] }), "bad_name", "types[0]"),
            (json!({ "address": "http://169.254.169.254/latest" }), "not_dialled", "address"),
            (json!({ "limits": { "concurrency": 0, "perMinute": 60 } }), "out_of_range", "limits.concurrency"),
        ] {
            let refused = office.refused(branch.root(), "createTarget", create(change)).await;
            assert_eq!(refused, [(code.into(), field.into())]);
        }
        for name in ["pauseTarget", "resumeTarget", "rotateTargetSecret", "testTarget", "replayTarget"] {
            let refused = office.refused(branch.root(), name, json!({ "key": "nobody" })).await;
            assert_eq!(refused, [("not_found".into(), String::new())], "{name}");
        }
        let wrong = json!({ "key": "app", "document": "7" });
        assert_eq!(office.refused(branch.root(), "replayTarget", wrong).await[0].0, "bad_id");
    }

    async fn nobody_elsewhere_sees_or_changes_it(branch: Branch) {
        let receiver = branch.made("app").await;
        let office = &branch.office;
        let document = office.live("甲").await;
        branch.settle().await;
        let there = office.token("there", &[(Role::SiteAdministrator, "nanhe")]).await;
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let auditor = office.token("auditor", &[(Role::Auditor, "")]).await;
        let operator = office.token("operator", &[(Role::Operator, "")]).await;

        for token in [&there, &editor] {
            assert_eq!(branch.target(token, "app").await, Value::Null);
            assert_eq!(office.query(token, "{ targets { key } }", json!({})).await["targets"], json!([]));
            assert_eq!(branch.acts(token).await, Vec::<String>::new());
            for name in ["pauseTarget", "resumeTarget", "rotateTargetSecret", "testTarget", "replayTarget"] {
                assert_eq!(office.refused(token, name, json!({ "key": "app" })).await[0].0, "not_found", "{name}");
            }
            let change = json!({ "key": "app", "version": 1, "address": "https://hooks.example.org/in" });
            assert_eq!(office.refused(token, "changeTarget", change).await[0].0, "not_found");
            assert_eq!(office.refused(token, "createTarget", new("mine", &receiver)).await[0].0, "not_permitted");
        }
        assert_eq!(branch.deliveries(&there, &document).await, json!([]));
        assert_eq!(branch.deliveries(&editor, &document).await[0]["target"], "app", "whoever works on a text may know where it is");
        assert_eq!(branch.deliveries(&operator, &document).await[0]["target"], "app");
        assert_eq!(branch.target(&auditor, "app").await["key"], "app");
        assert_eq!(branch.acts(&auditor).await, ["target.create"]);
        assert_eq!(office.refused(&auditor, "pauseTarget", json!({ "key": "app" })).await[0].0, "not_found");
        assert_eq!(office.refused(&auditor, "testTarget", json!({ "key": "app" })).await[0].0, "not_permitted");
        assert_eq!(branch.acts(&operator).await, ["target.create"]);
        office.done(&operator, "pauseTarget", json!({ "key": "app" }), "target { state }").await;
        let here = office.token("here", &[(Role::SiteAdministrator, "lanqiao")]).await;
        let reach = new("mine", &receiver);
        assert_eq!(office.refused(&here, "createTarget", reach).await, [("not_permitted".into(), String::new())]);
        let mut public = new("mine", &receiver);
        public["reach"] = Value::Null;
        public["address"] = json!("https://hooks.example.org/in");
        office.done(&here, "createTarget", public, "equipped { target { key } }").await;
        assert_eq!(receiver.received().len(), 1, "nobody called anybody");
    }

    async fn secrets_are_shown_once(branch: Branch) {
        let office = &branch.office;
        let root = branch.root();
        let receiver = Receiver::start().await;
        let selection = "equipped { target { key version } secrets { name value } }";
        let create = async || {
            office.act_under(root, Some("c"), "createTarget", new("app", &receiver), selection).await
        };
        let rotate = async || {
            office.act_under(root, Some("r"), "rotateTargetSecret", json!({ "key": "app" }), selection).await
        };

        let (made, made_again) = (create().await, create().await);
        let (rotated, rotated_again) = (rotate().await, rotate().await);

        let mut secrets = Vec::new();
        for (first, again) in [(&made, &made_again), (&rotated, &rotated_again)] {
            assert_eq!(first["userErrors"], json!([]));
            assert_eq!(first["equipped"]["target"], again["equipped"]["target"]);
            assert_eq!(again["equipped"]["secrets"], json!([]), "a replay has none");
            let secret = &first["equipped"]["secrets"][0];
            assert_eq!(secret["name"], "secret");
            secrets.push(secret["value"].as_str().expect("a secret").to_owned());
        }
        assert_ne!(secrets[0], secrets[1]);
        assert_eq!(rotated["equipped"]["target"]["version"], 2, "rotated once");
        let all = office.query(root, "{ targets { key shown { name value } } audit(subject: \"target:app\") { details } }", json!({})).await;
        assert_eq!(all["targets"].as_array().map(Vec::len), Some(1));
        for secret in &secrets {
            assert!(!all.to_string().contains(secret), "{all}");
            let letters = secret.strip_prefix("whsec_").expect("the prefix").as_bytes();
            for file in office.house.database.data_files() {
                let bytes = std::fs::read(&file).unwrap_or_default();
                let found = bytes.windows(letters.len()).any(|window| window == letters);
                assert!(!found, "the secret lies in {}", file.display());
            }
        }
    }

    async fn what_is_sent_again_is_done_once(branch: Branch) {
        branch.made("app").await;
        let office = &branch.office;
        let root = branch.root();
        let version = branch.target(root, "app").await["version"].clone();
        let change = json!({ "key": "app", "version": version, "sites": [], "backfill": true });
        let send = async |key: &str, name: &str, input: &Value, selection: &str| {
            office.act_under(root, Some(key), name, input.clone(), selection).await
        };

        branch.turn(1);
        let first = send("c", "changeTarget", &change, "target { version selects { sites } }").await;
        let again = send("c", "changeTarget", &change, "target { version selects { sites } }").await;
        let key = json!({ "key": "app" });
        branch.turn(1);
        send("p", "pauseTarget", &key, "target { version }").await;
        send("p", "pauseTarget", &key, "target { version }").await;
        let other = send("p", "resumeTarget", &key, "target { version }").await;

        assert_eq!((&first, &first["userErrors"]), (&again, &json!([])));
        assert_eq!(branch.acts(root).await, ["target.create", "target.change", "target.pause"]);
        assert_eq!(codes(&other)[0].0, "idempotency_key_used");
    }

    async fn a_test_is_one_harmless_call(branch: Branch) {
        let receiver = branch.made("app").await;
        let office = &branch.office;
        let selection = "test { class status answer explanation { zh en } }";
        let test = async || {
            let payload = office.done(branch.root(), "testTarget", json!({ "key": "app" }), selection).await;
            payload["test"].clone()
        };

        let taken = test().await;
        receiver.answers([Answer::Status(403)]);
        let unknown = test().await;

        assert_eq!((&taken["class"], &taken["status"]), (&json!("OK"), &json!(204)));
        assert_eq!((&unknown["class"], &unknown["answer"]), (&json!("AUTH"), &json!("word")));
        assert!(!unknown["explanation"]["zh"].as_str().expect("a text").is_empty());
        let calls = receiver.received();
        assert_eq!(calls.len(), 2);
        assert!(calls.iter().all(|call| call.json()["type"] == "gongbao.test"));
        assert_eq!(branch.target(branch.root(), "app").await["state"], "ENABLED", "a test stops nothing");
    }

    async fn a_test_holds_no_connection_while_it_waits(branch: Branch) {
        let receiver = branch.made("app").await;
        let office = &branch.office;
        receiver.answers([Answer::Holds(204)]);
        let test = office.done(branch.root(), "testTarget", json!({ "key": "app" }), "test { class }");

        let meanwhile = async {
            receiver.wait_for(1).await;
            // Everything that can be held is free: as many changes as there are connections.
            let all = (0..24).map(|number| async move {
                office.live(&format!("第 {number} 篇")).await
            });
            let live = join_all(all).await;
            receiver.release();
            live
        };
        let (tested, live) = tokio::join!(test, meanwhile);

        assert_eq!(tested["test"]["class"], "OK");
        assert_eq!(live.len(), 24);
    }

    async fn without_a_token_there_are_no_targets(branch: Branch) {
        branch.made("app").await;
        let answer = branch.office.post("gongbao_x", "{ targets { key } }", json!({}), &[]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    }
}
