//! Limited drafts: to whom the drafts of a content are limited, for the one decision on it
//! ([`schema::limit`]), and which documents a list has to leave out.
//!
//! A limit belongs to the content, so that a translation is no way around it.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use schema::{
    ids::{ActorId, AuthorityId, ContentId, DocumentId},
    limit::DraftLimit,
    permission::{Action, Role, Touched, may},
    viewer::Viewer,
};
use uuid::Uuid;

use crate::{
    Error, Session, UnitOfWork, dialect::Ids, documents, moment::Moment, reading::own_sites,
    reviews::Awaits, statement::Statement,
};

/// Who is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Persons.
    pub persons: BTreeSet<ActorId>,
    /// Authorities, with whoever is granted something within them.
    pub authorities: BTreeSet<AuthorityId>,
}

/// A limit as it was set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Set {
    /// To whom.
    pub names: Names,
    /// Those who wrote the text, who are admitted besides.
    pub authors: BTreeSet<ActorId>,
    /// When it was set, or changed last.
    pub set_at: Timestamp,
    /// By whom.
    pub set_by: ActorId,
}

const PERSON: &str = "person";
const AUTHOR: &str = "author";
const AUTHORITY: &str = "authority";

/// The limit of `content` as it was set, whoever may know of it.
///
/// # Errors
/// [`Error::Database`].
pub async fn of_content(session: &mut Session, content: ContentId) -> Result<Option<Set>, Error> {
    let found = fetch_optional!(
        session,
        (Moment, Uuid),
        "SELECT set_at, set_by FROM draft_limit WHERE content_id = $1",
        content.uuid(),
    )?;
    let Some((set_at, set_by)) = found else { return Ok(None) };
    let mut set = Set {
        names: Names::default(),
        authors: BTreeSet::new(),
        set_at: set_at.0,
        set_by: set_by.into(),
    };
    let rows = fetch_all!(
        session,
        (String, Uuid),
        "SELECT kind, named_id FROM draft_limit_name WHERE content_id = $1",
        content.uuid(),
    )?;
    for (kind, named) in rows {
        match kind.as_str() {
            PERSON => set.names.persons.insert(named.into()),
            AUTHOR => set.authors.insert(named.into()),
            AUTHORITY => set.names.authorities.insert(named.into()),
            other => return Err(Error::corrupt("draft_limit_name.kind", other)),
        };
    }
    Ok(Some(set))
}

/// Contents with limited drafts after `after`, in the order of their ids.
///
/// # Errors
/// [`Error::Database`].
pub async fn contents_after(
    session: &mut Session,
    after: Option<ContentId>,
) -> Result<Vec<ContentId>, Error> {
    let rows = fetch_all!(
        session,
        (Uuid,),
        "SELECT content_id FROM draft_limit WHERE content_id > $1 ORDER BY content_id",
        after.map_or(Uuid::nil(), ContentId::uuid),
    )?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}

/// What decides on the drafts of those of `documents` that are limited.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`].
pub(crate) async fn of_documents(
    session: &mut Session,
    documents: &[DocumentId],
) -> Result<HashMap<DocumentId, DraftLimit>, Error> {
    let mut limits: HashMap<DocumentId, DraftLimit> = HashMap::new();
    if documents.is_empty() {
        return Ok(limits);
    }
    let ids = || documents.iter().map(|document| document.uuid()).collect::<Ids>();
    let mut statement = Statement::new(session.engine());
    statement
        .push(
            "SELECT d.id, n.kind, n.named_id, s.id FROM document d \
             JOIN draft_limit m ON m.content_id = d.content_id \
             LEFT JOIN draft_limit_name n ON n.content_id = m.content_id \
             LEFT JOIN site s ON n.kind = 'authority' AND s.authority_id = n.named_id WHERE d.id ",
        )
        .is_one_of(ids());
    type Row = (Uuid, Option<String>, Option<Uuid>, Option<Uuid>);
    for (document, kind, named, site) in statement.fetch_all::<Row>(session).await? {
        let limit = limits.entry(document.into()).or_default();
        match (kind.as_deref(), named) {
            (Some(PERSON | AUTHOR), Some(named)) => {
                limit.persons.insert(named.into());
            }
            (Some(AUTHORITY), Some(named)) => {
                limit.authorities.insert(named.into());
                limit.sites.extend(site.map(schema::ids::SiteId::from));
            }
            // Nobody is named: it is limited to whom it lies before.
            _ => {}
        }
    }
    if limits.is_empty() {
        return Ok(limits);
    }
    let limited = limits.keys().map(|document| document.uuid()).collect::<Ids>();
    let mut statement = Statement::new(session.engine());
    statement
        .push(
            "SELECT r.document_id, r.awaits, r.awaits_secrecy FROM review r \
             JOIN document d ON d.id = r.document_id AND d.draft_edition_id = r.edition_id \
             WHERE r.closed_at IS NULL AND r.state = 'submitted' AND r.document_id ",
        )
        .is_one_of(limited);
    for (document, awaits, secrecy) in
        statement.fetch_all::<(Uuid, Option<String>, bool)>(session).await?
    {
        let Some(limit) = limits.get_mut(&document.into()) else { continue };
        limit.before.extend(match awaits.as_deref().map(Awaits::parse).transpose()? {
            Some(Awaits::Step(role)) => Some(role),
            Some(Awaits::Publication) => Some(Role::Approver),
            None => None,
        });
        limit.before.extend(secrecy.then_some(Role::SecrecyReviewer));
    }
    Ok(limits)
}

/// The same of one.
pub(crate) async fn of_document(
    session: &mut Session,
    document: DocumentId,
) -> Result<Option<Box<DraftLimit>>, Error> {
    Ok(of_documents(session, &[document]).await?.remove(&document).map(Box::new))
}

/// The documents with limited drafts that `viewer`, for being limited alone, does not see; as a
/// statement takes them, a list of JSON. Decided by [`may`], as of one document.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`].
pub(crate) async fn hidden_from(session: &mut Session, viewer: &Viewer) -> Result<String, Error> {
    let Viewer::Known(actor) = viewer else { return Ok("[]".into()) };
    let rows = fetch_all!(
        session,
        (Uuid, Uuid),
        "SELECT d.id, d.authority_id FROM draft_limit m JOIN document d ON d.content_id = m.content_id \
         WHERE d.draft_edition_id IS NOT NULL",
    )?;
    if rows.is_empty() {
        return Ok("[]".into());
    }
    let ids: Vec<DocumentId> = rows.iter().map(|(id, _)| (*id).into()).collect();
    let mut limits = of_documents(session, &ids).await?;
    let mut sites = own_sites(session, &ids).await?;
    let mut hidden = Vec::new();
    for (id, authority) in rows {
        let touched = Touched {
            authority: Some(authority.into()),
            sites: sites.remove(&id.into()).unwrap_or_default(),
            limit: limits.remove(&id.into()).map(Box::new),
        };
        if !may(actor, Action::ReadDrafts, &touched) {
            hidden.push(id.to_string());
        }
    }
    Ok(serde_json::json!(hidden).to_string())
}

/// Limits the drafts of `content` to `names`, in the place of whom they were limited to. Whoever
/// wrote its drafts stays admitted.
///
/// # Errors
/// [`Error::Database`].
pub async fn set(work: &mut UnitOfWork, content: ContentId, names: &Names) -> Result<(), Error> {
    let (now, actor) = (Moment(work.now()), work.actor().id);
    execute!(
        work.session(),
        "INSERT INTO draft_limit (content_id, set_at, set_by) VALUES ($1, $2, $3) \
         ON CONFLICT (content_id) DO UPDATE SET set_at = excluded.set_at, set_by = excluded.set_by",
        content.uuid(),
        now,
        actor.uuid(),
    )?;
    execute!(
        work.session(),
        "DELETE FROM draft_limit_name WHERE content_id = $1 AND kind <> 'author'",
        content.uuid(),
    )?;
    for person in &names.persons {
        name(work, content, PERSON, person.uuid()).await?;
    }
    for authority in &names.authorities {
        name(work, content, AUTHORITY, authority.uuid()).await?;
    }
    for document in documents::lock_content(work, content).await? {
        for author in crate::reviews::cases::authors(work, &document).await? {
            name(work, content, AUTHOR, author.uuid()).await?;
        }
    }
    Ok(())
}

/// Notes that the actor of `work` wrote a draft of `content`, where that is limited.
///
/// # Errors
/// [`Error::Database`].
pub async fn written(work: &mut UnitOfWork, content: ContentId) -> Result<(), Error> {
    let actor = work.actor().id;
    execute!(
        work.session(),
        "INSERT INTO draft_limit_name (content_id, kind, named_id) \
         SELECT content_id, 'author', $2 FROM draft_limit WHERE content_id = $1 ON CONFLICT DO NOTHING",
        content.uuid(),
        actor.uuid(),
    )?;
    Ok(())
}

/// Lifts the limit of `content`; `false` where there was none.
///
/// # Errors
/// [`Error::Database`].
pub async fn lift(work: &mut UnitOfWork, content: ContentId) -> Result<bool, Error> {
    let names = "DELETE FROM draft_limit_name WHERE content_id = $1";
    execute!(work.session(), names, content.uuid())?;
    let sql = "DELETE FROM draft_limit WHERE content_id = $1";
    Ok(execute!(work.session(), sql, content.uuid())? > 0)
}

async fn name(
    work: &mut UnitOfWork,
    content: ContentId,
    kind: &str,
    named: Uuid,
) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO draft_limit_name (content_id, kind, named_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        content.uuid(),
        kind,
        named,
    )?;
    Ok(())
}
