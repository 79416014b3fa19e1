//! The tree that an export stands in, as `gongbao site apply` takes it: the authorities with
//! those above them, the sites that the exported texts name, their open columns.

use std::collections::{BTreeMap, BTreeSet};

use schema::{
    ids::AuthorityId,
    message::Bilingual,
    names::{AuthorityKey, ColumnPath, Locale, SiteKey, TypeName},
    tree::{Authority, Column, Home, Level, Site},
};
use serde::Serialize;
use store::{Session, columns, trees};

#[derive(Serialize)]
struct Tree {
    #[serde(rename = "authority")]
    authorities: Vec<AuthorityEntry>,
    #[serde(rename = "site")]
    sites: Vec<SiteEntry>,
}

#[derive(Serialize)]
struct AuthorityEntry {
    key: AuthorityKey,
    parent: Option<AuthorityKey>,
    level: Level,
    region: String,
    credit_code: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    trades: Vec<String>,
    name: Bilingual,
}

#[derive(Serialize)]
struct SiteEntry {
    key: SiteKey,
    authority: AuthorityKey,
    parent: Option<SiteKey>,
    domain: String,
    site_code: Option<String>,
    locales: Vec<Locale>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    origins: Vec<String>,
    name: Bilingual,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    paths: BTreeMap<TypeName, String>,
    footer: FooterEntry,
    #[serde(skip_serializing_if = "is_empty")]
    home: Home,
    #[serde(rename = "column")]
    columns: Vec<ColumnEntry>,
}

#[derive(Serialize)]
struct FooterEntry {
    icp: Option<String>,
    public_security: Option<String>,
    party_government_mark: Option<String>,
    sponsor: Option<Bilingual>,
    contact: Option<Bilingual>,
}

#[derive(Serialize)]
struct ColumnEntry {
    path: ColumnPath,
    position: i64,
    class: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    keywords: Vec<String>,
    update_period_days: Option<u16>,
    name: Bilingual,
    description: Option<Bilingual>,
}

fn is_empty(home: &Home) -> bool {
    *home == Home::default()
}

/// The tree of `sites` as TOML.
pub(super) async fn toml(
    session: &mut Session,
    sites: &BTreeSet<SiteKey>,
) -> Result<String, store::Error> {
    let authorities: BTreeMap<AuthorityId, Authority> = trees::authorities(session)
        .await?
        .into_iter()
        .map(|authority| (authority.id, authority))
        .collect();
    let all = trees::sites(session).await?;
    let named: Vec<&Site> = all.iter().filter(|site| sites.contains(&site.key)).collect();
    let mut entries = Vec::with_capacity(named.len());
    for site in &named {
        // A site above that is not in the export is another export's.
        let parent = named.iter().find(|above| Some(above.id) == site.parent);
        let Some(authority) = authorities.get(&site.authority) else { continue };
        let columns = columns::of_site(session, site.id, false).await?;
        entries.push(site_entry(site, parent.map(|above| &above.key), &authority.key, columns));
    }
    let tree = Tree {
        authorities: above(&authorities, named.iter().map(|site| site.authority)),
        sites: ordered(entries),
    };
    toml::to_string(&tree)
        .map_err(|error| store::Error::Corrupt { what: "tree", why: error.to_string() })
}

/// `wanted` and everything above it, the upper ones first.
fn above(
    authorities: &BTreeMap<AuthorityId, Authority>,
    wanted: impl Iterator<Item = AuthorityId>,
) -> Vec<AuthorityEntry> {
    let mut chosen: Vec<&Authority> = Vec::new();
    for id in wanted {
        let mut chain = Vec::new();
        let mut next = authorities.get(&id);
        while let Some(authority) = next {
            if chosen.iter().any(|known| known.id == authority.id) || chain.len() > 64 {
                break;
            }
            chain.push(authority);
            next = authority.parent.and_then(|parent| authorities.get(&parent));
        }
        chosen.extend(chain.into_iter().rev());
    }
    let key = |id: AuthorityId| authorities.get(&id).map(|authority| authority.key.clone());
    let entry = |authority: &&Authority| {
        let particulars = &authority.particulars;
        AuthorityEntry {
            key: authority.key.clone(),
            parent: authority.parent.and_then(key),
            level: particulars.level,
            region: particulars.region.clone(),
            credit_code: particulars.credit_code.clone(),
            trades: particulars.trades.clone(),
            name: particulars.name.clone(),
        }
    };
    chosen.iter().map(entry).collect()
}

/// Every site after the one above it.
fn ordered(mut entries: Vec<SiteEntry>) -> Vec<SiteEntry> {
    let mut sorted: Vec<SiteEntry> = Vec::with_capacity(entries.len());
    while !entries.is_empty() {
        let is_next = |entry: &SiteEntry| {
            entry.parent.as_ref().is_none_or(|parent| sorted.iter().any(|s| s.key == *parent))
        };
        let next = entries.iter().position(is_next).unwrap_or(0);
        sorted.push(entries.remove(next));
    }
    sorted
}

fn site_entry(
    site: &Site,
    parent: Option<&SiteKey>,
    authority: &AuthorityKey,
    columns: Vec<Column>,
) -> SiteEntry {
    let particulars = site.particulars.clone();
    SiteEntry {
        key: site.key.clone(),
        authority: authority.clone(),
        parent: parent.cloned(),
        domain: particulars.domain,
        site_code: particulars.site_code,
        locales: particulars.locales,
        origins: particulars.origins,
        name: particulars.name,
        paths: particulars.paths,
        footer: FooterEntry {
            icp: particulars.footer.icp,
            public_security: particulars.footer.public_security,
            party_government_mark: particulars.footer.party_government_mark,
            sponsor: particulars.footer.sponsor,
            contact: particulars.footer.contact,
        },
        home: particulars.home,
        columns: columns.into_iter().map(column_entry).collect(),
    }
}

fn column_entry(column: Column) -> ColumnEntry {
    ColumnEntry {
        path: column.path,
        position: column.position,
        class: column.particulars.class,
        keywords: column.particulars.keywords,
        update_period_days: column.particulars.update_period_days,
        name: column.particulars.name,
        description: column.particulars.description,
    }
}
