//! What stands around a text, read from the store for the checks to go by.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use jiff::SignedDuration;
use schema::{
    checks::{Address, Dead, Limit, Nearly, Published, Room, Standing, Subject, Surroundings},
    content_type::{Field, FieldKind},
    ids::{ContentId, SiteId},
    likeness::{Likeness, alike as alike_in},
    names::{DocumentPath, FieldName, SiteKey, TypeName},
    validation::key_for,
    viewer::Viewer,
};
use store::{
    Session,
    checking::{self, Valued},
    deliveries::targets::{self, Target},
    likeness::{self, Near},
    outside_links::Tried,
    past::Reading,
    placements, trees,
};

use super::Named;
use crate::{Desk, Error, deadlines, outside_links, plans};

/// Addresses of one text that are looked up; a text with more of them is a list, not a text with
/// slips.
const ADDRESSES: usize = 300;
/// Contents that share a value, among which those that share another are looked for.
const ALIKE: u32 = 200;
/// Contents of the same title alone that are told: the others say nothing more.
const NAMESAKES: usize = 1;
/// Contents of the same text that are told.
const TWINS: u32 = 3;

/// How long an address may fail before it is told: machines are mended overnight.
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);
/// Documents that share a number of their sketch, of which the texts are compared.
const NEAR: u32 = 20;
/// How much of two texts is the same, in hundredths, where one is told of at the other.
const NEARLY: u32 = 80;
/// Documents that say nearly the same that are told.
const TOLD: usize = 3;

/// What is the same for every text of the hub.
pub(super) struct Hub {
    sites: BTreeMap<String, SiteId>,
    keys: HashMap<SiteKey, SiteId>,
    hosts: Arc<BTreeSet<String>>,
    names: Arc<BTreeSet<String>>,
    /// Targets that take no text of every length.
    narrow: Vec<Target>,
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
        let mut narrow = targets::all(session).await?;
        narrow.retain(|target| {
            let limits = target.particulars.limits;
            limits.title_characters.or(limits.text_characters).is_some()
        });
        Ok(Self { sites, keys, hosts, names: Arc::new(names), narrow })
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
    let published = published(session, text).await?;
    Ok(Surroundings {
        sites,
        own_hosts: Arc::clone(&hub.hosts),
        own_names: Arc::clone(&hub.names),
        linked: linked(session, text).await?,
        addresses: addresses(session, hub, text).await?,
        dead: dead(desk, session, hub, text).await?,
        linked_by: Some(linked_by(session, text).await?),
        nearly: nearly(session, text, &published).await?,
        published,
        rooms: rooms(session, hub, text).await?,
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

/// Addresses outside the hub where nothing is found: gone for good, or for a day at least.
async fn dead(
    desk: &Desk,
    session: &mut Session,
    hub: &Hub,
    text: &Text<'_>,
) -> Result<BTreeMap<String, Dead>, Error> {
    if desk.outside_links.is_none() {
        return Ok(BTreeMap::new());
    }
    let mut urls = outside_links::addresses(text.subject);
    let is_own = |url: &str| {
        let host = Address::of(url).and_then(|address| address.host);
        host.is_some_and(|host| hub.hosts.contains(&host))
    };
    urls.retain(|url| !is_own(url));
    let tried = store::outside_links::tried(session, &urls).await?;
    let now = desk.clock.now();
    let is_dead = |tried: &Tried| match (tried.status, tried.failing_since) {
        (_, None) => false,
        (Some(404 | 410), _) => true,
        (_, Some(since)) => now.duration_since(since) >= PATIENCE,
    };
    let dead = tried.into_iter().filter(|(_, tried)| is_dead(tried));
    Ok(dead.map(|(url, tried)| (url, Dead { status: tried.status })).collect())
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

/// Targets a draft goes to that take no text of every length.
async fn rooms(session: &mut Session, hub: &Hub, text: &Text<'_>) -> Result<Vec<Room>, Error> {
    if !text.named.is_draft || hub.narrow.is_empty() {
        return Ok(Vec::new());
    }
    let live = checking::live_edition(session, text.named.document).await?;
    let (content, place) = (text.subject.content, &text.reading.place);
    let of = plans::Text {
        r#type: &content.r#type,
        locale: &content.locale,
        positions: &place.placements,
    };
    let planned = plans::of_text(session, live, text.reading.edition, &of).await?;
    let goes = |target: &&Target| {
        let selector = &target.particulars.selector;
        selector.wants(&content.r#type, &content.locale)
            && selector.stands(&place.placements).is_some()
            && planned.plan.step(&target.key).is_none_or(|step| step.goes)
    };
    let room = |target: &Target| Room {
        target: target.key.clone(),
        title: target.particulars.limits.title_characters,
        text: target.particulars.limits.text_characters,
    };
    Ok(hub.narrow.iter().filter(goes).map(room).collect())
}

/// Other live documents that say nearly the same, apart from those that are told for another reason.
async fn nearly(
    session: &mut Session,
    text: &Text<'_>,
    published: &[Published],
) -> Result<Vec<Nearly>, Error> {
    let content = text.subject.content;
    let body = text.subject.content_type.body.as_ref();
    let body = body.and_then(|body| text.subject.text(&format!("fields.{body}")));
    let Some(plain) = body.map(|body| &body.plain) else { return Ok(Vec::new()) };
    let Some(likeness) = Likeness::of(plain) else { return Ok(Vec::new()) };
    let named = (text.named.content, &content.locale);
    let near = likeness::near(session, &Viewer::Public, named, likeness, NEAR).await?;
    let told = |one: &Near| published.iter().any(|it| it.same_text && it.content == one.content);
    let mut nearly: Vec<Nearly> = near
        .into_iter()
        .filter(|one| !told(one))
        .map(|one| Nearly { content: one.content, alike: alike_in(plain, &one.text) })
        .filter(|one| one.alike >= NEARLY)
        .collect();
    nearly.sort_by_key(|one| std::cmp::Reverse(one.alike));
    nearly.truncate(TOLD);
    Ok(nearly)
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
