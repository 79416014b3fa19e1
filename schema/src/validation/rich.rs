//! Rich text and free JSON: values whose size is counted in bytes.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;
use serde_json::Value;

use super::problem::{Problem, expected_one, too_long, wrong_kind};
use crate::{
    canonical::to_canonical,
    digest::Digest,
    rich_text::{clean_html, html_from_markdown},
};

/// Word processors wrap text in markup that cleaning takes away; so much more may arrive.
const BEFORE_CLEANING: usize = 4;

/// A file of the hub shown or linked in cleaned HTML, where attributes stand in double quotes.
static ASSET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"="asset:(sha256:[0-9a-f]{64})""#).expect("the expression is constant and tested")
});

/// Cleaned HTML from a text of HTML, `{"html": …}` or `{"markdown": …}`; `None` when nothing
/// would show.
pub(super) fn html(given: &Value, most: usize) -> Result<Option<String>, Problem> {
    let (source, convert): (&str, fn(&str) -> String) = match given {
        Value::Null => return Ok(None),
        Value::String(html) => (html, clean_html),
        Value::Array(_) => return Err(expected_one()),
        Value::Object(members) if members.len() == 1 => {
            match (members.get("html"), members.get("markdown")) {
                (Some(Value::String(html)), _) => (html, clean_html),
                (_, Some(Value::String(markdown))) => (markdown, html_from_markdown),
                _ => return Err(wrong_form()),
            }
        }
        _ => return Err(wrong_form()),
    };
    if source.len() > most * BEFORE_CLEANING {
        return Err(too_long(source.len(), most, "字节", "bytes"));
    }
    let html = convert(source);
    if html.len() > most {
        return Err(too_long(html.len(), most, "字节", "bytes"));
    }
    Ok(Some(html).filter(|html| shows_something(html)))
}

/// Adds the files that cleaned HTML shows or links to.
pub(super) fn shown_files(html: &str, files: &mut BTreeSet<Digest>) {
    let named = ASSET.captures_iter(html).filter_map(|found| found[1].parse::<Digest>().ok());
    files.extend(named);
}

/// JSON with a canonical form, unchanged; `None` for null, a blank text and an empty list.
pub(super) fn json(given: &Value, most: usize) -> Result<Option<Value>, Problem> {
    let empty = match given {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    };
    if empty {
        return Ok(None);
    }
    let canonical = to_canonical(given).map_err(|_| {
        Problem::new(
            "not_canonical",
            "含有小数或过大的整数：小数请写成文本",
            "holds a fraction or a too large number: write such numbers as texts",
        )
    })?;
    if canonical.len() > most {
        return Err(too_long(canonical.len(), most, "字节", "bytes"));
    }
    // Databases refuse it in texts; in canonical JSON it can only stand as this escape.
    if has_nul(given) {
        return Err(Problem::new(
            "control_character",
            "含有控制字符 U+0000，请删除",
            "holds the control character U+0000: remove it",
        ));
    }
    Ok(Some(given.clone()))
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(members) => {
            members.iter().any(|(name, value)| name.contains('\0') || has_nul(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Whether cleaned HTML holds text, a picture, sound, film, a table or a rule. Editors leave
/// `<p><br></p>` in a field that a person sees as empty.
fn shows_something(html: &str) -> bool {
    const SHOWN: [&str; 5] = ["<img", "<video", "<audio", "<table", "<hr"];
    if SHOWN.iter().any(|tag| html.contains(tag)) {
        return true;
    }
    let mut outside = true;
    let text: String = html
        .chars()
        .filter(|letter| match letter {
            '<' => {
                outside = false;
                false
            }
            '>' if !outside => {
                outside = true;
                false
            }
            _ => outside,
        })
        .collect();
    !text.replace("&nbsp;", " ").trim().is_empty()
}

fn wrong_form() -> Problem {
    wrong_kind(
        "HTML 文本，或 {\"html\": …}、{\"markdown\": …}",
        "a text of HTML, or {\"html\": …}, or {\"markdown\": …}",
    )
}
