//! One document, with its draft, its editions, its places and its past.

use async_graphql::{ComplexObject, Context, Json, Object, Result, SimpleObject};
use editorial::plans;
use schema::{
    ids::{ContentId, DocumentId},
    names::Locale,
    permission::Touched,
    validation::Checked,
};
use serde_json::{Map, Value};
use store::{
    access::{people, previews},
    documents, embargoes, limits, log,
    past::{self, HistoryEntry},
    placements, trees, worklist,
};

use super::{event::Event, page, read, records::Record};
use crate::manage::{
    answer::{Text, Who, fault},
    caller::Caller,
    documents::{DocumentState, DraftLimit, Notice, Origin, PreviewLink, Source},
    input::Faults,
    plans::Plan,
    reviews::Review,
    schedules::{Embargo, Schedule},
    targets::Standing,
    words::{Importance, OldTexts, Visibility},
};

/// The queries of this file.
#[derive(Default)]
pub(crate) struct Documents;

/// 信息 / One piece of content in one language
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Document {
    #[graphql(flatten)]
    state: DocumentState,
    #[graphql(skip)]
    row: documents::Document,
    #[graphql(skip)]
    touched: Touched,
}

/// 某站点上的发布位置 / A place on one site, as an edition names it
#[derive(SimpleObject)]
pub(crate) struct PlacedAt {
    /// 站点 / The site
    site: String,
    /// 栏目，主栏目在前 / Its columns, the main one first
    columns: Vec<String>,
    /// 路径 / Its path
    path: String,
}

impl From<schema::edition::PlacedAt> for PlacedAt {
    fn from(placed: schema::edition::PlacedAt) -> Self {
        Self {
            site: placed.site.to_string(),
            columns: placed.columns.iter().map(ToString::to_string).collect(),
            path: placed.path.to_string(),
        }
    }
}

/// 一个版本的文本 / What an edition says
#[derive(SimpleObject)]
pub(crate) struct Reading {
    /// 序号；草稿没有 / Its number; a draft has none
    number: Option<u32>,
    /// 文本与发布位置的摘要，发布时须注明 / Digest over text and places: what a publication names
    digest: String,
    /// 文本的摘要 / Digest of the text alone
    content_digest: String,
    /// 所依内容类型的版本 / The version of the content type it was checked under
    type_version: u32,
    /// 字段值，可直接用作保存草稿的输入 / Values, as saveDraft takes them
    fields: Json<Map<String, Value>>,
    /// 来源 / Who the text is credited to
    source: Option<Source>,
    /// 转载的原站 / Whose text it is
    origin: Option<Origin>,
    /// 发布位置 / Where the owner places it
    placements: Vec<PlacedAt>,
    /// 修改说明 / What changed
    change_note: Option<Text>,
    /// 改动的轻重 / Whether readers are told
    importance: Importance,
}

/// 一次发布 / One publication
#[derive(SimpleObject)]
pub(crate) struct HistoryLine {
    /// 版本序号 / Number of the edition
    number: u32,
    /// 发布时间 / When the hub published it
    published_at: String,
    /// 此前在别处发布的时间 / When it was public elsewhere before
    originally_published_at: Option<String>,
    /// 该时间的出处 / Who says so
    original_time_source: Option<String>,
    /// 改动的轻重 / Whether readers were told
    importance: Importance,
    /// 对其所取代文本的处理 / What it said of the text it superseded
    old_text: OldTexts,
    /// 修改说明 / What changed
    change_note: Option<Text>,
    /// 是否可读 / Whether you may read its text
    readable: bool,
}

impl From<HistoryEntry> for HistoryLine {
    fn from(entry: HistoryEntry) -> Self {
        let readable = entry.is_readable();
        let original = entry.publication.original;
        Self {
            number: entry.publication.number,
            published_at: entry.publication.published_at.to_string(),
            originally_published_at: original.as_ref().map(|original| original.at.to_string()),
            original_time_source: original.map(|original| original.source),
            importance: entry.publication.importance.into(),
            old_text: entry.publication.old_text.into(),
            change_note: entry.place.and_then(|place| place.change_note).map(Into::into),
            readable,
        }
    }
}

/// 现有的发布位置 / Where a document stands
#[derive(SimpleObject)]
pub(crate) struct Placement {
    /// 站点 / The site
    site: String,
    /// 是否由所属机构自己发布 / Whether the owner's edition placed it
    own: bool,
    /// 路径 / Its path
    path: String,
    /// 在此处公众所见 / What the public sees here while the document is live
    visibility: Visibility,
    /// 对公众的说明 / What the public is told here
    notice: Option<Notice>,
    /// 在此处首次发布 / First publication here
    first_published_at: String,
    /// 在此处最后发布 / Last publication here
    published_at: String,
}

/// 销毁指令 / An order to erase
#[derive(SimpleObject)]
pub(crate) struct Erasure {
    /// 编号，另一人确认时使用 / Its id, which a second person confirms
    id: String,
    /// 依据 / The legal ground
    reason: String,
    /// 下达者 / Who ordered it
    ordered_by: Who,
    /// 下达时间 / When
    ordered_at: String,
    /// 确认者；有则已销毁 / Who confirmed it; then it was done
    confirmed_by: Option<Who>,
    /// 最后的痕迹清除的时间 / When the last traces were seen to be gone
    purged_at: Option<String>,
}

impl Document {
    pub(super) async fn told(
        caller: &Caller,
        row: Option<documents::Document>,
    ) -> Result<Option<Self>> {
        let Some(row) = row else { return Ok(None) };
        let mut session = caller.session().await?;
        let touched =
            documents::touched(&mut session, &row).await.map_err(|error| fault(&error))?;
        Ok(Some(Self { state: (&row).into(), row, touched }))
    }

    fn reading(&self, caller: &Caller, reading: past::Reading) -> Reading {
        let content = reading.content;
        let fields = match caller.desk.types.get(&self.row.r#type) {
            Some(content_type) => {
                Checked { fields: content.fields, links: content.links, files: content.files }
                    .to_input(content_type)
            }
            // A type that is not in force any more: the values as they are stored.
            None => content.fields,
        };
        Reading {
            number: reading.number,
            digest: reading.digest.to_string(),
            content_digest: reading.content_digest.to_string(),
            type_version: content.type_version,
            fields: Json(fields),
            source: content.source.map(|source| Source { name: source.name, url: source.url }),
            origin: content.origin.map(|origin| Origin {
                site: origin.site,
                url: origin.url,
                published_at: origin.published_at.to_string(),
            }),
            placements: reading.place.placements.into_iter().map(Into::into).collect(),
            change_note: reading.place.change_note.map(Into::into),
            importance: reading.place.importance.into(),
        }
    }

    fn is_worked_on_by(&self, caller: &Caller) -> bool {
        let viewer = caller.viewer();
        viewer.sees_drafts(&self.touched) || viewer.sees_past(&self.touched)
    }
}

async fn who(session: &mut store::Session, id: schema::ids::ActorId) -> Result<Who> {
    let name = people::name(session, id).await.map_err(|error| fault(&error))?;
    Ok(Who { id: id.to_string(), name })
}

#[ComplexObject]
impl Document {
    /// 所属机构的代号 / Key of the authority that owns it
    async fn authority(&self, context: &Context<'_>) -> Result<Option<String>> {
        let mut session = Caller::of(context).session().await?;
        let found = trees::authority(&mut session, self.row.authority).await;
        Ok(found.map_err(|error| fault(&error))?.map(|authority| authority.key.to_string()))
    }

    /// 最后改动者；仅经办人员可见 / Who changed it last, for those who work on it
    async fn changed_by(&self, context: &Context<'_>) -> Result<Option<Who>> {
        let caller = Caller::of(context);
        if !self.is_worked_on_by(caller) {
            return Ok(None);
        }
        let mut session = caller.session().await?;
        who(&mut session, self.row.changed_by).await.map(Some)
    }

    /// 草稿 / The draft
    async fn draft(&self, context: &Context<'_>) -> Result<Option<Reading>> {
        let caller = Caller::of(context);
        let mut session = caller.session().await?;
        let found = past::draft(&mut session, &caller.viewer(), &self.row).await;
        let found = found.map_err(|error| fault(&error))?;
        Ok(found.map(|reading| {
            caller.witness.saw(self.row.id, Some(reading.edition), self.row.version);
            self.reading(caller, reading)
        }))
    }

    /// 公众现在所见的版本 / The edition the public sees now
    async fn live(&self, context: &Context<'_>) -> Result<Option<Reading>> {
        let caller = Caller::of(context);
        let mut session = caller.session().await?;
        let found = past::live(&mut session, &caller.viewer(), &self.row).await;
        let found = found.map_err(|error| fault(&error))?;
        Ok(found.map(|reading| self.reading(caller, reading)))
    }

    /// 某一版本 / One edition
    async fn edition_numbered(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "版本序号 / Number of the edition")] number: u32,
    ) -> Result<Option<Reading>> {
        let caller = Caller::of(context);
        let mut session = caller.session().await?;
        let found = past::numbered(&mut session, &caller.viewer(), &self.row, number).await;
        let found = found.map_err(|error| fault(&error))?;
        Ok(found.map(|reading| {
            let is_public = self.row.live == Some(reading.edition)
                && self.row.visibility == schema::visibility::Visibility::Live;
            if !is_public {
                caller.witness.saw(self.row.id, Some(reading.edition), 0);
            }
            self.reading(caller, reading)
        }))
    }

    /// 其草稿的阅读范围；未限定则没有，仅可读草稿者可见 / Whom its drafts are limited to, for those who may see them; nothing where they are not
    async fn draft_limit(&self, context: &Context<'_>) -> Result<Option<DraftLimit>> {
        let caller = Caller::of(context);
        if !caller.viewer().sees_drafts(&self.touched) {
            return Ok(None);
        }
        let mut session = caller.session().await?;
        let found = limits::of_content(&mut session, self.row.content).await;
        let Some(found) = found.map_err(|error| fault(&error))? else { return Ok(None) };
        let told = DraftLimit::told(&mut session, self.row.content, found).await;
        told.map(Some).map_err(|error| fault(&error))
    }

    /// 草稿的预览链接，新近在前；仅起草人员可见 / The links that show its draft, newest first, for those who may see it
    async fn preview_links(&self, context: &Context<'_>) -> Result<Vec<PreviewLink>> {
        let caller = Caller::of(context);
        if !caller.viewer().sees_drafts(&self.touched) {
            return Ok(Vec::new());
        }
        let mut session = caller.session().await?;
        let links = previews::of_document(&mut session, self.row.id).await;
        let now = caller.desk.clock.now();
        let mut told = Vec::new();
        for link in links.map_err(|error| fault(&error))? {
            let state = link.terms.state(now, self.row.last_edition, self.row.visibility);
            let link = PreviewLink::told(&mut session, link, state).await;
            told.push(link.map_err(|error| fault(&error))?);
        }
        Ok(told)
    }

    /// 历次发布，先后为序 / Every publication, in order
    async fn history(&self, context: &Context<'_>) -> Result<Vec<HistoryLine>> {
        let caller = Caller::of(context);
        let mut session = caller.session().await?;
        let found = past::history(&mut session, &caller.viewer(), &self.row).await;
        Ok(found.map_err(|error| fault(&error))?.into_iter().map(Into::into).collect())
    }

    /// 发布日志中关于它的各行；仅经办人员可见 / Its rows of the publication log, for those who work on it
    async fn events(&self, context: &Context<'_>) -> Result<Vec<Event>> {
        let caller = Caller::of(context);
        if !self.is_worked_on_by(caller) {
            return Ok(Vec::new());
        }
        let mut session = caller.session().await?;
        let found = log::of_document(&mut session, self.row.id).await;
        let found = found.map_err(|error| fault(&error))?;
        Ok(found.into_iter().filter_map(Event::told).collect())
    }

    /// 现有的发布位置 / Where it stands
    async fn placements(&self, context: &Context<'_>) -> Result<Vec<Placement>> {
        let mut session = Caller::of(context).session().await?;
        let found = placements::of_document(&mut session, self.row.id).await;
        let told = |placement: placements::Placement| Placement {
            site: placement.site_key.to_string(),
            own: placement.own,
            path: placement.path.to_string(),
            visibility: placement.visibility.into(),
            notice: placement.notice.map(Into::into),
            first_published_at: placement.first_published_at.to_string(),
            published_at: placement.published_at.to_string(),
        };
        Ok(found.map_err(|error| fault(&error))?.into_iter().map(told).collect())
    }

    /// 它在各投放对象处的情形；无权者得空列表 / Where it is at every target that was ever owed it; an empty list for those who may not know
    async fn deliveries(&self, context: &Context<'_>) -> Result<Vec<Standing>> {
        let caller = Caller::of(context);
        match editorial::targets::standing(&caller.desk, &caller.actor, self.row.id).await {
            Ok(found) => Ok(found.into_iter().map(Into::into).collect()),
            Err(editorial::Error::Refused(_)) => Ok(Vec::new()),
            Err(editorial::Error::Store(error)) => Err(fault(&error)),
        }
    }

    /// 它的审核，新近在前；仅起草与审核人员可见 / Its reviews, newest first, for those who may see its draft
    async fn reviews(&self, context: &Context<'_>) -> Result<Vec<Review>> {
        Review::list(Caller::of(context), &self.row).await
    }

    /// 它的定时，新近在前；仅起草人员可见 / Its schedules, newest first, for those who may see its draft
    async fn schedules(&self, context: &Context<'_>) -> Result<Vec<Schedule>> {
        let caller = Caller::of(context);
        match caller.viewer().sees_drafts(&self.touched) {
            true => Schedule::of_document(caller, &self.row).await,
            false => Ok(Vec::new()),
        }
    }

    /// 禁发；仅起草人员可见 / Its embargo, for those who may see its draft
    async fn embargo(&self, context: &Context<'_>) -> Result<Option<Embargo>> {
        let caller = Caller::of(context);
        if !caller.viewer().sees_drafts(&self.touched) {
            return Ok(None);
        }
        let mut session = caller.session().await?;
        let found = embargoes::of_document(&mut session, self.row.id).await;
        let Some(found) = found.map_err(|error| fault(&error))? else { return Ok(None) };
        let told = Embargo::told(&mut session, found).await;
        told.map(Some).map_err(|error| fault(&error))
    }

    /// 草稿的发布计划，没有草稿则为在线版本的；仅起草人员可见 / The publication plan of its draft, without one that of what is live, for those who may see its draft
    async fn plan(&self, context: &Context<'_>) -> Result<Option<Plan>> {
        let caller = Caller::of(context);
        let viewer = caller.viewer();
        if !viewer.sees_drafts(&self.touched) {
            return Ok(None);
        }
        let mut session = caller.session().await?;
        let draft = past::draft(&mut session, &viewer, &self.row).await;
        let planned = match draft.map_err(|error| fault(&error))? {
            Some(draft) => plans::of_draft(&mut session, &self.row, draft.edition, &draft.place)
                .await
                .map(Some),
            None => plans::of_live(&mut session, &self.row).await,
        };
        let Some(planned) = read(planned)? else { return Ok(None) };
        let told = Plan::told(&mut session, planned).await;
        told.map(Some).map_err(|error| fault(&error))
    }

    /// 销毁指令；仅有权销毁或审计者可见 / Orders to erase it, for those who may confirm or audit them
    async fn erasures(&self, context: &Context<'_>) -> Result<Vec<Erasure>> {
        let caller = Caller::of(context);
        let mut session = caller.session().await?;
        let found = worklist::erasures(&mut session, &caller.viewer(), &self.row).await;
        let mut told = Vec::new();
        for erasure in found.map_err(|error| fault(&error))? {
            let confirmed_by = match erasure.confirmed_by {
                Some(id) => Some(who(&mut session, id).await?),
                None => None,
            };
            told.push(Erasure {
                id: erasure.id.to_string(),
                reason: erasure.reason,
                ordered_by: who(&mut session, erasure.ordered_by).await?,
                ordered_at: erasure.ordered_at.to_string(),
                confirmed_by,
                purged_at: erasure.purged_at.map(|at| at.to_string()),
            });
        }
        Ok(told)
    }

    /// 对它做过什么，新近在前；仅审计可见 / What was done to it, newest first, for auditors
    async fn audit(
        &self,
        context: &Context<'_>,
        #[graphql(default = 50, desc = "最多几行 / At most so many rows")] first: i32,
        #[graphql(desc = "早于此行 / Older than this row")] before: Option<String>,
    ) -> Result<Vec<Record>> {
        let subject = format!("document:{}", self.row.id);
        let caller = Caller::of(context);
        Record::list(caller, &self.touched, &subject, page(first), before.as_deref()).await
    }
}

#[Object]
impl Documents {
    /// 一条信息；同一内容召回后又重新发布时，以 id 指明旧者 / One document; with `id` the one that was recalled and taken over since
    async fn document(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "内容编号 / Content id")] content_id: String,
        #[graphql(desc = "语言 / Language")] locale: String,
        #[graphql(desc = "本平台上的编号 / Id on this hub")] id: Option<String>,
    ) -> Result<Option<Document>> {
        let caller = Caller::of(context);
        let mut faults = Faults::default();
        let content: Option<ContentId> = faults.read("contentId", &content_id);
        let locale: Option<Locale> = faults.read("locale", &locale);
        let id: Option<DocumentId> = faults.read_some("id", id.as_deref());
        let (content, locale) = read(faults.finish(content.zip(locale)))?;
        let mut session = caller.session().await?;
        let viewer = caller.viewer();
        let found = match id {
            None => documents::in_locale(&mut session, &viewer, content, &locale).await,
            Some(id) => documents::document(&mut session, &viewer, id).await,
        };
        let found = found.map_err(|error| fault(&error))?;
        drop(session);
        let found = found.filter(|found| found.content == content && found.locale == locale);
        Document::told(caller, found).await
    }
}
