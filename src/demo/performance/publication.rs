//! Everything of the sample, published through the management API.

use std::{collections::BTreeMap, time::Instant};

use schema::{edition::Importance, ids::ContentId, message::Bilingual};
use serde_json::{Value, json};

use super::{
    hub::{Hub, text},
    report::Published,
    voice::Voice,
};
use crate::{
    demo::sample::{Sample, SampleDocument, SampleKey, SamplePlacement},
    progress,
};

/// A document of the sample, once it is on the hub.
#[derive(Clone)]
pub(super) struct Item {
    /// As it stands in the sample, with what the story changed.
    pub(super) document: SampleDocument,
    pub(super) content: ContentId,
    /// As the public last saw it.
    pub(super) view: View,
}

/// What the public sees of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct View {
    pub(super) title: String,
    pub(super) site: String,
    pub(super) path: String,
    pub(super) edition: u64,
}

impl Item {
    pub(super) fn key(&self) -> &SampleKey {
        &self.document.key
    }

    pub(super) fn locale(&self) -> &str {
        self.document.locale.as_str()
    }
}

/// Uploads the files and publishes every document.
pub(super) async fn publish_all(
    hub: &Hub,
    sample: &Sample,
    voice: &Voice,
) -> Result<(Vec<Item>, Published), Bilingual> {
    let started = Instant::now();
    for file in sample.files() {
        let stored = hub.upload(file.bytes()).await?;
        if stored != file.digest().to_string() {
            return Err(Bilingual::new(
                format!("{} 的摘要值不符", file.path()),
                format!("the digest of {} is another one", file.path()),
            ));
        }
    }
    let documents = sample.documents();
    let bar = progress::bar(
        Some(documents.len() as u64),
        voice.language.say("篇已发布", "documents published"),
    );
    let mut contents = BTreeMap::new();
    for document in documents {
        let content = publish_new(hub, sample, document, &contents).await?;
        if document.translation_of.is_none() {
            contents.insert(document.key.clone(), content);
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    let published = Published {
        documents: documents.len(),
        files: sample.files().len(),
        types: count(documents.iter().map(|document| document.r#type.as_str())),
        translations: documents.iter().filter(|one| one.translation_of.is_some()).count(),
        milliseconds: started.elapsed().as_millis(),
    };
    let known: Vec<_> = documents
        .iter()
        .map(|document| {
            let original = document.translation_of.as_ref().unwrap_or(&document.key);
            (document.clone(), contents[original])
        })
        .collect();
    let names = known.iter().map(|(document, content)| (*content, document.locale.as_str()));
    let views = views(hub, names).await?;
    let mut items = Vec::with_capacity(known.len());
    for ((document, content), view) in known.into_iter().zip(views) {
        let view = view.ok_or_else(|| {
            Bilingual::new(
                format!("{} 已发布，却查不到", document.key),
                format!("{} was published and is not found", document.key),
            )
        })?;
        items.push(Item { document, content, view });
    }
    Ok((items, published))
}

fn count<'t>(names: impl Iterator<Item = &'t str>) -> usize {
    names.collect::<std::collections::BTreeSet<_>>().len()
}

async fn publish_new(
    hub: &Hub,
    sample: &Sample,
    document: &SampleDocument,
    contents: &BTreeMap<SampleKey, ContentId>,
) -> Result<ContentId, Bilingual> {
    let original = document.translation_of.as_ref();
    let fields = sample.input(document, contents).map_err(|fault| fault.message)?;
    let input = json!({
        "authority": document.authority,
        "type": document.r#type,
        "locale": document.locale,
        "contentId": original.map(|key| contents[key]),
        "draft": draft(document, &fields.into(), None),
    });
    let payload = hub.change("createDocument", input, SAVED).await?;
    publish_saved(hub, &payload["draft"]).await?;
    let content = text(&payload["draft"]["document"]["contentId"]);
    content.parse().map_err(|_| {
        Bilingual::new(
            format!("{} 的内容编号无法读取", document.key),
            format!("the content id of {} cannot be read", document.key),
        )
    })
}

/// What is asked of a draft that was saved: enough to publish it.
pub(super) const SAVED: &str = "draft { digest document { contentId locale version } }";

/// Publishes a draft as it was saved, and gives what kind of publication it was.
pub(super) async fn publish_saved(hub: &Hub, draft: &Value) -> Result<String, Bilingual> {
    let input = json!({ "document": draft["document"], "approvedDigest": draft["digest"] });
    let payload = hub.change("publishDocument", input, "publication { kind }").await?;
    Ok(text(&payload["publication"]["kind"]).to_owned())
}

/// The input of a draft.
pub(super) fn draft(
    document: &SampleDocument,
    fields: &Value,
    change: Option<(&Bilingual, Importance)>,
) -> Value {
    let mut draft = json!({
        "fields": fields,
        "placements": document.placements.iter().map(placement).collect::<Vec<_>>(),
        "source": document.source,
    });
    if let Some((note, importance)) = change {
        draft["changeNote"] = json!(note);
        draft["importance"] = match importance {
            Importance::Major => "MAJOR",
            Importance::Minor => "MINOR",
        }
        .into();
    }
    draft
}

/// The input of a placement.
pub(super) fn placement(placement: &SamplePlacement) -> Value {
    json!({
        "site": placement.site,
        "columns": placement.columns,
        "path": placement.path,
        "slug": placement.slug,
    })
}

/// What the public sees of each document; nothing of what it cannot read.
pub(super) async fn views<'i>(
    hub: &Hub,
    documents: impl Iterator<Item = (ContentId, &'i str)>,
) -> Result<Vec<Option<View>>, Bilingual> {
    let asked: Vec<_> = documents
        .enumerate()
        .map(|(number, (content, locale))| {
            format!("d{number}: document(contentId: \"{content}\", locale: \"{locale}\") {{ ...View }}\n")
        })
        .collect();
    let query = format!(
        "query Views {{ {} }} fragment View on Document {{ title path site {{ key }} edition {{ number }} }}",
        asked.concat()
    );
    let data = hub.content(&query, Value::Null).await?;
    let view = |found: &Value| View {
        title: text(&found["title"]).to_owned(),
        site: text(&found["site"]["key"]).to_owned(),
        path: text(&found["path"]).to_owned(),
        edition: found["edition"]["number"].as_u64().unwrap_or_default(),
    };
    let found = (0..asked.len()).map(|number| &data[format!("d{number}")]);
    Ok(found.map(|found| found.is_object().then(|| view(found))).collect())
}
