//! What a text needs for itself: links and files that exist, paths that nobody else has, values
//! that must be unique. A draft holds them as a live edition does.

use std::collections::BTreeSet;

use schema::{
    content_type::{ContentType, FieldKind, Unique},
    digest::Digest,
    ids::{ContentId, DocumentId, SiteId},
    validation::{self, Checked, UniqueValue},
    viewer::Viewer,
};
use serde_json::{Map, Value};
use store::{
    UnitOfWork,
    documents::{self, Document},
    editions,
    kept::{self, KeptFile},
    limits, routes, trees,
    unique::{self, Claim},
};

use super::place::Found;
use crate::{Desk, Error, Refusal, files};

/// Refuses links and files that lead nowhere.
pub(super) async fn check_references(
    work: &mut UnitOfWork,
    content_type: &ContentType,
    checked: &Checked,
) -> Result<(), Error> {
    for (field, targets) in &checked.links {
        let to = match content_type.field(field.as_str()).map(|field| &field.kind) {
            Some(FieldKind::Link { to, .. }) => to.as_slice(),
            _ => &[],
        };
        for target in targets {
            let found = documents::type_of_content(work.session(), *target).await?;
            let fits = found.is_some_and(|found| to.is_empty() || to.contains(&found));
            if !fits || is_hidden(work, *target).await? {
                return Err(Refusal::LinkToNothing(field.clone(), *target).into());
            }
        }
    }
    let kept = check_files(work, &checked.files).await?;
    let named = validation::named_files(&content_type.fields, &checked.fields);
    let faults = files::faults(&named, &kept);
    if faults.is_empty() { Ok(()) } else { Err(Refusal::Invalid(faults).into()) }
}

/// Refuses files that are not kept, and gives what is known of the others.
pub(super) async fn check_files(
    work: &mut UnitOfWork,
    files: &BTreeSet<Digest>,
) -> Result<Vec<KeptFile>, Error> {
    let mut found = Vec::with_capacity(files.len());
    for file in files {
        match kept::for_use(work, file).await? {
            Some(file) => found.push(file),
            None => return Err(Refusal::FileMissing(*file).into()),
        }
    }
    Ok(found)
}

/// Makes the paths of a draft its own, in place of those it had.
pub(super) async fn reserve_paths(
    work: &mut UnitOfWork,
    document: &Document,
    found: &[Found],
) -> Result<(), Error> {
    routes::release_reserved(work, document.id).await?;
    for Found { said, placed } in found {
        let holder = routes::reserve(work, placed.site, &placed.path, document.id).await?;
        if let Some(by) = holder.filter(|holder| Some(*holder) != document.takes_over) {
            return Err(Refusal::PathTaken {
                site: said.site.clone(),
                path: said.path.clone(),
                by: nameable(work, by).await?,
            }
            .into());
        }
    }
    Ok(())
}

/// A document that is in somebody's way, if they may know of it.
pub(super) async fn nameable(
    work: &mut UnitOfWork,
    document: DocumentId,
) -> Result<Option<DocumentId>, Error> {
    let viewer = Viewer::Known(work.actor().clone());
    let seen = documents::document(work.session(), &viewer, document).await?;
    Ok(seen.map(|seen| seen.id))
}

/// Whether `content` is limited to others and nothing of it is public.
async fn is_hidden(work: &mut UnitOfWork, content: ContentId) -> Result<bool, Error> {
    if limits::of_content(work.session(), content).await?.is_none() {
        return Ok(false);
    }
    let viewer = Viewer::Known(work.actor().clone());
    Ok(documents::of_content(work.session(), &viewer, content).await?.is_empty())
}

/// Makes the unique values of a text its own.
pub(super) async fn claim_values(
    work: &mut UnitOfWork,
    document: &Document,
    content_type: &ContentType,
    fields: &Map<String, Value>,
    found: &[Found],
) -> Result<(), Error> {
    let sites: Vec<SiteId> = found.iter().map(|found| found.placed.site).collect();
    let values = validation::unique_values(content_type, fields);
    for claim in made_by(document, values, &sites) {
        if let Some(by) = unique::claim(work, document.content, &claim).await? {
            let by = (!is_hidden(work, by).await?).then_some(by);
            return Err(Refusal::NotUnique { field: claim.field, by }.into());
        }
    }
    Ok(())
}

/// Gives back every claim of a content that no draft and no live edition of it holds.
pub(super) async fn release(
    desk: &Desk,
    work: &mut UnitOfWork,
    content: ContentId,
    documents: &[Document],
) -> Result<(), Error> {
    let Some(content_type) = documents.first().and_then(|first| desk.types.get(&first.r#type))
    else {
        return Ok(unique::release_others(work, content, &[]).await?);
    };
    if !unique::is_held(work, content).await? {
        return Ok(());
    }
    let mut kept = Vec::new();
    for document in documents {
        for edition in document.draft.into_iter().chain(document.live) {
            let Some(text) = editions::of_work(work, edition).await?.text else { continue };
            let held = editions::content_of_work(work, text.content_digest).await?;
            let mut sites = Vec::new();
            for placed in &text.place.placements {
                sites.extend(trees::site_by_key(work.session(), &placed.site).await?.map(|s| s.id));
            }
            let values = validation::unique_values(content_type, &held.fields);
            kept.extend(made_by(document, values, &sites));
        }
    }
    Ok(unique::release_others(work, content, &kept).await?)
}

/// The claims that values of one text make, on the authority and on each site.
fn made_by(document: &Document, values: Vec<UniqueValue>, sites: &[SiteId]) -> Vec<Claim> {
    values
        .into_iter()
        .flat_map(|value| {
            let scopes = match value.scope {
                Unique::Authority => vec![document.authority.uuid()],
                Unique::Site => sites.iter().map(|site| site.uuid()).collect(),
            };
            scopes.into_iter().map(move |scope| Claim {
                scope,
                r#type: document.r#type.clone(),
                field: value.field.clone(),
                key: value.key.clone(),
            })
        })
        .collect()
}
