//! Withdrawal, removal, recall, erasure.

use async_graphql::{Context, InputObject, Object, Result};
use editorial::documents;
use schema::ids::{ContentId, ErasureId};

use super::{
    DocumentPayload, DocumentState, ErasureOrder, ErasureOrderPayload, Recall, RecallPayload,
    input::{DocumentTarget, NoticeInput},
};
use crate::manage::{caller::Caller, input::Faults, words::Removal};

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct TakingBack;

/// 撤回信息 / A document to be withdrawn
#[derive(Clone, Debug, InputObject)]
pub(crate) struct WithdrawDocumentInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 对公众的说明 / What the public is told
    notice: NoticeInput,
}

/// 移除信息 / A document to be taken away from readers
#[derive(Clone, Debug, InputObject)]
pub(crate) struct RemoveDocumentInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 方式 / How
    removal: Removal,
    /// 对公众的说明 / What the public is told
    notice: NoticeInput,
}

/// 召回内容 / A content to be taken back for ever
#[derive(Clone, Debug, InputObject)]
pub(crate) struct RecallContentInput {
    /// 内容编号 / Content id
    content_id: String,
    /// 对公众的说明 / What the public is told
    notice: NoticeInput,
}

/// 下达销毁指令 / An order to erase
#[derive(Clone, Debug, InputObject)]
pub(crate) struct OrderErasureInput {
    /// 哪条信息，须已召回 / Which document; it was recalled
    document: DocumentTarget,
    /// 依据，勿重复原文 / The legal ground, without repeating the text
    reason: String,
}

/// 确认销毁 / A confirmation
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ConfirmErasureInput {
    /// 销毁指令的编号 / Id of the order
    erasure: String,
}

#[Object]
impl TakingBack {
    /// 撤回：显示说明，文本保留或不保留 / Withdraw: show a notice, with the text or alone
    async fn withdraw_document(
        &self,
        context: &Context<'_>,
        input: WithdrawDocumentInput,
    ) -> Result<DocumentPayload> {
        act!(context, caller, work => {
            let target = input.document.find(caller, work, "document").await?;
            let notice = input.notice.clone().into();
            let document = documents::withdraw(&caller.desk, work, target, notice).await?;
            DocumentState::from(&document)
        })
    }

    /// 移除：删除、转移或抹除 / Remove: gone, redirected or vanished
    async fn remove_document(
        &self,
        context: &Context<'_>,
        input: RemoveDocumentInput,
    ) -> Result<DocumentPayload> {
        act!(context, caller, work => {
            let target = input.document.find(caller, work, "document").await?;
            let (removal, notice) = (input.removal.into(), input.notice.clone().into());
            let document = documents::remove(&caller.desk, work, target, removal, notice).await?;
            DocumentState::from(&document)
        })
    }

    /// 召回：各语言、各站点一并永久收回；可重复 / Recall in every language and everywhere, for ever; may be repeated
    async fn recall_content(
        &self,
        context: &Context<'_>,
        input: RecallContentInput,
    ) -> Result<RecallPayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let content: Option<ContentId> = faults.read("contentId", &input.content_id);
            let content = faults.finish(content)?;
            let notice = input.notice.clone().into();
            let recalled = documents::recall(&caller.desk, work, content, notice).await?;
            Recall { documents: recalled.documents.iter().map(DocumentState::from).collect() }
        })
    }

    /// 下达销毁指令，须由另一人确认 / Order an erasure, which a second person confirms
    async fn order_erasure(
        &self,
        context: &Context<'_>,
        input: OrderErasureInput,
    ) -> Result<ErasureOrderPayload> {
        act!(context, caller, work => {
            let target = input.document.find(caller, work, "document").await?;
            let id = documents::order_erasure(&caller.desk, work, target, &input.reason).await?;
            ErasureOrder { id: id.to_string() }
        })
    }

    /// 确认销毁：文本随即销毁，不可恢复 / Confirm an erasure: the text is destroyed
    async fn confirm_erasure(
        &self,
        context: &Context<'_>,
        input: ConfirmErasureInput,
    ) -> Result<DocumentPayload> {
        let payload: Result<DocumentPayload> = act!(context, caller, work => {
            let mut faults = Faults::default();
            let id: Option<ErasureId> = faults.read("erasure", &input.erasure);
            let id = faults.finish(id)?;
            DocumentState::from(&documents::confirm_erasure(&caller.desk, work, id).await?)
        });
        if payload.as_ref().is_ok_and(|payload| payload.document.is_some()) {
            purge(Caller::of(context)).await;
        }
        payload
    }
}

/// Destroys what files and engine keep of erased texts. What cannot be done now is owed, and
/// done at the next start: the erasure itself stands.
async fn purge(caller: &Caller) {
    let now = caller.desk.clock.now();
    if let Err(error) = store::erasures::purge(&caller.desk.store, &*caller.files, now).await {
        tracing::warn!(error = %error, "traces of an erased text remain until the next purge");
    }
}
