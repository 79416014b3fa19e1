//! How the demo reaches servers: HTTP over a socket, a connection for each request, to this
//! machine alone. It sends what any other program would.

use std::{net::SocketAddr, time::Duration};

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use hyper::{
    HeaderMap, Method, Request, StatusCode,
    client::conn::http1,
    header::{HOST, HeaderName},
};
use hyper_util::rt::TokioIo;
use schema::message::Bilingual;
use tokio::{net::TcpStream, time::timeout};

/// Until an answer has arrived.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of an answer.
const SIZE: usize = 64 << 20;

/// What came back.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// The body as text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends a request and reads the whole answer.
///
/// # Errors
/// When nobody answers in time, or not in HTTP.
pub(super) async fn send(
    server: SocketAddr,
    method: Method,
    path: &str,
    headers: &[(HeaderName, &str)],
    body: Bytes,
) -> Result<Answer, Bilingual> {
    let said = |why: String| {
        Bilingual::new(
            format!("{method} http://{server}{path} 没有应答：{why}"),
            format!("{method} http://{server}{path} is not answered: {why}"),
        )
    };
    let mut request = Request::builder().method(&method).uri(path).header(HOST, server.to_string());
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let request = request.body(Body::from(body)).map_err(|error| said(error.to_string()))?;
    match timeout(PATIENCE, exchange(server, request)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(said(error.to_string())),
        Err(_) => Err(said(format!("{} s", PATIENCE.as_secs()))),
    }
}

async fn exchange(
    server: SocketAddr,
    request: Request<Body>,
) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect(server).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    // It ends with the connection, which ends with the sender.
    tokio::spawn(connection);
    let (head, body) = sender.send_request(request).await?.into_parts();
    let body = to_bytes(Body::new(body), SIZE).await?;
    Ok(Answer { status: head.status, headers: head.headers, body })
}
