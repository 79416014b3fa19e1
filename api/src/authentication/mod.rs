//! From the header `Authorization` to who asks.
//!
//! Every request gets a [`Viewer`]: the public where no token is presented, an account where a
//! good one is, a preview where somebody holds a link or asks for drafts ([`previews`]). A token that
//! is not good is refused, never taken for the public: its holder would believe to be known. Where
//! people work in a browser its session is taken as well ([`cookie`]). Header and cookie are taken
//! out of the request here, so that nothing further in can log them.

pub(crate) mod cookie;
mod failures;
pub(crate) mod previews;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{Extensions, HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use editorial::{
    Desk,
    access::{self, Authenticated, TokenSecret},
    sign_in::{self, Owed, SignIn, SignedIn},
};
use schema::{ids::TokenId, message::Bilingual, viewer::Viewer};

use self::failures::Failures;
use crate::{
    Problem,
    content::live::is_live,
    http::{ClientAddress, PresentedLink, origin},
    trail::Trail,
};

/// What authentication works with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Authentication {
    desk: Desk,
    sign_in: SignIn,
    failures: Arc<Failures>,
    trail: Trail,
    /// Whether drafts can be asked for in the place of what the public reads.
    takes_previews: bool,
    /// Whether the session of a browser makes a caller known.
    takes_sessions: bool,
}

impl Authentication {
    pub(crate) fn new(desk: Desk, sign_in: SignIn, trail: Trail) -> Self {
        let failures = Arc::default();
        Self { desk, sign_in, failures, trail, takes_previews: false, takes_sessions: false }
    }

    /// The same for routes that people use in a browser.
    pub(crate) fn with_sessions(&self) -> Self {
        Self { takes_sessions: true, ..self.clone() }
    }

    /// The same for routes that show drafts in the place of what the public reads, to those who
    /// ask for that.
    pub(crate) fn previewing(&self) -> Self {
        Self { takes_previews: true, ..self.clone() }
    }

    /// Puts the [`Viewer`] into every request to `routes`, or refuses it.
    pub(crate) fn around(&self, routes: Router) -> Router {
        routes.layer(middleware::from_fn_with_state(self.clone(), authenticate))
    }

    /// Who `token` belongs to, for a connection that tells it later than in a header.
    ///
    /// # Errors
    /// As a request with that token is refused.
    pub(crate) async fn admit(
        &self,
        token: &Token,
        address: Option<ClientAddress>,
    ) -> Result<(Viewer, Pass), Problem> {
        let known = self.known(token.0.reveal(), address).await.inspect_err(|_| {
            let mut of = Extensions::new();
            if let Some(address) = address {
                of.insert(address);
            }
            self.trail.sign_in_refused(&origin(&of));
        })?;
        note_use(&self.desk, &known);
        let pass = Pass { desk: self.desk.clone(), token: token.clone() };
        Ok((Viewer::Known(known.actor), pass))
    }

    /// Who asks, with what follows from it left in the extensions of the request.
    async fn viewer(&self, request: &mut Request) -> Result<Viewer, Problem> {
        let wants_drafts = self.takes_previews && previews::wants_drafts(request.headers())?;
        let token = match presented(request.headers()) {
            Presented::Nothing if wants_drafts => return Err(previews::nobody_known()),
            Presented::Nothing if self.takes_sessions => return self.of_session(request).await,
            Presented::Nothing => return Ok(Viewer::Public),
            Presented::Otherwise => return Err(not_good()),
            Presented::Token(token) => token,
        };
        let address = request.extensions().get::<ClientAddress>().copied();
        if self.takes_previews && previews::is_link(&token) {
            let opened = self.opened(&token, address).await?;
            request.extensions_mut().insert(opened.files);
            if let Some((id, hint)) = opened.link {
                request.extensions_mut().insert(PresentedLink(id, hint));
            }
            return Ok(opened.viewer);
        }
        let known = self.known(&token, address).await?;
        note_use(&self.desk, &known);
        let Some(secret) = TokenSecret::parse(&token) else { return Err(not_good()) };
        request.extensions_mut().insert(PresentedToken(known.token));
        if wants_drafts {
            let opened = previews::reading_drafts(&self.desk, &known, &secret)?;
            request.extensions_mut().insert(opened.files);
            return Ok(opened.viewer);
        }
        if is_live(request.method(), request.headers()) {
            let (desk, token) = (self.desk.clone(), Token(Arc::new(secret)));
            request.extensions_mut().insert(Pass { desk, token });
        }
        Ok(Viewer::Known(known.actor))
    }

    /// Who the session of a browser belongs to. A browser sends its cookie whether that is meant or
    /// not, so one that is good no more is as none.
    async fn of_session(&self, request: &mut Request) -> Result<Viewer, Problem> {
        let Some(signed_in) = self.signed_in(request.headers()).await? else {
            return Ok(Viewer::Public);
        };
        let viewer = match signed_in.owed {
            Owed::Nothing => Viewer::Known(signed_in.actor.clone()),
            _ => Viewer::Public,
        };
        if viewer != Viewer::Public
            && !cookie::may_act(&signed_in, request.method(), request.headers())
        {
            return Err(not_from_here());
        }
        request.extensions_mut().insert(signed_in);
        Ok(viewer)
    }

    /// The session that a browser presents, if it is good, with its use noted beside.
    pub(crate) async fn signed_in(&self, headers: &HeaderMap) -> Result<Option<SignedIn>, Problem> {
        let Some(presented) = cookie::presented(headers) else { return Ok(None) };
        let known = sign_in::authenticate(&self.desk, &self.sign_in, presented).await?;
        if let Some(known) = known.as_ref().filter(|known| known.unnoted.is_some()) {
            let (desk, known) = (self.desk.clone(), known.clone());
            tokio::spawn(async move {
                if let Err(error) = sign_in::note_use(&desk, &known).await {
                    tracing::warn!(%error, session = %known.session, "the use of a session was not noted");
                }
            });
        }
        Ok(known)
    }

    async fn known(
        &self,
        presented: &str,
        address: Option<ClientAddress>,
    ) -> Result<Authenticated, Problem> {
        self.check_failures(address)?;
        let found = access::authenticate(&self.desk, presented).await?;
        found.ok_or_else(|| self.failed(address, not_good()))
    }

    /// Refuses an address from which too much was presented that is not good.
    pub(crate) fn check_failures(&self, address: Option<ClientAddress>) -> Result<(), Problem> {
        let address = address.and_then(|ClientAddress(address)| address);
        match self.failures.wait(address, self.desk.clock.now()) {
            Some(seconds) => {
                Err(Problem::of_status(StatusCode::TOO_MANY_REQUESTS).retry_after(seconds))
            }
            None => Ok(()),
        }
    }

    /// Counts what is not good against its address.
    pub(crate) fn failed(&self, address: Option<ClientAddress>, problem: Problem) -> Problem {
        let address = address.and_then(|ClientAddress(address)| address);
        self.failures.note(address, self.desk.clock.now());
        problem
    }
}

async fn authenticate(
    State(authentication): State<Authentication>,
    mut request: Request,
    next: Next,
) -> Response {
    let viewer = match authentication.viewer(&mut request).await {
        Ok(viewer) => viewer,
        Err(problem) => {
            if request.headers().contains_key(header::AUTHORIZATION) {
                authentication.trail.sign_in_refused(&origin(request.extensions()));
            }
            return problem.into_response();
        }
    };
    let of = Arc::new(origin(request.extensions()));
    let link = request.extensions().get::<PresentedLink>();
    let witness = match (&viewer, link) {
        (Viewer::Public, _) => None,
        (_, Some(PresentedLink(id, hint))) => {
            Some(authentication.trail.witness_of_link(id.uuid(), hint, of))
        }
        (Viewer::Known(actor), None) => Some(authentication.trail.witness(actor, of)),
        (Viewer::Preview(preview), None) => Some(authentication.trail.witness(&preview.with, of)),
    };
    if let Some(witness) = witness {
        request.extensions_mut().insert(witness);
    }
    request.headers_mut().remove(header::AUTHORIZATION);
    request.headers_mut().remove(header::COOKIE);
    request.extensions_mut().insert(viewer);
    next.run(request).await
}

/// Notes, beside the request, that a token was used in this hour: nobody waits for it.
fn note_use(desk: &Desk, known: &Authenticated) {
    if known.unnoted.is_none() {
        return;
    }
    let (desk, known) = (desk.clone(), known.clone());
    tokio::spawn(async move {
        if let Err(error) = access::note_use(&desk, &known).await {
            tracing::warn!(%error, token = %known.token, "the use of a token was not noted");
        }
    });
}

/// Which token a request presents; in its extensions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PresentedToken(pub(crate) TokenId);

/// A token as it was presented. Printing it for debugging prints nothing.
#[derive(Clone, Debug)]
pub(crate) struct Token(Arc<TokenSecret>);

impl Token {
    /// Reads what would be the value of the header `Authorization`.
    pub(crate) fn of_header(value: &str) -> Option<Self> {
        let token = of_scheme(value).and_then(|token| TokenSecret::parse(&token))?;
        Some(Self(Arc::new(token)))
    }
}

/// Shows whether a token is still good, for connections that outlive their request.
#[derive(Clone)]
pub(crate) struct Pass {
    desk: Desk,
    token: Token,
}

impl Pass {
    /// Who its token belongs to now; `None` when it is good no more.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(crate) async fn viewer(&self) -> Result<Option<Viewer>, editorial::Error> {
        let known = access::authenticate(&self.desk, self.token.0.reveal()).await?;
        Ok(known.map(|known| Viewer::Known(known.actor)))
    }
}

/// What a request presents.
#[derive(Debug, PartialEq, Eq)]
enum Presented {
    Nothing,
    Token(String),
    /// Another scheme, or several headers.
    Otherwise,
}

fn presented(headers: &HeaderMap) -> Presented {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Presented::Nothing };
    if values.next().is_some() {
        return Presented::Otherwise;
    }
    let token = value.to_str().ok().and_then(of_scheme);
    token.map_or(Presented::Otherwise, Presented::Token)
}

/// The token of a value of the header.
fn of_scheme(value: &str) -> Option<String> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start_matches(' ').to_owned())
}

fn not_good() -> Problem {
    Problem::of_status(StatusCode::UNAUTHORIZED).detail(Bilingual::new(
        "令牌无效、已失效或已吊销，请向管理员申请新的令牌",
        "the token is unknown, expired or revoked: ask an administrator for another",
    ))
}

/// Refuses what a page of another site may have made a browser send.
pub(crate) fn not_from_here() -> Problem {
    Problem::of_status(StatusCode::FORBIDDEN).detail(Bilingual::new(
        "请求不是由本站页面发出的，未作任何修改；请重新载入页面后再试",
        "no page of this hub made this request, and nothing was changed: load the page again",
    ))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn one_bearer_token_is_taken_and_nothing_else() {
        let given = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::AUTHORIZATION, HeaderValue::from_static(value));
            }
            presented(&headers)
        };

        assert_eq!(given(&[]), Presented::Nothing);
        assert_eq!(given(&["Bearer abc"]), Presented::Token("abc".into()));
        assert_eq!(given(&["bearer  abc"]), Presented::Token("abc".into()));
        for wrong in [&["Basic YTpi"][..], &["Bearer"], &["Bearer a", "Bearer b"]] {
            assert_eq!(given(wrong), Presented::Otherwise, "{wrong:?}");
        }
    }
}
