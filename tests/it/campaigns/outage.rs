//! A database that goes away while processes write and deliver, and comes back.

use std::{collections::BTreeSet, time::Duration};

use test_harness::Engine;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

use super::scene::{Scene, scene};
use crate::{processes::watch as follow, program::Node};

/// Things that a writer imports, in two versions.
const COUNT: usize = 150;
/// For a writer to find out that its database is gone.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a lane is leased.
const LEASE: Duration = Duration::from_secs(90);

/// The way to the database, which can be cut: connections break off, and new ones are closed
/// as soon as they are made.
struct Way {
    /// The database's address by this way.
    url: String,
    is_open: watch::Sender<bool>,
    _carrying: JoinSet<()>,
}

impl Way {
    async fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (before, host) = url.split_once('@').expect("an address with a password");
        let (there, database) = host.split_once('/').expect("the name of a database");
        let (is_open, state) = watch::channel(true);
        let there = there.to_owned();
        let url = format!("{before}@127.0.0.1:{port}/{database}");
        let mut carrying = JoinSet::new();
        carrying.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                connections.spawn(carry(stream, there.clone(), state.clone()));
            }
        });
        Self { url, is_open, _carrying: carrying }
    }
}

async fn carry(mut from: TcpStream, there: String, mut is_open: watch::Receiver<bool>) {
    if !*is_open.borrow_and_update() {
        return;
    }
    let Ok(mut to) = TcpStream::connect(there).await else { return };
    tokio::select! {
        _ = copy_bidirectional(&mut from, &mut to) => {}
        _ = is_open.changed() => {}
    }
}

/// Asks until the node answers `status`, and gives all that it answered.
async fn asks_until(node: &Node, path: &str, status: u16) -> BTreeSet<u16> {
    let mut answers = BTreeSet::new();
    for _ in 0..10_000 {
        let answer = node.get(path).await.status;
        answers.insert(answer);
        if answer == status {
            return answers;
        }
    }
    panic!("{path} never answers {status}: {answers:?}");
}

#[test]
fn what_was_acknowledged_survives_a_database_that_goes_away() {
    test_harness::run(Engine::Postgres, scene, async |scene: Scene| {
        let way = Way::to(scene.house.database.url()).await;
        let node = scene.program.clone().with("GONGBAO_DATABASE_URL", &way.url).serve();
        let importer = || {
            let mut importer = scene.house.importer("outage", COUNT);
            importer.env("GONGBAO_DATABASE_URL", &way.url).spawn().expect("a process")
        };
        let mut writer = importer();
        scene.every.until("something is delivered", |book| book.count() > COUNT / 10).await;

        way.is_open.send_replace(false);
        let errors = writer.stderr.take().expect("a pipe");
        let (mut acknowledged, ended_well) = follow("outage", writer, Some(PATIENCE));
        let said = std::io::read_to_string(errors).expect("UTF-8");
        assert!(!ended_well, "it cannot go on");
        assert_eq!(said.lines().count(), 2, "what is wrong and what to do: {said}");
        let away = asks_until(&node, "/health/ready", 503).await;
        assert!(away.is_subset(&[200, 503].into()), "{away:?}");
        let feed = node.get("/sites/lanqiao/feed.json").await;
        assert_eq!((feed.status, feed.problem().as_str()), (503, "unavailable"));
        way.is_open.send_replace(true);

        // The same process works again, and the same import goes on where it stopped.
        let back = asks_until(&node, "/health/ready", 200).await;
        assert!(back.is_subset(&[200, 503].into()), "{back:?}");
        let before = scene.every.book().count();
        acknowledged.extend(follow("outage", importer(), None).0);
        // What came of the calls of that moment is written down late, but not lost: no lane
        // waits for the end of its lease.
        let going_on = scene.every.until("deliveries go on", |book| book.count() > before);
        tokio::time::timeout(LEASE / 2, going_on).await.expect("long before a lease ends");
        node.stop();
        // But for lanes whose claim was committed without anybody hearing of it.
        scene.leases_end().await;
        let node = scene.program.serve();
        scene.settled().await;
        node.stop();
        scene.house.holds(&acknowledged.into_iter().collect()).await;
        scene.is_right().await;
        assert_eq!(scene.every.book().count(), COUNT * 2, "each version of each thing once");
    });
}
