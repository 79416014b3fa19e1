//! The hub as operating-system processes: many writers at once, and writers that are killed.
//!
//! The writers are `gongbao import`, whose `--json` lines are acknowledgements. How many kills a
//! run makes is `GONGBAO_TEST_KILLS` (a few by default; CI's campaign makes 50 per database).

use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use schema::{digest::Digest, ids::DocumentId};
use serde_json::{Value, json};

use crate::house::{House, house};

/// A record that was acknowledged: source, key, version, and the document it became.
pub type Acknowledged = (String, String, String, DocumentId);

impl House {
    /// `gongbao import` of `count` things in two versions each, from `source`.
    pub fn importer(&self, source: &str, count: usize) -> Command {
        let types = self.types_folder();
        let mapping = self.folder().join(format!("{source}.toml"));
        let text = format!(
            "source = \"{source}\"\n[identity]\nkey = \"key\"\nversion = \"version\"\n\
             [fields]\ntitle = \"title\"\n[body]\npath = \"body\"\nformat = \"markdown\"\n"
        );
        once(&mapping, &text);
        let file = self.folder().join(format!("{source}.jsonl"));
        once(&file, &records(source, count));
        let mut command = Command::new(env!("CARGO_BIN_EXE_gongbao"));
        command
            .env_clear()
            .env("GONGBAO_DATABASE_URL", self.database.url())
            .env("GONGBAO_ASSETS", format!("file://{}", self.folder().join("assets").display()))
            .env("GONGBAO_TYPES", &types)
            .current_dir(self.folder())
            .args(["--json", "import", "--publish", "--site", "lanqiao", "--column", "news"])
            .args(["--type", "article", "--mapping"])
            .args([mapping, file])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// The types of the house as a folder, for processes.
    pub fn types_folder(&self) -> PathBuf {
        let types = self.folder().join("types");
        fs::create_dir_all(&types).expect("a folder");
        for (name, text) in [
            ("article.toml", include_str!("types/article.toml")),
            ("alarm.toml", include_str!("types/alarm.toml")),
        ] {
            once(&types.join(name), text);
        }
        types
    }

    /// Everything acknowledged is public, and nothing is wrong with what is stored.
    pub async fn holds(&self, acknowledged: &BTreeSet<Acknowledged>) {
        for (source, key, version, document) in acknowledged {
            let seen = self.seen(*document).await;
            let found = seen.is_some_and(|seen| seen.live.is_some());
            assert!(found, "{source} {key} {version} was acknowledged and is lost");
        }
        assert_eq!(self.findings().await, []);
    }

    pub async fn sequence(&self) -> u64 {
        let mut session = self.desk.store.reader().await.expect("a reader");
        store::log::head(&mut session).await.expect("the head").sequence
    }
}

/// Writes a file that is not there yet; other processes read it at the same time.
fn once(file: &Path, text: &str) {
    if !file.exists() {
        fs::write(file, text).expect("a file");
    }
}

fn records(source: &str, count: usize) -> String {
    let record = |number: usize, version: usize| {
        let title = format!("{source}之{number}");
        let body = format!("## 第一条\n\n{title}第{version}版的正文。\n\n{}", "内容。".repeat(50));
        json!({ "key": number.to_string(), "version": version.to_string(), "title": title, "body": body })
    };
    (0..count)
        .flat_map(|number| [record(number, 1), record(number, 2)])
        .map(|record| format!("{record}\n"))
        .collect()
}

fn acknowledgement(source: &str, line: &str) -> Option<Acknowledged> {
    let line: Value = serde_json::from_str(line).ok()?;
    let text = |name: &str| Some(line.get(name)?.as_str()?.to_owned());
    let document = text("document")?.parse().ok()?;
    Some((source.to_owned(), text("key")?, text("version")?, document))
}

/// What the child acknowledged until it ended, or was killed after `patience`; and whether it
/// ended by itself.
pub fn watch(
    source: &str,
    mut child: Child,
    patience: Option<Duration>,
) -> (Vec<Acknowledged>, bool) {
    let out = BufReader::new(child.stdout.take().expect("standard output"));
    let (sender, lines) = mpsc::channel();
    let reader = thread::spawn(move || {
        for line in out.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    let mut acknowledged = Vec::new();
    let mut take = |line: String| acknowledged.extend(acknowledgement(source, &line));
    match patience {
        None => lines.iter().for_each(&mut take),
        Some(patience) => {
            // The patience runs from the first acknowledgement: starting takes its own time.
            if let Ok(first) = lines.recv() {
                take(first);
                let deadline = std::time::Instant::now() + patience;
                while let Some(left) = deadline.checked_duration_since(std::time::Instant::now()) {
                    match lines.recv_timeout(left) {
                        Ok(line) => take(line),
                        Err(_) => break,
                    }
                }
            }
            let _ = child.kill();
            lines.iter().for_each(&mut take);
        }
    }
    let status = child.wait().expect("the child ends");
    reader.join().expect("the reader ends");
    if patience.is_none() && !status.success() {
        let mut said = String::new();
        let _ = child.stderr.take().map(|mut errors| errors.read_to_string(&mut said));
        panic!("{source} failed: {said}");
    }
    (acknowledged, status.success())
}

/// How many kills a campaign makes per database.
pub fn kills() -> usize {
    env::var("GONGBAO_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(4)
}

/// A number below `bound` that is the same in every run.
pub fn chance(seed: &str, bound: u64) -> u64 {
    let digest = Digest::of(seed.as_bytes());
    let bytes = digest.as_bytes().first_chunk().expect("a digest has 32 bytes");
    u64::from_be_bytes(*bytes) % bound
}

test_harness::on_both_databases! {
    with house;

    async fn sixteen_processes_write_one_log_without_gaps(house: House) {
        const EACH: usize = 6;
        let before = house.sequence().await;
        // Every fourth process imports what another one imports at the same time.
        let sources: Vec<String> =
            (0..16).map(|process| format!("crowd-{}", process - process % 4 / 3)).collect();
        let children: Vec<_> = sources
            .iter()
            .map(|source| (source, house.importer(source, EACH).spawn().expect("a process")))
            .collect();
        let mut acknowledged = BTreeSet::new();
        let mut documents = BTreeSet::new();
        for (source, child) in children {
            let (lines, ended_well) = watch(source, child, None);
            assert!(ended_well, "{source} failed");
            documents.extend(lines.iter().map(|(source, key, _, id)| (source.clone(), key.clone(), *id)));
            acknowledged.extend(lines);
        }

        let distinct: BTreeSet<_> = sources.iter().collect();
        assert_eq!(documents.len(), distinct.len() * EACH, "one document for each thing");
        let types = house.desk.types.iter().count();
        let expected = distinct.len() * EACH * 2 + types;
        assert_eq!(house.sequence().await - before, expected as u64, "each type came in force once");
        let mut session = house.desk.store.reader().await.expect("a reader");
        let waiting = store::types::unindexed(&mut session).await.expect("an answer");
        assert!(waiting.is_empty(), "what was written after that is indexed: {waiting:?}");
        house.holds(&acknowledged).await;
    }

    async fn a_killed_writer_loses_nothing_that_it_acknowledged(house: House) {
        const COUNT: usize = 40;
        let mut acknowledged = BTreeSet::new();
        let mut collection = 0;
        for kill in 0..kills() {
            let source = format!("killed-{collection}");
            let child = house.importer(&source, COUNT).spawn().expect("a process");
            let patience = Duration::from_millis(chance(&format!("kill {kill}"), 400));
            let (lines, ended_well) = watch(&source, child, Some(patience));
            acknowledged.extend(lines);
            house.holds(&acknowledged).await;
            collection += usize::from(ended_well);
        }

        let before = house.events().await.len();
        let source = format!("killed-{collection}");
        for _ in 0..2 {
            let child = house.importer(&source, COUNT).spawn().expect("a process");
            let (lines, ended_well) = watch(&source, child, None);
            assert!(ended_well, "what was interrupted is completed");
            acknowledged.extend(lines);
        }

        house.holds(&acknowledged).await;
        let things: BTreeSet<_> = acknowledged
            .iter()
            .filter(|(of, ..)| *of == source)
            .map(|(_, key, _, document)| (key, document))
            .collect();
        assert_eq!(things.len(), COUNT, "nothing was imported twice");
        let after = house.events().await.len();
        assert!(after - before <= 2 * COUNT, "running it again changed nothing");
    }
}
