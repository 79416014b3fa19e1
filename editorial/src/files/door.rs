//! What a file is, and whether it is taken in: the one decision for uploads and imports.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _},
    path::Path,
};

use schema::media::{CAPTIONS, Media};

use super::{FileRefusal, clean, package, picture, text};

/// Bytes by which a file is recognised.
const HEAD: u64 = 8 << 10;
/// Bytes of a picture: it is held in memory while it is looked at.
const MOST_PICTURE_BYTES: u64 = 64 << 20;
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// How names stand in compound files.
const MACROS: [&str; 2] = ["_VBA_PROJECT", "VBA"];

/// A file that may be kept.
#[derive(Debug)]
pub struct Examined {
    /// What it is.
    pub media: &'static Media,
    /// Width and height of a picture in points, as it is shown.
    pub points: Option<(u32, u32)>,
    /// What is kept in its place; `None` when it is kept as it is.
    pub cleaned: Option<Vec<u8>>,
}

/// Looks at the file at `path`, which may be called `name`. Blocks, for a large picture or package
/// for seconds.
///
/// # Errors
/// [`FileRefusal`].
pub fn examine(path: &Path, name: Option<&str>) -> Result<Examined, FileRefusal> {
    let mut file = File::open(path)?;
    let mut head = Vec::new();
    (&mut file).take(HEAD).read_to_end(&mut head)?;
    file.rewind()?;
    let media = recognise(&head, &mut file)?;
    let media = match name {
        None => media,
        Some(name) if media.may_be_named(name) => media.named(name),
        Some(_) => return Err(FileRefusal::NameDiffers { media: media.name }),
    };
    if !media.is_picture() {
        return Ok(Examined { media, points: None, cleaned: None });
    }
    let length = file.metadata()?.len();
    if length > MOST_PICTURE_BYTES {
        return Err(FileRefusal::Picture(media.name));
    }
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(MOST_PICTURE_BYTES).read_to_end(&mut bytes)?;
    let kept = clean::clean(media, &bytes).ok_or(FileRefusal::Picture(media.name))?;
    // What is kept is what is decoded: nothing is served later that was not looked at.
    let points = picture::look(media, &kept)?;
    let cleaned = (kept != bytes).then_some(kept);
    Ok(Examined { media, points: Some(points), cleaned })
}

/// What the bytes say.
fn recognise(head: &[u8], file: &mut File) -> Result<&'static Media, FileRefusal> {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return package::look(file);
    }
    if head.starts_with(COMPOUND) {
        return compound(file);
    }
    let seems = infer::get(head).map(|kind| kind.mime_type());
    let known = seems.and_then(|seems| {
        Media::of(match seems {
            "video/x-m4v" => "video/mp4",
            "audio/m4a" => "audio/mp4",
            "audio/x-wav" => "audio/wav",
            other => other,
        })
    });
    if let Some(media) = known {
        return Ok(media);
    }
    match text::look(file)? {
        text::Looked::Text if is_captions(head) => {
            Media::of(CAPTIONS).ok_or(FileRefusal::Kind(seems))
        }
        text::Looked::Text => Media::of("text/plain").ok_or(FileRefusal::Kind(seems)),
        text::Looked::Markup => Err(FileRefusal::Markup),
        // Chinese text of old is no kind that anything else recognises.
        text::Looked::NoText if seems.is_none() && !head.contains(&0) => Err(FileRefusal::Encoding),
        text::Looked::NoText => Err(FileRefusal::Kind(seems)),
    }
}

/// Whether a text begins as WebVTT says it must (section 4.1): the letters, then a blank, a line's
/// end or nothing.
fn is_captions(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let rest = head.strip_prefix(b"WEBVTT");
    rest.is_some_and(|rest| rest.first().is_none_or(|next| b" \t\r\n".contains(next)))
}

/// A compound file, if no storage in it is one of macros.
fn compound(file: &mut File) -> Result<&'static Media, FileRefusal> {
    let names = MACROS.map(|name| {
        // Entries of the directory are 128 bytes: the name in UTF-16, its end, zeros.
        let letters = name.encode_utf16().chain([0]);
        letters.flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    });
    let mut sector = [0; 128];
    let mut reader = io::BufReader::with_capacity(256 * 1024, file);
    loop {
        match reader.read_exact(&mut sector) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(error.into()),
        }
        // The length of the name stands after its 64 bytes; what it is, after that: 1, a storage.
        let is_macro = names.iter().any(|name| {
            sector.starts_with(name)
                && usize::from(u16::from_le_bytes([sector[64], sector[65]])) == name.len()
        });
        if is_macro && (1..=2).contains(&sector[66]) {
            return Err(FileRefusal::Macros);
        }
    }
    Media::of("application/msword").ok_or(FileRefusal::Kind(None))
}
