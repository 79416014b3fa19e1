//! Work on what is stored, not on content: rebuilding what is derived.

use schema::permission::{Action, Actor, Touched, may};
use store::{reindex, search, types};

use crate::{Desk, Error, Refusal};

/// Documents per unit of work: few enough that writers beside it hardly wait.
const PAGE: u32 = 50;

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
pub async fn index_what_waits(desk: &Desk, actor: &Actor) -> Result<u64, Error> {
    may_maintain(actor)?;
    let waiting = types::unindexed(&mut desk.store.reader().await?).await?;
    let mut done = 0;
    for (name, fields) in &waiting {
        done += rebuild(desk, actor, Some(name), &mut |_| {}).await?;
        desk.work(actor, async |work| Ok(types::indexed(work, name, fields).await?)).await?;
    }
    if search::is_complete(&mut desk.store.reader().await?).await? {
        return Ok(done);
    }
    loop {
        let (ids, _) = desk
            .work(actor, async |work| {
                let ids = search::page(work, PAGE).await?;
                for id in &ids {
                    reindex::document(work, &desk.types, *id).await?;
                }
                Ok(ids)
            })
            .await?;
        if ids.is_empty() {
            return Ok(done);
        }
        done += ids.len() as u64;
    }
}

fn may_maintain(actor: &Actor) -> Result<(), Error> {
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
