//! Reading an archive through before anything is believed: order, names, digests, counts, and
//! every row against its columns. Nothing is written, so that a bad archive is refused whole.

use std::{
    collections::BTreeMap,
    io::{self, Read as _},
};

use flate2::bufread::GzDecoder;
use schema::{digest::Digest, message::Bilingual};
use serde::{Deserialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

use super::{
    BackupError, FORMAT, FileSum, Header, Manifest, Progress, TableSum, VERSION, Watch,
    archive::{self, Entry, Reader},
    catalogue::Column,
    rows::{self, Row},
};

/// An archive that was read through and found whole.
#[derive(Debug)]
pub struct Archive {
    pub(super) input: std::fs::File,
    /// What it says of itself.
    pub header: Header,
    manifest: Manifest,
}

impl Archive {
    /// Rows it holds.
    pub fn rows(&self) -> u64 {
        self.manifest.tables.values().map(|table| table.rows).sum()
    }

    /// Files it holds.
    pub fn files(&self) -> u64 {
        self.manifest.files.count
    }

    /// Files that were erased while it was made: the texts that used them are still in it, and
    /// are to be erased again once it is restored.
    pub fn erased(&self) -> u64 {
        self.manifest.files.erased
    }

    /// Files that were lost already when it was made.
    pub fn faulty(&self) -> u64 {
        self.manifest.files.faulty
    }
}

#[derive(Deserialize)]
struct Stamp {
    format: String,
    version: u32,
}

/// What was counted on the way.
struct Sums {
    tables: BTreeMap<String, (TableSum, Sha256)>,
    /// Table and number of the last part.
    part: Option<(String, u32)>,
    files: FileSum,
    file: Option<Digest>,
    progress: Progress,
}

/// Reads `input` through.
///
/// # Errors
/// [`BackupError::Foreign`] for what is no archive, or one of another version;
/// [`BackupError::Damaged`]; [`BackupError::Read`].
pub async fn check(input: std::fs::File, watch: Watch<'_>) -> Result<Archive, BackupError> {
    let mut reader = Reader::new(&input).await?;
    let header = header(&mut reader).await?;
    let mut sums = Sums {
        tables: header
            .tables
            .keys()
            .map(|table| {
                let sum = TableSum { rows: 0, parts: 0, digest: Digest::of(b"") };
                (table.clone(), (sum, Sha256::new()))
            })
            .collect(),
        part: None,
        files: FileSum::default(),
        file: None,
        progress: Progress::default(),
    };
    loop {
        let Some(entry) = reader.next().await? else { return Err(cut_off()) };
        if entry.name.starts_with("tables/") && sums.file.is_none() {
            sums.part(&mut reader, &entry, &header).await?;
        } else if entry.name.starts_with("files/") {
            sums.file(&mut reader, &entry).await?;
        } else if entry.name == archive::MANIFEST {
            let manifest: Manifest = read(&reader.content(&entry, archive::SMALL).await?, &entry)?;
            finish(&mut reader).await?;
            sums.compare(&manifest, &entry)?;
            return Ok(Archive { input, header, manifest });
        } else {
            return Err(out_of_place(&entry));
        }
        watch(sums.progress);
    }
}

async fn header(reader: &mut Reader) -> Result<Header, BackupError> {
    let entry = match reader.next().await {
        Ok(Some(entry)) if entry.name == archive::HEADER => entry,
        Err(error @ BackupError::Read(_)) => return Err(error),
        _ => return Err(foreign("这不是公报的备份归档", "this is no backup of Gongbao")),
    };
    let text = reader.content(&entry, archive::SMALL).await?;
    let stamp: Stamp = read(&text, &entry)?;
    if stamp.format != FORMAT {
        return Err(foreign("这不是公报的备份归档", "this is no backup of Gongbao"));
    }
    if stamp.version != VERSION {
        let version = stamp.version;
        return Err(foreign(
            &format!("备份归档的格式版本为 {version}，本程序只认识版本 {VERSION}"),
            &format!("the archive is of version {version}, this program reads version {VERSION}"),
        ));
    }
    read(&text, &entry)
}

/// The digest of everything, and the end.
async fn finish(reader: &mut Reader) -> Result<(), BackupError> {
    let Some(entry) = reader.next().await? else { return Err(cut_off()) };
    if entry.name != archive::DIGEST {
        return Err(out_of_place(&entry));
    }
    let said = reader.content(&entry, archive::SMALL).await?;
    if said != format!("{}\n", entry.before.hex()).as_bytes() {
        return Err(BackupError::damaged(
            "归档的内容与其摘要不符，已损坏或被改动",
            "the archive is damaged or was changed: it does not have its digest",
        ));
    }
    match reader.next().await? {
        None => Ok(()),
        Some(entry) => Err(out_of_place(&entry)),
    }
}

impl Sums {
    async fn part(
        &mut self,
        reader: &mut Reader,
        entry: &Entry,
        header: &Header,
    ) -> Result<(), BackupError> {
        let table = table_of(entry).ok_or_else(|| out_of_place(entry))?;
        let number = match &self.part {
            Some((last, number)) if last == table => number + 1,
            Some((last, _)) if last.as_str() > table => return Err(out_of_place(entry)),
            _ => 1,
        };
        let (Some(columns), Some((sum, hasher))) =
            (header.tables.get(table), self.tables.get_mut(table))
        else {
            return Err(out_of_place(entry));
        };
        if entry.name != archive::part_name(table, number) {
            return Err(out_of_place(entry));
        }
        let (lines, rows) = part(reader, entry, columns).await?;
        hasher.update(&lines);
        sum.parts += 1;
        sum.rows += rows.len() as u64;
        self.progress.rows += rows.len() as u64;
        self.part = Some((table.to_owned(), number));
        Ok(())
    }

    async fn file(&mut self, reader: &mut Reader, entry: &Entry) -> Result<(), BackupError> {
        let digest = file_of(entry).ok_or_else(|| out_of_place(entry))?;
        if self.file.is_some_and(|last| last >= digest) {
            return Err(out_of_place(entry));
        }
        if reader.digest(entry).await? != digest {
            return Err(BackupError::entry(
                &entry.name,
                "与其名称中的摘要不符",
                "does not have the digest of its name",
            ));
        }
        self.file = Some(digest);
        self.files.count += 1;
        self.files.bytes += entry.size;
        self.progress.files += 1;
        Ok(())
    }

    fn compare(self, manifest: &Manifest, entry: &Entry) -> Result<(), BackupError> {
        let tables: BTreeMap<String, TableSum> = self
            .tables
            .into_iter()
            .map(|(table, (sum, hasher))| {
                let digest = Digest::from_bytes(hasher.finalize().into());
                (table, TableSum { digest, ..sum })
            })
            .collect();
        let FileSum { erased, faulty, .. } = manifest.files;
        let found = Manifest { tables, files: FileSum { erased, faulty, ..self.files } };
        if found == *manifest {
            return Ok(());
        }
        Err(BackupError::entry(
            &entry.name,
            "与归档的内容不符",
            "does not fit what the archive holds",
        ))
    }
}

/// The table of a part.
pub(super) fn table_of(entry: &Entry) -> Option<&str> {
    Some(entry.name.strip_prefix("tables/")?.split_once('/')?.0)
}

/// The digest that a file is named by.
pub(super) fn file_of(entry: &Entry) -> Option<Digest> {
    Digest::from_hex(entry.name.strip_prefix("files/")?).ok()
}

/// The lines of a part, and the rows they are.
pub(super) async fn part(
    reader: &mut Reader,
    entry: &Entry,
    columns: &[Column],
) -> Result<(Vec<u8>, Vec<Row>), BackupError> {
    let packed = reader.content(entry, archive::PART_LIMIT).await?;
    let (name, columns) = (entry.name.clone(), columns.to_vec());
    let read = spawn_blocking(move || {
        let lines = unpack(&packed, archive::PART_LIMIT).map_err(|error| error.to_string())?;
        let text = lines.strip_suffix(b"\n").ok_or("it does not end with a line")?;
        let rows = text.split(|byte| *byte == b'\n').map(|line| rows::read_line(line, &columns));
        let rows = rows.collect::<Result<Vec<_>, _>>()?;
        Ok::<_, String>((lines, rows))
    });
    read.await.map_err(io::Error::other).map_err(BackupError::Read)?.map_err(|why| {
        BackupError::damaged(
            format!("归档中的 {name} 无法读取：{why}"),
            format!("{name} in the archive cannot be read: {why}"),
        )
    })
}

fn unpack(packed: &[u8], limit: u64) -> io::Result<Vec<u8>> {
    let mut unpacker = GzDecoder::new(packed).take(limit + 1);
    let mut lines = Vec::new();
    unpacker.read_to_end(&mut lines)?;
    if lines.len() as u64 > limit {
        return Err(io::Error::other("it is too long"));
    }
    if !unpacker.into_inner().into_inner().is_empty() {
        return Err(io::Error::other("something follows its end"));
    }
    Ok(lines)
}

fn read<T: DeserializeOwned>(text: &[u8], entry: &Entry) -> Result<T, BackupError> {
    serde_json::from_slice(text).map_err(|error| {
        BackupError::damaged(
            format!("归档中的 {} 无法读取：{error}", entry.name),
            format!("{} in the archive cannot be read: {error}", entry.name),
        )
    })
}

fn out_of_place(entry: &Entry) -> BackupError {
    // Shown as a quoted text: a name may hold anything.
    let name = format!("{:?}", entry.name);
    BackupError::entry(&name, "不属于此处", "does not belong there")
}

fn cut_off() -> BackupError {
    BackupError::damaged("归档不完整：缺少结尾", "the archive is cut off: its end is missing")
}

fn foreign(zh: &str, en: &str) -> BackupError {
    BackupError::Foreign(Bilingual::new(zh, en))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    #[test]
    fn what_grows_beyond_its_limit_is_not_unpacked_to_its_end() {
        let mut packer = GzEncoder::new(Vec::new(), Compression::default());
        packer.write_all(&vec![b'1'; 1 << 20]).expect("it is packed");
        let packed = packer.finish().expect("it is packed");

        assert!(packed.len() < 1 << 12, "a little that becomes much");
        assert_eq!(unpack(&packed, 1 << 20).expect("just so long").len(), 1 << 20);
        assert!(unpack(&packed, (1 << 20) - 1).is_err());
        assert!(unpack(&packed[..packed.len() - 1], 1 << 20).is_err());
        assert!(unpack(&[packed.as_slice(), &packed].concat(), 1 << 20).is_err());
    }
}
