//! Files on their way in.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use schema::{digest::Digest, permission::Role};
use serde_json::json;

use super::{Answer, Office, new_article, office};
use crate::house::picture;

impl Office {
    async fn upload(&self, token: &str, body: impl Into<Body>) -> Answer {
        self.upload_as(token, "", body).await
    }

    /// `name` as it stands in the address.
    async fn upload_as(&self, token: &str, name: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post(format!("/manage/files?name={name}"))
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            // What a sender says of a file is not believed.
            .header(header::CONTENT_TYPE, "text/html")
            .body(body.into())
            .expect("a request");
        self.send(request).await
    }
}

test_harness::on_both_databases! {
    with office;

    async fn a_file_that_was_uploaded_can_be_used(office: Office) {
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let pdf = b"%PDF-1.7\n1 0 obj\n".to_vec();
        let digest = Digest::of(&pdf).to_string();
        let mut new = new_article("附件");
        new["draft"]["fields"]["files"] = json!([{
            "digest": digest, "name": "a.pdf", "mediaType": "application/pdf", "size": pdf.len(),
        }]);
        let before = office.refused(&editor, "createDocument", new.clone()).await;

        let answer = office.upload(&editor, pdf.clone()).await;
        let again = office.upload(&editor, pdf.clone()).await;

        assert_eq!(before[0].0, "file_missing");
        assert_eq!((answer.status, again.status), (StatusCode::CREATED, StatusCode::CREATED));
        assert_eq!(answer.json, json!({ "digest": digest, "size": pdf.len(), "mediaType": "application/pdf" }));
        office.done(&editor, "createDocument", new, "draft { digest }").await;
    }

    async fn files_are_taken_from_those_who_may_draft(office: Office) {
        let auditor = office.token("auditor", &[(Role::Auditor, "")]).await;

        let refused = office.upload(&auditor, "text").await;
        let unknown = office.upload("gongbao_x", "text").await;

        assert_eq!((refused.status, &refused.json["code"]), (StatusCode::FORBIDDEN, &json!("not_permitted")));
        assert_eq!(unknown.status, StatusCode::UNAUTHORIZED);
        assert_eq!(office.house.files.size(&Digest::of(b"text")).await.expect("an answer"), None);
    }
    async fn what_is_kept_is_what_the_answer_says(office: Office) {
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let photograph = located_photograph();
        assert!(has(&photograph, b"39.9N"));

        let answer = office.upload_as(&editor, "%E6%A1%A5.jpg", photograph.clone()).await;
        let table = office.upload_as(&editor, "%E5%90%8D%E5%8D%95.csv", "甲,乙").await;

        assert_eq!(answer.status, StatusCode::CREATED);
        assert_eq!((&answer.json["width"], &answer.json["height"]), (&json!(40), &json!(20)));
        assert_ne!(answer.json["digest"], Digest::of(&photograph).to_string());
        let digest: Digest = answer.json["digest"].as_str().expect("text").parse().expect("a digest");
        let kept = office.house.files.get(&digest).await.expect("it is there");
        let kept = kept.read_to_end().await.expect("it is read");
        assert_eq!(answer.json["size"], kept.len());
        assert!(!has(&kept, b"39.9N") && !has(&kept, b"Exif"));
        assert_eq!(office.house.files.size(&Digest::of(&photograph)).await.expect("an answer"), None);
        assert_eq!(table.json["mediaType"], "text/csv");
    }

    async fn what_could_do_harm_is_refused_and_not_kept(office: Office) {
        let editor = office.token("editor", &[(Role::Editor, "lanqiao")]).await;
        let png = picture(2, 2, image::ImageFormat::Png);
        let mut bomb = png.clone();
        bomb[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        for (name, body, status, code) in [
            ("a.png", b"<!DOCTYPE html><script>alert(1)</script>".to_vec(), 415, "file_has_markup"),
            ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(), 415, "file_has_markup"),
            ("", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff".to_vec(), 415, "file_type_unknown"),
            ("a.png", b"\x89PNG\r\n\x1a\n<script>".to_vec(), 422, "picture_damaged"),
            ("a.png", bomb, 422, "picture_damaged"),
            ("a.html", b"text".to_vec(), 422, "file_type_differs"),
            ("..%2F..%2Fetc%2Fpasswd", b"text".to_vec(), 422, "not_a_file_name"),
            ("a%5Cb.txt", b"text".to_vec(), 422, "not_a_file_name"),
            ("a%00.txt", b"text".to_vec(), 422, "not_a_file_name"),
        ] {
            let refused = office.upload_as(&editor, name, body.clone()).await;
            assert_eq!((refused.status.as_u16(), refused.json["code"].as_str()), (status, Some(code)), "{name}");
            assert_eq!(office.house.files.size(&Digest::of(&body)).await.expect("an answer"), None);
        }
    }
}

fn has(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

/// As a telephone writes it: where it was taken stands before the picture.
fn located_photograph() -> Vec<u8> {
    let plain = picture(40, 20, image::ImageFormat::Jpeg);
    let exif = b"\xff\xe1\x00\x1aExif\0\0GPS 39.9N 116.4E  ";
    [&plain[..2], exif, &plain[2..]].concat()
}
