//! Looking at everything that is public, page by page: as much memory for a million documents as for
//! one page.

use schema::{
    checks::{Severity, Subject},
    names::{SiteKey, TypeName},
    permission::{Action, Actor, Touched, may},
    viewer::Viewer,
};
use serde::Serialize;
use store::{checking, documents, past, trees};

use super::{Examined, Named, around::Hub, examine};
use crate::{Desk, Error, Refusal, outside_links};

/// Documents whose ids are read at a time.
const PAGE: u32 = 100;

/// What is to be looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only what stands on this site.
    pub site: Option<SiteKey>,
    /// Only this type.
    pub r#type: Option<TypeName>,
}

/// What was looked at, and what was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Texts that were looked at.
    pub documents: u64,
    /// Those of them in which something was found.
    pub concerned: u64,
    /// Texts whose type is not in force any more, and that nobody can look at.
    pub unknown: u64,
    /// Findings that must not be public like this.
    pub errors: u64,
    /// Findings that are probably mistakes.
    pub warnings: u64,
    /// Findings worth knowing.
    pub notices: u64,
}

impl Counts {
    fn add(&mut self, examined: &Examined) {
        self.documents += 1;
        self.concerned += u64::from(!examined.findings.is_empty());
        for finding in &examined.findings {
            match finding.severity {
                Severity::Error => self.errors += 1,
                Severity::Warning => self.warnings += 1,
                Severity::Notice => self.notices += 1,
            }
        }
    }
}

/// Where the run tells what it found.
pub trait Report: Send {
    /// How many documents there are to look at; some may come or go meanwhile.
    fn total(&mut self, documents: u64);
    /// One was looked at.
    fn examined(&mut self, examined: Examined);
}

/// Looks at every live document, in the order of their ids, beside a working hub.
///
/// # Errors
/// A site that is not there; an actor who may not read its drafts, for what is found in a text is
/// for those who write it; [`Error::Store`].
pub async fn live(
    desk: &Desk,
    actor: &Actor,
    wanted: &Wanted,
    report: &mut dyn Report,
) -> Result<Counts, Error> {
    let viewer = Viewer::Known(actor.clone());
    let mut session = desk.store.reader().await?;
    let site = match &wanted.site {
        Some(key) => {
            let found = trees::site_by_key(&mut session, key).await?;
            Some(found.ok_or_else(|| Refusal::not_found("site", key))?)
        }
        None => None,
    };
    if let Some(name) = wanted.r#type.as_ref().filter(|name| desk.types.get(name).is_none()) {
        return Err(Refusal::not_found("type", name).into());
    }
    let touched = match &site {
        Some(site) => {
            Touched { authority: Some(site.authority), sites: vec![site.id], ..Touched::default() }
        }
        None => Touched::default(),
    };
    if !may(actor, Action::ReadDrafts, &touched) {
        return Err(Refusal::NotPermitted(Action::ReadDrafts).into());
    }
    let (site, of_type) = (site.map(|site| site.id), wanted.r#type.as_ref());
    report.total(checking::count_live(&mut session, &viewer, site, of_type).await?);
    let hub = Hub::read(&mut session).await?;
    drop(session);
    let mut counts = Counts::default();
    let mut after = None;
    loop {
        // A page, then the connection goes back: a run may take an hour.
        let mut session = desk.store.reader().await?;
        let page = checking::live(&mut session, &viewer, site, of_type, after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(counts) };
        after = Some(*last);
        let mut seen = Vec::new();
        for id in page {
            // Taken back since the page was read: there is nothing public to look at.
            let Some(document) = documents::document(&mut session, &Viewer::Public, id).await?
            else {
                continue;
            };
            let live = past::live(&mut session, &Viewer::Public, &document).await?;
            let Some(reading) = live else { continue };
            let named = Named { document: id, content: document.content, is_draft: false };
            if desk.outside_links.is_some()
                && let Some(content_type) = desk.types.get(&reading.content.r#type)
            {
                let subject = Subject::new(&desk.types, content_type, &reading.content);
                seen.extend(outside_links::addresses(&subject));
            }
            match examine(desk, &mut session, &hub, named, &reading).await? {
                Some(examined) => {
                    counts.add(&examined);
                    report.examined(examined);
                }
                None => counts.unknown += 1,
            }
        }
        drop(session);
        if !seen.is_empty() {
            let noted = crate::work!(desk, actor, work => {
                store::outside_links::note(work, &seen).await.map_err(Error::from)
            });
            noted?;
        }
    }
}
