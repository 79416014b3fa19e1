//! First review, then open: what a text passes before it becomes public, as everybody who takes
//! part sees it. Here the usual rule holds: three steps by three persons, and the secrecy review.

mod afterwards;
mod chains;
mod cosigning;
mod findings;
mod queue;
mod record;
mod story;

use schema::permission::Role;
use serde_json::{Value, json};
use test_harness::Engine;

use super::{Draft, Office, new_article, office, target, text};

/// What is asked of a review after each act.
const REVIEW: &str = "review { id register { year number } track state round awaits \
                      awaitsPublication awaitsSecrecy dueAt closedAt }";

/// The people of an office in which texts are reviewed.
pub struct Staff {
    pub office: Office,
    /// 信息员
    pub author: String,
    /// 初审
    pub first: String,
    /// 审核
    pub second: String,
    /// 审发
    pub approver: String,
    /// 保密审查
    pub secrecy: String,
}

pub async fn staff(engine: Engine) -> Option<Staff> {
    let office = office(engine).await?;
    let none = json!({ "place": {} });
    office.done(&office.administrator, "removeReviewRule", none, "rule { version }").await;
    let on = |role| [(role, "lanqiao")];
    let author = office.token("xinxiyuan", &on(Role::Contributor)).await;
    let first = office.token("chushen", &on(Role::FirstReviewer)).await;
    let second = office.token("shenhe", &on(Role::SecondReviewer)).await;
    let approver = office.token("shenfa", &on(Role::Approver)).await;
    let secrecy = office.token("baomi", &on(Role::SecrecyReviewer)).await;
    Some(Staff { office, author, first, second, approver, secrecy })
}

/// The text of a draft, as an act of a reviewer names it.
pub fn looked(draft: &Draft) -> Value {
    json!({ "document": target(&draft.document), "digest": draft.digest })
}

/// The same with something more.
pub fn with(mut input: Value, more: &Value) -> Value {
    for (key, value) in more.as_object().expect("an object") {
        input[key] = value.clone();
    }
    input
}

impl Staff {
    /// A draft of the author that lies before the reviewers.
    pub async fn submitted(&self, title: &str) -> Draft {
        let draft = self.office.draft(&self.author, title).await;
        self.submit(&draft).await;
        draft
    }

    pub async fn submit(&self, draft: &Draft) -> Value {
        self.done(&self.author, "submitDocument", looked(draft)).await
    }

    /// The review after an act that must be done.
    pub async fn done(&self, token: &str, act: &str, input: Value) -> Value {
        self.office.done(token, act, input, REVIEW).await["review"].clone()
    }

    pub async fn approve(&self, token: &str, draft: &Draft) -> Value {
        self.done(token, "approveDocument", looked(draft)).await
    }

    pub async fn conclude(&self, draft: &Draft, conclusion: &str) -> Value {
        let more = json!({ "conclusion": conclusion, "basis": "政府信息公开条例第十七条" });
        self.done(&self.secrecy, "reviewSecrecy", with(looked(draft), &more)).await
    }

    /// Every signature but the approver's, whose publication is theirs.
    pub async fn all_but_approval(&self, draft: &Draft) {
        self.approve(&self.first, draft).await;
        self.approve(&self.second, draft).await;
        self.conclude(draft, "OPEN").await;
    }

    /// Another text in the place of the draft, by somebody.
    pub async fn edit(&self, token: &str, draft: &Draft, title: &str) -> Draft {
        let input = json!({ "document": target(&draft.document), "draft": text(title) });
        let saved = "draft { digest document { contentId locale version } }";
        Draft::of(&self.office.done(token, "saveDraft", input, saved).await)
    }

    /// Why an act is refused.
    pub async fn refused(&self, token: &str, act: &str, input: Value) -> String {
        let refused = self.office.refused(token, act, input).await;
        refused.first().map(|(code, _)| code.clone()).unwrap_or_default()
    }

    pub async fn publication_refused(&self, token: &str, draft: &Draft) -> String {
        let input = json!({ "document": target(&draft.document), "approvedDigest": draft.digest });
        self.refused(token, "publishDocument", input).await
    }

    /// The document as `token` sees it, with what `selection` asks for.
    pub async fn document(&self, token: &str, draft: &Draft, selection: &str) -> Value {
        let query = format!(
            "query($id: String!) {{ document(contentId: $id, locale: \"zh-CN\") {{ {selection} }} }}"
        );
        let id = json!({ "id": draft.document["contentId"] });
        self.office.query(token, &query, id).await["document"].clone()
    }
}

/// A draft of an article that was taken over from another site.
pub fn repost(title: &str) -> Value {
    let mut new = new_article(title);
    new["draft"]["origin"] = json!({ "site": "www.gov.cn", "url": "https://www.gov.cn/zhengce/1.htm",
                                     "publishedAt": "2026-03-01T01:00:00Z" });
    new["draft"]["source"] = json!({ "name": "中国政府网" });
    new
}
