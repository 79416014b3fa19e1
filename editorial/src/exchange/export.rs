//! Export: everything of a site as one file of lines (see [`format`](super::format)), read in
//! one snapshot, with the files it uses and the tree it stands in.
//!
//! In it are the documents that stand on the site by their owner's edition, or whose draft is
//! to stand there, with all their editions and languages, also where an edition stands on
//! other sites of the owner. Placements of other authorities' documents are named; their texts
//! are the owners'. What was recalled or erased is named and its text is not: a recall is for
//! ever, also for copies.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
    sync::Arc,
};

use schema::{
    digest::Digest,
    edition::{Place, PlacedAt},
    ids::{AuthorityId, ContentId},
    names::{AuthorityKey, SiteKey},
    permission::{Action, Actor, Touched, may},
    tree::Site,
    viewer::Viewer,
    visibility::{EventKind, Visibility},
};
use serde_json::json;
use store::{
    Session, columns,
    documents::{self, Document},
    files::{FileStore, FileStream},
    log,
    past::{self, HistoryEntry, Reading},
    placements::{self, Placement},
    trees,
};

use super::{
    format::{
        AdoptedLine, DraftLine, EditionLine, EndLine, FORMAT, Header, Line, Named, StateLine, TREE,
        TextLine, VERSION,
    },
    sink::{ExportError, Sink},
    tree,
};
use crate::{Desk, Refusal, trail};

/// Documents that are read at a time.
const PAGE: u32 = 100;

/// Writes everything of `site` to `sink`.
///
/// # Errors
/// A site that is not there, an actor who may not read its drafts and its past, a store or a
/// sink that fails.
pub async fn export(
    desk: &Desk,
    files: &Arc<dyn FileStore>,
    actor: &Actor,
    site: &SiteKey,
    sink: &mut dyn Sink,
) -> Result<EndLine, ExportError> {
    let found = trees::site_by_key(&mut desk.store.reader().await?, site).await?;
    let found = found.ok_or_else(|| Refusal::not_found("site", site))?;
    let touched =
        Touched { authority: Some(found.authority), sites: vec![found.id], ..Touched::default() };
    for action in [Action::ReadDrafts, Action::ReadPast] {
        if !may(actor, action, &touched) {
            return Err(Refusal::NotPermitted(action).into());
        }
    }
    let subject = format!("site:{site}");
    trail::taken_out(desk, actor, "site.export", &subject, &touched, &json!({})).await?;
    let mut session = desk.store.snapshot().await?;
    let header = Header {
        format: FORMAT.into(),
        version: VERSION,
        site: site.clone(),
        log_head: log::head(&mut session).await?.sequence,
    };
    write(sink, &header)?;
    let authorities = trees::authorities(&mut session).await?;
    let sites = trees::sites(&mut session).await?;
    let mut export = Export {
        session,
        viewer: Viewer::Known(actor.clone()),
        site: found,
        sites: sites.into_iter().map(|site| (site.key.clone(), site)).collect(),
        authorities: authorities.into_iter().map(|a| (a.id, a.key)).collect(),
        named_sites: BTreeSet::from([site.clone()]),
        named_files: BTreeSet::new(),
        adopted: Vec::new(),
        count: EndLine::default(),
        sink,
    };
    export.documents().await?;
    for line in std::mem::take(&mut export.adopted) {
        export.write(&Line::Adopted(line))?;
    }
    if export.sink.takes_files() {
        let tree = tree::toml(&mut export.session, &export.named_sites).await?;
        export.sink.file(TREE, tree.as_bytes())?;
        copy_files(&**files, &export.named_files, export.sink).await?;
    }
    export.count.files = export.named_files.len() as u64;
    let count = export.count;
    export.write(&Line::End(count))?;
    Ok(count)
}

struct Export<'a> {
    session: Session,
    viewer: Viewer,
    site: Site,
    sites: BTreeMap<SiteKey, Site>,
    authorities: BTreeMap<AuthorityId, AuthorityKey>,
    named_sites: BTreeSet<SiteKey>,
    named_files: BTreeSet<Digest>,
    /// Written after the documents, which may be their own.
    adopted: Vec<AdoptedLine>,
    count: EndLine,
    sink: &'a mut dyn Sink,
}

impl Export<'_> {
    async fn documents(&mut self) -> Result<(), ExportError> {
        let mut after = None;
        let mut seen = 0;
        // Contents of the site: a translation goes with its original, wherever it stands.
        let mut contents: BTreeSet<ContentId> = BTreeSet::new();
        loop {
            let (page, next) =
                documents::page(&mut self.session, &self.viewer, after, PAGE).await?;
            for document in page {
                seen += 1;
                let placed = placements::of_document(&mut self.session, document.id).await?;
                let touched = documents::touched(&mut self.session, &document).await?;
                if touched.sites.contains(&self.site.id) || contents.contains(&document.content) {
                    contents.insert(document.content);
                    self.document(&document, &placed).await?;
                } else if placed.iter().any(|placed| placed.site == self.site.id && !placed.own) {
                    self.adopt(&document).await?;
                }
            }
            self.sink.progress(seen);
            after = next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn document(
        &mut self,
        document: &Document,
        placed: &[Placement],
    ) -> Result<(), ExportError> {
        self.count.documents += 1;
        let of = Named {
            document: document.id,
            content_id: document.content,
            locale: document.locale.clone(),
        };
        let state = StateLine {
            of: of.clone(),
            visibility: document.visibility,
            notice: document.notice.clone(),
        };
        if document.visibility.is_terminal() {
            return self.write(&Line::Recalled(state));
        }
        let breaks = self.breaks(document).await?;
        let history = past::history(&mut self.session, &self.viewer, document).await?;
        for entry in &history {
            let is_last = entry.publication.number == document.last_edition;
            let placed = if is_last { placed } else { &[] };
            let broken = breaks.contains(&entry.publication.number);
            self.edition(document, &of, entry, placed, broken).await?;
        }
        if !matches!(document.visibility, Visibility::Live | Visibility::Unpublished) {
            self.write(&Line::State(state))?;
        }
        if let Some(draft) = past::draft(&mut self.session, &self.viewer, document).await? {
            let text = self.text(document, draft, &[], document.draft_follows).await?;
            self.count.drafts += 1;
            self.write(&Line::Draft(Box::new(DraftLine { of, text })))?;
        }
        Ok(())
    }

    async fn edition(
        &mut self,
        document: &Document,
        of: &Named,
        entry: &HistoryEntry,
        placed: &[Placement],
        after_break: bool,
    ) -> Result<(), ExportError> {
        let publication = &entry.publication;
        let Some(reading) = past::entry(&mut self.session, entry).await? else {
            let why =
                format!("edition {} of document {} is empty", publication.number, of.document);
            return Err(store::Error::Corrupt { what: "edition", why }.into());
        };
        let is_live = document.live == Some(publication.edition);
        let follows = document.live_follows.filter(|_| is_live);
        let text = self.text(document, reading, placed, follows).await?;
        let original = publication.original.as_ref();
        self.count.editions += 1;
        self.write(&Line::Edition(Box::new(EditionLine {
            of: of.clone(),
            number: publication.number,
            published_at: publication.published_at,
            originally_published_at: original.map(|original| original.at),
            original_time_source: original.map(|original| original.source.clone()),
            importance: publication.importance,
            old_text: publication.old_text,
            after_break,
            text,
        })))
    }

    async fn text(
        &mut self,
        document: &Document,
        reading: Reading,
        placed: &[Placement],
        follows: Option<u32>,
    ) -> Result<TextLine, ExportError> {
        let stands = self.stands(&reading.place, placed).await?;
        let sites = reading.place.placements.iter().chain(&stands).map(|p| p.site.clone());
        self.named_sites.extend(sites);
        self.named_files.extend(&reading.content.files);
        let authority = self.authorities.get(&document.authority).cloned();
        Ok(TextLine {
            authority: authority
                .ok_or_else(|| Refusal::not_found("authority", document.authority))?,
            takes_over: document.takes_over,
            content: reading.content,
            content_digest: reading.content_digest,
            stands: Some(stands).filter(|stands| *stands != reading.place.placements),
            place: reading.place,
            digest: reading.digest,
            follows,
        })
    }

    /// Where a text stands now: the columns it names may have other paths since, or be closed.
    async fn stands(
        &mut self,
        place: &Place,
        placed: &[Placement],
    ) -> Result<Vec<PlacedAt>, store::Error> {
        let mut stands = Vec::with_capacity(place.placements.len());
        for said in &place.placements {
            let mut now = said.clone();
            if let Some(placement) = placed.iter().find(|p| p.own && p.site_key == said.site) {
                now.path = placement.path.clone();
            }
            if let Some(site) = self.sites.get(&said.site) {
                now.columns = Vec::with_capacity(said.columns.len());
                for path in &said.columns {
                    let open = columns::by_path(&mut self.session, site.id, path).await?;
                    let column = match open {
                        Some(column) => Some(column),
                        None => columns::former(&mut self.session, site.id, path).await?,
                    };
                    match column {
                        Some(column) if !now.columns.contains(&column.path) => {
                            now.columns.push(column.path);
                        }
                        _ => {}
                    }
                }
                if now.columns.is_empty() {
                    // Every column it stood in is gone without an heir.
                    let all = columns::of_site(&mut self.session, site.id, false).await?;
                    now.columns.extend(all.into_iter().next().map(|column| column.path));
                }
            }
            stands.push(now);
        }
        Ok(stands)
    }

    /// Numbers of the editions that were published while the document was not live.
    async fn breaks(&mut self, document: &Document) -> Result<BTreeSet<u32>, store::Error> {
        let events = log::of_document(&mut self.session, document.id).await?;
        let breaks = events.iter().filter_map(|stored| match &stored.event.subject {
            schema::log::Subject::Document(event)
                if stored.event.kind == EventKind::Publish
                    && event.site.is_none()
                    && event.edition > 1 =>
            {
                Some(event.edition)
            }
            _ => None,
        });
        Ok(breaks.collect())
    }

    /// Notes a placement by another authority; one that was taken back there is none.
    async fn adopt(&mut self, document: &Document) -> Result<(), ExportError> {
        let positions = placements::positions(&mut self.session, document.id).await?;
        let listed = positions.into_iter().find(|position| position.site == self.site.key);
        self.adopted.extend(listed.map(|placement| AdoptedLine {
            of: Named {
                document: document.id,
                content_id: document.content,
                locale: document.locale.clone(),
            },
            placement,
        }));
        Ok(())
    }

    fn write(&mut self, line: &Line) -> Result<(), ExportError> {
        write(self.sink, line)
    }
}

fn write(sink: &mut dyn Sink, line: &impl serde::Serialize) -> Result<(), ExportError> {
    let text = serde_json::to_string(line).map_err(io::Error::other)?;
    Ok(sink.line(&text)?)
}

async fn copy_files(
    files: &dyn FileStore,
    named: &BTreeSet<Digest>,
    sink: &mut dyn Sink,
) -> Result<(), ExportError> {
    for digest in named {
        let name = digest.hex();
        let Some(mut place) = sink.asset(&name)? else { continue };
        copy(files.get(digest).await?, &mut place).await?;
        place.flush()?;
        drop(place);
        sink.asset_done(&name)?;
    }
    Ok(())
}

/// Checked against its digest on the way: a damaged file ends the export.
async fn copy(stream: FileStream, place: &mut (dyn Write + Send)) -> Result<(), ExportError> {
    use tokio::io::AsyncReadExt as _;

    let mut reader = stream.into_reader();
    let mut chunk = vec![0; 1 << 16];
    loop {
        match reader.read(&mut chunk).await? {
            0 => return Ok(()),
            read => place.write_all(&chunk[..read])?,
        }
    }
}
