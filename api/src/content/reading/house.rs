//! Reading authorities, sites and columns, for many at once.

use std::sync::Arc;

use schema::{
    ids::{AuthorityId, ColumnId, DocumentId, SiteId},
    names::{AuthorityKey, ColumnPath, SiteKey},
    tree::{Authority, Column, Site},
};
use store::{columns, trees};

use super::{Reader, reader::missing};
use crate::content::refusal::Fault;

impl Reader {
    /// Authorities by id.
    pub(crate) async fn read_authorities(
        &mut self,
        ids: impl IntoIterator<Item = AuthorityId>,
    ) -> Result<(), Fault> {
        let ids = missing(&self.authorities, ids);
        if ids.is_empty() {
            return Ok(());
        }
        let (session, _) = self.noted().await?;
        let mut found = trees::authorities_by_id(session, &ids).await?;
        for id in ids {
            self.authorities.insert(id, found.remove(&id).map(Arc::new));
        }
        Ok(())
    }

    /// An authority, once read.
    pub(crate) fn authority(&self, id: AuthorityId) -> Option<Arc<Authority>> {
        self.authorities.get(&id)?.clone()
    }

    /// Sites by id.
    pub(crate) async fn read_sites(
        &mut self,
        ids: impl IntoIterator<Item = SiteId>,
    ) -> Result<(), Fault> {
        let ids = missing(&self.sites, ids);
        if ids.is_empty() {
            return Ok(());
        }
        let (session, _) = self.noted().await?;
        let mut found = trees::sites_by_id(session, &ids).await?;
        for id in ids {
            self.sites.insert(id, found.remove(&id).map(Arc::new));
        }
        Ok(())
    }

    /// A site, once read.
    pub(crate) fn site(&self, id: SiteId) -> Option<Arc<Site>> {
        self.sites.get(&id)?.clone()
    }

    /// Columns by id.
    pub(crate) async fn read_columns(
        &mut self,
        ids: impl IntoIterator<Item = ColumnId>,
    ) -> Result<(), Fault> {
        let ids = missing(&self.columns, ids);
        if ids.is_empty() {
            return Ok(());
        }
        let (session, _) = self.noted().await?;
        let mut found = columns::columns_by_id(session, &ids).await?;
        for id in ids {
            self.columns.insert(id, found.remove(&id).map(Arc::new));
        }
        Ok(())
    }

    /// A column that is open, once read.
    pub(crate) fn column(&self, id: ColumnId) -> Option<Arc<Column>> {
        self.columns.get(&id)?.clone().filter(|column| !column.closed)
    }

    /// The trees of columns of sites.
    pub(crate) async fn read_trees(
        &mut self,
        sites: impl IntoIterator<Item = SiteId>,
    ) -> Result<(), Fault> {
        let sites = missing(&self.trees, sites);
        if sites.is_empty() {
            return Ok(());
        }
        let (session, _) = self.noted().await?;
        let mut found = columns::of_sites(session, &sites).await?;
        for site in sites {
            let tree: Vec<Arc<Column>> =
                found.remove(&site).unwrap_or_default().into_iter().map(Arc::new).collect();
            for column in &tree {
                self.columns.insert(column.id, Some(Arc::clone(column)));
            }
            self.trees.insert(site, tree);
        }
        Ok(())
    }

    /// The open columns of a site in tree order, once read.
    pub(crate) fn tree(&self, site: SiteId) -> &[Arc<Column>] {
        self.trees.get(&site).map_or(&[], Vec::as_slice)
    }

    /// The columns of a document on one site, once read, the main one first.
    pub(crate) fn columns_of(&self, document: DocumentId, site: SiteId) -> Vec<Arc<Column>> {
        let columns = self.columns_of.get(&document).map_or(&[][..], Vec::as_slice);
        let there = columns.iter().filter(|(on, _)| *on == site);
        there.filter_map(|(_, column)| self.column(*column)).collect()
    }

    /// The authority of a key.
    pub(crate) async fn authority_by_key(
        &mut self,
        key: &AuthorityKey,
    ) -> Result<Option<Arc<Authority>>, Fault> {
        let (session, _) = self.noted().await?;
        let found = trees::authority_by_key(session, key).await?.map(Arc::new);
        if let Some(authority) = &found {
            self.authorities.insert(authority.id, Some(Arc::clone(authority)));
        }
        Ok(found)
    }

    /// The site of a key.
    pub(crate) async fn site_by_key(&mut self, key: &SiteKey) -> Result<Option<Arc<Site>>, Fault> {
        if let Some(known) = self.sites.values().flatten().find(|site| site.key == *key) {
            return Ok(Some(Arc::clone(known)));
        }
        let (session, _) = self.noted().await?;
        let found = trees::site_by_key(session, key).await?.map(Arc::new);
        if let Some(site) = &found {
            self.sites.insert(site.id, Some(Arc::clone(site)));
        }
        Ok(found)
    }

    /// Every site of the hub, by key.
    pub(crate) async fn all_sites(&mut self) -> Result<Vec<Arc<Site>>, Fault> {
        let (session, _) = self.noted().await?;
        let sites: Vec<Arc<Site>> =
            trees::sites(session).await?.into_iter().map(Arc::new).collect();
        for site in &sites {
            self.sites.insert(site.id, Some(Arc::clone(site)));
        }
        Ok(sites)
    }

    /// The open column that stands, or stood, at a path of a site.
    pub(crate) async fn column_at(
        &mut self,
        site: SiteId,
        path: &ColumnPath,
    ) -> Result<Option<Arc<Column>>, Fault> {
        let (session, _) = self.noted().await?;
        let found = match columns::by_path(session, site, path).await? {
            Some(column) => Some(column),
            None => columns::former(session, site, path).await?,
        };
        let found = found.map(Arc::new);
        if let Some(column) = &found {
            self.columns.insert(column.id, Some(Arc::clone(column)));
        }
        Ok(found)
    }
}
