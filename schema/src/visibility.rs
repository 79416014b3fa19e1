//! What the public sees of a document, and what each act makes of it.
//!
//! This is the table of the model as one pure function: given what a document is and what
//! somebody wants to do, either the event that will stand in the log, or the reason why not.

use serde::{Deserialize, Serialize};

use crate::{content_type::OldTexts, message::Bilingual};

/// What the public sees of a document, or of one placement of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Visibility {
    /// Never published.
    Unpublished,
    /// The text.
    Live,
    /// The text with a notice, or the notice alone, as ordered (撤回).
    Withdrawn,
    /// 410 with an explanation (已删除).
    Gone,
    /// A redirect to what took its place (转移).
    Redirect,
    /// 404, as if it had never been (抹除).
    Vanished,
    /// 410 with the reason, or 404, for ever (召回).
    Recalled,
    /// As recalled; the text is destroyed.
    Erased,
}

impl Visibility {
    /// Every state, for checks that must not forget one.
    pub const ALL: [Self; 8] = [
        Self::Unpublished,
        Self::Live,
        Self::Withdrawn,
        Self::Gone,
        Self::Redirect,
        Self::Vanished,
        Self::Recalled,
        Self::Erased,
    ];

    /// The word kept in the store and shown to programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unpublished => "unpublished",
            Self::Live => "live",
            Self::Withdrawn => "withdrawn",
            Self::Gone => "gone",
            Self::Redirect => "redirect",
            Self::Vanished => "vanished",
            Self::Recalled => "recalled",
            Self::Erased => "erased",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing can ever lift this state.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Recalled | Self::Erased)
    }
}

/// What the public is told of a document that is not simply live.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Notice {
    /// Why, in the words for the public.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Bilingual>,
    /// Withdrawn only: whether the text stays to be read under the notice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shows_text: bool,
    /// Redirect: where to; gone: where to look instead. A path of the same site or an
    /// absolute address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Recalled only: answer 404 instead of 410 with the explanation.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub silent: bool,
}

/// The kinds of removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Removal {
    /// 410 with an explanation and perhaps an alternative.
    Gone,
    /// A redirect.
    Redirect,
    /// 404.
    Vanish,
}

impl Removal {
    /// What the public sees after it.
    pub const fn visibility(self) -> Visibility {
        match self {
            Self::Gone => Visibility::Gone,
            Self::Redirect => Visibility::Redirect,
            Self::Vanish => Visibility::Vanished,
        }
    }
}

/// The kinds of rows in the publication log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EventKind {
    /// A document became live.
    Publish,
    /// A live document has a new text.
    Correct,
    /// The same text stands elsewhere.
    Move,
    /// The text is shown with a notice, or the notice alone.
    Withdraw,
    /// Gone, redirected or vanished.
    Remove,
    /// Taken back everywhere, for ever.
    Recall,
    /// A column, site, type or authority changed.
    Arrange,
}

impl EventKind {
    /// Every kind, for checks that must not forget one.
    pub const ALL: [Self; 7] = [
        Self::Publish,
        Self::Correct,
        Self::Move,
        Self::Withdraw,
        Self::Remove,
        Self::Recall,
        Self::Arrange,
    ];

    /// The word kept in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Publish => "publish",
            Self::Correct => "correct",
            Self::Move => "move",
            Self::Withdraw => "withdraw",
            Self::Remove => "remove",
            Self::Recall => "recall",
            Self::Arrange => "arrange",
        }
    }

    /// Reads the stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Something somebody wants to do to a document that has been saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Make the draft live.
    Publish,
    /// Show a notice.
    Withdraw,
    /// Take it away from readers.
    Remove(Removal),
    /// Take it back everywhere.
    Recall,
    /// Destroy the text of what was recalled.
    Erase,
}

/// How a draft stands to what is live now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The content digests differ.
    pub text: bool,
    /// Sites, columns or paths differ.
    pub positions: bool,
}

/// What an act comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It happens: this state, this event.
    Event(EventKind, Visibility),
    /// Everything is already so: no event, no change.
    NothingChanges,
    /// It cannot be done to a document in this state.
    NotFrom(Visibility),
}

/// Decides `act` on a document in `state`. For [`Act::Publish`], `difference` says how the
/// draft stands to the live edition; it is not looked at otherwise, nor when nothing is live.
pub fn decide(act: Act, state: Visibility, difference: Difference) -> Decision {
    use Decision::{Event, NotFrom, NothingChanges};
    match (act, state) {
        (Act::Erase, Visibility::Recalled) => Event(EventKind::Recall, Visibility::Erased),
        (Act::Erase | Act::Recall, Visibility::Erased) => NothingChanges,
        (Act::Erase, _) => NotFrom(state),
        (_, Visibility::Erased) => NotFrom(state),
        (Act::Recall, Visibility::Recalled) => NothingChanges,
        (_, Visibility::Recalled) => NotFrom(state),
        (Act::Publish, Visibility::Live) => match (difference.text, difference.positions) {
            (true, _) => Event(EventKind::Correct, Visibility::Live),
            (false, true) => Event(EventKind::Move, Visibility::Live),
            (false, false) => NothingChanges,
        },
        (Act::Publish, _) => Event(EventKind::Publish, Visibility::Live),
        (_, Visibility::Unpublished) => NotFrom(state),
        (Act::Withdraw, Visibility::Live | Visibility::Withdrawn) => {
            Event(EventKind::Withdraw, Visibility::Withdrawn)
        }
        (Act::Withdraw, _) => NotFrom(state),
        (Act::Remove(removal), _) => Event(EventKind::Remove, removal.visibility()),
        (Act::Recall, _) => Event(EventKind::Recall, Visibility::Recalled),
    }
}

/// What the public sees at one placement: the document's own state where the document is not
/// live, the placement's otherwise.
pub fn at_placement(document: Visibility, placement: Visibility) -> Visibility {
    if document == Visibility::Live { placement } else { document }
}

/// Whether an old text may be read by the public, given the document now and what every later
/// publication said of the text it superseded.
pub fn old_text_is_readable(
    now: Visibility,
    notice: Option<&Notice>,
    said_since: impl IntoIterator<Item = OldTexts>,
) -> bool {
    text_is_readable(now, notice) && said_since.into_iter().all(|said| said == OldTexts::Amended)
}

/// Whether the public may read the text of a document in this state.
pub fn text_is_readable(now: Visibility, notice: Option<&Notice>) -> bool {
    match now {
        Visibility::Live => true,
        Visibility::Withdrawn => notice.is_some_and(|notice| notice.shows_text),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEW_TEXT: Difference = Difference { text: true, positions: false };
    const ELSEWHERE: Difference = Difference { text: false, positions: true };
    const THE_SAME: Difference = Difference { text: false, positions: false };

    #[test]
    fn publishing_over_a_live_edition_is_a_correction_a_move_or_nothing() {
        let publish = |difference| decide(Act::Publish, Visibility::Live, difference);

        assert_eq!(publish(NEW_TEXT), Decision::Event(EventKind::Correct, Visibility::Live));
        assert_eq!(publish(ELSEWHERE), Decision::Event(EventKind::Move, Visibility::Live));
        assert_eq!(publish(THE_SAME), Decision::NothingChanges);
    }

    #[test]
    fn publishing_lifts_every_unpublishing_but_recall_and_erasure() {
        for state in Visibility::ALL {
            let decision = decide(Act::Publish, state, THE_SAME);
            match state {
                Visibility::Live => assert_eq!(decision, Decision::NothingChanges),
                Visibility::Recalled | Visibility::Erased => {
                    assert_eq!(decision, Decision::NotFrom(state));
                }
                _ => assert_eq!(decision, Decision::Event(EventKind::Publish, Visibility::Live)),
            }
        }
    }

    #[test]
    fn nothing_follows_a_recall_but_erasure() {
        let acts =
            [Act::Publish, Act::Withdraw, Act::Remove(Removal::Gone), Act::Recall, Act::Erase];
        for act in acts {
            match decide(act, Visibility::Recalled, NEW_TEXT) {
                Decision::Event(kind, state) => {
                    assert_eq!(
                        (act, kind, state),
                        (Act::Erase, EventKind::Recall, Visibility::Erased)
                    );
                }
                Decision::NothingChanges => assert_eq!(act, Act::Recall),
                Decision::NotFrom(_) => {}
            }
            assert!(!matches!(decide(act, Visibility::Erased, NEW_TEXT), Decision::Event(..)));
        }
    }

    #[test]
    fn only_what_was_published_can_be_taken_back() {
        for act in [Act::Withdraw, Act::Remove(Removal::Vanish), Act::Recall, Act::Erase] {
            assert_eq!(
                decide(act, Visibility::Unpublished, NEW_TEXT),
                Decision::NotFrom(Visibility::Unpublished)
            );
        }
    }

    #[test]
    fn an_old_text_closes_with_the_first_correction_that_calls_it_an_error() {
        use OldTexts::{Amended, Error};
        assert!(old_text_is_readable(Visibility::Live, None, [Amended, Amended]));
        assert!(!old_text_is_readable(Visibility::Live, None, [Amended, Error]));
        assert!(!old_text_is_readable(Visibility::Gone, None, [Amended]));
        let notice_alone = Notice::default();
        assert!(!old_text_is_readable(Visibility::Withdrawn, Some(&notice_alone), []));
        let with_text = Notice { shows_text: true, ..Notice::default() };
        assert!(old_text_is_readable(Visibility::Withdrawn, Some(&with_text), [Amended]));
    }

    #[test]
    fn every_word_is_read_back() {
        for state in Visibility::ALL {
            assert_eq!(Visibility::parse(state.as_str()), Some(state));
        }
        for kind in EventKind::ALL {
            assert_eq!(EventKind::parse(kind.as_str()), Some(kind));
        }
    }
}
