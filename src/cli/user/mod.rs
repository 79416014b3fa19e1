//! `gongbao user`: accounts without the console, the first administrator among them.

mod sign_in;

use clap::{Args, Subcommand};
use editorial::access::{self, NewPerson, PersonChange, Terms};
use jiff::civil::Date;
use schema::{
    access::{Login, PersonKind},
    standing::Employment,
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
use crate::settings::Settings;

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
        #[command(flatten)]
        terms: WrittenTerms,
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
    /// 重新启用账号 / Let a disabled account be used again
    Enable {
        /// 账号名 / Login
        login: Login,
    },
    /// 修改名称、用工性质与合同截止日 / Change what people call an account, and its terms
    Change {
        /// 账号名 / Login
        login: Login,
        /// 名称 / What people call it
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        terms: WrittenTerms,
        /// 合同不再有截止日 / The contract has no end any more
        #[arg(long, conflicts_with = "contract_ends")]
        no_contract_end: bool,
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
    #[command(flatten)]
    SignIn(sign_in::Command),
}

/// On what terms somebody has an account, as far as it was said.
#[derive(Args)]
pub(crate) struct WrittenTerms {
    /// 用工性质：permanent（在编，默认）、contract（聘用）、outsourced（外包） / How somebody is
    /// employed: permanent (as a rule), contract, outsourced
    #[arg(long, value_parser = employment)]
    employment: Option<Employment>,
    /// 合同的最后一天，外包人员必填，账号到期自动失效 / The last day of the contract, required of
    /// outsourced staff: access ends with it
    #[arg(long, value_name = "YYYY-MM-DD")]
    contract_ends: Option<Date>,
}

impl WrittenTerms {
    /// `terms` with what was said laid over them.
    fn over(&self, terms: Terms) -> Terms {
        Terms {
            employment: self.employment.or(terms.employment),
            contract_ends_on: self.contract_ends.or(terms.contract_ends_on),
        }
    }
}

fn employment(word: &str) -> Result<Employment, String> {
    Employment::parse(word).ok_or_else(|| {
        let known = Employment::ALL.map(Employment::as_str).join(", ");
        format!("{word:?} is none of / 用工性质应为: {known}")
    })
}

pub(crate) async fn run(
    hub: &Hub,
    settings: &Settings,
    command: Command,
) -> Result<Answer, Failure> {
    let person = match command {
        Command::List => return list(hub).await,
        Command::SignIn(command) => return sign_in::run(hub, settings, command).await,
        Command::Create { login, name, service, terms, roles } => {
            let kind = if service { PersonKind::Service } else { PersonKind::Person };
            let (person, _) = editorial::work!(&hub.desk, &hub.operator, work => {
                let mut grants = Vec::with_capacity(roles.len());
                for role in &roles {
                    grants.push(role.find(work.session()).await?);
                }
                let (login, name) = (login.clone(), name.clone());
                let terms = terms.over(Terms::usual(kind));
                access::create_person(work, NewPerson { login, name, kind, terms, grants }).await
            })?;
            person
        }
        Command::Disable { login } => {
            let (person, _) = editorial::work!(&hub.desk, &hub.operator, work => {
                access::disable_person(work, &login).await
            })?;
            person
        }
        Command::Enable { login } => {
            let (person, _) = editorial::work!(&hub.desk, &hub.operator, work => {
                access::enable_person(work, &login).await
            })?;
            person
        }
        Command::Change { login, name, terms, no_contract_end } => {
            let viewer = Viewer::Known(hub.operator.clone());
            let mut session = hub.desk.store.reader().await?;
            let known = people::person(&mut session, &viewer, &login).await?;
            drop(session);
            let mut now = known.map_or_else(Terms::default, |person| Terms {
                employment: person.standing.employment,
                contract_ends_on: person.standing.contract_ends_on,
            });
            if no_contract_end {
                now.contract_ends_on = None;
            }
            let (person, _) = editorial::work!(&hub.desk, &hub.operator, work => {
                let change = PersonChange { name: name.clone(), terms: Some(terms.over(now)) };
                access::change_person(work, &login, change).await
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

fn header(language: Language) -> [&'static str; 7] {
    match language {
        Language::Zh => ["账号", "名称", "类别", "用工性质", "合同截止", "授权", "停用时间"],
        Language::En => {
            ["login", "name", "kind", "employment", "contract ends", "grants", "disabled"]
        }
    }
}

async fn told(
    session: &mut Session,
    person: &Person,
    language: Language,
) -> Result<([String; 7], Value), store::Error> {
    let grants = written(session, &person.grants).await?;
    let kind = match person.kind {
        PersonKind::Person => language.say("人员", "person"),
        PersonKind::Service => language.say("程序", "service"),
    };
    let standing = &person.standing;
    let employment = standing.employment.map(Employment::label);
    let employment = employment.map(|label| label.for_locale(language.locale()).to_owned());
    let row = [
        person.login.to_string(),
        person.name.clone(),
        kind.to_owned(),
        employment.unwrap_or_default(),
        standing.contract_ends_on.map(|day| day.to_string()).unwrap_or_default(),
        grants.join(" "),
        standing.disabled_at.map(|at| at.to_string()).unwrap_or_default(),
    ];
    let value = json!({
        "id": person.id,
        "login": person.login,
        "name": person.name,
        "kind": person.kind,
        "grants": grants,
        "createdAt": person.created_at.to_string(),
        "employment": standing.employment,
        "contractEndsOn": standing.contract_ends_on,
        "disabledAt": standing.disabled_at.map(|at| at.to_string()),
    });
    Ok((row, value))
}
