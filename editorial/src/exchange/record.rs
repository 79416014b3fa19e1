//! From a record as it was read to a text that fits its type: everything that takes time and
//! needs no database.

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use jiff::{Timestamp, civil::Date, tz::offset};
use schema::{
    content_type::{ContentType, FieldKind},
    edition::Source,
    mending::{self, Dropped},
    message::Bilingual,
    names::{ColumnPath, DocumentPath, FieldName},
    rich_text::html_from_text,
    validation::Stage,
};
use serde_json::{Map, Value, json};
use store::{imports::RecordKey, publications::OriginalTime};

use super::{
    Limits, Reason,
    attachments::Attachments,
    mapping::{BodyFormat, Expression, Mapping},
    reading::{Markup, RawRecord},
    task::{Task, Text, What},
};
use crate::documents::CheckedText;

/// What records are held against.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) mapping: Arc<Mapping>,
    pub(super) content_type: Arc<ContentType>,
    pub(super) stage: Stage,
    /// The folder that holds every file that records may name.
    pub(super) root: PathBuf,
    /// Whether a picture that is not there makes a record wrong.
    pub(super) strict: bool,
    /// What the index of a folder says, by file.
    pub(super) index: Arc<HashMap<String, Map<String, Value>>>,
    pub(super) limits: Limits,
}

/// Bytes of a key or a version.
const LONGEST_KEY: usize = 500;

/// What the record is called.
pub(super) fn key(frame: &Frame, raw: &RawRecord) -> Result<RecordKey, Reason> {
    if frame.index.is_empty() {
        return key_in(&frame.mapping, &raw.members);
    }
    let mut members = raw.members.clone();
    join_index(frame, &mut members);
    key_in(&frame.mapping, &members)
}

fn key_in(mapping: &Mapping, members: &Map<String, Value>) -> Result<RecordKey, Reason> {
    let key = mapping.key.text(members)?.ok_or_else(|| mapping.without_key())?;
    let version = match &mapping.version {
        Some(version) => version.text(members)?.unwrap_or_default(),
        None => String::new(),
    };
    let (key, version) = (key.trim().to_owned(), version.trim().to_owned());
    let fits = |text: &str| text.len() <= LONGEST_KEY && !text.contains('\0');
    if !fits(&key) || !fits(&version) {
        return Err(Reason::new(
            "bad_identity",
            format!("记录的标识或版本超过 {LONGEST_KEY} 字节，或含有控制字符"),
            format!(
                "the key or the version of the record is longer than {LONGEST_KEY} bytes or holds a control character"
            ),
        ));
    }
    Ok(RecordKey { source: mapping.source.clone(), key, version })
}

/// Makes a record ready, or says all that is wrong with its fields.
pub(super) fn prepare(frame: &Frame, raw: RawRecord) -> Result<Task, Reason> {
    let Frame { mapping, content_type, .. } = frame;
    let mut members = raw.members;
    join_index(frame, &mut members);
    let key = key_in(mapping, &members)?;
    let mut attachments = Attachments::new(&raw.base, &frame.root, frame.limits.file, frame.strict);
    let mut dropped = Vec::new();
    let body = match mapping.body.text.text(&members)? {
        Some(text) => Some(body(frame, raw.markup, &text, &mut members, &mut dropped)),
        None => None,
    };
    let mut fields = Map::new();
    for (name, expression) in &mapping.fields {
        let Some(value) = expression.value(&members).map_err(|reason| of_field(name, reason))?
        else {
            continue;
        };
        let is_file = content_type
            .field(name.as_str())
            .is_some_and(|field| matches!(field.kind, FieldKind::File { .. }));
        let value = if is_file {
            attachments.field(value).map_err(|reason| of_field(name, reason))?
        } else {
            value
        };
        fields.insert(name.to_string(), value);
    }
    let body_field = content_type.body.as_ref();
    if let (Some(name), Some(body)) = (body_field, body) {
        fields.insert(name.to_string(), body);
    }
    let check = |fields: &Map<String, Value>| {
        CheckedText::new(content_type, fields, frame.stage).map_err(Reason::invalid)
    };
    let mut text = check(&fields)?;
    if let (Some(name), Some(html)) = (body_field, content_type.body_of(&text.checked().fields))
        && let Some(html) = attachments.html(html)?
    {
        fields.insert(name.to_string(), json!({ "html": html }));
        text = check(&fields)?;
    }
    let document = &mapping.document;
    let said = |expression: &Option<Expression>| match expression {
        Some(expression) => expression.text(&members),
        None => Ok(None),
    };
    let source = said(&document.source_name)?;
    let source_url = said(&document.source_url)?;
    let note = match &mapping.publication.change_note {
        Some((zh, en)) => zh.text(&members)?.zip(en.text(&members)?),
        None => None,
    };
    let original = match said(&mapping.publication.original_date)? {
        Some(text) => Some(OriginalTime {
            at: original_moment(&text)?,
            source: format!("import:{}", mapping.source),
        }),
        None => None,
    };
    let text = Text {
        checked: text,
        locale: said(&document.locale)?.map(|text| Mapping::locale(&text)).transpose()?,
        column: said(&document.column)?.map(|text| column(&text)).transpose()?,
        path: said(&document.path)?.map(|text| path(&text)).transpose()?,
        slug: said(&document.slug)?,
        source: source.map(|name| Source { name, url: source_url }),
        original,
        change_note: note.map(|(zh, en)| Bilingual { zh, en }),
    };
    Ok(Task {
        at: raw.at,
        key,
        digest: raw.digest,
        bytes: raw.bytes,
        files: attachments.into_files(),
        dropped,
        what: What::Text(Box::new(text)),
    })
}

/// Adds what the index of the folder says of this file and the file itself does not.
fn join_index(frame: &Frame, members: &mut Map<String, Value>) {
    let said = members.get("file").and_then(Value::as_str).and_then(|file| frame.index.get(file));
    for (name, value) in said.into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        members.entry(name.as_str()).or_insert_with(|| value.clone());
    }
}

/// The main text as its field takes it. What mending took from the head of the text becomes
/// `mended.title` and `mended.documentNumber` of the record.
fn body(
    frame: &Frame,
    markup: Option<Markup>,
    text: &str,
    members: &mut Map<String, Value>,
    dropped: &mut Vec<Dropped>,
) -> Value {
    let mapped = &frame.mapping.body;
    let format = mapped.format.unwrap_or(match markup {
        Some(Markup::Markdown) => BodyFormat::Markdown,
        Some(Markup::Text) => BodyFormat::Text,
        Some(Markup::Html) | None => BodyFormat::Html,
    });
    match format {
        BodyFormat::Markdown => json!({ "markdown": text }),
        BodyFormat::Html => json!({ "html": text }),
        BodyFormat::Text => json!({ "html": html_from_text(text) }),
        BodyFormat::Mended => {
            let mended = mending::mend(text, &mapped.steps);
            *dropped = mended.dropped;
            let taken = json!({ "title": mended.title, "documentNumber": mended.document_number });
            members.insert("mended".into(), taken);
            json!({ "html": mended.html })
        }
    }
}

fn of_field(name: &FieldName, reason: Reason) -> Reason {
    let Bilingual { zh, en } = reason.message;
    Reason::new(reason.code, format!("{name}：{zh}"), format!("{name}: {en}"))
}

/// A day counts from its first moment in Beijing; a moment must name its offset.
fn original_moment(text: &str) -> Result<Timestamp, Reason> {
    let text = text.trim();
    let day = text.parse::<Date>().ok().filter(|_| text.len() == 10);
    let moment = match day {
        Some(day) => offset(8).to_timestamp(day.at(0, 0, 0, 0)).ok(),
        None => text.parse::<Timestamp>().ok(),
    };
    // PostgreSQL and the readers of RFC 3339 agree on these years.
    let years = Date::constant(1, 1, 1)..=Date::constant(9999, 12, 31);
    let fits = |moment: &Timestamp| years.contains(&offset(8).to_datetime(*moment).date());
    moment
        .map(schema::parameters::to_microseconds)
        .filter(fits)
        .ok_or_else(|| {
            Reason::new(
                "bad_original_date",
                format!("原发布日期“{text}”应写作 2026-03-09，或带时区的时间 2026-03-09T08:00:00+08:00"),
                format!("the original date {text:?} is written 2026-03-09, or 2026-03-09T08:00:00+08:00 with its offset"),
            )
        })
}

fn column(text: &str) -> Result<ColumnPath, Reason> {
    text.trim().trim_matches('/').parse().map_err(|error| {
        Reason::new(
            "bad_column",
            format!("“{text}”不是栏目路径，应写作 policy/finance"),
            format!("{error}"),
        )
    })
}

fn path(text: &str) -> Result<DocumentPath, Reason> {
    text.trim().parse().map_err(|error| {
        Reason::new(
            "bad_path",
            format!("“{text}”不是有效的路径，应以 / 开头，不含空格和特殊符号"),
            format!("{error}"),
        )
    })
}
