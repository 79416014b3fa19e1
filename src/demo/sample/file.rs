//! One file of the sample.

use schema::digest::Digest;
use serde_json::{Map, Value};

/// A file that documents refer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SampleFile {
    path: String,
    bytes: Vec<u8>,
    digest: Digest,
}

impl SampleFile {
    pub(super) fn new(path: &str, bytes: &[u8]) -> Self {
        Self { path: path.to_owned(), bytes: bytes.to_vec(), digest: Digest::of(bytes) }
    }

    /// Its path below `examples/demo`, by which documents refer to it.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is in it.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The digest of what is in it, by which a hub knows it.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The last segment of its path.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Its media type, by the end of its name.
    pub fn media_type(&self) -> &'static str {
        match self.path.rsplit_once('.') {
            Some((_, "csv")) => "text/csv",
            Some((_, "txt")) => "text/plain",
            _ => "application/octet-stream",
        }
    }

    /// What a file field holds for it; `texts` are name, alternative text and the like where
    /// the reference gives them.
    pub(super) fn value(&self, texts: Map<String, Value>) -> Value {
        let mut value = Map::from_iter([
            ("digest".to_owned(), self.digest.to_string().into()),
            ("name".to_owned(), self.name().into()),
            ("mediaType".to_owned(), self.media_type().into()),
            ("size".to_owned(), self.bytes.len().into()),
        ]);
        value.extend(texts);
        value.into()
    }
}
