//! The sample content of `examples/demo`: a tree, documents of every type, and a story.
//!
//! It comes compiled in, so that the demo runs with nothing set up, and is driven through the
//! public APIs like anybody's content: what is made here is input, as an author hands it in.
//! [`Sample::read`] checks what holds by itself (references, order, the story); whether the
//! texts fit their types and the tree is for the hub to say.

mod document;
mod embedded;
mod file;
mod references;
mod story;

use std::collections::BTreeMap;

use editorial::arrange::manifest::Manifest;
use schema::{ids::ContentId, message::Fault};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub use document::{SampleDocument, SampleKey, SamplePlacement};
pub use embedded::EMBEDDED;
pub use file::SampleFile;
pub use story::{Act, Correction, Move, Removed, Replacement, Step};

use self::references::Reference;

/// The texts that a sample is read from.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'s> {
    /// The manifest of the tree.
    pub tree: &'s str,
    /// Documents by file name, in the order of publication.
    pub documents: &'s [(&'s str, &'s str)],
    /// The story.
    pub story: &'s str,
    /// Files by path below `examples/demo`.
    pub files: &'s [(&'s str, &'s [u8])],
}

/// A sample that holds together.
#[derive(Clone, Debug)]
pub struct Sample {
    tree: String,
    documents: Vec<SampleDocument>,
    steps: Vec<Step>,
    files: Vec<SampleFile>,
}

impl Sample {
    /// The sample that comes with Gongbao.
    ///
    /// # Panics
    /// Never in a build whose tests pass: the files are part of the program.
    pub fn embedded() -> Self {
        Self::read(EMBEDDED)
            .unwrap_or_else(|fault| panic!("the embedded sample does not hold together: {fault}"))
    }

    /// Reads a sample.
    ///
    /// # Errors
    /// The first thing that is not understood or leads nowhere, with its file: an unknown key
    /// of a table, a key that two documents have, a reference to what does not come before, a
    /// translation of something else, a step that cannot be taken.
    pub fn read(sources: Sources<'_>) -> Result<Self, Fault> {
        Manifest::parse(sources.tree).map_err(|fault| inside("tree.toml", fault))?;
        let mut sample = Self {
            tree: sources.tree.to_owned(),
            documents: Vec::with_capacity(sources.documents.len()),
            steps: parse::<story::Story>("story.toml", sources.story)?.steps,
            files: sources.files.iter().map(|(path, bytes)| SampleFile::new(path, bytes)).collect(),
        };
        for (file, text) in sources.documents {
            let document: SampleDocument = parse(file, text)?;
            sample.fits_in(&document).map_err(|fault| inside(file, fault))?;
            sample.documents.push(document);
        }
        sample.story_can_be_told().map_err(|fault| inside("story.toml", fault))?;
        Ok(sample)
    }

    /// The manifest of the tree, as `gongbao site apply` takes it.
    pub fn tree(&self) -> &str {
        &self.tree
    }

    /// The documents, in the order in which they can be published: what one links to and what
    /// it translates comes before it.
    pub fn documents(&self) -> &[SampleDocument] {
        &self.documents
    }

    /// What happens when all is published, in order.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The files that documents refer to; they are uploaded first.
    pub fn files(&self) -> &[SampleFile] {
        &self.files
    }

    /// The document of this key.
    pub fn document(&self, key: &SampleKey) -> Option<&SampleDocument> {
        self.documents.iter().find(|document| document.key == *key)
    }

    /// The fields of `document` as a hub takes them: references to documents became the
    /// content ids of `contents`, references to files what the upload of the file answers.
    ///
    /// # Errors
    /// A reference to what is not in `contents` or not among the files.
    pub fn input(
        &self,
        document: &SampleDocument,
        contents: &BTreeMap<SampleKey, ContentId>,
    ) -> Result<Map<String, Value>, Fault> {
        references::replaced(&document.fields, &mut |reference| match reference {
            Reference::Content(key) => contents
                .get(key)
                .map(|id| id.to_string().into())
                .ok_or_else(|| leads_nowhere(document, key)),
            Reference::File(path, texts) => self
                .files
                .iter()
                .find(|file| file.path() == path)
                .map(|file| file.value(texts))
                .ok_or_else(|| leads_nowhere(document, path)),
        })
    }

    /// Whether `document` can come next.
    fn fits_in(&self, document: &SampleDocument) -> Result<(), Fault> {
        let key = &document.key;
        if self.document(key).is_some() {
            return Err(Fault::new(
                key.as_str(),
                "repeated",
                "两篇内容用了同一个 key，请改一个",
                "two documents have this key: change one",
            ));
        }
        if let Some(original) = &document.translation_of {
            let fits = self.document(original).is_some_and(|original| {
                original.translation_of.is_none()
                    && original.r#type == document.r#type
                    && original.authority == document.authority
                    && original.locale != document.locale
            });
            if !fits {
                return Err(Fault::new(
                    key.as_str(),
                    "not_a_translation",
                    format!("{original} 须在前面，类型和机构相同，语言不同"),
                    format!(
                        "{original} must come before, of the same type and authority, in another language"
                    ),
                ));
            }
        }
        self.references_lead_somewhere(document)
    }

    fn references_lead_somewhere(&self, document: &SampleDocument) -> Result<(), Fault> {
        let originals = self.documents.iter().filter(|known| known.translation_of.is_none());
        let anywhere = ContentId::from(uuid::Uuid::nil());
        let known = originals.map(|document| (document.key.clone(), anywhere)).collect();
        self.input(document, &known).map(|_| ())
    }

    fn story_can_be_told(&self) -> Result<(), Fault> {
        let mut now: BTreeMap<&SampleKey, SampleDocument> =
            self.documents.iter().map(|document| (&document.key, document.clone())).collect();
        for step in &self.steps {
            let before = now.get_mut(&step.document).ok_or_else(|| {
                Fault::new(
                    step.document.as_str(),
                    "not_found",
                    "没有这篇内容",
                    "there is no such document",
                )
            })?;
            if let Some(after) = step.text_after(before)? {
                self.references_lead_somewhere(&after)?;
                *before = after;
            }
        }
        Ok(())
    }
}

fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Fault> {
    toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let why = error.message();
        Fault::new(
            format!("{file}:{line}"),
            "not_understood",
            format!("格式不对：{why}"),
            format!("this is not understood: {why}"),
        )
    })
}

fn inside(file: &str, fault: Fault) -> Fault {
    Fault { path: format!("{file}: {}", fault.path), ..fault }
}

fn leads_nowhere(document: &SampleDocument, to: &str) -> Fault {
    Fault::new(
        document.key.as_str(),
        "leads_nowhere",
        format!("引用的 {to} 不在前面的内容或文件中"),
        format!("{to} is not among the documents before it or the files"),
    )
}

#[cfg(test)]
mod tests;
