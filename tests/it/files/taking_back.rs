//! What is taken back is taken back with its pictures: at every address, in every size, for those
//! who have it in a cache.

use schema::visibility::Notice;
use serde_json::json;

use super::{House, house, house_on_objects, photograph, rendition};
use crate::{
    house::{article, text, told},
    wire::{Answer, ask, get},
};

/// Addresses of one picture, with the tags that its answers had.
struct Fetched(Vec<(String, String)>);

impl Fetched {
    async fn now(address: std::net::SocketAddr, digest: schema::digest::Digest) -> Self {
        let mut fetched = Vec::new();
        for asked in ["", "w=320", "w=160&h=160", "w=320&format=webp", "format=png"] {
            let path = rendition(digest, asked);
            let answer = get(address, &path).await;
            assert_eq!(answer.status, 200, "{path}");
            fetched.push((path, answer.header("etag").to_owned()));
        }
        Self(fetched)
    }

    /// The statuses of asking again, with and without what was fetched before.
    async fn again(&self, address: std::net::SocketAddr) -> Vec<u16> {
        let mut statuses = Vec::new();
        for (path, tag) in &self.0 {
            let answers: [Answer; 4] = [
                get(address, path).await,
                ask(address, "HEAD", path, &[]).await,
                ask(address, "GET", path, &[("if-none-match", tag)]).await,
                ask(address, "GET", path, &[("range", "bytes=0-3"), ("if-range", tag)]).await,
            ];
            statuses.extend(answers.map(|answer| answer.status));
        }
        statuses.sort_unstable();
        statuses.dedup();
        statuses
    }
}

async fn follows_its_text(house: House) {
    let served = house.node().await;
    let draft = {
        let taken = house.take_in(&photograph()).await;
        let mut new = article("桥");
        let file = json!({
            "digest": taken.digest, "name": "桥.jpg", "mediaType": "image/jpeg", "size": taken.size,
        });
        new.text.fields.insert("files".into(), json!([file]));
        (house.create(new).await.expect("it is saved"), taken.digest)
    };
    let (draft, digest) = draft;
    for asked in ["", "w=320"] {
        assert_eq!(get(served.address, &rendition(digest, asked)).await.status, 404, "a draft");
    }
    assert_eq!(house.files.rendered(None, 1).await.expect("a list"), [], "nothing was made of it");
    let document = house.make_public(&draft).await.document;
    let fetched = Fetched::now(served.address, digest).await;
    assert_eq!(fetched.again(served.address).await, [200, 206, 304]);

    let shows_text = Notice { shows_text: true, ..told("更正中", "Being corrected") };
    let withdrawn = house.withdraw(&document, shows_text).await.expect("it is withdrawn");
    assert_eq!(fetched.again(served.address).await, [200, 206, 304], "the text stays to be read");
    let alone = house.withdraw(&withdrawn, told("已撤回", "Withdrawn")).await.expect("it is");
    assert_eq!(fetched.again(served.address).await, [404], "the notice stands alone");
    let lifted = house.correct(&alone, text("乙")).await.document;
    assert_eq!(fetched.again(served.address).await, [200, 206, 304], "an earlier text is readable");
    house.recall(&lifted).await;
    assert_eq!(fetched.again(served.address).await, [404]);
    let page = house.front().ask(&format!(
        "{{ document(contentId: \"{}\", locale: \"zh-CN\") {{ ... on Article {{ files {{ rendition(width: 320) }} }} }} }}",
        document.content,
    )).await;
    assert_eq!(
        page["document"]["files"].as_array().map_or(0, Vec::len),
        0,
        "GraphQL and files agree"
    );
    served.stop().await;
}

async fn erasure_takes_renditions_along(house: House) {
    let served = house.node().await;
    let (document, digest) = house.pictured(json!(null)).await;
    Fetched::now(served.address, digest).await;
    assert_eq!(house.files.rendered(None, 10).await.expect("a list"), [digest]);

    let recalled = house.recall(&document).await.remove(0);
    house.erase(&recalled).await;
    house.purge().await;

    assert_eq!(house.files.rendered(None, 10).await.expect("a list"), []);
    assert_eq!(house.files.size(&digest).await.expect("an answer"), None);
    assert_eq!(get(served.address, &rendition(digest, "w=320")).await.status, 404);
    assert_eq!(house.files.rendered(None, 10).await.expect("a list"), [], "and none is made again");
    served.stop().await;
}

test_harness::on_both_databases! {
    with house;

    async fn a_picture_in_a_folder_follows_its_text(house: House) {
        follows_its_text(house).await;
    }

    async fn erasure_takes_renditions_in_a_folder_along(house: House) {
        erasure_takes_renditions_along(house).await;
    }
}

test_harness::on_both_databases! {
    with house_on_objects;

    async fn a_picture_in_an_object_store_follows_its_text(house: House) {
        follows_its_text(house).await;
    }

    async fn erasure_takes_renditions_in_an_object_store_along(house: House) {
        erasure_takes_renditions_along(house).await;
    }
}
