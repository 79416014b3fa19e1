//! The order of versions. Successive versions of one thing are published one after the other,
//! oldest first, in whatever order the file has them; so the file is read twice: once to see
//! what there is, once to take it in. Nothing is held in memory but records that stand before
//! an earlier version of themselves.

use std::{
    cmp::Ordering,
    collections::{HashMap, hash_map::Entry},
};

use schema::digest::Digest;

use super::{Position, reading::RawRecord};

/// What is known of each record before it is taken in, by its number in the file.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) fates: Vec<Fate>,
}

/// What is known of one record.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fate {
    /// The record that has to be taken in first.
    after: Option<usize>,
    /// A later version of the same thing stands in the file.
    pub(super) superseded: bool,
    /// It has key and version of an earlier record: where that stands, and whether it says
    /// the same.
    pub(super) repeats: Option<(Position, bool)>,
}

struct Seen {
    version: String,
    number: usize,
    digest: Digest,
    at: Position,
}

/// Gathers what a survey needs.
#[derive(Default)]
pub(super) struct Surveyor {
    fates: Vec<Fate>,
    by_key: HashMap<String, Vec<Seen>>,
}

impl Surveyor {
    /// Notes a record that cannot be read or has no name.
    pub(super) fn pass(&mut self) {
        self.fates.push(Fate::default());
    }

    /// Notes a record.
    pub(super) fn see(&mut self, key: String, version: String, raw: &RawRecord) {
        let number = self.fates.len();
        self.pass();
        let seen = Seen { version, number, digest: raw.digest, at: raw.at.clone() };
        match self.by_key.entry(key) {
            Entry::Vacant(vacant) => {
                vacant.insert(Vec::with_capacity(1)).push(seen);
            }
            Entry::Occupied(mut versions) => {
                let same = versions.get().iter().find(|known| known.version == seen.version);
                match same {
                    Some(known) => {
                        let says_the_same = known.digest == seen.digest;
                        self.fates[number].repeats = Some((known.at.clone(), says_the_same));
                    }
                    None => versions.get_mut().push(seen),
                }
            }
        }
    }

    pub(super) fn finish(mut self) -> Survey {
        for versions in self.by_key.values_mut() {
            versions.sort_by(|one, other| natural(&one.version, &other.version));
            for pair in versions.windows(2) {
                self.fates[pair[0].number].superseded = true;
                self.fates[pair[1].number].after = Some(pair[0].number);
            }
        }
        Survey { fates: self.fates }
    }
}

/// Lets records through in the order of their versions.
pub(super) struct Queue<T> {
    survey: Survey,
    through: Vec<bool>,
    /// By the record they wait for.
    waiting: HashMap<usize, (usize, u64, T)>,
    bytes: u64,
    most: u64,
}

impl<T> Queue<T> {
    /// `most` bytes may wait.
    pub(super) fn new(survey: Survey, most: u64) -> Self {
        let through = vec![false; survey.fates.len()];
        Self { survey, through, waiting: HashMap::new(), bytes: 0, most }
    }

    /// What is known of record `number`; nothing of one that was not there before.
    pub(super) fn fate(&self, number: usize) -> Fate {
        self.survey.fates.get(number).cloned().unwrap_or_default()
    }

    /// Takes record `number` and gives what can go on now, in order.
    ///
    /// # Errors
    /// The record itself, when too much is waiting already.
    pub(super) fn push(&mut self, number: usize, bytes: u64, item: T) -> Result<Vec<T>, T> {
        let after = self.fate(number).after;
        if let Some(after) = after.filter(|after| !self.is_through(*after)) {
            if self.bytes + bytes > self.most {
                return Err(item);
            }
            self.bytes += bytes;
            self.waiting.insert(after, (number, bytes, item));
            return Ok(Vec::new());
        }
        let mut ready = vec![item];
        ready.extend(self.pass(number));
        Ok(ready)
    }

    /// Record `number` is dealt with; gives what waited for it.
    pub(super) fn pass(&mut self, number: usize) -> Vec<T> {
        let mut ready = Vec::new();
        let mut next = Some(number);
        while let Some(number) = next {
            if let Some(through) = self.through.get_mut(number) {
                *through = true;
            }
            next = self.waiting.remove(&number).map(|(waiting, bytes, item)| {
                self.bytes -= bytes;
                ready.push(item);
                waiting
            });
        }
        ready
    }

    fn is_through(&self, number: usize) -> bool {
        self.through.get(number).copied().unwrap_or(true)
    }
}

/// Compares versions as people read them: numbers in them by their value, so that 9 comes
/// before 10, and dates of one form by time.
pub(super) fn natural(one: &str, other: &str) -> Ordering {
    let (mut one, mut other) = (one, other);
    loop {
        let ((left, one_rest), (right, other_rest)) = (chunk(one), chunk(other));
        if left.is_empty() || right.is_empty() {
            return left.len().cmp(&right.len());
        }
        let digits = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
        let order = if digits(left) && digits(right) {
            let value = |text: &str| text.trim_start_matches('0').len();
            let (plain_left, plain_right) =
                (left.trim_start_matches('0'), right.trim_start_matches('0'));
            value(left).cmp(&value(right)).then_with(|| plain_left.cmp(plain_right))
        } else {
            left.cmp(right)
        };
        // Written otherwise but equal in value, such as 01 and 1, the rest decides first.
        if order != Ordering::Equal {
            return order;
        }
        (one, other) = (one_rest, other_rest);
    }
}

/// The digits or the other letters that `text` starts with, and the rest.
fn chunk(text: &str) -> (&str, &str) {
    let is_digit = text.starts_with(|first: char| first.is_ascii_digit());
    let end = text.find(|letter: char| letter.is_ascii_digit() != is_digit).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    fn raw(line: u64, text: &str) -> RawRecord {
        RawRecord {
            at: Position::line(line),
            members: Map::new(),
            digest: Digest::of(text.as_bytes()),
            bytes: 10,
            markup: None,
            base: "".into(),
        }
    }

    fn survey(records: &[(&str, &str)]) -> Survey {
        let mut surveyor = Surveyor::default();
        for ((key, version), line) in records.iter().zip(1..) {
            surveyor.see((*key).into(), (*version).into(), &raw(line, version));
        }
        surveyor.finish()
    }

    #[test]
    fn versions_go_through_oldest_first_whatever_the_order_of_the_file() {
        let records = [("a", "2024-01-01"), ("b", ""), ("a", "2019-01-01"), ("a", "1999-01-01")];
        let mut queue = Queue::new(survey(&records), 1_000);

        let through: Vec<usize> =
            (0..4).flat_map(|number| queue.push(number, 10, number).expect("room")).collect();

        assert_eq!(through, [1, 3, 2, 0]);
        assert!(queue.fate(3).superseded && queue.fate(2).superseded && !queue.fate(0).superseded);
    }

    #[test]
    fn what_waits_goes_on_when_the_earlier_version_turns_out_wrong() {
        let mut queue = Queue::new(survey(&[("a", "2"), ("a", "1")]), 1_000);

        assert_eq!(queue.push(0, 10, "second"), Ok(vec![]));
        assert_eq!(queue.pass(1), ["second"]);
    }

    #[test]
    fn no_more_waits_in_memory_than_may() {
        let mut queue = Queue::new(survey(&[("a", "3"), ("a", "2"), ("a", "1")]), 15);

        assert_eq!(queue.push(0, 10, 0), Ok(vec![]));
        assert_eq!(queue.push(1, 10, 1), Err(1));
    }

    #[test]
    fn a_repeated_record_is_known_by_what_it_says() {
        let mut surveyor = Surveyor::default();
        for (line, text) in [(1, "一"), (2, "一"), (3, "二")] {
            surveyor.see("a".into(), "1".into(), &raw(line, text));
        }

        let survey = surveyor.finish();

        assert_eq!(survey.fates[1].repeats, Some((Position::line(1), true)));
        assert_eq!(survey.fates[2].repeats, Some((Position::line(1), false)));
    }

    #[test]
    fn numbers_in_versions_count_by_their_value() {
        let mut versions = ["v10", "v9", "", "2024-07-20", "2024-7-3", "v9.1"];
        versions.sort_by(|one, other| natural(one, other));
        assert_eq!(versions, ["", "2024-7-3", "2024-07-20", "v9", "v9.1", "v10"]);
    }
}
