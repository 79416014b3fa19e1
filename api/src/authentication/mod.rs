//! From the header `Authorization` to who asks.
//!
//! Every request gets a [`Viewer`]: the public where no token is presented, an account where a
//! good one is. A token that is not good is refused, never taken for the public: its holder
//! would believe to be known. The header is taken out of the request here, so that nothing
//! further in can log it.

mod failures;

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use editorial::{
    Desk,
    access::{self, Authenticated},
};
use schema::{message::Bilingual, viewer::Viewer};

use self::failures::Failures;
use crate::{Problem, http::ClientAddress};

/// What authentication works with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Authentication {
    desk: Desk,
    failures: Arc<Failures>,
}

impl Authentication {
    pub(crate) fn new(desk: Desk) -> Self {
        Self { desk, failures: Arc::default() }
    }

    /// Puts the [`Viewer`] into every request to `routes`, or refuses it.
    pub(crate) fn around(&self, routes: Router) -> Router {
        routes.layer(middleware::from_fn_with_state(self.clone(), authenticate))
    }

    async fn known(
        &self,
        presented: &str,
        address: Option<ClientAddress>,
    ) -> Result<Authenticated, Problem> {
        let address = address.and_then(|ClientAddress(address)| address);
        if let Some(seconds) = self.failures.wait(address, self.desk.clock.now()) {
            return Err(Problem::of_status(StatusCode::TOO_MANY_REQUESTS).retry_after(seconds));
        }
        let found = access::authenticate(&self.desk, presented).await?;
        found.ok_or_else(|| {
            self.failures.note(address, self.desk.clock.now());
            not_good()
        })
    }
}

async fn authenticate(
    State(authentication): State<Authentication>,
    mut request: Request,
    next: Next,
) -> Response {
    let viewer = match presented(request.headers()) {
        Presented::Nothing => Viewer::Public,
        Presented::Otherwise => return not_good().into_response(),
        Presented::Token(token) => {
            let address = request.extensions().get::<ClientAddress>().copied();
            match authentication.known(&token, address).await {
                Ok(known) => {
                    note_use(&authentication.desk, &known);
                    Viewer::Known(known.actor)
                }
                Err(problem) => return problem.into_response(),
            }
        }
    };
    request.headers_mut().remove(header::AUTHORIZATION);
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
    let token = value.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start_matches(' ').to_owned())
    });
    token.map_or(Presented::Otherwise, Presented::Token)
}

fn not_good() -> Problem {
    Problem::of_status(StatusCode::UNAUTHORIZED).detail(Bilingual::new(
        "令牌无效、已失效或已吊销，请向管理员申请新的令牌",
        "the token is unknown, expired or revoked: ask an administrator for another",
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
