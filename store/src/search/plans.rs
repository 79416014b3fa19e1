//! How the databases search a hub with many documents: by index at every step, and no further
//! than the newest hits.

use schema::{
    ids::DocumentId,
    search::{Question, Synonyms, Typed},
    viewer::Viewer,
};
use test_harness::{TestDatabase, database_from_template};
use uuid::Uuid;

use super::{
    SearchQuery,
    find::{find, page_statement, tally_statement, texts_statement},
    suggest::{SuggestionQuery, index_statement, newest_statement, suggest},
};
use crate::{
    Engine, Session, Store,
    filled::{measure, run},
    reading::ListScope,
    statement::Statement,
};

const DOCUMENTS: u32 = 5_000;

/// Document `i` of the numbers, in one spelling for both databases: `«id:K»` is the id of kind K
/// and number `i`, `«time»` a time of `i` minutes, `«list»` of tokens.
const ROWS: [&str; 5] = [
    "INSERT INTO authority (id, key, particulars, version, created_at) \
     SELECT «id:01», 'city', '[]', 1, «time» FROM numbers WHERE i = 1",
    "INSERT INTO document (id, content_id, locale, main_locale, authority_id, type, version, changed_at, changed_by, \
     last_edition_number, visibility, first_published_at, created_at) \
     SELECT «id:0d», «id:0c», 'zh-CN', TRUE, (SELECT id FROM authority), 'news', 1, «time», «id:0c», 1, 'live', \
     «time», «time» FROM numbers",
    "INSERT INTO listing (scope_id, document_id, type, locale, sort_at) \
     SELECT «nil», id, type, locale, first_published_at FROM document",
    "«entries»",
    "«more»",
];

struct Hub {
    store: Store,
    _database: TestDatabase,
}

fn spelled(engine: test_harness::Engine, text: &str) -> String {
    use test_harness::Engine::{Postgres, Sqlite};
    // All texts hold 甲乙, every second 丙丁, every 500th 戊己.
    let tokens = "'甲乙' || CASE WHEN i % 2 = 0 THEN ' 丙丁' ELSE '' END \
                  || CASE WHEN i % 500 = 0 THEN ' 戊己 †甲乙' ELSE '' END";
    let (id, time, nil, entries, more) = match engine {
        Sqlite => (
            "unhex(printf('«kind»%030x', i))",
            "(i * 60000000)",
            "zeroblob(16)",
            "INSERT INTO search_entry (number, document_id, title, words) SELECT i, «id:0d», ' 甲 ', ' 甲 ' FROM numbers"
                .to_owned(),
            format!("INSERT INTO search_text (rowid, tokens) SELECT i, {tokens} FROM numbers"),
        ),
        Postgres => (
            "CAST('«kind»' || lpad(to_hex(i), 30, '0') AS UUID)",
            "to_timestamp(i * 60)",
            "CAST('00000000-0000-0000-0000-000000000000' AS UUID)",
            format!(
                "INSERT INTO search_entry (number, document_id, title, words, text, tokens) \
                 SELECT i, «id:0d», ' 甲 ', ' 甲 ', ' ' || {tokens} || ' ', CAST({tokens} AS TSVECTOR) FROM numbers"
            ),
            "SELECT i FROM numbers LIMIT 1".to_owned(),
        ),
    };
    let text = text.replace("«entries»", &entries).replace("«more»", &more);
    let text = text.replace("«time»", time).replace("«nil»", nil);
    ["01", "0c", "0d"]
        .iter()
        .fold(text, |text, kind| text.replace(&format!("«id:{kind}»"), &id.replace("«kind»", kind)))
}

async fn large_hub(engine: test_harness::Engine) -> Option<Hub> {
    let database = database_from_template(engine, "search-plans", async move |url: &str| {
        let store = Store::open(url).await.expect("the store opens");
        let mut session = store.maintenance().await.expect("a connection");
        for rows in ROWS {
            let sql = spelled(engine, rows);
            let numbers = format!(
                "WITH RECURSIVE numbers (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {DOCUMENTS}) "
            );
            let sql = sql.replacen("SELECT", &format!("{numbers}SELECT"), 1);
            run(&mut session, sql).await;
        }
        measure(&mut session).await;
        drop(session);
        store.close().await;
    })?;
    let store = Store::open(database.url()).await.expect("the store opens");
    Some(Hub { store, _database: database })
}

fn asked(words: &str) -> SearchQuery {
    SearchQuery {
        question: Question::parse(words, &Synonyms::embedded()).expect("a question"),
        scope: ListScope::Hub,
        r#type: Some("news".parse().expect("a type name")),
        locale: Some("zh-CN".parse().expect("a locale")),
        from: None,
        to: None,
        after: None,
        limit: 20,
        ranked: super::RANKED,
        looked_at: super::LOOKED_AT,
    }
}

fn typed_so_far(text: &str) -> SuggestionQuery {
    SuggestionQuery {
        typed: Typed::parse(text).expect("something typed"),
        scope: ListScope::Hub,
        r#type: None,
        locale: Some("zh-CN".parse().expect("a locale")),
        limit: 10,
    }
}

impl Hub {
    async fn plan(&self, statement: impl FnOnce(&Session) -> Statement) -> Vec<String> {
        let mut session = self.store.reader().await.expect("a reader");
        let statement = statement(&session);
        statement.plan(&mut session).await.expect("a plan")
    }

    /// By index up to the hits; of those, which are bounded, anything goes.
    fn assert_by_index(&self, what: &str, plan: &[String]) {
        let (index, bad): (&str, Vec<&String>) = match self.store.engine() {
            Engine::Sqlite => ("VIRTUAL TABLE INDEX", {
                let is_bad = |step: &&String| {
                    let scanned =
                        step.strip_prefix("SCAN ").and_then(|rest| rest.split(' ').next());
                    step.contains("AUTOMATIC")
                        || scanned.is_some_and(|it| ["e", "n", "p", "l", "d", "v"].contains(&it))
                };
                plan.iter().filter(is_bad).collect()
            }),
            Engine::Postgres => ("Bitmap Index Scan on search_entry_tokens", {
                plan.iter().filter(|step| step.contains("Seq Scan on")).collect()
            }),
        };
        assert!(bad.is_empty(), "{what}: {bad:#?} of {plan:#?}");
        assert!(plan.iter().any(|step| step.contains(index)), "{what}: {plan:#?}");
    }
}

test_harness::on_both_databases! {
    with large_hub;

    async fn hits_are_read_by_index(hub: Hub) {
        let quoted = "\"甲乙丙\" 戊";
        let late = super::SearchCursor { score: 2, number: 700 };
        for (what, query) in [
            ("one word", asked("甲乙")),
            ("a phrase and a character", asked(quoted)),
            ("a document number", asked("国办发〔2014〕57号")),
            ("a later page", SearchQuery { after: Some(late), ..asked("甲乙") }),
            ("any type and language", SearchQuery { r#type: None, locale: None, ..asked("甲乙") }),
        ] {
            let plan = hub.plan(|session| page_statement(session, &query)).await;
            hub.assert_by_index(what, &plan);
            let plan = hub.plan(|session| tally_statement(session, &query)).await;
            hub.assert_by_index(what, &plan);
        }
        let ids: Vec<DocumentId> = vec![Uuid::from_u128(1).into()];
        let plan = hub.plan(|session| texts_statement(session, &ids)).await;
        assert!(!plan.iter().any(|step| step.contains("Seq Scan on document") || step.contains("SCAN d")), "{plan:#?}");
    }

    async fn suggestions_are_read_by_index(hub: Hub) {
        for of_type in [None, Some("news".parse().expect("a type name"))] {
            for typed in ["甲乙", "甲", "国办发〔2014"] {
                let query = SuggestionQuery { r#type: of_type.clone(), ..typed_so_far(typed) };
                let plan = hub.plan(|session| index_statement(session, &query)).await;
                hub.assert_by_index(typed, &plan);
                let plan = hub.plan(|session| newest_statement(session, &query)).await;
                let text = plan.join("\n");
                let is_bad = |step: &&String| {
                    ["Seq Scan on search_entry", "Seq Scan on listing", "SCAN e", "SCAN l "]
                        .iter()
                        .any(|bad| step.contains(bad)) && !step.contains("INDEX")
                };
                let bad: Vec<_> = plan.iter().filter(is_bad).collect();
                let is_by_index = text.contains("listing_") || text.contains("SEARCH p USING PRIMARY KEY (shelf=?)");
                assert!(bad.is_empty() && is_by_index, "{bad:#?} of {text}");
            }
        }
    }

    async fn suggestions_have_a_bound_and_the_index_knows_what_is_old(hub: Hub) {
        let mut session = hub.store.reader().await.expect("a reader");
        // No title holds it, so the newest are not enough; and what the index gives is looked at.
        for (typed, least) in [("甲乙", 0), ("甲", 1)] {
            let before = session.statements();
            let found = suggest(&mut session, &Viewer::Public, &typed_so_far(typed)).await.expect("an answer");
            assert_eq!((found.len(), session.statements() - before), (least, 2), "{typed}");
        }
    }

    async fn the_newest_come_first_and_no_more_are_looked_at(hub: Hub) {
        let mut session = hub.store.reader().await.expect("a reader");
        for (words, total, newest) in [("甲乙", 5_000, 5_000), ("丙丁", 2_500, 5_000), ("戊己", 10, 5_000)] {
            let found = find(&mut session, &Viewer::Public, &asked(words)).await.expect("an answer");
            assert_eq!((found.total, found.is_limited), (total, false), "{words}");
            assert_eq!(found.hits[0].cursor.number, newest, "{words}");
        }
        // Common words of which none of the newest is where it is asked.
        let before = Some(jiff::Timestamp::from_second(60 * 1_000).expect("a moment"));
        let old = SearchQuery { ranked: 30, to: before, ..asked("丙丁") };
        let found = find(&mut session, &Viewer::Public, &old).await.expect("an answer");
        let numbers: Vec<i64> = found.hits.iter().map(|hit| hit.cursor.number).collect();
        assert_eq!((found.total, found.is_limited), (30, true));
        assert_eq!(numbers, (1..=20).map(|at| 1_000 - 2 * at).collect::<Vec<_>>());

        let few = SearchQuery { ranked: 30, ..asked("丙丁 甲乙") };
        let found = find(&mut session, &Viewer::Public, &few).await.expect("an answer");
        assert_eq!((found.total, found.is_limited, found.has_more), (30, true, true));
        let numbers: Vec<i64> = found.hits.iter().map(|hit| hit.cursor.number).collect();
        assert_eq!(numbers, (0..20).map(|at| 5_000 - 2 * at).collect::<Vec<_>>());
    }
}
