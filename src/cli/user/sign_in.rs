//! How accounts sign in, from the command line: a first password, and what helps somebody who is
//! locked out.

use clap::Subcommand;
use editorial::sign_in;
use schema::{access::Login, viewer::Viewer};
use serde_json::json;
use store::access::people;

use crate::{
    cli::{Answer, Failure, Hub, Language, answer::table},
    settings::Settings,
};

/// What can be done about how accounts sign in.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// 代设口令并显示一次：三日内有效，登录后须先更换；各处登录随即结束 / Make a password and show it once:
    /// good for three days and for choosing another; every session of the account ends
    Password {
        /// 账号名 / Login
        login: Login,
    },
    /// 解除登录失败的等待 / Let somebody try again at once who failed too often
    Unlock {
        /// 账号名 / Login
        login: Login,
    },
    /// 移除遗失的第二因素，各处登录随即结束 / Remove a second factor that was lost; every session of the
    /// account ends
    ResetSecondFactor {
        /// 账号名 / Login
        login: Login,
    },
    /// 列出或结束各处登录 / List where an account is signed in, or end it
    Sessions {
        /// 账号名 / Login
        login: Login,
        /// 全部结束 / End all of them
        #[arg(long)]
        end: bool,
    },
}

pub(crate) async fn run(
    hub: &Hub,
    settings: &Settings,
    command: Command,
) -> Result<Answer, Failure> {
    match command {
        Command::Password { login } => password(hub, settings, &login).await,
        Command::Unlock { login } => {
            editorial::work!(&hub.desk, &hub.operator, work => {
                sign_in::unlock(work, &login).await
            })?;
            Ok(done(hub, &login, ("可以立即再试", "may try again at once")))
        }
        Command::ResetSecondFactor { login } => {
            editorial::work!(&hub.desk, &hub.operator, work => {
                sign_in::reset_second_factor(work, &login).await
            })?;
            Ok(done(hub, &login, ("已没有第二因素", "has no second factor now")))
        }
        Command::Sessions { login, end } => {
            if end {
                editorial::work!(&hub.desk, &hub.operator, work => {
                    sign_in::end_all(work, &login, None).await
                })?;
            }
            sessions(hub, settings, &login).await
        }
    }
}

async fn password(hub: &Hub, settings: &Settings, login: &Login) -> Result<Answer, Failure> {
    let sign_in = settings.sign_in(&*hub.desk.entropy)?;
    let given = sign_in::give_password(&hub.desk, &sign_in, &hub.operator, login).await?;
    let password = given.password.reveal();
    let text = match hub.language {
        Language::Zh => format!(
            "{login} 的口令（只显示这一次）：{password}\n三日内有效；登录后须先换成自己的口令。\n"
        ),
        Language::En => format!(
            "The password of {login}, shown this once: {password}\nIt is good for three days, and for choosing another.\n"
        ),
    };
    Ok(Answer::new(text, &json!({ "login": login, "password": password })))
}

fn done(hub: &Hub, login: &Login, (zh, en): (&str, &str)) -> Answer {
    let text = match hub.language {
        Language::Zh => format!("{login}：{zh}\n"),
        Language::En => format!("{login} {en}\n"),
    };
    Answer::new(text, &json!({ "login": login }))
}

async fn sessions(hub: &Hub, settings: &Settings, login: &Login) -> Result<Answer, Failure> {
    let viewer = Viewer::Known(hub.operator.clone());
    let mut session = hub.desk.store.reader().await?;
    let found = people::person(&mut session, &viewer, login).await?;
    let person = found.ok_or_else(|| {
        Failure::from(editorial::Error::from(editorial::Refusal::not_found("person", login)))
    })?;
    let (rules, now) = (settings.sign_in.rules(), hub.desk.clock.now());
    let open = sign_in::open_sessions(&mut session, &rules, &person, now).await?;
    let header = match hub.language {
        Language::Zh => ["登录时间", "最近使用", "地址", "浏览器"],
        Language::En => ["began", "last used", "address", "browser"],
    };
    let rows = open.iter().map(|one| {
        [
            one.began_at.to_string(),
            one.seen_at.to_string(),
            one.address.clone().unwrap_or_default(),
            one.agent.clone().unwrap_or_default(),
        ]
    });
    let values: Vec<_> = open
        .iter()
        .map(|one| {
            json!({
                "id": one.id, "beganAt": one.began_at.to_string(),
                "seenAt": one.seen_at.to_string(), "address": one.address, "agent": one.agent,
            })
        })
        .collect();
    Ok(Answer::new(table(header, rows), &values))
}
