//! What a listener asks to be told, and whether an event is of it.
//!
//! A document is of a place when it enters or leaves it: whoever keeps a copy of that place hears
//! of everything that may make the copy wrong. The house itself (sites, authorities, types) is
//! part of every page, so its changes are told to everybody, except those of other sites'
//! columns and of other types. A notice stands on every page of its site and of the sites below
//! it: whoever listens to one of these hears of it, whatever columns and types they chose.

use std::{collections::HashSet, iter::successors};

use schema::{
    edition::PlacedAt,
    log::{ArrangedThing, Arrangement, DocumentEvent, Subject},
    names::{ColumnPath, SiteKey, TypeName},
    visibility::EventKind,
};
use store::log::StoredEvent;

/// The arguments of a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Which events.
    pub(crate) selection: Selection,
    /// Number of the event that it goes on behind; from now on where there is none.
    pub(crate) after: Option<u64>,
}

/// Which events a listener is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Of this site.
    pub(crate) site: Option<SiteKey>,
    /// Of these columns of it, or those below them; of all where none is named.
    pub(crate) columns: Vec<ColumnPath>,
    /// Of these types; of all where none is named.
    pub(crate) types: Vec<TypeName>,
    /// Of these kinds; of all where none is named.
    pub(crate) kinds: Vec<EventKind>,
}

/// An event with all that selections look at.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) stored: StoredEvent,
    /// Where the document stood last, for an event that neither leaves nor enters a place, such as
    /// the recall of what was withdrawn before.
    pub(super) stood: Vec<PlacedAt>,
    /// Of a notice: the sites that show it.
    pub(super) reaches: HashSet<SiteKey>,
}

impl Seen {
    pub(super) fn sequence(&self) -> u64 {
        self.stored.event.sequence
    }
}

impl Selection {
    /// Whether the event is told.
    pub(super) fn takes(&self, seen: &Seen) -> bool {
        if !self.kinds.is_empty() && !self.kinds.contains(&seen.stored.event.kind) {
            return false;
        }
        match &seen.stored.event.subject {
            Subject::Arrangement(of) if of.what == ArrangedThing::Notice => {
                self.site.as_ref().is_none_or(|site| seen.reaches.contains(site))
            }
            Subject::Arrangement(arrangement) => self.takes_arrangement(arrangement),
            Subject::Document(of) => self.takes_document(of, &seen.stood),
        }
    }

    fn takes_document(&self, of: &DocumentEvent, stood: &[PlacedAt]) -> bool {
        if !self.takes_type(&of.r#type) {
            return false;
        }
        let Some(site) = &self.site else { return true };
        let mut places = of.left.iter().chain(&of.entered).chain(stood);
        places.any(|placed| placed.site == *site && self.takes_columns(&placed.columns))
    }

    fn takes_type(&self, of: &TypeName) -> bool {
        self.types.is_empty() || self.types.contains(of)
    }

    fn takes_columns(&self, columns: &[ColumnPath]) -> bool {
        self.columns.is_empty()
            || columns.iter().any(|column| self.columns.iter().any(|of| is_within(column, of)))
    }

    fn takes_arrangement(&self, arrangement: &Arrangement) -> bool {
        let takes_nothing_less = self.site.is_none() && self.types.is_empty();
        let names = [Some(&arrangement.key), arrangement.becomes.as_ref()];
        let mut names = names.into_iter().flatten();
        match arrangement.what {
            ArrangedThing::Authority | ArrangedThing::Site => true,
            ArrangedThing::Type => {
                self.types.is_empty()
                    || names.any(|name| self.types.iter().any(|of| of.as_str() == name))
            }
            ArrangedThing::Column => {
                self.site.is_none() || names.any(|name| self.takes_column(name))
            }
            ArrangedThing::Target | ArrangedThing::Notice => takes_nothing_less,
        }
    }

    /// Whether a column, named `site:path`, is one of these, below one or above one.
    fn takes_column(&self, name: &str) -> bool {
        let Some((site, path)) = name.split_once(':') else { return true };
        if self.site.as_ref().is_some_and(|of| of.as_str() != site) {
            return false;
        }
        let Ok(path) = path.parse::<ColumnPath>() else { return true };
        self.columns.is_empty()
            || self.columns.iter().any(|of| is_within(&path, of) || is_within(of, &path))
    }
}

/// Whether `column` is `of` or lies below it.
fn is_within(column: &ColumnPath, of: &ColumnPath) -> bool {
    successors(Some(column.clone()), ColumnPath::parent).any(|above| above == *of)
}

#[cfg(test)]
mod tests {
    use schema::{
        digest::Digest,
        log::{ArrangedChange, Event},
    };

    use super::*;

    fn column(path: &str) -> ColumnPath {
        path.parse().expect("a column path")
    }

    fn selection(site: &str, columns: &[&str]) -> Selection {
        Selection {
            site: Some(site.parse().expect("a site key")),
            columns: columns.iter().map(|path| column(path)).collect(),
            ..Selection::default()
        }
    }

    fn arranged(what: ArrangedThing, key: &str) -> Arrangement {
        Arrangement { what, key: key.into(), change: ArrangedChange::Changed, becomes: None }
    }

    #[test]
    fn a_column_has_what_stands_below_it() {
        let policy = selection("lanqiao", &["policy"]);

        assert!(policy.takes_columns(&[column("news"), column("policy/finance")]));
        assert!(!policy.takes_columns(&[column("news"), column("policy2")]));
        assert!(selection("lanqiao", &[]).takes_columns(&[column("news")]));
    }

    #[test]
    fn the_house_is_told_to_all_and_columns_of_others_are_not() {
        let policy = selection("lanqiao", &["policy/finance"]);
        for (what, key, told) in [
            (ArrangedThing::Site, "nanhe", true),
            (ArrangedThing::Authority, "lanqiao-city", true),
            (ArrangedThing::Type, "news", true),
            (ArrangedThing::Column, "lanqiao:policy", true),
            (ArrangedThing::Column, "lanqiao:policy/finance/tax", true),
            (ArrangedThing::Column, "lanqiao:news", false),
            (ArrangedThing::Column, "nanhe:policy", false),
            (ArrangedThing::Target, "0198c0de", false),
        ] {
            assert_eq!(policy.takes_arrangement(&arranged(what, key)), told, "{what:?} {key}");
        }
        let renamed = Arrangement {
            becomes: Some("lanqiao:policy".into()),
            ..arranged(ArrangedThing::Column, "lanqiao:old")
        };
        assert!(policy.takes_arrangement(&renamed), "what comes here is told");
    }

    #[test]
    fn a_notice_is_told_wherever_it_is_shown() {
        let mut listens = selection("county", &["policy"]);
        listens.types = vec!["news".parse().expect("a type")];
        let seen = |sites: &[&str]| Seen {
            stored: StoredEvent {
                event: Event {
                    sequence: 1,
                    at: jiff::Timestamp::UNIX_EPOCH,
                    kind: EventKind::Arrange,
                    actor: uuid::Uuid::nil().into(),
                    subject: Subject::Arrangement(arranged(ArrangedThing::Notice, "province:1")),
                    hash: Digest::of(b""),
                },
                document: None,
            },
            stood: Vec::new(),
            reaches: sites.iter().map(|key| key.parse().expect("a site key")).collect(),
        };

        assert!(listens.takes(&seen(&["province", "city", "county"])), "it stands above");
        assert!(!listens.takes(&seen(&["neighbour"])));
        listens.kinds = vec![EventKind::Arrange];
        assert!(listens.takes(&seen(&["county"])));
        listens.kinds = vec![EventKind::Recall];
        assert!(!listens.takes(&seen(&["county"])), "another kind");
        assert!(Selection::default().takes(&seen(&["neighbour"])), "of everything");
    }

    #[test]
    fn a_type_has_its_own_documents_and_its_own_definition() {
        let news =
            Selection { types: vec!["news".parse().expect("a type")], ..Selection::default() };
        assert!(news.takes_arrangement(&arranged(ArrangedThing::Type, "news")));
        assert!(!news.takes_arrangement(&arranged(ArrangedThing::Type, "policy")));
        assert!(!news.takes_arrangement(&arranged(ArrangedThing::Target, "x")));
        assert!(Selection::default().takes_arrangement(&arranged(ArrangedThing::Target, "x")));
    }
}
