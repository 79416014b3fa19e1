//! Files that are sent to the object store by addresses that the hub signs.

use axum::{body::Body, http::Request};
use schema::digest::Digest;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, net::TcpStream};

use super::{Answer, Office, code, long_text, office, office_on_objects};
use crate::wire;

/// Bytes of a part.
const PART: usize = 32 << 20;

impl Office {
    async fn ask(&self, token: &str, path: &str, body: Value) -> Answer {
        let request = Request::post(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(Body::from(if body.is_null() { String::new() } else { body.to_string() }));
        self.send(request.expect("a request")).await
    }

    async fn direct(&self, token: &str, name: &str, length: usize) -> Value {
        let asked = json!({ "name": name, "length": length });
        let answer = self.ask(token, "/manage/direct-uploads", asked).await;
        assert_eq!(answer.status, 201, "{}", answer.json);
        answer.json
    }

    async fn complete(&self, token: &str, upload: &Value) -> Answer {
        let id = upload["id"].as_str().expect("an id");
        self.ask(token, &format!("/manage/direct-uploads/{id}/complete"), Value::Null).await
    }

    /// Unfinished uploads that the store knows.
    fn unfinished(&self) -> usize {
        let objects = self.house.objects.as_ref().expect("an object store");
        objects.with(|seen| seen.uploads.len())
    }
}

/// PUTs `bytes` to `address`, past the hub.
async fn put(address: &str, bytes: &[u8]) -> u16 {
    let rest = address.strip_prefix("http://").expect("an address");
    let (host, path) = rest.split_once('/').expect("a path");
    let length = bytes.len();
    let head = format!(
        "PUT /{path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    let mut stream = TcpStream::connect(host).await.expect("it accepts");
    stream.write_all(head.as_bytes()).await.expect("it listens");
    // A store that has its answer may close before it has everything.
    let _ = stream.write_all(bytes).await;
    wire::read(&mut stream).await.status
}

fn address(part: &Value) -> &str {
    part["url"].as_str().expect("an address")
}

test_harness::on_both_databases! {
    with office_on_objects;

    async fn parts_are_sent_to_the_store_and_the_whole_passes_the_door(office: Office) {
        let editor = office.editor("editor").await;
        let file = long_text(PART + 1000);
        let upload = office.direct(&editor, "汇编.txt", file.len()).await;
        let parts = upload["parts"].as_array().expect("parts").clone();
        let lengths: Vec<_> = parts.iter().map(|part| part["length"].clone()).collect();
        assert_eq!((lengths, &upload["partSize"]), (vec![json!(PART), json!(1000)], &json!(PART)));
        assert!(!address(&parts[0]).contains("a%20secret"));

        assert_eq!(put(address(&parts[0]), &file[..PART]).await, 200);
        let early = office.complete(&editor, &upload).await;
        assert_eq!(code(&early), (409, "parts_missing"));
        let id = upload["id"].as_str().expect("an id");
        let again = office.ask(&editor, &format!("/manage/direct-uploads/{id}"), Value::Null).await;
        let missing = again.json["parts"].as_array().expect("parts").clone();
        assert_eq!((missing.len(), &missing[0]["number"]), (1, &json!(2)));
        assert_eq!(put(address(&missing[0]), &file[PART..]).await, 200);
        let done = office.complete(&editor, &upload).await;

        assert_eq!(done.status, 201, "{}", done.json);
        assert_eq!(
            done.json,
            json!({ "digest": Digest::of(&file), "size": file.len(), "mediaType": "text/plain" })
        );
        assert!(office.has(&file).await);
        assert_eq!((office.pieces(), office.unfinished()), (0, 0));
        assert_eq!(office.told(&editor, &format!("/manage/uploads/{id}")).await["file"], done.json);
        assert_eq!(office.complete(&editor, &upload).await.status, 404, "it is a file already");
        assert!(put(address(&parts[0]), &file[..PART]).await >= 400, "the addresses are good for nothing");
    }

    async fn an_address_takes_what_it_was_signed_for_and_nothing_else(office: Office) {
        let editor = office.editor("editor").await;
        let html = b"<!DOCTYPE html><script>alert(1)</script>";
        let upload = office.direct(&editor, "a.png", html.len()).await;
        let part = upload["parts"][0].clone();

        assert_eq!(put(address(&part), &html[1..]).await, 403, "shorter than signed");
        assert_eq!(put(address(&part), &[&html[..], b"x"].concat()).await, 403, "longer");
        let other = address(&part).replace("partNumber=1", "partNumber=2");
        assert_ne!(other, address(&part));
        assert_eq!(put(&other, html).await, 403, "another part");
        assert_eq!(put(address(&part), html).await, 200);
        let refused = office.complete(&editor, &upload).await;

        assert_eq!(code(&refused), (415, "file_has_markup"));
        assert!(!office.has(html).await);
        assert_eq!((office.pieces(), office.unfinished()), (0, 0));
        let id = upload["id"].as_str().expect("an id");
        assert_eq!(office.offset(&editor, &format!("/manage/uploads/{id}")).await.0, 404);
    }

    async fn what_is_not_finished_is_aborted_in_the_store(office: Office) {
        let editor = office.editor("editor").await;
        let stranger = office.editor("stranger").await;
        let forgotten = office.direct(&editor, "a.txt", 3).await;
        let cancelled = office.direct(&editor, "b.txt", 3).await;
        put(address(&forgotten["parts"][0]), b"abc").await;
        assert_eq!(office.unfinished(), 2);

        assert_eq!(office.complete(&stranger, &forgotten).await.status, 404);
        let at = format!("/manage/uploads/{}", cancelled["id"].as_str().expect("an id"));
        assert_eq!(office.patch(&editor, &at, 0, b"abc").await.status, 404, "it goes another way");
        assert_eq!(office.offset(&editor, &at).await.0, 404);
        assert_eq!(office.tus(&editor, "DELETE", &at, &[], "").await.status, 204);
        assert_eq!(office.unfinished(), 1);
        office.house.clock.set("2026-03-10T00:00:00Z");
        assert_eq!(office.complete(&editor, &forgotten).await.status, 404);
        assert_eq!(office.forgotten().await, 1);
        assert_eq!((office.unfinished(), office.pieces()), (0, 0));
    }

    async fn a_whole_that_was_not_taken_in_yet_is_taken_in_by_asking_again(office: Office) {
        let editor = office.editor("editor").await;
        let upload = office.direct(&editor, "a.txt", 3).await;
        put(address(&upload["parts"][0]), b"abc").await;
        // As after a crash behind the store's answer.
        let id: schema::ids::UploadId = upload["id"].as_str().expect("an id").parse().expect("an id");
        let direct = office.house.files.direct().expect("a store");
        let mut session = office.house.desk.store.reader().await.expect("a reader");
        let end = "2026-12-31T00:00:00Z".parse().expect("a moment");
        let kept = store::uploads::over(&mut session, end, 9).await.expect("all there are");
        drop(session);
        let to = kept[0].direct.clone().expect("a direct one");
        let arrived = direct.arrived(id, to.piece, &to.remote).await.expect("a list");
        direct.complete(id, to.piece, &to.remote, &arrived).await.expect("it is whole");

        let done = office.complete(&editor, &upload).await;

        assert_eq!((done.status.as_u16(), office.has(b"abc").await), (201, true));
    }
}

test_harness::on_both_databases! {
    with office;

    async fn nobody_sends_to_a_folder(office: Office) {
        let editor = office.editor("editor").await;

        let refused = office.ask(&editor, "/manage/direct-uploads", json!({ "length": 3 })).await;

        assert_eq!(code(&refused), (409, "no_direct_uploads"));
        assert!(refused.json["messages"]["zh"].as_str().is_some_and(|it| it.contains("/manage/uploads")));
        let odd = office.ask(&editor, "/manage/direct-uploads", json!({ "lenght": 3 })).await;
        assert_eq!(code(&odd), (400, "bad_json"));
    }
}
