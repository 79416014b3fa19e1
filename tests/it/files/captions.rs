//! What is said of a file where it is used: the number of a map, the captions of a film. Captions
//! are a file like any other, there for exactly those who may read the text that uses them.

use schema::digest::Digest;
use serde_json::{Value, json};

use super::{House, house, house_on_objects};
use crate::{
    house::{article, now, text},
    wire::get,
};

const FILM: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";
const CAPTIONS: &str = "WEBVTT\n\n00:00.000 --> 00:02.000\n各位代表：\n";
const FILES: &str =
    "files { name mapApprovalNumber captions { url language kind label name size digest } }";

fn address(digest: Digest, name: &str) -> String {
    format!("/assets/{}/{name}", digest.hex())
}

impl House {
    async fn film_with(&self, captions: Value) -> Value {
        let film = self.take_in(FILM).await;
        json!({
            "digest": film.digest, "name": "会.mp4", "mediaType": "video/mp4", "size": film.size,
            "caption": "开幕会", "credit": "蓝桥台", "captions": captions,
        })
    }

    async fn track(&self, words: &str) -> Value {
        let file = self.take_in(words.as_bytes()).await;
        json!({
            "digest": file.digest, "name": "会.vtt", "mediaType": "text/vtt", "size": file.size,
            "language": "zh-CN", "kind": "captions", "label": "中文",
        })
    }
}

async fn follow_their_text(house: House) {
    let served = house.node().await;
    let track = house.track(CAPTIONS).await;
    let digest: Digest = track["digest"].as_str().expect("text").parse().expect("a digest");
    let map = house.take_in(&super::photograph()).await;
    let map = json!({
        "digest": map.digest, "name": "图.jpg", "mediaType": "image/jpeg", "size": map.size,
        "alt": "蓝桥市行政区划图", "mapApprovalNumber": "审图号：ＧＳ（2026）0001号",
    });
    let mut new = article("会");
    let film = house.film_with(json!([track])).await;
    new.text.fields.insert("files".into(), json!([film, map]));
    let draft = house.create(new).await.expect("it is saved");
    assert_eq!(get(served.address, &address(digest, "a.vtt")).await.status, 404, "a draft");

    let document = house.make_public(&draft).await.document;

    let asked = format!(
        "{{ document(contentId: \"{}\", locale: \"zh-CN\") {{ ... on Article {{ {FILES} }} }} }}",
        document.content,
    );
    let files = house.front().ask(&asked).await["document"]["files"].clone();
    let url = files[0]["captions"][0]["url"].as_str().expect("an address").to_owned();
    assert!(url.ends_with(&format!("{}/%E4%BC%9A.vtt", digest.hex())), "{url}");
    assert_eq!(
        files[0]["captions"],
        json!([{
            "url": url, "language": "zh-CN", "kind": "captions", "label": "中文",
            "name": "会.vtt", "size": CAPTIONS.len(), "digest": digest,
        }])
    );
    assert_eq!(files[1]["mapApprovalNumber"], "GS(2026)0001号");
    assert_eq!(files[1]["captions"], json!([]));
    let answer = get(served.address, &address(digest, "a.vtt")).await;
    assert_eq!(answer.status, 200);
    assert!(
        answer.header("content-type").starts_with("text/vtt"),
        "{}",
        answer.header("content-type")
    );

    house.recall(&document).await;
    assert_eq!(get(served.address, &address(digest, "a.vtt")).await.status, 404);
}

test_harness::on_both_databases! {
    with house;

    async fn captions_in_a_folder_follow_their_text(house: House) {
        follow_their_text(house).await;
    }

    async fn captions_are_what_their_bytes_say(house: House) {
        let track = house.track("00:00.000 --> 00:02.000\n没有开头\n").await;
        let film = house.film_with(json!([track])).await;
        let mut new = article("会");
        new.text.fields.insert("files".into(), json!([film]));

        let refused = house.create(new).await.expect_err("a text is no WebVTT");

        let editorial::Refusal::Invalid(faults) = refused else { panic!("{refused:?}") };
        let told: Vec<_> = faults.iter().map(|it| (it.path.as_str(), it.code)).collect();
        assert_eq!(
            told,
            [
                ("files[0].captions[0].mediaType", "file_type_differs"),
                ("files[0].captions[0].name", "file_type_differs"),
            ]
        );
    }

    async fn a_correction_may_bring_captions_that_were_missing(house: House) {
        let film = house.film_with(json!([])).await;
        let mut new = article("会");
        new.text.fields.insert("files".into(), json!([film]));
        let draft = house.create(new).await.expect("it is saved");
        let document = house.make_public(&draft).await.document;
        let track = house.track(CAPTIONS).await;
        let film = house.film_with(json!([track])).await;
        let mut corrected = text("会");
        corrected.fields.insert("files".into(), json!([film]));

        let saved = house.save(now(&document), corrected).await.expect("it is saved");
        house.make_public(&saved).await;

        assert_eq!(house.findings().await, []);
    }
}

test_harness::on_both_databases! {
    with house_on_objects;

    async fn captions_in_an_object_store_follow_their_text(house: House) {
        follow_their_text(house).await;
    }
}
