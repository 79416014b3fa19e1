//! Rules of places: what holds on the hub, on sites and in columns, of whatever kind it is.

use jiff::Timestamp;
use schema::{
    ids::{ActorId, ColumnId, SiteId},
    names::TypeName,
    placed_rule::Ruled,
};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Error, Session, UnitOfWork, convert, moment::Moment};

/// The place a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Everywhere.
    Hub,
    /// One site.
    Site(SiteId),
    /// One column and everything below it.
    Column(ColumnId),
}

impl Place {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Hub => "hub",
            Self::Site(_) => "site",
            Self::Column(_) => "column",
        }
    }

    const fn id(self) -> Uuid {
        match self {
            Self::Hub => Uuid::nil(),
            Self::Site(site) => site.uuid(),
            Self::Column(column) => column.uuid(),
        }
    }

    fn parse(word: &str, id: Uuid) -> Result<Self, Error> {
        match word {
            "hub" => Ok(Self::Hub),
            "site" => Ok(Self::Site(id.into())),
            "column" => Ok(Self::Column(id.into())),
            word => Err(Error::corrupt("placed_rule.scope", word)),
        }
    }
}

/// A rule where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlacedRule<R> {
    /// Where.
    pub place: Place,
    /// For which type; `None` for every.
    pub r#type: Option<TypeName>,
    /// What it says.
    pub rule: R,
    /// Counts its changes.
    pub version: i64,
    /// When it was changed last.
    pub changed_at: Timestamp,
    /// By whom.
    pub changed_by: ActorId,
}

type Row<R> = (String, Uuid, String, Json<R>, i64, Moment, Uuid);

fn read<R: Ruled>(
    (scope, id, r#type, rule, version, changed_at, changed_by): Row<R>,
) -> Result<PlacedRule<R>, Error> {
    let r#type = match r#type.as_str() {
        "" => None,
        name => Some(convert::text("placed_rule.type", name)?),
    };
    Ok(PlacedRule {
        place: Place::parse(&scope, id)?,
        r#type,
        rule: rule.0,
        version,
        changed_at: changed_at.0,
        changed_by: changed_by.into(),
    })
}

/// The rule of this place and type, within a unit of work.
///
/// # Errors
/// [`Error::Database`].
pub async fn at<R: Ruled>(
    work: &mut UnitOfWork,
    place: Place,
    r#type: Option<&TypeName>,
) -> Result<Option<PlacedRule<R>>, Error> {
    fetch_optional!(
        work.session(),
        Row<R>,
        "SELECT scope, scope_id, type, rule, version, changed_at, changed_by FROM placed_rule \
         WHERE kind = $1 AND scope_id = $2 AND type = $3",
        R::KIND,
        place.id(),
        r#type.map_or("", TypeName::as_str),
    )?
    .map(read)
    .transpose()
}

/// Writes a rule over the one there is.
///
/// # Errors
/// [`Error::Database`].
pub async fn write<R: Ruled>(work: &mut UnitOfWork, rule: &PlacedRule<R>) -> Result<(), Error> {
    execute!(
        work.session(),
        "INSERT INTO placed_rule (kind, scope_id, scope, type, rule, version, changed_at, changed_by) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (kind, scope_id, type) DO UPDATE \
         SET rule = excluded.rule, version = excluded.version, changed_at = excluded.changed_at, \
             changed_by = excluded.changed_by",
        R::KIND,
        rule.place.id(),
        rule.place.as_str(),
        rule.r#type.as_ref().map_or("", TypeName::as_str),
        Json(&rule.rule),
        rule.version,
        Moment(rule.changed_at),
        rule.changed_by.uuid(),
    )?;
    Ok(())
}

/// Takes a rule away: what the next place above says holds again.
///
/// # Errors
/// [`Error::Database`].
pub async fn remove<R: Ruled>(
    work: &mut UnitOfWork,
    place: Place,
    r#type: Option<&TypeName>,
) -> Result<(), Error> {
    execute!(
        work.session(),
        "DELETE FROM placed_rule WHERE kind = $1 AND scope_id = $2 AND type = $3",
        R::KIND,
        place.id(),
        r#type.map_or("", TypeName::as_str),
    )?;
    Ok(())
}

/// Every rule that says something of texts of `type` in `column`, the nearest first: those of the
/// column and what lies above it, of its site, and of the hub, each for the type before for every
/// type. Without a column those of `site` and the hub; without a type those for every type.
///
/// # Errors
/// [`Error::Database`].
pub async fn holding<R: Ruled>(
    session: &mut Session,
    site: Option<SiteId>,
    column: Option<ColumnId>,
    r#type: Option<&TypeName>,
) -> Result<Vec<PlacedRule<R>>, Error> {
    let rows = fetch_all!(
        session,
        Row<R>,
        "SELECT r.scope, r.scope_id, r.type, r.rule, r.version, r.changed_at, r.changed_by FROM placed_rule r \
         LEFT JOIN column_ancestor a ON a.column_id = $1 AND a.ancestor_id = r.scope_id \
         WHERE r.kind = $4 AND r.type IN ('', $3) \
         AND (a.depth IS NOT NULL OR r.scope = 'hub' OR (r.scope = 'site' AND r.scope_id = $2)) \
         ORDER BY CASE r.scope WHEN 'column' THEN a.depth WHEN 'site' THEN 1000 ELSE 2000 END, r.type DESC",
        column.map(ColumnId::uuid),
        site.map(SiteId::uuid),
        r#type.map_or("", TypeName::as_str),
        R::KIND,
    )?;
    rows.into_iter().map(read).collect()
}
