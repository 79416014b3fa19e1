//! What happens to the documents of the sample once all are published.

use schema::{
    edition::Importance,
    message::{Bilingual, Fault},
    visibility::{Notice, Removal},
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{SampleDocument, SampleKey, SamplePlacement};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Story {
    #[serde(rename = "step")]
    pub(super) steps: Vec<Step>,
}

/// One thing that happens.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What it happens to.
    pub document: SampleKey,
    /// One line that says it to whoever watches.
    pub narration: Bilingual,
    /// What is done.
    pub act: Act,
}

/// The acts of a story.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Act {
    /// Another text is published over the live one.
    Correct(Correction),
    /// The same text is published at another place.
    Move(Move),
    /// It is withdrawn with this notice.
    Withdraw(Notice),
    /// It is removed.
    Remove(Removed),
    /// Its content is recalled with this notice.
    Recall(Notice),
    /// A site of another authority places it.
    Place(SamplePlacement),
}

/// Another text for a document.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// Whether readers are told.
    pub importance: Importance,
    /// What changed, for the public history.
    pub change_note: Bilingual,
    /// Fields that get another value.
    #[serde(default)]
    fields: Map<String, Value>,
    /// Passages that get another wording.
    #[serde(default)]
    replace: Vec<Replacement>,
}

/// Another wording for a passage of a text.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    /// A field that holds a text or Markdown.
    field: String,
    /// What stands in it exactly once.
    old: String,
    /// What stands there afterwards.
    new: String,
}

/// Another place for a document.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// What changed, for the public history.
    pub change_note: Bilingual,
    /// Where it stands afterwards.
    #[serde(rename = "placement")]
    pub placements: Vec<SamplePlacement>,
}

/// A way to be gone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Removed {
    /// Which way.
    pub removal: Removal,
    /// What the public is told, and where a redirect leads.
    pub notice: Notice,
}

impl Step {
    /// What is to be published in this step over `before`; `None` where nothing is.
    ///
    /// # Errors
    /// A passage that does not stand in the text exactly once.
    pub fn text_after(&self, before: &SampleDocument) -> Result<Option<SampleDocument>, Fault> {
        let mut after = before.clone();
        match &self.act {
            Act::Correct(correction) => {
                after.fields.extend(correction.fields.clone());
                for replacement in &correction.replace {
                    replacement.make(&mut after)?;
                }
            }
            Act::Move(moved) => after.placements.clone_from(&moved.placements),
            Act::Withdraw(_) | Act::Remove(_) | Act::Recall(_) | Act::Place(_) => return Ok(None),
        }
        Ok(Some(after))
    }
}

impl Replacement {
    fn make(&self, document: &mut SampleDocument) -> Result<(), Fault> {
        let text = match document.fields.get_mut(&self.field) {
            Some(Value::String(text)) => Some(text),
            Some(Value::Object(members)) => match members.get_mut("markdown") {
                Some(Value::String(text)) => Some(text),
                _ => None,
            },
            _ => None,
        };
        match text.filter(|text| text.matches(&self.old).count() == 1) {
            Some(text) => {
                *text = text.replace(&self.old, &self.new);
                Ok(())
            }
            None => Err(Fault::new(
                format!("{}.{}", document.key, self.field),
                "not_once",
                format!("“{}”须在该字段中恰好出现一次", self.old),
                format!("“{}” must stand in this field exactly once", self.old),
            )),
        }
    }
}
