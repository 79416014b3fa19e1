//! Files on their way in.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use schema::{digest::Digest, permission::Role};
use serde_json::json;

use super::{Answer, Office, new_article, office};

impl Office {
    async fn upload(&self, token: &str, body: impl Into<Body>) -> Answer {
        let request = Request::post("/manage/files")
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
}
