//! Filters: an input type per content type with a test per filterable field, and how they are
//! read.

use std::sync::Arc;

use async_graphql::{
    Value,
    dynamic::{InputObject, InputValue, TypeRef},
};
use jiff::Timestamp;
use schema::{
    content_type::{ContentType, Field, FieldKind, TypeRegistry, reserved},
    ids::ContentId,
    message::Bilingual,
    names::FieldName,
    validation::key_for,
};
use store::reading::{Bound, Filter, Test};

use super::{
    Builder,
    member::description,
    node, own,
    scalars::{DATE, DATE_TIME, DECIMAL, LONG},
};
use crate::content::refusal::{Fault, Refusal};

/// Conditions in one filter, at most.
const CONDITIONS: usize = 30;
/// Values in one `in`, at most.
const VALUES: usize = 200;

fn input(
    builder: &mut Builder,
    name: &str,
    help: (&str, &str),
    members: &[(&str, TypeRef, &str, &str)],
) {
    let object = InputObject::new(name).description(description(&Bilingual::new(help.0, help.1)));
    let object = members.iter().fold(object, |object, (name, ty, zh, en)| {
        let help = description(&Bilingual::new(*zh, *en));
        object.field(InputValue::new(*name, ty.clone()).description(help))
    });
    builder.input(object);
}

fn equality(of: &str) -> Vec<(&'static str, TypeRef, &'static str, &'static str)> {
    vec![
        ("eq", TypeRef::named(of), "等于", "Equal to this"),
        ("in", TypeRef::named_nn_list(of), "等于其中之一", "Equal to one of these"),
    ]
}

fn is_null() -> (&'static str, TypeRef, &'static str, &'static str) {
    ("isNull", TypeRef::named(TypeRef::BOOLEAN), "是否没有值", "Whether there is no value")
}

fn range(of: &str) -> Vec<(&'static str, TypeRef, &'static str, &'static str)> {
    vec![
        ("gt", TypeRef::named(of), "大于（晚于）", "Greater, or later, than this"),
        ("gte", TypeRef::named(of), "大于等于（不早于）", "This or greater, or later"),
        ("lt", TypeRef::named(of), "小于（早于）", "Less, or earlier, than this"),
        ("lte", TypeRef::named(of), "小于等于（不晚于）", "This or less, or earlier"),
    ]
}

/// Adds the tests that fields of several types share.
pub(super) fn add_shared(builder: &mut Builder, types: &Arc<TypeRegistry>) {
    let mut text = equality(TypeRef::STRING);
    let starts = TypeRef::named(TypeRef::STRING);
    text.push(("startsWith", starts, "以此开头", "Starting with this"));
    text.push(is_null());
    input(
        builder,
        "StringFilter",
        ("按文字筛选，各项须同时满足。", "Tests of a text; all of them must hold."),
        &text,
    );
    for (name, of, zh, en) in [
        (
            "LongFilter",
            LONG,
            "按整数筛选，各项须同时满足。",
            "Tests of a whole number; all of them must hold.",
        ),
        (
            "DecimalFilter",
            DECIMAL,
            "按小数筛选，各项须同时满足。",
            "Tests of a decimal; all of them must hold.",
        ),
        (
            "DateFilter",
            DATE,
            "按日期筛选，各项须同时满足。",
            "Tests of a day; all of them must hold.",
        ),
        (
            "DateTimeFilter",
            DATE_TIME,
            "按时刻筛选，各项须同时满足。",
            "Tests of a moment; all of them must hold.",
        ),
    ] {
        let mut members = equality(of);
        members.extend(range(of));
        members.push(is_null());
        input(builder, name, (zh, en), &members);
    }
    input(
        builder,
        "DateTimeRange",
        ("时间范围，各项须同时满足。", "A span of time; all bounds must hold."),
        &range(DATE_TIME),
    );
    input(
        builder,
        "BooleanFilter",
        ("按是否筛选。", "Tests of yes or no."),
        &[("eq", TypeRef::named(TypeRef::BOOLEAN), "等于", "Equal to this"), is_null()],
    );
    let mut link = equality(TypeRef::ID);
    link.push(is_null());
    input(
        builder,
        "ContentFilter",
        ("按链接的内容（contentId）筛选。", "Tests of a link, by the contentId it leads to."),
        &link,
    );
    let mut id = equality(TypeRef::ID);
    id.truncate(2);
    input(builder, "ContentIdFilter", ("按 contentId 筛选。", "Tests of the contentId."), &id);
    for content_type in types.iter() {
        let prefix = content_type.graphql_name();
        for field in content_type.fields.iter().filter(|field| field.filterable) {
            if matches!(field.kind, FieldKind::Choice { .. }) {
                let name = format!("{prefix}{}", reserved::graphql_type_name(field.name.as_str()));
                let mut members = equality(&name);
                members.push(is_null());
                let help = own::words(field);
                input(builder, &format!("{name}Filter"), (&help.zh, &help.en), &members);
            }
        }
    }
}

fn common(name: &str) -> InputObject {
    let filter = format!("{name}Filter");
    let help = |zh: &str, en: &str| description(&Bilingual::new(zh, en));
    let zh = "筛选条件，各项须同时满足。";
    let en = "Conditions; all of them must hold.";
    InputObject::new(&filter)
        .description(help(zh, en))
        .field(
            InputValue::new("and", TypeRef::named_nn_list(&filter))
                .description(help("须全部满足", "All of these")),
        )
        .field(
            InputValue::new("or", TypeRef::named_nn_list(&filter))
                .description(help("至少满足一项", "At least one of these")),
        )
        .field(InputValue::new("not", TypeRef::named(&filter)).description(help("不满足", "Not this")))
        .field(
            InputValue::new("contentId", TypeRef::named("ContentIdFilter"))
                .description(help("内容编号", "The contentId")),
        )
        .field(InputValue::new("column", TypeRef::named(TypeRef::ID)).description(help(
            "在此栏目（id）或其下级栏目中",
            "Shown in the column of this id or below it",
        )))
        .field(InputValue::new("listedAt", TypeRef::named("DateTimeRange")).description(help(
            "列表时间：有原发布时间的取原发布时间，否则取首次发布时间；列表默认按它排序",
            "The time lists are ordered by: the original time where there is one, else the first publication",
        )))
        .field(
            InputValue::new("publishedAt", TypeRef::named("DateTimeRange"))
                .description(help("当前版本的发布时间", "When the live edition was published")),
        )
        .field(InputValue::new("originallyPublishedAt", TypeRef::named("DateTimeRange")).description(
            help("原发布时间", "When it was published elsewhere before"),
        ))
}

/// Adds the filter that suits every type.
pub(super) fn add_common(builder: &mut Builder, name: &str) {
    builder.input(common(name));
}

/// Adds the filter of a type.
pub(super) fn add_of_type(builder: &mut Builder, content_type: &ContentType) {
    let name = content_type.graphql_name();
    let fields = content_type.fields.iter().filter(|field| field.filterable);
    let object = fields.fold(common(&name), |object, field| {
        let ty = match &field.kind {
            FieldKind::Integer { .. } => "LongFilter".to_owned(),
            FieldKind::Decimal { .. } => "DecimalFilter".to_owned(),
            FieldKind::Boolean => "BooleanFilter".to_owned(),
            FieldKind::Date { .. } => "DateFilter".to_owned(),
            FieldKind::DateTime => "DateTimeFilter".to_owned(),
            FieldKind::Link { .. } => "ContentFilter".to_owned(),
            FieldKind::Choice { .. } => {
                format!("{name}{}Filter", reserved::graphql_type_name(field.name.as_str()))
            }
            _ => "StringFilter".to_owned(),
        };
        let help = description(&own::words(field));
        object.field(InputValue::new(field.name.as_str(), TypeRef::named(ty)).description(help))
    });
    builder.input(object);
}

/// A filter, and the fields it tests.
pub(super) struct Conditions {
    pub(super) filter: Filter,
    pub(super) fields: Vec<FieldName>,
}

/// Reads a filter; `content_type` gives its field names their meaning.
///
/// # Errors
/// What is wrong with an operand; too many conditions.
pub(super) fn read(
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
pub(super) fn content_id(text: &str) -> Result<ContentId, Refusal> {
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
fn span(value: &Value) -> Result<(Option<Timestamp>, Option<Timestamp>), Fault> {
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
