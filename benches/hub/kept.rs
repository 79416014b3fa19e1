//! Filled hubs kept under `target/` from run to run: filling one of a million documents takes
//! longer than everything that is measured on it.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, ensure};
use test_harness::{Engine, TestDatabase, postgres_programs};

use crate::content::Sentences;

/// Where one filled hub is kept: the file of SQLite, compressed, or what `pg_dump` writes.
pub(crate) struct Kept {
    engine: Engine,
    path: PathBuf,
}

impl Kept {
    /// Another engine, number or content of documents is kept elsewhere. A change of the
    /// product's own tables is not told apart: a hub that was kept is upgraded when it is used.
    pub(crate) fn of(engine: Engine, documents: usize) -> Result<Self> {
        let content = Sentences::read()?.fingerprint();
        let name = format!("hub-{engine:?}-{documents}-{content:016x}").to_lowercase();
        Ok(Self { engine, path: Path::new(env!("CARGO_TARGET_TMPDIR")).join(name) })
    }

    /// Whether an earlier run kept it.
    pub(crate) fn is_there(&self) -> bool {
        self.path.exists()
    }

    /// Keeps what `database` holds; nobody may be at work on it. It appears at once, whole.
    pub(crate) fn keep(&self, database: &TestDatabase) -> Result<()> {
        let unfinished = self.path.with_extension("unfinished");
        match self.engine {
            Engine::Sqlite => {
                // The last connection that was closed wrote the journal back.
                let whole = File::open(sqlite_file(database)?)?;
                zstd::stream::copy_encode(whole, File::create(&unfinished)?, 1)?;
            }
            Engine::Postgres => {
                let _ = fs::remove_dir_all(&unfinished);
                let mut dump = program("pg_dump")?;
                dump.args([
                    "--format=directory",
                    "--jobs=2",
                    "--compress=1",
                    "--no-sync",
                    "--file",
                ]);
                run(dump.arg(&unfinished).arg(database.url()))?;
            }
        }
        Ok(fs::rename(unfinished, &self.path)?)
    }

    /// Fills an empty `database`.
    pub(crate) fn give_back(&self, database: &TestDatabase) -> Result<()> {
        match self.engine {
            Engine::Sqlite => {
                let whole = File::create(sqlite_file(database)?)?;
                Ok(zstd::stream::copy_decode(File::open(&self.path)?, whole)?)
            }
            Engine::Postgres => {
                let mut restore = program("pg_restore")?;
                restore.args(["--no-owner", "--jobs=2", "--dbname", database.url()]);
                run(restore.arg(&self.path))
            }
        }
    }
}

fn sqlite_file(database: &TestDatabase) -> Result<&Path> {
    let path = database.url().strip_prefix("sqlite://").context("an address of SQLite")?;
    Ok(Path::new(path))
}

/// A client's program: beside the server's, or where the search path has it.
fn program(name: &str) -> Result<Command> {
    let beside = postgres_programs().context("the programs of PostgreSQL")?.join(name);
    Ok(Command::new(if beside.is_file() { beside } else { name.into() }))
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{:?}: {said}", command.get_program());
    Ok(())
}
