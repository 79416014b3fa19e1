//! Files that records name: pictures in a text, attachments in fields. They are found next to
//! the record, never outside what is imported, and pass the door that uploads pass.

use std::{
    collections::BTreeMap,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use regex::{Captures, Regex};
use schema::{digest::Digest, media::Media};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{Reason, reading};
use crate::files::{self, FileRefusal, Foreseen};

/// A file that is to be stored with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LocalFile {
    pub(super) path: PathBuf,
    /// What it is called; exports name their files by digest alone.
    pub(super) name: Option<String>,
    /// Its digest and length in the file store, behind the door.
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
    found: BTreeMap<PathBuf, (LocalFile, &'static Media)>,
}

/// Addresses in cleaned HTML, where every attribute stands in double quotes.
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#" (src|poster|href)="([^"]*)""#).expect("the expression is constant and tested")
});

impl<'a> Attachments<'a> {
    pub(super) const fn new(base: &'a Path, root: &'a Path, most: u64, strict: bool) -> Self {
        Self { base, root, most, strict, found: BTreeMap::new() }
    }

    /// The files found so far, each once.
    pub(super) fn into_files(self) -> Vec<LocalFile> {
        self.found.into_values().map(|(file, _)| file).collect()
    }

    /// The value of a file field: a name, an object with `file`, or a list of them, becomes
    /// what the field holds; so do the `captions` of one. An object with a `digest` is one already.
    ///
    /// # Errors
    /// A file that is not there, is too large, or is not what its name says.
    pub(super) fn field(&mut self, value: Value) -> Result<Value, Reason> {
        match value {
            Value::Array(items) => items.into_iter().map(|item| self.field(item)).collect(),
            Value::String(name) => Ok(Value::Object(self.described(&name)?)),
            Value::Object(mut members) => {
                if let Some(captions) = members.remove("captions") {
                    members.insert("captions".into(), self.field(captions)?);
                }
                self.named(members)
            }
            other => Ok(other),
        }
    }

    fn named(&mut self, mut members: Map<String, Value>) -> Result<Value, Reason> {
        match members.remove("file") {
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
        }
    }

    fn described(&mut self, name: &str) -> Result<Map<String, Value>, Reason> {
        let path = self.locate(name).ok_or_else(|| missing(name))?;
        let (file, media) = self.take(path, name)?;
        let described = json!({
            "digest": file.digest, "name": file.name, "mediaType": media.name, "size": file.size,
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
        Ok(Some(self.take(path, &name)?.0.digest))
    }

    /// Where a named file lies, if it lies within what is imported.
    fn locate(&self, name: &str) -> Option<PathBuf> {
        let name = name.split(['?', '#']).next().unwrap_or_default();
        let path = self.base.join(name).canonicalize().ok()?;
        let root = self.root.canonicalize().ok()?;
        (path.starts_with(root) && path.is_file()).then_some(path)
    }

    fn take(&mut self, path: PathBuf, name: &str) -> Result<(LocalFile, &'static Media), Reason> {
        if let Some(found) = self.found.get(&path) {
            return Ok(found.clone());
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
        let called = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let Foreseen { media, cleaned } =
            files::foresee(&path, Some(&called)).map_err(|refusal| refused(name, &refusal))?;
        let (digest, size) = match cleaned {
            Some(cleaned) => cleaned,
            None => (hashed(&mut reader).map_err(unreadable)?, size),
        };
        let file = LocalFile { path: path.clone(), name: Some(called), digest, size };
        self.found.insert(path, (file.clone(), media));
        Ok((file, media))
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

/// Why the door stays shut to a file of a record.
pub(super) fn refused(name: &str, refusal: &FileRefusal) -> Reason {
    let said = refusal.message();
    Reason::new(
        refusal.code(),
        format!("文件“{name}”：{}", said.zh),
        format!("the file {name:?}: {}", said.en),
    )
}

fn hashed(reader: &mut impl io::Read) -> io::Result<Digest> {
    let mut hasher = Sha256::new();
    let mut chunk = vec![0; 1 << 16];
    loop {
        match reader.read(&mut chunk)? {
            0 => return Ok(Digest::from_bytes(hasher.finalize().into())),
            read => hasher.update(&chunk[..read]),
        }
    }
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

    fn png() -> Vec<u8> {
        let mut bytes = io::Cursor::new(Vec::new());
        let point = image::GrayImage::new(1, 1);
        point.write_to(&mut bytes, image::ImageFormat::Png).expect("it is written");
        bytes.into_inner()
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("texts/图")).expect("folders");
        fs::write(folder.path().join("texts/图/一 张.png"), png()).expect("a picture");
        fs::write(folder.path().join("texts/b.md"), "text").expect("a text");
        fs::write(folder.path().join("secret.png"), png()).expect("a file outside");
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

        let digest = Digest::of(&png());
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
        fs::write(folder.path().join("texts/公文.pdf"), "一、").expect("a file");
        fs::write(folder.path().join("texts/网页.pdf"), "<script>").expect("a file");
        let base = folder.path().join("texts");
        let mut attachments = Attachments::new(&base, &base, 1000, true);
        let mut refused =
            |name: &str| attachments.field(json!([name])).expect_err("not a PDF").code;

        assert_eq!(refused("公文.pdf"), "file_type_differs");
        assert_eq!(refused("网页.pdf"), "file_has_markup");
    }

    #[test]
    fn a_file_field_takes_names_and_what_is_said_of_them() {
        let folder = folder();
        let base = folder.path().join("texts");
        let mut attachments = Attachments::new(&base, &base, 1000, true);

        let value = attachments.field(json!([{"file": "图/一 张.png", "alt": "会场"}]));

        let expected = json!([{
            "digest": Digest::of(&png()), "name": "一 张.png", "mediaType": "image/png",
            "size": png().len(), "alt": "会场",
        }]);
        assert_eq!(value, Ok(expected));
        assert_eq!(attachments.into_files().len(), 1);
    }

    #[test]
    fn captions_are_files_beside_their_film() {
        let folder = folder();
        fs::write(folder.path().join("texts/会.mp4"), b"\0\0\0\x18ftypmp42").expect("a film");
        fs::write(folder.path().join("texts/会.vtt"), "WEBVTT\n").expect("captions");
        let base = folder.path().join("texts");
        let mut attachments = Attachments::new(&base, &base, 1000, true);
        let captions = json!({ "file": "会.vtt", "language": "zh-CN", "kind": "captions" });

        let value = attachments.field(json!({ "file": "会.mp4", "captions": [captions] }));

        let value = value.expect("they are there");
        assert_eq!(value["captions"][0]["mediaType"], "text/vtt");
        assert_eq!(value["captions"][0]["digest"], json!(Digest::of(b"WEBVTT\n")));
        assert_eq!(value["captions"][0]["language"], "zh-CN");
        assert_eq!(attachments.into_files().len(), 2);
    }
}
