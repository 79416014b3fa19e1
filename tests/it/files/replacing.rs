//! A file that was an error leads to the one that took its place, and to nothing else.

use editorial::documents::{self, Publish};
use schema::content_type::OldTexts;
use serde_json::{Value, json};
use store::documents::Document;

use super::{House, house, rendition};
use crate::{
    house::{article, now, publication, text, told},
    wire::get,
};

impl House {
    /// A text with a picture of `width` points, called `name`.
    async fn with_picture(&self, width: u32, name: &str) -> (Value, schema::digest::Digest) {
        let taken = self.take_in(&crate::house::picture(width, 320, image::ImageFormat::Png)).await;
        let file = json!({
            "digest": taken.digest, "name": name, "mediaType": "image/png", "size": taken.size,
        });
        (json!([file]), taken.digest)
    }

    async fn correct_with(
        &self,
        document: &Document,
        files: Value,
        old_text: OldTexts,
    ) -> Document {
        let mut corrected = text("更正");
        corrected.fields.insert("files".into(), files);
        let draft = self.save(now(document), corrected).await.expect("it is saved");
        let request = Publish { old_text: Some(old_text), ..publication(&draft) };
        let outcome = self
            .act(async |work| documents::publish(&self.desk, work, request.clone()).await)
            .await
            .expect("it is published");
        match outcome {
            documents::Outcome::Published(published) => published.document,
            documents::Outcome::NothingChanged(_) => panic!("nothing was published"),
        }
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_file_that_was_an_error_leads_to_its_replacement(house: House) {
        let (wrong, old) = house.with_picture(640, "图 1.png").await;
        let (right, new) = house.with_picture(480, "图 1.png").await;
        let mut first = article("图");
        first.text.fields.insert("files".into(), wrong);
        let draft = house.create(first).await.expect("it is saved");
        let document = house.make_public(&draft).await.document;
        let node = house.node().await;
        let status = async |asked: &str| get(node.address, &rendition(old, asked)).await.status;

        let corrected = house.correct_with(&document, right, OldTexts::Error).await;
        let led = get(node.address, &rendition(old, "w=320&format=webp&preview=x")).await;
        assert_eq!(led.status, 308);
        let location = format!("/assets/{}/%E5%9B%BE%201.png?w=320&format=webp", new.hex());
        assert_eq!(led.header("location"), location);
        assert_eq!(led.header("cache-control"), "public, max-age=60, must-revalidate");
        assert_eq!(get(node.address, led.header("location")).await.status, 200);

        let (other, _) = house.with_picture(320, "另一张.png").await;
        let renamed = house.correct_with(&corrected, other, OldTexts::Error).await;
        assert_eq!(status("").await, 404, "nothing bears its name any more");
        let (third, _) = house.with_picture(800, "图 1.png").await;
        let back = house.correct_with(&renamed, third, OldTexts::Error).await;
        assert_eq!(status("").await, 308);
        house.withdraw(&back, told("已撤回", "Withdrawn")).await.expect("it is withdrawn");
        assert_eq!(status("").await, 404, "who may not see the new one is led nowhere");
        node.stop().await;
    }

    async fn a_text_that_stays_readable_keeps_its_file(house: House) {
        let (files, old) = house.with_picture(640, "a.png").await;
        let (newer, _) = house.with_picture(480, "a.png").await;
        let mut first = article("图");
        first.text.fields.insert("files".into(), files);
        let draft = house.create(first).await.expect("it is saved");
        let document = house.make_public(&draft).await.document;
        house.correct_with(&document, newer, OldTexts::Amended).await;
        let node = house.node().await;

        assert_eq!(get(node.address, &rendition(old, "")).await.status, 200);
        node.stop().await;
    }

    async fn a_file_of_a_draft_leads_nowhere(house: House) {
        let (files, _) = house.with_picture(640, "a.png").await;
        let (drafted, of_draft) = house.with_picture(480, "a.png").await;
        let mut first = article("图");
        first.text.fields.insert("files".into(), files);
        let draft = house.create(first).await.expect("it is saved");
        let document = house.make_public(&draft).await.document;
        let mut next = text("稿");
        next.fields.insert("files".into(), drafted);
        house.save(now(&document), next).await.expect("it is saved");
        let node = house.node().await;

        assert_eq!(get(node.address, &rendition(of_draft, "")).await.status, 404);
        node.stop().await;
    }
}
