//! When a link is good, and when it is no more: never longer than its maker may see the draft.

use editorial::{
    access::{disable_person, revoke_role},
    documents, previews,
};
use schema::permission::{Grant, Role, Scope};

use super::{headers, preview, send};
use crate::house::{House, article, house, now, text};

const TITLES: &str = "{ document(site: \"lanqiao\", path: \"/policy/finance/a\") { title } }";

impl House {
    /// A draft at `/policy/finance/a`.
    async fn a_draft(&self) -> editorial::documents::SavedDraft {
        let mut new = article("甲稿");
        new.text.placements[0].path = Some("/policy/finance/a".parse().expect("a path"));
        self.create(new).await.expect("the draft is saved")
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_link_is_good_until_its_time_is_over(house: House) {
        let node = house.node().await;
        let (editor, draft) = (house.editor().await, house.a_draft().await);
        let link = house.link(&editor, draft.document.id).await;
        let secret = link.secret.reveal();

        assert_eq!(preview(&node, secret, TITLES).await["document"]["title"], "甲稿");
        house.clock.set("2026-03-05T00:50:00Z");
        assert_eq!(preview(&node, secret, TITLES).await["document"]["title"], "甲稿");
        house.clock.set("2026-03-05T01:10:00Z");
        let late = send(&node, &headers(secret), TITLES).await;

        assert_eq!((late.status, late.problem().as_str()), (401, "unauthenticated"));
        node.stop().await;
    }

    async fn a_revoked_link_shows_nothing_with_the_next_request(house: House) {
        let node = house.node().await;
        let (editor, draft) = (house.editor().await, house.a_draft().await);
        let (kept, leaked) =
            (house.link(&editor, draft.document.id).await, house.link(&editor, draft.document.id).await);

        for _ in 0..2 {
            let revoked = house
                .act_as(&editor.actor, async |work| {
                    previews::revoke_preview_link(work, leaked.link.id).await
                })
                .await
                .expect("it is revoked, however often");
            assert!(revoked.0.terms.revoked_at.is_some());
        }

        assert_eq!(send(&node, &headers(leaked.secret.reveal()), TITLES).await.status, 401);
        let shown = preview(&node, kept.secret.reveal(), TITLES).await;
        assert_eq!(shown["document"]["title"], "甲稿", "the other one stays good");
        node.stop().await;
    }

    async fn a_publication_ends_the_links_to_what_was_a_draft(house: House) {
        let node = house.node().await;
        let (editor, draft) = (house.editor().await, house.a_draft().await);
        let before = house.link(&editor, draft.document.id).await;

        let live = house.make_public(&draft).await.document;
        assert_eq!(send(&node, &headers(before.secret.reveal()), TITLES).await.status, 401);
        let next = house.save(now(&live), text("乙稿")).await.expect("the draft is saved");
        assert_eq!(send(&node, &headers(before.secret.reveal()), TITLES).await.status, 401,
            "the next draft is another matter");
        let after = house.link(&editor, live.id).await;

        assert_eq!(preview(&node, after.secret.reveal(), TITLES).await["document"]["title"], "乙稿");
        house.recall(&next.document).await;
        assert_eq!(send(&node, &headers(after.secret.reveal()), TITLES).await.status, 401);
        node.stop().await;
    }

    async fn a_link_shows_no_more_than_its_maker_may_see_today(house: House) {
        let node = house.node().await;
        let (editor, draft) = (house.editor().await, house.a_draft().await);
        let link = house.link(&editor, draft.document.id).await;
        let secret = link.secret.reveal();
        let login = "editor".parse().expect("a login");
        let grant = Grant { role: Role::Editor, scope: Scope::Site(house.site("lanqiao").await) };

        house.act(async |work| revoke_role(work, &login, grant).await).await.expect("it is taken");
        assert_eq!(preview(&node, secret, TITLES).await["document"], serde_json::Value::Null);
        house.act(async |work| disable_person(work, &login).await).await.expect("it is disabled");

        assert_eq!(send(&node, &headers(secret), TITLES).await.status, 401);
        node.stop().await;
    }

    async fn a_link_gets_no_rights_that_its_maker_was_given_later(house: House) {
        let node = house.node().await;
        let (editor, draft) = (house.editor().await, house.a_draft().await);
        let link = house.link(&editor, draft.document.id).await;
        let mut moved = text("甲稿");
        moved.placements.push(crate::house::placed("lanqiao-finance", &["notices"], None));
        house.save(now(&draft.document), moved).await.expect("the draft is saved");
        let login = "editor".parse().expect("a login");
        let grant =
            Grant { role: Role::Editor, scope: Scope::Site(house.site("lanqiao-finance").await) };
        house
            .act(async |work| editorial::access::grant_role(work, &login, grant).await)
            .await
            .expect("it is granted");

        let shown = preview(&node, link.secret.reveal(), TITLES).await;

        assert_eq!(shown["document"], serde_json::Value::Null, "it stands on a site beyond the link");
        node.stop().await;
    }

    async fn guesses_are_counted_as_wrong_tokens_are(house: House) {
        let node = house.node().await;
        let guess = |number: u8| {
            let letters = char::from(b'A' + number % 26).to_string().repeat(43);
            format!("gbp_{}", &letters[..42]) + "A"
        };
        let mut statuses = Vec::new();
        for number in 0..40 {
            statuses.push(send(&node, &headers(&guess(number)), TITLES).await.status);
        }

        assert_eq!(statuses[0], 401);
        assert!(statuses.contains(&429), "{statuses:?}");
        node.stop().await;
    }

    async fn what_is_discarded_or_erased_takes_its_links_along(house: House) {
        let (editor, draft) = (house.editor().await, house.a_draft().await);
        house.link(&editor, draft.document.id).await;
        let target = now(&draft.document);
        house
            .act(async |work| documents::discard_draft(&house.desk, work, target).await)
            .await
            .expect("it is discarded");

        assert!(house.seen_by(&schema::viewer::Viewer::Known(editor.actor), draft.document.id).await.is_none());
        assert_eq!(house.findings().await, []);
    }
}
