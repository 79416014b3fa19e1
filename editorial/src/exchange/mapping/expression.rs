//! How one value is made from a record: taken from a place or put together, then shaped.
//!
//! Small on purpose: what needs more than this is work for a program that writes records.

use jiff::civil::Date;
use regex::Regex;
use serde_json::{Map, Value};

use super::path::RecordPath;
use crate::exchange::Reason;

/// How one value is made.
#[derive(Clone, Debug)]
pub struct Expression {
    /// Where it comes from.
    pub source: Source,
    /// The first group of this, where it matches; nothing where it does not.
    pub capture: Option<Regex>,
    /// A text is divided at each of these.
    pub split: Vec<String>,
    /// Each value is replaced by what stands under it.
    pub map: Option<Map<String, Value>>,
    /// What a value becomes that `map` does not name.
    pub otherwise: Option<Value>,
    /// Texts are read as dates by the first of these that fits (`%Y年%m月%d日`).
    pub date: Vec<String>,
}

/// Where a value comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// Always this.
    Constant(Value),
    /// What stands there.
    Path(RecordPath),
    /// A text with `{paths}` filled in; nothing when one of them holds nothing.
    Template(Vec<Part>),
    /// The first of these that gives something.
    First(Vec<Expression>),
}

/// A piece of a template.
#[derive(Clone, Debug)]
pub enum Part {
    /// As it stands.
    Text(String),
    /// What stands there in the record.
    Path(RecordPath),
}

impl Expression {
    /// `source` as it is.
    pub const fn plain(source: Source) -> Self {
        Self {
            source,
            capture: None,
            split: Vec::new(),
            map: None,
            otherwise: None,
            date: Vec::new(),
        }
    }

    /// What stands at `path`; `None` when that is no path.
    pub fn at(path: &str) -> Option<Self> {
        Some(Self::plain(Source::Path(path.parse().ok()?)))
    }

    /// The value for `record`; `None` for none.
    ///
    /// # Errors
    /// A value that `map` does not name, a text that is no date.
    pub fn value(&self, record: &Map<String, Value>) -> Result<Option<Value>, Reason> {
        let found = match &self.source {
            Source::Constant(value) => Some(value.clone()),
            Source::Path(path) => path.find(record).cloned(),
            Source::Template(parts) => filled(parts, record),
            Source::First(expressions) => {
                let mut found = None;
                for expression in expressions {
                    found = expression.value(record)?;
                    if found.is_some() {
                        break;
                    }
                }
                found
            }
        };
        found.map_or(Ok(None), |value| self.shape(value))
    }

    /// The value for `record` as text.
    ///
    /// # Errors
    /// As [`value`](Self::value).
    pub fn text(&self, record: &Map<String, Value>) -> Result<Option<String>, Reason> {
        Ok(self.value(record)?.as_ref().and_then(plain_text))
    }

    fn shape(&self, value: Value) -> Result<Option<Value>, Reason> {
        let divided = match value {
            Value::String(text) if !self.split.is_empty() => Value::Array(self.divide(&text)),
            value => value,
        };
        match divided {
            Value::Array(items) => {
                let shaped = items.into_iter().map(|item| self.shape_one(item));
                let shaped: Vec<Value> =
                    shaped.filter_map(Result::transpose).collect::<Result<_, _>>()?;
                Ok((!shaped.is_empty()).then_some(Value::Array(shaped)))
            }
            single => self.shape_one(single),
        }
    }

    fn divide(&self, text: &str) -> Vec<Value> {
        let mut parts = vec![text];
        for separator in &self.split {
            parts = parts.iter().flat_map(|part| part.split(separator.as_str())).collect();
        }
        let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
        parts.map(|part| Value::String(part.to_owned())).collect()
    }

    fn shape_one(&self, value: Value) -> Result<Option<Value>, Reason> {
        let value = match (&self.capture, plain_text(&value)) {
            (Some(capture), Some(text)) => {
                let group = capture.captures(&text).and_then(|found| found.get(1));
                match group.map(|group| group.as_str().trim()).filter(|text| !text.is_empty()) {
                    Some(text) => Value::String(text.to_owned()),
                    None => return Ok(None),
                }
            }
            _ => value,
        };
        let value = match &self.map {
            None => value,
            Some(map) => match plain_text(&value).and_then(|text| map.get(text.trim())) {
                Some(mapped) => mapped.clone(),
                None => self.otherwise.clone().ok_or_else(|| unmapped(&value))?,
            },
        };
        if self.date.is_empty() {
            return Ok(Some(value));
        }
        self.read_date(&value).map(Some)
    }

    fn read_date(&self, value: &Value) -> Result<Value, Reason> {
        let text = plain_text(value).unwrap_or_default();
        let read = |format: &String| Date::strptime(format, text.trim()).ok();
        match self.date.iter().find_map(read) {
            Some(date) => Ok(Value::String(date.to_string())),
            None => {
                let formats = self.date.join("、");
                Err(Reason::new(
                    "not_a_date",
                    format!("“{}”不是日期，应写作 {formats}", shown(value)),
                    format!("{:?} is not a date as {formats} write it", shown(value)),
                ))
            }
        }
    }
}

fn filled(parts: &[Part], record: &Map<String, Value>) -> Option<Value> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(part) => text.push_str(part),
            Part::Path(path) => text.push_str(&plain_text(path.find(record)?)?),
        }
    }
    Some(Value::String(text))
}

/// A single value as text; `None` for lists and objects.
fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn unmapped(value: &Value) -> Reason {
    let shown = shown(value);
    Reason::new(
        "not_in_map",
        format!("映射文件没有说明“{shown}”对应什么，请在 map 中补充，或写明 otherwise"),
        format!(
            "the mapping does not say what {shown:?} becomes: add it to the map, or say otherwise"
        ),
    )
}

fn shown(value: &Value) -> String {
    let text = plain_text(value).unwrap_or_else(|| value.to_string());
    text.chars().take(60).collect()
}

/// The pieces of a template; `None` when a brace has no partner or holds no path.
pub(super) fn template(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (path, after) = after.split_once('}')?;
        if before.contains('}') {
            return None;
        }
        if !before.is_empty() {
            parts.push(Part::Text(before.to_owned()));
        }
        parts.push(Part::Path(path.parse().ok()?));
        rest = after;
    }
    if rest.contains('}') {
        return None;
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest.to_owned()));
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(members) => members,
            other => panic!("not a record: {other}"),
        }
    }

    fn at(path: &str) -> Expression {
        Expression::at(path).expect("a path")
    }

    #[test]
    fn a_template_with_an_empty_place_gives_nothing() {
        let both = Expression::plain(Source::Template(
            template("{title}（{version}）").expect("a template"),
        ));

        let value = |members| both.value(&record(members)).expect("a template does not fail");

        let full = json!({"title": "条例", "version": 2024});
        assert_eq!(value(full), Some(json!("条例（2024）")));
        assert_eq!(value(json!({"title": "条例"})), None);
    }

    #[test]
    fn the_first_present_value_counts() {
        let date = Expression::plain(Source::First(vec![at("history[0].date"), at("version")]));

        let value = |members| date.value(&record(members)).expect("paths do not fail");

        assert_eq!(
            value(json!({"history": [], "version": "2024-01-01"})),
            Some(json!("2024-01-01"))
        );
        let both = json!({"history": [{"date": "1999-01-01"}], "version": "2024-01-01"});
        assert_eq!(value(both), Some(json!("1999-01-01")));
    }

    #[test]
    fn values_are_captured_divided_mapped_and_read_as_dates() {
        let issuer = Expression {
            capture: Some(Regex::new("^(?:.*共和国)?(.+?)令").expect("an expression")),
            ..at("number")
        };
        let words = Expression { split: vec!["，".into(), ";".into()], ..at("words") };
        let genre = Expression { map: Some(record(json!({"通知": "notice"}))), ..at("kind") };
        let date =
            Expression { date: vec!["%Y-%m-%d".into(), "%Y年%m月%d日".into()], ..at("date") };
        let given = record(json!({
            "number": "中华人民共和国国务院令第656号", "words": "财政， 预算;审计", "kind": "通知",
            "date": "2014年11月7日",
        }));

        assert_eq!(issuer.value(&given), Ok(Some(json!("国务院"))));
        assert_eq!(words.value(&given), Ok(Some(json!(["财政", "预算", "审计"]))));
        assert_eq!(genre.value(&given), Ok(Some(json!("notice"))));
        assert_eq!(date.value(&given), Ok(Some(json!("2014-11-07"))));
    }

    #[test]
    fn a_value_the_map_does_not_know_is_refused_unless_it_says_otherwise() {
        let mut genre = Expression { map: Some(Map::new()), ..at("kind") };
        let given = record(json!({"kind": "函"}));

        assert_eq!(genre.value(&given).expect_err("not in the map").code, "not_in_map");
        genre.otherwise = Some(json!("other"));
        assert_eq!(genre.value(&given), Ok(Some(json!("other"))));
    }

    #[test]
    fn a_template_with_a_lone_brace_is_none() {
        for wrong in ["{title", "title}", "{}", "a}{b}"] {
            assert!(template(wrong).is_none(), "{wrong}");
        }
    }
}
