//! Files of drafts: by addresses that a browser can fetch without a header, each for one file and
//! as long as that is good from which it was made.

use editorial::previews;
use schema::{digest::Digest, permission::Role};
use serde_json::{Value, json};

use super::{headers, preview, public};
use crate::{
    house::{House, PNG, article, house, now},
    live::Node,
    wire::{Answer, ask, get},
};

const FILES: &str = "{ document(site: \"lanqiao\", path: \"/policy/finance/a\") { attachments { url } \
    ... on Article { files { url } body { html images { url } } } } }";

impl House {
    /// Bytes that were uploaded.
    async fn uploaded(&self, bytes: &[u8]) -> Digest {
        self.take_in(bytes).await.digest
    }

    /// A draft with an attachment and a picture in its text.
    async fn draft_with_files(&self) -> (editorial::documents::SavedDraft, Digest, Digest) {
        let paper = self.uploaded(b"the paper of a draft").await;
        let picture = self.uploaded(PNG).await;
        let mut new = article("附件稿");
        new.text.placements[0].path = Some("/policy/finance/a".parse().expect("a path"));
        new.text.fields.insert(
            "body".into(),
            json!(format!("<p>看图<img src=\"asset:{picture}\" alt=\"图\"></p>")),
        );
        new.text.fields.insert(
            "files".into(),
            json!([{
                "digest": paper, "name": "附件.txt", "mediaType": "text/plain", "size": 20,
            }]),
        );
        (self.create(new).await.expect("the draft is saved"), paper, picture)
    }
}

/// The address of the attachment and of the picture, as an answer prints them.
fn addresses(data: &Value) -> [String; 2] {
    let document = &data["document"];
    let text = |value: &Value| value.as_str().expect("an address").to_owned();
    let html = text(&document["body"]["html"]);
    let picture = text(&document["body"]["images"][0]["url"]);
    assert!(html.contains(&format!("src=\"{picture}\"")), "{html} {picture}");
    assert_eq!(document["files"], document["attachments"]);
    [text(&document["files"][0]["url"]), picture]
}

async fn fetch(node: &Node, address: &str) -> Answer {
    get(node.address, address).await
}

test_harness::on_both_databases! {
    with house;

    async fn a_browser_gets_the_files_of_a_draft_by_the_printed_address(house: House) {
        let node = house.node().await;
        let (editor, (draft, paper, _)) = (house.editor().await, house.draft_with_files().await);
        let link = house.link(&editor, draft.document.id).await;
        let secret = link.secret.reveal();
        let printed = addresses(&preview(&node, secret, FILES).await);

        for address in &printed {
            let (bare, ticket) = address.split_once("?preview=").expect("a ticket");
            assert!(!address.contains(secret) && ticket.len() > 40, "the link itself is in no address");
            let got = fetch(&node, address).await;
            assert_eq!(got.status, 200, "{address}");
            assert_eq!(got.header("cache-control"), "private, no-store");
            assert_eq!(got.header("x-robots-tag"), "noindex, nofollow");
            assert_eq!(got.header("referrer-policy"), "no-referrer");
            assert_eq!(fetch(&node, bare).await.status, 404, "nobody else has it");
        }
        let own = headers(secret);
        let own: Vec<_> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let bare = format!("/assets/{}/x", paper.hex());
        assert_eq!(ask(node.address, "GET", &bare, &own).await.body, b"the paper of a draft", "a program sends the header");
        let (ticket_of_paper, picture) = (printed[0].split_once('?').expect("a ticket").1, printed[1].split_once('?').expect("a ticket").0);
        assert_eq!(fetch(&node, &format!("{picture}?{ticket_of_paper}")).await.status, 404, "a ticket is for one file");
        node.stop().await;
    }

    async fn an_address_is_good_no_longer_than_its_link(house: House) {
        let node = house.node().await;
        let (editor, (draft, ..)) = (house.editor().await, house.draft_with_files().await);
        let (revoked, expiring) = (house.link(&editor, draft.document.id).await, house.link(&editor, draft.document.id).await);
        let [of_revoked, _] = addresses(&preview(&node, revoked.secret.reveal(), FILES).await);
        let [of_expiring, _] = addresses(&preview(&node, expiring.secret.reveal(), FILES).await);

        house.act_as(&editor.actor, async |work| previews::revoke_preview_link(work, revoked.link.id).await)
            .await.expect("it is revoked");
        assert_eq!(fetch(&node, &of_revoked).await.status, 404);
        assert_eq!(fetch(&node, &of_expiring).await.status, 200);
        house.clock.set("2026-03-05T02:00:00Z");
        assert_eq!(fetch(&node, &of_expiring).await.status, 404);
        node.stop().await;
    }

    async fn what_is_public_is_public_by_any_address(house: House) {
        let node = house.node().await;
        let (editor, (draft, ..)) = (house.editor().await, house.draft_with_files().await);
        let link = house.link(&editor, draft.document.id).await;
        let [with_ticket, _] = addresses(&preview(&node, link.secret.reveal(), FILES).await);

        let live = house.make_public(&draft).await.document;
        let printed = addresses(&public(&node, FILES).await);
        assert!(printed.iter().all(|address| !address.contains('?')), "the public gets no tickets: {printed:?}");
        for address in [&printed[0], &with_ticket] {
            let got = fetch(&node, address).await;
            assert_eq!(got.status, 200);
            assert!(got.header("cache-control").starts_with("public"));
        }
        house.recall(&live).await;
        for address in [&printed[0], &with_ticket] {
            assert_eq!(fetch(&node, address).await.status, 404);
        }
        node.stop().await;
    }

    async fn a_reader_is_given_addresses_for_an_hour(house: House) {
        let node = house.node().await;
        let reader = house.somebody_on("reader", Role::Reader, "lanqiao").await;
        house.draft_with_files().await;
        let [address, _] = addresses(&preview(&node, &reader.token, FILES).await);

        assert!(!address.contains(&reader.token));
        assert_eq!(fetch(&node, &address).await.status, 200);
        house.clock.set("2026-03-02T02:10:00Z");
        assert_eq!(fetch(&node, &address).await.status, 404);

        let [again, _] = addresses(&preview(&node, &reader.token, FILES).await);
        assert_eq!(fetch(&node, &again).await.status, 200);
        let login = "reader".parse().expect("a login");
        house.act(async |work| editorial::access::disable_person(work, &login).await).await.expect("it is disabled");
        assert_eq!(fetch(&node, &again).await.status, 404);
        node.stop().await;
    }

    async fn a_file_of_another_draft_is_not_in_the_link(house: House) {
        let node = house.node().await;
        let (editor, (_, paper, _)) = (house.editor().await, house.draft_with_files().await);
        let other = house.create(article("另一稿")).await.expect("the draft is saved");
        let link = house.link(&editor, other.document.id).await;
        let own = headers(link.secret.reveal());
        let own: Vec<_> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();

        let path = format!("/assets/{}/x", paper.hex());
        assert_eq!(ask(node.address, "GET", &path, &own).await.status, 404);
        let discarded = now(&other.document);
        house.act(async |work| editorial::documents::discard_draft(&house.desk, work, discarded).await)
            .await.expect("it is discarded");
        assert_eq!(ask(node.address, "GET", &path, &own).await.status, 401);
        node.stop().await;
    }
}
