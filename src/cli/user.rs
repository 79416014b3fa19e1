//! `gongbao user`: accounts without the console, the first administrator among them.

use clap::Subcommand;
use editorial::access::{self, NewPerson};
use schema::{
    access::{Login, PersonKind},
    viewer::Viewer,
};
use serde_json::{Value, json};
use store::{
    Session,
    access::people::{self, Person},
};

use super::{
    Answer, Failure, Hub, Language,
    answer::table,
    grants::{WrittenGrant, written},
};

/// Accounts read at once.
const PAGE: u32 = 200;

/// What can be done with accounts.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// 新建账号 / Make an account
    Create {
        /// 账号名：小写字母、数字和 . _ - @ / Login: small letters, digits and . _ - @
        login: Login,
        /// 名称 / What people call it
        #[arg(long)]
        name: String,
        /// 账号属于程序而非人 / It belongs to a program, not to somebody
        #[arg(long)]
        service: bool,
        /// 授权，可多次：角色、角色@authority:代号、角色@site:代号 / What it is granted, may be
        /// repeated: ROLE, ROLE@authority:KEY, ROLE@site:KEY
        #[arg(long = "role", value_name = "GRANT")]
        roles: Vec<WrittenGrant>,
    },
    /// 列出账号 / List the accounts
    List,
    /// 停用账号及其全部令牌 / Disable an account, and with it all its tokens
    Disable {
        /// 账号名 / Login
        login: Login,
    },
    /// 授予角色 / Grant a role
    Grant {
        /// 账号名 / Login
        login: Login,
        /// 授权：角色、角色@authority:代号、角色@site:代号 / ROLE, ROLE@authority:KEY, ROLE@site:KEY
        grant: WrittenGrant,
    },
    /// 收回角色 / Take a role away
    Revoke {
        /// 账号名 / Login
        login: Login,
        /// 授权：角色、角色@authority:代号、角色@site:代号 / ROLE, ROLE@authority:KEY, ROLE@site:KEY
        grant: WrittenGrant,
    },
}

pub(crate) async fn run(hub: &Hub, command: Command) -> Result<Answer, Failure> {
    let person = match command {
        Command::List => return list(hub).await,
        Command::Create { login, name, service, roles } => {
            let kind = if service { PersonKind::Service } else { PersonKind::Person };
            let (person, _) = editorial::work!(&hub.desk, &hub.operator, work => {
                let mut grants = Vec::with_capacity(roles.len());
                for role in &roles {
                    grants.push(role.find(work.session()).await?);
                }
                let (login, name) = (login.clone(), name.clone());
                access::create_person(work, NewPerson { login, name, kind, grants }).await
            })?;
            person
        }
        Command::Disable { login } => {
            let (person, _) = editorial::work!(&hub.desk, &hub.operator, work => {
                access::disable_person(work, &login).await
            })?;
            person
        }
        Command::Grant { login, grant } => {
            let (person, _) = editorial::work!(&hub.desk, &hub.operator, work => {
                let grant = grant.find(work.session()).await?;
                access::grant_role(work, &login, grant).await
            })?;
            person
        }
        Command::Revoke { login, grant } => {
            let (person, _) = editorial::work!(&hub.desk, &hub.operator, work => {
                let grant = grant.find(work.session()).await?;
                access::revoke_role(work, &login, grant).await
            })?;
            person
        }
    };
    let mut session = hub.desk.store.reader().await?;
    let (row, value) = told(&mut session, &person, hub.language).await?;
    Ok(Answer::new(table(header(hub.language), [row]), &value))
}

async fn list(hub: &Hub) -> Result<Answer, Failure> {
    let mut session = hub.desk.store.snapshot().await?;
    let viewer = Viewer::Known(hub.operator.clone());
    let (mut rows, mut values) = (Vec::new(), Vec::new());
    let mut after = None;
    loop {
        let (people, next) = people::page(&mut session, &viewer, after.as_ref(), PAGE).await?;
        for person in people {
            let (row, value) = told(&mut session, &person, hub.language).await?;
            rows.push(row);
            values.push(value);
        }
        match next {
            Some(_) => after = next,
            None => break,
        }
    }
    Ok(Answer::new(table(header(hub.language), rows), &values))
}

fn header(language: Language) -> [&'static str; 5] {
    match language {
        Language::Zh => ["账号", "名称", "类别", "授权", "停用时间"],
        Language::En => ["login", "name", "kind", "grants", "disabled"],
    }
}

async fn told(
    session: &mut Session,
    person: &Person,
    language: Language,
) -> Result<([String; 5], Value), store::Error> {
    let grants = written(session, &person.grants).await?;
    let kind = match person.kind {
        PersonKind::Person => language.say("人员", "person"),
        PersonKind::Service => language.say("程序", "service"),
    };
    let row = [
        person.login.to_string(),
        person.name.clone(),
        kind.to_owned(),
        grants.join(" "),
        person.disabled_at.map(|at| at.to_string()).unwrap_or_default(),
    ];
    let value = json!({
        "id": person.id,
        "login": person.login,
        "name": person.name,
        "kind": person.kind,
        "grants": grants,
        "createdAt": person.created_at.to_string(),
        "disabledAt": person.disabled_at.map(|at| at.to_string()),
    });
    Ok((row, value))
}
