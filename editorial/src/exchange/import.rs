//! Import: what can be asked, and what it comes to. How the records are to be read is decided
//! in `plan`, the way of each through the program is in `run`.

use std::sync::Arc;

use schema::permission::Actor;
use store::files::FileStore;

use super::{
    batch::Intake,
    format::FORMAT,
    plan::{Plan, Prepare, check_header, foreign, locate},
    reading,
    report::Tell,
    run::Run,
};
pub use super::{
    error::ImportError,
    report::{Event, Report, Status, Summary},
    task::Request,
};
use crate::Desk;

/// Imports, and tells of every record once it is committed.
///
/// # Errors
/// Before anything is written: a request, a mapping or an actor that will not do. Later: a
/// failing store, or nobody to hear the reports; what was told is committed and the same call
/// goes on from there.
pub async fn import(
    desk: &Desk,
    files: &Arc<dyn FileStore>,
    actor: &Actor,
    request: Request,
    tell: &mut Tell<'_>,
) -> Result<Summary, ImportError> {
    let (path, format) = locate(&request.path)?;
    let header = reading::first_object(&path, format, request.limits.record);
    let is_export = header
        .as_ref()
        .and_then(|header| header.get("format"))
        .is_some_and(|format| format == FORMAT);
    let plan = if is_export {
        check_header(header)?;
        Plan { prepare: Prepare::Recorded(Arc::clone(&desk.types)), destination: None }
    } else {
        foreign(desk, actor, &request, &path, format).await?
    };
    let intake = Intake::new(desk, Arc::clone(files), actor, plan.destination, request.limits.file);
    let reader = desk.store.reader().await?;
    let run = Run::new(intake, plan.prepare, reader, tell);
    let summary = run.go(path, format, request.limits).await?;
    if summary.published + summary.drafted > 0 {
        desk.store.refresh_statistics().await?;
    }
    Ok(summary)
}
