//! Reading authorities, sites and columns, for many at once.

use std::sync::Arc;

use schema::{
    ids::{AuthorityId, ColumnId, SiteId},
    names::{AuthorityKey, ColumnPath, SiteKey},
    tree::{Authority, Column, Site},
};
use store::{columns, trees};

use super::{
    Facts, Reader,
    reader::missing,
    shelf::{Key, Value},
};
use crate::content::refusal::Fault;

impl Reader {
    /// Authorities by id.
    pub(crate) async fn read_authorities(
        &mut self,
        ids: impl IntoIterator<Item = AuthorityId>,
    ) -> Result<(), Fault> {
        let ids = missing(&self.authorities, ids);
        let ids = self.not_at_hand(ids, Key::Authority, |reader, id, value| {
            if let Value::Authority(found) = value {
                reader.authorities.insert(id, found);
            }
        });
        if ids.is_empty() {
            return Ok(());
        }
        let (session, _) = self.noted().await?;
        let mut found = trees::authorities_by_id(session, &ids).await?;
        for id in ids {
            let found = found.remove(&id).map(Arc::new);
            self.shelve(Key::Authority(id), || Value::Authority(found.clone()));
            self.authorities.insert(id, found);
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
        let ids = self.not_at_hand(ids, Key::Site, |reader, id, value| {
            if let Value::Site(found) = value {
                reader.sites.insert(id, found);
            }
        });
        if ids.is_empty() {
            return Ok(());
        }
        let (session, _) = self.noted().await?;
        let mut found = trees::sites_by_id(session, &ids).await?;
        for id in ids {
            let found = found.remove(&id).map(Arc::new);
            self.shelve(Key::Site(id), || Value::Site(found.clone()));
            self.sites.insert(id, found);
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
        let ids = self.not_at_hand(ids, Key::Column, |reader, id, value| {
            if let Value::Column(found) = value {
                reader.columns.insert(id, found);
            }
        });
        if ids.is_empty() {
            return Ok(());
        }
        let (session, _) = self.noted().await?;
        let mut found = columns::columns_by_id(session, &ids).await?;
        for id in ids {
            let found = found.remove(&id).map(Arc::new);
            self.shelve(Key::Column(id), || Value::Column(found.clone()));
            self.columns.insert(id, found);
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
        let sites = self.not_at_hand(sites, Key::Tree, |reader, site, value| {
            if let Value::Tree(tree) = value {
                reader.take_tree(site, tree);
            }
        });
        if sites.is_empty() {
            return Ok(());
        }
        let (session, _) = self.noted().await?;
        let mut found = columns::of_sites(session, &sites).await?;
        for site in sites {
            let tree: Vec<Arc<Column>> =
                found.remove(&site).unwrap_or_default().into_iter().map(Arc::new).collect();
            self.shelve(Key::Tree(site), || Value::Tree(tree.clone()));
            self.take_tree(site, tree);
        }
        Ok(())
    }

    fn take_tree(&mut self, site: SiteId, tree: Vec<Arc<Column>>) {
        for column in &tree {
            self.columns.insert(column.id, Some(Arc::clone(column)));
        }
        self.trees.insert(site, tree);
    }

    /// The open columns of a site in tree order, once read.
    pub(crate) fn tree(&self, site: SiteId) -> &[Arc<Column>] {
        self.trees.get(&site).map_or(&[], Vec::as_slice)
    }

    /// The columns of a document on one site, once read, the main one first.
    pub(crate) fn columns_of(&self, document: &Facts, site: SiteId) -> Vec<Arc<Column>> {
        let columns = match &document.draft {
            Some(draft) => &draft.columns,
            None => self.columns_of.get(&document.id).map_or(&[][..], Vec::as_slice),
        };
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
        let found = match self.shelved(&Key::SiteKey(key.clone())) {
            Some(Value::Site(found)) => found,
            _ => {
                let (session, _) = self.noted().await?;
                let found = trees::site_by_key(session, key).await?.map(Arc::new);
                self.shelve(Key::SiteKey(key.clone()), || Value::Site(found.clone()));
                found
            }
        };
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
        let found = match self.shelved(&Key::ColumnAt(site, path.clone())) {
            Some(Value::Column(found)) => found,
            _ => {
                let (session, _) = self.noted().await?;
                let found = match columns::by_path(session, site, path).await? {
                    Some(column) => Some(column),
                    None => columns::former(session, site, path).await?,
                };
                let found = found.map(Arc::new);
                self.shelve(Key::ColumnAt(site, path.clone()), || Value::Column(found.clone()));
                found
            }
        };
        if let Some(column) = &found {
            self.columns.insert(column.id, Some(Arc::clone(column)));
        }
        Ok(found)
    }
}
