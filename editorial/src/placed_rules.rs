//! Rules of places: finding them, setting them, taking them away, whatever they rule.

use schema::{
    message::Fault,
    names::{ColumnPath, SiteKey, TypeName},
    permission::{Action, Touched, may},
    placed_rule::Ruled,
    tree::Site,
};
use serde_json::json;
use store::{
    Session, UnitOfWork, audit, columns,
    placed_rules::{self as rules, Place, PlacedRule},
    trees,
};

use crate::{Desk, Error, Refusal};

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

/// The rule of a place, if it has one of its own.
///
/// # Errors
/// A site, column or type that does not exist; missing permission to arrange there.
pub async fn rule<R: Ruled>(
    desk: &Desk,
    work: &mut UnitOfWork,
    at: &NamedPlace,
) -> Result<Option<PlacedRule<R>>, Error> {
    let (place, _) = find(desk, work, at).await?;
    Ok(rules::at(work, place, at.r#type.as_ref()).await?)
}

/// Sets the rule of a place over the one it has. Setting it to what it is changes nothing.
///
/// # Errors
/// [`Refusal::Invalid`], a site, column or type that does not exist, [`Refusal::Stale`] where it
/// was changed since version `seen`; missing permission to arrange there.
pub(crate) async fn set<R: Ruled>(
    desk: &Desk,
    work: &mut UnitOfWork,
    at: &NamedPlace,
    seen: Option<i64>,
    rule: R,
) -> Result<PlacedRule<R>, Error> {
    let (place, touched) = find(desk, work, at).await?;
    let faults = rule.faults();
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults).into());
    }
    let before = rules::at::<R>(work, place, at.r#type.as_ref()).await?;
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
    let action = format!("{}.rule", R::KIND);
    audit::record_about(work, &action, &subject::<R>(at), (&touched).into(), &details).await?;
    Ok(placed)
}

/// Takes the rule of a place away: what the next place above says holds again. Doing it again
/// changes nothing.
///
/// # Errors
/// A site, column or type that does not exist, [`Refusal::Stale`], missing permission to arrange there.
pub async fn remove<R: Ruled>(
    desk: &Desk,
    work: &mut UnitOfWork,
    at: &NamedPlace,
    seen: Option<i64>,
) -> Result<(), Error> {
    let (place, touched) = find(desk, work, at).await?;
    let before = rules::at::<R>(work, place, at.r#type.as_ref()).await?;
    not_stale(before.as_ref(), seen)?;
    if let Some(before) = before {
        rules::remove::<R>(work, place, at.r#type.as_ref()).await?;
        let details = json!({ "before": before.rule });
        let about = (&touched).into();
        let action = format!("{}.ruleRemoved", R::KIND);
        audit::record_about(work, &action, &subject::<R>(at), about, &details).await?;
    }
    Ok(())
}

fn not_stale<R>(before: Option<&PlacedRule<R>>, seen: Option<i64>) -> Result<(), Error> {
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

fn subject<R: Ruled>(at: &NamedPlace) -> String {
    let site = at.site.as_ref().map_or("", SiteKey::as_str);
    let column = at.column.as_ref().map_or("", ColumnPath::as_str);
    let r#type = at.r#type.as_ref().map_or("", TypeName::as_str);
    format!("{}:{site}/{column}/{type}", R::KIND, r#type = r#type)
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

/// What holds at a place: its own rule and those above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding<R> {
    /// Version of the rule of this very place, if it has one.
    pub own_version: Option<i64>,
    /// The nearest first.
    pub rules: Vec<PlacedRule<R>>,
}

/// What holds at a place, for everybody to know.
///
/// # Errors
/// A site, column or type that does not exist.
pub async fn holding<R: Ruled>(
    desk: &Desk,
    session: &mut Session,
    at: &NamedPlace,
) -> Result<Holding<R>, Error> {
    let (place, site) = locate(desk, session, at).await?;
    let column = match place {
        Place::Column(column) => Some(column),
        Place::Hub | Place::Site(_) => None,
    };
    let site = site.map(|site| site.id);
    let rules = rules::holding(session, site, column, at.r#type.as_ref()).await?;
    let own = rules
        .iter()
        .find(|rule: &&PlacedRule<R>| rule.place == place && rule.r#type == at.r#type)
        .map(|rule| rule.version);
    Ok(Holding { own_version: own, rules })
}
