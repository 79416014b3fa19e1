//! The verdict at the end of a campaign: log, journal and the receivers' books held against
//! each other.

use std::collections::BTreeMap;

use schema::{delivery::DeliveryState, ids::DocumentId, log::Subject, visibility::EventKind};
use store::deliveries::{status, targets};

use super::{book::Effect, receiver::Receiver, scene::Scene};

/// What the log says of one text.
struct Told {
    document: DocumentId,
    events: Vec<Effect>,
}

impl Told {
    fn was_recalled(&self) -> bool {
        self.events.last().is_some_and(|last| last.kind == "recall")
    }
}

impl Scene {
    /// The log per content id.
    async fn told(&self) -> BTreeMap<String, Told> {
        let mut session = self.house.desk.store.reader().await.expect("a reader");
        let log = store::log::after(&mut session, 0, 100_000).await.expect("the log");
        let mut told: BTreeMap<String, Told> = BTreeMap::new();
        for stored in log {
            let (Subject::Document(event), Some(document)) =
                (&stored.event.subject, stored.document)
            else {
                continue;
            };
            let kind = stored.event.kind;
            let effect = Effect {
                sequence: stored.event.sequence,
                kind: kind.as_str().to_owned(),
                edition: (kind != EventKind::Recall).then_some(event.edition.into()),
            };
            told.entry(event.content.to_string())
                .or_insert_with(|| Told { document, events: Vec::new() })
                .events
                .push(effect);
        }
        told
    }

    /// Every message had its effect once, in order; everything that was answered is on record;
    /// nothing is owed and nothing unknown; what is stored is whole.
    pub async fn is_right(&self) {
        let told = self.told().await;
        for (key, receiver) in [("every", &self.every), ("latest", &self.latest)] {
            let counts = self.counts(key).await;
            assert_eq!((counts.pending, counts.parked, counts.refused), (0, 0, 0), "{key}");
            receiver.saw(key, &told);
            self.is_recorded(key, receiver, &told).await;
        }
        assert_eq!(self.house.findings().await, []);
    }

    async fn is_recorded(&self, key: &str, receiver: &Receiver, told: &BTreeMap<String, Told>) {
        let effects = receiver.book().effects.clone();
        let mut session = self.house.desk.store.reader().await.expect("a reader");
        let target = targets::by_key(&mut session, key).await.expect("an answer");
        let target = target.expect("the target exists").id;
        for (content, told) in told {
            let lane = status::of_lane(&mut session, target, told.document).await;
            let lane = lane.expect("an answer");
            let saw = effects.get(content).map(Vec::as_slice).unwrap_or_default();
            for delivery in &lane {
                let tries =
                    status::tries(&mut session, target, told.document, delivery.sequence).await;
                let tries = tries.expect("an answer");
                assert!(tries.iter().all(|one| one.class.is_some()), "{key} {delivery:?}");
                let taken = saw.iter().any(|effect| effect.sequence == delivery.sequence);
                match delivery.state {
                    DeliveryState::Done => assert!(taken, "{key} {delivery:?} never arrived"),
                    // Something newer took its place; it may have been on its way.
                    DeliveryState::Superseded => {
                        assert!(key == "latest" || told.was_recalled(), "{key} {delivery:?}");
                    }
                    _ => panic!("{key} {delivery:?} is open"),
                }
            }
            for effect in saw {
                let known = lane.iter().any(|delivery| delivery.sequence == effect.sequence);
                assert!(known, "{key}: {effect:?} is not on record");
            }
            if lane.is_empty() {
                assert!(told.was_recalled() && saw.is_empty(), "{key} was owed nothing");
                continue;
            }
            let holds = status::of_document(&mut session, told.document).await;
            let holds = holds.expect("an answer").into_iter().find(|one| one.target == key);
            let holds = holds.and_then(|one| one.holds).expect("it holds something");
            let last = told.events.last().expect("an event");
            let edition = holds.edition.map(u64::from);
            assert_eq!((holds.sequence, edition), (last.sequence, last.edition), "{key}");
        }
    }
}

impl Receiver {
    fn saw(&self, key: &str, told: &BTreeMap<String, Told>) {
        let book = self.book();
        assert_eq!(book.faults, [] as [&str; 0], "{key}");
        assert!(book.effects.keys().all(|content| told.contains_key(content)), "{key}");
        for (content, told) in told {
            let Some(saw) = book.effects.get(content) else {
                // Recalled before anything was sent: there is nothing to take back.
                assert!(told.was_recalled(), "{key} never heard of {content}");
                continue;
            };
            if key == "every" && !told.was_recalled() {
                assert_eq!(saw, &told.events, "{key} {content}");
                continue;
            }
            // Under `latest state`, and before a recall, what waited is passed over.
            assert_eq!(saw.last(), told.events.last(), "{key} {content}");
            assert!(saw.iter().all(|effect| told.events.contains(effect)), "{key} {content}");
        }
    }
}
