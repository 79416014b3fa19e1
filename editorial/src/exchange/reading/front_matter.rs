//! Front matter: what the head of a text file says of it, between two lines of `+++` (TOML) or
//! of `---` (the plain part of YAML that people write there).
//!
//! YAML as a whole is large and full of surprises, and the crates for it are given up by their
//! authors. Read here are `key: value`, quoted values, `[a, b]` and lists of `- item` lines;
//! anything else is refused with its line, and TOML says it without doubt.

use serde_json::{Map, Value};

use super::Reason;

type At<T> = Result<T, (u64, Reason)>;

/// Divides `text` into what its front matter says and its body.
pub(super) fn split(text: &str) -> At<(Map<String, Value>, &str)> {
    for (fence, read) in [("+++", toml as fn(&str) -> At<Map<String, Value>>), ("---", plain)] {
        let Some(rest) = text.strip_prefix(fence) else { continue };
        let Some(rest) = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')) else {
            continue;
        };
        let Some((head, body)) = until(rest, fence) else {
            return Err((
                1,
                Reason::new(
                    "front_matter",
                    format!("文件头以 {fence} 开始，但没有结束的 {fence}"),
                    format!("the front matter starts with {fence} and no {fence} ends it"),
                ),
            ));
        };
        return Ok((read(head)?, body));
    }
    Ok((Map::new(), text))
}

fn until<'t>(text: &'t str, fence: &str) -> Option<(&'t str, &'t str)> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end() == fence {
            return Some((&text[..start], &text[start + line.len()..]));
        }
        start += line.len();
    }
    None
}

/// Dates and times of TOML become texts, as in JSON.
fn toml(head: &str) -> At<Map<String, Value>> {
    let table: toml::Table = toml::from_str(head).map_err(|error| {
        let before = &head[..error.span().map_or(0, |span| span.start.min(head.len()))];
        let line = before.matches('\n').count() as u64 + 2;
        let message = error.message();
        let zh = format!("文件头不是有效的 TOML：{message}");
        (line, Reason::new("front_matter", zh, format!("the front matter is not TOML: {message}")))
    })?;
    Ok(table.into_iter().map(|(key, value)| (key, json(value))).collect())
}

fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => number.into(),
        // Exact, as text: a float has no canonical form.
        toml::Value::Float(number) => Value::String(number.to_string()),
        toml::Value::Boolean(yes) => Value::Bool(yes),
        toml::Value::Datetime(moment) => Value::String(moment.to_string()),
        toml::Value::Array(items) => items.into_iter().map(json).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(key, value)| (key, json(value))).collect())
        }
    }
}

fn plain(head: &str) -> At<Map<String, Value>> {
    let mut members: Map<String, Value> = Map::new();
    // The key whose list is being read.
    let mut open: Option<String> = None;
    for (line, number) in head.lines().zip(2_u64..) {
        let wrong = || {
            let reason = Reason::new(
                "front_matter",
                "看不懂这一行：只能写 key: value、key: [a, b]，或 key: 后接若干行 - item；更复杂的内容请改用 +++ 之间的 TOML",
                "this line is not understood: write key: value, key: [a, b], or key: and lines of - item; for more use TOML between lines of +++",
            );
            (number, reason)
        };
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if let Some(item) = content.strip_prefix("- ") {
            let key = open.as_ref().ok_or_else(wrong)?;
            let item = scalar(item).ok_or_else(wrong)?;
            let list = members.entry(key.clone()).or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut().ok_or_else(wrong)?.push(item);
            continue;
        }
        if line.starts_with([' ', '\t']) {
            return Err(wrong());
        }
        let (key, value) = content.split_once(':').ok_or_else(wrong)?;
        let key = unquoted(key.trim()).to_owned();
        if key.is_empty() || members.contains_key(&key) {
            return Err(wrong());
        }
        let value = value.trim();
        if value.is_empty() {
            open = Some(key);
            continue;
        }
        open = None;
        let value = match value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            Some(items) => items
                .split(',')
                .filter(|item| !item.trim().is_empty())
                .map(|item| scalar(item.trim()))
                .collect::<Option<Vec<_>>>()
                .map(Value::Array),
            None => scalar(value),
        };
        members.insert(key, value.ok_or_else(wrong)?);
    }
    Ok(members)
}

/// A value on one line; `None` for what YAML means otherwise than it looks.
fn scalar(text: &str) -> Option<Value> {
    let text = text.trim();
    let quoted = unquoted(text);
    if quoted.len() < text.len() {
        return Some(Value::String(quoted.to_owned()));
    }
    if text.starts_with(['&', '*', '!', '|', '>', '{', '[', '%', '@', '`', '"', '\'']) {
        return None;
    }
    Some(match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        "null" | "~" => Value::Null,
        _ => Value::String(text.to_owned()),
    })
}

fn unquoted(text: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|mark| {
            let inner = text.strip_prefix(mark)?.strip_suffix(mark)?;
            (!inner.contains(mark) && !inner.contains('\\')).then_some(inner)
        })
        .unwrap_or(text)
}
