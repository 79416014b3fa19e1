//! Files as readers may have them: exactly while an edition that the reader may read uses them.
//!
//! A digest is a name, not a permission. Whoever knows it gets the file only through a text:
//! the live one, an earlier one that stays readable, or, for those who may see it, a draft or
//! a text that was taken back.

use std::collections::HashSet;

use schema::{
    content_type::TypeRegistry,
    digest::Digest,
    ids::DocumentId,
    validation::{NamedFile, named_files},
    viewer::Viewer,
};
use uuid::Uuid;

use crate::{
    Error, Session, convert, documents, editions,
    kept::{self, KeptFile},
    past,
    reviews::cosigning,
};

/// A file that a reader may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// What is known of it.
    pub file: KeptFile,
    /// Whether anybody may have it; otherwise only the one who asked.
    pub public: bool,
    /// Whose text lets them have it: while nothing happens to this document, nothing of it
    /// changes.
    pub document: DocumentId,
    /// What the edition that uses it says of it; `None` where it only stands in a rich text.
    pub declared: Option<NamedFile>,
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
    let Some(file) = kept::find(session, digest).await? else { return Ok(None) };
    let mut public = true;
    let mut text = live(session, digest).await?;
    if text.is_none() {
        text = readable(session, &Viewer::Public, digest).await?;
    }
    if text.is_none() && *viewer != Viewer::Public {
        public = false;
        text = readable(session, viewer, digest).await?;
        if text.is_none() {
            text = cosigning::with_file(session, viewer, digest).await?;
        }
    }
    let Some((document, text)) = text else { return Ok(None) };
    let content = editions::content(session, text).await?;
    let declared = types.get(&content.r#type).and_then(|content_type| {
        let named = named_files(&content_type.fields, &content.fields);
        named.into_iter().find(|named| named.digest == *digest)
    });
    Ok(Some(Asset { file, public, document, declared }))
}

/// The file that a public text names now where it named the one under `digest` before: in the same
/// field, under the same name. Asked when nobody may read a text with the old file any more, which
/// is so once it was called an error. A file of a draft leads nowhere: nobody may learn of it.
///
/// # Errors
/// As [`find`].
pub async fn replacement(
    session: &mut Session,
    types: &TypeRegistry,
    digest: &Digest,
) -> Result<Option<(DocumentId, NamedFile)>, Error> {
    let texts = fetch_all!(
        session,
        (Uuid, Vec<u8>, Vec<u8>),
        "SELECT DISTINCT d.id, e.content_digest, l.content_digest FROM content_file u \
         JOIN edition e ON e.content_digest = u.content_digest JOIN publication p ON p.edition_id = e.id \
         JOIN document d ON d.id = e.document_id JOIN edition l ON l.id = d.live_edition_id \
         WHERE u.file_digest = $1 AND d.visibility = 'live' ORDER BY d.id LIMIT 8",
        convert::bytes(digest),
    )?;
    for (document, old, live) in texts {
        let mut named = Vec::new();
        for text in [old, live] {
            let text = convert::digest("edition.content_digest", &text)?;
            let content = editions::content(session, text).await?;
            named.push(types.get(&content.r#type).map_or_else(Vec::new, |content_type| {
                named_files(&content_type.fields, &content.fields)
            }));
        }
        let [old, live] = named.as_slice() else { continue };
        let was = old.iter().filter(|file| file.digest == *digest);
        let is_now = was.flat_map(|was| {
            live.iter().find(|now| now.field() == was.field() && now.name == was.name)
        });
        if let Some(now) = is_now.into_iter().find(|now| now.digest != *digest) {
            return Ok(Some((document.into(), now.clone())));
        }
    }
    Ok(None)
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
