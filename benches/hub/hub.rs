//! The hub under measurement: its store, filled by `gongbao import` or as an earlier run left it,
//! and `gongbao serve` as a process.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Instant,
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use test_harness::{Engine, TestDatabase, empty_database};

use crate::{
    content::{self, COLUMNS, Sentences},
    kept::Kept,
};

/// A hub with documents, not running.
pub(crate) struct Stored {
    pub(crate) engine: Engine,
    pub(crate) documents: usize,
    database: TestDatabase,
}

impl Stored {
    /// A hub with its tree and nothing else; `None` where the engine is not installed.
    pub(crate) async fn empty(engine: Engine) -> Result<Option<Self>> {
        let Some(database) = empty_database(engine).await else { return Ok(None) };
        let stored = Self { engine, documents: 0, database };
        stored.plant()?;
        Ok(Some(stored))
    }

    /// A hub with so many news in four columns: imported the first time, as a user would, and
    /// kept as its engine keeps a database, from which later runs take it.
    pub(crate) async fn filled(engine: Engine, documents: usize) -> Result<Option<Self>> {
        let Some(database) = empty_database(engine).await else { return Ok(None) };
        let stored = Self { engine, documents, database };
        let kept = Kept::of(engine, documents)?;
        let began = Instant::now();
        let how = if kept.is_there() {
            kept.give_back(&stored.database)?;
            "taken from an earlier run"
        } else {
            stored.plant()?;
            stored.import(documents)?;
            "imported and published"
        };
        let took = began.elapsed().as_secs_f64();
        if !kept.is_there() {
            kept.keep(&stored.database)?;
        }
        // As a running server and the engines' own housekeeping would have done by now.
        stored.run(&["reindex", "--waiting"])?;
        stored
            .execute(match engine {
                Engine::Sqlite => "ANALYZE",
                Engine::Postgres => "VACUUM (ANALYZE)",
            })
            .await?;
        let gigabytes = stored.bytes() as f64 / 1e9;
        println!(
            "{engine:?}: {documents} documents {how} in {took:.1} s, {:.0} a second; \
             the database holds {gigabytes:.2} GB",
            documents as f64 / took,
        );
        Ok(Some(stored))
    }

    fn plant(&self) -> Result<()> {
        fs::write(self.file("tree.toml"), content::TREE)?;
        self.run(&["site", "apply", "tree.toml"])?;
        Ok(())
    }

    /// Bytes of the database's own files, without the journal of PostgreSQL.
    fn bytes(&self) -> u64 {
        let files = self.database.data_files();
        let own =
            files.iter().filter(|file| !file.components().any(|part| part.as_os_str() == "pg_wal"));
        own.filter_map(|file| Some(file.metadata().ok()?.len())).sum()
    }

    fn import(&self, documents: usize) -> Result<()> {
        for (number, column) in COLUMNS.iter().enumerate() {
            self.import_into(column, (0..documents).skip(number).step_by(COLUMNS.len()))?;
        }
        Ok(())
    }

    /// Imports and publishes the news of these numbers.
    pub(crate) fn import_into(
        &self,
        column: &str,
        numbers: impl Iterator<Item = usize>,
    ) -> Result<()> {
        fs::write(self.file("news.toml"), content::MAPPING)?;
        content::write(&self.file("news.jsonl"), &Sentences::read()?, numbers)?;
        self.run(&[
            "import",
            "news.jsonl",
            "--mapping",
            "news.toml",
            "--site",
            "lanqiao",
            "--column",
            column,
            "--type",
            "news",
            "--publish",
        ])?;
        Ok(())
    }

    /// A token of a new account that may do everything.
    pub(crate) fn token(&self) -> Result<String> {
        let role = "platformAdministrator";
        self.run(&["user", "create", "bench", "--name", "Bench", "--role", role])?;
        let token = self.run(&["token", "create", "bench", "--name", "bench", "--json"])?;
        let token: Value = serde_json::from_slice(&token)?;
        Ok(token["secret"].as_str().context("a token")?.to_owned())
    }

    /// The address of its database.
    pub(crate) fn url(&self) -> &str {
        self.database.url()
    }

    /// Runs a statement in its database.
    pub(crate) async fn execute(&self, sql: &str) -> Result<()> {
        self.database.execute(sql).await
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.database.folder().join(name)
    }

    /// The program, pointed at this hub.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gongbao"));
        let assets = format!("file://{}", self.file("assets").display());
        command
            .env_clear()
            .env("GONGBAO_DATABASE_URL", self.database.url())
            .env("GONGBAO_ASSETS", assets)
            // One address asks for everybody here: counted as anywhere, and never spent.
            .env("GONGBAO_HTTP_CONTENT_POINTS_PER_ADDRESS", "4294967295")
            .current_dir(self.database.folder())
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command that must succeed; what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> Result<Vec<u8>> {
        let output = self.command(arguments).output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "gongbao {}: {said}", arguments.join(" "));
        Ok(output.stdout)
    }

    /// The server on a free port.
    pub(crate) fn serve(&self) -> Result<Running> {
        self.serve_with(&[])
    }

    /// The same with other settings.
    pub(crate) fn serve_with(&self, settings: &[(&str, &str)]) -> Result<Running> {
        let log = fs::File::create(self.file("server.log"))?;
        let mut child = self
            .command(&["serve", "--json", "--listen", "127.0.0.1:0"])
            .envs(settings.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("a pipe")?).read_line(&mut line)?;
        let Ok(said) = serde_json::from_str::<Value>(&line) else {
            let _ = child.wait();
            bail!("it did not start: {}", text(&self.file("server.log")));
        };
        let address = said["listening"].as_str().context("an address")?.parse()?;
        Ok(Running { address, child })
    }
}

fn text(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_default()
}

/// A server that said where it listens; killed in the end.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    child: Child,
}

impl Running {
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
