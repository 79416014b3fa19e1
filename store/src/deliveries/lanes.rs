//! Lanes (投放通道): one per target and document. At most one call is under way in a lane, and
//! order is kept inside it.

use jiff::Timestamp;
use schema::{
    delivery::Before,
    ids::{DocumentId, TargetId},
    names::SiteKey,
};

use super::to_sequence;
use crate::{Error, Session, convert};

/// A lane as fan-out sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// What was owed last.
    pub before: Before,
    /// For which event.
    pub owed_sequence: u64,
    /// The site that the target is pointed at.
    pub site: SiteKey,
    /// Whether the target holds an edition, as far as it said.
    pub holds: bool,
}

pub(super) const fn owed_word(before: Before) -> &'static str {
    match before {
        Before::Nothing | Before::Absent => "absent",
        Before::Edition => "edition",
        Before::Recalled => "recalled",
    }
}

/// The lane of `target` and `document`, where anything was ever owed.
pub(super) async fn lane(
    session: &mut Session,
    target: TargetId,
    document: DocumentId,
) -> Result<Option<Lane>, Error> {
    fetch_optional!(
        session,
        (String, i64, String, Option<String>),
        "SELECT owed, owed_sequence, site, held FROM lane WHERE target_id = $1 AND document_id = $2",
        target.uuid(),
        document.uuid(),
    )?
    .map(|(owed, sequence, site, held)| {
        Ok(Lane {
            before: match owed.as_str() {
                "edition" => Before::Edition,
                "absent" => Before::Absent,
                "recalled" => Before::Recalled,
                word => return Err(Error::corrupt("lane.owed", word)),
            },
            owed_sequence: to_sequence(sequence)?,
            site: convert::text("lane.site", &site)?,
            holds: held.as_deref() == Some("edition"),
        })
    })
    .transpose()
}

/// Says anew when the lane is due, and whether its head is a recall. While a call is under way
/// it stays the call's: the lane is due again when the lease ends.
pub(super) async fn refresh(
    session: &mut Session,
    target: TargetId,
    document: DocumentId,
) -> Result<(), Error> {
    execute!(
        session,
        "UPDATE lane SET due_at = CASE WHEN lease_until IS NULL THEN (SELECT d.due_at FROM delivery d \
         WHERE d.target_id = lane.target_id AND d.document_id = lane.document_id AND d.state = 'pending' \
         ORDER BY d.sequence LIMIT 1) ELSE lease_until END, \
         urgent = EXISTS (SELECT 1 FROM delivery d WHERE d.target_id = lane.target_id \
         AND d.document_id = lane.document_id AND d.state = 'pending' AND d.absence = 'recalled') \
         WHERE target_id = $1 AND document_id = $2",
        target.uuid(),
        document.uuid(),
    )?;
    Ok(())
}

/// When something is due at a target, apart from what its health says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The target.
    pub target: TargetId,
    /// Its health.
    pub health: super::targets::Health,
    /// The longest due lane without a recall.
    pub normal: Option<Timestamp>,
    /// The longest due recall.
    pub urgent: Option<Timestamp>,
}
