//! The sample content that comes with the product: it fits the tree, the types and the acts.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use editorial::{
    arrange::manifest::{self, Manifest},
    checks::{self, Examined, Report, Wanted},
    documents::{
        self, DraftText, NewDocument, PlaceElsewhere, SavedDraft, Target, WantedPlacement,
    },
};
use gongbao::demo::sample::{Act, EMBEDDED, Sample, SampleDocument, SampleKey, SamplePlacement};
use schema::{
    checks::Finding,
    content_type::{ContentType, EMBEDDED_FILES, TypeRegistry},
    edition::Importance,
    ids::ContentId,
    message::Bilingual,
    validation::{Stage, check},
    visibility::{EventKind, Removal},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use store::documents::Document;
use test_harness::Engine;

use crate::house::{House, house_with_types, now};

fn contents(sample: &Sample) -> BTreeMap<SampleKey, ContentId> {
    let originals = sample.documents().iter().filter(|document| document.translation_of.is_none());
    originals
        .zip(1_u128..)
        .map(|(document, number)| (document.key.clone(), uuid::Uuid::from_u128(number).into()))
        .collect()
}

fn type_of<'t>(types: &'t TypeRegistry, document: &SampleDocument) -> &'t ContentType {
    types.get(&document.r#type).unwrap_or_else(|| panic!("{}: no such type", document.key))
}

/// The fields of a document as the hub completes them: a translation has the shared facts of
/// what it translates.
fn completed(
    sample: &Sample,
    document: &SampleDocument,
    content_type: &ContentType,
) -> Map<String, Value> {
    let input = |document| {
        sample.input(document, &contents(sample)).unwrap_or_else(|fault| panic!("{fault}"))
    };
    let mut fields = input(document);
    if let Some(original) = &document.translation_of {
        let original = input(sample.document(original).expect("read found it"));
        for field in content_type.fields.iter().filter(|field| !field.localised) {
            let name = field.name.as_str();
            assert!(!fields.contains_key(name), "{}: {name} is not translated", document.key);
            fields.extend(original.get(name).map(|value| (name.to_owned(), value.clone())));
        }
    }
    fields
}

fn assert_publishable(sample: &Sample, types: &TypeRegistry, document: &SampleDocument) {
    let content_type = type_of(types, document);
    let fields = completed(sample, document, content_type);
    if let Err(faults) = check(content_type, &fields, Stage::Publication) {
        panic!("{}: {faults:?}", document.key);
    }
}

#[test]
fn every_file_of_the_folder_is_compiled_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/demo");
    let names = |folder: &str, below: &Path| -> Vec<String> {
        let entries = fs::read_dir(below.join(folder)).expect("the folder is there");
        let mut names: Vec<_> = entries
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
            .collect();
        names.sort();
        names
    };

    let documents: Vec<_> = EMBEDDED.documents.iter().map(|(file, _)| *file).collect();
    let files: Vec<_> = EMBEDDED.files.iter().map(|(path, _)| *path).collect();

    assert_eq!(documents, names("content", &folder));
    let stored: Vec<_> =
        names("files", &folder).iter().map(|name| format!("files/{name}")).collect();
    assert_eq!(files, stored);
}

#[test]
fn every_document_can_be_published() {
    let types = TypeRegistry::embedded();
    let sample = Sample::embedded();

    for document in sample.documents() {
        assert_publishable(&sample, &types, document);
    }

    let mut now: BTreeMap<_, _> =
        sample.documents().iter().map(|document| (&document.key, document.clone())).collect();
    for step in sample.steps() {
        let after = step.text_after(&now[&step.document]).expect("read made sure of it");
        if let Some(after) = after {
            assert_publishable(&sample, &types, &after);
            now.insert(&step.document, after);
        }
    }
}

#[test]
fn every_type_is_shown_and_some_in_english() {
    let sample = Sample::embedded();
    let shown: BTreeSet<_> =
        sample.documents().iter().map(|document| document.r#type.as_str()).collect();
    let types = TypeRegistry::embedded();

    let wanted: BTreeSet<_> = types.iter().map(|each| each.name.as_str()).collect();
    assert_eq!(shown, wanted);
    let translations =
        sample.documents().iter().filter(|document| document.translation_of.is_some());
    assert!(translations.count() >= 6);
}

#[test]
fn a_consultation_lasts_thirty_days() {
    let sample = Sample::embedded();
    let consultations: Vec<_> = sample
        .documents()
        .iter()
        .filter(|document| document.r#type.as_str() == "consultation")
        .map(|document| sample.input(document, &contents(&sample)).expect("its fields"))
        .collect();

    assert!(!consultations.is_empty());
    for fields in consultations {
        let day = |name: &str| -> jiff::civil::Date {
            fields[name].as_str().expect("a text").parse().expect("a date")
        };
        let days = (day("endsOn") - day("startsOn")).get_days() + 1;
        assert!(days >= 30, "{}: {days} days", fields["title"]);
    }
}

/// As much of a manifest as says which columns there are.
#[derive(Deserialize)]
struct Tree {
    site: Vec<Site>,
}

#[derive(Deserialize)]
struct Site {
    key: String,
    authority: String,
    locales: Vec<String>,
    column: Vec<Column>,
}

#[derive(Deserialize)]
struct Column {
    path: String,
}

#[test]
fn every_document_stands_in_columns_of_its_authority_and_none_is_empty() {
    let sample = Sample::embedded();
    let tree: Tree = toml::from_str(sample.tree()).expect("a tree");
    let site_of = |placement: &SamplePlacement| -> &Site {
        let key = placement.site.as_str();
        tree.site.iter().find(|site| site.key == key).unwrap_or_else(|| panic!("no site {key}"))
    };
    let mut filled = BTreeSet::new();
    let mut fill = |placement: &SamplePlacement, of: &SampleKey| {
        let site = site_of(placement);
        for column in placement.columns.iter().map(|column| column.as_str()) {
            let known = site.column.iter().any(|known| known.path == column);
            assert!(known, "{of}: no column {column} on {}", site.key);
            filled.insert((site.key.clone(), column.to_owned()));
        }
    };

    for document in sample.documents() {
        for placement in &document.placements {
            fill(placement, &document.key);
            let site = site_of(placement);
            assert_eq!(site.authority, document.authority.as_str(), "{}", document.key);
            assert!(site.locales.iter().any(|locale| *locale == document.locale.as_str()));
        }
    }
    for step in sample.steps() {
        match &step.act {
            Act::Move(moved) => moved.placements.iter().for_each(|at| fill(at, &step.document)),
            Act::Place(at) => fill(at, &step.document),
            _ => {}
        }
    }
    for site in &tree.site {
        for column in &site.column {
            let used = filled.iter().any(|(key, path)| {
                *key == site.key && Path::new(path).starts_with(Path::new(&column.path))
            });
            assert!(used, "{}:{} is empty", site.key, column.path);
        }
    }
}

#[test]
fn a_redirect_leads_to_another_document_of_the_site() {
    let sample = Sample::embedded();
    let redirects: Vec<_> = sample
        .steps()
        .iter()
        .filter_map(|step| match &step.act {
            Act::Remove(removed) if removed.removal == Removal::Redirect => {
                Some((&step.document, removed.notice.address.as_deref().expect("an address")))
            }
            _ => None,
        })
        .collect();

    assert!(!redirects.is_empty());
    for (key, address) in redirects {
        let from = &sample.document(key).expect("read found it").placements[0].site;
        let leads = sample.documents().iter().any(|document| {
            document.key != *key
                && document.placements.iter().any(|at| {
                    at.site == *from
                        && at.path.as_ref().is_some_and(|path| path.as_str() == address)
                })
        });
        assert!(leads, "{key}: {address}");
    }
}

async fn house_of_the_demo(engine: Engine) -> Option<House> {
    house_with_types(engine, EMBEDDED_FILES).await
}

impl House {
    async fn set_up(&self, sample: &Sample) {
        let tree = Manifest::parse(sample.tree()).expect("a manifest");
        self.act(async |work| manifest::apply(&self.desk, work, &tree).await)
            .await
            .expect("the tree is set up");
        for file in sample.files() {
            assert_eq!(self.take_in(file.bytes()).await.digest, file.digest());
        }
    }

    async fn create_sample(
        &self,
        document: &SampleDocument,
        content: Option<ContentId>,
        text: DraftText,
    ) -> SavedDraft {
        let draft = self
            .create(NewDocument {
                content,
                takes_over: None,
                authority: document.authority.clone(),
                r#type: document.r#type.clone(),
                locale: document.locale.clone(),
                text,
            })
            .await;
        draft.unwrap_or_else(|refusal| panic!("{}: {refusal:?}", document.key))
    }

    async fn latest(&self, document: &Document) -> Document {
        self.seen_by(&schema::viewer::Viewer::Known(self.administrator.clone()), document.id)
            .await
            .expect("it is there")
    }

    async fn take(&self, act: &Act, document: &Document) -> bool {
        let target = now(document);
        match act {
            Act::Withdraw(notice) => {
                self.withdraw(document, notice.clone()).await.expect("it is withdrawn");
            }
            Act::Remove(removed) => {
                let notice = removed.notice.clone();
                self.act(async |work| {
                    documents::remove(&self.desk, work, target, removed.removal, notice.clone())
                        .await
                })
                .await
                .expect("it is removed");
            }
            Act::Recall(notice) => {
                self.act(async |work| {
                    documents::recall(&self.desk, work, document.content, notice.clone()).await
                })
                .await
                .expect("it is recalled");
            }
            Act::Place(at) => {
                let reading = self.read(document.id).await.expect("it is live");
                let request = PlaceElsewhere {
                    target: Target { document: document.id, version: None },
                    placement: wanted(at),
                    approved: Some(reading.digest),
                };
                self.act(async |work| {
                    documents::place_elsewhere(&self.desk, work, request.clone()).await
                })
                .await
                .expect("it is placed");
            }
            Act::Correct(_) | Act::Move(_) => return false,
        }
        true
    }
}

fn wanted(placement: &SamplePlacement) -> WantedPlacement {
    WantedPlacement {
        site: placement.site.clone(),
        columns: placement.columns.clone(),
        path: placement.path.clone(),
        slug: placement.slug.clone(),
    }
}

fn draft_text(
    sample: &Sample,
    document: &SampleDocument,
    contents: &BTreeMap<SampleKey, ContentId>,
    change: Option<(Bilingual, Importance)>,
) -> DraftText {
    let (change_note, importance) = change.unzip();
    DraftText {
        fields: sample.input(document, contents).expect("everything it names is there"),
        source: document.source.clone(),
        origin: None,
        placements: document.placements.iter().map(wanted).collect(),
        change_note,
        importance: importance.unwrap_or_default(),
    }
}

impl House {
    /// What checks find in everything public.
    async fn looked_at(&self) -> Vec<Finding> {
        struct Found(Vec<Finding>);
        impl Report for Found {
            fn total(&mut self, documents: u64) {
                assert!(documents > 0);
            }
            fn examined(&mut self, examined: Examined) {
                self.0.extend(examined.findings);
            }
        }
        let mut found = Found(Vec::new());
        let wanted = Wanted::default();
        let counts = checks::live(&self.desk, &self.administrator, &wanted, &mut found).await;
        counts.expect("they are looked at");
        found.0
    }
}

test_harness::on_both_databases! {
    with house_of_the_demo;

    async fn all_is_published_and_the_story_is_told(house: House) {
        let sample = Sample::embedded();
        house.set_up(&sample).await;
        let mut contents = BTreeMap::new();
        let mut live = BTreeMap::new();

        for document in sample.documents() {
            let content = document.translation_of.as_ref().map(|original| contents[original]);
            let text = draft_text(&sample, document, &contents, None);
            let draft = house.create_sample(document, content, text).await;
            let published = house.make_public(&draft).await;
            if content.is_none() {
                contents.insert(document.key.clone(), published.document.content);
            }
            live.insert(&document.key, (document.clone(), published.document));
        }
        assert_eq!(house.kinds().await.len(), sample.documents().len());

        let mut kinds = Vec::new();
        for step in sample.steps() {
            let before = house.kinds().await.len();
            let (text, document) = live[&step.document].clone();
            let document = house.latest(&document).await;
            if !house.take(&step.act, &document).await {
                let after = step.text_after(&text).expect("it fits").expect("another text");
                let change = match &step.act {
                    Act::Correct(correction) => {
                        (correction.change_note.clone(), correction.importance)
                    }
                    Act::Move(moved) => (moved.change_note.clone(), Importance::Minor),
                    other => panic!("no text is published by {other:?}"),
                };
                let text = draft_text(&sample, &after, &contents, Some(change));
                house.correct(&document, text).await;
                live.insert(&step.document, (after, document));
            }
            let happened = house.kinds().await;
            kinds.push((step.document.as_str(), happened[before..].to_vec()));
        }

        let expected = [
            ("policy-elevator", vec![EventKind::Publish]),
            // The second event: the English edition follows a fact that both share.
            ("guide-elevator", vec![EventKind::Correct, EventKind::Correct]),
            ("news-first-elevator", vec![EventKind::Correct]),
            ("policy-city-guides", vec![EventKind::Correct]),
            ("policy-city-guides", vec![EventKind::Move]),
            ("notice-bridge-works", vec![EventKind::Withdraw]),
            ("notice-library-summer-hours", vec![EventKind::Remove]),
            ("notice-subsidy-list", vec![EventKind::Recall]),
        ];
        assert_eq!(kinds, expected);
        assert_eq!(house.findings().await, []);
        // What the product shows is not found fault with: some of its policies have no interpretation.
        let codes: BTreeSet<&str> =
            house.looked_at().await.into_iter().map(|finding| finding.code).collect();
        assert_eq!(codes, BTreeSet::from(["counterpart_missing"]));
    }
}
