//! Documents are found by what their files say, for as long as they are live.

use editorial::maintenance;
use schema::digest::Digest;
use serde_json::json;
use store::documents::Document;

use crate::house::{House, article, house, text};

/// As Chromium prints it: letters are numbers of glyphs.
const NOTICE: &[u8] = include_bytes!("../../../editorial/src/files/reading/tests/notice.pdf");

impl House {
    /// A live article with the notice.
    async fn with_notice(&self) -> (Document, Digest) {
        let taken = self.take_in(NOTICE).await;
        let mut new = article("通知");
        let file = json!({
            "digest": taken.digest, "name": "通知.pdf", "mediaType": "application/pdf", "size": taken.size,
        });
        new.text.fields.insert("files".into(), json!([file]));
        let draft = self.create(new).await.expect("it is saved");
        assert_eq!(self.hits("琉璃河堤防").await, 0, "a draft is nobody's");
        (self.make_public(&draft).await.document, taken.digest)
    }

    async fn read_again(&self, all: bool) -> u64 {
        let read = maintenance::read_files(&self.desk, &*self.files, &self.administrator, all);
        read.await.expect("they are read")
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_document_is_found_by_its_attachment(house: House) {
        let (document, _) = house.with_notice().await;

        for words in ["琉璃河堤防", "加强琉璃河", "patrol 2026"] {
            assert_eq!(house.hits(words).await, 1, "{words}");
        }
        let corrected = house.correct(&document, text("通知")).await.document;
        assert_eq!(house.hits("琉璃河堤防").await, 0, "the text has it no more");
        house.recall(&corrected).await;
        assert_eq!(house.hits("通知").await, 0);
    }

    async fn after_a_recall_nothing_is_found_by_it(house: House) {
        let (document, _) = house.with_notice().await;

        house.recall(&document).await;

        assert_eq!(house.hits("琉璃河堤防").await, 0);
        house.read_again(true).await;
        assert_eq!(house.hits("琉璃河堤防").await, 0);
    }

    async fn what_was_not_read_is_read_by_whoever_keeps_house(house: House) {
        let (_, digest) = house.with_notice().await;
        house.tamper("DELETE FROM search_file_text").await;
        maintenance::reindex(&house.desk, &house.administrator, |_| {}).await.expect("it is rebuilt");
        assert_eq!(house.hits("琉璃河堤防").await, 0);

        assert_eq!(house.read_again(false).await, 1);

        assert_eq!(house.hits("琉璃河堤防").await, 1);
        assert_eq!((house.read_again(false).await, house.read_again(true).await), (0, 1));
        let mut session = house.desk.store.reader().await.expect("a reader");
        let kept = store::search::text_of(&mut session, &digest).await.expect("an answer");
        assert!(kept.is_some_and(|text| text.contains("琉璃河堤防")));
        drop(session);
        house.tamper("DELETE FROM content_file").await;
        house.tamper("DELETE FROM file").await;
        let mut session = house.desk.store.reader().await.expect("a reader");
        assert_eq!(store::search::text_of(&mut session, &digest).await.expect("an answer"), None, "it goes with its file");
    }
}
