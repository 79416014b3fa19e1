//! What the audit keeps beside acts: who read a text that is not public, who was refused.
//!
//! Neither changes anything, so there is no unit of work it could be written with. It is collected
//! and written a little later, many at a time: a reader waits for nothing (docs/decisions/audit.md).

use jiff::Timestamp;
use schema::{
    audit::{Concerns, Record},
    ids::{ActorId, DocumentId, EditionId},
    origin::Origin,
    permission::{Actor, Touched},
};
use serde_json::{Value, json};
use store::{audit, documents};

use crate::{Desk, Error, documents::commitment_to};

/// Something to be kept in the audit.
#[derive(Clone, Debug)]
pub struct Noted {
    /// When it was.
    pub at: Timestamp,
    /// Who it was, with the name the audit gives them.
    pub actor: (ActorId, String),
    /// From where.
    pub origin: Origin,
    /// What they did.
    pub what: What,
}

/// What is kept beside acts.
#[derive(Clone, Debug)]
pub enum What {
    /// A text was read that is not public.
    Read {
        /// Of this document.
        document: DocumentId,
        /// This edition; `None` for what the draft is.
        edition: Option<EditionId>,
        /// `document.read`, `preview.open`.
        action: &'static str,
    },
    /// Something was refused.
    Refused {
        /// `act.refused`, `signIn.refused`.
        action: &'static str,
        /// What was tried, and why it was refused; how many more there were that nobody was told of.
        details: Value,
    },
}

/// Writes all that was `noted`, in one unit of work.
///
/// # Errors
/// [`Error::Store`].
pub async fn write(desk: &Desk, noted: &[Noted]) -> Result<(), Error> {
    let (id, name) = audit::HOUSEKEEPING;
    let keeper = Actor { id: id.into(), name: name.into(), grants: Vec::new() };
    crate::work!(desk, &keeper, work => {
        for one in noted {
            let (action, subject, about, details) = match &one.what {
                What::Read { document, edition, action } => {
                    // A document that was thrown away since was still read.
                    let found = documents::for_the_audit(work.session(), *document).await?;
                    let (touched, draft) = found.unwrap_or_default();
                    let edition = edition.or(draft);
                    let commitment = commitment_to(work, edition).await?;
                    let about = (Concerns::from(&touched), commitment);
                    (*action, format!("document:{document}"), about, json!({ "edition": edition }))
                }
                What::Refused { action, details } => {
                    (*action, "hub".into(), (Concerns::default(), None), details.clone())
                }
            };
            let record = Record {
                id: work.new_id(),
                at: one.at,
                actor: one.actor.0,
                actor_name: one.actor.1.clone(),
                action: action.to_owned(),
                subject,
                details,
                concerns: about.0,
                commitment: about.1,
                origin: one.origin.clone(),
                seal: None,
            };
            audit::add(work, &record).await?;
        }
        Ok(())
    })?;
    Ok(())
}

/// Writes at once that texts that are not public are about to leave the hub: whoever cannot be
/// named does not take them out.
///
/// # Errors
/// [`Error::Store`].
pub async fn taken_out(
    desk: &Desk,
    actor: &Actor,
    action: &str,
    subject: &str,
    touched: &Touched,
    details: &Value,
) -> Result<(), Error> {
    crate::work!(desk, actor, work => {
        Ok(audit::record_about(work, action, subject, touched.into(), details).await?)
    })?;
    Ok(())
}
