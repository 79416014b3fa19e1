//! `gongbao token`: tokens for programs. The secret is printed once, when it is made.

use clap::Subcommand;
use editorial::{
    Error, Refusal,
    access::{self, NewToken},
};
use jiff::Timestamp;
use schema::{access::Login, ids::TokenId, viewer::Viewer};
use serde_json::{Value, json};
use store::{
    Session,
    access::{
        people,
        tokens::{self, Token},
    },
};

use super::{
    Answer, Failure, Hub, Language,
    answer::table,
    grants::{WrittenGrant, written},
};

/// What can be done with tokens.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// 新建令牌；密文只显示一次 / Make a token; its secret is shown once
    Create {
        /// 所属账号 / Login of the account it acts for
        owner: Login,
        /// 用途 / What it is for
        #[arg(long)]
        name: String,
        /// 授权，可多次；不填则为账号现有的全部授权 / What it may do at the most, may be repeated;
        /// without it all that its owner may now
        #[arg(long = "role", value_name = "GRANT")]
        roles: Vec<WrittenGrant>,
        /// 失效时间，如 2027-01-01T00:00:00+08:00 / When it stops being good
        #[arg(long, value_name = "TIME")]
        expires: Option<Timestamp>,
    },
    /// 列出某账号的令牌 / List the tokens of an account
    List {
        /// 账号名 / Login
        owner: Login,
    },
    /// 吊销令牌 / Revoke a token
    Revoke {
        /// 令牌编号 / Id of the token
        id: TokenId,
    },
}

pub(crate) async fn run(hub: &Hub, command: Command) -> Result<Answer, Failure> {
    match command {
        Command::Create { owner, name, roles, expires } => {
            let (issued, _) = editorial::work!(&hub.desk, &hub.operator, work => {
                let mut grants = Vec::with_capacity(roles.len());
                for role in &roles {
                    grants.push(role.find(work.session()).await?);
                }
                let (owner, name) = (owner.clone(), name.clone());
                access::create_token(work, NewToken { owner, name, grants, expires_at: expires })
                    .await
            })?;
            let mut session = hub.desk.store.reader().await?;
            let (_, mut value) = told(&mut session, &issued.token).await?;
            let secret = issued.secret.reveal();
            value["secret"] = secret.into();
            let note = hub.language.say(
                "请妥善保存，此后不再显示。请求时写作：Authorization: Bearer 令牌",
                "Keep it safe: it is not shown again. In requests: Authorization: Bearer TOKEN",
            );
            Ok(Answer::new(format!("{secret}\n\n{note}\n"), &value))
        }
        Command::List { owner } => list(hub, &owner).await,
        Command::Revoke { id } => {
            let (token, _) = editorial::work!(&hub.desk, &hub.operator, work => {
                access::revoke_token(work, id).await
            })?;
            let mut session = hub.desk.store.reader().await?;
            let (row, value) = told(&mut session, &token).await?;
            Ok(Answer::new(table(header(hub.language), [row]), &value))
        }
    }
}

async fn list(hub: &Hub, owner: &Login) -> Result<Answer, Failure> {
    let mut session = hub.desk.store.snapshot().await?;
    let viewer = Viewer::Known(hub.operator.clone());
    let person = people::person(&mut session, &viewer, owner)
        .await?
        .ok_or_else(|| Error::from(Refusal::not_found("person", owner)))?;
    let (mut rows, mut values) = (Vec::new(), Vec::new());
    for token in tokens::of_person(&mut session, person.id).await? {
        let (row, value) = told(&mut session, &token).await?;
        rows.push(row);
        values.push(value);
    }
    Ok(Answer::new(table(header(hub.language), rows), &values))
}

fn header(language: Language) -> [&'static str; 7] {
    match language {
        Language::Zh => ["编号", "用途", "开头", "授权", "失效", "吊销", "最近使用"],
        Language::En => ["id", "name", "starts", "grants", "expires", "revoked", "last used"],
    }
}

async fn told(session: &mut Session, token: &Token) -> Result<([String; 7], Value), store::Error> {
    let grants = written(session, &token.grants).await?;
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let row = [
        token.id.to_string(),
        token.name.clone(),
        token.hint.clone(),
        grants.join(" "),
        time(token.expires_at).unwrap_or_default(),
        time(token.revoked_at).unwrap_or_default(),
        time(token.last_used_at).unwrap_or_default(),
    ];
    let value = json!({
        "id": token.id,
        "name": token.name,
        "hint": token.hint,
        "grants": grants,
        "createdAt": token.created_at.to_string(),
        "expiresAt": time(token.expires_at),
        "revokedAt": time(token.revoked_at),
        "lastUsedAt": time(token.last_used_at),
    });
    Ok((row, value))
}
