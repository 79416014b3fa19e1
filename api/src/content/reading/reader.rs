//! The session of one request and what was read through it.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use jiff::Timestamp;
use schema::{
    content_type::TypeRegistry,
    digest::Digest,
    edition::Content,
    ids::{AuthorityId, ColumnId, ContentId, DocumentId, SiteId},
    names::{FieldName, Locale, TypeName},
    parameters::Clock,
    tree::{Authority, Column, Site},
    viewer::Viewer,
};
use store::{
    Session, Store, log,
    reading::{At, HistoryLine, Item, ItemPlacement, ListScope},
    types,
};

use super::{
    Connection, Facts, PageKey, Searching, facets::Counts, notices::Noticed, past::Remembered,
    preview::Previewed, search::Searched,
};
use crate::content::{
    cache::parts::{MadeOf, Part, Place},
    refusal::{Fault, Refusal},
};

/// What is the same for all requests.
pub(crate) struct Model {
    /// What tells the time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Content types in force.
    pub(crate) types: Arc<TypeRegistry>,
    /// Name of the GraphQL type of each.
    pub(crate) graphql: HashMap<TypeName, Arc<str>>,
    /// Address of the hub as front ends reach it, without a slash at the end; empty makes
    /// addresses of files relative.
    pub(crate) public_url: Box<str>,
    /// Every filterable field has been seen to have its index rows.
    pub(crate) is_indexed: AtomicBool,
    /// What all searches share.
    pub(crate) searching: Searching,
    /// What documents say, where it is kept at hand.
    pub(crate) shelf: Option<super::Shelf>,
}

impl Model {
    /// The address of a file of the hub.
    pub(crate) fn asset(&self, digest: &Digest, name: &str) -> String {
        format!("{}/assets/{}/{}", self.public_url, digest.hex(), url_path(name))
    }
}

fn url_path(name: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(name, KEPT).to_string()
}

/// What one request reads through, and what it has read.
pub(crate) struct Reader {
    pub(crate) model: Arc<Model>,
    pub(crate) viewer: Viewer,
    store: Store,
    session: Option<Session>,
    /// The position of the log that everything is read at, once that is known.
    position: Option<u64>,
    /// Only what is at hand is read, and found in the database which documents that is.
    is_at_hand: bool,
    /// Statements that were sent in vain.
    in_vain: u64,
    pub(super) items: HashMap<DocumentId, Option<Arc<Facts>>>,
    pub(super) linked: HashMap<(ContentId, Locale), Option<Arc<Facts>>>,
    pub(super) texts: HashMap<DocumentId, Option<Arc<Content>>>,
    pub(super) linking: HashMap<(TypeName, FieldName, Locale, u32, ContentId), Vec<DocumentId>>,
    pub(super) translations: HashMap<ContentId, Vec<Arc<Facts>>>,
    pub(super) placements: HashMap<DocumentId, Vec<Arc<ItemPlacement>>>,
    pub(super) columns_of: HashMap<DocumentId, Vec<(SiteId, ColumnId)>>,
    pub(super) histories: HashMap<DocumentId, Vec<Arc<HistoryLine>>>,
    pub(super) authorities: HashMap<AuthorityId, Option<Arc<Authority>>>,
    pub(super) sites: HashMap<SiteId, Option<Arc<Site>>>,
    pub(super) columns: HashMap<ColumnId, Option<Arc<Column>>>,
    pub(super) trees: HashMap<SiteId, Vec<Arc<Column>>>,
    pub(super) pages: HashMap<PageKey, Arc<Connection>>,
    pub(super) counts: HashMap<PageKey, u64>,
    pub(super) searched: Searched,
    pub(super) remembered: Remembered,
    pub(super) previewed: Previewed,
    pub(super) facets: Counts,
    pub(super) noticed: Noticed,
    /// Number of the newest event of the log, once read.
    pub(crate) head: Option<u64>,
    /// What the answer is made of, where it may be kept.
    made_of: Option<MadeOf>,
    is_to_be_kept: bool,
}

impl Reader {
    pub(crate) fn new(model: Arc<Model>, store: Store, viewer: Viewer) -> Self {
        Self {
            model,
            viewer,
            store,
            session: None,
            position: None,
            is_at_hand: false,
            in_vain: 0,
            items: HashMap::new(),
            linked: HashMap::new(),
            texts: HashMap::new(),
            linking: HashMap::new(),
            translations: HashMap::new(),
            placements: HashMap::new(),
            columns_of: HashMap::new(),
            histories: HashMap::new(),
            authorities: HashMap::new(),
            sites: HashMap::new(),
            columns: HashMap::new(),
            trees: HashMap::new(),
            pages: HashMap::new(),
            counts: HashMap::new(),
            searched: Searched::default(),
            remembered: Remembered::default(),
            previewed: Previewed::default(),
            facets: Counts::default(),
            noticed: Noticed::default(),
            head: None,
            made_of: None,
            is_to_be_kept: false,
        }
    }

    /// The same, noting what the answer is made of; where it is to be kept, also at which
    /// position of the log.
    pub(crate) fn noting(self, is_to_be_kept: bool) -> Self {
        Self { made_of: Some(MadeOf::default()), is_to_be_kept, ..self }
    }

    /// What the answer is made of, if that was noted.
    pub(crate) fn made_of(&mut self) -> Option<MadeOf> {
        self.made_of.take()
    }

    /// Notes that the answer is made of `part`.
    pub(crate) fn note(&mut self, part: Part<'_>) {
        if let Some(made_of) = &mut self.made_of {
            made_of.note(part);
        }
    }

    /// Notes that the answer is another one from `moment` on, though nothing happens then.
    pub(super) fn note_end(&mut self, moment: Timestamp) {
        if let Some(made_of) = &mut self.made_of {
            made_of.ends(moment);
        }
    }

    /// Notes that the answer is made of `documents`.
    pub(super) fn note_documents(&mut self, documents: impl IntoIterator<Item = DocumentId>) {
        if let Some(made_of) = &mut self.made_of {
            documents.into_iter().for_each(|id| made_of.note(Part::Document(id)));
        }
    }

    /// Notes that the answer is made of a list. The columns and sites that lists are asked of
    /// were read before; of one that was not, anything may change.
    pub(super) fn note_list(&mut self, scope: ListScope, of: Option<&TypeName>) {
        let Some(made_of) = &mut self.made_of else { return };
        let site = |id: SiteId| self.sites.get(&id).and_then(Option::as_ref);
        let place = match scope {
            ListScope::Hub => Some(Place::Hub),
            ListScope::Site(id) => site(id).map(|site| Place::Site(&site.key)),
            ListScope::Column(id) => self
                .columns
                .get(&id)
                .and_then(Option::as_ref)
                .and_then(|column| Some(Place::Column(&site(column.site)?.key, &column.path))),
        };
        made_of.note(place.map_or(Part::Everything, |place| Part::List(place, of)));
    }

    /// How many statements were sent so far.
    pub(crate) fn statements(&self) -> u64 {
        self.in_vain + self.session.as_ref().map_or(0, Session::statements)
    }

    /// The session and the viewer. It is a snapshot: brief and whole text of one document, read
    /// one after the other, are of the same edition. What is read through it may depend on
    /// anything; who notes the parts it depends on reads through [`noted`](Self::noted).
    pub(super) async fn session(&mut self) -> Result<(&mut Session, &Viewer), Fault> {
        self.note(Part::Everything);
        self.noted().await
    }

    /// The same for what depends on parts that are noted, and on the house, which is part of
    /// every answer.
    pub(super) async fn noted(&mut self) -> Result<(&mut Session, &Viewer), Fault> {
        if self.is_at_hand {
            return Err(Fault::NotAtHand);
        }
        let session = match self.session.take() {
            Some(session) => session,
            None => {
                let mut session = self.store.snapshot().await?;
                if self.is_to_be_kept || self.has_shelf() {
                    let head = log::head(&mut session).await?.sequence;
                    // Who is told of it is given nothing older afterwards.
                    self.store.log_was_seen_at(head);
                    self.set_position(head);
                }
                session
            }
        };
        Ok((self.session.insert(session), &self.viewer))
    }

    /// A session to find documents with, where everything else is at hand; what is found must be
    /// so [at](Self::is_at) the position of the reader.
    pub(super) async fn finding(&mut self) -> Result<&mut Session, Fault> {
        let session = match self.session.take() {
            Some(session) => session,
            None => self.store.reader().await?,
        };
        Ok(self.session.insert(session))
    }

    /// What was found, if that is so where everything else was read.
    pub(super) fn found<Found>(&self, at: At<Found>) -> Result<Found, Fault> {
        match self.position == Some(at.position) {
            true => Ok(at.found),
            false => Err(Fault::NotAtHand),
        }
    }

    /// Whether only what is at hand is read.
    pub(super) const fn is_at_hand(&self) -> bool {
        self.is_at_hand
    }

    /// The position of the log that everything is read at, once that is known.
    pub(super) const fn position(&self) -> Option<u64> {
        self.position
    }

    fn set_position(&mut self, position: u64) {
        self.position = Some(position);
        if let Some(made_of) = &mut self.made_of {
            made_of.sequence = Some(position);
        }
    }

    /// A new reader for the same, of what is at hand at `position`.
    pub(super) fn of_what_is_at_hand(&self, position: u64) -> Self {
        let mut reader =
            Self::new(Arc::clone(&self.model), self.store.clone(), self.viewer.clone());
        reader.made_of = self.made_of.is_some().then(MadeOf::default);
        reader.is_at_hand = true;
        reader.set_position(position);
        reader
    }

    /// Counts the statements of a reader that did not come to the end.
    pub(crate) fn add_in_vain(&mut self, other: &Self) {
        self.in_vain += other.statements();
    }

    /// What an item says, if its type is in force.
    pub(super) fn facts(&self, item: Item) -> Option<Arc<Facts>> {
        let graphql = Arc::clone(self.model.graphql.get(&item.r#type)?);
        Some(Arc::new(Facts::of_item(item, graphql)))
    }

    /// Refuses a field of a type whose index rows are still being written.
    pub(crate) async fn check_indexed(
        &mut self,
        fields: &[(TypeName, FieldName)],
    ) -> Result<(), Fault> {
        let model = Arc::clone(&self.model);
        if fields.is_empty() || model.is_indexed.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (session, _) = self.noted().await?;
        let waiting = types::unindexed(session).await?;
        if waiting.is_empty() {
            model.is_indexed.store(true, Ordering::Relaxed);
            return Ok(());
        }
        let waits = |(of_type, field): &&(TypeName, FieldName)| {
            waiting.get(of_type.as_str()).is_some_and(|fields| fields.contains(field))
        };
        match fields.iter().find(waits) {
            None => Ok(()),
            Some((_, field)) => Err(Refusal::new(
                "NOT_INDEXED",
                format!("字段 {field} 的索引正在建立，请稍后再按它筛选或排序"),
                format!("the index of {field} is still being built: filter and order by it later"),
            )
            .into()),
        }
    }
}

/// Those of `keys` that `known` lacks, each once.
pub(super) fn missing<K: Copy + Eq + std::hash::Hash, V>(
    known: &HashMap<K, V>,
    keys: impl IntoIterator<Item = K>,
) -> Vec<K> {
    let mut missing = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for key in keys {
        if !known.contains_key(&key) && seen.insert(key) {
            missing.push(key);
        }
    }
    missing
}

/// The digest in an `asset:` address of a rich text.
pub(crate) fn asset_digest(address: &str) -> Option<Digest> {
    address.strip_prefix("asset:")?.parse().ok()
}
