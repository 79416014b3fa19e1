//! The plainest computation of a list: every live document put together from its edition and its
//! placements, filtered and sorted.

use std::cmp::Ordering;

use jiff::Timestamp;
use schema::{
    content_type::TypeRegistry, names::FieldName, validation::key_for, viewer::Viewer,
    visibility::Visibility,
};
use store::{
    documents::Document,
    reading::{Bound, Direction, Filter, Order, Test},
};

use super::questions::Question;
use crate::house::House;

/// A live document as the plain computation knows it.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) document: Document,
    pub(super) values: Vec<(FieldName, Vec<u8>)>,
    /// Site, column path and first publication there, of what is live.
    pub(super) places: Vec<(String, String, Timestamp)>,
}

impl Known {
    fn keys(&self, field: &FieldName) -> Vec<&[u8]> {
        let of = self.values.iter().filter(|(name, _)| name == field);
        of.map(|(_, key)| key.as_slice()).collect()
    }

    fn passes(&self, filter: &Filter, question: &Question) -> bool {
        let between =
            |time: Option<Timestamp>, from: &Option<Timestamp>, to: &Option<Timestamp>| {
                time.is_some_and(|time| {
                    from.is_none_or(|from| from <= time) && to.is_none_or(|to| time < to)
                })
            };
        match filter {
            Filter::All(filters) => filters.iter().all(|filter| self.passes(filter, question)),
            Filter::Any(filters) => filters.iter().any(|filter| self.passes(filter, question)),
            Filter::Not(filter) => !self.passes(filter, question),
            Filter::Field { field, test } => {
                question.query.r#type.is_some() && passes(&self.keys(field), test)
            }
            Filter::ListedBetween { from, to } => between(self.listed_at(question), from, to),
            Filter::PublishedBetween { from, to } => between(self.document.published_at, from, to),
            Filter::OriginallyPublishedBetween { from, to } => {
                between(self.document.originally_published_at, from, to)
            }
            Filter::Contents(contents) => contents.contains(&self.document.content),
            Filter::Column(column) => {
                let (_, (site, path)) = question
                    .columns
                    .iter()
                    .find(|(id, _)| id == column)
                    .expect("a column of the house");
                !self.places_within(site, Some(path)).is_empty()
            }
        }
    }

    fn places_within(&self, site: &str, column: Option<&str>) -> Vec<Timestamp> {
        let within = |path: &str| {
            column.is_none_or(|column| path == column || path.starts_with(&format!("{column}/")))
        };
        let places = self.places.iter().filter(|(at, path, _)| at == site && within(path));
        places.map(|(_, _, first)| *first).collect()
    }

    /// The time that orders it in the list, if it is in its scope at all.
    fn listed_at(&self, question: &Question) -> Option<Timestamp> {
        let firsts = match &question.place {
            None => self.places.iter().map(|(_, _, first)| *first).collect(),
            Some((site, column)) => self.places_within(site, column.as_deref()),
        };
        let first = firsts.into_iter().min()?;
        Some(self.document.originally_published_at.unwrap_or(first))
    }

    /// Whether it is in the list that `question` asks for.
    pub(super) fn is_listed(&self, types: &TypeRegistry, question: &Question) -> bool {
        let query = &question.query;
        let document = &self.document;
        // A field orders the documents of the types that have it.
        let is_ordered = match &query.order {
            Order::Published(_) => true,
            Order::Field { field, .. } => {
                let content_type = types.get(&document.r#type);
                let field = content_type.and_then(|t| t.field(field.as_str()));
                query.r#type.is_some() && field.is_some_and(|field| field.sortable)
            }
        };
        is_ordered
            && self.listed_at(question).is_some()
            && query.r#type.as_ref().is_none_or(|name| *name == document.r#type)
            && query.locale.as_ref().is_none_or(|locale| *locale == document.locale)
            && self.passes(&query.filter, question)
    }

    pub(super) fn order(&self, other: &Self, question: &Question) -> Ordering {
        let place = |known: &Self| {
            let key = match &question.query.order {
                Order::Field { field, .. } => {
                    known.keys(field).first().map(|key| key.to_vec()).unwrap_or_default()
                }
                Order::Published(_) => Vec::new(),
            };
            (key, known.listed_at(question), known.document.id)
        };
        let ascending = place(self).cmp(&place(other));
        match question.query.order {
            Order::Published(Direction::Ascending)
            | Order::Field { direction: Direction::Ascending, .. } => ascending,
            _ => ascending.reverse(),
        }
    }
}

fn passes(keys: &[&[u8]], test: &Test) -> bool {
    let above = |key: &[u8], bound: &Bound| {
        key > bound.key.as_slice() || bound.inclusive && key == bound.key
    };
    let below = |key: &[u8], bound: &Bound| {
        key < bound.key.as_slice() || bound.inclusive && key == bound.key
    };
    match test {
        Test::Equals(wanted) => keys.contains(&wanted.as_slice()),
        Test::In(wanted) => keys.iter().any(|key| wanted.iter().any(|wanted| wanted == key)),
        Test::Between(lower, upper) => keys.iter().any(|key| {
            lower.as_ref().is_none_or(|lower| above(key, lower))
                && upper.as_ref().is_none_or(|upper| below(key, upper))
        }),
        Test::StartsWith(start) => keys.iter().any(|key| key.starts_with(start)),
        Test::IsNull(is_null) => keys.is_empty() == *is_null,
    }
}

impl House {
    /// Every live document, put together from its edition and its placements.
    pub(super) async fn known(&self) -> Vec<Known> {
        let mut session = self.desk.store.reader().await.expect("a reader");
        let (documents, _) = store::documents::page(&mut session, &Viewer::Public, None, 10_000)
            .await
            .expect("the documents");
        let mut known = Vec::new();
        for document in documents.into_iter().filter(|d| d.visibility == Visibility::Live) {
            let reading = store::past::live(&mut session, &Viewer::Public, &document).await;
            let fields = reading.expect("an answer").expect("it is live").content.fields;
            let content_type = self.desk.types.get(&document.r#type).expect("its type");
            let mut values = Vec::new();
            for field in content_type.fields.iter().filter(|f| f.filterable || f.sortable) {
                let items = match fields.get(field.name.as_str()) {
                    Some(serde_json::Value::Array(items)) => items.clone(),
                    Some(single) => vec![single.clone()],
                    None => Vec::new(),
                };
                let keys = items.iter().map(|item| key_for(field, item).expect("a key"));
                values.extend(keys.map(|key| (field.name.clone(), key)));
            }
            let placements = store::placements::of_document(&mut session, document.id).await;
            let placements = placements.expect("the placements");
            let positions = store::placements::positions(&mut session, document.id).await;
            let mut places = Vec::new();
            for position in positions.expect("the positions") {
                let placement = placements
                    .iter()
                    .find(|placement| placement.site_key == position.site)
                    .expect("its placement");
                let first = match placement.own {
                    true => document.first_published_at.expect("it is live"),
                    false => placement.first_published_at,
                };
                let site = position.site.to_string();
                let columns = position.columns.iter();
                places.extend(columns.map(|column| (site.clone(), column.to_string(), first)));
            }
            known.push(Known { document, values, places });
        }
        known
    }
}
