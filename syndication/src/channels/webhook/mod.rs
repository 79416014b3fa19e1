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
use super::{Channel, Made, Parcel};
use crate::{
    facts::Facts,
    outbound::{Call, CallFailure, Transport, addresses::Rules},
    schedule,
    verdict::{Outcome, class_of},
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
        let read = Rules::of(&particulars.reach).and_then(|rules| {
            rules.read(address).map_err(|refused| {
                Fault::new(
                    "address",
                    "not_dialled",
                    format!("不能访问该地址：{refused}"),
                    format!("this address is not dialled: {refused}"),
                )
            })
        });
        read.err().into_iter().collect()
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
            url: target.address.clone(),
            headers: vec![
                ("content-type", "application/json".into()),
                ("webhook-id", parcel.id.clone()),
                ("webhook-timestamp", parcel.at.as_second().to_string()),
                ("webhook-signature", ring.sign(&parcel)),
            ],
            body: parcel.body,
        };
        match transport.post(call, &target.particulars.reach).await {
            Ok(reply) => {
                let asked = reply.retry_after.as_deref();
                Outcome {
                    class: class_of(reply.status, asked.is_some()),
                    status: Some(reply.status),
                    answer: Some(reply.text),
                    hint: asked.and_then(|header| schedule::retry_after(header, parcel.at)),
                }
            }
            Err(failure) => {
                let class = match &failure {
                    CallFailure::Blocked(_) => Class::Blocked,
                    CallFailure::NotSent(_) => Class::TargetDown,
                    CallFailure::Unanswered(_) => Class::Unknown,
                };
                Outcome::without_answer(class, failure.to_string())
            }
        }
    }
}
