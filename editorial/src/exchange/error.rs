//! Why an import does not start, or does not go on. A record that is wrong is no error of the
//! import: its [`Report`](super::report::Report) says so, and the rest goes on.

use std::io;

use schema::message::Bilingual;
use store::files::FileError;

use super::{Reason, mapping::MappingError};
use crate::Refusal;

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
