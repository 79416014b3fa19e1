//! The house that stories happen in: an open hub with a small tree, a clock that steps, and
//! people to act.
//!
//! | authority | sites | columns |
//! | --- | --- | --- |
//! | `nanhe-province` | `nanhe` (zh-CN) | `policy`, `policy/finance`, `news` |
//! | `lanqiao-city` | `lanqiao` (zh-CN, en), `lanqiao-finance` | `policy`, `policy/finance`, `news`; `notices` |

use std::{
    net::IpAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use editorial::{
    Desk, Error, Refusal,
    arrange::manifest::{self, Manifest},
    documents::{
        self, DraftText, NewDocument, Outcome, Publish, Published, SavedDraft, Target,
        WantedPlacement,
    },
    files::{self, TakenIn},
    ports::Channels,
    sign_in::SignIn,
};
use jiff::Timestamp;
use schema::{
    calendar::{Calendar, DeadlineRules},
    checks::Checks,
    content_type::TypeRegistry,
    digest::Digest,
    edition::Importance,
    gate::Way,
    ids::{AuthorityId, DocumentId, SiteId},
    log::{DocumentEvent, Subject},
    message::Bilingual,
    names::{Locale, SiteKey},
    origin::Origin,
    parameters::{Clock, Entropy},
    permission::{Actor, Grant, Role, Scope},
    sign_in::Rules,
    viewer::Viewer,
    visibility::{EventKind, Notice},
};
use serde_json::{Map, Value, json};
use store::vault::MasterKey;
use store::{
    Committed, Store, UnitOfWork,
    documents::Document,
    files::{FileSettings, FileStore},
    past::Reading,
    trees,
    verify::{Finding, Progress, Report},
};
use syndication::{Outbound, outbound::Lookup};
use test_harness::{Engine, TestDatabase, database_from_template};
use uuid::Uuid;

const TREE: &str = include_str!("house.toml");
const TYPES: [(&str, &str); 2] = [
    ("article.toml", include_str!("types/article.toml")),
    ("alarm.toml", include_str!("types/alarm.toml")),
];
const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_spine.sql"),
    include_str!("../../migrations/postgres/0001_spine.sql"),
    include_str!("../../migrations/sqlite/0002_reading.sql"),
    include_str!("../../migrations/postgres/0002_reading.sql"),
    include_str!("../../migrations/sqlite/0003_access.sql"),
    include_str!("../../migrations/postgres/0003_access.sql"),
    include_str!("../../migrations/sqlite/0004_deliveries.sql"),
    include_str!("../../migrations/sqlite/0005_feeds.sql"),
    include_str!("../../migrations/postgres/0004_deliveries.sql"),
    include_str!("../../migrations/postgres/0005_feeds.sql"),
    include_str!("../../migrations/sqlite/0006_target_changes.sql"),
    include_str!("../../migrations/postgres/0006_target_changes.sql"),
    include_str!("../../migrations/sqlite/0007_search.sql"),
    include_str!("../../migrations/postgres/0007_search.sql"),
    include_str!("../../migrations/sqlite/0008_persisted.sql"),
    include_str!("../../migrations/postgres/0008_persisted.sql"),
    include_str!("../../migrations/sqlite/0009_preview.sql"),
    include_str!("../../migrations/postgres/0009_preview.sql"),
    include_str!("../../migrations/sqlite/0010_notices.sql"),
    include_str!("../../migrations/postgres/0010_notices.sql"),
    include_str!("../../migrations/sqlite/0011_suggestions.sql"),
    include_str!("../../migrations/postgres/0011_suggestions.sql"),
    include_str!("../../migrations/sqlite/0012_search_places.sql"),
    include_str!("../../migrations/postgres/0012_search_places.sql"),
    include_str!("../../migrations/sqlite/0013_search_merge.sql"),
    include_str!("../../migrations/postgres/0013_search_merge.sql"),
    include_str!("../../migrations/sqlite/0014_standing.sql"),
    include_str!("../../migrations/postgres/0014_standing.sql"),
    include_str!("../../migrations/sqlite/0015_review.sql"),
    include_str!("../../migrations/postgres/0015_review.sql"),
    include_str!("../../migrations/sqlite/0016_sign_in.sql"),
    include_str!("../../migrations/postgres/0016_sign_in.sql"),
    include_str!("../../migrations/sqlite/0017_files.sql"),
    include_str!("../../migrations/postgres/0017_files.sql"),
    include_str!("../../migrations/sqlite/0018_due_times.sql"),
    include_str!("../../migrations/postgres/0018_due_times.sql"),
    include_str!("../../migrations/sqlite/0019_audit_chain.sql"),
    include_str!("../../migrations/postgres/0019_audit_chain.sql"),
    include_str!("../../migrations/sqlite/0020_uploads.sql"),
    include_str!("../../migrations/postgres/0020_uploads.sql"),
    include_str!("../../migrations/sqlite/0021_cosigning.sql"),
    include_str!("../../migrations/postgres/0021_cosigning.sql"),
    include_str!("../../migrations/sqlite/0022_plans.sql"),
    include_str!("../../migrations/postgres/0022_plans.sql"),
    include_str!("../../migrations/sqlite/0023_likeness.sql"),
    include_str!("../../migrations/postgres/0023_likeness.sql"),
    include_str!("../../migrations/sqlite/0024_outside_links.sql"),
    include_str!("../../migrations/postgres/0024_outside_links.sql"),
];

/// An open hub of one test.
pub struct House {
    pub desk: Desk,
    pub files: Arc<dyn FileStore>,
    pub clock: Arc<SteppingClock>,
    pub database: TestDatabase,
    pub administrator: Actor,
    /// Where its files lie, if not in a folder.
    pub objects: Option<test_harness::ObjectStore>,
}

/// A picture of one grey point.
pub const PNG: &[u8] =
    b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\x00\x00\x00\x0aIDATx\x9cch\x00\x00\x00\x82\x00\x81w\xcdr\xb6\x00\x00\x00\x00IEND\xaeB`\x82";

/// A picture of two halves, red and blue.
pub fn picture(width: u32, height: u32, format: image::ImageFormat) -> Vec<u8> {
    let half = |x, _| if x < width / 2 { [250, 5, 5] } else { [5, 5, 250] };
    let picture = image::RgbImage::from_fn(width, height, |x, y| image::Rgb(half(x, y)));
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("it is written");
    bytes.into_inner()
}

/// The master key of every story.
pub const MASTER_KEY: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// A network in which nothing has a name.
struct Nameless;

#[async_trait]
impl Lookup for Nameless {
    async fn addresses(&self, _: &str) -> std::io::Result<Vec<IpAddr>> {
        Err(std::io::Error::other("no such name"))
    }
}

/// Steps a second each time it is asked, and can be turned.
pub struct SteppingClock(AtomicI64);

impl SteppingClock {
    pub fn set(&self, moment: &str) {
        let moment: Timestamp = moment.parse().expect("a moment");
        self.0.store(moment.as_second(), Ordering::SeqCst);
    }
}

impl Clock for SteppingClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.fetch_add(1, Ordering::SeqCst)).expect("a moment")
    }
}

/// A sequence that is the same in every run.
#[derive(Default)]
struct CountingEntropy(AtomicU64);

impl Entropy for CountingEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        let seed = Digest::of(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        for (byte, random) in bytes.iter_mut().zip(seed.as_bytes().iter().cycle()) {
            *byte = *random;
        }
    }
}

/// The fixture of every story.
pub async fn house(engine: Engine) -> Option<House> {
    house_with_types(engine, &TYPES).await
}

pub async fn house_with_types(engine: Engine, types: &[(&str, &str)]) -> Option<House> {
    house_of(engine, types, "2026-03-02T01:00:00Z").await
}

/// A house that came into being at another time.
pub async fn house_since(engine: Engine, since: &str) -> Option<House> {
    house_of(engine, &TYPES, since).await
}

async fn house_of(engine: Engine, types: &[(&str, &str)], since: &str) -> Option<House> {
    let fingerprint = Digest::of(MIGRATIONS.concat().as_bytes()).hex();
    let database = database_from_template(engine, &fingerprint, async |url: &str| {
        let store = Store::open(url).await.expect("the template is migrated");
        store.close().await;
    })?;
    let store = Store::open(database.url()).await.expect("the store opens");
    let types = TypeRegistry::load(
        types.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())),
    )
    .expect("the types of the stories are right");
    let clock = Arc::new(SteppingClock(AtomicI64::new(0)));
    clock.set(since);
    let desk = Desk {
        types: Arc::new(types),
        calendar: Arc::new(Calendar::embedded()),
        outside_links: None,
        deadlines: Arc::new(DeadlineRules::embedded()),
        checks: Arc::new(Checks::embedded()),
        store,
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        entropy: Arc::new(CountingEntropy::default()),
        origin: Arc::new(Origin::COMMAND_LINE),
    };
    let settings =
        FileSettings { staging: database.folder().join("staging"), ..Default::default() };
    let assets = format!("file://{}", database.folder().join("assets").display());
    let files = store::files::open(&assets, &settings).expect("the file store opens");
    let administrator = actor("administrator", 1, Role::PlatformAdministrator, Scope::Hub);
    let manifest = Manifest::parse(TREE).expect("the tree of the stories is right");
    desk.work(&administrator, async |work| manifest::apply(&desk, work, &manifest).await)
        .await
        .expect("the tree is set up");
    Some(House { desk, files, clock, database, administrator, objects: None })
}

pub fn actor(name: &str, number: u128, role: Role, scope: Scope) -> Actor {
    Actor {
        id: Uuid::from_u128(number).into(),
        name: name.into(),
        grants: vec![Grant { role, scope }],
    }
}

impl House {
    /// Acts as the administrator.
    pub async fn act<T>(
        &self,
        act: impl AsyncFnMut(&mut UnitOfWork) -> Result<T, Error>,
    ) -> Result<T, Refusal> {
        self.act_as(&self.administrator, act).await.map(|(done, _)| done)
    }

    /// Acts as somebody; a fault of the store fails the test.
    pub async fn act_as<T>(
        &self,
        actor: &Actor,
        act: impl AsyncFnMut(&mut UnitOfWork) -> Result<T, Error>,
    ) -> Result<(T, Committed), Refusal> {
        match self.desk.work(actor, act).await {
            Ok(done) => Ok(done),
            Err(Error::Refused(refusal)) => Err(*refusal),
            Err(Error::Store(fault)) => panic!("the store failed: {fault}"),
        }
    }

    pub async fn site(&self, key: &str) -> SiteId {
        let mut session = self.desk.store.reader().await.expect("a reader");
        let found = trees::site_by_key(&mut session, &key.parse().expect("a site key")).await;
        found.expect("the store answers").expect("the site exists").id
    }

    pub async fn authority(&self, key: &str) -> AuthorityId {
        let mut session = self.desk.store.reader().await.expect("a reader");
        let key = key.parse().expect("an authority key");
        let found = trees::authority_by_key(&mut session, &key).await;
        found.expect("the store answers").expect("the authority exists").id
    }

    /// Somebody with a role on one site.
    pub async fn on_site(&self, role: Role, site: &str, number: u128) -> Actor {
        actor(site, number, role, Scope::Site(self.site(site).await))
    }

    /// A file that passed the door, and that nobody uses yet.
    pub async fn take_in(&self, bytes: &[u8]) -> TakenIn {
        let taken = files::take_in(&*self.files, bytes.to_vec().into(), None, 1 << 26).await;
        let taken = taken.expect("it is taken in");
        self.act(async |work| files::note(work, &taken).await).await.expect("it is noted");
        taken
    }

    pub async fn create(&self, new: NewDocument) -> Result<SavedDraft, Refusal> {
        self.act(async |work| documents::create(&self.desk, work, new.clone()).await).await
    }

    pub async fn save(&self, target: Target, text: DraftText) -> Result<SavedDraft, Refusal> {
        self.act(async |work| documents::save_draft(&self.desk, work, target, text.clone()).await)
            .await
    }

    /// Publishes what was saved, naming its digest.
    pub async fn publish(&self, draft: &SavedDraft) -> Result<Outcome, Refusal> {
        let request = publication(draft);
        self.act(async |work| documents::publish(&self.desk, work, request.clone()).await).await
    }

    /// Publishes what was saved; it must become public.
    pub async fn make_public(&self, draft: &SavedDraft) -> Published {
        match self.publish(draft).await.expect("it is published") {
            Outcome::Published(published) => published,
            Outcome::NothingChanged(_) => panic!("nothing was published"),
        }
    }

    /// An article on `lanqiao`, live.
    pub async fn live_article(&self, title: &str) -> Document {
        let draft = self.create(article(title)).await.expect("the draft is saved");
        self.make_public(&draft).await.document
    }

    /// Saves and publishes another text of `document`.
    pub async fn correct(&self, document: &Document, text: DraftText) -> Published {
        let draft = self.save(now(document), text).await.expect("the draft is saved");
        self.make_public(&draft).await
    }

    pub async fn withdraw(&self, document: &Document, notice: Notice) -> Result<Document, Refusal> {
        let target = now(document);
        self.act(async |work| documents::withdraw(&self.desk, work, target, notice.clone()).await)
            .await
    }

    pub async fn recall(&self, document: &Document) -> Vec<Document> {
        let notice = told("含有错误信息", "It contained an error");
        self.act(async |work| {
            documents::recall(&self.desk, work, document.content, notice.clone()).await
        })
        .await
        .expect("the recall is carried out")
        .documents
    }

    /// The document as the public sees it.
    pub async fn seen(&self, id: DocumentId) -> Option<Document> {
        self.seen_by(&Viewer::Public, id).await
    }

    pub async fn seen_by(&self, viewer: &Viewer, id: DocumentId) -> Option<Document> {
        let mut session = self.desk.store.reader().await.expect("a reader");
        store::documents::document(&mut session, viewer, id).await.expect("the store answers")
    }

    /// What the public reads of it now.
    pub async fn read(&self, id: DocumentId) -> Option<Reading> {
        let document = self.seen(id).await?;
        let mut session = self.desk.store.reader().await.expect("a reader");
        store::past::live(&mut session, &Viewer::Public, &document).await.expect("an answer")
    }

    /// The document events of the log, in order.
    pub async fn events(&self) -> Vec<(EventKind, DocumentEvent)> {
        let mut session = self.desk.store.reader().await.expect("a reader");
        let events = store::log::after(&mut session, 0, 10_000).await.expect("the log is read");
        events
            .into_iter()
            .filter_map(|stored| match stored.event.subject {
                Subject::Document(event) => Some((stored.event.kind, event)),
                Subject::Arrangement(_) => None,
            })
            .collect()
    }

    pub async fn kinds(&self) -> Vec<EventKind> {
        self.events().await.into_iter().map(|(kind, _)| kind).collect()
    }

    /// Everything `verify` finds.
    pub async fn findings(&self) -> Vec<Finding> {
        struct Found(Vec<Finding>);
        impl Report for Found {
            fn found(&mut self, finding: Finding) {
                self.0.push(finding);
            }
            fn progress(&mut self, _: Progress) {}
        }
        let mut found = Found(Vec::new());
        store::verify::run(&self.desk.store, &self.desk.types, &*self.files, &mut found)
            .await
            .expect("the store can be read");
        found.0
    }

    /// Runs SQL behind the product's back, as a fault or a hostile hand would.
    pub async fn tamper(&self, sql: &str) {
        self.database.execute(sql).await.expect("it is tampered with");
    }

    /// How people sign in to a server on this house.
    pub fn sign_in(&self) -> SignIn {
        SignIn::new(Rules::default(), MasterKey::parse(MASTER_KEY).expect("a key"))
    }

    /// The channels of a server on this house; they reach nobody by name.
    pub fn channels(&self) -> Arc<dyn Channels> {
        let master = MasterKey::parse(MASTER_KEY).expect("a key");
        let transport = Arc::new(Outbound::new(Arc::new(Nameless)));
        Arc::new(syndication::Channels::new(master, transport, Arc::clone(&self.desk.entropy)))
    }

    pub fn folder(&self) -> &Path {
        self.database.folder()
    }
}

/// The document as it is now, for an act on it.
pub fn now(document: &Document) -> Target {
    Target { document: document.id, version: Some(document.version) }
}

/// The publication of what was saved, naming its digest.
pub fn publication(draft: &SavedDraft) -> Publish {
    Publish {
        target: now(&draft.document),
        way: Way::Editor,
        plan: None,
        forced: None,
        approved: Some(draft.digest),
        original: None,
        old_text: None,
    }
}

/// An article of the city, to stand on its own site.
pub fn article(title: &str) -> NewDocument {
    NewDocument {
        content: None,
        takes_over: None,
        authority: "lanqiao-city".parse().expect("an authority key"),
        r#type: "article".parse().expect("a type name"),
        locale: locale("zh-CN"),
        text: text(title),
    }
}

/// The text of an article on `lanqiao`, in `policy/finance`.
pub fn text(title: &str) -> DraftText {
    DraftText {
        fields: fields(json!({
            "title": title,
            "body": format!("<p>{title}的正文。</p>"),
        })),
        source: None,
        origin: None,
        placements: vec![placed("lanqiao", &["policy/finance"], None)],
        change_note: None,
        importance: Importance::Major,
    }
}

pub fn fields(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        other => panic!("not fields: {other}"),
    }
}

pub fn placed(site: &str, columns: &[&str], path: Option<&str>) -> WantedPlacement {
    WantedPlacement {
        site: site_key(site),
        columns: columns.iter().map(|column| column.parse().expect("a column path")).collect(),
        path: path.map(|path| path.parse().expect("a path")),
        slug: None,
    }
}

pub fn locale(tag: &str) -> Locale {
    tag.parse().expect("a locale")
}

pub fn site_key(key: &str) -> SiteKey {
    key.parse().expect("a site key")
}

/// A notice with an explanation and nothing else.
pub fn told(zh: &str, en: &str) -> Notice {
    Notice { explanation: Some(Bilingual::new(zh, en)), ..Notice::default() }
}
