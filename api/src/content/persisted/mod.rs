//! Texts of queries that are asked for by an identifier instead of being sent.
//!
//! | part | does |
//! | --- | --- |
//! | [`reference`] | reads which text a question means |
//! | [`looked_over`] | whether a text may be kept, and what it costs |
//! | this | finds the text, in memory or in the store; keeps what comes with its hash |
//!
//! A text is found by its SHA-256, or by the identifier under which it was published for a
//! client. Texts that were published are trusted: a hub may serve the public those alone.

mod looked_over;
mod reference;

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use async_graphql::ServerError;
use metrics::counter;
use schema::{digest::Digest, parameters::Clock, viewer::Viewer};
use store::{Store, persisted};

pub use self::looked_over::LookedOver;
pub(super) use self::reference::{Meant, Reference, meant};
use super::{
    ContentApi, Question,
    budget::{Buckets, Payer, Rate, Who},
    refusal::{Fault, Refusal},
    texts::Text,
};

/// Name of the counter of texts that were asked for by an identifier, by where they were found.
pub(crate) const LOOKUPS: &str = "gongbao_persisted_documents_total";

/// Codes of refusals that may not hold any more in a moment, when a text is kept or published.
pub(super) const PASSING: [&str; 3] =
    ["PERSISTED_QUERY_NOT_FOUND", "PERSISTED_DOCUMENT_NOT_FOUND", "TRUSTED_DOCUMENTS_ONLY"];
/// Bytes of a text that is kept without having been published.
const LONGEST: usize = 32 << 10;
/// Characters of an identifier that may stand for anything.
const LONGEST_ID: usize = 128;
/// Bytes of texts in memory, with what they were parsed to.
const MEMORY: u64 = 64 << 20;
/// What one byte of a text comes to when it is parsed, about.
const PARSED: usize = 16;
/// What was published or removed elsewhere is heard of after this.
const FRESH: Duration = Duration::from_secs(60);
/// What it costs to look for a text that is not in memory, in points.
const LOOKING: u64 = 20;
/// How long an answer waits for its text to be written.
const PATIENCE: Duration = Duration::from_millis(500);
const HOUR: Duration = Duration::from_secs(60 * 60);

/// How texts are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentSettings {
    /// Whether the public is served texts alone that were published for a client.
    pub trusted_only: bool,
    /// Texts that are kept without having been published.
    pub most: u32,
    /// Of them, new ones from one address or token in an hour.
    pub new_per_hour: u32,
    /// New ones on this node in an hour.
    pub new_per_hour_in_all: u32,
}

impl Default for DocumentSettings {
    fn default() -> Self {
        Self { trusted_only: false, most: 5_000, new_per_hour: 300, new_per_hour_in_all: 3_000 }
    }
}

/// The texts that a node knows by an identifier. Cheap to clone.
#[derive(Clone)]
pub struct PersistedDocuments(Arc<Inner>);

struct Inner {
    settings: DocumentSettings,
    store: Store,
    clock: Arc<dyn Clock>,
    known: moka::future::Cache<Box<str>, Arc<Known>>,
    /// Room for new ones.
    room: Buckets,
    /// What the schema is, for the costs that are kept with texts.
    schema: OnceLock<Digest>,
}

/// A text that was found.
#[derive(Debug)]
pub(super) struct Known {
    digest: Digest,
    text: Box<str>,
    /// `None` where it keeps the limits no more: then asking for it says which.
    pub(super) parsed: Option<Arc<Text>>,
    is_trusted: bool,
    /// The second up to which its use is noted.
    noted: AtomicI64,
}

impl PersistedDocuments {
    /// The texts that are kept in `store`.
    pub fn new(store: Store, clock: Arc<dyn Clock>, settings: DocumentSettings) -> Self {
        let known = moka::future::Cache::<Box<str>, Arc<Known>>::builder()
            .max_capacity(MEMORY)
            .weigher(|id, known| {
                let bytes = id.len() + known.text.len() * PARSED;
                u32::try_from(bytes).unwrap_or(u32::MAX)
            })
            .time_to_live(FRESH)
            .build();
        Self(Arc::new(Inner {
            settings,
            store,
            clock,
            known,
            room: Buckets::default(),
            schema: OnceLock::new(),
        }))
    }

    /// The text that `id` stands for.
    async fn find(
        &self,
        api: &ContentApi,
        id: &str,
        payer: &Payer,
    ) -> Result<Option<Arc<Known>>, Refusal> {
        if let Some(known) = self.0.known.get(id).await {
            counter!(LOOKUPS, "found" => "memory").increment(1);
            self.note_use(&known);
            return Ok(Some(known));
        }
        if id.is_empty() || id.len() > LONGEST_ID {
            return Ok(None);
        }
        payer.pay(LOOKING)?;
        let failed = |error: store::Error| Fault::Store(error).into_refusal();
        let mut session = self.0.store.reader().await.map_err(failed)?;
        let digest = Digest::from_hex(id).ok();
        let found = persisted::find(&mut session, id, digest).await.map_err(failed)?;
        drop(session);
        counter!(LOOKUPS, "found" => if found.is_some() { "store" } else { "nowhere" })
            .increment(1);
        let Some(found) = found else { return Ok(None) };
        let (digest, checked) = (found.document.digest, found.document.checked);
        let known = Arc::new(Known {
            digest,
            parsed: api.text(&found.document.text).ok(),
            text: found.document.text.into(),
            is_trusted: found.is_trusted,
            noted: AtomicI64::new(found.used_at.as_second()),
        });
        let now = self.schema(api);
        match &known.parsed {
            Some(parsed) if checked != now => {
                let cost = api.look_over_parsed(&parsed.document).await;
                if let Err(errors) = &cost {
                    tracing::warn!(%digest, error = %errors[0].message, "a persisted document fits the schema no more");
                }
                self.note(&known, cost.ok().map(|cost| (cost, now)));
            }
            _ => self.note_use(&known),
        }
        self.0.known.insert(id.into(), Arc::clone(&known)).await;
        Ok(Some(known))
    }

    fn schema(&self, api: &ContentApi) -> Digest {
        *self.0.schema.get_or_init(|| api.schema_digest())
    }

    /// Notes, once a day, that a text is used.
    fn note_use(&self, known: &Arc<Known>) {
        let noted = known.noted.load(Ordering::Relaxed);
        if self.0.clock.now().as_second() - noted >= persisted::NOTED_EACH.as_secs() {
            self.note(known, None);
        }
    }

    /// Writes beside the request: nobody waits for it.
    fn note(&self, known: &Known, found_anew: Option<(u64, Digest)>) {
        let now = self.0.clock.now();
        known.noted.store(now.as_second(), Ordering::Relaxed);
        let (store, digest) = (self.0.store.clone(), known.digest);
        tokio::spawn(async move {
            if let Err(error) = persisted::note(&store, digest, now, found_anew).await {
                tracing::warn!(%error, %digest, "the use of a persisted document was not noted");
            }
        });
    }

    /// Keeps a text that came with its hash, if it is good and there is room: that of an hour
    /// for whoever asks and for all, and beyond that whatever was used longest ago goes.
    async fn keep(&self, api: &ContentApi, text: &str, digest: Digest, payer: &Payer) {
        // PostgreSQL keeps no NUL in a text.
        if text.len() > LONGEST || text.contains('\0') {
            return;
        }
        let Ok(parsed) = api.text(text) else { return };
        let Ok(cost) = api.look_over_parsed(&parsed.document).await else { return };
        let now = self.0.clock.now();
        if !self.has_room(payer) {
            return;
        }
        let checked = self.schema(api);
        let document = persisted::Document { digest, text: text.to_owned(), cost, checked };
        let most = self.0.settings.most;
        let store = self.0.store.clone();
        let written = tokio::spawn(async move {
            if let Err(error) = persisted::keep(&store, &document, now, most).await {
                tracing::warn!(%error, %digest, "a document was not persisted");
            }
        });
        // Behind a long write it is finished beside: nobody waits for it longer than this.
        let _ = tokio::time::timeout(PATIENCE, written).await;
        let known = Known {
            digest,
            text: text.into(),
            parsed: Some(parsed),
            is_trusted: false,
            noted: AtomicI64::new(now.as_second()),
        };
        self.0.known.insert(digest.hex().into(), Arc::new(known)).await;
    }

    fn has_room(&self, payer: &Payer) -> bool {
        let DocumentSettings { new_per_hour, new_per_hour_in_all, .. } = self.0.settings;
        let who = payer.who().unwrap_or(Who::Network(None));
        let takes = |who: Who, most: u32| {
            Rate::of(most, HOUR).is_none_or(|rate| self.0.room.take(who, 1, rate).is_ok())
        };
        takes(who, new_per_hour) && takes(Who::Everybody, new_per_hour_in_all)
    }
}

impl ContentApi {
    /// Puts the text in place of what stands for it. Afterwards nothing stands for a text any
    /// more: doing it again changes nothing.
    ///
    /// # Errors
    /// A text that is not found, is not what its hash says, or may not be served to `viewer`.
    pub(super) async fn resolve(
        &self,
        viewer: &Viewer,
        mut question: Question,
    ) -> Result<Question, Box<ServerError>> {
        if question.known.is_some() {
            return Ok(question);
        }
        let known = self.meant(viewer, &question).await.map_err(|refused| match refused {
            NotMeant::Otherwise(refusal) => Box::new(refusal.into_server_error()),
            NotMeant::AsApollo(message, refusal) => {
                let mut error = refusal.into_server_error();
                message.clone_into(&mut error.message);
                Box::new(error)
            }
        })?;
        question.reference = None;
        if let Some(known) = &known {
            question.query = known.text.to_string();
        }
        question.known = known;
        Ok(question)
    }

    async fn meant(
        &self,
        viewer: &Viewer,
        question: &Question,
    ) -> Result<Option<Arc<Known>>, NotMeant> {
        let Some(documents) = &self.0.documents else {
            return match question.reference {
                None => Ok(None),
                Some(_) => Err(not_supported()),
            };
        };
        let only_trusted = documents.0.settings.trusted_only && viewer.is_anonymous();
        let (text, payer) = (question.query.as_str(), &question.payer);
        let known = match &question.reference {
            None if !only_trusted => return Ok(None),
            None => documents.find(self, &Digest::of(text.as_bytes()).hex(), payer).await?,
            Some(reference) if text.is_empty() => {
                documents.find(self, reference.id(), payer).await?
            }
            Some(reference) => {
                let digest = Digest::of(text.as_bytes());
                let id = digest.hex();
                if reference.id() != id {
                    return Err(not_the_hash().into());
                }
                let known = documents.find(self, &id, payer).await?;
                if known.is_none() && !only_trusted {
                    documents.keep(self, text, digest, payer).await;
                }
                known
            }
        };
        match (&known, &question.reference) {
            (Some(known), _) if known.is_trusted || !only_trusted => {}
            _ if only_trusted => return Err(not_trusted().into()),
            (None, Some(reference)) if text.is_empty() => return Err(not_found(reference)),
            _ => {}
        }
        Ok(known)
    }
}

/// Why no text was found.
enum NotMeant {
    /// With the message by which Apollo's clients know it.
    AsApollo(&'static str, Refusal),
    Otherwise(Refusal),
}

impl From<Refusal> for NotMeant {
    fn from(refusal: Refusal) -> Self {
        Self::Otherwise(refusal)
    }
}

fn not_found(reference: &Reference) -> NotMeant {
    match reference {
        Reference::Apollo(_) => NotMeant::AsApollo(
            "PersistedQueryNotFound",
            Refusal::new(
                "PERSISTED_QUERY_NOT_FOUND",
                "没有保存此哈希对应的查询：请连同查询文本再提交一次",
                "no query is kept under this hash: send it once more with its text",
            ),
        ),
        Reference::Document(_) => NotMeant::Otherwise(Refusal::new(
            "PERSISTED_DOCUMENT_NOT_FOUND",
            "没有此 documentId 对应的查询：请先发布，或提交查询文本",
            "no document has this documentId: publish it first, or send the text of the query",
        )),
    }
}

fn not_supported() -> NotMeant {
    NotMeant::AsApollo(
        "PersistedQueryNotSupported",
        Refusal::new(
            "PERSISTED_QUERY_NOT_SUPPORTED",
            "此处不保存查询：请提交查询文本",
            "queries are not kept here: send the text of the query",
        ),
    )
}

fn not_the_hash() -> Refusal {
    reference::bad(
        "sha256Hash 与所提交的查询文本不符",
        "provided sha does not match query: sha256Hash is not the SHA-256 of the text",
    )
}

fn not_trusted() -> Refusal {
    Refusal::new(
        "TRUSTED_DOCUMENTS_ONLY",
        "未登录时只能使用已发布的查询（gongbao client publish-operations）；其他查询与内省需要令牌",
        "without a token only published operations are served (gongbao client \
         publish-operations); other queries and introspection need a token",
    )
}
