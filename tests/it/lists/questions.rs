//! Random questions for lists of the house: every scope, nested filters, every order.

use jiff::Timestamp;
use proptest::prelude::*;
use schema::{
    content_type::TypeRegistry,
    ids::{ColumnId, ContentId},
    names::{FieldName, Locale, TypeName},
    validation::key_for,
};
use serde_json::json;
use store::{
    columns,
    reading::{Bound, By, Direction, Filter, Linked, ListQuery, ListScope, Order, Test},
};

use super::{
    plain::Known,
    recipes::{COLUMNS, DATES, ORIGINALS, SITES, STARTS, TAGS, TITLES},
};
use crate::house::House;

/// Site and column; none for the hub.
type Scope = Option<(String, Option<String>)>;

/// A query, and its scope in words.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) query: ListQuery,
    pub(super) place: Scope,
    pub(super) columns: Vec<(ColumnId, (&'static str, &'static str))>,
}

/// What questions are made of.
pub(super) struct Vocabulary {
    scopes: Vec<(ListScope, Scope)>,
    columns: Vec<(ColumnId, (&'static str, &'static str))>,
    contents: Vec<ContentId>,
    tests: Vec<(FieldName, Test)>,
    moments: Vec<Timestamp>,
}

impl Vocabulary {
    pub(super) async fn of(house: &House, known: &[Known]) -> Self {
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
            tests: tests(&house.desk.types),
            moments: times.chain(ORIGINALS.map(|at| at.parse().expect("a moment"))).collect(),
        }
    }

    pub(super) fn question(&self) -> impl Strategy<Value = Question> + use<> {
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
        let plain = prop_oneof![
            6 => field,
            1 => between.clone().prop_map(|(from, to)| Filter::ListedBetween { from, to }),
            1 => between.clone().prop_map(|(from, to)| Filter::PublishedBetween { from, to }),
            1 => between.prop_map(|(from, to)| Filter::OriginallyPublishedBetween { from, to }),
            1 => prop::sample::subsequence(self.contents.clone(), 0..6).prop_map(Filter::Contents),
            1 => prop::sample::select(columns.clone()).prop_map(Filter::Column),
            1 => prop::sample::subsequence(columns, 0..3).prop_map(Filter::Columns),
        ]
        .boxed();
        let linked = (prop::collection::vec(plain.clone(), 0..3), any::<bool>()).prop_map(
            |(conditions, forwards)| {
                Filter::Linked(Box::new(Linked {
                    field: "basis".parse().expect("a field name"),
                    forwards,
                    r#type: "article".parse().expect("a type name"),
                    filter: Filter::All(conditions),
                }))
            },
        );
        let one = prop_oneof![4 => plain, 1 => linked];
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
    let term = prop_oneof![
        1 => direction().prop_map(By::Published),
        2 => (field, direction()).prop_map(|(field, direction)| By::Field {
            field: field.parse().expect("a field name"),
            direction,
        }),
    ];
    prop::collection::vec(term, 0..=3).prop_map(Order::of)
}

fn tests(types: &TypeRegistry) -> Vec<(FieldName, Test)> {
    let article = types.get(&"article".parse().expect("a type name")).expect("the type");
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
    tests.extend(STARTS.map(|part| (title.clone(), Test::Contains(part.into()))));
    tests
}
