//! From where somebody wants a document to stand to where it can: sites and columns found,
//! paths given where none was chosen.

use std::collections::BTreeSet;

use schema::{
    content_type::{ContentType, PathParts, PathTemplate},
    edition::{Place, PlacedAt},
    ids::{DocumentId, SiteId},
    message::Fault,
    names::{ColumnPath, DocumentPath, SiteKey},
    parameters::BEIJING,
    permission::Touched,
    tree::{Column, Site},
};
use store::{
    UnitOfWork, columns,
    documents::Document,
    placements::{self, Placed, Placement},
    routes, trees,
};

use crate::{Error, Refusal};

/// Where somebody wants a document to stand on one site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WantedPlacement {
    /// The site.
    pub site: SiteKey,
    /// Its columns there, the main one first.
    pub columns: Vec<ColumnPath>,
    /// Its path; `None` keeps the one it has there, or makes one by the site's template.
    pub path: Option<DocumentPath>,
    /// The readable part of a path made by a template.
    pub slug: Option<String>,
}

/// A placement that was found: as the edition says it, and as rows.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) said: PlacedAt,
    pub(crate) placed: Placed,
}

/// Columns of one placement, at the most.
const COLUMNS: usize = 20;
/// Placements of one edition, at the most.
const PLACEMENTS: usize = 50;

/// Finds sites and columns of `wanted`; every site must be the owner's own.
pub(crate) async fn find(
    work: &mut UnitOfWork,
    document: &Document,
    content_type: &ContentType,
    wanted: &[WantedPlacement],
) -> Result<Vec<Found>, Error> {
    check_numbers(wanted)?;
    let existing = placements::of_work(work, document.id).await?;
    let mut found = Vec::with_capacity(wanted.len());
    for want in wanted {
        let site = site(work, &want.site).await?;
        if site.authority != document.authority {
            return Err(Refusal::ForeignSite(want.site.clone()).into());
        }
        found.push(find_on(work, document, content_type, &site, want, &existing).await?);
    }
    Ok(found)
}

/// Finds the columns of `want` on `site`, and a path.
pub(crate) async fn find_on(
    work: &mut UnitOfWork,
    document: &Document,
    content_type: &ContentType,
    site: &Site,
    want: &WantedPlacement,
    existing: &[Placement],
) -> Result<Found, Error> {
    let mut columns = Vec::with_capacity(want.columns.len());
    for path in &want.columns {
        let column = column(work, site, path).await?;
        if !columns.iter().any(|other: &Column| other.id == column.id) {
            columns.push(column);
        }
    }
    let kept = existing.iter().find(|placement| placement.site == site.id);
    let path = match (&want.path, kept) {
        (Some(path), _) => followed(work, document, site, want, columns.first(), path).await?,
        (None, Some(placement)) => placement.path.clone(),
        (None, None) => made_path(work, document, content_type, site, want, &columns)?,
    };
    Ok(Found {
        said: PlacedAt {
            site: want.site.clone(),
            columns: columns.iter().map(|column| column.path.clone()).collect(),
            path: path.clone(),
        },
        placed: Placed {
            site: site.id,
            columns: columns.iter().map(|column| column.id).collect(),
            path,
        },
    })
}

fn check_numbers(wanted: &[WantedPlacement]) -> Result<(), Error> {
    let fault = |zh: String, en: String| {
        Err(Refusal::Invalid(vec![Fault::new("placements", "count", zh, en)]).into())
    };
    if wanted.is_empty() || wanted.len() > PLACEMENTS {
        return fault(
            format!("发布位置应有 1 至 {PLACEMENTS} 个"),
            format!("give 1 to {PLACEMENTS} placements"),
        );
    }
    let sites: BTreeSet<&SiteKey> = wanted.iter().map(|want| &want.site).collect();
    if sites.len() < wanted.len() {
        return fault(
            "一个站点只能有一个发布位置，可列多个栏目".into(),
            "give one placement per site; it may list several columns".into(),
        );
    }
    if wanted.iter().any(|want| want.columns.is_empty() || want.columns.len() > COLUMNS) {
        return fault(
            format!("每个发布位置应有 1 至 {COLUMNS} 个栏目"),
            format!("give each placement 1 to {COLUMNS} columns"),
        );
    }
    Ok(())
}

/// The site, with its columns held as they are until this work ends: lists are written from
/// what is found.
pub(crate) async fn site(work: &mut UnitOfWork, key: &SiteKey) -> Result<Site, Error> {
    trees::site_with_held_columns(work, key)
        .await?
        .ok_or_else(|| Refusal::not_found("site", key).into())
}

/// The open column at `path`, or the one its former path leads to.
async fn column(work: &mut UnitOfWork, site: &Site, path: &ColumnPath) -> Result<Column, Error> {
    if let Some(column) = columns::by_path(work.session(), site.id, path).await? {
        return Ok(column);
    }
    match columns::former(work.session(), site.id, path).await? {
        Some(column) if !column.closed => Ok(column),
        Some(_) => Err(Refusal::ColumnClosed(site.key.clone(), path.clone()).into()),
        None => Err(Refusal::not_found("column", format!("{}:{path}", site.key)).into()),
    }
}

/// `path`, unless it was given when the main column was called otherwise: then the address
/// that the column's own documents were given, where nobody else holds it.
async fn followed(
    work: &mut UnitOfWork,
    document: &Document,
    site: &Site,
    want: &WantedPlacement,
    main: Option<&Column>,
    path: &DocumentPath,
) -> Result<DocumentPath, Error> {
    let (Some(column), Some(called)) = (main, want.columns.first()) else {
        return Ok(path.clone());
    };
    let moved = |prefix: &str| {
        let rest = path.as_str().strip_prefix(&format!("{prefix}/{called}/"))?;
        format!("{prefix}/{}/{rest}", column.path).parse::<DocumentPath>().ok()
    };
    let in_locale = format!("/{}", document.locale.as_str().to_lowercase());
    if column.path == *called {
        return Ok(path.clone());
    }
    let Some(new) = moved("").or_else(|| moved(&in_locale)) else { return Ok(path.clone()) };
    match routes::find(work.session(), site.id, &new).await? {
        Some((holder, _)) if holder != document.id => Ok(path.clone()),
        _ => Ok(new),
    }
}

fn made_path(
    work: &UnitOfWork,
    document: &Document,
    content_type: &ContentType,
    site: &Site,
    want: &WantedPlacement,
    columns: &[Column],
) -> Result<DocumentPath, Error> {
    let invalid = |reason: String| {
        Error::from(Refusal::Invalid(vec![Fault::new(
            "placements.path",
            "no_path",
            format!("按站点的路径模板不能生成路径：{reason}，请直接给出路径"),
            format!("the site's template gives no path ({reason}): give the path itself"),
        )]))
    };
    let of_site = site.particulars.paths.get(&content_type.name);
    let template: PathTemplate = match of_site {
        Some(text) => text.parse().map_err(|error| invalid(format!("{error}")))?,
        None => content_type.path.clone(),
    };
    let Some(main) = columns.first() else { return Err(invalid("no column".into())) };
    let date = document.first_published_at.unwrap_or_else(|| work.now());
    let id = format!("{:012x}", document.content.uuid().as_u128() & 0xffff_ffff_ffff);
    template
        .fill(PathParts {
            column: &main.path,
            date: BEIJING.to_datetime(date).date(),
            id: &id,
            slug: want.slug.as_deref(),
        })
        .map(|path| with_locale(path, document, site))
        .map_err(|error| invalid(error.to_string()))
}

/// Documents in another than the site's main language stand below that language's name.
fn with_locale(path: DocumentPath, document: &Document, site: &Site) -> DocumentPath {
    if site.particulars.locales.first().is_none_or(|main| *main == document.locale) {
        return path;
    }
    format!("/{}{path}", document.locale.as_str().to_lowercase()).parse().unwrap_or(path)
}

/// What an edition says of its places, as a wish.
pub(crate) fn wanted(place: &Place) -> Vec<WantedPlacement> {
    let want = |placed: &PlacedAt| WantedPlacement {
        site: placed.site.clone(),
        columns: placed.columns.clone(),
        path: Some(placed.path.clone()),
        slug: None,
    };
    place.placements.iter().map(want).collect()
}

pub(crate) fn touched(document: &Document, found: &[Found]) -> Touched {
    document.touched(found.iter().map(|found| found.placed.site).collect())
}

/// Where the document stands by its own edition now.
pub(crate) async fn own_sites(
    work: &mut UnitOfWork,
    document: DocumentId,
) -> Result<Vec<SiteId>, Error> {
    let placements = placements::of_work(work, document).await?;
    Ok(placements.into_iter().filter(|placement| placement.own).map(|p| p.site).collect())
}
