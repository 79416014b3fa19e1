//! `/metrics`, in the text format of Prometheus.
//!
//! Anything in the process measures through the macros of `metrics`; what the database knows
//! is asked when the page is. Names begin with `gongbao_`, units are in the name.

use std::{sync::OnceLock, time::Duration};

use axum::{extract::State, http::header, response::IntoResponse};
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use store::due_times::{self, Overdue};

use crate::{
    AppState, Problem,
    content::{LAG, LOOKUPS, MADE, UNKEPT, budget, live, persisted},
};

pub(crate) const DURATION: &str = "gongbao_http_request_duration_seconds";
pub(crate) const IN_PROGRESS: &str = "gongbao_http_requests_in_progress";
pub(crate) const STATEMENTS: &str = "gongbao_content_statements_total";
const LOG_HEAD: &str = "gongbao_log_head";
const CONNECTIONS: &str = "gongbao_database_connections";
const KEPT: &str = "gongbao_content_cache_entries";
const KEPT_BYTES: &str = "gongbao_content_cache_bytes";
const SCHEDULES: &str = "gongbao_schedules_overdue";
const BUILD: &str = "gongbao_build_info";

/// Upper edges of the buckets, in seconds: from an answer out of memory to the time limit.
const BUCKETS: [f64; 12] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

/// How often samples are folded into their buckets where nobody asks for the page.
pub(crate) const UPKEEP: Duration = Duration::from_secs(10);

/// The measurements of this process, kept from the first call on. `None` when somebody else
/// in the process keeps them.
pub fn measurements() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    let install = || {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &BUCKETS)
            .ok()?
            .install_recorder()
            .ok()?;
        describe_histogram!(DURATION, Unit::Seconds, "Time to the head of an answer");
        describe_gauge!(IN_PROGRESS, "Requests that are being answered");
        describe_counter!(STATEMENTS, "Statements that questions of the content API took");
        describe_counter!(
            MADE,
            "Answers of the content API that were made, from what was at hand or from the database"
        );
        describe_counter!(LOOKUPS, "Answers of the content API, kept ones and those made anew");
        describe_counter!(
            UNKEPT,
            "Answers of the content API that could not be kept, by the reason"
        );
        describe_histogram!(
            LAG,
            Unit::Seconds,
            "From the commit of an event until no answer of before is given"
        );
        describe_gauge!(KEPT, "Answers of the content API that are kept");
        describe_gauge!(KEPT_BYTES, Unit::Bytes, "Room that they take, about");
        describe_counter!(budget::SPENT, "Questions that were refused because a budget was spent");
        describe_counter!(
            persisted::LOOKUPS,
            "Documents asked for by an identifier, by where they were found"
        );
        describe_gauge!(live::CONNECTIONS, "Connections that listen, by transport");
        describe_gauge!(live::LISTENERS, "Subscriptions under way");
        describe_gauge!(live::DISTINCT, "Different subscriptions among them");
        describe_counter!(live::SENT, "Events sent to listeners");
        describe_counter!(live::SHED, "Listeners that were too slow and had to go");
        describe_histogram!(live::LAG, Unit::Seconds, "From the commit of an event to a listener");
        describe_gauge!(LOG_HEAD, "Number of the last event of the publication log");
        describe_gauge!(CONNECTIONS, "Open connections to the database, by use");
        describe_gauge!(
            SCHEDULES,
            "Schedules that somebody has to look after: late ones, and ones that were refused"
        );
        describe_gauge!(BUILD, "Always 1; the labels tell version and database engine");
        Some(handle)
    };
    HANDLE.get_or_init(install).as_ref()
}

/// `GET /metrics`. A database that is away leaves out what only it knows.
pub(crate) async fn metrics(State(state): State<AppState>) -> Result<impl IntoResponse, Problem> {
    let Some(measurements) = measurements() else { return Err(Problem::not_found()) };
    let store = &state.desk.store;
    let connections = store.connections();
    gauge!(CONNECTIONS, "use" => "idle").set(f64::from(connections.idle));
    gauge!(CONNECTIONS, "use" => "busy").set(f64::from(connections.busy));
    if let Some(answers) = &state.answers {
        let (entries, bytes) = answers.size().await;
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        let (entries, bytes) = (entries as f64, bytes as f64);
        gauge!(KEPT).set(entries);
        gauge!(KEPT_BYTES).set(bytes);
    }
    let engine = match store.engine() {
        store::Engine::Sqlite => "sqlite",
        store::Engine::Postgres => "postgres",
    };
    gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION"), "engine" => engine).set(1.0);
    match store.structure().await {
        // Exact up to 2^53 events.
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        Ok(structure) => gauge!(LOG_HEAD).set(structure.log_head as f64),
        Err(error) => tracing::warn!(%error, "metrics without the database"),
    }
    match overdue(&state).await {
        #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
        Ok(overdue) => {
            gauge!(SCHEDULES, "state" => "late").set(overdue.late as f64);
            gauge!(SCHEDULES, "state" => "refused").set(overdue.refused as f64);
        }
        Err(error) => tracing::warn!(%error, "metrics without what is overdue"),
    }
    let media = "text/plain; version=0.0.4; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, media)], measurements.render()))
}

async fn overdue(state: &AppState) -> Result<Overdue, store::Error> {
    let mut session = state.desk.store.reader().await?;
    due_times::overdue(&mut session, state.desk.clock.now()).await
}
