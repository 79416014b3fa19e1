//! The log turned into deliveries: one transaction per target and some hundreds of lanes.
//!
//! What is owed is decided by the caller; here it is written. The position moves in the same
//! transaction, so an event is turned into deliveries exactly once, whoever dies when.

use jiff::Timestamp;
use schema::{
    delivery::{Before, Owed, Selector, TargetParticulars, TargetState},
    ids::{DeliveryId, DocumentId, TargetId},
    names::SiteKey,
    parameters::{Entropy, new_uuid, to_microseconds},
    visibility::EventKind,
};
use serde_json::json;
use sqlx::types::Json;
use uuid::Uuid;

use super::{
    bodies::{self, RenderingKey},
    holds::{self, Hold},
    lanes::{self, Lane},
    targets::{self, Target},
    to_number,
};
use crate::{Error, Session, Store, audit, dialect, moment::Moment};

/// A target whose events are being turned into deliveries. Dropped without
/// [`commit`](Self::commit) it leaves nothing.
pub struct FanOut {
    session: Session,
    target: Target,
    now: Timestamp,
}

/// What is owed for one event.
#[derive(Clone, Debug)]
pub struct NewDelivery {
    /// The document.
    pub document: DocumentId,
    /// The event.
    pub sequence: u64,
    /// What happened.
    pub kind: EventKind,
    /// The state that the target should hold.
    pub owed: Owed,
    /// The site that it is pointed at.
    pub site: SiteKey,
    /// The channel's name for how it is written.
    pub form: String,
    /// Whether nothing is ever owed after it, where it is a recall, and it says all that is to be
    /// said of the document. A cache may have to drop what tells of a recall as well, and what lies
    /// in the document's lane may be about the whole house.
    pub ends: bool,
    /// How a publication plan holds it back.
    pub hold: Option<Hold>,
}

/// Targets for which the log has something new up to `head`, or which are being looked
/// through.
///
/// # Errors
/// [`Error::Database`].
pub async fn behind(session: &mut Session, head: u64) -> Result<Vec<TargetId>, Error> {
    let rows = fetch_all!(
        session,
        (Uuid,),
        "SELECT id FROM target t WHERE recall_position < $1 \
         OR (state <> 'disabled' AND (position < $1 OR sweep_sequence IS NOT NULL \
             OR EXISTS (SELECT 1 FROM sent_later s WHERE s.target_id = t.id)))",
        to_number(head)?,
    )?;
    Ok(rows.into_iter().map(|(id,)| id.into()).collect())
}

impl FanOut {
    /// Opens the fan-out of one target; `None` when another node is at it.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn open(
        store: &Store,
        target: TargetId,
        now: Timestamp,
    ) -> Result<Option<Self>, Error> {
        let mut session = store.writer().await?;
        let sql = dialect::take_target(session.engine());
        if fetch_optional!(session, (Uuid,), sql, target.uuid())?.is_none() {
            return Ok(None);
        }
        let Some(target) = targets::target(&mut session, target).await? else { return Ok(None) };
        Ok(Some(Self { session, target, now: to_microseconds(now) }))
    }

    /// The target, as it is now.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Whether it gets more than recalls.
    pub fn is_served(&self) -> bool {
        self.target.state != TargetState::Disabled
    }

    /// Its transaction, for reads.
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// What was owed last of `document`.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn lane(&mut self, document: DocumentId) -> Result<Option<Lane>, Error> {
        lanes::lane(&mut self.session, self.target.id, document).await
    }

    /// Whether `key` was rendered already; it then stays until this ends.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn is_rendered(&mut self, key: &RenderingKey) -> Result<bool, Error> {
        bodies::touch(&mut self.session, key, self.now).await
    }

    /// Stores what is sent.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn store_rendering(
        &mut self,
        key: &RenderingKey,
        bytes: &[u8],
        of_edition: bool,
    ) -> Result<(), Error> {
        bodies::insert(&mut self.session, key, bytes, of_edition, self.now).await
    }

    /// Writes what is owed, due now unless it is held back. With `supersedes` it takes the place
    /// of everything older that is not done; what is held back it always takes the place of.
    /// Nothing happens when something as new is owed already.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn owe(
        &mut self,
        new: &NewDelivery,
        supersedes: bool,
        entropy: &dyn Entropy,
    ) -> Result<bool, Error> {
        let (target, document) = (self.target.id.uuid(), new.document.uuid());
        let sequence = to_number(new.sequence)?;
        let before = match new.owed {
            Owed::Edition(_) => Before::Edition,
            owed if owed.is_recall() && new.ends => Before::Recalled,
            Owed::Absent(_) => Before::Absent,
        };
        let is_new = execute!(
            self.session,
            "INSERT INTO lane (target_id, document_id, site, fence, owed, owed_sequence, urgent) \
             VALUES ($1, $2, $3, 0, $4, $5, $6) ON CONFLICT (target_id, document_id) DO UPDATE \
             SET site = excluded.site, owed = excluded.owed, owed_sequence = excluded.owed_sequence \
             WHERE lane.owed_sequence < excluded.owed_sequence AND lane.owed <> 'recalled'",
            target,
            document,
            new.site.as_str(),
            lanes::owed_word(before),
            sequence,
            false,
        )?;
        if is_new == 0 {
            return Ok(false);
        }
        let now = Moment(self.now);
        if supersedes {
            execute!(
                self.session,
                "UPDATE delivery SET state = 'superseded', finished_at = $4 WHERE target_id = $1 \
                 AND document_id = $2 AND sequence < $3 AND state IN ('pending', 'parked', 'refused') \
                 AND (kind <> 'arrange' OR $5)",
                target,
                document,
                sequence,
                now,
                new.ends,
            )?;
        }
        let lane = (self.target.id, new.document);
        let held_until = holds::supersede(&mut self.session, lane, self.now).await?;
        let hold = new.hold.clone().map(|hold| match held_until {
            // A correction does not make the text before it wait anew.
            Some(until) => Hold { not_before: until, after_minutes: 0, ..hold },
            None => hold,
        });
        let hold = hold.filter(|hold| hold.holds_at(self.now));
        let due = Moment(match &hold {
            Some(hold) if hold.waits_for.is_empty() => hold.not_before,
            Some(_) => holds::NEVER,
            None => self.now,
        });
        let id: DeliveryId = new_uuid(self.now, entropy).into();
        let (edition, absence) = match new.owed {
            Owed::Edition(number) => (Some(i64::from(number)), None),
            Owed::Absent(absence) => (None, Some(absence.as_str())),
        };
        execute!(
            self.session,
            "INSERT INTO delivery (id, target_id, document_id, sequence, kind, edition, absence, form, state, \
             attempts, created_at, started_at, due_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', 0, $9, $10, $10)",
            id.uuid(),
            target,
            document,
            sequence,
            new.kind.as_str(),
            edition,
            absence,
            new.form.as_str(),
            now,
            due,
        )?;
        if let Some(hold) = &hold {
            let of = (self.target.id, new.document, new.sequence);
            holds::insert(&mut self.session, id, of, hold).await?;
        }
        lanes::refresh(&mut self.session, self.target.id, new.document).await?;
        Ok(true)
    }

    /// A document in whose lane something can be owed for the event `sequence`, which is about no
    /// document: the first that is not owed anything newer.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn free_lane(&mut self, sequence: u64) -> Result<Option<DocumentId>, Error> {
        let row = fetch_optional!(
            self.session,
            (Uuid,),
            "SELECT d.id FROM document d WHERE NOT EXISTS (SELECT 1 FROM lane l WHERE l.target_id = $1 \
             AND l.document_id = d.id AND l.owed_sequence >= $2) ORDER BY d.id LIMIT 1",
            self.target.id.uuid(),
            to_number(sequence)?,
        )?;
        Ok(row.map(|(id,)| id.into()))
    }

    /// Documents that are to go to this target although their plans had left it out; at most
    /// `limit`, and each is given once.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn sent_later(&mut self, limit: u32) -> Result<Vec<DocumentId>, Error> {
        let rows = fetch_all!(
            self.session,
            (Uuid,),
            "SELECT document_id FROM sent_later WHERE target_id = $1 ORDER BY document_id LIMIT $2",
            self.target.id.uuid(),
            i64::from(limit),
        )?;
        for (document,) in &rows {
            execute!(
                self.session,
                "DELETE FROM sent_later WHERE target_id = $1 AND document_id = $2",
                self.target.id.uuid(),
                *document,
            )?;
        }
        Ok(rows.into_iter().map(|(id,)| id.into()).collect())
    }

    /// Everything up to `position` was turned into deliveries.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn advance(&mut self, position: u64) -> Result<(), Error> {
        self.target.progress.position = position;
        execute!(
            self.session,
            "UPDATE target SET position = $2 WHERE id = $1",
            self.target.id.uuid(),
            to_number(position)?,
        )?;
        Ok(())
    }

    /// Every recall up to `position` was turned into deliveries.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn advance_recalls(&mut self, position: u64) -> Result<(), Error> {
        self.target.progress.recall_position = position;
        execute!(
            self.session,
            "UPDATE target SET recall_position = $2 WHERE id = $1",
            self.target.id.uuid(),
            to_number(position)?,
        )?;
        Ok(())
    }

    /// Writes a selection that followed an arrangement, and asks for the target to be looked
    /// through from the beginning, because of the event `sequence`. A selection that is another
    /// one now counts the version up, so that nobody writes the old one over it.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn sweep_after_arrangement(
        &mut self,
        selector: Selector,
        sequence: u64,
        entropy: &dyn Entropy,
    ) -> Result<(), Error> {
        self.sweep(sequence, true).await?;
        if selector == self.target.particulars.selector {
            return Ok(());
        }
        let before = self.target.particulars.selector.clone();
        let particulars = TargetParticulars { selector, ..self.target.particulars.clone() };
        execute!(
            self.session,
            "UPDATE target SET particulars = $2, version = version + 1 WHERE id = $1",
            self.target.id.uuid(),
            Json(&particulars),
        )?;
        let details = json!({ "selector": { "from": before, "to": particulars.selector } });
        let subject = targets::subject(&self.target.key);
        let by = (self.now, entropy);
        audit::record_by_engine(&mut self.session, by, "target.follow", &subject, &details).await?;
        self.target.particulars = particulars;
        self.target.version += 1;
        Ok(())
    }

    /// Asks for the target to be looked through from the beginning, because somebody changed
    /// what it selects by the event `sequence`: for what left, and for what entered only where
    /// a backfill was asked for.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn sweep_after_change(&mut self, sequence: u64) -> Result<(), Error> {
        let asked = fetch_optional!(
            self.session,
            (bool,),
            "SELECT backfill_asked FROM target WHERE id = $1",
            self.target.id.uuid(),
        )?;
        // One that is asked for while a look is under way stays asked for: its own event is
        // still to come.
        execute!(
            self.session,
            "UPDATE target SET backfill_asked = $2 WHERE id = $1",
            self.target.id.uuid(),
            false,
        )?;
        self.sweep(sequence, asked.is_some_and(|(asked,)| asked)).await
    }

    async fn sweep(&mut self, sequence: u64, enters: bool) -> Result<(), Error> {
        execute!(
            self.session,
            "UPDATE target SET sweep_sequence = $2, sweep_after = NULL, sweep_enters = $3 WHERE id = $1",
            self.target.id.uuid(),
            to_number(sequence)?,
            enters,
        )?;
        self.target.progress.sweep = Some(sequence);
        Ok(())
    }

    /// The next documents to be looked through: those of which the target is owed an edition,
    /// and where the look also owes what entered, those that are live. At most `limit`, in the
    /// order of their ids; and whether it does.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn sweep_page(&mut self, limit: u32) -> Result<(Vec<DocumentId>, bool), Error> {
        let row = fetch_optional!(
            self.session,
            (Option<Uuid>, bool),
            "SELECT sweep_after, sweep_enters FROM target WHERE id = $1",
            self.target.id.uuid(),
        )?;
        let (after, enters) = row.unwrap_or((None, false));
        let sql = if enters {
            "SELECT d.id FROM document d WHERE d.id > $1 AND (d.visibility = 'live' OR EXISTS (\
             SELECT 1 FROM lane l WHERE l.target_id = $2 AND l.document_id = d.id AND l.owed = 'edition')) \
             ORDER BY d.id LIMIT $3"
        } else {
            "SELECT document_id FROM lane WHERE document_id > $1 AND target_id = $2 AND owed = 'edition' \
             ORDER BY document_id LIMIT $3"
        };
        let rows = fetch_all!(
            self.session,
            (Uuid,),
            sql,
            after.unwrap_or(Uuid::nil()),
            self.target.id.uuid(),
            i64::from(limit),
        )?;
        Ok((rows.into_iter().map(|(id,)| id.into()).collect(), enters))
    }

    /// Everything up to `document` was looked through; without one, everything was.
    ///
    /// # Errors
    /// [`Error::Database`].
    pub async fn swept(&mut self, document: Option<DocumentId>) -> Result<(), Error> {
        match document {
            Some(document) => execute!(
                self.session,
                "UPDATE target SET sweep_after = $2 WHERE id = $1",
                self.target.id.uuid(),
                document.uuid(),
            )?,
            None => execute!(
                self.session,
                "UPDATE target SET sweep_sequence = NULL, sweep_after = NULL WHERE id = $1",
                self.target.id.uuid(),
            )?,
        };
        if document.is_none() {
            self.target.progress.sweep = None;
        }
        Ok(())
    }

    /// Keeps all of it.
    ///
    /// # Errors
    /// [`Error::Again`] when it may be done again from the start.
    pub async fn commit(self) -> Result<(), Error> {
        Ok(self.session.commit().await?)
    }
}
