//! Work on what is stored, not on content: rebuilding what is derived.

use schema::permission::{Action, Actor, Touched, may};
use store::{reindex, types};

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
    if !may(actor, Action::Operate, &Touched::default()) {
        return Err(Refusal::NotPermitted(Action::Operate).into());
    }
    // What waits now has its rows when the last page is done; what comes to wait meanwhile
    // goes on waiting.
    let waiting = types::unindexed(&mut desk.store.reader().await?).await?;
    let mut after = None;
    let mut done = 0;
    loop {
        let (ids, _) = desk
            .work(actor, async |work| {
                let ids = reindex::page(work, after, PAGE).await?;
                for id in &ids {
                    reindex::document(work, &desk.types, *id).await?;
                }
                Ok(ids)
            })
            .await?;
        let Some(last) = ids.last() else { break };
        after = Some(*last);
        done += ids.len() as u64;
        progress(done);
    }
    desk.work(actor, async |work| {
        for (name, fields) in &waiting {
            types::indexed(work, name, fields).await?;
        }
        Ok(())
    })
    .await?;
    Ok(done)
}
