//! Every stored text against the digest it is stored under.

use schema::{canonical::to_canonical, digest::Digest, edition::Content};
use uuid::Uuid;

use super::Run;
use crate::Error;

const PAGE: i64 = 200;

pub(super) async fn verify(run: &mut Run<'_>) -> Result<(), Error> {
    let mut after = Vec::new();
    loop {
        // Read as bytes: a damaged text need not be text any more.
        let sql = dialect!(run.session,
            sqlite: "SELECT digest, CAST(body AS BLOB) FROM content WHERE digest > $1 ORDER BY digest LIMIT $2",
            postgres: "SELECT digest, convert_to(body, 'UTF8') FROM content WHERE digest > $1 ORDER BY digest LIMIT $2",
        );
        let rows = fetch_all!(run.session, (Vec<u8>, Vec<u8>), sql, after.as_slice(), PAGE)?;
        let Some((last, _)) = rows.last() else { return Ok(()) };
        after.clone_from(last);
        for (digest, body) in rows {
            run.progress.texts += 1;
            if let Some(reason) = what_is_wrong(&digest, &body) {
                name_documents(run, &digest, reason).await?;
            }
        }
        run.step();
    }
}

fn what_is_wrong(digest: &[u8], body: &[u8]) -> Option<&'static str> {
    if Digest::of(body).as_bytes() != digest {
        return Some("its digest differs");
    }
    let canonical = std::str::from_utf8(body)
        .ok()
        .and_then(|text| Content::from_canonical(text).ok())
        .and_then(|content| to_canonical(&content).ok());
    (canonical.as_deref().map(str::as_bytes) != Some(body)).then_some("it is not canonical")
}

async fn name_documents(
    run: &mut Run<'_>,
    digest: &[u8],
    reason: &'static str,
) -> Result<(), Error> {
    let holders = fetch_all!(
        run.session,
        (Uuid,),
        "SELECT DISTINCT document_id FROM edition WHERE content_digest = $1",
        digest,
    )?;
    let holders = holders.into_iter().map(|(id,)| Some(id.into())).collect::<Vec<_>>();
    let holders = if holders.is_empty() { vec![None] } else { holders };
    for document in holders {
        run.found(
            "text_changed",
            document,
            "存储的文本与其摘要值不符，已被改动或损坏，请从备份恢复",
            format!("a stored text was changed or damaged ({reason}): restore it from a backup"),
        );
    }
    Ok(())
}
