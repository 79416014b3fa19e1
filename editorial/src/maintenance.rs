//! Work on what is stored, not on content: rebuilding what is derived, taking back files that
//! nothing uses.

use std::{mem, num::NonZero, sync::Arc, thread::available_parallelism, time::Duration};

use jiff::Timestamp;
use schema::{
    content_type::TypeRegistry,
    derived::Derived,
    digest::Digest,
    ids::DocumentId,
    media::Media,
    permission::{Action, Actor, Touched, may},
    search::Entry,
};
use serde_json::json;
use store::{
    audit,
    files::{FileSource, FileStore},
    kept, reindex,
    search::{self, Waiting},
    types,
};
use tokio::task::spawn_blocking;

use crate::{
    Desk, Error, Refusal,
    files::{MOST_BYTES, failed, reading},
};

/// Documents per unit of work: few enough that writers beside it hardly wait.
const PAGE: u32 = 50;
/// The same where only places in full-text search are written.
const ENTRIES: u32 = 200;
/// Files looked at in one round.
const FILES: u32 = 500;

/// Rebuilds everything derived, page by page, beside a working hub; tells `progress` how many
/// documents are done.
///
/// # Errors
/// Missing permission; [`Error::Store`].
pub async fn reindex(
    desk: &Desk,
    actor: &Actor,
    mut progress: impl FnMut(u64),
) -> Result<u64, Error> {
    may_maintain(actor)?;
    // What waits now has its rows when the last page is done; what comes to wait meanwhile
    // goes on waiting.
    let waiting = types::unindexed(&mut desk.store.reader().await?).await?;
    let done = rebuild(desk, actor, None, &mut progress).await?;
    for (name, fields) in &waiting {
        desk.work(actor, async |work| Ok(types::indexed(work, name, fields).await?)).await?;
    }
    Ok(done)
}

/// Writes the index rows of fields that became filterable or sortable: the documents of their
/// types are rebuilt, and each type answers queries by them as soon as its own are done. Then
/// the documents that wait for their place in full-text search. Gives the number of documents
/// rebuilt; where nothing waits that is two statements.
///
/// # Errors
/// Missing permission; [`Error::Store`]. What was not done goes on waiting.
pub async fn index_what_waits(
    desk: &Desk,
    actor: &Actor,
    mut progress: impl FnMut(u64),
) -> Result<u64, Error> {
    may_maintain(actor)?;
    let waiting = types::unindexed(&mut desk.store.reader().await?).await?;
    let mut done = 0;
    for (name, fields) in &waiting {
        done += rebuild(desk, actor, Some(name), &mut progress).await?;
        desk.work(actor, async |work| Ok(types::indexed(work, name, fields).await?)).await?;
    }
    // What is published while it is read waits for the next round.
    while !search::is_complete(&mut desk.store.reader().await?).await? {
        done = write_entries(desk, actor, done, &mut progress).await?;
    }
    Ok(done)
}

/// Writes the places in full-text search of all that waits. What is read off the texts is made
/// outside of units of work, on every processor, while the page before is written.
async fn write_entries(
    desk: &Desk,
    actor: &Actor,
    mut done: u64,
    progress: &mut impl FnMut(u64),
) -> Result<u64, Error> {
    let mut page = entries_after(desk, None).await?;
    while let Some((last, _)) = page.last() {
        let last = last.document;
        let written = desk.work(actor, async |work| {
            for (waiting, entry) in &page {
                search::write_waiting(work, waiting, entry.as_ref()).await?;
            }
            Ok(())
        });
        let (_, next) = tokio::try_join!(written, entries_after(desk, Some(last)))?;
        done += page.len() as u64;
        progress(done);
        page = next;
    }
    Ok(done)
}

/// The next documents that wait, with what search will keep of them.
async fn entries_after(
    desk: &Desk,
    after: Option<DocumentId>,
) -> Result<Vec<(Waiting, Option<Entry>)>, Error> {
    let mut waiting = search::waiting(&mut desk.store.reader().await?, after, ENTRIES).await?;
    let share = waiting.len().div_ceil(available_parallelism().map_or(1, NonZero::get)).max(1);
    let mut making = Vec::new();
    while !waiting.is_empty() {
        let (types, rest) = (Arc::clone(&desk.types), waiting.split_off(share.min(waiting.len())));
        let part = mem::replace(&mut waiting, rest);
        making.push(spawn_blocking(move || {
            let entry = |waiting: Waiting| {
                let entry = entry_of(&types, &waiting);
                (waiting, entry)
            };
            part.into_iter().map(entry).collect::<Vec<_>>()
        }));
    }
    let mut made = Vec::new();
    for part in making {
        match part.await {
            Ok(part) => made.extend(part),
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
    Ok(made)
}

fn entry_of(types: &TypeRegistry, waiting: &Waiting) -> Option<Entry> {
    let (_, content) = waiting.live.as_ref()?;
    let content_type = types.get(&waiting.r#type)?;
    let derived = Derived::of(content_type, &content.fields);
    Some(Entry::of(content_type, &content.fields, &derived))
}

/// Reads the texts off files that no reader of this version has read, or off all of them, and lets
/// the live documents that use them be found by what was read. Gives the number of files.
///
/// # Errors
/// Missing permission; [`Error::Store`].
pub async fn read_files(
    desk: &Desk,
    files: &dyn FileStore,
    actor: &Actor,
    all: bool,
) -> Result<u64, Error> {
    may_maintain(actor)?;
    if all {
        desk.work(actor, async |work| Ok(search::forget_readings(work).await?)).await?;
    }
    let (mut done, mut after) = (0, None);
    loop {
        let mut session = desk.store.reader().await?;
        let page = search::unread(&mut session, reading::VERSION, after, FILES).await?;
        drop(session);
        let Some((last, _)) = page.last() else { return Ok(done) };
        after = Some(*last);
        for (digest, media) in &page {
            let Some(text) = read_file(files, digest, media).await? else { continue };
            desk.work(actor, async |work| {
                search::keep_text(work, digest, reading::VERSION, &text).await?;
                for document in search::found_by(work, digest).await? {
                    reindex::document(work, &desk.types, document).await?;
                }
                Ok(())
            })
            .await?;
            done += 1;
        }
    }
}

/// The text of a file that lies in the file store; `None` where none is read off such files, and
/// where it is not there, which is for `verify` to say.
async fn read_file(
    files: &dyn FileStore,
    digest: &Digest,
    media: &str,
) -> Result<Option<String>, Error> {
    let Some(media) = Media::of(media).filter(|media| reading::media().contains(&media.name))
    else {
        return Ok(None);
    };
    let Ok(stream) = files.get(digest).await else { return Ok(None) };
    let source = FileSource::reader(stream.into_reader());
    let staged = files.stage(source, MOST_BYTES).await.map_err(failed)?;
    let read = spawn_blocking(move || reading::read(staged.path(), media)).await;
    Ok(read.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic())))
}

/// What one round of looking at files did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Files taken back.
    pub collected: u64,
    /// Where the next round goes on; `None` begins anew.
    pub next: Option<Digest>,
}

/// Looks at the next files after `after`: those that no edition uses any more are marked, and
/// those that were marked more than `grace` ago are taken back. Their bytes and renditions are
/// destroyed by [`purge`](store::erasures::purge). A file of any edition that is kept stays, also
/// of a draft, of the past, and of what was withdrawn or recalled.
///
/// # Errors
/// Missing permission; [`Error::Store`].
pub async fn collect_unused_files(
    desk: &Desk,
    actor: &Actor,
    grace: Duration,
    after: Option<Digest>,
) -> Result<Round, Error> {
    may_maintain(actor)?;
    let seen = kept::look(&mut desk.store.reader().await?, after, FILES).await?;
    let next = seen.last().map(|seen| seen.digest).filter(|_| seen.len() == FILES as usize);
    // Marks that are not old yet need no work.
    let now = desk.clock.now();
    let changes = seen.iter().any(|seen| match seen.unused_since {
        Some(since) => seen.used || since < before(now, grace),
        None => !seen.used,
    });
    if !changes {
        return Ok(Round { collected: 0, next });
    }
    let (collected, _) = desk
        .work(actor, async |work| {
            let cutoff = before(work.now(), grace);
            let mut collected = 0;
            for seen in &seen {
                match (seen.used, seen.unused_since) {
                    (true, Some(_)) => kept::mark_used(work, &seen.digest).await?,
                    (false, None) => kept::mark_unused(work, &seen.digest).await?,
                    (false, Some(since)) if since < cutoff => {
                        collected += u64::from(kept::take_back(work, &seen.digest, cutoff).await?);
                    }
                    _ => {}
                }
            }
            if collected > 0 {
                // Without digests: the audit outlives an erasure.
                audit::record(work, "file.collect", "file", &json!({ "files": collected })).await?;
            }
            Ok(collected)
        })
        .await?;
    Ok(Round { collected, next })
}

/// Takes back what lies in the file store and no row speaks of: files that were handed in more
/// than `grace` ago and never noted, renditions of files that are gone. Lists the whole store.
///
/// # Errors
/// Missing permission; [`Error::Store`].
pub async fn collect_strays(
    desk: &Desk,
    actor: &Actor,
    files: &dyn FileStore,
    grace: Duration,
) -> Result<u64, Error> {
    may_maintain(actor)?;
    let cutoff = before(desk.clock.now(), grace);
    let (mut strays, mut after) = (0, None);
    loop {
        let page = files.list(after, FILES as usize).await.map_err(store::Error::from)?;
        let Some(last) = page.last() else { break };
        after = Some(last.digest);
        let old = page.iter().filter(|file| file.stored_at < cutoff).map(|file| file.digest);
        let unknown = kept::unknown(&mut desk.store.reader().await?, old).await?;
        if !unknown.is_empty() {
            strays += unknown.len() as u64;
            let destroy = desk.work(actor, async |work| {
                for digest in &unknown {
                    kept::destroy(work, digest).await?;
                }
                Ok(())
            });
            destroy.await?;
        }
        if page.len() < FILES as usize {
            break;
        }
    }
    after = None;
    loop {
        let page = files.rendered(after, FILES as usize).await.map_err(store::Error::from)?;
        let Some(last) = page.last() else { break };
        after = Some(*last);
        let unknown = kept::unknown(&mut desk.store.reader().await?, page.iter().copied()).await?;
        for digest in &unknown {
            strays += files.delete_renditions(digest).await.map_err(store::Error::from)?;
        }
        if page.len() < FILES as usize {
            break;
        }
    }
    Ok(strays)
}

/// The moment `grace` before `now`.
fn before(now: Timestamp, grace: Duration) -> Timestamp {
    now.checked_sub(grace).unwrap_or(Timestamp::MIN)
}

pub(crate) fn may_maintain(actor: &Actor) -> Result<(), Error> {
    match may(actor, Action::Operate, &Touched::default()) {
        true => Ok(()),
        false => Err(Refusal::NotPermitted(Action::Operate).into()),
    }
}

/// Rebuilds the documents of one type, or all.
async fn rebuild(
    desk: &Desk,
    actor: &Actor,
    of_type: Option<&str>,
    progress: &mut impl FnMut(u64),
) -> Result<u64, Error> {
    let mut after = None;
    let mut done = 0;
    loop {
        let (ids, _) = desk
            .work(actor, async |work| {
                let ids = reindex::page(work, of_type, after, PAGE).await?;
                for id in &ids {
                    reindex::document(work, &desk.types, *id).await?;
                }
                Ok(ids)
            })
            .await?;
        let Some(last) = ids.last() else { return Ok(done) };
        after = Some(*last);
        done += ids.len() as u64;
        progress(done);
    }
}
