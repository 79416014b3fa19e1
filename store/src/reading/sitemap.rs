//! Every live document of a site in one language, oldest first: what sitemaps are made from.
//!
//! A site may hold a million of them, so all is read by keyset, page by page, and nothing is
//! sorted: the order is that of the index.

use std::collections::HashMap;

use jiff::Timestamp;
use schema::{
    ids::{ContentId, DocumentId, SiteId},
    names::{DocumentPath, Locale},
    viewer::Viewer,
};
use uuid::Uuid;

use crate::{Error, Session, convert, dialect::Ids, moment::Moment, statement::Statement};

/// How many documents are read at a time. It is written out in the statements: a database that
/// plans once for all values then knows that few rows are joined.
pub const PAGE: usize = 1_000;

/// A place in the order of a site's documents: by the list's time (the original time where
/// there is one, else the first publication), then by id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The list's time.
    pub at: Timestamp,
    /// The document.
    pub document: DocumentId,
}

impl Place {
    /// The place before everything since the year 1, which is all that both databases can hold.
    pub fn first() -> Self {
        const YEAR_1: Timestamp = Timestamp::constant(-62_135_596_800, 0);
        Self::before(YEAR_1)
    }

    /// The place before everything at `at` and later.
    pub fn before(at: Timestamp) -> Self {
        Self { at, document: Uuid::nil().into() }
    }
}

/// A document's place, and when it changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Its place.
    pub place: Place,
    /// The last change that readers were told of.
    pub changed_at: Timestamp,
}

/// A page of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SitePage {
    /// Its place, and when it changed.
    pub stamp: Stamp,
    /// The content shown there.
    pub content: ContentId,
    /// Where on the site.
    pub path: DocumentPath,
}

/// The next documents after `after`, at most [`PAGE`] of them.
///
/// # Errors
/// [`Error::Database`].
pub async fn stamps(
    session: &mut Session,
    _: &Viewer,
    site: SiteId,
    locale: &Locale,
    after: Place,
) -> Result<Vec<Stamp>, Error> {
    let statement = stamps_statement(session, &Range { site, locale, after, until: None });
    let rows = statement.fetch_all::<(Moment, Uuid, Moment)>(session).await?;
    let mut stamps: Vec<Stamp> =
        rows.into_iter().map(|(at, document, changed)| stamp(at, document, changed)).collect();
    // A join may hand a page over in any order.
    stamps.sort_unstable_by_key(|stamp| stamp.place);
    Ok(stamps)
}

pub(super) fn stamps_statement(session: &Session, range: &Range<'_>) -> Statement {
    let mut statement = Statement::new(session.engine());
    statement.push("SELECT page.sort_at, page.document_id, d.major_at FROM (");
    range.push(&mut statement);
    statement.push(" LIMIT 1000) page JOIN document d ON d.id = page.document_id");
    statement
}

/// The place of the document that `skip` others stand before, counted from `after`, and before
/// `until`. The cost grows with `skip`, in the index alone.
///
/// # Errors
/// [`Error::Database`].
pub async fn place_behind(
    session: &mut Session,
    _: &Viewer,
    site: SiteId,
    locale: &Locale,
    after: Place,
    until: Timestamp,
    skip: u32,
) -> Result<Option<Place>, Error> {
    let range = Range { site, locale, after, until: Some(until) };
    let statement = place_statement(session, &range, skip);
    let found = statement.fetch_all::<(Moment, Uuid)>(session).await?.pop();
    Ok(found.map(|(Moment(at), document)| Place { at, document: document.into() }))
}

pub(super) fn place_statement(session: &Session, range: &Range<'_>, skip: u32) -> Statement {
    let mut statement = Statement::new(session.engine());
    range.push(&mut statement);
    statement.push(" LIMIT 1 OFFSET ").bind(i64::from(skip));
    statement
}

/// The next pages after `after` and before `until`, at most [`PAGE`] of them.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn site_pages(
    session: &mut Session,
    _: &Viewer,
    site: SiteId,
    locale: &Locale,
    after: Place,
    until: Timestamp,
) -> Result<Vec<SitePage>, Error> {
    let statement = pages_statement(session, &Range { site, locale, after, until: Some(until) });
    let rows = statement.fetch_all::<(Moment, Uuid, Moment, Uuid, String)>(session).await?;
    let mut pages = rows
        .into_iter()
        .map(|(at, document, changed, content, path)| {
            Ok(SitePage {
                stamp: stamp(at, document, changed),
                content: content.into(),
                path: convert::text("placement.path", &path)?,
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    pages.sort_unstable_by_key(|page| page.stamp.place);
    Ok(pages)
}

pub(super) fn pages_statement(session: &Session, range: &Range<'_>) -> Statement {
    let mut statement = Statement::new(session.engine());
    statement
        .push("SELECT page.sort_at, page.document_id, d.major_at, d.content_id, p.path FROM (");
    range.push(&mut statement);
    statement
        .push(
            " LIMIT 1000) page JOIN document d ON d.id = page.document_id \
             JOIN placement p ON p.document_id = page.document_id AND p.site_id = ",
        )
        .bind(range.site.uuid());
    statement
}

/// The documents of a site in one language, from one place on.
pub(super) struct Range<'a> {
    pub(super) site: SiteId,
    pub(super) locale: &'a Locale,
    pub(super) after: Place,
    pub(super) until: Option<Timestamp>,
}

impl Range<'_> {
    /// Writes the selection of their places, in order, from the index alone.
    fn push(&self, statement: &mut Statement) {
        statement
            .push("SELECT sort_at, document_id FROM listing WHERE scope_id = ")
            .bind(self.site.uuid())
            .push(" AND locale = ")
            .bind(self.locale.as_str())
            .push(" AND (sort_at, document_id) > (")
            .bind(Moment(self.after.at))
            .push(", ")
            .bind(self.after.document.uuid())
            .push(")");
        if let Some(until) = self.until {
            statement.push(" AND sort_at < ").bind(Moment(until));
        }
        statement.push(" ORDER BY sort_at, document_id");
    }
}

/// The pages of `site` that show each of `contents`, by language: translations of each other.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn translated_pages(
    session: &mut Session,
    _: &Viewer,
    site: SiteId,
    contents: &[ContentId],
) -> Result<HashMap<ContentId, Vec<(Locale, DocumentPath)>>, Error> {
    let mut pages: HashMap<ContentId, Vec<(Locale, DocumentPath)>> = HashMap::new();
    if contents.is_empty() {
        return Ok(pages);
    }
    let wanted = contents.iter().map(|content| content.uuid()).collect::<Ids>();
    let mut statement = Statement::new(session.engine());
    statement
        .push("SELECT d.content_id, l.locale, p.path FROM ")
        .rows_of(wanted)
        .push(
            " CROSS JOIN document d CROSS JOIN listing l CROSS JOIN placement p WHERE d.content_id = wanted.id \
             AND l.document_id = d.id AND p.document_id = d.id AND l.scope_id = ",
        )
        .bind(site.uuid())
        .push(" AND p.site_id = ")
        .bind(site.uuid());
    for (content, locale, path) in statement.fetch_all::<(Uuid, String, String)>(session).await? {
        let locale = convert::text("listing.locale", &locale)?;
        let path = convert::text("placement.path", &path)?;
        pages.entry(content.into()).or_default().push((locale, path));
    }
    for pages in pages.values_mut() {
        pages.sort();
    }
    Ok(pages)
}

fn stamp(Moment(at): Moment, document: Uuid, Moment(changed_at): Moment) -> Stamp {
    Stamp { place: Place { at, document: document.into() }, changed_at }
}
