//! The text of a file, for search: of PDF, OFD, office documents and plain text.
//!
//! It is derived: read when the file passes the door, kept once per file with the version of this
//! reader, read again by whoever rebuilds. A file without text, a damaged and a hostile one are all
//! the same here: nothing of them is searched. So that no file keeps the hub busy, bytes in, bytes
//! out and time are bounded, and whatever breaks breaks a thread of its own.

mod office;
mod pdf;

#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io::Read as _,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use schema::{media::Media, search::TEXT_BYTES};

/// Grows with every change that reads more or other text off the same bytes: files read by an
/// earlier version are read again.
pub const VERSION: u32 = 1;

/// Bytes of a file that is read, at the most: a PDF is held in memory.
const MOST_BYTES: u64 = 64 << 20;
/// How long one file is read.
const TIME: Duration = Duration::from_secs(10);
/// Stack of a reader: what nests deeply is hostile, and ends here before it ends the process.
const STACK: usize = 16 << 20;
/// Files that are read at once. Those beyond are read by housekeeping.
const AT_ONCE: usize = 4;

/// What can be read off.
const READ: [&str; 10] = [
    "application/pdf",
    "application/ofd",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
    "text/plain",
    "text/csv",
];

/// Readers at work, in the whole process.
static READING: AtomicUsize = AtomicUsize::new(0);

/// The media types that text is read off.
pub fn media() -> &'static [&'static str] {
    &READ
}

/// The text of the file at `path`, empty where it has none that can be read; `None` for a kind of
/// file that has none at all, and while others are being read. Blocks, for seconds at the most.
pub(crate) fn read(path: &Path, media: &'static Media) -> Option<String> {
    if !READ.contains(&media.name) {
        return None;
    }
    let seat = Seat::take()?;
    let (path, stopped) = (path.to_owned(), Arc::new(AtomicBool::new(false)));
    let (sender, receiver) = mpsc::sync_channel(1);
    let reader = {
        let stopped = Arc::clone(&stopped);
        move || {
            let text = text_of(&path, media, &stopped);
            // Nobody may wait any more.
            let _ = sender.send(text);
            drop(seat);
        }
    };
    thread::Builder::new().name("file-text".to_owned()).stack_size(STACK).spawn(reader).ok()?;
    let text = receiver.recv_timeout(TIME);
    stopped.store(true, Ordering::Relaxed);
    Some(text.ok().flatten().unwrap_or_default())
}

fn text_of(path: &Path, media: &Media, stopped: &AtomicBool) -> Option<String> {
    let file = File::open(path).ok()?;
    if file.metadata().ok()?.len() > MOST_BYTES {
        return None;
    }
    let mut text = Text::new(stopped);
    match media.name {
        "application/pdf" => pdf::read(file, &mut text)?,
        name if name.starts_with("text/") => {
            let mut bytes = Vec::new();
            file.take(TEXT_BYTES as u64).read_to_end(&mut bytes).ok()?;
            text.push(&String::from_utf8_lossy(&bytes));
        }
        name => office::read(file, name, &mut text)?,
    }
    Some(text.written)
}

/// A place among those who read.
struct Seat;

impl Seat {
    fn take() -> Option<Self> {
        let seat = |taken: usize| (taken < AT_ONCE).then_some(taken + 1);
        READING.fetch_update(Ordering::AcqRel, Ordering::Acquire, seat).ok().map(|_| Self)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        READING.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Text as it is read off, within its bounds.
struct Text<'a> {
    written: String,
    stopped: &'a AtomicBool,
}

impl<'a> Text<'a> {
    fn new(stopped: &'a AtomicBool) -> Self {
        Self { written: String::new(), stopped }
    }

    /// Whether no more is wanted, or nobody waits any more.
    fn is_over(&self) -> bool {
        self.written.len() >= TEXT_BYTES || self.stopped.load(Ordering::Relaxed)
    }

    /// Adds what can be shown of `text`.
    fn push(&mut self, text: &str) {
        for letter in text.chars() {
            if self.written.len() + letter.len_utf8() > TEXT_BYTES {
                return;
            }
            match letter {
                '\n' => self.end_line(),
                letter if letter.is_whitespace() => self.space(),
                // Glyphs without a meaning that is told.
                '\u{e000}'..='\u{f8ff}' | '\u{fffd}' | '\u{feff}' => {}
                letter if letter.is_control() => {}
                letter => self.written.push(letter),
            }
        }
    }

    fn space(&mut self) {
        if !self.written.is_empty() && !self.written.ends_with([' ', '\n']) {
            self.written.push(' ');
        }
    }

    fn end_line(&mut self) {
        self.written.truncate(self.written.trim_end_matches(' ').len());
        if !self.written.is_empty() && !self.written.ends_with('\n') {
            self.written.push('\n');
        }
    }

    /// Ends a line of a page, where a sentence may go on in the next: Chinese is put together again.
    fn wrap(&mut self) {
        self.written.truncate(self.written.trim_end_matches(' ').len());
        match self.written.chars().next_back() {
            None | Some('\n') => {}
            Some('\u{3400}'..='\u{9fff}' | '，' | '、' | '“' | '（') => {}
            Some(_) => self.written.push('\n'),
        }
    }
}
