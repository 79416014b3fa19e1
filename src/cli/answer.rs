//! What a command says when it is done: a text for people, a value for programs.

use std::fmt::Write as _;

use comfy_table::{Table, presets};
use serde::Serialize;
use serde_json::Value;

use super::Failure;

/// What a command says when it is done.
pub(crate) struct Answer {
    /// For people, whole lines.
    pub(crate) text: String,
    value: Value,
    /// The work was done, and what it found is a failure: said after the answer.
    pub(crate) failure: Option<Failure>,
}

impl Answer {
    /// An answer in both forms.
    pub(crate) fn new(text: String, value: &impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or(Value::Null);
        Self { text, value, failure: None }
    }

    /// The same, and the command fails with this.
    pub(crate) fn with_failure(self, failure: Failure) -> Self {
        Self { failure: Some(failure), ..self }
    }

    /// The same after something else was done: its text comes first, its keys come along.
    pub(crate) fn in_front(mut self, text: &str, more: Value) -> Self {
        self.text.insert_str(0, text);
        if let (Value::Object(value), Value::Object(more)) = (&mut self.value, more) {
            value.extend(more);
        }
        self
    }

    /// The same with something more to say to people.
    pub(crate) fn with_more_text(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    /// For programs, with `--json`.
    pub(crate) fn json(&self) -> String {
        format!("{:#}\n", self.value)
    }
}

/// Columns that stand under each other, Chinese counted as wide as it is shown.
pub(crate) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut table = Table::new();
    table.load_preset(presets::NOTHING).set_header(header);
    for row in rows {
        table.add_row(row);
    }
    let mut text = String::new();
    for line in table.lines() {
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}
