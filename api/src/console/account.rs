//! `/console/account`: how somebody signs in, and where they are.

use askama::Template;
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use editorial::sign_in;
use schema::{ids::SessionId, viewer::Viewer};
use store::access::{passwords, people, second_factors};

use super::{
    Shared, Visitor, Whence,
    form::Form,
    frame::{Frame, Tongue},
    page as sent, to,
};
use crate::Problem;

const HERE: &str = "/console/account";

#[derive(Template)]
#[template(path = "console/account.html")]
struct Account {
    frame: Frame,
    form_token: String,
    login: String,
    password_set: String,
    has_factor: bool,
    codes_left: u32,
    sessions: Vec<Device>,
}

struct Device {
    id: String,
    own: bool,
    agent: String,
    address: String,
    began: String,
    seen: String,
}

/// `GET /console/account`
pub(super) async fn page(State(console): Shared, headers: HeaderMap) -> Result<Response, Problem> {
    let signed_in = match console.visitor(&headers, HERE).await? {
        Visitor::Works(signed_in) => signed_in,
        Visitor::Elsewhere(response) => return Ok(response),
    };
    let state = &console.state;
    let mut session = state.desk.store.reader().await?;
    let (id, now) = (signed_in.actor.id, state.desk.clock.now());
    let viewer = Viewer::Known(signed_in.actor.clone());
    let person = people::person(&mut session, &viewer, &signed_in.login).await?;
    let person = person.ok_or_else(Problem::not_found)?;
    let password = passwords::of(&mut session, id).await?;
    let factor = second_factors::of(&mut session, id).await?;
    let codes_left = second_factors::recovery_codes_left(&mut session, id).await?;
    let open = sign_in::open_sessions(&mut session, &state.sign_in.rules, &person, now).await?;
    let sessions = open.into_iter().map(|one| Device {
        own: one.id == signed_in.session,
        id: one.id.to_string(),
        agent: one.agent.unwrap_or_default(),
        address: one.address.unwrap_or_default(),
        began: Tongue::moment(one.began_at),
        seen: Tongue::moment(one.seen_at),
    });
    let account = Account {
        frame: console.frame(&headers, &signed_in, ("我的账号", "My account")),
        form_token: signed_in.form_token.clone(),
        login: signed_in.login.to_string(),
        password_set: password.map(|kept| Tongue::moment(kept.set_at)).unwrap_or_default(),
        has_factor: factor.is_some_and(|factor| factor.confirmed_at.is_some()),
        codes_left,
        sessions: sessions.collect(),
    };
    sent(StatusCode::OK, &account)
}

/// `POST /console/account/sessions/{session}/end`
pub(super) async fn end(
    State(console): Shared,
    Path(session): Path<String>,
    whence: Whence,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let signed_in = match console.visitor(&headers, HERE).await? {
        Visitor::Works(signed_in) => signed_in,
        Visitor::Elsewhere(response) => return Ok(response),
    };
    Form::of(&signed_in, &headers, &body)?;
    let session: SessionId = session.parse().map_err(|_| Problem::not_found())?;
    let desk = console.desk(whence, &signed_in);
    editorial::work!(&desk, &signed_in.actor, work => {
        sign_in::end_one(work, session).await
    })?;
    Ok(to(HERE))
}
