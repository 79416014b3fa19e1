//! What can go wrong with files, in words that say what to do.

use std::{io, path::Path};

use schema::{digest::Digest, message::Bilingual};

/// A file could not be stored, read or removed. The text names places, never secrets.
#[derive(Debug, thiserror::Error)]
#[error("{}", self.message())]
pub enum FileError {
    /// There is no file of this digest.
    NotFound(Digest),
    /// The file is longer than its place allows.
    TooLarge {
        /// What would have been accepted, in bytes.
        limit: u64,
    },
    /// No byte of the file lies in the range asked for.
    OutOfRange {
        /// Length of the file in bytes.
        size: u64,
    },
    /// What is stored is not what the digest says: the disk or somebody changed it.
    Damaged(Digest),
    /// The body that was being stored could not be read to its end.
    Source(#[source] io::Error),
    /// The place cannot be written to.
    ReadOnly {
        /// Folder or bucket.
        place: String,
    },
    /// The place has no room left.
    Full {
        /// Folder or bucket.
        place: String,
    },
    /// The service knows us not, or not for this.
    Refused {
        /// Bucket.
        place: String,
        /// The service's code for it.
        code: String,
    },
    /// The address or the settings of the store are wrong.
    Settings(Bilingual),
    /// The disk or the service failed; the same call may work later.
    Unavailable {
        /// Folder or bucket.
        place: String,
        /// What was heard of it.
        reason: String,
    },
}

impl FileError {
    /// What a failure of the file system at `place` means.
    pub(super) fn at(place: &Path, error: &io::Error) -> Self {
        let name = place.display().to_string();
        match error.kind() {
            // The last: the process may write no longer files (`ulimit -f`).
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => Self::Full { place: name },
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                Self::ReadOnly { place: name }
            }
            io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                Self::Settings(Bilingual::new(
                    format!("“{name}”不是文件夹，请在 GONGBAO_ASSETS 中填写一个文件夹"),
                    format!("{name} is not a folder: name a folder in GONGBAO_ASSETS"),
                ))
            }
            _ => Self::Unavailable { place: name, reason: error.to_string() },
        }
    }

    /// What is wrong and what to do.
    pub fn message(&self) -> Bilingual {
        match self {
            Self::NotFound(digest) => Bilingual::new(
                format!("没有摘要为 {digest} 的文件"),
                format!("there is no file with the digest {digest}"),
            ),
            Self::TooLarge { limit } => Bilingual::new(
                format!("文件超过上限（{limit} 字节），请压缩或拆分后再传"),
                format!("the file is longer than {limit} bytes: compress or split it"),
            ),
            Self::OutOfRange { size } => Bilingual::new(
                format!("请求的范围不在文件之内（文件共 {size} 字节）"),
                format!("the range asked for lies outside the file of {size} bytes"),
            ),
            Self::Damaged(digest) => Bilingual::new(
                format!("文件 {digest} 的内容与摘要不符，请从备份恢复或重新上传"),
                format!(
                    "the content of file {digest} does not match its digest: \
                     restore it from a backup or upload it again"
                ),
            ),
            Self::Source(error) => Bilingual::new(
                format!("文件没有传完（{error}），请重新上传"),
                format!("the file did not arrive completely ({error}): upload it again"),
            ),
            Self::ReadOnly { place } => Bilingual::new(
                format!("“{place}”不可写，请检查权限和挂载方式"),
                format!("{place} cannot be written to: check its permissions and its mount"),
            ),
            Self::Full { place } => Bilingual::new(
                format!("“{place}”空间不足，请清理或扩容"),
                format!("{place} is full: free or add space"),
            ),
            Self::Refused { place, code } => Bilingual::new(
                format!("“{place}”拒绝访问（{code}），请检查存储桶名称、密钥及其权限"),
                format!(
                    "{place} refused access ({code}): check the name of the bucket, \
                     the keys and what they may do"
                ),
            ),
            Self::Settings(message) => message.clone(),
            Self::Unavailable { place, reason } => Bilingual::new(
                format!("“{place}”暂时不可用（{reason}），请检查存储服务和网络"),
                format!("{place} is unavailable ({reason}): check the storage and the network"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_of_the_disk_says_what_to_do() {
        let at = |kind| FileError::at(Path::new("/srv/assets"), &io::Error::from(kind));

        assert!(matches!(at(io::ErrorKind::StorageFull), FileError::Full { .. }));
        assert!(matches!(at(io::ErrorKind::QuotaExceeded), FileError::Full { .. }));
        assert!(matches!(at(io::ErrorKind::FileTooLarge), FileError::Full { .. }));
        assert!(matches!(at(io::ErrorKind::ReadOnlyFilesystem), FileError::ReadOnly { .. }));
        assert!(matches!(at(io::ErrorKind::PermissionDenied), FileError::ReadOnly { .. }));
        assert!(matches!(at(io::ErrorKind::TimedOut), FileError::Unavailable { .. }));
        assert_eq!(
            at(io::ErrorKind::StorageFull).message(),
            Bilingual::new(
                "“/srv/assets”空间不足，请清理或扩容",
                "/srv/assets is full: free or add space"
            )
        );
    }
}
