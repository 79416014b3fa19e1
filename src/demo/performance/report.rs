//! What the demo found, as data: what `--json` prints, and what the terminal is told from.

use schema::message::Bilingual;
use serde::Serialize;
use serde_json::Value;

/// Everything that was done and seen.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// Address of the hub.
    pub(super) hub: String,
    /// Folder of its database and files.
    pub(super) data: String,
    pub(super) tree: Tree,
    pub(super) receivers: Vec<ReceiverFacts>,
    pub(super) published: Published,
    pub(super) steps: Vec<StepFacts>,
    pub(super) outage: Outage,
    pub(super) notices: Vec<PostedNotice>,
    pub(super) reads: Reads,
    pub(super) items: Vec<ItemFacts>,
    pub(super) links: Links,
    /// The whole of it.
    pub(super) milliseconds: u128,
}

/// What the manifest came to.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Tree {
    pub(super) authorities: usize,
    pub(super) sites: usize,
    pub(super) columns: usize,
}

/// A receiver and its target.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ReceiverFacts {
    pub(super) target: String,
    pub(super) name: Bilingual,
    pub(super) takes: Bilingual,
    pub(super) page: String,
    pub(super) process: Option<u32>,
}

/// What was published before the story.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Published {
    pub(super) documents: usize,
    pub(super) files: usize,
    pub(super) types: usize,
    pub(super) translations: usize,
    pub(super) milliseconds: u128,
}

/// One step of the story.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StepFacts {
    pub(super) number: usize,
    pub(super) document: String,
    pub(super) act: &'static str,
    pub(super) narration: Bilingual,
    /// What the content API answers since.
    pub(super) seen: Vec<Seen>,
    /// How it stands with each target since, by the target's key.
    pub(super) targets: Vec<Standing>,
}

/// One answer to the public.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Seen {
    /// Site and path, or a language, that was asked for.
    pub(super) place: String,
    /// The HTTP status that a front end passes on.
    pub(super) status: u16,
    /// What it says, in words.
    pub(super) said: Bilingual,
}

/// How it stands with one document at one target.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Standing {
    pub(super) target: String,
    /// What the target acknowledged last; nothing before the first receipt.
    pub(super) holds: Option<Holds>,
    /// Whether something is still owed to it.
    pub(super) waits: bool,
    /// Tries at the last delivery.
    pub(super) tries: u64,
}

/// What a target acknowledged.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Holds {
    /// The edition; nothing when it was told to hold nothing.
    pub(super) edition: Option<u64>,
    /// The event.
    pub(super) sequence: u64,
    /// From the event to the receipt.
    pub(super) milliseconds: u64,
}

/// The receiver that was killed.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outage {
    pub(super) target: String,
    /// What was owed to it when it came back, by document.
    pub(super) owed: Vec<String>,
    /// The most tries that one of them took.
    pub(super) most_tries: u64,
    /// From its return to the last receipt.
    pub(super) milliseconds: u128,
}

/// A notice of a site, and where it is shown.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PostedNotice {
    pub(super) id: String,
    /// The site that put it up.
    pub(super) site: String,
    pub(super) text: Bilingual,
    /// The sites that show it: that one, and those below it.
    pub(super) shown_on: Vec<String>,
}

/// What was read at the end.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Reads {
    pub(super) graphql: GraphqlRead,
    pub(super) feed: FeedRead,
    pub(super) sitemap: SitemapRead,
}

/// Policies and what explains them.
#[derive(Clone, Debug, Serialize)]
pub(super) struct GraphqlRead {
    pub(super) policies: u64,
    pub(super) links: usize,
    pub(super) answer: Value,
}

/// A feed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FeedRead {
    pub(super) path: String,
    pub(super) entries: usize,
    pub(super) tombstones: usize,
    /// The status of asking again with its tag.
    pub(super) asked_again: u16,
}

/// A sitemap.
#[derive(Clone, Debug, Serialize)]
pub(super) struct SitemapRead {
    pub(super) path: String,
    pub(super) shards: usize,
    pub(super) addresses: usize,
}

/// A document, and where it is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ItemFacts {
    pub(super) key: String,
    pub(super) content_id: String,
    pub(super) locale: String,
    pub(super) title: String,
    /// As the hub says it: `LIVE`, `RECALLED`, …
    pub(super) visibility: String,
    pub(super) targets: Vec<At>,
}

/// A document at one target.
#[derive(Clone, Debug, Serialize)]
pub(super) struct At {
    #[serde(flatten)]
    pub(super) standing: Standing,
    /// `edition`, `absent`, or `never` where it was not selected.
    pub(super) state: &'static str,
    /// Where the receiver shows it, or the stone in its place.
    pub(super) copy: Option<String>,
}

/// What to try next.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Links {
    pub(super) graphiql: String,
    pub(super) feed: String,
    pub(super) sitemap: String,
    pub(super) openapi: String,
    pub(super) manage: String,
    pub(super) token: String,
}

impl Standing {
    /// In words for programs.
    pub(super) fn state(&self) -> &'static str {
        match self.holds {
            Some(Holds { edition: Some(_), .. }) => "edition",
            Some(Holds { edition: None, .. }) => "absent",
            None => "never",
        }
    }
}
