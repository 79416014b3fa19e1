//! Drafts, publication, correction, move, withdrawal, removal and recall, as the public and
//! the log see them.

use editorial::{
    Refusal,
    documents::{self, Outcome},
};
use schema::{
    digest::Digest,
    edition::Importance,
    gate::Shut,
    permission::{Action, Role, Scope},
    viewer::Viewer,
    visibility::{EventKind, Removal, Visibility},
};
use serde_json::json;

use crate::house::{House, actor, article, fields, house, now, placed, publication, text, told};

fn codes(refusal: &Refusal) -> Vec<(String, &'static str)> {
    match refusal {
        Refusal::Invalid(faults) => faults.iter().map(|f| (f.path.clone(), f.code)).collect(),
        other => panic!("not about values: {other:?}"),
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_draft_is_seen_by_nobody_without_the_right(house: House) {
        let draft = house.create(article("草稿")).await.expect("it is saved");

        assert_eq!(house.seen(draft.document.id).await, None);
        let other = house.on_site(Role::Editor, "nanhe", 7).await;
        assert_eq!(house.seen_by(&Viewer::Known(other), draft.document.id).await, None);
        let editor = house.on_site(Role::Editor, "lanqiao", 8).await;
        let seen = house.seen_by(&Viewer::Known(editor), draft.document.id).await;
        assert_eq!(seen.and_then(|seen| seen.draft), Some(draft.edition));
        assert_eq!(house.kinds().await, []);
    }

    async fn publishing_makes_the_draft_live(house: House) {
        let draft = house.create(article("通知")).await.expect("it is saved");

        let published = house.make_public(&draft).await;

        assert_eq!((published.number, published.kind), (1, EventKind::Publish));
        let reading = house.read(draft.document.id).await.expect("the public reads it");
        assert_eq!(reading.content.fields["title"], "通知");
        assert_eq!((reading.digest, reading.number), (draft.digest, Some(1)));
        let [(EventKind::Publish, event)] = &house.events().await[..] else { panic!("one event") };
        assert_eq!(event.left, []);
        assert_eq!(event.entered, reading.place.placements);
        assert_eq!(event.visibility, Visibility::Live);
        assert_eq!(house.findings().await, []);
    }

    async fn what_differs_decides_what_a_publication_is(house: House) {
        let document = house.live_article("甲").await;

        let corrected = house.correct(&document, text("乙")).await;
        let mut elsewhere = text("乙");
        elsewhere.placements = vec![placed("lanqiao", &["news"], Some("/news/moved"))];
        let moved = house.correct(&corrected.document, elsewhere.clone()).await;
        let again = house.save(now(&moved.document), elsewhere).await.expect("it is saved");
        let nothing = house.publish(&again).await.expect("it is accepted");

        assert_eq!((corrected.kind, corrected.number), (EventKind::Correct, 2));
        assert_eq!((moved.kind, moved.number), (EventKind::Move, 3));
        assert!(matches!(nothing, Outcome::NothingChanged(document) if document.draft.is_none()));
        let events = house.events().await;
        assert_eq!(events.len(), 3, "what changes nothing makes no event");
        let (_, event) = &events[2];
        assert_eq!(event.left[0].columns[0].as_str(), "policy/finance");
        assert_eq!(event.entered[0].path.as_str(), "/news/moved");
        assert_eq!(house.findings().await, []);
    }

    async fn a_stale_write_is_refused_and_says_who_came_first(house: House) {
        let seen = house.create(article("甲")).await.expect("it is saved").document;
        let colleague = actor("同事", 9, Role::Editor, Scope::Hub);
        house
            .act_as(&colleague, async |work| {
                documents::save_draft(&house.desk, work, now(&seen), text("乙")).await
            })
            .await
            .expect("the colleague saves");

        let refusal = house.save(now(&seen), text("丙")).await.expect_err("it is stale");

        let Refusal::Stale { expected, actual, changed_by, .. } = refusal else {
            panic!("{refusal:?}")
        };
        assert_eq!((expected, actual, changed_by), (seen.version, seen.version + 1, colleague.id));
    }

    async fn nothing_is_published_but_the_text_that_was_looked_at(house: House) {
        let draft = house.create(article("甲")).await.expect("it is saved");
        let mut request = publication(&draft);

        for (approved, shut) in [
            (None, Shut::DigestMissing),
            (Some(Digest::of(b"another text")), Shut::DigestDiffers),
        ] {
            request.approved = approved;
            let refusal = house
                .act(async |work| documents::publish(&house.desk, work, request.clone()).await)
                .await
                .expect_err("the gate is shut");
            assert_eq!(refusal, Refusal::Gate(shut));
        }
        assert_eq!(house.seen(draft.document.id).await, None);
    }

    async fn an_editor_drafts_but_does_not_publish(house: House) {
        let editor = house.on_site(Role::Editor, "lanqiao", 8).await;
        let (draft, _) = house
            .act_as(&editor, async |work| {
                documents::create(&house.desk, work, article("甲")).await
            })
            .await
            .expect("an editor drafts");

        let refusal = house
            .act_as(&editor, async |work| {
                documents::publish(&house.desk, work, publication(&draft)).await
            })
            .await
            .expect_err("an editor does not publish");

        assert_eq!(refusal, Refusal::Gate(Shut::NotPermitted(Action::Publish)));
    }

    async fn somebody_of_another_site_is_told_that_there_is_nothing(house: House) {
        let draft = house.create(article("甲")).await.expect("it is saved");
        let stranger = house.on_site(Role::Approver, "nanhe", 7).await;

        let refusals = [
            house
                .act_as(&stranger, async |work| {
                    documents::save_draft(&house.desk, work, now(&draft.document), text("乙")).await
                })
                .await
                .map(|_| ()),
            house
                .act_as(&stranger, async |work| {
                    documents::publish(&house.desk, work, publication(&draft)).await
                })
                .await
                .map(|_| ()),
            house
                .act_as(&stranger, async |work| {
                    documents::discard_draft(&house.desk, work, now(&draft.document)).await
                })
                .await
                .map(|_| ()),
        ];

        for refusal in refusals {
            assert_eq!(refusal.expect_err("it is refused").code(), "not_found");
        }
    }

    async fn unfinished_is_saved_but_not_published(house: House) {
        let mut unfinished = article("甲");
        unfinished.text.fields = fields(json!({ "title": "甲" }));
        let draft = house.create(unfinished).await.expect("an unfinished draft is saved");

        let refusal = house.publish(&draft).await.expect_err("the body is missing");

        assert_eq!(codes(&refusal), [("body".to_owned(), "required")]);
    }

    async fn everything_wrong_with_a_text_is_said_at_once(house: House) {
        let mut wrong = article("甲");
        wrong.text.fields = fields(json!({
            "title": 5, "writtenOn": "2026-02-30", "nonsense": true, "tags": ["好", {}],
        }));

        let refusal = house.create(wrong).await.expect_err("it is refused");

        let mut paths: Vec<_> = codes(&refusal).into_iter().map(|(path, _)| path).collect();
        paths.sort();
        assert_eq!(paths, ["nonsense", "tags[1]", "title", "writtenOn"]);
    }

    async fn a_path_is_held_by_one_document_from_its_draft_on(house: House) {
        let mut first = article("甲");
        first.text.placements = vec![placed("lanqiao", &["policy"], Some("/policy/one"))];
        let held = house.create(first.clone()).await.expect("it is saved");

        let refusal = house.create(first.clone()).await.expect_err("the path is taken");
        assert!(matches!(refusal, Refusal::PathTaken { by, .. } if by == Some(held.document.id)));

        house
            .act(async |work| {
                documents::discard_draft(&house.desk, work, now(&held.document)).await
            })
            .await
            .expect("the draft is discarded");
        house.create(first).await.expect("the path is free again");
    }

    async fn a_former_path_stays_with_its_document(house: House) {
        let mut first = article("甲");
        first.text.placements = vec![placed("lanqiao", &["policy"], Some("/policy/one"))];
        let draft = house.create(first.clone()).await.expect("it is saved");
        let document = house.make_public(&draft).await.document;
        let mut moved = text("甲");
        moved.placements = vec![placed("lanqiao", &["policy"], Some("/policy/two"))];
        house.correct(&document, moved).await;

        let refusal = house.create(first).await.expect_err("readers still come by the old path");

        assert!(matches!(refusal, Refusal::PathTaken { by, .. } if by == Some(document.id)));
        let mut session = house.desk.store.reader().await.expect("a reader");
        let site = house.site("lanqiao").await;
        let found = |path: &str| path.parse().expect("a path");
        let old = store::routes::find(&mut session, site, &found("/policy/one")).await;
        let new = store::routes::find(&mut session, site, &found("/policy/two")).await;
        use store::routes::RouteState::{Current, Former};
        assert_eq!(old.expect("an answer"), Some((document.id, Former)));
        assert_eq!(new.expect("an answer"), Some((document.id, Current)));
    }

    async fn a_value_that_must_be_unique_is_held_by_one_content(house: House) {
        let with_number = |title: &str| {
            let mut new = article(title);
            new.text.fields.insert("indexNumber".into(), json!("000014349/2026-00001"));
            new
        };
        let first = house.create(with_number("甲")).await.expect("it is saved");
        let refusal = house.create(with_number("乙")).await.expect_err("the number is taken");
        assert!(matches!(refusal, Refusal::NotUnique { by, .. } if by == Some(first.document.content)));

        let document = house.make_public(&first).await.document;
        house.correct(&document, text("甲，无号")).await;
        house.create(with_number("乙")).await.expect("the number was given back");
    }

    async fn a_link_leads_to_something_that_exists(house: House) {
        let mut new = article("甲");
        let nothing = "0190a000-0000-7000-8000-000000000000";
        new.text.fields.insert("basis".into(), json!([nothing]));

        let refusal = house.create(new.clone()).await.expect_err("it leads nowhere");
        assert!(matches!(refusal, Refusal::LinkToNothing(..)));

        let basis = house.live_article("依据").await;
        new.text.fields.insert("basis".into(), json!([basis.content]));
        let draft = house.create(new).await.expect("it is saved");
        let linking = house.make_public(&draft).await.document;
        let mut session = house.desk.store.reader().await.expect("a reader");
        let links = store::links::to(&mut session, basis.content).await.expect("an answer");
        assert_eq!(links, [(linking.id, "basis".parse().expect("a field name"))]);
    }

    async fn a_file_must_have_been_stored(house: House) {
        let digest = Digest::of(b"file");
        let mut new = article("甲");
        new.text.fields.insert(
            "files".into(),
            json!([{ "digest": digest, "name": "a.pdf", "mediaType": "application/pdf", "size": 4 }]),
        );

        let refusal = house.create(new).await.expect_err("the file is not there");

        assert_eq!(refusal, Refusal::FileMissing(digest));
    }

    async fn columns_and_sites_must_exist_and_be_the_owners(house: House) {
        let with = |placements| {
            let mut new = article("甲");
            new.text.placements = placements;
            new
        };
        let refused = async |placements| house.create(with(placements)).await.expect_err("refused");

        assert_eq!(refused(vec![]).await.code(), "invalid");
        assert_eq!(refused(vec![placed("nowhere", &["policy"], None)]).await.code(), "not_found");
        assert_eq!(refused(vec![placed("lanqiao", &["nothing"], None)]).await.code(), "not_found");
        assert_eq!(refused(vec![placed("nanhe", &["policy"], None)]).await.code(), "foreign_site");
        assert_eq!(refused(vec![placed("lanqiao", &[], None)]).await.code(), "invalid");
        let twice = vec![placed("lanqiao", &["policy"], None), placed("lanqiao", &["news"], None)];
        assert_eq!(refused(twice).await.code(), "invalid");
    }

    async fn withdrawal_shows_a_notice_until_it_is_published_again(house: House) {
        let document = house.live_article("甲").await;
        let mut notice = told("内容有误，更正中", "Being corrected");
        notice.shows_text = true;

        let withdrawn = house.withdraw(&document, notice.clone()).await.expect("it is withdrawn");
        assert_eq!(withdrawn.visibility, Visibility::Withdrawn);
        assert!(house.read(document.id).await.is_some(), "the text is shown under the notice");
        let same = house.withdraw(&withdrawn, notice).await.expect("saying it twice is no error");
        let alone = house.withdraw(&same, told("已撤回", "Withdrawn")).await.expect("changed");
        assert!(house.read(document.id).await.is_none(), "the notice stands alone");

        let lifted = house.correct(&alone, text("甲")).await;
        assert_eq!((lifted.kind, lifted.number), (EventKind::Publish, 2));
        use EventKind::{Publish, Withdraw};
        assert_eq!(house.kinds().await, [Publish, Withdraw, Withdraw, Publish]);
        assert_eq!(house.findings().await, []);
    }

    async fn removal_is_gone_redirected_or_vanished(house: House) {
        for (removal, address, state) in [
            (Removal::Gone, None, Visibility::Gone),
            (Removal::Redirect, Some("/policy/new"), Visibility::Redirect),
            (Removal::Vanish, None, Visibility::Vanished),
        ] {
            let document = house.live_article("甲").await;
            let mut notice = told("已整合", "Consolidated");
            notice.address = address.map(Into::into);
            let removed = house
                .act(async |work| {
                    let target = now(&document);
                    documents::remove(&house.desk, work, target, removal, notice.clone()).await
                })
                .await
                .expect("it is removed");
            assert_eq!((removed.visibility, removed.live), (state, None));
            assert_eq!(house.read(document.id).await, None);
        }
        let document = house.live_article("乙").await;
        let refusal = house
            .act(async |work| {
                let (target, notice) = (now(&document), told("无", "None"));
                documents::remove(&house.desk, work, target, Removal::Redirect, notice).await
            })
            .await
            .expect_err("a redirect leads somewhere");
        assert_eq!(codes(&refusal), [("notice.address".to_owned(), "required")]);
        assert_eq!(house.findings().await, []);
    }

    async fn a_recall_is_for_ever(house: House) {
        let document = house.live_article("甲").await;

        let recalled = house.recall(&document).await;

        assert_eq!(recalled.len(), 1);
        assert_eq!(house.recall(&document).await, [], "recalling again is no error");
        let document = &recalled[0];
        let refusal = house.save(now(document), text("乙")).await.expect_err("nothing lifts it");
        assert_eq!(refusal, Refusal::NotFrom(Visibility::Recalled));
        let mut again = article("乙");
        again.content = Some(document.content);
        let refusal = house.create(again).await.expect_err("not by accident either");
        assert_eq!(refusal, Refusal::NotFrom(Visibility::Recalled));
        assert_eq!(house.kinds().await, [EventKind::Publish, EventKind::Recall]);
        assert_eq!(house.findings().await, []);
    }

    async fn a_reissue_takes_over_path_and_content_id_on_purpose(house: House) {
        let mut first = article("甲");
        first.text.placements = vec![placed("lanqiao", &["policy"], Some("/policy/one"))];
        let draft = house.create(first.clone()).await.expect("it is saved");
        let document = house.make_public(&draft).await.document;
        house.recall(&document).await;

        first.content = Some(document.content);
        first.takes_over = Some(document.id);
        let draft = house.create(first).await.expect("it is saved");
        let site = house.site("lanqiao").await;
        let path = "/policy/one".parse().expect("a path");
        let holder = async || {
            let mut session = house.desk.store.reader().await.expect("a reader");
            let found = store::routes::find(&mut session, site, &path).await;
            found.expect("an answer").expect("somebody holds it").0
        };
        assert_eq!(holder().await, document.id, "a draft changes nothing that readers see");

        let reissued = house.make_public(&draft).await.document;

        assert_eq!(reissued.content, document.content);
        assert_eq!(holder().await, reissued.id);
        assert_eq!(house.findings().await, []);
    }

    async fn a_draft_of_a_recalled_content_goes_with_it(house: House) {
        let document = house.live_article("甲").await;
        house.save(now(&document), text("乙")).await.expect("it is saved");

        let recalled = house.recall(&document).await;

        assert_eq!(recalled[0].draft, None);
    }

    async fn minor_changes_leave_the_public_time_alone(house: House) {
        let document = house.live_article("甲").await;
        let mut slip = text("甲，错字已改");
        slip.importance = Importance::Minor;

        let corrected = house.correct(&document, slip).await.document;

        assert_eq!(corrected.major_at, document.major_at);
        assert!(corrected.published_at > document.published_at);
        assert_eq!(corrected.first_published_at, document.first_published_at);
    }

    async fn an_earlier_edition_starts_a_new_draft(house: House) {
        let document = house.live_article("甲").await;
        let corrected = house.correct(&document, text("乙")).await.document;

        let draft = house
            .act(async |work| {
                documents::draft_from_edition(&house.desk, work, now(&corrected), 1).await
            })
            .await
            .expect("edition 1 is there");
        house.make_public(&draft).await;

        let reading = house.read(document.id).await.expect("the public reads it");
        assert_eq!((reading.content.fields["title"].as_str(), reading.number), (Some("甲"), Some(3)));
    }

    async fn hostile_markup_never_reaches_the_store(house: House) {
        let mut new = article("甲");
        new.text.fields.insert(
            "body".into(),
            json!("<p onclick=x()>好</p><script>alert(1)</script><a href='javascript:x()'>a</a>"),
        );

        let draft = house.create(new).await.expect("it is saved");
        house.make_public(&draft).await;

        let reading = house.read(draft.document.id).await.expect("the public reads it");
        let body = reading.content.fields["body"].as_str().expect("a text");
        assert!(body.contains("<p>好</p>"), "{body}");
        for bad in ["script", "onclick", "javascript"] {
            assert!(!body.contains(bad), "{body}");
        }
    }
}
