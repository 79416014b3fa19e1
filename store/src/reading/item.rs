//! What lists, links and addresses show of one document, and the one selection that reads it.

use jiff::Timestamp;
use schema::{
    digest::Digest,
    edition::Card,
    ids::{AuthorityId, ContentId, DocumentId, EditionId, SiteId},
    message::Bilingual,
    names::{DocumentPath, Locale, TypeName},
    visibility::{Notice, Visibility, at_placement},
};
use serde::Deserialize;
use sqlx::{FromRow, Row as _, postgres::PgRow, sqlite::SqliteRow, types::Json};
use uuid::Uuid;

use super::sight::Subject;
use crate::{Error, convert, dialect, moment::Moment, statement::Statement};

/// What lists and links show of a document whose text may be read: small, without its long
/// fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its id on this hub.
    pub id: DocumentId,
    /// Its name across locales and sites.
    pub content: ContentId,
    /// Its language.
    pub locale: Locale,
    /// Whether this is the language that owns the facts shared by all.
    pub main_locale: bool,
    /// Who owns it.
    pub authority: AuthorityId,
    /// Its type.
    pub r#type: TypeName,
    /// Live; or withdrawn, with its text shown to the viewer who asked.
    pub visibility: Visibility,
    /// What the public is told while it is withdrawn.
    pub notice: Option<Notice>,
    /// Number of the edition.
    pub edition: u32,
    /// The edition.
    pub edition_id: EditionId,
    /// Digest over content and place.
    pub digest: Digest,
    /// Digest of the content.
    pub content_digest: Digest,
    /// First publication on this hub.
    pub first_published_at: Timestamp,
    /// Publication of this edition.
    pub published_at: Timestamp,
    /// Publication of the last edition that readers were told of.
    pub major_at: Timestamp,
    /// First publication elsewhere, before this hub: a claim.
    pub originally_published_at: Option<Timestamp>,
    /// Translations: number of the main edition that this text follows.
    pub live_follows: Option<u32>,
    /// Its summary, or the start of its text where nobody wrote one.
    pub summary: String,
    /// Length of its main text in characters.
    pub characters: u64,
    /// Its short fields and its links.
    pub card: Card,
    /// What its last publication said had changed.
    pub change_note: Option<Bilingual>,
    /// Where it stands: on the site asked for, if it is shown there; else its home.
    pub placement: Option<ItemPlacement>,
}

/// Where a document stands on one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemPlacement {
    /// The site.
    pub site: SiteId,
    /// The path there.
    pub path: DocumentPath,
    /// Last publication on this site.
    pub published_at: Timestamp,
    /// What the public sees there: the document's own state where the document is not live.
    pub visibility: Visibility,
    /// What the public is told there.
    pub notice: Option<Notice>,
}

/// A document that was published and whose text may not be read: what is said in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closed {
    /// Its id on this hub.
    pub id: DocumentId,
    /// Its name across locales and sites.
    pub content: ContentId,
    /// Its language.
    pub locale: Locale,
    /// Who owns it.
    pub authority: AuthorityId,
    /// Its type.
    pub r#type: TypeName,
    /// Why it cannot be read: withdrawn, gone, redirect, vanished, recalled or erased. The public
    /// never gets what vanished or was recalled silently.
    pub visibility: Visibility,
    /// What the public is told, and where it is led.
    pub notice: Option<Notice>,
    /// Number of the edition that the public saw last.
    pub edition: u32,
    /// First publication on this hub.
    pub first_published_at: Timestamp,
    /// Where it stood: on the site asked for, else its home where that is known.
    pub placement: Option<ItemPlacement>,
}

/// What stands at an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A text.
    Shown(Box<Item>),
    /// A notice in place of the text.
    Closed(Box<Closed>),
}

impl Answer {
    /// The text, if it is one.
    pub fn into_item(self) -> Option<Item> {
        match self {
            Self::Shown(item) => Some(*item),
            Self::Closed(_) => None,
        }
    }
}

row! {
    struct Columns {
        id: Uuid,
        content_id: Uuid,
        locale: String,
        main_locale: bool,
        authority_id: Uuid,
        type_name: String,
        visibility: String,
        notice: Option<Json<Notice>>,
        last_edition_number: i64,
        first_published_at: Option<Moment>,
        published_at: Option<Moment>,
        major_at: Option<Moment>,
        originally_published_at: Option<Moment>,
        live_follows: Option<i64>,
        edition_id: Option<Uuid>,
        content_digest: Option<Vec<u8>>,
        digest: Option<Vec<u8>>,
        place: Option<String>,
        characters: Option<i64>,
        summary: Option<String>,
        card: Option<String>,
    }
}

/// Writes the statement that reads the documents of `page`, a selection of `document_id` and
/// whatever `extra` names. `page` is read first and each document found by its key, whatever
/// the planner would like better.
pub(super) fn select(
    statement: &mut Statement,
    site: Option<SiteId>,
    extra: &'static str,
    page: impl FnOnce(&mut Statement),
) {
    statement.push("WITH page AS (");
    page(statement);
    let home = dialect::home_site(statement.engine());
    statement
        .push(
            ") SELECT d.id, d.content_id, d.locale, d.main_locale, d.authority_id, d.type AS type_name, d.visibility, \
             d.notice, d.last_edition_number, d.first_published_at, d.published_at, d.major_at, \
             d.originally_published_at, d.live_follows, e.id AS edition_id, e.content_digest, e.digest, e.place, \
             v.characters, v.summary, v.card, \
             h.site_id AS home_site_id, h.path AS home_path, h.published_at AS home_published_at, \
             h.visibility AS home_visibility, h.notice AS home_notice, \
             p.site_id AS site_site_id, p.path AS site_path, p.published_at AS site_published_at, \
             p.visibility AS site_visibility, p.notice AS site_notice",
        )
        .push(extra)
        .push(
            " FROM page CROSS JOIN document d LEFT JOIN edition e ON e.id = d.live_edition_id \
             LEFT JOIN derived v ON v.content_digest = e.content_digest LEFT JOIN site hs ON hs.key = ",
        )
        .push(home)
        .push(
            " LEFT JOIN placement h ON h.document_id = d.id AND h.site_id = hs.id \
             LEFT JOIN placement p ON p.document_id = d.id AND p.site_id = ",
        )
        .bind(site.map_or(Uuid::nil(), SiteId::uuid))
        .push(" WHERE d.id = page.document_id");
}

/// One document as [`select`] reads it.
pub(super) struct Row {
    columns: Columns,
    visibility: Visibility,
    home: Option<Placed>,
    site: Option<Placed>,
    /// Whether what the public sees on the site asked for is what counts.
    at_site: bool,
}

struct Placed {
    site: Uuid,
    path: String,
    published_at: Moment,
    visibility: Visibility,
    notice: Option<Notice>,
}

macro_rules! placed {
    ($row:expr, $prefix:literal) => {{
        let site: Option<Uuid> = $row.try_get(concat!($prefix, "_site_id"))?;
        match site {
            None => None,
            Some(site) => Some(Placed {
                site,
                path: $row.try_get(concat!($prefix, "_path"))?,
                published_at: $row.try_get(concat!($prefix, "_published_at"))?,
                visibility: visibility_of($row.try_get(concat!($prefix, "_visibility"))?)?,
                notice: $row
                    .try_get::<Option<Json<Notice>>, _>(concat!($prefix, "_notice"))?
                    .map(|Json(notice)| notice),
            }),
        }
    }};
}

macro_rules! read_row {
    ($($database_row:ty),+) => {$(
        impl FromRow<'_, $database_row> for Row {
            fn from_row(row: &$database_row) -> sqlx::Result<Self> {
                let columns = Columns::from_row(row)?;
                Ok(Self {
                    visibility: visibility_of(&columns.visibility)?,
                    columns,
                    home: placed!(row, "home"),
                    site: placed!(row, "site"),
                    at_site: false,
                })
            }
        }
    )+};
}

read_row!(SqliteRow, PgRow);

fn visibility_of(word: &str) -> sqlx::Result<Visibility> {
    Visibility::parse(word).ok_or_else(|| sqlx::Error::ColumnDecode {
        index: "visibility".into(),
        source: format!("{word:?} is no visibility").into(),
    })
}

impl Subject for Row {
    fn id(&self) -> DocumentId {
        self.columns.id.into()
    }

    fn authority(&self) -> AuthorityId {
        self.columns.authority_id.into()
    }

    fn visibility(&self) -> Visibility {
        match &self.site {
            Some(placed) if self.at_site => at_placement(self.visibility, placed.visibility),
            _ => self.visibility,
        }
    }

    fn notice(&self) -> Option<&Notice> {
        match &self.site {
            Some(placed) if self.at_site && self.visibility == Visibility::Live => {
                placed.notice.as_ref()
            }
            _ => self.columns.notice.as_ref().map(|Json(notice)| notice),
        }
    }

    fn has_text(&self) -> bool {
        self.columns.content_digest.is_some()
    }
}

impl Row {
    /// The same, seen at the site asked for: what is not shown there is closed.
    pub(super) fn at_site(mut self) -> Self {
        self.at_site = true;
        self
    }

    pub(super) fn content(&self) -> ContentId {
        self.columns.content_id.into()
    }

    pub(super) fn locale(&self) -> &str {
        &self.columns.locale
    }

    pub(super) fn is_main_locale(&self) -> bool {
        self.columns.main_locale
    }

    pub(super) fn is_live(&self) -> bool {
        self.visibility == Visibility::Live
    }

    pub(super) fn is_terminal(&self) -> bool {
        self.visibility.is_terminal()
    }

    /// Whether it is shown, or stood, on the site asked for.
    pub(super) fn is_on_site(&self) -> bool {
        self.site.is_some()
    }

    fn placement(&mut self) -> Result<Option<ItemPlacement>, Error> {
        let shown = |placed: &Placed| placed.visibility == Visibility::Live;
        let on_site = self.site.take().filter(|placed| self.at_site || shown(placed));
        let Some(placed) = on_site.or_else(|| self.home.take()) else { return Ok(None) };
        let is_live = self.visibility == Visibility::Live;
        Ok(Some(ItemPlacement {
            site: placed.site.into(),
            path: convert::text("placement.path", &placed.path)?,
            published_at: placed.published_at.0,
            visibility: at_placement(self.visibility, placed.visibility),
            notice: match is_live {
                true => placed.notice,
                false => self.columns.notice.as_ref().map(|Json(notice)| notice.clone()),
            },
        }))
    }

    /// The notice that stands in place of the text.
    pub(super) fn into_closed(mut self) -> Result<Closed, Error> {
        let (visibility, notice) = (self.visibility(), self.notice().cloned());
        let placement = self.placement()?;
        let row = self.columns;
        Ok(Closed {
            id: row.id.into(),
            content: row.content_id.into(),
            locale: convert::text("document.locale", &row.locale)?,
            authority: row.authority_id.into(),
            r#type: convert::text("document.type", &row.type_name)?,
            visibility,
            notice,
            edition: convert::number("document.last_edition_number", row.last_edition_number)?,
            first_published_at: required(row.first_published_at, "document.first_published_at")?.0,
            placement,
        })
    }

    /// The text in brief.
    pub(super) fn into_item(mut self) -> Result<Item, Error> {
        let placement = self.placement()?;
        let row = self.columns;
        let follows =
            row.live_follows.map(|number| convert::number("document.live_follows", number));
        Ok(Item {
            id: row.id.into(),
            content: row.content_id.into(),
            locale: convert::text("document.locale", &row.locale)?,
            main_locale: row.main_locale,
            authority: row.authority_id.into(),
            r#type: convert::text("document.type", &row.type_name)?,
            visibility: self.visibility,
            notice: row.notice.map(|Json(notice)| notice),
            edition: convert::number("document.last_edition_number", row.last_edition_number)?,
            edition_id: required(row.edition_id, "document.live_edition_id")?.into(),
            digest: digest(row.digest.as_deref(), "edition.digest")?,
            content_digest: digest(row.content_digest.as_deref(), "edition.content_digest")?,
            first_published_at: required(row.first_published_at, "document.first_published_at")?.0,
            published_at: required(row.published_at, "document.published_at")?.0,
            major_at: required(row.major_at, "document.major_at")?.0,
            originally_published_at: row.originally_published_at.map(|Moment(at)| at),
            live_follows: follows.transpose()?,
            summary: required(row.summary, "derived.summary")?,
            characters: u64::try_from(required(row.characters, "derived.characters")?)
                .map_err(|error| Error::corrupt("derived.characters", error))?,
            card: json(required(row.card, "derived.card")?, "derived.card")?,
            change_note: json::<Note>(required(row.place, "edition.place")?, "edition.place")?
                .change_note,
            placement,
        })
    }
}

/// The one thing that items take from the place of an edition.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Note {
    #[serde(default)]
    change_note: Option<Bilingual>,
}

fn required<T>(value: Option<T>, what: &'static str) -> Result<T, Error> {
    value.ok_or_else(|| Error::corrupt(what, "it is missing"))
}

fn digest(bytes: Option<&[u8]>, what: &'static str) -> Result<Digest, Error> {
    convert::digest(what, required(bytes, what)?)
}

#[expect(clippy::needless_pass_by_value, reason = "the row gives its text away")]
fn json<T: for<'text> Deserialize<'text>>(text: String, what: &'static str) -> Result<T, Error> {
    serde_json::from_str(&text).map_err(|error| Error::corrupt(what, error))
}
