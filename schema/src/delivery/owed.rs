//! What an event makes the hub owe to one target.
//!
//! One pure function over the event, where the document stands after it, and what the target
//! was owed before it.

use super::Absence;
use crate::{
    edition::PlacedAt,
    log::DocumentEvent,
    visibility::{EventKind, Visibility},
};

/// The state that a target should hold of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owed {
    /// This edition.
    Edition(u32),
    /// Nothing.
    Absent(Absence),
}

impl Owed {
    /// Whether it is the end of the document at that target, whatever else is waiting.
    pub const fn is_recall(self) -> bool {
        matches!(self, Self::Absent(Absence::Recalled))
    }
}

/// What a target was owed last of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// It was never owed anything.
    Nothing,
    /// An edition.
    Edition,
    /// Absence.
    Absent,
    /// Absence for ever.
    Recalled,
}

/// What `event` makes the hub owe, `None` when it is nothing of this target's. `stands` says
/// whether the document stands where the target selects after the event, `left` whether it did
/// before.
pub fn owed(
    kind: EventKind,
    event: &DocumentEvent,
    before: Before,
    stands: bool,
    left: bool,
) -> Option<Owed> {
    if before == Before::Recalled {
        return None;
    }
    match kind {
        EventKind::Recall => (before != Before::Nothing).then_some(Owed::Absent(Absence::Recalled)),
        // A removal of the whole. One site's own removal is a change of where it stands.
        EventKind::Remove if event.site.is_none() => {
            let absence = match event.visibility {
                Visibility::Redirect => Absence::Redirect,
                Visibility::Vanished => Absence::Vanished,
                _ => Absence::Gone,
            };
            (before != Before::Nothing).then_some(Owed::Absent(absence))
        }
        // Whoever shows the text must show the notice; nobody gets it for its sake.
        EventKind::Withdraw if event.site.is_none() => {
            (before == Before::Edition || left).then_some(Owed::Edition(event.edition))
        }
        EventKind::Arrange => None,
        _ if stands => Some(Owed::Edition(event.edition)),
        _ => (before == Before::Edition).then_some(Owed::Absent(Absence::OutOfScope)),
    }
}

/// Where a document stands after the last of `events`, which are all its events in order. An
/// event of one site says nothing about the others; an event of the whole says everything.
pub fn standing<'e>(events: impl IntoIterator<Item = &'e DocumentEvent>) -> Vec<PlacedAt> {
    let mut stands: Vec<PlacedAt> = Vec::new();
    for event in events {
        match &event.site {
            None => stands.clone_from(&event.entered),
            Some(site) => {
                stands.retain(|position| position.site != *site);
                stands.extend(event.entered.iter().cloned());
            }
        }
    }
    stands
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{digest::Digest, edition::Importance};

    fn event(visibility: Visibility, site: Option<&str>, entered: &[&str]) -> DocumentEvent {
        DocumentEvent {
            content: Uuid::nil().into(),
            locale: "zh-CN".parse().expect("a locale"),
            r#type: "article".parse().expect("a type"),
            edition: 3,
            importance: Importance::Major,
            visibility,
            site: site.map(|site| site.parse().expect("a site")),
            left: Vec::new(),
            entered: entered
                .iter()
                .map(|site| PlacedAt {
                    site: site.parse().expect("a site"),
                    columns: vec!["news".parse().expect("a column")],
                    path: "/a".parse().expect("a path"),
                })
                .collect(),
            commitment: Digest::of(b""),
        }
    }

    const BEFORE: [Before; 4] =
        [Before::Nothing, Before::Edition, Before::Absent, Before::Recalled];

    #[test]
    fn what_stands_in_the_selection_is_owed_as_an_edition() {
        let live = event(Visibility::Live, None, &["lanqiao"]);
        for kind in [EventKind::Publish, EventKind::Correct, EventKind::Move] {
            for before in [Before::Nothing, Before::Edition, Before::Absent] {
                assert_eq!(owed(kind, &live, before, true, false), Some(Owed::Edition(3)));
            }
        }
    }

    #[test]
    fn what_left_the_selection_is_owed_as_absent_once() {
        let live = event(Visibility::Live, None, &["nanhe"]);
        let moved = |before| owed(EventKind::Move, &live, before, false, true);

        assert_eq!(moved(Before::Edition), Some(Owed::Absent(Absence::OutOfScope)));
        assert_eq!(moved(Before::Absent), None);
        assert_eq!(moved(Before::Nothing), None);
    }

    #[test]
    fn a_recall_reaches_everybody_who_was_ever_owed_the_text_and_nothing_follows_it() {
        let recalled = event(Visibility::Recalled, None, &[]);
        for before in BEFORE {
            let expected = match before {
                Before::Edition | Before::Absent => Some(Owed::Absent(Absence::Recalled)),
                Before::Nothing | Before::Recalled => None,
            };
            assert_eq!(owed(EventKind::Recall, &recalled, before, false, false), expected);
        }
        let live = event(Visibility::Live, None, &["lanqiao"]);
        for kind in EventKind::ALL {
            assert_eq!(owed(kind, &live, Before::Recalled, true, true), None, "{kind:?}");
        }
    }

    #[test]
    fn a_withdrawal_is_an_edition_for_those_who_have_the_text() {
        let withdrawn = event(Visibility::Withdrawn, None, &[]);
        let withdraw = |before, left| owed(EventKind::Withdraw, &withdrawn, before, false, left);

        assert_eq!(withdraw(Before::Edition, false), Some(Owed::Edition(3)));
        assert_eq!(withdraw(Before::Nothing, true), Some(Owed::Edition(3)));
        assert_eq!(withdraw(Before::Nothing, false), None);
        assert_eq!(withdraw(Before::Absent, false), None);
    }

    #[test]
    fn a_document_stands_where_the_last_event_of_each_site_left_it() {
        let published = event(Visibility::Live, None, &["lanqiao"]);
        let placed = event(Visibility::Live, Some("nanhe"), &["nanhe"]);
        let taken_away = event(Visibility::Gone, Some("nanhe"), &[]);
        let sites = |events: &[&DocumentEvent]| -> Vec<String> {
            standing(events.iter().copied()).iter().map(|at| at.site.to_string()).collect()
        };

        assert_eq!(sites(&[&published, &placed]), ["lanqiao", "nanhe"]);
        assert_eq!(sites(&[&published, &placed, &taken_away]), ["lanqiao"]);
        assert_eq!(sites(&[&published, &placed, &published]), ["lanqiao"]);
    }
}
