//! Pages of lists. A list of its own is one statement; the first pages of many columns or sites
//! are one statement together.

use std::{collections::HashSet, sync::Arc};

use jiff::Timestamp;
use schema::{
    ids::{ColumnId, SiteId},
    names::{Locale, TypeName},
};
use store::reading::{self, Cursor, FoundPage, ListQuery, ListScope};
use uuid::Uuid;

use super::{
    Facts, Reader, Shown,
    shelf::{Key, Value},
};
use crate::content::refusal::{Fault, Refusal};

/// A page of a list, as its connection shows it.
#[derive(Debug)]
pub(crate) struct Connection {
    /// The question it answers.
    pub(crate) page: PageOf,
    pub(crate) nodes: Vec<Shown>,
    pub(crate) cursors: Vec<Cursor>,
    pub(crate) has_next: bool,
    pub(crate) has_previous: bool,
}

/// What makes a page the page it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PageKey {
    /// The column, site or hub.
    pub(crate) scope: ListScope,
    /// The question, spelled out.
    pub(crate) question: Arc<str>,
}

/// A question for a page.
#[derive(Clone, Debug)]
pub(crate) struct PageOf {
    /// The question, its scope included.
    pub(crate) query: ListQuery,
    /// The site its documents are looked at from.
    pub(crate) on: Option<SiteId>,
    /// Names of the connection and its edges.
    pub(crate) graphql: (Arc<str>, Arc<str>),
    /// Types of which the answer may change wherever on the hub one of them changes.
    pub(crate) beside: Vec<Option<TypeName>>,
    /// The moment whose texts are shown; `None` shows the live ones.
    pub(crate) as_of: Option<Timestamp>,
}

impl PageOf {
    pub(crate) fn key(&self) -> PageKey {
        let question = ListQuery { scope: ListScope::Hub, ..self.query.clone() };
        PageKey { scope: self.query.scope, question: format!("{question:?}").into() }
    }

    /// Type, locale and limit of a question for nothing but the newest documents in a
    /// language: the kind that many places can be asked together.
    fn newest(&self) -> Option<(Option<&TypeName>, &Locale, u32)> {
        let ListQuery { r#type, locale, limit, .. } = &self.query;
        let plain = ListQuery {
            r#type: r#type.clone(),
            locale: locale.clone(),
            limit: *limit,
            ..ListQuery::newest(self.query.scope)
        };
        (plain == self.query).then_some((r#type.as_ref(), locale.as_ref()?, *limit))
    }

    fn scope_id(&self) -> Uuid {
        match self.query.scope {
            ListScope::Hub => Uuid::nil(),
            ListScope::Site(site) => SiteId::uuid(site),
            ListScope::Column(column) => ColumnId::uuid(column),
        }
    }
}

impl Reader {
    /// Reads pages. Several differ in nothing but their place and language.
    pub(crate) async fn read_pages(&mut self, pages: &[PageOf]) -> Result<(), Fault> {
        let wanted = unknown(pages, |key| self.pages.contains_key(key));
        match wanted.as_slice() {
            [] => Ok(()),
            [page] => self.read_page(page).await,
            _ => {
                for group in by_language(&wanted) {
                    self.read_first_pages(&group).await?;
                }
                Ok(())
            }
        }
    }

    /// Notes that the answer is made of a list.
    pub(super) fn note_page(&mut self, page: &PageOf) {
        self.note_list(page.query.scope, page.query.r#type.as_ref());
        for of in &page.beside {
            self.note_list(ListScope::Hub, of.as_ref());
        }
    }

    async fn read_page(&mut self, page: &PageOf) -> Result<(), Fault> {
        let query = &page.query;
        if page.as_of.is_some() {
            self.refuse_past()?;
        }
        self.note_page(page);
        let Listed { facts, cursors: places, has_more } = match self.is_at_hand() {
            true => self.list_at_hand(page).await?,
            false => self.list(query).await?,
        };
        let (mut nodes, mut cursors) = (Vec::new(), Vec::new());
        let facts = match page.as_of {
            Some(at) => self.as_they_were(facts, at).await?,
            None => self.drafted_all(facts).await?,
        };
        for (facts, cursor) in facts.into_iter().zip(places) {
            if let Some(facts) = facts {
                nodes.push(Shown { facts, on: page.on });
                cursors.push(cursor);
            }
        }
        let connection = Connection {
            page: page.clone(),
            has_next: if query.from_end { query.before.is_some() } else { has_more },
            has_previous: if query.from_end { has_more } else { query.after.is_some() },
            nodes,
            cursors,
        };
        self.pages.insert(page.key(), Arc::new(connection));
        Ok(())
    }

    /// A page of a list, with what its documents say.
    async fn list(&mut self, query: &ListQuery) -> Result<Listed, Fault> {
        let (session, viewer) = self.noted().await?;
        let found = reading::list(session, viewer, query).await?;
        self.note_documents(found.items.iter().map(|item| item.id));
        let site = site_of(query.scope);
        let mut facts = Vec::with_capacity(found.items.len());
        for item in found.items {
            let key = Key::Item(item.id, site);
            let one = self.facts(item);
            self.shelve(key, || Value::Item(one.clone()));
            facts.push(one);
        }
        Ok(Listed { facts, cursors: found.cursors, has_more: found.has_more })
    }

    /// The same of documents that are at hand.
    async fn list_at_hand(&mut self, page: &PageOf) -> Result<Listed, Fault> {
        if page.as_of.is_some() {
            return Err(Fault::NotAtHand);
        }
        let found = reading::find_page(self.finding().await?, &page.query).await?;
        let FoundPage { documents, cursors, has_more } = self.found(found)?;
        self.note_documents(documents.iter().copied());
        let site = site_of(page.query.scope);
        let mut facts = Vec::with_capacity(documents.len());
        for document in documents {
            match self.shelved(&Key::Item(document, site)) {
                Some(Value::Item(one)) => facts.push(one),
                _ => return Err(Fault::NotAtHand),
            }
        }
        Ok(Listed { facts, cursors, has_more })
    }

    async fn read_first_pages(&mut self, pages: &[&PageOf]) -> Result<(), Fault> {
        let Some((r#type, locale, limit)) = pages.first().and_then(|page| page.newest()) else {
            return Err(in_a_list().into());
        };
        let scopes: Vec<Uuid> = pages.iter().map(|page| page.scope_id()).collect();
        pages.iter().for_each(|page| self.note_list(page.query.scope, r#type));
        let (session, _) = self.noted().await?;
        let found =
            reading::first_pages(session, &scopes, r#type, locale, limit.saturating_add(1)).await?;
        let documents: Vec<_> = found.values().flatten().map(|(document, _)| *document).collect();
        self.read_items(documents.iter().copied()).await?;
        self.read_drafts(documents).await?;
        for page in pages {
            let listed = found.get(&page.scope_id()).map_or(&[][..], Vec::as_slice);
            let (mut nodes, mut cursors) = (Vec::new(), Vec::new());
            for (document, sort_at) in listed.iter().take(limit as usize) {
                if let Some(facts) = self.shown_item(*document) {
                    nodes.push(Shown { facts, on: page.on });
                    cursors.push(Cursor::of_listed(*sort_at, *document));
                }
            }
            let connection = Connection {
                page: (*page).clone(),
                has_next: listed.len() > limit as usize,
                has_previous: false,
                nodes,
                cursors,
            };
            self.pages.insert(page.key(), Arc::new(connection));
        }
        Ok(())
    }

    /// A page, once read.
    pub(crate) fn page(&self, key: &PageKey) -> Option<Arc<Connection>> {
        self.pages.get(key).cloned()
    }

    /// Counts whole lists. Several differ in nothing but their place and language.
    pub(crate) async fn read_counts(&mut self, pages: &[PageOf]) -> Result<(), Fault> {
        let wanted = unknown(pages, |key| self.counts.contains_key(key));
        wanted.iter().for_each(|page| self.note_page(page));
        if let [page] = wanted.as_slice() {
            let (session, viewer) = self.noted().await?;
            let count = reading::count(session, viewer, &page.query).await?;
            self.counts.insert(page.key(), count);
            return Ok(());
        }
        for group in by_language(&wanted) {
            let Some((r#type, locale, _)) = group.first().and_then(|page| page.newest()) else {
                return Err(in_a_list().into());
            };
            let scopes: Vec<Uuid> = group.iter().map(|page| page.scope_id()).collect();
            let (session, _) = self.noted().await?;
            let found = reading::counts(session, &scopes, r#type, locale).await?;
            for page in group {
                let count = found.get(&page.scope_id()).copied().unwrap_or_default();
                self.counts.insert(page.key(), count);
            }
        }
        Ok(())
    }

    /// How long a list is, once counted.
    pub(crate) fn count(&self, key: &PageKey) -> Option<u64> {
        self.counts.get(key).copied()
    }
}

/// A page of a list as it was read.
struct Listed {
    facts: Vec<Option<Arc<Facts>>>,
    cursors: Vec<Cursor>,
    has_more: bool,
}

/// The site whose placements a list shows; `None` shows documents at home.
const fn site_of(scope: ListScope) -> Option<SiteId> {
    match scope {
        ListScope::Site(site) => Some(site),
        ListScope::Hub | ListScope::Column(_) => None,
    }
}

/// The pages whose key is not known, each once.
fn unknown(pages: &[PageOf], is_known: impl Fn(&PageKey) -> bool) -> Vec<&PageOf> {
    let mut seen = HashSet::new();
    let mut is_new = |page: &&PageOf| {
        let key = page.key();
        !is_known(&key) && seen.insert(key)
    };
    pages.iter().filter(&mut is_new).collect()
}

/// Pages in groups of one language: sites differ in it.
fn by_language<'page>(pages: &[&'page PageOf]) -> Vec<Vec<&'page PageOf>> {
    let mut groups: Vec<Vec<&PageOf>> = Vec::new();
    for page in pages {
        match groups.iter_mut().find(|group| group[0].query.locale == page.query.locale) {
            Some(group) => group.push(page),
            None => groups.push(vec![page]),
        }
    }
    groups
}

fn in_a_list() -> Refusal {
    Refusal::new(
        "NOT_IN_A_LIST",
        "同时查询多个栏目或站点的列表时，只能取各自最新的若干条（first、type、locale）；需要筛选、排序或翻页时请逐个查询",
        "of several columns or sites at once only the newest are listed (first, type, locale): to filter, order \
         or page, ask for one of them by itself",
    )
}
