//! Lists that operators keep as CSV: dictionaries of words, sources. Every mistake is told with its
//! line.

use crate::{message::Bilingual, names::SiteKey};

/// What is wrong with a list that the operator wrote.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {reason}")]
pub struct BadList {
    /// Line in the file, from 1.
    pub line: u64,
    /// What is wrong and what to do.
    pub reason: Bilingual,
}

impl BadList {
    fn new(line: u64, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { line, reason: Bilingual::new(zh, en) }
    }
}

/// A CSV file whose first line names its columns, in any order; others than those known are a
/// mistake.
pub(super) struct Table<'text> {
    text: &'text str,
    reader: csv::Reader<&'text [u8]>,
    columns: Vec<&'static str>,
}

/// One line of a [`Table`].
pub(super) struct Line<'table> {
    text: &'table str,
    record: csv::StringRecord,
    columns: &'table [&'static str],
}

impl<'text> Table<'text> {
    pub(super) fn new(
        text: &'text str,
        known: &[&'static str],
        needed: &[&'static str],
    ) -> Result<Self, BadList> {
        // Spreadsheets write a byte order mark.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new()
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let head = reader.headers().map_err(|error| malformed(text, &error))?;
        let line = line_of(text, head.position());
        let mut columns = Vec::new();
        for name in head {
            let Some(column) = known.iter().find(|column| **column == name) else {
                return Err(BadList::new(
                    line,
                    format!("没有名为“{name}”的列；可用：{}", known.join("、")),
                    format!("there is no column {name:?}; there are: {}", known.join(", ")),
                ));
            };
            if columns.contains(column) {
                return Err(BadList::new(
                    line,
                    format!("列 {name} 出现了不止一次"),
                    format!("the column {name} stands there more than once"),
                ));
            }
            columns.push(*column);
        }
        if let Some(missing) = needed.iter().find(|column| !columns.contains(column)) {
            return Err(BadList::new(
                line,
                format!("第一行应列出各列的名称，缺少 {missing}"),
                format!("the first line names the columns; {missing} is missing"),
            ));
        }
        Ok(Self { text, reader, columns })
    }

    pub(super) fn next(&mut self) -> Result<Option<Line<'_>>, BadList> {
        let mut record = csv::StringRecord::new();
        let more =
            self.reader.read_record(&mut record).map_err(|error| malformed(self.text, &error))?;
        Ok(more.then_some(Line { text: self.text, record, columns: &self.columns }))
    }
}

/// The line of a record. The reader counts the blank lines and the comments before a record in.
fn line_of(text: &str, position: Option<&csv::Position>) -> u64 {
    let Some(position) = position else { return 1 };
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let lines = text.get(start..).unwrap_or_default().lines();
    let skipped = lines.take_while(|line| line.is_empty() || line.starts_with('#')).count();
    position.line() + skipped as u64
}

fn malformed(text: &str, error: &csv::Error) -> BadList {
    let line = line_of(text, error.position());
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => BadList::new(
            line,
            format!("应有 {expected_len} 列，实有 {len} 列"),
            format!("{len} columns in the place of {expected_len}"),
        ),
        _ => BadList::new(line, "不是 CSV 格式", format!("not valid CSV: {error}")),
    }
}

impl Line<'_> {
    pub(super) fn bad(&self, zh: impl Into<String>, en: impl Into<String>) -> BadList {
        BadList::new(line_of(self.text, self.record.position()), zh, en)
    }

    /// The value of a column; empty where there is none.
    pub(super) fn get(&self, column: &str) -> &str {
        let place = self.columns.iter().position(|known| *known == column);
        place.and_then(|place| self.record.get(place)).unwrap_or_default()
    }

    /// The text of a column, at most `most` characters; the first column is never empty.
    pub(super) fn text(&self, column: &str, most: usize) -> Result<Option<Box<str>>, BadList> {
        let text = self.get(column);
        let is_needed = column == "term" || column == "name";
        let length = text.chars().count();
        if length > most || length == 0 && is_needed || text.contains(char::is_control) {
            let least = usize::from(is_needed);
            return Err(self.bad(
                format!("{column} 应为 {least} 至 {most} 个字，不含换行"),
                format!("{column} is {least} to {most} characters on one line"),
            ));
        }
        Ok((!text.is_empty()).then(|| text.into()))
    }

    /// The values of a column that are divided by bars.
    pub(super) fn list(&self, column: &str) -> impl Iterator<Item = &str> {
        self.get(column).split(['|', '｜']).map(str::trim).filter(|value| !value.is_empty())
    }

    pub(super) fn sites(&self) -> Result<Box<[SiteKey]>, BadList> {
        let read = self.list("sites").map(|key| {
            key.parse().map_err(|_| {
                self.bad(format!("“{key}”不是站点代号"), format!("{key:?} is no key of a site"))
            })
        });
        let mut sites = read.collect::<Result<Vec<SiteKey>, _>>()?;
        sites.sort();
        Ok(sites.into())
    }
}
