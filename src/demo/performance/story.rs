//! The story: each act through the management API, then what the public sees of it and what the
//! receivers hold.

use std::collections::BTreeMap;

use schema::{
    edition::Importance,
    ids::ContentId,
    message::Bilingual,
    visibility::{Notice, Removal},
};
use serde_json::{Value, json};

use super::{
    deliveries, effects,
    hub::{Hub, text},
    publication::{self, Item, SAVED},
    receivers::Receiver,
    report::{Seen, StepFacts},
};
use crate::demo::sample::{Act, Sample, SampleDocument, SampleKey, Step};

/// Takes one step and looks what came of it.
pub(super) async fn take(
    hub: &Hub,
    sample: &Sample,
    receivers: &[Receiver],
    items: &mut Vec<Item>,
    number: usize,
    step: &Step,
) -> Result<StepFacts, Bilingual> {
    let item =
        items.iter().find(|item| *item.key() == step.document).cloned().ok_or_else(|| {
            Bilingual::new(
                format!("没有“{}”这一篇", step.document),
                format!("there is no document {:?}", step.document.as_str()),
            )
        })?;
    let languages: Vec<Item> =
        items.iter().filter(|one| one.content == item.content).cloned().collect();
    let (act, mut seen, text) = act(hub, sample, items, &item, &languages, step).await?;
    let after = renewed(hub, items, &step.document, text).await?;
    seen.extend(effects::along(&step.document, items, &after));
    *items = after;
    let watched: Vec<&Item> = items.iter().filter(|one| one.content == item.content).collect();
    let found = deliveries::settled(hub, receivers, &watched).await?;
    let about = watched.iter().position(|one| one.key() == item.key()).unwrap_or_default();
    Ok(StepFacts {
        number,
        document: step.document.to_string(),
        act,
        narration: step.narration.clone(),
        seen,
        targets: found.into_iter().nth(about).map(|one| one.standings).unwrap_or_default(),
    })
}

/// Does it; gives its name, what the public sees since, and the text where there is a new one.
async fn act(
    hub: &Hub,
    sample: &Sample,
    items: &[Item],
    item: &Item,
    languages: &[Item],
    step: &Step,
) -> Result<(&'static str, Vec<Seen>, Option<SampleDocument>), Bilingual> {
    let now = now(hub, item).await?;
    let target = &now["target"];
    Ok(match &step.act {
        Act::Correct(correction) => {
            let change = (&correction.change_note, correction.importance);
            let text = publish(hub, sample, items, item, step, target, change).await?;
            ("correct", effects::corrected(hub, item, correction).await?, Some(text))
        }
        Act::Move(moved) => {
            let change = (&moved.change_note, Importance::Minor);
            let text = publish(hub, sample, items, item, step, target, change).await?;
            let seen = match moved.placements.first() {
                Some(to) => effects::moved(hub, item, to).await?,
                None => Vec::new(),
            };
            ("move", seen, Some(text))
        }
        Act::Withdraw(told) => {
            let input = json!({ "document": target, "notice": notice(told) });
            hub.change("withdrawDocument", input, "document { visibility }").await?;
            ("withdraw", effects::withdrawn(hub, item, told).await?, None)
        }
        Act::Remove(removed) => {
            let removal = match removed.removal {
                Removal::Gone => "GONE",
                Removal::Redirect => "REDIRECT",
                Removal::Vanish => "VANISH",
            };
            let told = &removed.notice;
            let input = json!({ "document": target, "removal": removal, "notice": notice(told) });
            hub.change("removeDocument", input, "document { visibility }").await?;
            ("remove", effects::removed(hub, item, removed.removal, told).await?, None)
        }
        Act::Recall(told) => {
            let files = effects::files(hub, item).await?;
            let input = json!({ "contentId": item.content, "notice": notice(told) });
            hub.change("recallContent", input, "recall { documents { id } }").await?;
            let languages: Vec<_> = languages.iter().collect();
            ("recall", effects::recalled(hub, &languages, told, &files).await?, None)
        }
        Act::Place(at) => {
            let input = json!({
                "document": target,
                "approvedDigest": now["digest"],
                "placement": publication::placement(at),
            });
            hub.change("placeElsewhere", input, "placement { kind }").await?;
            ("place", effects::placed(hub, item, at).await?, None)
        }
    })
}

/// Saves the text after the step as a draft and publishes it.
async fn publish(
    hub: &Hub,
    sample: &Sample,
    items: &[Item],
    item: &Item,
    step: &Step,
    target: &Value,
    change: (&Bilingual, Importance),
) -> Result<SampleDocument, Bilingual> {
    let after = step.text_after(&item.document).map_err(|fault| fault.message)?;
    let after = after.unwrap_or_else(|| item.document.clone());
    let fields = sample.input(&after, &contents(items)).map_err(|fault| fault.message)?;
    let draft = publication::draft(&after, &fields.into(), Some(change));
    let payload =
        hub.change("saveDraft", json!({ "document": target, "draft": draft }), SAVED).await?;
    publication::publish_saved(hub, &payload["draft"]).await?;
    Ok(after)
}

/// The document as the hub has it now: how an act names it, and the text the public reads.
async fn now(hub: &Hub, item: &Item) -> Result<Value, Bilingual> {
    let query = "query Now($content: String!, $locale: String!) { \
        document(contentId: $content, locale: $locale) { version live { digest } } }";
    let asked = json!({ "content": item.content, "locale": item.locale() });
    let data = hub.manage(query, asked).await?;
    let document = &data["document"];
    let version = document["version"].as_i64().ok_or_else(|| {
        Bilingual::new(
            format!("管理接口查不到 {}", item.key()),
            format!("the management API does not find {}", item.key()),
        )
    })?;
    let target = json!({ "contentId": item.content, "locale": item.locale(), "version": version });
    Ok(json!({ "target": target, "digest": text(&document["live"]["digest"]) }))
}

/// The items as the public sees them now; of what it sees no more, as it saw them last.
async fn renewed(
    hub: &Hub,
    items: &[Item],
    changed: &SampleKey,
    text: Option<SampleDocument>,
) -> Result<Vec<Item>, Bilingual> {
    let names = items.iter().map(|item| (item.content, item.locale()));
    let views = publication::views(hub, names).await?;
    let mut renewed = items.to_vec();
    for (item, view) in renewed.iter_mut().zip(views) {
        item.view = view.unwrap_or_else(|| item.view.clone());
    }
    if let (Some(text), Some(item)) = (text, renewed.iter_mut().find(|one| one.key() == changed)) {
        item.document = text;
    }
    Ok(renewed)
}

fn contents(items: &[Item]) -> BTreeMap<SampleKey, ContentId> {
    let originals = items.iter().filter(|item| item.document.translation_of.is_none());
    originals.map(|item| (item.key().clone(), item.content)).collect()
}

fn notice(notice: &Notice) -> Value {
    json!({
        "explanation": notice.explanation,
        "address": notice.address,
        "showsText": notice.shows_text,
        "silent": notice.silent,
    })
}
