//! The canonical form of single values: one function for what is stored and what is asked for.

use serde_json::Value;

use super::{
    Stage, number,
    problem::{Problem, expected_one, wrong_kind},
    text::{self, Lines},
    time,
};
use crate::{
    content_type::{Choice, FieldKind},
    document_number,
    ids::ContentId,
    suggest::nearest,
};

/// Characters of a document number.
const DOCUMENT_NUMBER_CHARACTERS: usize = 200;

/// What a value is for, and so which limits bind it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To be kept in a draft.
    Draft,
    /// To be published.
    Publication,
    /// To be compared with: nothing is too long, too small or too early to be asked for.
    Operand,
}

impl Purpose {
    pub(super) fn of(stage: Stage) -> Self {
        match stage {
            Stage::Draft => Self::Draft,
            Stage::Publication => Self::Publication,
        }
    }
}

/// The canonical form of one value of a kind that is a single JSON value; `None` when empty.
pub(super) fn canonical(
    kind: &FieldKind,
    given: &Value,
    purpose: Purpose,
) -> Result<Option<Value>, Problem> {
    if given.is_null() {
        return Ok(None);
    }
    let limited = purpose != Purpose::Operand;
    match kind {
        FieldKind::Boolean => match given {
            Value::Bool(_) => Ok(Some(given.clone())),
            _ => Err(wrong_kind("是或否（true 或 false）", "true or false")),
        },
        FieldKind::Integer { minimum, maximum } => {
            let integer = number::integer(given)?;
            if limited {
                number::within(&integer, minimum.as_ref(), maximum.as_ref())?;
            }
            Ok(Some(integer.into()))
        }
        FieldKind::Decimal { scale, minimum, maximum } => {
            if given.as_str().is_some_and(|text| text.trim().is_empty()) {
                return Ok(None);
            }
            let decimal = number::decimal(given)?;
            if limited {
                number::within_scale(&decimal, *scale)?;
                number::within(&decimal, minimum.as_ref(), maximum.as_ref())?;
            }
            Ok(Some(decimal.to_string().into()))
        }
        _ => match string(given)? {
            None => Ok(None),
            Some(text) => spelled(kind, text, purpose).map(|text| text.map(Value::String)),
        },
    }
}

/// The canonical form of a content id.
pub(super) fn content_id(given: &Value) -> Result<Option<ContentId>, Problem> {
    let Some(text) = string(given)? else {
        return Ok(None);
    };
    text.trim().parse().map(Some).map_err(|_| {
        Problem::new(
            "not_a_content_id",
            "应为内容编号（UUID），如 01890a5d-ac96-774b-bcce-b302099a8057",
            "must be a content id (UUID), such as 01890a5d-ac96-774b-bcce-b302099a8057",
        )
    })
}

/// A JSON string that is not blank; `None` for a blank one and for null.
pub(super) fn string(given: &Value) -> Result<Option<&str>, Problem> {
    match given {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.as_str()).filter(|text| !text.trim().is_empty())),
        Value::Array(_) => Err(expected_one()),
        _ => Err(wrong_kind("文本", "a text")),
    }
}

/// Kinds whose value is a JSON string.
fn spelled(kind: &FieldKind, given: &str, purpose: Purpose) -> Result<Option<String>, Problem> {
    let (lines, most) = match kind {
        FieldKind::ShortText { max_length, .. } => (Lines::One, *max_length as usize),
        FieldKind::LongText { max_length, .. } => (Lines::Several, *max_length as usize),
        FieldKind::DocumentNumber => (Lines::One, DOCUMENT_NUMBER_CHARACTERS),
        _ => (Lines::One, 4_000),
    };
    let limited = purpose != Purpose::Operand;
    // Before any work on it: composing shortens a text at most fourfold.
    if limited && given.len() > most * 16 + 4_096 {
        text::within(given, most)?;
    }
    let clean = text::clean(given, lines)?;
    if clean.is_empty() {
        return Ok(None);
    }
    if limited {
        text::within(&clean, most)?;
    }
    let spelled = match kind {
        FieldKind::ShortText { min_length, pattern, .. } => {
            at_least(&clean, *min_length, purpose)?;
            if limited && pattern.as_ref().is_some_and(|pattern| !pattern.matches(&clean)) {
                let pattern = pattern.as_ref().map_or("", |pattern| pattern.as_str());
                return Err(Problem::new(
                    "pattern",
                    format!("格式不符，应合乎 {pattern}"),
                    format!("not of the form {pattern}"),
                ));
            }
            clean
        }
        FieldKind::LongText { min_length, .. } => {
            at_least(&clean, *min_length, purpose)?;
            clean
        }
        FieldKind::DocumentNumber => document_number::normalise(&clean),
        FieldKind::Date { minimum, maximum } => {
            let date = time::date(&clean)?;
            if limited {
                number::within(&date, minimum.as_ref(), maximum.as_ref())?;
            }
            date.to_string()
        }
        FieldKind::DateTime => time::date_time(&clean)?.to_string(),
        FieldKind::Choice { choices, .. } => choice(choices, clean)?,
        FieldKind::RegionCode { .. } => text::region_code(&clean)?,
        FieldKind::Telephone { .. } => text::telephone(&clean)?,
        FieldKind::Url { .. } => text::url(&clean)?,
        _ => return Err(wrong_kind("文本", "a text")),
    };
    Ok(Some(spelled))
}

fn at_least(text: &str, fewest: u32, purpose: Purpose) -> Result<(), Problem> {
    let length = text.chars().count();
    if purpose != Purpose::Publication || length >= fewest as usize {
        return Ok(());
    }
    Err(Problem::new(
        "too_short",
        format!("只有 {length} 字，至少 {fewest} 字，请补充"),
        format!("{length} characters long, at least {fewest}: add to it"),
    ))
}

fn choice(choices: &[Choice], given: String) -> Result<String, Problem> {
    if choices.iter().any(|choice| choice.value == given) {
        return Ok(given);
    }
    let near = nearest(&given, choices.iter().map(|choice| choice.value.as_str()));
    let (zh, en) = match near {
        Some(near) => (format!("是否想写 {near}？"), format!("did you mean {near}?")),
        None => {
            let shown: Vec<String> = choices
                .iter()
                .take(30)
                .map(|choice| format!("{}（{}）", choice.value, choice.label.zh))
                .collect();
            let values: Vec<&str> =
                choices.iter().take(30).map(|choice| choice.value.as_str()).collect();
            (format!("可选：{}", shown.join("、")), format!("there are: {}", values.join(", ")))
        }
    };
    Err(Problem::new(
        "not_a_choice",
        format!("不是可选的值，{zh}"),
        format!("not one of the choices; {en}"),
    ))
}
