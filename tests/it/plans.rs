//! Every statement of the demo, and how SQLite runs it: nothing that the demo does may cost
//! more because more is stored.
//!
//! SQLite chooses indexes without statistics here, as on every hub that is still small. What a
//! large hub with statistics does is tested beside the reading statements of `store`.

use std::{collections::BTreeSet, process::Command};

/// Tables that grow with what is published.
const GROWING: [&str; 21] = [
    "attempt",
    "audit",
    "body",
    "content",
    "delivery",
    "derived",
    "document",
    "edition",
    "field_value",
    "import_record",
    "lane",
    "link",
    "listing",
    "placement",
    "placement_column",
    "publication",
    "publication_log",
    "rendering",
    "route",
    "search_entry",
    "search_text",
];

/// Columns that so many rows have in common that no write may look for its rows by them alone.
const COMMON: [&str; 7] =
    ["locale", "scope_id", "site_id", "state", "target_id", "type", "visibility"];

/// Statements that may read everything, each with its reason.
const MAY_READ_ALL: [(&str, &str); 2] = [
    ("SELECT COUNT(*) FROM document WHERE type = $1", "once for each content type that changed"),
    (
        "INSERT INTO search_pending (document_id) SELECT id FROM document \
         WHERE visibility = 'live' AND type = $1 ON CONFLICT DO NOTHING",
        "once for each content type of which other fields are searched",
    ),
];

/// The statements in a log, each once.
fn statements(log: &str) -> BTreeSet<String> {
    let quoted = |line: &str, name: &str| {
        let (_, rest) = line.split_once(&format!("{name}="))?;
        let (text, _) = rest.split_once(" rows_affected=")?;
        serde_json::from_str::<String>(text).ok()
    };
    log.lines()
        .filter(|line| line.contains("sqlx::query"))
        .filter_map(|line| {
            // A statement that is short enough is its own summary.
            quoted(line, " db.statement").or_else(|| quoted(line, " summary"))
        })
        .map(|statement| statement.trim().to_owned())
        .filter(|statement| {
            ["SELECT ", "WITH ", "INSERT ", "UPDATE ", "DELETE "]
                .iter()
                .any(|verb| statement.starts_with(verb))
                && !statement.contains("_sqlx_migrations")
        })
        .collect()
}

/// The table behind a name of a plan: itself, or what the statement calls so.
fn is_growing(statement: &str, name: &str) -> bool {
    let words: Vec<&str> = statement
        .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .filter(|word| !word.is_empty() && *word != "AS")
        .collect();
    let called = |table: &str| words.windows(2).any(|pair| pair == [table, name]);
    GROWING.iter().any(|table| *table == name || called(table))
}

/// What of a step costs more the more is stored.
fn grows(statement: &str, step: &str) -> bool {
    if let Some(rest) = step.strip_prefix("SCAN ") {
        let name = rest.split(' ').next().unwrap_or_default();
        // In the order of an index it ends with the page.
        let is_a_page = rest.contains("INDEX") && statement.contains("LIMIT");
        return is_growing(statement, name) && !is_a_page;
    }
    let is_a_write =
        ["INSERT ", "UPDATE ", "DELETE "].iter().any(|verb| statement.starts_with(verb));
    let searched = step.strip_prefix("SEARCH ").filter(|_| is_a_write);
    searched.is_some_and(|rest| {
        let name = rest.split(' ').next().unwrap_or_default();
        let columns =
            rest.rsplit_once('(').map_or("", |(_, columns)| columns.trim_end_matches(')'));
        let mut columns =
            columns.split(" AND ").filter_map(|part| part.split(['=', '<', '>']).next());
        is_growing(statement, name) && columns.all(|column| COMMON.contains(&column))
    })
}

#[test]
fn nothing_that_the_demo_does_costs_more_because_more_is_stored() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let output = Command::new(env!("CARGO_BIN_EXE_gongbao"))
        .env_clear()
        .env("RUST_LOG", "sqlx::query=debug")
        .args(["demo", "--once", "--json", "--data"])
        .arg(&data)
        .output()
        .expect("the program starts");
    let log = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(output.status.success(), "the demo failed");

    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let database = data.join("gongbao.db");
    let found = statements(&log);
    assert!(found.len() > 100, "the log shows what is asked of the database: {}", found.len());
    let mut growing = Vec::new();
    for statement in &found {
        if MAY_READ_ALL.iter().any(|(known, _)| known == statement) {
            continue;
        }
        let plan = test_harness::sqlite_plan(&database, statement);
        let plan = runtime.block_on(plan).unwrap_or_else(|error| panic!("{error}: {statement}"));
        growing.extend(
            plan.into_iter()
                .filter(|step| grows(statement, step))
                .map(|step| format!("{step}\n    {statement}")),
        );
    }
    assert!(growing.is_empty(), "{}", growing.join("\n"));
}
