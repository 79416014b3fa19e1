//! The pages of signing in, one for each step.

use askama::Template;
use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::Response,
};
use editorial::{
    Error, Refusal,
    sign_in::{self, Begun, Device, Owed, Password, SignInRefusal, SignedIn},
};
use qrcode::{QrCode, render::svg};
use schema::{
    message::{Bilingual, Fault},
    origin::Origin,
};

use super::{
    Console, Shared, Whence,
    form::Form,
    frame::{Frame, Tongue},
    page as sent, step, to,
};
use crate::{Problem, authentication::cookie, http::ClientAddress};

/// Points on a side of the picture that an authenticator reads.
const PICTURE: u32 = 208;

#[derive(Template)]
#[template(path = "console/sign_in.html")]
struct SignIn {
    frame: Frame,
    login: String,
    next: String,
}

#[derive(Template)]
#[template(path = "console/code.html")]
struct Code {
    frame: Frame,
    form_token: String,
}

#[derive(Template)]
#[template(path = "console/password.html")]
struct NewPassword {
    frame: Frame,
    form_token: String,
    login: String,
    owed: bool,
}

#[derive(Template)]
#[template(path = "console/setup.html")]
struct SetUp {
    frame: Frame,
    form_token: String,
    shown: Option<Enrolment>,
    /// Whether a code is asked for without the picture.
    entering: bool,
}

struct Enrolment {
    picture: String,
    login: String,
    secret: String,
}

#[derive(Template)]
#[template(path = "console/recovery.html")]
struct Recovery {
    frame: Frame,
    codes: Vec<String>,
}

/// `GET /console/sign-in`
pub(super) async fn page(
    State(console): Shared,
    address: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if let Some(signed_in) = console.authentication.signed_in(&headers).await? {
        return Ok(to(step(signed_in.owed).unwrap_or("/console")));
    }
    let asked = url::form_urlencoded::parse(address.query().unwrap_or_default().as_bytes());
    let next = asked.into_owned().find_map(|(name, value)| (name == "next").then_some(value));
    let next = next.unwrap_or_default();
    let frame = Frame::new(Tongue::of(&headers), TITLE);
    sent(StatusCode::OK, &SignIn { frame, login: String::new(), next })
}

const TITLE: (&str, &str) = ("登录", "Sign in");

/// `POST /console/sign-in`
pub(super) async fn sign_in(
    State(console): Shared,
    address: Option<axum::Extension<ClientAddress>>,
    whence: Whence,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let form = Form::read(&headers, &body)?;
    let address = address.map(|axum::Extension(address)| address);
    console.authentication.check_failures(address)?;
    let password = Password::typed(form.text("password"));
    let (login, next) = (form.text("login").to_owned(), form.text("next").to_owned());
    let device = device(address, &headers);
    let Console { state, .. } = &*console;
    let desk = state.desk.of(whence.0);
    let begun = sign_in::begin(&desk, &state.sign_in, &login, &password, &device).await;
    match begun {
        Ok(begun) => {
            let next = Some(next).filter(|next| is_ours(next));
            let next = next.unwrap_or_else(|| "/console".to_owned());
            Ok(moved(&begun, step(begun.owed).unwrap_or(&next)))
        }
        Err(error) => {
            let refusal = refused(error)?;
            let mut frame = Frame::new(Tongue::of(&headers), TITLE);
            frame.refused(&refusal);
            let problem = console.counted(address, &desk.origin, &refusal);
            sent(problem.status(), &SignIn { frame, login, next })
        }
    }
}

/// An address of the console, and of nothing else: whoever sends somebody here cannot send them on.
fn is_ours(path: &str) -> bool {
    (path == "/console" || path.starts_with("/console/") || path.starts_with("/console?"))
        && !path.contains(['\\', '\r', '\n'])
}

/// `POST /console/sign-out`
pub(super) async fn sign_out(
    State(console): Shared,
    whence: Whence,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let mut response = to("/console/sign-in");
    if let Some(signed_in) = console.authentication.signed_in(&headers).await? {
        Form::of(&signed_in, &headers, &body)?;
        sign_in::end(&console.desk(whence, &signed_in), &signed_in).await?;
        let (name, value) = cookie::cleared();
        response.headers_mut().append(name, value);
    }
    Ok(response)
}

/// `GET /console/second-factor`
pub(super) async fn code_page(
    State(console): Shared,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some(signed_in) = console.authentication.signed_in(&headers).await? else {
        return Ok(to("/console/sign-in"));
    };
    if signed_in.owed != Owed::SecondFactor {
        return Ok(to(step(signed_in.owed).unwrap_or("/console")));
    }
    code(&console, &headers, &signed_in, None)
}

fn code(
    console: &Console,
    headers: &HeaderMap,
    signed_in: &SignedIn,
    refusal: Option<(StatusCode, &Refusal)>,
) -> Result<Response, Problem> {
    let title = ("出示第二因素", "Show your second factor");
    let mut frame = console.frame(headers, signed_in, title);
    let status = refusal.map_or(StatusCode::OK, |(status, _)| status);
    if let Some((_, refusal)) = refusal {
        frame.refused(refusal);
    }
    sent(status, &Code { frame, form_token: signed_in.form_token.clone() })
}

/// `POST /console/second-factor`
pub(super) async fn show(
    State(console): Shared,
    address: Option<axum::Extension<ClientAddress>>,
    whence: Whence,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let signed_in = console.half(&headers).await?;
    let form = Form::of(&signed_in, &headers, &body)?;
    let address = address.map(|axum::Extension(address)| address);
    console.authentication.check_failures(address)?;
    let Console { state, .. } = &*console;
    let desk = console.desk(whence, &signed_in);
    let shown = sign_in::show_second_factor(&desk, &state.sign_in, &signed_in, form.text("code"));
    match shown.await {
        Ok(begun) => Ok(moved(&begun, step(begun.owed).unwrap_or("/console"))),
        Err(error) => {
            let refusal = refused(error)?;
            let status = console.counted(address, &desk.origin, &refusal).status();
            code(&console, &headers, &signed_in, Some((status, &refusal)))
        }
    }
}

/// `GET /console/password`
pub(super) async fn password_page(
    State(console): Shared,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some(signed_in) = console.authentication.signed_in(&headers).await? else {
        return Ok(to("/console/sign-in"));
    };
    if signed_in.owed == Owed::SecondFactor {
        return Ok(to("/console/second-factor"));
    }
    password(&console, &headers, &signed_in, None)
}

fn password(
    console: &Console,
    headers: &HeaderMap,
    signed_in: &SignedIn,
    refusal: Option<&Refusal>,
) -> Result<Response, Problem> {
    let mut frame = console.frame(headers, signed_in, ("更换口令", "Change your password"));
    let mut status = StatusCode::OK;
    if let Some(refusal) = refusal {
        frame.refused(refusal);
        status = Problem::from(refusal.clone()).status();
    }
    let owed = signed_in.owed == Owed::NewPassword;
    let login = signed_in.login.to_string();
    let page = NewPassword { frame, form_token: signed_in.form_token.clone(), login, owed };
    sent(status, &page)
}

/// `POST /console/password`
pub(super) async fn change_password(
    State(console): Shared,
    whence: Whence,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let signed_in = console.half(&headers).await?;
    let form = Form::of(&signed_in, &headers, &body)?;
    if form.text("wanted") != form.text("again") {
        let fault = Fault::new(
            "again",
            "differs",
            "两次输入的新口令不同，请重新输入",
            "the new password was not typed alike twice: type it again",
        );
        let refusal = Refusal::Invalid(vec![fault]);
        return password(&console, &headers, &signed_in, Some(&refusal));
    }
    let current = Password::typed(form.text("current"));
    let wanted = Password::typed(form.text("wanted"));
    let Console { state, .. } = &*console;
    let desk = console.desk(whence, &signed_in);
    let changed = sign_in::change_password(&desk, &state.sign_in, &signed_in, &current, &wanted);
    match changed.await {
        Ok(begun) => Ok(moved(&begun, step(begun.owed).unwrap_or("/console/account"))),
        Err(error) => password(&console, &headers, &signed_in, Some(&refused(error)?)),
    }
}

const SET_UP: (&str, &str) = ("设置第二因素", "Set up a second factor");

/// `GET /console/second-factor/setup`
pub(super) async fn setup_page(
    State(console): Shared,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Some(signed_in) = console.authentication.signed_in(&headers).await? else {
        return Ok(to("/console/sign-in"));
    };
    if matches!(signed_in.owed, Owed::SecondFactor | Owed::NewPassword) {
        return Ok(to(step(signed_in.owed).unwrap_or("/console")));
    }
    let frame = console.frame(&headers, &signed_in, SET_UP);
    let form_token = signed_in.form_token;
    sent(StatusCode::OK, &SetUp { frame, form_token, shown: None, entering: false })
}

/// `POST /console/second-factor/setup`
pub(super) async fn set_up(
    State(console): Shared,
    whence: Whence,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let signed_in = console.half(&headers).await?;
    Form::of(&signed_in, &headers, &body)?;
    let Console { state, .. } = &*console;
    let desk = console.desk(whence, &signed_in);
    let begun = sign_in::begin_second_factor(&desk, &state.sign_in, &signed_in).await?;
    let code = QrCode::new(begun.uri.as_bytes()).map_err(Problem::fault)?;
    let picture = code.render::<svg::Color<'_>>().min_dimensions(PICTURE, PICTURE).build();
    // Within a page it is an element, not a document.
    let picture = picture.split_once("?>").map_or(picture.as_str(), |(_, svg)| svg).to_owned();
    let shown = Enrolment { picture, login: signed_in.login.to_string(), secret: begun.secret };
    let frame = console.frame(&headers, &signed_in, SET_UP);
    let form_token = signed_in.form_token;
    sent(StatusCode::OK, &SetUp { frame, form_token, shown: Some(shown), entering: false })
}

/// `POST /console/second-factor/confirmation`
pub(super) async fn confirm(
    State(console): Shared,
    whence: Whence,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let signed_in = console.half(&headers).await?;
    let form = Form::of(&signed_in, &headers, &body)?;
    let Console { state, .. } = &*console;
    let desk = &console.desk(whence, &signed_in);
    let with = &state.sign_in;
    match sign_in::confirm_second_factor(desk, with, &signed_in, form.text("code")).await {
        Ok(recovery) => {
            let secret = recovery.begun.secret.reveal();
            let signed_in = sign_in::authenticate(desk, with, secret).await?;
            let signed_in = signed_in.ok_or_else(over)?;
            let frame = console.frame(&headers, &signed_in, ("恢复码", "Recovery codes"));
            let mut response = sent(StatusCode::OK, &Recovery { frame, codes: recovery.codes })?;
            let (name, value) = cookie::set(&recovery.begun.secret);
            response.headers_mut().append(name, value);
            Ok(response)
        }
        Err(error) => {
            let refusal = refused(error)?;
            let mut frame = console.frame(&headers, &signed_in, SET_UP);
            frame.refused(&refusal);
            let status = Problem::from(refusal).status();
            let form_token = signed_in.form_token;
            sent(status, &SetUp { frame, form_token, shown: None, entering: true })
        }
    }
}

impl Console {
    /// Somebody whose session may still owe something.
    async fn half(&self, headers: &HeaderMap) -> Result<SignedIn, Problem> {
        self.authentication.signed_in(headers).await?.ok_or_else(over)
    }

    /// A refusal as a problem; a guess counts against its address, and stands in the audit as far as
    /// that is bounded.
    fn counted(
        &self,
        address: Option<ClientAddress>,
        whence: &Origin,
        refusal: &Refusal,
    ) -> Problem {
        let problem = Problem::from(refusal.clone());
        match refusal {
            Refusal::SignIn(SignInRefusal::Wrong | SignInRefusal::WrongCode) => {
                self.state.trail.sign_in_refused(whence);
                self.authentication.failed(address, problem)
            }
            _ => problem,
        }
    }
}

/// What can be told to whoever asked; a fault is nobody's to hear.
pub(super) fn refused(error: Error) -> Result<Refusal, Problem> {
    match error {
        Error::Refused(refusal) => Ok(*refusal),
        Error::Store(error) => Err(error.into()),
    }
}

/// On to another page, with the session's new secret.
fn moved(begun: &Begun, path: &str) -> Response {
    let mut response = to(path);
    let (name, value) = cookie::set(&begun.secret);
    response.headers_mut().append(name, value);
    response
}

fn device(address: Option<ClientAddress>, headers: &HeaderMap) -> Device {
    let address = address.and_then(|ClientAddress(address)| address);
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    Device::new(address.map(|address| address.to_canonical().to_string()), agent)
}

fn over() -> Problem {
    let Bilingual { zh, en } = SignInRefusal::Over.message();
    Problem::of_status(StatusCode::UNAUTHORIZED).detail(Bilingual::new(zh, en))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_signs_in_is_sent_on_within_the_console_alone() {
        for ours in ["/console", "/console?after=1", "/console/documents/1"] {
            assert!(is_ours(ours), "{ours}");
        }
        for other in
            ["", "//evil.example", "/consolex", "https://evil.example/console", "/console/\\evil"]
        {
            assert!(!is_ours(other), "{other}");
        }
    }
}
