//! What a cache outside has to drop because of an event: tags, and the addresses that change.
//!
//! What a cache holds nobody knows, so it is told of every event, whether or not it was ever told
//! of the document. It is told every place where the document ever stood: then one that takes the
//! place of others, as a recall does, drops what they would have dropped.

use std::collections::BTreeSet;

use schema::{
    canonical::{NotCanonical, to_canonical},
    edition::PlacedAt,
    ids::DocumentId,
    log::Subject,
    names::ColumnPath,
    parts::{Extent, HUB, each_changed},
    tree::Site,
};
use serde::{Deserialize, Serialize};
use store::{Error, Session, columns, log, trees};
use url::Url;

use crate::facts::Facts;

/// What has to be dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dropping {
    /// Tags of answers.
    pub tags: BTreeSet<String>,
    /// Addresses of pages on the sites of the hub.
    pub pages: BTreeSet<String>,
    /// Paths of feeds and sitemaps, which the hub serves under the domains of these sites and under
    /// hosts of its own.
    pub paths: BTreeSet<String>,
    /// Domains of the sites that `paths` belong to.
    pub domains: BTreeSet<String>,
}

impl Dropping {
    /// What everything that happened to `document` up to the event `sequence` changed.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn of_document(
        session: &mut Session,
        document: DocumentId,
        sequence: u64,
    ) -> Result<Self, Error> {
        let mut dropping = Self::default();
        let sites = trees::sites(session).await?;
        for stored in log::of_document(session, document).await? {
            if stored.event.sequence > sequence {
                break;
            }
            dropping.note(Some(document), &stored.event.subject);
            if let Subject::Document(event) = &stored.event.subject {
                for at in event.left.iter().chain(&event.entered) {
                    if let Some(site) = sites.iter().find(|site| site.key == at.site) {
                        dropping.place(site, at);
                    }
                }
            }
        }
        Ok(dropping)
    }

    /// What a change of the house changed; all of it, where nothing is said.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn of_house(session: &mut Session, subject: Option<&Subject>) -> Result<Self, Error> {
        let mut dropping = Self::default();
        if subject.map_or(Extent::House, |subject| dropping.note(None, subject)) == Extent::House {
            dropping.tags.insert(HUB.to_owned());
            for site in trees::sites(session).await? {
                dropping.front(&site);
                for column in columns::of_site(session, site.id, true).await? {
                    dropping.column(&site, &column.path);
                }
            }
        }
        Ok(dropping)
    }

    /// What one event of a document changed.
    pub fn of_event(facts: &Facts) -> Self {
        let mut dropping = Self::default();
        dropping.note(Some(facts.document), &Subject::Document(facts.event.clone()));
        for at in facts.event.left.iter().chain(&facts.event.entered) {
            if at.site == facts.site.key {
                dropping.place(&facts.site, at);
            }
        }
        dropping
    }

    /// One that drops nothing that anybody holds.
    pub fn harmless() -> Self {
        let name = "gongbao-test";
        Self {
            tags: BTreeSet::from([name.to_owned()]),
            paths: BTreeSet::from([format!("/{name}")]),
            ..Self::default()
        }
    }

    /// As it is kept until it is sent: the same event gives the same bytes.
    ///
    /// # Errors
    /// [`NotCanonical`] never happens for what was made here.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NotCanonical> {
        Ok(to_canonical(self)?.into_bytes())
    }

    fn note(&mut self, document: Option<DocumentId>, subject: &Subject) -> Extent {
        each_changed(document, subject, |part| {
            self.tags.insert(part.tag().into_owned());
        })
    }

    fn place(&mut self, site: &Site, at: &PlacedAt) {
        self.front(site);
        self.page(site, at.path.as_str());
        for column in &at.columns {
            let mut above = Some(column.clone());
            while let Some(column) = above {
                self.column(site, &column);
                above = column.parent();
            }
        }
    }

    /// The first page of a site, its feeds and sitemaps.
    fn front(&mut self, site: &Site) {
        self.page(site, "/");
        let of_site = format!("/sites/{}", site.key);
        self.feeds(&of_site);
        for path in ["/sitemap.xml".to_owned(), format!("{of_site}/sitemap.xml")] {
            self.paths.insert(path);
        }
        self.paths.insert(format!("{of_site}/opml"));
        self.domains.insert(site.particulars.domain.clone());
    }

    fn column(&mut self, site: &Site, path: &ColumnPath) {
        self.page(site, &format!("/{path}"));
        self.feeds(&format!("/sites/{}/columns/{path}", site.key));
    }

    fn feeds(&mut self, of: &str) {
        for ending in ["atom", "rss", "json"] {
            self.paths.insert(format!("{of}/feed.{ending}"));
        }
    }

    fn page(&mut self, site: &Site, path: &str) {
        let address = Url::parse(&format!("https://{}{path}", site.particulars.domain));
        self.pages.extend(address.ok().map(String::from));
    }
}
