//! Files over HTTP: there exactly while somebody may read a text that uses them, whole or in
//! parts, and harmless in a browser.

use editorial::Refusal;
use schema::{
    permission::{Role, Scope},
    visibility::Notice,
};
use serde_json::json;

use super::{PDF, asset, files};
use crate::{
    house::{House, actor, article, house, text, told},
    wire::{ask, get},
};

test_harness::on_both_databases! {
    with house;

    async fn a_file_is_there_while_a_public_text_uses_it(house: House) {
        let served = house.serve().await;
        let digest = house.upload(PDF).await;
        let path = asset(digest);
        let status = async || get(served.address, &path).await.status;
        assert_eq!(status().await, 404, "nobody uses it");

        let mut new = article("甲");
        new.text.fields.insert("files".into(), files(digest, "附件.pdf", "application/pdf", 19));
        let draft = house.create(new).await.expect("it is saved");
        assert_eq!(status().await, 404, "a draft is nobody's business");
        let document = house.make_public(&draft).await.document;
        let shown = get(served.address, &path).await;
        assert_eq!((shown.status, shown.body.as_slice()), (200, PDF));
        assert_eq!(shown.header("content-type"), "application/pdf");
        assert!(shown.header("content-disposition").starts_with("inline;"));
        assert!(shown.header("content-disposition").contains("filename*=UTF-8''%E9%99%84%E4%BB%B6.pdf"));

        let shows_text = Notice { shows_text: true, ..told("更正中", "Being corrected") };
        let withdrawn = house.withdraw(&document, shows_text).await.expect("it is withdrawn");
        assert_eq!(status().await, 200, "the text stays to be read");
        let alone = house.withdraw(&withdrawn, told("已撤回", "Withdrawn")).await.expect("it is");
        assert_eq!(status().await, 404, "the notice stands alone");
        let lifted = house.correct(&alone, text("乙")).await.document;
        assert_eq!(status().await, 200, "the edition before stays readable");
        house.recall(&lifted).await;
        assert_eq!(status().await, 404);
        served.stop().await;
    }

    async fn a_recalled_file_is_unknown_even_to_who_has_its_tag(house: House) {
        let served = house.serve().await;
        let digest = house.upload(PDF).await;
        let document = house.article_with(digest, "a.pdf", "application/pdf").await;
        let twin = house.article_with(digest, "b.pdf", "application/pdf").await;
        let tag = format!("\"{}\"", digest.hex());
        let path = asset(digest);
        let again = async || {
            ask(served.address, "GET", &path, &[("if-none-match", &tag)]).await
        };

        assert_eq!(again().await.status, 304);
        house.recall(&document).await;
        assert_eq!(again().await.status, 304, "the other text still uses it");
        house.recall(&twin).await;
        assert_eq!(again().await.status, 404);
        assert_eq!(get(served.address, &asset(digest)).await.problem(), "not_found");
        served.stop().await;
    }

    async fn who_may_see_a_draft_may_see_its_file(house: House) {
        let digest = house.upload(PDF).await;
        let mut new = article("甲");
        new.text.fields.insert("files".into(), files(digest, "a.pdf", "application/pdf", 19));
        house.create(new).await.expect("it is saved");
        let seen = async |role| {
            let viewer = schema::viewer::Viewer::Known(actor("x", 70, role, Scope::Hub));
            let mut session = house.desk.store.reader().await.expect("a reader");
            let found = store::assets::find(&mut session, &viewer, &house.desk.types, &digest).await;
            found.expect("an answer").map(|asset| asset.public)
        };

        assert_eq!(seen(Role::Reader).await, Some(false), "and it is not public by that");
        assert_eq!(seen(Role::Operator).await, None);
    }

    async fn a_part_is_given_and_what_is_known_is_not_sent_again(house: House) {
        let served = house.serve().await;
        let digest = house.upload(PDF).await;
        house.article_with(digest, "a.pdf", "application/pdf").await;
        let path = asset(digest);
        let tag = format!("\"{}\"", digest.hex());
        let with = async |name: &str, value: String| {
            ask(served.address, "GET", &path, &[(name, &value)]).await
        };

        let whole = get(served.address, &path).await;
        assert_eq!((whole.header("etag"), whole.header("accept-ranges")), (tag.as_str(), "bytes"));
        assert_eq!(whole.header("cache-control"), "public, max-age=60, must-revalidate");
        assert_eq!(whole.header("cross-origin-resource-policy"), "cross-origin");
        let part = with("range", "bytes=9-12".into()).await;
        assert_eq!((part.status, part.body.as_slice()), (206, &b"0123"[..]));
        assert_eq!(part.header("content-range"), "bytes 9-12/19");
        let outside = with("range", "bytes=19-".into()).await;
        assert_eq!((outside.status, outside.problem().as_str()), (416, "range_not_satisfiable"));
        assert_eq!(outside.header("content-range"), "bytes */19");
        let known = with("if-none-match", format!("W/{tag}")).await;
        assert_eq!((known.status, known.body.len(), known.header("etag")), (304, 0, tag.as_str()));
        let head = ask(served.address, "HEAD", &path, &[]).await;
        assert_eq!((head.status, head.body.len(), head.header("content-length")), (200, 0, "19"));
        let stale = ask(served.address, "GET", &path, &[("range", "bytes=0-0"), ("if-range", "\"other\"")]).await;
        assert_eq!((stale.status, stale.body.len()), (200, 19));
        served.stop().await;
    }

    async fn a_file_that_only_stands_in_a_text_is_what_its_bytes_say(house: House) {
        let served = house.serve().await;
        let text = house.upload("<关于> 不是标签".as_bytes()).await;
        let mut new = article("乙");
        let body = format!("<p>文<a href=\"asset:{text}\">附件</a></p>");
        new.text.fields.insert("body".into(), json!(body));
        let draft = house.create(new).await.expect("it is saved");
        house.make_public(&draft).await;

        let path = format!("/assets/{}/evil.html", text.hex());
        let shown = ask(served.address, "GET", &path, &[("accept-encoding", "gzip, br")]).await;

        assert_eq!((shown.status, shown.header("content-type")), (200, "text/plain; charset=utf-8"));
        assert!(shown.header("content-disposition").contains(&format!("{}.txt", &text.hex()[..12])));
        assert!(shown.header("content-security-policy").starts_with("sandbox;"));
        assert_eq!(shown.header("x-content-type-options"), "nosniff");
        assert_eq!(shown.header("content-encoding"), "", "files go out as they are");
        served.stop().await;
    }

    async fn what_a_text_says_of_its_files_must_be_so(house: House) {
        let table = house.upload("甲,乙\n".as_bytes()).await;
        let said = async |name: &str, media: &str, size: u64| {
            let mut new = article("甲");
            new.text.fields.insert("files".into(), files(table, name, media, size));
            match house.create(new).await {
                Ok(_) => Vec::new(),
                Err(Refusal::Invalid(faults)) => {
                    faults.into_iter().map(|fault| (fault.path, fault.code)).collect()
                }
                Err(other) => panic!("{other:?}"),
            }
        };

        assert_eq!(said("名单.csv", "text/csv", 8).await, []);
        assert_eq!(said("名单", "text/plain", 8).await, []);
        assert_eq!(said("名单.html", "text/csv", 8).await, [("files[0].name".to_owned(), "file_type_differs")]);
        assert_eq!(said("名单.csv", "text/html", 8).await, [("files[0].mediaType".to_owned(), "file_type_differs")]);
        assert_eq!(said("名单.csv", "application/pdf", 9).await.len(), 2);
    }
}
