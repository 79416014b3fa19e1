//! Making accounts and tokens, and taking back what they may do.

use async_graphql::{Context, InputObject, Object, Result};
use editorial::{
    Error,
    access::{self, NewPerson, NewToken, PersonChange, Terms},
};
use jiff::{Timestamp, civil::Date};
use schema::{access::Login, ids::TokenId, permission};
use store::UnitOfWork;

use super::{Account, Grant, IssuedToken, Token};
use crate::manage::{
    input::Faults,
    words::{Employment, PersonKind},
};

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Access;

/// 新的账号 / An account to be made
#[derive(Clone, Debug, InputObject)]
pub(crate) struct CreatePersonInput {
    /// 账号名，不能更改 / Its login, for good
    login: String,
    /// 名称 / What people call it
    name: String,
    /// 人或程序 / Somebody or a program
    #[graphql(default_with = "PersonKind::Person")]
    kind: PersonKind,
    /// 用工性质与合同；不填则人员为在编 / On what terms; without them a person is permanent staff
    terms: Option<TermsInput>,
    /// 授权 / What it is granted at once
    #[graphql(default)]
    grants: Vec<Grant>,
}

/// 账号的用工性质与合同 / On what terms somebody has an account
#[derive(Clone, Debug, InputObject)]
pub(crate) struct TermsInput {
    /// 用工性质；程序账号不填 / How somebody is employed; nothing for a program
    employment: Option<Employment>,
    /// 合同的最后一天，外包人员必填，如 2027-03-31；不填为不限期 / The last day of the contract, required of outsourced staff; without it there is no end
    contract_ends_on: Option<String>,
}

impl TermsInput {
    fn read(&self) -> Result<Terms, Error> {
        let mut faults = Faults::default();
        let day: Option<Date> =
            faults.read_some("terms.contractEndsOn", self.contract_ends_on.as_deref());
        let contract_ends_on = faults.finish(Some(day))?;
        Ok(Terms { employment: self.employment.map(Into::into), contract_ends_on })
    }
}

/// 对账号的改动；不填的不变 / What of an account is to be changed; what is left out stays
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ChangePersonInput {
    /// 账号名 / Its login
    login: String,
    /// 名称 / What people call it
    name: Option<String>,
    /// 用工性质与合同，整体替换 / On what terms, all of them
    terms: Option<TermsInput>,
}

/// 哪个账号 / Which account
#[derive(Clone, Debug, InputObject)]
pub(crate) struct PersonInput {
    /// 账号名 / Its login
    pub(super) login: String,
}

/// 账号与授权 / An account and a grant
#[derive(Clone, Debug, InputObject)]
pub(crate) struct PersonGrantInput {
    /// 账号名 / Its login
    login: String,
    /// 授权 / The grant
    grant: Grant,
}

/// 新的令牌 / A token to be made
#[derive(Clone, Debug, InputObject)]
pub(crate) struct CreateTokenInput {
    /// 所属账号 / Login of the account it acts for
    owner: String,
    /// 用途 / What it is for
    name: String,
    /// 授权；不填则为账号现有的全部授权 / What it may do at the most; without it all that its owner may now
    #[graphql(default)]
    grants: Vec<Grant>,
    /// 失效时间 / When it stops being good
    expires_at: Option<String>,
}

/// 哪个令牌 / Which token
#[derive(Clone, Debug, InputObject)]
pub(crate) struct TokenInput {
    /// 编号 / Its id
    id: String,
}

payload! {
    /// 账号改动的结果 / What came of it
    PersonPayload {
        /// 账号 / The account
        person: Account
    }
}
payload! {
    /// 新令牌的结果 / What came of it
    CreateTokenPayload {
        /// 新令牌 / The token with its secret
        issued: IssuedToken
    }
}
payload! {
    /// 令牌改动的结果 / What came of it
    TokenPayload {
        /// 令牌 / The token
        token: Token
    }
}

async fn find(
    work: &mut UnitOfWork,
    path: &str,
    grants: &[Grant],
) -> Result<Vec<permission::Grant>, Error> {
    let mut found = Vec::with_capacity(grants.len());
    for (place, grant) in grants.iter().enumerate() {
        found.push(grant.find(work.session(), &format!("{path}[{place}]")).await?);
    }
    Ok(found)
}

pub(super) fn login(path: &str, text: &str) -> Result<Login, Error> {
    let mut faults = Faults::default();
    let login = faults.read(path, text);
    faults.finish(login)
}

#[Object]
impl Access {
    /// 新建账号 / Make an account
    async fn create_person(
        &self,
        context: &Context<'_>,
        input: CreatePersonInput,
    ) -> Result<PersonPayload> {
        act!(context, caller, work => {
            let kind = input.kind.into();
            let terms = match &input.terms {
                Some(terms) => terms.read()?,
                None => Terms::usual(kind),
            };
            let new = NewPerson {
                login: login("login", &input.login)?,
                name: input.name.clone(),
                kind,
                terms,
                grants: find(work, "grants", &input.grants).await?,
            };
            let person = access::create_person(work, new).await?;
            Account::told(work.session(), person).await?
        })
    }

    /// 停用账号及其全部令牌 / Disable an account, and with it all its tokens
    async fn disable_person(
        &self,
        context: &Context<'_>,
        input: PersonInput,
    ) -> Result<PersonPayload> {
        act!(context, caller, work => {
            let login = login("login", &input.login)?;
            let person = access::disable_person(work, &login).await?;
            Account::told(work.session(), person).await?
        })
    }

    /// 重新启用账号，其未吊销的令牌随之可用 / Let a disabled account be used again, with its tokens that were not revoked
    async fn enable_person(
        &self,
        context: &Context<'_>,
        input: PersonInput,
    ) -> Result<PersonPayload> {
        act!(context, caller, work => {
            let login = login("login", &input.login)?;
            let person = access::enable_person(work, &login).await?;
            Account::told(work.session(), person).await?
        })
    }

    /// 修改账号的名称、用工性质与合同 / Change what people call an account, and its terms
    async fn change_person(
        &self,
        context: &Context<'_>,
        input: ChangePersonInput,
    ) -> Result<PersonPayload> {
        act!(context, caller, work => {
            let login = login("login", &input.login)?;
            let terms = input.terms.as_ref().map(TermsInput::read).transpose()?;
            let change = PersonChange { name: input.name.clone(), terms };
            let person = access::change_person(work, &login, change).await?;
            Account::told(work.session(), person).await?
        })
    }

    /// 授予角色 / Grant a role
    async fn grant_role(
        &self,
        context: &Context<'_>,
        input: PersonGrantInput,
    ) -> Result<PersonPayload> {
        act!(context, caller, work => {
            let login = login("login", &input.login)?;
            let grant = input.grant.find(work.session(), "grant").await?;
            let person = access::grant_role(work, &login, grant).await?;
            Account::told(work.session(), person).await?
        })
    }

    /// 收回角色，其令牌随即失去该权限 / Take a role away, at once also from its tokens
    async fn revoke_role(
        &self,
        context: &Context<'_>,
        input: PersonGrantInput,
    ) -> Result<PersonPayload> {
        act!(context, caller, work => {
            let login = login("login", &input.login)?;
            let grant = input.grant.find(work.session(), "grant").await?;
            let person = access::revoke_role(work, &login, grant).await?;
            Account::told(work.session(), person).await?
        })
    }

    /// 新建令牌；密文只出现一次 / Make a token; its secret is shown once
    async fn create_token(
        &self,
        context: &Context<'_>,
        input: CreateTokenInput,
    ) -> Result<CreateTokenPayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let owner: Option<Login> = faults.read("owner", &input.owner);
            let expires_at: Option<Timestamp> =
                faults.read_some("expiresAt", input.expires_at.as_deref());
            let owner = faults.finish(owner)?;
            let grants = find(work, "grants", &input.grants).await?;
            let new = NewToken { owner, name: input.name.clone(), grants, expires_at };
            let issued = access::create_token(work, new).await?;
            IssuedToken {
                token: Token::told(work.session(), issued.token).await?,
                secret: Some(issued.secret.reveal().to_owned()),
            }
        })
    }

    /// 吊销令牌；可重复 / Revoke a token; may be repeated
    async fn revoke_token(&self, context: &Context<'_>, input: TokenInput) -> Result<TokenPayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let id: Option<TokenId> = faults.read("id", &input.id);
            let id = faults.finish(id)?;
            let token = access::revoke_token(work, id).await?;
            Token::told(work.session(), token).await?
        })
    }
}
