//! Liveness and readiness, as orchestrators and load balancers ask for them.
//!
//! Alive means that the process answers: restarting it would not help otherwise. Ready means
//! that it can do its work: the database answers and is of this program's structure, and
//! files can be written and read.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{Json, extract::State, http::StatusCode};
use schema::message::{Bilingual, Fault};
use serde_json::{Value, json};
use store::{Store, files::FileStore};
use tokio::{sync::Mutex, time::timeout};

use crate::{AppState, Problem};

/// How long the database may take to answer, and the file store.
const PATIENCE: Duration = Duration::from_secs(3);
/// A probe of the file store writes a file, so its outcome is kept for a while.
const KEPT: Duration = Duration::from_secs(10);

/// What readiness is asked of. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Readiness {
    store: Store,
    files: Arc<dyn FileStore>,
    probed: Arc<Mutex<Option<(Instant, bool)>>>,
}

impl Readiness {
    pub(crate) fn new(store: Store, files: Arc<dyn FileStore>) -> Self {
        Self { store, files, probed: Arc::default() }
    }

    /// Everything that keeps the hub from working now.
    async fn faults(&self) -> Vec<Fault> {
        let (database, files) = tokio::join!(self.database(), self.file_store());
        database.into_iter().chain(files).collect()
    }

    async fn database(&self) -> Option<Fault> {
        match timeout(PATIENCE, self.store.structure()).await {
            Ok(Ok(structure)) if structure.is_current() => None,
            Ok(Ok(_)) => Some(Fault::new(
                "structure",
                "structure_differs",
                "数据库结构与本程序版本不符，请使用同一版本",
                "the database's structure is not that of this program: use one version everywhere",
            )),
            outcome => {
                if let Ok(Err(error)) = outcome {
                    tracing::warn!(%error, "the database does not answer");
                }
                Some(Fault::new(
                    "database",
                    "no_answer",
                    "数据库没有应答",
                    "the database does not answer",
                ))
            }
        }
    }

    async fn file_store(&self) -> Option<Fault> {
        let mut probed = self.probed.lock().await;
        let works = match *probed {
            Some((at, works)) if at.elapsed() < KEPT => works,
            _ => {
                let outcome = timeout(PATIENCE, self.files.check()).await;
                if let Ok(Err(error)) = &outcome {
                    tracing::warn!(%error, "the file store does not work");
                }
                let works = matches!(outcome, Ok(Ok(())));
                *probed = Some((Instant::now(), works));
                works
            }
        };
        (!works).then(|| {
            Fault::new("files", "no_answer", "文件存储不可用", "the file store does not work")
        })
    }
}

/// `GET /health/live`
pub(crate) async fn live() -> Json<Value> {
    Json(json!({ "status": "alive" }))
}

/// `GET /health/ready`
pub(crate) async fn ready(State(state): State<AppState>) -> Result<Json<Value>, Problem> {
    let faults = state.readiness.faults().await;
    if faults.is_empty() {
        return Ok(Json(json!({ "status": "ready" })));
    }
    let title = Bilingual::new("服务尚未就绪", "the hub is not ready");
    Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", title)
        .faults(faults)
        .retry_after(5))
}
