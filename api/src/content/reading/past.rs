//! Reading what was public once: texts of earlier editions, and what changed between two.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use schema::{
    difference::{self, FieldDifference},
    edition::Content,
    ids::DocumentId,
    names::TypeName,
};
use store::{past::Reading, reading};

use super::{Facts, Reader};
use crate::content::refusal::Fault;

/// What was read of the past.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    texts: HashMap<(DocumentId, u32), Option<Arc<Reading>>>,
    differences: HashMap<DifferenceKey, Option<Arc<Difference>>>,
}

/// A document, and the two editions that are asked for, as far as they were named.
type DifferenceKey = (DocumentId, Option<u32>, Option<u32>, Option<u32>);

/// What changed from one edition to another.
#[derive(Debug)]
pub(crate) struct Difference {
    /// The type that says what its fields are called.
    pub(crate) r#type: TypeName,
    /// Number of the older one, or of whichever was named first.
    pub(crate) from: u32,
    /// Number of the other one; `None` for a draft.
    pub(crate) to: Option<u32>,
    /// The fields that differ.
    pub(crate) fields: Vec<FieldDifference>,
}

impl Reader {
    /// The texts of editions, as far as they may be read: two statements for all of them.
    pub(super) async fn read_editions(
        &mut self,
        wanted: impl IntoIterator<Item = (DocumentId, u32)>,
    ) -> Result<(), Fault> {
        let wanted = super::reader::missing(&self.remembered.texts, wanted);
        if wanted.is_empty() {
            return Ok(());
        }
        self.note_documents(wanted.iter().map(|(document, _)| *document));
        let (session, viewer) = self.noted().await?;
        let mut found = reading::texts(session, viewer, &wanted).await?;
        for name in wanted {
            self.remembered.texts.insert(name, found.remove(&name).map(Arc::new));
        }
        Ok(())
    }

    /// The text of an edition, once read.
    pub(super) fn edition(&self, document: DocumentId, number: u32) -> Option<Arc<Reading>> {
        self.remembered.texts.get(&(document, number))?.clone()
    }

    /// Documents of a list as they were at a moment; those of which nothing can be read from then
    /// are left out.
    pub(super) async fn as_they_were(
        &mut self,
        documents: Vec<Option<Arc<Facts>>>,
        at: Timestamp,
    ) -> Result<Vec<Option<Arc<Facts>>>, Fault> {
        let known = || documents.iter().flatten();
        self.read_histories(known().map(|facts| facts.id).collect::<Vec<_>>()).await?;
        let line = |reader: &Self, facts: &Facts| {
            let lines = reader.history(facts.id).iter().rev();
            lines.into_iter().find(|line| line.published_at <= at).cloned()
        };
        let older: Vec<(DocumentId, u32)> = known()
            .filter_map(|facts| Some((facts.id, line(self, facts)?.number, facts.number)))
            .filter(|(_, number, live)| Some(*number) != *live)
            .map(|(id, number, _)| (id, number))
            .collect();
        self.read_editions(older).await?;
        let then = |facts: Arc<Facts>| {
            let line = line(self, &facts)?;
            if Some(line.number) == facts.number {
                return Some(facts);
            }
            let of = self.model.types.get(&facts.r#type)?;
            let reading = self.edition(facts.id, line.number)?;
            Some(Arc::new(Facts::of_edition(&facts, &reading, line.published_at, of)))
        };
        Ok(documents.into_iter().map(|facts| then(facts?)).collect())
    }

    /// What changed in each of `documents` from one edition to another. Without `to` it is the
    /// text that is shown; without `from` the last one before it that may be read.
    pub(crate) async fn read_differences(
        &mut self,
        documents: &[&Facts],
        from: Option<u32>,
        to: Option<u32>,
    ) -> Result<(), Fault> {
        self.read_histories(documents.iter().map(|facts| facts.id)).await?;
        let ends = |reader: &Self, facts: &Facts| -> Option<(u32, Option<u32>)> {
            let to = to.or(facts.number);
            let is_before = |number: u32| to.is_none_or(|to| number < to);
            let lines = reader.history(facts.id).iter().rev();
            let mut readable = lines.filter(|line| line.readable.is_some());
            let before = || Some(readable.find(|line| is_before(line.number))?.number);
            Some((from.or_else(before)?, to))
        };
        let named: Vec<(DocumentId, u32)> = documents
            .iter()
            .filter_map(|facts| Some((facts.id, ends(self, facts)?)))
            .flat_map(|(id, (from, to))| [Some(from), to].map(|it| it.map(|number| (id, number))))
            .flatten()
            .collect();
        self.read_editions(named).await?;
        // A draft has no number: its text was read with it.
        for facts in documents {
            let key = (facts.id, facts.number, from, to);
            if !self.remembered.differences.contains_key(&key) {
                let found = ends(self, facts)
                    .and_then(|(from, to)| self.compare(facts, from, to))
                    .map(Arc::new);
                self.remembered.differences.insert(key, found);
            }
        }
        Ok(())
    }

    fn compare(&self, facts: &Facts, from: u32, to: Option<u32>) -> Option<Difference> {
        let of = self.model.types.get(&facts.r#type)?;
        let old = self.edition(facts.id, from)?;
        let between = |new: &Content| difference::between(of, &old.content, new);
        let fields = match to {
            Some(number) => between(&self.edition(facts.id, number)?.content),
            None => between(&*self.text(facts)?),
        };
        Some(Difference { r#type: facts.r#type.clone(), from, to, fields })
    }

    /// What changed in a document, once read.
    pub(crate) fn difference(
        &self,
        facts: &Facts,
        from: Option<u32>,
        to: Option<u32>,
    ) -> Option<Arc<Difference>> {
        self.remembered.differences.get(&(facts.id, facts.number, from, to))?.clone()
    }
}
