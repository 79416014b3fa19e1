//! Reading of what comes from outside, good and bad.

use std::{fs, io::Write as _, path::PathBuf};

use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use tempfile::TempDir;

use super::*;

fn limits() -> Limits {
    Limits { record: 200, whole: 100_000, ..Limits::default() }
}

fn written(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    fs::write(&path, bytes).expect("a file");
    (folder, path)
}

fn read(path: &Path, limits: Limits) -> Vec<Result<RawRecord, Unreadable>> {
    let format = Format::of(path).expect("a known format");
    open(path, format, limits).expect("it opens").collect()
}

/// Line and code of what cannot be read, line of what can.
fn told(records: &[Result<RawRecord, Unreadable>]) -> Vec<(u64, &str)> {
    let line = |at: &Position| at.line.unwrap_or(0);
    records
        .iter()
        .map(|record| match record {
            Ok(record) => (line(&record.at), "ok"),
            Err(unreadable) => (line(&unreadable.at), unreadable.reason.code),
        })
        .collect()
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn bad_lines_are_named_and_the_rest_is_read() {
    let long = format!("{{\"a\": \"{}\"}}", "长".repeat(100));
    let mut bytes = b"\xef\xbb\xbf{\"a\": 1}\r\n\n[1]\n{\"a\": \xff}\n{\"a\"\n".to_vec();
    bytes.extend_from_slice(long.as_bytes());
    bytes.extend_from_slice(b"\n{\"a\": 2}");
    let (_folder, path) = written("records.jsonl", &bytes);

    let records = read(&path, limits());

    assert_eq!(
        told(&records),
        [
            (1, "ok"),
            (3, "not_json"),
            (4, "not_utf8"),
            (5, "not_json"),
            (6, "record_too_long"),
            (7, "ok"),
        ]
    );
}

#[test]
fn an_archive_is_read_like_the_file_in_it() {
    let (_folder, path) = written("records.jsonl.gz", &packed(b"{\"a\": 1}\n{\"a\": 2}\n"));

    let records = read(&path, limits());

    assert_eq!(told(&records), [(1, "ok"), (2, "ok")]);
    let first = records[0].as_ref().expect("it is read");
    assert_eq!(first.digest, Digest::of(b"{\"a\": 1}"));
}

#[test]
fn an_archive_that_breaks_off_is_read_up_to_there() {
    let lines: String = (0..2_000).map(|n| format!("{{\"a\": \"{:x}\"}}\n", n * 7_919)).collect();
    let whole = packed(lines.as_bytes());
    let (_folder, path) = written("records.jsonl.gz", &whole[..whole.len() / 2]);

    let records = read(&path, limits());

    let (last, before) = records.split_last().expect("records");
    assert!(before.iter().all(Result::is_ok) && before.len() > 100);
    let last = last.as_ref().expect_err("it breaks off");
    assert_eq!(last.reason.code, "truncated");
    assert_eq!(last.at, Position::line(before.len() as u64 + 1));
}

#[test]
fn an_archive_that_swells_is_stopped() {
    let (_folder, path) = written("bomb.jsonl.gz", &packed(&vec![b'\n'; 1 << 20]));

    let records = read(&path, limits());

    assert_eq!(told(&records).last().map(|(_, code)| *code), Some("file_too_large"));
}

#[test]
fn an_endless_line_takes_no_memory_and_is_named() {
    let mut bytes = vec![b'x'; 50_000];
    bytes.extend_from_slice(b"\n{}\n");
    let (_folder, path) = written("records.jsonl", &bytes);

    assert_eq!(told(&read(&path, limits())), [(1, "record_too_long"), (2, "ok")]);
}

#[test]
fn a_table_gives_texts_by_the_names_of_its_columns() {
    let table = "\u{feff}id,标题,备注\n1,\"关于\"\"兰桥\"\"的\n通知\",\n2,乙,有\n";
    let (_folder, path) = written("records.csv", table.as_bytes());

    let records = read(&path, limits());

    let members: Vec<_> =
        records.iter().map(|record| &record.as_ref().expect("it is read").members).collect();
    let expected = json!([
        {"id": "1", "标题": "关于\"兰桥\"的\n通知"},
        {"id": "2", "标题": "乙", "备注": "有"},
    ]);
    assert_eq!(serde_json::to_value(members).expect("JSON"), expected);
    assert_eq!(told(&records), [(2, "ok"), (4, "ok")]);
}

#[test]
fn bad_rows_of_a_table_are_named() {
    let (_folder, path) = written("records.csv", b"id,a\n1\n2,\xff\n3,c\n");
    assert_eq!(
        told(&read(&path, limits())),
        [(2, "wrong_number_of_cells"), (3, "not_utf8"), (4, "ok")]
    );

    let (_folder, path) = written("records.csv", b"id,id\n1,2\n");
    assert_eq!(told(&read(&path, limits())), [(1, "bad_header")]);
}

#[test]
fn a_quotation_mark_without_its_partner_does_not_swallow_the_file() {
    let mut table = b"id,a\n1,\"".to_vec();
    table.extend_from_slice(&vec![b'x'; 90_000]);
    let (_folder, path) = written("records.csv", &table);

    assert_eq!(told(&read(&path, limits())), [(2, "record_too_long")]);
}

#[test]
fn texts_of_a_folder_are_records_with_their_front_matter() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write("b/甲.md", "+++\ntitle = \"甲\"\ndate = 2026-03-09\ntags = [\"财政\"]\n+++\n正文。\n");
    write(
        "a.html",
        "---\ntitle: \"乙: 通知\"\ntags:\n  - 预算\n  - 审计\ndraft: true\n---\n<p>正文。</p>",
    );
    write("c.txt", "没有文件头。");
    write(".hidden.md", "x");
    write("picture.png", "x");

    let records = read(folder.path(), limits());

    let members: Vec<_> =
        records.iter().map(|record| &record.as_ref().expect("it is read").members).collect();
    let expected = json!([
        {"file": "a.html", "name": "a", "title": "乙: 通知", "tags": ["预算", "审计"],
         "draft": true, "body": "<p>正文。</p>"},
        {"file": "b/甲.md", "name": "甲", "title": "甲", "date": "2026-03-09", "tags": ["财政"],
         "body": "正文。\n"},
        {"file": "c.txt", "name": "c", "body": "没有文件头。"},
    ]);
    assert_eq!(serde_json::to_value(members).expect("JSON"), expected);
}

#[test]
fn front_matter_that_is_not_understood_is_named_with_its_line() {
    for (text, line) in [
        ("---\ntitle: 甲\nnested:\n  key: value\n---\n", 4),
        ("---\ntitle: |\n  多行\n---\n", 2),
        ("---\n没有冒号\n---\n", 2),
        ("+++\ntitle = \"甲\"\ntags = \n+++\n", 3),
        ("---\ntitle: 甲\n", 1),
    ] {
        let (folder, _) = written("a.md", text.as_bytes());
        let records = read(folder.path(), limits());
        let refused = records[0].as_ref().expect_err(text);
        assert_eq!((refused.at.line, refused.reason.code), (Some(line), "front_matter"), "{text}");
    }
}

#[test]
fn a_broken_text_of_a_folder_does_not_stop_the_others() {
    let (folder, _) = written("a.md", b"\xe4\xb8");
    fs::write(folder.path().join("b.md"), "好").expect("a file");

    let records = read(folder.path(), limits());

    assert_eq!(told(&records), [(1, "not_utf8"), (0, "ok")]);
}

#[test]
fn what_is_neither_is_refused_by_its_name() {
    let (_folder, path) = written("records.xlsx", b"");
    assert_eq!(Format::of(&path).expect_err("unknown").code, "unknown_format");
    assert_eq!(Format::of(Path::new("/nowhere")).expect_err("missing").code, "not_readable");
}
