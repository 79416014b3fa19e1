//! SIGKILL while documents are published and delivered, to either side in turn, and a new
//! start.

use std::{collections::BTreeSet, thread, time::Duration};

use schema::ids::DocumentId;

use super::{
    scene::{Scene, scene},
    script::Point,
};
use crate::{
    processes::{Acknowledged, chance, kills, watch},
    program::Node,
};

/// Things that a writer imports, in two versions.
const COUNT: usize = 6;

/// What is known while a campaign runs.
#[derive(Default)]
struct Course {
    acknowledged: BTreeSet<Acknowledged>,
    recalled: BTreeSet<DocumentId>,
    /// Sources whose writer was killed.
    broken_off: Vec<String>,
}

impl Course {
    /// Kills the writer of `source` after a time.
    fn kill_writer(&mut self, scene: &Scene, source: &str) {
        let child = scene.house.importer(source, COUNT).spawn().expect("a process");
        let patience = Duration::from_millis(chance(&format!("writer {source}"), 120));
        let (lines, ended_well) = watch(source, child, Some(patience));
        self.acknowledged.extend(lines);
        if !ended_well {
            self.broken_off.push(source.to_owned());
        }
    }

    /// Kills the dispatcher somewhere in the deliveries of `source`, which is being written,
    /// and starts another one.
    async fn kill_dispatcher(&mut self, scene: &Scene, node: Node, source: &str) -> Node {
        let random = |what: &str, bound| chance(&format!("{what} {source}"), bound);
        let point = [Point::Arrived, Point::Taken, Point::Answered][random("point", 3) as usize];
        // A source that is new makes at least so many calls.
        scene.script.mark(random("calls", 2 * COUNT as u64), point);
        let writing = self.write(scene, source);
        scene.script.marked().await;
        if point == Point::Answered {
            // Somewhere in the record of the answer, or in what follows. Nothing is waited for:
            // any moment will do, and the campaign wants many different ones.
            tokio::time::sleep(Duration::from_micros(random("moment", 20_000))).await;
        }
        node.kill();
        scene.leases_end().await;
        let node = scene.serve();
        self.acknowledged.extend(writing.join().expect("the writer ends"));
        node
    }

    /// A writer of `source` that is left to its work.
    fn write(&self, scene: &Scene, source: &str) -> thread::JoinHandle<Vec<Acknowledged>> {
        let child = scene.house.importer(source, COUNT).spawn().expect("a process");
        let source = source.to_owned();
        thread::spawn(move || watch(&source, child, None).0)
    }

    /// Recalls something that was acknowledged.
    async fn recall(&mut self, scene: &Scene) {
        let mut left = self.acknowledged.iter().map(|(.., document)| *document);
        let Some(document) = left.rfind(|one| !self.recalled.contains(one)) else {
            return;
        };
        let seen = scene.house.seen(document).await.expect("it was acknowledged");
        scene.house.recall(&seen).await;
        self.recalled.insert(document);
    }

    /// Completes what was broken off; a second time it changes nothing.
    fn complete(&mut self, scene: &Scene) {
        for source in std::mem::take(&mut self.broken_off) {
            let lines = self.write(scene, &source).join().expect("the writer ends");
            let things: BTreeSet<_> =
                lines.iter().map(|(_, key, _, document)| (key, document)).collect();
            assert_eq!(things.len(), COUNT, "{source}: nothing was imported twice");
            self.acknowledged.extend(lines);
        }
    }
}

test_harness::on_both_databases! {
    with scene;

    async fn a_killed_dispatcher_or_writer_loses_nothing_and_repeats_nothing(scene: Scene) {
        let mut course = Course::default();
        let mut node = scene.serve();
        for kill in 0..kills() {
            let source = format!("kill-{kill}");
            if kill % 2 == 0 {
                node = course.kill_dispatcher(&scene, node, &source).await;
            } else {
                course.kill_writer(&scene, &source);
            }
            if kill % 5 == 3 {
                course.recall(&scene).await;
            }
            if kill % 10 == 9 {
                course.complete(&scene);
            }
        }
        course.complete(&scene);
        scene.settled().await;
        node.stop();

        course.acknowledged.retain(|(.., document)| !course.recalled.contains(document));
        scene.house.holds(&course.acknowledged).await;
        scene.is_right().await;
    }
}
