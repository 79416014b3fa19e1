//! Taking records in: many in one unit of work, because a commit costs as much as ten records;
//! a part in which one is refused is taken in again with each behind a savepoint, so that it
//! takes nothing with it; told only when they are committed.

use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};

use schema::{digest::Digest, ids::DocumentId, permission::Actor};
use store::{
    UnitOfWork,
    files::{FileError, FileStore},
    imports::{self, ImportedVersion, RecordKey},
};

use super::{
    Reason,
    attachments::refused,
    error::ImportError,
    order::natural,
    recorded::not_an_export_line,
    report::{Done, Report, Status},
    restore,
    task::{Destination, Task, Text, What},
};
use crate::{
    Desk, Error, Refusal,
    documents::{
        Incoming, IncomingDocument, IncomingPublication, UnknownDocument, WantedPlacement, bring_in,
    },
    files::{self, TakenIn},
};

/// What takes batches in.
pub(super) struct Intake<'a> {
    pub(super) desk: &'a Desk,
    pub(super) files: Arc<dyn FileStore>,
    pub(super) actor: &'a Actor,
    /// `None` for an export of Gongbao, which says itself where things go.
    pub(super) destination: Option<Destination>,
    pub(super) most_file_bytes: u64,
    /// Records per unit of work now: fewer after other writers came first, more after none did.
    size: usize,
    /// Whether each record goes in behind a savepoint: since one was refused.
    careful: bool,
    /// The files of the tasks at hand that passed the door.
    taken: BTreeMap<Digest, TakenIn>,
}

/// Records per unit of work, at the most.
pub(super) const MOST_RECORDS: usize = 50;
/// Bytes of records per unit of work, from which no more is added.
pub(super) const MOST_BYTES: u64 = 2 << 20;
/// How often one batch is tried again before its caller hears of it.
const TRIES: u32 = 200;

impl<'a> Intake<'a> {
    pub(super) fn new(
        desk: &'a Desk,
        files: Arc<dyn FileStore>,
        actor: &'a Actor,
        destination: Option<Destination>,
        most_file_bytes: u64,
    ) -> Self {
        Self {
            desk,
            files,
            actor,
            destination,
            most_file_bytes,
            size: MOST_RECORDS,
            careful: false,
            taken: BTreeMap::new(),
        }
    }

    /// Takes `tasks` in, in their order, and tells of each part as it is committed.
    ///
    /// # Errors
    /// As soon as the store fails, or nobody listens any more; what was told stands.
    pub(super) async fn take(
        &mut self,
        tasks: &[Task],
        tell: &mut (dyn FnMut(Report) -> Result<(), ImportError> + Send),
    ) -> Result<(), ImportError> {
        let mut sound: Vec<&Task> = Vec::with_capacity(tasks.len());
        self.taken.clear();
        for task in tasks {
            match self.store_files(task).await? {
                None => sound.push(task),
                Some(reason) => tell(Report::rejected(task.at.clone(), Some(&task.key), reason))?,
            }
        }
        let mut rest = sound.as_slice();
        let mut tries = 1;
        while !rest.is_empty() {
            let (part, after) = rest.split_at(self.size.min(rest.len()));
            match self.commit(part).await {
                Ok(None) => self.careful = true,
                Ok(Some(done)) => {
                    self.careful = done.iter().any(|done| done.status == Status::Rejected);
                    for (task, done) in part.iter().zip(done) {
                        tell(done.report(task.at.clone(), &task.key, task.dropped.clone()))?;
                    }
                    rest = after;
                    tries = 1;
                    self.size = (self.size * 2).min(MOST_RECORDS);
                }
                // Whoever writes for longer loses more often against others, so it is tried
                // again in smaller parts.
                Err(error) if is_met(&error) && tries < TRIES => {
                    tries += 1;
                    self.size = (self.size / 2).max(1);
                    tokio::task::yield_now().await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Takes the files of `task` in; gives why one of them cannot be.
    async fn store_files(&mut self, task: &Task) -> Result<Option<Reason>, ImportError> {
        for file in &task.files {
            if self.taken.contains_key(&file.digest) {
                continue;
            }
            let (body, name) = (file.path.clone().into(), file.name.as_deref());
            let taken = files::take_in(&*self.files, body, name, self.most_file_bytes).await;
            match taken {
                Ok(taken) if taken.digest == file.digest => {
                    self.taken.insert(taken.digest, taken);
                }
                // An export of a hub holds no pictures that would be cleaned.
                Ok(_) => {
                    let name = file.path.display();
                    return Ok(Some(Reason::new(
                        "file_differs",
                        format!("文件“{name}”的内容与记录所写的摘要不符"),
                        format!("the file {name} is not the one whose digest the record names"),
                    )));
                }
                Err(Error::Refused(refusal)) => {
                    let name = file.path.display().to_string();
                    return Ok(Some(match &*refusal {
                        Refusal::File(refusal) => refused(&name, refusal),
                        _ => Reason::from(*refusal),
                    }));
                }
                Err(Error::Store(store::Error::File(
                    error @ (FileError::Source(_) | FileError::TooLarge { .. }),
                ))) => {
                    return Ok(Some(Reason { code: "file_unreadable", message: error.message() }));
                }
                Err(Error::Store(store::Error::File(error))) => return Err(error.into()),
                Err(Error::Store(error)) => return Err(error.into()),
            }
        }
        Ok(None)
    }

    /// Takes a part in within one unit of work, and commits it; `None` when a record is refused
    /// without a savepoint before it.
    async fn commit(&self, part: &[&Task]) -> Result<Option<Vec<Done>>, store::Error> {
        let Desk { store, clock, entropy, origin, .. } = self.desk;
        let mut work = store.begin(self.actor, origin, &**clock, Arc::clone(entropy)).await?;
        if let Some(first) = part.first() {
            let keys = part.iter().map(|task| task.key.key.as_str());
            imports::lock(&mut work, &first.key.source, keys).await?;
        }
        let mut done = Vec::with_capacity(part.len());
        for task in part {
            let point = match self.careful {
                true => Some(work.savepoint().await?),
                false => None,
            };
            match self.apply(&mut work, task).await {
                Ok(one) => {
                    if let Some(point) = point {
                        work.keep(point).await?;
                    }
                    done.push(one);
                }
                Err(Error::Refused(refusal)) => {
                    let Some(point) = point else { return Ok(None) };
                    work.take_back_to(point).await?;
                    done.push(Done::because(Status::Rejected, Reason::from(*refusal)));
                }
                Err(Error::Store(error)) => return Err(error),
            }
        }
        work.commit().await?;
        Ok(Some(done))
    }

    async fn apply(&self, work: &mut UnitOfWork, task: &Task) -> Result<Done, Error> {
        let RecordKey { source, key, .. } = &task.key;
        let mut known = imports::versions(work.session(), source, key).await?;
        known.sort_by(|one, other| natural(&one.version, &other.version));
        if let Some(done) = seen(&task.key, task.digest, &known) {
            return Ok(done);
        }
        for file in &task.files {
            if let Some(taken) = self.taken.get(&file.digest) {
                files::note(work, taken).await?;
            }
        }
        let done = match &task.what {
            What::Text(text) => {
                if let Some(reason) = overtaken(task, &known) {
                    return Ok(Done::because(Status::Rejected, reason));
                }
                let document = known.last().map(|known| known.imported.document);
                self.bring_in(work, text, document).await?
            }
            What::Recorded(recorded) => {
                let document = known.last().map(|known| known.imported.document);
                restore::apply(self.desk, work, source, recorded, document).await?
            }
        };
        if let (Some(document), false) = (done.document, done.status == Status::Rejected) {
            imports::note(work, &task.key, task.digest, document).await?;
        }
        Ok(done)
    }

    async fn bring_in(
        &self,
        work: &mut UnitOfWork,
        text: &Text,
        document: Option<DocumentId>,
    ) -> Result<Done, Error> {
        let Some(to) = &self.destination else {
            return Ok(Done::because(Status::Rejected, not_an_export_line()));
        };
        let is_first = document.is_none();
        let incoming = Incoming {
            document: match document {
                Some(document) => IncomingDocument::Known(document),
                None => IncomingDocument::New(UnknownDocument {
                    content: None,
                    takes_over: None,
                    authority: to.authority.clone(),
                    locale: text.locale.clone().unwrap_or_else(|| to.locale.clone()),
                }),
            },
            text: text.checked.clone(),
            source: text.source.clone(),
            origin: None,
            placements: vec![WantedPlacement {
                site: to.site.clone(),
                columns: vec![text.column.clone().unwrap_or_else(|| to.column.clone())],
                path: text.path.clone(),
                slug: text.slug.clone(),
            }],
            change_note: text.change_note.clone().filter(|_| !is_first),
            importance: to.publication.importance,
            publication: to.publishes.then(|| IncomingPublication {
                original: text.original.clone(),
                old_text: to.publication.old_text,
            }),
            as_recorded: None,
        };
        let brought = bring_in(self.desk, work, incoming).await?;
        let status = match (brought.number, brought.unchanged) {
            (Some(_), _) => Status::Published,
            (None, true) => Status::Unchanged,
            (None, false) => Status::Drafted,
        };
        Ok(Done {
            content: Some(brought.document.content),
            edition: brought.number,
            ..Done::of(status, Some(brought.document.id))
        })
    }
}

/// Whether another unit of work came first, so that this one may be done again.
fn is_met(error: &store::Error) -> bool {
    matches!(error, store::Error::Again) || error.is_unique_violation()
}

/// What is said of a record that was imported before.
pub(super) fn seen(key: &RecordKey, digest: Digest, known: &[ImportedVersion]) -> Option<Done> {
    let same = known.iter().find(|known| known.version == key.version)?;
    match same.imported.digest {
        Some(known) if known == digest => {
            Some(Done::of(Status::Unchanged, Some(same.imported.document)))
        }
        None => Some(Done::because(
            Status::Skipped,
            Reason::new(
                "erased",
                "该信息已依令销毁，不再导入",
                "this was erased by order and is not imported again",
            ),
        )),
        Some(_) => None,
    }
}

/// Why a version can no longer be taken in: what is public now goes beyond it.
fn overtaken(task: &Task, known: &[ImportedVersion]) -> Option<Reason> {
    let last = known.last()?;
    if natural(&last.version, &task.key.version) != Ordering::Greater {
        return None;
    }
    Some(Reason::new(
        "overtaken",
        format!("已导入更新的版本 {}，不能再插入旧版本 {}", last.version, task.key.version),
        format!(
            "the later version {} is here already: an earlier one ({}) cannot go before it",
            last.version, task.key.version
        ),
    ))
}
