//! Authorities, sites and columns: the three trees that content hangs in.
//!
//! What is asked for by index (keys, parents, paths) stands in the store's own columns; the
//! particulars below travel as one JSON value each, and say themselves what is wrong with them.

mod faults;
pub mod notice;
mod shapes;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use shapes::is_region_code;

use crate::{
    ids::{AuthorityId, ColumnId, ContentId, SiteId},
    message::Bilingual,
    names::{AuthorityKey, BadName, ColumnPath, Locale, SiteKey, TypeName},
};

/// The levels of government.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Level {
    /// 国家
    National,
    /// 省级
    Province,
    /// 地市级
    City,
    /// 县级
    County,
    /// 乡镇级
    Township,
}

/// A body of government (机构).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Authority {
    /// Its id on this hub.
    pub id: AuthorityId,
    /// Its key.
    pub key: AuthorityKey,
    /// The body above it.
    pub parent: Option<AuthorityId>,
    /// Everything else.
    pub particulars: AuthorityParticulars,
    /// Counts its changes, for optimistic locking.
    pub version: i64,
}

/// What an authority is called and responsible for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuthorityParticulars {
    /// Full legal name.
    pub name: Bilingual,
    /// Its level.
    pub level: Level,
    /// Region code (GB/T 2260, townships GB/T 10114).
    pub region: String,
    /// Trades it belongs to (行业), for mandates that address one trade.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trades: Vec<String>,
    /// Unified social credit code (统一社会信用代码).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_code: Option<String>,
}

/// A website of an authority (站点).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Site {
    /// Its id on this hub.
    pub id: SiteId,
    /// Its key.
    pub key: SiteKey,
    /// Whose site it is.
    pub authority: AuthorityId,
    /// The site above it.
    pub parent: Option<SiteId>,
    /// Everything else.
    pub particulars: SiteParticulars,
    /// Counts its changes, for optimistic locking.
    pub version: i64,
}

/// What a site is and shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SiteParticulars {
    /// 网站名称
    pub name: Bilingual,
    /// Host name, without scheme.
    pub domain: String,
    /// 网站标识码
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_code: Option<String>,
    /// Its languages, the main one first.
    pub locales: Vec<Locale>,
    /// The footer record every page must show.
    #[serde(default)]
    pub footer: Footer,
    /// Path templates by type, over the type's own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub paths: BTreeMap<TypeName, String>,
    /// Browser origins that may call the API (CORS).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<String>,
    /// What its home page shows.
    #[serde(default)]
    pub home: Home,
}

/// 底部功能区: what inspection looks for at the foot of every page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Footer {
    /// 主办单位
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sponsor: Option<Bilingual>,
    /// 联系方式
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Bilingual>,
    /// ICP备案编号
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icp: Option<String>,
    /// 公安机关备案号
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_security: Option<String>,
    /// 党政机关网站标识: address of the mark's page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party_government_mark: Option<String>,
}

/// What a home page needs as data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Home {
    /// Menu, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub navigation: Vec<NavigationItem>,
    /// Documents that stay on top, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pinned: Vec<ContentId>,
    /// Named places on the page, each with its documents in order.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub slots: BTreeMap<String, Vec<ContentId>>,
}

/// One item of a menu.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NavigationItem {
    /// What it says.
    pub label: Bilingual,
    /// The column it leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<ColumnPath>,
    /// Or the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Items below it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<NavigationItem>,
}

/// A place in the tree of a site (栏目).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    /// Its id on this hub.
    pub id: ColumnId,
    /// Its site.
    pub site: SiteId,
    /// The column above it.
    pub parent: Option<ColumnId>,
    /// Its path in the site.
    pub path: ColumnPath,
    /// Order among its siblings.
    pub position: i64,
    /// Closed columns take no documents and are not shown.
    pub closed: bool,
    /// Where readers of a closed column are led.
    pub successor: Option<ColumnId>,
    /// Everything else.
    pub particulars: ColumnParticulars,
    /// Counts its changes, for optimistic locking.
    pub version: i64,
}

/// What a column is called and how it is watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ColumnParticulars {
    /// 栏目名称
    pub name: Bilingual,
    /// 栏目类别: 动态要闻, 通知公告, 政策文件, … as the page tag `ColumnType` shows it.
    pub class: String,
    /// 栏目描述
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Bilingual>,
    /// 栏目关键词
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// Days within which something new is expected; `None` where nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_period_days: Option<u16>,
}

impl Home {
    /// Lets the menu follow a column: items that lead to `old` or below it lead to the same
    /// place under `new`. Without `new` they lead nowhere: they go, unless items stand below
    /// them. Gives whether anything changed.
    pub fn follow(&mut self, old: &ColumnPath, new: Option<&ColumnPath>) -> bool {
        follow(&mut self.navigation, old, new)
    }
}

fn follow(items: &mut Vec<NavigationItem>, old: &ColumnPath, new: Option<&ColumnPath>) -> bool {
    let mut changed = false;
    items.retain_mut(|item| {
        changed |= follow(&mut item.items, old, new);
        let Some(column) = item.column.as_ref().filter(|column| column.is_within(old)) else {
            return true;
        };
        changed = true;
        item.column = new.and_then(|new| rebased(column, old, new).ok());
        item.column.is_some() || !item.items.is_empty()
    });
    changed
}

/// The path that `column`, at or below `old`, has under `new`.
///
/// # Errors
/// [`BadName`] when it would be too long or too deep.
pub fn rebased(
    column: &ColumnPath,
    old: &ColumnPath,
    new: &ColumnPath,
) -> Result<ColumnPath, BadName> {
    let rest = column.as_str().strip_prefix(old.as_str()).unwrap_or_default();
    format!("{new}{rest}").parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> ColumnPath {
        text.parse().expect("a column path")
    }

    fn item(column: &str, items: Vec<NavigationItem>) -> NavigationItem {
        let column = Some(path(column));
        NavigationItem { label: Bilingual::new("政策", "Policy"), column, url: None, items }
    }

    #[test]
    fn a_menu_follows_a_column_that_has_another_path() {
        let mut home = Home {
            navigation: vec![
                item("policy", vec![item("policy/finance", vec![])]),
                item("policy-old", vec![]),
            ],
            ..Home::default()
        };

        assert!(home.follow(&path("policy"), Some(&path("open/policy"))));

        let below = vec![item("open/policy/finance", vec![])];
        assert_eq!(home.navigation, [item("open/policy", below), item("policy-old", vec![])]);
        assert!(!home.follow(&path("policy"), Some(&path("open/policy"))), "twice is once");
    }

    #[test]
    fn a_menu_loses_what_leads_nowhere_but_not_what_stands_below_it() {
        let kept = item("news", vec![]);
        let mut home = Home {
            navigation: vec![item("policy", vec![]), item("policy", vec![kept.clone()])],
            ..Home::default()
        };

        assert!(home.follow(&path("policy"), None));

        let label_alone = NavigationItem { column: None, ..item("policy", vec![kept]) };
        assert_eq!(home.navigation, [label_alone]);
    }
}
