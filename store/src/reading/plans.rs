//! How the databases run the hot reads of a hub with many documents: by index at every step,
//! without a scan of, or a sort over, anything that grows.
//!
//! The hub is made of generated rows. With `GONGBAO_TEST_LARGE=1` it holds 100,000 documents,
//! otherwise 5,000, which is enough for the planner to have a choice.

mod few;
mod narrowing;
mod previews;

use std::env;

use jiff::Timestamp;
use schema::{ids::DocumentId, viewer::Viewer};
use test_harness::{TestDatabase, database_from_template};
use uuid::Uuid;

use super::{
    Bound, By, Cursor, Direction, Filter, ListQuery, ListScope, Order, Test, by_id, departures,
    first_pages, history, links, list, order,
    sitemap::{self, Place, Range},
    standing,
};
use crate::{
    Engine, Session, Store,
    filled::{measure, run},
    statement::Statement,
};

/// Tables that grow with the documents, by the names that statements give them.
const GROWING: &str = "l d e v h p c f k n o pc t q g k1 k2 k3";
const GROWING_TABLES: [&str; 11] = [
    "publication",
    "publication_log",
    "document",
    "edition",
    "derived",
    "placement",
    "placement_column",
    "listing",
    "field_value",
    "link",
    "content",
];

struct Hub {
    store: Store,
    _database: TestDatabase,
}

fn id(kind: u128, number: u128) -> Uuid {
    Uuid::from_u128(kind << 120 | number)
}

fn documents() -> u32 {
    if env::var_os("GONGBAO_TEST_LARGE").is_some() { 100_000 } else { 5_000 }
}

/// One SQL text for both: `«id:K:E»` is the id of kind K and number E, `«digest:E»` a digest,
/// `«key:E»` an index key, `«time:E»` a time of E minutes.
fn spelled(engine: test_harness::Engine, text: &str) -> String {
    let mut sql = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('«') {
        let (term, after) = after.split_once('»').expect("a closed term");
        let (name, of) = term.split_once(':').expect("a term");
        sql.push_str(before);
        sql.push_str(&match (engine, name) {
            (test_harness::Engine::Sqlite, "id") => {
                let (kind, number) = of.split_once(':').expect("a kind");
                format!("unhex(printf('{kind}%030x', {number}))")
            }
            (test_harness::Engine::Postgres, "id") => {
                let (kind, number) = of.split_once(':').expect("a kind");
                format!("CAST('{kind}' || lpad(to_hex({number}), 30, '0') AS UUID)")
            }
            (test_harness::Engine::Sqlite, "digest") => format!("unhex(printf('%064x', {of}))"),
            (test_harness::Engine::Postgres, "digest") => {
                format!("decode(lpad(to_hex({of}), 64, '0'), 'hex')")
            }
            (test_harness::Engine::Sqlite, "key") => format!("unhex(printf('%016x', {of}))"),
            (test_harness::Engine::Postgres, "key") => {
                format!("decode(lpad(to_hex({of}), 16, '0'), 'hex')")
            }
            (test_harness::Engine::Sqlite, "time") => format!("(({of}) * 60000000)"),
            (test_harness::Engine::Postgres, "time") => format!("to_timestamp(({of}) * 60)"),
            (_, other) => panic!("{other}"),
        });
        rest = after;
    }
    sql.push_str(rest);
    sql
}

/// Document `i` of the numbers: on one of ten sites, mostly the first; in one of fifty columns,
/// mostly of one type and one language.
const ROWS: [&str; 17] = [
    "INSERT INTO authority (id, key, particulars, version, created_at) VALUES («id:01:1», 'city', '[]', 1, «time:0»)",
    "INSERT INTO site (id, key, authority_id, particulars, version, created_at) \
     SELECT «id:02:i», 'site-' || i, «id:01:1», '[]', 1, «time:0» FROM numbers WHERE i <= 10",
    "INSERT INTO site_column (id, site_id, path, position, closed, particulars, version, created_at) \
     SELECT «id:03:i», «id:02:1», 'column-' || i, i, FALSE, '[]', 1, «time:0» FROM numbers WHERE i <= 50",
    "INSERT INTO content (digest, body) SELECT «digest:i», '[]' FROM numbers",
    "INSERT INTO derived (content_digest, renderer, characters, summary, card, plain_text) \
     SELECT «digest:i», 1, 100, 'A summary of some length, as summaries are', \
     '{\"fields\":{\"title\":\"A title of some length\"},\"links\":{},\"source\":null,\"origin\":null}', \
     'a text' FROM numbers",
    "INSERT INTO document (id, content_id, locale, main_locale, authority_id, type, version, changed_at, changed_by, \
     last_edition_number, visibility, first_published_at, published_at, major_at, created_at) \
     SELECT «id:0d:i», «id:0c:i», CASE WHEN i % 20 = 0 THEN 'en' ELSE 'zh-CN' END, TRUE, «id:01:1», \
     CASE WHEN i % 10 = 0 THEN 'policy' ELSE 'news' END, 1, «time:i», «id:01:1», 1, 'live', «time:i», «time:i», \
     «time:i», «time:i» FROM numbers",
    "INSERT INTO edition (id, document_id, content_digest, place, digest, salt, created_at, created_by) \
     SELECT «id:0e:i», «id:0d:i», «digest:i», \
     '{\"placements\":[{\"site\":\"site-' || CASE WHEN i % 10 < 9 THEN 1 ELSE 2 END || '\"}]}', \
     «digest:i», «digest:i», «time:i», «id:01:1» FROM numbers",
    "INSERT INTO publication (document_id, number, edition_id, published_at, major, old_text) \
     SELECT «id:0d:i», 1, «id:0e:i», «time:i», TRUE, 'amended' FROM numbers",
    "UPDATE document SET live_edition_id = (SELECT e.id FROM edition e WHERE e.document_id = document.id)",
    "INSERT INTO placement (id, document_id, site_id, own, path, visibility, first_published_at, published_at) \
     SELECT «id:0f:i», «id:0d:i», «id:02:CASE WHEN i % 10 < 9 THEN 1 ELSE 2 END», TRUE, '/' || i, 'live', \
     «time:i», «time:i» FROM numbers",
    "INSERT INTO placement_column (placement_id, position, column_id) \
     SELECT «id:0f:i», 0, «id:03:1 + i % 50» FROM numbers",
    "INSERT INTO route (site_id, path, document_id, state) \
     SELECT site_id, path, document_id, 'current' FROM placement",
    "INSERT INTO listing (scope_id, document_id, type, locale, sort_at) \
     SELECT s.scope_id, d.id, d.type, d.locale, d.first_published_at FROM document d JOIN ( \
     SELECT «id:00:0» AS scope_id, document_id FROM placement \
     UNION ALL SELECT site_id, document_id FROM placement \
     UNION ALL SELECT pc.column_id, p.document_id FROM placement p JOIN placement_column pc ON pc.placement_id = p.id \
     ) s ON s.document_id = d.id",
    "INSERT INTO field_value (scope_id, type, field, locale, key, sort_at, document_id) \
     SELECT l.scope_id, l.type, 'topic', l.locale, «key:n.i % 20», l.sort_at, l.document_id \
     FROM numbers n JOIN listing l ON l.document_id = «id:0d:n.i» \
     WHERE NOT EXISTS (SELECT 1 FROM site_column c WHERE c.id = l.scope_id)",
    "INSERT INTO field_value (scope_id, type, field, locale, key, sort_at, document_id) \
     SELECT l.scope_id, l.type, 'writtenOn', l.locale, «key:n.i * 7919 % 10007», l.sort_at, l.document_id \
     FROM numbers n JOIN listing l ON l.document_id = «id:0d:n.i» \
     WHERE NOT EXISTS (SELECT 1 FROM site_column c WHERE c.id = l.scope_id)",
    "INSERT INTO link (document_id, field, position, target_content_id) \
     SELECT «id:0d:i», 'basis', 0, «id:0c:1 + i % 500» FROM numbers",
    "INSERT INTO publication_log (sequence, at, kind, actor_id, document_id, content_id, locale, type, edition, major, \
     visibility, commitment, hash) SELECT i, «time:i», CASE WHEN i % 50 = 0 THEN 'withdraw' ELSE 'publish' END, \
     «id:01:1», «id:0d:i», «id:0c:i», 'zh-CN', 'news', 1, TRUE, 'live', «digest:i», «digest:i» FROM numbers",
];

async fn large_hub(engine: test_harness::Engine) -> Option<Hub> {
    let count = documents();
    let fingerprint = format!("plans-with-drafts-{count}");
    let database = database_from_template(engine, &fingerprint, async move |url: &str| {
        let store = Store::open(url).await.expect("the store opens");
        let mut session = store.maintenance().await.expect("a connection");
        for rows in ROWS {
            let (into, select) = rows
                .split_once("SELECT")
                .map_or((rows, None), |(into, select)| (into, Some(select)));
            let sql = match select {
                Some(select) if rows.contains("FROM numbers") => format!(
                    "{into}WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers \
                     WHERE i < {count}) SELECT{select}"
                ),
                _ => rows.to_owned(),
            };
            run(&mut session, spelled(engine, &sql)).await;
        }
        measure(&mut session).await;
        drop(session);
        store.close().await;
    })?;
    let store = Store::open(database.url()).await.expect("the store opens");
    Some(Hub { store, _database: database })
}

/// What a plan does that grows with the hub.
fn growing_steps(engine: Engine, plan: &[String]) -> Vec<String> {
    let is_growing = |step: &&String| match engine {
        Engine::Sqlite => {
            let scanned = step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
            step.contains("TEMP B-TREE")
                || step.contains("AUTOMATIC")
                || scanned.is_some_and(|name| GROWING.split(' ').any(|known| known == name))
        }
        Engine::Postgres => {
            let scan = step.split_once("Seq Scan on ");
            let scans = scan.and_then(|(_, rest)| rest.split(' ').next());
            step.contains("Sort") || scans.is_some_and(|name| GROWING_TABLES.contains(&name))
        }
    };
    let growing = plan.iter().enumerate().filter(|(_, step)| is_growing(step));
    growing.filter(|(at, _)| !is_of_few(engine, plan, *at)).map(|(_, step)| step.clone()).collect()
}

/// Whether a step looks at what is known to be few: see [`rare`](super::rare). That part stands
/// between the two questions how many they are.
fn is_of_few(engine: Engine, plan: &[String], at: usize) -> bool {
    let (from, to) = match engine {
        Engine::Sqlite => ("SCAN few", "UNION ALL"),
        Engine::Postgres => ("CTE Scan on counted ", "CTE Scan on counted counted_1 "),
    };
    let place = |of: &str| plan.iter().position(|step| step.contains(of));
    place(from).zip(place(to)).is_some_and(|(from, to)| from < at && at < to)
}

impl Hub {
    async fn assert_by_index(&self, what: &str, statement: impl FnOnce(&Session) -> Statement) {
        let plan = self.plan(statement).await;
        let growing = growing_steps(self.store.engine(), &plan);
        assert!(growing.is_empty(), "{what}: {growing:#?} of {plan:#?}");
    }

    async fn plan(&self, statement: impl FnOnce(&Session) -> Statement) -> Vec<String> {
        let mut session = self.store.reader().await.expect("a reader");
        statement(&session).plan(&mut session).await.expect("a plan")
    }

    /// Neither the first page nor a deep one, from either end.
    async fn assert_list_by_index(&self, what: &str, query: ListQuery) {
        let at = Timestamp::from_second(90_000).expect("a moment");
        let document: DocumentId = id(0x0d, 1_500).into();
        let keys = query.order.fields().map(|_| vec![0; 8]).collect();
        let cursor = Cursor::new(&query.order, order::Place { keys, sort_at: at, document });
        for from_end in [false, true] {
            for (after, before) in
                [(None, None), (Some(cursor.clone()), None), (None, Some(cursor.clone()))]
            {
                let query = ListQuery { after, before, from_end, ..query.clone() };
                let what = format!("{what}: {query:?}");
                self.assert_by_index(&what, |session| list::statement(session, &query)).await;
            }
        }
    }
}

fn newest(scope: ListScope) -> ListQuery {
    ListQuery { locale: Some("zh-CN".parse().expect("a locale")), ..ListQuery::newest(scope) }
}

fn site() -> ListScope {
    ListScope::Site(id(2, 1).into())
}

fn column() -> ListScope {
    ListScope::Column(id(3, 7).into())
}

fn typed(query: ListQuery) -> ListQuery {
    ListQuery { r#type: Some("policy".parse().expect("a type name")), ..query }
}

fn topic(test: Test) -> Filter {
    Filter::Field { field: "topic".parse().expect("a field name"), test }
}

fn by_date(direction: Direction) -> Order {
    By::Field { field: "writtenOn".parse().expect("a field name"), direction }.into()
}

test_harness::on_both_databases! {
    with large_hub;

    async fn lists_of_a_scope_and_a_type_are_read_by_index(hub: Hub) {
        for scope in [ListScope::Hub, site(), column()] {
            let query = newest(scope);
            hub.assert_list_by_index("scope", query.clone()).await;
            hub.assert_list_by_index("scope and type", typed(query.clone())).await;
            let any = ListQuery { locale: None, ..query };
            hub.assert_list_by_index("scope, any language", any.clone()).await;
            hub.assert_list_by_index("scope and type, any language", typed(any)).await;
        }
    }

    async fn one_equal_field_is_read_by_index(hub: Hub) {
        let filter = topic(Test::Equals(vec![0, 0, 0, 0, 0, 0, 0, 7]));
        for scope in [ListScope::Hub, site(), column()] {
            let query = ListQuery { filter: filter.clone(), ..typed(newest(scope)) };
            hub.assert_list_by_index("one field", query).await;
        }
    }

    async fn the_order_of_a_field_is_read_by_index(hub: Hub) {
        for direction in [Direction::Ascending, Direction::Descending] {
            for scope in [ListScope::Hub, site(), column()] {
                let order = by_date(direction);
                let query = ListQuery { order, ..typed(newest(scope)) };
                hub.assert_list_by_index("order of a field", query).await;
            }
        }
    }

    async fn further_conditions_are_tried_by_index_on_the_way(hub: Hub) {
        let bound = Bound { key: vec![0, 0, 0, 0, 0, 0, 0, 3], inclusive: true };
        let from = Timestamp::from_second(60_000).ok();
        let filter = Filter::All(vec![
            topic(Test::Between(Some(bound), None)),
            Filter::Any(vec![topic(Test::IsNull(true)), topic(Test::In(vec![vec![1], vec![2]]))]),
            Filter::Not(Box::new(Filter::Column(id(3, 9).into()))),
            Filter::PublishedBetween { from, to: None },
            Filter::ListedBetween { from, to: None },
        ]);
        let query = ListQuery { filter: filter.clone(), ..typed(newest(site())) };
        hub.assert_list_by_index("many conditions", query.clone()).await;
        let query = ListQuery { order: by_date(Direction::Descending), ..query };
        hub.assert_list_by_index("many conditions in the order of a field", query).await;
    }

    async fn documents_are_found_by_id_content_and_path(hub: Hub) {
        let documents: Vec<_> = (1..=50).map(|number| id(0x0d, number).into()).collect();
        let contents: Vec<_> = (1..=50).map(|number| id(0x0c, number).into()).collect();
        let site = Some(id(2, 1).into());
        hub.assert_by_index("by id", |session| by_id::statement(session, &documents, site)).await;
        hub.assert_by_index("whole texts", |session| by_id::whole(session, &documents)).await;
        hub.assert_by_index("by content", |session| {
            by_id::of_contents_statement(session, &contents, site)
        })
        .await;
        hub.assert_by_index("by path", |session| {
            super::address::statement(session, id(2, 1).into(), &"/7".parse().expect("a path"))
        })
        .await;
        hub.assert_by_index("columns", |session| {
            links::columns_statement(session, &documents, None)
        })
        .await;
    }

    async fn the_newest_of_several_places_are_read_from_the_end_of_each(hub: Hub) {
        let locale = "zh-CN".parse().expect("a locale");
        let policy = "policy".parse().expect("a type name");
        let scopes: Vec<_> = (1..=9).map(|number| id(3, number)).collect();
        for r#type in [None, Some(&policy)] {
            let plan = hub
                .plan(|session| first_pages::pages_statement(session, &scopes, r#type, &locale, 5))
                .await;
            let growing = growing_steps(hub.store.engine(), &plan);
            assert!(growing.is_empty(), "{growing:#?} of {plan:#?}");
        }
    }

    async fn histories_and_placements_are_found_by_their_documents(hub: Hub) {
        let documents: Vec<_> = (1..=20).map(|number| id(0x0d, number).into()).collect();
        hub.assert_by_index("placements", |session| standing::statement(session, &documents)).await;
        hub.assert_by_index("histories", |session| history::statement(session, &documents)).await;
    }

    async fn links_to_something_cost_no_more_than_they_are(hub: Hub) {
        let targets: Vec<_> = (1..=20).map(|number| id(0x0c, number).into()).collect();
        let mut session = hub.store.reader().await.expect("a reader");
        let statement = links::linking_statement(
            &session,
            &targets,
            &"news".parse().expect("a type name"),
            &"basis".parse().expect("a field name"),
            &"zh-CN".parse().expect("a locale"),
            5,
        );
        let plan = statement.plan(&mut session).await.expect("a plan");
        let scans = growing_steps(hub.store.engine(), &plan)
            .into_iter()
            .filter(|step| !step.contains("TEMP B-TREE") && !step.contains("Sort"))
            .collect::<Vec<_>>();
        assert!(scans.is_empty(), "only what links to the targets is sorted: {plan:#?}");
    }

    async fn a_sitemap_is_read_in_the_order_of_the_index(hub: Hub) {
        let locale = "zh-CN".parse().expect("a locale");
        let until = Timestamp::from_second(100_000_000).ok();
        for after in [Place::first(), Place::before(Timestamp::from_second(90_000).expect("a moment"))] {
            let range = Range { site: id(2, 1).into(), locale: &locale, after, until };
            hub.assert_by_index("a place", |session| {
                sitemap::place_statement(session, &range, 2_000)
            })
            .await;
            for statement in [sitemap::stamps_statement, sitemap::pages_statement] {
                let plan = hub.plan(|session| statement(session, &range)).await;
                // A thousand rows of a small table may well be joined by reading all of it.
                let growing: Vec<_> = growing_steps(hub.store.engine(), &plan)
                    .into_iter()
                    .filter(|step| !step.contains("Seq Scan on document") && !step.contains("Seq Scan on placement"))
                    .collect();
                assert!(growing.is_empty(), "{growing:#?} of {plan:#?}");
            }
        }
    }

    async fn what_left_is_found_without_reading_the_log(hub: Hub) {
        let locale = "zh-CN".parse().expect("a locale");
        for scope in [site(), column()] {
            let of = |session: &Session| departures::statement(session, id(2, 1).into(), scope, &locale);
            let plan = hub.plan(of).await.join("\n");
            assert!(plan.contains("publication_log_departure"), "{plan}");
            assert!(!plan.contains("Seq Scan on publication_log"), "{plan}");
        }
    }

    async fn a_list_is_one_statement_however_long(hub: Hub) {
        let mut session = hub.store.reader().await.expect("a reader");
        let count = super::count(&mut session, &Viewer::Public, &newest(ListScope::Hub)).await.expect("a count");
        assert_eq!((count, session.statements()), (u64::from(documents()) * 19 / 20, 1));
        for limit in [1, 20, 500] {
            let query = ListQuery { limit, ..newest(ListScope::Hub) };
            let before = session.statements();
            let page = super::list(&mut session, &Viewer::Public, &query).await.expect("a page");
            assert_eq!((page.items.len(), page.has_more), (limit as usize, true));
            assert_eq!(session.statements() - before, 1);
        }
    }
}
