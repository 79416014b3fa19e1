//! `/manage/session`: signing in and out of the management API from a browser, step by step.
//!
//! Each step answers with what is still owed and with the form token of the session as it is then;
//! the session itself travels in a cookie that no script reads. Pages of other origins cannot send
//! these requests: only JSON is taken, and what a browser says of where it comes from is heard.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{FromRequest, Request, State, rejection::JsonRejection},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use editorial::{
    Desk, Error, Refusal,
    sign_in::{self, Begun, Device, Owed, Password, SignInRefusal, SignedIn},
};
use schema::{
    message::Bilingual,
    origin::{Credential, Origin},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    AppState, Problem,
    authentication::{Authentication, cookie, not_from_here},
    http::{
        ClientAddress,
        bounds::{Bounds, bounded},
        origin,
    },
};

/// Bytes of a request.
const BODY: usize = 16 << 10;

/// The routes of signing in.
pub(super) fn routes(state: &AppState, authentication: &Authentication) -> Router {
    let door = Door { state: state.clone(), authentication: authentication.clone() };
    let routes = Router::new()
        .route("/manage/session", get(tell).post(begin).delete(end))
        .route("/manage/session/password", post(change_password))
        .route("/manage/session/second-factor", post(show))
        .route("/manage/session/second-factor/setup", post(begin_setup))
        .route("/manage/session/second-factor/confirmation", post(confirm))
        .route("/manage/session/second-factor/recovery-codes", post(renew_codes))
        .route("/manage/session/second-factor/removal", post(remove))
        .with_state(Arc::new(door));
    bounded(routes, Bounds { body: BODY, time: state.settings.time_limit }, &state.places)
}

/// What signing in works with.
struct Door {
    state: AppState,
    authentication: Authentication,
}

type Shared = State<Arc<Door>>;

/// Account and password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Credentials {
    login: String,
    password: String,
}

/// A change of one's password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewPassword {
    current: String,
    wanted: String,
}

/// A code of an authenticator, or a recovery code.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Code {
    code: String,
}

/// Nothing, written out: a body that is JSON is what a form cannot send.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Empty {}

/// The session as it is now.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    /// What is to be done before it acts for its person.
    owed: Owed,
    login: String,
    name: String,
    /// To be sent in the header `X-Gongbao-Form` with everything that changes something.
    form_token: String,
    /// When it ends if it is not used again.
    good_until: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    recovery_codes: Option<Vec<String>>,
}

impl Told {
    fn of(signed_in: &SignedIn) -> Self {
        Self {
            owed: signed_in.owed,
            login: signed_in.login.to_string(),
            name: signed_in.actor.name.clone(),
            form_token: signed_in.form_token.clone(),
            good_until: signed_in.good_until.to_string(),
            recovery_codes: None,
        }
    }
}

/// `GET /manage/session`
async fn tell(State(door): Shared, headers: HeaderMap) -> Result<Response, Problem> {
    let known = door.authentication.signed_in(&headers).await?;
    let known = known.ok_or_else(over)?;
    Ok(answer(StatusCode::OK, &[], &Told::of(&known)))
}

/// `POST /manage/session`
async fn begin(State(door): Shared, request: Request) -> Result<Response, Problem> {
    if cookie::is_from_elsewhere(request.headers()) {
        return Err(not_from_here());
    }
    let address = request.extensions().get::<ClientAddress>().copied();
    door.authentication.check_failures(address)?;
    let (device, whence) = (device(&request), origin(request.extensions()));
    let Credentials { login, password } = read(request).await?;
    let Door { state, .. } = &*door;
    let password = Password::typed(&password);
    let desk = state.desk.of(whence);
    let begun = sign_in::begin(&desk, &state.sign_in, &login, &password, &device).await;
    let begun = begun.map_err(|error| door.counted(address, &desk.origin, error))?;
    door.told(StatusCode::CREATED, begun, None).await
}

/// `DELETE /manage/session`
async fn end(State(door): Shared, request: Request) -> Result<Response, Problem> {
    let (known, desk) = door.known(&request).await?;
    sign_in::end(&desk, &known).await?;
    let no_store = (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok((StatusCode::NO_CONTENT, [no_store, cookie::cleared()]).into_response())
}

/// `POST /manage/session/password`
async fn change_password(State(door): Shared, request: Request) -> Result<Response, Problem> {
    let (known, desk) = door.known(&request).await?;
    let NewPassword { current, wanted } = read(request).await?;
    let (current, wanted) = (Password::typed(&current), Password::typed(&wanted));
    let Door { state, .. } = &*door;
    let begun = sign_in::change_password(&desk, &state.sign_in, &known, &current, &wanted).await?;
    door.told(StatusCode::OK, begun, None).await
}

/// `POST /manage/session/second-factor`
async fn show(State(door): Shared, request: Request) -> Result<Response, Problem> {
    let address = request.extensions().get::<ClientAddress>().copied();
    door.authentication.check_failures(address)?;
    let (known, desk) = door.known(&request).await?;
    let Code { code } = read(request).await?;
    let Door { state, .. } = &*door;
    let begun = sign_in::show_second_factor(&desk, &state.sign_in, &known, &code).await;
    let begun = begun.map_err(|error| door.counted(address, &desk.origin, error))?;
    door.told(StatusCode::OK, begun, None).await
}

/// `POST /manage/session/second-factor/setup`
async fn begin_setup(State(door): Shared, request: Request) -> Result<Response, Problem> {
    let (known, desk) = door.known(&request).await?;
    let Empty {} = read(request).await?;
    let Door { state, .. } = &*door;
    let begun = sign_in::begin_second_factor(&desk, &state.sign_in, &known).await?;
    let body = serde_json::json!({ "secret": begun.secret, "uri": begun.uri });
    Ok(answer(StatusCode::OK, &[], &body))
}

/// `POST /manage/session/second-factor/confirmation`
async fn confirm(State(door): Shared, request: Request) -> Result<Response, Problem> {
    let (known, desk) = door.known(&request).await?;
    let Code { code } = read(request).await?;
    let Door { state, .. } = &*door;
    let recovery = sign_in::confirm_second_factor(&desk, &state.sign_in, &known, &code).await?;
    door.told(StatusCode::OK, recovery.begun, Some(recovery.codes)).await
}

/// `POST /manage/session/second-factor/recovery-codes`
async fn renew_codes(State(door): Shared, request: Request) -> Result<Response, Problem> {
    let (known, desk) = door.known(&request).await?;
    let Code { code } = read(request).await?;
    let Door { state, .. } = &*door;
    let codes = sign_in::renew_recovery_codes(&desk, &state.sign_in, &known, &code).await?;
    let told = Told { recovery_codes: Some(codes), ..Told::of(&known) };
    Ok(answer(StatusCode::OK, &[], &told))
}

/// `POST /manage/session/second-factor/removal`
async fn remove(State(door): Shared, request: Request) -> Result<Response, Problem> {
    let (known, desk) = door.known(&request).await?;
    let Code { code } = read(request).await?;
    let Door { state, .. } = &*door;
    sign_in::remove_second_factor(&desk, &state.sign_in, &known, &code).await?;
    Ok(answer(StatusCode::OK, &[], &Told::of(&known)))
}

impl Door {
    /// Whose session a request presents that changes something, and the desk at which they act.
    fn known<'door>(
        &'door self,
        request: &Request,
    ) -> impl Future<Output = Result<(SignedIn, Desk), Problem>> + Send + use<'door> {
        // A body cannot be lent to another thread, so it is not kept while the store is asked.
        let (method, headers) = (request.method().clone(), request.headers().clone());
        let whence = origin(request.extensions());
        async move {
            let known = self.authentication.signed_in(&headers).await?.ok_or_else(over)?;
            match cookie::may_act(&known, &method, &headers) {
                true => {
                    let credential = Some(Credential::from(known.session));
                    let desk = self.state.desk.of(Origin { credential, ..whence });
                    Ok((known, desk))
                }
                false => Err(not_from_here()),
            }
        }
    }

    /// What came of a step: the session has another secret now.
    async fn told(
        &self,
        status: StatusCode,
        begun: Begun,
        recovery_codes: Option<Vec<String>>,
    ) -> Result<Response, Problem> {
        let Self { state, .. } = self;
        let secret = begun.secret.reveal();
        let known = sign_in::authenticate(&state.desk, &state.sign_in, secret).await?;
        let told = Told { recovery_codes, ..Told::of(&known.ok_or_else(over)?) };
        Ok(answer(status, &[cookie::set(&begun.secret)], &told))
    }

    /// The refusal of a guess, which counts against its address, and stands in the audit as far as
    /// that is bounded.
    fn counted(&self, address: Option<ClientAddress>, whence: &Origin, error: Error) -> Problem {
        let is_guess = matches!(&error, Error::Refused(refusal) if matches!(
            **refusal,
            Refusal::SignIn(SignInRefusal::Wrong | SignInRefusal::WrongCode)
        ));
        let problem = error.into();
        if !is_guess {
            return problem;
        }
        self.state.trail.sign_in_refused(whence);
        self.authentication.failed(address, problem)
    }
}

fn device(request: &Request) -> Device {
    let address = request.extensions().get::<ClientAddress>();
    let address = address.and_then(|ClientAddress(address)| *address);
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    Device::new(address.map(|address| address.to_canonical().to_string()), agent)
}

async fn read<T: DeserializeOwned>(request: Request) -> Result<T, Problem> {
    match Json::<T>::from_request(request, &()).await {
        Ok(Json(body)) => Ok(body),
        Err(JsonRejection::MissingJsonContentType(_)) => {
            Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE))
        }
        // What stands in the body is never repeated: it may be a password.
        Err(_) => Err(Problem::of_status(StatusCode::BAD_REQUEST).detail(Bilingual::new(
            "请求体应为约定字段的 JSON 对象，见 /openapi.json",
            "the body is a JSON object of the fields that /openapi.json describes",
        ))),
    }
}

fn answer(
    status: StatusCode,
    cookies: &[(HeaderName, HeaderValue)],
    body: &impl Serialize,
) -> Response {
    let mut response = (status, Json(body)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in cookies {
        headers.append(name.clone(), value.clone());
    }
    response
}

fn over() -> Problem {
    Error::from(SignInRefusal::Over).into()
}
