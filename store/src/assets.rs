//! Files as readers may have them: exactly while an edition that the reader may read uses them.
//!
//! A digest is a name, not a permission. Whoever knows it gets the file only through a text:
//! the live one, an earlier one that stays readable, or, for those who may see it, a draft or
//! a text that was taken back.

use std::collections::HashSet;

use schema::{
    content_type::{Field, FieldKind, TypeRegistry},
    digest::Digest,
    edition::Content,
    ids::DocumentId,
    viewer::Viewer,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{Error, Session, convert, documents, editions, past};

/// A file that a reader may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its length in bytes.
    pub size: u64,
    /// Whether anybody may have it; otherwise only the one who asked.
    pub public: bool,
    /// Whose text lets them have it: while nothing happens to this document, nothing of it
    /// changes.
    pub document: DocumentId,
    /// What the edition that uses it says of it; `None` where it only stands in a rich text.
    pub declared: Option<Declared>,
}

/// What an edition says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Its name, without slashes.
    pub name: String,
    /// Its media type, without parameters, in small letters.
    pub media_type: String,
}

/// The file under `digest`, if an edition that `viewer` may read uses it.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for an edition that does not read back.
pub async fn find(
    session: &mut Session,
    viewer: &Viewer,
    types: &TypeRegistry,
    digest: &Digest,
) -> Result<Option<Asset>, Error> {
    let Some((size,)) = fetch_optional!(
        session,
        (i64,),
        "SELECT size FROM file WHERE digest = $1",
        convert::bytes(digest),
    )?
    else {
        return Ok(None);
    };
    let mut public = true;
    let mut text = live(session, digest).await?;
    if text.is_none() {
        text = readable(session, &Viewer::Public, digest).await?;
    }
    if text.is_none() && *viewer != Viewer::Public {
        public = false;
        text = readable(session, viewer, digest).await?;
    }
    let Some((document, text)) = text else { return Ok(None) };
    let content = editions::content(session, text).await?;
    let size = u64::try_from(size).map_err(|error| Error::corrupt("file.size", error))?;
    Ok(Some(Asset { size, public, document, declared: declared(types, &content, digest) }))
}

/// A text that is live now: nearly every file that is asked for, in one statement.
async fn live(
    session: &mut Session,
    digest: &Digest,
) -> Result<Option<(DocumentId, Digest)>, Error> {
    fetch_optional!(
        session,
        (Uuid, Vec<u8>),
        "SELECT d.id, u.content_digest FROM content_file u JOIN edition e ON e.content_digest = u.content_digest \
         JOIN document d ON d.id = e.document_id AND d.live_edition_id = e.id \
         WHERE u.file_digest = $1 AND d.visibility = 'live' LIMIT 1",
        convert::bytes(digest),
    )?
    .map(|(id, text)| Ok((id.into(), convert::digest("content_file.content_digest", &text)?)))
    .transpose()
}

/// Any text with the file that `viewer` may read: drafts and the past decide as they do for
/// the texts themselves.
async fn readable(
    session: &mut Session,
    viewer: &Viewer,
    digest: &Digest,
) -> Result<Option<(DocumentId, Digest)>, Error> {
    let sql = match viewer {
        // What the public cannot read in any edition costs no further statement.
        Viewer::Public => {
            "SELECT DISTINCT e.document_id, e.content_digest FROM content_file u \
             JOIN edition e ON e.content_digest = u.content_digest JOIN document d ON d.id = e.document_id \
             WHERE u.file_digest = $1 AND d.visibility IN ('live', 'withdrawn')"
        }
        Viewer::Known(_) | Viewer::Preview(_) => {
            "SELECT DISTINCT e.document_id, e.content_digest FROM content_file u \
             JOIN edition e ON e.content_digest = u.content_digest WHERE u.file_digest = $1"
        }
    };
    let uses = fetch_all!(session, (Uuid, Vec<u8>), sql, convert::bytes(digest))?;
    let mut users: Vec<DocumentId> = uses.iter().map(|(id, _)| (*id).into()).collect();
    users.dedup();
    let texts = uses
        .iter()
        .map(|(_, text)| convert::digest("edition.content_digest", text))
        .collect::<Result<HashSet<_>, _>>()?;
    for user in users {
        let Some(document) = documents::document(session, viewer, user).await? else { continue };
        let history = past::history(session, viewer, &document).await?;
        let mut readable: Vec<_> =
            history.iter().filter_map(|entry| entry.content_digest).collect();
        let draft = past::draft(session, viewer, &document).await?;
        readable.extend(draft.map(|draft| draft.content_digest));
        if let Some(text) = readable.into_iter().find(|text| texts.contains(text)) {
            return Ok(Some((user, text)));
        }
    }
    Ok(None)
}

/// What the file fields of `content` say of the file.
fn declared(types: &TypeRegistry, content: &Content, digest: &Digest) -> Option<Declared> {
    let content_type = types.get(&content.r#type)?;
    in_fields(&content_type.fields, &content.fields, &digest.to_string())
}

fn in_fields(fields: &[Field], values: &Map<String, Value>, digest: &str) -> Option<Declared> {
    fields.iter().find_map(|field| {
        let value = values.get(field.name.as_str())?;
        let mut items = match value {
            Value::Array(items) => items.iter(),
            one => std::slice::from_ref(one).iter(),
        };
        items.find_map(|item| match &field.kind {
            FieldKind::File { .. } => as_declared(item, digest),
            FieldKind::Group { fields, .. } => in_fields(fields, item.as_object()?, digest),
            _ => None,
        })
    })
}

fn as_declared(file: &Value, digest: &str) -> Option<Declared> {
    (file.get("digest")?.as_str()? == digest).then_some(())?;
    Some(Declared {
        name: file.get("name")?.as_str()?.to_owned(),
        media_type: file.get("mediaType")?.as_str()?.to_owned(),
    })
}
