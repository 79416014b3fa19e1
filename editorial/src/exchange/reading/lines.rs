//! Lines of a file, within bounds: a line that is too long is named and passed over without
//! being held in memory, a file that swells or breaks off ends the reading.

use std::io::{self, BufRead};

use super::{Limits, Position, Reason, Unreadable};

/// One line without its end.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: u64,
    pub(super) bytes: Vec<u8>,
}

/// The lines of a reader.
pub(super) struct Lines {
    reader: Box<dyn BufRead + Send>,
    limits: Limits,
    number: u64,
    seen: u64,
    ended: bool,
}

enum End {
    Line,
    File,
}

impl Lines {
    pub(super) fn new(reader: Box<dyn BufRead + Send>, limits: Limits) -> Self {
        Self { reader, limits, number: 0, seen: 0, ended: false }
    }

    /// Reads to the end of the line into `line`, as far as the limit; gives how long it was.
    fn fill(&mut self, line: &mut Vec<u8>) -> Result<(u64, End), Reason> {
        let mut length = 0;
        loop {
            let buffer = match self.reader.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(broken(&error)),
            };
            if buffer.is_empty() {
                return Ok((length, End::File));
            }
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let part = &buffer[..end.unwrap_or(buffer.len())];
            length += part.len() as u64;
            if length <= self.limits.record {
                line.extend_from_slice(part);
            }
            let used = part.len() + usize::from(end.is_some());
            self.reader.consume(used);
            self.seen += used as u64;
            if self.seen > self.limits.whole {
                return Err(too_much(self.limits.whole));
            }
            if end.is_some() {
                return Ok((length, End::Line));
            }
        }
    }
}

impl Iterator for Lines {
    type Item = Result<Line, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        self.number += 1;
        let number = self.number;
        let unreadable = |reason| Some(Err(Unreadable { at: Position::line(number), reason }));
        let mut bytes = Vec::new();
        let length = match self.fill(&mut bytes) {
            Ok((0, End::File)) => {
                self.ended = true;
                return None;
            }
            Ok((length, end)) => {
                self.ended = matches!(end, End::File);
                length
            }
            Err(reason) => {
                self.ended = true;
                return unreadable(reason);
            }
        };
        if length > self.limits.record {
            return unreadable(too_long(length, self.limits.record));
        }
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        if number == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        Some(Ok(Line { number, bytes }))
    }
}

/// What a failure to read on means.
pub(super) fn broken(error: &io::Error) -> Reason {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Reason::new(
            "truncated",
            "文件到此中断（压缩包不完整），请重新取得文件；此前的记录不受影响",
            "the file breaks off here (the archive is incomplete): get it again; what stands before is not affected",
        ),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => Reason::new(
            "damaged",
            format!("压缩数据从此处起损坏（{error}），请重新取得文件；此前的记录不受影响"),
            format!(
                "the archive is damaged from here on ({error}): get it again; what stands before is not affected"
            ),
        ),
        _ => Reason::new(
            "not_readable",
            format!("从此处起无法读取：{error}"),
            format!("cannot be read from here on: {error}"),
        ),
    }
}

pub(super) fn too_long(length: u64, most: u64) -> Reason {
    Reason::new(
        "record_too_long",
        format!("记录长 {length} 字节，超过上限 {most} 字节，请拆分"),
        format!("the record is {length} bytes long, at most {most}: split it"),
    )
}

pub(super) fn too_much(most: u64) -> Reason {
    Reason::new(
        "file_too_large",
        format!("文件解压后超过 {most} 字节，从此处起不再读取，请拆分文件"),
        format!(
            "the file is longer than {most} bytes when unpacked; nothing is read from here on: split it"
        ),
    )
}
