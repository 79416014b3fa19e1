//! People of the house with a token, for stories that go through a socket.

use editorial::access::{NewPerson, NewToken, Terms, create_person, create_token};
use schema::{
    access::{Login, PersonKind},
    ids::TokenId,
    permission::{Grant, Role, Scope},
};

use crate::house::House;

impl House {
    /// A new account that holds `role` on the hub, by its token: the id, and the header that
    /// presents it.
    pub async fn account_with_token(&self, login: &str, role: Role) -> (TokenId, String) {
        let (id, secret) = self.account(login, vec![Grant { role, scope: Scope::Hub }]).await;
        (id, format!("Bearer {secret}"))
    }

    /// A new account with `grants`, by its token: the id, and the secret.
    pub async fn account(&self, login: &str, grants: Vec<Grant>) -> (TokenId, String) {
        let login: Login = login.parse().expect("a login");
        let person = NewPerson {
            login: login.clone(),
            name: format!("账号 {login}"),
            kind: PersonKind::Person,
            terms: Terms::usual(PersonKind::Person),
            grants,
        };
        let token =
            NewToken { owner: login, name: "story".into(), grants: vec![], expires_at: None };
        let issued = self
            .act(async |work| {
                create_person(work, person.clone()).await?;
                create_token(work, token.clone()).await
            })
            .await
            .expect("an account with a token");
        (issued.token.id, issued.secret.reveal().to_owned())
    }
}
