//! Reading the notices of sites, for many at once, and noting until when they are so.

use std::{collections::HashMap, sync::Arc};

use jiff::Timestamp;
use schema::{
    ids::{NoticeId, SiteId},
    tree::{
        Site,
        notice::{Phase, SiteNotice, in_order},
    },
};
use store::{notices, trees};

use super::{Reader, Thing, reader::missing};
use crate::content::{cache::parts::Part, refusal::Fault};

/// A notice as it is looked at from a site.
#[derive(Debug)]
pub(crate) struct Posted {
    pub(crate) notice: SiteNotice,
    /// The site it was put up on.
    pub(crate) site: Arc<Site>,
    /// Whether that is a site above the one it is looked at from.
    pub(crate) is_inherited: bool,
    pub(crate) is_in_force: bool,
}

impl Posted {
    /// Where more is said, wherever it is shown.
    pub(crate) fn url(&self) -> Option<String> {
        let link = self.notice.particulars.link.as_deref()?;
        Some(match link.starts_with('/') {
            true => format!("https://{}{link}", self.site.particulars.domain),
            false => link.to_owned(),
        })
    }
}

/// What was read of notices, and the one moment at which all of them are looked at.
#[derive(Debug, Default)]
pub(super) struct Noticed {
    now: Option<Timestamp>,
    /// Each site with those above it, itself first.
    lines: HashMap<SiteId, Vec<SiteId>>,
    /// What was put up on each site and is not over.
    of_sites: HashMap<SiteId, Vec<SiteNotice>>,
    by_id: HashMap<NoticeId, Option<SiteNotice>>,
}

impl Reader {
    /// The moment at which the request looks at what depends on the time.
    fn now(&mut self) -> Timestamp {
        let clock = &self.model.clock;
        *self.noticed.now.get_or_insert_with(|| clock.now())
    }

    /// The notices of `sites` and of the sites above them: two statements.
    pub(crate) async fn read_notices(
        &mut self,
        sites: impl IntoIterator<Item = SiteId>,
    ) -> Result<(), Fault> {
        let sites = missing(&self.noticed.lines, sites);
        if sites.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let (session, _) = self.noted().await?;
        let lines = trees::sites_above(session, &sites).await?;
        let mut wanted = Vec::new();
        for (below, line) in lines {
            self.noticed.lines.insert(below, line.iter().map(|site| site.id).collect());
            for site in line {
                self.note(Part::Notices(&site.key));
                wanted.push(site.id);
                self.sites.entry(site.id).or_insert_with(|| Some(Arc::new(site)));
            }
        }
        let wanted = missing(&self.noticed.of_sites, wanted);
        let (session, _) = self.noted().await?;
        let found = notices::open_on(session, &wanted, now).await?;
        self.noticed.of_sites.extend(wanted.into_iter().map(|site| (site, Vec::new())));
        for notice in found {
            self.note_next_phase(&notice, now);
            self.noticed.of_sites.entry(notice.site).or_default().push(notice);
        }
        Ok(())
    }

    /// The answer is another one when a notice in it begins or ends, or may be told.
    fn note_next_phase(&mut self, notice: &SiteNotice, now: Timestamp) {
        if let Some(at) = notice.next_phase_at(now) {
            self.note_end(at);
        }
    }

    /// The notices that `site` shows, once read, in the order in which they are shown; with
    /// `upcoming` those that begin soon too.
    pub(crate) fn notices(&self, site: SiteId, upcoming: bool) -> Vec<Thing> {
        let Some((line, now)) = self.noticed.lines.get(&site).zip(self.noticed.now) else {
            return Vec::new();
        };
        let open = line.iter().filter_map(|above| self.noticed.of_sites.get(above)).flatten();
        let mut shown: Vec<SiteNotice> = open
            .filter(|notice| match notice.phase(now) {
                Phase::InForce => true,
                Phase::Soon => upcoming,
                Phase::Later | Phase::Over => false,
            })
            .cloned()
            .collect();
        in_order(&mut shown, |on| line.iter().position(|above| *above == on).unwrap_or(line.len()));
        shown.into_iter().filter_map(|notice| self.posted(notice, Some(site), now)).collect()
    }

    fn posted(&self, notice: SiteNotice, from: Option<SiteId>, now: Timestamp) -> Option<Thing> {
        let site = self.site(notice.site)?;
        let is_inherited = from.is_some_and(|from| from != notice.site);
        let is_in_force = notice.phase(now) == Phase::InForce;
        Some(Thing::SiteNotice(Arc::new(Posted { notice, site, is_inherited, is_in_force })))
    }

    /// Notices by id, with their sites: two statements.
    pub(crate) async fn read_notices_by_id(
        &mut self,
        ids: impl IntoIterator<Item = NoticeId>,
    ) -> Result<(), Fault> {
        let ids = missing(&self.noticed.by_id, ids);
        if ids.is_empty() {
            return Ok(());
        }
        let now = self.now();
        // Only lists of what happened name notices, and these depend on all that happens.
        let (session, _) = self.session().await?;
        let found = notices::notices_by_id(session, &ids).await?;
        self.read_sites(found.iter().map(|notice| notice.site)).await?;
        self.noticed.by_id.extend(ids.into_iter().map(|id| (id, None)));
        for notice in found {
            self.note_next_phase(&notice, now);
            self.noticed.by_id.insert(notice.id, Some(notice));
        }
        Ok(())
    }

    /// A notice that may be told now, once read.
    pub(crate) fn notice(&self, id: NoticeId) -> Option<Thing> {
        let now = self.noticed.now?;
        let notice = self.noticed.by_id.get(&id)?.as_ref()?;
        let is_told = matches!(notice.phase(now), Phase::InForce | Phase::Soon);
        is_told.then(|| self.posted(notice.clone(), None, now)).flatten()
    }
}
