//! Drafts that are limited to some persons and authorities.

use std::collections::BTreeSet;

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use editorial::{
    Error,
    documents::{self, LimitTo},
};
use schema::{
    ids::{ActorId, ContentId},
    names::AuthorityKey,
};
use serde::{Deserialize, Serialize};
use store::{Session, access::people, limits, trees};

use crate::manage::{
    answer::{Who, fault},
    caller::Caller,
    input::Faults,
    reading::{page, read},
};

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Limits;

/// The queries of this file.
#[derive(Default)]
pub(crate) struct Limited;

/// 草稿的阅读范围 / Whom drafts are limited to
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct DraftLimit {
    /// 内容编号；各语言的草稿同受限定 / Content id; it holds for the drafts in every language
    content_id: String,
    /// 指名的人员 / The persons that are named
    persons: Vec<Who>,
    /// 指名的机构的代号，及于在其范围内有授权者 / Keys of the authorities that are named, with whoever is granted something within them
    authorities: Vec<String>,
    /// 起草者，始终可读 / Those who wrote the drafts, who always may
    authors: Vec<Who>,
    /// 设定或最后更改的时间 / When it was set, or changed last
    set_at: String,
    /// 何人所设 / By whom
    set_by: Who,
}

impl DraftLimit {
    pub(crate) async fn told(
        session: &mut Session,
        content: ContentId,
        set: limits::Set,
    ) -> Result<Self, store::Error> {
        let ids: Vec<_> = set.names.authorities.iter().copied().collect();
        let mut authorities = Vec::with_capacity(ids.len());
        for id in ids {
            let found = trees::authority(session, id).await?;
            authorities.extend(found.map(|authority| authority.key.to_string()));
        }
        authorities.sort();
        Ok(Self {
            content_id: content.to_string(),
            persons: all(session, set.names.persons).await?,
            authorities,
            authors: all(session, set.authors).await?,
            set_at: set.set_at.to_string(),
            set_by: who(session, set.set_by).await?,
        })
    }
}

async fn all(session: &mut Session, ids: BTreeSet<ActorId>) -> Result<Vec<Who>, store::Error> {
    let mut told = Vec::with_capacity(ids.len());
    for id in ids {
        told.push(who(session, id).await?);
    }
    Ok(told)
}

async fn who(session: &mut Session, id: ActorId) -> Result<Who, store::Error> {
    Ok(Who { id: id.to_string(), name: people::name(session, id).await? })
}

/// 谁可以阅读 / Who may read
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct DraftLimitInput {
    /// 人员的登录名 / Persons, by their logins
    #[graphql(default)]
    persons: Vec<String>,
    /// 机构的代号，及于在其范围内有授权者 / Keys of authorities, with whoever is granted something within them
    #[graphql(default)]
    authorities: Vec<String>,
}

impl DraftLimitInput {
    pub(super) fn read(&self, path: &str) -> Result<LimitTo, Error> {
        let mut faults = Faults::default();
        let mut to = LimitTo::default();
        for (place, login) in self.persons.iter().enumerate() {
            to.persons.extend(faults.read(format!("{path}.persons[{place}]"), login));
        }
        for (place, key) in self.authorities.iter().enumerate() {
            let at = format!("{path}.authorities[{place}]");
            let key: Option<AuthorityKey> = faults.read(at, key);
            to.authorities.extend(key);
        }
        faults.finish(Some(to))
    }
}

/// 限定草稿的阅读范围 / Drafts to be limited
#[derive(Clone, Debug, InputObject)]
pub(crate) struct LimitDraftsInput {
    /// 内容编号 / Content id
    content_id: String,
    /// 谁可以阅读；都不填则只有起草者 / Who may read; nobody but those who wrote them where nobody is named
    to: DraftLimitInput,
}

/// 解除限定 / A limit to be lifted
#[derive(Clone, Debug, InputObject)]
pub(crate) struct LiftDraftLimitInput {
    /// 内容编号 / Content id
    content_id: String,
    /// 理由，记入审计 / The reason, which stands in the audit
    reason: String,
}

/// 已解除的限定 / A limit that was lifted
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct LiftedDraftLimit {
    /// 内容编号 / Content id
    content_id: String,
}

/// 一页受限的草稿 / A page of limited drafts
#[derive(SimpleObject)]
pub(crate) struct DraftLimitPage {
    /// 各项，依内容编号 / The items, in the order of their content ids
    items: Vec<DraftLimit>,
    /// 是否还有 / Whether there are more
    has_next_page: bool,
}

payload! {
    /// 限定阅读范围的结果 / What came of it
    DraftLimitPayload {
        /// 现在的限定 / The limit as it is now
        limit: DraftLimit
    }
}
payload! {
    /// 解除限定的结果 / What came of it
    LiftDraftLimitPayload {
        /// 已解除的限定 / What was lifted
        lifted: LiftedDraftLimit
    }
}

fn content(id: &str) -> Result<ContentId, Error> {
    let mut faults = Faults::default();
    let content: Option<ContentId> = faults.read("contentId", id);
    faults.finish(content)
}

#[Object]
impl Limits {
    /// 限定草稿的阅读范围，整体替换；起草者与站点管理员可为，管理员不因此可读 / Limit the drafts of a content to some, in the place of whom they were limited to; whoever administers may, and does not read them by that
    async fn limit_drafts(
        &self,
        context: &Context<'_>,
        input: LimitDraftsInput,
    ) -> Result<DraftLimitPayload> {
        act!(context, caller, work => {
            let content = content(&input.content_id)?;
            let set = documents::limit_drafts(work, content, &input.to.read("to")?).await?;
            DraftLimit::told(work.session(), content, set).await?
        })
    }

    /// 解除限定：草稿又可为此处有权读草稿者所读；可重复 / Lift a limit: the drafts are for everybody again who may read drafts there; may be repeated
    async fn lift_draft_limit(
        &self,
        context: &Context<'_>,
        input: LiftDraftLimitInput,
    ) -> Result<LiftDraftLimitPayload> {
        act!(context, caller, work => {
            let content = content(&input.content_id)?;
            documents::lift_draft_limit(work, content, &input.reason).await?;
            LiftedDraftLimit { content_id: content.to_string() }
        })
    }
}

#[Object]
impl Limited {
    /// 草稿受限的内容，限于可读或可解除者；不含文本 / Contents with limited drafts that you may read, or whose limit you may lift; no texts
    async fn draft_limits(
        &self,
        context: &Context<'_>,
        #[graphql(default = 20, desc = "最多几条，不超过 100 / At most so many, up to 100")] first: i32,
        #[graphql(desc = "在此内容编号之后 / After this content id")] after: Option<String>,
    ) -> Result<DraftLimitPage> {
        let caller = Caller::of(context);
        let mut faults = Faults::default();
        let after: Option<ContentId> = faults.read_some("after", after.as_deref());
        let after = read(faults.finish(Some(after)))?;
        let length = page(first) as usize;
        let mut session = caller.session().await?;
        let found = documents::limited(&mut session, &caller.actor, after, length + 1).await;
        let mut found = read(found)?;
        let has_next_page = found.len() > length;
        found.truncate(length);
        let mut items = Vec::with_capacity(found.len());
        for one in found {
            let told = DraftLimit::told(&mut session, one.content, one.set).await;
            items.push(told.map_err(|error| fault(&error))?);
        }
        Ok(DraftLimitPage { items, has_next_page })
    }
}
