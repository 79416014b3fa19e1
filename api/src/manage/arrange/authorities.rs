//! Authorities: what they are, creating and changing them.

use async_graphql::{ComplexObject, Context, InputObject, Object, Result, SimpleObject};
use editorial::{Error, arrange::authorities};
use schema::{
    ids::AuthorityId,
    names::AuthorityKey,
    tree::{self, AuthorityParticulars},
};
use serde::{Deserialize, Serialize};
use store::{UnitOfWork, trees};

use super::authority;
use crate::manage::{
    answer::{Text, fault},
    caller::Caller,
    input::Faults,
    words::Level,
};

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Authorities;

/// 机构 / A body of government
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
#[graphql(complex)]
pub(crate) struct Authority {
    /// 代号 / Its key
    key: String,
    /// 全称 / Full legal name
    name: Text,
    /// 层级 / Its level
    level: Level,
    /// 行政区划代码 / Region code (GB/T 2260)
    region: String,
    /// 所属行业 / Trades it belongs to
    trades: Vec<String>,
    /// 统一社会信用代码 / Unified social credit code
    credit_code: Option<String>,
    /// 版本号，改动时须带上 / Counts its changes; a change names this
    version: i64,
    #[graphql(skip)]
    parent_id: Option<AuthorityId>,
}

impl From<tree::Authority> for Authority {
    fn from(authority: tree::Authority) -> Self {
        let particulars = authority.particulars;
        Self {
            key: authority.key.to_string(),
            name: particulars.name.into(),
            level: particulars.level.into(),
            region: particulars.region,
            trades: particulars.trades,
            credit_code: particulars.credit_code,
            version: authority.version,
            parent_id: authority.parent,
        }
    }
}

#[ComplexObject]
impl Authority {
    /// 上级机构的代号 / Key of the body above it
    async fn parent(&self, context: &Context<'_>) -> Result<Option<String>> {
        let Some(parent) = self.parent_id else { return Ok(None) };
        let mut session = Caller::of(context).session().await?;
        let found = trees::authority(&mut session, parent).await;
        Ok(found.map_err(|error| fault(&error))?.map(|authority| authority.key.to_string()))
    }
}

/// 机构的内容 / What an authority is called and responsible for
#[derive(Clone, Debug, InputObject)]
pub(crate) struct AuthorityInput {
    /// 上级机构的代号 / Key of the body above it
    parent: Option<String>,
    /// 全称 / Full legal name
    name: Text,
    /// 层级 / Its level
    level: Level,
    /// 行政区划代码 / Region code (GB/T 2260)
    region: String,
    /// 所属行业 / Trades it belongs to
    #[graphql(default)]
    trades: Vec<String>,
    /// 统一社会信用代码 / Unified social credit code
    credit_code: Option<String>,
}

impl AuthorityInput {
    fn particulars(&self) -> AuthorityParticulars {
        AuthorityParticulars {
            name: self.name.clone().into(),
            level: self.level.into(),
            region: self.region.clone(),
            trades: self.trades.clone(),
            credit_code: self.credit_code.clone(),
        }
    }
}

/// 新的机构 / An authority to be added
#[derive(Clone, Debug, InputObject)]
pub(crate) struct CreateAuthorityInput {
    /// 代号，不能更改 / Its key, for good
    key: String,
    /// 内容 / What it is
    authority: AuthorityInput,
}

/// 机构的改动 / An authority to be changed
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ChangeAuthorityInput {
    /// 代号 / Its key
    key: String,
    /// 所看到的版本号 / The version that was looked at
    version: i64,
    /// 内容，整体替换 / The whole of what it is
    authority: AuthorityInput,
}

payload! {
    /// 机构改动的结果 / What came of it
    AuthorityPayload {
        /// 机构 / The authority
        authority: Authority
    }
}

/// The authority that a call names, and the body above it.
async fn named(
    work: &mut UnitOfWork,
    key: &str,
    input: &AuthorityInput,
) -> Result<(AuthorityKey, Option<AuthorityId>), Error> {
    let mut faults = Faults::default();
    let key: Option<AuthorityKey> = faults.read("key", key);
    let parent: Option<AuthorityKey> =
        faults.read_some("authority.parent", input.parent.as_deref());
    let key = faults.finish(key)?;
    Ok(match parent {
        Some(parent) => (key, Some(authority(work, &parent).await?.id)),
        None => (key, None),
    })
}

#[Object]
impl Authorities {
    /// 新增机构 / Add an authority
    async fn create_authority(
        &self,
        context: &Context<'_>,
        input: CreateAuthorityInput,
    ) -> Result<AuthorityPayload> {
        act!(context, caller, work => {
            let (key, parent) = named(work, &input.key, &input.authority).await?;
            let particulars = input.authority.particulars();
            let created = authorities::create_authority(work, &key, parent, particulars).await?;
            Authority::from(created)
        })
    }

    /// 更改机构 / Change an authority
    async fn change_authority(
        &self,
        context: &Context<'_>,
        input: ChangeAuthorityInput,
    ) -> Result<AuthorityPayload> {
        act!(context, caller, work => {
            let (key, parent) = named(work, &input.key, &input.authority).await?;
            let found = authority(work, &key).await?;
            let (seen, particulars) = (input.version, input.authority.particulars());
            let changed =
                authorities::change_authority(work, found.id, seen, parent, particulars).await?;
            Authority::from(changed)
        })
    }
}
