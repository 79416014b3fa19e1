//! Erasure: two persons, and afterwards no trace of the text on any disk.

use std::fs;

use editorial::{Refusal, documents};
use schema::{
    digest::Digest,
    permission::{Role, Scope},
    viewer::Viewer,
    visibility::{EventKind, Visibility},
};
use serde_json::json;
use store::documents::Document;

use crate::house::{House, actor, article, house, now};

/// Words nobody else writes, in the title, the body and a file.
const SECRET_TITLE: &str = "Zwiebelkuchen-Geheimnis-4711";
const SECRET_BODY: &str = "Wolpertinger-Protokoll-0815";
const SECRET_FILE: &str = "Eierlegende-Wollmilchsau-1234";

impl House {
    async fn publish_secret(&self) -> Document {
        let stored = self.take_in(SECRET_FILE.as_bytes()).await;
        let mut new = article(SECRET_TITLE);
        new.text.fields.insert("body".into(), json!(format!("<p>{SECRET_BODY}</p>")));
        new.text.fields.insert(
            "files".into(),
            json!([{ "digest": stored.digest, "name": "a.txt", "mediaType": "text/plain",
                     "size": stored.size }]),
        );
        let draft = self.create(new).await.expect("it is saved");
        self.make_public(&draft).await.document
    }

    async fn order(&self, document: &Document) -> Result<schema::ids::ErasureId, Refusal> {
        self.act(async |work| {
            let target = now(document);
            documents::order_erasure(&self.desk, work, target, "保守国家秘密法").await
        })
        .await
    }

    /// Destroys what was recalled, by two persons.
    pub async fn erase(&self, recalled: &Document) {
        let order = self.order(recalled).await.expect("it is ordered");
        let second = actor("第二人", 60, Role::Approver, Scope::Hub);
        self.act_as(&second, async |work| {
            documents::confirm_erasure(&self.desk, work, order).await
        })
        .await
        .expect("it is confirmed");
    }

    /// Purges what is owed. The database's own housekeeping may be reading an older state just
    /// then: like the hub itself, the test tries again.
    pub async fn purge(&self) -> u64 {
        let now = "2026-03-03T00:00:00Z".parse().expect("a moment");
        for _ in 0..200 {
            match store::erasures::purge(&self.desk.store, &*self.files, now).await {
                Ok(purged) => return purged,
                Err(store::Error::Again) => {}
                Err(fault) => panic!("the store failed: {fault}"),
            }
        }
        panic!("somebody reads the old state for ever");
    }

    /// Every file of database and file store in which one of the secret words stands.
    fn traces(&self) -> Vec<String> {
        let mut files = self.database.data_files();
        let mut folders = vec![self.folder().join("assets"), self.folder().join("staging")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.file_type().expect("a type").is_dir() {
                    true => folders.push(entry.path()),
                    false => files.push(entry.path()),
                }
            }
        }
        let holds = |bytes: &[u8], word: &str| {
            bytes.windows(word.len()).any(|window| window == word.as_bytes())
        };
        files
            .into_iter()
            .filter(|file| {
                let bytes = fs::read(file).unwrap_or_default();
                [SECRET_TITLE, SECRET_BODY, SECRET_FILE].iter().any(|word| holds(&bytes, word))
            })
            .map(|file| file.display().to_string())
            .collect()
    }
}

test_harness::on_both_databases! {
    with house;

    async fn an_erased_text_is_found_in_no_file(house: House) {
        let document = house.publish_secret().await;
        assert!(!house.traces().is_empty(), "the search finds what is there");
        let recalled = house.recall(&document).await.remove(0);
        let order = house.order(&recalled).await.expect("it is ordered");
        let second = actor("第二人", 60, Role::Approver, Scope::Hub);

        let (erased, _) = house
            .act_as(&second, async |work| {
                documents::confirm_erasure(&house.desk, work, order).await
            })
            .await
            .expect("it is confirmed");

        assert_eq!(house.purge().await, 1);
        assert_eq!(erased.visibility, Visibility::Erased);
        assert_eq!(house.traces(), [""; 0]);
        use EventKind::{Publish, Recall};
        assert_eq!(house.kinds().await, [Publish, Recall, Recall]);
        assert_eq!(house.findings().await, [], "an erased edition is accounted for");
        let auditor = Viewer::Known(actor("审计", 61, Role::Auditor, Scope::Hub));
        let seen = house.seen_by(&auditor, document.id).await.expect("that it was is known");
        let mut session = house.desk.store.reader().await.expect("a reader");
        let text = store::past::numbered(&mut session, &auditor, &seen, 1).await;
        assert_eq!(text.expect("an answer"), None);
        let gone = house.files.size(&Digest::of(SECRET_FILE.as_bytes())).await;
        assert_eq!(gone.expect("an answer"), None);
    }

    async fn it_takes_two_persons_and_a_recall(house: House) {
        let document = house.live_article("甲").await;
        let refusal = house.order(&document).await.expect_err("it is live");
        assert_eq!(refusal, Refusal::NotFrom(Visibility::Live));

        let recalled = house.recall(&document).await.remove(0);
        let order = house.order(&recalled).await.expect("it is ordered");
        let twice = house.order(&recalled).await.expect_err("one order is enough");
        assert_eq!(twice.code(), "exists");
        let refusal = house
            .act(async |work| documents::confirm_erasure(&house.desk, work, order).await)
            .await
            .expect_err("the same person");
        assert_eq!(refusal, Refusal::SamePerson);
        assert!(house.seen(document.id).await.is_some());
    }

    async fn a_text_that_another_document_holds_stays_with_it(house: House) {
        let document = house.live_article("甲").await;
        let twin = house.live_article("甲").await;
        let recalled = house.recall(&document).await.remove(0);
        let order = house.order(&recalled).await.expect("it is ordered");
        let second = actor("第二人", 60, Role::Approver, Scope::Hub);

        house
            .act_as(&second, async |work| {
                documents::confirm_erasure(&house.desk, work, order).await
            })
            .await
            .expect("it is confirmed");

        assert!(house.read(twin.id).await.is_some());
        assert_eq!(house.findings().await, []);
    }
}
