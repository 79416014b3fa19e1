//! Packages of XML: Office Open XML, OpenDocument, OFD (GB/T 33190).

use std::{
    fs::File,
    io::{BufReader, Read as _},
};

use quick_xml::{Reader, events::Event};
use zip::ZipArchive;

use super::Text;

/// Bytes that an entry may unpack to.
const MOST_ENTRY: u64 = 64 << 20;
/// Entries that are read.
const MOST_ENTRIES: usize = 2_000;

/// How a kind of package holds its text.
struct Form {
    /// Whether an entry holds text.
    holds: fn(&str) -> bool,
    /// Elements whose letters are text.
    texts: &'static [&'static str],
    /// Elements within them whose letters are not.
    skipped: &'static [&'static str],
    /// Elements that end a line.
    breaks: &'static [&'static str],
    /// Whether lines are those of a page, where sentences go on.
    wraps: bool,
}

const WORD: Form = Form {
    holds: |name| matches!(name, "word/document.xml" | "word/footnotes.xml" | "word/endnotes.xml"),
    texts: &["t"],
    skipped: &[],
    breaks: &["p"],
    wraps: false,
};
const SHEET: Form = Form {
    holds: |name| name == "xl/sharedStrings.xml" || is_in(name, "xl/worksheets/"),
    texts: &["t"],
    // How Chinese and Japanese is read out, beside what is written.
    skipped: &["rPh"],
    breaks: &["si", "is"],
    wraps: false,
};
const SLIDES: Form = Form {
    holds: |name| is_in(name, "ppt/slides/"),
    texts: &["t"],
    skipped: &[],
    breaks: &["p"],
    wraps: false,
};
const OPEN_DOCUMENT: Form = Form {
    holds: |name| name == "content.xml",
    texts: &["p", "h"],
    skipped: &["annotation"],
    breaks: &["p", "h"],
    wraps: false,
};
const OFD: Form = Form {
    holds: |name| name.to_ascii_lowercase().ends_with("/content.xml"),
    texts: &["TextCode"],
    skipped: &[],
    breaks: &["TextObject"],
    wraps: true,
};

fn is_in(name: &str, folder: &str) -> bool {
    let rest = name.strip_prefix(folder);
    rest.is_some_and(|rest| rest.ends_with(".xml") && !rest.contains('/'))
}

/// Reads the package in `file`; `None` when it is none.
pub(super) fn read(file: File, media: &str, text: &mut Text<'_>) -> Option<()> {
    let form = match media.rsplit('.').next()? {
        "document" => &WORD,
        "sheet" => &SHEET,
        "presentation" if media.contains("openxml") => &SLIDES,
        _ if media.contains("oasis") => &OPEN_DOCUMENT,
        _ => &OFD,
    };
    let mut archive = ZipArchive::new(BufReader::new(file)).ok()?;
    let mut entries: Vec<(usize, String)> = Vec::new();
    for at in 0..archive.len() {
        let entry = archive.by_index(at).ok()?;
        let name = entry.name().ok()?.into_owned();
        if (form.holds)(&name) {
            entries.push((at, name));
        }
    }
    // Page 10 after page 9.
    entries.sort_by(|(_, one), (_, other)| (one.len(), one).cmp(&(other.len(), other)));
    for (at, _) in entries.into_iter().take(MOST_ENTRIES) {
        let entry = archive.by_index(at).ok()?;
        // What is broken behind it was read before it.
        let _ = read_entry(BufReader::new(entry.take(MOST_ENTRY)), form, text);
        text.end_line();
        if text.is_over() {
            break;
        }
    }
    Some(())
}

fn read_entry(
    entry: impl std::io::BufRead,
    form: &Form,
    text: &mut Text<'_>,
) -> Result<(), quick_xml::Error> {
    let mut reader = Reader::from_reader(entry);
    let mut buffer = Vec::new();
    let (mut within, mut skipped) = (0_u32, 0_u32);
    while !text.is_over() {
        buffer.clear();
        match reader.read_event_into(&mut buffer)? {
            Event::Start(element) => {
                let name = element.local_name();
                within += u32::from(form.texts.contains(&name.as_ref()));
                skipped += u32::from(form.skipped.contains(&name.as_ref()));
            }
            Event::End(element) => {
                let name = element.local_name();
                within = within.saturating_sub(u32::from(form.texts.contains(&name.as_ref())));
                skipped = skipped.saturating_sub(u32::from(form.skipped.contains(&name.as_ref())));
                if form.breaks.contains(&name.as_ref()) {
                    if form.wraps { text.wrap() } else { text.end_line() }
                }
            }
            Event::Empty(element) => match element.local_name().as_ref() {
                "tab" | "s" => text.space(),
                "br" | "cr" | "line-break" => text.end_line(),
                _ => {}
            },
            Event::Text(letters) if within > 0 && skipped == 0 => {
                text.push(&letters.xml10_content());
            }
            Event::CData(letters) if within > 0 && skipped == 0 => {
                text.push(&letters.xml10_content());
            }
            Event::GeneralRef(letter) if within > 0 && skipped == 0 => {
                let named = match letter.xml10_content().as_ref() {
                    "amp" => Some('&'),
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "quot" => Some('"'),
                    "apos" => Some('\''),
                    _ => letter.resolve_char_ref()?,
                };
                text.push(named.map(String::from).unwrap_or_default().as_str());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    Ok(())
}
