//! Which documents a target is given: by site, by column with all below it, by type, by
//! language. What is left empty selects everything.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{
    edition::PlacedAt,
    log::{ArrangedChange, ArrangedThing, Arrangement},
    message::Bilingual,
    names::{ColumnPath, Locale, SiteKey, TypeName},
    tree::rebased,
};

/// Which documents a target is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Selector {
    /// All that stands on these sites.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<SiteKey>,
    /// All that stands in these columns or below them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ColumnOf>,
    /// Only these types.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<TypeName>,
    /// Only these languages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locales: Vec<Locale>,
}

/// A column of a site, written `lanqiao:policy/finance`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ColumnOf {
    /// The site.
    pub site: SiteKey,
    /// The column's path there.
    pub path: ColumnPath,
}

impl Selector {
    /// Whether documents of this type and language are wanted at all.
    pub fn wants(&self, r#type: &TypeName, locale: &Locale) -> bool {
        (self.types.is_empty() || self.types.contains(r#type))
            && (self.locales.is_empty() || self.locales.contains(locale))
    }

    /// The first of `positions` that is selected: where a document that stands there is to be
    /// pointed at.
    pub fn stands<'p>(&self, positions: &'p [PlacedAt]) -> Option<&'p PlacedAt> {
        let anywhere = self.sites.is_empty() && self.columns.is_empty();
        positions.iter().find(|position| {
            anywhere
                || self.sites.contains(&position.site)
                || self.columns.iter().any(|wanted| wanted.holds(position))
        })
    }

    /// Every site it names, once.
    pub fn named_sites(&self) -> Vec<&SiteKey> {
        let mut named: Vec<_> =
            self.sites.iter().chain(self.columns.iter().map(|column| &column.site)).collect();
        named.sort();
        named.dedup();
        named
    }

    /// Lets it follow a column that was moved, or whose documents went into another one: what
    /// a target is given must not end because a house was rearranged. Gives whether what it
    /// selects may have changed, for the target must then be looked through.
    pub fn follow(&mut self, arrangement: &Arrangement) -> bool {
        let touches_documents = arrangement.what == ArrangedThing::Column
            && matches!(
                arrangement.change,
                ArrangedChange::Moved | ArrangedChange::Merged | ArrangedChange::Closed
            );
        if !touches_documents || self.columns.is_empty() {
            return false;
        }
        let (Ok(old), Some(Ok(new))) = (
            arrangement.key.parse::<ColumnOf>(),
            arrangement.becomes.as_deref().map(str::parse::<ColumnOf>),
        ) else {
            return true;
        };
        for column in &mut self.columns {
            if column.site == old.site && column.path.is_within(&old.path) {
                // A path that grew too long names nothing any more.
                if let Ok(path) = rebased(&column.path, &old.path, &new.path) {
                    *column = ColumnOf { site: new.site.clone(), path };
                }
            }
        }
        let mut seen = Vec::new();
        self.columns.retain(|column| {
            let new = !seen.contains(column);
            seen.push(column.clone());
            new
        });
        true
    }
}

impl ColumnOf {
    fn holds(&self, position: &PlacedAt) -> bool {
        position.site == self.site
            && position.columns.iter().any(|column| column.is_within(&self.path))
    }
}

impl fmt::Display for ColumnOf {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.site, self.path)
    }
}

impl FromStr for ColumnOf {
    type Err = Bilingual;

    fn from_str(text: &str) -> Result<Self, Bilingual> {
        let wrong = || {
            Bilingual::new(
                format!("栏目应写作 站点:路径，而不是“{text}”"),
                format!("a column is written site:path, not {text:?}"),
            )
        };
        let (site, path) = text.split_once(':').ok_or_else(wrong)?;
        Ok(Self {
            site: site.parse().map_err(|_| wrong())?,
            path: path.parse().map_err(|_| wrong())?,
        })
    }
}

impl Serialize for ColumnOf {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ColumnOf {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(|wrong: Bilingual| serde::de::Error::custom(wrong.en))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(site: &str, columns: &[&str]) -> PlacedAt {
        PlacedAt {
            site: site.parse().expect("a site key"),
            columns: columns.iter().map(|path| path.parse().expect("a path")).collect(),
            path: "/a".parse().expect("a path"),
        }
    }

    fn columns(texts: &[&str]) -> Selector {
        Selector {
            columns: texts.iter().map(|text| text.parse().expect("a column")).collect(),
            ..Selector::default()
        }
    }

    fn arranged(change: ArrangedChange, key: &str, becomes: Option<&str>) -> Arrangement {
        Arrangement {
            what: ArrangedThing::Column,
            key: key.into(),
            change,
            becomes: becomes.map(Into::into),
        }
    }

    #[test]
    fn a_column_selects_what_stands_in_it_and_below_it_and_nothing_beside_it() {
        let selector = columns(&["lanqiao:policy"]);

        assert!(selector.stands(&[at("lanqiao", &["policy/finance"])]).is_some());
        assert!(selector.stands(&[at("lanqiao", &["news", "policy"])]).is_some());
        assert!(selector.stands(&[at("lanqiao", &["policy-old"])]).is_none());
        assert!(selector.stands(&[at("nanhe", &["policy"])]).is_none());
        assert!(selector.stands(&[]).is_none());
    }

    #[test]
    fn nothing_said_selects_everything_that_stands_somewhere() {
        let everything = Selector::default();

        assert!(everything.stands(&[at("nanhe", &["news"])]).is_some());
        assert!(everything.stands(&[]).is_none());
    }

    #[test]
    fn it_follows_a_column_that_moved_or_was_merged() {
        let mut moved = columns(&["lanqiao:policy/finance", "lanqiao:news"]);
        let event = arranged(ArrangedChange::Moved, "lanqiao:policy", Some("lanqiao:documents"));
        assert!(moved.follow(&event));
        assert_eq!(moved, columns(&["lanqiao:documents/finance", "lanqiao:news"]));

        let mut merged = columns(&["lanqiao:policy", "lanqiao:news"]);
        let event = arranged(ArrangedChange::Merged, "lanqiao:policy", Some("lanqiao:news"));
        assert!(merged.follow(&event));
        assert_eq!(merged, columns(&["lanqiao:news"]));
    }

    #[test]
    fn a_change_that_moves_no_document_leaves_it_alone() {
        let mut selector = columns(&["lanqiao:policy"]);

        assert!(!selector.follow(&arranged(ArrangedChange::Changed, "lanqiao:policy", None)));
        assert!(!selector.follow(&arranged(ArrangedChange::Created, "lanqiao:x2", None)));
        assert!(!Selector::default().follow(&arranged(
            ArrangedChange::Merged,
            "lanqiao:policy",
            Some("lanqiao:news")
        )));
    }
}
