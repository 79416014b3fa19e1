//! What the tus protocol says in headers.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use editorial::files::uploads::{Checksum, NewUpload};
use schema::message::Bilingual;
use store::uploads::Upload;

use crate::{Problem, http_date::http_date};

pub(super) const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub(super) const VERSION: &str = "1.0.0";
pub(super) const VERSIONS: HeaderName = HeaderName::from_static("tus-version");
pub(super) const EXTENSIONS: HeaderName = HeaderName::from_static("tus-extension");
pub(super) const MOST: HeaderName = HeaderName::from_static("tus-max-size");
pub(super) const ALGORITHMS: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
pub(super) const OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");
pub(super) const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");

/// What bodies are called that hold bytes of a file.
const BYTES: &str = "application/offset+octet-stream";
/// Bytes of all that is said of a file.
const MOST_METADATA: usize = 4 * 1024;

/// What a sender says of a file that is to come.
pub(super) fn new_upload(headers: &HeaderMap) -> Result<NewUpload, Problem> {
    let length = number(headers, &LENGTH)?.ok_or_else(|| {
        bad(
            "upload_length_missing",
            "缺少 Upload-Length 标头：须先给出文件长度",
            "the header Upload-Length is missing: say how long the file is",
        )
    })?;
    let metadata = text(headers, &METADATA)?.filter(|text| !text.is_empty());
    let name = metadata.map(file_name).transpose()?.flatten();
    Ok(NewUpload { name, metadata: metadata.map(str::to_owned), length })
}

/// What the file is called: `filename`, as clients say it, in base64.
fn file_name(metadata: &str) -> Result<Option<String>, Problem> {
    let wrong = || {
        bad(
            "bad_upload_metadata",
            "Upload-Metadata 标头应为以逗号分隔的“键 base64 值”，共不超过 4096 字节",
            "the header Upload-Metadata holds keys with values in base64, parted by commas, 4096 bytes at the most",
        )
    };
    if metadata.len() > MOST_METADATA {
        return Err(wrong());
    }
    let mut name = None;
    for pair in metadata.split(',') {
        let (key, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
        let value = STANDARD.decode(value.trim()).map_err(|_| wrong())?;
        if key == "filename" {
            name = Some(String::from_utf8(value).map_err(|_| wrong())?);
        }
    }
    Ok(name.filter(|name| !name.is_empty()))
}

/// Where the bytes of a body begin.
pub(super) fn offset(headers: &HeaderMap) -> Result<u64, Problem> {
    number(headers, &OFFSET)?.ok_or_else(|| {
        bad(
            "upload_offset_missing",
            "缺少 Upload-Offset 标头",
            "the header Upload-Offset is missing",
        )
    })
}

/// What the bytes of a body should be.
pub(super) fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, Problem> {
    let Some(said) = text(headers, &CHECKSUM)? else { return Ok(None) };
    let checksum = said.trim().split_once(' ').and_then(|(algorithm, value)| {
        Checksum::new(algorithm, STANDARD.decode(value.trim()).ok()?)
    });
    checksum.map(Some).ok_or_else(|| {
        let known = Checksum::NAMES.join(", ");
        bad(
            "bad_checksum",
            &format!("Upload-Checksum 标头应为“算法 base64 值”，算法为 {known} 之一"),
            &format!("the header Upload-Checksum holds an algorithm, one of {known}, and a value in base64"),
        )
    })
}

/// Whether a body holds bytes of a file.
pub(super) fn has_bytes(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|media| media.as_bytes() == BYTES.as_bytes())
}

/// What an answer says of an upload.
pub(super) fn say(headers: &mut HeaderMap, upload: &Upload) {
    let mut put = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(OFFSET, &upload.received.to_string());
    put(EXPIRES, &http_date(upload.expires_at));
    put(header::CACHE_CONTROL, "no-store");
}

/// The same, with what its sender said in the beginning.
pub(super) fn say_all(headers: &mut HeaderMap, upload: &Upload) {
    say(headers, upload);
    headers.insert(LENGTH, HeaderValue::from(upload.length));
    if let Some(Ok(metadata)) = upload.metadata.as_deref().map(HeaderValue::from_str) {
        headers.insert(METADATA, metadata);
    }
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<Option<u64>, Problem> {
    let Some(said) = text(headers, name)? else { return Ok(None) };
    let is_number = !said.is_empty() && said.bytes().all(|it| it.is_ascii_digit());
    match said.parse() {
        Ok(number) if is_number => Ok(Some(number)),
        _ => Err(bad(
            "not_a_number",
            &format!("标头 {name} 应为非负整数"),
            &format!("the header {name} is a whole number, 0 or more"),
        )),
    }
}

fn text<'header>(
    headers: &'header HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'header str>, Problem> {
    let wrong = |_| {
        bad(
            "bad_header",
            &format!("标头 {name} 含有非 ASCII 字符"),
            &format!("the header {name} is not ASCII"),
        )
    };
    headers.get(name).map(|value| value.to_str().map_err(wrong)).transpose()
}

pub(super) fn bad(code: &'static str, zh: &str, en: &str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, code, Bilingual::new(zh, en))
}
