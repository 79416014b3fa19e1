//! An archive as any tar program sees it: taken apart and put together without the product.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{Read as _, Write as _},
    path::Path,
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use schema::digest::Digest;
use serde_json::Value;

/// Entries in their order.
pub type Entries = Vec<(String, Vec<u8>)>;

pub fn entries(archive: &Path) -> Entries {
    let bytes = fs::read(archive).expect("the archive");
    let mut archive = tar::Archive::new(bytes.as_slice());
    let entries = archive.entries().expect("entries").map(|entry| {
        let mut entry = entry.expect("an entry");
        let name = entry.path().expect("a name").display().to_string();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).expect("its content");
        (name, content)
    });
    entries.collect()
}

/// An archive of these entries, with the digest that belongs to them.
pub fn pack(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in entries.iter().filter(|(name, _)| name != "SHA256") {
        add(&mut builder, name, content);
    }
    let digest = Digest::of(builder.get_ref()).hex();
    add(&mut builder, "SHA256", format!("{digest}\n").as_bytes());
    builder.into_inner().expect("an archive")
}

fn add(builder: &mut tar::Builder<Vec<u8>>, name: &str, content: &[u8]) {
    let mut header = tar::Header::new_ustar();
    // Not by `set_path`: hostile names must get in too.
    header.as_ustar_mut().expect("ustar").name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(tar::EntryType::Regular);
    header.set_size(content.len() as u64);
    header.set_mode(0o600);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(1_772_413_200);
    header.set_cksum();
    builder.append(&header, content).expect("an entry");
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).expect("it is packed");
    packer.finish().expect("it is packed")
}

pub fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut unpacked).expect("it is unpacked");
    unpacked
}

pub fn header(entries: &Entries) -> Value {
    assert_eq!(entries[0].0, "header.json");
    serde_json::from_slice(&entries[0].1).expect("JSON")
}

/// Every row of every table by column, JSON in texts read, so that two databases compare.
pub fn rows(archive: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let entries = entries(archive);
    let tables = header(&entries)["tables"].as_object().expect("tables").clone();
    let mut all: BTreeMap<String, BTreeSet<String>> =
        tables.keys().map(|table| (table.clone(), BTreeSet::new())).collect();
    for (name, content) in &entries {
        let Some(table) = name.strip_prefix("tables/").and_then(|rest| rest.split('/').next())
        else {
            continue;
        };
        let columns = tables[table].as_array().expect("columns");
        let lines = String::from_utf8(gunzip(content)).expect("UTF-8");
        for line in lines.lines() {
            let values: Vec<Value> = serde_json::from_str(line).expect("a row");
            let row: BTreeMap<&str, Value> = columns
                .iter()
                .zip(values)
                .map(|(column, value)| (column["name"].as_str().expect("a name"), read(value)))
                .collect();
            let row = serde_json::to_string(&row).expect("JSON");
            all.get_mut(table).expect("a table of the header").insert(row);
        }
    }
    all
}

fn read(value: Value) -> Value {
    let json = value.as_str().filter(|text| text.starts_with(['{', '[']));
    json.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(value)
}
