//! Preview links: what they are bound to, and when they stop being good.
//!
//! A link is for looking at one text before it is public. So it ends with that: once the document
//! is published, or recalled, the link shows nothing more, and the next draft needs a link of its
//! own.

use jiff::Timestamp;

use crate::visibility::Visibility;

/// How many hours a link is good for where nobody says.
pub const USUAL_HOURS: i64 = 72;
/// How many hours a link is good for at the most: 30 days.
pub const MOST_HOURS: i64 = 30 * 24;
/// Links of one document that are good at the same time.
pub const MOST_AT_ONCE: usize = 50;
/// How many hours an address of a file is good for that was given to somebody known.
pub const FILE_HOURS: i64 = 1;

/// What a link is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Number of the edition that the public had seen last when it was made, 0 for none.
    pub edition: u32,
    /// When it stops being good by itself.
    pub expires_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// What has become of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It shows the draft.
    Good,
    /// Its document was published since, or recalled.
    Ended,
    /// Its time is over.
    Expired,
    /// Somebody took it back.
    Revoked,
}

impl Terms {
    /// What has become of a link to a document of which the public saw edition `last_edition`
    /// last, and sees `visibility` now.
    pub fn state(&self, now: Timestamp, last_edition: u32, visibility: Visibility) -> LinkState {
        if self.revoked_at.is_some() {
            LinkState::Revoked
        } else if self.edition != last_edition || visibility.is_terminal() {
            LinkState::Ended
        } else if self.expires_at <= now {
            LinkState::Expired
        } else {
            LinkState::Good
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_good_until_anything_ends_it() {
        let moment = |seconds| Timestamp::from_second(seconds).expect("a moment");
        let terms = Terms { edition: 2, expires_at: moment(100), revoked_at: None };
        let revoked = Terms { revoked_at: Some(moment(5)), ..terms };

        assert_eq!(terms.state(moment(99), 2, Visibility::Live), LinkState::Good);
        assert_eq!(terms.state(moment(100), 2, Visibility::Live), LinkState::Expired);
        assert_eq!(terms.state(moment(99), 3, Visibility::Live), LinkState::Ended);
        assert_eq!(revoked.state(moment(99), 2, Visibility::Live), LinkState::Revoked);
        for state in Visibility::ALL {
            let ended = matches!(state, Visibility::Recalled | Visibility::Erased);
            let expected = if ended { LinkState::Ended } else { LinkState::Good };
            assert_eq!(terms.state(moment(0), 2, state), expected, "{state:?}");
        }
    }
}
