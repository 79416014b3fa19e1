//! Fan-out: the log turned into what each target is owed, some hundreds of events at a time,
//! recalls ahead of everything.
//!
//! ```text
//!        recall_position                     head
//!              │ 1. recalls between these      │
//!  ────────────┴───────────────────────────────┴──▶ log
//!  ─────┬──────────────────────────────────────────
//!    position   3. everything between these; before that
//!               2. the look through all documents, if one is under way
//! ```
//!
//! Everything of one step is one transaction that also moves the position, so an event is
//! turned into deliveries exactly once, and a step that is interrupted leaves nothing.

mod caches;
mod planned;

use editorial::Desk;
use jiff::Timestamp;
use schema::{
    delivery::{Absence, Before, Declaration, Owed, owed},
    ids::{DocumentId, TargetId},
    log::{ArrangedThing, Arrangement, DocumentEvent, Subject},
    names::SiteKey,
    viewer::Viewer,
    visibility::{EventKind, Visibility},
};
use store::{
    Error,
    deliveries::{
        bodies::RenderingKey,
        fan_out::{FanOut, NewDelivery},
    },
    documents::{self, Document},
    log::{self, StoredEvent},
    placements, trees,
};

use self::planned::Planned;
use crate::{
    channels::Channels,
    facts::{self, Said},
};

/// Events, or documents, per transaction.
const PAGE: u32 = 200;

/// What one step came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Another node is at this target.
    Busy,
    /// There is more.
    More,
    /// Everything that is in the log was turned into deliveries.
    CaughtUp,
}

/// Does one step for `target`.
///
/// # Errors
/// [`Error::Again`] when it may be done again; whatever the store says.
pub async fn step(desk: &Desk, channels: &Channels, target: TargetId) -> Result<Step, Error> {
    let now = desk.clock.now();
    let Some(fan) = FanOut::open(&desk.store, target, now).await? else {
        return Ok(Step::Busy);
    };
    let mut writer = Writer { desk, channels, fan };
    // The head first: what is committed after it is not missed, but left for the next step.
    let head = log::head(writer.fan.session()).await?.sequence;
    let step = if writer.recalls(head).await? {
        Step::More
    } else if !writer.fan.is_served() {
        Step::CaughtUp
    } else if writer.sent_later(head).await? {
        Step::More
    } else if writer.fan.target().progress.sweep.is_some() {
        writer.sweep().await?;
        Step::More
    } else {
        writer.events(head).await?
    };
    writer.fan.commit().await?;
    Ok(step)
}

struct Writer<'d> {
    desk: &'d Desk,
    channels: &'d Channels,
    fan: FanOut,
}

/// What is owed, before it is rendered.
struct Wanted<'e> {
    document: DocumentId,
    event: &'e DocumentEvent,
    kind: EventKind,
    at: Timestamp,
    sequence: u64,
    owed: Owed,
    site: SiteKey,
    /// Whether the target holds an edition already.
    holds: bool,
}

impl Writer<'_> {
    /// Recalls up to `head`; gives whether there may be more, or something was owed, which
    /// then goes out before anything else is done.
    async fn recalls(&mut self, head: u64) -> Result<bool, Error> {
        let from = self.fan.target().progress.recall_position;
        if from >= head {
            return Ok(false);
        }
        let found = log::recalls_after(self.fan.session(), from, PAGE).await?;
        let more = found.len() == PAGE as usize;
        let mut any = false;
        let mut last = head;
        for stored in &found {
            any |= self.document_event(stored).await?;
            last = if more { stored.event.sequence } else { last.max(stored.event.sequence) };
        }
        self.fan.advance_recalls(last).await?;
        Ok(more || any)
    }

    /// Everything else, up to `head`.
    async fn events(&mut self, head: u64) -> Result<Step, Error> {
        let from = self.fan.target().progress.position;
        if from >= head {
            return Ok(Step::CaughtUp);
        }
        let found = log::after(self.fan.session(), from, PAGE).await?;
        let mut last = from;
        for stored in found.iter().filter(|stored| stored.event.sequence <= head) {
            last = stored.event.sequence;
            match &stored.event.subject {
                // They went ahead.
                Subject::Document(_) if stored.event.kind == EventKind::Recall => {}
                Subject::Document(_) => {
                    self.document_event(stored).await?;
                }
                Subject::Arrangement(arrangement) => {
                    if self.is_cache() && !self.is_of_this_target(arrangement) {
                        self.drop_of_house(stored).await?;
                    }
                    if self.arranged(arrangement, last).await? {
                        break;
                    }
                }
            }
        }
        self.fan.advance(last).await?;
        let caught_up = last >= head && self.fan.target().progress.sweep.is_none();
        Ok(if caught_up { Step::CaughtUp } else { Step::More })
    }

    fn is_of_this_target(&self, arrangement: &Arrangement) -> bool {
        arrangement.what == ArrangedThing::Target
            && arrangement.key == self.fan.target().id.to_string()
    }

    fn is_cache(&self) -> bool {
        let channel = self.channels.get(&self.fan.target().channel);
        channel.is_some_and(|channel| channel.is_cache())
    }

    /// Gives whether the target is to be looked through because of the event `sequence`.
    async fn arranged(&mut self, arrangement: &Arrangement, sequence: u64) -> Result<bool, Error> {
        if arrangement.what == ArrangedThing::Target {
            // What it selects was written with the event; here is what follows from it.
            let is_own = self.is_of_this_target(arrangement);
            if is_own {
                self.fan.sweep_after_change(sequence).await?;
            }
            return Ok(is_own);
        }
        let mut selector = self.fan.target().particulars.selector.clone();
        let moved = selector.follow(arrangement);
        if moved {
            let entropy = &*self.desk.entropy;
            self.fan.sweep_after_arrangement(selector, sequence, entropy).await?;
        }
        Ok(moved)
    }

    async fn document_event(&mut self, stored: &StoredEvent) -> Result<bool, Error> {
        let (Subject::Document(event), Some(document)) = (&stored.event.subject, stored.document)
        else {
            return Ok(false);
        };
        if self.is_cache() {
            return self.drop_of_document(stored, document, event).await;
        }
        let kind = stored.event.kind;
        let lane = self.fan.lane(document).await?;
        if lane.as_ref().is_some_and(|lane| lane.owed_sequence >= stored.event.sequence) {
            return Ok(false);
        }
        let selector = self.fan.target().particulars.selector.clone();
        let wants = selector.wants(&event.r#type, &event.locale);
        if lane.is_none() && !wants {
            return Ok(false);
        }
        let whole;
        let entered = match event.site {
            None => &event.entered,
            Some(_) => match self.standing(document, stored.event.sequence).await? {
                Some(standing) => {
                    whole = standing;
                    &whole
                }
                // The document is not live as a whole: one site's own act shows nobody
                // anything.
                None => return Ok(false),
            },
        };
        let stands = selector.stands(entered).filter(|_| wants).map(|at| at.site.clone());
        let left = selector.stands(&event.left).filter(|_| wants).map(|at| at.site.clone());
        let before = lane.as_ref().map_or(Before::Nothing, |lane| lane.before);
        let Some(owed) = owed::owed(kind, event, before, stands.is_some(), left.is_some()) else {
            return Ok(false);
        };
        let holds = lane.as_ref().is_some_and(|lane| lane.holds);
        let Some(site) = stands.or(left).or(lane.map(|lane| lane.site)) else {
            return Ok(false);
        };
        self.owe(Wanted {
            document,
            event,
            kind,
            at: stored.event.at,
            sequence: stored.event.sequence,
            owed,
            site,
            holds,
        })
        .await
    }

    /// Where a document stands after the event `sequence`; `None` when it is not live.
    async fn standing(
        &mut self,
        document: DocumentId,
        sequence: u64,
    ) -> Result<Option<Vec<schema::edition::PlacedAt>>, Error> {
        let all = log::of_document(self.fan.session(), document).await?;
        let events: Vec<_> = all
            .iter()
            .take_while(|stored| stored.event.sequence <= sequence)
            .filter_map(|stored| match &stored.event.subject {
                Subject::Document(event) => Some(event),
                Subject::Arrangement(_) => None,
            })
            .collect();
        let whole = events.iter().rev().find(|event| event.site.is_none());
        let is_live = whole.is_some_and(|event| event.visibility == Visibility::Live);
        Ok(is_live.then(|| owed::standing(events)))
    }

    /// Documents that an editor sends here after all; gives whether there may be more. Those that
    /// events up to `head` are still to come of are seen to by these.
    async fn sent_later(&mut self, head: u64) -> Result<bool, Error> {
        if self.fan.target().progress.position < head {
            return Ok(false);
        }
        let documents = self.fan.sent_later(PAGE).await?;
        for document in &documents {
            self.look_at(*document, (head, None), true).await?;
        }
        Ok(!documents.is_empty())
    }

    /// One page of the look through all documents.
    async fn sweep(&mut self) -> Result<(), Error> {
        let Some(asked_by) = self.fan.target().progress.sweep else { return Ok(()) };
        if self.is_cache() {
            self.drop_everything(asked_by).await?;
            return self.fan.swept(None).await;
        }
        let (page, enters) = self.fan.sweep_page(PAGE).await?;
        let asked_at = log::at(self.fan.session(), asked_by).await?;
        for document in &page {
            self.look_at(*document, (asked_by, asked_at), enters).await?;
        }
        let last = page.last().filter(|_| page.len() == PAGE as usize);
        self.fan.swept(last.copied()).await
    }

    /// Owes what a document, as it is now, is to this target: its absence where it left, and
    /// where the look `enters`, the edition where it entered.
    async fn look_at(
        &mut self,
        id: DocumentId,
        (asked_by, asked_at): (u64, Option<Timestamp>),
        enters: bool,
    ) -> Result<(), Error> {
        let document = documents::document(self.fan.session(), &Viewer::Public, id).await?;
        // One that was removed or recalled meanwhile is seen to by the event that did it. One
        // that is withdrawn is still held, with its notice, and can leave like any other.
        let held =
            |one: &Document| matches!(one.visibility, Visibility::Live | Visibility::Withdrawn);
        let Some(document) = document.filter(held) else {
            return Ok(());
        };
        let enters = enters && document.visibility == Visibility::Live;
        let selector = self.fan.target().particulars.selector.clone();
        let lane = self.fan.lane(id).await?;
        let before = lane.as_ref().map_or(Before::Nothing, |lane| lane.before);
        let stands = if selector.wants(&document.r#type, &document.locale) {
            let positions = placements::positions(self.fan.session(), id).await?;
            selector.stands(&positions).map(|at| at.site.clone())
        } else {
            None
        };
        let (owed, site) = match (stands, before) {
            (Some(site), Before::Nothing | Before::Absent) if enters => {
                (Owed::Edition(document.last_edition), site)
            }
            (None, Before::Edition) => {
                let Some(lane) = &lane else { return Ok(()) };
                (Owed::Absent(Absence::OutOfScope), lane.site.clone())
            }
            _ => return Ok(()),
        };
        let all = log::of_document(self.fan.session(), id).await?;
        let Some(stored) = all.last() else { return Ok(()) };
        let Subject::Document(event) = &stored.event.subject else { return Ok(()) };
        // What entered is owed for the event that made it what it is, unless that was told
        // already; what left, for the arrangement.
        let holds = lane.as_ref().is_some_and(|lane| lane.holds);
        let told = lane.map_or(0, |lane| lane.owed_sequence);
        let (kind, sequence, at) = match owed {
            Owed::Edition(_) if stored.event.sequence > told => {
                (stored.event.kind, stored.event.sequence, stored.event.at)
            }
            _ => (EventKind::Arrange, asked_by, asked_at.unwrap_or(stored.event.at)),
        };
        self.owe(Wanted { document: id, event, kind, at, sequence, owed, site, holds }).await?;
        Ok(())
    }

    async fn owe(&mut self, wanted: Wanted<'_>) -> Result<bool, Error> {
        let Some(document) =
            documents::document(self.fan.session(), &Viewer::Public, wanted.document).await?
        else {
            return Ok(false);
        };
        // Its recall, which is on its way, is all there is to say of it.
        if document.visibility.is_terminal() && !wanted.owed.is_recall() {
            return Ok(false);
        }
        let key = RenderingKey {
            document: wanted.document,
            sequence: wanted.sequence,
            form: Channels::form(self.fan.target(), &wanted.site, wanted.owed),
        };
        if !self.fan.is_rendered(&key).await? {
            self.render(&key, &document, &wanted).await?;
        }
        let hold = match wanted.owed {
            Owed::Edition(number) if !wanted.holds => match self.planned(&wanted, number).await? {
                Planned::LeftOut => return Ok(false),
                Planned::Goes(hold) => hold,
            },
            _ => None,
        };
        let latest = self.fan.target().particulars.declaration == Declaration::LatestState;
        let new = NewDelivery {
            document: wanted.document,
            sequence: wanted.sequence,
            kind: wanted.kind,
            owed: wanted.owed,
            site: wanted.site,
            form: key.form,
            ends: true,
            hold,
        };
        let supersedes = latest || new.owed.is_recall();
        self.fan.owe(&new, supersedes, &*self.desk.entropy).await
    }

    async fn render(
        &mut self,
        key: &RenderingKey,
        document: &Document,
        wanted: &Wanted<'_>,
    ) -> Result<(), Error> {
        let corrupt = |what, why: String| Error::Corrupt { what, why };
        let site = trees::site_by_key(self.fan.session(), &wanted.site)
            .await?
            .ok_or_else(|| corrupt("site", format!("{} is missing", wanted.site)))?;
        let said = Said {
            sequence: wanted.sequence,
            at: wanted.at,
            kind: wanted.kind,
            event: wanted.event,
            owed: wanted.owed,
        };
        let types = &self.desk.types;
        let facts = facts::gather(self.fan.session(), types, document, site, &said).await?;
        let target = self.fan.target();
        let channel = self
            .channels
            .get(&target.channel)
            .ok_or_else(|| corrupt("target.channel", target.channel.clone()))?;
        let bytes = channel
            .render(&facts, target.particulars.form)
            .map_err(|error| corrupt("event", error.to_string()))?;
        let of_edition = matches!(wanted.owed, Owed::Edition(_));
        self.fan.store_rendering(key, &bytes, of_edition).await
    }
}
