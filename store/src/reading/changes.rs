//! The publication log as readers may know it: what happened to what and where, not who did it.

use std::collections::HashSet;

use jiff::Timestamp;
use schema::{
    edition::{Importance, PlacedAt},
    ids::{ContentId, DocumentId},
    log::{Arrangement, DocumentEvent, Subject},
    names::{ColumnPath, DocumentPath, Locale, SiteKey, TypeName},
    permission::Touched,
    viewer::Viewer,
    visibility::{EventKind, Notice, Visibility},
};
use sqlx::types::Json;
use uuid::Uuid;

use super::sight::{Sight, public_sight};
use crate::{
    Error, Session, convert,
    dialect::Ids,
    log::{self, StoredEvent},
    statement::Statement,
};

/// A change of what readers see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its number: without gaps, from 1.
    pub sequence: u64,
    /// When, by the hub's clock.
    pub at: Timestamp,
    /// What happened.
    pub kind: EventKind,
    /// To what.
    pub changed: Changed,
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changed {
    /// A document.
    Document(Box<DocumentChange>),
    /// A column, site, type, authority or target.
    Arrangement(Arrangement),
}

/// A change of one document: enough to update or drop a copy without asking again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentChange {
    /// The document on this hub.
    pub document: DocumentId,
    /// Its name across sites.
    pub content: ContentId,
    /// Its language.
    pub locale: Locale,
    /// Its type.
    pub r#type: TypeName,
    /// Number of the edition that the public saw from then on, or saw last.
    pub edition: u32,
    /// Whether readers were told.
    pub importance: Importance,
    /// What the public saw from then on.
    pub visibility: Visibility,
    /// The one site it concerned, where a site of another authority acted on its own placement.
    pub site: Option<SiteKey>,
    /// Where it stood before.
    pub left: Vec<Position>,
    /// Where it stood from then on.
    pub entered: Vec<Position>,
}

/// A place on a site, to select changes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The site.
    pub site: SiteKey,
    /// Its columns there, the main one first.
    pub columns: Vec<ColumnPath>,
    /// Its path there; `None` for what has left no trace since, whose path may tell its title.
    pub path: Option<DocumentPath>,
}

/// At most `limit` changes after number `after`, in order and without gaps: what vanished or was
/// recalled silently is told too, so that whoever holds a copy drops it. Two statements.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn changes(
    session: &mut Session,
    viewer: &Viewer,
    after: u64,
    limit: u32,
) -> Result<Vec<Change>, Error> {
    let events = log::after(session, after, limit).await?;
    told(session, viewer, events).await
}

/// What `viewer` may know of `events`, in their order. One statement, however old they are: a
/// path that has left no trace since is told no more.
///
/// # Errors
/// As [`changes`].
pub async fn told(
    session: &mut Session,
    viewer: &Viewer,
    events: Vec<StoredEvent>,
) -> Result<Vec<Change>, Error> {
    let sees_all = viewer.sees_past(&Touched::default());
    let traced = match sees_all {
        true => HashSet::new(),
        false => traced(session, events.iter().filter_map(|stored| stored.document)).await?,
    };
    events
        .into_iter()
        .map(|stored| {
            let (event, document) = (stored.event, stored.document);
            let changed = match (event.subject, document) {
                (Subject::Document(of), Some(document)) => {
                    let shows_paths = sees_all || traced.contains(&document);
                    Changed::Document(Box::new(document_change(document, of, shows_paths)))
                }
                (Subject::Arrangement(arrangement), _) => Changed::Arrangement(arrangement),
                (Subject::Document(_), None) => {
                    return Err(Error::corrupt("event", "it names no document"));
                }
            };
            Ok(Change { sequence: event.sequence, at: event.at, kind: event.kind, changed })
        })
        .collect()
}

fn document_change(document: DocumentId, of: DocumentEvent, shows_paths: bool) -> DocumentChange {
    let positions = |placed: Vec<PlacedAt>| {
        placed
            .into_iter()
            .map(|placed| Position {
                site: placed.site,
                columns: placed.columns,
                path: Some(placed.path).filter(|_| shows_paths),
            })
            .collect()
    };
    DocumentChange {
        document,
        content: of.content,
        locale: of.locale,
        r#type: of.r#type,
        edition: of.edition,
        importance: of.importance,
        visibility: of.visibility,
        site: of.site,
        left: positions(of.left),
        entered: positions(of.entered),
    }
}

/// Those of `documents` of which the public sees anything now.
async fn traced(
    session: &mut Session,
    documents: impl Iterator<Item = DocumentId>,
) -> Result<HashSet<DocumentId>, Error> {
    let mut statement = Statement::new(session.engine());
    statement
        .push("SELECT id, visibility, notice FROM document WHERE id ")
        .is_one_of(documents.map(DocumentId::uuid).collect::<Ids>());
    let mut traced = HashSet::new();
    for (id, visibility, notice) in
        statement.fetch_all::<(Uuid, String, Option<Json<Notice>>)>(session).await?
    {
        let notice = notice.map(|Json(notice)| notice);
        if public_sight(convert::visibility(&visibility)?, notice.as_ref()) != Sight::Nothing {
            traced.insert(id.into());
        }
    }
    Ok(traced)
}
