//! The default address of a document: `/{column}/{year}/{month}/{id}`.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::names::{BadName, ColumnPath, DocumentPath};

/// A path with placeholders, as a content type or a site gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathTemplate {
    text: Box<str>,
}

/// What the placeholders stand for.
#[derive(Clone, Copy, Debug)]
pub struct PathParts<'a> {
    /// `{column}`: the path of the first column.
    pub column: &'a ColumnPath,
    /// `{year}`, `{month}`, `{day}`: the day of first publication on the site's calendar.
    pub date: Date,
    /// `{id}`: the short id of the content.
    pub id: &'a str,
    /// `{slug}`: the readable part chosen by an editor; the short id where there is none.
    pub slug: Option<&'a str>,
}

/// A path template cannot give a path, or not one per document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadTemplate {
    /// A placeholder nobody knows.
    #[error("{{{0}}} is not one of {{column}} {{year}} {{month}} {{day}} {{id}} {{slug}}")]
    UnknownPlaceholder(String),
    /// A brace without its partner.
    #[error("a brace has no partner")]
    Brace,
    /// Neither `{id}` nor `{slug}`: all documents would share one path.
    #[error("it holds neither {{id}} nor {{slug}}, so two documents would share one path")]
    NotDistinct,
    /// What it gives is not a path.
    #[error(transparent)]
    NotAPath(#[from] BadName),
}

const PLACEHOLDERS: [&str; 6] = ["column", "year", "month", "day", "id", "slug"];

impl PathTemplate {
    /// The template as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The path of one document.
    ///
    /// # Errors
    /// When a part does not fit into a path (a slug with a space) or the path gets too long.
    pub fn fill(&self, parts: PathParts<'_>) -> Result<DocumentPath, BadName> {
        let date = parts.date;
        self.text
            .replace("{column}", parts.column.as_str())
            .replace("{year}", &format!("{:04}", date.year()))
            .replace("{month}", &format!("{:02}", date.month()))
            .replace("{day}", &format!("{:02}", date.day()))
            .replace("{id}", parts.id)
            .replace("{slug}", parts.slug.unwrap_or(parts.id))
            .parse()
    }
}

impl Default for PathTemplate {
    fn default() -> Self {
        Self { text: "/{column}/{year}/{month}/{id}".into() }
    }
}

impl FromStr for PathTemplate {
    type Err = BadTemplate;

    fn from_str(text: &str) -> Result<Self, BadTemplate> {
        let mut sample = String::new();
        let mut distinct = false;
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(BadTemplate::Brace)?;
            if !PLACEHOLDERS.contains(&name) {
                return Err(BadTemplate::UnknownPlaceholder(name.chars().take(40).collect()));
            }
            distinct |= matches!(name, "id" | "slug");
            sample.push_str(before);
            sample.push('1');
            rest = after;
        }
        sample.push_str(rest);
        if sample.contains('}') {
            return Err(BadTemplate::Brace);
        }
        sample.parse::<DocumentPath>()?;
        if !distinct {
            return Err(BadTemplate::NotDistinct);
        }
        Ok(Self { text: text.into() })
    }
}

impl fmt::Display for PathTemplate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl Serialize for PathTemplate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for PathTemplate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_template_gives_the_path_of_a_document() {
        let column = "policy/finance".parse().expect("a column path");
        let parts = PathParts { column: &column, date: date(2026, 3, 9), id: "k3f9", slug: None };

        let path = |template: &str| {
            let template: PathTemplate = template.parse().expect("a template");
            template.fill(parts).expect("a path").to_string()
        };

        assert_eq!(path("/{column}/{year}/{month}/{id}"), "/policy/finance/2026/03/k3f9");
        assert_eq!(path("/art/{year}{month}{day}/{slug}.html"), "/art/20260309/k3f9.html");
        assert_eq!(path(PathTemplate::default().as_str()), "/policy/finance/2026/03/k3f9");
    }

    #[test]
    fn a_template_that_gives_no_path_or_one_for_all_is_refused() {
        let refused = |text: &str| text.parse::<PathTemplate>().expect_err(text);

        assert_eq!(refused("/{column}/{title}"), BadTemplate::UnknownPlaceholder("title".into()));
        assert_eq!(refused("/{column}/{id"), BadTemplate::Brace);
        assert_eq!(refused("/{column}/id}"), BadTemplate::Brace);
        assert_eq!(refused("/{column}/{year}"), BadTemplate::NotDistinct);
        for not_a_path in ["{column}/{id}", "/{column}//{id}", "/{column}/{id}/", "/a b/{id}"] {
            assert!(matches!(refused(not_a_path), BadTemplate::NotAPath(_)), "{not_a_path}");
        }
    }
}
