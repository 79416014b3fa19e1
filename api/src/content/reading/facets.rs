//! How the documents of a list, or the hits of a search, spread: each kind of count is read only
//! when it is asked for.

use std::{collections::HashMap, sync::Arc};

use schema::{
    content_type::{Field, FieldKind},
    ids::ColumnId,
    names::FieldName,
};
use store::{
    reading,
    search::{self, SearchQuery},
    spread::{Tally, Values},
};

use super::{Connection, PageOf, Reader, SearchPage};
use crate::content::refusal::{Fault, Refusal};

/// What is counted.
#[derive(Clone, Debug)]
pub(crate) enum Counted {
    /// The documents of a list.
    List(Arc<Connection>),
    /// The hits of a search.
    Search(Arc<SearchPage>),
}

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    tallies: HashMap<Box<str>, Arc<Tally>>,
    columns: HashMap<Box<str>, Arc<[(ColumnId, u64)]>>,
    values: HashMap<Box<str>, Arc<Values>>,
}

enum Question<'counted> {
    List(&'counted PageOf),
    Search(&'counted SearchQuery),
}

impl Counted {
    fn question(&self) -> Question<'_> {
        match self {
            Self::List(list) => Question::List(&list.page),
            Self::Search(page) => Question::Search(&page.query),
        }
    }

    /// The question without its page.
    fn key(&self) -> Box<str> {
        match self {
            Self::List(list) => format!("{:?}", list.page.query).into(),
            Self::Search(page) => page.key.clone(),
        }
    }
}

impl Reader {
    /// By type and year.
    pub(crate) async fn read_tally(&mut self, of: &Counted) -> Result<(), Fault> {
        let key = of.key();
        if self.facets.tallies.contains_key(&key) {
            return Ok(());
        }
        self.note_counted(of);
        let (session, viewer) = self.noted().await?;
        let tally = match of.question() {
            Question::List(page) => reading::tally(session, viewer, &page.query).await?,
            Question::Search(query) => search::tally(session, viewer, query).await?,
        };
        self.facets.tallies.insert(key, Arc::new(tally));
        Ok(())
    }

    /// By type and year, once read.
    pub(crate) fn tally(&self, of: &Counted) -> Option<Arc<Tally>> {
        self.facets.tallies.get(&of.key()).cloned()
    }

    /// By column, and those columns.
    pub(crate) async fn read_column_counts(&mut self, of: &Counted) -> Result<(), Fault> {
        let key = of.key();
        if self.facets.columns.contains_key(&key) {
            return Ok(());
        }
        self.note_counted(of);
        let (session, viewer) = self.noted().await?;
        let counts = match of.question() {
            Question::List(page) => reading::column_counts(session, viewer, &page.query).await?,
            Question::Search(query) => search::column_counts(session, viewer, query).await?,
        };
        self.read_columns(counts.iter().map(|(column, _)| *column).collect::<Vec<_>>()).await?;
        self.facets.columns.insert(key, counts.into());
        Ok(())
    }

    /// By column, once read, the most first.
    pub(crate) fn column_counts(&self, of: &Counted) -> &[(ColumnId, u64)] {
        self.facets.columns.get(&of.key()).map_or(&[], |counts| counts)
    }

    /// By the choices of the one type that is listed.
    pub(crate) async fn read_choice_counts(&mut self, of: &Counted) -> Result<(), Fault> {
        let key = of.key();
        let fields: Vec<FieldName> =
            self.choices_of(of).iter().map(|field| field.name.clone()).collect();
        if fields.is_empty() || self.facets.values.contains_key(&key) {
            return Ok(());
        }
        if let Some(of_type) = of_type(of) {
            let named: Vec<_> =
                fields.iter().map(|field| (of_type.clone(), field.clone())).collect();
            self.check_indexed(&named).await?;
        }
        self.note_counted(of);
        let (session, viewer) = self.noted().await?;
        let values = match of.question() {
            Question::List(page) => {
                reading::value_counts(session, viewer, &page.query, &fields).await?
            }
            Question::Search(query) => {
                search::value_counts(session, viewer, query, &fields).await?
            }
        };
        self.facets.values.insert(key, Arc::new(values));
        Ok(())
    }

    /// By the values of fields, once read.
    pub(crate) fn choice_counts(&self, of: &Counted) -> Option<Arc<Values>> {
        self.facets.values.get(&of.key()).cloned()
    }

    /// The filterable choices of the one type that is listed.
    pub(crate) fn choices_of(&self, of: &Counted) -> Vec<Field> {
        // Only today's values are indexed.
        if matches!(of.question(), Question::List(page) if page.as_of.is_some()) {
            return Vec::new();
        }
        let Some(content_type) = of_type(of).and_then(|name| self.model.types.get(name)) else {
            return Vec::new();
        };
        let is_choice =
            |field: &&Field| field.filterable && matches!(field.kind, FieldKind::Choice { .. });
        content_type.fields.iter().filter(is_choice).cloned().collect()
    }

    fn note_counted(&mut self, of: &Counted) {
        match of.question() {
            Question::List(page) => self.note_page(page),
            Question::Search(query) => self.note_list(query.scope, query.r#type.as_ref()),
        }
    }
}

fn of_type(of: &Counted) -> Option<&schema::names::TypeName> {
    match of.question() {
        Question::List(page) => page.query.r#type.as_ref(),
        Question::Search(query) => query.r#type.as_ref(),
    }
}

/// The one thing that is counted.
///
/// # Errors
/// A refusal for several: each costs statements of its own.
pub(crate) fn only<'counted>(
    counted: &[&'counted Counted],
) -> Result<Option<&'counted Counted>, Refusal> {
    match counted {
        [] => Ok(None),
        [first, rest @ ..] if rest.iter().all(|other| other.key() == first.key()) => {
            Ok(Some(first))
        }
        _ => Err(Refusal::new(
            "NOT_IN_A_LIST",
            "同时查询多个列表时不能取分布（facets）：请逐个查询",
            "facets are counted of one list at a time: ask for one of them by itself",
        )),
    }
}
