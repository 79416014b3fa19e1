//! What a receiver holds: per text the highest sequence number it was told, absences included,
//! in memory and, where a file is named, on the disk before anything is acknowledged.

use std::{
    collections::{BTreeMap, HashSet},
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, Write as _},
    path::Path,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a message says, as far as a copy depends on it. Members that are not known are left
/// alone: the sender may add some.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Fact {
    pub(super) content_id: String,
    pub(super) locale: String,
    pub(super) sequence: u64,
    pub(super) kind: String,
    pub(super) state: State,
    pub(super) edition: u32,
    pub(super) r#type: String,
    pub(super) site: String,
    pub(super) absence: Option<String>,
    pub(super) url: Option<String>,
    pub(super) replacement: Option<String>,
    pub(super) explanation: Option<Said>,
    pub(super) title: Option<String>,
    pub(super) digest: Option<String>,
    pub(super) content: Option<Value>,
}

/// What is to be held from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum State {
    /// This edition.
    Edition,
    /// Nothing.
    Absent,
}

/// A sentence in both languages.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Said {
    pub(super) zh: String,
    pub(super) en: String,
}

/// One text, or the stone that stands in its place.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) fact: Fact,
    /// When the message arrived.
    pub(super) at: Timestamp,
    /// What it was called last. Of what must be gone nothing else is kept.
    pub(super) title: Option<String>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    /// It says something newer.
    New,
    /// It says less than what is held.
    Late,
    /// It was here before.
    Again,
}

/// How many messages came, by what became of them.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Counts {
    pub(super) new: u64,
    pub(super) late: u64,
    pub(super) again: u64,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
struct Line {
    id: String,
    at: Timestamp,
    data: Value,
}

/// Everything a receiver holds.
#[derive(Default)]
pub(super) struct Copies {
    seen: HashSet<String>,
    held: BTreeMap<(String, String), Held>,
    file: Option<File>,
    pub(super) counts: Counts,
}

impl Copies {
    /// What `file` holds from an earlier life; nothing, and nowhere to keep it, without one.
    pub(super) fn open(file: Option<&Path>) -> io::Result<Self> {
        let mut copies = Self::default();
        let Some(path) = file else { return Ok(copies) };
        let file = OpenOptions::new().create(true).append(true).read(true).open(path)?;
        let mut whole = true;
        for line in BufReader::new(File::open(path)?).split(b'\n') {
            // A line that broke off was never acknowledged: its message will come again.
            let line: Option<Line> = serde_json::from_slice(&line?).ok();
            whole = line.is_some();
            if let Some((line, fact)) = line.and_then(|line| Some((fact(&line.data)?, line))) {
                copies.take(&fact.id, fact.at, line);
            }
        }
        copies.counts = Counts::default();
        copies.file = Some(file);
        if !whole {
            copies.write("\n")?;
        }
        Ok(copies)
    }

    /// Keeps a message, on the disk first.
    ///
    /// # Errors
    /// When it is not on the disk: then it was not received.
    pub(super) fn keep(
        &mut self,
        id: &str,
        at: Timestamp,
        data: &Value,
    ) -> io::Result<Option<Taken>> {
        let Some(fact) = fact(data) else { return Ok(None) };
        if !self.seen.contains(id) && self.file.is_some() {
            let line = Line { id: id.to_owned(), at, data: data.clone() };
            self.write(&format!("{}\n", serde_json::to_string(&line)?))?;
        }
        Ok(Some(self.take(id, at, fact)))
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        let Some(file) = &mut self.file else { return Ok(()) };
        file.write_all(text.as_bytes())?;
        file.sync_data()
    }

    fn take(&mut self, id: &str, at: Timestamp, fact: Fact) -> Taken {
        if !self.seen.insert(id.to_owned()) {
            self.counts.again += 1;
            return Taken::Again;
        }
        let text = (fact.content_id.clone(), fact.locale.clone());
        let before = self.held.get(&text);
        if before.is_some_and(|held| held.fact.sequence >= fact.sequence) {
            self.counts.late += 1;
            return Taken::Late;
        }
        self.counts.new += 1;
        let title = fact.title.clone().or_else(|| before.and_then(|held| held.title.clone()));
        self.held.insert(text, Held { fact, at, title });
        Taken::New
    }

    /// One text, or its stone.
    pub(super) fn one(&self, content: &str, locale: &str) -> Option<&Held> {
        self.held.get(&(content.to_owned(), locale.to_owned()))
    }

    /// All of them, what was told last first.
    pub(super) fn all(&self) -> Vec<&Held> {
        let mut all: Vec<_> = self.held.values().collect();
        all.sort_by_key(|held| std::cmp::Reverse(held.fact.sequence));
        all
    }
}

impl Held {
    /// Whether there is a text.
    pub(super) fn is_there(&self) -> bool {
        self.fact.state == State::Edition
    }

    /// Where this receiver shows it.
    pub(super) fn path(&self) -> String {
        format!("/items/{}/{}", self.fact.content_id, self.fact.locale)
    }
}

fn fact(data: &Value) -> Option<Fact> {
    Fact::deserialize(data).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at() -> Timestamp {
        "2026-03-02T00:00:00Z".parse().expect("a moment")
    }

    fn told(sequence: u64, state: &str) -> Value {
        json!({
            "contentId": "c1", "locale": "zh-CN", "sequence": sequence, "kind": "publish",
            "state": state, "edition": sequence, "type": "notice", "site": "lanqiao",
            "title": (state == "edition").then(|| format!("通知{sequence}")),
            "absence": (state == "absent").then_some("recalled"),
        })
    }

    fn keep(copies: &mut Copies, sequence: u64, state: &str) -> Taken {
        let id = format!("evt_{sequence}_c1");
        copies.keep(&id, at(), &told(sequence, state)).expect("it is kept").expect("a fact")
    }

    #[test]
    fn the_highest_number_wins_whatever_comes_first() {
        let mut copies = Copies::default();

        assert_eq!(keep(&mut copies, 5, "edition"), Taken::New);
        assert_eq!(keep(&mut copies, 3, "edition"), Taken::Late);
        assert_eq!(keep(&mut copies, 5, "edition"), Taken::Again);

        let held = copies.one("c1", "zh-CN").expect("it is held");
        assert_eq!((held.fact.edition, held.title.as_deref()), (5, Some("通知5")));
    }

    #[test]
    fn nothing_that_comes_late_brings_a_text_back() {
        let mut copies = Copies::default();
        keep(&mut copies, 1, "edition");
        keep(&mut copies, 7, "absent");

        assert_eq!(keep(&mut copies, 6, "edition"), Taken::Late);

        let held = copies.one("c1", "zh-CN").expect("a stone");
        assert!(!held.is_there());
        assert_eq!(held.title.as_deref(), Some("通知1"));
    }

    #[test]
    fn an_earlier_life_is_remembered_up_to_a_line_that_broke_off() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let open = || Copies::open(Some(file.path())).expect("it opens");
        let mut copies = open();
        keep(&mut copies, 1, "edition");
        keep(&mut copies, 2, "absent");
        let whole = std::fs::read(file.path()).expect("the file");
        std::fs::write(file.path(), &whole[..whole.len() - 9]).expect("it breaks off");

        let mut copies = open();
        assert!(copies.one("c1", "zh-CN").expect("it is held").is_there());
        assert_eq!(keep(&mut copies, 1, "edition"), Taken::Again);
        assert_eq!(keep(&mut copies, 2, "absent"), Taken::New, "its line was not whole");

        assert!(!open().one("c1", "zh-CN").expect("a stone").is_there());
    }
}
