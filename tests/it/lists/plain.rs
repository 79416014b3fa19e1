//! The plainest computation of a list: every live document put together from its edition and its
//! placements, filtered and sorted.

use std::cmp::Ordering;

use jiff::Timestamp;
use schema::{
    content_type::{FieldKind, TypeRegistry},
    ids::{ColumnId, ContentId},
    names::FieldName,
    validation::key_for,
    viewer::Viewer,
    visibility::Visibility,
};
use store::{
    documents::Document,
    reading::{Bound, By, Direction, Filter, Linked, Test},
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
    /// What its link fields lead to.
    pub(super) links: Vec<(FieldName, ContentId)>,
}

/// Where a filter is asked.
#[derive(Clone, Copy)]
struct Asked<'a> {
    all: &'a [Known],
    question: &'a Question,
    /// Of the documents at the other ends of links.
    there: bool,
}

impl Known {
    fn keys(&self, field: &FieldName) -> Vec<&[u8]> {
        let of = self.values.iter().filter(|(name, _)| name == field);
        of.map(|(_, key)| key.as_slice()).collect()
    }

    fn passes(&self, filter: &Filter, asked: Asked<'_>) -> bool {
        let question = asked.question;
        let between =
            |time: Option<Timestamp>, from: &Option<Timestamp>, to: &Option<Timestamp>| {
                time.is_some_and(|time| {
                    from.is_none_or(|from| from <= time) && to.is_none_or(|to| time < to)
                })
            };
        match filter {
            Filter::All(filters) => filters.iter().all(|filter| self.passes(filter, asked)),
            Filter::Any(filters) => filters.iter().any(|filter| self.passes(filter, asked)),
            Filter::Not(filter) => !self.passes(filter, asked),
            Filter::Field { field, test } => {
                (asked.there || question.query.r#type.is_some()) && passes(&self.keys(field), test)
            }
            Filter::ListedBetween { from, to } if asked.there => {
                between(self.listed_on_hub(), from, to)
            }
            Filter::ListedBetween { from, to } => between(self.listed_at(question), from, to),
            Filter::PublishedBetween { from, to } => between(self.document.published_at, from, to),
            Filter::OriginallyPublishedBetween { from, to } => {
                between(self.document.originally_published_at, from, to)
            }
            Filter::Contents(contents) => contents.contains(&self.document.content),
            Filter::PublicAt { .. } => panic!("the past has stories of its own"),
            Filter::Column(column) => self.is_in(&[*column], question),
            Filter::Columns(columns) => self.is_in(columns, question),
            Filter::Linked(linked) => {
                let there = Asked { there: true, ..asked };
                let ends = asked.all.iter().filter(|other| self.leads(linked, other, asked.all));
                ends.into_iter().any(|other| other.passes(&linked.filter, there))
            }
        }
    }

    fn is_in(&self, columns: &[ColumnId], question: &Question) -> bool {
        let named = question.columns.iter().filter(|(id, _)| columns.contains(id));
        named.into_iter().any(|(_, (site, path))| !self.places_within(site, Some(path)).is_empty())
    }

    /// Whether `other` is at the other end of a link, in the language of this one or, where
    /// there is none, the main one.
    fn leads(&self, linked: &Linked, other: &Self, all: &[Self]) -> bool {
        let (from, to) = if linked.forwards { (self, other) } else { (other, self) };
        let in_language = all.iter().any(|known| {
            known.document.content == other.document.content
                && known.document.locale == self.document.locale
        });
        other.document.r#type == linked.r#type
            && from.links.contains(&(linked.field.clone(), to.document.content))
            && (other.document.locale == self.document.locale
                || other.document.main_locale && !in_language)
    }

    fn listed_on_hub(&self) -> Option<Timestamp> {
        let first = self.places.iter().map(|(_, _, first)| *first).min()?;
        Some(self.document.originally_published_at.unwrap_or(first))
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
    pub(super) fn is_listed(
        &self,
        types: &TypeRegistry,
        all: &[Self],
        question: &Question,
    ) -> bool {
        let query = &question.query;
        let document = &self.document;
        // A field orders the documents of the types that have it.
        let content_type = types.get(&document.r#type);
        let is_ordered = query.order.terms().iter().all(|by| match by {
            By::Published(_) => true,
            By::Field { field, .. } => {
                let field = content_type.and_then(|t| t.field(field.as_str()));
                query.r#type.is_some() && field.is_some_and(|field| field.sortable)
            }
            By::Distance { field, circle } => {
                query.r#type.is_some() && self.keys(field).iter().any(|key| circle.holds(key))
            }
        });
        is_ordered
            && self.listed_at(question).is_some()
            && query.r#type.as_ref().is_none_or(|name| *name == document.r#type)
            && query.locale.as_ref().is_none_or(|locale| *locale == document.locale)
            && self.passes(&query.filter, Asked { all, question, there: false })
    }

    pub(super) fn order(&self, other: &Self, question: &Question) -> Ordering {
        let order = &question.query.order;
        let directed = |direction: Direction, ascending: Ordering| match direction {
            Direction::Ascending => ascending,
            Direction::Descending => ascending.reverse(),
        };
        let time = |known: &Self| known.listed_at(question);
        let terms = order.terms().iter().map(|by| match by {
            By::Published(direction) => directed(*direction, time(self).cmp(&time(other))),
            By::Field { field, direction } => {
                let key = |known: &Self| {
                    known.keys(field).first().map(|key| key.to_vec()).unwrap_or_default()
                };
                directed(*direction, key(self).cmp(&key(other)))
            }
            By::Distance { field, circle } => {
                let line = |known: &Self| {
                    known.keys(field).first().and_then(|key| circle.line_squared_to(key))
                };
                line(self).cmp(&line(other))
            }
        });
        let ties = (time(self), self.document.id).cmp(&(time(other), other.document.id));
        terms.fold(Ordering::Equal, Ordering::then).then(directed(order.direction(), ties))
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
        Test::Contains(part) => {
            keys.iter().any(|key| key.windows(part.len()).any(|window| window == part))
        }
        Test::Near(circle) => keys.iter().any(|key| circle.holds(key)),
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
            let content = reading.expect("an answer").expect("it is live").content;
            let fields = content.fields;
            let links = content.links.into_iter();
            let links =
                links.flat_map(|(field, to)| to.into_iter().map(move |to| (field.clone(), to)));
            let links = links.collect();
            let content_type = self.desk.types.get(&document.r#type).expect("its type");
            let mut values = Vec::new();
            for field in content_type.fields.iter().filter(|f| f.filterable || f.sortable) {
                if matches!(field.kind, FieldKind::Link { .. }) {
                    continue;
                }
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
            known.push(Known { document, values, places, links });
        }
        known
    }
}
