//! Searching the audit: newest first, by what its indexes know, the rest looked at row by row
//! within bounds.
//!
//! A page reads a limited number of rows, whatever is asked for. Where few of them fit, it is
//! short and says where to go on; nobody can make the database read four hundred days at once.

use jiff::Timestamp;
use schema::{
    audit::Record,
    ids::{ActorId, AuthorityId, SiteId},
    permission::Scope,
    viewer::Viewer,
};
use uuid::Uuid;

use super::{records, to_number, to_stored};
use crate::{Error, Session, moment::Moment};

/// Rows that one page looks at, at the most.
const LOOKED_AT: usize = 10_000;
/// Rows of one statement.
const BATCH: i64 = 500;

/// Which rows are wanted; all of it has to fit.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Done by.
    pub actor: Option<ActorId>,
    /// What was done: `document.publish`, or all of a kind as `document.`.
    pub action: Option<String>,
    /// To what.
    pub subject: Option<String>,
    /// Concerning this authority, or a site of it.
    pub authority: Option<AuthorityId>,
    /// Concerning this site.
    pub site: Option<SiteId>,
    /// Not earlier.
    pub since: Option<Timestamp>,
    /// Earlier than.
    pub until: Option<Timestamp>,
    /// Standing in actor, action, subject, details, address or request, in whatever case.
    pub text: Option<String>,
}

/// A page of what was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The rows, newest first.
    pub records: Vec<Record>,
    /// The last row that was looked at; `None` where there are no more.
    pub next: Option<Uuid>,
}

/// By which index rows are read.
enum By {
    Subject(String),
    Actor(Uuid),
    Action(String),
    Site(Uuid),
    Authority(Uuid),
    Time,
}

impl Wanted {
    fn by(&self, viewer: &Viewer) -> By {
        let whole = self.action.as_ref().filter(|action| !action.ends_with('.'));
        if let Some(subject) = &self.subject {
            By::Subject(subject.clone())
        } else if let Some(actor) = self.actor {
            By::Actor(actor.uuid())
        } else if let Some(site) = self.site {
            By::Site(site.uuid())
        } else if let Some(action) = whole {
            By::Action(action.clone())
        } else if let Some(authority) = self.authority {
            By::Authority(authority.uuid())
        } else {
            of_scope(viewer).unwrap_or(By::Time)
        }
    }

    fn fits(&self, record: &Record) -> bool {
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| match wanted.ends_with('.') {
                true => found.starts_with(wanted.as_str()),
                false => found == wanted,
            })
        };
        let concerns = record.concerns;
        self.actor.is_none_or(|actor| record.actor == actor)
            && is(&self.action, &record.action)
            && self.subject.as_ref().is_none_or(|subject| record.subject == *subject)
            && self.authority.is_none_or(|authority| concerns.authority == Some(authority))
            && self.site.is_none_or(|site| concerns.site == Some(site))
            && self.since.is_none_or(|since| record.at >= since)
            && self.until.is_none_or(|until| record.at < until)
            && self.text.as_ref().is_none_or(|text| contains(record, &text.to_lowercase()))
    }
}

fn contains(record: &Record, text: &str) -> bool {
    let origin = &record.origin;
    [&record.actor_name, &record.action, &record.subject]
        .into_iter()
        .chain(&origin.request)
        .any(|found| found.to_lowercase().contains(text))
        || origin.address.is_some_and(|address| address.to_string().contains(text))
        || record.details.to_string().to_lowercase().contains(text)
}

/// Where somebody reads of one authority or one site alone, its index.
fn of_scope(viewer: &Viewer) -> Option<By> {
    let scopes = viewer.scopes_of_past();
    match scopes.as_slice() {
        [Scope::Authority(authority)] => Some(By::Authority(authority.uuid())),
        [Scope::Site(site)] => Some(By::Site(site.uuid())),
        _ => None,
    }
}

/// At most `limit` rows of what is `wanted` that are older than row `after` and that `viewer` may
/// read: those that concern what they may read the past of.
///
/// # Errors
/// [`Error::Database`].
pub async fn search(
    session: &mut Session,
    viewer: &Viewer,
    wanted: &Wanted,
    after: Option<Uuid>,
    limit: u32,
) -> Result<Found, Error> {
    let mut found = Found::default();
    if viewer.scopes_of_past().is_empty() {
        return Ok(found);
    }
    let by = wanted.by(viewer);
    // Ids begin with the millisecond of their moment, so that time is a part of every index.
    let least = wanted.since.map_or(Uuid::nil(), |since| begins_at(since, 0));
    let mut before = after.unwrap_or(Uuid::max());
    if let Some(until) = wanted.until {
        before = before.min(begins_at(until, 1));
    }
    let mut looked_at = 0;
    while looked_at < LOOKED_AT {
        let rows = batch(session, &by, least, before).await?;
        let is_last = rows.len() < usize::try_from(BATCH).unwrap_or(usize::MAX);
        for row in rows {
            looked_at += 1;
            before = row.id;
            if viewer.sees_past(&row.concerns.touched()) && wanted.fits(&row) {
                found.records.push(row);
                if found.records.len() >= limit as usize {
                    found.next = Some(before);
                    return Ok(found);
                }
            }
        }
        if is_last {
            return Ok(found);
        }
    }
    found.next = Some(before);
    Ok(found)
}

async fn batch(
    session: &mut Session,
    by: &By,
    least: Uuid,
    before: Uuid,
) -> Result<Vec<Record>, Error> {
    macro_rules! by {
        ($which:literal, $value:expr) => {
            records!(
                session,
                concat!($which, " = $1 AND id >= $2 AND id < $3 ORDER BY id DESC LIMIT $4"),
                $value,
                least,
                before,
                BATCH,
            )
        };
    }
    match by {
        By::Subject(subject) => by!("subject", subject),
        By::Actor(actor) => by!("actor_id", actor),
        By::Action(action) => by!("action", action),
        By::Site(site) => by!("site_id", site),
        By::Authority(authority) => by!("authority_id", authority),
        By::Time => records!(
            session,
            "id >= $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            least,
            before,
            BATCH,
        ),
    }
}

/// The least id of the millisecond of `at`, or of some later one.
fn begins_at(at: Timestamp, later: i64) -> Uuid {
    let milliseconds = at.as_millisecond().saturating_add(later);
    let milliseconds = u128::from(u64::try_from(milliseconds).unwrap_or(0));
    Uuid::from_u128(milliseconds << 80)
}

/// At most `limit` sealed rows after number `after`, in order.
///
/// # Errors
/// [`Error::Database`]; [`Error::Corrupt`] for a row this program could not have written.
pub async fn sealed_after(
    session: &mut Session,
    after: u64,
    limit: u32,
) -> Result<Vec<Record>, Error> {
    records!(session, "number > $1 ORDER BY number LIMIT $2", to_stored(after)?, i64::from(limit),)
}

/// Number of the first and of the last sealed row from `since` until before `until`. What lies
/// between them is a piece of the chain without gaps; rows are sealed in the order of their
/// commits, so some of it may be a moment older or younger.
///
/// # Errors
/// [`Error::Database`].
pub async fn span(
    session: &mut Session,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<Option<(u64, u64)>, Error> {
    let least = since.map_or(Uuid::nil(), |since| begins_at(since, 0));
    let before = until.map_or(Uuid::max(), |until| begins_at(until, 1));
    let found = fetch_optional!(
        session,
        (Option<i64>, Option<i64>),
        "SELECT MIN(number), MAX(number) FROM audit \
         WHERE id >= $1 AND id < $2 AND at >= $3 AND at < $4",
        least,
        before,
        Moment(since.unwrap_or(Timestamp::UNIX_EPOCH)),
        Moment(until.unwrap_or(LATEST)),
    )?;
    let Some((Some(first), Some(last))) = found else { return Ok(None) };
    Ok(Some((to_number(first)?, to_number(last)?)))
}

/// Later than anything, and within what both databases hold.
const LATEST: Timestamp = Timestamp::constant(253_402_000_000, 0);
