//! What is said of a target that is made or changed.

use async_graphql::InputObject;
use editorial::{
    Error,
    targets::{GivenSecret, NewTarget, TargetChange},
};
use schema::{
    delivery::{self, ColumnOf, Limits, Selector},
    ids::DocumentId,
    names::{AuthorityKey, ColumnPath, SiteKey},
};

use super::{DeliveryLimits, SelectedColumn, purge::Purge};
use crate::manage::{
    input::Faults,
    words::{Declaration, DeliveryForm},
};

/// 在公网 https 之外放行的地址；须有运维权限 / What may be dialled beyond public addresses over https; needs the right to operate the hub
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct ReachInput {
    /// 内网地址段 / Private ranges, CIDR notation
    #[graphql(default)]
    ranges: Vec<String>,
    /// 明文 HTTP / Plain http
    #[graphql(default)]
    http: bool,
    /// 443 以外的端口 / Ports beside 443
    #[graphql(default)]
    ports: Vec<u16>,
}

/// 新的投放对象 / A target to be made
#[derive(Clone, InputObject)]
pub(crate) struct CreateTargetInput {
    /// 名称，不能更改：小写字母、数字和连字符 / Its name, for good: small letters, digits and hyphens
    key: String,
    /// 所属机构的代号 / Key of the authority that owns it
    authority: String,
    /// 通道 / Its channel
    #[graphql(default_with = "\"webhook\".to_owned()")]
    channel: String,
    /// 投放地址 / Where it is
    address: String,
    /// 仅这些站点；都不填为全部 / Only these sites; nothing said selects everything
    #[graphql(default)]
    sites: Vec<String>,
    /// 仅这些栏目及其下级 / Only these columns and below
    #[graphql(default)]
    columns: Vec<SelectedColumn>,
    /// 仅这些内容类型 / Only these content types
    #[graphql(default)]
    types: Vec<String>,
    /// 仅这些语言 / Only these languages
    #[graphql(default)]
    locales: Vec<String>,
    /// 每个事件，或最新状态；不填依通道而定 / Every event or the latest state; without it as the channel says
    declaration: Option<Declaration>,
    /// 是否连同全文 / Whether the text is sent too
    #[graphql(default_with = "DeliveryForm::Facts")]
    form: DeliveryForm,
    /// 频度上限 / How much at once
    limits: Option<DeliveryLimits>,
    /// 放行的地址 / What may be dialled beyond public addresses over https
    reach: Option<ReachInput>,
    /// 现在在线的内容也投放；对缓存为立即清空 / Send what is live already, too; a cache is told to drop everything
    #[graphql(default)]
    backfill: bool,
    /// 通知缓存清除的方式，仅用于 purge 通道 / How it is told what to drop: for the channel purge
    purge: Option<Purge>,
    /// 对方给出的密钥；不填由本平台生成，仅用于 purge 通道 / The secret that the other side gave out: for the channel purge; without it one is made
    secret: Option<String>,
}

/// 投放对象的改动；不填的各项不变 / What is to be different about a target; what is not said stays as it is
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ChangeTargetInput {
    /// 名称 / Its name
    key: String,
    /// 版本号；已被他人改动则拒绝 / Version; refused when somebody changed it since
    version: i64,
    /// 投放地址；对方仍是同一系统，所持不变 / Where it is; it is the same system and holds what it held
    address: Option<String>,
    /// 仅这些站点；空列表为不限 / Only these sites; an empty list is no condition
    sites: Option<Vec<String>>,
    /// 仅这些栏目及其下级；空列表为不限 / Only these columns and below; an empty list is no condition
    columns: Option<Vec<SelectedColumn>>,
    /// 仅这些内容类型；空列表为不限 / Only these content types; an empty list is no condition
    types: Option<Vec<String>>,
    /// 仅这些语言；空列表为不限 / Only these languages; an empty list is no condition
    locales: Option<Vec<String>>,
    /// 每个事件，或最新状态 / Every event or the latest state
    declaration: Option<Declaration>,
    /// 是否连同全文；已应投的照旧 / Whether the text is sent too; what is owed already goes out as it was
    form: Option<DeliveryForm>,
    /// 频度上限 / How much at once
    limits: Option<DeliveryLimits>,
    /// 放行的地址 / What may be dialled beyond public addresses over https
    reach: Option<ReachInput>,
    /// 新入选、现在在线的内容也投放；否则待其下次发布 / Send what is live already and is selected, too; otherwise from its next event on
    #[graphql(default)]
    backfill: bool,
    /// 通知缓存清除的方式 / How it is told what to drop
    purge: Option<Purge>,
}

/// 哪个投放对象 / Which target
#[derive(Clone, Debug, InputObject)]
pub(crate) struct TargetInput {
    /// 名称 / Its name
    pub(super) key: String,
}

/// 更换哪个投放对象的密钥 / Which target gets new secrets
#[derive(Clone, InputObject)]
pub(crate) struct RotateTargetSecretInput {
    /// 名称 / Its name
    pub(super) key: String,
    /// 对方给出的密钥；不填由本平台生成 / The one that the other side gave out; without it one is made
    pub(super) secret: Option<String>,
}

/// 暂停哪个投放对象 / Which target to pause
#[derive(Clone, Debug, InputObject)]
pub(crate) struct PauseTargetInput {
    /// 名称 / Its name
    pub(super) key: String,
    /// 原因，供人阅读 / Why, for people
    #[graphql(default)]
    pub(super) reason: String,
}

/// 重投什么 / What to try again
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ReplayTargetInput {
    /// 投放对象的名称 / Key of the target
    pub(super) key: String,
    /// 仅此信息：本平台上的编号 / Only this document: its id on this hub
    document: Option<String>,
}

impl ReplayTargetInput {
    pub(super) fn document(&self) -> Result<Option<DocumentId>, Error> {
        let mut faults = Faults::default();
        let document = faults.read_some("document", self.document.as_deref());
        faults.finish(Some(document))
    }
}

impl From<ReachInput> for delivery::Reach {
    fn from(reach: ReachInput) -> Self {
        Self { ranges: reach.ranges, http: reach.http, ports: reach.ports }
    }
}

impl From<DeliveryLimits> for Limits {
    fn from(limits: DeliveryLimits) -> Self {
        Self {
            concurrency: limits.concurrency,
            per_minute: limits.per_minute,
            title_characters: limits.title_characters,
            text_characters: limits.text_characters,
        }
    }
}

/// The columns named at `columns`, with what is misspelled in them.
fn columns(faults: &mut Faults, columns: &[SelectedColumn]) -> Vec<ColumnOf> {
    let read = |(place, column): (usize, &SelectedColumn)| {
        let site: Option<SiteKey> = faults.read(format!("columns[{place}].site"), &column.site);
        let path: Option<ColumnPath> = faults.read(format!("columns[{place}].path"), &column.path);
        site.zip(path).map(|(site, path)| ColumnOf { site, path })
    };
    columns.iter().enumerate().filter_map(read).collect()
}

impl CreateTargetInput {
    /// The target it asks for, or everything that is misspelled.
    pub(super) fn read(self) -> Result<NewTarget, Error> {
        let mut faults = Faults::default();
        let authority: Option<AuthorityKey> = faults.read("authority", &self.authority);
        let selector = Selector {
            sites: faults.read_all("sites", &self.sites),
            columns: columns(&mut faults, &self.columns),
            types: faults.read_all("types", &self.types),
            locales: faults.read_all("locales", &self.locales),
        };
        let authority = faults.finish(authority)?;
        Ok(NewTarget {
            key: self.key,
            authority,
            channel: self.channel,
            address: self.address,
            selector,
            declaration: self.declaration.map(Into::into),
            form: self.form.into(),
            limits: self.limits.map(Into::into).unwrap_or_default(),
            reach: self.reach.map(Into::into).unwrap_or_default(),
            backfill: self.backfill,
            purge: self.purge.map(Into::into),
            secret: self.secret.map(GivenSecret::from),
        })
    }
}

impl ChangeTargetInput {
    /// The change it asks for, or everything that is misspelled.
    pub(super) fn read(self) -> Result<TargetChange, Error> {
        let mut faults = Faults::default();
        let sites = self.sites.map(|sites| faults.read_all("sites", &sites));
        let columns = self.columns.map(|all| columns(&mut faults, &all));
        let types = self.types.map(|types| faults.read_all("types", &types));
        let locales = self.locales.map(|locales| faults.read_all("locales", &locales));
        faults.finish(Some(()))?;
        let reach: Option<delivery::Reach> = self.reach.map(Into::into);
        let (ranges, http, ports) = match reach {
            Some(reach) => (Some(reach.ranges), Some(reach.http), Some(reach.ports)),
            None => (None, None, None),
        };
        Ok(TargetChange {
            key: self.key,
            version: Some(self.version),
            address: self.address,
            sites,
            columns,
            types,
            locales,
            declaration: self.declaration.map(Into::into),
            form: self.form.map(Into::into),
            concurrency: self.limits.map(|limits| limits.concurrency),
            per_minute: self.limits.map(|limits| limits.per_minute),
            title_characters: self.limits.map(|limits| limits.title_characters.unwrap_or(0)),
            text_characters: self.limits.map(|limits| limits.text_characters.unwrap_or(0)),
            ranges,
            http,
            ports,
            purge: self.purge.map(Into::into),
            backfill: self.backfill,
        })
    }
}
