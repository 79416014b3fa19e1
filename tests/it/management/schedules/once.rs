//! Fired once, by whichever node comes first, and whatever dies meanwhile.

use std::{collections::BTreeMap, time::Duration};

use editorial::{Desk, schedules::fire_due};
use schema::{due::DueState, ids::DocumentId, visibility::EventKind};
use store::{Store, due_times};
use tokio::task::JoinSet;

use super::NINE;
use crate::{
    management::{Office, office},
    processes::{chance, kills},
    program::Program,
};

/// Drafts that are all due at one moment.
const MANY: usize = 24;

/// Schedules so many drafts at [`NINE`].
async fn many(office: &Office) -> Vec<DocumentId> {
    let mut documents = Vec::new();
    for number in 0..MANY {
        let draft = office.draft(&office.administrator, &format!("通知第{number}号")).await;
        office.schedule(&office.administrator, &draft).await;
        let id = draft.document["id"].as_str().expect("an id");
        documents.push(id.parse().expect("an id"));
    }
    documents
}

/// How often each document was published, as the log has it.
async fn publications(office: &Office) -> BTreeMap<String, usize> {
    let mut count = BTreeMap::new();
    for (kind, event) in office.house.events().await {
        if kind == EventKind::Publish {
            *count.entry(event.content.to_string()).or_default() += 1;
        }
    }
    count
}

/// Everything was published once, and nothing is wrong with what is stored.
async fn each_was_published_once(office: &Office) {
    let published = publications(office).await;
    assert_eq!(published.len(), MANY);
    assert!(published.values().all(|times| *times == 1), "{published:?}");
    assert_eq!(office.house.findings().await, []);
}

test_harness::on_both_databases! {
    with office;

    async fn several_nodes_at_once_fire_each_schedule_once(office: Office) {
        many(&office).await;
        office.house.clock.set(NINE);
        let mut nodes = JoinSet::new();
        for _ in 0..4 {
            let store = Store::open(office.house.database.url()).await.expect("the store opens");
            let desk = Desk { store, ..office.house.desk.clone() };
            nodes.spawn(async move {
                // What another node is at is passed over, and looked at again.
                let mut fired = 0;
                loop {
                    let round = fire_due(&desk).await.expect("the store answers");
                    fired += round.tried.iter().filter(|tried| tried.is_done()).count();
                    if round.next.is_none() {
                        break;
                    }
                }
                desk.store.close().await;
                fired
            });
        }

        let fired: usize = nodes.join_all().await.into_iter().sum();

        assert_eq!(fired, MANY);
        each_was_published_once(&office).await;
    }

    async fn a_node_that_is_killed_in_the_middle_publishes_nothing_twice_and_loses_nothing(office: Office) {
        let documents = many(&office).await;
        let house = &office.house;
        let types = house.types_folder().display().to_string();
        // By any real clock all of it is due as soon as a server starts.
        let program = Program::new(house.folder(), house.database.url()).with("GONGBAO_TYPES", &types);
        let mut reached = 0;
        for kill in 0..kills() {
            let node = program.serve();
            // As soon as it has published something, or somewhere in the first of it.
            if kill % 2 == 0 {
                let more = async || reached == MANY || publications(&office).await.len() > reached;
                office.until(more).await;
            }
            // Nothing is waited for: it is the moment of the kill that is drawn.
            tokio::time::sleep(Duration::from_micros(chance(&format!("fire {kill}"), 15_000))).await;
            node.kill();
            // The database may still be at the last commit of the dead, so it is asked thrice.
            let before = publications(&office).await.len();
            let fired = fired(&office, &documents).await;
            reached = publications(&office).await.len();
            assert!(before <= fired && fired <= reached, "{before} {fired} {reached}");
        }
        let node = program.serve();
        office.until(async || publications(&office).await.len() == MANY).await;
        node.stop();

        each_was_published_once(&office).await;
        assert_eq!(fired(&office, &documents).await, MANY);
    }
}

/// How many schedules are done.
async fn fired(office: &Office, documents: &[DocumentId]) -> usize {
    let mut session = office.house.desk.store.reader().await.expect("a reader");
    let mut count = 0;
    for document in documents {
        let due = due_times::of_subject(&mut session, document.uuid(), 9).await.expect("rows");
        count += due.iter().filter(|due| due.state == DueState::Fired).count();
    }
    count
}
