//! How a browser is told to treat a file.
//!
//! The type is what the door found the file to be, more narrowly named by an editor where bytes
//! alone do not tell, never one the browser guesses. What can carry scripts is not taken in; were
//! it there, it would be saved and not shown. Everything stands in a sandbox: with an origin of
//! its own, without scripts, loading nothing.

use axum::http::{HeaderName, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use schema::{digest::Digest, media::Media};
use store::assets::Asset;

/// How many bytes tell what a file is.
pub(super) const TELLING: u64 = 512;

const UNKNOWN: &str = "application/octet-stream";
/// Everything else in a sandbox; PDF viewers of browsers do not work in one and have their own.
const SANDBOX: &str =
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'";
const VIEWER: &str =
    "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors *";

/// What RFC 8187 lets stand unescaped in `filename*`.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How a file is presented.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Presentation {
    media: String,
    disposition: String,
    policy: &'static str,
}

impl Presentation {
    pub(super) fn headers(self) -> [(HeaderName, String); 3] {
        [
            (header::CONTENT_TYPE, self.media),
            (header::CONTENT_DISPOSITION, self.disposition),
            (header::CONTENT_SECURITY_POLICY, self.policy.to_owned()),
        ]
    }

    pub(super) fn new(media: &str, name: &str) -> Self {
        let shown = if is_shown(media) { "inline" } else { "attachment" };
        // The plain form is for programs that know no other: nothing in it can end the quotes.
        let plain: String = name
            .chars()
            .map(|letter| {
                if letter.is_ascii_alphanumeric() || "-._ ".contains(letter) { letter } else { '_' }
            })
            .collect();
        let full = utf8_percent_encode(name, PLAIN);
        Self {
            media: with_charset(media),
            disposition: format!("{shown}; filename=\"{plain}\"; filename*=UTF-8''{full}"),
            policy: if media == "application/pdf" { VIEWER } else { SANDBOX },
        }
    }
}

/// A name as a part of an address.
pub(super) fn escaped(name: &str) -> String {
    utf8_percent_encode(name, PLAIN).to_string()
}

/// A file that the door has looked at.
pub(super) fn of(asset: &Asset) -> Option<Presentation> {
    let found = Media::of(asset.file.media_type.as_deref()?)?;
    let declared = asset.declared.as_ref().map(|declared| declared.media_type.as_str());
    let media = declared.filter(|declared| found.may_be_called(declared)).unwrap_or(found.name);
    Some(Presentation::new(media, &name(asset)))
}

/// What the file is called: as its text says, or after its digest.
pub(super) fn name(asset: &Asset) -> String {
    if let Some(declared) = &asset.declared {
        return declared.name.clone();
    }
    let short = &asset.file.digest.hex()[..12];
    let media = asset.file.media_type.as_deref().and_then(Media::of);
    match media.and_then(|media| media.endings.first()) {
        Some(ending) => format!("{short}.{ending}"),
        None => short.to_owned(),
    }
}

/// A file that came before the door looked at files, told by its first bytes: a picture, sound,
/// film or PDF is one, anything else is only to be downloaded.
pub(super) fn undeclared(first: &[u8], digest: &Digest) -> Presentation {
    let kind = infer::get(first).filter(|kind| is_harmless(kind.mime_type()));
    let short = &digest.hex()[..12];
    match kind {
        Some(kind) => Presentation::new(kind.mime_type(), &format!("{short}.{}", kind.extension())),
        None => Presentation::new(UNKNOWN, short),
    }
}

/// Media that show something and run nothing.
fn is_harmless(media: &str) -> bool {
    let group = media.split('/').next().unwrap_or_default();
    (matches!(group, "image" | "audio" | "video") && media != "image/svg+xml")
        || media == "application/pdf"
}

/// What a browser shows in place. Office files, archives and whatever could run are saved.
fn is_shown(media: &str) -> bool {
    is_harmless(media)
        || matches!(media, "text/plain" | "text/csv" | "text/vtt" | "application/json")
}

/// Text of a government of today is UTF-8; a browser left alone would guess.
fn with_charset(media: &str) -> String {
    if media.starts_with("text/") { format!("{media}; charset=utf-8") } else { media.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str, media_type: &str) -> Presentation {
        Presentation::new(media_type, name)
    }

    #[test]
    fn a_name_cannot_leave_its_header() {
        let look = of("附件 1\"; x=\r\nSet-Cookie: a.pdf", "application/pdf");

        assert!(look.disposition.starts_with(
            "inline; filename=\"__ 1__ x___Set-Cookie_ a.pdf\"; filename*=UTF-8''%E9%99%84"
        ));
        assert!(!look.disposition.contains(['\r', '\n']));
        assert_eq!(look.disposition.matches('"').count(), 2);
    }

    #[test]
    fn what_can_carry_scripts_is_saved_and_everything_stands_in_a_sandbox() {
        for media in [
            "text/html",
            "image/svg+xml",
            "application/xhtml+xml",
            "text/xml",
            "application/msword",
        ] {
            let look = of("a", media);
            assert!(look.policy.starts_with("sandbox;"), "{media}");
            assert!(look.disposition.starts_with("attachment"), "{media}");
        }
        let text = of("a.csv", "text/csv");
        assert!(text.policy.starts_with("sandbox;") && text.disposition.starts_with("inline"));
    }

    #[test]
    fn a_file_that_nobody_declared_is_what_its_bytes_say_if_that_is_harmless() {
        let digest = Digest::of(b"x");
        let png = [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d];

        assert_eq!(undeclared(&png, &digest).media, "image/png");
        for bytes in [&b"<!DOCTYPE html><script>"[..], b"<svg xmlns=", b"MZ\x90\0", b""] {
            let look = undeclared(bytes, &digest);
            assert_eq!(look.media, UNKNOWN);
            assert!(look.disposition.starts_with("attachment"));
        }
    }
}
