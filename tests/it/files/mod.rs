//! Files and renditions, on both databases and both file stores: what is visible follows from the
//! editions that use them, at every address and for whoever has fetched them before.

mod captions;
mod collecting;
mod renditions;
mod replacing;
mod taking_back;
mod uploads;

use schema::digest::Digest;
use serde_json::{Value, json};
use store::documents::Document;
use test_harness::{ACCESS_KEY, BUCKET, Engine, ObjectStore, SECRET_KEY};

use crate::house::{House, article, house, picture};

/// A house whose files lie in an object store.
async fn house_on_objects(engine: Engine) -> Option<House> {
    let mut house = house(engine).await?;
    let folder = house.database.folder().join("objects");
    let service = ObjectStore::start(&folder).await;
    let settings = store::files::FileSettings {
        staging: house.database.folder().join("staging"),
        s3: store::files::S3Settings {
            endpoint: Some(service.endpoint().to_owned()),
            access_key: Some(ACCESS_KEY.to_owned()),
            secret_key: Some(SECRET_KEY.to_owned().into()),
            path_style: true,
            ..Default::default()
        },
    };
    house.files = store::files::open(&format!("s3://{BUCKET}/hub"), &settings).expect("it opens");
    house.objects = Some(service);
    Some(house)
}

/// A photograph, red on the left and blue on the right.
fn photograph() -> Vec<u8> {
    picture(640, 320, image::ImageFormat::Jpeg)
}

impl House {
    /// A live article with a picture, and the picture.
    async fn pictured(&self, focal_point: Value) -> (Document, Digest) {
        let taken = self.take_in(&photograph()).await;
        let mut new = article("桥");
        let mut file = json!({
            "digest": taken.digest, "name": "桥.jpg", "mediaType": "image/jpeg", "size": taken.size,
        });
        if !focal_point.is_null() {
            file["focalPoint"] = focal_point;
        }
        new.text.fields.insert("files".into(), json!([file]));
        let draft = self.create(new).await.expect("it is saved");
        (self.make_public(&draft).await.document, taken.digest)
    }
}

/// The address of a rendition.
fn rendition(digest: Digest, asked: &str) -> String {
    format!("/assets/{}/a.jpg?{asked}", digest.hex())
}
