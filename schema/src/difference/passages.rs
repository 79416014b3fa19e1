//! Comparing lists of passages: which stayed, which are new, and what changed inside those that
//! were rewritten.

use std::{collections::HashMap, ops::Range};

use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::{Segment, SegmentKind, words::pieces};

/// Comparisons that one difference may cost, as the product of what is compared: some tens of
/// milliseconds.
const EFFORT: usize = 6_000_000;
/// How many old passages are looked through for the one that a new passage was made of.
const NEAR: usize = 8;
/// Part of the pieces that two passages must share to be one that was rewritten, in tenths.
const ALIKE: usize = 4;

/// How many times as many bytes the longer of two alike passages may have.
const MOST_TIMES: usize = 8;

/// A paragraph of a long text, or a value of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Its pieces, in order; never empty.
    pub segments: Vec<Segment>,
}

/// What may still be spent.
pub(super) struct Effort(usize);

impl Default for Effort {
    fn default() -> Self {
        Self(EFFORT)
    }
}

impl Effort {
    /// Whether two lists of these lengths may be compared.
    fn allows(&mut self, one: usize, other: usize) -> bool {
        let cost = one.saturating_mul(other);
        let is_allowed = cost <= self.0;
        if is_allowed {
            self.0 -= cost;
        }
        is_allowed
    }
}

/// Which passages stayed and what became of the others, and whether all were compared inside.
pub(super) fn compare(old: &[String], new: &[String], effort: &mut Effort) -> (Vec<Passage>, bool) {
    if let ([old], [new]) = (old, new)
        && let Some(passage) = inside(old, new, effort)
    {
        return (vec![passage], true);
    }
    let mut found = Found { passages: Vec::new(), is_exact: true };
    for change in changes(old, new, effort, &mut found.is_exact) {
        match change {
            Change::Same(range) => {
                found.passages.extend(old[range].iter().map(|text| whole(SegmentKind::Same, text)));
            }
            Change::Replaced(before, after) => {
                found.rewritten(&old[before], &new[after], effort);
            }
        }
    }
    (found.passages, found.is_exact)
}

struct Found {
    passages: Vec<Passage>,
    is_exact: bool,
}

impl Found {
    /// Passages that took the place of others: each is compared with the next old one that it
    /// is like.
    fn rewritten(&mut self, old: &[String], new: &[String], effort: &mut Effort) {
        let mut rest = old;
        let mut new_since: Vec<&String> = Vec::new();
        for text in new {
            let near = rest.iter().take(NEAR).position(|old| are_alike(old, text));
            let Some(at) = near else {
                new_since.push(text);
                continue;
            };
            self.apart(&rest[..at], &new_since);
            new_since.clear();
            match inside(&rest[at], text, effort) {
                Some(passage) => self.passages.push(passage),
                None => {
                    self.is_exact = false;
                    self.apart(&rest[at..=at], &[text]);
                }
            }
            rest = &rest[at + 1..];
        }
        self.apart(rest, &new_since);
    }

    /// Passages that have nothing to do with each other: first those that went.
    fn apart(&mut self, old: &[String], new: &[&String]) {
        self.passages.extend(old.iter().map(|text| whole(SegmentKind::Removed, text)));
        self.passages.extend(new.iter().map(|text| whole(SegmentKind::Added, text)));
    }
}

fn whole(kind: SegmentKind, text: &str) -> Passage {
    Passage { segments: vec![Segment { kind, text: text.to_owned() }] }
}

/// Whether so much of two passages is the same that one was made of the other. Linear in their
/// lengths, and nothing is read of two whose lengths alone say no.
fn are_alike(old: &str, new: &str) -> bool {
    if old.len().min(new.len()) * MOST_TIMES < old.len().max(new.len()) {
        return false;
    }
    let (old, new) = (pieces(old), pieces(new));
    let mut counts: HashMap<&str, usize> = HashMap::with_capacity(old.len());
    for piece in &old {
        *counts.entry(piece).or_default() += 1;
    }
    let shared = new.iter().filter(|piece| {
        counts.get_mut(**piece).is_some_and(|count| {
            let is_left = *count > 0;
            *count -= usize::from(is_left);
            is_left
        })
    });
    shared.count() * 10 >= ALIKE * old.len().max(new.len())
}

/// What changed inside a passage; `None` where that would cost too much.
fn inside(old: &str, new: &str, effort: &mut Effort) -> Option<Passage> {
    let (before, after) = (pieces(old), pieces(new));
    let mut is_exact = true;
    let changes = changes(&before, &after, effort, &mut is_exact);
    if !is_exact {
        return None;
    }
    let mut segments = Vec::new();
    for change in joined(changes) {
        match change {
            Change::Same(range) => push(&mut segments, SegmentKind::Same, &before[range]),
            Change::Replaced(gone, come) => {
                push(&mut segments, SegmentKind::Removed, &before[gone]);
                push(&mut segments, SegmentKind::Added, &after[come]);
            }
        }
    }
    Some(Passage { segments })
}

fn push(segments: &mut Vec<Segment>, kind: SegmentKind, pieces: &[&str]) {
    if !pieces.is_empty() {
        segments.push(Segment { kind, text: pieces.concat() });
    }
}

/// A stretch of two lists: in the old one, and where it differs in the new one too.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Change {
    Same(Range<usize>),
    Replaced(Range<usize>, Range<usize>),
}

/// The stretches of two lists, in order. Where comparing them would cost too much, all between
/// their common start and end counts as replaced.
fn changes<T: Eq + std::hash::Hash + Ord>(
    old: &[T],
    new: &[T],
    effort: &mut Effort,
    is_exact: &mut bool,
) -> Vec<Change> {
    let start = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let pairs = old_rest.iter().rev().zip(new_rest.iter().rev());
    let end = pairs.take_while(|(old, new)| old == new).count();
    let (old_end, new_end) = (old.len() - end, new.len() - end);
    let mut changes = vec![Change::Same(0..start)];
    let (inner_old, inner_new) = (&old[start..old_end], &new[start..new_end]);
    if effort.allows(inner_old.len(), inner_new.len()) {
        for op in capture_diff_slices(Algorithm::Myers, inner_old, inner_new) {
            let within = |range: Range<usize>| range.start + start..range.end + start;
            changes.push(match op {
                DiffOp::Equal { .. } => Change::Same(within(op.old_range())),
                _ => Change::Replaced(within(op.old_range()), within(op.new_range())),
            });
        }
    } else {
        *is_exact = false;
        changes.push(Change::Replaced(start..old_end, start..new_end));
    }
    changes.push(Change::Same(old_end..old.len()));
    changes.retain(|change| match change {
        Change::Same(range) => !range.is_empty(),
        Change::Replaced(gone, come) => !gone.is_empty() || !come.is_empty(),
    });
    changes
}

/// Changes that touch, or that a single common piece parts, as one: nobody reads a passage of
/// which every other character stayed.
fn joined(changes: Vec<Change>) -> Vec<Change> {
    let mut joined: Vec<Change> = Vec::with_capacity(changes.len());
    for change in changes {
        if let Change::Replaced(gone, come) = &change {
            let parted = match joined.as_slice() {
                [.., Change::Replaced(before, ahead), Change::Same(common)]
                    if common.len() == 1 && before.len() + ahead.len() > 1 =>
                {
                    Some((before.start, ahead.start, 2))
                }
                [.., Change::Replaced(before, ahead)] => Some((before.start, ahead.start, 1)),
                _ => None,
            };
            if let Some((before, ahead, taken)) = parted {
                joined.truncate(joined.len() - taken);
                joined.push(Change::Replaced(before..gone.end, ahead..come.end));
                continue;
            }
        }
        joined.push(change);
    }
    joined
}
