//! What heads are made from: read for many pages at once, then put together for one.

use std::{collections::BTreeMap, sync::Arc};

use schema::{
    content_type::ContentType,
    digest::Digest,
    head::{self, Alternate, Feed, Head, Linked, Place, Text},
    ids::{ContentId, SiteId},
    message::Bilingual,
    names::{FieldName, Locale},
    tree::{Column, Site},
    visibility::Visibility,
};
use store::reading::{Closed, ItemPlacement};

use super::super::document::url;
use crate::{
    addresses::Addresses,
    content::{
        reading::{Facts, Reader, Shown, Text as Whole},
        refusal::Fault,
    },
    feeds::{feed_path, locale_query},
};

/// Columns above one another, at most: as many as a path has segments.
const DEPTH: usize = 8;

/// Reads what the heads of `documents` take.
pub(super) async fn read_documents(reader: &mut Reader, documents: &[&Shown]) -> Result<(), Fault> {
    reader.read_standing(documents).await?;
    let contents: Vec<ContentId> = documents.iter().map(|shown| shown.facts.content).collect();
    reader.read_translations(contents.iter().copied()).await?;
    let links = linked(reader, documents);
    reader.read_linked(links.iter().map(|(_, content, locale)| (*content, locale.clone()))).await?;
    let links: Vec<Shown> = links
        .into_iter()
        .filter_map(|(on, content, locale)| {
            Some(Shown { facts: reader.linked(content, &locale)?, on })
        })
        .collect();
    let links: Vec<&Shown> = links.iter().collect();
    reader.read_standing(&links).await?;

    let stands = |reader: &Reader, shown: &[&Shown]| -> Vec<SiteId> {
        let placements = shown.iter().filter_map(|shown| reader.standing(shown));
        placements.map(|placement| placement.site).collect()
    };
    let own = stands(reader, documents);
    let mut sites = own.clone();
    sites.extend(stands(reader, &links));
    let translations = contents.iter().flat_map(|content| reader.translations(*content));
    sites.extend(translations.filter_map(|facts| Some(facts.placement.as_ref()?.site)));
    reader.read_sites(sites).await?;
    // Before the columns of the documents: those on the same sites are among them.
    reader.read_trees(own).await?;
    reader.read_columns_of(documents.iter().map(|shown| shown.facts.id)).await?;
    reader.read_authorities(documents.iter().map(|shown| shown.facts.authority)).await?;
    let types = Arc::clone(&reader.model.types);
    let takes_long_fields =
        |facts: &&Facts| types.get(&facts.r#type).is_some_and(ContentType::head_takes_long_fields);
    let long: Vec<&Facts> =
        documents.iter().map(|shown| &*shown.facts).filter(takes_long_fields).collect();
    reader.read_texts(&long).await
}

/// Fields of links that fill something, with what they lead to.
fn filling<'a>(
    content_type: &'a ContentType,
    facts: &'a Facts,
) -> impl Iterator<Item = (&'a FieldName, &'a [ContentId])> {
    let fields = content_type.fields.iter().filter(|field| field.schema_org.is_some());
    fields.filter_map(|field| Some((&field.name, facts.card.links.get(&field.name)?.as_slice())))
}

/// What the links that heads show lead to: from which site, which content, in which language.
fn linked(reader: &Reader, documents: &[&Shown]) -> Vec<(Option<SiteId>, ContentId, Locale)> {
    let mut found = Vec::new();
    for shown in documents {
        let facts = &shown.facts;
        let Some(content_type) = reader.model.types.get(&facts.r#type) else { continue };
        let contents = filling(content_type, facts).flat_map(|(_, contents)| contents);
        found.extend(contents.map(|content| (shown.on, *content, facts.locale.clone())));
    }
    found
}

/// The head of the page of a document, once everything is read.
pub(super) fn document(reader: &Reader, shown: &Shown) -> Option<Head> {
    let facts = &shown.facts;
    let placement = reader.standing(shown)?;
    let site = reader.site(placement.site)?;
    let content_type = reader.model.types.get(&facts.r#type)?;
    let addresses = addresses(reader, &site);
    let columns = reader.columns_of(facts, site.id);
    let columns = columns.first().map(|main| lineage(reader, main)).unwrap_or_default();
    let authority = reader.authority(facts.authority);
    let whole = match content_type.head_takes_long_fields() {
        true => reader.text(facts),
        false => None,
    };
    let robots = robots(reader, facts, &placement);
    let own = addresses.page(&placement.path);
    let origin = facts.card.origin.as_ref();
    let canonical = match origin {
        Some(origin) => origin.url.clone(),
        None => home(reader, facts).unwrap_or_else(|| own.clone()),
    };
    // What is not to be indexed, or stands elsewhere first, speaks for no other page.
    let alternates = match (robots, origin) {
        (None, None) => languages(reader, facts),
        _ => Vec::new(),
    };
    let place = Place {
        site: &site,
        locale: &facts.locale,
        home: addresses.home_in(&site, &facts.locale),
        publisher: authority.as_deref(),
        columns: with_addresses(&columns, &addresses, &site, &facts.locale),
        address: Some(own),
        canonical: Some(canonical),
        alternates,
        feeds: Vec::new(),
    };
    let text = Text {
        content_type,
        fields: whole.as_ref().map_or(&facts.card.fields, |content| &content.fields),
        links: links(reader, content_type, shown),
        summary: &facts.summary,
        source: facts.card.source.as_ref(),
        origin,
        edition: facts.number,
        published_at: facts.originally_published_at.or(facts.first_published_at),
        updated_at: facts.major_at,
        robots,
        file: &|digest: &Digest, name: &str| addresses.file(digest, name),
    };
    Some(head::of_document(&place, &text))
}

/// Drafts, earlier texts and what was withdrawn are shown to whoever asks, but are not what
/// search engines should find.
fn robots(reader: &Reader, facts: &Facts, placement: &ItemPlacement) -> Option<&'static str> {
    let is_live = |visibility| visibility == Visibility::Live;
    match (&facts.text, facts.number) {
        _ if reader.is_preview() => Some("noindex, nofollow"),
        (_, None) => Some("noindex, nofollow"),
        (Whole::Given(_), _) => Some("noindex"),
        (Whole::Live, _) if is_live(facts.visibility) && is_live(placement.visibility) => None,
        (Whole::Live, _) => Some("noindex"),
    }
}

/// The address of the live document on its home site, where it is live there.
fn home(reader: &Reader, facts: &Facts) -> Option<String> {
    let live = reader.translations(facts.content).iter().find(|live| live.id == facts.id)?;
    home_of(reader, live)
}

fn home_of(reader: &Reader, live: &Facts) -> Option<String> {
    let placement = reader.public_home(live)?;
    url(reader, placement).filter(|_| placement.visibility == Visibility::Live)
}

/// The languages of a document, the main one first.
fn languages(reader: &Reader, facts: &Facts) -> Vec<Alternate> {
    let live = reader.translations(facts.content).iter();
    live.filter_map(|live| {
        Some(Alternate { locale: live.locale.clone(), address: home_of(reader, live)? })
    })
    .collect()
}

/// The documents that links lead to, as far as they may be read.
fn links(
    reader: &Reader,
    content_type: &ContentType,
    shown: &Shown,
) -> BTreeMap<FieldName, Vec<Linked>> {
    let linked = |content: &ContentId| {
        let facts = reader.linked(*content, &shown.facts.locale)?;
        let of = reader.model.types.get(&facts.r#type)?;
        let title = of.title_of(&facts.card.fields)?.to_owned();
        let placement = reader.standing(&Shown { facts, on: shown.on })?;
        Some(Linked { title, address: url(reader, &placement)? })
    };
    filling(content_type, &shown.facts)
        .map(|(field, contents)| (field.clone(), contents.iter().filter_map(linked).collect()))
        .collect()
}

/// Reads what the heads of columns of `sites` take.
pub(super) async fn read_columns(reader: &mut Reader, sites: Vec<SiteId>) -> Result<(), Fault> {
    reader.read_sites(sites.iter().copied()).await?;
    let owners = sites.iter().filter_map(|site| Some(reader.site(*site)?.authority));
    let owners: Vec<_> = owners.collect();
    reader.read_trees(sites).await?;
    reader.read_authorities(owners).await
}

/// The head of the page of a column.
pub(super) fn column(
    reader: &Reader,
    site: &Arc<Site>,
    column: &Arc<Column>,
    locale: &Locale,
) -> Head {
    let addresses = addresses(reader, site);
    let columns = lineage(reader, column);
    let authority = reader.authority(site.authority);
    let page = |locale: &Locale| addresses.column_in(site, &column.path, locale);
    let name = column.particulars.name.for_locale(locale.as_str());
    let site_name = site.particulars.name.for_locale(locale.as_str());
    let place = Place {
        columns: with_addresses(&columns, &addresses, site, locale),
        address: Some(page(locale)),
        canonical: Some(page(locale)),
        alternates: alternates(site, page),
        feeds: feeds(&addresses, site, Some(column), locale, format!("{name} - {site_name}")),
        ..bare(&addresses, site, locale, authority.as_deref())
    };
    head::of_column(&place)
}

/// The head of the home page of a site.
pub(super) fn site(reader: &Reader, site: &Arc<Site>, locale: &Locale) -> Head {
    let addresses = addresses(reader, site);
    let authority = reader.authority(site.authority);
    let page = |locale: &Locale| addresses.home_in(site, locale);
    let name = site.particulars.name.for_locale(locale.as_str());
    let place = Place {
        address: Some(page(locale)),
        canonical: Some(page(locale)),
        alternates: alternates(site, page),
        feeds: feeds(&addresses, site, None, locale, name.to_owned()),
        ..bare(&addresses, site, locale, authority.as_deref())
    };
    head::of_site(&place)
}

/// The head of the page that stands in place of a text; `None` where it stood on no site.
pub(super) fn gone(reader: &Reader, closed: &Closed) -> Option<Head> {
    let site = reader.site(closed.placement.as_ref()?.site)?;
    let addresses = addresses(reader, &site);
    let heading = match closed.visibility {
        Visibility::Withdrawn => Bilingual::new("本页内容已撤回", "This page was withdrawn"),
        Visibility::Recalled | Visibility::Erased => {
            Bilingual::new("本页内容已召回", "This page was recalled")
        }
        _ => Bilingual::new("本页内容已删除", "This page was removed"),
    };
    let explanation = closed.notice.as_ref().and_then(|notice| notice.explanation.as_ref());
    let place = bare(&addresses, &site, &closed.locale, None);
    Some(head::of_notice(&place, &heading, explanation))
}

fn addresses(reader: &Reader, site: &Site) -> Addresses {
    let hub = &*reader.model.public_url;
    Addresses::of(site, Some(hub).filter(|hub| !hub.is_empty()))
}

/// A place on a site that says nothing of the page yet.
fn bare<'a>(
    addresses: &Addresses,
    site: &'a Site,
    locale: &'a Locale,
    publisher: Option<&'a schema::tree::Authority>,
) -> Place<'a> {
    Place {
        site,
        locale,
        home: addresses.home_in(site, locale),
        publisher,
        columns: Vec::new(),
        address: None,
        canonical: None,
        alternates: Vec::new(),
        feeds: Vec::new(),
    }
}

/// A page that is the same in every language of its site.
fn alternates(site: &Site, page: impl Fn(&Locale) -> String) -> Vec<Alternate> {
    let locales = site.particulars.locales.iter();
    locales.map(|locale| Alternate { locale: locale.clone(), address: page(locale) }).collect()
}

/// The feed that a page offers: readers that know one format know this one.
fn feeds(
    addresses: &Addresses,
    site: &Site,
    column: Option<&Column>,
    locale: &Locale,
    title: String,
) -> Vec<Feed> {
    let path = format!("{}.atom{}", feed_path(site, column), locale_query(site, locale));
    vec![Feed { title, media_type: "application/atom+xml", address: addresses.on_hub(&path) }]
}

/// A column and those above it, the top one first.
fn lineage(reader: &Reader, column: &Arc<Column>) -> Vec<Arc<Column>> {
    let above = |column: &Arc<Column>| column.parent.and_then(|parent| reader.column(parent));
    let mut columns: Vec<Arc<Column>> =
        std::iter::successors(Some(Arc::clone(column)), above).take(DEPTH).collect();
    columns.reverse();
    columns
}

fn with_addresses<'a>(
    columns: &'a [Arc<Column>],
    addresses: &Addresses,
    site: &Site,
    locale: &Locale,
) -> Vec<(&'a Column, String)> {
    let address = |column: &Column| addresses.column_in(site, &column.path, locale);
    columns.iter().map(|column| (&**column, address(column))).collect()
}
