//! Previews: drafts in the place of what the public reads, where the viewer asked for that.
//!
//! Lists, searches, counts and the log stay those of the public: what stands in them is asked for
//! as ever, and only then is the text of a document replaced by its draft. A request that is no
//! preview gets nothing from here and pays nothing for it.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use editorial::previews::FileTickets;
use schema::{
    digest::Digest,
    ids::{ContentId, DocumentId},
    names::{FieldName, Locale, TypeName},
    viewer::Viewer,
};
use store::{
    reading::{self, Draft, ItemPlacement},
    routes,
};

use super::{At, Drafted, Facts, Reader, Wanted, reader::missing};
use crate::{
    content::refusal::{Fault, Refusal},
    trail::Witness,
};

/// What comes of drafts that a request reads.
#[derive(Clone, Debug, Default)]
pub(crate) struct OfDrafts {
    /// In a preview: what lets a browser fetch their files.
    pub(crate) tickets: Option<FileTickets>,
    /// Who tells the audit of it.
    pub(crate) witness: Option<Witness>,
}

/// What was read for a preview.
#[derive(Default)]
pub(super) struct Previewed {
    of_drafts: OfDrafts,
    drafts: HashMap<DocumentId, Option<Arc<Facts>>>,
    /// Where documents with a draft are live.
    homes: HashMap<DocumentId, ItemPlacement>,
    /// The files of the drafts that were read.
    files: HashSet<Digest>,
}

impl Reader {
    /// The same, with what comes of drafts that are read.
    pub(crate) fn of_drafts(mut self, of_drafts: OfDrafts) -> Self {
        self.previewed.of_drafts = of_drafts;
        self
    }

    /// Whether drafts are shown in the place of what the public reads.
    pub(crate) fn is_preview(&self) -> bool {
        self.viewer.preview().is_some()
    }

    /// Refuses to mix drafts with what was public once.
    ///
    /// # Errors
    /// A refusal in every preview.
    pub(crate) fn refuse_past(&self) -> Result<(), Refusal> {
        if !self.is_preview() {
            return Ok(());
        }
        Err(Refusal::new(
            "PREVIEW_HAS_NO_PAST",
            "预览时不能使用 asOf：预览看的是尚未公开的文本，asOf 看的是曾经公开的文本",
            "asOf cannot be asked for in a preview: one shows what is not public yet, the other what was",
        ))
    }

    /// The address of a file. That of a draft carries what lets a browser fetch it.
    pub(crate) fn asset(&self, file: &Digest, name: &str) -> String {
        let address = self.model.asset(file, name);
        match &self.previewed.of_drafts.tickets {
            Some(tickets) if self.previewed.files.contains(file) => {
                format!("{address}?preview={}", tickets.ticket(file))
            }
            _ => address,
        }
    }

    /// Reads the drafts of documents, where this is a preview.
    pub(crate) async fn read_drafts(
        &mut self,
        documents: impl IntoIterator<Item = DocumentId>,
    ) -> Result<(), Fault> {
        if !self.is_preview() {
            return Ok(());
        }
        let ids = missing(&self.previewed.drafts, documents);
        if ids.is_empty() {
            return Ok(());
        }
        let (session, viewer) = self.session().await?;
        let mut found = reading::drafts(session, viewer, &ids).await?;
        for id in ids {
            match found.remove(&id) {
                Some(draft) => {
                    self.take(draft).await?;
                }
                None => {
                    self.previewed.drafts.insert(id, None);
                }
            }
        }
        Ok(())
    }

    /// The draft that stands in the place of a document, once read.
    fn drafted(&self, id: DocumentId) -> Option<Arc<Facts>> {
        self.previewed.drafts.get(&id).filter(|_| self.is_preview())?.clone()
    }

    /// A document that was read by its id: the draft in its place, where there is one.
    pub(crate) fn shown_item(&self, id: DocumentId) -> Option<Arc<Facts>> {
        self.drafted(id).or_else(|| self.item(id))
    }

    /// Where a document is live, at home.
    pub(crate) fn public_home<'read>(
        &'read self,
        facts: &'read Facts,
    ) -> Option<&'read ItemPlacement> {
        match facts.draft {
            Some(_) => self.previewed.homes.get(&facts.id),
            None => facts.placement.as_ref(),
        }
    }

    /// Each of `documents`, or the draft in its place.
    pub(super) async fn drafted_all(
        &mut self,
        documents: Vec<Option<Arc<Facts>>>,
    ) -> Result<Vec<Option<Arc<Facts>>>, Fault> {
        let ids: Vec<_> = documents.iter().flatten().map(|facts| facts.id).collect();
        self.read_drafts(ids).await?;
        let shown = |facts: Arc<Facts>| self.drafted(facts.id).unwrap_or(facts);
        Ok(documents.into_iter().map(|facts| facts.map(shown)).collect())
    }

    /// Puts drafts in the place of what links to `contents` lead to.
    pub(super) async fn draft_linked(
        &mut self,
        contents: &[ContentId],
        locale: &Locale,
    ) -> Result<(), Fault> {
        for draft in self.drafts_of(contents).await? {
            let key = (draft.content, locale.clone());
            let public = self.linked.get(&key).and_then(Option::as_ref);
            let fits_better = public.is_none_or(|public| public.locale != *locale);
            if draft.locale == *locale || (draft.main_locale && fits_better) {
                self.linked.insert(key, Some(draft));
            }
        }
        Ok(())
    }

    /// Puts drafts among the languages of `contents`.
    pub(super) async fn draft_translations(&mut self, contents: &[ContentId]) -> Result<(), Fault> {
        for draft in self.drafts_of(contents).await? {
            let all = self.translations.entry(draft.content).or_default();
            match all.iter_mut().find(|facts| facts.id == draft.id) {
                Some(live) => {
                    if let Some(home) = live.placement.clone() {
                        self.previewed.homes.insert(live.id, home);
                    }
                    *live = draft;
                }
                None => all.push(draft),
            }
            all.sort_by(|a, b| (!a.main_locale, &a.locale).cmp(&(!b.main_locale, &b.locale)));
        }
        Ok(())
    }

    /// What links to each of `contents` by `field`, drafts among it: those that do not link any
    /// more are left out, and those that are new come first.
    pub(super) async fn draft_linking(
        &mut self,
        found: &mut HashMap<ContentId, Vec<DocumentId>>,
        contents: &[ContentId],
        link: (&TypeName, &FieldName),
        locale: &Locale,
        limit: u32,
    ) -> Result<(), Fault> {
        if !self.is_preview() {
            return Ok(());
        }
        let (r#type, field) = link;
        self.read_drafts(found.values().flatten().copied().collect::<Vec<_>>()).await?;
        let targets: BTreeSet<ContentId> = contents.iter().copied().collect();
        let (session, viewer) = self.session().await?;
        let drafts = reading::drafts_linking(session, viewer, &targets, r#type, field).await?;
        let mut linking = Vec::new();
        for draft in drafts {
            linking.extend(self.take(draft).await?);
        }
        for content in contents {
            let links =
                |facts: &Facts| facts.card.links.get(field).is_some_and(|to| to.contains(content));
            let mut listed = found.remove(content).unwrap_or_default();
            listed.retain(|id| self.drafted(*id).is_none_or(|draft| links(&draft)));
            let is_in_language = |of: ContentId| {
                let mut known = listed.iter().filter_map(|id| self.shown_item(*id));
                known.any(|facts| facts.content == of && facts.locale == *locale)
                    || linking.iter().any(|facts| facts.content == of && facts.locale == *locale)
            };
            let new = linking.iter().filter(|draft| {
                let fits = draft.locale == *locale
                    || (draft.main_locale && !is_in_language(draft.content));
                fits && links(draft) && !listed.contains(&draft.id)
            });
            let mut all: Vec<DocumentId> = new.map(|draft| draft.id).collect();
            all.extend(listed);
            all.truncate(limit as usize);
            found.insert(*content, all);
        }
        Ok(())
    }

    /// The drafts of `contents`, where this is a preview.
    async fn drafts_of(&mut self, contents: &[ContentId]) -> Result<Vec<Arc<Facts>>, Fault> {
        if !self.is_preview() {
            return Ok(Vec::new());
        }
        let (session, viewer) = self.session().await?;
        let drafts = reading::drafts_of_contents(session, viewer, contents).await?;
        let mut facts = Vec::with_capacity(drafts.len());
        for draft in drafts {
            facts.extend(self.take(draft).await?);
        }
        Ok(facts)
    }

    /// The draft that a preview shows where `wanted` points, if it shows one there.
    pub(crate) async fn previewed(&mut self, wanted: &Wanted) -> Result<Option<Arc<Facts>>, Fault> {
        if !self.is_preview() {
            return Ok(None);
        }
        if let Some(draft) = self.draft(wanted).await? {
            return Ok(Some(draft));
        }
        // The main language stands in for a language that is missing, as it does in public.
        let Wanted::Content(content, Some(locale), _) = wanted else { return Ok(None) };
        let main = self.draft(&Wanted::Content(*content, None, None)).await?;
        if main.is_none() {
            return Ok(None);
        }
        let public = self.at_content(*content, &Some(locale.clone())).await?;
        let is_there = matches!(public, Some(At::Here(facts)) if facts.locale == *locale);
        Ok(main.filter(|_| !is_there))
    }

    /// The draft of a document, if the viewer may see it: in a language by content, without one
    /// the main one.
    pub(crate) async fn draft(&mut self, wanted: &Wanted) -> Result<Option<Arc<Facts>>, Fault> {
        if self.viewer == Viewer::Public {
            return Ok(None);
        }
        let (session, viewer) = self.session().await?;
        let draft = match wanted {
            Wanted::Id(id, _) => reading::drafts(session, viewer, &[*id]).await?.remove(id),
            Wanted::Path(site, path) => match routes::find(session, *site, path).await? {
                Some((id, _)) => reading::drafts(session, viewer, &[id]).await?.remove(&id),
                None => None,
            },
            Wanted::Content(content, locale, _) => {
                let all = reading::drafts_of_contents(session, viewer, &[*content]).await?;
                all.into_iter().find(|draft| match locale {
                    Some(locale) => draft.locale == *locale,
                    None => draft.main_locale,
                })
            }
        };
        match draft {
            Some(draft) => self.take(draft).await,
            None => Ok(None),
        }
    }

    /// What a draft says, if its type is in force; it is known from now on.
    async fn take(&mut self, draft: Draft) -> Result<Option<Arc<Facts>>, Fault> {
        let id = draft.id;
        if let Some(known) = self.previewed.drafts.get(&id) {
            return Ok(known.clone());
        }
        let facts = match self.model.graphql.get(&draft.r#type).cloned() {
            None => None,
            Some(graphql) => {
                self.previewed.files.extend(&draft.text.files);
                if let Some(witness) = &self.previewed.of_drafts.witness {
                    witness.saw(id, None, draft.version);
                }
                let drafted = self.standing_of(&draft).await?;
                Some(Arc::new(Facts::of_draft(draft, drafted, graphql)))
            }
        };
        self.previewed.drafts.insert(id, facts.clone());
        Ok(facts)
    }

    /// Where a draft is to stand: on sites that there are, in columns that are open.
    async fn standing_of(&mut self, draft: &Draft) -> Result<Drafted, Fault> {
        let mut drafted =
            Drafted { version: draft.version, saved_at: draft.saved_at, ..Drafted::default() };
        for placed in &draft.place.placements {
            let Some(site) = self.site_by_key(&placed.site).await? else { continue };
            drafted.placements.push(Arc::new(ItemPlacement {
                site: site.id,
                path: placed.path.clone(),
                published_at: draft.saved_at,
                visibility: draft.visibility,
                notice: None,
            }));
            for path in &placed.columns {
                if let Some(column) = self.column_at(site.id, path).await? {
                    drafted.columns.push((site.id, column.id));
                }
            }
        }
        Ok(drafted)
    }
}
