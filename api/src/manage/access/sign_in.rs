//! How accounts sign in, as those know it who administer them and they themselves: sessions, the
//! password's age, the second factor, and what helps somebody who is locked out.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use editorial::{Error, Refusal, sign_in};
use schema::{
    access::Login,
    ids::{ActorId, SessionId},
};
use serde::{Deserialize, Serialize};
use store::access::{passwords, people, second_factors, sessions::SignInSession};

use super::{
    Account,
    mutations::{PersonInput, PersonPayload, login},
};
use crate::manage::{answer::fault, caller::Caller, input::Faults, reading::read};

/// The queries of this file.
#[derive(Default)]
pub(crate) struct SigningInTold;

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct SigningIn;

/// 一处登录 / Somebody signed in on one device
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct Session {
    /// 编号 / Its id
    id: String,
    /// 登录时间 / When it began
    began_at: String,
    /// 最近使用，精确到分钟 / When it was last used, to the minute
    seen_at: String,
    /// 是否已出示第二因素 / Whether the second factor was shown in it
    showed_second_factor: bool,
    /// 登录时的网络地址 / The address it began from
    address: Option<String>,
    /// 浏览器自称 / What the browser calls itself
    agent: Option<String>,
    /// 结束时间 / When it was ended
    ended_at: Option<String>,
}

impl From<SignInSession> for Session {
    fn from(session: SignInSession) -> Self {
        Self {
            id: session.id.to_string(),
            began_at: session.began_at.to_string(),
            seen_at: session.seen_at.to_string(),
            showed_second_factor: session.showed_second_factor,
            address: session.address,
            agent: session.agent,
            ended_at: session.ended_at.map(|at| at.to_string()),
        }
    }
}

/// 某账号如何登录 / How an account signs in
#[derive(SimpleObject)]
pub(crate) struct SignInState {
    /// 现用口令的设置时间；没有口令则为空 / When its password was set; nothing without one
    password_set_at: Option<String>,
    /// 口令由管理员代设，登录后须先更换 / Whether somebody else set the password, to be changed first
    password_is_temporary: bool,
    /// 是否设有第二因素 / Whether it has a second factor
    has_second_factor: bool,
    /// 未用的恢复码个数 / Recovery codes that are left
    recovery_codes_left: u32,
    /// 各处登录，新近在前 / Where it is signed in, newest first
    sessions: Vec<Session>,
}

#[Object]
impl SigningInTold {
    /// 某账号如何登录；本人与其管理员可见 / How an account signs in, told to itself and to who administers it
    async fn sign_in(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "账号名 / Login")] login: String,
    ) -> Result<Option<SignInState>> {
        let mut faults = Faults::default();
        let login: Option<Login> = faults.read("login", &login);
        let login = read(faults.finish(login))?;
        let caller = Caller::of(context);
        let mut session = caller.session().await?;
        let found = people::person(&mut session, &caller.viewer(), &login).await;
        let Some(person) = found.map_err(|error| fault(&error))? else { return Ok(None) };
        let state = state(caller, &mut session, person).await;
        state.map(Some).map_err(|error| fault(&error))
    }
}

async fn state(
    caller: &Caller,
    session: &mut store::Session,
    person: people::Person,
) -> Result<SignInState, store::Error> {
    let (id, now): (ActorId, _) = (person.id, caller.desk.clock.now());
    let password = passwords::of(session, id).await?;
    let factor = second_factors::of(session, id).await?;
    let rules = &caller.sign_in.rules;
    let open = sign_in::open_sessions(session, rules, &person, now).await?;
    Ok(SignInState {
        password_is_temporary: password.as_ref().is_some_and(|password| password.temporary),
        password_set_at: password.map(|password| password.set_at.to_string()),
        has_second_factor: factor.is_some_and(|factor| factor.confirmed_at.is_some()),
        recovery_codes_left: second_factors::recovery_codes_left(session, id).await?,
        sessions: open.into_iter().map(Into::into).collect(),
    })
}

/// 代设的口令 / A password that was made for somebody
#[derive(Clone, SimpleObject, Serialize, Deserialize)]
pub(crate) struct GivenPassword {
    /// 账号 / For whom
    person: Account,
    /// 口令，三日内有效，登录后须先更换；仅在此处出现一次 / The password, good for three days and for choosing another; to be had here and never again
    #[serde(skip)]
    password: Option<String>,
}

/// 哪一处登录 / Which session
#[derive(Clone, Debug, InputObject)]
pub(crate) struct SessionInput {
    /// 编号 / Its id
    id: String,
}

payload! {
    /// 代设口令的结果 / What came of it
    GivePasswordPayload {
        /// 口令 / The password
        given: GivenPassword
    }
}
payload! {
    /// 结束登录的结果 / What came of it
    SessionPayload {
        /// 该处登录 / The session
        session: Session
    }
}

#[Object]
impl SigningIn {
    /// 代设口令：由系统生成，三日内有效，登录后须先更换；其各处登录随即结束 / Make a password for an account, good for three days and for choosing another; all its sessions end
    async fn give_password(
        &self,
        context: &Context<'_>,
        input: PersonInput,
    ) -> Result<GivePasswordPayload> {
        let caller = Caller::of(context);
        let given = give_password(caller, &input).await;
        Ok(caller.told("givePassword", given).await?.into())
    }

    /// 解除登录失败的等待；可重复 / Let somebody try again at once who failed too often; may be repeated
    async fn unlock_person(
        &self,
        context: &Context<'_>,
        input: PersonInput,
    ) -> Result<PersonPayload> {
        act!(context, caller, work => {
            let login = login("login", &input.login)?;
            let person = sign_in::unlock(work, &login).await?;
            Account::told(work.session(), person).await?
        })
    }

    /// 重置他人的第二因素并结束其各处登录；可重复 / Remove the second factor of somebody else who lost it, and end their sessions; may be repeated
    async fn reset_second_factor(
        &self,
        context: &Context<'_>,
        input: PersonInput,
    ) -> Result<PersonPayload> {
        act!(context, caller, work => {
            let login = login("login", &input.login)?;
            let person = sign_in::reset_second_factor(work, &login).await?;
            Account::told(work.session(), person).await?
        })
    }

    /// 结束一处登录；可重复 / End one session; may be repeated
    async fn end_session(
        &self,
        context: &Context<'_>,
        input: SessionInput,
    ) -> Result<SessionPayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let id: Option<SessionId> = faults.read("id", &input.id);
            let id = faults.finish(id)?;
            Session::from(sign_in::end_one(work, id).await?)
        })
    }

    /// 结束某账号的各处登录；可重复 / End every session of an account; may be repeated
    async fn end_sessions(
        &self,
        context: &Context<'_>,
        input: PersonInput,
    ) -> Result<PersonPayload> {
        act!(context, caller, work => {
            let login = login("login", &input.login)?;
            sign_in::end_all(work, &login, None).await?;
            let person = people::by_login(work, &login).await?;
            let person = person.ok_or_else(|| Refusal::not_found("person", &login))?;
            Account::told(work.session(), person).await?
        })
    }
}

/// Outside of the one unit of work that mutations are: the slow function must not keep other
/// writers waiting. Sent twice it makes two passwords, of which the second holds.
async fn give_password(caller: &Caller, input: &PersonInput) -> Result<GivenPassword, Error> {
    let login = login("login", &input.login)?;
    let given = sign_in::give_password(&caller.desk, &caller.sign_in, &caller.actor, &login);
    let given = given.await?;
    let mut session = caller.desk.store.reader().await?;
    Ok(GivenPassword {
        person: Account::told(&mut session, given.person).await?,
        password: Some(given.password.reveal().to_owned()),
    })
}
