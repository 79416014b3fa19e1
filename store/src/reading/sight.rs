//! What a viewer sees of a published document: the one decision behind every reading function.

use std::collections::HashMap;

use schema::{
    ids::{AuthorityId, ContentId, DocumentId, SiteId},
    permission::Touched,
    viewer::Viewer,
    visibility::{Notice, Visibility, text_is_readable},
};
use uuid::Uuid;

use crate::{Error, Session, dialect::Ids, limits, statement::Statement};

/// What a viewer sees of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// Its text.
    Text,
    /// What is said in place of the text.
    Notice,
    /// Not even that it is there.
    Nothing,
}

/// What the decision looks at.
pub(super) trait Subject {
    fn id(&self) -> DocumentId;
    fn authority(&self) -> AuthorityId;
    /// What the public sees, here: at a placement, what it sees there.
    fn visibility(&self) -> Visibility;
    fn notice(&self) -> Option<&Notice>;
    /// Whether there is a live edition with its text.
    fn has_text(&self) -> bool;
}

/// A document with a live edition, and what was read of it.
pub(super) struct Known<T> {
    pub(super) id: DocumentId,
    pub(super) authority: AuthorityId,
    pub(super) visibility: Visibility,
    pub(super) notice: Option<Notice>,
    /// What was read.
    pub(super) read: T,
}

impl<T> Subject for Known<T> {
    fn id(&self) -> DocumentId {
        self.id
    }

    fn authority(&self) -> AuthorityId {
        self.authority
    }

    fn visibility(&self) -> Visibility {
        self.visibility
    }

    fn notice(&self) -> Option<&Notice> {
        self.notice.as_ref()
    }

    fn has_text(&self) -> bool {
        true
    }
}

/// What the public sees.
pub(super) fn public_sight(visibility: Visibility, notice: Option<&Notice>) -> Sight {
    let silent = notice.is_some_and(|notice| notice.silent);
    match visibility {
        _ if text_is_readable(visibility, notice) => Sight::Text,
        Visibility::Unpublished | Visibility::Vanished => Sight::Nothing,
        Visibility::Recalled | Visibility::Erased if silent => Sight::Nothing,
        _ => Sight::Notice,
    }
}

/// What `viewer` sees of each of `subjects`, in their order. Those who may read the past see the
/// text under every notice, and that something was there where the public is told nothing.
pub(super) async fn sights(
    session: &mut Session,
    viewer: &Viewer,
    subjects: &[impl Subject],
) -> Result<Vec<Sight>, Error> {
    let mut sights: Vec<Sight> = subjects.iter().map(of_the_public).collect();
    if viewer.is_anonymous() || !sights.iter().any(|sight| *sight != Sight::Text) {
        return Ok(sights);
    }
    let closed = subjects.iter().zip(&sights).filter(|(_, sight)| **sight != Sight::Text);
    let ids: Vec<DocumentId> = closed.map(|(subject, _)| subject.id()).collect();
    let mut sites = own_sites(session, &ids).await?;
    for (subject, sight) in subjects.iter().zip(&mut sights) {
        if *sight == Sight::Text || subject.visibility() == Visibility::Unpublished {
            continue;
        }
        let touched = Touched {
            authority: Some(subject.authority()),
            sites: sites.remove(&subject.id()).unwrap_or_default(),
            ..Touched::default()
        };
        if viewer.sees_past(&touched) {
            *sight = if subject.has_text() { Sight::Text } else { Sight::Notice };
        }
    }
    Ok(sights)
}

/// What the decision on a draft looks at.
pub(super) struct Drafted {
    pub(super) id: DocumentId,
    pub(super) content: ContentId,
    pub(super) authority: AuthorityId,
    pub(super) visibility: Visibility,
}

/// Whether `viewer` sees each of these drafts, in their order, as
/// [`past::draft`](crate::past::draft) says of one. What was recalled has none for anybody.
pub(super) async fn sees_drafts(
    session: &mut Session,
    viewer: &Viewer,
    drafts: &[Drafted],
) -> Result<Vec<bool>, Error> {
    let ids: Vec<DocumentId> = drafts.iter().map(|draft| draft.id).collect();
    let mut sites = match ids.is_empty() {
        true => HashMap::new(),
        false => own_sites(session, &ids).await?,
    };
    let mut limits = limits::of_documents(session, &ids).await?;
    let sees = |draft: &Drafted| {
        let touched = Touched {
            authority: Some(draft.authority),
            sites: sites.remove(&draft.id).unwrap_or_default(),
            limit: limits.remove(&draft.id).map(Box::new),
        };
        !draft.visibility.is_terminal() && viewer.sees_drafts_of(draft.content, &touched)
    };
    Ok(drafts.iter().map(sees).collect())
}

fn of_the_public(subject: &impl Subject) -> Sight {
    match public_sight(subject.visibility(), subject.notice()) {
        Sight::Text if !subject.has_text() => Sight::Notice,
        sight => sight,
    }
}

/// The sites that a right to read the past would have to cover, as
/// [`documents::touched`](crate::documents::touched) finds them for one document.
pub(crate) async fn own_sites(
    session: &mut Session,
    documents: &[DocumentId],
) -> Result<HashMap<DocumentId, Vec<SiteId>>, Error> {
    let ids = || documents.iter().map(|document| document.uuid()).collect::<Ids>();
    let mut statement = Statement::new(session.engine());
    statement
        .push("SELECT document_id, site_id FROM placement WHERE own AND document_id ")
        .is_one_of(ids())
        .push(" UNION SELECT document_id, site_id FROM route WHERE state = 'reserved' AND document_id ")
        .is_one_of(ids());
    let mut sites: HashMap<DocumentId, Vec<SiteId>> = HashMap::new();
    for (document, site) in statement.fetch_all::<(Uuid, Uuid)>(session).await? {
        sites.entry(document.into()).or_default().push(site.into());
    }
    Ok(sites)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_reads_what_is_live_or_withdrawn_with_its_text() {
        let with_text = Notice { shows_text: true, ..Notice::default() };
        for state in Visibility::ALL {
            let reads = |notice| public_sight(state, notice) == Sight::Text;
            assert_eq!(reads(None), state == Visibility::Live, "{state:?}");
            let shown = matches!(state, Visibility::Live | Visibility::Withdrawn);
            assert_eq!(reads(Some(&with_text)), shown, "{state:?}");
        }
    }

    #[test]
    fn silence_leaves_nothing_to_see() {
        let silent = Notice { silent: true, ..Notice::default() };
        assert_eq!(public_sight(Visibility::Vanished, None), Sight::Nothing);
        assert_eq!(public_sight(Visibility::Unpublished, None), Sight::Nothing);
        for state in [Visibility::Recalled, Visibility::Erased] {
            assert_eq!(public_sight(state, Some(&silent)), Sight::Nothing);
            assert_eq!(public_sight(state, None), Sight::Notice);
        }
        assert_eq!(public_sight(Visibility::Gone, None), Sight::Notice);
    }
}
