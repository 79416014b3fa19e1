//! Scheduling what is done to a document, moving it, cancelling it.

use async_graphql::{Context, InputObject, Object, Result};
use editorial::{
    Error,
    schedules::{self, SchedulePublication},
};
use jiff::Timestamp;
use schema::{digest::Digest, ids::DueTimeId};

use super::told::Schedule;
use crate::manage::{
    documents::{DocumentTarget, NoticeInput},
    input::Faults,
    words::{OldTexts, Removal},
};

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Scheduling;

/// 定时发布草稿 / A draft to be published later
#[derive(Clone, Debug, InputObject)]
pub(crate) struct SchedulePublicationInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 所审定文本的摘要；草稿一经改动，定时即失效 / Digest of the text that was looked at; a draft that is changed is not published
    approved_digest: String,
    /// 发布时间 / When
    at: String,
    /// 对所取代文本的处理；不填按内容类型 / What becomes of the text it supersedes; as the type says without it
    old_text: Option<OldTexts>,
}

/// 定时撤回 / A document to be withdrawn later
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ScheduleWithdrawalInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 撤回时间 / When
    at: String,
    /// 对公众的说明 / What the public is told
    notice: NoticeInput,
}

/// 定时移除 / A document to be taken away from readers later
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ScheduleRemovalInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 移除时间 / When
    at: String,
    /// 方式 / How
    removal: Removal,
    /// 对公众的说明 / What the public is told
    notice: NoticeInput,
}

/// 更改定时 / A schedule to be moved
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ChangeScheduleInput {
    /// 定时的编号 / Id of the schedule
    schedule: String,
    /// 改定于何时 / When instead
    at: String,
}

/// 取消定时 / A schedule to be cancelled
#[derive(Clone, Debug, InputObject)]
pub(crate) struct CancelScheduleInput {
    /// 定时的编号 / Id of the schedule
    schedule: String,
}

payload! {
    /// 定时的结果 / What came of it
    SchedulePayload {
        /// 定时 / The schedule
        schedule: Schedule
    }
}

/// The moment that stands at `at`.
pub(super) fn moment(at: &str) -> Result<Timestamp, Error> {
    let mut faults = Faults::default();
    let at: Option<Timestamp> = faults.read("at", at);
    faults.finish(at)
}

#[Object]
impl Scheduling {
    /// 定时发布：到时再过一次发布关口；审核所缺若只剩末一环节，定时即视为签署 / Publish later: the gate is asked again then. Where the last step of the review is all that is missing, scheduling signs it
    async fn schedule_publication(
        &self,
        context: &Context<'_>,
        input: SchedulePublicationInput,
    ) -> Result<SchedulePayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let approved: Option<Digest> = faults.read("approvedDigest", &input.approved_digest);
            let at: Option<Timestamp> = faults.read("at", &input.at);
            let (approved, at) = faults.finish(approved.zip(at))?;
            let wanted = SchedulePublication {
                target: input.document.find(caller, work, "document").await?,
                approved,
                at,
                old_text: input.old_text.map(Into::into),
            };
            let due = schedules::schedule_publication(&caller.desk, work, wanted).await?;
            Schedule::told(work.session(), due).await?
        })
    }

    /// 定时撤回 / Withdraw later
    async fn schedule_withdrawal(
        &self,
        context: &Context<'_>,
        input: ScheduleWithdrawalInput,
    ) -> Result<SchedulePayload> {
        act!(context, caller, work => {
            let at = moment(&input.at)?;
            let target = input.document.find(caller, work, "document").await?;
            let notice = input.notice.clone().into();
            let due = schedules::schedule_withdrawal(work, target, at, notice).await?;
            Schedule::told(work.session(), due).await?
        })
    }

    /// 定时移除：删除、转移或抹除 / Remove later: gone, redirected or vanished
    async fn schedule_removal(
        &self,
        context: &Context<'_>,
        input: ScheduleRemovalInput,
    ) -> Result<SchedulePayload> {
        act!(context, caller, work => {
            let at = moment(&input.at)?;
            let target = input.document.find(caller, work, "document").await?;
            let (removal, notice) = (input.removal.into(), input.notice.clone().into());
            let due = schedules::schedule_removal(work, target, at, removal, notice).await?;
            Schedule::told(work.session(), due).await?
        })
    }

    /// 更改定时：此后以更改者的身份执行 / Move what is scheduled, or was refused, to another moment; it is done as who moved it
    async fn change_schedule(
        &self,
        context: &Context<'_>,
        input: ChangeScheduleInput,
    ) -> Result<SchedulePayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let id: Option<DueTimeId> = faults.read("schedule", &input.schedule);
            let at: Option<Timestamp> = faults.read("at", &input.at);
            let (id, at) = faults.finish(id.zip(at))?;
            let due = schedules::change_schedule(work, id, at).await?;
            Schedule::told(work.session(), due).await?
        })
    }

    /// 取消定时，或了结到时被拒的 / Cancel what is scheduled, or put away what was refused
    async fn cancel_schedule(
        &self,
        context: &Context<'_>,
        input: CancelScheduleInput,
    ) -> Result<SchedulePayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let id: Option<DueTimeId> = faults.read("schedule", &input.schedule);
            let id = faults.finish(id)?;
            let due = schedules::cancel_schedule(work, id).await?;
            Schedule::told(work.session(), due).await?
        })
    }
}
