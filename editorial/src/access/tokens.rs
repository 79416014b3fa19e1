//! Making and revoking tokens.

use jiff::Timestamp;
use schema::{
    access::{Granted, Login},
    ids::TokenId,
    message::Fault,
    permission::Grant,
};
use serde_json::{Value, json};
use store::{
    UnitOfWork,
    access::{self, people, tokens, tokens::Token},
    audit,
};
use zeroize::Zeroizing;

use super::{TokenSecret, granted, name_fault, people::find, permit_all, permit_grant};
use crate::{Error, Refusal};

/// A token that does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// The account it acts for.
    pub owner: Login,
    /// What it is for.
    pub name: String,
    /// What it may do at the most; empty for all that its owner may now.
    pub grants: Vec<Grant>,
    /// When it stops being good.
    pub expires_at: Option<Timestamp>,
}

/// A token that was made. The secret is to be had here and never again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedToken {
    /// The token.
    pub token: Token,
    /// What its holder presents.
    pub secret: TokenSecret,
}

/// Makes a token.
///
/// # Errors
/// An account that does not exist, is disabled, or whose contract is over; [`Refusal::Invalid`] for a name or an
/// expiry that lies behind; what [`grant_role`](super::grant_role) refuses, for each grant.
pub async fn create_token(work: &mut UnitOfWork, new: NewToken) -> Result<IssuedToken, Error> {
    let owner = find(work, &new.owner).await?;
    let mut grants: Vec<Granted> = Vec::new();
    for grant in new.grants {
        let granted = granted(work, grant).await?;
        if !grants.contains(&granted) {
            grants.push(granted);
        }
    }
    if grants.is_empty() {
        grants.clone_from(&owner.grants);
    }
    if grants.is_empty() {
        permit_all(work, &grants)?;
    }
    grants.iter().try_for_each(|granted| permit_grant(work, granted))?;
    if !owner.standing.acts_at(work.now()) {
        return Err(Refusal::not_found("person", &new.owner).into());
    }
    let mut faults: Vec<Fault> = name_fault("name", &new.name).into_iter().collect();
    if new.expires_at.is_some_and(|at| at <= work.now()) {
        faults.push(Fault::new(
            "expiresAt",
            "in_the_past",
            "失效时间应晚于现在",
            "give a time that lies ahead",
        ));
    }
    if !faults.is_empty() {
        return Err(Refusal::Invalid(faults).into());
    }
    let secret = TokenSecret::new(&Zeroizing::new(work.new_salt()));
    let token = Token {
        id: work.new_id(),
        owner: owner.id,
        name: new.name.trim().to_owned(),
        hint: secret.hint(),
        grants,
        created_at: work.now(),
        created_by: work.actor().id,
        expires_at: new.expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    tokens::insert(work, &token, secret.hash()).await?;
    for held in &token.grants {
        access::grant(work, token.id.uuid(), held.grant).await?;
    }
    let grants: Vec<Grant> = token.grants.iter().map(|held| held.grant).collect();
    let details = json!({
        "owner": owner.login, "name": token.name, "grants": grants, "expiresAt": token.expires_at,
    });
    note(work, "token.create", token.id, details).await?;
    Ok(IssuedToken { token, secret })
}

/// Revokes a token. Doing it again changes nothing: who takes a lost token back must never
/// hear that it failed because somebody else was quicker.
///
/// # Errors
/// A token that does not exist; missing permission to administer all it was granted, unless
/// it is one's own.
pub async fn revoke_token(work: &mut UnitOfWork, id: TokenId) -> Result<Token, Error> {
    let not_found = || Refusal::not_found("token", id);
    let mut token = tokens::of_work(work, id).await?.ok_or_else(not_found)?;
    if token.owner != work.actor().id {
        permit_all(work, &token.grants)?;
    }
    if token.revoked_at.is_none() {
        tokens::revoke(work, id).await?;
        token.revoked_at = Some(work.now());
        let owner = people::of_work(work, token.owner).await?;
        let details = json!({ "owner": owner.map(|owner| owner.login), "name": token.name });
        note(work, "token.revoke", id, details).await?;
    }
    Ok(token)
}

async fn note(
    work: &mut UnitOfWork,
    action: &str,
    id: TokenId,
    details: Value,
) -> Result<(), Error> {
    Ok(audit::record(work, action, &format!("token:{id}"), &details).await?)
}
