//! Backups beside a hub that works, and restores that are killed.

use std::{
    fs,
    path::Path,
    process::Stdio,
    sync::atomic::{AtomicBool, Ordering},
};

use serde_json::Value;
use store::documents::Document;

use super::{BOTH, program};
use crate::house::{House, house, text};

impl House {
    /// Publishes, corrects and recalls until it is told to stop.
    async fn works_until(&self, stopped: &AtomicBool) {
        let mut round = 0;
        while !stopped.load(Ordering::SeqCst) {
            let one = self.live_article(&format!("忙{round}")).await;
            let one = self.correct(&one, text(&format!("忙{round}更正"))).await.document;
            let (with_file, _) = self
                .article_with_file(&format!("件{round}"), &[b'a' + (round % 26) as u8; 3_000])
                .await;
            if round % 2 == 0 {
                self.recall(&one).await;
                self.recall(&with_file).await;
            }
            round += 1;
        }
    }

    async fn same_text(&self, other: &House, document: &Document) {
        let here = self.read(document.id).await.expect("it is public here");
        let there = other.read(document.id).await.expect("what was acknowledged is there");
        assert_eq!(format!("{there:?}"), format!("{here:?}"));
    }
}

test_harness::on_both_databases! {
    with house;

    async fn a_backup_beside_a_working_hub_is_one_moment_of_it(house: House) {
        let (acknowledged, files) = house.eventful().await;
        for number in 0..20 {
            house.live_article(&format!("底{number}")).await;
        }
        let before = house.head().await;
        let archive = house.folder().join("backup.tar");
        let stopped = AtomicBool::new(false);
        let mut command = house.program().command(&["--json", "backup", "backup.tar"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let backup = async {
            let output = tokio::process::Command::from(command).output().await;
            stopped.store(true, Ordering::SeqCst);
            output.expect("it runs")
        };

        let (output, ()) = tokio::join!(backup, house.works_until(&stopped));

        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let said: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let (head, log) = (house.head().await, house.log().await);
        let at = said["log"]["sequence"].as_u64().expect("a number");
        assert!((before..=head).contains(&at) && head > before, "{before} {at} {head}");
        for engine in BOTH {
            let Some(restored) = house.restored(engine, &archive).await else { continue };
            assert_eq!(restored.log().await, log[..at as usize], "a prefix of the log");
            assert_eq!(restored.findings().await, []);
            for document in &acknowledged {
                house.same_text(&restored, document).await;
            }
            for (digest, bytes) in &files {
                let stream = restored.files.get(digest).await.expect("the file is there");
                assert_eq!(&stream.read_to_end().await.expect("it is whole"), bytes);
            }
        }
    }

    async fn a_killed_restore_leaves_a_hub_that_can_be_restored(house: House) {
        house.eventful().await;
        let (archive, said) = house.back_up("backup.tar");
        let archive = archive.display().to_string();
        for engine in BOTH {
            let Some(database) = test_harness::database(engine) else { continue };
            let program = program(&database);
            let mut command = program.command(&["restore", &archive]);
            command.stdout(Stdio::null()).stderr(Stdio::null());
            let mut child = command.spawn().expect("it starts");
            // Files come before rows: with the first of them it is in the middle.
            let assets = database.folder().join("assets");
            while files_in(&assets) == 0 && child.try_wait().expect("it is asked").is_none() {
                std::thread::yield_now();
            }
            child.kill().expect("it is killed");
            child.wait().expect("it ends");

            let again = program.command(&["--json", "restore", &archive]).output();
            let again = again.expect("it runs");
            let why = String::from_utf8_lossy(&again.stderr).into_owned();
            // Only one that had come to its end before it was killed is not empty.
            assert!(again.status.success() || why.contains("not empty"), "{why}");
            let restored = house.over(database).await;
            assert_eq!(restored.findings().await, []);
            assert_eq!(restored.head().await, said["log"]["sequence"]);
        }
    }
}

/// Whole files of a file store.
fn files_in(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.path() {
            path if path.ends_with("incoming") => 0,
            path if path.is_dir() => files_in(&path),
            _ => 1,
        })
        .sum()
}
