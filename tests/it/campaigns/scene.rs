//! What campaigns play on: a house, two receivers with a target each, and the processes of
//! `gongbao serve` that call them.

use std::{sync::Arc, time::Duration};

use editorial::{ports::Shown, targets};
use serde_json::Value;
use store::deliveries::status::Counts;
use test_harness::Engine;

use super::{receiver::Receiver, script::Script};
use crate::{
    house::{House, house},
    program::{Node, Program},
};

/// How long it may take until everything that is owed was delivered: the schedule of what
/// failed once, and much more.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often it is looked whether that is so.
const LOOK: Duration = Duration::from_millis(20);

pub struct Scene {
    pub house: House,
    pub program: Program,
    /// Gets every event.
    pub every: Receiver,
    /// Gets the latest state.
    pub latest: Receiver,
    pub script: Arc<Script>,
}

/// The fixture of every campaign.
pub async fn scene(engine: Engine) -> Option<Scene> {
    let house = house(engine).await?;
    let script = Arc::new(Script::new());
    let every = Receiver::start(Arc::clone(&script)).await;
    let latest = Receiver::start(Arc::clone(&script)).await;
    let types = house.types_folder();
    let program = Program::new(house.folder(), house.database.url())
        .with("GONGBAO_TYPES", &types.display().to_string());
    let scene = Scene { house, program, every, latest, script };
    scene.target("every", "every-event", &scene.every);
    scene.target("latest", "latest-state", &scene.latest);
    Some(scene)
}

impl Scene {
    /// A target that leads to `receiver`, made by the program; the receiver gets its keys.
    fn target(&self, key: &str, declaration: &str, receiver: &Receiver) {
        let port = receiver.address.port().to_string();
        let address = format!("http://{}/in", receiver.address);
        let made = self.program.done(&[
            "channel",
            "create",
            key,
            &address,
            "--authority",
            "lanqiao-city",
            "--site",
            "lanqiao",
            "--declaration",
            declaration,
            "--per-minute",
            "60000",
            "--concurrency",
            "8",
            "--allow",
            "127.0.0.0/8",
            "--allow-http",
            "--port",
            &port,
            "--json",
        ]);
        let made: Value = serde_json::from_str(&made).expect("JSON");
        let shown = |name: &'static str| {
            let all = made["shown"].as_array().expect("keys");
            let one = all.iter().find(|one| one["name"] == name).expect("it is shown");
            Shown { name, value: one["value"].as_str().expect("a key").to_owned() }
        };
        receiver.checks(vec![shown("secret"), shown("publicKey")]);
    }

    /// A process that serves and delivers, ready.
    pub fn serve(&self) -> Node {
        self.program.serve()
    }

    /// Lets the leases of lanes end whose holders are dead. Nobody else may be at work: it is
    /// as if everybody had slept for as long as a lease.
    pub async fn leases_end(&self) {
        let epoch = match self.house.database.engine() {
            Engine::Sqlite => "0",
            Engine::Postgres => "'epoch'",
        };
        let sql = format!(
            "UPDATE lane SET due_at = {epoch}, lease_until = {epoch} WHERE lease_until IS NOT NULL"
        );
        self.house.tamper(&sql).await;
    }

    pub async fn counts(&self, key: &str) -> Counts {
        let desk = &self.house.desk;
        let shown = targets::show(desk, &self.house.administrator, key).await;
        shown.expect("the target is known").1
    }

    /// Waits until nothing is owed to anybody.
    pub async fn settled(&self) {
        let head = self.house.sequence().await;
        let mut look = tokio::time::interval(LOOK);
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            look.tick().await;
            let mut owed = 0;
            for key in ["every", "latest"] {
                let shown = targets::show(&self.house.desk, &self.house.administrator, key).await;
                let (target, counts, _) = shown.expect("the target is known");
                owed += counts.pending + head.saturating_sub(target.progress.position);
            }
            if owed == 0 {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "{owed} are owed for ever");
        }
    }
}
