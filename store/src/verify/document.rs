//! Each document against its events, and what lists, links and derived data say of it
//! against its live edition.

use schema::{
    edition::{Content, edition_digest},
    ids::DocumentId,
    log::{DocumentEvent, Subject},
    visibility::{EventKind, Visibility},
};
use uuid::Uuid;

use super::Run;
use crate::{
    Error,
    documents::{self, Document},
    editions::{self, Edition},
    erasures, links, listing, log,
    publications::{self, Publication},
};

const PAGE: u32 = 200;

pub(super) async fn verify(run: &mut Run<'_>) -> Result<(), Error> {
    let mut after = None;
    loop {
        let page = documents::every(&mut run.session, after, PAGE).await;
        let Some((page, next)) = run.readable(None, page)? else { return Ok(()) };
        for document in page {
            run.progress.documents += 1;
            let result = verify_one(run, &document).await;
            run.readable(Some(document.id), result)?;
        }
        run.step();
        after = next;
        if after.is_none() {
            return verify_strays(run).await;
        }
    }
}

async fn verify_one(run: &mut Run<'_>, document: &Document) -> Result<(), Error> {
    let publications = publications::of_document(&mut run.session, document.id).await?;
    verify_editions(run, document).await?;
    verify_events(run, document, &publications).await?;
    let last = publications.last();
    let numbered = publications.iter().map(|publication| publication.number);
    if !numbered.eq(1..=document.last_edition) {
        run.found(
            "publications_differ",
            Some(document.id),
            "版本号不连续",
            "the numbers of its editions have gaps",
        );
    }
    let shows = matches!(document.visibility, Visibility::Live | Visibility::Withdrawn);
    if document.live != last.filter(|_| shows).map(|last| last.edition) {
        run.found(
            "live_differs",
            Some(document.id),
            "在线版本不是最后发布的版本",
            "its live edition is not the one that was published last",
        );
    }
    verify_shown(run, document).await
}

async fn verify_editions(run: &mut Run<'_>, document: &Document) -> Result<(), Error> {
    let ids = fetch_all!(
        run.session,
        (Uuid,),
        "SELECT id FROM edition WHERE document_id = $1 ORDER BY id",
        document.id.uuid(),
    )?;
    let accounted =
        erasures::is_accounted_for(&mut run.session, document.id, document.visibility).await?;
    for (id,) in ids {
        let edition = editions::edition(&mut run.session, id.into()).await;
        let Some(Some(edition)) = run.readable(Some(document.id), edition)? else { continue };
        match &edition.text {
            None if !accounted => run.found(
                "edition_empty",
                Some(document.id),
                "版本已空，却没有销毁指令",
                "an edition is empty, and no erasure was ordered",
            ),
            Some(_) if document.visibility == Visibility::Erased => run.found(
                "not_erased",
                Some(document.id),
                "已销毁的信息仍存有文本",
                "the document was erased, but an edition still holds its text",
            ),
            Some(text) => {
                let expected = edition_digest(text.content_digest, &text.place);
                if expected.ok() != Some(text.digest) {
                    run.found(
                        "edition_changed",
                        Some(document.id),
                        "版本的发布位置或摘要值已被改动",
                        "the place or the digest of an edition was changed",
                    );
                }
            }
            None => {}
        }
    }
    Ok(())
}

async fn verify_events(
    run: &mut Run<'_>,
    document: &Document,
    publications: &[Publication],
) -> Result<(), Error> {
    let events = log::of_document(&mut run.session, document.id).await?;
    let mut published = publications.iter();
    let mut last = None;
    for stored in &events {
        let Subject::Document(event) = &stored.event.subject else { continue };
        if event.site.is_some() {
            continue;
        }
        last = Some(event);
        let adds_edition =
            matches!(stored.event.kind, EventKind::Publish | EventKind::Correct | EventKind::Move);
        if adds_edition {
            let publication = published.next();
            verify_publication(run, document, event, publication).await?;
        }
    }
    if published.next().is_some() {
        run.found(
            "event_missing",
            Some(document.id),
            "有版本发布过，日志中却没有",
            "an edition was published without an event in the log",
        );
    }
    let state = last.map_or(Visibility::Unpublished, |event| event.visibility);
    if state != document.visibility {
        run.found(
            "visibility_differs",
            Some(document.id),
            format!("信息状态为 {}，日志却为 {}", document.visibility.as_str(), state.as_str()),
            format!("it is {}, the log says {}", document.visibility.as_str(), state.as_str()),
        );
    }
    Ok(())
}

async fn verify_publication(
    run: &mut Run<'_>,
    document: &Document,
    event: &DocumentEvent,
    publication: Option<&Publication>,
) -> Result<(), Error> {
    let Some(publication) = publication.filter(|found| found.number == event.edition) else {
        run.found(
            "publication_missing",
            Some(document.id),
            format!("日志中第 {} 版没有发布记录", event.edition),
            format!("the log tells of edition {}, which has no publication", event.edition),
        );
        return Ok(());
    };
    let edition = editions::edition(&mut run.session, publication.edition).await;
    let edition: Option<Edition> = run.readable(Some(document.id), edition)?.flatten();
    let text = edition.and_then(|edition| edition.text);
    if text.is_some_and(|text| text.commitment() != event.commitment) {
        run.found(
            "commitment_differs",
            Some(document.id),
            format!("第 {} 版与日志中的承诺值不符", event.edition),
            format!("edition {} is not the one the log committed to", event.edition),
        );
    }
    Ok(())
}

/// Lists, values, links and derived data of what is shown.
async fn verify_shown(run: &mut Run<'_>, document: &Document) -> Result<(), Error> {
    let Some(live) = document.live else { return Ok(()) };
    let Some(text) = editions::edition(&mut run.session, live).await?.and_then(|e| e.text) else {
        return Ok(());
    };
    let content = editions::content(&mut run.session, text.content_digest).await?;
    if document.visibility == Visibility::Live {
        verify_lists(run, document.id, &content).await?;
    }
    let derived = fetch_optional!(
        run.session,
        (i64,),
        "SELECT renderer FROM derived WHERE content_digest = $1",
        text.content_digest.as_bytes().as_slice(),
    )?;
    if derived.is_none() {
        run.found(
            "derived_missing",
            Some(document.id),
            "缺少由文本生成的数据，请运行 gongbao reindex",
            "what is derived from its text is missing: run `gongbao reindex`",
        );
    }
    Ok(())
}

async fn verify_lists(
    run: &mut Run<'_>,
    document: DocumentId,
    content: &Content,
) -> Result<(), Error> {
    let Some(content_type) = run.types.get(&content.r#type) else {
        run.found(
            "type_missing",
            Some(document),
            format!("内容类型 {} 已不存在", content.r#type),
            format!("its content type {} does not exist any more", content.r#type),
        );
        return Ok(());
    };
    let expected = listing::expected(&mut run.session, document, content_type, content).await?;
    if listing::of_document(&mut run.session, document).await? != expected {
        run.found(
            "listing_differs",
            Some(document),
            "列表或筛选索引与在线版本不符，请运行 gongbao reindex",
            "lists or filters do not show its live edition: run `gongbao reindex`",
        );
    }
    if links::of_document(&mut run.session, document).await? != content.links {
        run.found(
            "links_differ",
            Some(document),
            "链接索引与在线版本不符，请运行 gongbao reindex",
            "its indexed links are not those of its live edition: run `gongbao reindex`",
        );
    }
    Ok(())
}

/// Rows that show what is not live.
async fn verify_strays(run: &mut Run<'_>) -> Result<(), Error> {
    let strays = fetch_all!(
        run.session,
        (Uuid,),
        "SELECT d.id FROM document d WHERE d.visibility <> 'live' AND (\
         EXISTS (SELECT 1 FROM listing l WHERE l.document_id = d.id) OR \
         EXISTS (SELECT 1 FROM field_value v WHERE v.document_id = d.id) OR \
         EXISTS (SELECT 1 FROM link k WHERE k.document_id = d.id))",
    )?;
    for (document,) in strays {
        run.found(
            "shown_without_being_live",
            Some(document.into()),
            "信息不在线，列表中却有它，请运行 gongbao reindex",
            "it is not live, but lists still show it: run `gongbao reindex`",
        );
    }
    Ok(())
}
