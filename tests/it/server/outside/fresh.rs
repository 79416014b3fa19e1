//! The checker: while documents are published, corrected, moved, taken back and columns are
//! rearranged without a pause, readers ask two servers of one hub through sockets: one that keeps
//! answers, and one that keeps nothing. Where the keeping server had counted in every event before
//! it was asked, and none came while it answered, both must say the same to the byte.
//!
//! How many answers of the keeping server are compared is `GONGBAO_TEST_FRESH` (a few thousand
//! without it). A long run is made of the optimised build, as docs/caching.md says.

use std::{
    env,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use api::ServerSettings;
use editorial::documents;
use schema::visibility::{Notice, Removal};
use serde_json::json;
use store::{Store, documents::Document, log};
use tokio::{
    sync::{Notify, watch},
    task::JoinSet,
};

use super::{
    address,
    line::{Line, request},
};
use crate::{
    house::{House, article, house, now, placed, text, told},
    server::Served,
};

/// Answers compared where nothing else is said.
const FEW: u64 = 3_000;
/// Readers at once.
const READERS: usize = 4;
/// How often the keeping server is asked for each answer of the other.
const AGAIN: usize = 8;
/// Answers compared between two acts, at least.
const BETWEEN: u64 = 3 * AGAIN as u64;
/// Acts after which documents stand at new paths: those of old ones are taken for good.
const GENERATION: usize = 40;

fn wanted() -> u64 {
    let said = env::var("GONGBAO_TEST_FRESH").ok();
    said.map_or(FEW, |said| said.parse().expect("GONGBAO_TEST_FRESH is a number"))
}

/// Questions of every kind about the documents of a generation.
fn questions(generation: usize) -> Vec<String> {
    let mut questions: Vec<String> = [
        "{ articles(site: \"lanqiao\") { nodes { title path } totalCount } }",
        "{ documents(site: \"lanqiao\", first: 30) { nodes { title path publishedAt columns { name { zh } } } } }",
        "{ documents(first: 30) { nodes { title url updatedAt site { key } placements { path site { key } } } } }",
        "{ articles(first: 20) { nodes { title body { text } basis { title } basedOnThis { title } } } }",
        "{ articles(filter: { title: { startsWith: \"第二版\" } }) { nodes { title } } }",
        "{ articles(filter: { basis: { title: { contains: \"版\" } } }) { nodes { title } totalCount } }",
        "{ articles(orderBy: [WRITTEN_ON_DESC, TITLE_ASC]) { nodes { title } } }",
        "{ documents(site: \"lanqiao\", column: \"policy\") { nodes { title } totalCount } }",
        "{ articles(site: \"lanqiao\", column: \"policy/finance\") { nodes { title } } }",
        "{ documents(site: \"nanhe\") { nodes { title path history { number publishedAt } } } }",
        "{ sites { key name { zh } columns { path name { zh } documents(first: 3) { totalCount nodes { title } } } } }",
        "{ search(query: \"正文\") { totalCount nodes { title } } }",
        "{ changes(first: 20) { head nodes { kind document { title } } } }",
        "{ documents(first: 10) { nodes { head { html } } } }",
    ]
    .map(String::from)
    .to_vec();
    for number in 1..10 {
        let at = format!("site: \"lanqiao\", path: \"/{generation}/{number}\"");
        questions.push(format!(
            "{{ document({at}) {{ title translations {{ title }} related {{ title }} }} }}"
        ));
        questions.push(format!(
            "{{ route({at}) {{ __typename ... on DocumentRoute {{ document {{ title }} }} ... on RedirectRoute {{ location }} ... on GoneRoute {{ visibility notice {{ explanation {{ zh }} }} }} }} }}"
        ));
    }
    questions
}

/// Numbers that look thrown, the same in every run.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }
}

/// Who acts on the hub without a pause.
struct Publisher {
    house: Arc<House>,
    dice: Dice,
    live: Vec<Document>,
    round: usize,
}

impl Publisher {
    fn columns(&mut self) -> &'static [&'static str] {
        const COLUMNS: [&[&str]; 3] =
            [&["policy"], &["policy/finance"], &["policy", "policy/finance"]];
        COLUMNS[self.dice.throw(3)]
    }

    async fn publish(&mut self) {
        // A path may be taken, or kept for what stood there: then nothing happens.
        let path = format!("/{}/{}", self.round / GENERATION, 1 + self.dice.throw(9));
        let basis = self.live.first().map(|document| document.content.to_string());
        let mut new = article(&format!("第{}轮", self.round));
        new.text.placements = vec![placed("lanqiao", self.columns(), Some(&path))];
        new.text.fields.insert("basis".into(), json!(basis.into_iter().collect::<Vec<_>>()));
        if let Ok(draft) = self.house.create(new).await {
            self.live.push(self.house.make_public(&draft).await.document);
        }
    }

    async fn act(&mut self) {
        self.round += 1;
        if self.live.len() < 3 || (self.live.len() < 30 && self.dice.throw(3) == 0) {
            return self.publish().await;
        }
        let house = Arc::clone(&self.house);
        let chosen = self.dice.throw(self.live.len());
        match self.dice.throw(12) {
            0..=3 => {
                let mut changed = text(&format!("第二版之{}", self.round));
                if self.dice.throw(2) == 0 {
                    changed.placements.clone_from(&self.standing(chosen).await);
                }
                let draft = house.save(now(&self.live[chosen]), changed).await;
                let draft = draft.expect("it is saved");
                self.live[chosen] = house.make_public(&draft).await.document;
            }
            4 | 5 => {
                let document = self.live.remove(chosen);
                house.withdraw(&document, told("核对中", "Being checked")).await.expect("it is");
            }
            6 => drop(house.recall(&self.live.remove(chosen)).await),
            7 => self.taken_down(chosen, Removal::Gone).await,
            8 => self.taken_down(chosen, Removal::Redirect).await,
            9 => self.taken_down(chosen, Removal::Vanish).await,
            10 => drop(house.place_on_nanhe(&self.live[chosen]).await),
            _ => {
                let (from, to) = match self.dice.throw(2) {
                    0 => ("news", "headlines"),
                    _ => ("headlines", "news"),
                };
                let known = house.has_column(from).await;
                if known {
                    house.rename(from, to).await.expect("it is renamed");
                }
            }
        }
    }

    /// Another column, at the same path.
    async fn standing(&mut self, chosen: usize) -> Vec<documents::WantedPlacement> {
        let document = &self.live[chosen];
        let mut session = self.house.desk.store.reader().await.expect("a reader");
        let at = store::placements::positions(&mut session, document.id).await.expect("an answer");
        let own = at.iter().find(|at| at.site.as_str() == "lanqiao").expect("it stands there");
        let path = own.path.to_string();
        drop(session);
        vec![placed("lanqiao", self.columns(), Some(&path))]
    }

    async fn taken_down(&mut self, chosen: usize, removal: Removal) {
        let house = Arc::clone(&self.house);
        let target = now(&self.live.remove(chosen));
        let notice = match removal {
            Removal::Redirect => Notice {
                address: Some("https://www.lanqiao.gov.cn/new".into()),
                ..told("已移至新址", "It has moved")
            },
            _ => told("含有错误信息", "It contained an error"),
        };
        house
            .act(async |work| {
                documents::remove(&house.desk, work, target, removal, notice.clone()).await
            })
            .await
            .expect("it is removed");
    }
}

impl House {
    async fn has_column(&self, path: &str) -> bool {
        let site = self.site("lanqiao").await;
        let mut session = self.desk.store.reader().await.expect("a reader");
        let path = path.parse().expect("a column path");
        store::columns::by_path(&mut session, site, &path).await.expect("an answer").is_some()
    }
}

/// What all readers share.
struct Book {
    keeping: Served,
    fresh: Served,
    /// Of another process than the keeping server's.
    store: Store,
    known: watch::Receiver<u64>,
    generation: AtomicU64,
    progress: Notify,
    compared: AtomicU64,
    kept: AtomicU64,
    overtaken: AtomicU64,
}

impl Book {
    async fn head(&self) -> u64 {
        let mut session = self.store.reader().await.expect("a reader");
        log::head(&mut session).await.expect("the head").sequence
    }
}

async fn read(book: Arc<Book>, reader: usize, wanted: u64) {
    let (mut keeping, mut fresh) =
        (Line::to(book.keeping.address).await, Line::to(book.fresh.address).await);
    let mut dice = Dice(20_261_122 + reader as u64);
    while book.compared.load(Ordering::Relaxed) < wanted {
        let generation = usize::try_from(book.generation.load(Ordering::Relaxed)).expect("small");
        let questions = questions(generation.saturating_sub(dice.throw(2)));
        let question = &questions[dice.throw(questions.len())];
        let request = match dice.throw(2) {
            0 => request(&address(question), None),
            _ => request("/graphql", Some(&json!({ "query": question }).to_string())),
        };
        let before = book.head().await;
        // An event is in the database a moment before it is heard of.
        let was_heard = *book.known.borrow() >= before;
        let made = fresh.ask(&request).await;
        let mut answers = Vec::with_capacity(AGAIN);
        for _ in 0..AGAIN {
            answers.push(keeping.ask(&request).await);
        }
        if !was_heard || book.head().await != before {
            book.overtaken.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        for said in answers {
            assert_eq!(
                (said.status, String::from_utf8_lossy(&said.body)),
                (made.status, String::from_utf8_lossy(&made.body)),
                "after event {before}, kept: {}, {question}",
                said.was_kept
            );
            assert!(!made.was_kept, "the fresh server keeps nothing");
            book.kept.fetch_add(u64::from(said.was_kept), Ordering::Relaxed);
            book.compared.fetch_add(1, Ordering::Relaxed);
        }
        book.progress.notify_one();
    }
}

test_harness::on_both_databases! {
    with house;

    async fn whatever_happens_no_kept_answer_is_older_than_what_was_heard(house: House) {
        let house = Arc::new(house);
        let keeps = ServerSettings { points_per_address: 0, ..ServerSettings::default() };
        let keeping = house.serve_with(keeps.clone()).await;
        let other = Store::open(house.database.url()).await.expect("the store opens");
        let keeps_nothing =
            ServerSettings { content_cache_bytes: 0, content_shelf_bytes: 0, ..keeps };
        let fresh = house.serve_from(other.clone(), keeps_nothing).await;
        let book = Arc::new(Book {
            keeping,
            fresh,
            store: other.clone(),
            known: house.desk.store.log_growth(),
            generation: AtomicU64::new(0),
            progress: Notify::new(),
            compared: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            overtaken: AtomicU64::new(0),
        });
        let wanted = wanted();

        let mut publisher =
            Publisher { house: Arc::clone(&house), dice: Dice(7), live: Vec::new(), round: 0 };
        let mut readers = JoinSet::new();
        for reader in 0..READERS {
            readers.spawn(read(Arc::clone(&book), reader, wanted));
        }
        let publishing = async {
            loop {
                publisher.act().await;
                let generation = publisher.round / GENERATION;
                book.generation.store(generation as u64, Ordering::Relaxed);
                // Readers get a word in: between two events some answers are given.
                let until = book.compared.load(Ordering::Relaxed) + BETWEEN;
                while book.compared.load(Ordering::Relaxed) < until {
                    book.progress.notified().await;
                }
            }
        };
        let reading = async { while let Some(read) = readers.join_next().await { read.expect("no stale answer") } };
        tokio::select! {
            () = reading => {}
            () = publishing => {}
        }

        let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let (compared, kept) = (count(&book.compared), count(&book.kept));
        println!(
            "{compared} answers compared, {kept} of them kept, over {} events; {} questions overtaken by one",
            house.sequence().await,
            count(&book.overtaken),
        );
        assert!(compared >= wanted);
        assert!(kept * 4 >= compared, "only {kept} of {compared} answers were kept");
        let book = Arc::into_inner(book).expect("all readers ended");
        book.keeping.stop().await;
        book.fresh.stop().await;
        other.close().await;
    }
}
