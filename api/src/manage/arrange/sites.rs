//! Sites: what they are and show, creating and changing them.

use async_graphql::{ComplexObject, Context, InputObject, Object, Result, SimpleObject};
use editorial::{Error, arrange::sites};
use schema::{
    ids::{AuthorityId, ContentId, SiteId},
    names::{AuthorityKey, ColumnPath, Locale, SiteKey, TypeName},
    tree::{self, Home, SiteParticulars},
};
use serde::{Deserialize, Serialize};
use store::{columns, trees};

use super::{Column, SiteNotice, authority, notices, site};
use crate::manage::{
    answer::{Text, fault},
    caller::Caller,
    input::Faults,
};

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Sites;

/// 底部功能区 / What stands at the foot of every page
#[derive(Clone, Debug, Default, SimpleObject, InputObject, Serialize, Deserialize)]
#[graphql(input_name = "FooterInput")]
pub(crate) struct Footer {
    /// 主办单位 / Sponsor
    sponsor: Option<Text>,
    /// 联系方式 / Contact
    contact: Option<Text>,
    /// ICP备案编号 / ICP record
    icp: Option<String>,
    /// 公安机关备案号 / Public security record
    public_security: Option<String>,
    /// 党政机关网站标识的页面地址 / Address of the page of the party and government mark
    party_government_mark: Option<String>,
}

/// 某类型的路径模板 / The path template of one content type
#[derive(Clone, Debug, SimpleObject, InputObject, Serialize, Deserialize)]
#[graphql(input_name = "PathTemplateInput")]
pub(crate) struct PathTemplate {
    /// 内容类型 / Content type
    r#type: String,
    /// 模板 / Template
    template: String,
}

/// 导航项 / One item of a menu
#[derive(Clone, Debug, SimpleObject, InputObject, Serialize, Deserialize)]
#[graphql(input_name = "NavigationItemInput")]
pub(crate) struct NavigationItem {
    /// 文字 / What it says
    label: Text,
    /// 通向的栏目 / The column it leads to
    column: Option<String>,
    /// 或通向的网址 / Or the address
    url: Option<String>,
    /// 下级 / Items below it
    items: Vec<NavigationItem>,
}

/// 首页上的一处位置 / A named place on the home page
#[derive(Clone, Debug, SimpleObject, InputObject, Serialize, Deserialize)]
#[graphql(input_name = "SlotInput")]
pub(crate) struct Slot {
    /// 名称 / Its name
    name: String,
    /// 依次显示的内容编号 / Content ids, in order
    contents: Vec<String>,
}

/// 站点 / A website of an authority
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
#[graphql(complex)]
pub(crate) struct Site {
    /// 代号 / Its key
    key: String,
    /// 名称 / Its name
    name: Text,
    /// 域名 / Host name
    domain: String,
    /// 网站标识码 / Site code
    site_code: Option<String>,
    /// 语言，主语言在前 / Languages, the main one first
    locales: Vec<String>,
    /// 底部功能区 / What stands at the foot of every page
    footer: Footer,
    /// 路径模板 / Path templates, over those of the types
    paths: Vec<PathTemplate>,
    /// 可跨域调用接口的网页来源 / Browser origins that may call the API
    origins: Vec<String>,
    /// 导航 / Menu
    navigation: Vec<NavigationItem>,
    /// 置顶的内容编号 / Content ids that stay on top
    pinned: Vec<String>,
    /// 首页各处位置 / Named places on the home page
    slots: Vec<Slot>,
    /// 版本号，改动时须带上 / Counts its changes; a change names this
    version: i64,
    #[graphql(skip)]
    id: SiteId,
    #[graphql(skip)]
    authority_id: AuthorityId,
    #[graphql(skip)]
    parent_id: Option<SiteId>,
}

impl From<tree::Site> for Site {
    fn from(site: tree::Site) -> Self {
        let SiteParticulars { name, domain, site_code, locales, footer, paths, origins, home } =
            site.particulars;
        let ids = |ids: Vec<ContentId>| ids.iter().map(ToString::to_string).collect();
        let template = |(name, template): (TypeName, String)| PathTemplate {
            r#type: name.to_string(),
            template,
        };
        Self {
            key: site.key.to_string(),
            name: name.into(),
            domain,
            site_code,
            locales: locales.iter().map(ToString::to_string).collect(),
            footer: Footer {
                sponsor: footer.sponsor.map(Into::into),
                contact: footer.contact.map(Into::into),
                icp: footer.icp,
                public_security: footer.public_security,
                party_government_mark: footer.party_government_mark,
            },
            paths: paths.into_iter().map(template).collect(),
            origins,
            navigation: home.navigation.into_iter().map(Into::into).collect(),
            pinned: ids(home.pinned),
            slots: home
                .slots
                .into_iter()
                .map(|(name, contents)| Slot { name, contents: ids(contents) })
                .collect(),
            version: site.version,
            id: site.id,
            authority_id: site.authority,
            parent_id: site.parent,
        }
    }
}

impl From<tree::NavigationItem> for NavigationItem {
    fn from(item: tree::NavigationItem) -> Self {
        Self {
            label: item.label.into(),
            column: item.column.map(|column| column.to_string()),
            url: item.url,
            items: item.items.into_iter().map(Into::into).collect(),
        }
    }
}

#[ComplexObject]
impl Site {
    /// 所属机构的代号 / Key of its authority
    async fn authority(&self, context: &Context<'_>) -> Result<Option<String>> {
        let mut session = Caller::of(context).session().await?;
        let found = trees::authority(&mut session, self.authority_id).await;
        Ok(found.map_err(|error| fault(&error))?.map(|authority| authority.key.to_string()))
    }

    /// 上级站点的代号 / Key of the site above it
    async fn parent(&self, context: &Context<'_>) -> Result<Option<String>> {
        let Some(parent) = self.parent_id else { return Ok(None) };
        let mut session = Caller::of(context).session().await?;
        let found = trees::site(&mut session, parent).await;
        Ok(found.map_err(|error| fault(&error))?.map(|site| site.key.to_string()))
    }

    /// 栏目，按栏目树的顺序 / Its columns, in tree order
    async fn columns(
        &self,
        context: &Context<'_>,
        #[graphql(default, desc = "含已关闭的栏目 / With those that are closed")]
        include_closed: bool,
    ) -> Result<Vec<Column>> {
        let mut session = Caller::of(context).session().await?;
        let found = columns::of_site(&mut session, self.id, include_closed).await;
        let found = found.map_err(|error| fault(&error))?;
        Ok(found.into_iter().map(|column| Column::new(column, &self.key)).collect())
    }

    /// 公告，新近开始的在前；含已结束的则最多 100 条 / Its own notices, those that start last first; with those that are over at most 100
    async fn notices(
        &self,
        context: &Context<'_>,
        #[graphql(default, desc = "含已结束的 / With those that are over")] include_over: bool,
    ) -> Result<Vec<SiteNotice>> {
        notices::of_site(context, self.id, &self.key, include_over).await
    }
}

/// 站点的内容 / What a site is and shows
#[derive(Clone, Debug, InputObject)]
pub(crate) struct SiteInput {
    /// 上级站点的代号 / Key of the site above it
    parent: Option<String>,
    /// 名称 / Its name
    name: Text,
    /// 域名 / Host name
    domain: String,
    /// 网站标识码 / Site code
    site_code: Option<String>,
    /// 语言，主语言在前 / Languages, the main one first
    locales: Vec<String>,
    /// 底部功能区 / What stands at the foot of every page
    #[graphql(default)]
    footer: Footer,
    /// 路径模板 / Path templates, over those of the types
    #[graphql(default)]
    paths: Vec<PathTemplate>,
    /// 可跨域调用接口的网页来源 / Browser origins that may call the API
    #[graphql(default)]
    origins: Vec<String>,
    /// 导航 / Menu
    #[graphql(default)]
    navigation: Vec<NavigationItem>,
    /// 置顶的内容编号 / Content ids that stay on top
    #[graphql(default)]
    pinned: Vec<String>,
    /// 首页各处位置 / Named places on the home page
    #[graphql(default)]
    slots: Vec<Slot>,
}

impl SiteInput {
    fn read(&self) -> Result<(Option<SiteKey>, SiteParticulars), Error> {
        let mut faults = Faults::default();
        let parent: Option<SiteKey> = faults.read_some("site.parent", self.parent.as_deref());
        let locales: Vec<Locale> = faults.read_all("site.locales", &self.locales);
        let mut paths = std::collections::BTreeMap::new();
        for (place, path) in self.paths.iter().enumerate() {
            let name: Option<TypeName> =
                faults.read(format!("site.paths[{place}].type"), &path.r#type);
            paths.extend(name.map(|name| (name, path.template.clone())));
        }
        let navigation = read_items("site.navigation", &self.navigation, &mut faults);
        let pinned: Vec<ContentId> = faults.read_all("site.pinned", &self.pinned);
        let mut slots = std::collections::BTreeMap::new();
        for (place, slot) in self.slots.iter().enumerate() {
            let contents: Vec<ContentId> =
                faults.read_all(format!("site.slots[{place}].contents"), &slot.contents);
            slots.insert(slot.name.clone(), contents);
        }
        let footer = self.footer.clone();
        let particulars = SiteParticulars {
            name: self.name.clone().into(),
            domain: self.domain.clone(),
            site_code: self.site_code.clone(),
            locales,
            footer: tree::Footer {
                sponsor: footer.sponsor.map(Into::into),
                contact: footer.contact.map(Into::into),
                icp: footer.icp,
                public_security: footer.public_security,
                party_government_mark: footer.party_government_mark,
            },
            paths,
            origins: self.origins.clone(),
            home: Home { navigation, pinned, slots },
        };
        faults.finish(Some((parent, particulars)))
    }
}

fn read_items(
    path: &str,
    items: &[NavigationItem],
    faults: &mut Faults,
) -> Vec<tree::NavigationItem> {
    let read = |(place, item): (usize, &NavigationItem)| {
        let path = format!("{path}[{place}]");
        let column: Option<ColumnPath> =
            faults.read_some(format!("{path}.column"), item.column.as_deref());
        tree::NavigationItem {
            label: item.label.clone().into(),
            column,
            url: item.url.clone(),
            items: read_items(&format!("{path}.items"), &item.items, faults),
        }
    };
    items.iter().enumerate().map(read).collect()
}

/// 新的站点 / A site to be added
#[derive(Clone, Debug, InputObject)]
pub(crate) struct CreateSiteInput {
    /// 代号，不能更改 / Its key, for good
    key: String,
    /// 所属机构的代号，不能更改 / Key of its authority, for good
    authority: String,
    /// 内容 / What it is
    site: SiteInput,
}

/// 站点的改动 / A site to be changed
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ChangeSiteInput {
    /// 代号 / Its key
    key: String,
    /// 所看到的版本号 / The version that was looked at
    version: i64,
    /// 内容，整体替换 / The whole of what it is
    site: SiteInput,
}

payload! {
    /// 站点改动的结果 / What came of it
    SitePayload {
        /// 站点 / The site
        site: Site
    }
}

#[Object]
impl Sites {
    /// 新增站点 / Add a site
    async fn create_site(
        &self,
        context: &Context<'_>,
        input: CreateSiteInput,
    ) -> Result<SitePayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let key: Option<SiteKey> = faults.read("key", &input.key);
            let owner: Option<AuthorityKey> = faults.read("authority", &input.authority);
            let (key, owner) = faults.finish(key.zip(owner))?;
            let (parent, particulars) = input.site.read()?;
            let owner = authority(work, &owner).await?.id;
            let parent = match parent {
                Some(parent) => Some(site(work, &parent).await?.id),
                None => None,
            };
            let created =
                sites::create_site(&caller.desk, work, &key, owner, parent, particulars).await?;
            Site::from(created)
        })
    }

    /// 更改站点 / Change a site
    async fn change_site(
        &self,
        context: &Context<'_>,
        input: ChangeSiteInput,
    ) -> Result<SitePayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let key: Option<SiteKey> = faults.read("key", &input.key);
            let key = faults.finish(key)?;
            let (parent, particulars) = input.site.read()?;
            let found = site(work, &key).await?;
            let parent = match parent {
                Some(parent) => Some(site(work, &parent).await?.id),
                None => None,
            };
            let (desk, seen) = (&caller.desk, input.version);
            let changed = sites::change_site(desk, work, found.id, seen, parent, particulars).await?;
            Site::from(changed)
        })
    }
}
