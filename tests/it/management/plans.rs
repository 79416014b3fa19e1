//! Publication plans: proposed by the rules of a column, changed by an editor, approved with the
//! text, and heeded by what goes out, by a clock that stands still until it is turned.

use schema::permission::Role;
use serde_json::{Value, json};

use super::{
    Draft, codes, new_article,
    reviews::with,
    targets::{Branch, branch, new},
    text,
};
use crate::deliveries::receiver::Receiver;

const PLAN: &str = "query($contentId: String!, $locale: String!) { document(contentId: $contentId, \
     locale: $locale) { version plan { digest steps { target channel goes required stage at afterMinutes } } \
     deliveries { target waiting holds { edition } \
     delivery { state edition nextTry heldBack { until waitsFor afterMinutes } } } } }";

/// Three targets: the province must have everything, WeChat gets it half an hour after the
/// province, Weibo is there to be chosen.
struct Desk {
    branch: Branch,
    province: Receiver,
    wechat: Receiver,
    weibo: Receiver,
}

impl Desk {
    async fn open(branch: Branch) -> Self {
        let province = branch.made("province").await;
        let wechat = branch.made("wechat").await;
        let weibo = branch.made("weibo").await;
        let desk = Self { branch, province, wechat, weibo };
        let targets = json!([
            { "target": "province", "required": true },
            { "target": "wechat", "stage": 2, "afterMinutes": 30 },
            { "target": "weibo", "proposed": false, "stage": 2 },
        ]);
        desk.rule(targets).await;
        desk
    }

    async fn rule(&self, targets: Value) -> Value {
        let input = json!({ "place": { "site": "lanqiao", "column": "news" }, "targets": targets });
        self.done("setPlanRule", input, "rule { version targets { target } }").await
    }

    async fn done(&self, name: &str, input: Value, selection: &str) -> Value {
        self.branch.office.done(self.branch.root(), name, input, selection).await
    }

    async fn refused(&self, name: &str, input: Value) -> String {
        let refused = self.branch.office.refused(self.branch.root(), name, input).await;
        refused.first().map(|(code, _)| code.clone()).unwrap_or_default()
    }

    async fn draft(&self, title: &str) -> Draft {
        let mut new = new_article(title);
        new["draft"]["placements"][0]["columns"] = json!(["news"]);
        let saved = "draft { digest document { contentId locale version } }";
        Draft::of(&self.done("createDocument", new, saved).await)
    }

    async fn seen(&self, document: &Value) -> Value {
        let variables = json!({ "contentId": document["contentId"], "locale": document["locale"] });
        let found = self.branch.office.query(self.branch.root(), PLAN, variables).await;
        found["document"].clone()
    }

    async fn change(&self, draft: &Draft, steps: Value) -> Value {
        let input = json!({ "document": self.now(&draft.document).await, "steps": steps });
        let selection =
            "changed { plan { digest steps { target goes } } version voidSchedules { id } }";
        self.done("changePlan", input, selection).await["changed"].clone()
    }

    async fn publish(&self, draft: &Draft) -> Value {
        let plan = self.seen(&draft.document).await["plan"]["digest"].clone();
        let input = json!({ "document": self.now(&draft.document).await, "approvedDigest": draft.digest,
                            "planDigest": plan });
        let published = "publication { document { id contentId locale version } }";
        self.done("publishDocument", input, published).await["publication"]["document"].clone()
    }

    async fn correct(&self, document: &Value, title: &str) -> Value {
        let mut said = text(title);
        said["placements"][0]["columns"] = json!(["news"]);
        let input = json!({ "document": self.now(document).await, "draft": said });
        let saved = "draft { digest document { contentId locale version } }";
        let draft = Draft::of(&self.done("saveDraft", input, saved).await);
        self.publish(&draft).await
    }

    /// A document, whatever its version is by now.
    async fn now(&self, document: &Value) -> Value {
        let version = self.seen(document).await["version"].clone();
        json!({ "contentId": document["contentId"], "locale": document["locale"], "version": version })
    }

    /// How it stands at one target.
    async fn at(&self, document: &Value, key: &str) -> Value {
        let seen = self.seen(document).await;
        let found = seen["deliveries"].as_array().expect("a list").clone();
        found.into_iter().find(|standing| standing["target"] == key).unwrap_or(Value::Null)
    }
}

fn goes(plan: &Value) -> Vec<&str> {
    let steps = plan["steps"].as_array().expect("steps").iter();
    steps.filter(|step| step["goes"] == true).filter_map(|step| step["target"].as_str()).collect()
}

test_harness::on_both_databases! {
    with branch;

    async fn a_plan_is_proposed_changed_and_signed_with_its_text(branch: Branch) {
        let desk = Desk::open(branch).await;
        let office = &desk.branch.office;
        let step = |by: &str| json!({ "name": { "zh": "环节", "en": "Step" }, "by": by });
        let chain = json!({ "persons": "ANY", "secrecy": false,
                            "steps": [step("FIRST_REVIEWER"), step("APPROVER")] });
        let rule = json!({ "place": { "site": "lanqiao", "column": "news" }, "ordinary": chain });
        desk.done("setReviewRule", rule, "rule { version }").await;
        let first = office.token("chushen", &[(Role::FirstReviewer, "lanqiao")]).await;
        let approver = office.token("shenfa", &[(Role::Approver, "lanqiao")]).await;

        // What the rule says is proposed.
        let draft = desk.draft("停水通知").await;
        let plan = desk.seen(&draft.document).await["plan"].clone();
        assert_eq!(goes(&plan), ["province", "wechat"]);
        let weibo = json!({ "target": "weibo", "channel": "webhook", "goes": false, "required": false,
                            "stage": 2, "at": null, "afterMinutes": 0 });
        assert_eq!(plan["steps"][2], weibo);

        // Whoever signs names the plan they looked at.
        let looked = json!({ "document": desk.now(&draft.document).await, "digest": draft.digest });
        desk.done("submitDocument", looked.clone(), "review { state }").await;
        let unseen = office.refused(&first, "approveDocument", looked.clone()).await;
        assert_eq!(unseen[0].0, "plan_missing");
        let seen = with(looked.clone(), &json!({ "planDigest": plan["digest"] }));
        office.done(&first, "approveDocument", seen.clone(), "review { state }").await;

        // What the rules say meanwhile changes nothing of what lies before the reviewers.
        desk.rule(json!([{ "target": "province", "required": true }])).await;
        assert_eq!(desk.seen(&draft.document).await["plan"], plan);
        desk.rule(json!([
            { "target": "province", "required": true },
            { "target": "wechat", "stage": 2, "afterMinutes": 30 },
            { "target": "weibo", "proposed": false, "stage": 2 },
        ])).await;

        // An editor changes it: what was signed is void, and the old plan is no plan any more.
        let changed = desk.change(&draft, json!([
            { "target": "wechat", "goes": false },
            { "target": "weibo", "goes": true },
        ])).await;
        assert_eq!(goes(&changed["plan"]), ["province", "weibo"]);
        assert_ne!(changed["plan"]["digest"], plan["digest"]);
        let refused = office.refused(&approver, "approveDocument", seen).await;
        assert_eq!(refused[0].0, "stale");
        let looked = json!({ "document": desk.now(&draft.document).await, "digest": draft.digest });
        desk.done("submitDocument", looked.clone(), "review { state }").await;
        let old = with(looked.clone(), &json!({ "planDigest": plan["digest"] }));
        let refused = office.refused(&first, "approveDocument", old).await;
        assert_eq!(refused[0].0, "plan_differs");
        let seen = with(looked, &json!({ "planDigest": changed["plan"]["digest"] }));
        office.done(&first, "approveDocument", seen, "review { state }").await;

        // Publication names it too, and fan-out heeds it.
        let mut publish = json!({ "document": desk.now(&draft.document).await, "approvedDigest": draft.digest });
        let refused = office.refused(&approver, "publishDocument", publish.clone()).await;
        assert_eq!(refused[0].0, "plan_missing");
        publish["planDigest"] = changed["plan"]["digest"].clone();
        office.done(&approver, "publishDocument", publish, "publication { document { id } }").await;
        desk.branch.settle().await;
        assert_eq!(desk.province.received().len(), 1);
        assert_eq!(desk.weibo.received().len(), 1);
        assert_eq!(desk.wechat.received().len(), 0);
        assert_eq!(goes(&desk.seen(&draft.document).await["plan"]), ["province", "weibo"]);
    }

    async fn what_is_wrong_with_a_change_is_said(branch: Branch) {
        let desk = Desk::open(branch).await;
        let draft = desk.draft("停水通知").await;
        let seen = desk.now(&draft.document).await;
        let input = |steps: Value| json!({ "document": seen, "steps": steps });
        let change = |steps: Value| desk.refused("changePlan", input(steps));

        assert_eq!(change(json!([{ "target": "province", "goes": false }])).await, "required");
        assert_eq!(change(json!([{ "target": "nobody", "goes": true }])).await, "not_in_the_plan");
        assert_eq!(change(json!([{ "target": "wechat", "goes": true, "stage": 10 }])).await, "out_of_range");
        let late = json!([{ "target": "wechat", "goes": true, "at": "2036-03-02T00:00:00Z" }]);
        assert_eq!(change(late).await, "out_of_range");
        let plan = desk.seen(&draft.document).await["plan"]["digest"].clone();
        desk.change(&draft, json!([{ "target": "weibo", "goes": true }])).await;
        let stale = json!({ "document": desk.now(&draft.document).await, "planDigest": plan,
                            "steps": [{ "target": "wechat", "goes": false }] });
        assert_eq!(desk.refused("changePlan", stale).await, "plan_differs");

        // An edit of the text keeps what was said of its plan.
        let said = with(text("停水通知（更正）"), &json!({}));
        let mut said = said;
        said["placements"][0]["columns"] = json!(["news"]);
        let input = json!({ "document": desk.now(&draft.document).await, "draft": said });
        desk.done("saveDraft", input, "draft { digest }").await;
        assert_eq!(goes(&desk.seen(&draft.document).await["plan"]), ["province", "wechat", "weibo"]);
    }

    async fn one_target_waits_for_another_and_then_for_its_time(branch: Branch) {
        let desk = Desk::open(branch).await;
        desk.done("pauseTarget", json!({ "key": "province", "reason": "维护" }), "target { state }").await;
        let document = desk.publish(&desk.draft("停水通知").await).await;
        desk.branch.settle().await;
        assert_eq!((desk.province.received().len(), desk.wechat.received().len()), (0, 0));
        let waiting = desk.at(&document, "wechat").await["delivery"].clone();
        let held = json!({ "until": null, "waitsFor": ["province"], "afterMinutes": 30 });
        assert_eq!((&waiting["state"], &waiting["heldBack"], &waiting["nextTry"]), (&json!("PENDING"), &held, &Value::Null));

        desk.branch.turn(3_600);
        desk.done("resumeTarget", json!({ "key": "province" }), "target { state }").await;
        desk.branch.settle().await;
        assert_eq!((desk.province.received().len(), desk.wechat.received().len()), (1, 0));
        desk.branch.settle().await;
        let waiting = desk.at(&document, "wechat").await["delivery"].clone();
        assert_eq!(waiting["heldBack"]["until"], "2026-03-02T07:30:00Z", "half an hour after the province has it");
        desk.branch.turn(1_799);
        desk.branch.settle().await;
        assert_eq!(desk.wechat.received().len(), 0);
        desk.branch.turn(1);
        desk.branch.settle().await;
        assert_eq!(desk.wechat.received().len(), 1);
        assert_eq!(desk.at(&document, "wechat").await["delivery"]["heldBack"], Value::Null);
    }

    async fn what_is_held_back_is_overtaken_by_what_happens_meanwhile(branch: Branch) {
        let desk = Desk::open(branch).await;
        let corrected = desk.publish(&desk.draft("停水通知").await).await;
        let recalled = desk.publish(&desk.draft("误发").await).await;
        desk.branch.settle().await;
        desk.branch.settle().await;
        assert_eq!(desk.wechat.received().len(), 0);

        // The correction takes the place of the text it corrects, and waits no longer than that.
        desk.branch.turn(1_000);
        desk.correct(&corrected, "停水通知（更正）").await;
        desk.branch.office.recall(desk.branch.root(), &recalled).await;
        desk.branch.settle().await;
        desk.branch.settle().await;
        desk.branch.turn(799);
        desk.branch.settle().await;
        assert_eq!(desk.at(&corrected, "wechat").await["holds"], Value::Null);
        desk.branch.turn(1);
        desk.branch.settle().await;
        let told: Vec<Value> = desk.wechat.received().iter().map(|one| one.data()).collect();
        let texts = told.iter().filter(|data| data["state"] == "edition");
        let texts: Vec<&Value> = texts.map(|data| &data["edition"]).collect();
        assert_eq!(texts, [2], "one text went out, the corrected one: {told:?}");
        assert_eq!(desk.at(&corrected, "wechat").await["holds"]["edition"], 2);
        assert_eq!(desk.at(&recalled, "wechat").await["waiting"], 0);
    }

    async fn what_a_plan_left_out_or_holds_back_is_let_go_on_record(branch: Branch) {
        let desk = Desk::open(branch).await;
        desk.done("pauseTarget", json!({ "key": "province", "reason": "维护" }), "target { state }").await;
        let document = desk.publish(&desk.draft("停水通知").await).await;
        desk.branch.settle().await;
        let seen = desk.now(&document).await;
        let input = |key: &str| json!({ "document": seen, "target": key, "reason": "群众关心" });
        let state = "document { version }";

        desk.done("letGo", input("wechat"), state).await;
        desk.branch.settle().await;
        assert_eq!((desk.wechat.received().len(), desk.weibo.received().len()), (1, 0));
        desk.done("letGo", input("weibo"), state).await;
        desk.branch.settle().await;
        assert_eq!(desk.weibo.received().len(), 1);
        assert_eq!(desk.at(&document, "weibo").await["holds"]["edition"], 1);
        // Once more is nothing more.
        desk.done("letGo", input("weibo"), state).await;
        desk.branch.settle().await;
        assert_eq!((desk.wechat.received().len(), desk.weibo.received().len()), (1, 1));
        assert_eq!(desk.refused("letGo", input("nobody")).await, "not_found");

        let audit = format!("{{ audit(subject: \"document:{}\") {{ action }} }}", document["id"].as_str().expect("an id"));
        let rows = desk.branch.office.query(desk.branch.root(), &audit, json!({})).await;
        let acts = rows["audit"].as_array().expect("rows").iter();
        assert_eq!(acts.filter(|row| row["action"] == "plan.letGo").count(), 2);

        // What is held already is corrected everywhere at once, whatever the plan said.
        desk.correct(&document, "停水通知（更正）").await;
        desk.branch.settle().await;
        assert_eq!((desk.wechat.received().len(), desk.weibo.received().len()), (2, 2));
    }

    async fn a_rule_names_targets_of_its_own_house(branch: Branch) {
        let desk = Desk::open(branch).await;
        let office = &desk.branch.office;
        let receiver = Receiver::start().await;
        let county = with(new("county", &receiver), &json!({ "authority": "nanhe-province", "sites": ["nanhe"] }));
        desk.done("createTarget", county, "equipped { target { key } }").await;
        let tends = office.token("zhanzhang", &[(Role::SiteAdministrator, "nanhe")]).await;
        let rule = |site: &str, target: &str| json!({ "place": { "site": site }, "targets": [{ "target": target }] });

        assert_eq!(office.refused(&tends, "setPlanRule", rule("lanqiao", "province")).await[0].0, "not_permitted");
        let refused = office.act(&tends, "setPlanRule", rule("nanhe", "province"), "rule { version }").await;
        let nobody = office.act(&tends, "setPlanRule", rule("nanhe", "nobody"), "rule { version }").await;
        assert_eq!(codes(&refused), codes(&nobody), "a stranger's target is as good as none");
        assert_eq!(codes(&refused)[0].0, "not_found");

        // Of the hub's own rule they see what is theirs.
        let everywhere = json!({ "place": {}, "targets": [{ "target": "province" }] });
        desk.done("setPlanRule", everywhere, "rule { version }").await;
        let query = "{ planRule(place: { site: \"nanhe\" }) { version targets { target } } }";
        let seen = office.query(&tends, query, json!({})).await;
        assert_eq!(seen["planRule"], json!({ "version": null, "targets": [] }));
        let seen = office.query(desk.branch.root(), query, json!({})).await;
        assert_eq!(seen["planRule"]["targets"], json!([{ "target": "province" }]));

        // Without a rule nothing is planned, and what is selected is given at once.
        desk.done("removePlanRule", json!({ "place": { "site": "lanqiao", "column": "news" } }), "rule { version }").await;
        desk.done("removePlanRule", json!({ "place": {} }), "rule { version }").await;
        let document = desk.publish(&desk.draft("停水通知").await).await;
        assert_eq!(desk.seen(&document).await["plan"], Value::Null);
        desk.branch.settle().await;
        assert_eq!(desk.weibo.received().len(), 1);
    }
}
