//! What stands around a text, read from the store for the checks to go by.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use schema::{
    checks::{Address, Limit, Published, Standing, Subject, Surroundings},
    content_type::{Field, FieldKind},
    ids::{ContentId, SiteId},
    names::{DocumentPath, FieldName, SiteKey, TypeName},
    validation::key_for,
    viewer::Viewer,
};
use store::{
    Session,
    checking::{self, Valued},
    past::Reading,
    placements, trees,
};

use super::Named;
use crate::{Desk, Error, deadlines};

/// Addresses of one text that are looked up; a text with more of them is a list, not a text with
/// slips.
const ADDRESSES: usize = 300;
/// Contents that share a value, among which those that share another are looked for.
const ALIKE: u32 = 200;
/// Contents of the same title alone that are told: the others say nothing more.
const NAMESAKES: usize = 1;
/// Contents of the same text that are told.
const TWINS: u32 = 3;

/// What is the same for every text of the hub.
pub(super) struct Hub {
    sites: BTreeMap<String, SiteId>,
    keys: HashMap<SiteKey, SiteId>,
    hosts: Arc<BTreeSet<String>>,
    names: Arc<BTreeSet<String>>,
}

impl Hub {
    pub(super) async fn read(session: &mut Session) -> Result<Self, Error> {
        let (mut sites, mut keys, mut names) = (BTreeMap::new(), HashMap::new(), BTreeSet::new());
        for site in trees::sites(session).await? {
            sites.insert(site.particulars.domain.to_lowercase(), site.id);
            names.extend([site.particulars.name.zh, site.particulars.name.en]);
            keys.insert(site.key, site.id);
        }
        for authority in trees::authorities(session).await? {
            names.extend([authority.particulars.name.zh, authority.particulars.name.en]);
        }
        let hosts = Arc::new(sites.keys().cloned().collect());
        Ok(Self { sites, keys, hosts, names: Arc::new(names) })
    }
}

/// A text and where it comes from.
pub(super) struct Text<'text> {
    pub(super) subject: &'text Subject<'text>,
    pub(super) named: Named,
    pub(super) reading: &'text Reading,
}

/// Reads what stands around a text.
pub(super) async fn gather(
    desk: &Desk,
    session: &mut Session,
    hub: &Hub,
    text: &Text<'_>,
) -> Result<Surroundings, Error> {
    let placed = placements::of_document(session, text.named.document).await?;
    let said = text.reading.place.placements.iter().map(|placed| placed.site.clone());
    let sites: BTreeSet<SiteKey> = said.chain(placed.into_iter().map(|it| it.site_key)).collect();
    Ok(Surroundings {
        sites,
        own_hosts: Arc::clone(&hub.hosts),
        own_names: Arc::clone(&hub.names),
        linked: linked(session, text).await?,
        addresses: addresses(session, hub, text).await?,
        linked_by: Some(linked_by(session, text).await?),
        published: published(session, text).await?,
        limits: limits(desk, session, text).await?,
    })
}

async fn linked(
    session: &mut Session,
    text: &Text<'_>,
) -> Result<BTreeMap<ContentId, Standing>, Error> {
    let contents: Vec<ContentId> = text.subject.content.links.values().flatten().copied().collect();
    let found = checking::are_live(session, &Viewer::Public, &contents).await?;
    let standing = |content: &ContentId| standing(found.get(content).copied());
    Ok(contents.iter().map(|content| (*content, standing(content))).collect())
}

const fn standing(is_live: Option<bool>) -> Standing {
    match is_live {
        Some(true) => Standing::Live,
        Some(false) => Standing::NotLive,
        None => Standing::Missing,
    }
}

/// Times allowed that are running for it. A draft over what is public has none of its own.
async fn limits(desk: &Desk, session: &mut Session, text: &Text<'_>) -> Result<Vec<Limit>, Error> {
    let Named { document, content, is_draft } = text.named;
    let Some((authority, published)) = checking::standing(session, document).await? else {
        return Ok(Vec::new());
    };
    if is_draft && published.is_some() {
        return Ok(Vec::new());
    }
    deadlines::limits(desk, session, authority, content, (text.subject.content, published)).await
}

/// What addresses on the hub's own sites lead to. Where no document ever stood the front end may
/// have a page of its own, and nothing is known.
async fn addresses(
    session: &mut Session,
    hub: &Hub,
    text: &Text<'_>,
) -> Result<BTreeMap<String, Standing>, Error> {
    let home = text.reading.place.placements.first();
    let home = home.and_then(|placed| hub.keys.get(&placed.site)).copied();
    let mut found = BTreeMap::new();
    let own = text.subject.hrefs().into_iter().filter_map(|href| {
        let Address { host, path } = Address::of(href)?;
        let site = match host {
            Some(host) => hub.sites.get(&host).copied(),
            None => home,
        };
        Some((href, site?, path.parse::<DocumentPath>().ok()?))
    });
    for (href, site, path) in own.take(ADDRESSES) {
        let is_live = checking::is_live_at(session, &Viewer::Public, site, &path).await?;
        if let Some(is_live) = is_live {
            found.insert(href.to_owned(), standing(Some(is_live)));
        }
    }
    Ok(found)
}

/// Which of the links it should have there are.
async fn linked_by(
    session: &mut Session,
    text: &Text<'_>,
) -> Result<BTreeSet<(TypeName, FieldName)>, Error> {
    let mut found = BTreeSet::new();
    for link in &text.subject.expected {
        let (source, field) = (&link.source, &link.field);
        let content = text.named.content;
        if checking::is_linked_by(session, &Viewer::Public, content, source, field).await? {
            found.insert((source.clone(), field.clone()));
        }
    }
    Ok(found)
}

/// Other live documents that may be the same.
async fn published(session: &mut Session, text: &Text<'_>) -> Result<Vec<Published>, Error> {
    let (content, viewer) = (text.named.content, &Viewer::Public);
    let content_type = text.subject.content_type;
    let title = content_type.title_of(&text.subject.content.fields).unwrap_or_default();
    let published = |content, same_text, same_number| Published {
        content,
        title: title.to_owned(),
        same_text,
        same_title: true,
        same_number,
    };
    let digest = text.reading.content_digest;
    let twins = checking::same_text(session, viewer, content, digest, TWINS).await?;
    let mut found: Vec<Published> = twins.iter().map(|it| published(*it, true, true)).collect();

    let is_number = |field: &&Field| matches!(field.kind, FieldKind::DocumentNumber);
    let number = content_type.fields.iter().find(is_number);
    let alike = alike(session, text, content_type.field(content_type.title.as_str())).await?;
    let numbered = match number {
        Some(number) if !alike.is_empty() => self::alike(session, text, Some(number)).await?,
        _ => Vec::new(),
    };
    let others = alike.into_iter().filter(|other| !twins.contains(other));
    let (both, title_only): (Vec<_>, Vec<_>) = others.partition(|other| numbered.contains(other));
    found.extend(both.into_iter().map(|other| published(other, false, true)));
    found.extend(title_only.into_iter().take(NAMESAKES).map(|it| published(it, false, false)));
    Ok(found)
}

/// Contents of the same type and language that are live with the same value in `field`.
async fn alike(
    session: &mut Session,
    text: &Text<'_>,
    field: Option<&Field>,
) -> Result<Vec<ContentId>, Error> {
    let content = text.subject.content;
    let Some(field) = field.filter(|field| field.filterable || field.sortable) else {
        return Ok(Vec::new());
    };
    let value = content.fields.get(field.name.as_str());
    let Some(key) = value.and_then(|value| key_for(field, value).ok()) else {
        return Ok(Vec::new());
    };
    let value =
        Valued { r#type: &content.r#type, field: &field.name, locale: &content.locale, key: &key };
    let viewer = &Viewer::Public;
    Ok(checking::same_value(session, viewer, text.named.content, value, ALIKE).await?)
}
