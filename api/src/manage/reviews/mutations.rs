//! Submitting, signing, returning, confirming.

use async_graphql::{Context, InputObject, Object, Result};
use editorial::{
    Error,
    reviews::{self, Looked, Secrecy, Submission},
};
use schema::digest::Digest;
use store::UnitOfWork;

use super::told::{ReviewDebt, ReviewStanding};
use crate::manage::{
    caller::Caller,
    documents::DocumentTarget,
    input::Faults,
    words::{ReviewTrack, SecrecyConclusion},
};

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Reviewing;

/// 送审 / A draft to be reviewed
#[derive(Clone, Debug, InputObject)]
pub(crate) struct SubmitDocumentInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 所送文本的摘要 / Digest of the text that is submitted
    digest: String,
    /// 流程；转载的文本自动走转载流程 / By which track; what was taken over from another site goes by its own
    #[graphql(default_with = "ReviewTrack::Ordinary")]
    track: ReviewTrack,
    /// 说明；应急时必填理由 / A remark; the reason, required of an emergency
    note: Option<String>,
}

/// 签署待签环节 / The step whose turn it is, to be signed
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ApproveDocumentInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 所审文本的摘要 / Digest of the text that was looked at
    digest: String,
    /// 所看到的发布计划的摘要；计划没有内容则不必注明 / Digest of the publication plan that was looked at; of one that says nothing it need not be named
    plan_digest: Option<String>,
    /// 意见 / A remark
    note: Option<String>,
}

/// 跳过待签环节 / The step whose turn it is, to be passed over
#[derive(Clone, Debug, InputObject)]
pub(crate) struct SkipReviewStepInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 所审文本的摘要 / Digest of the text that was looked at
    digest: String,
    /// 理由 / The reason
    reason: String,
}

/// 放行检查所见的错误 / What checks call an error, to be let stand
#[derive(Clone, Debug, InputObject)]
pub(crate) struct WaiveFindingsInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 所审文本的摘要 / Digest of the text that was looked at
    digest: String,
    /// 理由 / The reason
    reason: String,
}

/// 退回 / A text to be sent back
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ReturnDocumentInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 理由 / The reason
    reason: String,
}

/// 撤回送审 / A text to be taken back from the reviewers
#[derive(Clone, Debug, InputObject)]
pub(crate) struct TakeBackSubmissionInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 说明 / A remark
    note: Option<String>,
}

/// 保密审查 / A secrecy review
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ReviewSecrecyInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 所审文本的摘要 / Digest of the text that was looked at
    digest: String,
    /// 结论 / The conclusion
    conclusion: SecrecyConclusion,
    /// 法律依据，如 保守国家秘密法第三十五条 / Its legal basis
    basis: String,
    /// 意见 / A remark
    note: Option<String>,
}

/// 事后确认 / A publication to be confirmed
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ConfirmPublicationInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 意见 / A remark
    note: Option<String>,
}

payload! {
    /// 审核的结果 / What came of it
    ReviewPayload {
        /// 审核的现状 / How the review stands
        review: ReviewStanding
    }
}
payload! {
    /// 事后确认的结果 / What came of it
    ConfirmPublicationPayload {
        /// 所确认的发布 / What was owed
        debt: ReviewDebt
    }
}

/// The document and the text of it that was looked at.
pub(super) async fn looked(
    caller: &Caller,
    work: &mut UnitOfWork,
    document: &DocumentTarget,
    digest: &str,
) -> Result<Looked, Error> {
    let mut faults = Faults::default();
    let digest: Option<Digest> = faults.read("digest", digest);
    let digest = faults.finish(digest)?;
    Ok(Looked { target: document.find(caller, work, "document").await?, digest, plan: None })
}

#[Object]
impl Reviewing {
    /// 送审：首次送审即登记备案 / Lay a draft before the reviewers; the first submission enters it in the register
    async fn submit_document(
        &self,
        context: &Context<'_>,
        input: SubmitDocumentInput,
    ) -> Result<ReviewPayload> {
        act!(context, caller, work => {
            let looked = looked(caller, work, &input.document, &input.digest).await?;
            let submission =
                Submission { looked, track: input.track.into(), note: input.note.clone() };
            let submitted = reviews::submit(&caller.desk, work, submission).await;
            ReviewStanding::from(&submitted.map_err(crate::manage::documents::of_draft)?)
        })
    }

    /// 撤回送审 / Take a text back from the reviewers
    async fn take_back_submission(
        &self,
        context: &Context<'_>,
        input: TakeBackSubmissionInput,
    ) -> Result<ReviewPayload> {
        act!(context, caller, work => {
            let target = input.document.find(caller, work, "document").await?;
            ReviewStanding::from(&reviews::take_back(work, target, input.note.as_deref()).await?)
        })
    }

    /// 签署待签环节 / Sign the step whose turn it is
    async fn approve_document(
        &self,
        context: &Context<'_>,
        input: ApproveDocumentInput,
    ) -> Result<ReviewPayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let plan = faults.read_some("planDigest", input.plan_digest.as_deref());
            faults.finish(Some(()))?;
            let looked = looked(caller, work, &input.document, &input.digest).await?;
            let looked = Looked { plan, ..looked };
            let note = input.note.as_deref();
            ReviewStanding::from(&reviews::approve(&caller.desk, work, looked, note).await?)
        })
    }

    /// 跳过待签环节，记录在案 / Pass over the step whose turn it is, which is marked so
    async fn skip_review_step(
        &self,
        context: &Context<'_>,
        input: SkipReviewStepInput,
    ) -> Result<ReviewPayload> {
        act!(context, caller, work => {
            let looked = looked(caller, work, &input.document, &input.digest).await?;
            ReviewStanding::from(&reviews::skip(&caller.desk, work, looked, &input.reason).await?)
        })
    }

    /// 放行检查所见的错误，记录在案 / Let stand what checks call an error in this very text, on record
    async fn waive_findings(
        &self,
        context: &Context<'_>,
        input: WaiveFindingsInput,
    ) -> Result<ReviewPayload> {
        act!(context, caller, work => {
            let looked = looked(caller, work, &input.document, &input.digest).await?;
            ReviewStanding::from(&reviews::waive(&caller.desk, work, looked, &input.reason).await?)
        })
    }

    /// 退回起草人 / Send a text back to its authors
    async fn return_document(
        &self,
        context: &Context<'_>,
        input: ReturnDocumentInput,
    ) -> Result<ReviewPayload> {
        act!(context, caller, work => {
            let target = input.document.find(caller, work, "document").await?;
            ReviewStanding::from(&reviews::return_to_author(work, target, &input.reason).await?)
        })
    }

    /// 保密审查：作出结论，注明依据 / Conclude whether a text may be opened, and say on what legal basis
    async fn review_secrecy(
        &self,
        context: &Context<'_>,
        input: ReviewSecrecyInput,
    ) -> Result<ReviewPayload> {
        act!(context, caller, work => {
            let looked = looked(caller, work, &input.document, &input.digest).await?;
            let secrecy = Secrecy {
                conclusion: input.conclusion.into(),
                basis: input.basis.clone(),
                note: input.note.clone(),
            };
            let reviewed = reviews::review_secrecy(&caller.desk, work, looked, &secrecy).await?;
            ReviewStanding::from(&reviewed)
        })
    }

    /// 事后确认应急或强制发布 / Confirm what was published in an emergency or by force
    async fn confirm_publication(
        &self,
        context: &Context<'_>,
        input: ConfirmPublicationInput,
    ) -> Result<ConfirmPublicationPayload> {
        act!(context, caller, work => {
            let target = input.document.find(caller, work, "document").await?;
            let debt = reviews::confirm(work, target, input.note.as_deref()).await?;
            ReviewDebt::told(work.session(), debt).await?
        })
    }
}
