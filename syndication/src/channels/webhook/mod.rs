//! Webhooks after Standard Webhooks 1.0.0 (<https://www.standardwebhooks.com>): a signed POST of
//! facts, digest and address; the text too where the target asks for it.

mod body;
mod keys;
mod signature;

use async_trait::async_trait;
use bytes::Bytes;
use editorial::ports::Shown;
use jiff::Timestamp;
use schema::{
    canonical::NotCanonical,
    delivery::{Class, Declaration, Form, TargetParticulars},
    message::Fault,
    parameters::Entropy,
};
use store::deliveries::targets::Target;

use self::keys::KeyRing;
use super::{Channel, Made, Parcel, not_dialled};
use crate::{
    facts::Facts,
    outbound::{Call, Transport, addresses::Rules},
    verdict::Outcome,
};

/// The channel `webhook`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Webhook;

#[async_trait]
impl Channel for Webhook {
    fn name(&self) -> &'static str {
        "webhook"
    }

    fn declaration(&self) -> Declaration {
        Declaration::EveryEvent
    }

    // Receivers drop what they have seen by its id; the standard asks it of them.
    fn repeats_safely(&self) -> bool {
        true
    }

    fn faults(&self, address: &str, particulars: &TargetParticulars) -> Vec<Fault> {
        let read = Rules::of(&particulars.reach)
            .and_then(|rules| rules.read(address).map_err(|refused| not_dialled(&refused)));
        let purge = particulars.purge.as_ref().map(|_| {
            Fault::new(
                "purge",
                "no_cache",
                "清除方式仅用于 purge 通道",
                "how a cache is told what to drop is for the channel purge",
            )
        });
        read.err().into_iter().chain(purge).collect()
    }

    fn mint(&self, entropy: &dyn Entropy) -> Made {
        KeyRing::new(entropy).made()
    }

    fn rotate(&self, old: &[u8], now: Timestamp, entropy: &dyn Entropy) -> Option<Made> {
        Some(KeyRing::read(old)?.rotated(now, entropy).made())
    }

    fn public(&self, secrets: &[u8]) -> Vec<Shown> {
        KeyRing::read(secrets).map(|ring| ring.public()).unwrap_or_default()
    }

    fn render(&self, facts: &Facts, form: Form) -> Result<Vec<u8>, NotCanonical> {
        body::render(facts, form)
    }

    fn harmless(&self, id: String, at: Timestamp) -> Parcel {
        let body = format!(r#"{{"data":{{}},"id":"{id}","time":"{at}","type":"gongbao.test"}}"#);
        Parcel { id, body: Bytes::from(body), at }
    }

    async fn send(
        &self,
        target: &Target,
        secrets: &[u8],
        parcel: Parcel,
        transport: &dyn Transport,
    ) -> Outcome {
        let Some(ring) = KeyRing::read(secrets) else {
            return Outcome::without_answer(Class::Blocked, "the secrets cannot be read");
        };
        let call = Call {
            method: "POST".into(),
            url: target.address.clone(),
            headers: vec![
                ("content-type".into(), "application/json".into()),
                ("webhook-id".into(), parcel.id.clone()),
                ("webhook-timestamp".into(), parcel.at.as_second().to_string()),
                ("webhook-signature".into(), ring.sign(&parcel)),
            ],
            body: parcel.body,
        };
        let reply = transport.send(call, &target.particulars.reach).await;
        Outcome::of_reply(reply, parcel.at)
    }
}
