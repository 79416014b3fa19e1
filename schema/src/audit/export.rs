//! A piece of the audit as a file of lines, which anybody can verify who has no hub: a header that
//! names the hash before the first row, the rows, and an end without which the file is not whole.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Record, Seal};
use crate::message::Bilingual;

/// What the header says the file is.
pub const FORMAT: &str = "gongbao-audit";
/// The version of the format.
pub const VERSION: u32 = 1;

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Header {
    /// [`FORMAT`].
    pub format: String,
    /// [`VERSION`].
    pub version: u32,
    /// The row before the first of this file.
    pub follows: Seal,
    /// When it was written.
    pub exported_at: Timestamp,
}

/// The last line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct End {
    /// The last row of this file.
    pub end: Seal,
    /// How many rows there are in it.
    pub rows: u64,
}

/// Reads a file line by line and says where it is not what was written.
#[derive(Debug, Default)]
pub struct Verifier {
    header: Option<Header>,
    last: Option<Seal>,
    rows: u64,
    end: Option<End>,
    line: u64,
}

/// A file that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Its header.
    pub header: Header,
    /// Its last row.
    pub last: Seal,
    /// How many rows there are in it.
    pub rows: u64,
}

/// What is wrong with a file, and in which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotWhole {
    /// From 1.
    pub line: u64,
    /// What is wrong.
    pub what: Bilingual,
}

impl Header {
    /// The header of rows that follow `follows`.
    pub fn new(follows: Seal, exported_at: Timestamp) -> Self {
        Self { format: FORMAT.into(), version: VERSION, follows, exported_at }
    }
}

impl Verifier {
    /// Reads the next line, without its end.
    ///
    /// # Errors
    /// [`NotWhole`] for the first line that is not as it was written.
    pub fn line(&mut self, line: &str) -> Result<(), NotWhole> {
        self.line += 1;
        if self.end.is_some() {
            return Err(self.wrong("末行之后还有内容", "something follows the end"));
        }
        let Some(last) = self.last else { return self.header(line) };
        if let Ok(end) = serde_json::from_str::<End>(line) {
            if end.end != last || end.rows != self.rows {
                return Err(self.wrong(
                    "末行与所列各条不符：有记录被删去",
                    "the end does not fit the rows: some were taken out",
                ));
            }
            self.end = Some(end);
            return Ok(());
        }
        let record: Record = serde_json::from_str(line).map_err(|error| {
            self.wrong(
                format!("不是审计记录：{error}"),
                format!("it is no row of the audit: {error}"),
            )
        })?;
        let expected = record.sealed_after(last).ok();
        if expected.is_none() || expected != record.seal {
            let number = last.number + 1;
            return Err(self.wrong(
                format!("第 {number} 条已被改动、删去或调换：哈希链不相接"),
                format!("row {number} was changed, taken out or moved: its hash does not follow"),
            ));
        }
        self.last = record.seal;
        self.rows += 1;
        Ok(())
    }

    fn header(&mut self, line: &str) -> Result<(), NotWhole> {
        let header = serde_json::from_str::<Header>(line).ok();
        let Some(header) = header.filter(|header| header.format == FORMAT) else {
            return Err(self.wrong("不是审计导出文件", "the file is no export of the audit"));
        };
        if header.version != VERSION {
            let version = header.version;
            return Err(self.wrong(
                format!("格式版本为 {version}，本程序只识 {VERSION}"),
                format!("the format is of version {version}, this program knows {VERSION}"),
            ));
        }
        if header.follows.number == 0 && header.follows != Seal::before_the_first() {
            return Err(self.wrong(
                "首条之前的哈希值不对",
                "the hash before the first row is not the one every chain begins with",
            ));
        }
        self.last = Some(header.follows);
        self.header = Some(header);
        Ok(())
    }

    /// What was read, if the file was whole.
    ///
    /// # Errors
    /// [`NotWhole`] where the end is missing.
    pub fn finish(self) -> Result<Verified, NotWhole> {
        match (&self.header, self.last, &self.end) {
            (Some(header), Some(last), Some(_)) => {
                Ok(Verified { header: header.clone(), last, rows: self.rows })
            }
            _ => {
                Err(self.wrong("文件不完整：缺少末行", "the file is not whole: its end is missing"))
            }
        }
    }

    fn wrong(&self, zh: impl Into<String>, en: impl Into<String>) -> NotWhole {
        NotWhole { line: self.line, what: Bilingual::new(zh, en) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::{audit::Concerns, origin::Origin};

    fn file(rows: u128) -> Vec<String> {
        let at: Timestamp = "2026-03-02T01:00:00Z".parse().expect("a moment");
        let mut last = Seal::before_the_first();
        let mut lines = vec![line(&Header::new(last, at))];
        for number in 1..=rows {
            let mut record = Record {
                id: Uuid::from_u128(number),
                at,
                actor: Uuid::from_u128(2).into(),
                actor_name: "账号".into(),
                action: "document.save".into(),
                subject: "document:x".into(),
                details: json!({ "number": u64::try_from(number).expect("a small number") }),
                concerns: Concerns::default(),
                commitment: None,
                origin: Origin::COMMAND_LINE,
                seal: None,
            };
            last = record.sealed_after(last).expect("a seal");
            record.seal = Some(last);
            lines.push(line(&record));
        }
        lines.push(line(&End { end: last, rows: u64::try_from(rows).expect("a small number") }));
        lines
    }

    fn line(of: &impl Serialize) -> String {
        serde_json::to_string(of).expect("a line")
    }

    fn read(lines: &[String]) -> Result<Verified, NotWhole> {
        let mut verifier = Verifier::default();
        lines.iter().try_for_each(|line| verifier.line(line))?;
        verifier.finish()
    }

    #[test]
    fn a_file_is_whole_as_it_was_written_and_no_other_way() {
        let whole = file(3);
        assert_eq!(read(&whole).expect("it is whole").rows, 3);
        assert_eq!(read(&file(0)).expect("nothing happened").rows, 0);

        let broken = |change: fn(&mut Vec<String>)| {
            let mut lines = file(3);
            change(&mut lines);
            read(&lines).expect_err("it was tampered with").line
        };
        assert_eq!(
            broken(|lines| lines[2] = lines[2].replace("document.save", "document.read")),
            3
        );
        assert_eq!(broken(|lines| drop(lines.remove(2))), 3);
        assert_eq!(broken(|lines| lines.swap(2, 3)), 3);
        assert_eq!(broken(|lines| drop(lines.remove(3))), 4, "the end knows the last");
        assert_eq!(broken(|lines| drop(lines.pop())), 4, "an end is missing");
        assert_eq!(broken(|lines| lines.push(lines[1].clone())), 6);
        assert_eq!(broken(|lines| drop(lines.remove(0))), 1);
    }
}
