//! Files that records name: pictures in a text, attachments in fields. They are found next to
//! the record, never outside what is imported, and told by their bytes as well as their name.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex::{Captures, Regex};
use schema::digest::Digest;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{Reason, reading};

/// A file that is to be stored with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LocalFile {
    pub(super) path: PathBuf,
    pub(super) digest: Digest,
    pub(super) size: u64,
}

/// What a record names, on the way to the file store.
pub(super) struct Attachments<'a> {
    /// What file names start from.
    base: &'a Path,
    /// What they may not leave.
    root: &'a Path,
    /// Bytes of one file.
    most: u64,
    /// Whether a picture that is not there makes the record wrong.
    strict: bool,
    found: BTreeMap<PathBuf, LocalFile>,
}

/// Addresses in cleaned HTML, where every attribute stands in double quotes.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#" (src|poster|href)="([^"]*)""#).expect("the expression is constant and tested")
});

/// Endings of names, the media types they stand for, and how such files start.
const KINDS: &[(&str, &str, &[&[u8]])] = &[
    ("pdf", "application/pdf", &[b"%PDF-"]),
    ("ofd", "application/ofd", &[b"PK\x03\x04"]),
    ("doc", "application/msword", &[b"\xd0\xcf\x11\xe0"]),
    ("xls", "application/vnd.ms-excel", &[b"\xd0\xcf\x11\xe0"]),
    ("ppt", "application/vnd.ms-powerpoint", &[b"\xd0\xcf\x11\xe0"]),
    ("wps", "application/vnd.ms-works", &[b"\xd0\xcf\x11\xe0", b"PK\x03\x04"]),
    ("et", "application/vnd.ms-works", &[b"\xd0\xcf\x11\xe0", b"PK\x03\x04"]),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        &[b"PK\x03\x04"],
    ),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &[b"PK\x03\x04"]),
    (
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        &[b"PK\x03\x04"],
    ),
    ("zip", "application/zip", &[b"PK\x03\x04", b"PK\x05\x06"]),
    ("rar", "application/vnd.rar", &[b"Rar!\x1a\x07"]),
    ("7z", "application/x-7z-compressed", &[b"7z\xbc\xaf\x27\x1c"]),
    ("png", "image/png", &[b"\x89PNG\r\n\x1a\n"]),
    ("jpg", "image/jpeg", &[b"\xff\xd8\xff"]),
    ("jpeg", "image/jpeg", &[b"\xff\xd8\xff"]),
    ("gif", "image/gif", &[b"GIF87a", b"GIF89a"]),
    ("webp", "image/webp", &[b"RIFF"]),
    ("mp4", "video/mp4", &[b"\0\0\0"]),
    ("webm", "video/webm", &[b"\x1a\x45\xdf\xa3"]),
    ("mp3", "audio/mpeg", &[b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"]),
    ("csv", "text/csv", &[]),
    ("txt", "text/plain", &[]),
];

impl<'a> Attachments<'a> {
    pub(super) const fn new(base: &'a Path, root: &'a Path, most: u64, strict: bool) -> Self {
        Self { base, root, most, strict, found: BTreeMap::new() }
    }

    /// The files found so far, each once.
    pub(super) fn into_files(self) -> Vec<LocalFile> {
        self.found.into_values().collect()
    }

    /// The value of a file field: a name, an object with `file`, or a list of them, becomes
    /// what the field holds. An object with a `digest` is one already.
    ///
    /// # Errors
    /// A file that is not there, is too large, or is not what its name says.
    pub(super) fn field(&mut self, value: Value) -> Result<Value, Reason> {
        match value {
            Value::Array(items) => items.into_iter().map(|item| self.field(item)).collect(),
            Value::String(name) => Ok(Value::Object(self.described(&name)?)),
            Value::Object(mut members) => match members.remove("file") {
                Some(Value::String(name)) => {
                    let mut described = self.described(&name)?;
                    // What the record says of the file goes before what the file says.
                    described.extend(members);
                    Ok(Value::Object(described))
                }
                Some(other) => {
                    members.insert("file".into(), other);
                    Ok(Value::Object(members))
                }
                None => Ok(Value::Object(members)),
            },
            other => Ok(other),
        }
    }

    fn described(&mut self, name: &str) -> Result<Map<String, Value>, Reason> {
        let path = self.locate(name).ok_or_else(|| missing(name))?;
        let media_type = media_type(&path)?;
        let file = self.take(path, name)?;
        let shown = Path::new(name).file_name().unwrap_or_default().to_string_lossy();
        let described = json!({
            "digest": file.digest, "name": shown, "mediaType": media_type, "size": file.size,
        });
        Ok(described.as_object().cloned().unwrap_or_default())
    }

    /// `html` with the files it shows and links to named by digest; `None` when it names none.
    ///
    /// # Errors
    /// As [`field`](Self::field).
    pub(super) fn html(&mut self, html: &str) -> Result<Option<String>, Reason> {
        let mut failed = None;
        let mut changed = false;
        let rewritten = ADDRESS.replace_all(html, |found: &Captures<'_>| {
            match self.address(&found[1], &found[2]) {
                Ok(None) => found[0].to_owned(),
                Ok(Some(digest)) => {
                    changed = true;
                    format!(" {}=\"asset:{digest}\"", &found[1])
                }
                Err(reason) => {
                    failed.get_or_insert(reason);
                    found[0].to_owned()
                }
            }
        });
        match failed {
            Some(reason) => Err(reason),
            None => Ok(changed.then(|| rewritten.into_owned())),
        }
    }

    fn address(&mut self, attribute: &str, address: &str) -> Result<Option<Digest>, Reason> {
        let name = decoded(address);
        let is_relative = !name.is_empty()
            && !name.starts_with(['/', '\\', '#', '?'])
            && !name.split(['/', '?', '#']).next().unwrap_or_default().contains(':');
        if !is_relative {
            return Ok(None);
        }
        let shows = attribute != "href";
        let Some(path) = self.locate(&name) else {
            return if shows && self.strict { Err(missing(&name)) } else { Ok(None) };
        };
        // A link to another text of the folder is no attachment.
        if !shows && reading::is_text(&path) {
            return Ok(None);
        }
        media_type(&path)?;
        Ok(Some(self.take(path, &name)?.digest))
    }

    /// Where a named file lies, if it lies within what is imported.
    fn locate(&self, name: &str) -> Option<PathBuf> {
        let name = name.split(['?', '#']).next().unwrap_or_default();
        let path = self.base.join(name).canonicalize().ok()?;
        let root = self.root.canonicalize().ok()?;
        (path.starts_with(root) && path.is_file()).then_some(path)
    }

    fn take(&mut self, path: PathBuf, name: &str) -> Result<LocalFile, Reason> {
        if let Some(file) = self.found.get(&path) {
            return Ok(file.clone());
        }
        let unreadable = |error: io::Error| {
            Reason::new(
                "file_unreadable",
                format!("文件“{name}”无法读取：{error}"),
                format!("the file {name:?} cannot be read: {error}"),
            )
        };
        let mut reader = File::open(&path).map_err(unreadable)?;
        let size = reader.metadata().map_err(unreadable)?.len();
        if size > self.most {
            let most = self.most;
            return Err(Reason::new(
                "file_too_large",
                format!("文件“{name}”有 {size} 字节，超过上限 {most} 字节，请压缩或拆分"),
                format!("the file {name:?} has {size} bytes, at most {most}: compress or split it"),
            ));
        }
        let mut hasher = Sha256::new();
        let mut chunk = vec![0; 1 << 16];
        loop {
            match reader.read(&mut chunk).map_err(unreadable)? {
                0 => break,
                read => hasher.update(&chunk[..read]),
            }
        }
        let digest = Digest::from_bytes(hasher.finalize().into());
        let file = LocalFile { path: path.clone(), digest, size };
        self.found.insert(path, file.clone());
        Ok(file)
    }
}

fn missing(name: &str) -> Reason {
    Reason::new(
        "file_missing",
        format!("找不到文件“{name}”：应放在所导入的文件夹内，路径相对于该记录"),
        format!(
            "the file {name:?} is not there: it lies within what is imported, its path relative to the record"
        ),
    )
}

/// What `path` is by its name, if its first bytes do not say otherwise.
fn media_type(path: &Path) -> Result<&'static str, Reason> {
    let ending = reading::ending(path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let Some((_, media_type, starts)) = KINDS.iter().find(|(known, ..)| *known == ending) else {
        let known: Vec<&str> = KINDS.iter().map(|(ending, ..)| *ending).collect();
        return Err(Reason::new(
            "file_type_unknown",
            format!("文件“{name}”的类型不能导入，可用：{}", known.join("、")),
            format!("files like {name:?} are not taken in; known are {}", known.join(", ")),
        ));
    };
    let mut head = Vec::new();
    let read = File::open(path).and_then(|file| file.take(16).read_to_end(&mut head));
    if read.is_ok() && !starts.is_empty() && !starts.iter().any(|start| head.starts_with(start)) {
        return Err(Reason::new(
            "file_type_differs",
            format!("文件“{name}”的内容不是 {media_type}，请检查文件是否完好、扩展名是否正确"),
            format!(
                "{name:?} does not hold {media_type}: see whether it is whole and rightly named"
            ),
        ));
    }
    Ok(media_type)
}

/// An address in HTML as the name of a file: entities and percent signs resolved.
fn decoded(address: &str) -> String {
    let text = address.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
    let text = text.replace("&amp;", "&");
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            plain.push(byte);
            at += 3;
        } else {
            plain.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(plain).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n picture";

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("texts/图")).expect("folders");
        fs::write(folder.path().join("texts/图/一 张.png"), PNG).expect("a picture");
        fs::write(folder.path().join("texts/b.md"), "text").expect("a text");
        fs::write(folder.path().join("secret.png"), PNG).expect("a file outside");
        folder
    }

    fn rewrite(folder: &Path, html: &str) -> Result<Option<String>, Reason> {
        let base = folder.join("texts");
        Attachments::new(&base, &base, 1000, true).html(html)
    }

    #[test]
    fn pictures_of_a_text_are_named_by_their_digest() {
        let folder = folder();

        let html = rewrite(folder.path(), r#"<p><img src="%E5%9B%BE/一%20张.png"></p>"#);

        let digest = Digest::of(PNG);
        assert_eq!(html, Ok(Some(format!(r#"<p><img src="asset:{digest}"></p>"#))));
    }

    #[test]
    fn what_stands_elsewhere_stays_and_other_texts_are_no_attachments() {
        let folder = folder();
        for html in [
            r#"<img src="https://example.org/a.png">"#,
            r#"<img src="/a.png">"#,
            r##"<a href="#top">"##,
            r#"<a href="b.md">"#,
            r#"<a href="nowhere.pdf">"#,
        ] {
            assert_eq!(rewrite(folder.path(), html), Ok(None), "{html}");
        }
    }

    #[test]
    fn nothing_outside_of_what_is_imported_is_read() {
        let folder = folder();

        let refused = rewrite(folder.path(), r#"<img src="../secret.png">"#);

        assert_eq!(refused.expect_err("outside").code, "file_missing");
    }

    #[test]
    fn a_file_that_is_not_what_its_name_says_is_refused() {
        let folder = folder();
        fs::write(folder.path().join("texts/公文.pdf"), "<script>").expect("a file");
        let base = folder.path().join("texts");
        let mut attachments = Attachments::new(&base, &base, 1000, true);

        let refused = attachments.field(json!(["公文.pdf"])).expect_err("not a PDF");

        assert_eq!(refused.code, "file_type_differs");
    }

    #[test]
    fn a_file_field_takes_names_and_what_is_said_of_them() {
        let folder = folder();
        let base = folder.path().join("texts");
        let mut attachments = Attachments::new(&base, &base, 1000, true);

        let value = attachments.field(json!([{"file": "图/一 张.png", "alt": "会场"}]));

        let expected = json!([{
            "digest": Digest::of(PNG), "name": "一 张.png", "mediaType": "image/png",
            "size": PNG.len(), "alt": "会场",
        }]);
        assert_eq!(value, Ok(expected));
        assert_eq!(attachments.into_files().len(), 1);
    }
}
