//! Lines of an export, checked as far as that goes without the database. What a line says is
//! believed only as far as it can be recomputed.

use std::path::Path;

use schema::{
    content_type::{ContentType, TypeRegistry},
    digest::Digest,
    edition::edition_digest,
    validation::{Checked, Stage},
};
use serde_json::{Value, json};
use store::imports::RecordKey;

use super::{
    Reason,
    attachments::LocalFile,
    format::{FILES, FORMAT, Line, Named, StateLine, TextLine},
    reading::RawRecord,
    task::{Recorded, Task, What},
};
use crate::{Refusal, documents::CheckedText};

/// Makes a line ready; `None` for the last one.
pub(super) fn prepare(types: &TypeRegistry, raw: RawRecord) -> Result<Option<Task>, Reason> {
    let digest_of_line = raw.digest;
    let line: Line = serde_json::from_value(Value::Object(raw.members)).map_err(|error| {
        Reason::new(
            "not_an_export_line",
            format!("不是导出文件的记录：{error}"),
            format!("not a line of an export: {error}"),
        )
    })?;
    let (version, digest, text) = match &line {
        Line::Edition(line) => {
            let version = format!("edition {:08}", line.number);
            (version, line.text.digest, Some(&line.text))
        }
        Line::Draft(line) => ("draft".to_owned(), line.text.digest, Some(&line.text)),
        Line::State(line) | Line::Recalled(line) => ("state".to_owned(), state_digest(line)?, None),
        Line::Adopted(line) => {
            let site = &line.placement.site;
            (format!("adopted {site}"), digest_of_line, None)
        }
        Line::End(_) => return Ok(None),
    };
    let checked = text.map(|text| check(types, text)).transpose()?;
    let files = text.map(|text| files(text, &raw.base)).unwrap_or_default();
    let document = named(&line).map(|named| named.document.to_string()).unwrap_or_default();
    Ok(Some(Task {
        at: raw.at,
        key: RecordKey { source: FORMAT.into(), key: document, version },
        digest,
        bytes: raw.bytes,
        files,
        dropped: Vec::new(),
        what: What::Recorded(Box::new(Recorded { line, text: checked })),
    }))
}

/// The refusal of a line that does not belong where it stands.
pub(super) fn not_an_export_line() -> Reason {
    Reason::new("not_an_export_line", "不是导出文件的记录", "not a line of an export")
}

pub(super) fn named(line: &Line) -> Option<&Named> {
    match line {
        Line::Edition(line) => Some(&line.of),
        Line::Draft(line) => Some(&line.of),
        Line::State(line) | Line::Recalled(line) => Some(&line.of),
        Line::Adopted(line) => Some(&line.of),
        Line::End(_) => None,
    }
}

fn state_digest(line: &StateLine) -> Result<Digest, Reason> {
    let state = json!({ "visibility": line.visibility, "notice": line.notice });
    schema::canonical::canonical_digest(&state).map_err(|_| not_an_export_line())
}

/// The files of a text that lie beside the export.
fn files(text: &TextLine, base: &Path) -> Vec<LocalFile> {
    let files = text.content.files.iter().filter_map(|digest| {
        let path = base.join(FILES).join(digest.hex());
        let size = path.metadata().ok()?.len();
        Some(LocalFile { path, name: None, digest: *digest, size })
    });
    files.collect()
}

/// The text as this hub would write it, if that is the text that was exported.
fn check(types: &TypeRegistry, line: &TextLine) -> Result<CheckedText, Reason> {
    let content = &line.content;
    let canonical = content.to_canonical().ok();
    let content_digest = canonical.map(|canonical| Digest::of(canonical.as_bytes()));
    let digest = edition_digest(line.content_digest, &line.place).ok();
    if content_digest != Some(line.content_digest) || digest != Some(line.digest) {
        return Err(Reason::new(
            "digest_differs",
            "文本与所记摘要不符：导出文件已被改动或损坏，请重新导出",
            "the text does not have the digest that is recorded: the export was changed or damaged; export again",
        ));
    }
    let content_type = types
        .get(&content.r#type)
        .ok_or_else(|| Reason::from(Refusal::not_found("type", &content.r#type)))?;
    if content.type_version > content_type.version {
        return Err(Reason::new(
            "type_too_old",
            format!(
                "文本按内容类型 {} 第 {} 版检查，本机只有第 {} 版，请先更新内容类型",
                content.r#type, content.type_version, content_type.version
            ),
            format!(
                "the text was checked under version {} of {}, here is version {}: bring the content types up to date first",
                content.type_version, content.r#type, content_type.version
            ),
        ));
    }
    let text = checked(content_type, line)?;
    let same = text.checked();
    if same.fields != content.fields || same.links != content.links || same.files != content.files {
        return Err(Reason::new(
            "would_change",
            "按本机的规则，文本会被改写，摘要将不一致：两边的程序版本或内容类型不同",
            "by the rules of this hub the text would come out otherwise, with another digest: the programs or the content types differ",
        ));
    }
    Ok(text)
}

fn checked(content_type: &ContentType, line: &TextLine) -> Result<CheckedText, Reason> {
    let content = &line.content;
    let exported = Checked {
        fields: content.fields.clone(),
        links: content.links.clone(),
        files: content.files.clone(),
    };
    // What was published under rules of its time is not held to what is required now.
    CheckedText::new(content_type, &exported.to_input(content_type), Stage::Draft)
        .map_err(Reason::invalid)
}
