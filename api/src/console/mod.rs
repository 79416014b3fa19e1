//! `/console`: the pages on which people sign in and review.
//!
//! They are made on the server, work without scripts, and call the functions that the management
//! API calls: nothing can be done here that cannot be done there, and nothing is decided here.

mod account;
mod acts;
mod cosigning;
mod document;
mod form;
mod frame;
mod plan;
mod queue;
mod shown;
mod sign_in;
mod static_files;
mod trouble;

use std::sync::Arc;

use axum::{
    Router,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware,
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use editorial::{
    Desk,
    sign_in::{Owed, SignedIn},
};
use schema::origin::{Credential, Origin};

use self::frame::{Frame, Person, Tongue};
use crate::{
    AppState, Problem,
    authentication::Authentication,
    http::{
        bounds::{Bounds, bounded},
        origin,
    },
};

/// Bytes of a form.
const BODY: usize = 64 << 10;
/// Everything comes from the hub, and pages stand in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// What pages are made with.
struct Console {
    state: AppState,
    authentication: Authentication,
}

type Shared = axum::extract::State<Arc<Console>>;

/// The routes of the pages.
pub(crate) fn routes(state: &AppState, authentication: &Authentication) -> Router {
    let authentication = authentication.with_sessions();
    let console = Console { state: state.clone(), authentication };
    let routes = Router::new()
        .route("/console", get(queue::page))
        .route("/console/sign-in", get(sign_in::page).post(sign_in::sign_in))
        .route("/console/sign-out", post(sign_in::sign_out))
        .route("/console/password", get(sign_in::password_page).post(sign_in::change_password))
        .route("/console/second-factor", get(sign_in::code_page).post(sign_in::show))
        .route("/console/second-factor/setup", get(sign_in::setup_page).post(sign_in::set_up))
        .route("/console/second-factor/confirmation", post(sign_in::confirm))
        .route("/console/account", get(account::page))
        .route("/console/account/sessions/{session}/end", post(account::end))
        .route("/console/documents/{document}", get(document::page))
        .route("/console/documents/{document}/{act}", post(acts::act))
        .route("/console/cosigning/{cosignature}", get(cosigning::page))
        .route("/console/cosigning/{cosignature}/{act}", post(cosigning::act))
        .route("/console/language/{tag}", get(frame::choose))
        .with_state(Arc::new(console))
        .layer(middleware::from_fn(trouble::as_a_page));
    let routes = routes.merge(static_files::routes());
    bounded(routes, Bounds { body: BODY, time: state.settings.time_limit }, &state.places)
}

/// Where somebody stands who asks for a page.
enum Visitor {
    /// Who works.
    Works(Box<SignedIn>),
    /// To be sent to another page first.
    Elsewhere(Response),
}

/// From where a request comes.
struct Whence(Origin);

impl<S: Sync> FromRequestParts<S> for Whence {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(origin(&parts.extensions)))
    }
}

impl Whence {
    /// The same where somebody is signed in.
    fn of(self, signed_in: &SignedIn) -> Origin {
        Origin { credential: Some(Credential::from(signed_in.session)), ..self.0 }
    }
}

impl Console {
    /// The desk at which somebody acts.
    fn desk(&self, whence: Whence, signed_in: &SignedIn) -> Desk {
        self.state.desk.of(whence.of(signed_in))
    }

    /// Who asks for a page on which people work; whoever is not that far is sent there.
    async fn visitor(&self, headers: &HeaderMap, path: &str) -> Result<Visitor, Problem> {
        let Some(signed_in) = self.authentication.signed_in(headers).await? else {
            let next = url::form_urlencoded::byte_serialize(path.as_bytes()).collect::<String>();
            return Ok(Visitor::Elsewhere(to(&format!("/console/sign-in?next={next}"))));
        };
        Ok(match step(signed_in.owed) {
            Some(step) => Visitor::Elsewhere(to(step)),
            None => Visitor::Works(Box::new(signed_in)),
        })
    }

    /// What stands around the page of somebody who works.
    fn frame(&self, headers: &HeaderMap, signed_in: &SignedIn, title: (&str, &str)) -> Frame {
        let mut frame = Frame::new(Tongue::of(headers), title);
        frame.person = Some(Person {
            name: signed_in.actor.name.clone(),
            form_token: signed_in.form_token.clone(),
            works: signed_in.owed == Owed::Nothing,
        });
        frame
    }
}

/// The page on which what is owed is done.
const fn step(owed: Owed) -> Option<&'static str> {
    match owed {
        Owed::SecondFactor => Some("/console/second-factor"),
        Owed::NewPassword => Some("/console/password"),
        Owed::SetUpSecondFactor => Some("/console/second-factor/setup"),
        Owed::Nothing => None,
    }
}

fn to(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// A page as it is sent: kept by nobody, and allowed nothing but what the hub itself sends.
fn page(status: StatusCode, template: &impl askama::Template) -> Result<Response, Problem> {
    let html = template.render().map_err(Problem::fault)?;
    let mut response = (status, html).into_response();
    secure(response.headers_mut());
    Ok(response)
}

fn secure(headers: &mut HeaderMap) {
    const HEADERS: [(HeaderName, &str); 5] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        // Under `no-referrer` browsers do not say from where a form comes.
        (header::REFERRER_POLICY, "same-origin"),
        (header::VARY, "cookie, accept-language"),
    ];
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
