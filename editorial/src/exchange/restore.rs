//! Taking in what another hub exported, or this one earlier: the same editions with the same
//! digests, in the same order, by the same acts.

use schema::{
    ids::DocumentId,
    viewer::Viewer,
    visibility::{Removal, Visibility},
};
use store::{
    UnitOfWork,
    documents::{self as stored, Document},
    editions, imports, past,
    publications::OriginalTime,
};

use super::{
    Reason,
    format::{AdoptedLine, EditionLine, Line, Named, StateLine, TextLine},
    recorded::{named, not_an_export_line},
    report::{Done, Status},
    task::Recorded,
};
use crate::{
    Desk, Error,
    documents::{
        self, AsRecorded, CheckedText, Incoming, IncomingDocument, IncomingPublication,
        PlaceElsewhere, Target, UnknownDocument, WantedPlacement, bring_in,
    },
};

/// Does what the line says; `document` is what an earlier line of the same document became.
pub(super) async fn apply(
    desk: &Desk,
    work: &mut UnitOfWork,
    source: &str,
    recorded: &Recorded,
    document: Option<DocumentId>,
) -> Result<Done, Error> {
    let Some(of) = named(&recorded.line) else {
        return Ok(Done::because(Status::Rejected, not_an_export_line()));
    };
    let here = find(work, of, document).await?;
    match (&recorded.line, &recorded.text) {
        (Line::Edition(line), Some(text)) => edition(desk, work, source, line, text, here).await,
        (Line::Draft(line), Some(text)) => {
            let incoming = Incoming {
                document: target(work, source, of, &line.text, here.as_ref()).await?,
                publication: None,
                ..incoming(&line.text, text, false)
            };
            let brought = bring_in(desk, work, incoming).await?;
            Ok(Done::of(Status::Drafted, Some(brought.document.id)))
        }
        (Line::State(line), _) => state(desk, work, line, here).await,
        (Line::Recalled(line), _) => recalled(desk, work, line, document, here).await,
        (Line::Adopted(line), _) => adopted(desk, work, line, here).await,
        _ => Ok(Done::because(Status::Rejected, not_an_export_line())),
    }
}

/// The document that a line is about, if it is here: by the lines before, or by its content id
/// and language, which are the same on every hub.
async fn find(
    work: &mut UnitOfWork,
    of: &Named,
    document: Option<DocumentId>,
) -> Result<Option<Document>, Error> {
    if let Some(document) = document {
        return Ok(stored::lock(work, document).await?);
    }
    let all = stored::lock_content(work, of.content_id).await?;
    let usable =
        |document: &&Document| document.locale == of.locale && !document.visibility.is_terminal();
    Ok(all.iter().find(usable).cloned())
}

async fn edition(
    desk: &Desk,
    work: &mut UnitOfWork,
    source: &str,
    line: &EditionLine,
    text: &CheckedText,
    here: Option<Document>,
) -> Result<Done, Error> {
    if let Some(document) = &here
        && document.last_edition >= line.number
    {
        return Ok(compare(work, document, line).await?);
    }
    let last = here.as_ref().map_or(0, |document| document.last_edition);
    if last + 1 != line.number {
        return Ok(Done::because(
            Status::Rejected,
            Reason::new(
                "edition_missing",
                format!(
                    "前一版本（第 {} 版）没有导入，不能导入第 {} 版",
                    line.number - 1,
                    line.number
                ),
                format!(
                    "edition {} is not here, so edition {} cannot follow it",
                    line.number - 1,
                    line.number
                ),
            ),
        ));
    }
    // A hub that publishes what was public elsewhere says since when.
    let original = OriginalTime {
        at: line.originally_published_at.unwrap_or(line.published_at),
        source: line.original_time_source.clone().unwrap_or_else(|| format!("import:{source}")),
    };
    let incoming = Incoming {
        document: target(work, source, &line.of, &line.text, here.as_ref()).await?,
        publication: Some(IncomingPublication {
            original: Some(original),
            old_text: Some(line.old_text),
        }),
        ..incoming(&line.text, text, line.after_break)
    };
    let brought = bring_in(desk, work, incoming).await?;
    Ok(Done {
        content: Some(brought.document.content),
        edition: brought.number,
        ..Done::of(Status::Published, Some(brought.document.id))
    })
}

/// Whether the edition that is here already is the one of the line.
async fn compare(
    work: &mut UnitOfWork,
    document: &Document,
    line: &EditionLine,
) -> Result<Done, store::Error> {
    let viewer = Viewer::Known(work.actor().clone());
    let here = past::numbered(work.session(), &viewer, document, line.number).await?;
    if here.is_some_and(|here| here.digest == line.text.digest) {
        return Ok(Done::of(Status::Unchanged, Some(document.id)));
    }
    Ok(Done::because(
        Status::Rejected,
        Reason::new(
            "another_edition",
            format!("本机第 {} 版是另一文本：该信息在两边各自修改过", line.number),
            format!(
                "edition {} here is another text: the document was changed on both sides",
                line.number
            ),
        ),
    ))
}

async fn target(
    work: &mut UnitOfWork,
    source: &str,
    of: &Named,
    line: &TextLine,
    here: Option<&Document>,
) -> Result<IncomingDocument, Error> {
    if let Some(document) = here {
        return Ok(IncomingDocument::Known(document.id));
    }
    let takes_over = match line.takes_over {
        Some(predecessor) => {
            let known = imports::versions(work.session(), source, &predecessor.to_string()).await?;
            known.first().map(|known| known.imported.document)
        }
        None => None,
    };
    Ok(IncomingDocument::New(UnknownDocument {
        content: Some(of.content_id),
        takes_over,
        authority: line.authority.clone(),
        locale: of.locale.clone(),
    }))
}

fn incoming(line: &TextLine, text: &CheckedText, after_break: bool) -> Incoming {
    let stands = line.stands.as_ref().unwrap_or(&line.place.placements);
    let placements = stands.iter().map(|placed| WantedPlacement {
        site: placed.site.clone(),
        columns: placed.columns.clone(),
        path: Some(placed.path.clone()),
        slug: None,
    });
    Incoming {
        document: IncomingDocument::New(UnknownDocument {
            content: None,
            takes_over: None,
            authority: line.authority.clone(),
            locale: line.content.locale.clone(),
        }),
        text: text.clone(),
        source: line.content.source.clone(),
        origin: line.content.origin.clone(),
        placements: placements.collect(),
        change_note: line.place.change_note.clone(),
        importance: line.place.importance,
        publication: None,
        as_recorded: Some(AsRecorded {
            said: line.place.placements.clone(),
            type_version: line.content.type_version,
            follows: line.follows,
            after_break,
        }),
    }
}

async fn state(
    desk: &Desk,
    work: &mut UnitOfWork,
    line: &StateLine,
    here: Option<Document>,
) -> Result<Done, Error> {
    let Some(document) = here else { return Ok(not_here()) };
    let target = Target { document: document.id, version: None };
    let notice = line.notice.clone().unwrap_or_default();
    if document.visibility == line.visibility && document.notice == line.notice {
        return Ok(Done::of(Status::Unchanged, Some(document.id)));
    }
    let removal = match line.visibility {
        Visibility::Withdrawn => {
            documents::withdraw(desk, work, target, notice).await?;
            return Ok(Done::of(Status::Done, Some(document.id)));
        }
        Visibility::Gone => Removal::Gone,
        Visibility::Redirect => Removal::Redirect,
        Visibility::Vanished => Removal::Vanish,
        _ => return Ok(Done::because(Status::Rejected, not_an_export_line())),
    };
    documents::remove(desk, work, target, removal, notice).await?;
    Ok(Done::of(Status::Done, Some(document.id)))
}

/// What was recalled there is recalled here too, if an earlier export brought it. Its text is
/// in no export.
async fn recalled(
    desk: &Desk,
    work: &mut UnitOfWork,
    line: &StateLine,
    imported: Option<DocumentId>,
    here: Option<Document>,
) -> Result<Done, Error> {
    let reason = Reason::new(
        "recalled",
        "该信息已召回，文本不随导出",
        "this was recalled; its text is in no export",
    );
    match here.filter(|_| imported.is_some()) {
        Some(document) if document.visibility.is_terminal() => {
            Ok(Done::of(Status::Unchanged, Some(document.id)))
        }
        Some(document) => {
            let notice = line.notice.clone().unwrap_or_default();
            documents::recall(desk, work, document.content, notice).await?;
            Ok(Done::of(Status::Done, Some(document.id)))
        }
        None => Ok(Done::because(Status::Skipped, reason)),
    }
}

/// A document of another authority stands on the site, if it is on this hub.
async fn adopted(
    desk: &Desk,
    work: &mut UnitOfWork,
    line: &AdoptedLine,
    here: Option<Document>,
) -> Result<Done, Error> {
    let Some(document) = here.filter(|document| document.live.is_some()) else {
        return Ok(not_here());
    };
    let approved = match document.live {
        Some(live) => editions::of_work(work, live).await?.text.map(|text| text.digest),
        None => None,
    };
    let target = Target { document: document.id, version: None };
    let placed = &line.placement;
    let request = PlaceElsewhere {
        target,
        placement: WantedPlacement {
            site: placed.site.clone(),
            columns: placed.columns.clone(),
            path: Some(placed.path.clone()),
            slug: None,
        },
        approved,
    };
    let status = match documents::place_elsewhere(desk, work, request).await? {
        Some(_) => Status::Done,
        None => Status::Unchanged,
    };
    Ok(Done::of(status, Some(document.id)))
}

fn not_here() -> Done {
    Done::because(
        Status::Skipped,
        Reason::new(
            "not_here",
            "该信息不在本机，略过",
            "the document is not on this hub; passed over",
        ),
    )
}
