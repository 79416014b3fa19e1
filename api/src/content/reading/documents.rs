//! Reading documents and what is around them, for many at once. Each function reads what is not
//! known yet in one statement (links: one per language) and leaves it for the fields.

use std::{collections::BTreeMap, sync::Arc};

use schema::{
    edition::Content,
    ids::{ColumnId, ContentId, DocumentId, SiteId},
    names::{FieldName, Locale, TypeName},
};
use store::reading::{self, ListScope};

use super::{
    Facts, Reader, Shown, Text,
    reader::missing,
    shelf::{Key, Value},
};
use crate::content::{cache::parts::Part, refusal::Fault};

impl Reader {
    /// Documents by id, as far as their text may be read.
    pub(crate) async fn read_items(
        &mut self,
        ids: impl IntoIterator<Item = DocumentId>,
    ) -> Result<(), Fault> {
        let ids = missing(&self.items, ids);
        if ids.is_empty() {
            return Ok(());
        }
        self.note_documents(ids.iter().copied());
        let ids = self.not_at_hand(
            ids,
            |id| Key::Item(id, None),
            |reader, id, value| {
                if let Value::Item(facts) = value {
                    reader.items.insert(id, facts);
                }
            },
        );
        if ids.is_empty() {
            return Ok(());
        }
        let (session, viewer) = self.noted().await?;
        let mut found = reading::items(session, viewer, &ids, None).await?;
        for id in ids {
            let facts = found.remove(&id).and_then(|item| self.facts(item));
            self.shelve(Key::Item(id, None), || Value::Item(facts.clone()));
            self.items.insert(id, facts);
        }
        Ok(())
    }

    /// A document that was read by its id.
    pub(crate) fn item(&self, id: DocumentId) -> Option<Arc<Facts>> {
        self.items.get(&id)?.clone()
    }

    /// What links lead to: contents in a language, or in their main one.
    pub(crate) async fn read_linked(
        &mut self,
        wanted: impl IntoIterator<Item = (ContentId, Locale)>,
    ) -> Result<(), Fault> {
        let mut by_locale: BTreeMap<Locale, Vec<ContentId>> = BTreeMap::new();
        for (content, locale) in wanted {
            let key = (content, locale);
            if !self.linked.contains_key(&key) {
                by_locale.entry(key.1).or_default().push(content);
            }
        }
        for (locale, mut contents) in by_locale {
            contents.sort_unstable();
            contents.dedup();
            contents.iter().for_each(|content| self.note(Part::Content(*content)));
            let (session, viewer) = self.noted().await?;
            let mut found =
                reading::items_of_contents(session, viewer, &contents, &locale, None).await?;
            for content in &contents {
                let facts = found.remove(content).and_then(|item| self.facts(item));
                self.linked.insert((*content, locale.clone()), facts);
            }
            self.draft_linked(&contents, &locale).await?;
        }
        Ok(())
    }

    /// What a link leads to.
    pub(crate) fn linked(&self, content: ContentId, locale: &Locale) -> Option<Arc<Facts>> {
        self.linked.get(&(content, locale.clone()))?.clone()
    }

    /// The whole texts of `documents`.
    pub(crate) async fn read_texts(&mut self, documents: &[&Facts]) -> Result<(), Fault> {
        let live = documents.iter().filter(|facts| matches!(facts.text, Text::Live));
        let ids = missing(&self.texts, live.map(|facts| facts.id));
        if ids.is_empty() {
            return Ok(());
        }
        self.note_documents(ids.iter().copied());
        let ids = self.not_at_hand(ids, Key::Text, |reader, id, value| {
            if let Value::Text(text) = value {
                reader.texts.insert(id, text);
            }
        });
        if ids.is_empty() {
            return Ok(());
        }
        let (session, viewer) = self.noted().await?;
        let mut found = reading::contents(session, viewer, &ids).await?;
        for id in ids {
            let text = found.remove(&id).map(Arc::new);
            self.shelve(Key::Text(id), || Value::Text(text.clone()));
            self.texts.insert(id, text);
        }
        Ok(())
    }

    /// The whole text of a document, once read.
    pub(crate) fn text(&self, facts: &Facts) -> Option<Arc<Content>> {
        match &facts.text {
            Text::Given(content) => Some(Arc::clone(content)),
            Text::Live => self.texts.get(&facts.id)?.clone(),
        }
    }

    /// The documents of `type` whose `field` links to each of `documents`, the newest `limit`.
    pub(crate) async fn read_linking(
        &mut self,
        documents: &[&Facts],
        r#type: &TypeName,
        field: &FieldName,
        limit: u32,
    ) -> Result<(), Fault> {
        let mut by_locale: BTreeMap<&Locale, Vec<ContentId>> = BTreeMap::new();
        for facts in documents {
            let key = (r#type.clone(), field.clone(), facts.locale.clone(), limit, facts.content);
            if !self.linking.contains_key(&key) {
                by_locale.entry(&facts.locale).or_default().push(facts.content);
            }
        }
        for (locale, mut contents) in by_locale {
            contents.sort_unstable();
            contents.dedup();
            self.note_list(ListScope::Hub, Some(r#type));
            let (session, viewer) = self.noted().await?;
            let mut found =
                reading::linking(session, viewer, &contents, r#type, field, locale, limit).await?;
            self.read_items(found.values().flatten().copied().collect::<Vec<_>>()).await?;
            self.draft_linking(&mut found, &contents, (r#type, field), locale, limit).await?;
            for content in contents {
                let key = (r#type.clone(), field.clone(), locale.clone(), limit, content);
                self.linking.insert(key, found.remove(&content).unwrap_or_default());
            }
        }
        Ok(())
    }

    /// Who links to a document, once read.
    pub(crate) fn linking(
        &self,
        shown: &Shown,
        r#type: &TypeName,
        field: &FieldName,
        limit: u32,
    ) -> Vec<Shown> {
        let facts = &shown.facts;
        let key = (r#type.clone(), field.clone(), facts.locale.clone(), limit, facts.content);
        let ids = self.linking.get(&key).map_or(&[][..], Vec::as_slice);
        let found = ids.iter().filter_map(|id| self.shown_item(*id));
        found.map(|facts| Shown { facts, on: shown.on }).collect()
    }

    /// The languages of each of `contents`.
    pub(crate) async fn read_translations(
        &mut self,
        contents: impl IntoIterator<Item = ContentId>,
    ) -> Result<(), Fault> {
        let contents = missing(&self.translations, contents);
        if contents.is_empty() {
            return Ok(());
        }
        contents.iter().for_each(|content| self.note(Part::Content(*content)));
        let (session, viewer) = self.noted().await?;
        let mut found = reading::translations(session, viewer, &contents, None).await?;
        for content in &contents {
            let items = found.remove(content).unwrap_or_default();
            let facts = items.into_iter().filter_map(|item| self.facts(item)).collect();
            self.translations.insert(*content, facts);
        }
        self.draft_translations(&contents).await
    }

    /// The languages of a content, once read, the main one first.
    pub(crate) fn translations(&self, content: ContentId) -> &[Arc<Facts>] {
        self.translations.get(&content).map_or(&[], Vec::as_slice)
    }

    /// Where each of `documents` stands.
    pub(crate) async fn read_placements(
        &mut self,
        documents: impl IntoIterator<Item = DocumentId>,
    ) -> Result<(), Fault> {
        let ids = missing(&self.placements, documents);
        if ids.is_empty() {
            return Ok(());
        }
        self.note_documents(ids.iter().copied());
        let (session, _) = self.noted().await?;
        let mut found = reading::placements_of(session, &ids).await?;
        for id in ids {
            let placements = found.remove(&id).unwrap_or_default();
            self.placements.insert(id, placements.into_iter().map(Arc::new).collect());
        }
        Ok(())
    }

    /// Where a document stands, once read; a draft, where it is to stand.
    pub(crate) fn placements<'read>(
        &'read self,
        facts: &'read Facts,
    ) -> &'read [Arc<reading::ItemPlacement>] {
        match &facts.draft {
            Some(draft) => &draft.placements,
            None => self.placements.get(&facts.id).map_or(&[], Vec::as_slice),
        }
    }

    /// The columns of each of `documents`, and those columns.
    pub(crate) async fn read_columns_of(
        &mut self,
        documents: impl IntoIterator<Item = DocumentId>,
    ) -> Result<(), Fault> {
        let ids = missing(&self.columns_of, documents);
        if ids.is_empty() {
            return Ok(());
        }
        self.note_documents(ids.iter().copied());
        let mut columns = Vec::new();
        let mut take = |reader: &mut Self, id, of: Vec<(SiteId, ColumnId)>| {
            columns.extend(of.iter().map(|(_, column)| *column));
            reader.columns_of.insert(id, of);
        };
        let mut left = Vec::new();
        for id in ids {
            match self.shelved(&Key::ColumnsOf(id)) {
                Some(Value::ColumnsOf(of)) => take(self, id, of),
                _ => left.push(id),
            }
        }
        if !left.is_empty() {
            let (session, _) = self.noted().await?;
            let mut found = reading::columns_of(session, &left, None).await?;
            for id in left {
                let of = found.remove(&id).unwrap_or_default();
                self.shelve(Key::ColumnsOf(id), || Value::ColumnsOf(of.clone()));
                take(self, id, of);
            }
        }
        self.read_columns(columns).await
    }

    /// The histories of `documents`.
    pub(crate) async fn read_histories(
        &mut self,
        documents: impl IntoIterator<Item = DocumentId>,
    ) -> Result<(), Fault> {
        let ids = missing(&self.histories, documents);
        if ids.is_empty() {
            return Ok(());
        }
        self.note_documents(ids.iter().copied());
        let (session, viewer) = self.noted().await?;
        let mut found = reading::histories(session, viewer, &ids).await?;
        for id in ids {
            let lines = found.remove(&id).unwrap_or_default();
            self.histories.insert(id, lines.into_iter().map(Arc::new).collect());
        }
        Ok(())
    }

    /// The history of a document, once read, the first publication first.
    pub(crate) fn history(&self, id: DocumentId) -> &[Arc<reading::HistoryLine>] {
        self.histories.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Those of `documents` that are looked at from another site than the one they were read
    /// for: where they stand there has to be read.
    pub(crate) async fn read_standing(&mut self, documents: &[&Shown]) -> Result<(), Fault> {
        let elsewhere = documents.iter().filter(|shown| {
            let placed = shown.facts.placement.as_ref().map(|placement| placement.site);
            shown.on.is_some() && shown.on != placed && matches!(shown.facts.text, Text::Live)
        });
        self.read_placements(elsewhere.map(|shown| shown.facts.id).collect::<Vec<_>>()).await
    }

    /// Where a document stands on the site it is looked at from, if it is shown there; else its
    /// home.
    pub(crate) fn standing(&self, shown: &Shown) -> Option<Arc<reading::ItemPlacement>> {
        use schema::visibility::Visibility;
        let own = shown.facts.placement.as_ref();
        let Some(site) = shown.on.filter(|site| own.is_none_or(|placed| placed.site != *site))
        else {
            return own.cloned().map(Arc::new);
        };
        let is_shown = |placed: &&Arc<reading::ItemPlacement>| {
            placed.visibility == Visibility::Live || shown.facts.draft.is_some()
        };
        let mut placements = self.placements(&shown.facts).iter();
        let there = placements.find(|placed| placed.site == site && is_shown(placed));
        there.cloned().or_else(|| own.cloned().map(Arc::new))
    }
}
