//! ZIP packages, looked into under limits: what they are, and that they are no more than they say.
//!
//! Sizes that an archive declares are not believed: every entry is unpacked into nothing, with a
//! count, so that what is kept can be unpacked by those who load it down.

use std::io::{self, BufReader, Read, Seek, SeekFrom};

use schema::media::Media;
use zip::{ZipArchive, result::ZipError};

use super::FileRefusal;

/// Entries of one package.
pub(super) const MOST_ENTRIES: usize = 10_000;
/// Bytes that a package may unpack to, however little it is; spreadsheets pack well.
const ALWAYS: u64 = 64 << 20;
/// How many times its own length it may unpack to beyond that.
const RATIO: u64 = 100;
/// Bytes that it may unpack to at all.
const MOST_UNPACKED: u64 = 2 << 30;
/// What the entries of a package may be called that run where it is unpacked.
const PROGRAMS: [&str; 16] = [
    "exe", "dll", "com", "scr", "msi", "bat", "cmd", "ps1", "vbs", "js", "jse", "wsf", "hta",
    "jar", "lnk", "apk",
];
/// A row of the directory starts like this.
const ROW: &[u8] = b"PK\x01\x02";

/// What the package in `file` is.
pub(super) fn look(mut file: impl Read + Seek) -> Result<&'static Media, FileRefusal> {
    let length = file.seek(SeekFrom::End(0))?;
    file.rewind()?;
    let mut file = BufReader::with_capacity(64 * 1024, file);
    // Before the directory is read into memory: a row cannot be there without its start.
    if rows(&mut file)? > MOST_ENTRIES * 4 {
        return Err(FileRefusal::TooManyEntries);
    }
    file.rewind()?;
    let mut archive = ZipArchive::new(file).map_err(damaged)?;
    if archive.len() > MOST_ENTRIES {
        return Err(FileRefusal::TooManyEntries);
    }
    // Entries that share their bytes are how a small archive unpacks to anything.
    if archive.has_overlapping_files().map_err(damaged)? {
        return Err(FileRefusal::Bomb);
    }
    let room = ALWAYS.max(length.saturating_mul(RATIO)).min(MOST_UNPACKED);
    let mut left = room;
    let mut marks = Marks::default();
    for at in 0..archive.len() {
        let mut entry = archive.by_index(at).map_err(damaged)?;
        let name = entry.name().map_err(damaged)?.into_owned();
        if escapes(&name) {
            return Err(FileRefusal::Escapes);
        }
        if entry.encrypted() {
            return Err(FileRefusal::Encrypted);
        }
        let mut start = Vec::new();
        let is_mark = marks.note(&name)?;
        let taken = io::copy(&mut (&mut entry).take(256), &mut start).and_then(|taken| {
            let rest = io::copy(&mut (&mut entry).take(left.saturating_add(1)), &mut io::sink());
            rest.map(|rest| taken + rest)
        });
        left =
            left.checked_sub(taken.map_err(|_| FileRefusal::Package)?).ok_or(FileRefusal::Bomb)?;
        if is_mark {
            marks.mimetype = String::from_utf8(start).unwrap_or_default();
        }
    }
    marks.media()
}

/// How many starts of rows there are in the file.
fn rows(file: &mut impl Read) -> io::Result<usize> {
    let mut chunk = vec![0; 256 * 1024];
    let (mut held, mut found) = (0, 0);
    loop {
        let read = file.read(&mut chunk[held..])?;
        if read == 0 {
            return Ok(found);
        }
        let end = held + read;
        found += chunk[..end].windows(ROW.len()).filter(|window| *window == ROW).count();
        let keep = end.min(ROW.len() - 1);
        chunk.copy_within(end - keep..end, 0);
        held = keep;
    }
}

/// Whether unpacking `name` could write outside of a folder, on whatever system.
fn escapes(name: &str) -> bool {
    name.starts_with(['/', '\\'])
        || name.contains('\0')
        || name.split(['/', '\\']).any(|part| part == "..")
        || name.as_bytes().get(1) == Some(&b':')
}

/// The entries by which packages are told apart.
#[derive(Default)]
struct Marks {
    has_types: bool,
    word: bool,
    sheet: bool,
    slides: bool,
    ofd: bool,
    /// What OpenDocument files say they are, in an entry of that name.
    mimetype: String,
}

impl Marks {
    /// Notes an entry; whether what it holds says what the package is.
    fn note(&mut self, name: &str) -> Result<bool, FileRefusal> {
        let lower = name.to_ascii_lowercase();
        let file = lower.rsplit(['/', '\\']).next().unwrap_or_default();
        let is_program =
            schema::media::ending(file).is_some_and(|ending| PROGRAMS.contains(&ending.as_str()));
        if is_program || file == "vbaproject.bin" || lower.starts_with("basic/") {
            return Err(FileRefusal::Macros);
        }
        match lower.as_str() {
            "[content_types].xml" => self.has_types = true,
            "word/document.xml" => self.word = true,
            "xl/workbook.xml" | "xl/workbook.bin" => self.sheet = true,
            "ppt/presentation.xml" => self.slides = true,
            "ofd.xml" => self.ofd = true,
            _ => {}
        }
        Ok(lower == "mimetype")
    }

    fn media(&self) -> Result<&'static Media, FileRefusal> {
        const OFFICE: &str = "application/vnd.openxmlformats-officedocument";
        let name = match self {
            Self { has_types: true, word: true, .. } => {
                format!("{OFFICE}.wordprocessingml.document")
            }
            Self { has_types: true, sheet: true, .. } => format!("{OFFICE}.spreadsheetml.sheet"),
            Self { has_types: true, slides: true, .. } => {
                format!("{OFFICE}.presentationml.presentation")
            }
            Self { ofd: true, .. } => "application/ofd".to_owned(),
            Self { mimetype, .. } if mimetype.starts_with("application/vnd.oasis.") => {
                mimetype.trim().to_owned()
            }
            // A program for Java, an electronic book: archives that are something else.
            Self { mimetype, .. } if !mimetype.is_empty() => return Err(FileRefusal::Kind(None)),
            _ => "application/zip".to_owned(),
        };
        Media::of(&name).ok_or(FileRefusal::Kind(None))
    }
}

fn damaged(error: ZipError) -> FileRefusal {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => FileRefusal::Encrypted,
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => error.into(),
        _ => FileRefusal::Package,
    }
}
