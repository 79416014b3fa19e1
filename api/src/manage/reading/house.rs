//! The caller, the trees with their versions, and the accounts.

use async_graphql::{ComplexObject, Context, Object, Result, SimpleObject};
use schema::{
    access::{Granted, Login},
    ids::ActorId,
    names::{AuthorityKey, SiteKey},
};
use store::{
    access::{people, tokens},
    trees,
};

use super::{page, read};
use crate::manage::{
    access::{self, Account, Grant, Token},
    answer::fault,
    arrange::{Authority, Site},
    caller::Caller,
    input::Faults,
};

/// The queries of this file.
#[derive(Default)]
pub(crate) struct House;

/// 当前调用者 / Who is asking
#[derive(SimpleObject)]
pub(crate) struct Me {
    /// 在日志与审计中的编号 / The id that stands in log and audit
    id: String,
    /// 名称及令牌用途 / The name, and what the token is for
    name: String,
    /// 以此令牌可用的授权 / What may be done with this token
    grants: Vec<Grant>,
}

/// 账号及其令牌 / An account with its tokens
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Person {
    #[graphql(flatten)]
    account: Account,
    #[graphql(skip)]
    actor: ActorId,
}

#[ComplexObject]
impl Person {
    /// 令牌，新近在前 / Its tokens, newest first
    async fn tokens(&self, context: &Context<'_>) -> Result<Vec<Token>> {
        let mut session = Caller::of(context).session().await?;
        let found = tokens::of_person(&mut session, self.actor).await;
        let mut told = Vec::new();
        for token in found.map_err(|error| fault(&error))? {
            told.push(Token::told(&mut session, token).await.map_err(|error| fault(&error))?);
        }
        Ok(told)
    }
}

/// 一页账号 / A page of accounts
#[derive(SimpleObject)]
pub(crate) struct People {
    /// 账号，依账号名为序 / The accounts, in the order of their logins
    nodes: Vec<Person>,
    /// 还有更多时：从此账号之后继续 / Where there are more: go on after this login
    next: Option<String>,
}

async fn told(session: &mut store::Session, person: people::Person) -> Result<Person> {
    let actor = person.id;
    let account = Account::told(session, person).await.map_err(|error| fault(&error))?;
    Ok(Person { account, actor })
}

#[Object]
impl House {
    /// 当前调用者 / Who is asking
    async fn me(&self, context: &Context<'_>) -> Result<Me> {
        let caller = Caller::of(context);
        let mut session = caller.session().await?;
        let held = |grant: &schema::permission::Grant| Granted { grant: *grant, authority: None };
        let grants: Vec<Granted> = caller.actor.grants.iter().map(held).collect();
        let grants = access::told(&mut session, &grants).await.map_err(|error| fault(&error))?;
        Ok(Me { id: caller.actor.id.to_string(), name: caller.actor.name.clone(), grants })
    }

    /// 全部机构 / Every authority
    async fn authorities(&self, context: &Context<'_>) -> Result<Vec<Authority>> {
        let mut session = Caller::of(context).session().await?;
        let found = trees::authorities(&mut session).await.map_err(|error| fault(&error))?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    /// 某机构 / One authority
    async fn authority(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "代号 / Its key")] key: String,
    ) -> Result<Option<Authority>> {
        let mut faults = Faults::default();
        let key: Option<AuthorityKey> = faults.read("key", &key);
        let key = read(faults.finish(key))?;
        let mut session = Caller::of(context).session().await?;
        let found = trees::authority_by_key(&mut session, &key).await;
        Ok(found.map_err(|error| fault(&error))?.map(Into::into))
    }

    /// 全部站点 / Every site
    async fn sites(&self, context: &Context<'_>) -> Result<Vec<Site>> {
        let mut session = Caller::of(context).session().await?;
        let found = trees::sites(&mut session).await.map_err(|error| fault(&error))?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    /// 某站点 / One site
    async fn site(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "代号 / Its key")] key: String,
    ) -> Result<Option<Site>> {
        let mut faults = Faults::default();
        let key: Option<SiteKey> = faults.read("key", &key);
        let key = read(faults.finish(key))?;
        let mut session = Caller::of(context).session().await?;
        let found = trees::site_by_key(&mut session, &key).await;
        Ok(found.map_err(|error| fault(&error))?.map(Into::into))
    }

    /// 所管范围内的账号 / The accounts you administer, and your own
    async fn people(
        &self,
        context: &Context<'_>,
        #[graphql(default = 50, desc = "最多几个，不超过 100 / At most so many, up to 100")] first: i32,
        #[graphql(desc = "从此账号之后 / After this login")] after: Option<String>,
    ) -> Result<People> {
        let mut faults = Faults::default();
        let after: Option<Login> = faults.read_some("after", after.as_deref());
        let after = read(faults.finish(Some(after)))?;
        let caller = Caller::of(context);
        let mut session = caller.session().await?;
        let found = people::page(&mut session, &caller.viewer(), after.as_ref(), page(first)).await;
        let (found, next) = found.map_err(|error| fault(&error))?;
        let mut nodes = Vec::with_capacity(found.len());
        for person in found {
            nodes.push(told(&mut session, person).await?);
        }
        Ok(People { nodes, next: next.map(|login| login.to_string()) })
    }

    /// 某账号 / One account
    async fn person(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "账号名 / Its login")] login: String,
    ) -> Result<Option<Person>> {
        let mut faults = Faults::default();
        let login: Option<Login> = faults.read("login", &login);
        let login = read(faults.finish(login))?;
        let caller = Caller::of(context);
        let mut session = caller.session().await?;
        let found = people::person(&mut session, &caller.viewer(), &login).await;
        match found.map_err(|error| fault(&error))? {
            Some(person) => told(&mut session, person).await.map(Some),
            None => Ok(None),
        }
    }
}
