//! Real laws and rules, in which hardly anything is wrong: checks that cry wolf are not listened to.

use std::{collections::BTreeMap, fs, io::Read as _, path::Path};

use serde_json::{Value, json};

use super::*;
use crate::rich_text::{html_from_markdown, html_from_text};

/// The documents in the folder `GONGBAO_TEST_TEXTS` names: laws and rules, and papers as they were
/// taken from pages. With `--nocapture` every finding is printed, to be looked at.
#[test]
fn real_documents_are_hardly_found_fault_with() {
    let Some(folder) = std::env::var_os("GONGBAO_TEST_TEXTS") else {
        println!("skipped: GONGBAO_TEST_TEXTS names no folder");
        return;
    };
    let checks = Checks::embedded();
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    let mut read = 0;
    for fields in policies(Path::new(&folder)).into_iter().chain(regulations(Path::new(&folder))) {
        let content = content(fields);
        let content_type = TYPES.get(&content.r#type).expect("a type");
        let subject = Subject::new(&TYPES, content_type, &content);
        for finding in checks.look(&subject, &Surroundings::default()) {
            *counted.entry(finding.code).or_default() += 1;
            let Finding { code, path, excerpt, suggestion, .. } = finding;
            println!("{code}\t{path}\t{excerpt}\t{}", suggestion.unwrap_or_default());
        }
        read += 1;
    }
    println!("{read} documents: {counted:?}");
    assert!(read > 700, "{read} texts");
    let grave = ["identity_number", "bank_card_number", "mobile_number", "old_identity_number"];
    assert!(grave.iter().all(|code| !counted.contains_key(code)), "{counted:?}");
    // Two in a hundred documents may have a word wrong; older ones write 帐 for 账 throughout.
    let doubtful = ["wrong_term", "sensitive_term", "leader_term", "impossible_date"];
    let doubtful: usize = doubtful.iter().filter_map(|code| counted.get(code)).sum();
    assert!(doubtful * 50 < read, "{counted:?}");
}

fn policies(folder: &Path) -> Vec<Value> {
    let entries = fs::read_dir(folder.join("policies")).expect("the folder holds policies/");
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let texts = paths.filter(|path| path.extension().is_some_and(|extension| extension == "txt"));
    texts
        .map(|path| fs::read_to_string(path).expect("a text in UTF-8"))
        .map(|text| json!({ "title": "甲", "body": html_from_text(&text) }))
        .collect()
}

fn regulations(folder: &Path) -> Vec<Value> {
    let file = fs::File::open(folder.join("regulations.jsonl.gz")).expect("the regulations");
    let mut lines = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut lines).expect("they unpack");
    let told = |line: &str| {
        let law: Value = serde_json::from_str(line).expect("JSON");
        let body = html_from_markdown(law["body"].as_str().expect("a body"));
        json!({ "title": law["title"], "documentNumber": law["documentNumber"], "body": body })
    };
    lines.lines().map(told).collect()
}
