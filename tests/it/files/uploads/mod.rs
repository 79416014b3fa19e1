//! Files that come piece by piece: over connections that break, to a hub that dies, straight to the
//! object store. However they come, they pass the same door.

mod direct;
mod dying;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use schema::{digest::Digest, permission::Role};
use serde_json::{Value, json};
use test_harness::Engine;

use super::{House, house, house_on_objects, photograph};
use crate::management::{Answer, Office, open};

const BYTES: (&str, &str) = ("content-type", "application/offset+octet-stream");

/// An office whose files lie in a folder.
async fn office(engine: Engine) -> Option<Office> {
    Some(office_of(house(engine).await?).await)
}

/// An office whose files lie in an object store.
async fn office_on_objects(engine: Engine) -> Option<Office> {
    Some(office_of(house_on_objects(engine).await?).await)
}

async fn office_of(house: House) -> Office {
    let (desk, channels) = (house.desk.clone(), house.channels());
    open(house, desk, channels).await
}

impl Office {
    async fn editor(&self, login: &str) -> String {
        self.token(login, &[(Role::Editor, "lanqiao")]).await
    }

    /// A request in the words of tus.
    async fn tus(
        &self,
        token: &str,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "tus-resumable") {
            request = request.header("tus-resumable", "1.0.0");
        }
        let bearer = format!("Bearer {token}");
        let known = (!token.is_empty()).then_some(("authorization", bearer.as_str()));
        for (name, value) in headers.iter().chain(&known) {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).expect("a request")).await
    }

    /// The address of an upload that begins.
    async fn begun(&self, token: &str, name: &str, length: usize) -> String {
        let answer = self.begin(token, name, length).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.json);
        header(&answer, "location").to_owned()
    }

    async fn begin(&self, token: &str, name: &str, length: usize) -> Answer {
        let (length, metadata) = (length.to_string(), metadata(name));
        let headers = [("upload-length", &*length), ("upload-metadata", &*metadata)];
        self.tus(token, "POST", "/manage/uploads", &headers, "").await
    }

    async fn patch(&self, token: &str, at: &str, offset: usize, bytes: &[u8]) -> Answer {
        let offset = offset.to_string();
        self.tus(token, "PATCH", at, &[BYTES, ("upload-offset", &offset)], bytes.to_vec()).await
    }

    /// How far an upload is.
    async fn offset(&self, token: &str, at: &str) -> (u16, String) {
        let answer = self.tus(token, "HEAD", at, &[], "").await;
        (answer.status.as_u16(), header(&answer, "upload-offset").to_owned())
    }

    async fn told(&self, token: &str, at: &str) -> Value {
        self.tus(token, "GET", at, &[], "").await.json
    }

    async fn has(&self, bytes: &[u8]) -> bool {
        let digest = Digest::of(bytes);
        self.house.files.size(&digest).await.expect("an answer").is_some()
    }

    /// What housekeeping forgets.
    async fn forgotten(&self) -> u64 {
        let House { desk, files, administrator, .. } = &self.house;
        let forgotten =
            editorial::files::uploads::forget_what_is_over(desk, &**files, administrator);
        forgotten.await.expect("they are forgotten")
    }

    /// How many pieces lie in the file store, as files do on its disk.
    fn pieces(&self) -> usize {
        let root = self.house.database.folder();
        let mut folders =
            vec![root.join("objects/gazette/hub/uploads"), root.join("assets/uploads")];
        let mut found = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.expect("an entry").path();
                if path.is_dir() { folders.push(path) } else { found += 1 }
            }
        }
        found
    }
}

fn header<'answer>(answer: &'answer Answer, name: &str) -> &'answer str {
    answer.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
}

fn metadata(name: &str) -> String {
    format!("filename {},filetype dGV4dC9odG1s", STANDARD.encode(name))
}

fn code(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.json["code"].as_str().unwrap_or_default())
}

/// Text of some length that is no repetition.
fn long_text(length: usize) -> Vec<u8> {
    let mut text = String::new();
    while text.len() < length {
        text.push_str(&format!("第{}条\n", text.len()));
    }
    let mut bytes = text.into_bytes();
    bytes.truncate(length - 1);
    // A character that was cut is no text.
    let whole = std::str::from_utf8(&bytes).map_or_else(|error| error.valid_up_to(), str::len);
    bytes.truncate(whole);
    bytes.resize(length, b'.');
    bytes
}

async fn comes_in_pieces(office: Office) {
    let editor = office.editor("editor").await;
    // More than one piece is, so that some are cut here and some by the hub.
    let file = long_text(9 << 20);
    let at = office.begun(&editor, "汇编.txt", file.len()).await;
    assert_eq!(office.offset(&editor, &at).await, (200, "0".into()));

    for (from, to) in [(0, 10), (10, 5_000_011), (5_000_011, file.len() - 1)] {
        let answer = office.patch(&editor, &at, from, &file[from..to]).await;
        assert_eq!(
            (code(&answer), header(&answer, "upload-offset")),
            ((204, ""), &*to.to_string())
        );
        assert_eq!(header(&answer, "tus-resumable"), "1.0.0");
        assert!(header(&answer, "upload-expires").ends_with(" GMT"));
        assert_eq!(office.offset(&editor, &at).await, (200, to.to_string()));
        assert_eq!(office.told(&editor, &at).await["file"], Value::Null, "it is not whole");
    }
    assert!(!office.has(&file).await && office.pieces() >= 4);
    let last = office.patch(&editor, &at, file.len() - 1, &file[file.len() - 1..]).await;

    assert_eq!(last.status, StatusCode::NO_CONTENT, "{}", last.json);
    let told = office.told(&editor, &at).await;
    assert_eq!((&told["name"], &told["offset"]), (&json!("汇编.txt"), &json!(file.len())));
    assert_eq!(
        told["file"],
        json!({ "digest": Digest::of(&file), "size": file.len(), "mediaType": "text/plain" })
    );
    assert!(office.has(&file).await);
    assert_eq!(office.pieces(), 0, "pieces of what is a file are gone");
    let head = office.tus(&editor, "HEAD", &at, &[], "").await;
    assert_eq!(header(&head, "upload-length"), file.len().to_string());
    assert_eq!(header(&head, "upload-metadata"), metadata("汇编.txt"));
    let again = office.patch(&editor, &at, file.len(), b"").await;
    assert_eq!(code(&again), (409, "wrong_offset"));
    office.house.clock.set("2026-03-10T00:00:00Z");
    assert_eq!(office.forgotten().await, 1);
    assert!(office.has(&file).await);
}

async fn passes_the_door(office: Office) {
    let editor = office.editor("editor").await;
    let html = b"<!DOCTYPE html><script>alert(1)</script>";
    let at = office.begun(&editor, "图.png", html.len()).await;
    assert_eq!(office.patch(&editor, &at, 0, &html[..20]).await.status, 204);

    let refused = office.patch(&editor, &at, 20, &html[20..]).await;

    assert_eq!(code(&refused), (415, "file_has_markup"));
    assert!(!office.has(html).await);
    assert_eq!(office.offset(&editor, &at).await.0, 404, "it is over");
    assert_eq!(office.pieces(), 0);
    let photograph = photograph();
    let at = office.begun(&editor, "桥.jpg", photograph.len()).await;
    assert_eq!(office.patch(&editor, &at, 0, &photograph).await.status, 204);
    let told = office.told(&editor, &at).await;
    assert_eq!((&told["file"]["width"], &told["file"]["height"]), (&json!(640), &json!(320)));
    let empty = office.begin(&editor, "空.txt", 0).await;
    assert_eq!((empty.status.as_u16(), header(&empty, "upload-offset")), (201, "0"));
    let told = office.told(&editor, header(&empty, "location")).await;
    assert_eq!(told["file"]["digest"], json!(Digest::of(b"")));
}

async fn is_given_up(office: Office) {
    let editor = office.editor("editor").await;
    let at = office.begun(&editor, "a.txt", 100).await;
    office.patch(&editor, &at, 0, b"abc").await;
    assert_eq!(office.pieces(), 1);

    let gone = office.tus(&editor, "DELETE", &at, &[], "").await;

    assert_eq!((gone.status.as_u16(), office.pieces()), (204, 0));
    assert_eq!(office.offset(&editor, &at).await.0, 404);
    assert_eq!(office.patch(&editor, &at, 3, b"d").await.status, 404);
    let forgotten = office.begun(&editor, "b.txt", 100).await;
    office.patch(&editor, &forgotten, 0, b"abc").await;
    assert_eq!(office.forgotten().await, 0);
    office.house.clock.set("2026-03-10T00:00:00Z");
    assert_eq!(office.offset(&editor, &forgotten).await.0, 404, "nothing came for a day");
    assert_eq!((office.forgotten().await, office.pieces()), (1, 0));
    assert_eq!(office.forgotten().await, 0);
}

test_harness::on_both_databases! {
    with office;

    async fn a_file_comes_in_pieces_into_a_folder(office: Office) {
        comes_in_pieces(office).await;
    }

    async fn what_comes_in_pieces_passes_the_door_of_a_folder(office: Office) {
        passes_the_door(office).await;
    }

    async fn an_upload_into_a_folder_is_given_up(office: Office) {
        is_given_up(office).await;
    }

    async fn the_hub_says_what_it_speaks(office: Office) {
        let offered = office.tus("", "OPTIONS", "/manage/uploads", &[("tus-resumable", "0.2.2")], "").await;
        let editor = office.editor("editor").await;
        let old = office.tus(&editor, "POST", "/manage/uploads", &[("tus-resumable", "0.2.2")], "").await;

        assert_eq!((offered.status.as_u16(), header(&offered, "tus-version")), (204, "1.0.0"));
        assert_eq!(
            header(&offered, "tus-extension"),
            "creation,creation-with-upload,checksum,expiration,termination"
        );
        assert_eq!(header(&offered, "tus-checksum-algorithm"), "sha1,sha256");
        assert_eq!(header(&offered, "tus-max-size"), (4_u64 << 30).to_string());
        assert_eq!(code(&old), (412, "tus_version"));
        assert_eq!(header(&old, "tus-version"), "1.0.0");
    }

    async fn bytes_may_come_with_the_beginning_and_by_another_method(office: Office) {
        let editor = office.editor("editor").await;
        let headers = [BYTES, ("upload-length", "6")];
        let begun = office.tus(&editor, "POST", "/manage/uploads", &headers, "abc").await;
        assert_eq!((begun.status.as_u16(), header(&begun, "upload-offset")), (201, "3"));
        let at = header(&begun, "location");
        let headers = [BYTES, ("upload-offset", "3"), ("x-http-method-override", "PATCH")];

        let done = office.tus(&editor, "POST", at, &headers, "def").await;

        assert_eq!(done.status.as_u16(), 204);
        assert!(office.has(b"abcdef").await);
    }

    async fn bytes_that_are_not_what_they_should_be_are_not_kept(office: Office) {
        let editor = office.editor("editor").await;
        let at = office.begun(&editor, "a.txt", 6).await;
        let sum = |bytes: &[u8]| format!("sha256 {}", STANDARD.encode(Digest::of(bytes).as_bytes()));
        let with = async |offset: &str, sum: &str, bytes: &'static str| {
            let headers = [BYTES, ("upload-offset", offset), ("upload-checksum", sum)];
            office.tus(&editor, "PATCH", &at, &headers, bytes).await
        };

        let wrong = with("0", &sum(b"abd"), "abc").await;
        assert_eq!(code(&wrong), (460, "wrong_checksum"));
        assert_eq!((office.offset(&editor, &at).await, office.pieces()), ((200, "0".into()), 0));
        for odd in ["md5 AAAA", "sha256 AAAA", "sha256", "sha1 ???"] {
            assert_eq!(code(&with("0", odd, "abc").await), (400, "bad_checksum"), "{odd}");
        }
        assert_eq!(with("0", &sum(b"abc"), "abc").await.status, 204);
        let sha1 = "sha1 WJwioiv67ApjZPVHMfRCGhMQHg0=";
        assert_eq!(code(&with("3", sha1, "def").await), (460, "wrong_checksum"));
        assert_eq!(office.offset(&editor, &at).await, (200, "3".into()), "the last ones too");
        assert_eq!(with("3", &sum(b"def"), "def").await.status, 204);
        assert!(office.has(b"abcdef").await);
    }

    async fn what_does_not_follow_is_refused(office: Office) {
        let editor = office.editor("editor").await;
        let at = office.begun(&editor, "a.txt", 10).await;
        office.patch(&editor, &at, 0, b"abc").await;

        for offset in [0, 2, 4, 10, 1 << 40] {
            assert_eq!(code(&office.patch(&editor, &at, offset, b"x").await), (409, "wrong_offset"));
        }
        let beyond = office.patch(&editor, &at, 3, b"defghijk").await;
        assert_eq!(code(&beyond), (413, "upload_too_long"));
        assert_eq!((office.offset(&editor, &at).await, office.pieces()), ((200, "3".into()), 1));
        let typed = office.tus(&editor, "PATCH", &at, &[("upload-offset", "3")], "d").await;
        assert_eq!(typed.status.as_u16(), 415);
        for odd in ["-1", "+3", "3.0", "", "18446744073709551616"] {
            let answer = office.tus(&editor, "PATCH", &at, &[BYTES, ("upload-offset", odd)], "d").await;
            assert_eq!(code(&answer), (400, "not_a_number"), "{odd}");
        }
    }

    async fn what_may_not_begin_does_not(office: Office) {
        let editor = office.editor("editor").await;
        let auditor = office.token("auditor", &[(Role::Auditor, "")]).await;
        for (name, length, expected) in [
            ("../../etc/passwd", 3, (422, "not_a_file_name")),
            ("a\\b.txt", 3, (422, "not_a_file_name")),
            ("a\0.txt", 3, (422, "not_a_file_name")),
            ("a.txt", (4 << 30) + 1, (413, "upload_too_long")),
        ] {
            assert_eq!(code(&office.begin(&editor, name, length).await), expected, "{name:?}");
        }
        assert_eq!(code(&office.begin(&auditor, "a.txt", 3).await), (403, "not_permitted"));
        assert_eq!(office.begin("gongbao_x", "a.txt", 3).await.status, 401);
        let no_length = office.tus(&editor, "POST", "/manage/uploads", &[], "").await;
        assert_eq!(code(&no_length), (400, "upload_length_missing"));
        for odd in ["filename ???", "filename 77+977+9,x !", &format!("filename {}", "A".repeat(5000))] {
            let headers = [("upload-length", "3"), ("upload-metadata", odd)];
            let answer = office.tus(&editor, "POST", "/manage/uploads", &headers, "").await;
            assert_eq!(code(&answer), (400, "bad_upload_metadata"), "{odd}");
        }
        for _ in 0..20 {
            office.begun(&editor, "a.txt", 3).await;
        }
        assert_eq!(code(&office.begin(&editor, "a.txt", 3).await), (429, "too_many_uploads"));
        let other = office.editor("other").await;
        for _ in 0..4 {
            office.begun(&other, "a.txt", 4 << 30).await;
        }
        assert_eq!(code(&office.begin(&other, "a.txt", 1).await), (429, "too_many_uploads"));
    }

    async fn what_somebody_else_sends_is_not_there(office: Office) {
        let editor = office.editor("editor").await;
        let at = office.begun(&editor, "a.txt", 3).await;
        let colleague = office.editor("colleague").await;
        let neighbour = office.token("neighbour", &[(Role::Editor, "nanhe")]).await;

        for stranger in [&colleague, &neighbour, &office.administrator] {
            assert_eq!(office.offset(stranger, &at).await.0, 404);
            assert_eq!(code(&office.patch(stranger, &at, 0, b"abc").await).0, 404);
            assert_eq!(office.tus(stranger, "DELETE", &at, &[], "").await.status, 404);
            assert_eq!(office.tus(stranger, "GET", &at, &[], "").await.status, 404);
        }
        for odd in ["/manage/uploads/x", "/manage/uploads/..%2F..%2Fetc%2Fpasswd"] {
            assert_eq!(office.offset(&editor, odd).await.0, 404);
        }
        assert_eq!(office.patch(&editor, &at, 0, b"abc").await.status, 204);
    }

    async fn of_two_that_write_at_once_one_goes_on(office: Office) {
        let editor = office.editor("editor").await;
        let file = long_text(6 << 20);
        let at = office.begun(&editor, "a.txt", file.len()).await;
        // Full with one: who sends the second knows that the first was read.
        let (sender, receiver) = tokio::sync::mpsc::channel::<Vec<u8>>(1);
        let stream = futures_util::stream::unfold(receiver, async |mut receiver| {
            let bytes = receiver.recv().await?;
            Some((Ok::<_, std::io::Error>(bytes), receiver))
        });
        let headers = [BYTES, ("upload-offset", "0")];
        let slow = office.tus(&editor, "PATCH", &at, &headers, Body::from_stream(Box::pin(stream)));
        let second = async {
            for bytes in file[..3000].chunks(1000) {
                sender.send(bytes.to_vec()).await.expect("it reads");
            }
            let answer = office.patch(&editor, &at, 0, &file[..500]).await;
            drop(sender);
            answer
        };

        let (first, second) = tokio::join!(slow, second);

        assert_eq!(second.status, 204, "{}", second.json);
        assert_eq!(code(&first), (423, "upload_overtaken"));
        assert_eq!((office.offset(&editor, &at).await, office.pieces()), ((200, "500".into()), 1));
        assert_eq!(office.patch(&editor, &at, 500, &file[500..]).await.status, 204);
        assert!(office.has(&file).await);
    }

    async fn what_came_before_a_connection_broke_is_kept(office: Office) {
        let editor = office.editor("editor").await;
        let at = office.begun(&editor, "a.txt", 10).await;
        let broken = futures_util::stream::iter([
            Ok(b"abcd".to_vec()),
            Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
        ]);

        let answer = office
            .tus(&editor, "PATCH", &at, &[BYTES, ("upload-offset", "0")], Body::from_stream(broken))
            .await;

        assert_eq!(answer.status, 400, "{}", answer.json);
        assert_eq!(office.offset(&editor, &at).await, (200, "4".into()));
        assert_eq!(office.patch(&editor, &at, 4, b"efghij").await.status, 204);
        assert!(office.has(b"abcdefghij").await);
    }
}

test_harness::on_both_databases! {
    with office_on_objects;

    async fn a_file_comes_in_pieces_into_an_object_store(office: Office) {
        comes_in_pieces(office).await;
    }

    async fn what_comes_in_pieces_passes_the_door_of_an_object_store(office: Office) {
        passes_the_door(office).await;
    }

    async fn an_upload_into_an_object_store_is_given_up(office: Office) {
        is_given_up(office).await;
    }
}
