//! What has to be known beside a text: gathered by whoever can read the store.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::Timestamp;

use crate::{
    calendar,
    ids::ContentId,
    message::Bilingual,
    names::{FieldName, SiteKey, TypeName},
};

/// What the store knows about a text and what stands around it. What is left empty is not looked
/// at: nothing is found that would need it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The sites it stands on, or is to stand on.
    pub sites: BTreeSet<SiteKey>,
    /// Hosts of the hub's sites, in small letters.
    pub own_hosts: Arc<BTreeSet<String>>,
    /// What the hub's authorities and sites are called: a text credited to one of them is their own.
    pub own_names: Arc<BTreeSet<String>>,
    /// The contents its link fields name.
    pub linked: BTreeMap<ContentId, Standing>,
    /// Addresses in its texts that lead to documents of the hub, as they are written.
    pub addresses: BTreeMap<String, Standing>,
    /// Addresses outside the hub where nothing was found, [as they are opened](super::opened).
    pub dead: BTreeMap<String, Dead>,
    /// Types and fields by which live documents link to it. `None` where nobody has looked.
    pub linked_by: Option<BTreeSet<(TypeName, FieldName)>>,
    /// Other live documents that may be the same.
    pub published: Vec<Published>,
    /// Other live documents that say nearly the same.
    pub nearly: Vec<Nearly>,
    /// Targets it goes to that take no text of every length.
    pub rooms: Vec<Room>,
    /// Times allowed that are running for it.
    pub limits: Vec<Limit>,
}

/// A time allowed that is running for a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What the rule is about.
    pub name: Bilingual,
    /// The document that says so.
    pub source: String,
    /// The field that says when it began.
    pub field: FieldName,
    /// When it is over.
    pub at: Timestamp,
    /// How it stands.
    pub standing: calendar::Standing,
}

/// What became of something that is linked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Readers find it.
    Live,
    /// It is on the hub, and readers do not find it: a draft, withdrawn, removed, recalled.
    NotLive,
    /// Nothing is known of it.
    Missing,
}

/// What came of opening an address that leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dead {
    /// HTTP status; `None` where nobody answered.
    pub status: Option<u16>,
}

/// How long a text may be for a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Room {
    /// The target.
    pub target: String,
    /// Characters of a title.
    pub title: Option<u32>,
    /// Characters of a body, in plain text.
    pub text: Option<u32>,
}

/// Another live document that says nearly the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearly {
    /// The content.
    pub content: ContentId,
    /// How much is the same, in hundredths.
    pub alike: u32,
}

/// Another live document that shares something with the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The content.
    pub content: ContentId,
    /// What its title says.
    pub title: String,
    /// It says the same, to the letter.
    pub same_text: bool,
    /// It has the same title.
    pub same_title: bool,
    /// It has the same document number.
    pub same_number: bool,
}
