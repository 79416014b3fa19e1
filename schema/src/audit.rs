//! Rows of the audit, and the hash chain that binds them.
//!
//! As in the publication log a row hashes the row before it, so that none can be changed, taken
//! out or slipped in without every later hash changing. What was done to an edition names it by
//! its salted commitment alone: the audit outlives an erasure, and a plain digest could give a
//! short text away.

pub mod export;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    canonical::{NotCanonical, canonical_digest, to_canonical},
    digest::Digest,
    ids::{ActorId, AuthorityId, SiteId},
    origin::Origin,
    permission::Touched,
};

/// Days for which every row is kept, whatever is set: government systems keep the records of who
/// did what for a year (docs/audit.md names the rules), and a month more is for those who come to
/// look when the year is over.
pub const LEAST_DAYS: u32 = 400;

/// One row of the audit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// Its id; later rows have greater ones.
    pub id: Uuid,
    /// When it was done.
    pub at: Timestamp,
    /// Who did it.
    pub actor: ActorId,
    /// What people call them: account and token.
    pub actor_name: String,
    /// What was done, `document.publish`.
    pub action: String,
    /// To what: `document:<id>`, `site:<key>`, `hub`.
    pub subject: String,
    /// What came with it, no texts.
    pub details: Value,
    /// Whom it concerns; without either the hub as a whole.
    #[serde(flatten)]
    pub concerns: Concerns,
    /// SHA-256(salt ‖ digest) of the edition it was done on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commitment: Option<Digest>,
    /// From where it was done.
    pub origin: Origin,
    /// Its place in the chain; `None` for some seconds after it was done.
    #[serde(flatten)]
    pub seal: Option<Seal>,
}

/// Whom a row concerns, which decides who may read it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Concerns {
    /// The authority that owns what it was done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authority: Option<AuthorityId>,
    /// The site, where it is one alone: what concerns several is for those who may read of their
    /// authority.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site: Option<SiteId>,
}

/// The place of a row in the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// Its number: without gaps, in the order in which rows were sealed, from 1.
    pub number: u64,
    /// Its hash.
    pub hash: Digest,
}

impl Seal {
    /// What the first row follows.
    pub fn before_the_first() -> Self {
        Self { number: 0, hash: Digest::of(b"") }
    }
}

impl From<&Touched> for Concerns {
    fn from(touched: &Touched) -> Self {
        let site = match touched.sites.as_slice() {
            [site] => Some(*site),
            _ => None,
        };
        Self { authority: touched.authority, site }
    }
}

impl Concerns {
    /// What reading of it touches.
    pub fn touched(&self) -> Touched {
        Touched {
            authority: self.authority,
            sites: self.site.into_iter().collect(),
            ..Touched::default()
        }
    }
}

impl Record {
    /// The seal it gets after the row sealed `previous`.
    ///
    /// # Errors
    /// [`NotCanonical`] never happens: numbers that JSON readers do not keep exactly are hashed as
    /// texts.
    pub fn sealed_after(&self, previous: Seal) -> Result<Seal, NotCanonical> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Row<'a> {
            previous: Digest,
            number: u64,
            id: Uuid,
            at: i64,
            actor: ActorId,
            actor_name: &'a str,
            action: &'a str,
            subject: &'a str,
            details: Value,
            authority: Option<AuthorityId>,
            site: Option<SiteId>,
            commitment: Option<Digest>,
            origin: &'a Origin,
        }
        let number = previous.number + 1;
        let hash = canonical_digest(&Row {
            previous: previous.hash,
            number,
            id: self.id,
            at: self.at.as_microsecond(),
            actor: self.actor,
            actor_name: &self.actor_name,
            action: &self.action,
            subject: &self.subject,
            details: exact(&self.details),
            authority: self.concerns.authority,
            site: self.concerns.site,
            commitment: self.commitment,
            origin: &self.origin,
        })?;
        Ok(Seal { number, hash })
    }
}

/// `value` with numbers that have no canonical form as texts.
fn exact(value: &Value) -> Value {
    match value {
        Value::Number(number) if to_canonical(number).is_err() => Value::String(number.to_string()),
        Value::Array(items) => items.iter().map(exact).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), exact(member))).collect()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::origin::Via;

    fn record() -> Record {
        Record {
            id: Uuid::from_u128(1),
            at: "2026-03-02T01:00:00.000001Z".parse().expect("a moment"),
            actor: Uuid::from_u128(2).into(),
            actor_name: "账号".into(),
            action: "document.publish".into(),
            subject: "document:x".into(),
            details: json!({ "edition": 3, "share": 0.5 }),
            concerns: Concerns {
                authority: Some(Uuid::from_u128(3).into()),
                site: Some(Uuid::from_u128(4).into()),
            },
            commitment: Some(Digest::of(b"salted")),
            origin: Origin {
                via: Via::Request,
                address: Some([192, 0, 2, 7].into()),
                request: Some("edge-0001".into()),
                credential: None,
            },
            seal: None,
        }
    }

    /// Whoever writes a program of their own to check an export needs these bytes to stay.
    #[test]
    fn the_hash_of_a_row_stays_what_it_is() {
        let seal = record().sealed_after(Seal::before_the_first()).expect("a hash");

        assert_eq!(seal.number, 1);
        assert_eq!(
            seal.hash.to_string(),
            "sha256:abe5b6820e8408eb935a586616a75ee2d418cf262ef061ac52927eb2437cc82a"
        );
    }

    #[test]
    fn whatever_is_changed_in_a_row_changes_its_hash() {
        let first = Seal::before_the_first();
        let hash = |record: &Record| record.sealed_after(first).expect("a hash").hash;
        let changes: [fn(&mut Record); 11] = [
            |record| record.id = Uuid::from_u128(9),
            |record| record.at = Timestamp::UNIX_EPOCH,
            |record| record.actor = Uuid::from_u128(9).into(),
            |record| record.actor_name.push('x'),
            |record| record.action.push('x'),
            |record| record.subject.push('x'),
            |record| record.details["edition"] = json!(4),
            |record| record.concerns.authority = None,
            |record| record.concerns.site = None,
            |record| record.commitment = None,
            |record| record.origin = Origin::HUB,
        ];

        for (place, change) in changes.into_iter().enumerate() {
            let mut changed = record();
            change(&mut changed);
            assert_ne!(hash(&changed), hash(&record()), "change {place}");
        }
        let later = record().sealed_after(Seal { number: 1, ..first }).expect("a hash");
        assert_ne!(later.hash, hash(&record()), "its number is part of it");
    }

    #[test]
    fn a_row_is_read_from_a_line_as_it_was_written() {
        let seal = Some(Seal::before_the_first());
        for record in [record(), Record { seal, ..record() }] {
            let line = serde_json::to_string(&record).expect("a line");
            assert_eq!(serde_json::from_str::<Record>(&line).expect("a row"), record);
        }
    }
}
