//! Reading a filter: its conditions, their operands as keys of the indexes.

use async_graphql::{Name, Value, indexmap::IndexMap};
use jiff::Timestamp;
use schema::{
    content_type::{ContentType, Field, FieldKind, ReverseLink, TypeRegistry},
    ids::{ColumnId, ContentId},
    names::{FieldName, TypeName},
    position::{Circle, MAX_METRES},
    validation::key_for,
};
use store::reading::{Bound, Filter, Linked, Test};

use super::{super::node, linked};
use crate::content::refusal::{Fault, Refusal};

/// Conditions in one filter, at most.
const CONDITIONS: usize = 30;
/// Values in one `in`, at most.
const VALUES: usize = 200;

/// A filter, and what it depends on.
#[derive(Default)]
pub(in crate::content::graph) struct Conditions {
    pub(in crate::content::graph) filter: Filter,
    /// The fields it tests, with the types that have them: the listed one and those linked.
    pub(in crate::content::graph) fields: Vec<(TypeName, FieldName)>,
    /// The types of linked documents it looks at.
    pub(in crate::content::graph) linked: Vec<TypeName>,
    /// Whether it asks where else a document stands.
    pub(in crate::content::graph) by_column: bool,
}

/// Reads a filter; `content_type` gives its field names their meaning.
///
/// # Errors
/// What is wrong with an operand; too many conditions.
pub(in crate::content::graph) fn read(
    value: Option<&Value>,
    types: &TypeRegistry,
    content_type: Option<&ContentType>,
) -> Result<Conditions, Fault> {
    let mut reading = Reading { types, conditions: 0, found: Conditions::default() };
    let of = Of { content_type, is_linked: false };
    let filter = value.map_or(Ok(Filter::default()), |value| reading.filter(value, of))?;
    Ok(Conditions { filter, ..reading.found })
}

struct Reading<'types> {
    types: &'types TypeRegistry,
    conditions: usize,
    found: Conditions,
}

/// The documents that a condition is about.
#[derive(Clone, Copy)]
struct Of<'types> {
    content_type: Option<&'types ContentType>,
    /// They are not the listed ones but linked with them.
    is_linked: bool,
}

impl<'types> Reading<'types> {
    fn filter(&mut self, value: &Value, of: Of<'types>) -> Result<Filter, Fault> {
        self.conditions(members(value)?, of)
    }

    fn conditions(
        &mut self,
        members: Vec<(&str, &Value)>,
        of: Of<'types>,
    ) -> Result<Filter, Fault> {
        let mut all = Vec::new();
        for (name, value) in members {
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
                "and" => Filter::All(self.filters(value, of)?),
                "or" => Filter::Any(self.filters(value, of)?),
                "not" => Filter::Not(Box::new(self.filter(value, of)?)),
                "contentId" => content_ids(value)?,
                "column" => {
                    self.found.by_column = true;
                    Filter::Column(column(value)?)
                }
                "columns" => {
                    self.found.by_column = true;
                    let columns = few(items(value))?.iter().map(column);
                    Filter::Columns(columns.collect::<Result<_, _>>()?)
                }
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
                name => self.field(name, value, of)?,
            });
        }
        // One condition alone lets the store read it by its index.
        Ok(match all.len() {
            1 => all.remove(0),
            _ => Filter::All(all),
        })
    }

    fn filters(&mut self, value: &Value, of: Of<'types>) -> Result<Vec<Filter>, Fault> {
        items(value).iter().map(|value| self.filter(value, of)).collect()
    }

    fn field(&mut self, name: &str, value: &Value, of: Of<'types>) -> Result<Filter, Fault> {
        let unknown = || {
            Refusal::argument(
                format!("没有可筛选的字段 {name}"),
                format!("there is no field {name} to filter by"),
            )
        };
        let content_type = of.content_type.ok_or_else(unknown)?;
        if let Some(field) = content_type.field(name) {
            return self.own(content_type, field, value, of);
        }
        let reverse = self.types.reverse_links(&content_type.name);
        match reverse.iter().find(|link| link.name.as_str() == name && !of.is_linked) {
            Some(link) => self.reverse(link, value),
            None => Err(unknown().into()),
        }
    }

    /// Tests of a field; of one that links to one type, of the documents there too.
    fn own(
        &mut self,
        content_type: &ContentType,
        field: &Field,
        value: &Value,
        of: Of<'types>,
    ) -> Result<Filter, Fault> {
        let (own, there) = match linked(self.types, field).filter(|_| !of.is_linked) {
            None => (value.clone(), None),
            Some(to) => {
                let (own, there) = parted(members(value)?);
                (Value::Object(own), Some((to, there)))
            }
        };
        let tests = tests(field, &own)?;
        self.conditions += tests.len().saturating_sub(1);
        if !tests.is_empty() {
            self.found.fields.push((content_type.name.clone(), field.name.clone()));
        }
        let mut filters: Vec<Filter> = tests
            .into_iter()
            .map(|test| Filter::Field { field: field.name.clone(), test })
            .collect();
        if let Some((to, there)) = there.filter(|(_, there)| !there.is_empty()) {
            filters.push(self.linked(&field.name, true, &to.name, there, Vec::new())?);
        }
        Ok(match filters.len() {
            1 => filters.remove(0),
            _ => Filter::All(filters),
        })
    }

    /// Tests of the documents that link to the listed one.
    fn reverse(&mut self, link: &ReverseLink, value: &Value) -> Result<Filter, Fault> {
        let (own, there) = parted(members(value)?);
        let mut filters = Vec::new();
        let named: Vec<_> = own.iter().filter(|(name, _)| *name != "isNull").collect();
        let contents = named.iter().map(|(_, ids)| contents(ids)).collect::<Result<Vec<_>, _>>()?;
        if !contents.is_empty() || !there.is_empty() {
            filters.push(self.linked(&link.field, false, &link.source, there, contents)?);
        }
        if let Some(is_null) = own.get("isNull") {
            let any = self.linked(&link.field, false, &link.source, Vec::new(), Vec::new())?;
            filters.push(match is_null {
                Value::Boolean(true) => Filter::Not(Box::new(any)),
                _ => any,
            });
        }
        Ok(Filter::All(filters))
    }

    fn linked(
        &mut self,
        field: &FieldName,
        forwards: bool,
        to: &TypeName,
        there: Vec<(&str, &Value)>,
        mut conditions: Vec<Filter>,
    ) -> Result<Filter, Fault> {
        let of = Of { content_type: self.types.get(to), is_linked: true };
        conditions.push(self.conditions(there, of)?);
        self.found.linked.push(to.clone());
        let filter = match conditions.len() {
            1 => conditions.remove(0),
            _ => Filter::All(conditions),
        };
        Ok(Filter::Linked(Box::new(Linked {
            field: field.clone(),
            forwards,
            r#type: to.clone(),
            filter,
        })))
    }
}

/// The tests of a link itself, and those of what is at its other end.
fn parted<'value>(
    members: Vec<(&'value str, &'value Value)>,
) -> (IndexMap<Name, Value>, Vec<(&'value str, &'value Value)>) {
    let is_own = |name: &str| matches!(name, "eq" | "in" | "isNull");
    let (own, there): (Vec<_>, Vec<_>) = members.into_iter().partition(|(name, _)| is_own(name));
    let own = own.into_iter().map(|(name, value)| (Name::new(name), value.clone()));
    (own.collect(), there)
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
            "startsWith" => tests.push(Test::StartsWith(part(field, value)?)),
            "contains" => tests.push(Test::Contains(part(field, value)?)),
            "near" => tests.push(Test::Near(circle(value)?)),
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

fn circle(value: &Value) -> Result<Circle, Refusal> {
    let members = members(value)?;
    let given = |name| members.iter().find(|(member, _)| *member == name).map(|(_, value)| *value);
    let degrees = |name| match given(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let metres = match given("metres") {
        Some(Value::Number(metres)) => {
            metres.as_u64().and_then(|metres| u32::try_from(metres).ok())
        }
        _ => None,
    };
    metres
        .filter(|metres| *metres > 0)
        .and_then(|metres| Circle::around(&degrees("latitude"), &degrees("longitude"), metres))
        .ok_or_else(|| {
            Refusal::argument(
                format!("near 应为经纬度（度）与 1 至 {MAX_METRES} 米的距离"),
                format!(
                    "near takes latitude and longitude in degrees, and 1 to {MAX_METRES} metres"
                ),
            )
        })
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

/// A part of a key. Part of a region code is no region code, so it is taken as it is.
fn part(field: &Field, value: &Value) -> Result<Vec<u8>, Fault> {
    match (&field.kind, value) {
        (FieldKind::RegionCode { .. }, Value::String(text)) => Ok(text.as_bytes().to_vec()),
        _ => Ok(key_for(field, &value.clone().into_json().unwrap_or_default())?),
    }
}

fn content_ids(value: &Value) -> Result<Filter, Fault> {
    let mut all = Vec::new();
    for (_, value) in members(value)? {
        all.push(contents(value)?);
    }
    Ok(Filter::All(all))
}

fn contents(value: &Value) -> Result<Filter, Fault> {
    let ids = few(items(value))?.iter().map(|id| match id {
        Value::String(text) => content_id(text),
        other => content_id(&other.to_string()),
    });
    Ok(Filter::Contents(ids.collect::<Result<Vec<ContentId>, _>>()?))
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

fn column(value: &Value) -> Result<ColumnId, Fault> {
    let id = match value {
        Value::String(text) => node::NodeId::parse(text),
        _ => None,
    };
    match id {
        Some(node::NodeId::Column(column)) => Ok(column),
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
