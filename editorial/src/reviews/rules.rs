//! Which chain of steps a text takes, and setting it.

use schema::{
    message::Fault,
    names::{ColumnPath, SiteKey, TypeName},
    permission::{Action, Touched, may},
    review::{Chain, Rule, Track, usual},
    tree::Site,
};
use serde_json::json;
use store::{
    Session, UnitOfWork, audit, columns,
    documents::Document,
    reviews::rules::{self, Place, PlacedRule},
    trees,
};

use crate::{Desk, Error, Refusal, documents::place::Found};

/// The place a rule is for, as people name it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamedPlace {
    /// The site; `None` for the hub.
    pub site: Option<SiteKey>,
    /// A column of it, with everything below.
    pub column: Option<ColumnPath>,
    /// For one content type; `None` for every.
    pub r#type: Option<TypeName>,
}

/// The chain of a text in all the columns where it is to stand: the steps of each of them.
pub(super) async fn chain(
    work: &mut UnitOfWork,
    document: &Document,
    found: &[Found],
    track: Track,
) -> Result<Chain, Error> {
    let mut chain: Option<Chain> = None;
    for placed in found.iter().map(|found| &found.placed) {
        for column in &placed.columns {
            let holding = rules::holding(
                work.session(),
                Some(placed.site),
                Some(*column),
                Some(&document.r#type),
            );
            let here = of_rules(&holding.await?, track);
            chain = Some(match chain {
                Some(chain) if chain != here => chain.and(here),
                _ => here,
            });
        }
    }
    Ok(chain.unwrap_or_else(|| of_rules(&[], track)))
}

/// The chain that the nearest of `holding` names, or the usual one.
fn of_rules(holding: &[PlacedRule], track: Track) -> Chain {
    let named = holding.iter().find_map(|placed| placed.rule.chain(track));
    let usual = || usual().chain(track).cloned().unwrap_or_else(strictest);
    named.cloned().unwrap_or_else(usual)
}

/// What no text passes: a track that nobody named, which the embedded rule leaves none.
fn strictest() -> Chain {
    Chain {
        steps: Vec::new(),
        persons: schema::review::Persons::Different,
        secrecy: true,
        confirmation: None,
        cosigners: Vec::new(),
    }
}

/// The rule of a place, if it has one of its own.
///
/// # Errors
/// A site, column or type that does not exist; missing permission to arrange there.
pub async fn rule(
    desk: &Desk,
    work: &mut UnitOfWork,
    at: &NamedPlace,
) -> Result<Option<PlacedRule>, Error> {
    let (place, _) = find(desk, work, at).await?;
    Ok(rules::at(work, place, at.r#type.as_ref()).await?)
}

/// Sets the rule of a place over the one it has. Setting it to what it is changes nothing.
///
/// # Errors
/// [`Refusal::Invalid`], a site, column, type or body that does not exist, [`Refusal::Stale`] where it
/// was changed since version `seen`; missing permission to arrange there.
pub async fn set_rule(
    desk: &Desk,
    work: &mut UnitOfWork,
    at: &NamedPlace,
    seen: Option<i64>,
    rule: Rule,
) -> Result<PlacedRule, Error> {
    let (place, touched) = find(desk, work, at).await?;
    let faults = rule.faults();
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults).into());
    }
    for chain in Track::ALL.into_iter().filter_map(|track| rule.chain(track)) {
        for cosigner in &chain.cosigners {
            let body = trees::authority_by_key(work.session(), &cosigner.body).await?;
            body.ok_or_else(|| Refusal::not_found("authority", &cosigner.body))?;
        }
    }
    let before = rules::at(work, place, at.r#type.as_ref()).await?;
    not_stale(before.as_ref(), seen)?;
    if let Some(same) = before.as_ref().filter(|before| before.rule == rule) {
        return Ok(same.clone());
    }
    let placed = PlacedRule {
        place,
        r#type: at.r#type.clone(),
        version: before.as_ref().map_or(1, |before| before.version + 1),
        changed_at: work.now(),
        changed_by: work.actor().id,
        rule,
    };
    rules::write(work, &placed).await?;
    let details = json!({ "before": before.map(|before| before.rule), "after": placed.rule });
    audit::record_about(work, "review.rule", &subject(at), (&touched).into(), &details).await?;
    Ok(placed)
}

/// Takes the rule of a place away: what the next place above says holds again. Doing it again
/// changes nothing.
///
/// # Errors
/// As [`set_rule`].
pub async fn remove_rule(
    desk: &Desk,
    work: &mut UnitOfWork,
    at: &NamedPlace,
    seen: Option<i64>,
) -> Result<(), Error> {
    let (place, touched) = find(desk, work, at).await?;
    let before = rules::at(work, place, at.r#type.as_ref()).await?;
    not_stale(before.as_ref(), seen)?;
    if let Some(before) = before {
        rules::remove(work, place, at.r#type.as_ref()).await?;
        let details = json!({ "before": before.rule });
        let about = (&touched).into();
        audit::record_about(work, "review.ruleRemoved", &subject(at), about, &details).await?;
    }
    Ok(())
}

fn not_stale(before: Option<&PlacedRule>, seen: Option<i64>) -> Result<(), Error> {
    match (before, seen) {
        (Some(before), Some(expected)) if before.version != expected => Err(Refusal::Stale {
            expected,
            actual: before.version,
            changed_by: before.changed_by,
            changed_at: before.changed_at,
        }
        .into()),
        _ => Ok(()),
    }
}

fn subject(at: &NamedPlace) -> String {
    let site = at.site.as_ref().map_or("", SiteKey::as_str);
    let column = at.column.as_ref().map_or("", ColumnPath::as_str);
    let r#type = at.r#type.as_ref().map_or("", TypeName::as_str);
    format!("review:{site}/{column}/{type}", r#type = r#type)
}

/// The place, if the actor may arrange there.
async fn find(
    desk: &Desk,
    work: &mut UnitOfWork,
    at: &NamedPlace,
) -> Result<(Place, Touched), Error> {
    let (place, site) = locate(desk, work.session(), at).await?;
    let touched = site.map_or_else(Touched::default, |site| Touched {
        authority: Some(site.authority),
        sites: vec![site.id],
        ..Touched::default()
    });
    if may(work.actor(), Action::Arrange, &touched) {
        return Ok((place, touched));
    }
    Err(Refusal::NotPermitted(Action::Arrange).into())
}

/// The place, with its site.
async fn locate(
    desk: &Desk,
    session: &mut Session,
    at: &NamedPlace,
) -> Result<(Place, Option<Site>), Error> {
    if let Some(name) = &at.r#type
        && desk.types.get(name).is_none()
    {
        return Err(Refusal::not_found("type", name).into());
    }
    let (key, path) = match (&at.site, &at.column) {
        (None, None) => return Ok((Place::Hub, None)),
        (None, Some(_)) => {
            return Err(Refusal::Invalid(vec![Fault::new(
                "site",
                "required",
                "请注明栏目所在的站点",
                "name the site that the column is of",
            )])
            .into());
        }
        (Some(key), path) => (key, path),
    };
    let site = trees::site_by_key(session, key).await?;
    let site = site.ok_or_else(|| Refusal::not_found("site", key))?;
    let place = match path {
        None => Place::Site(site.id),
        Some(path) => {
            let found = columns::by_path(session, site.id, path).await?;
            let not_found = || Refusal::not_found("column", format!("{key}:{path}"));
            Place::Column(found.ok_or_else(not_found)?.id)
        }
    };
    Ok((place, Some(site)))
}

/// The review that texts of a place take: its own rule and those above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Version of the rule of this very place, if it has one.
    pub own_version: Option<i64>,
    rules: Vec<PlacedRule>,
}

impl Holding {
    /// The chain of `track`.
    pub fn chain(&self, track: Track) -> Chain {
        of_rules(&self.rules, track)
    }
}

/// What holds at a place, for everybody to know.
///
/// # Errors
/// A site, column or type that does not exist.
pub async fn holding(
    desk: &Desk,
    session: &mut Session,
    at: &NamedPlace,
) -> Result<Holding, Error> {
    let (place, site) = locate(desk, session, at).await?;
    let column = match place {
        Place::Column(column) => Some(column),
        Place::Hub | Place::Site(_) => None,
    };
    let site = site.map(|site| site.id);
    let rules = rules::holding(session, site, column, at.r#type.as_ref()).await?;
    let own = rules.iter().find(|rule| rule.place == place && rule.r#type == at.r#type);
    Ok(Holding { own_version: own.map(|rule| rule.version), rules })
}
