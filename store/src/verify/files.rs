//! Files that texts use, against the file store: there, and as long as they were.

use super::Run;
use crate::{Error, convert, files::FileStore};

const PAGE: i64 = 500;

pub(super) async fn verify(run: &mut Run<'_>, files: &dyn FileStore) -> Result<(), Error> {
    let mut after = Vec::new();
    loop {
        let rows = fetch_all!(
            run.session,
            (Vec<u8>, i64),
            "SELECT digest, size FROM file WHERE digest > $1 ORDER BY digest LIMIT $2",
            after.as_slice(),
            PAGE,
        )?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        after.clone_from(last);
        for (digest, size) in rows {
            run.progress.files += 1;
            let digest = convert::digest("file.digest", &digest)?;
            let stored = files.size(&digest).await?;
            if stored != u64::try_from(size).ok() {
                run.found(
                    "file_missing",
                    None,
                    format!("文件存储中缺少文件 {digest}，或长度不符，请从备份恢复"),
                    format!("the file store lacks {digest}, or it has another length: restore it from a backup"),
                );
            }
        }
        run.step();
    }
}
