//! Drafts and publication.

use async_graphql::{Context, InputObject, Object, Result};
use editorial::documents::{self, NewDocument, Publish};
use schema::{
    gate::Way,
    ids::ContentId,
    names::{AuthorityKey, Locale, TypeName},
};
use store::publications::OriginalTime;

use super::{
    DiscardPayload, Discarded, DraftPayload, Publication, PublishPayload, SavedDraft,
    input::{DocumentTarget, DraftInput, find, number, of_draft},
    limits::DraftLimitInput,
};
use crate::manage::{input::Faults, words::OldTexts};

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Drafting;

/// 新的信息 / A document that does not exist yet
#[derive(Clone, Debug, InputObject)]
pub(crate) struct CreateDocumentInput {
    /// 译文：所译内容的编号；接替召回的内容时同样填写 / The content it translates, or takes over; without it a new one
    content_id: Option<String>,
    /// 接替此内容在该语言下已召回的信息及其路径 / Take over content id and paths of what was recalled in this language
    #[graphql(default)]
    takes_over: bool,
    /// 所属机构 / Key of the authority that owns it
    authority: String,
    /// 内容类型 / Content type
    r#type: String,
    /// 语言 / Language
    locale: String,
    /// 文本 / Its text
    draft: DraftInput,
    /// 限定草稿的阅读范围 / Whom its drafts are limited to, from the beginning
    limit: Option<DraftLimitInput>,
}

/// 保存草稿 / A text to be saved
#[derive(Clone, Debug, InputObject)]
pub(crate) struct SaveDraftInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 文本，整体替换 / The whole text
    draft: DraftInput,
}

/// 发布草稿 / A draft to be published
#[derive(Clone, Debug, InputObject)]
pub(crate) struct PublishDocumentInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 所审定文本的摘要 / Digest of the text that was looked at
    approved_digest: Option<String>,
    /// 所看到的发布计划的摘要；计划没有内容则不必注明 / Digest of the publication plan that was looked at; of one that says nothing it need not be named
    plan_digest: Option<String>,
    /// 此前在别处发布的时间 / When it was public elsewhere before
    originally_published_at: Option<String>,
    /// 强制发布：审核未完成时的理由，须由他人事后确认；保密审查不能省略 / Publish before the review is complete, for this reason; somebody else confirms it afterwards. The secrecy review cannot be left out
    force: Option<String>,
    /// 旧文本的去留；不填依内容类型 / What becomes of the text it supersedes; without it what the type says
    old_text: Option<OldTexts>,
}

/// 以旧版本为草稿 / An edition to start from
#[derive(Clone, Debug, InputObject)]
pub(crate) struct DraftFromEditionInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 版本序号 / Number of the edition
    edition: i64,
}

/// 哪条信息 / Which document
#[derive(Clone, Debug, InputObject)]
pub(crate) struct DocumentInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
}

#[Object]
impl Drafting {
    /// 新建信息及其首个草稿 / Create a document with its first draft
    async fn create_document(
        &self,
        context: &Context<'_>,
        input: CreateDocumentInput,
    ) -> Result<DraftPayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let content: Option<ContentId> =
                faults.read_some("contentId", input.content_id.as_deref());
            let authority: Option<AuthorityKey> = faults.read("authority", &input.authority);
            let r#type: Option<TypeName> = faults.read("type", &input.r#type);
            let locale: Option<Locale> = faults.read("locale", &input.locale);
            let (authority, (r#type, locale)) =
                faults.finish(authority.zip(r#type.zip(locale)))?;
            let takes_over = match content {
                Some(content) if input.takes_over => {
                    Some(find(caller, work, content, &locale).await?.id)
                }
                _ => None,
            };
            let text = input.draft.read()?;
            let new = NewDocument { content, takes_over, authority, r#type, locale, text };
            let limit = input.limit.as_ref().map(|limit| limit.read("limit")).transpose()?;
            let saved = documents::create(&caller.desk, work, new).await.map_err(of_draft)?;
            if let Some(limit) = limit {
                documents::limit_drafts(work, saved.document.content, &limit).await?;
            }
            SavedDraft::told(work.session(), saved).await?
        })
    }

    /// 保存草稿，替换原有草稿 / Put a new draft in the place of the one there is
    async fn save_draft(
        &self,
        context: &Context<'_>,
        input: SaveDraftInput,
    ) -> Result<DraftPayload> {
        act!(context, caller, work => {
            let target = input.document.find(caller, work, "document").await?;
            let text = input.draft.read()?;
            let saved = documents::save_draft(&caller.desk, work, target, text).await;
            SavedDraft::told(work.session(), saved.map_err(of_draft)?).await?
        })
    }

    /// 以某一版本为新草稿的起点 / Make an edition the draft again
    async fn draft_from_edition(
        &self,
        context: &Context<'_>,
        input: DraftFromEditionInput,
    ) -> Result<DraftPayload> {
        act!(context, caller, work => {
            let target = input.document.find(caller, work, "document").await?;
            let number = number("edition", input.edition)?;
            let saved = documents::draft_from_edition(&caller.desk, work, target, number).await;
            SavedDraft::told(work.session(), saved.map_err(of_draft)?).await?
        })
    }

    /// 放弃草稿；从未发布的信息随之删除 / Throw the draft away, and with it what was never published
    async fn discard_draft(
        &self,
        context: &Context<'_>,
        input: DocumentInput,
    ) -> Result<DiscardPayload> {
        act!(context, caller, work => {
            let target = input.document.find(caller, work, "document").await?;
            documents::discard_draft(&caller.desk, work, target).await?;
            Discarded {
                content_id: input.document.content_id.clone(),
                locale: input.document.locale.clone(),
            }
        })
    }

    /// 发布草稿：新发布、更正或移动 / Publish the draft: a publication, a correction or a move
    async fn publish_document(
        &self,
        context: &Context<'_>,
        input: PublishDocumentInput,
    ) -> Result<PublishPayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let approved = faults.read_some("approvedDigest", input.approved_digest.as_deref());
            let plan = faults.read_some("planDigest", input.plan_digest.as_deref());
            let original = faults
                .read_some("originallyPublishedAt", input.originally_published_at.as_deref())
                .map(|at| OriginalTime { at, source: "person".into() });
            faults.finish(Some(()))?;
            let request = Publish {
                target: input.document.find(caller, work, "document").await?,
                way: Way::Editor,
                forced: input.force.clone(),
                approved,
                plan,
                original,
                old_text: input.old_text.map(Into::into),
            };
            let published = documents::publish(&caller.desk, work, request).await;
            Publication::from(published.map_err(of_draft)?)
        })
    }
}
