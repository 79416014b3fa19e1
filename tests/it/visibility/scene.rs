//! A hub with a text in every state that hides one. Each has words of its own: one in title,
//! summary, body and the name of its file, one in its path, one in the bytes of its file.

use editorial::{
    documents::{self, DraftText, SavedDraft},
    previews::revoke_preview_link,
};
use jiff::Timestamp;
use schema::{
    content_type::OldTexts,
    digest::Digest,
    permission::{Grant, Role, Scope},
    visibility::{Notice, Removal},
};
use serde_json::json;
use store::documents::Document;
use test_harness::Engine;

use crate::{
    house::{House, actor, article, fields, house, now, placed, publication, text, told},
    live::Node,
    previews::Somebody,
};

/// A text that is hidden from somebody.
pub struct Hidden {
    pub name: &'static str,
    pub document: Document,
    pub file: Digest,
    /// Its path, where it stands or is to stand.
    pub path: String,
    /// Whether the log tells everybody where it stood: its path is hidden from nobody.
    tells_path: bool,
}

impl Hidden {
    fn number(name: &str) -> usize {
        NAMES.iter().position(|known| *known == name).expect("a name of the scene")
    }

    /// The word in its text.
    pub fn word(&self) -> String {
        let [word, ..] = Self::words(self.name);
        word
    }

    /// Its words: in the text, in the file, in the path.
    fn words(name: &str) -> [String; 3] {
        let number = Self::number(name);
        ["t", "f", "p"].map(|part| format!("zq{part}{number:02}kvw7xh"))
    }
}

const NAMES: [&str; 11] = [
    "draft",
    "linked draft",
    "draft over a live text",
    "foreign draft",
    "withdrawn",
    "gone",
    "vanished",
    "recalled openly",
    "recalled silently",
    "erased",
    "corrected error",
];

/// The hub, and a server that serves it.
pub struct Scene {
    pub house: House,
    pub node: Node,
    pub hidden: Vec<Hidden>,
    /// A text that is public beside them, and links to what is not.
    pub public: Document,
    editor: Somebody,
}

pub async fn scene(engine: Engine) -> Option<Scene> {
    let house = house(engine).await?;
    let scope = Scope::Authority(house.authority("lanqiao-city").await);
    let editor = house.somebody("editor", vec![Grant { role: Role::Editor, scope }]).await;
    let linked = house.hidden_draft("linked draft", "lanqiao", None).await;
    let draft = house.hidden_draft("draft", "lanqiao", Some(&linked.0.document)).await;
    let foreign = house.hidden_draft("foreign draft", "nanhe", None).await;
    let mut public = article("众所周知的公开信息");
    public.text.fields.insert("basis".into(), json!([draft.0.document.content]));
    let public = house.create(public).await.expect("it is saved");
    let public = house.make_public(&public).await.document;
    let over = house.over_a_live_text().await;
    let corrected = house.corrected().await;
    let mut hidden: Vec<Hidden> = Vec::new();
    for (name, (saved, file)) in
        [("linked draft", linked), ("draft", draft), ("foreign draft", foreign)]
    {
        hidden.push(as_hidden(name, saved.document, file, false));
    }
    hidden.push(as_hidden("draft over a live text", over.0, over.1, false));
    hidden.push(as_hidden("corrected error", corrected.0, corrected.1, true));
    for name in ["withdrawn", "gone", "vanished", "recalled openly", "recalled silently", "erased"]
    {
        let (document, file) = house.take_away(name).await;
        let traceless = matches!(name, "vanished" | "recalled silently");
        hidden.push(as_hidden(name, document, file, !traceless));
    }
    let node = house.node().await;
    Some(Scene { house, node, hidden, public, editor })
}

fn as_hidden(name: &'static str, document: Document, file: Digest, tells_path: bool) -> Hidden {
    Hidden { name, document, file, path: path(name), tells_path }
}

fn path(name: &str) -> String {
    let [_, _, word] = Hidden::words(name);
    match name {
        "foreign draft" => format!("/policy/{word}"),
        _ => format!("/news/{word}"),
    }
}

impl House {
    /// The text of a hidden document, with a file of its own.
    async fn hidden_text(&self, name: &str, site: &str) -> (DraftText, Digest) {
        let [word, in_file, _] = Hidden::words(name);
        let bytes = format!("a file with {in_file}").into_bytes();
        let stored = self.take_in(&bytes).await;
        let fields = fields(json!({
            "title": format!("标题 {word}"),
            "summary": format!("摘要 {word}"),
            "body": format!("<p>正文 {word}</p>"),
            "tags": [word],
            "files": [{
                "digest": stored.digest, "name": format!("{word}.txt"), "mediaType": "text/plain",
                "size": stored.size,
            }],
        }));
        let path = path(name);
        let column = if path.starts_with("/news") { "news" } else { "policy" };
        let placements = vec![placed(site, &[column], Some(&path))];
        (DraftText { fields, placements, ..text("") }, stored.digest)
    }

    /// A draft that was never published, linking to `basis`.
    async fn hidden_draft(
        &self,
        name: &str,
        site: &str,
        basis: Option<&Document>,
    ) -> (SavedDraft, Digest) {
        let (mut text, file) = self.hidden_text(name, site).await;
        if let Some(basis) = basis {
            text.fields.insert("basis".into(), json!([basis.content]));
        }
        let authority = if site == "nanhe" { "nanhe-province" } else { "lanqiao-city" };
        let mut new = article("");
        new.authority = authority.parse().expect("an authority key");
        new.text = text;
        (self.create(new).await.expect("the draft is saved"), file)
    }

    /// A live text with a hidden draft over it.
    async fn over_a_live_text(&self) -> (Document, Digest) {
        let live = self.live_article("在线的旧文").await;
        let (text, file) = self.hidden_text("draft over a live text", "lanqiao").await;
        let saved = self.save(now(&live), text).await.expect("the draft is saved");
        (saved.document, file)
    }

    /// A live text whose first edition was called an error.
    async fn corrected(&self) -> (Document, Digest) {
        let (draft, file) = self.hidden_draft("corrected error", "lanqiao", None).await;
        let live = self.make_public(&draft).await.document;
        let mut right = text("更正后的文本");
        right.placements = vec![placed("lanqiao", &["news"], Some(&path("corrected error")))];
        let saved = self.save(now(&live), right).await.expect("the draft is saved");
        let request = documents::Publish { old_text: Some(OldTexts::Error), ..publication(&saved) };
        self.act(async |work| documents::publish(&self.desk, work, request.clone()).await)
            .await
            .expect("it is corrected");
        (self.seen(live.id).await.expect("it is live"), file)
    }

    /// A text that was public and is so no more.
    async fn take_away(&self, name: &'static str) -> (Document, Digest) {
        let (draft, file) = self.hidden_draft(name, "lanqiao", None).await;
        let live = self.make_public(&draft).await.document;
        let notice = told("说明", "An explanation");
        let silent = Notice { silent: true, ..Notice::default() };
        let document = match name {
            "withdrawn" => self.withdraw(&live, notice).await.expect("it is withdrawn"),
            "gone" => self.take_off(&live, Removal::Gone, notice).await,
            "vanished" => self.take_off(&live, Removal::Vanish, Notice::default()).await,
            "recalled openly" => self.recall_with(&live, notice).await,
            "recalled silently" => self.recall_with(&live, silent).await,
            _ => {
                let recalled = self.recall_with(&live, notice).await;
                self.destroy(&recalled).await
            }
        };
        (document, file)
    }

    async fn take_off(&self, live: &Document, removal: Removal, notice: Notice) -> Document {
        let target = now(live);
        self.act(async |work| {
            documents::remove(&self.desk, work, target, removal, notice.clone()).await
        })
        .await
        .expect("it is removed")
    }

    async fn recall_with(&self, live: &Document, notice: Notice) -> Document {
        let recalled = self
            .act(async |work| {
                documents::recall(&self.desk, work, live.content, notice.clone()).await
            })
            .await
            .expect("it is recalled");
        recalled.documents.into_iter().next().expect("one document")
    }

    async fn destroy(&self, recalled: &Document) -> Document {
        let target = now(recalled);
        let order = self
            .act(async |work| documents::order_erasure(&self.desk, work, target, "依法销毁").await)
            .await
            .expect("it is ordered");
        let second = actor("第二人", 60, Role::Approver, Scope::Hub);
        self.act_as(&second, async |work| documents::confirm_erasure(&self.desk, work, order).await)
            .await
            .expect("it is confirmed")
            .0
    }
}

impl Scene {
    pub fn hidden(&self, name: &str) -> &Hidden {
        self.hidden.iter().find(|hidden| hidden.name == name).expect("a name of the scene")
    }

    /// A moment at which a text was public, if it ever was.
    pub fn when_public(&self, hidden: &Hidden) -> Timestamp {
        let first = hidden.document.first_published_at.or(self.public.first_published_at);
        first.expect("this one was published")
    }

    /// Every word of the scene.
    pub fn words(&self) -> Vec<String> {
        self.of(&NAMES)
    }

    /// The words of these.
    pub fn of(&self, names: &[&str]) -> Vec<String> {
        names.iter().flat_map(|name| Hidden::words(name)).collect()
    }

    /// What everybody is told: where things stood whose taking away is public.
    pub fn public_words(&self) -> Vec<String> {
        let telling = self.hidden.iter().filter(|hidden| hidden.tells_path);
        telling.map(|hidden| Hidden::words(hidden.name)[2].clone()).collect()
    }

    pub fn is_public_path(&self, word: &str) -> bool {
        self.public_words().iter().any(|public| public == word)
    }

    /// What nobody is told without a right to it.
    pub fn hidden_words(&self) -> Vec<String> {
        self.words().into_iter().filter(|word| !self.is_public_path(word)).collect()
    }

    /// The secret of a new link to the draft of a document.
    pub async fn link(&self, name: &str) -> String {
        let issued = self.house.link(&self.editor, self.hidden(name).document.id).await;
        issued.secret.reveal().to_owned()
    }

    /// Revokes a link to a document.
    pub async fn revoke(&self, name: &str, secret: &str) {
        let mut session = self.house.desk.store.reader().await.expect("a reader");
        let links =
            store::access::previews::of_document(&mut session, self.hidden(name).document.id);
        let links = links.await.expect("the store answers");
        let link = links.iter().find(|link| secret.starts_with(&link.hint)).expect("the link").id;
        drop(session);
        self.house
            .act_as(&self.editor.actor, async |work| revoke_preview_link(work, link).await)
            .await
            .expect("it is revoked");
    }

    pub async fn close(self) {
        self.node.stop().await;
    }
}
