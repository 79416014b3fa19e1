//! Backup and restore: what one hub holds, whole, in another one of either database.

mod archive;
mod deliveries;
mod hostile;
mod load;
mod notices;
mod whole;

use std::{
    fs,
    path::{Path, PathBuf},
};

use schema::digest::Digest;
use serde_json::{Value, json};
use store::{Store, documents::Document, files::FileSettings};
use test_harness::{Engine, TestDatabase};

use crate::{
    house::{House, article, text, told},
    program::Program,
};

/// `gongbao` with the content types of the stories.
fn program(database: &TestDatabase) -> Program {
    let types = database.folder().join("types");
    fs::create_dir_all(&types).expect("a folder");
    for (name, text) in [
        ("article.toml", include_str!("../types/article.toml")),
        ("alarm.toml", include_str!("../types/alarm.toml")),
    ] {
        fs::write(types.join(name), text).expect("a type");
    }
    Program::new(database.folder(), database.url())
        .with("GONGBAO_TYPES", &types.display().to_string())
}

/// What a command that must succeed says to programs.
fn json_of(program: &Program, arguments: &[&str]) -> Value {
    serde_json::from_str(&program.done(&[&["--json"], arguments].concat())).expect("JSON")
}

impl House {
    pub fn program(&self) -> Program {
        program(&self.database)
    }

    /// `gongbao backup`, and what it says.
    fn back_up(&self, name: &str) -> (PathBuf, Value) {
        let file = self.folder().join(name);
        let said = json_of(&self.program(), &["backup", &file.display().to_string()]);
        (file, said)
    }

    /// `gongbao restore` into a fresh database of `engine`; `None` where there is none.
    async fn restored(&self, engine: Engine, archive: &Path) -> Option<House> {
        let database = test_harness::database(engine)?;
        let program = program(&database);
        let said = json_of(&program, &["restore", &archive.display().to_string()]);
        assert_eq!(said["clean"], true, "{said}");
        Some(self.over(database).await)
    }

    /// The same house over another database.
    async fn over(&self, database: TestDatabase) -> House {
        let store = Store::open(database.url()).await.expect("the store opens");
        let assets = format!("file://{}", database.folder().join("assets").display());
        let settings = FileSettings { staging: database.folder().join("s"), ..Default::default() };
        House {
            desk: editorial::Desk { store, ..self.desk.clone() },
            files: store::files::open(&assets, &settings).expect("the file store opens"),
            clock: std::sync::Arc::clone(&self.clock),
            database,
            administrator: self.administrator.clone(),
            objects: None,
        }
    }

    async fn keep(&self, bytes: &[u8]) -> Digest {
        self.take_in(bytes).await.digest
    }

    async fn article_with_file(&self, title: &str, bytes: &[u8]) -> (Document, Digest) {
        let digest = self.keep(bytes).await;
        let mut new = article(title);
        new.text.fields.insert(
            "files".into(),
            json!([{ "digest": digest, "name": "a.txt", "mediaType": "text/plain",
                     "size": bytes.len() }]),
        );
        let draft = self.create(new).await.expect("it is saved");
        (self.make_public(&draft).await.document, digest)
    }

    /// Something of everything: live, corrected, withdrawn, recalled, drafted, with files.
    async fn eventful(&self) -> (Vec<Document>, Vec<(Digest, Vec<u8>)>) {
        let mut live = Vec::new();
        let mut files = Vec::new();
        for number in 0..4 {
            let bytes = format!("附件{number}：").repeat(1 + 40_000 * number).into_bytes();
            let (document, digest) = self.article_with_file(&format!("甲{number}"), &bytes).await;
            live.push(document);
            files.push((digest, bytes));
        }
        let empty = self.keep(b"").await;
        files.push((empty, Vec::new()));
        let corrected = self.live_article("乙 \u{1F4DC} \"'\\ 更正前").await;
        live.push(self.correct(&corrected, text("乙 更正后")).await.document);
        let withdrawn = self.live_article("丙").await;
        self.withdraw(&withdrawn, told("更正中", "Being corrected")).await.expect("it is");
        let recalled = self.live_article("丁").await;
        self.recall(&recalled).await;
        self.create(article("草稿")).await.expect("it is saved");
        (live, files)
    }

    async fn head(&self) -> u64 {
        let mut session = self.desk.store.reader().await.expect("a reader");
        store::log::head(&mut session).await.expect("the head").sequence
    }

    async fn log(&self) -> Vec<store::log::StoredEvent> {
        let mut session = self.desk.store.reader().await.expect("a reader");
        store::log::after(&mut session, 0, 100_000).await.expect("the log is read")
    }
}

/// The other database, and the same one.
const BOTH: [Engine; 2] = [Engine::Sqlite, Engine::Postgres];
