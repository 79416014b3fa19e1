//! Rows of grants, which people and tokens hold alike.

use std::collections::HashMap;

use schema::{
    access::Granted,
    permission::{Grant, Role, Scope},
};

use uuid::Uuid;

use crate::{Error, Session, UnitOfWork};

/// A row of grants: who holds it, role, kind and id of the scope, whose site it is.
pub(super) type Row = (Uuid, String, String, Uuid, Option<Uuid>);

pub(super) fn read((holder, role, scope, id, authority): Row) -> Result<(Uuid, Granted), Error> {
    let role = Role::parse(&role).ok_or_else(|| Error::corrupt("grant.role", &role))?;
    let scope = match scope.as_str() {
        "hub" => Scope::Hub,
        "authority" => Scope::Authority(id.into()),
        "site" => Scope::Site(id.into()),
        _ => return Err(Error::corrupt("grant.scope", &scope)),
    };
    let granted = Granted { grant: Grant { role, scope }, authority: authority.map(Into::into) };
    Ok((holder, granted))
}

/// What each of these rows' holders holds.
pub(super) fn by_holder(rows: Vec<Row>) -> Result<HashMap<Uuid, Vec<Granted>>, Error> {
    let mut held: HashMap<Uuid, Vec<Granted>> = HashMap::new();
    for row in rows {
        let (holder, granted) = read(row)?;
        held.entry(holder).or_default().push(granted);
    }
    Ok(held)
}

/// What one holder holds.
pub(super) async fn of(session: &mut Session, holder: Uuid) -> Result<Vec<Granted>, Error> {
    let rows = fetch_all!(
        session,
        Row,
        "SELECT g.holder_id, g.role, g.scope, g.scope_id, s.authority_id FROM role_grant g \
         LEFT JOIN site s ON s.id = g.scope_id WHERE g.holder_id = $1 ORDER BY g.scope, g.scope_id, g.role",
        holder,
    )?;
    rows.into_iter().map(|row| Ok(read(row)?.1)).collect()
}

/// Notes a grant; `false` when it was held already.
///
/// # Errors
/// [`Error::Database`].
pub async fn grant(
    work: &mut UnitOfWork,
    holder: impl Into<Uuid>,
    grant: Grant,
) -> Result<bool, Error> {
    let (scope, id) = scope(grant.scope);
    let touched = execute!(
        work.session(),
        "INSERT INTO role_grant (holder_id, role, scope, scope_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        holder.into(),
        grant.role.as_str(),
        scope,
        id,
    )?;
    Ok(touched == 1)
}

/// Takes a grant away; `false` when it was not held.
///
/// # Errors
/// [`Error::Database`].
pub async fn revoke(
    work: &mut UnitOfWork,
    holder: impl Into<Uuid>,
    grant: Grant,
) -> Result<bool, Error> {
    let (scope, id) = scope(grant.scope);
    let touched = execute!(
        work.session(),
        "DELETE FROM role_grant WHERE holder_id = $1 AND role = $2 AND scope = $3 AND scope_id = $4",
        holder.into(),
        grant.role.as_str(),
        scope,
        id,
    )?;
    Ok(touched == 1)
}

fn scope(scope: Scope) -> (&'static str, Uuid) {
    match scope {
        Scope::Hub => ("hub", Uuid::nil()),
        Scope::Authority(authority) => ("authority", authority.uuid()),
        Scope::Site(site) => ("site", site.uuid()),
    }
}
