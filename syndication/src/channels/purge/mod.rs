//! Caches outside (CDN, Varnish, nginx): told what to drop, each in its own manner, which is data
//! of the target ([`schema::delivery::Purge`]).
//!
//! Dropping twice is dropping once, so a call whose answer was lost is made again.

mod calls;

use async_trait::async_trait;
use bytes::Bytes;
use editorial::ports::Shown;
use jiff::Timestamp;
use schema::{
    canonical::NotCanonical,
    delivery::{Class, Declaration, Form, Selector, TargetParticulars},
    message::Fault,
    parameters::Entropy,
};
use store::deliveries::targets::Target;
use zeroize::Zeroizing;

use super::{Channel, Made, Parcel, not_dialled};
use crate::{
    dropping::Dropping,
    facts::Facts,
    outbound::{Transport, addresses::Rules},
    verdict::Outcome,
};

/// The channel `purge`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Purge;

/// Longest secret that goes into a header.
const LONGEST_SECRET: usize = 1_000;

#[async_trait]
impl Channel for Purge {
    fn name(&self) -> &'static str {
        "purge"
    }

    fn declaration(&self) -> Declaration {
        Declaration::EveryEvent
    }

    fn repeats_safely(&self) -> bool {
        true
    }

    fn is_cache(&self) -> bool {
        true
    }

    fn faults(&self, address: &str, particulars: &TargetParticulars) -> Vec<Fault> {
        let read = Rules::of(&particulars.reach)
            .and_then(|rules| rules.read(address).map_err(|refused| not_dialled(&refused)));
        let mut faults: Vec<_> = read.err().into_iter().collect();
        match &particulars.purge {
            Some(purge) => faults.extend(purge.faults()),
            None => faults.push(Fault::new(
                "purge",
                "required",
                "请说明如何通知该缓存清除内容",
                "say how this cache is told what to drop",
            )),
        }
        // What it holds is made of documents of every place and type.
        if particulars.selector != Selector::default() {
            faults.push(Fault::new(
                "selector",
                "not_for_caches",
                "缓存中的应答可能由任何内容组成，不能限定范围",
                "the answers of a cache are made of anything, so nothing can be selected",
            ));
        }
        if particulars.form != Form::Facts {
            faults.push(Fault::new(
                "form",
                "not_for_caches",
                "缓存不接收全文",
                "a cache is sent no texts",
            ));
        }
        faults
    }

    fn mint(&self, entropy: &dyn Entropy) -> Made {
        let mut random = Zeroizing::new([0; 24]);
        entropy.fill(&mut *random);
        let digits = random.iter().map(|byte| format!("{byte:02x}"));
        let secret = Zeroizing::new(digits.collect::<String>());
        Made {
            secrets: Zeroizing::new(secret.as_bytes().to_vec()),
            shown: vec![Shown { name: "secret", value: secret.to_string() }],
        }
    }

    fn take(&self, secret: &str) -> Option<Made> {
        let can_be_sent = (1..=LONGEST_SECRET).contains(&secret.len())
            && secret.bytes().all(|letter| letter == b' ' || letter.is_ascii_graphic());
        let secrets = Zeroizing::new(secret.as_bytes().to_vec());
        can_be_sent.then_some(Made { secrets, shown: Vec::new() })
    }

    fn rotate(&self, _: &[u8], _: Timestamp, entropy: &dyn Entropy) -> Option<Made> {
        Some(self.mint(entropy))
    }

    fn public(&self, _: &[u8]) -> Vec<Shown> {
        Vec::new()
    }

    /// What the one event changed: fan-out, which knows all of a document's, tells more.
    fn render(&self, facts: &Facts, _: Form) -> Result<Vec<u8>, NotCanonical> {
        Dropping::of_event(facts).to_bytes()
    }

    fn harmless(&self, id: String, at: Timestamp) -> Parcel {
        let body = Dropping::harmless().to_bytes().unwrap_or_default();
        Parcel { id, body: Bytes::from(body), at }
    }

    async fn send(
        &self,
        target: &Target,
        secrets: &[u8],
        parcel: Parcel,
        transport: &dyn Transport,
    ) -> Outcome {
        let dropping = serde_json::from_slice::<Dropping>(&parcel.body).ok();
        let manner = target.particulars.purge.as_ref();
        let (Some(manner), Some(dropping), Ok(secret)) =
            (manner, dropping, std::str::from_utf8(secrets))
        else {
            return Outcome::without_answer(Class::Blocked, "what is to be dropped cannot be said");
        };
        calls::make(target, manner, secret, &dropping, (&parcel, transport)).await
    }
}
