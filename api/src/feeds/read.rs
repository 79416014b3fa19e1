//! What a feed is made from: the newest live documents of a site or column, and what left.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use schema::{
    content_type::{ContentType, FieldKind, TypeRegistry},
    digest::Digest,
    edition::Content,
    ids::{AuthorityId, ColumnId, DocumentId},
    names::Locale,
    tree::{Column, Site},
    viewer::Viewer,
    visibility::Visibility,
};
use serde_json::Value;
use store::{
    Error, Session, columns,
    reading::{self, Departure, Item, ListQuery, ListScope},
    trees,
};

use super::{
    TYPE_SCHEME,
    absolute::absolute,
    model::{Category, Departed, Enclosure, Entry, Feed, Source, identity},
    opml::{Outline, Subscriptions},
};
use crate::addresses::Addresses;

/// How many documents a feed shows.
const ENTRIES: u32 = 50;
/// How many tombstones a feed shows.
const TOMBSTONES: usize = 50;
/// Characters of a text up to which it goes along whole: some 250 kB of HTML. A longer one is
/// shown by its summary, or fifty of them would make a feed that no reader takes.
const WHOLE_TEXT: u64 = 60_000;

/// What is asked for.
pub(super) struct Wanted<'a> {
    pub(super) site: &'a Site,
    /// `None` for the whole site.
    pub(super) column: Option<&'a Column>,
    pub(super) locale: &'a Locale,
    pub(super) addresses: &'a Addresses,
}

impl Wanted<'_> {
    fn scope(&self) -> ListScope {
        self.column.map_or(ListScope::Site(self.site.id), |column| ListScope::Column(column.id))
    }
}

/// The path of the feeds of a site or column, without the ending.
pub(crate) fn feed_path(site: &Site, column: Option<&Column>) -> String {
    match column {
        Some(column) => format!("/sites/{}/columns/{}/feed", site.key, column.path),
        None => format!("/sites/{}/feed", site.key),
    }
}

/// What follows the ending: nothing for the main language of the site.
pub(crate) fn locale_query(site: &Site, locale: &Locale) -> String {
    match site.particulars.locales.first() {
        Some(main) if main == locale => String::new(),
        _ => format!("?locale={locale}"),
    }
}

/// Reads a feed: always as the public.
pub(super) async fn feed(
    session: &mut Session,
    types: &TypeRegistry,
    wanted: &Wanted<'_>,
) -> Result<Feed, Error> {
    let viewer = &Viewer::Public;
    let (site, locale) = (wanted.site, wanted.locale);
    let query = ListQuery {
        locale: Some(locale.clone()),
        limit: ENTRIES,
        ..ListQuery::newest(wanted.scope())
    };
    let mut items = reading::list(session, viewer, &query).await?.items;
    let ids: Vec<DocumentId> = items.iter().map(|item| item.id).collect();
    if wanted.column.is_some() {
        // A column's list does not say where on the column's site its documents stand.
        let mut on_site = reading::items(session, viewer, &ids, Some(site.id)).await?;
        items = ids.iter().filter_map(|id| on_site.remove(id)).collect();
    }
    let around = Around {
        types,
        wanted,
        texts: {
            let whole: Vec<_> = items
                .iter()
                .filter(|item| item.characters <= WHOLE_TEXT)
                .map(|item| item.id)
                .collect();
            reading::contents(session, viewer, &whole).await?
        },
        standing: reading::columns_of(session, &ids, Some(site.id)).await?,
        columns: columns::of_site(session, site.id, true)
            .await?
            .into_iter()
            .map(|column| (column.id, column))
            .collect(),
        authorities: authorities(session, wanted, &items).await?,
    };
    let departures =
        reading::departures(session, viewer, site.id, wanted.scope(), locale, TOMBSTONES).await?;
    Ok(around.feed(&items, departures))
}

async fn authorities(
    session: &mut Session,
    wanted: &Wanted<'_>,
    items: &[Item],
) -> Result<BTreeMap<AuthorityId, String>, Error> {
    let mut names = BTreeMap::new();
    let owners = items.iter().map(|item| item.authority);
    for id in owners.chain([wanted.site.authority]) {
        if !names.contains_key(&id)
            && let Some(authority) = trees::authority(session, id).await?
        {
            let name = authority.particulars.name.for_locale(wanted.locale.as_str());
            names.insert(id, name.to_owned());
        }
    }
    Ok(names)
}

/// Everything that documents are shown with.
struct Around<'a> {
    types: &'a TypeRegistry,
    wanted: &'a Wanted<'a>,
    texts: HashMap<DocumentId, Content>,
    standing: HashMap<DocumentId, Vec<(schema::ids::SiteId, ColumnId)>>,
    columns: HashMap<ColumnId, Column>,
    authorities: BTreeMap<AuthorityId, String>,
}

impl Around<'_> {
    fn feed(&self, items: &[Item], departures: Vec<Departure>) -> Feed {
        let Wanted { site, column, locale, addresses } = self.wanted;
        let tag = locale.as_str();
        let site_name = site.particulars.name.for_locale(tag);
        let entries: Vec<Entry> = items.iter().filter_map(|item| self.entry(item)).collect();
        let departed: Vec<Departed> =
            departures.into_iter().map(|departure| departed(departure, locale)).collect();
        let times = entries.iter().map(|entry| entry.updated);
        Feed {
            id: identity(column.map_or(site.id.uuid(), |column| column.id.uuid()), locale),
            title: match column {
                Some(column) => {
                    format!("{} - {site_name}", column.particulars.name.for_locale(tag))
                }
                None => site_name.to_owned(),
            },
            subtitle: column
                .and_then(|column| column.particulars.description.as_ref())
                .map(|description| description.for_locale(tag).to_owned())
                .unwrap_or_default(),
            locale: (*locale).clone(),
            author: self.authority(site.authority),
            home: column.map_or_else(|| addresses.home(), |column| column_page(addresses, column)),
            address: addresses.on_hub(&feed_path(site, *column)),
            query: locale_query(site, locale),
            updated: times
                .chain(departed.iter().map(|departed| departed.at))
                .max()
                .unwrap_or(Timestamp::UNIX_EPOCH),
            entries,
            departed,
        }
    }

    fn authority(&self, id: AuthorityId) -> String {
        self.authorities.get(&id).cloned().unwrap_or_default()
    }

    /// `None` for a document whose type is no longer in force: nobody can say what its title is.
    fn entry(&self, item: &Item) -> Option<Entry> {
        let Wanted { addresses, locale, .. } = self.wanted;
        let content_type = self.types.get(&item.r#type)?;
        let address = addresses.page(&item.placement.as_ref()?.path);
        let files = files(content_type, item, addresses);
        let html = self.texts.get(&item.id).and_then(|text| content_type.body_of(&text.fields));
        let html = html.map(|html| {
            absolute(html, &address, addresses, |digest| {
                files.iter().find(|(of, _)| of == digest).map(|(_, file)| file.name.clone())
            })
        });
        let (source, origin) = (item.card.source.as_ref(), item.card.origin.as_ref());
        Some(Entry {
            id: identity(item.content.uuid(), locale),
            content_id: item.content.to_string(),
            r#type: item.r#type.to_string(),
            title: content_type.title_of(&item.card.fields).unwrap_or_default().to_owned(),
            address,
            published: item.originally_published_at.unwrap_or(item.first_published_at),
            updated: item.major_at,
            author: self.authority(item.authority),
            source: match (source, origin) {
                (Some(source), origin) => Some(Source {
                    name: source.name.clone(),
                    url: source.url.clone().or_else(|| Some(origin?.url.clone())),
                }),
                (None, Some(origin)) => {
                    Some(Source { name: origin.site.clone(), url: Some(origin.url.clone()) })
                }
                (None, None) => None,
            },
            summary: item.summary.clone(),
            html,
            categories: self.categories(content_type, item.id),
            files: files.into_iter().map(|(_, file)| file).collect(),
        })
    }

    fn categories(&self, content_type: &ContentType, document: DocumentId) -> Vec<Category> {
        let Wanted { addresses, locale, .. } = self.wanted;
        let standing = self.standing.get(&document).into_iter().flatten();
        let columns = standing.filter_map(|(_, id)| self.columns.get(id)).map(|column| Category {
            scheme: addresses.home(),
            term: column.path.to_string(),
            label: column.particulars.name.for_locale(locale.as_str()).to_owned(),
        });
        let r#type = Category {
            scheme: TYPE_SCHEME.to_owned(),
            term: content_type.name.to_string(),
            label: content_type.label.for_locale(locale.as_str()).to_owned(),
        };
        columns.chain([r#type]).collect()
    }
}

fn departed(departure: Departure, locale: &Locale) -> Departed {
    let (state, explanation) = match departure.told {
        // Readers act alike on what was recalled, whether or not its text is destroyed.
        Some(told) if told.visibility == Visibility::Erased => {
            (Some(Visibility::Recalled.as_str()), told.explanation)
        }
        Some(told) => (Some(told.visibility.as_str()), told.explanation),
        None => (None, None),
    };
    Departed {
        id: identity(departure.content.uuid(), locale),
        at: departure.at,
        state,
        explanation,
    }
}

/// The files of a document: its cover, then the others in the order of the type's fields.
fn files(
    content_type: &ContentType,
    item: &Item,
    addresses: &Addresses,
) -> Vec<(Digest, Enclosure)> {
    let mut found = Vec::new();
    for field in &content_type.fields {
        if !matches!(field.kind, FieldKind::File { .. }) {
            continue;
        }
        let is_cover = content_type.cover.as_ref() == Some(&field.name);
        let values = match item.card.fields.get(field.name.as_str()) {
            Some(Value::Array(values)) => values.as_slice(),
            Some(value) => std::slice::from_ref(value),
            None => &[],
        };
        found.extend(values.iter().filter_map(|value| file(value, is_cover, addresses)));
    }
    found.sort_by_key(|(_, file)| !file.is_cover);
    found
}

fn file(value: &Value, is_cover: bool, addresses: &Addresses) -> Option<(Digest, Enclosure)> {
    let digest: Digest = value["digest"].as_str()?.parse().ok()?;
    let name = value["name"].as_str()?;
    let enclosure = Enclosure {
        url: addresses.file(&digest, name),
        media_type: value["mediaType"].as_str()?.to_owned(),
        name: name.to_owned(),
        size: value["size"].as_u64()?,
        is_cover,
    };
    Some((digest, enclosure))
}

/// The page of a column, by convention at its path.
fn column_page(addresses: &Addresses, column: &Column) -> String {
    addresses.on_site(&format_args!("/{}", column.path))
}

/// The feeds of a site and of its open columns.
pub(super) async fn subscriptions(
    session: &mut Session,
    wanted: &Wanted<'_>,
) -> Result<Subscriptions, Error> {
    let Wanted { site, locale, addresses, .. } = wanted;
    let columns = columns::of_site(session, site.id, false).await?;
    let name = site.particulars.name.for_locale(locale.as_str()).to_owned();
    Ok(Subscriptions {
        outlines: vec![Outline {
            title: name.clone(),
            feed: addresses.on_hub(&format!(
                "{}.atom{}",
                feed_path(site, None),
                locale_query(site, locale)
            )),
            page: addresses.home(),
            language: locale.to_string(),
            below: below(wanted, &columns, None),
        }],
        title: name,
    })
}

/// The columns under `parent`; no deeper than the eight segments a path can have.
fn below(wanted: &Wanted<'_>, columns: &[Column], parent: Option<ColumnId>) -> Vec<Outline> {
    let Wanted { site, locale, addresses, .. } = wanted;
    columns
        .iter()
        .filter(|column| column.parent == parent)
        .map(|column| Outline {
            title: column.particulars.name.for_locale(locale.as_str()).to_owned(),
            feed: addresses.on_hub(&format!(
                "{}.atom{}",
                feed_path(site, Some(column)),
                locale_query(site, locale)
            )),
            page: column_page(addresses, column),
            language: locale.to_string(),
            below: below(wanted, columns, Some(column.id)),
        })
        .collect()
}
