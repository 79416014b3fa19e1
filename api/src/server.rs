//! The server: connections in, answers out, and a stop that loses none.
//!
//! HTTP/1.1 and HTTP/2 without TLS on one port, which a proxy in front ends TLS for. The loop
//! is our own because a server that faces strangers needs what a bare accept loop lacks:
//! bounds on slow heads, on streams, on connections.

use std::{io, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::Request};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto::Builder,
        graceful::{GracefulShutdown, Watcher},
    },
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    task::JoinSet,
    time::{sleep, timeout},
};
use tower::{Layer as _, ServiceExt as _};

use crate::{
    AppState,
    content::http::{KeptFirst, KeptFirstLayer},
    http::{HangUp, Peer},
    operations::metrics,
};

/// How long a connection may take to its first request: what a silent one holds is a place.
const FIRST: Duration = Duration::from_secs(15);
/// How long a connection may rest between requests, the head of the next one included. Longer
/// than proxies keep theirs, so that it is they who end one.
const REST: Duration = Duration::from_secs(75);
/// How long to wait when the system has no more sockets to give.
const NO_SOCKETS: Duration = Duration::from_millis(500);
/// How long the last rows of the audit may take to be written.
const AUDITED: Duration = Duration::from_secs(10);
/// Requests under way on one HTTP/2 connection.
const STREAMS: u32 = 128;
/// After a silence of this length an HTTP/2 peer is asked whether it is still there.
const STILL_THERE: Duration = Duration::from_secs(30);

/// Serves on `listener` until `stop` is done. Then no connection is accepted any more, and
/// requests under way have `stop_limit` to finish; what is not finished by then is cut off.
pub async fn serve(listener: TcpListener, state: AppState, stop: impl Future<Output = ()> + Send) {
    let settings = Arc::clone(&state.settings);
    let door = state.door.clone();
    let audited = state.audited();
    let follower = state.follower.clone();
    let service = KeptFirstLayer::new(state.clone()).layer(crate::router(state));
    let places = Arc::new(Semaphore::new(settings.connections));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let upkeep = async {
        loop {
            sleep(metrics::UPKEEP).await;
            if let Some(measurements) = metrics::measurements() {
                measurements.run_upkeep();
            }
        }
    };
    let accept = async {
        loop {
            // A closed semaphore is the only error, and nobody closes this one.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let (stream, peer) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) if is_the_callers(&error) => continue,
                Err(error) => {
                    tracing::error!(%error, "no connection can be accepted");
                    sleep(NO_SOCKETS).await;
                    continue;
                }
            };
            while connections.try_join_next().is_some() {}
            let served = connection(stream, Peer(peer), service.clone(), graceful.watcher());
            connections.spawn(async move {
                served.await;
                drop(place);
            });
        }
    };
    tokio::select! {
        () = accept => {}
        () = follower.keep_up() => {}
        () = upkeep => {}
        () = stop => {}
    }
    drop(listener);
    tracing::info!("stopping: finishing the requests under way");
    door.close();
    let finished = async { tokio::join!(graceful.shutdown(), door.emptied()) };
    if timeout(settings.stop_limit, finished).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "stopped before every request was finished"
        );
    }
    connections.shutdown().await;
    if timeout(AUDITED, audited).await.is_err() {
        tracing::error!("stopped before all that was to be kept in the audit was written");
    }
}

/// Serves one connection to its end.
async fn connection(stream: TcpStream, peer: Peer, service: KeptFirst<Router>, watcher: Watcher) {
    // Answers are written whole; waiting for more would only delay them.
    let _ = stream.set_nodelay(true);
    let (first, asked) = watch::channel(false);
    let hang_up = HangUp::default();
    let cut = hang_up.clone();
    let service = service.map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
        first.send_if_modified(|asked| !std::mem::replace(asked, true));
        request.extensions_mut().insert(peer);
        request.extensions_mut().insert(hang_up.clone());
        request.map(Body::new) as Request
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(REST);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(STILL_THERE)
        .max_concurrent_streams(STREAMS);
    let connection = builder
        .serve_connection_with_upgrades(TokioIo::new(stream), TowerToHyperService::new(service))
        .into_owned();
    tokio::select! {
        outcome = watcher.watch(connection) => {
            // What goes wrong on a connection is mostly the other end's affair.
            if let Err(error) = outcome {
                tracing::debug!(%error, "a connection broke off");
            }
        }
        () = cut.asked() => tracing::debug!("a connection takes nothing and is cut"),
        () = silence(asked) => tracing::debug!("a connection asked for nothing"),
    }
}

/// Done when nothing was asked in time; never when something was.
async fn silence(mut asked: watch::Receiver<bool>) {
    if timeout(FIRST, asked.wait_for(|asked| *asked)).await.is_ok() {
        std::future::pending::<()>().await;
    }
}

/// Whether a connection failed before it was there, which says nothing of the next one.
fn is_the_callers(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
