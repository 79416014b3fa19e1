//! Text for people, always in Chinese and English, and the faults that carry it.
//!
//! A fault names the place (`fields.attachments[2].name`), a stable code for programs, and
//! one sentence per language that says what is wrong and what to do.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One text in both languages of the product.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// A text from its Chinese and English form.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    /// The form for a reader of `locale`: Chinese for `zh…`, English for everything else.
    pub fn for_locale(&self, locale: &str) -> &str {
        if locale.starts_with("zh") { &self.zh } else { &self.en }
    }
}

impl fmt::Display for Bilingual {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} / {}", self.zh, self.en)
    }
}

/// One thing that is wrong with what somebody handed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where: field path in the author's input, `""` for the whole.
    pub path: String,
    /// Stable code in snake case, for programs: `required`, `too_long`, `unknown_field`, …
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: Bilingual,
}

impl Fault {
    /// A fault at `path`.
    pub fn new(
        path: impl Into<String>,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self { path: path.into(), code, message: Bilingual::new(zh, en) }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} [{}] {}", self.path, self.code, self.message)
    }
}
