//! Importing the regulations with the mapping of `examples/`, twice: the second run finds
//! everything there.

use std::{env, path::Path, time::Instant};

use anyhow::{Result, ensure};
use test_harness::Engine;

use crate::{content::COLUMNS, hub::Stored, table};

pub(crate) async fn measure(engine: Engine) -> Result<()> {
    let Some(texts) = env::var_os("GONGBAO_TEST_TEXTS") else {
        println!("\nGONGBAO_TEST_TEXTS names no folder of real texts: importing skipped");
        return Ok(());
    };
    let file = Path::new(&texts).join("regulations.jsonl.gz");
    ensure!(file.is_file(), "{} is not there", file.display());
    let mapping = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/mappings/regulations.toml");
    let Some(hub) = Stored::empty(engine).await? else { return Ok(()) };
    let mut rows = Vec::new();
    for run in ["first run", "second run, nothing changes"] {
        let began = Instant::now();
        let arguments = ["import", "--site", "lanqiao", "--column", COLUMNS[0], "--publish"];
        let status = hub
            .command(&arguments)
            .args(["--type", "policyDocument", "--mapping"])
            .args([&mapping, &file])
            .output()?;
        ensure!(status.status.success(), "{}", String::from_utf8_lossy(&status.stderr));
        rows.push(vec![run.to_owned(), format!("{:.2}", began.elapsed().as_secs_f64())]);
    }
    table::print(&format!("Importing the regulations into {engine:?}"), &["run", "seconds"], &rows);
    Ok(())
}
