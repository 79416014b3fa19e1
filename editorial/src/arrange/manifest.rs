//! A tree written down: authorities, sites and columns in one TOML file, applied as often as
//! one likes.
//!
//! The file adds and changes, it never takes away: what it does not name stays as it is,
//! whole entries and single values alike, so a menu that was edited on the running site
//! survives. Every change goes through the acts of this module, with their permissions,
//! events and audit rows. An authority and a site are known by their key, a column by its
//! path; none of these can be changed here.
//!
//! ```toml
//! [[authority]]
//! key = "lanqiao-city"
//! parent = "nanhe-province"
//! level = "city"
//! region = "990100"
//! name = { zh = "蓝桥市人民政府", en = "Lanqiao Municipal People's Government" }
//!
//! [[site]]
//! key = "lanqiao"
//! authority = "lanqiao-city"
//! domain = "www.lanqiao.gov.cn"
//! locales = ["zh-CN", "en"]
//! name = { zh = "蓝桥市人民政府门户网站", en = "Lanqiao Municipal Government" }
//!
//! [[site.column]]
//! path = "policy"
//! class = "政策文件"
//! name = { zh = "政策文件", en = "Policy documents" }
//! update_period_days = 180
//!
//! # Which review texts take (docs/review.md): of the hub, of a site, of a column; for one type.
//! [[review]]
//! site = "lanqiao"
//! column = "policy"
//! [[review.ordinary.steps]]
//! name = { zh = "审发", en = "Approval" }
//! by = "approver"
//! ```

mod apply;

use std::collections::{BTreeMap, BTreeSet};

use schema::{
    message::{Bilingual, Fault},
    names::{AuthorityKey, ColumnPath, Locale, SiteKey, TypeName},
    review::{Chain, Rule},
    tree::{AuthorityParticulars, ColumnParticulars, Footer, Home, Level, SiteParticulars},
};
use serde::{Deserialize, Serialize};

use crate::placed_rules::NamedPlace;

pub use apply::apply;

/// A tree as its file says it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    #[serde(default, rename = "authority")]
    authorities: Vec<AuthorityEntry>,
    #[serde(default, rename = "site")]
    sites: Vec<SiteEntry>,
    #[serde(default, rename = "review")]
    reviews: Vec<ReviewEntry>,
}

/// What applying a manifest came to: the names of its entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Applied {
    /// What was not there before.
    pub created: Vec<String>,
    /// What was there and is different now.
    pub changed: Vec<String>,
    /// What was there as the manifest says it.
    pub unchanged: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct AuthorityEntry {
    key: AuthorityKey,
    parent: Option<AuthorityKey>,
    name: Bilingual,
    level: Level,
    region: String,
    trades: Option<Vec<String>>,
    credit_code: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteEntry {
    key: SiteKey,
    authority: AuthorityKey,
    parent: Option<SiteKey>,
    name: Bilingual,
    domain: String,
    site_code: Option<String>,
    locales: Vec<Locale>,
    footer: Option<FooterEntry>,
    paths: Option<BTreeMap<TypeName, String>>,
    origins: Option<Vec<String>>,
    home: Option<Home>,
    #[serde(default, rename = "column")]
    columns: Vec<ColumnEntry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct FooterEntry {
    sponsor: Option<Bilingual>,
    contact: Option<Bilingual>,
    icp: Option<String>,
    public_security: Option<String>,
    party_government_mark: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnEntry {
    path: ColumnPath,
    position: Option<i64>,
    name: Bilingual,
    class: String,
    description: Option<Bilingual>,
    keywords: Option<Vec<String>>,
    update_period_days: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReviewEntry {
    site: Option<SiteKey>,
    column: Option<ColumnPath>,
    r#type: Option<TypeName>,
    ordinary: Option<Chain>,
    emergency: Option<Chain>,
    repost: Option<Chain>,
    import: Option<Chain>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// A fault at the line that is not understood, or at the entry that stands there twice.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let manifest: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            let why = error.message();
            Fault::new(
                format!("line {line}"),
                "not_a_manifest",
                format!("第 {line} 行不合清单格式：{why}"),
                format!("line {line} is not as a manifest should be: {why}"),
            )
        })?;
        let mut seen = BTreeSet::new();
        let repeated = manifest.names().find(|name| !seen.insert(name.clone()));
        match repeated {
            None => Ok(manifest),
            Some(name) => Err(Fault::new(
                name,
                "repeated",
                "清单中出现两次，请删去一处",
                "it stands in the manifest twice: take one out",
            )),
        }
    }

    fn names(&self) -> impl Iterator<Item = String> {
        let authorities = self.authorities.iter().map(AuthorityEntry::name);
        let sites = self.sites.iter().flat_map(|site| {
            let columns = site.columns.iter().map(|column| column.name_on(&site.key));
            std::iter::once(site.name()).chain(columns)
        });
        authorities.chain(sites).chain(self.reviews.iter().map(ReviewEntry::name))
    }
}

impl ReviewEntry {
    fn name(&self) -> String {
        let named = |what: &str, name: Option<String>| {
            name.map_or_else(String::new, |name| format!(" {what} {name}"))
        };
        let column = match (&self.site, &self.column) {
            (Some(site), Some(column)) => named("column", Some(format!("{site}:{column}"))),
            (site, _) => named("site", site.as_ref().map(ToString::to_string)),
        };
        format!("review{column}{}", named("type", self.r#type.as_ref().map(ToString::to_string)))
    }

    fn place(&self) -> NamedPlace {
        NamedPlace {
            site: self.site.clone(),
            column: self.column.clone(),
            r#type: self.r#type.clone(),
        }
    }

    fn over(&self, before: Option<&Rule>) -> Rule {
        let before = before.cloned().unwrap_or_default();
        Rule {
            ordinary: self.ordinary.clone().or(before.ordinary),
            emergency: self.emergency.clone().or(before.emergency),
            repost: self.repost.clone().or(before.repost),
            import: self.import.clone().or(before.import),
        }
    }
}

impl AuthorityEntry {
    fn name(&self) -> String {
        format!("authority {}", self.key)
    }

    fn over(&self, before: Option<&AuthorityParticulars>) -> AuthorityParticulars {
        let stays = before.cloned();
        let (trades, credit_code) =
            stays.map_or_else(Default::default, |before| (before.trades, before.credit_code));
        AuthorityParticulars {
            name: self.name.clone(),
            level: self.level,
            region: self.region.clone(),
            trades: self.trades.clone().unwrap_or(trades),
            credit_code: self.credit_code.clone().or(credit_code),
        }
    }
}

impl SiteEntry {
    fn name(&self) -> String {
        format!("site {}", self.key)
    }

    fn over(&self, before: Option<&SiteParticulars>) -> SiteParticulars {
        let mut after = before.cloned().unwrap_or_else(|| SiteParticulars {
            name: Bilingual::default(),
            domain: String::new(),
            site_code: None,
            locales: Vec::new(),
            footer: Footer::default(),
            paths: BTreeMap::new(),
            origins: Vec::new(),
            home: Home::default(),
        });
        after.name = self.name.clone();
        after.domain = self.domain.clone();
        after.locales = self.locales.clone();
        after.site_code = self.site_code.clone().or(after.site_code);
        after.paths = self.paths.clone().unwrap_or(after.paths);
        after.origins = self.origins.clone().unwrap_or(after.origins);
        after.home = self.home.clone().unwrap_or(after.home);
        if let Some(footer) = self.footer.clone() {
            after.footer = Footer {
                sponsor: footer.sponsor.or(after.footer.sponsor),
                contact: footer.contact.or(after.footer.contact),
                icp: footer.icp.or(after.footer.icp),
                public_security: footer.public_security.or(after.footer.public_security),
                party_government_mark: footer
                    .party_government_mark
                    .or(after.footer.party_government_mark),
            };
        }
        after
    }
}

impl ColumnEntry {
    fn name_on(&self, site: &SiteKey) -> String {
        format!("column {site}:{}", self.path)
    }

    fn over(&self, before: Option<&ColumnParticulars>) -> ColumnParticulars {
        let stays = before.cloned();
        let (description, keywords, update_period_days) = stays
            .map_or_else(Default::default, |before| {
                (before.description, before.keywords, before.update_period_days)
            });
        ColumnParticulars {
            name: self.name.clone(),
            class: self.class.clone(),
            description: self.description.clone().or(description),
            keywords: self.keywords.clone().unwrap_or(keywords),
            update_period_days: self.update_period_days.or(update_period_days),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVINCE: &str = r#"
        [[authority]]
        key = "nanhe-province"
        level = "province"
        region = "990000"
        name = { zh = "南河省人民政府", en = "Nanhe Provincial People's Government" }
    "#;

    #[test]
    fn a_mistake_is_named_with_its_line() {
        let wrong = format!("{PROVINCE}capital = \"lanqiao\"\n");

        let fault = Manifest::parse(&wrong).expect_err("there is no such value");

        assert_eq!((fault.path.as_str(), fault.code), ("line 7", "not_a_manifest"));
        assert!(fault.message.en.contains("capital"), "{fault}");
    }

    #[test]
    fn an_entry_that_stands_there_twice_is_refused() {
        let fault = Manifest::parse(&PROVINCE.repeat(2)).expect_err("the key is there twice");

        assert_eq!((fault.path.as_str(), fault.code), ("authority nanhe-province", "repeated"));
    }

    #[test]
    fn what_an_entry_does_not_name_stays() {
        let manifest = Manifest::parse(PROVINCE).expect("a manifest");
        let before = AuthorityParticulars {
            name: Bilingual::new("旧名", "Old name"),
            level: Level::City,
            region: "990100".into(),
            trades: vec!["水利".into()],
            credit_code: Some("11990000MB1234567X".into()),
        };

        let after = manifest.authorities[0].over(Some(&before));

        assert_eq!(after.level, Level::Province);
        assert_eq!(after.name.zh, "南河省人民政府");
        assert_eq!((after.trades, after.credit_code), (before.trades, before.credit_code));
    }
}
