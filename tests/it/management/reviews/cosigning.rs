//! Bodies that are asked to co-sign: they answer for exactly the text they were asked about, see
//! nothing else, and nothing is published past them unnoticed.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use editorial::schedules::fire_due;
use schema::permission::{Grant, Role, Scope};
use serde_json::{Value, json};

use super::{Draft, Staff, looked, new_article, staff, target, with};
use crate::management::sign_in::Browser;

/// What is asked of a body's answer.
const STATE: &str = "cosignature { state answeredBy { name } }";

impl Staff {
    /// A body of the city that may be asked, and somebody who answers for it.
    async fn body(&self, key: &str, zh: &str) -> String {
        let root = &self.office.administrator;
        let authority =
            json!({ "name": { "zh": zh, "en": key }, "level": "CITY", "region": "990100" });
        let new = json!({ "key": key, "authority": authority });
        self.office.done(root, "createAuthority", new, "authority { key }").await;
        let body = self.office.house.authority(key).await;
        let grant = Grant { role: Role::Cosigner, scope: Scope::Authority(body) };
        self.office.house.account(&format!("{key}-voice"), vec![grant]).await.1
    }

    /// One step, and these bodies.
    async fn cosigned_by(&self, cosigners: Value) {
        let step = json!({ "name": { "zh": "审发", "en": "Approval" }, "by": "APPROVER" });
        let chain = json!({ "persons": "NOT_AUTHORS", "secrecy": false, "steps": [step], "cosigners": cosigners });
        let rule = json!({ "place": { "site": "lanqiao" }, "ordinary": chain });
        let root = &self.office.administrator;
        self.office
            .done(root, "setReviewRule", rule, "rule { ordinary { cosigners { body } } }")
            .await;
    }

    /// What waits for a body: the id of what was laid before it, and whether it is late.
    async fn laid_before(&self, voice: &str) -> Vec<(Value, bool)> {
        let query = "{ reviewQueue { items { isLate waits { role cosignature } } } }";
        let read = self.office.query(voice, query, json!({})).await;
        let items = read["reviewQueue"]["items"].as_array().expect("items").clone();
        items
            .iter()
            .map(|item| {
                assert_eq!(item["waits"][0]["role"], "COSIGNER");
                (item["waits"][0]["cosignature"].clone(), item["isLate"] == true)
            })
            .collect()
    }

    /// The only thing that waits for a body.
    async fn laid(&self, voice: &str) -> Value {
        let waiting = self.laid_before(voice).await;
        assert_eq!(waiting.len(), 1, "{waiting:?}");
        waiting[0].0.clone()
    }

    async fn text(&self, voice: &str, id: &Value) -> Value {
        let query = "query($id: String!) { laidBeforeBody(cosignature: $id) { \
                     digest fields note owner { zh } changes { field } cosignature { state body } } }";
        self.office.query(voice, query, json!({ "id": id })).await["laidBeforeBody"].clone()
    }

    /// States of the bodies in the last round of a draft's review.
    async fn states(&self, draft: &Draft) -> Vec<(String, String)> {
        let told =
            self.document(&self.approver, draft, "reviews { cosignatures { body state } }").await;
        let bodies = told["reviews"][0]["cosignatures"].as_array().expect("bodies").clone();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        bodies.iter().map(|body| (text(&body["body"]), text(&body["state"]))).collect()
    }

    /// Why the approver cannot publish, in Chinese; empty where it is done.
    async fn published(&self, draft: &Draft, more: Value) -> String {
        let input = json!({ "document": target(&draft.document), "approvedDigest": draft.digest });
        let selection = "publication { document { version } }";
        let done =
            self.office.act(&self.approver, "publishDocument", with(input, &more), selection).await;
        done["userErrors"][0]["message"]["zh"].as_str().unwrap_or_default().to_owned()
    }
}

fn answer(id: &Value, draft: &Draft) -> Value {
    json!({ "cosignature": id, "digest": draft.digest })
}

fn reason(id: &Value, draft: &Draft, reason: &str) -> Value {
    with(answer(id, draft), &json!({ "reason": reason }))
}

test_harness::on_both_databases! {
    with staff;

    async fn nothing_is_published_before_every_body_agreed(staff: Staff) {
        // Given a place whose texts the justice bureau co-signs, and a text that was submitted
        let justice = staff.body("justice", "司法局").await;
        staff.cosigned_by(json!([{ "body": "justice", "within": "2wd" }])).await;
        let draft = staff.submitted("联合通知").await;

        // Then it is not published without its answer
        assert_eq!(staff.published(&draft, json!({})).await, "会签尚未完成：还缺“司法局”的答复");

        // When somebody who answers for it looks and agrees
        let id = staff.laid(&justice).await;
        let text = staff.text(&justice, &id).await;
        assert_eq!(text["fields"]["title"], "联合通知");
        assert_eq!((&text["digest"], &text["owner"]["zh"]), (&draft.digest, &json!("蓝桥市人民政府")));
        let agreed = with(answer(&id, &draft), &json!({ "note": "无意见" }));
        let told = staff.office.done(&justice, "cosign", agreed.clone(), STATE).await;
        assert_eq!(told["cosignature"]["state"], "CONFIRMED");
        assert_eq!(staff.refused(&justice, "cosign", agreed).await, "cosigned", "once is enough");
        assert_eq!(staff.laid_before(&justice).await, []);

        // Then it is published, and who answered stays on record
        assert_eq!(staff.published(&draft, json!({})).await, "");
        let acts = "reviews { acts { kind body by { name } note } }";
        let told = staff.document(&staff.approver, &draft, acts).await;
        let acts = told["reviews"][0]["acts"].as_array().expect("acts").clone();
        let of = |kind: &str| acts.iter().find(|act| act["kind"] == kind).cloned().expect("the act");
        assert_eq!(of("COSIGN_ASKED")["body"], "justice");
        let agreed = of("COSIGNED");
        assert_eq!((&agreed["note"], &agreed["body"]), (&json!("无意见"), &json!("justice")));
        let trail = "{ auditTrail(first: 1, filter: { action: \"review.cosigned\" }) { edges { node { details commitment } } } }";
        let told = staff.office.query(&staff.office.administrator, trail, json!({})).await;
        assert_ne!(told["auditTrail"]["edges"][0]["node"]["commitment"], Value::Null);
        assert_eq!(staff.office.house.findings().await, []);
    }

    async fn a_body_sees_the_text_it_was_asked_about_and_nothing_else(staff: Staff) {
        // Given two texts with a file each, one of which lies before the justice bureau
        let justice = staff.body("justice", "司法局").await;
        let archives = staff.body("archives", "档案局").await;
        staff.cosigned_by(json!([{ "body": "justice" }])).await;
        let mut files = Vec::new();
        let mut drafts = Vec::new();
        for (number, title) in ["请会签", "未送审"].into_iter().enumerate() {
            let pdf = format!("%PDF-1.7\n%{number}\n%%EOF\n");
            let taken = staff.office.house.take_in(pdf.as_bytes()).await;
            let mut new = new_article(title);
            new["draft"]["fields"]["files"] = json!([{
                "digest": taken.digest.to_string(), "name": "a.pdf",
                "mediaType": "application/pdf", "size": pdf.len(),
            }]);
            let saved = "draft { digest document { id contentId locale version } }";
            drafts.push(Draft::of(&staff.office.done(&staff.author, "createDocument", new, saved).await));
            files.push(format!("/assets/{}/a.pdf", taken.digest.hex()));
        }
        staff.submit(&drafts[0]).await;
        let id = staff.laid(&justice).await;

        // When whoever answers for it asks for more
        let file = async |token: &str, path: &str| {
            let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
            staff.office.send(request.body(Body::empty()).expect("a request")).await.status
        };
        assert_eq!(file(&justice, &files[0]).await, StatusCode::OK);
        assert_eq!(file(&justice, &files[1]).await, StatusCode::NOT_FOUND);
        for draft in &drafts {
            assert_eq!(staff.document(&justice, draft, "id").await, Value::Null);
        }
        let lists = "{ documents { edges { node { id } } } schedules { items { title } } \
                     auditTrail { edges { node { id } } } draftLimits { items { contentId } } }";
        let told = staff.office.query(&justice, lists, json!({})).await;
        assert_eq!(told["documents"]["edges"], json!([]));
        assert_eq!(told["auditTrail"]["edges"], json!([]));

        // Then there is nothing, and for nobody else is there this text
        let everybody = [Role::Cosigner, Role::PlatformAdministrator, Role::Approver];
        let hub = everybody.map(|role| (role, ""));
        let hub = staff.office.token("everywhere", &hub).await;
        for other in [&archives, &hub, &staff.author, &staff.approver] {
            assert_eq!(staff.text(other, &id).await, Value::Null);
            assert_eq!(staff.refused(other, "cosign", answer(&id, &drafts[0])).await, "not_found");
        }
        assert_eq!(file(&archives, &files[0]).await, StatusCode::NOT_FOUND);
        assert_eq!(staff.laid_before(&archives).await, []);
        let edited = staff.edit(&staff.author, &drafts[0], "改后").await;
        assert_eq!(file(&justice, &files[0]).await, StatusCode::NOT_FOUND);
        assert_eq!(staff.refused(&justice, "cosign", answer(&id, &edited)).await, "not_under_review");
    }

    async fn an_edit_voids_an_answer_and_only_what_changed_is_shown_again(staff: Staff) {
        // Given a text to which the justice bureau agreed
        let justice = staff.body("justice", "司法局").await;
        staff.cosigned_by(json!([{ "body": "justice" }])).await;
        let draft = staff.submitted("初稿").await;
        let first = staff.laid(&justice).await;
        assert_eq!(staff.text(&justice, &first).await["changes"], Value::Null);
        staff.office.done(&justice, "cosign", answer(&first, &draft), STATE).await;

        // When its author changes it and submits it again
        let mut again = staff.edit(&staff.author, &draft, "二稿").await;
        assert_eq!(staff.text(&justice, &first).await["fields"], Value::Null, "that text lies nowhere any more");
        let version = staff.document(&staff.author, &draft, "version").await;
        again.document["version"] = version["version"].clone();
        staff.submit(&again).await;

        // Then the bureau is asked again, and shown what changed since it agreed
        let id = staff.laid(&justice).await;
        assert_ne!(id, first);
        let text = staff.text(&justice, &id).await;
        let changed: Vec<&Value> = text["changes"].as_array().expect("changes").iter().map(|one| &one["field"]).collect();
        assert_eq!(changed, ["title", "body"]);
        assert_eq!(staff.published(&again, json!({})).await, "会签尚未完成：还缺“司法局”的答复");
        let stale = answer(&id, &draft);
        assert_eq!(staff.refused(&justice, "cosign", stale).await, "digest_differs", "of another text");
        staff.office.done(&justice, "cosign", answer(&id, &again), STATE).await;
        assert_eq!(staff.published(&again, json!({})).await, "");
    }

    async fn an_objection_blocks_until_it_is_withdrawn_or_overruled(staff: Staff) {
        // Given two bodies, one of which an approver may overrule
        let justice = staff.body("justice", "司法局").await;
        let archives = staff.body("archives", "档案局").await;
        staff.cosigned_by(json!([{ "body": "justice", "overruledBy": "APPROVER" }, { "body": "archives" }])).await;
        let draft = staff.submitted("有争议").await;
        let (of_justice, of_archives) = (staff.laid(&justice).await, staff.laid(&archives).await);

        // When both object
        let empty = reason(&of_justice, &draft, " ");
        assert_eq!(staff.refused(&justice, "objectToCosigning", empty).await, "count");
        for (voice, id) in [(&justice, &of_justice), (&archives, &of_archives)] {
            staff.office.done(voice, "objectToCosigning", reason(id, &draft, "缺少依据"), STATE).await;
        }

        // Then no force replaces that
        let force = json!({ "force": "领导要求" });
        assert_eq!(
            staff.published(&draft, force).await,
            "“档案局”会签有异议：须由其撤回，或按规定裁定后方可发布"
        );

        // And it is overruled by whoever the rule says, with a reason, and withdrawn by the body alone
        let overrule = |id: &Value| json!({ "cosignature": id, "reason": "经市政府办公室协调" });
        assert_eq!(staff.refused(&staff.first, "overruleObjection", overrule(&of_justice)).await, "not_permitted");
        assert_eq!(staff.refused(&staff.approver, "overruleObjection", overrule(&of_archives)).await, "not_overruled");
        assert_eq!(staff.refused(&justice, "overruleObjection", overrule(&of_justice)).await, "not_found");
        staff.office.done(&staff.approver, "overruleObjection", overrule(&of_justice), STATE).await;
        assert_eq!(staff.refused(&justice, "withdrawObjection", answer(&of_archives, &draft)).await, "not_found");
        staff.office.done(&archives, "withdrawObjection", answer(&of_archives, &draft), STATE).await;
        assert_eq!(staff.published(&draft, json!({})).await, "会签尚未完成：还缺“档案局”的答复");
        staff.office.done(&archives, "cosign", answer(&of_archives, &draft), STATE).await;
        assert_eq!(staff.published(&draft, json!({})).await, "");
    }

    async fn who_wrote_a_text_overrules_nothing_about_it(staff: Staff) {
        let justice = staff.body("justice", "司法局").await;
        staff.cosigned_by(json!([{ "body": "justice", "overruledBy": "APPROVER" }])).await;
        let draft = staff.office.draft(&staff.approver, "自己的").await;
        staff.done(&staff.approver, "submitDocument", looked(&draft)).await;
        let id = staff.laid(&justice).await;
        staff.office.done(&justice, "objectToCosigning", reason(&id, &draft, "缺少依据"), STATE).await;

        let overrule = json!({ "cosignature": id, "reason": "不同意" });
        assert_eq!(staff.refused(&staff.approver, "overruleObjection", overrule).await, "own_text");
    }

    async fn silence_means_what_the_rule_says(staff: Staff) {
        // Given one body whose silence counts as agreed, and one whose silence means nothing
        let justice = staff.body("justice", "司法局").await;
        let archives = staff.body("archives", "档案局").await;
        staff.cosigned_by(json!([
            { "body": "justice", "within": "2h", "silence": "AGREES" },
            { "body": "archives", "within": "2h" },
        ])).await;
        let draft = staff.submitted("限时").await;
        assert_eq!(staff.laid_before(&archives).await.len(), 1);
        let list = "{ schedules { items { title } } }";
        let none = staff.office.query(&staff.approver, list, json!({})).await;
        assert_eq!(none["schedules"]["items"], json!([]), "a time to answer is nobody's schedule");

        // When the time is over and nobody answered
        staff.office.house.clock.set("2026-03-02T06:00:00Z");
        let round = fire_due(&staff.office.house.desk).await.expect("the store answers");
        assert!(round.tried.iter().all(|tried| tried.is_done()) && round.tried.len() == 1);

        // Then the hub has recorded that the former agreed, and the latter is late
        assert_eq!(staff.laid_before(&justice).await, []);
        assert!(staff.laid_before(&archives).await[0].1, "it is late");
        let states = staff.states(&draft).await;
        let state = |body: &str| states.iter().find(|(key, _)| key == body).map(|(_, state)| state.as_str());
        assert_eq!((state("justice"), state("archives")), (Some("SILENT"), Some("ASKED")));
        let acts = staff.document(&staff.approver, &draft, "reviews { acts { kind by { name } body } }").await;
        let acts = acts["reviews"][0]["acts"].as_array().expect("acts").clone();
        let silent = acts.iter().find(|act| act["kind"] == "COSIGN_SILENT").expect("the act");
        assert_eq!((&silent["body"], &silent["by"]["name"]), (&json!("justice"), &json!(store::audit::HOUSEKEEPING.1)));
        assert_eq!(staff.published(&draft, json!({})).await, "会签尚未完成：还缺“档案局”的答复");

        let late = "{ lateCosignatures { items { title cosignature { body } } } }";
        for (token, expected) in [(&staff.author, json!([{ "title": "限时", "cosignature": { "body": "archives" } }])), (&justice, json!([]))] {
            let told = staff.office.query(token, late, json!({})).await;
            assert_eq!(told["lateCosignatures"]["items"], expected);
        }

        // And whoever publishes by force owes a confirmation for that
        assert_eq!(staff.published(&draft, json!({ "force": "汛情紧急" })).await, "");
        let debt = staff.document(&staff.first, &draft, "reviews { debt { kind } cosignatures { body state } }").await;
        assert_eq!(debt["reviews"][0]["debt"]["kind"], "FORCED");
        assert_eq!(staff.laid_before(&archives).await, [], "nothing is to be answered any more");
    }

    async fn an_answer_in_time_leaves_nothing_to_fire(staff: Staff) {
        let justice = staff.body("justice", "司法局").await;
        staff.cosigned_by(json!([{ "body": "justice", "within": "2h", "silence": "AGREES" }])).await;
        let draft = staff.submitted("及时").await;
        let id = staff.laid(&justice).await;
        staff.office.done(&justice, "objectToCosigning", reason(&id, &draft, "缺少依据"), STATE).await;

        staff.office.house.clock.set("2026-03-02T06:00:00Z");

        let round = fire_due(&staff.office.house.desk).await.expect("the store answers");
        assert_eq!(round.tried, [], "an objection is no silence");
        assert_eq!(staff.states(&draft).await, [("justice".to_owned(), "OBJECTED".to_owned())]);
    }

    async fn further_bodies_are_asked_besides_and_again_after_an_edit(staff: Staff) {
        // Given a text of a place that names no body
        staff.cosigned_by(json!([])).await;
        let archives = staff.body("archives", "档案局").await;
        let draft = staff.submitted("另请").await;
        let ask = |draft: &Draft, body: &str| with(looked(draft), &json!({ "bodies": [body], "within": "1wd" }));

        // When its author asks one
        assert_eq!(staff.refused(&archives, "askToCosign", ask(&draft, "archives")).await, "not_found");
        assert_eq!(staff.refused(&staff.author, "askToCosign", ask(&draft, "lanqiao-city")).await, "own_text");
        assert_eq!(staff.refused(&staff.author, "askToCosign", ask(&draft, "nobody")).await, "not_found");
        staff.done(&staff.author, "askToCosign", ask(&draft, "archives")).await;
        staff.done(&staff.author, "askToCosign", ask(&draft, "archives")).await;

        // Then it has to answer, and is asked again about another text
        let id = staff.laid(&archives).await;
        assert_eq!(staff.published(&draft, json!({})).await, "会签尚未完成：还缺“档案局”的答复");
        staff.office.done(&archives, "cosign", answer(&id, &draft), STATE).await;
        let again = staff.edit(&staff.author, &draft, "另请二").await;
        staff.submit(&again).await;
        assert_eq!(staff.states(&again).await, [("archives".to_owned(), "ASKED".to_owned())]);
        let id = staff.laid(&archives).await;
        staff.office.done(&archives, "cosign", answer(&id, &again), STATE).await;
        assert_eq!(staff.published(&again, json!({})).await, "");
    }

    async fn a_body_answers_in_a_browser(staff: Staff) {
        // Given a text that lies before a body, and two people in browsers
        staff.body("justice", "司法局").await;
        staff.cosigned_by(json!([{ "body": "justice" }])).await;
        let draft = staff.submitted("网页会签").await;
        let mut voice = staff.office.signed_in("justice-voice").await;
        staff.office.second_factor(&mut voice).await;
        let author = staff.office.signed_in("xinxiyuan").await;
        let query = "{ reviewQueue { items { waits { cosignature } } } }";
        let told = staff.office.ask_as(&voice, query).await.json;
        let id = told["data"]["reviewQueue"]["items"][0]["waits"][0]["cosignature"].as_str().expect("an id").to_owned();
        let page = format!("/console/cosigning/{id}");
        let get = async |browser: &Browser| staff.office.send(Browser::request(browser, "GET", &page, &json!(null))).await.status;

        // When they open its page and answer there
        assert_eq!(get(&voice).await, StatusCode::OK);
        assert_eq!(get(&author).await, StatusCode::NOT_FOUND);
        let digest = draft.digest.as_str().expect("a digest");
        let form = |browser: &Browser| format!("form={}&digest={digest}&words=", browser.form_token);
        let stranger = staff.office.form(&author, &format!("{page}/agree"), &form(&author), &[]).await;
        assert_eq!(stranger.status, StatusCode::NOT_FOUND);
        let empty = staff.office.form(&voice, &format!("{page}/object"), &form(&voice), &[]).await;
        assert_eq!(empty.status, StatusCode::CONFLICT, "an objection says why");
        let agreed = staff.office.form(&voice, &format!("{page}/agree"), &form(&voice), &[]).await;

        // Then it is done as by the management API
        assert_eq!(agreed.status, StatusCode::SEE_OTHER);
        assert_eq!(staff.states(&draft).await, [("justice".to_owned(), "CONFIRMED".to_owned())]);
    }

    async fn a_rule_names_bodies_that_are_there(staff: Staff) {
        let chain = |cosigners: Value| json!({ "place": { "site": "lanqiao" },
            "ordinary": { "secrecy": false, "steps": [], "cosigners": cosigners } });
        let root = &staff.office.administrator;
        let unknown = chain(json!([{ "body": "nobody" }]));
        assert_eq!(staff.refused(root, "setReviewRule", unknown).await, "not_found");
        let timeless = chain(json!([{ "body": "nanhe-province", "silence": "AGREES" }]));
        let refused = staff.office.refused(root, "setReviewRule", timeless).await;
        assert_eq!(refused, [("required".to_owned(), "ordinary.cosigners[0].within".to_owned())]);
    }
}
