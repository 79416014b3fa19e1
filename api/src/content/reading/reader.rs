//! The session of one request and what was read through it.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_graphql::Value;
use schema::{
    content_type::TypeRegistry,
    digest::Digest,
    edition::Content,
    ids::{AuthorityId, ColumnId, ContentId, DocumentId, SiteId},
    names::{FieldName, Locale, TypeName},
    tree::{Authority, Column, Site},
    viewer::Viewer,
};
use store::{
    Session, Store, log,
    reading::{HistoryLine, Item, ItemPlacement, ListScope},
    types,
};
use tokio::sync::Mutex;

use super::{
    Connection, Facts, PageKey, Searching, Thing, facets::Counts, past::Remembered,
    search::Searched,
};
use crate::content::{
    cache::parts::{MadeOf, Part, Place},
    refusal::{Fault, Refusal},
};

/// What is the same for all requests.
#[derive(Debug)]
pub(crate) struct Model {
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

/// The reader of one request, as its fields share it.
#[derive(Clone)]
pub(crate) struct Asking(pub(crate) Arc<Mutex<Reader>>);

/// What one request reads through, and what it has read.
pub(crate) struct Reader {
    pub(crate) model: Arc<Model>,
    pub(crate) viewer: Viewer,
    /// A field of the root was asked for.
    pub(crate) began: bool,
    store: Store,
    session: Option<Session>,
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
    pub(super) facets: Counts,
    /// Number of the newest event of the log, once read.
    pub(crate) head: Option<u64>,
    /// Places in lists of the root for which there is nothing, by the name of the list in the
    /// answer: the engine knows no null among things of several types.
    missing: Vec<(String, Vec<usize>)>,
    /// What the answer is made of, where it may be kept.
    made_of: Option<MadeOf>,
}

impl Reader {
    /// Notes for which of `places` in the list `key` of the answer there is nothing.
    pub(crate) fn note_missing(&mut self, key: &str, places: &[Option<Thing>]) {
        let empty = places.iter().enumerate().filter(|(_, place)| place.is_none());
        self.missing.push((key.to_owned(), empty.map(|(index, _)| index).collect()));
    }

    /// Puts null where there is nothing.
    pub(crate) fn put_nulls(&self, data: &mut Value) {
        let Value::Object(data) = data else { return };
        for (key, places) in &self.missing {
            let Some(Value::List(list)) = data.get_mut(key.as_str()) else { continue };
            for place in places {
                if let Some(value) = list.get_mut(*place) {
                    *value = Value::Null;
                }
            }
        }
    }

    pub(crate) fn new(model: Arc<Model>, store: Store, viewer: Viewer) -> Self {
        Self {
            model,
            viewer,
            began: false,
            missing: Vec::new(),
            store,
            session: None,
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
            facets: Counts::default(),
            head: None,
            made_of: None,
        }
    }

    /// The same, noting what the answer is made of.
    pub(crate) fn noting(self) -> Self {
        Self { made_of: Some(MadeOf::default()), ..self }
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
        self.session.as_ref().map_or(0, Session::statements)
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
        let session = match self.session.take() {
            Some(session) => session,
            None => {
                let mut session = self.store.snapshot().await?;
                if let Some(made_of) = &mut self.made_of {
                    made_of.sequence = Some(log::head(&mut session).await?.sequence);
                }
                session
            }
        };
        Ok((self.session.insert(session), &self.viewer))
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
