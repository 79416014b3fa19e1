//! Import: what can be asked, and what it comes to. How the records are to be read is decided
//! in `plan`, the way of each through the program is in `run`.

use std::{io, path::PathBuf, sync::Arc};

use schema::{
    message::Bilingual,
    names::{ColumnPath, SiteKey, TypeName},
    permission::Actor,
};
use serde::Serialize;
use store::files::{FileError, FileStore};

use super::{
    Limits, Reason,
    batch::Intake,
    format::FORMAT,
    mapping::MappingError,
    plan::{Plan, Prepare, check_header, foreign, locate},
    reading,
    run::Run,
};
use crate::{Desk, Refusal};

pub use super::report::{Report, Status};

/// What is to be imported, and how.
#[derive(Clone, Debug)]
pub struct Request {
    /// File or folder.
    pub path: PathBuf,
    /// The site; not needed for an export of Gongbao, nor are the next two.
    pub site: Option<SiteKey>,
    /// The column, where the mapping names none.
    pub column: Option<ColumnPath>,
    /// The content type.
    pub r#type: Option<TypeName>,
    /// Whether texts are published, not left as drafts.
    pub publishes: bool,
    /// Name and text of a mapping file.
    pub mapping: Option<(String, String)>,
    /// The largest that is taken in.
    pub limits: Limits,
}

/// How an import goes.
#[derive(Debug)]
pub enum Event<'a> {
    /// So many records there are.
    Total(u64),
    /// One of them was dealt with; what it became is committed.
    Record(&'a Report),
}

/// What an import came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Records read.
    pub records: u64,
    /// Live, or live once and superseded.
    pub published: u64,
    /// Drafts.
    pub drafted: u64,
    /// Acts repeated here.
    pub done: u64,
    /// Here already.
    pub unchanged: u64,
    /// Left out for a reason that needs nobody.
    pub skipped: u64,
    /// Wrong.
    pub rejected: u64,
}

/// Why an import did not start or did not go on. What was told before is committed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The request is wrong.
    #[error("{}", .0.message)]
    Wrong(Reason),
    /// The mapping file is wrong: every mistake.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Mapping(Vec<MappingError>),
    /// The actor may not, or names what is not there.
    #[error("{}", .0.message())]
    Refused(Box<Refusal>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The file store failed.
    #[error(transparent)]
    Files(#[from] FileError),
    /// Nobody hears the reports any more.
    #[error("reports cannot be written: {0}")]
    Unheard(#[source] io::Error),
}

impl ImportError {
    /// What is wrong and what to do.
    pub fn message(&self) -> Bilingual {
        match self {
            Self::Wrong(reason) => reason.message.clone(),
            Self::Mapping(mistakes) => {
                let all = |text: fn(&Bilingual) -> &str| {
                    let lines = mistakes.iter().map(|mistake| {
                        format!("{}:{}: {}", mistake.file, mistake.line, text(&mistake.reason))
                    });
                    lines.collect::<Vec<_>>().join("; ")
                };
                Bilingual::new(all(|text| &text.zh), all(|text| &text.en))
            }
            Self::Refused(refusal) => refusal.message(),
            Self::Store(error) => Bilingual::new(
                format!("存储出错：{error}；已报告的记录均已保存，可再次运行以继续"),
                format!(
                    "the store failed: {error}; what was reported is stored, run it again to go on"
                ),
            ),
            Self::Files(error) => error.message(),
            Self::Unheard(error) => Bilingual::new(
                format!("无法写出结果：{error}"),
                format!("reports cannot be written: {error}"),
            ),
        }
    }
}

impl From<Refusal> for ImportError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

pub(super) type Tell<'a> = dyn FnMut(Event<'_>) -> io::Result<()> + Send + 'a;

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
    Run::new(intake, plan.prepare, reader, tell).go(path, format, request.limits).await
}
