//! The texts of editions that were public once, for many documents at once, as far as they may
//! still be read.

use std::collections::HashMap;

use schema::{
    edition::Content,
    ids::{DocumentId, EditionId},
    viewer::Viewer,
};
use uuid::Uuid;

use super::history::histories;
use crate::{Error, Session, convert, dialect::Ids, past::Reading, statement::Statement};

row! {
    struct Row {
        id: Uuid,
        content_digest: Vec<u8>,
        digest: Vec<u8>,
        place: String,
        body: String,
    }
}

/// The texts of editions, by document and number of the edition: those that `viewer` may read,
/// as [`histories`] says.
///
/// # Errors
/// As [`histories`].
pub async fn texts(
    session: &mut Session,
    viewer: &Viewer,
    wanted: &[(DocumentId, u32)],
) -> Result<HashMap<(DocumentId, u32), Reading>, Error> {
    let mut documents: Vec<DocumentId> = wanted.iter().map(|(document, _)| *document).collect();
    documents.sort_unstable();
    documents.dedup();
    if documents.is_empty() {
        return Ok(HashMap::new());
    }
    let histories = histories(session, viewer, &documents).await?;
    let mut names: HashMap<EditionId, (DocumentId, u32)> = HashMap::new();
    for (document, number) in wanted {
        let lines = histories.get(document).map_or(&[][..], Vec::as_slice);
        let line = lines.iter().find(|line| line.number == *number);
        if let Some(edition) = line.and_then(|line| line.readable) {
            names.insert(edition, (*document, *number));
        }
    }
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let editions: Vec<EditionId> = names.keys().copied().collect();
    let rows = statement(session, &editions).fetch_all::<Row>(session).await?;
    rows.into_iter()
        .filter_map(|row| Some((*names.get(&row.id.into())?, row)))
        .map(|(name, row)| Ok((name, reading(&row, name.1)?)))
        .collect()
}

pub(super) fn statement(session: &Session, editions: &[EditionId]) -> Statement {
    let mut statement = Statement::new(session.engine());
    statement
        .push("SELECT e.id, e.content_digest, e.digest, e.place, c.body FROM ")
        .rows_of(editions.iter().map(|edition| edition.uuid()).collect::<Ids>())
        .push(
            " CROSS JOIN edition e CROSS JOIN content c \
             WHERE e.id = wanted.id AND c.digest = e.content_digest",
        );
    statement
}

fn reading(row: &Row, number: u32) -> Result<Reading, Error> {
    Ok(Reading {
        edition: row.id.into(),
        number: Some(number),
        content_digest: convert::digest("edition.content_digest", &row.content_digest)?,
        digest: convert::digest("edition.digest", &row.digest)?,
        place: serde_json::from_str(&row.place)
            .map_err(|error| Error::corrupt("edition.place", error))?,
        content: Content::from_canonical(&row.body)
            .map_err(|error| Error::corrupt("content", error))?,
    })
}
