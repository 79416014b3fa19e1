//! The post office of a house: an engine that is driven by hand and by a clock that stands
//! still until it is turned.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use async_trait::async_trait;
use editorial::{
    Desk, Refusal,
    targets::{self, Equipped, NewTarget},
};
use jiff::{SignedDuration, Timestamp};
use schema::{
    delivery::{Declaration, DeliveryState, Form, Limits, Reach, Selector},
    parameters::Clock,
};
use std::net::IpAddr;
use store::vault::MasterKey;
use store::{
    Store,
    deliveries::status::{AttemptStatus, DeliveryStatus, Standing, of_lane, tries},
    documents::Document,
};
use syndication::{Channels, Engine, Outbound, Settings, outbound::Lookup};
use test_harness::Engine as Database;

use super::receiver::Receiver;
use crate::house::{House, house};

/// A clock that stands still until it is turned. It is ahead of the house's.
pub struct StandingClock(AtomicI64);

impl StandingClock {
    pub fn turn(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1_000, Ordering::SeqCst);
    }
}

impl Clock for StandingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.0.load(Ordering::SeqCst)).expect("a moment")
    }
}

/// Names of the stories, and where they lead.
pub struct Names;

#[async_trait]
impl Lookup for Names {
    async fn addresses(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        let found: &[&str] = match name {
            "receiver.example" => &["127.0.0.1"],
            "inside.example" => &["10.0.0.7"],
            "half-inside.example" => &["1.1.1.1", "169.254.169.254"],
            _ => return Err(std::io::Error::other("no such name")),
        };
        Ok(found.iter().map(|text| text.parse().expect("an address")).collect())
    }
}

pub struct Post {
    pub house: House,
    pub clock: Arc<StandingClock>,
    pub desk: Desk,
    pub channels: Arc<Channels>,
    pub engine: Engine,
}

/// The fixture of every story.
pub async fn post(database: Database) -> Option<Post> {
    let house = house(database).await?;
    let start: Timestamp = "2026-03-02T06:00:00Z".parse().expect("a moment");
    let clock = Arc::new(StandingClock(AtomicI64::new(start.as_millisecond())));
    let desk = Desk { clock: Arc::clone(&clock) as Arc<dyn Clock>, ..house.desk.clone() };
    let master = MasterKey::parse("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").expect("a key");
    let transport = Arc::new(Outbound::new(Arc::new(Names)));
    let channels = Arc::new(Channels::new(master, transport, Arc::clone(&desk.entropy)));
    let engine = Engine::new(desk.clone(), Arc::clone(&channels), Settings::default());
    Some(Post { house, clock, desk, channels, engine })
}

/// A target that takes everything of the city's main site.
pub fn target(key: &str, address: &str, port: u16) -> NewTarget {
    NewTarget {
        key: key.into(),
        authority: "lanqiao-city".parse().expect("an authority key"),
        channel: "webhook".into(),
        address: address.into(),
        selector: Selector {
            sites: vec!["lanqiao".parse().expect("a site key")],
            ..Selector::default()
        },
        declaration: Some(Declaration::EveryEvent),
        form: Form::Facts,
        limits: Limits { concurrency: 4, per_minute: 60_000, ..Limits::default() },
        reach: Reach { ranges: vec!["127.0.0.0/8".into()], http: true, ports: vec![port] },
        backfill: false,
        purge: None,
        secret: None,
    }
}

pub fn latest(new: NewTarget) -> NewTarget {
    NewTarget { declaration: Some(Declaration::LatestState), ..new }
}

impl Post {
    pub async fn create(&self, new: NewTarget) -> Result<Equipped, Refusal> {
        self.house
            .act(async |work| targets::create(&self.desk, &*self.channels, work, new.clone()).await)
            .await
    }

    /// A receiver, and a target that leads to it.
    pub async fn receiver(&self, key: &str) -> Receiver {
        self.receiver_of(key, |new| new).await
    }

    pub async fn receiver_of(
        &self,
        key: &str,
        change: impl FnOnce(NewTarget) -> NewTarget,
    ) -> Receiver {
        let receiver = Receiver::start().await;
        let new = target(key, &receiver.url(), receiver.address.port());
        self.create(change(new)).await.expect("the target is created");
        receiver
    }

    /// Everything that is due now is done; gives how many calls it took.
    pub async fn settle(&self) -> usize {
        self.engine.settle().await.expect("the store answers")
    }

    pub fn turn(&self, seconds: i64) {
        self.clock.turn(seconds);
    }

    /// Another node on the same database, with the same clock.
    pub async fn other_node(&self) -> Engine {
        let store = Store::open(self.house.database.url()).await.expect("the store opens");
        let desk = Desk { store, ..self.desk.clone() };
        Engine::new(desk, Arc::clone(&self.channels), Settings::default())
    }

    pub async fn standing(&self, document: &Document) -> Vec<Standing> {
        let all = targets::standing(&self.desk, &self.house.administrator, document.id).await;
        all.expect("it is known")
    }

    /// The one delivery of `document` to `target` for its newest event.
    pub async fn last(&self, target: &str, document: &Document) -> DeliveryStatus {
        self.lane(target, document).await.pop().expect("something was owed")
    }

    pub async fn lane(&self, key: &str, document: &Document) -> Vec<DeliveryStatus> {
        let mut session = self.desk.store.reader().await.expect("a reader");
        let target = store::deliveries::targets::by_key(&mut session, key).await;
        let target = target.expect("an answer").expect("the target exists");
        of_lane(&mut session, target.id, document.id).await.expect("an answer")
    }

    pub async fn states(&self, key: &str, document: &Document) -> Vec<DeliveryState> {
        self.lane(key, document).await.iter().map(|delivery| delivery.state).collect()
    }

    pub async fn tries(&self, key: &str, document: &Document) -> Vec<AttemptStatus> {
        let last = self.last(key, document).await;
        let mut session = self.desk.store.reader().await.expect("a reader");
        let target = store::deliveries::targets::by_key(&mut session, key).await;
        let target = target.expect("an answer").expect("the target exists");
        let tries = tries(&mut session, target.id, document.id, last.sequence).await;
        tries.expect("an answer")
    }

    pub async fn target(&self, key: &str) -> store::deliveries::targets::Target {
        let mut session = self.desk.store.reader().await.expect("a reader");
        let target = store::deliveries::targets::by_key(&mut session, key).await;
        target.expect("an answer").expect("the target exists")
    }

    pub async fn resume(&self, key: &str) {
        self.house.act(async |work| targets::resume(work, key).await).await.expect("it is resumed");
    }

    pub async fn pause(&self, key: &str) {
        let paused = self.house.act(async |work| targets::pause(work, key, "maintenance").await);
        paused.await.expect("it is paused");
    }

    pub async fn replay(&self, key: &str) -> store::deliveries::replays::Replayed {
        let replayed = self.house.act(async |work| targets::replay(work, key, None).await).await;
        replayed.expect("it is replayed")
    }

    /// How long from now until the next try of the newest delivery.
    pub async fn next_try(&self, key: &str, document: &Document) -> SignedDuration {
        let next = self.last(key, document).await.next_try.expect("it is tried again");
        next.duration_since(self.clock.now())
    }
}
