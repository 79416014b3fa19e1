//! Limited drafts: whoever is not named finds no word of one, whatever their roles are and whatever
//! they ask.

use std::io::{self, Write};

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use editorial::exchange::{self, Sink};
use schema::permission::{Grant, Role, Scope};
use serde_json::{Value, json};

use super::{
    Draft, Office, new_article, notice, office,
    reviews::{Staff, looked, staff, with},
    target, text,
};
use crate::house::site_key;

/// Stands in title, text and file name of the draft that is limited.
const MARK: &str = "雪莲七号";
const PDF: &[u8] = b"%PDF-1.7\n%%EOF\n";

/// Every role there is, over all of this.
async fn every_role(office: &Office, login: &str, scope: Scope) -> String {
    let grants = Role::ALL.map(|role| Grant { role, scope });
    office.house.account(login, grants.to_vec()).await.1
}

/// A limited draft with all that can hang on one.
struct Secret {
    author: String,
    draft: Draft,
    /// The path of its file.
    file: String,
}

impl Office {
    async fn secret(&self) -> Secret {
        let author =
            self.token("author", &[(Role::Editor, "lanqiao"), (Role::Approver, "lanqiao")]).await;
        let taken = self.house.take_in(PDF).await;
        let mut new = new_article(MARK);
        new["draft"]["fields"]["files"] = json!([{
            "digest": taken.digest.to_string(), "name": format!("{MARK}.pdf"),
            "mediaType": "application/pdf", "size": PDF.len(),
        }]);
        new["draft"]["placements"][0]["path"] = json!("/secret/plan.html");
        new["limit"] = json!({ "persons": ["named"] });
        let saved = "draft { digest document { id contentId locale version } }";
        let draft = Draft::of(&self.done(&author, "createDocument", new, saved).await);
        let document = json!({ "document": target(&draft.document) });
        let at = json!("2026-05-01T00:00:00Z");
        let publication =
            with(document.clone(), &json!({ "approvedDigest": draft.digest, "at": at }));
        self.done(&author, "schedulePublication", publication, "schedule { id }").await;
        let new = json!({ "site": "lanqiao", "name": "同步" });
        let set = self.done(&author, "createReleaseSet", new, "releaseSet { id }").await;
        let add = with(
            document,
            &json!({
                "approvedDigest": draft.digest, "releaseSet": set["releaseSet"]["id"],
            }),
        );
        self.done(&author, "addToReleaseSet", add, "releaseSet { id }").await;
        let link = json!({ "label": "核对", "document": {
            "contentId": draft.document["contentId"], "locale": draft.document["locale"] } });
        self.done(&author, "createPreviewLink", link, "issued { link { id } }").await;
        let file = format!("/assets/{}/plan.pdf", taken.digest.hex());
        Secret { author, draft, file }
    }

    /// Status and text of a file for whoever holds `token`.
    async fn file(&self, token: &str, path: &str) -> StatusCode {
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
        self.send(request.body(Body::empty()).expect("a request")).await.status
    }

    /// What the content API answers somebody who wishes to see drafts.
    async fn previewed(&self, token: &str, query: &str) -> Value {
        let request = Request::post("/graphql")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header("gongbao-preview", "drafts")
            .header(header::CONTENT_TYPE, "application/json");
        let body = Body::from(json!({ "query": query }).to_string());
        self.send(request.body(body).expect("a request")).await.json
    }

    async fn exported(&self, token: &str) -> String {
        let known = editorial::access::authenticate(&self.house.desk, token).await;
        let actor = known.expect("an answer").expect("the token is good").actor;
        let mut taken = Taken::default();
        let site = site_key("lanqiao");
        exchange::export(&self.house.desk, &self.house.files, &actor, &site, &mut taken)
            .await
            .expect("it is written");
        taken.0
    }
}

/// An export without its files.
#[derive(Default)]
struct Taken(String);

impl Sink for Taken {
    fn line(&mut self, line: &str) -> io::Result<()> {
        self.0.push_str(line);
        Ok(())
    }

    fn takes_files(&self) -> bool {
        false
    }

    fn file(&mut self, _: &str, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn asset(&mut self, _: &str) -> io::Result<Option<Box<dyn Write + Send>>> {
        Ok(None)
    }

    fn asset_done(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn progress(&mut self, _: u64) {}
}

/// Everything that can be asked for and could show a draft.
fn questions(draft: &Draft) -> Vec<String> {
    let document = format!("contentId: {}, locale: \"zh-CN\"", draft.document["contentId"]);
    let line = "edges { node { title contentId hasDraft } }";
    [
        format!("{{ documents(first: 100) {{ {line} }} }}"),
        format!("{{ documents(first: 100, filter: {{ site: \"lanqiao\", hasDraft: true }}) {{ {line} }} }}"),
        format!(
            "{{ document({document}) {{ id draft {{ digest fields }} live {{ digest }} history {{ number }} \
             reviews {{ id changes {{ html }} }} schedules {{ id }} embargo {{ reason }} \
             previewLinks {{ id label }} events {{ kind }} deliveries {{ __typename }} draftLimit {{ contentId }} \
             placements {{ path }} audit {{ id }} }} }}"
        ),
        format!("{{ document({document}, id: {}) {{ id }} }}", draft.document["id"]),
        format!("{{ findings({document}) {{ excerpt message {{ zh }} }} }}"),
        "{ reviewQueue(first: 100) { items { title contentId } } }".to_owned(),
        "{ lateCosignatures(first: 100) { items { title contentId } } }".to_owned(),
        "{ schedules(first: 100) { items { title contentId } } }".to_owned(),
        "{ releaseSets(first: 100) { items { items { contentId locale } schedules { id } } } }".to_owned(),
        "{ deadlines(site: \"lanqiao\", first: 100) { items { title contentId } } }".to_owned(),
        format!("{{ auditTrail(first: 100, filter: {{ text: \"{MARK}\" }}) {{ edges {{ node {{ details }} }} }} }}"),
        "{ auditTrail(first: 100) { edges { node { details } } } }".to_owned(),
    ]
    .to_vec()
}

test_harness::on_both_databases! {
    with office;

    async fn whoever_is_not_named_finds_no_word_of_a_limited_draft(office: Office) {
        // Given a limited draft with a schedule, a release set, a preview link and a file; somebody who is
        // named; and three who hold every role, on the site, on the authority and on the whole hub
        let named = office.token("named", &[(Role::Editor, "lanqiao")]).await;
        let secret = office.secret().await;
        let content = secret.draft.document["contentId"].as_str().expect("an id").to_owned();
        let site = office.house.site("lanqiao").await;
        let authority = office.house.authority("lanqiao-city").await;
        let others = [
            every_role(&office, "everything-on-the-site", Scope::Site(site)).await,
            every_role(&office, "everything-there", Scope::Authority(authority)).await,
            every_role(&office, "everything", Scope::Hub).await,
        ];

        for other in &others {
            // When they ask for everything there is to ask for
            for query in questions(&secret.draft) {
                let answer = office.post(other, &query, json!({}), &[]).await;

                // Then no word of it is in the answer
                assert_eq!(answer.status, StatusCode::OK, "{query} {}", answer.json);
                assert_eq!(answer.json["errors"], Value::Null, "{query}");
                let told = answer.json.to_string();
                assert!(!told.contains(MARK), "{query}: {told}");
                assert!(query.contains(&content) || !told.contains(&content), "{query}: {told}");
            }
            let whole = &office.post(other, &questions(&secret.draft)[2], json!({}), &[]).await.json;
            assert_eq!(whole["data"]["document"], Value::Null);

            // And neither in the content API, nor in its file, nor in an export
            let asked = format!("{{ document(contentId: \"{content}\") {{ title }} }}");
            let told = office.previewed(other, &asked).await;
            assert_eq!(told["data"]["document"], Value::Null, "{told}");
            assert_eq!(office.file(other, &secret.file).await, StatusCode::NOT_FOUND);
            let told = office.exported(other).await;
            assert!(!told.contains(MARK) && !told.contains(&content));
        }

        // And whoever is named, and whoever wrote it, finds it everywhere
        for one in [&named, &secret.author] {
            let told = office.query(one, &questions(&secret.draft)[2], json!({})).await;
            assert_eq!(told["document"]["draft"]["fields"]["title"], MARK);
            let told = office.query(one, &questions(&secret.draft)[0], json!({})).await;
            assert!(told.to_string().contains(MARK));
            assert_eq!(office.file(one, &secret.file).await, StatusCode::OK);
            let asked = format!("{{ document(contentId: \"{content}\") {{ title }} }}");
            assert_eq!(office.previewed(one, &asked).await["data"]["document"]["title"], MARK);
        }
        assert_eq!(office.house.findings().await, []);
    }

    async fn whoever_is_not_named_does_nothing_to_a_limited_draft(office: Office) {
        // Given a limited draft, and somebody with every role
        let named = office.token("named", &[(Role::Editor, "lanqiao")]).await;
        let secret = office.secret().await;
        let site = office.house.site("lanqiao").await;
        let other = every_role(&office, "everything-on-the-site", Scope::Site(site)).await;
        let document = json!({ "document": target(&secret.draft.document) });
        let plus = |more: Value| with(document.clone(), &more);
        let content = &secret.draft.document["contentId"];
        let mut translation = new_article("Plan");
        translation["locale"] = json!("en");
        translation["contentId"] = content.clone();
        let same = translation.clone();

        // When they try whatever is done to drafts
        for (act, input) in [
            ("saveDraft", plus(json!({ "draft": text("改") }))),
            ("discardDraft", document.clone()),
            ("publishDocument", plus(json!({ "approvedDigest": secret.draft.digest }))),
            ("submitDocument", plus(json!({ "digest": secret.draft.digest }))),
            ("setEmbargo", plus(json!({ "notBefore": "2026-05-01T00:00:00Z", "reason": "统一口径" }))),
            ("schedulePublication", plus(json!({ "approvedDigest": secret.draft.digest, "at": "2026-05-01T00:00:00Z" }))),
            ("createPreviewLink", json!({ "label": "试", "document": { "contentId": content, "locale": "zh-CN" } })),
            ("recallContent", json!({ "contentId": content, "notice": notice("错误") })),
            ("createDocument", translation),
        ] {
            // Then it is as if there were none
            let refused = office.refused(&other, act, input).await;
            assert_eq!(refused.first().map(|(code, _)| code.as_str()), Some("not_found"), "{act}: {refused:?}");
        }

        // And what it holds says not by whom
        let mut taken = new_article("同一路径");
        taken["draft"]["placements"][0]["path"] = json!("/secret/plan.html");
        let payload = office.act(&other, "createDocument", taken, "__typename").await;
        let told = payload["userErrors"].to_string();
        assert!(told.contains("path_taken"), "{told}");
        assert!(!told.contains(secret.draft.document["id"].as_str().expect("an id")), "{told}");

        // And a link to it leads to nothing
        let mut linking = new_article("引用");
        linking["draft"]["fields"]["basis"] = json!([content]);
        let refused = office.refused(&other, "createDocument", linking.clone()).await;
        assert_eq!(refused[0].0, "link_to_nothing");

        // And whoever is named does all of that
        office.done(&named, "createDocument", linking, "draft { digest }").await;
        office.done(&named, "createDocument", same, "draft { digest }").await;
    }

    async fn whoever_administers_lifts_a_limit_on_record_and_reads_then(office: Office) {
        // Given a limited draft, and whoever administers the site
        office.token("named", &[]).await;
        let secret = office.secret().await;
        let administrator = office.token("webmaster", &[(Role::SiteAdministrator, "lanqiao")]).await;
        let operator = office.token("operator", &[(Role::Operator, "lanqiao")]).await;
        let stranger = office.token("stranger", &[(Role::Editor, "lanqiao")]).await;
        let content = &secret.draft.document["contentId"];
        let limits = "{ draftLimits { items { contentId persons { name } authors { name } } } }";

        // When they look what is limited, they find it without a word of it
        let told = office.query(&administrator, limits, json!({})).await["draftLimits"]["items"].clone();
        assert_eq!(told[0]["contentId"], *content);
        assert_eq!(told[0]["persons"], json!([{ "name": "账号 named" }]));
        assert!(!told.to_string().contains(MARK));
        for other in [&operator, &stranger] {
            let told = office.query(other, limits, json!({})).await;
            assert_eq!(told["draftLimits"]["items"], json!([]));
            let lift = json!({ "contentId": content, "reason": "起草人离职" });
            assert_eq!(office.refused(other, "liftDraftLimit", lift).await[0].0, "not_found");
        }
        let whole = questions(&secret.draft)[2].clone();
        assert_eq!(office.query(&administrator, &whole, json!({})).await["document"], Value::Null);

        // Then they may lift it, with a reason that stays in the audit, and read
        let lift = |reason: &str| json!({ "contentId": content, "reason": reason });
        assert_eq!(office.refused(&administrator, "liftDraftLimit", lift(" ")).await[0].0, "count");
        office.done(&administrator, "liftDraftLimit", lift("起草人离职"), "lifted { contentId }").await;
        let told = office.query(&administrator, &whole, json!({})).await;
        assert_eq!(told["document"]["draft"]["fields"]["title"], MARK);
        let trail = "{ auditTrail(first: 10, filter: { action: \"draft.\" }) { edges { node { action details actor { name } } } } }";
        let told = office.query(&administrator, trail, json!({})).await;
        let first = &told["auditTrail"]["edges"][0]["node"];
        assert_eq!((&first["action"], &first["details"]["reason"]), (&json!("draft.liftLimit"), &json!("起草人离职")));
    }

    async fn a_limit_names_authorities_and_binds_drafts_alone(office: Office) {
        // Given what is live, and a draft over it that is limited to an authority
        let live = office.live("公开的安排").await;
        let editor = office.token("editor", &[(Role::Editor, "lanqiao"), (Role::Editor, "lanqiao-finance")]).await;
        let mut said = text(MARK);
        said["placements"] = json!([
            { "site": "lanqiao", "columns": ["policy/finance"] },
            { "site": "lanqiao-finance", "columns": ["notices"] },
        ]);
        let save = json!({ "document": target(&live), "draft": said });
        let draft = Draft::of(&office.done(&editor, "saveDraft", save, "draft { digest document { id contentId locale version } }").await);
        let limit = json!({ "contentId": live["contentId"], "to": { "authorities": ["lanqiao-city"] } });
        let selection = "limit { authorities persons { name } authors { name } setBy { name } }";
        let set = office.done(&editor, "limitDrafts", limit, selection).await;
        assert_eq!(set["limit"]["authorities"], json!(["lanqiao-city"]));
        let colleague = office.token("colleague", &[(Role::Reader, "lanqiao"), (Role::Reader, "lanqiao-finance")]).await;
        let everywhere = office.token("auditor", &[(Role::Auditor, ""), (Role::Editor, "")]).await;
        let whole = questions(&draft)[2].clone();

        // When people of that authority look, and people of the hub
        let within = office.query(&colleague, &whole, json!({})).await;
        let without = office.query(&everywhere, &whole, json!({})).await;

        // Then the former see the draft, and the latter what is public, as if there were none
        assert_eq!(within["document"]["draft"]["fields"]["title"], MARK);
        assert_eq!(without["document"]["draft"], Value::Null);
        assert_ne!(without["document"]["live"], Value::Null);
        let list = office.query(&everywhere, &questions(&draft)[0], json!({})).await;
        let line = &list["documents"]["edges"][0]["node"];
        assert_eq!((&line["title"], &line["hasDraft"]), (&json!("公开的安排"), &json!(false)));
        let list = office.query(&everywhere, &questions(&draft)[1], json!({})).await;
        assert_eq!(list["documents"]["edges"], json!([]), "none with a draft");
        let there = "{ documents(first: 9, filter: { site: \"lanqiao-finance\" }) { edges { node { id } } } }";
        let list = office.query(&everywhere, there, json!({})).await;
        assert_eq!(list["documents"]["edges"], json!([]), "where it is to stand is told to nobody else");
        let list = office.query(&editor, there, json!({})).await;
        assert_eq!(list["documents"]["edges"].as_array().map(Vec::len), Some(1));

        // And what is public is taken back by whoever may
        let take = json!({ "document": target(&draft.document), "notice": notice("核实") });
        office.done(&office.administrator, "withdrawDocument", take, "document { visibility }").await;
    }
}

test_harness::on_both_databases! {
    with staff;

    async fn a_limited_draft_is_seen_by_whose_step_it_lies_before(staff: Staff) {
        // Given a limited draft that is submitted
        let draft = staff.office.draft(&staff.author, MARK).await;
        let limit = json!({ "contentId": draft.document["contentId"], "to": {} });
        staff.office.done(&staff.author, "limitDrafts", limit, "limit { setAt }").await;
        let title = "draft { fields } reviews { acts { kind } }";
        for reviewer in [&staff.first, &staff.second, &staff.approver, &staff.secrecy] {
            assert_eq!(staff.document(reviewer, &draft, title).await, Value::Null);
        }
        staff.submit(&draft).await;
        let queue = "{ reviewQueue { items { title } } }";
        let sees = async |token: &str| {
            let read = staff.document(token, &draft, title).await;
            let queued = staff.office.query(token, queue, json!({})).await;
            let is_queued = queued.to_string().contains(MARK);
            assert_eq!(!read["draft"].is_null(), is_queued, "{queued}");
            is_queued
        };

        // Then those see it whose turn it is, one after the other
        assert!(sees(&staff.first).await && sees(&staff.secrecy).await);
        assert!(!sees(&staff.second).await && !sees(&staff.approver).await);
        let refused = staff.refused(&staff.second, "approveDocument", looked(&draft)).await;
        assert_eq!(refused, "not_found");
        staff.approve(&staff.first, &draft).await;
        assert!(!sees(&staff.first).await && sees(&staff.second).await);
        staff.approve(&staff.second, &draft).await;
        staff.conclude(&draft, "OPEN").await;
        assert!(!sees(&staff.secrecy).await && sees(&staff.approver).await);

        // And once it is published everybody does, while the next draft is limited again
        let live = staff.office.publish(&staff.approver, &draft).await;
        assert_eq!(staff.document(&staff.first, &draft, "live { number }").await["live"]["number"], 1);
        let save = json!({ "document": target(&live), "draft": text("下一稿") });
        staff.office.done(&staff.author, "saveDraft", save, "draft { digest }").await;
        assert_eq!(staff.document(&staff.first, &draft, "hasDraft").await["hasDraft"], false);
    }
}
