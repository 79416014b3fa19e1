//! What answers are made of, and what of it an event changes.
//!
//! One vocabulary for two memories. The hub keeps answers and gives them again until a part of
//! them changes; a cache in front of it is told the same parts as tags, and is told to drop them
//! by the same function of the same event. So the two cannot disagree about what went stale.
//!
//! A part is remembered as a number of 64 bits that is the same on every node, in every version.
//! Two parts that share one cost an answer its place now and then, and never let a stale one live.

use std::{borrow::Cow, iter::successors};

use crate::{
    edition::PlacedAt,
    ids::{ContentId, DocumentId},
    log::{ArrangedThing, DocumentEvent, Subject},
    names::{ColumnPath, DocumentPath, SiteKey, TypeName},
};

/// The tag of every answer: whoever drops it drops everything.
pub const HUB: &str = "hub";
/// The tag of answers that any event of a document may change.
pub const ALL: &str = "all";
/// Longest tag. Caches have to take tags of so many letters (RFC 9875, section 2).
pub const LONGEST_TAG: usize = 32;

/// Something that an answer is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part<'a> {
    /// A document: its text and state, its history, where it stands.
    Document(DocumentId),
    /// What a link to a content leads to, and its languages.
    Content(ContentId),
    /// What is listed at a place, of one type or of all.
    List(Place<'a>, Option<&'a TypeName>),
    /// What stands at a path of a site.
    Path(&'a SiteKey, &'a DocumentPath),
    /// The notices of a site itself, without those of the sites above it.
    Notices(&'a SiteKey),
    /// All that ever happens.
    Everything,
}

/// Where documents are listed, with all that lies below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place<'a> {
    /// On any site.
    Hub,
    /// On one site.
    Site(&'a SiteKey),
    /// In a column of a site.
    Column(&'a SiteKey, &'a ColumnPath),
}

/// A part as a number: its kind in the highest four bits, a hash of the rest below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartKey(u64);

/// What an event leaves of what was known before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Everything but the parts that were told.
    Parts,
    /// Nothing: the house is part of every answer, and it changed.
    House,
}

const HASHED: u64 = (1 << 60) - 1;
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// The letter of a kind, and what it means to people who look at a tag.
const KINDS: [char; 6] = ['d', 'c', 'l', 'p', 'n', 'e'];

impl Part<'_> {
    /// The part as a number.
    pub fn key(self) -> PartKey {
        let hash = Hash::new();
        let (kind, hash) = match self {
            Self::Document(id) => (0, hash.bytes(id.uuid().as_bytes())),
            Self::Content(id) => (1, hash.bytes(id.uuid().as_bytes())),
            Self::List(place, of) => {
                let hash = match place {
                    Place::Hub => hash,
                    Place::Site(site) => hash.text(site.as_str()),
                    Place::Column(site, path) => hash.text(site.as_str()).text(path.as_str()),
                };
                (2, hash.text("").text(of.map_or("", TypeName::as_str)))
            }
            Self::Path(site, path) => (3, hash.text(site.as_str()).text(path.as_str())),
            Self::Notices(site) => (4, hash.text(site.as_str())),
            Self::Everything => (5, hash),
        };
        PartKey(kind << 60 | hash.finish() & HASHED)
    }

    /// The part as a tag: lists by their names as long as these are short, so that people can
    /// drop them by hand, everything else by its number.
    pub fn tag(self) -> Cow<'static, str> {
        let name = match self {
            Self::Everything | Self::List(Place::Hub, None) => return ALL.into(),
            Self::List(Place::Hub, Some(of)) => format!("{ALL}.{of}"),
            Self::List(Place::Site(site), None) => format!("site-{site}"),
            Self::List(Place::Site(site), Some(of)) => format!("site-{site}.{of}"),
            Self::List(Place::Column(site, path), None) => format!("column-{site}/{path}"),
            Self::List(Place::Column(site, path), Some(of)) => format!("column-{site}/{path}.{of}"),
            Self::Document(_) | Self::Content(_) | Self::Path(..) | Self::Notices(_) => {
                return self.key().tag().into();
            }
        };
        if name.len() <= LONGEST_TAG { name.into() } else { self.key().tag().into() }
    }
}

impl PartKey {
    /// Whether it stands for a list, or for everything: these have names, and lend their number
    /// only where a name is too long.
    pub const fn is_of_a_list(self) -> bool {
        matches!(self.0 >> 60, 2 | 5)
    }

    /// The tag of a part that has no name: a letter for its kind and twelve for its number.
    pub fn tag(self) -> String {
        let kind = KINDS.get((self.0 >> 60) as usize).copied().unwrap_or('x');
        let letter = |place: u32| char::from(LETTERS[(self.0 >> (5 * place)) as usize & 31]);
        [kind, '-'].into_iter().chain((0..12).rev().map(letter)).collect()
    }
}

/// Tells `part` of everything that an event of `document` changes.
pub fn each_changed(
    document: Option<DocumentId>,
    subject: &Subject,
    mut part: impl FnMut(Part<'_>),
) -> Extent {
    match subject {
        Subject::Document(of) => {
            part(Part::Everything);
            part(Part::Content(of.content));
            if let Some(document) = document {
                part(Part::Document(document));
            }
            lists(Place::Hub, &of.r#type, &mut part);
            of.left.iter().chain(&of.entered).for_each(|at| place(of, at, &mut part));
            Extent::Parts
        }
        Subject::Arrangement(of) => match of.notice() {
            // They are put up when many read.
            Some((site, _)) => {
                part(Part::Everything);
                part(Part::Notices(&site));
                Extent::Parts
            }
            // Nobody but the log tells of targets.
            None if of.what == ArrangedThing::Target => {
                part(Part::Everything);
                Extent::Parts
            }
            None => Extent::House,
        },
    }
}

fn place(of: &DocumentEvent, at: &PlacedAt, part: &mut impl FnMut(Part<'_>)) {
    let PlacedAt { site, columns, path } = at;
    part(Part::Path(site, path));
    lists(Place::Site(site), &of.r#type, part);
    for column in columns {
        for above in successors(Some(column.clone()), ColumnPath::parent) {
            lists(Place::Column(site, &above), &of.r#type, part);
        }
    }
}

fn lists(place: Place<'_>, of: &TypeName, part: &mut impl FnMut(Part<'_>)) {
    part(Part::List(place, None));
    part(Part::List(place, Some(of)));
}

/// FNV-1a of 64 bits, stirred at the end: quick for the few bytes of a part, and the same
/// everywhere. Nobody gains by two parts of one number but the loss of a kept answer.
#[derive(Clone, Copy)]
struct Hash(u64);

impl Hash {
    const fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }

    const fn byte(self, byte: u8) -> Self {
        Self((self.0 ^ byte as u64).wrapping_mul(0x0100_0000_01b3))
    }

    fn bytes(self, bytes: &[u8]) -> Self {
        bytes.iter().fold(self, |hash, byte| hash.byte(*byte))
    }

    /// Ended by a byte that stands in no name.
    fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes()).byte(0xff)
    }

    const fn finish(self) -> u64 {
        let mixed = (self.0 ^ self.0 >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
        let mixed = (mixed ^ mixed >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        mixed ^ mixed >> 33
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use uuid::Uuid;

    use super::*;
    use crate::{
        digest::Digest,
        edition::Importance,
        log::{ArrangedChange, Arrangement},
        visibility::Visibility,
    };

    fn site() -> SiteKey {
        "lanqiao".parse().expect("a site key")
    }

    fn column(path: &str) -> ColumnPath {
        path.parse().expect("a column path")
    }

    fn published() -> Subject {
        Subject::Document(DocumentEvent {
            content: Uuid::from_u128(7).into(),
            locale: "zh-CN".parse().expect("a locale"),
            r#type: "article".parse().expect("a type"),
            edition: 1,
            importance: Importance::Major,
            visibility: Visibility::Live,
            site: None,
            left: Vec::new(),
            entered: vec![PlacedAt {
                site: site(),
                columns: vec![column("policy/finance")],
                path: "/1".parse().expect("a path"),
            }],
            commitment: Digest::of(b""),
        })
    }

    fn arranged(what: ArrangedThing) -> Subject {
        let change = ArrangedChange::Changed;
        Subject::Arrangement(Arrangement { what, key: "lanqiao".into(), change, becomes: None })
    }

    fn tags(subject: &Subject) -> (Extent, HashSet<String>) {
        let mut tags = HashSet::new();
        let document = Some(Uuid::from_u128(8).into());
        let extent = each_changed(document, subject, |part| {
            tags.insert(part.tag().into_owned());
        });
        (extent, tags)
    }

    #[test]
    fn a_publication_changes_the_lists_of_every_column_above() {
        let (extent, tags) = tags(&published());

        assert_eq!(extent, Extent::Parts);
        for named in [
            "all",
            "all.article",
            "site-lanqiao",
            "site-lanqiao.article",
            "column-lanqiao/policy/finance",
            "column-lanqiao/policy",
            "column-lanqiao/policy.article",
        ] {
            assert!(tags.contains(named), "{named}: {tags:?}");
        }
        let numbered = tags.iter().filter(|tag| tag.len() == 14 && tag.get(1..2) == Some("-"));
        assert_eq!(numbered.count(), 4, "document, content, path, a list whose name is long");
    }

    #[test]
    fn whatever_changes_the_house_changes_everything_and_a_target_does_not() {
        let of_the_house = [
            ArrangedThing::Authority,
            ArrangedThing::Site,
            ArrangedThing::Column,
            ArrangedThing::Type,
        ];
        for what in of_the_house {
            assert_eq!(tags(&arranged(what)).0, Extent::House, "{what:?}");
        }
        let (extent, told) = tags(&arranged(ArrangedThing::Target));
        assert_eq!((extent, told), (Extent::Parts, HashSet::from([ALL.to_owned()])));
    }

    #[test]
    fn tags_are_short_and_the_same_for_ever() {
        // Caches hold them across versions: a change of any is a purge that misses.
        let long = column(&["a-long-segment"; 8].join("/"));
        let (of, path) = ("article".parse().expect("a type"), "/1".parse().expect("a path"));
        let (site, id) = (site(), Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001));
        let expected = [
            (Part::Document(id.into()), "d-"),
            (Part::Content(id.into()), "c-"),
            (Part::Path(&site, &path), "p-"),
            (Part::Notices(&site), "n-"),
            (Part::List(Place::Column(&site, &long), Some(&of)), "l-"),
            (Part::List(Place::Site(&site), None), "site-lanqiao"),
            (Part::List(Place::Hub, Some(&of)), "all.article"),
            (Part::Everything, "all"),
        ];
        let mut seen = HashSet::new();
        for (part, begins) in expected {
            let tag = part.tag();
            assert!(tag.starts_with(begins) && tag.len() <= LONGEST_TAG, "{tag}");
            assert!(seen.insert(tag));
        }
        assert_eq!(Part::Document(id.into()).tag(), "d-tsedtqfj2ump");
    }

    #[test]
    fn a_list_of_a_place_is_no_list_of_another() {
        let (site, other) = (site(), "nanhe".parse::<SiteKey>().expect("a site key"));
        let (policy, news) = (column("policy"), column("news"));
        let of: TypeName = "article".parse().expect("a type");
        let places = [
            Place::Hub,
            Place::Site(&site),
            Place::Site(&other),
            Place::Column(&site, &policy),
            Place::Column(&site, &news),
            Place::Column(&other, &news),
        ];
        let mut keys = HashSet::new();
        for place in places {
            assert!(keys.insert(Part::List(place, None).key()), "{place:?}");
            assert!(keys.insert(Part::List(place, Some(&of)).key()), "{place:?}");
        }
    }
}
