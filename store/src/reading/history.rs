//! The public histories of many documents at once: every publication with its date and note,
//! and whether the old text may still be read.

use std::collections::HashMap;

use jiff::Timestamp;
use schema::{
    content_type::OldTexts,
    digest::Digest,
    edition::Importance,
    ids::{DocumentId, EditionId},
    message::Bilingual,
    viewer::Viewer,
    visibility::{Notice, old_text_is_readable},
};
use serde::Deserialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::sight::{Known, Sight, sights};
use crate::{Error, Session, convert, dialect::Ids, moment::Moment, statement::Statement};

/// One publication in a public history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// Number of the edition, from 1.
    pub number: u32,
    /// When the hub published it.
    pub published_at: Timestamp,
    /// Whether readers were told.
    pub importance: Importance,
    /// What was said to have changed.
    pub change_note: Option<Bilingual>,
    /// The edition, where its text may still be read.
    pub readable: Option<EditionId>,
    /// Its digest, likewise.
    pub digest: Option<Digest>,
}

row! {
    struct Row {
        id: Uuid,
        authority_id: Uuid,
        visibility: String,
        notice: Option<Json<Notice>>,
        number: i64,
        published_at: Moment,
        major: bool,
        old_text: String,
        edition_id: Uuid,
        digest: Option<Vec<u8>>,
        place: Option<String>,
    }
}

/// The one thing that a history takes from the place of an edition.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    #[serde(default)]
    change_note: Option<Bilingual>,
}

type Publications = Known<Vec<Row>>;

/// The history of each of `documents` whose text may be read, the first publication first. A
/// text that was called an error keeps its line and closes, but for those who may read the
/// past of documents that are not simply live.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn histories(
    session: &mut Session,
    viewer: &Viewer,
    documents: &[DocumentId],
) -> Result<HashMap<DocumentId, Vec<HistoryLine>>, Error> {
    let statement = statement(session, documents);
    let mut found: Vec<Publications> = Vec::new();
    let mut rows = statement.fetch_all::<Row>(session).await?;
    rows.sort_unstable_by_key(|row| (row.id, row.number));
    for row in rows {
        let id = DocumentId::from(row.id);
        match found.last_mut().filter(|last| last.id == id) {
            Some(last) => last.read.push(row),
            None => found.push(Publications {
                id,
                authority: row.authority_id.into(),
                visibility: convert::visibility(&row.visibility)?,
                notice: row.notice.as_ref().map(|Json(notice)| notice.clone()),
                read: vec![row],
            }),
        }
    }
    let sights = sights(session, viewer, &found).await?;
    found
        .into_iter()
        .zip(sights)
        .filter(|(_, sight)| *sight == Sight::Text)
        .map(|(document, _)| Ok((document.id, lines(document)?)))
        .collect()
}

pub(super) fn statement(session: &Session, documents: &[DocumentId]) -> Statement {
    let wanted = documents.iter().map(|id| id.uuid()).collect::<Ids>();
    let mut statement = Statement::new(session.engine());
    statement
        .push(
            "SELECT d.id, d.authority_id, d.visibility, d.notice, p.number, p.published_at, p.major, p.old_text, \
             p.edition_id, e.digest, e.place FROM ",
        )
        .rows_of(wanted)
        .push(
            " CROSS JOIN document d CROSS JOIN publication p CROSS JOIN edition e \
             WHERE d.id = wanted.id AND p.document_id = d.id AND e.id = p.edition_id",
        );
    statement
}

fn lines(document: Publications) -> Result<Vec<HistoryLine>, Error> {
    let Known { visibility, notice, read: rows, .. } = document;
    let said = rows.iter().map(|row| old_texts(&row.old_text)).collect::<Result<Vec<_>, _>>()?;
    // Only somebody who may read the past gets here with a document the public cannot read.
    let is_public = old_text_is_readable(visibility, notice.as_ref(), []);
    rows.into_iter()
        .enumerate()
        .map(|(index, row)| {
            let since = said[index + 1..].iter().copied();
            let readable = !is_public || old_text_is_readable(visibility, notice.as_ref(), since);
            let note: Note = match row.place {
                Some(place) => serde_json::from_str(&place)
                    .map_err(|error| Error::corrupt("edition.place", error))?,
                None => Note::default(),
            };
            let digest =
                row.digest.as_deref().map(|bytes| convert::digest("edition.digest", bytes));
            let digest = digest.transpose()?.filter(|_| readable);
            Ok(HistoryLine {
                number: convert::number("publication.number", row.number)?,
                published_at: row.published_at.0,
                importance: if row.major { Importance::Major } else { Importance::Minor },
                change_note: note.change_note,
                readable: digest.map(|_| row.edition_id.into()),
                digest,
            })
        })
        .collect()
}

fn old_texts(word: &str) -> Result<OldTexts, Error> {
    match word {
        "amended" => Ok(OldTexts::Amended),
        "error" => Ok(OldTexts::Error),
        word => Err(Error::corrupt("publication.old_text", word)),
    }
}
