//! Where each document is: what the hub says it owes and what was acknowledged, and what the
//! receivers themselves show. An acknowledgement is no proof; the copy is.

use std::time::Duration;

use schema::message::Bilingual;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{
    hub::{Hub, text},
    publication::Item,
    receivers::Receiver,
    report::{Holds, Standing},
};

/// Until everything that can arrive has arrived.
const PATIENCE: Duration = Duration::from_secs(180);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(25);
/// Documents that are asked for at once, below the limit of fields.
const AT_ONCE: usize = 12;

const WHERE: &str = "fragment Where on Document { visibility events { sequence } deliveries { \
    target waiting holds { edition sequence milliseconds } delivery { state tries reason } } }";

/// Where one document is.
#[derive(Clone, Debug)]
pub(super) struct Whereabouts {
    pub(super) visibility: String,
    /// The last event about it.
    sequence: u64,
    /// By target; nothing for a target that was never owed it.
    pub(super) standings: Vec<Standing>,
}

impl Whereabouts {
    pub(super) fn at(&self, target: &str) -> Option<&Standing> {
        self.standings.iter().find(|standing| standing.target == target)
    }
}

/// Waits until every receiver that is alive has acknowledged the last event of each of `items`,
/// and every one that is dead was tried; then holds what was acknowledged against what the
/// receivers show.
///
/// # Errors
/// What did not arrive in time, was refused, or is shown otherwise.
pub(super) async fn settled(
    hub: &Hub,
    receivers: &[Receiver],
    items: &[&Item],
) -> Result<Vec<Whereabouts>, Bilingual> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = whereabouts(hub, items).await?;
        let head = found.iter().map(|one| one.sequence).max().unwrap_or_default();
        let late = match behind(hub, head).await? {
            Some(target) => Some(target),
            None => late(receivers, items, &found),
        };
        let Some(late) = late else {
            agree(receivers, items, &found).await?;
            return Ok(found);
        };
        if Instant::now() > deadline {
            return Err(Bilingual::new(
                format!("{} 秒内未送达：{late}", PATIENCE.as_secs()),
                format!("not delivered within {} s: {late}", PATIENCE.as_secs()),
            ));
        }
        sleep(LOOK).await;
    }
}

/// A target whose deliveries do not go up to the event `head` yet.
async fn behind(hub: &Hub, head: u64) -> Result<Option<String>, Bilingual> {
    let mut data = hub.manage("{ targets { key position } }", Value::Null).await?;
    let targets: Vec<Value> = serde_json::from_value(data["targets"].take()).unwrap_or_default();
    let late = targets.iter().find(|target| target["position"].as_u64().unwrap_or_default() < head);
    Ok(late.map(|target| text(&target["key"]).to_owned()))
}

/// A target that a document has not reached yet, of those that it can reach.
fn late(receivers: &[Receiver], items: &[&Item], found: &[Whereabouts]) -> Option<String> {
    for (item, one) in items.iter().zip(found) {
        for standing in &one.standings {
            let is_alive = receivers
                .iter()
                .any(|receiver| receiver.part.key == standing.target && receiver.is_alive());
            if standing.waits && (is_alive || standing.tries == 0) {
                return Some(format!("{} → {}", item.key(), standing.target));
            }
        }
    }
    None
}

async fn whereabouts(hub: &Hub, items: &[&Item]) -> Result<Vec<Whereabouts>, Bilingual> {
    let mut all = Vec::with_capacity(items.len());
    for some in items.chunks(AT_ONCE) {
        let asked: Vec<_> = some
            .iter()
            .enumerate()
            .map(|(number, item)| {
                let (content, locale) = (item.content, item.locale());
                format!("d{number}: document(contentId: \"{content}\", locale: \"{locale}\") {{ ...Where }} ")
            })
            .collect();
        let query = format!("query Whereabouts {{ {} }} {WHERE}", asked.concat());
        let data = hub.manage(&query, json!({})).await?;
        for (number, item) in some.iter().enumerate() {
            all.push(read(&data[format!("d{number}")], item)?);
        }
    }
    Ok(all)
}

fn read(document: &Value, item: &Item) -> Result<Whereabouts, Bilingual> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    let mut standings = Vec::new();
    for one in list(&document["deliveries"]) {
        let delivery = &one["delivery"];
        let state = text(&delivery["state"]);
        if matches!(state, "PARKED" | "REFUSED") {
            let (target, reason) = (text(&one["target"]), text(&delivery["reason"]));
            return Err(Bilingual::new(
                format!("{} 未被 {target} 接受：{reason}", item.key()),
                format!("{} was not accepted by {target}: {reason}", item.key()),
            ));
        }
        let holds = &one["holds"];
        standings.push(Standing {
            target: text(&one["target"]).to_owned(),
            holds: holds.is_object().then(|| Holds {
                edition: holds["edition"].as_u64(),
                sequence: number(&holds["sequence"]),
                milliseconds: number(&holds["milliseconds"]),
            }),
            waits: number(&one["waiting"]) > 0,
            tries: number(&delivery["tries"]),
        });
    }
    let events = list(&document["events"]);
    Ok(Whereabouts {
        visibility: text(&document["visibility"]).to_owned(),
        sequence: events.iter().map(|event| number(&event["sequence"])).max().unwrap_or_default(),
        standings,
    })
}

/// Holds what was acknowledged against what the receivers show.
async fn agree(
    receivers: &[Receiver],
    items: &[&Item],
    found: &[Whereabouts],
) -> Result<(), Bilingual> {
    for receiver in receivers.iter().filter(|receiver| receiver.is_alive()) {
        let shown = receiver.items().await?;
        for (item, one) in items.iter().zip(found) {
            let content = item.content.to_string();
            let copy = shown.iter().find(|copy| {
                copy["contentId"] == content.as_str() && copy["locale"] == item.locale()
            });
            let shows = copy.map(|copy| {
                let edition = (copy["state"] == "edition").then(|| copy["edition"].as_u64());
                (edition.flatten(), copy["sequence"].as_u64().unwrap_or_default())
            });
            let standing = one.at(&receiver.part.key);
            let holds = standing.and_then(|standing| standing.holds);
            if shows != holds.map(|holds| (holds.edition, holds.sequence)) {
                let name = &receiver.part.name;
                return Err(Bilingual::new(
                    format!("{}：回执与接收方“{}”所示不符", item.key(), name.zh),
                    format!("{}: the receipt and what {:?} shows differ", item.key(), name.en),
                ));
            }
        }
    }
    Ok(())
}
