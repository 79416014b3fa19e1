//! What is late, and what will be: the rules of deadlines, looked for in what contents say of
//! themselves.
//!
//! A text that is not public yet says when it was formed, printed, or when what it tells of
//! happened; one that is public may have to be explained. Nothing is done about it here, and
//! nothing guessed: where the calendar does not know the year, that is what is told.

use jiff::Timestamp;
use schema::{
    calendar::{Began, DeadlineRule, Due, Region, YearUnknown},
    checks::Limit,
    edition::Content,
    ids::{AuthorityId, ContentId, DocumentId},
    names::{DeadlineKey, Locale, SiteKey, TypeName},
    permission::{Action, Actor, Touched, may},
    viewer::Viewer,
};
use store::{
    Session, checking,
    deadlines::{self as rows, Candidate},
    trees,
};

use crate::{Desk, Error, Refusal};

/// Contents of one type that are looked at, at the most: the newest.
const MOST: u32 = 500;

/// Which deadlines are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Of contents that stand, or are to stand, on this site.
    pub site: SiteKey,
    /// Of what began since then.
    pub since: Timestamp,
    /// What is due before then, and what cannot be counted.
    pub until: Timestamp,
    /// By these rules; all of them where there are none.
    pub rules: Vec<DeadlineKey>,
}

/// Something that is to be done within a time allowed.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending {
    /// The document that is to be public, or that something is to be linked to.
    pub document: DocumentId,
    /// Its content.
    pub content: ContentId,
    /// Its language.
    pub locale: Locale,
    /// Its type.
    pub r#type: TypeName,
    /// Its title, where it has one.
    pub title: Option<String>,
    /// Whether the public sees it, and misses what is to be linked to it.
    pub is_public: bool,
    /// By which rule.
    pub rule: DeadlineRule,
    /// When the time began to run, and where that is said.
    pub began: Began,
    /// When it is over; the year that the calendar does not know.
    pub due: Result<Due, YearUnknown>,
}

impl Pending {
    /// Where it stands in the list: by its due time, and what cannot be counted at the end.
    pub fn position(&self) -> (Timestamp, DocumentId, &DeadlineKey) {
        (self.due.map_or(Timestamp::MAX, |due| due.at), self.document, &self.rule.key)
    }
}

/// What is pending on a site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// In the order of their due times.
    pub items: Vec<Pending>,
    /// Whether there were more contents than are looked at: older ones are missing.
    pub is_cut: bool,
}

/// What is late on a site, and what will be.
///
/// # Errors
/// A site or a rule that is not there; missing permission to read drafts there; [`Error::Store`].
pub async fn pending(desk: &Desk, actor: &Actor, wanted: &Wanted) -> Result<List, Error> {
    let viewer = Viewer::Known(actor.clone());
    let mut session = desk.store.snapshot().await?;
    let found = trees::site_by_key(&mut session, &wanted.site).await?;
    let site = found.ok_or_else(|| Refusal::not_found("site", &wanted.site))?;
    let touched =
        Touched { authority: Some(site.authority), sites: vec![site.id], ..Touched::default() };
    if !may(actor, Action::ReadDrafts, &touched) {
        return Err(Refusal::NotPermitted(Action::ReadDrafts).into());
    }
    if let Some(key) = wanted.rules.iter().find(|key| desk.deadlines.get(key).is_none()) {
        return Err(Refusal::not_found("deadlineRule", key).into());
    }
    let is_wanted =
        |rule: &&DeadlineRule| wanted.rules.is_empty() || wanted.rules.contains(&rule.key);
    let rules: Vec<&DeadlineRule> = desk.deadlines.iter().filter(is_wanted).collect();
    let region = region(&mut session, site.authority).await?;
    let mut list = List::default();
    for content_type in desk.types.iter() {
        let name = &content_type.name;
        let of_type = |rule: &&&DeadlineRule| rule.concerns(name);
        let rules: Vec<&DeadlineRule> = rules.iter().filter(of_type).copied().collect();
        if rules.is_empty() {
            continue;
        }
        let mut found = rows::unpublished(&mut session, &viewer, site.id, name, MOST).await?;
        list.is_cut |= found.len() >= MOST as usize;
        if rules.iter().any(|rule| !rule.is_about_publication()) {
            let live =
                rows::published(&mut session, &viewer, site.id, name, wanted.since, MOST).await?;
            list.is_cut |= live.len() >= MOST as usize;
            found.extend(live);
        }
        for candidate in found {
            let Candidate { document, id, locale, published, content } = candidate;
            let running =
                running(desk, &mut session, &rules, id, (&content, published), region.as_ref());
            for (rule, began, due) in running.await? {
                let is_asked = due.is_ok_and(|due| due.at >= wanted.until);
                if began.at < wanted.since || is_asked {
                    continue;
                }
                list.items.push(Pending {
                    document,
                    content: id,
                    locale: locale.clone(),
                    r#type: name.clone(),
                    title: content_type.title_of(&content.fields).map(str::to_owned),
                    is_public: published.is_some(),
                    rule: rule.clone(),
                    began,
                    due,
                });
            }
        }
    }
    list.items.sort_by(|one, other| one.position().cmp(&other.position()));
    Ok(list)
}

/// Times allowed that are running for one text, as checks go by them: rules that are somebody
/// else's find no fault with it.
pub(crate) async fn limits(
    desk: &Desk,
    session: &mut Session,
    authority: AuthorityId,
    id: ContentId,
    (content, published): (&Content, Option<Timestamp>),
) -> Result<Vec<Limit>, Error> {
    let is_own = |rule: &&DeadlineRule| {
        rule.preset.is_none() && !rule.of.is_empty() && rule.concerns(&content.r#type)
    };
    let rules: Vec<&DeadlineRule> = desk.deadlines.iter().filter(is_own).collect();
    if rules.is_empty() {
        return Ok(Vec::new());
    }
    let region = region(session, authority).await?;
    let running = running(desk, session, &rules, id, (content, published), region.as_ref()).await?;
    if running.is_empty() {
        return Ok(Vec::new());
    }
    let now = desk.clock.now();
    let limit = |(rule, began, due): (&DeadlineRule, Began, Result<Due, YearUnknown>)| {
        // What begins with an act of somebody is no fault of this text.
        let (due, field) = (due.ok()?, began.field?);
        Some(Limit {
            name: rule.name.clone(),
            source: rule.source.clone(),
            field,
            at: due.at,
            standing: due.standing(now),
        })
    };
    Ok(running.into_iter().filter_map(limit).collect())
}

/// The rules whose time runs for a content: it is not public and should be, or nothing that should
/// be linked to it is.
async fn running<'rule>(
    desk: &Desk,
    session: &mut Session,
    rules: &[&'rule DeadlineRule],
    id: ContentId,
    (content, published): (&Content, Option<Timestamp>),
    region: Option<&Region>,
) -> Result<Vec<(&'rule DeadlineRule, Began, Result<Due, YearUnknown>)>, Error> {
    let mut found = Vec::new();
    for rule in rules {
        let is_done = match rule.by.as_ref().and_then(|by| by.field.as_ref().zip(Some(&by.r#type)))
        {
            None => published.is_some(),
            Some((field, source)) => {
                checking::is_linked_by(session, &Viewer::Public, id, source, field).await?
            }
        };
        if is_done {
            continue;
        }
        if let Some(began) = rule.began(content, published) {
            let due = rule.due(began.at, &desk.calendar, region);
            found.push((*rule, began, due));
        }
    }
    Ok(found)
}

async fn region(session: &mut Session, authority: AuthorityId) -> Result<Option<Region>, Error> {
    let authority = trees::authority(session, authority).await?;
    Ok(authority.and_then(|authority| authority.particulars.region.parse().ok()))
}
