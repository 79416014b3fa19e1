//! Documents by their ids and by the contents they belong to.

use std::collections::HashMap;

use schema::{
    edition::Content,
    ids::{ContentId, DocumentId, SiteId},
    names::Locale,
    viewer::Viewer,
    visibility::Notice,
};
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    item::{Answer, Item, Row, select},
    sight::{Known, Sight, Subject, sights},
};
use crate::{Error, Session, convert, statement::Statement};

/// What stands under each of `ids`: the text or the notice in its place. What the viewer may
/// not know of is left out. `site` chooses the placement that is shown.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn answers(
    session: &mut Session,
    viewer: &Viewer,
    ids: &[DocumentId],
    site: Option<SiteId>,
) -> Result<HashMap<DocumentId, Answer>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = statement(session, ids, site).fetch_all::<Row>(session).await?;
    let sights = sights(session, viewer, &rows).await?;
    rows.into_iter()
        .zip(sights)
        .filter_map(|(row, sight)| Some((row.id(), answer(row, sight).transpose()?)))
        .map(|(id, answer)| Ok((id, answer?)))
        .collect()
}

pub(super) fn statement(session: &Session, ids: &[DocumentId], site: Option<SiteId>) -> Statement {
    let mut statement = Statement::new(session.engine());
    select(&mut statement, site, "", |page| {
        page.push("SELECT wanted.id AS document_id FROM ")
            .rows_of(ids.iter().map(|id| id.uuid()).collect());
    });
    statement
}

/// Those of `ids` whose text may be read. `site` chooses the placement that is shown.
///
/// # Errors
/// As [`answers`].
pub async fn items(
    session: &mut Session,
    viewer: &Viewer,
    ids: &[DocumentId],
    site: Option<SiteId>,
) -> Result<HashMap<DocumentId, Item>, Error> {
    let answers = answers(session, viewer, ids, site).await?;
    Ok(answers.into_iter().filter_map(|(id, answer)| Some((id, answer.into_item()?))).collect())
}

/// What `sight` leaves of a row.
pub(super) fn answer(row: Row, sight: Sight) -> Result<Option<Answer>, Error> {
    Ok(match sight {
        Sight::Text => Some(Answer::Shown(Box::new(row.into_item()?))),
        Sight::Notice => Some(Answer::Closed(Box::new(row.into_closed()?))),
        Sight::Nothing => None,
    })
}

/// The documents of `contents` in every language, recalled ones with them.
pub(super) async fn of_contents(
    session: &mut Session,
    contents: &[ContentId],
    site: Option<SiteId>,
) -> Result<Vec<Row>, Error> {
    if contents.is_empty() {
        return Ok(Vec::new());
    }
    of_contents_statement(session, contents, site).fetch_all::<Row>(session).await
}

pub(super) fn of_contents_statement(
    session: &Session,
    contents: &[ContentId],
    site: Option<SiteId>,
) -> Statement {
    let mut statement = Statement::new(session.engine());
    select(&mut statement, site, "", |page| {
        page.push("SELECT c.id AS document_id FROM ")
            .rows_of(contents.iter().map(|id| id.uuid()).collect())
            .push(" CROSS JOIN document c WHERE c.content_id = wanted.id");
    });
    statement
}

/// What links to `contents` lead to: the live document in `locale`, else the live one in the
/// main language of the content, whose own locale then says so. Contents of which neither is
/// live are left out, whoever asks: a link never says that something is not public.
///
/// # Errors
/// As [`answers`].
pub async fn items_of_contents(
    session: &mut Session,
    _: &Viewer,
    contents: &[ContentId],
    locale: &Locale,
    site: Option<SiteId>,
) -> Result<HashMap<ContentId, Item>, Error> {
    let mut chosen: HashMap<ContentId, Row> = HashMap::new();
    for row in of_contents(session, contents, site).await? {
        let fits = row.locale() == locale.as_str();
        let is_shown = row.is_live() && row.has_text();
        if is_shown && (fits || row.is_main_locale() && !chosen.contains_key(&row.content())) {
            chosen.insert(row.content(), row);
        }
    }
    chosen.into_iter().map(|(content, row)| Ok((content, row.into_item()?))).collect()
}

/// The live documents of each of `contents`, the main language first, then by language.
///
/// # Errors
/// As [`answers`].
pub async fn translations(
    session: &mut Session,
    _: &Viewer,
    contents: &[ContentId],
    site: Option<SiteId>,
) -> Result<HashMap<ContentId, Vec<Item>>, Error> {
    let mut translations: HashMap<ContentId, Vec<Item>> = HashMap::new();
    for row in of_contents(session, contents, site).await? {
        if row.is_live() && row.has_text() {
            translations.entry(row.content()).or_default().push(row.into_item()?);
        }
    }
    for items in translations.values_mut() {
        items.sort_by(|a, b| (!a.main_locale, &a.locale).cmp(&(!b.main_locale, &b.locale)));
    }
    Ok(translations)
}

row! {
    struct Whole {
        id: Uuid,
        authority_id: Uuid,
        visibility: String,
        notice: Option<Json<Notice>>,
        body: String,
    }
}

/// The whole texts of those of `ids` whose text may be read.
///
/// # Errors
/// As [`answers`].
pub async fn contents(
    session: &mut Session,
    viewer: &Viewer,
    ids: &[DocumentId],
) -> Result<HashMap<DocumentId, Content>, Error> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let texts = whole(session, ids)
        .fetch_all::<Whole>(session)
        .await?
        .into_iter()
        .map(|row| {
            Ok(Known {
                id: row.id.into(),
                authority: row.authority_id.into(),
                visibility: convert::visibility(&row.visibility)?,
                notice: row.notice.map(|Json(notice)| notice),
                read: row.body,
            })
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let sights = sights(session, viewer, &texts).await?;
    texts
        .into_iter()
        .zip(sights)
        .filter(|(_, sight)| *sight == Sight::Text)
        .map(|(text, _)| {
            let content = Content::from_canonical(&text.read)
                .map_err(|error| Error::corrupt("content", error))?;
            Ok((text.id, content))
        })
        .collect()
}

pub(super) fn whole(session: &Session, ids: &[DocumentId]) -> Statement {
    let mut statement = Statement::new(session.engine());
    statement
        .push("SELECT d.id, d.authority_id, d.visibility, d.notice, c.body FROM ")
        .rows_of(ids.iter().map(|id| id.uuid()).collect())
        .push(
            " CROSS JOIN document d CROSS JOIN edition e CROSS JOIN content c \
             WHERE d.id = wanted.id AND e.id = d.live_edition_id AND c.digest = e.content_digest",
        );
    statement
}
