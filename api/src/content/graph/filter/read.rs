//! Reading a filter: its conditions, their operands as keys of the indexes.

use async_graphql::Value;
use jiff::Timestamp;
use schema::{
    content_type::{ContentType, Field, FieldKind},
    ids::ContentId,
    names::FieldName,
    validation::key_for,
};
use store::reading::{Bound, Filter, Test};

use super::super::node;
use crate::content::refusal::{Fault, Refusal};

/// Conditions in one filter, at most.
const CONDITIONS: usize = 30;
/// Values in one `in`, at most.
const VALUES: usize = 200;

/// A filter, and the fields it tests.
pub(in crate::content::graph) struct Conditions {
    pub(in crate::content::graph) filter: Filter,
    pub(in crate::content::graph) fields: Vec<FieldName>,
}

/// Reads a filter; `content_type` gives its field names their meaning.
///
/// # Errors
/// What is wrong with an operand; too many conditions.
pub(in crate::content::graph) fn read(
    value: Option<&Value>,
    content_type: Option<&ContentType>,
) -> Result<Conditions, Fault> {
    let mut reading = Reading { content_type, conditions: 0, fields: Vec::new() };
    let filter = value.map_or(Ok(Filter::default()), |value| reading.filter(value))?;
    Ok(Conditions { filter, fields: reading.fields })
}

struct Reading<'types> {
    content_type: Option<&'types ContentType>,
    conditions: usize,
    fields: Vec<FieldName>,
}

impl Reading<'_> {
    fn filter(&mut self, value: &Value) -> Result<Filter, Fault> {
        let mut all = Vec::new();
        for (name, value) in members(value)? {
            self.conditions += 1;
            if self.conditions > CONDITIONS {
                return Err(Refusal::new(
                    "TOO_COSTLY",
                    format!("筛选条件最多 {CONDITIONS} 个"),
                    format!("a filter has at most {CONDITIONS} conditions"),
                )
                .into());
            }
            all.push(match name {
                "and" => Filter::All(self.filters(value)?),
                "or" => Filter::Any(self.filters(value)?),
                "not" => Filter::Not(Box::new(self.filter(value)?)),
                "contentId" => content_ids(value)?,
                "column" => column(value)?,
                "listedAt" => {
                    let (from, to) = span(value)?;
                    Filter::ListedBetween { from, to }
                }
                "publishedAt" => {
                    let (from, to) = span(value)?;
                    Filter::PublishedBetween { from, to }
                }
                "originallyPublishedAt" => {
                    let (from, to) = span(value)?;
                    Filter::OriginallyPublishedBetween { from, to }
                }
                name => self.field(name, value)?,
            });
        }
        // One condition alone lets the store read it by its index.
        Ok(match all.len() {
            1 => all.remove(0),
            _ => Filter::All(all),
        })
    }

    fn filters(&mut self, value: &Value) -> Result<Vec<Filter>, Fault> {
        items(value).iter().map(|value| self.filter(value)).collect()
    }

    fn field(&mut self, name: &str, value: &Value) -> Result<Filter, Fault> {
        let field = self.content_type.and_then(|content_type| content_type.field(name));
        let Some(field) = field else {
            return Err(Refusal::argument(
                format!("没有可筛选的字段 {name}"),
                format!("there is no field {name} to filter by"),
            )
            .into());
        };
        let tests = tests(field, value)?;
        self.conditions += tests.len().saturating_sub(1);
        self.fields.push(field.name.clone());
        let mut filters: Vec<Filter> = tests
            .into_iter()
            .map(|test| Filter::Field { field: field.name.clone(), test })
            .collect();
        Ok(match filters.len() {
            1 => filters.remove(0),
            _ => Filter::All(filters),
        })
    }
}

/// The members of an input object that were given. The engine lets any value pass for an
/// object: one that is none must not count as an object without conditions.
fn members(value: &Value) -> Result<Vec<(&str, &Value)>, Refusal> {
    match value {
        Value::Object(members) => Ok(members
            .iter()
            .filter(|(_, value)| **value != Value::Null)
            .map(|(name, value)| (name.as_str(), value))
            .collect()),
        other => Err(Refusal::argument(
            format!("筛选条件应为对象，而不是 {other}"),
            format!("a condition is an object, not {other}"),
        )),
    }
}

/// A list; one bare value counts as a list of one.
fn items(value: &Value) -> &[Value] {
    match value {
        Value::List(items) => items,
        single => std::slice::from_ref(single),
    }
}

fn tests(field: &Field, value: &Value) -> Result<Vec<Test>, Fault> {
    let key = |value: &Value| -> Result<Vec<u8>, Fault> {
        Ok(key_for(field, &value.clone().into_json().unwrap_or_default())?)
    };
    let bound = |inclusive| move |key| Some(Bound { key, inclusive });
    let mut tests = Vec::new();
    let (mut from, mut to) = (None, None);
    for (name, value) in members(value)? {
        match name {
            "eq" => tests.push(Test::Equals(key(value)?)),
            "in" => {
                let values = few(items(value))?;
                tests.push(Test::In(values.iter().map(key).collect::<Result<_, _>>()?));
            }
            "startsWith" => tests.push(Test::StartsWith(prefix(field, value)?)),
            "isNull" => tests.push(Test::IsNull(*value == Value::Boolean(true))),
            "gt" => from = bound(false)(key(value)?),
            "gte" => from = bound(true)(key(value)?),
            "lt" => to = bound(false)(key(value)?),
            "lte" => to = bound(true)(key(value)?),
            _ => {}
        }
    }
    if from.is_some() || to.is_some() {
        tests.push(Test::Between(from, to));
    }
    Ok(tests)
}

fn few(values: &[Value]) -> Result<&[Value], Refusal> {
    if values.len() <= VALUES {
        return Ok(values);
    }
    Err(Refusal::new(
        "TOO_COSTLY",
        format!("in 最多 {VALUES} 个值"),
        format!("in takes at most {VALUES} values"),
    ))
}

/// The start of a key. Part of a region code is no region code, so it is taken as it is.
fn prefix(field: &Field, value: &Value) -> Result<Vec<u8>, Fault> {
    match (&field.kind, value) {
        (FieldKind::RegionCode { .. }, Value::String(text)) => Ok(text.as_bytes().to_vec()),
        _ => Ok(key_for(field, &value.clone().into_json().unwrap_or_default())?),
    }
}

fn content_ids(value: &Value) -> Result<Filter, Fault> {
    let mut all = Vec::new();
    for (_, value) in members(value)? {
        let ids = few(items(value))?
            .iter()
            .map(|id| match id {
                Value::String(text) => content_id(text),
                other => content_id(&other.to_string()),
            })
            .collect::<Result<Vec<ContentId>, _>>()?;
        all.push(Filter::Contents(ids));
    }
    Ok(Filter::All(all))
}

/// A content id as callers write it.
///
/// # Errors
/// A refusal for anything that is no UUID.
pub(in crate::content::graph) fn content_id(text: &str) -> Result<ContentId, Refusal> {
    text.parse().map_err(|_| {
        Refusal::argument(
            format!("contentId 应为 UUID，而不是 {text:?}"),
            format!("a contentId is a UUID, not {text:?}"),
        )
    })
}

fn column(value: &Value) -> Result<Filter, Fault> {
    let id = match value {
        Value::String(text) => node::NodeId::parse(text),
        _ => None,
    };
    match id {
        Some(node::NodeId::Column(column)) => Ok(Filter::Column(column)),
        _ => {
            Err(Refusal::argument("column 应为栏目的 id", "column takes the id of a column").into())
        }
    }
}

/// A span of time, from its start and before its end; the store keeps microseconds.
pub(in super::super) fn span(
    value: &Value,
) -> Result<(Option<Timestamp>, Option<Timestamp>), Fault> {
    let (mut from, mut to) = (None, None);
    for (name, value) in members(value)? {
        let Value::String(text) = value else { continue };
        let moment: Timestamp = text.parse().map_err(|_| {
            Refusal::argument(format!("{text:?} 不是时刻"), format!("{text:?} is not a moment"))
        })?;
        let after = || jiff::SignedDuration::from_micros(1);
        let next = moment.checked_add(after()).unwrap_or(Timestamp::MAX);
        match name {
            "gt" => from = Some(next),
            "gte" => from = Some(moment),
            "lt" => to = Some(moment),
            "lte" => to = Some(next),
            _ => {}
        }
    }
    Ok((from, to))
}
