//! The file: a tar that every tar program can list and unpack, of a fixed order and nothing
//! else.
//!
//! ```text
//! header.json                       what this is; refused at once where it is not understood
//! tables/<table>/<number>.jsonl.gz  rows, some megabytes each
//! files/<64 hexadecimal digits>     files as they are
//! manifest.json                     counts and digests
//! SHA256                            of every byte before
//! ```
//!
//! Rows are compressed, files are not: nearly all of them are compressed formats already.

mod header;
mod reader;
mod writer;

pub(super) use reader::{Entry, Reader};
pub(super) use writer::Writer;

pub(super) const HEADER: &str = "header.json";
pub(super) const MANIFEST: &str = "manifest.json";
pub(super) const DIGEST: &str = "SHA256";

/// Rows are cut into parts of at least so many bytes; a part is what is held in memory.
pub(super) const PART: usize = 4 * 1024 * 1024;
/// No part is longer than this, compressed or not: a row is far shorter.
pub(super) const PART_LIMIT: u64 = 256 * 1024 * 1024;
/// Nor are header and manifest.
pub(super) const SMALL: u64 = 16 * 1024 * 1024;

/// Tar counts in blocks of so many bytes.
const BLOCK: u64 = 512;

pub(super) fn part_name(table: &str, number: u32) -> String {
    format!("tables/{table}/{number:06}.jsonl.gz")
}

pub(super) fn file_name(digest: &schema::digest::Digest) -> String {
    format!("files/{}", digest.hex())
}

/// Bytes that fill the last block of `size`.
const fn padding(size: u64) -> u64 {
    (BLOCK - size % BLOCK) % BLOCK
}
