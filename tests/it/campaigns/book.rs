//! The book of a receiver: which messages came, what their effects were and in which order, and
//! everything that should not have happened.

use std::collections::{BTreeMap, HashMap};

use crate::deliveries::receiver::Received;

/// What a message made of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    pub sequence: u64,
    /// What had happened: `publish`, `correct`, `recall`.
    pub kind: String,
    /// The edition that is held; `None` when nothing may be.
    pub edition: Option<u64>,
}

struct Message {
    body: Vec<u8>,
    taken: bool,
    answered: bool,
}

#[derive(Default)]
pub struct Book {
    messages: HashMap<String, Message>,
    /// Per content id, in the order in which they were made. One locale, so one text.
    pub effects: BTreeMap<String, Vec<Effect>>,
    /// Messages that came although they had been answered with success.
    pub repeats: Vec<String>,
    /// What no receiver should ever see.
    pub faults: Vec<String>,
}

impl Book {
    pub fn count(&self) -> usize {
        self.effects.values().map(Vec::len).sum()
    }

    pub(super) fn is_new(&self, id: &str) -> bool {
        !self.messages.contains_key(id)
    }

    /// A call has arrived.
    pub(super) fn arrive(&mut self, id: &str, call: &Received) {
        let body = call.body.clone();
        let message = Message { body, taken: false, answered: false };
        let known = self.messages.entry(id.to_owned()).or_insert(message);
        if known.body != call.body {
            self.faults.push(format!("{id} came with other bytes"));
        }
        if known.answered {
            self.repeats.push(id.to_owned());
        }
    }

    /// Its effect is made, once.
    pub(super) fn take(&mut self, id: &str, call: &Received) {
        let Some(message) = self.messages.get_mut(id).filter(|message| !message.taken) else {
            return;
        };
        message.taken = true;
        let data = call.data();
        let word = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
        let effect = Effect {
            sequence: data["sequence"].as_u64().unwrap_or_default(),
            kind: word("kind"),
            edition: (data["state"] == "edition").then(|| data["edition"].as_u64()).flatten(),
        };
        let effects = self.effects.entry(word("contentId")).or_default();
        if let Some(last) = effects.last()
            && (last.sequence >= effect.sequence || last.kind == "recall")
        {
            self.faults.push(format!("{id}: {effect:?} came after {last:?}"));
        }
        effects.push(effect);
    }

    /// It was answered with success.
    pub(super) fn answer(&mut self, id: &str) {
        if let Some(message) = self.messages.get_mut(id) {
            message.answered = true;
        }
    }
}
