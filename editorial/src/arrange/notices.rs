//! Putting up, changing and ending the notices of a site (站点公告).
//!
//! Whoever arranges the site may; the sites below it show them too. The log says that a notice was
//! put up, changed or ended, so that whoever shows the site hears of it; that its time has come,
//! nobody has to say.

use jiff::Timestamp;
use schema::{
    ids::{NoticeId, SiteId},
    log::{ArrangedChange, ArrangedThing},
    parameters::to_microseconds,
    tree::{
        Site,
        notice::{MOST_AT_ONCE, NoticeParticulars, NoticeTime, Phase, SiteNotice},
    },
};
use serde_json::json;
use store::{UnitOfWork, notices};

use super::{Trace, concerns, leave, permit_site, sites, still, valid};
use crate::{Error, Refusal};

/// What a notice is to say, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedNotice {
    /// What it says.
    pub particulars: NoticeParticulars,
    /// From when on; from now on, or, of one that is changed, from when on it was to be shown.
    pub starts_at: Option<Timestamp>,
    /// Until when; until it is ended where there is none.
    pub ends_at: Option<Timestamp>,
}

impl WantedNotice {
    fn time(&self, otherwise: Timestamp) -> NoticeTime {
        NoticeTime {
            starts_at: self.starts_at.map_or(otherwise, to_microseconds),
            ends_at: self.ends_at.map(to_microseconds),
        }
    }

    fn check(&self, time: NoticeTime, now: Timestamp) -> Result<(), Error> {
        let faults = self.particulars.faults().into_iter().chain(time.faults(now));
        valid(faults.collect())
    }
}

/// Puts a notice up on `site`.
///
/// # Errors
/// Refused without the permission for the site; [`Refusal::Invalid`];
/// [`Refusal::TooManyNotices`] where as many are in force or to come as may be.
pub async fn create_notice(
    work: &mut UnitOfWork,
    site: SiteId,
    wanted: WantedNotice,
) -> Result<SiteNotice, Error> {
    let site = sites::site(work, site).await?;
    permit_site(work, &site)?;
    let (now, by) = (work.now(), work.actor().id);
    let time = wanted.time(now);
    wanted.check(time, now)?;
    notices::lock(work, site.id).await?;
    if notices::open_on(work.session(), &[site.id], now).await?.len() >= MOST_AT_ONCE {
        return Err(Refusal::TooManyNotices(site.key).into());
    }
    let notice = SiteNotice {
        id: work.new_id(),
        site: site.id,
        particulars: wanted.particulars,
        time,
        ended_at: None,
        version: 1,
        created_at: now,
        created_by: by,
        changed_at: now,
        changed_by: by,
    };
    notices::insert(work, &notice).await?;
    trace(work, &site, &notice, ArrangedChange::Created, "notice.create").await?;
    Ok(notice)
}

/// Has a notice say something else, or at another time; `seen` is the version that the change was
/// made to.
///
/// # Errors
/// As [`create_notice`]; [`Refusal::Stale`]; [`Refusal::NoticeOver`]: what was read once is not
/// shown again as something else.
pub async fn change_notice(
    work: &mut UnitOfWork,
    id: NoticeId,
    seen: i64,
    wanted: WantedNotice,
) -> Result<SiteNotice, Error> {
    let (site, before) = found(work, id).await?;
    let now = work.now();
    let time = wanted.time(before.time.starts_at);
    wanted.check(time, now)?;
    still(work, &subject(id), seen, before.version).await?;
    if before.phase(now) == Phase::Over {
        return Err(Refusal::NoticeOver(id).into());
    }
    if before.particulars == wanted.particulars && before.time == time {
        return Ok(before);
    }
    let changed = SiteNotice {
        particulars: wanted.particulars,
        time,
        changed_at: now,
        changed_by: work.actor().id,
        ..before
    };
    let after = notices::update(work, &changed).await?;
    trace(work, &site, &after, ArrangedChange::Changed, "notice.change").await?;
    Ok(after)
}

/// Takes a notice down at once. Where it is over already nothing is done: who ends a warning must
/// never hear that it failed because somebody else was quicker. For the same reason `seen`, the
/// version that was looked at, may be left out.
///
/// # Errors
/// Refused without the permission for the site; [`Refusal::Stale`].
pub async fn end_notice(
    work: &mut UnitOfWork,
    id: NoticeId,
    seen: Option<i64>,
) -> Result<SiteNotice, Error> {
    let (site, before) = found(work, id).await?;
    let now = work.now();
    if before.phase(now) == Phase::Over {
        return Ok(before);
    }
    if let Some(seen) = seen {
        still(work, &subject(id), seen, before.version).await?;
    }
    let ended =
        SiteNotice { ended_at: Some(now), changed_at: now, changed_by: work.actor().id, ..before };
    let after = notices::update(work, &ended).await?;
    trace(work, &site, &after, ArrangedChange::Closed, "notice.end").await?;
    Ok(after)
}

async fn found(work: &mut UnitOfWork, id: NoticeId) -> Result<(Site, SiteNotice), Error> {
    let not_found = || Refusal::not_found("notice", id);
    let notice = notices::notice(work.session(), id).await?.ok_or_else(not_found)?;
    let site = sites::site(work, notice.site).await?;
    permit_site(work, &site)?;
    Ok((site, notice))
}

/// How the audit names a notice.
fn subject(id: NoticeId) -> String {
    format!("notice:{id}")
}

async fn trace(
    work: &mut UnitOfWork,
    site: &Site,
    notice: &SiteNotice,
    change: ArrangedChange,
    action: &str,
) -> Result<(), Error> {
    let trace = Trace {
        what: ArrangedThing::Notice,
        change,
        key: format!("{}:{}", site.key, notice.id),
        becomes: None,
        action,
        subject: &subject(notice.id),
        concerns: concerns(site),
        details: json!({
            "site": site.key,
            "particulars": notice.particulars,
            "startsAt": notice.time.starts_at,
            "endsAt": notice.time.ends_at,
            "endedAt": notice.ended_at,
        }),
    };
    leave(work, trace).await
}
