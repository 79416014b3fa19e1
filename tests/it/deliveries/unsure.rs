//! A channel whose targets cannot tell a repeated call from a new one: what may have been done
//! is never done again blindly.

use std::sync::Arc;

use async_trait::async_trait;
use editorial::{ports::Shown, targets::NewTarget};
use jiff::Timestamp;
use schema::{
    canonical::NotCanonical,
    delivery::{Declaration, DeliveryState, Form, TargetParticulars},
    message::Fault,
    parameters::Entropy,
};
use store::deliveries::targets::Target;
use store::vault::MasterKey;
use syndication::{
    Channels, Engine, Outbound, Settings, Transport,
    channels::{Channel, Made, Parcel, webhook::Webhook},
    facts::Facts,
    verdict::Outcome,
};

use super::{
    post::{Names, Post, post},
    receiver::Answer,
};

/// A webhook whose receivers count every call as a new message.
struct Forgetful(Webhook);

#[async_trait]
impl Channel for Forgetful {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn declaration(&self) -> Declaration {
        self.0.declaration()
    }

    fn repeats_safely(&self) -> bool {
        false
    }

    fn faults(&self, address: &str, particulars: &TargetParticulars) -> Vec<Fault> {
        self.0.faults(address, particulars)
    }

    fn mint(&self, entropy: &dyn Entropy) -> Made {
        self.0.mint(entropy)
    }

    fn rotate(&self, old: &[u8], now: Timestamp, entropy: &dyn Entropy) -> Option<Made> {
        self.0.rotate(old, now, entropy)
    }

    fn public(&self, secrets: &[u8]) -> Vec<Shown> {
        self.0.public(secrets)
    }

    fn render(&self, facts: &Facts, form: Form) -> Result<Vec<u8>, NotCanonical> {
        self.0.render(facts, form)
    }

    fn harmless(&self, id: String, at: Timestamp) -> Parcel {
        self.0.harmless(id, at)
    }

    async fn send(
        &self,
        target: &Target,
        secrets: &[u8],
        parcel: Parcel,
        transport: &dyn Transport,
    ) -> Outcome {
        self.0.send(target, secrets, parcel, transport).await
    }
}

async fn forgetful(database: test_harness::Engine) -> Option<Post> {
    let mut post = post(database).await?;
    let master = MasterKey::parse("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").expect("a key");
    let channels = Channels::with(
        vec![Box::new(Forgetful(Webhook))],
        master,
        Arc::new(Outbound::new(Arc::new(Names))),
        Arc::clone(&post.desk.entropy),
    );
    post.channels = Arc::new(channels);
    post.engine = Engine::new(post.desk.clone(), Arc::clone(&post.channels), Settings::default());
    Some(post)
}

test_harness::on_both_databases! {
    with forgetful;

    async fn a_call_whose_answer_was_lost_waits_for_a_person(post: Post) {
        let receiver = post.receiver_of("once", |new| NewTarget { backfill: false, ..new }).await;
        receiver.answers([Answer::Breaks]);
        let document = post.house.live_article("甲").await;

        post.settle().await;
        post.turn(1_000_000);
        post.settle().await;

        assert_eq!(receiver.received().len(), 1);
        assert_eq!(post.states("once", &document).await, [DeliveryState::Parked]);
        let last = post.last("once", &document).await;
        assert_eq!(last.reason.as_deref(), Some("unknownOutcome"));
    }

    async fn a_worker_that_died_in_a_call_leaves_it_to_a_person(post: Post) {
        let receiver = post.receiver("once").await;
        receiver.answers([Answer::Holds(204)]);
        let document = post.house.live_article("甲").await;
        let engine = post.engine.clone();
        let dying = tokio::spawn(async move { engine.settle().await });
        receiver.wait_for(1).await;
        let intent = post.tries("once", &document).await;
        assert_eq!(intent.last().map(|intent| intent.class), Some(None), "written before the call");
        dying.abort();
        let _ = dying.await;

        post.turn(91);
        post.settle().await;

        assert_eq!(receiver.received().len(), 1, "not a second call");
        assert_eq!(post.states("once", &document).await, [DeliveryState::Parked]);
    }

    async fn a_failure_that_is_known_is_tried_again(post: Post) {
        let receiver = post.receiver("once").await;
        receiver.answers([Answer::Status(500)]);
        let document = post.house.live_article("甲").await;

        post.settle().await;
        post.turn(6);
        post.settle().await;

        assert_eq!(receiver.received().len(), 2);
        assert_eq!(post.states("once", &document).await, [DeliveryState::Done]);
    }
}
