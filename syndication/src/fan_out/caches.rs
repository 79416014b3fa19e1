//! Fan-out to caches: what an event makes stale is owed to be dropped, whatever was owed before.

use schema::{
    delivery::{Absence, Declaration, Owed},
    ids::DocumentId,
    log::{DocumentEvent, Subject},
    names::SiteKey,
    visibility::{EventKind, Visibility},
};
use store::{
    Error,
    deliveries::{bodies::RenderingKey, fan_out::NewDelivery},
    log::{self, StoredEvent},
    trees,
};

use super::Writer;
use crate::dropping::Dropping;

/// How what is to be dropped is written: the same for every cache.
const FORM: &str = "purge";

impl Writer<'_> {
    /// Owes what an event of a document changed to be dropped.
    pub(super) async fn drop_of_document(
        &mut self,
        stored: &StoredEvent,
        document: DocumentId,
        event: &DocumentEvent,
    ) -> Result<bool, Error> {
        let sequence = stored.event.sequence;
        let lane = self.fan.lane(document).await?;
        // A recall that ran ahead dropped this along with itself.
        if lane.is_some_and(|lane| lane.owed_sequence >= sequence) {
            return Ok(false);
        }
        let owed = match event.visibility {
            Visibility::Recalled | Visibility::Erased => Owed::Absent(Absence::Recalled),
            Visibility::Gone => Owed::Absent(Absence::Gone),
            Visibility::Redirect => Owed::Absent(Absence::Redirect),
            Visibility::Vanished => Owed::Absent(Absence::Vanished),
            _ => Owed::Edition(event.edition),
        };
        let dropping = Dropping::of_document(self.fan.session(), document, sequence).await?;
        self.owe_dropping(document, (sequence, stored.event.kind), owed, &dropping).await
    }

    /// Owes what a change of the house changed to be dropped.
    pub(super) async fn drop_of_house(&mut self, stored: &StoredEvent) -> Result<bool, Error> {
        let subject = Some(&stored.event.subject);
        let dropping = Dropping::of_house(self.fan.session(), subject).await?;
        self.drop_in_any_lane((stored.event.sequence, stored.event.kind), &dropping).await
    }

    /// Owes everything to be dropped, because of the event `sequence` or of what asked then.
    pub(super) async fn drop_everything(&mut self, sequence: u64) -> Result<bool, Error> {
        let dropping = Dropping::of_house(self.fan.session(), None).await?;
        self.drop_in_any_lane((sequence, EventKind::Arrange), &dropping).await
    }

    /// Lanes are of documents, and this is of none: it goes in the lane of one that has nothing
    /// newer to wait for. A hub without a single document has no answers worth keeping.
    async fn drop_in_any_lane(
        &mut self,
        (sequence, kind): (u64, EventKind),
        dropping: &Dropping,
    ) -> Result<bool, Error> {
        let Some(document) = self.fan.free_lane(sequence).await? else {
            tracing::debug!(sequence, "there is no document whose lane could carry it");
            return Ok(false);
        };
        let lane = self.fan.lane(document).await?;
        let last = log::of_document(self.fan.session(), document).await?;
        let edition = last.iter().rev().find_map(|stored| match &stored.event.subject {
            Subject::Document(event) => Some(event.edition),
            Subject::Arrangement(_) => None,
        });
        // What it says of the document is what it said before.
        let owed = match lane.map(|lane| lane.before) {
            Some(schema::delivery::Before::Absent) => Owed::Absent(Absence::Gone),
            _ => Owed::Edition(edition.unwrap_or_default()),
        };
        self.owe_dropping(document, (sequence, kind), owed, dropping).await
    }

    async fn owe_dropping(
        &mut self,
        document: DocumentId,
        (sequence, kind): (u64, EventKind),
        owed: Owed,
        dropping: &Dropping,
    ) -> Result<bool, Error> {
        let key = RenderingKey { document, sequence, form: FORM.to_owned() };
        if !self.fan.is_rendered(&key).await? {
            let bytes = dropping
                .to_bytes()
                .map_err(|error| Error::Corrupt { what: "event", why: error.to_string() })?;
            self.fan.store_rendering(&key, &bytes, false).await?;
        }
        let Some(site) = self.any_site().await? else { return Ok(false) };
        let latest = self.fan.target().particulars.declaration == Declaration::LatestState;
        let is_recall = owed.is_recall();
        let new = NewDelivery {
            document,
            sequence,
            kind,
            owed,
            site,
            form: key.form,
            ends: false,
            hold: None,
        };
        // What takes the place of others drops what they would have: all that ever happened to the
        // document. Of the house that cannot be said, so nothing takes the place of that.
        let supersedes = (latest || is_recall) && kind != EventKind::Arrange;
        self.fan.owe(&new, supersedes, &*self.desk.entropy).await
    }

    /// Caches are pointed at no site; lanes are.
    async fn any_site(&mut self) -> Result<Option<SiteKey>, Error> {
        Ok(trees::sites(self.fan.session()).await?.into_iter().next().map(|site| site.key))
    }
}
