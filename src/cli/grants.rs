//! Grants as they are written on the command line: `editor@site:lanqiao`,
//! `auditor@authority:lanqiao-city`, `platformAdministrator` for the whole hub.

use std::str::FromStr;

use editorial::{Error, Refusal};
use schema::{
    access::Granted,
    names::{AuthorityKey, SiteKey},
    permission::{Grant, Role, Scope},
};
use store::{Session, trees};

/// A grant as written: its place still has to be looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WrittenGrant {
    role: Role,
    place: Place,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Hub,
    Authority(AuthorityKey),
    Site(SiteKey),
}

impl FromStr for WrittenGrant {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (role, place) = match text.split_once('@') {
            None => (text, None),
            Some((role, place)) => (role, Some(place)),
        };
        let role = Role::parse(role).ok_or_else(|| {
            let roles = Role::ALL.map(Role::as_str).join(", ");
            format!("{role:?} is not a role / 没有这个角色: {roles}")
        })?;
        let place = match place.map(|place| place.split_once(':')) {
            None => Place::Hub,
            Some(Some(("authority", key))) => {
                Place::Authority(key.parse().map_err(|error| format!("{error}"))?)
            }
            Some(Some(("site", key))) => {
                Place::Site(key.parse().map_err(|error| format!("{error}"))?)
            }
            Some(_) => {
                return Err("write ROLE, ROLE@authority:KEY or ROLE@site:KEY / 写作 角色、角色@authority:代号 或 角色@site:代号".into());
            }
        };
        Ok(Self { role, place })
    }
}

impl WrittenGrant {
    /// The grant, with its place looked up.
    pub(super) async fn find(&self, session: &mut Session) -> Result<Grant, Error> {
        let scope = match &self.place {
            Place::Hub => Scope::Hub,
            Place::Authority(key) => {
                let found = trees::authority_by_key(session, key).await?;
                Scope::Authority(found.ok_or_else(|| Refusal::not_found("authority", key))?.id)
            }
            Place::Site(key) => {
                let found = trees::site_by_key(session, key).await?;
                Scope::Site(found.ok_or_else(|| Refusal::not_found("site", key))?.id)
            }
        };
        Ok(Grant { role: self.role, scope })
    }
}

/// Grants as they are written. What was granted on something that is gone
/// is shown by its id.
pub(super) async fn written(
    session: &mut Session,
    grants: &[Granted],
) -> Result<Vec<String>, store::Error> {
    let mut written = Vec::with_capacity(grants.len());
    for Granted { grant, .. } in grants {
        let role = grant.role.as_str();
        written.push(match grant.scope {
            Scope::Hub => role.to_owned(),
            Scope::Authority(id) => {
                let found = trees::authority(session, id).await?;
                let key = found.map_or(id.to_string(), |found| found.key.to_string());
                format!("{role}@authority:{key}")
            }
            Scope::Site(id) => {
                let found = trees::site(session, id).await?;
                let key = found.map_or(id.to_string(), |found| found.key.to_string());
                format!("{role}@site:{key}")
            }
        });
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_read_as_it_is_written() {
        let place = |text: &str| text.parse::<WrittenGrant>().map(|grant| grant.place);

        assert_eq!(place("platformAdministrator"), Ok(Place::Hub));
        let site = "lanqiao".parse().expect("a site key");
        assert_eq!(place("editor@site:lanqiao"), Ok(Place::Site(site)));
        for wrong in ["", "king", "editor@", "editor@lanqiao", "editor@site:", "editor@hub:x"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
