//! Random documents for the lists: some in two languages or on several sites, some with an
//! original time, some taken back.

use editorial::documents::{self, Outcome, PlaceElsewhere, Publish};
use proptest::prelude::*;
use schema::{ids::ContentId, permission::Role, visibility::Removal};
use serde_json::json;
use store::{documents::Document, publications::OriginalTime};

use crate::house::{House, article, locale, now, placed, publication, told};

pub(super) const TITLES: [&str; 5] =
    ["关于财政的通知", "关于教育的通知", "公告", "通报一", "通报二"];
pub(super) const STARTS: [&str; 3] = ["关于", "通", "无"];
pub(super) const DATES: [&str; 4] = ["1992-06-18", "2014-01-01", "2026-01-05", "2026-02-28"];
pub(super) const TAGS: [&str; 3] = ["财政", "教育", "卫生"];
pub(super) const ORIGINALS: [&str; 2] = ["1992-06-18T16:00:00Z", "2026-03-02T01:00:20Z"];
pub(super) const COLUMNS: [(&str, &str); 6] = [
    ("lanqiao", "policy"),
    ("lanqiao", "policy/finance"),
    ("lanqiao", "news"),
    ("lanqiao-finance", "notices"),
    ("nanhe", "news"),
    ("nanhe", "policy"),
];
pub(super) const SITES: [&str; 3] = ["lanqiao", "lanqiao-finance", "nanhe"];

/// The fate of what is recalled.
const RECALLED: usize = 2;

/// One document to be made.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    is_article: bool,
    title: usize,
    date: Option<usize>,
    tags: Vec<usize>,
    columns: Vec<usize>,
    on_second_site: bool,
    on_nanhe: bool,
    original: Option<usize>,
    in_english: bool,
    /// The documents before it that it is based on, counted back from it.
    basis: Vec<usize>,
    fate: usize,
}

pub(super) fn recipe() -> impl Strategy<Value = Recipe> {
    (
        (prop::bool::weighted(0.8), 0..TITLES.len(), prop::option::of(0..DATES.len())),
        prop::collection::vec(0..TAGS.len(), 0..3),
        prop::sample::subsequence(vec![0, 1, 2], 1..=3),
        (prop::bool::weighted(0.3), prop::bool::weighted(0.3)),
        (prop::option::weighted(0.3, 0..ORIGINALS.len()), prop::bool::weighted(0.3)),
        (prop::collection::vec(1..6_usize, 0..3), 0..10_usize),
    )
        .prop_map(|((is_article, title, date), tags, columns, sites, more, (basis, fate))| {
            Recipe {
                is_article,
                title,
                date,
                tags,
                columns,
                on_second_site: sites.0,
                on_nanhe: sites.1,
                original: more.0,
                in_english: more.1,
                basis,
                fate,
            }
        })
}

impl House {
    /// Its content, if articles may link to it: to articles that were not recalled.
    pub(super) async fn cook(&self, recipe: &Recipe, before: &[ContentId]) -> Option<ContentId> {
        let mut new = article(TITLES[recipe.title]);
        if recipe.is_article {
            if let Some(date) = recipe.date {
                new.text.fields.insert("writtenOn".into(), json!(DATES[date]));
            }
            let tags: Vec<_> = recipe.tags.iter().map(|tag| TAGS[*tag]).collect();
            new.text.fields.insert("tags".into(), json!(tags));
            let basis = recipe.basis.iter().filter_map(|back| before.iter().rev().nth(back - 1));
            let mut basis: Vec<_> = basis.map(ToString::to_string).collect();
            basis.sort_unstable();
            basis.dedup();
            new.text.fields.insert("basis".into(), json!(basis));
        } else {
            new.r#type = "alarm".parse().expect("a type name");
            new.text.fields.retain(|name, _| name == "title");
        }
        let columns: Vec<_> = recipe.columns.iter().map(|column| COLUMNS[*column].1).collect();
        new.text.placements = vec![placed("lanqiao", &columns, None)];
        if recipe.on_second_site {
            new.text.placements.push(placed("lanqiao-finance", &["notices"], None));
        }
        let draft = self.create(new.clone()).await.expect("the draft is saved");
        let mut request: Publish = publication(&draft);
        request.original = recipe.original.map(|original| OriginalTime {
            at: ORIGINALS[original].parse().expect("a moment"),
            source: "person".into(),
        });
        let outcome = self
            .act(async |work| documents::publish(&self.desk, work, request.clone()).await)
            .await
            .expect("it is published");
        let Outcome::Published(published) = outcome else { panic!("it is new") };
        let document = published.document;
        if recipe.on_nanhe {
            self.place_on_nanhe_too(&document).await;
        }
        if recipe.in_english {
            let mut english = new;
            english.content = Some(document.content);
            english.locale = locale("en");
            let draft = self.create(english).await.expect("the translation is saved");
            self.make_public(&draft).await;
        }
        self.meet(&document, recipe.fate).await;
        (recipe.is_article && recipe.fate != RECALLED).then_some(document.content)
    }

    async fn place_on_nanhe_too(&self, document: &Document) {
        let digest = self.read(document.id).await.expect("it is live").digest;
        let approver = self.on_site(Role::Approver, "nanhe", 50).await;
        let request = PlaceElsewhere {
            target: now(document),
            placement: placed("nanhe", &["news"], Some(&format!("/news/{}", document.id))),
            approved: Some(digest),
        };
        self.act_as(&approver, async |work| {
            documents::place_elsewhere(&self.desk, work, request.clone()).await
        })
        .await
        .expect("it is placed there too");
    }

    /// What becomes of a document later: most stay.
    async fn meet(&self, document: &Document, fate: usize) {
        let notice = told("说明", "An explanation");
        match fate {
            0 => drop(self.withdraw(document, notice).await.expect("it is withdrawn")),
            1 => drop(
                self.act(async |work| {
                    let target = now(document);
                    documents::remove(&self.desk, work, target, Removal::Gone, notice.clone()).await
                })
                .await
                .expect("it is removed"),
            ),
            RECALLED => drop(self.recall(document).await),
            _ => {}
        }
    }
}
