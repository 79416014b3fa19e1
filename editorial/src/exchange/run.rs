//! The way of the records through the program.
//!
//! The file is read twice (see [`order`](super::order)). The second time one thread reads,
//! several make records ready, and this task writes: reading and cleaning go on while a batch
//! commits, and no more is held in memory than that takes.

use std::{collections::VecDeque, path::PathBuf};

use schema::validation::Stage;
use store::{
    Session,
    imports::{self, RecordKey},
};
use tokio::{
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
};

use super::{
    Limits, Position, Reason,
    batch::{Intake, MOST_BYTES, MOST_RECORDS, seen},
    error::ImportError,
    order::{Queue, Survey, Surveyor},
    plan::Prepare,
    reading::{self, Format, RawRecord, Records, Unreadable},
    record, recorded,
    report::{Done, Event, Report, Status, Summary, Tell},
    task::Task,
};

/// One record on its way.
type Ahead = JoinHandle<Made>;

/// What making a record ready came to.
enum Made {
    /// It can be taken in.
    Ready(Box<Task>),
    /// It cannot, or need not be.
    Told(Box<Report>),
    /// It is the last line of an export.
    End,
}

/// One import under way.
pub(super) struct Run<'a, 't, 'l> {
    intake: Intake<'a>,
    prepare: Prepare,
    reader: Session,
    summary: Summary,
    tell: &'t mut Tell<'l>,
    batch: Vec<Task>,
    bytes: u64,
    /// Whether the last line of an export was seen.
    complete: bool,
}

/// Records that are made ready beside each other.
const AHEAD: usize = 16;

impl<'a, 't, 'l> Run<'a, 't, 'l> {
    pub(super) fn new(
        intake: Intake<'a>,
        prepare: Prepare,
        reader: Session,
        tell: &'t mut Tell<'l>,
    ) -> Self {
        let complete = matches!(prepare, Prepare::Mapped(_));
        Self {
            intake,
            prepare,
            reader,
            summary: Summary::default(),
            tell,
            batch: Vec::new(),
            bytes: 0,
            complete,
        }
    }

    /// Takes the whole file in.
    pub(super) async fn go(
        mut self,
        path: PathBuf,
        format: Format,
        limits: Limits,
    ) -> Result<Summary, ImportError> {
        let survey = self.survey(path.clone(), format, limits).await?;
        // Of an export, the first and the last line are no records.
        let skips_header = matches!(self.prepare, Prepare::Recorded(_));
        let total = survey.fates.len().saturating_sub(if skips_header { 2 } else { 0 });
        (self.tell)(Event::Total(total as u64)).map_err(ImportError::Unheard)?;
        let mut queue = Queue::new(survey, limits.waiting);
        let mut records = read(path, format, limits);
        let mut ahead: VecDeque<Ahead> = VecDeque::new();
        let mut number = 0;
        let mut open = true;
        loop {
            while open && ahead.len() < AHEAD {
                let Some(read) = records.recv().await else {
                    open = false;
                    break;
                };
                if number > 0 || !skips_header {
                    self.receive(number, read, &mut queue, &mut ahead).await?;
                }
                number += 1;
            }
            let Some(next) = ahead.pop_front() else { break };
            let made = match next.await {
                Ok(made) => made,
                Err(error) => std::panic::resume_unwind(error.into_panic()),
            };
            match made {
                Made::Ready(task) => self.add(*task).await?,
                Made::End => self.complete = true,
                Made::Told(report) => self.report(&report)?,
            }
        }
        self.flush().await?;
        if !self.complete {
            let reason = Reason::new(
                "truncated",
                "导出文件不完整：没有结尾行，请重新导出",
                "the export is incomplete, its last line is missing: export again",
            );
            let at = Position::line(number as u64);
            self.report(&Report::rejected(at, None, reason))?;
        }
        Ok(self.summary)
    }

    /// Reads the file once for what it holds.
    async fn survey(
        &self,
        path: PathBuf,
        format: Format,
        limits: Limits,
    ) -> Result<Survey, ImportError> {
        let prepare = self.prepare.clone();
        let surveyed = spawn_blocking(move || {
            let mut surveyor = Surveyor::default();
            for record in reading::open(&path, format, limits)? {
                match (record, &prepare) {
                    (Ok(raw), Prepare::Mapped(frame)) => match record::key(frame, &raw) {
                        Ok(RecordKey { key, version, .. }) => surveyor.see(key, version, &raw),
                        Err(_) => surveyor.pass(),
                    },
                    _ => surveyor.pass(),
                }
            }
            Ok(surveyor.finish())
        });
        match surveyed.await {
            Ok(survey) => survey.map_err(ImportError::Wrong),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Deals with a record that was read: at once where it is known already, else by making
    /// it ready beside the others.
    async fn receive(
        &mut self,
        number: usize,
        read: Result<RawRecord, Unreadable>,
        queue: &mut Queue<RawRecord>,
        ahead: &mut VecDeque<Ahead>,
    ) -> Result<(), ImportError> {
        let passed = match read {
            Err(Unreadable { at, reason }) => {
                ahead.push_back(done(Report::rejected(at, None, reason)));
                queue.pass(number)
            }
            Ok(raw) => match self.known(number, &raw, queue).await? {
                Some(report) => {
                    ahead.push_back(done(report));
                    queue.pass(number)
                }
                None => match queue.push(number, raw.bytes, raw) {
                    Ok(ready) => ready,
                    Err(raw) => {
                        let reason = Reason::new(
                            "too_far_ahead",
                            "在其旧版本之前出现的记录太多，内存不足：请按版本从旧到新排列后再导入",
                            "too many records stand before earlier versions of themselves: order the file by version, oldest first",
                        );
                        ahead.push_back(done(Report::rejected(raw.at, None, reason)));
                        queue.pass(number)
                    }
                },
            },
        };
        for raw in passed {
            let prepare = self.prepare.clone();
            ahead.push_back(spawn_blocking(move || make(&prepare, raw)));
        }
        Ok(())
    }

    /// What can be said of a record without making it ready.
    async fn known(
        &mut self,
        number: usize,
        raw: &RawRecord,
        queue: &Queue<RawRecord>,
    ) -> Result<Option<Report>, ImportError> {
        let Prepare::Mapped(frame) = &self.prepare else { return Ok(None) };
        let key = match record::key(frame, raw) {
            Ok(key) => key,
            Err(reason) => return Ok(Some(Report::rejected(raw.at.clone(), None, reason))),
        };
        let fate = queue.fate(number);
        if let Some((first, says_the_same)) = fate.repeats {
            if says_the_same {
                return Ok(Some(Report::of(raw.at.clone(), Some(&key), Status::Unchanged)));
            }
            let reason = Reason::new(
                "repeated",
                format!("标识和版本与{first}相同，内容却不同：请给其中之一另一个版本"),
                format!(
                    "key and version are those of {first}, the text is not: give one of them another version"
                ),
            );
            return Ok(Some(Report::rejected(raw.at.clone(), Some(&key), reason)));
        }
        let versions = imports::versions(&mut self.reader, &key.source, &key.key).await?;
        if let Some(Done { status, document, reason, .. }) = seen(&key, raw.digest, &versions) {
            let report = Report::of(raw.at.clone(), Some(&key), status);
            return Ok(Some(Report { document, reason, ..report }));
        }
        if fate.superseded && frame.stage == Stage::Draft {
            let reason = Reason::new(
                "superseded",
                "文件中有更新的版本；旧版本只有在 --publish 时才作为历史版本导入",
                "a later version is in the file; earlier ones become history with --publish only",
            );
            let report = Report::of(raw.at.clone(), Some(&key), Status::Skipped);
            return Ok(Some(Report { reason: Some(reason), ..report }));
        }
        Ok(None)
    }

    async fn add(&mut self, task: Task) -> Result<(), ImportError> {
        self.bytes += task.bytes;
        self.batch.push(task);
        if self.batch.len() >= MOST_RECORDS || self.bytes >= MOST_BYTES {
            self.flush().await?;
        }
        Ok(())
    }

    async fn flush(&mut self) -> Result<(), ImportError> {
        let batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        let (summary, tell) = (&mut self.summary, &mut *self.tell);
        self.intake.take(&batch, &mut |report| told(summary, tell, &report)).await
    }

    fn report(&mut self, report: &Report) -> Result<(), ImportError> {
        told(&mut self.summary, self.tell, report)
    }
}

fn told(summary: &mut Summary, tell: &mut Tell<'_>, report: &Report) -> Result<(), ImportError> {
    let count = match report.status {
        Status::Published => &mut summary.published,
        Status::Drafted => &mut summary.drafted,
        Status::Done => &mut summary.done,
        Status::Unchanged => &mut summary.unchanged,
        Status::Skipped => &mut summary.skipped,
        Status::Rejected => &mut summary.rejected,
    };
    *count += 1;
    summary.records += 1;
    tell(Event::Record(report)).map_err(ImportError::Unheard)
}

fn make(prepare: &Prepare, raw: RawRecord) -> Made {
    let at = raw.at.clone();
    let (key, made) = match prepare {
        Prepare::Recorded(types) => (None, recorded::prepare(types, raw)),
        Prepare::Mapped(frame) => {
            (record::key(frame, &raw).ok(), record::prepare(frame, raw).map(Some))
        }
    };
    match made {
        Ok(Some(task)) => Made::Ready(Box::new(task)),
        Ok(None) => Made::End,
        Err(reason) => Made::Told(Box::new(Report::rejected(at, key.as_ref(), reason))),
    }
}

/// A record that is dealt with, in its place among those that are not yet.
fn done(report: Report) -> Ahead {
    tokio::spawn(std::future::ready(Made::Told(Box::new(report))))
}

/// Reads the file on a thread of its own, a few records ahead.
fn read(
    path: PathBuf,
    format: Format,
    limits: Limits,
) -> mpsc::Receiver<Result<RawRecord, Unreadable>> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    // It ends with the file, or when nobody receives any more.
    drop(spawn_blocking(move || {
        let records: Records = match reading::open(&path, format, limits) {
            Ok(records) => records,
            Err(reason) => {
                let at = Position::default();
                Box::new(std::iter::once(Err(Unreadable { at, reason })))
            }
        };
        for record in records {
            if sender.blocking_send(record).is_err() {
                break;
            }
        }
    }));
    receiver
}
