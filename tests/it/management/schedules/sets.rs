//! Drafts that become public together or not at all.

use schema::{due::DueState, visibility::EventKind};
use serde_json::{Value, json};
use test_harness::Engine;

use super::{NINE, SCHEDULE, came_of};
use crate::{
    house::house_with_types,
    management::{
        Draft, Office, codes, new_article, office, open,
        reviews::{Staff, staff},
        target, text,
    },
};

const ARTICLE: &str = include_str!("../../types/article.toml");
const ALARM: &str = include_str!("../../types/alarm.toml");

impl Office {
    /// A set of `lanqiao` with these drafts in it: its id.
    async fn set_of(&self, token: &str, drafts: &[&Draft]) -> Value {
        let new = json!({ "site": "lanqiao", "name": "预算公开" });
        let made = self.done(token, "createReleaseSet", new, "releaseSet { id state }").await;
        assert_eq!(made["releaseSet"]["state"], "OPEN");
        let id = made["releaseSet"]["id"].clone();
        for draft in drafts {
            self.add(token, &id, draft).await;
        }
        id
    }

    /// Puts a draft into a set: the kinds of schedules that are void by that.
    async fn add(&self, token: &str, set: &Value, draft: &Draft) -> Value {
        let input = json!({ "releaseSet": set, "document": target(&draft.document),
                            "approvedDigest": draft.digest });
        let added =
            self.done(token, "addToReleaseSet", input, "releaseSet { void { kind } }").await;
        added["releaseSet"]["void"].clone()
    }

    /// Why a set is not published: code and place of each reason.
    async fn set_refused(&self, token: &str, set: &Value) -> Vec<(String, String)> {
        let refused =
            self.act(token, "publishReleaseSet", json!({ "releaseSet": set }), "__typename").await;
        codes(&refused)
    }

    /// Something of the type `name` that links to another one as its basis.
    async fn based_on(&self, name: &str, title: &str, basis: &Value) -> Draft {
        let mut new = new_article(title);
        new["type"] = json!(name);
        new["draft"]["fields"]["basis"] = json!([basis]);
        let selection = "draft { digest document { id contentId locale version } }";
        Draft::of(&self.done(&self.administrator, "createDocument", new, selection).await)
    }
}

/// An office whose articles are published together with a reading of them.
async fn together(engine: Engine) -> Option<Office> {
    let reading = ARTICLE
        .replace("name = \"article\"\nplural = \"articles\"", "name = \"reading\"")
        .replace("reverse = \"basedOnThis\"", "reverse = \"readings\"\nreverse_together = true");
    let types =
        [("article.toml", ARTICLE), ("alarm.toml", ALARM), ("reading.toml", reading.as_str())];
    let house = house_with_types(engine, &types).await?;
    let (desk, channels) = (house.desk.clone(), house.channels());
    Some(open(house, desk, channels).await)
}

impl Office {
    /// The document of a draft as it is now.
    async fn now(&self, draft: &Draft) -> Value {
        let query = "query($id: String!) { document(contentId: $id, locale: \"zh-CN\") { \
                     contentId locale version } }";
        let id = json!({ "id": draft.document["contentId"] });
        self.query(&self.administrator, query, id).await["document"].clone()
    }
}

fn held(places: &[(&str, usize)]) -> Vec<(String, String)> {
    places.iter().map(|(code, place)| ((*code).to_owned(), format!("items[{place}]"))).collect()
}

test_harness::on_both_databases! {
    with office;

    async fn everything_in_a_set_is_published_in_one_transaction(office: Office) {
        let root = &office.administrator;
        let report = office.draft(root, "预算报告").await;
        let table = office.based_on("article", "预算表", &report.document["contentId"]).await;
        // What links comes first in the set, and last to the public.
        let set = office.set_of(root, &[&table, &report]).await;
        let before = office.house.sequence().await;

        let selection = "releaseSet { state closedAt }";
        let done = office.done(root, "publishReleaseSet", json!({ "releaseSet": set }), selection).await;

        assert_eq!(done["releaseSet"]["state"], "PUBLISHED");
        let mut session = office.house.desk.store.reader().await.expect("a reader");
        let events = store::log::after(&mut session, before, 9).await.expect("the log");
        let contents: Vec<_> = office.house.events().await.into_iter()
            .map(|(kind, event)| (kind, event.content.to_string())).collect();
        let published = |draft: &Draft| {
            (EventKind::Publish, draft.document["contentId"].as_str().expect("an id").to_owned())
        };
        assert_eq!(contents, [published(&report), published(&table)]);
        assert_eq!(events[0].event.at, events[1].event.at, "at one moment");
        let query = format!("{{ audit(subject: \"releaseSet:{}\") {{ action }} }}", set.as_str().expect("an id"));
        let audit = office.query(root, &query, json!({})).await["audit"].clone();
        assert_eq!(audit[0]["action"], "releaseSet.publish");
        let again = office.set_refused(root, &set).await;
        assert_eq!(again, [("release_set_closed".into(), String::new())]);
        assert_eq!(office.house.findings().await, []);
    }

    async fn a_set_is_published_at_its_time_by_whoever_scheduled_it(office: Office) {
        let root = &office.administrator;
        let (one, two) = (office.draft(root, "甲").await, office.draft(root, "乙").await);
        let set = office.set_of(root, &[&one, &two]).await;
        let input = json!({ "releaseSet": set, "at": NINE });
        let made = office.done(root, "scheduleReleaseSet", input.clone(), SCHEDULE).await;
        assert_eq!(made["schedule"]["kind"], "RELEASE_SET");
        let query = "{ schedules { items { title contentId schedule { releaseSet } } } }";
        let listed = office.query(root, query, json!({})).await["schedules"]["items"].clone();
        assert_eq!(listed, json!([{ "title": "预算公开", "contentId": null,
                                    "schedule": { "releaseSet": set } }]));

        // What is put in makes the schedule void, and what is edited does too.
        let three = office.draft(root, "丙").await;
        assert_eq!(office.add(root, &set, &three).await, json!([{ "kind": "RELEASE_SET" }]));
        office.done(root, "scheduleReleaseSet", input.clone(), SCHEDULE).await;
        let saved = json!({ "document": target(&two.document), "draft": text("乙（修订）") });
        let selection = "draft { digest void { kind state } document { id contentId locale version } }";
        let edited = office.done(root, "saveDraft", saved, selection).await;
        assert_eq!(edited["draft"]["void"], json!([{ "kind": "RELEASE_SET", "state": "VOID" }]));
        assert_eq!(office.fire_at(NINE).await.tried, []);
        let again = json!({ "releaseSet": set, "at": "2026-03-04T01:00:00Z" });
        let refused = office.refused(root, "scheduleReleaseSet", again.clone()).await;
        assert_eq!(refused, held(&[("digest_differs", 1)]));

        office.add(root, &set, &Draft::of(&edited)).await;
        office.done(root, "scheduleReleaseSet", again, SCHEDULE).await;
        assert_eq!(came_of(&office.fire_at("2026-03-04T01:00:00Z").await), [""]);
        for draft in [&one, &two, &three] {
            assert_eq!(office.visibility(&draft.document).await, "LIVE");
        }
    }

    async fn documents_are_taken_out_and_sets_are_given_up_by_those_who_may_publish(office: Office) {
        use schema::permission::Role::{Approver, Reader};
        let root = &office.administrator;
        let approver = office.token("shenfa", &[(Approver, "lanqiao")]).await;
        let reader = office.token("reader", &[(Reader, "lanqiao")]).await;
        let stranger = office.token("stranger", &[(Approver, "nanhe")]).await;
        let draft = office.draft(root, "甲").await;
        let set = office.set_of(&approver, &[&draft]).await;
        let named = json!({ "releaseSet": set });
        assert_eq!(office.refusal(&reader, "dissolveReleaseSet", named.clone()).await, "not_permitted");
        assert_eq!(office.refusal(&stranger, "dissolveReleaseSet", named.clone()).await, "not_found");
        let query = "query($id: String!) { releaseSet(id: $id) { name items { isCurrent document } } \
                     releaseSets { items { id } } }";
        let seen = office.query(&reader, query, json!({ "id": set })).await;
        assert_eq!(seen["releaseSet"]["items"], json!([{ "isCurrent": true, "document": draft.document["id"] }]));
        let hidden = office.query(&stranger, query, json!({ "id": set })).await;
        assert_eq!(hidden, json!({ "releaseSet": null, "releaseSets": { "items": [] } }));

        let out = json!({ "releaseSet": set, "document": draft.document["id"] });
        office.done(&approver, "removeFromReleaseSet", out, "releaseSet { id }").await;
        assert_eq!(office.set_refused(&approver, &set).await, [("release_set_empty".into(), String::new())]);
        let dissolved = office.done(&approver, "dissolveReleaseSet", named, "releaseSet { state }").await;
        assert_eq!(dissolved["releaseSet"]["state"], "DISSOLVED");
        office.publish(root, &draft).await;
    }
}

test_harness::on_both_databases! {
    with staff;

    async fn one_document_that_stands_in_the_way_keeps_all_of_them_back(staff: Staff) {
        let office = &staff.office;
        let ready = staff.submitted("甲").await;
        staff.all_but_approval(&ready).await;
        let unreviewed = office.draft(&staff.author, "乙").await;
        let embargoed = staff.submitted("丙").await;
        staff.all_but_approval(&embargoed).await;
        let set = office.set_of(&staff.approver, &[&ready, &unreviewed, &embargoed]).await;
        let input = json!({ "document": target(&embargoed.document),
                            "notBefore": NINE, "reason": "统一发布时间" });
        office.done(&staff.approver, "setEmbargo", input, "embargo { reason }").await;

        let refused = office.set_refused(&staff.approver, &set).await;

        assert_eq!(refused, held(&[("unreviewed", 1), ("embargoed", 2)]));
        for draft in [&ready, &unreviewed, &embargoed] {
            assert_eq!(office.visibility(&draft.document).await, "UNPUBLISHED");
        }
        assert_eq!(office.house.kinds().await.iter().filter(|kind| **kind == EventKind::Publish).count(), 0);

        staff.submit(&unreviewed).await;
        staff.all_but_approval(&unreviewed).await;
        office.house.clock.set(NINE);
        let named = json!({ "releaseSet": set });
        office.done(&staff.approver, "publishReleaseSet", named, "releaseSet { state }").await;
        assert_eq!(office.visibility(&unreviewed.document).await, "LIVE");
    }

    async fn a_set_that_is_due_and_held_is_refused_as_a_whole_and_tried_again(staff: Staff) {
        let office = &staff.office;
        let ready = staff.submitted("甲").await;
        staff.all_but_approval(&ready).await;
        let late = staff.submitted("乙").await;
        let set = office.set_of(&staff.approver, &[&ready, &late]).await;
        let input = json!({ "releaseSet": set, "at": NINE });
        office.done(&staff.approver, "scheduleReleaseSet", input, SCHEDULE).await;

        let round = office.fire_at(NINE).await;
        assert_eq!(came_of(&round), ["release_set_held"]);
        assert_eq!(office.visibility(&ready.document).await, "UNPUBLISHED");
        staff.all_but_approval(&late).await;
        staff.approve(&staff.approver, &late).await;
        let next = round.next.expect("it is tried again").to_string();
        let round = office.fire_at(&next).await;
        assert_eq!(came_of(&round), [""]);
        assert_eq!(round.tried[0].due.state, DueState::Waiting);
        assert_eq!(office.visibility(&ready.document).await, "LIVE");
    }
}

test_harness::on_both_databases! {
    with together;

    async fn a_type_has_its_counterpart_in_the_same_set_or_public_already(office: Office) {
        let root = &office.administrator;
        let policy = office.draft(root, "办法").await;
        let set = office.set_of(root, &[&policy]).await;
        assert_eq!(office.set_refused(root, &set).await, held(&[("counterpart_not_in_set", 0)]));

        let reading = office.based_on("reading", "一图读懂办法", &policy.document["contentId"]).await;
        office.add(root, &set, &reading).await;
        let named = json!({ "releaseSet": set });
        office.done(root, "publishReleaseSet", named, "releaseSet { state }").await;
        assert_eq!(office.visibility(&reading.document).await, "LIVE");

        // What is public already has its reading.
        let saved = json!({ "document": target(&office.now(&policy).await), "draft": text("办法（修订）") });
        let selection = "draft { digest document { id contentId locale version } }";
        let corrected = Draft::of(&office.done(root, "saveDraft", saved, selection).await);
        let set = office.set_of(root, &[&corrected]).await;
        let named = json!({ "releaseSet": set });
        office.done(root, "publishReleaseSet", named, "releaseSet { state }").await;
    }
}
