//! Reading what is imported: files of JSON lines, tables of comma-separated values, folders of
//! texts. Everything read here is hostile until checked: lines may be endless, archives may
//! swell, texts may be no texts. Each record is read within bounds, a bad one is named, and
//! reading goes on where that is possible.

mod csv;
mod folder;
mod front_matter;
mod lines;

use std::{
    fs::File,
    io::{BufRead, BufReader, Read as _},
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use schema::digest::Digest;
use serde_json::{Map, Value};

use super::{Limits, Position, Reason};

/// What a file of records is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One JSON object a line.
    JsonLines,
    /// The same, compressed by gzip.
    CompressedJsonLines,
    /// Comma-separated values (RFC 4180) whose first row names the columns.
    Csv,
    /// A folder of Markdown, HTML and plain texts with front matter.
    Folder,
}

impl Format {
    /// What lies at `path`, by its name.
    ///
    /// # Errors
    /// When it cannot be told, or nothing is there.
    pub fn of(path: &Path) -> Result<Self, Reason> {
        let shown = path.display();
        let metadata = std::fs::metadata(path).map_err(|error| {
            Reason::new(
                "not_readable",
                format!("无法读取“{shown}”：{error}"),
                format!("{shown} cannot be read: {error}"),
            )
        })?;
        if metadata.is_dir() {
            return Ok(Self::Folder);
        }
        let name = path.to_string_lossy().to_lowercase();
        if name.ends_with(".jsonl") {
            Ok(Self::JsonLines)
        } else if name.ends_with(".jsonl.gz") {
            Ok(Self::CompressedJsonLines)
        } else if name.ends_with(".csv") {
            Ok(Self::Csv)
        } else {
            Err(Reason::new(
                "unknown_format",
                format!("不认识“{shown}”的格式：应为 .jsonl、.jsonl.gz、.csv 文件，或文件夹"),
                format!(
                    "the format of {shown} is unknown: give a .jsonl, .jsonl.gz or .csv file, or a folder"
                ),
            ))
        }
    }
}

/// How the text of a record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Markup {
    /// CommonMark with tables.
    Markdown,
    /// HTML.
    Html,
    /// Plain text, a paragraph a line.
    Text,
}

/// One record as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct RawRecord {
    /// Where it stands.
    pub at: Position,
    /// Its members.
    pub members: Map<String, Value>,
    /// Digest of what was read.
    pub digest: Digest,
    /// Bytes of what was read.
    pub bytes: u64,
    /// How its `body` is written, where its file's name tells.
    pub markup: Option<Markup>,
    /// The folder that file names in it start from.
    pub base: PathBuf,
}

/// A record that cannot be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreadable {
    /// Where it stands.
    pub at: Position,
    /// Why.
    pub reason: Reason,
}

/// Records, in the order they stand; a file that breaks off ends with an [`Unreadable`].
pub type Records = Box<dyn Iterator<Item = Result<RawRecord, Unreadable>> + Send>;

/// Reads the records at `path`.
///
/// # Errors
/// When it cannot be opened.
pub fn open(path: &Path, format: Format, limits: Limits) -> Result<Records, Reason> {
    let base = match format {
        Format::Folder => path.to_owned(),
        _ => path.parent().map(Path::to_owned).unwrap_or_default(),
    };
    Ok(match format {
        Format::Folder => Box::new(folder::read(path, limits)?),
        Format::Csv => Box::new(csv::read(file(path)?, base, limits)),
        Format::JsonLines => Box::new(json_lines(Box::new(file(path)?), base, limits)),
        Format::CompressedJsonLines => {
            let unpacked = MultiGzDecoder::new(file(path)?);
            Box::new(json_lines(Box::new(BufReader::new(unpacked)), base, limits))
        }
    })
}

/// The first line of a file of JSON lines, as far as `most` bytes, if it is JSON.
pub(super) fn first_object(path: &Path, format: Format, most: u64) -> Option<Map<String, Value>> {
    let file = file(path).ok()?;
    let reader: Box<dyn std::io::Read> = match format {
        Format::JsonLines => Box::new(file),
        Format::CompressedJsonLines => Box::new(MultiGzDecoder::new(file)),
        Format::Csv | Format::Folder => return None,
    };
    let mut line = Vec::new();
    BufReader::new(reader.take(most)).read_until(b'\n', &mut line).ok()?;
    serde_json::from_slice(&line).ok()
}

/// Whether a file of a folder is a record.
pub(super) fn is_text(path: &Path) -> bool {
    folder::markup(path).is_some()
}

fn file(path: &Path) -> Result<BufReader<File>, Reason> {
    let shown = path.display();
    File::open(path).map(BufReader::new).map_err(|error| {
        Reason::new(
            "not_readable",
            format!("无法读取“{shown}”：{error}"),
            format!("{shown} cannot be read: {error}"),
        )
    })
}

fn json_lines(
    reader: Box<dyn BufRead + Send>,
    base: PathBuf,
    limits: Limits,
) -> impl Iterator<Item = Result<RawRecord, Unreadable>> + Send {
    lines::Lines::new(reader, limits).filter_map(move |line| {
        let line = match line {
            Ok(line) => line,
            Err(unreadable) => return Some(Err(unreadable)),
        };
        if line.bytes.iter().all(u8::is_ascii_whitespace) {
            return None;
        }
        let at = Position::line(line.number);
        Some(match object(&line.bytes) {
            Ok(members) => Ok(RawRecord {
                at,
                members,
                digest: Digest::of(&line.bytes),
                bytes: line.bytes.len() as u64,
                markup: None,
                base: base.clone(),
            }),
            Err(reason) => Err(Unreadable { at, reason }),
        })
    })
}

fn object(bytes: &[u8]) -> Result<Map<String, Value>, Reason> {
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(error.valid_up_to()))?;
    serde_json::from_str(text).map_err(|error| {
        Reason::new(
            "not_json",
            format!("第 {} 个字节处不是 JSON 对象：{error}", error.column()),
            format!("not a JSON object at byte {}: {error}", error.column()),
        )
    })
}

fn not_utf8(at: usize) -> Reason {
    Reason::new(
        "not_utf8",
        format!("第 {} 个字节处不是 UTF-8 文本，请另存为 UTF-8", at + 1),
        format!("byte {} is not UTF-8: save the file as UTF-8", at + 1),
    )
}

#[cfg(test)]
mod tests;
