//! Which steps there are, is data: of the hub, of a site, of a column, for a type, by track.

use serde_json::{Value, json};

use super::{Draft, Staff, looked, new_article, repost, staff, with};

fn step(by: &str, skippable: bool) -> Value {
    json!({ "name": { "zh": "环节", "en": "Step" }, "by": by, "skippable": skippable })
}

impl Staff {
    async fn rule(&self, place: Value, tracks: Value) {
        let input = with(json!({ "place": place }), &tracks);
        let root = &self.office.administrator;
        self.office.done(root, "setReviewRule", input, "rule { version }").await;
    }

    async fn drafted(&self, new: Value) -> Draft {
        let saved = "draft { digest document { contentId locale version } }";
        Draft::of(&self.office.done(&self.author, "createDocument", new, saved).await)
    }

    /// The roles that sign the ordinary chain of a place.
    async fn signs(&self, place: Value) -> Vec<String> {
        let query = "query($place: ReviewPlaceInput!) { reviewRule(place: $place) \
                     { version ordinary { steps { by } } } }";
        let read = self.office.query(&self.author, query, json!({ "place": place })).await;
        let steps = read["reviewRule"]["ordinary"]["steps"].as_array().expect("steps").clone();
        steps.iter().map(|step| step["by"].as_str().expect("a role").to_owned()).collect()
    }
}

test_harness::on_both_databases! {
    with staff;

    async fn the_nearest_rule_holds(staff: Staff) {
        let approver = json!({ "ordinary": { "steps": [step("APPROVER", false)], "secrecy": false } });
        let two = json!({ "ordinary": { "steps": [step("FIRST_REVIEWER", false), step("APPROVER", false)] } });
        let site = json!({ "site": "lanqiao" });
        let column = json!({ "site": "lanqiao", "column": "policy" });
        let below = json!({ "site": "lanqiao", "column": "policy/finance" });
        let of_type = json!({ "site": "lanqiao", "column": "policy/finance", "type": "article" });
        let usual = ["FIRST_REVIEWER", "SECOND_REVIEWER", "APPROVER"];
        assert_eq!(staff.signs(below.clone()).await, usual);

        staff.rule(site.clone(), approver.clone()).await;
        assert_eq!(staff.signs(below.clone()).await, ["APPROVER"]);
        staff.rule(column, two).await;
        assert_eq!(staff.signs(below.clone()).await, ["FIRST_REVIEWER", "APPROVER"]);
        staff.rule(json!({ "site": "lanqiao", "type": "article" }), approver.clone()).await;
        assert_eq!(
            staff.signs(of_type.clone()).await, ["FIRST_REVIEWER", "APPROVER"],
            "the nearer place counts before the type"
        );
        staff.rule(of_type.clone(), approver).await;
        assert_eq!(staff.signs(of_type).await, ["APPROVER"]);
        assert_eq!(staff.signs(below).await, ["FIRST_REVIEWER", "APPROVER"]);

        let draft = staff.office.draft(&staff.author, "依最近的规定").await;
        assert_eq!(staff.submit(&draft).await["awaits"], "APPROVER");
        staff.office.publish(&staff.approver, &draft).await;
    }

    async fn a_text_in_two_columns_takes_the_steps_of_both(staff: Staff) {
        let lax = json!({ "ordinary": { "steps": [], "secrecy": false } });
        staff.rule(json!({ "site": "lanqiao", "column": "news" }), lax).await;
        let mut new = new_article("两个栏目");
        new["draft"]["placements"][0]["columns"] = json!(["news", "policy"]);
        let draft = staff.drafted(new).await;

        assert_eq!(staff.publication_refused(&staff.approver, &draft).await, "unreviewed");
        let review = staff.submit(&draft).await;
        assert_eq!((&review["awaits"], &review["awaitsSecrecy"]), (&json!("FIRST_REVIEWER"), &json!(true)));
    }

    async fn a_step_is_passed_over_only_where_that_is_allowed_and_marked(staff: Staff) {
        let draft = staff.submitted("跳过").await;
        let skip = |draft: &Draft| with(looked(draft), &json!({ "reason": "审核人员出差" }));
        assert_eq!(
            staff.refused(&staff.approver, "skipReviewStep", skip(&draft)).await, "not_skippable",
            "the first review is not passed over by the usual rule"
        );
        staff.approve(&staff.first, &draft).await;
        assert_eq!(staff.refused(&staff.first, "skipReviewStep", skip(&draft)).await, "not_permitted");

        let review = staff.done(&staff.approver, "skipReviewStep", skip(&draft)).await;

        assert_eq!(review["awaits"], "APPROVER");
        assert_eq!(staff.refused(&staff.approver, "skipReviewStep", skip(&draft)).await, "not_skippable");
        staff.conclude(&draft, "OPEN").await;
        staff.office.publish(&staff.approver, &draft).await;
        let told = staff.document(&staff.author, &draft, "reviews { acts { kind step note } }").await;
        assert_eq!(
            told["reviews"][0]["acts"][2],
            json!({ "kind": "SKIPPED", "step": 2, "note": "审核人员出差" })
        );
    }

    async fn what_was_taken_over_goes_by_its_own_track(staff: Staff) {
        let draft = staff.drafted(repost("国务院办公厅通知")).await;

        let review = staff.submit(&draft).await;

        assert_eq!((&review["track"], &review["awaits"]), (&json!("REPOST"), &json!("FIRST_REVIEWER")));
        assert_eq!(staff.approve(&staff.first, &draft).await["awaits"], "APPROVER");
        assert_eq!(
            staff.publication_refused(&staff.approver, &draft).await, "unreviewed",
            "that it was public before is the author's word"
        );
        staff.conclude(&draft, "OPEN").await;
        staff.office.publish(&staff.approver, &draft).await;
    }

    async fn a_review_goes_on_as_it_was_submitted_when_the_rule_changes(staff: Staff) {
        let draft = staff.submitted("规定改了").await;
        let direct = json!({ "ordinary": { "steps": [], "secrecy": false } });

        staff.rule(json!({ "site": "lanqiao" }), direct).await;

        assert_eq!(staff.publication_refused(&staff.approver, &draft).await, "unreviewed");
        let document = json!({ "document": looked(&draft)["document"] });
        staff.done(&staff.author, "takeBackSubmission", document).await;
        staff.office.publish(&staff.approver, &draft).await;
        let told = staff.document(&staff.author, &draft, "reviews { state }").await;
        assert_eq!(told["reviews"], json!([{ "state": "PUBLISHED" }]), "and nothing is left open");
    }

    async fn a_rule_that_cannot_be_is_refused(staff: Staff) {
        let root = &staff.office.administrator;
        for (tracks, code, field) in [
            (json!({}), "required", None),
            (json!({ "ordinary": { "steps": [step("FIRST_REVIEWER", false)] } }),
             "not_an_approval", Some("ordinary.steps[0]")),
            (json!({ "ordinary": { "steps": [step("OPERATOR", false), step("APPROVER", false)] } }),
             "not_a_reviewer", Some("ordinary.steps[0].by")),
            (json!({ "emergency": { "steps": [step("APPROVER", false)] } }),
             "required", Some("emergency.confirmation")),
            (json!({ "ordinary": { "steps": [with(step("APPROVER", false), &json!({ "within": "soon" }))] } }),
             "bad_span", Some("ordinary.steps[0].within")),
            (json!({ "place": { "column": "news" }, "import": { "steps": [] } }), "required", Some("site")),
        ] {
            let refused = staff.office.refused(root, "setReviewRule", tracks.clone()).await;
            let field = field.unwrap_or_default();
            assert_eq!(refused[0], (code.to_owned(), field.to_owned()), "{tracks}");
        }
        let unknown = json!({ "place": { "site": "nowhere" }, "import": { "steps": [] } });
        assert_eq!(staff.refused(root, "setReviewRule", unknown).await, "not_found");
        let first = json!({ "place": { "site": "lanqiao" }, "import": { "steps": [], "secrecy": false } });
        staff.office.done(root, "setReviewRule", first.clone(), "rule { version }").await;
        let late = with(first, &json!({ "version": 7, "import": { "steps": [], "secrecy": true } }));
        assert_eq!(staff.refused(root, "setReviewRule", late).await, "stale");
    }
}
