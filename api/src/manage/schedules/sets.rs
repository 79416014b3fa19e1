//! Release sets: drafts that become public together or not at all.

use async_graphql::{ComplexObject, Context, InputObject, Object, Result, SimpleObject};
use editorial::{
    Error, Refusal,
    schedules::{self, InSet, NewSet},
};
use schema::{
    digest::Digest,
    ids::{DocumentId, ReleaseSetId},
    names::SiteKey,
    permission::{Action, Touched, may},
    tree::Site,
};
use serde::{Deserialize, Serialize};
use store::{
    Session, UnitOfWork, documents, due_times,
    release_sets::{self as rows, Position},
    trees,
};

use super::{
    mutations::{SchedulePayload, moment},
    told::{Schedule, who},
};
use crate::manage::{
    answer::{Who, fault},
    caller::Caller,
    cursor::Cursor,
    documents::DocumentTarget,
    input::Faults,
    reading::{page, read},
    words::ReleaseSetState,
};

/// The queries of this file.
#[derive(Default)]
pub(crate) struct Sets;

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Releasing;

/// 同步发布组：其中各条同时发布，或都不发布 / A release set: everything in it becomes public together, or nothing does
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
#[graphql(complex)]
pub(crate) struct ReleaseSet {
    /// 编号 / Its id
    id: String,
    /// 由哪个站点的编辑所建 / The site whose editors put it together
    site: String,
    /// 名称 / What people call it
    name: String,
    /// 状态 / How it stands
    state: ReleaseSetState,
    /// 建立时间 / When it was begun
    created_at: String,
    /// 何人所建 / By whom
    created_by: Who,
    /// 发布或解散的时间 / When it was published or dissolved
    closed_at: Option<String>,
    /// 何人所为 / By whom
    closed_by: Option<Who>,
    /// 因此失效的定时 / Schedules that are void by what was just done
    void: Vec<Schedule>,
}

/// 组中的一条 / A draft in a set
#[derive(SimpleObject)]
pub(crate) struct ReleaseSetItem {
    /// 内容编号；草稿已放弃则没有 / Content id; nothing where the draft was thrown away
    content_id: Option<String>,
    /// 语言 / Its language
    locale: Option<String>,
    /// 信息在本平台上的编号 / Id of the document on this hub
    document: String,
    /// 草稿是否仍为加入时的文本；否则须重新加入 / Whether the draft is still what was looked at; else it is to be added again
    is_current: bool,
    /// 加入时间 / When it was added
    added_at: String,
    /// 何人加入 / By whom
    added_by: Who,
}

/// 一页同步发布组 / A page of release sets
#[derive(SimpleObject)]
pub(crate) struct ReleaseSetPage {
    /// 各组，新近在前 / The sets, the newest first
    items: Vec<ReleaseSet>,
    /// 末项的位置，用于翻页 / Where the last one stands, to go on from
    end_cursor: Option<String>,
    /// 是否还有 / Whether there are more
    has_next_page: bool,
}

/// 建立同步发布组 / A release set to be begun
#[derive(Clone, Debug, InputObject)]
pub(crate) struct CreateReleaseSetInput {
    /// 站点 / The site
    site: String,
    /// 名称 / What people call it
    name: String,
}

/// 加入同步发布组 / A draft to be put into a set
#[derive(Clone, Debug, InputObject)]
pub(crate) struct AddToReleaseSetInput {
    /// 组的编号 / Id of the set
    release_set: String,
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 所审定文本的摘要 / Digest of the text that was looked at
    approved_digest: String,
}

/// 移出同步发布组 / A document to be taken out of a set
#[derive(Clone, Debug, InputObject)]
pub(crate) struct RemoveFromReleaseSetInput {
    /// 组的编号 / Id of the set
    release_set: String,
    /// 信息在本平台上的编号，如组中所列 / Id of the document on this hub, as the set lists it
    document: String,
}

/// 某个同步发布组 / A release set
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ReleaseSetInput {
    /// 组的编号 / Id of the set
    release_set: String,
}

/// 定时同步发布 / A release set to be published later
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ScheduleReleaseSetInput {
    /// 组的编号 / Id of the set
    release_set: String,
    /// 发布时间 / When
    at: String,
}

payload! {
    /// 对同步发布组操作的结果 / What came of it
    ReleaseSetPayload {
        /// 组 / The set
        release_set: ReleaseSet
    }
}

impl ReleaseSet {
    async fn told(
        session: &mut Session,
        set: rows::ReleaseSet,
        void: Vec<due_times::DueTime>,
    ) -> Result<Self, store::Error> {
        let site = trees::site(session, set.site).await?;
        let closed_by = match set.closed_by {
            Some(id) => Some(who(session, id).await?),
            None => None,
        };
        Ok(Self {
            id: set.id.to_string(),
            site: site.map(|site| site.key.to_string()).unwrap_or_default(),
            name: set.name,
            state: set.state.into(),
            created_at: set.created_at.to_string(),
            created_by: who(session, set.created_by).await?,
            closed_at: set.closed_at.map(|at| at.to_string()),
            closed_by,
            void: Schedule::all(session, void).await?,
        })
    }
}

#[ComplexObject]
impl ReleaseSet {
    /// 组中各条，按加入先后 / What is in it, in the order in which it was added
    async fn items(&self, context: &Context<'_>) -> Result<Vec<ReleaseSetItem>> {
        let caller = Caller::of(context);
        let Ok(id) = self.id.parse::<ReleaseSetId>() else { return Ok(Vec::new()) };
        let mut session = caller.session().await?;
        let told = items(caller, &mut session, id).await;
        told.map_err(|error| fault(&error))
    }

    /// 它的定时，新近在前 / Its schedules, the newest first
    async fn schedules(&self, context: &Context<'_>) -> Result<Vec<Schedule>> {
        let caller = Caller::of(context);
        let Ok(id) = self.id.parse::<ReleaseSetId>() else { return Ok(Vec::new()) };
        let mut session = caller.session().await?;
        let due = due_times::of_subject(&mut session, id.uuid(), SCHEDULES).await;
        let due = due.map_err(|error| fault(&error))?;
        Schedule::all(&mut session, due).await.map_err(|error| fault(&error))
    }
}

/// Schedules of one set that are told, at the most.
const SCHEDULES: u32 = 50;

/// Documents that the caller may not know of are told by their ids on the hub alone.
async fn items(
    caller: &Caller,
    session: &mut Session,
    id: ReleaseSetId,
) -> Result<Vec<ReleaseSetItem>, store::Error> {
    let mut told = Vec::new();
    for item in rows::items(session, id).await? {
        let document = documents::document(session, &caller.viewer(), item.document).await?;
        told.push(ReleaseSetItem {
            content_id: document.as_ref().map(|document| document.content.to_string()),
            locale: document.as_ref().map(|document| document.locale.to_string()),
            document: item.document.to_string(),
            is_current: document.is_some_and(|document| document.draft == Some(item.edition)),
            added_at: item.added_at.to_string(),
            added_by: who(session, item.added_by).await?,
        });
    }
    Ok(told)
}

fn set_id(text: &str) -> Result<ReleaseSetId, Error> {
    let mut faults = Faults::default();
    let id: Option<ReleaseSetId> = faults.read("releaseSet", text);
    faults.finish(id)
}

/// The site of this key.
async fn site(work: &mut UnitOfWork, key: &str) -> Result<Site, Error> {
    let mut faults = Faults::default();
    let key: Option<SiteKey> = faults.read("site", key);
    let key = faults.finish(key)?;
    let found = trees::site_by_key(work.session(), &key).await?;
    Ok(found.ok_or_else(|| Refusal::not_found("site", key))?)
}

#[Object]
impl Sets {
    /// 同步发布组，新近在前，限于可见其站点草稿者 / Release sets of sites whose drafts you may see, the newest first
    async fn release_sets(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20, desc = "最多几条，不超过 100 / At most so many, up to 100")] first: i32,
        #[graphql(desc = "从此位置之后 / After this cursor")] after: Option<String>,
    ) -> Result<ReleaseSetPage> {
        let caller = Caller::of(context);
        let mut faults = Faults::default();
        let after: Option<Cursor> = faults.read_some("after", after.as_deref());
        let after = read(faults.finish(Some(after)))?
            .map(|Cursor { at, id }| Position { at, id: id.into() });
        let length = page(first);
        let mut session = caller.session().await?;
        let found = rows::page(&mut session, &caller.viewer(), after, length + 1).await;
        let mut found = found.map_err(|error| fault(&error))?;
        let has_next_page = found.len() > length as usize;
        found.truncate(length as usize);
        let end_cursor =
            found.last().map(|set| Cursor { at: set.created_at, id: set.id.uuid() }.to_string());
        let mut items = Vec::with_capacity(found.len());
        for set in found {
            let told = ReleaseSet::told(&mut session, set, Vec::new()).await;
            items.push(told.map_err(|error| fault(&error))?);
        }
        Ok(ReleaseSetPage { items, end_cursor, has_next_page })
    }

    /// 某个同步发布组 / One release set
    async fn release_set(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "编号 / Its id")] id: String,
    ) -> Result<Option<ReleaseSet>> {
        let caller = Caller::of(context);
        let mut faults = Faults::default();
        let id: Option<ReleaseSetId> = faults.read("id", &id);
        let id = read(faults.finish(id))?;
        let mut session = caller.session().await?;
        let told = visible(caller, &mut session, id).await;
        told.map_err(|error| fault(&error))
    }
}

async fn visible(
    caller: &Caller,
    session: &mut Session,
    id: ReleaseSetId,
) -> Result<Option<ReleaseSet>, store::Error> {
    let Some(set) = rows::release_set(session, id).await? else { return Ok(None) };
    let Some(site) = trees::site(session, set.site).await? else { return Ok(None) };
    let touched =
        Touched { authority: Some(site.authority), sites: vec![site.id], ..Touched::default() };
    match may(&caller.actor, Action::ReadDrafts, &touched) {
        true => ReleaseSet::told(session, set, Vec::new()).await.map(Some),
        false => Ok(None),
    }
}

#[Object]
impl Releasing {
    /// 建立同步发布组 / Begin a release set
    async fn create_release_set(
        &self,
        context: &Context<'_>,
        input: CreateReleaseSetInput,
    ) -> Result<ReleaseSetPayload> {
        act!(context, caller, work => {
            let site = site(work, &input.site).await?.id;
            let new = NewSet { site, name: input.name.clone() };
            let set = schedules::create_set(work, &new).await?;
            ReleaseSet::told(work.session(), set, Vec::new()).await?
        })
    }

    /// 将草稿加入组中，或换成它现在的文本；已定的时间随即失效 / Put a draft into a set, or what it has become; a schedule of the set is void by that
    async fn add_to_release_set(
        &self,
        context: &Context<'_>,
        input: AddToReleaseSetInput,
    ) -> Result<ReleaseSetPayload> {
        act!(context, caller, work => {
            let id = set_id(&input.release_set)?;
            let mut faults = Faults::default();
            let approved: Option<Digest> = faults.read("approvedDigest", &input.approved_digest);
            let approved = faults.finish(approved)?;
            let target = input.document.find(caller, work, "document").await?;
            let (set, void) = schedules::add_to_set(work, id, InSet { target, approved }).await?;
            ReleaseSet::told(work.session(), set, void).await?
        })
    }

    /// 将信息移出组；已定的时间随即失效 / Take a document out of a set; a schedule of the set is void by that
    async fn remove_from_release_set(
        &self,
        context: &Context<'_>,
        input: RemoveFromReleaseSetInput,
    ) -> Result<ReleaseSetPayload> {
        act!(context, caller, work => {
            let id = set_id(&input.release_set)?;
            let mut faults = Faults::default();
            let document: Option<DocumentId> = faults.read("document", &input.document);
            let document = faults.finish(document)?;
            let (set, void) = schedules::remove_from_set(work, id, document).await?;
            ReleaseSet::told(work.session(), set, void).await?
        })
    }

    /// 同步发布：全部发布，或一条不发并列明全部障碍 / Publish everything in a set, or nothing and say all that stands in the way
    async fn publish_release_set(
        &self,
        context: &Context<'_>,
        input: ReleaseSetInput,
    ) -> Result<ReleaseSetPayload> {
        act!(context, caller, work => {
            let id = set_id(&input.release_set)?;
            let (set, _) = schedules::publish_set(&caller.desk, work, id).await?;
            ReleaseSet::told(work.session(), set, Vec::new()).await?
        })
    }

    /// 定时同步发布 / Publish a set later
    async fn schedule_release_set(
        &self,
        context: &Context<'_>,
        input: ScheduleReleaseSetInput,
    ) -> Result<SchedulePayload> {
        act!(context, caller, work => {
            let id = set_id(&input.release_set)?;
            let at = moment(&input.at)?;
            let due = schedules::schedule_set(&caller.desk, work, id, at).await?;
            Schedule::told(work.session(), due).await?
        })
    }

    /// 解散同步发布组；其中草稿不变 / Give a set up; its drafts stay as they are
    async fn dissolve_release_set(
        &self,
        context: &Context<'_>,
        input: ReleaseSetInput,
    ) -> Result<ReleaseSetPayload> {
        act!(context, caller, work => {
            let id = set_id(&input.release_set)?;
            let set = schedules::dissolve_set(work, id).await?;
            ReleaseSet::told(work.session(), set, Vec::new()).await?
        })
    }
}
