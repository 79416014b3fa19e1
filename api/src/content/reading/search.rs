//! Searching: a page of hits with its documents, and the texts in which they are shown.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use schema::{
    ids::{DocumentId, SiteId},
    search::{Highlighter, Synonyms},
};
use store::search::{self, Hit, SearchQuery};

use super::{Reader, Shown, reader::missing};
use crate::content::refusal::{Fault, Refusal};

/// What all searches share.
#[derive(Debug)]
pub(crate) struct Searching {
    /// Words that mean the same.
    pub(crate) synonyms: Synonyms,
    /// Every live document has been seen to have its place in the index.
    is_complete: AtomicBool,
}

impl Searching {
    pub(crate) fn new(synonyms: Synonyms) -> Self {
        Self { synonyms, is_complete: AtomicBool::new(false) }
    }
}

/// A page of hits.
#[derive(Debug)]
pub(crate) struct SearchPage {
    /// The question it answers.
    pub(crate) query: SearchQuery,
    pub(crate) hits: Vec<(Hit, Shown)>,
    /// How many there are, of those that were looked at.
    pub(crate) total: u64,
    /// Whether there may be more, older ones.
    pub(crate) is_limited: bool,
    pub(crate) has_next: bool,
    /// Marks what answers.
    pub(crate) highlighter: Highlighter,
    /// The question without its page.
    pub(super) key: Box<str>,
}

/// What was read for searches.
#[derive(Debug, Default)]
pub(super) struct Searched {
    plain_texts: HashMap<DocumentId, Option<Arc<str>>>,
}

impl Reader {
    /// A page of hits and their documents, looked at from `on`: two statements.
    pub(crate) async fn search(
        &mut self,
        query: SearchQuery,
        on: Option<SiteId>,
    ) -> Result<SearchPage, Fault> {
        self.check_complete().await?;
        self.note_list(query.scope, query.r#type.as_ref());
        let (session, viewer) = self.noted().await?;
        let found = search::find(session, viewer, &query).await?;
        self.read_items(found.hits.iter().map(|hit| hit.document).collect::<Vec<_>>()).await?;
        let shown = |hit: Hit| Some((hit, Shown { facts: self.item(hit.document)?, on }));
        Ok(SearchPage {
            hits: found.hits.into_iter().filter_map(shown).collect(),
            total: found.total,
            is_limited: found.is_limited,
            has_next: found.has_more,
            highlighter: Highlighter::new(&query.question),
            key: format!("{:?}", SearchQuery { after: None, limit: 0, ..query.clone() }).into(),
            query,
        })
    }

    /// Refuses to search while documents wait for their place in the index: whoever finds
    /// nothing must be able to rely on it.
    pub(super) async fn check_complete(&mut self) -> Result<(), Fault> {
        let model = Arc::clone(&self.model);
        if model.searching.is_complete.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (session, _) = self.noted().await?;
        if !search::is_complete(session).await? {
            return Err(Refusal::new(
                "NOT_INDEXED",
                "全文检索的索引正在建立，请稍后再搜索",
                "the search index is still being built: search later",
            )
            .into());
        }
        model.searching.is_complete.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// The main texts of documents without their markup.
    pub(crate) async fn read_plain_texts(
        &mut self,
        documents: impl IntoIterator<Item = DocumentId>,
    ) -> Result<(), Fault> {
        let ids = missing(&self.searched.plain_texts, documents);
        if ids.is_empty() {
            return Ok(());
        }
        self.note_documents(ids.iter().copied());
        let (session, viewer) = self.noted().await?;
        let mut found = search::plain_texts(session, viewer, &ids).await?;
        for id in ids {
            let text = found.remove(&id).map(Into::into);
            self.searched.plain_texts.insert(id, text);
        }
        Ok(())
    }

    /// The main text of a document without its markup, once read.
    pub(crate) fn plain_text(&self, id: DocumentId) -> Option<Arc<str>> {
        self.searched.plain_texts.get(&id)?.clone()
    }
}
