//! Where in a record a value stands: `title`, `history[0].date`, `meta.文号`.

use std::{fmt, str::FromStr};

use serde_json::{Map, Value};

/// A path into a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordPath {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Item(usize),
}

/// A text is not a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAPath;

impl RecordPath {
    /// What stands there; `None` for nothing, null and blank texts.
    pub fn find<'r>(&self, record: &'r Map<String, Value>) -> Option<&'r Value> {
        let mut steps = self.steps.iter();
        let Some(Step::Member(first)) = steps.next() else { return None };
        let mut found = record.get(first)?;
        for step in steps {
            found = match step {
                Step::Member(name) => found.get(name)?,
                Step::Item(index) => found.get(index)?,
            };
        }
        let blank = found.is_null() || found.as_str().is_some_and(|text| text.trim().is_empty());
        (!blank).then_some(found)
    }
}

impl FromStr for RecordPath {
    type Err = NotAPath;

    fn from_str(text: &str) -> Result<Self, NotAPath> {
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (name, items) = part.split_at(part.find('[').unwrap_or(part.len()));
            if name.trim().is_empty() || name.contains([']', '{', '}']) {
                return Err(NotAPath);
            }
            steps.push(Step::Member(name.to_owned()));
            let mut rest = items;
            while !rest.is_empty() {
                let inner = rest.strip_prefix('[').ok_or(NotAPath)?;
                let (index, after) = inner.split_once(']').ok_or(NotAPath)?;
                steps.push(Step::Item(index.parse().map_err(|_| NotAPath)?));
                rest = after;
            }
        }
        Ok(Self { text: text.to_owned(), steps })
    }
}

impl fmt::Display for RecordPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_through_members_and_items() {
        let record =
            json!({"history": [{"date": "2014-11-24"}], "元": {"文号": "国办发"}, "空": " "});
        let record = record.as_object().expect("an object");
        let find = |path: &str| path.parse::<RecordPath>().expect("a path").find(record);

        assert_eq!(find("history[0].date"), Some(&json!("2014-11-24")));
        assert_eq!(find("元.文号"), Some(&json!("国办发")));
        assert_eq!(find("history[1].date"), None);
        assert_eq!(find("空"), None, "a blank text is no value");
    }

    #[test]
    fn anything_else_is_no_path() {
        for wrong in ["", "a.", ".a", "a[", "a[x]", "[0]", "a[0]b", "{a}"] {
            assert_eq!(wrong.parse::<RecordPath>(), Err(NotAPath), "{wrong:?}");
        }
    }
}
