//! Kept answers are given at the door: before routing, spans and bounds, which together cost
//! several times what it takes to find one.
//!
//! What goes out here went out before, through all of that, and is the same but for its request
//! id: the routes behind say which kept answer theirs was, and the head it left with is kept
//! beside it. Everything else goes on to them: whoever signs in or asks from another origin,
//! whoever wants a page or a stream, whatever did not arrive together with its head.

use std::{
    convert::Infallible,
    future::poll_fn,
    pin::Pin,
    sync::{Arc, LazyLock},
    task::{Context, Poll},
    time::Instant,
};

use axum::{
    body::{Body, HttpBody},
    extract::Request,
    http::{HeaderValue, Method, header},
    response::Response,
};
use bytes::BytesMut;
use futures_util::{
    StreamExt as _,
    future::{BoxFuture, Either},
    stream,
};
use metrics::{Histogram, histogram};
use tower::{Layer, Service};

use super::{PATH, Raw, is_json, negotiation};
use crate::{
    AppState,
    authentication::previews::PREVIEW,
    content::{
        budget::{ASKING, Who},
        cache::{LONGEST_QUESTION, Page, packed::Coding},
    },
    http::{REQUEST_ID, client_address, request_id},
    operations::metrics::{DURATION, measurements},
};

/// How long kept answers took, by the method: found once, for looking a measurement up by its name
/// costs as much as looking up an answer.
struct Took {
    get: Histogram,
    post: Histogram,
}

static TOOK: LazyLock<Took> = LazyLock::new(|| {
    // Whoever is found before there are measurements is of none for ever.
    measurements();
    let took = |method: &'static str| histogram!(DURATION, "method" => method, "route" => "/graphql", "status" => "200");
    Took { get: took("GET"), post: took("POST") }
});

/// In the extensions of a response: the kept answer that it is, in this form.
#[derive(Clone)]
pub(super) struct Given {
    pub(super) page: Arc<Page>,
    pub(super) coding: Option<Coding>,
}

/// Puts the door before a service.
#[derive(Clone)]
pub(crate) struct KeptFirstLayer {
    state: Arc<AppState>,
}

impl KeptFirstLayer {
    pub(crate) fn new(state: AppState) -> Self {
        Self { state: Arc::new(state) }
    }
}

impl<S> Layer<S> for KeptFirstLayer {
    type Service = KeptFirst<S>;

    fn layer(&self, behind: S) -> Self::Service {
        KeptFirst { state: Arc::clone(&self.state), behind }
    }
}

/// The door, and what is behind it.
#[derive(Clone)]
pub(crate) struct KeptFirst<S> {
    state: Arc<AppState>,
    behind: S,
}

impl<S> Service<Request> for KeptFirst<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Either<S::Future, BoxFuture<'static, Result<Response, Infallible>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.behind.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        if self.state.answers.is_none() || !is_plain_question(&request) {
            return Either::Left(self.behind.call(request));
        }
        // The one that is ready is the one to call.
        let another = self.behind.clone();
        let behind = std::mem::replace(&mut self.behind, another);
        Either::Right(Box::pin(answer(request, Arc::clone(&self.state), behind)))
    }
}

/// Whether nothing but the question and the forms the caller takes decide on the answer.
fn is_plain_question(request: &Request) -> bool {
    let headers = request.headers();
    let takes_data = !negotiation::wants_a_page(headers) && !negotiation::prefers_events(headers);
    let decides =
        [header::AUTHORIZATION, PREVIEW, header::ORIGIN, header::UPGRADE, header::IF_NONE_MATCH];
    request.uri().path() == PATH
        && match *request.method() {
            Method::GET => true,
            Method::POST => is_json(headers),
            _ => false,
        }
        && takes_data
        && !decides.iter().any(|name| headers.contains_key(name))
}

async fn answer<S>(
    request: Request,
    state: Arc<AppState>,
    mut behind: S,
) -> Result<Response, Infallible>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    let began = Instant::now();
    let media = negotiation::media(request.headers());
    let coding = negotiation::coding(request.headers());
    let (request, raw) = taken(request).await;
    if let (Some(raw), Some(answers)) = (raw, &state.answers)
        && let Some(page) = answers.kept(&raw.question(media)).await
        && let Some(mut response) = page.again(coding)
        // Whose budget is spent is told so where all that is said of it is known.
        && state.budgets.take(Who::at(client_address(&state, &request)), ASKING).is_ok()
    {
        if let Ok(id) = HeaderValue::from_str(&request_id(&state, &request)) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        let time = began.elapsed();
        let took = if *request.method() == Method::GET { &TOOK.get } else { &TOOK.post };
        took.record(time);
        tracing::debug!(microseconds = time.as_micros(), "answered with a kept answer");
        return Ok(response);
    }
    let response = behind.call(request).await?;
    if let Some(Given { page, coding }) = response.extensions().get() {
        page.keep_head(&response, *coding);
    }
    Ok(response)
}

/// The question of `request`, where all of it is there already; and the request again.
async fn taken(request: Request) -> (Request, Option<Raw>) {
    if request.method() == Method::GET {
        let query = request.uri().query().unwrap_or_default().to_owned();
        return (request, Some(Raw::Address(query)));
    }
    let (head, mut body) = request.into_parts();
    let mut read = BytesMut::new();
    let there = poll_fn(|context| Poll::Ready(read_what_is_there(&mut body, &mut read, context)));
    let there = there.await;
    let read = read.freeze();
    if let Ok(true) = there {
        return (Request::from_parts(head, Body::from(read.clone())), Some(Raw::Body(read)));
    }
    // What broke off is told again to whoever reads it there.
    let first = stream::iter([Ok(read)].into_iter().chain(there.err().map(Err)));
    let all = Body::from_stream(first.chain(body.into_data_stream()));
    (Request::from_parts(head, all), None)
}

/// Reads without waiting, and says whether that was all of a body that can be a kept question.
fn read_what_is_there(
    body: &mut Body,
    read: &mut BytesMut,
    context: &mut Context<'_>,
) -> Result<bool, axum::Error> {
    while !body.is_end_stream() {
        match Pin::new(&mut *body).poll_frame(context) {
            Poll::Ready(None) => return Ok(true),
            Poll::Ready(Some(frame)) => {
                if let Ok(data) = frame?.into_data() {
                    read.extend_from_slice(&data);
                }
            }
            Poll::Pending => return Ok(false),
        }
        if read.len() > LONGEST_QUESTION {
            return Ok(false);
        }
    }
    Ok(true)
}
