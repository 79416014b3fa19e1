//! Who may do what, by construction: every mutation of the schema stands in the table below
//! with the roles that may, and is tried by every role and by nobody. A mutation that is added
//! without a row fails the first story.

use std::collections::BTreeSet;

use schema::permission::{
    Grant,
    Role::{
        self, Approver, Contributor, Editor, FirstReviewer, Operator, PlatformAdministrator,
        SecondReviewer, SecrecyReviewer, SiteAdministrator,
    },
    Scope,
};
use serde_json::{Value, json};

use super::{Draft, Office, codes, new_article, notice, office, reviews::with, target, text};

const PLATFORM: &[Role] = &[PlatformAdministrator];
const ARRANGE: &[Role] = &[PlatformAdministrator, SiteAdministrator];
const TEND: &[Role] = &[PlatformAdministrator, SiteAdministrator, Operator];
const DRAFT: &[Role] =
    &[PlatformAdministrator, Contributor, Editor, FirstReviewer, SecondReviewer, Approver];
const DRAFT_OR_ARRANGE: &[Role] = &[
    PlatformAdministrator,
    SiteAdministrator,
    Contributor,
    Editor,
    FirstReviewer,
    SecondReviewer,
    Approver,
];
/// Whoever takes part in the review that [`Office::try_review`] sets.
const REVIEW: &[Role] = &[PlatformAdministrator, FirstReviewer, Approver, SecrecyReviewer];
const APPROVE: &[Role] = &[PlatformAdministrator, Approver];

/// Mutation, the roles that may (on the whole hub), and what somebody without rights hears.
pub const TABLE: &[(&str, &[Role], &str)] = &[
    ("approveDocument", &[FirstReviewer], "not_found"),
    ("addToReleaseSet", APPROVE, "not_found"),
    ("applyManifest", PLATFORM, "not_permitted"),
    ("askToCosign", DRAFT, "not_found"),
    ("changeAuthority", PLATFORM, "not_permitted"),
    ("changeColumn", ARRANGE, "not_permitted"),
    ("cancelSchedule", APPROVE, "not_found"),
    ("changePerson", ARRANGE, "not_permitted"),
    ("changePlan", DRAFT, "not_found"),
    ("changeSchedule", APPROVE, "not_found"),
    ("changeSite", ARRANGE, "not_permitted"),
    ("changeSiteNotice", ARRANGE, "not_permitted"),
    ("changeTarget", ARRANGE, "not_found"),
    ("closeColumn", ARRANGE, "not_permitted"),
    ("confirmPublication", &[SecondReviewer], "not_found"),
    ("confirmErasure", APPROVE, "not_found"),
    // Nobody is the voice of a body by a role on the whole hub.
    ("cosign", &[], "not_found"),
    ("createAuthority", PLATFORM, "not_permitted"),
    ("createColumn", ARRANGE, "not_permitted"),
    ("createDocument", DRAFT, "not_permitted"),
    ("createPerson", ARRANGE, "not_permitted"),
    ("createPreviewLink", DRAFT, "not_found"),
    ("createReleaseSet", APPROVE, "not_permitted"),
    ("createSite", PLATFORM, "not_permitted"),
    ("createSiteNotice", ARRANGE, "not_permitted"),
    ("createTarget", ARRANGE, "not_permitted"),
    ("createToken", ARRANGE, "not_permitted"),
    ("disablePerson", ARRANGE, "not_permitted"),
    ("discardDraft", DRAFT, "not_found"),
    ("dissolveReleaseSet", APPROVE, "not_found"),
    ("draftFromEdition", DRAFT, "not_found"),
    ("enablePerson", ARRANGE, "not_permitted"),
    ("endSession", ARRANGE, "not_permitted"),
    ("endSessions", ARRANGE, "not_permitted"),
    ("endSiteNotice", ARRANGE, "not_permitted"),
    ("givePassword", ARRANGE, "not_permitted"),
    ("grantRole", ARRANGE, "not_permitted"),
    ("letGo", APPROVE, "not_found"),
    ("liftDraftLimit", DRAFT_OR_ARRANGE, "not_found"),
    ("liftEmbargo", APPROVE, "not_found"),
    ("limitDrafts", DRAFT_OR_ARRANGE, "not_found"),
    ("mergeColumn", ARRANGE, "not_permitted"),
    ("moveColumn", ARRANGE, "not_permitted"),
    ("objectToCosigning", &[], "not_found"),
    ("orderErasure", APPROVE, "not_found"),
    ("overruleObjection", APPROVE, "not_found"),
    ("pauseTarget", TEND, "not_found"),
    ("placeElsewhere", APPROVE, "not_permitted"),
    ("publishDocument", APPROVE, "not_found"),
    ("publishReleaseSet", APPROVE, "not_found"),
    ("recallContent", APPROVE, "not_found"),
    ("removeDocument", APPROVE, "not_found"),
    ("removeElsewhere", APPROVE, "not_permitted"),
    ("removeFromReleaseSet", APPROVE, "not_found"),
    ("removePlanRule", ARRANGE, "not_permitted"),
    ("removeReviewRule", ARRANGE, "not_permitted"),
    ("renameColumn", ARRANGE, "not_permitted"),
    ("replayTarget", TEND, "not_found"),
    ("resetSecondFactor", ARRANGE, "not_permitted"),
    ("resumeTarget", TEND, "not_found"),
    ("returnDocument", REVIEW, "not_found"),
    ("reviewSecrecy", &[SecrecyReviewer], "not_found"),
    ("revokePreviewLink", DRAFT_OR_ARRANGE, "not_found"),
    ("revokeRole", ARRANGE, "not_permitted"),
    ("revokeToken", ARRANGE, "not_permitted"),
    ("rotateTargetSecret", TEND, "not_found"),
    ("saveDraft", DRAFT, "not_found"),
    ("schedulePublication", APPROVE, "not_found"),
    ("scheduleReleaseSet", APPROVE, "not_found"),
    ("scheduleRemoval", APPROVE, "not_found"),
    ("scheduleWithdrawal", APPROVE, "not_found"),
    ("setEmbargo", APPROVE, "not_found"),
    ("setPlanRule", ARRANGE, "not_permitted"),
    ("setReviewRule", ARRANGE, "not_permitted"),
    ("skipReviewStep", APPROVE, "not_found"),
    ("submitDocument", DRAFT, "not_found"),
    ("takeBackSubmission", DRAFT, "not_found"),
    ("testTarget", TEND, "not_found"),
    ("unlockPerson", ARRANGE, "not_permitted"),
    ("waiveFindings", APPROVE, "not_found"),
    ("withdrawDocument", APPROVE, "not_found"),
    ("withdrawElsewhere", APPROVE, "not_permitted"),
    ("withdrawObjection", &[], "not_found"),
];

impl Office {
    /// Something that the mutation `name` could be done to, made for this one try.
    pub async fn try_input(&self, name: &str, number: usize) -> Value {
        let root = &self.administrator;
        let key = format!("try-{number}");
        let names = json!({ "zh": "名称", "en": "Name" });
        match name {
            "applyManifest" => json!({ "manifest": format!(
                "[[authority]]\nkey = \"{key}\"\nlevel = \"city\"\nregion = \"990100\"\n\
                 name = {{ zh = \"名称\", en = \"Name\" }}\n"
            ) }),
            "createAuthority" => json!({ "key": key, "authority": {
                "name": names, "level": "CITY", "region": "990100" } }),
            "changeAuthority" => {
                let query = "{ authority(key: \"nanhe-province\") { version } }";
                let read = self.query(root, query, json!({})).await;
                json!({ "key": "nanhe-province", "version": read["authority"]["version"],
                        "authority": { "name": { "zh": key, "en": "Name" }, "level": "PROVINCE",
                                       "region": "990000" } })
            }
            "createSite" => json!({ "key": key, "authority": "lanqiao-city", "site": {
                "name": names, "domain": format!("{key}.gov.cn"), "locales": ["zh-CN"] } }),
            "changeSite" => {
                let read =
                    self.query(root, "{ site(key: \"nanhe\") { version } }", json!({})).await;
                json!({ "key": "nanhe", "version": read["site"]["version"], "site": {
                    "name": { "zh": key, "en": "Name" }, "domain": "www.nanhe.gov.cn",
                    "locales": ["zh-CN"] } })
            }
            "createColumn" => json!({ "site": "lanqiao", "path": key,
                                      "column": { "name": names, "class": "政策文件" } }),
            "changeColumn" | "renameColumn" | "moveColumn" | "mergeColumn" | "closeColumn" => {
                let input = json!({ "site": "lanqiao", "path": key,
                                    "column": { "name": names, "class": "政策文件" } });
                self.done(root, "createColumn", input, "column { path }").await;
                let column = json!({ "site": "lanqiao", "path": key, "version": 1 });
                match name {
                    "changeColumn" => json!({ "column": column, "position": 9,
                        "particulars": { "name": names, "class": "通知公告" } }),
                    "renameColumn" => json!({ "column": column, "segment": format!("{key}-b") }),
                    "moveColumn" => json!({ "column": column, "under": "news" }),
                    "mergeColumn" => json!({ "column": column, "into": "news" }),
                    _ => json!({ "column": column }),
                }
            }
            "changePerson" | "createPerson" | "createToken" | "disablePerson" | "enablePerson"
            | "endSession" | "endSessions" | "givePassword" | "grantRole" | "resetSecondFactor"
            | "revokeRole" | "revokeToken" | "unlockPerson" => self.try_access(name, &key).await,
            "addToReleaseSet"
            | "cancelSchedule"
            | "changeSchedule"
            | "createReleaseSet"
            | "dissolveReleaseSet"
            | "liftEmbargo"
            | "publishReleaseSet"
            | "removeFromReleaseSet"
            | "schedulePublication"
            | "scheduleReleaseSet"
            | "scheduleRemoval"
            | "scheduleWithdrawal"
            | "setEmbargo" => self.try_schedule(name).await,
            "askToCosign" | "cosign" | "objectToCosigning" | "overruleObjection"
            | "withdrawObjection" => self.try_cosigning(name, &key).await,
            "approveDocument" | "confirmPublication" | "removeReviewRule" | "returnDocument"
            | "reviewSecrecy" | "setReviewRule" | "skipReviewStep" | "submitDocument"
            | "takeBackSubmission" | "waiveFindings" => self.try_review(name).await,
            "changePlan" | "letGo" | "removePlanRule" | "setPlanRule" => {
                self.try_plan(name, &key).await
            }
            _ if name.contains("SiteNotice") => self.try_notice(name).await,
            _ if name.contains("Target") => self.try_target(name, &key).await,
            _ => self.try_document(name).await,
        }
    }

    /// A review of two steps and the secrecy review, of which an emergency takes none.
    async fn try_review(&self, name: &str) -> Value {
        let root = &self.administrator;
        let step = |by: &str, skippable: bool| json!({ "name": { "zh": "环节", "en": "Step" }, "by": by, "skippable": skippable });
        let steps = [step("FIRST_REVIEWER", true), step("APPROVER", false)];
        let confirmation = json!({ "by": "SECOND_REVIEWER", "within": "1wd" });
        let rule = json!({
            "place": { "site": "lanqiao", "column": "news" },
            "ordinary": { "persons": "ANY", "steps": steps },
            "emergency": { "steps": [], "secrecy": false, "confirmation": confirmation },
        });
        match name {
            "setReviewRule" => return rule,
            "removeReviewRule" => return json!({ "place": { "site": "nanhe" } }),
            _ => {}
        }
        self.done(root, "setReviewRule", rule, "rule { version }").await;
        let wrong_word = name == "waiveFindings";
        let mut new = new_article(if wrong_word { "人民政付" } else { "试" });
        new["draft"]["placements"][0]["columns"] = json!(["news"]);
        let saved = "draft { digest document { contentId locale version } }";
        let draft = Draft::of(&self.done(root, "createDocument", new, saved).await);
        let document = json!({ "document": target(&draft.document) });
        let mut looked = document.clone();
        looked["digest"] = draft.digest.clone();
        if name == "submitDocument" {
            return looked;
        }
        let mut submission = looked.clone();
        if name == "confirmPublication" {
            submission["track"] = json!("EMERGENCY");
            submission["note"] = json!("汛情");
        }
        self.done(root, "submitDocument", submission, "review { state }").await;
        match name {
            "approveDocument" => looked,
            "takeBackSubmission" => document,
            "confirmPublication" => {
                let live = self.publish(root, &draft).await;
                json!({ "document": target(&live) })
            }
            "returnDocument" => {
                json!({ "document": document["document"], "reason": "数字有误" })
            }
            "skipReviewStep" | "waiveFindings" => {
                looked["reason"] = json!("值班安排");
                looked
            }
            _ => {
                looked["conclusion"] = json!("OPEN");
                looked["basis"] = json!("保守国家秘密法第三十五条");
                looked
            }
        }
    }

    /// A text that lies before the reviewers and a body, which objects where it is to be overruled.
    async fn try_cosigning(&self, name: &str, key: &str) -> Value {
        let root = &self.administrator;
        let mut asked = self.try_review("approveDocument").await;
        if name == "askToCosign" {
            asked["bodies"] = json!(["nanhe-province"]);
            return asked;
        }
        let body = self.house.authority("nanhe-province").await;
        let grant = Grant { role: Role::Cosigner, scope: Scope::Authority(body) };
        let voice = self.house.account(key, vec![grant]).await.1;
        let digest = asked["digest"].clone();
        asked["bodies"] = json!(["nanhe-province"]);
        self.done(root, "askToCosign", asked, "review { id }").await;
        let queue = "{ reviewQueue(first: 100) { items { waits { cosignature } } } }";
        let told = self.query(&voice, queue, json!({})).await;
        let items = told["reviewQueue"]["items"].as_array().expect("items");
        let id = &items.last().expect("what was asked")["waits"][0]["cosignature"];
        let answer = json!({ "cosignature": id, "digest": digest });
        if name == "cosign" {
            return answer;
        }
        let objection = with(answer.clone(), &json!({ "reason": "数字有误" }));
        if name == "objectToCosigning" {
            return objection;
        }
        self.done(&voice, "objectToCosigning", objection, "cosignature { state }").await;
        match name {
            "withdrawObjection" => answer,
            _ => json!({ "cosignature": id, "reason": "已协调一致" }),
        }
    }

    /// A draft with a schedule, an embargo or a release set, as far as `name` wants one.
    async fn try_schedule(&self, name: &str) -> Value {
        let root = &self.administrator;
        let at = json!("2026-05-01T00:00:00Z");
        let draft: Draft = self.draft(root, "定时").await;
        let document = json!({ "document": target(&draft.document) });
        let with = |more: Value| with(document.clone(), &more);
        match name {
            "setEmbargo" => return with(json!({ "notBefore": at, "reason": "统一口径" })),
            "liftEmbargo" => return document,
            "scheduleWithdrawal" | "scheduleRemoval" => {
                let live = self.publish(root, &draft).await;
                let mut input =
                    json!({ "document": target(&live), "at": at, "notice": notice("到期") });
                if name == "scheduleRemoval" {
                    input["removal"] = json!("GONE");
                }
                return input;
            }
            _ => {}
        }
        let publication = with(json!({ "approvedDigest": draft.digest, "at": at }));
        if name == "schedulePublication" {
            return publication;
        }
        if name == "changeSchedule" || name == "cancelSchedule" {
            let made = self.done(root, "schedulePublication", publication, "schedule { id }").await;
            let schedule = &made["schedule"]["id"];
            return match name {
                "changeSchedule" => json!({ "schedule": schedule, "at": "2026-06-01T00:00:00Z" }),
                _ => json!({ "schedule": schedule }),
            };
        }
        let new = json!({ "site": "lanqiao", "name": "同步" });
        if name == "createReleaseSet" {
            return new;
        }
        let made = self.done(root, "createReleaseSet", new, "releaseSet { id }").await;
        let set = json!({ "releaseSet": made["releaseSet"]["id"] });
        let mut add = with(json!({ "approvedDigest": draft.digest }));
        add["releaseSet"] = set["releaseSet"].clone();
        if name == "addToReleaseSet" {
            return add;
        }
        self.done(root, "addToReleaseSet", add, "releaseSet { id }").await;
        match name {
            "removeFromReleaseSet" => {
                json!({ "releaseSet": set["releaseSet"], "document": draft.document["id"] })
            }
            "scheduleReleaseSet" => json!({ "releaseSet": set["releaseSet"], "at": at }),
            _ => set,
        }
    }

    /// A text whose plan names one target.
    async fn try_plan(&self, name: &str, key: &str) -> Value {
        let root = &self.administrator;
        // A target that takes nothing of what the other attempts publish.
        let mut new = self.try_target("createTarget", key).await;
        new["locales"] = json!(["en"]);
        self.done(root, "createTarget", new, "equipped { target { version } }").await;
        let place = json!({ "site": "lanqiao", "column": "news" });
        let rule = json!({ "place": place, "targets": [{ "target": key, "proposed": false }] });
        if name == "setPlanRule" {
            return rule;
        }
        self.done(root, "setPlanRule", rule, "rule { version }").await;
        if name == "removePlanRule" {
            return json!({ "place": place });
        }
        let mut new = new_article("A plan");
        new["locale"] = json!("en");
        new["draft"]["placements"][0]["columns"] = json!(["news"]);
        let saved = "draft { digest document { contentId locale version } }";
        let draft = Draft::of(&self.done(root, "createDocument", new, saved).await);
        let document = json!({ "document": target(&draft.document) });
        match name {
            "letGo" => with(document, &json!({ "target": key, "reason": "补发" })),
            _ => with(document, &json!({ "steps": [{ "target": key, "goes": true }] })),
        }
    }

    async fn try_notice(&self, name: &str) -> Value {
        let said = json!({ "kind": "SERVICE", "severity": "INFO", "text": { "zh": "系统维护" } });
        let new = json!({ "site": "lanqiao", "notice": said });
        if name == "createSiteNotice" {
            return new;
        }
        let made = self.done(&self.administrator, "createSiteNotice", new, "notice { id }").await;
        let id = &made["notice"]["id"];
        match name {
            "changeSiteNotice" => json!({ "id": id, "version": 1, "notice": said }),
            _ => json!({ "id": id }),
        }
    }

    async fn try_target(&self, name: &str, key: &str) -> Value {
        let new = json!({ "key": key, "authority": "lanqiao-city", "sites": ["lanqiao"],
                          "address": "https://hooks.example.org/in" });
        if name == "createTarget" {
            return new;
        }
        let selection = "equipped { target { version } }";
        let made = self.done(&self.administrator, "createTarget", new, selection).await;
        if name == "changeTarget" {
            let version = &made["equipped"]["target"]["version"];
            return json!({ "key": key, "version": version, "locales": ["zh-CN"] });
        }
        json!({ "key": key })
    }

    async fn try_access(&self, name: &str, login: &str) -> Value {
        let root = &self.administrator;
        let reader = json!({ "role": "READER", "site": "lanqiao" });
        let person = json!({ "login": login, "name": "新人", "grants": [reader] });
        if name == "createPerson" {
            return person;
        }
        self.done(root, "createPerson", person, "person { login }").await;
        let token = json!({ "owner": login, "name": "try" });
        match name {
            "createToken" => token,
            "disablePerson" | "enablePerson" | "endSessions" | "givePassword"
            | "resetSecondFactor" | "unlockPerson" => json!({ "login": login }),
            "endSession" => {
                self.signed_in(login).await;
                let asked = "query($login: String!) { signIn(login: $login) { sessions { id } } }";
                let told = self.query(root, asked, json!({ "login": login })).await;
                json!({ "id": told["signIn"]["sessions"][0]["id"] })
            }
            "changePerson" => json!({ "login": login, "name": "更名" }),
            "revokeToken" => {
                let issued = self.done(root, "createToken", token, "issued { token { id } }").await;
                json!({ "id": issued["issued"]["token"]["id"] })
            }
            "grantRole" => {
                json!({ "login": login, "grant": { "role": "AUDITOR", "site": "lanqiao" } })
            }
            _ => json!({ "login": login, "grant": reader }),
        }
    }

    async fn try_document(&self, name: &str) -> Value {
        let root = &self.administrator;
        if name == "createDocument" {
            return new_article("试");
        }
        let draft: Draft = self.draft(root, "试").await;
        let drafted = json!({ "document": target(&draft.document) });
        match name {
            "saveDraft" => {
                return json!({ "document": target(&draft.document), "draft": text("试二") });
            }
            "discardDraft" => return drafted,
            "limitDrafts" => {
                return json!({ "contentId": draft.document["contentId"],
                               "to": { "authorities": ["lanqiao-city"] } });
            }
            "liftDraftLimit" => {
                return json!({ "contentId": draft.document["contentId"], "reason": "已定" });
            }
            "createPreviewLink" | "revokePreviewLink" => {
                let document = json!({ "contentId": draft.document["contentId"],
                                       "locale": draft.document["locale"] });
                let new = json!({ "document": document, "label": "试" });
                if name == "createPreviewLink" {
                    return new;
                }
                let issued = "issued { link { id } }";
                let made = self.done(root, "createPreviewLink", new, issued).await;
                return json!({ "id": made["issued"]["link"]["id"] });
            }
            "publishDocument" => {
                return json!({ "document": target(&draft.document), "approvedDigest": draft.digest });
            }
            _ => {}
        }
        let live = self.publish(root, &draft).await;
        let document = target(&live);
        match name {
            "draftFromEdition" => json!({ "document": document, "edition": 1 }),
            "withdrawDocument" => json!({ "document": document, "notice": notice("核实") }),
            "removeDocument" => {
                json!({ "document": document, "removal": "VANISH", "notice": {} })
            }
            "recallContent" => json!({ "contentId": live["contentId"], "notice": notice("错误") }),
            "orderErasure" | "confirmErasure" => {
                let recalled = self.recall(root, &live).await;
                let order = json!({ "document": target(&recalled), "reason": "保守国家秘密法" });
                if name == "orderErasure" {
                    return order;
                }
                let ordered = self.done(root, "orderErasure", order, "order { id }").await;
                json!({ "erasure": ordered["order"]["id"] })
            }
            _ => {
                let placement = json!({ "site": "nanhe", "columns": ["news"] });
                let place = json!({ "document": document, "placement": placement,
                                    "approvedDigest": draft.digest });
                if name == "placeElsewhere" {
                    return place;
                }
                self.done(root, "placeElsewhere", place, "placement { kind }").await;
                match name {
                    "withdrawElsewhere" => json!({ "document": document, "site": "nanhe",
                                                   "notice": notice("核实") }),
                    "removeElsewhere" => json!({ "document": document, "site": "nanhe",
                                                 "removal": "GONE", "notice": {} }),
                    other => panic!("{other} is not tried yet: say here what it could be done to"),
                }
            }
        }
    }
}

test_harness::on_both_databases! {
    with office;

    async fn every_mutation_stands_in_the_table(office: Office) {
        let there: BTreeSet<&str> = office.inputs.keys().map(String::as_str).collect();
        let in_table: BTreeSet<&str> = TABLE.iter().map(|(name, _, _)| *name).collect();

        assert_eq!(there, in_table);
    }

    async fn every_mutation_is_refused_to_whom_it_should_be_and_to_nobody_else(office: Office) {
        let nobody = office.token("nobody", &[]).await;
        let mut tokens = Vec::new();
        for role in Role::ALL {
            let login = role.as_str().to_lowercase();
            tokens.push((role, office.token(&login, &[(role, "")]).await));
        }
        let mut number = 0;
        for (name, roles, refusal) in TABLE {
            number += 1;
            let input = office.try_input(name, number).await;
            let refused = office.refused(&nobody, name, input.clone()).await;
            assert_eq!(refused.first().map(|(code, _)| code.as_str()), Some(*refusal), "{name} by nobody");
            for (role, token) in &tokens {
                if roles.contains(role) {
                    number += 1;
                    let own = office.try_input(name, number).await;
                    let payload = office.act(token, name, own, "__typename").await;
                    assert_eq!(codes(&payload), [], "{name} by {role:?}");
                } else {
                    // What is refused changes nothing, so one input serves all who are.
                    let refused = office.refused(token, name, input.clone()).await;
                    let code = refused.first().map(|(code, _)| code.as_str());
                    assert!(
                        matches!(code, Some("not_permitted" | "not_found")),
                        "{name} by {role:?}: {refused:?}",
                    );
                }
            }
        }
        assert_eq!(office.house.findings().await, []);
    }
}
