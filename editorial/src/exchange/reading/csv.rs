//! Tables of comma-separated values. The first row names the columns; every value is a text,
//! an empty cell is no value.

use std::{
    io::{self, Read},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};
use schema::digest::Digest;
use serde_json::{Map, Value};

use super::{Limits, Position, RawRecord, Reason, Unreadable, lines, not_utf8};

/// Reads no more than its allowance, which each record renews: a quotation mark without its
/// partner would otherwise make one record of the rest of the file.
struct Allowed<R> {
    inner: R,
    left: Arc<AtomicU64>,
    whole: u64,
}

/// What the reader of the table may have taken beyond the record at hand.
const BUFFER: u64 = 1 << 16;

impl<R: Read> Read for Allowed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.left.load(Ordering::Relaxed);
        if left == 0 || self.whole == 0 {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        let most = buffer.len().min(usize::try_from(left.min(self.whole)).unwrap_or(usize::MAX));
        let read = self.inner.read(&mut buffer[..most])?;
        self.left.store(left - read as u64, Ordering::Relaxed);
        self.whole -= read as u64;
        Ok(read)
    }
}

struct Table<R> {
    reader: Reader<Allowed<R>>,
    left: Arc<AtomicU64>,
    names: Vec<String>,
    base: PathBuf,
    limits: Limits,
    ended: bool,
}

/// The rows of a table.
pub(super) fn read(
    inner: impl Read + Send + 'static,
    base: PathBuf,
    limits: Limits,
) -> impl Iterator<Item = Result<RawRecord, Unreadable>> + Send {
    let left = Arc::new(AtomicU64::new(limits.record + BUFFER));
    let allowed = Allowed { inner, left: Arc::clone(&left), whole: limits.whole };
    let reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(allowed);
    Table { reader, left, names: Vec::new(), base, limits, ended: false }
}

impl<R: Read> Table<R> {
    fn row(&mut self) -> Option<Result<(u64, ByteRecord), Unreadable>> {
        self.left.store(self.limits.record + BUFFER, Ordering::Relaxed);
        let mut row = ByteRecord::new();
        match self.reader.read_byte_record(&mut row) {
            Ok(false) => None,
            Ok(true) => Some(Ok((row.position().map_or(0, |position| position.line()), row))),
            Err(error) => {
                self.ended = true;
                let reason = match error.kind() {
                    ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                        Reason::new(
                            "record_too_long",
                            format!(
                                "从此行起的记录超过 {} 字节，可能缺少一个引号，此后不再读取",
                                self.limits.record
                            ),
                            format!(
                                "the record that starts here is longer than {} bytes, perhaps for a missing quotation mark; nothing is read after it",
                                self.limits.record
                            ),
                        )
                    }
                    ErrorKind::Io(error) => lines::broken(error),
                    _ => Reason::new(
                        "not_csv",
                        format!("从此处起无法按 CSV 读取：{error}"),
                        format!("not comma-separated values from here on: {error}"),
                    ),
                };
                let at = Position::line(self.reader.position().line());
                Some(Err(Unreadable { at, reason }))
            }
        }
    }

    fn take_names(&mut self, row: &ByteRecord) -> Result<(), Reason> {
        let mut names = Vec::with_capacity(row.len());
        for (index, cell) in row.iter().enumerate() {
            let cell =
                if index == 0 { cell.strip_prefix(b"\xef\xbb\xbf").unwrap_or(cell) } else { cell };
            let name = text(cell)?.trim().to_owned();
            if name.is_empty() || names.contains(&name) {
                return Err(Reason::new(
                    "bad_header",
                    format!("表头第 {} 列为空或重复，请给每列一个名称", index + 1),
                    format!(
                        "column {} of the header is empty or repeated: name each column",
                        index + 1
                    ),
                ));
            }
            names.push(name);
        }
        self.names = names;
        Ok(())
    }

    fn record(&self, line: u64, row: &ByteRecord) -> Result<RawRecord, Reason> {
        if row.len() != self.names.len() {
            return Err(Reason::new(
                "wrong_number_of_cells",
                format!("此行有 {} 格，表头有 {} 格", row.len(), self.names.len()),
                format!("this row has {} cells, the header {}", row.len(), self.names.len()),
            ));
        }
        let mut members = Map::new();
        let mut parts: Vec<&[u8]> = Vec::with_capacity(row.len() * 4);
        for (name, cell) in self.names.iter().zip(row) {
            // No text holds 0xFF, so no other table has the same parts.
            parts.extend([name.as_bytes(), b"\xff", cell, b"\xff"]);
            let cell = text(cell)?;
            if !cell.trim().is_empty() {
                members.insert(name.clone(), Value::String(cell.to_owned()));
            }
        }
        Ok(RawRecord {
            at: Position::line(line),
            members,
            digest: Digest::of_parts(&parts),
            bytes: row.as_slice().len() as u64,
            markup: None,
            base: self.base.clone(),
        })
    }
}

impl<R: Read> Iterator for Table<R> {
    type Item = Result<RawRecord, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        loop {
            let (line, row) = match self.row()? {
                Ok(found) => found,
                Err(unreadable) => return Some(Err(unreadable)),
            };
            let unreadable = |reason| Unreadable { at: Position::line(line), reason };
            if self.names.is_empty() {
                if let Err(reason) = self.take_names(&row) {
                    self.ended = true;
                    return Some(Err(unreadable(reason)));
                }
                continue;
            }
            return Some(self.record(line, &row).map_err(unreadable));
        }
    }
}

fn text(cell: &[u8]) -> Result<&str, Reason> {
    std::str::from_utf8(cell).map_err(|error| not_utf8(error.valid_up_to()))
}
