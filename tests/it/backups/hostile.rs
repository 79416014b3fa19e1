//! Archives that are cut off, damaged or made up: refused, and nothing written.

use std::{fs, path::Path};

use serde_json::{Value, json};
use store::backup::{Archive, BackupError, check, restore};

use super::{
    archive::{Entries, entries, gunzip, gzip, pack},
    program,
};
use crate::house::{House, house};

/// What becomes of these bytes.
async fn checked(folder: &Path, bytes: &[u8]) -> Result<Archive, BackupError> {
    let file = folder.join("tried.tar");
    fs::write(&file, bytes).expect("a file");
    check(fs::File::open(&file).expect("the file"), &mut |_| {}).await
}

/// Entries after a change of the one whose name begins so.
fn with(entries: &Entries, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Entries {
    let mut changed = entries.clone();
    let found = changed.iter_mut().find(|(known, _)| known.starts_with(name));
    change(&mut found.expect("there is such an entry").1);
    changed
}

fn with_json(entries: &Entries, name: &str, change: impl FnOnce(&mut Value)) -> Entries {
    with(entries, name, |content| {
        let mut value = serde_json::from_slice(content).expect("JSON");
        change(&mut value);
        *content = value.to_string().into_bytes();
    })
}

/// The entries with other rows of a table, and the manifest that fits them.
fn with_rows(entries: &Entries, table: &str, change: impl FnOnce(&mut Vec<Value>)) -> Entries {
    let mut lines = Vec::new();
    let changed = with(entries, &format!("tables/{table}/"), |content| {
        let text = String::from_utf8(gunzip(content)).expect("UTF-8");
        let mut rows: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("a row")).collect();
        change(&mut rows);
        lines = rows.iter().flat_map(|row| format!("{row}\n").into_bytes()).collect();
        *content = gzip(&lines);
    });
    with_json(&changed, "manifest.json", |manifest| {
        let rows = lines.iter().filter(|byte| **byte == b'\n').count();
        manifest["tables"][table]["rows"] = json!(rows);
        manifest["tables"][table]["digest"] = json!(schema::digest::Digest::of(&lines));
    })
}

test_harness::on_both_databases! {
    with house;

    async fn a_cut_or_flipped_archive_is_refused(house: House) {
        house.eventful().await;
        let (archive, _) = house.back_up("backup.tar");
        let whole = fs::read(&archive).expect("the backup");
        assert!(checked(house.folder(), &whole).await.is_ok());

        for part in 0..24 {
            let cut = checked(house.folder(), &whole[..whole.len() * part / 24]).await;
            assert!(cut.is_err(), "{part}/24 of it");
        }
        for short in [1, 511, 512, 513, 1_024, 1_025] {
            let cut = checked(house.folder(), &whole[..whole.len() - short]).await;
            assert!(cut.is_err(), "{short} bytes are missing");
        }
        let longer = checked(house.folder(), &[whole.as_slice(), b"\0"].concat()).await;
        assert!(matches!(longer, Err(BackupError::Damaged(_))));
        let mut damaged = whole.clone();
        for step in 0..97 {
            let place = whole.len() * step / 97 + step % 7;
            damaged[place] ^= 1 << (step % 8);
            assert!(checked(house.folder(), &damaged).await.is_err(), "byte {place}");
            damaged[place] = whole[place];
        }
    }

    async fn an_archive_that_was_made_up_is_refused(house: House) {
        house.eventful().await;
        let (archive, _) = house.back_up("backup.tar");
        let good = entries(&archive);
        let folder = house.folder();
        assert!(checked(folder, &pack(&good)).await.is_ok(), "the stories pack as the product does");
        let inserted = |at: usize, name: &str, content: &[u8]| {
            let mut changed = good.clone();
            changed.insert(at, (name.to_owned(), content.to_vec()));
            changed
        };
        let moved = |from: &str| {
            let mut changed = good.clone();
            let at = changed.iter().position(|(name, _)| name.starts_with(from)).expect("one");
            let entry = changed.remove(at);
            changed.insert(good.len() - 2, entry);
            changed
        };
        let without = |name: &str| {
            let mut changed = good.clone();
            changed.retain(|(known, _)| !known.starts_with(name));
            changed
        };

        for (what, made_up) in [
            ("no archive", Vec::new()),
            ("no header", without("header.json")),
            ("no manifest", without("manifest.json")),
            ("a table is gone", without("tables/document/")),
            ("a file is gone", without("files/")),
            ("another format", with_json(&good, "header.json", |it| it["format"] = json!("x"))),
            ("another version", with_json(&good, "header.json", |it| it["version"] = json!(2))),
            ("an unknown key", with_json(&good, "header.json", |it| it["more"] = json!(1))),
            ("no number", with_json(&good, "header.json", |it| it["migration"] = json!("6"))),
            ("a changed file", with(&good, "files/", |content| content.push(b'x'))),
            ("a wrong count", with_json(&good, "manifest.json", |it| {
                it["files"]["count"] = json!(1);
            })),
            ("a cut gzip", with(&good, "tables/document/", |it| it.truncate(it.len() - 9))),
            ("something behind a gzip", with(&good, "tables/document/", |it| it.push(0))),
            ("no rows at all", with(&good, "tables/document/", |it| *it = gzip(b""))),
            ("no JSON", with(&good, "tables/document/", |it| *it = gzip(b"x\n"))),
            ("a missing value", with_rows(&good, "document", |rows| {
                rows[0].as_array_mut().expect("a row").pop();
            })),
            ("a value too many", with_rows(&good, "document", |rows| {
                rows[0].as_array_mut().expect("a row").push(json!(1));
            })),
            ("a text for a number", with_rows(&good, "publication_log", |rows| {
                rows[0][0] = json!("1");
            })),
            ("a path out of it", inserted(1, "../../etc/cron.d/x", b"x")),
            ("a path from the root", inserted(1, "/etc/cron.d/x", b"x")),
            ("a table that is no name", inserted(1, "tables/a\"; DROP TABLE x/000001.jsonl.gz", b"x")),
            ("a file that is no digest", inserted(good.len() - 2, "files/../../x", b"x")),
            ("a file twice", {
                let file = good.iter().find(|(name, _)| name.starts_with("files/")).expect("one");
                inserted(good.len() - 2, &file.0, &file.1)
            }),
            ("a part out of order", moved("tables/audit/")),
            ("more behind the manifest", inserted(good.len() - 1, "more", b"x")),
        ] {
            let refused = checked(folder, &pack(&made_up)).await;
            assert!(refused.is_err(), "{what}");
        }
    }

    async fn rows_that_fit_no_hub_are_refused_and_nothing_is_there(house: House) {
        house.eventful().await;
        let (archive, _) = house.back_up("backup.tar");
        let good = entries(&archive);
        let database = test_harness::database(house.database.engine()).expect("a database");
        let tried = async |bytes: Vec<u8>| {
            let archive = checked(database.folder(), &bytes).await.expect("it is well formed");
            restore(database.url(), &archive, &*house.files, &mut |_| {}).await
        };
        let columns = |change: fn(&mut Vec<Value>)| {
            with_json(&good, "header.json", |header| {
                change(header["tables"]["file_removal"].as_array_mut().expect("columns"));
            })
        };

        for (what, wrong) in [
            ("a newer program", with_json(&good, "header.json", |it| it["migration"] = json!(9_999))),
            ("another column", columns(|all| all[0]["name"] = json!("other"))),
            ("another kind", columns(|all| all[0]["kind"] = json!("text"))),
            ("a column too many", columns(|all| all.push(json!({ "name": "x", "kind": "text" })))),
            ("a document of nobody", with_rows(&good, "authority", |rows| rows.truncate(1))),
            ("an id twice", with_rows(&good, "placement", |rows| rows[1][0] = rows[0][0].clone())),
            ("nothing where something must be", with_rows(&good, "document", |rows| {
                rows[0][1] = Value::Null;
            })),
        ] {
            let refused = tried(pack(&wrong)).await;
            assert!(
                matches!(refused, Err(BackupError::Damaged(_) | BackupError::Foreign(_))),
                "{what}: {refused:?}"
            );
        }

        tried(pack(&good)).await.expect("after all of these the database is still empty");
        let again = tried(pack(&good)).await;
        assert!(matches!(again, Err(BackupError::NotEmpty(_))), "{again:?}");
    }

    async fn nothing_is_made_of_what_is_refused(house: House) {
        house.eventful().await;
        let (archive, _) = house.back_up("backup.tar");
        let whole = fs::read(&archive).expect("the backup");
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("cut.tar"), &whole[..whole.len() / 2]).expect("a file");
        fs::write(folder.path().join("none.tar"), "not a backup").expect("a file");
        let url = format!("sqlite://{}", folder.path().join("data/hub.db").display());
        let hub = crate::program::Program::new(folder.path(), &url);

        for file in ["cut.tar", "none.tar", "nowhere.tar", "."] {
            let (code, said) = hub.failed(&["restore", file]);
            assert_eq!((code, said.lines().count()), (Some(1), 2), "{file}: {said}");
        }
        let mut left: Vec<_> =
            fs::read_dir(folder.path()).expect("the folder").map(|it| it.expect("it").file_name()).collect();
        left.sort();
        assert_eq!(left, ["cut.tar", "none.tar"], "no database, no file store");

        let name = archive.display().to_string();
        let said = super::json_of(&hub, &["restore", "--check", &name]);
        assert_eq!(said["files"], 5);
        assert!(!folder.path().join("data").exists(), "a check makes nothing either");
        let (code, said) = program(&house.database).failed(&["restore", &name]);
        assert_eq!(code, Some(1));
        assert!(said.contains("not empty") && said.contains("GONGBAO_DATABASE_URL"), "{said}");
        assert_eq!(house.findings().await, []);
    }
}
