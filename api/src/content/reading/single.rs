//! Reading one document by what names it: its live text or the notice in its place, or what was
//! public of it at some moment.

use std::sync::Arc;

use jiff::Timestamp;
use schema::{
    ids::{ContentId, DocumentId, SiteId},
    names::{DocumentPath, Locale},
};
use store::{
    documents, log,
    log::StoredEvent,
    past,
    reading::{self, Answer, AtPath, Change, Closed, ItemPlacement},
};

use super::{
    Facts, Reader,
    shelf::{Key, Value},
};
use crate::content::{cache::parts::Part, refusal::Fault};

/// What names one document, and the site it is looked at from.
#[derive(Clone, Debug)]
pub(crate) enum Wanted {
    Id(DocumentId, Option<SiteId>),
    Path(SiteId, DocumentPath),
    /// Without a language, the main one.
    Content(ContentId, Option<Locale>, Option<SiteId>),
}

impl Wanted {
    pub(crate) fn site(&self) -> Option<SiteId> {
        match self {
            Self::Id(_, site) | Self::Content(_, _, site) => *site,
            Self::Path(site, _) => Some(*site),
        }
    }
}

/// What stands where one looked.
pub(crate) enum At {
    Here(Arc<Facts>),
    Moved(Arc<Facts>),
    Closed(Box<Closed>),
}

impl Reader {
    /// What stands, or stood, at a path.
    pub(crate) async fn at_path(
        &mut self,
        site: SiteId,
        path: &DocumentPath,
    ) -> Result<Option<At>, Fault> {
        let key = self.site(site);
        self.note(key.as_ref().map_or(Part::Everything, |site| Part::Path(&site.key, path)));
        if self.is_at_hand() {
            return self.at_path_at_hand(site, path).await;
        }
        let (session, viewer) = self.noted().await?;
        let found = reading::at_path(session, viewer, site, path).await?;
        Ok(match found {
            Some(AtPath::Here(item)) => {
                let id = item.id;
                self.note(Part::Document(id));
                let facts = self.facts(*item);
                self.shelve(Key::Here(id, site), || Value::Item(facts.clone()));
                facts.map(At::Here)
            }
            Some(AtPath::Moved(item)) => {
                self.note(Part::Document(item.id));
                self.facts(*item).map(At::Moved)
            }
            Some(AtPath::Closed(closed)) => {
                self.note(Part::Document(closed.id));
                Some(At::Closed(closed))
            }
            None => None,
        })
    }

    /// The text that stands at a path, where it is at hand.
    async fn at_path_at_hand(
        &mut self,
        site: SiteId,
        path: &DocumentPath,
    ) -> Result<Option<At>, Fault> {
        let found = reading::find_at_path(self.finding().await?, site, path).await?;
        let Some(id) = self.found(found)? else { return Err(Fault::NotAtHand) };
        self.note(Part::Document(id));
        match self.shelved(&Key::Here(id, site)) {
            Some(Value::Item(facts)) => Ok(facts.map(At::Here)),
            _ => Err(Fault::NotAtHand),
        }
    }

    /// What stands under an id.
    pub(crate) async fn at_id(&mut self, id: DocumentId) -> Result<Option<At>, Fault> {
        self.note(Part::Document(id));
        let (session, viewer) = self.noted().await?;
        let found = reading::answers(session, viewer, &[id], None).await?.remove(&id);
        Ok(found.and_then(|answer| self.at(answer)))
    }

    /// What stands under a content id, in a language or the main one.
    pub(crate) async fn at_content(
        &mut self,
        content: ContentId,
        locale: &Option<Locale>,
    ) -> Result<Option<At>, Fault> {
        self.note(Part::Content(content));
        let (session, viewer) = self.noted().await?;
        let found = match locale {
            Some(locale) => reading::at_content(session, viewer, content, locale, None).await?,
            None => reading::at_content(session, viewer, content, &no_language(), None).await?,
        };
        Ok(found.and_then(|answer| self.at(answer)))
    }

    fn at(&self, answer: Answer) -> Option<At> {
        match answer {
            Answer::Shown(item) => self.facts(*item).map(At::Here),
            Answer::Closed(closed) => Some(At::Closed(closed)),
        }
    }

    /// What was public of a document at `moment`, if the viewer may read it today.
    pub(crate) async fn as_of(
        &mut self,
        id: DocumentId,
        moment: Timestamp,
        placement: Option<ItemPlacement>,
    ) -> Result<Option<Arc<Facts>>, Fault> {
        self.note(Part::Document(id));
        let (session, viewer) = self.noted().await?;
        let Some(document) = documents::document(session, viewer, id).await? else {
            return Ok(None);
        };
        let Some(reading) = past::as_of(session, viewer, &document, moment).await? else {
            return Ok(None);
        };
        self.read_histories([id]).await?;
        let line = self.history(id).iter().find(|line| Some(line.number) == reading.number);
        let published_at = line.map(|line| line.published_at);
        Ok(self.facts_of_reading(document, reading, published_at, placement))
    }

    fn facts_of_reading(
        &self,
        document: documents::Document,
        reading: past::Reading,
        published_at: Option<Timestamp>,
        placement: Option<ItemPlacement>,
    ) -> Option<Arc<Facts>> {
        let content_type = self.model.types.get(&document.r#type)?;
        let graphql = Arc::clone(self.model.graphql.get(&document.r#type)?);
        let facts =
            Facts::of_reading(document, reading, published_at, placement, content_type, graphql);
        Some(Arc::new(facts))
    }

    /// Events of the log after number `after`.
    pub(crate) async fn changes(&mut self, after: u64, limit: u32) -> Result<Vec<Change>, Fault> {
        let (session, viewer) = self.session().await?;
        Ok(reading::changes(session, viewer, after, limit).await?)
    }

    /// What may be known of these events.
    pub(crate) async fn told(&mut self, events: Vec<StoredEvent>) -> Result<Vec<Change>, Fault> {
        let (session, viewer) = self.session().await?;
        Ok(reading::told(session, viewer, events).await?)
    }

    /// The number of the newest event.
    pub(crate) async fn read_head(&mut self) -> Result<(), Fault> {
        if self.head.is_none() {
            let (session, _) = self.session().await?;
            let head = log::head(session).await?;
            self.head = Some(head.sequence);
        }
        Ok(())
    }
}

/// A language nothing is written in, so that the main one is taken.
fn no_language() -> Locale {
    match "zxx".parse() {
        Ok(locale) => locale,
        Err(error) => unreachable!("zxx is a language tag: {error}"),
    }
}
