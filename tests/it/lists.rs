//! Lists against the plainest computation of them: whatever is asked of a hub of random
//! documents, the pages of a list, walked from either end, hold what filtering and sorting all
//! documents gives.

use std::cmp::Ordering;

use editorial::documents::{self, Outcome, PlaceElsewhere, Publish};
use jiff::Timestamp;
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{TestRng, TestRunner},
};
use schema::{
    content_type::ContentType,
    ids::{ContentId, DocumentId},
    names::{FieldName, Locale, TypeName},
    permission::Role,
    validation::key_for,
    viewer::Viewer,
    visibility::{Removal, Visibility},
};
use serde_json::json;
use store::{
    columns,
    documents::Document,
    publications::OriginalTime,
    reading::{self, Bound, Cursor, Direction, Filter, ListQuery, ListScope, Order, Page, Test},
};

use crate::house::{House, article, house, locale, now, placed, publication, told};

const TITLES: [&str; 5] = ["关于财政的通知", "关于教育的通知", "公告", "通报一", "通报二"];
const STARTS: [&str; 3] = ["关于", "通", "无"];
const DATES: [&str; 4] = ["1992-06-18", "2014-01-01", "2026-01-05", "2026-02-28"];
const TAGS: [&str; 3] = ["财政", "教育", "卫生"];
const ORIGINALS: [&str; 2] = ["1992-06-18T16:00:00Z", "2026-03-02T01:00:20Z"];
const COLUMNS: [(&str, &str); 6] = [
    ("lanqiao", "policy"),
    ("lanqiao", "policy/finance"),
    ("lanqiao", "news"),
    ("lanqiao-finance", "notices"),
    ("nanhe", "news"),
    ("nanhe", "policy"),
];
const SITES: [&str; 3] = ["lanqiao", "lanqiao-finance", "nanhe"];

/// One document to be made.
#[derive(Clone, Debug)]
struct Recipe {
    is_article: bool,
    title: usize,
    date: Option<usize>,
    tags: Vec<usize>,
    columns: Vec<usize>,
    on_second_site: bool,
    on_nanhe: bool,
    original: Option<usize>,
    in_english: bool,
    fate: usize,
}

fn recipe() -> impl Strategy<Value = Recipe> {
    (
        (prop::bool::weighted(0.8), 0..TITLES.len(), prop::option::of(0..DATES.len())),
        prop::collection::vec(0..TAGS.len(), 0..3),
        prop::sample::subsequence(vec![0, 1, 2], 1..=3),
        (prop::bool::weighted(0.3), prop::bool::weighted(0.3)),
        (prop::option::weighted(0.3, 0..ORIGINALS.len()), prop::bool::weighted(0.3)),
        0..10_usize,
    )
        .prop_map(|((is_article, title, date), tags, columns, sites, more, fate)| Recipe {
            is_article,
            title,
            date,
            tags,
            columns,
            on_second_site: sites.0,
            on_nanhe: sites.1,
            original: more.0,
            in_english: more.1,
            fate,
        })
}

impl House {
    async fn cook(&self, recipe: &Recipe) {
        let mut new = article(TITLES[recipe.title]);
        if recipe.is_article {
            if let Some(date) = recipe.date {
                new.text.fields.insert("writtenOn".into(), json!(DATES[date]));
            }
            let tags: Vec<_> = recipe.tags.iter().map(|tag| TAGS[*tag]).collect();
            new.text.fields.insert("tags".into(), json!(tags));
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
            2 => drop(self.recall(document).await),
            _ => {}
        }
    }
}

/// A live document as the plain computation knows it.
#[derive(Clone, Debug)]
struct Known {
    document: Document,
    values: Vec<(FieldName, Vec<u8>)>,
    /// Site, column path and first publication there, of what is live.
    places: Vec<(String, String, Timestamp)>,
}

impl Known {
    fn keys(&self, field: &FieldName) -> Vec<&[u8]> {
        let of = self.values.iter().filter(|(name, _)| name == field);
        of.map(|(_, key)| key.as_slice()).collect()
    }

    fn passes(&self, filter: &Filter, question: &Question) -> bool {
        let between =
            |time: Option<Timestamp>, from: &Option<Timestamp>, to: &Option<Timestamp>| {
                time.is_some_and(|time| {
                    from.is_none_or(|from| from <= time) && to.is_none_or(|to| time < to)
                })
            };
        match filter {
            Filter::All(filters) => filters.iter().all(|filter| self.passes(filter, question)),
            Filter::Any(filters) => filters.iter().any(|filter| self.passes(filter, question)),
            Filter::Not(filter) => !self.passes(filter, question),
            Filter::Field { field, test } => {
                question.query.r#type.is_some() && passes(&self.keys(field), test)
            }
            Filter::ListedBetween { from, to } => between(self.listed_at(question), from, to),
            Filter::PublishedBetween { from, to } => between(self.document.published_at, from, to),
            Filter::OriginallyPublishedBetween { from, to } => {
                between(self.document.originally_published_at, from, to)
            }
            Filter::Contents(contents) => contents.contains(&self.document.content),
            Filter::Column(column) => {
                let (_, (site, path)) = question
                    .columns
                    .iter()
                    .find(|(id, _)| id == column)
                    .expect("a column of the house");
                !self.places_within(site, Some(path)).is_empty()
            }
        }
    }

    fn places_within(&self, site: &str, column: Option<&str>) -> Vec<Timestamp> {
        let within = |path: &str| {
            column.is_none_or(|column| path == column || path.starts_with(&format!("{column}/")))
        };
        let places = self.places.iter().filter(|(at, path, _)| at == site && within(path));
        places.map(|(_, _, first)| *first).collect()
    }

    /// The time that orders it in the list, if it is in its scope at all.
    fn listed_at(&self, question: &Question) -> Option<Timestamp> {
        let firsts = match &question.place {
            None => self.places.iter().map(|(_, _, first)| *first).collect(),
            Some((site, column)) => self.places_within(site, column.as_deref()),
        };
        let first = firsts.into_iter().min()?;
        Some(self.document.originally_published_at.unwrap_or(first))
    }

    fn order(&self, other: &Self, question: &Question) -> Ordering {
        let place = |known: &Self| {
            let key = match &question.query.order {
                Order::Field { field, .. } => {
                    known.keys(field).first().map(|key| key.to_vec()).unwrap_or_default()
                }
                Order::Published(_) => Vec::new(),
            };
            (key, known.listed_at(question), known.document.id)
        };
        let ascending = place(self).cmp(&place(other));
        match question.query.order {
            Order::Published(Direction::Ascending)
            | Order::Field { direction: Direction::Ascending, .. } => ascending,
            _ => ascending.reverse(),
        }
    }
}

fn passes(keys: &[&[u8]], test: &Test) -> bool {
    let above = |key: &[u8], bound: &Bound| {
        key > bound.key.as_slice() || bound.inclusive && key == bound.key
    };
    let below = |key: &[u8], bound: &Bound| {
        key < bound.key.as_slice() || bound.inclusive && key == bound.key
    };
    match test {
        Test::Equals(wanted) => keys.contains(&wanted.as_slice()),
        Test::In(wanted) => keys.iter().any(|key| wanted.iter().any(|wanted| wanted == key)),
        Test::Between(lower, upper) => keys.iter().any(|key| {
            lower.as_ref().is_none_or(|lower| above(key, lower))
                && upper.as_ref().is_none_or(|upper| below(key, upper))
        }),
        Test::StartsWith(start) => keys.iter().any(|key| key.starts_with(start)),
        Test::IsNull(is_null) => keys.is_empty() == *is_null,
    }
}

/// A query, and its scope in words.
#[derive(Clone, Debug)]
struct Question {
    query: ListQuery,
    /// Site and column; none for the hub.
    place: Option<(String, Option<String>)>,
    columns: Vec<(schema::ids::ColumnId, (&'static str, &'static str))>,
}

/// What questions are made of.
struct Vocabulary {
    scopes: Vec<(ListScope, Option<(String, Option<String>)>)>,
    columns: Vec<(schema::ids::ColumnId, (&'static str, &'static str))>,
    contents: Vec<ContentId>,
    tests: Vec<(FieldName, Test)>,
    moments: Vec<Timestamp>,
}

impl Vocabulary {
    async fn of(house: &House, known: &[Known]) -> Self {
        let mut scopes = vec![(ListScope::Hub, None)];
        for site in SITES {
            scopes.push((ListScope::Site(house.site(site).await), Some((site.into(), None))));
        }
        let mut of_house = Vec::new();
        for (site, path) in COLUMNS {
            let site_id = house.site(site).await;
            let mut session = house.desk.store.reader().await.expect("a reader");
            let path_name = path.parse().expect("a column path");
            let column = columns::by_path(&mut session, site_id, &path_name).await;
            let column = column.expect("an answer").expect("a column of the house").id;
            scopes.push((ListScope::Column(column), Some((site.into(), Some(path.into())))));
            of_house.push((column, (site, path)));
        }
        let times = known.iter().filter_map(|known| known.document.published_at);
        Self {
            scopes,
            columns: of_house,
            contents: known.iter().map(|known| known.document.content).collect(),
            tests: tests(house.article()),
            moments: times.chain(ORIGINALS.map(|at| at.parse().expect("a moment"))).collect(),
        }
    }

    fn question(&self) -> impl Strategy<Value = Question> + use<> {
        let columns = self.columns.clone();
        let r#type = prop::option::weighted(0.7, prop::sample::select(vec!["article", "alarm"]));
        let locale = prop::option::weighted(0.6, prop::sample::select(vec!["zh-CN", "en"]));
        (
            prop::sample::select(self.scopes.clone()),
            (r#type, locale),
            self.filter(),
            order(),
            1..7_u32,
        )
            .prop_map(move |((scope, place), (r#type, locale), filter, order, limit)| {
                Question {
                    query: ListQuery {
                        r#type: r#type.map(|name| name.parse::<TypeName>().expect("a type name")),
                        locale: locale.map(|tag| tag.parse::<Locale>().expect("a locale")),
                        filter,
                        order,
                        limit,
                        ..ListQuery::newest(scope)
                    },
                    place,
                    columns: columns.clone(),
                }
            })
    }

    fn filter(&self) -> impl Strategy<Value = Filter> + use<> {
        let moment = prop::option::of(prop::sample::select(self.moments.clone()));
        let between = (moment.clone(), moment);
        let columns: Vec<_> = self.columns.iter().map(|(id, _)| *id).collect();
        let field = prop::sample::select(self.tests.clone())
            .prop_map(|(field, test)| Filter::Field { field, test });
        let one = prop_oneof![
            6 => field,
            1 => between.clone().prop_map(|(from, to)| Filter::ListedBetween { from, to }),
            1 => between.clone().prop_map(|(from, to)| Filter::PublishedBetween { from, to }),
            1 => between.prop_map(|(from, to)| Filter::OriginallyPublishedBetween { from, to }),
            1 => prop::sample::subsequence(self.contents.clone(), 0..6).prop_map(Filter::Contents),
            2 => prop::sample::select(columns).prop_map(Filter::Column),
        ];
        let tree = one.prop_recursive(2, 6, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::All),
                prop::collection::vec(inner.clone(), 0..3).prop_map(Filter::Any),
                inner.prop_map(|filter| Filter::Not(Box::new(filter))),
            ]
        });
        prop_oneof![1 => Just(Filter::default()), 2 => tree]
    }
}

fn order() -> impl Strategy<Value = Order> {
    let direction = || prop::sample::select(vec![Direction::Ascending, Direction::Descending]);
    let field = prop::sample::select(vec!["title", "writtenOn"]);
    prop_oneof![
        direction().prop_map(Order::Published),
        (field, direction()).prop_map(|(field, direction)| Order::Field {
            field: field.parse().expect("a field name"),
            direction,
        }),
    ]
}

fn tests(article: &ContentType) -> Vec<(FieldName, Test)> {
    let key = |field: &str, value: &str| {
        key_for(article.field(field).expect("a field"), &json!(value)).expect("a key")
    };
    let bound = |key: Vec<u8>, inclusive| Some(Bound { key, inclusive });
    let mut tests = Vec::new();
    for (field, values) in [("title", &TITLES[..]), ("writtenOn", &DATES), ("tags", &TAGS)] {
        let name: FieldName = field.parse().expect("a field name");
        let keys: Vec<_> = values.iter().map(|value| key(field, value)).collect();
        tests.extend(keys.iter().map(|key| (name.clone(), Test::Equals(key.clone()))));
        tests.push((name.clone(), Test::In(vec![keys[0].clone(), keys[2].clone()])));
        tests.push((name.clone(), Test::In(Vec::new())));
        for inclusive in [false, true] {
            let (low, high) =
                (bound(keys[1].clone(), inclusive), bound(keys[2].clone(), inclusive));
            tests.push((name.clone(), Test::Between(low.clone(), None)));
            tests.push((name.clone(), Test::Between(None, high.clone())));
            tests.push((name.clone(), Test::Between(low, high)));
            tests.push((name.clone(), Test::IsNull(inclusive)));
        }
        tests.push((name, Test::Between(None, None)));
    }
    let title: FieldName = "title".parse().expect("a field name");
    tests.extend(STARTS.map(|start| (title.clone(), Test::StartsWith(start.into()))));
    tests
}

impl House {
    fn article(&self) -> &ContentType {
        self.desk.types.get(&"article".parse().expect("a type name")).expect("the type")
    }

    /// Every live document, put together from its edition and its placements.
    async fn known(&self) -> Vec<Known> {
        let mut session = self.desk.store.reader().await.expect("a reader");
        let (documents, _) = store::documents::page(&mut session, &Viewer::Public, None, 10_000)
            .await
            .expect("the documents");
        let mut known = Vec::new();
        for document in documents.into_iter().filter(|d| d.visibility == Visibility::Live) {
            let reading = store::past::live(&mut session, &Viewer::Public, &document).await;
            let fields = reading.expect("an answer").expect("it is live").content.fields;
            let content_type = self.desk.types.get(&document.r#type).expect("its type");
            let mut values = Vec::new();
            for field in content_type.fields.iter().filter(|f| f.filterable || f.sortable) {
                let items = match fields.get(field.name.as_str()) {
                    Some(serde_json::Value::Array(items)) => items.clone(),
                    Some(single) => vec![single.clone()],
                    None => Vec::new(),
                };
                let keys = items.iter().map(|item| key_for(field, item).expect("a key"));
                values.extend(keys.map(|key| (field.name.clone(), key)));
            }
            let placements = store::placements::of_document(&mut session, document.id).await;
            let placements = placements.expect("the placements");
            let positions = store::placements::positions(&mut session, document.id).await;
            let mut places = Vec::new();
            for position in positions.expect("the positions") {
                let placement = placements
                    .iter()
                    .find(|placement| placement.site_key == position.site)
                    .expect("its placement");
                let first = match placement.own {
                    true => document.first_published_at.expect("it is live"),
                    false => placement.first_published_at,
                };
                let site = position.site.to_string();
                let columns = position.columns.iter();
                places.extend(columns.map(|column| (site.clone(), column.to_string(), first)));
            }
            known.push(Known { document, values, places });
        }
        known
    }

    async fn page(&self, query: &ListQuery) -> Page {
        let mut session = self.desk.store.reader().await.expect("a reader");
        reading::list(&mut session, &Viewer::Public, query).await.expect("a page")
    }

    /// The ids and cursors of all pages, in the list's order.
    async fn walked(&self, query: &ListQuery, from_end: bool) -> Vec<(DocumentId, Cursor)> {
        let mut query = ListQuery { from_end, ..query.clone() };
        let mut walked: Vec<(DocumentId, Cursor)> = Vec::new();
        loop {
            let page = self.page(&query).await;
            let ids = page.items.iter().map(|item| item.id);
            let found: Vec<_> = ids.zip(page.cursors.iter().cloned()).collect();
            if from_end {
                query.before = page.cursors.first().cloned();
                walked.splice(0..0, found);
            } else {
                query.after = page.cursors.last().cloned();
                walked.extend(found);
            }
            if !page.has_more {
                return walked;
            }
            assert_eq!(page.items.len(), query.limit as usize, "a page with more behind is full");
        }
    }
}

const DOCUMENTS: usize = 40;
const QUESTIONS: usize = 150;

test_harness::on_both_databases! {
    with house;

    async fn pages_hold_what_filtering_and_sorting_everything_gives(house: House) {
        let mut runner = runner();
        for _ in 0..DOCUMENTS {
            house.cook(&recipe().new_tree(&mut runner).expect("a recipe").current()).await;
        }
        let known = house.known().await;
        let vocabulary = Vocabulary::of(&house, &known).await;
        let mut longest = 0;
        for _ in 0..QUESTIONS {
            let question = vocabulary.question().new_tree(&mut runner).expect("a question").current();
            longest = longest.max(house.assert_answered(&known, &question).await);
        }
        assert!(longest > 20, "the questions find something: {longest}");
    }
}

/// The same questions in every run, so that a failure can be run again.
fn runner() -> TestRunner {
    let algorithm = prop::test_runner::RngAlgorithm::ChaCha;
    TestRunner::new_with_rng(ProptestConfig::default(), TestRng::deterministic_rng(algorithm))
}

impl House {
    async fn assert_answered(&self, known: &[Known], question: &Question) -> usize {
        let query = &question.query;
        let is_listed = |known: &&Known| {
            let document = &known.document;
            let ordered = match &query.order {
                // A field orders the documents of the types that have it.
                Order::Field { field, .. } => {
                    query.r#type.is_some()
                        && self
                            .desk
                            .types
                            .get(&document.r#type)
                            .and_then(|t| t.field(field.as_str()))
                            .is_some_and(|field| field.sortable)
                }
                Order::Published(_) => true,
            };
            ordered
                && known.listed_at(question).is_some()
                && query.r#type.as_ref().is_none_or(|name| *name == document.r#type)
                && query.locale.as_ref().is_none_or(|locale| *locale == document.locale)
                && known.passes(&query.filter, question)
        };
        let mut expected: Vec<_> = known.iter().filter(is_listed).collect();
        expected.sort_by(|a, b| a.order(b, question));
        let expected: Vec<_> = expected.into_iter().map(|known| known.document.id).collect();

        let forwards = self.walked(query, false).await;
        let ids =
            |walked: &[(DocumentId, Cursor)]| walked.iter().map(|(id, _)| *id).collect::<Vec<_>>();
        assert_eq!(ids(&forwards), expected, "{question:#?}");
        assert_eq!(self.walked(query, true).await, forwards, "from the end: {question:#?}");
        let mut session = self.desk.store.reader().await.expect("a reader");
        let count = reading::count(&mut session, &Viewer::Public, query).await.expect("a count");
        assert_eq!(count, expected.len() as u64, "{question:#?}");
        drop(session);
        if let [first, .., last] = &forwards[..] {
            let (after, before) = (Some(first.1.clone()), Some(last.1.clone()));
            let window = ListQuery { after, before, ..query.clone() };
            let inner = self.walked(&window, false).await;
            assert_eq!(ids(&inner), expected[1..expected.len() - 1], "a window: {question:#?}");
        }
        expected.len()
    }
}
