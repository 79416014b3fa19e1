//! A backup holds everything, and comes back the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use editorial::maintenance::index_what_waits;
use serde_json::{Value, json};

use super::{
    BOTH,
    archive::{entries, header, rows},
    json_of,
};
use crate::house::{House, house};

const QUESTION: &str = "{ documents(site: \"lanqiao\", first: 50) { totalCount nodes { \
    id contentId locale type title summary url path publishedAt edition { number digest } \
    columns { path } history { number publishedAt } } } changes(first: 50) { head edges { cursor } } }";

/// A search that finds something there.
const SEARCH: &str = "{ search(query: \"正文\") { totalCount nodes { title } } }";

impl House {
    /// A target with secrets, and somebody with a token.
    fn people_and_targets(&self) {
        let program = self.program();
        program.administrator();
        program.done(&[
            "channel",
            "create",
            "app",
            "https://hooks.example.org/",
            "--authority",
            "lanqiao-city",
        ]);
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_restored_hub_is_the_same_hub(house: House) {
        let (_, files) = house.eventful().await;
        house.people_and_targets();
        store::audit::seal(&house.desk.store).await.expect("it is sealed");
        let (archive, said) = house.back_up("backup.tar");
        assert_eq!(said["log"]["sequence"], house.head().await);
        assert_eq!(said["files"], files.len());
        let answer = house.front().ask(QUESTION).await;
        assert!(answer["documents"]["totalCount"].as_u64() >= Some(5), "{answer}");
        let found = house.front().ask(SEARCH).await;
        assert!(found["search"]["totalCount"].as_u64() >= Some(1), "{found}");

        for engine in BOTH {
            let Some(restored) = house.restored(engine, &archive).await else { continue };

            assert_eq!(restored.findings().await, []);
            assert_eq!(restored.log().await, house.log().await);
            assert_eq!(restored.front().ask(QUESTION).await, answer);
            assert_eq!(restored.front().refusal(SEARCH).await, "NOT_INDEXED");
            let done = index_what_waits(&restored.desk, &restored.administrator, |_| {}).await;
            assert!(done.expect("it is indexed") > 0);
            assert_eq!(restored.front().ask(SEARCH).await, found);
            for (digest, bytes) in &files {
                let stream = restored.files.get(digest).await.expect("the file is there");
                assert_eq!(&stream.read_to_end().await.expect("it is whole"), bytes);
            }
            let shown = restored.program().done(&["channel", "show", "app"]);
            assert!(shown.contains("publicKey"), "its secrets open under the same key: {shown}");
            // And on: what is restored is backed up as it was, but for the notes that it was, and
            // for the end of the chain that they made longer.
            let (again, _) = restored.back_up("again.tar");
            let (mut before, mut after) = (rows(&archive), rows(&again));
            for table in [&mut before, &mut after] {
                let audit = table.get_mut("audit").expect("an audit");
                audit.retain(|row| !row.contains("hub.restore") && !row.contains("hub.backup"));
                table.remove("audit_head").expect("the end of the chain");
            }
            assert_eq!(after, before);
            let more = restored.live_article("恢复之后").await;
            assert!(restored.read(more.id).await.is_some());
            assert_eq!(restored.findings().await, []);
        }
    }

    async fn every_table_of_the_migrations_is_in_a_backup(house: House) {
        let (archive, _) = house.back_up("backup.tar");
        let tables = header(&entries(&archive))["tables"].as_object().expect("tables").clone();
        let there: BTreeSet<String> = tables.keys().cloned().collect();
        for database in ["sqlite", "postgres"] {
            let (mut made, mut dropped) = (BTreeSet::new(), BTreeSet::new());
            for (file, text) in migrations(database) {
                let text = text.to_uppercase();
                let made_up = ["SERIAL", "GENERATED", "AUTOINCREMENT", "CREATE SEQUENCE"];
                let drawn = made_up.iter().find(|word| text.contains(*word));
                assert_eq!(drawn, None, "{file:?}: a restore does not set such numbers on");
                let words: Vec<&str> = text.split_whitespace().collect();
                made.extend(words.windows(3).filter_map(|window| match window {
                    ["CREATE", "TABLE", name] => Some(name.to_lowercase()),
                    _ => None,
                }));
                dropped.extend(words.windows(3).filter_map(|window| match window {
                    ["DROP", "TABLE", name] => Some(name.trim_end_matches(';').to_lowercase()),
                    _ => None,
                }));
            }
            made.retain(|table| !dropped.contains(table));
            // The search index is built anew, as each database keeps it.
            made.retain(|table| !table.starts_with("search_"));
            // Nobody is signed in to a restored hub, or kept waiting by it.
            made.retain(|table| !["sign_in_session", "sign_in_failure"].contains(&&**table));
            // What was being uploaded was no file yet.
            made.retain(|table| !["upload", "upload_piece"].contains(&&**table));
            assert_eq!(made, there, "a table of migrations/{database} is not backed up, or unknown");
        }
    }

    async fn both_databases_hold_the_same_columns(house: House) {
        type Tables = BTreeMap<String, BTreeSet<Kept>>;
        let columns = |archive: &Path| -> Tables {
            let tables = header(&entries(archive))["tables"].take();
            serde_json::from_value(tables).expect("tables")
        };
        let (archive, _) = house.back_up("backup.tar");
        for engine in BOTH {
            let Some(other) = crate::house::house(engine).await else { continue };
            let (its, _) = other.back_up("backup.tar");
            assert_eq!(columns(&its), columns(&archive));
        }
    }

    async fn a_backup_is_its_owners_and_never_overwritten_unasked(house: House) {
        use std::os::unix::fs::PermissionsExt as _;
        let (archive, said) = house.back_up("backup.tar");
        let before = fs::read(&archive).expect("the backup");
        let name = archive.display().to_string();
        assert_eq!(fs::metadata(&archive).expect("it").permissions().mode() & 0o777, 0o600);
        assert_eq!(said["masterKey"], "GONGBAO_MASTER_KEY");

        let (code, what) = house.program().failed(&["backup", &name]);
        assert_eq!(code, Some(1));
        assert!(what.contains("--force"), "{what}");
        assert_eq!(fs::read(&archive).expect("the backup"), before);
        house.live_article("甲").await;
        fs::write(house.folder().join("backup.tar.part"), "what a killed one left").expect("a file");
        json_of(&house.program(), &["backup", "--force", &name]);

        assert_ne!(fs::read(&archive).expect("the backup"), before);
        assert!(!house.folder().join("backup.tar.part").exists());
        let key = house.program().with("GONGBAO_DATABASE_URL", "sqlite://./nowhere.db");
        let (code, _) = key.failed(&["backup", "other.tar"]);
        assert_eq!(code, Some(1));
        assert!(!house.folder().join("nowhere.db").exists(), "looking makes nothing");
        assert!(!house.folder().join("other.tar.part").exists());
    }

    async fn a_lost_file_is_named_and_everything_else_backed_up(house: House) {
        let (_, lost) = house.article_with_file("甲", b"lost").await;
        let (_, damaged) = house.article_with_file("乙", b"damaged").await;
        let (_, kept) = house.article_with_file("丙", b"kept").await;
        house.files.delete(&lost).await.expect("it is lost");
        let hex = damaged.hex();
        let path = house.folder().join("assets").join(&hex[..2]).join(&hex[2..4]).join(&hex);
        fs::write(path, b"damagee").expect("it is damaged");

        let output = house.program().command(&["--json", "backup", "b.tar"]).output();
        let output = output.expect("it runs");
        assert_eq!(output.status.code(), Some(1));
        let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let mut faulty = vec![json!(lost), json!(damaged)];
        faulty.sort_by_key(Value::to_string);
        assert_eq!((&said["faulty"], &said["files"]), (&json!(faulty), &json!(1)));
        let names = entries(&house.folder().join("b.tar"));
        let files: Vec<_> = names.iter().filter(|(name, _)| name.starts_with("files/")).collect();
        assert_eq!(files, [&(format!("files/{}", kept.hex()), b"kept".to_vec())]);

        let database = test_harness::database(house.database.engine()).expect("a database");
        let program = super::program(&database);
        let archive = house.folder().join("b.tar").display().to_string();
        let restored = program.command(&["--json", "restore", &archive]).output();
        let restored = restored.expect("it runs");
        let said: Value = serde_json::from_slice(&restored.stdout).expect("JSON");
        assert_eq!(restored.status.code(), Some(1), "verification finds what is not there");
        assert_eq!(said["checked"]["findings"], 2);
        assert_eq!(said["backup"]["faulty"], 2);
    }

    async fn a_file_that_is_erased_meanwhile_is_no_fault(house: House) {
        let (_, digest) = house.article_with_file("甲", b"erased").await;
        let sql = "DELETE FROM file";
        let mut once = Some(());
        let out = fs::File::create(house.folder().join("b.tar")).expect("a file");
        let at = "2026-03-03T00:00:00Z".parse().expect("a moment");

        let taken = store::backup::take(&house.desk.store, &*house.files, out, at, &mut |_| {
            // The tables are being written: the snapshot is taken, the files come later.
            if once.take().is_some() {
                tokio::task::block_in_place(|| {
                    tokio::runtime::Handle::current().block_on(async {
                        house.tamper(sql).await;
                        house.files.delete(&digest).await.expect("it is destroyed");
                    });
                });
            }
        })
        .await
        .expect("the backup is taken");

        assert_eq!((taken.erased, taken.files), (1, 0));
        assert!(taken.faulty.is_empty());
        let input = fs::File::open(house.folder().join("b.tar")).expect("the file");
        let archive = store::backup::check(input, &mut |_| {}).await.expect("it is whole");
        assert_eq!(archive.erased(), 1);
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
struct Kept {
    name: String,
    kind: String,
}

fn migrations(database: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(database);
    let files = fs::read_dir(folder).expect("the migrations");
    files
        .map(|file| file.expect("a file").path())
        .map(|file| (file.clone(), fs::read_to_string(file).expect("UTF-8")))
        .collect()
}
