//! Arranging the house: authorities, sites, columns, notices, and a whole tree at once.

mod authorities;
mod columns;
mod manifest;
mod notices;
mod sites;

pub(crate) use authorities::{Authorities, Authority};
pub(crate) use columns::{Column, Columns};
pub(crate) use manifest::Manifests;
pub(crate) use notices::{Notices, SiteNotice};
pub(crate) use sites::{Site, Sites};

use editorial::{Error, Refusal};
use schema::names::{AuthorityKey, SiteKey};
use store::{UnitOfWork, trees};

async fn authority(
    work: &mut UnitOfWork,
    key: &AuthorityKey,
) -> Result<schema::tree::Authority, Error> {
    trees::authority_by_key(work.session(), key)
        .await?
        .ok_or_else(|| Refusal::not_found("authority", key).into())
}

async fn site(work: &mut UnitOfWork, key: &SiteKey) -> Result<schema::tree::Site, Error> {
    trees::site_by_key(work.session(), key)
        .await?
        .ok_or_else(|| Refusal::not_found("site", key).into())
}
