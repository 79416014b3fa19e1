//! A crowd on one database: many processes write, several deliver, and readers of the log look
//! on all the while.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use schema::log::Subject;
use serde_json::{Value, json};
use store::Store;
use test_harness::Engine;

use super::scene::{Scene, scene};
use crate::{processes::watch, wire::send};

/// Things that each process imports, in two versions.
const EACH: usize = 6;

/// Reads the log while it grows, up to the event `until`, which is known in the end. Numbers
/// are given in commit order exactly when a reader at any moment sees a beginning of the log
/// without a gap: a number that is seen before its predecessor was committed before it.
async fn looks_on(store: Store, until: Arc<AtomicU64>) -> usize {
    let (mut last, mut looks) = (0, 0);
    while last < until.load(Ordering::SeqCst) {
        let mut session = store.reader().await.expect("a reader");
        let seen = store::log::after(&mut session, last, 1_000).await.expect("the log");
        for stored in seen {
            assert_eq!(
                stored.event.sequence,
                last + 1,
                "an event was seen before the one before it"
            );
            last += 1;
        }
        looks += 1;
    }
    looks
}

/// Follows `changes` over HTTP from node to node with one cursor, until `until` documents'
/// events were told; gives them as content id and edition.
async fn follows(nodes: Vec<SocketAddr>, until: Arc<AtomicU64>) -> Vec<(String, u64)> {
    const QUERY: &str = "query ($after: String) { changes(after: $after, first: 50) {
        nodes { contentId edition } pageInfo { endCursor } } }";
    let (mut told, mut after) = (Vec::new(), Value::Null);
    for node in nodes.iter().cycle() {
        if told.len() as u64 >= until.load(Ordering::SeqCst) {
            break;
        }
        let question = json!({ "query": QUERY, "variables": { "after": after } }).to_string();
        let headers = [("content-type", "application/json")];
        let answer = send(*node, "POST", "/graphql", &headers, question.as_bytes()).await.json();
        let changes = &answer["data"]["changes"];
        for change in changes["nodes"].as_array().unwrap_or_else(|| panic!("{answer}")) {
            if let Some(content) = change["contentId"].as_str() {
                told.push((content.to_owned(), change["edition"].as_u64().expect("an edition")));
            }
        }
        if !changes["pageInfo"]["endCursor"].is_null() {
            after = changes["pageInfo"]["endCursor"].clone();
        }
    }
    told
}

test_harness::on_both_databases! {
    with scene;

    async fn writers_and_dispatchers_in_a_crowd_neither_lose_nor_repeat(scene: Scene) {
        // One SQLite file has one writer at a time, whoever it is.
        let (writers, dispatchers) = match scene.house.database.engine() {
            Engine::Sqlite => (4, 2),
            Engine::Postgres => (16, 3),
        };
        let nodes: Vec<_> = (0..dispatchers).map(|_| scene.serve()).collect();
        let before = scene.house.sequence().await;
        let unknown = || Arc::new(AtomicU64::new(u64::MAX));
        let (head, count) = (unknown(), unknown());
        let looking = tokio::spawn(looks_on(scene.house.desk.store.clone(), Arc::clone(&head)));
        let addresses = nodes.iter().map(|node| node.address).collect();
        let following = tokio::spawn(follows(addresses, Arc::clone(&count)));

        // Every fourth process writes and corrects what another one does at the same time.
        let sources: Vec<_> =
            (0..writers).map(|process| format!("crowd-{}", process - process % 4 / 3)).collect();
        let children: Vec<_> = sources
            .iter()
            .map(|source| (source, scene.house.importer(source, EACH).spawn().expect("a process")))
            .collect();
        let mut acknowledged = BTreeSet::new();
        for (source, child) in children {
            acknowledged.extend(watch(source, child, None).0);
        }
        let things = sources.iter().collect::<BTreeSet<_>>().len() * EACH;
        let last = scene.house.sequence().await;
        count.store(things as u64 * 2, Ordering::SeqCst);
        head.store(last, Ordering::SeqCst);

        assert_eq!(last - before, things as u64 * 2, "each version of each thing once");
        assert!(looking.await.expect("the log has no gap at any moment") > 1);
        let told = following.await.expect("the nodes tell the log");
        let mut session = scene.house.desk.store.reader().await.expect("a reader");
        let log = store::log::after(&mut session, before, 100_000).await.expect("the log");
        let log = log.iter().filter_map(|stored| match &stored.event.subject {
            Subject::Document(event) => {
                Some((event.content.to_string(), u64::from(event.edition)))
            }
            Subject::Arrangement(_) => None,
        });
        assert!(log.eq(told), "what nodes tell one after the other is the log");
        drop(session);

        scene.every.until("every event", |book| book.count() >= things * 2).await;
        scene.settled().await;
        for node in nodes {
            node.stop();
        }
        scene.house.holds(&acknowledged).await;
        scene.is_right().await;
        for receiver in [&scene.every, &scene.latest] {
            let book = receiver.book();
            assert_eq!(book.repeats, [] as [&str; 0], "what was answered came once");
        }
    }
}
