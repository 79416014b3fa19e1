//! Suggesting while a reader types: the documents whose titles or numbers fit.

use std::sync::Arc;

use schema::{
    content_type::FieldKind,
    ids::SiteId,
    search::{Typed, number_begins},
};
use store::search::{self, Fit, SuggestionQuery};

use super::{Model, Reader, Shown};
use crate::content::refusal::Fault;

/// A document that is suggested.
#[derive(Debug)]
pub(crate) struct Suggestion {
    pub(crate) shown: Shown,
    /// What to search for: its title, or its document number as it is written.
    pub(crate) text: Box<str>,
    pub(crate) typed: Arc<Typed>,
}

impl Reader {
    /// What fits what was typed, looked at from `on`, the best first: two statements, or three.
    pub(crate) async fn suggest(
        &mut self,
        query: SuggestionQuery,
        on: Option<SiteId>,
    ) -> Result<Vec<Suggestion>, Fault> {
        self.check_complete().await?;
        self.note_list(query.scope, query.r#type.as_ref());
        let (session, viewer) = self.noted().await?;
        let found = search::suggest(session, viewer, &query).await?;
        self.read_items(found.iter().map(|it| it.document).collect::<Vec<_>>()).await?;
        let typed = Arc::new(query.typed);
        let suggestion = |found: &search::Suggested| {
            let shown = Shown { facts: self.item(found.document)?, on };
            let text = text(&self.model, &shown, found.fit, &typed)?.into();
            Some(Suggestion { shown, text, typed: Arc::clone(&typed) })
        };
        Ok(found.iter().filter_map(suggestion).collect())
    }
}

fn text<'shown>(
    model: &Model,
    shown: &'shown Shown,
    fit: Fit,
    typed: &Typed,
) -> Option<&'shown str> {
    let content_type = model.types.get(&shown.facts.r#type)?;
    let fields = &shown.facts.card.fields;
    let numbers = content_type.fields.iter().filter(|it| it.kind == FieldKind::DocumentNumber);
    let mut numbers = numbers.filter_map(|field| fields.get(field.name.as_str())?.as_str());
    let number = numbers.find(|number| fit == Fit::Number && number_begins(typed, number));
    // A number may stand where it is not shown, such as within a group.
    number.or_else(|| content_type.title_of(fields))
}
