//! What the server does beside answering: it finishes what was owed, forgets what is over, keeps
//! indexes and the chain of the audit whole.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use editorial::{files::uploads, maintenance, outside_links, ports::Web, sign_in};
use schema::{digest::Digest, sign_in::Rules};
use store::{audit, erasures, files::FileStore, search};
use syndication::{Outbound, outbound::SystemLookup};
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::Hub;

/// Older than this, what a crash left half-written in the file store is no upload under way.
const LEFTOVER: Duration = Duration::from_secs(24 * 60 * 60);
/// How often it is looked whether rows of the audit wait for their place in its chain.
const SEALING: Duration = Duration::from_secs(2);
/// How often it is looked whether an erasure left something to destroy, or an index is to be
/// written or merged.
const HOUSEKEEPING: Duration = Duration::from_secs(60);
/// How often the file store is swept for what nothing speaks of.
const STRAYS: Duration = Duration::from_secs(24 * 60 * 60);

/// By which settings the house is kept.
pub(super) struct House {
    /// How long files are kept that no edition uses.
    pub(super) unused: Duration,
    /// How people sign in.
    pub(super) rules: Rules,
    /// Days for which the audit is kept.
    pub(super) keep_days: u32,
}

/// What an earlier process left undone. Neither keeps the hub from working: it is tried again.
pub(super) async fn finish_what_was_owed(hub: &Hub, files: &dyn FileStore) {
    purge(hub, files).await;
    match files.clean(hub.desk.clock.now(), LEFTOVER).await {
        Ok(0) => {}
        Ok(leftovers) => tracing::info!(leftovers, "removed half-written files"),
        Err(error) => tracing::warn!(%error, "half-written files stay"),
    }
}

/// Destroys what confirmed erasures left on disks.
async fn purge(hub: &Hub, files: &dyn FileStore) {
    match erasures::purge(&hub.desk.store, files, hub.desk.clock.now()).await {
        Ok(0) => {}
        Ok(erasures) => tracing::info!(erasures, "purged what was erased"),
        Err(error) => tracing::warn!(%error, "what was erased is not purged yet"),
    }
}

/// What is done beside answering, for as long as the server runs. Several nodes doing it at
/// once do it twice and do no harm.
pub(super) async fn keep_house(hub: &Hub, files: &dyn FileStore, house: &House) {
    let House { unused, rules, keep_days } = house;
    let mut rounds = interval(HOUSEKEEPING);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut looked_at, mut strays_sought) = (None, None::<Instant>);
    loop {
        rounds.tick().await;
        looked_at = collect_unused_files(hub, *unused, looked_at).await;
        // The whole file store is listed for this.
        if strays_sought.is_none_or(|at| at.elapsed() > STRAYS) {
            strays_sought = Some(Instant::now());
            collect_strays(hub, files, *unused).await;
            read_files(hub, files).await;
        }
        purge(hub, files).await;
        index_what_waits(hub).await;
        refresh_statistics(hub).await;
        merge_search_index(hub).await;
        forget_sessions(hub, rules).await;
        forget_uploads(hub, files).await;
        cut_the_audit(hub, *keep_days).await;
    }
}

/// Forgets sessions that are long over, and failures to sign in that count no more.
async fn forget_sessions(hub: &Hub, rules: &Rules) {
    if let Err(error) = sign_in::tidy(&hub.desk, rules).await {
        tracing::warn!(%error, "sessions that are over are not forgotten yet");
    }
}

/// Destroys what came of uploads that nobody goes on with.
async fn forget_uploads(hub: &Hub, files: &dyn FileStore) {
    match uploads::forget_what_is_over(&hub.desk, files, &hub.operator).await {
        Ok(0) => {}
        Ok(uploads) => tracing::info!(uploads, "forgot uploads that are over"),
        Err(error) => tracing::warn!(%error, "uploads that are over are not forgotten yet"),
    }
}

/// Looks at some files, from where the last round stopped, and takes back those that no edition
/// has used for long; their bytes are destroyed with the next purge.
async fn collect_unused_files(
    hub: &Hub,
    unused: Duration,
    after: Option<Digest>,
) -> Option<Digest> {
    match maintenance::collect_unused_files(&hub.desk, &hub.operator, unused, after).await {
        Ok(round) => {
            if round.collected > 0 {
                tracing::info!(files = round.collected, "took back files that nothing uses");
            }
            round.next
        }
        Err(error) => {
            tracing::warn!(%error, "files that nothing uses are not collected");
            after
        }
    }
}

/// Reads the texts of files that were not read when they came: after an upgrade or a restore, or
/// because many came at once.
async fn read_files(hub: &Hub, files: &dyn FileStore) {
    match maintenance::read_files(&hub.desk, files, &hub.operator, false).await {
        Ok(0) => {}
        Ok(read) => tracing::info!(read, "read the texts of files"),
        Err(error) => tracing::warn!(%error, "texts of files are not read yet"),
    }
}

async fn collect_strays(hub: &Hub, files: &dyn FileStore, unused: Duration) {
    match maintenance::collect_strays(&hub.desk, &hub.operator, files, unused).await {
        Ok(0) => {}
        Ok(strays) => tracing::info!(strays, "took back what no row speaks of"),
        Err(error) => tracing::warn!(%error, "the file store is not swept"),
    }
}

/// Gives rows of the audit their place in its chain, soon after they are there.
pub(super) async fn seal_the_audit(hub: &Hub) {
    let mut rounds = interval(SEALING);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        seal(hub).await;
    }
}

pub(super) async fn seal(hub: &Hub) {
    if let Err(error) = audit::seal(&hub.desk.store).await {
        tracing::warn!(%error, "rows of the audit have no place in its chain yet");
    }
}

/// Opens links that lead out of the hub, as they are due, where the operator wants that.
pub(super) async fn open_links(hub: &Hub) {
    if hub.desk.outside_links.is_none() {
        return std::future::pending().await;
    }
    let web: Arc<dyn Web> = Arc::new(Outbound::new(Arc::new(SystemLookup)));
    let mut rounds = interval(HOUSEKEEPING);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        match outside_links::open_due(&hub.desk, Arc::clone(&web)).await {
            Ok(opened) if opened.failed > 0 => {
                tracing::info!(
                    opened.tried,
                    opened.failed,
                    "opened links that lead out of the hub"
                );
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "links that lead out of the hub are not opened"),
        }
    }
}

/// Deletes the rows of the audit whose time is over.
async fn cut_the_audit(hub: &Hub, keep_days: u32) {
    let desk = &hub.desk;
    match audit::cut(&desk.store, desk.clock.now(), &*desk.entropy, keep_days).await {
        Ok(0) => {}
        Ok(rows) => tracing::info!(rows, "deleted rows of the audit whose time was over"),
        Err(error) => tracing::warn!(%error, "rows of the audit stay beyond their time"),
    }
}

async fn refresh_statistics(hub: &Hub) {
    if let Err(error) = hub.desk.store.refresh_statistics().await {
        tracing::warn!(%error, "the database's statistics are not fresh");
    }
}

/// Merges the index of search where it lies in many parts: at most half of the time, so that
/// writers hardly wait, and not for longer than other housekeeping may wait.
async fn merge_search_index(hub: &Hub) {
    let merging = async {
        if !search::is_scattered(&hub.desk.store).await? {
            return Ok(());
        }
        let mut began = Instant::now();
        let end = began + HOUSEKEEPING / 2;
        while began < end && search::merge(&hub.desk.store).await? {
            sleep(began.elapsed()).await;
            began = Instant::now();
        }
        Ok::<_, store::Error>(())
    };
    if let Err(error) = merging.await {
        tracing::warn!(%error, "the index of search is not merged yet");
    }
}

/// Writes the index rows of fields that became filterable with the content types put in force.
/// Until it is done queries by them are refused; it is tried again.
async fn index_what_waits(hub: &Hub) {
    match maintenance::index_what_waits(&hub.desk, &hub.operator, |_| {}).await {
        Ok(0) => {}
        Ok(documents) => tracing::info!(documents, "indexed fields that became filterable"),
        Err(error) => tracing::warn!(%error, "fields wait for their index still"),
    }
}
