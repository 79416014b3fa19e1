//! Pictures in the sizes and formats that pages ask for.

use serde_json::json;

use super::{House, house, house_on_objects, photograph, rendition};
use crate::wire::{ask, get};

async fn made_once_and_kept(house: House) {
    let (_, digest) = house.pictured(json!({ "x": 100, "y": 50 })).await;
    let served = house.node().await;
    let asked = async |asked: &str| get(served.address, &rendition(digest, asked)).await;

    let small = asked("w=320").await;
    let cut = asked("w=160&h=160&format=webp").await;
    let again = asked("format=webp&h=160&w=160").await;

    assert_eq!((small.status, small.header("content-type")), (200, "image/jpeg"));
    assert_eq!(small.header("cache-control"), "public, max-age=60, must-revalidate");
    assert!(small.header("content-disposition").starts_with("inline;"));
    assert_eq!(small.header("x-content-type-options"), "nosniff");
    let picture = image::load_from_memory(&small.body).expect("it decodes");
    assert_eq!((picture.width(), picture.height()), (320, 160));
    assert_eq!((cut.status, cut.header("content-type")), (200, "image/webp"));
    let picture = image::load_from_memory(&cut.body).expect("it decodes").to_rgb8();
    assert_eq!(picture.dimensions(), (160, 160));
    assert!(picture[(10, 80)][2] > 200, "cut around the focal point, which is on the right");
    assert_eq!((again.body == cut.body, again.header("etag")), (true, cut.header("etag")));
    assert_ne!(small.header("etag"), cut.header("etag"));
    assert_eq!(house.files.rendered(None, 10).await.expect("a list"), [digest]);
    house.files.delete_renditions(&digest).await.expect("they are derived");
    assert_eq!(asked("w=160&h=160&format=webp").await.body, cut.body, "and made again");

    let path = rendition(digest, "w=320");
    let tag = small.header("etag").to_owned();
    let known = ask(served.address, "GET", &path, &[("if-none-match", &tag)]).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    let part = ask(served.address, "GET", &path, &[("range", "bytes=0-3")]).await;
    assert_eq!((part.status, part.body.as_slice()), (206, &small.body[..4]));
    let head = ask(served.address, "HEAD", &path, &[]).await;
    assert_eq!(
        (head.status, head.header("content-length")),
        (200, small.body.len().to_string().as_str())
    );
    served.stop().await;
}

test_harness::on_both_databases! {
    with house;

    async fn a_rendition_is_made_once_and_kept_in_a_folder(house: House) {
        made_once_and_kept(house).await;
    }

    async fn only_sizes_of_the_list_and_only_pictures(house: House) {
        let (_, digest) = house.pictured(json!(null)).await;
        let paper = house.take_in(b"%PDF-1.7").await;
        let mut new = crate::house::article("文");
        new.text.fields.insert("files".into(), json!([{
            "digest": paper.digest, "name": "a.pdf", "mediaType": "application/pdf", "size": paper.size,
        }]));
        let draft = house.create(new).await.expect("it is saved");
        house.make_public(&draft).await;
        let served = house.node().await;
        for asked in ["w=321", "w=0", "w=-1", "w=", "w=99999999999", "h=1", "format=avif", "w=320&h=x"] {
            let refused = get(served.address, &rendition(digest, asked)).await;
            assert_eq!((refused.status, refused.problem().as_str()), (400, "rendition_unknown"), "{asked}");
        }
        let refused = get(served.address, &rendition(paper.digest, "w=320")).await;
        assert_eq!((refused.status, refused.problem().as_str()), (400, "not_a_picture"));
        let whole = get(served.address, &rendition(digest, "size=1")).await;
        assert_eq!((whole.status, whole.body), (200, photograph()), "other words mean nothing");
        assert_eq!(house.files.rendered(None, 10).await.expect("a list"), []);
        served.stop().await;
    }

    async fn front_ends_are_told_the_addresses(house: House) {
        let (document, digest) = house.pictured(json!({ "x": 10, "y": 20 })).await;
        let id = document.content;
        let query = |arguments: &str| format!(
            "{{ document(contentId: \"{id}\", locale: \"zh-CN\") {{ ... on Article {{ files {{ \
             focalPoint {{ x y }} rendition{arguments} }} }} }} }}"
        );
        let front = house.front();

        let data = front.ask(&query("(width: 320, height: 160, format: webp)")).await;
        let file = &data["document"]["files"][0];
        assert_eq!(file["focalPoint"], json!({ "x": 10, "y": 20 }));
        let address = file["rendition"].as_str().expect("an address");
        assert!(address.ends_with("?w=320&h=160&format=webp") && address.contains(&digest.hex()), "{address}");
        assert_eq!(front.refusal(&query("(width: 321)")).await, "BAD_ARGUMENT");
    }
}

test_harness::on_both_databases! {
    with house_on_objects;

    async fn a_rendition_is_made_once_and_kept_in_an_object_store(house: House) {
        made_once_and_kept(house).await;
    }
}
