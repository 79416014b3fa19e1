//! Accounts, tokens, and what they are granted.

mod mutations;
mod sign_in;

use async_graphql::{InputObject, SimpleObject};
use editorial::{Error, Refusal};
use schema::{
    access::Granted,
    message::Fault,
    names::{AuthorityKey, SiteKey},
    permission::{self, Scope},
};
use serde::{Deserialize, Serialize};
use store::{
    Session,
    access::{people::Person, tokens},
    trees,
};

pub(crate) use mutations::Access;
pub(crate) use sign_in::{SigningIn, SigningInTold};

use super::{
    input::Faults,
    words::{Employment, PersonKind, Role},
};

/// 授权：在某处的一个角色 / A role, and where it holds
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject, InputObject, Serialize, Deserialize)]
#[graphql(input_name = "GrantInput")]
pub(crate) struct Grant {
    /// 角色 / What
    role: Role,
    /// 限于某机构：其代号 / Within one authority: its key
    authority: Option<String>,
    /// 限于某站点：其代号；两者都不填为全平台 / On one site: its key; with neither, everywhere on this hub
    site: Option<String>,
}

impl Grant {
    /// The grant, with its place looked up.
    async fn find(&self, session: &mut Session, path: &str) -> Result<permission::Grant, Error> {
        let mut faults = Faults::default();
        let authority: Option<AuthorityKey> =
            faults.read_some(format!("{path}.authority"), self.authority.as_deref());
        let site: Option<SiteKey> = faults.read_some(format!("{path}.site"), self.site.as_deref());
        if authority.is_some() && site.is_some() {
            faults.push(Fault::new(
                path,
                "two_scopes",
                "机构与站点只能填一个",
                "name an authority or a site, not both",
            ));
        }
        let (authority, site) = faults.finish(Some((authority, site)))?;
        let scope = match (authority, site) {
            (Some(key), _) => {
                let found = trees::authority_by_key(session, &key).await?;
                Scope::Authority(found.ok_or_else(|| Refusal::not_found("authority", &key))?.id)
            }
            (None, Some(key)) => {
                let found = trees::site_by_key(session, &key).await?;
                Scope::Site(found.ok_or_else(|| Refusal::not_found("site", &key))?.id)
            }
            (None, None) => Scope::Hub,
        };
        Ok(permission::Grant { role: self.role.into(), scope })
    }

    /// The same as people write it. What was granted on something that is gone has no name
    /// left and is shown by its id.
    async fn told(session: &mut Session, granted: &Granted) -> Result<Self, store::Error> {
        let mut told = Self { role: granted.grant.role.into(), authority: None, site: None };
        match granted.grant.scope {
            Scope::Hub => {}
            Scope::Authority(id) => {
                let found = trees::authority(session, id).await?;
                told.authority = Some(found.map_or(id.to_string(), |found| found.key.to_string()));
            }
            Scope::Site(id) => {
                let found = trees::site(session, id).await?;
                told.site = Some(found.map_or(id.to_string(), |found| found.key.to_string()));
            }
        }
        Ok(told)
    }
}

/// 账号 / An account
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Account {
    /// 在日志与审计中的编号 / The id that stands in log and audit
    id: String,
    /// 账号名 / Its login
    login: String,
    /// 名称 / What people call it
    name: String,
    /// 人或程序 / Somebody or a program
    kind: PersonKind,
    /// 授权 / What it was granted
    grants: Vec<Grant>,
    /// 用工性质；程序账号没有 / How somebody is employed; nothing for a program
    employment: Option<Employment>,
    /// 合同的最后一天（北京时间），账号到期自动失效 / The last day of the contract, by the clock of Beijing; access ends with it
    contract_ends_on: Option<String>,
    /// 建立时间 / When it was made
    created_at: String,
    /// 停用时间 / When it was disabled
    disabled_at: Option<String>,
}

impl Account {
    pub(crate) async fn told(session: &mut Session, person: Person) -> Result<Self, store::Error> {
        Ok(Self {
            grants: told(session, &person.grants).await?,
            id: person.id.to_string(),
            login: person.login.to_string(),
            name: person.name,
            kind: person.kind.into(),
            created_at: person.created_at.to_string(),
            employment: person.standing.employment.map(Into::into),
            contract_ends_on: person.standing.contract_ends_on.map(|day| day.to_string()),
            disabled_at: person.standing.disabled_at.map(|at| at.to_string()),
        })
    }
}

/// 令牌，不含密文 / A token, without its secret
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Token {
    /// 编号 / Its id
    id: String,
    /// 用途 / What it is for
    name: String,
    /// 开头几个字符，用以辨认 / Its first letters, to tell tokens apart
    hint: String,
    /// 授权；不超过账号当时的授权 / What it was granted; it can do no more than its owner
    grants: Vec<Grant>,
    /// 建立时间 / When it was made
    created_at: String,
    /// 失效时间 / When it stops being good
    expires_at: Option<String>,
    /// 吊销时间 / When it was revoked
    revoked_at: Option<String>,
    /// 最近使用，精确到小时 / When it was last used, to the hour
    last_used_at: Option<String>,
}

impl Token {
    pub(crate) async fn told(
        session: &mut Session,
        token: tokens::Token,
    ) -> Result<Self, store::Error> {
        let time = |at: Option<jiff::Timestamp>| at.map(|at| at.to_string());
        Ok(Self {
            grants: told(session, &token.grants).await?,
            id: token.id.to_string(),
            name: token.name,
            hint: token.hint,
            created_at: token.created_at.to_string(),
            expires_at: time(token.expires_at),
            revoked_at: time(token.revoked_at),
            last_used_at: time(token.last_used_at),
        })
    }
}

pub(crate) async fn told(
    session: &mut Session,
    grants: &[Granted],
) -> Result<Vec<Grant>, store::Error> {
    let mut told = Vec::with_capacity(grants.len());
    for granted in grants {
        told.push(Grant::told(session, granted).await?);
    }
    Ok(told)
}

/// 新令牌 / A token that was made
#[derive(Clone, SimpleObject, Serialize, Deserialize)]
pub(crate) struct IssuedToken {
    /// 令牌 / The token
    token: Token,
    /// 密文，仅在此处出现一次；按幂等键重放时没有 / The secret, to be had here and never again, nor when the answer is replayed
    #[serde(skip)]
    secret: Option<String>,
}
