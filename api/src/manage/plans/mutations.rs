//! Changing the plan of a draft, and letting go what a plan holds back.

use async_graphql::{Context, InputObject, MaybeUndefined, Object, Result};
use editorial::plans::{self, Change};
use jiff::Timestamp;
use schema::{digest::Digest, plan::StepChange};
use serde::{Deserialize, Serialize};

use super::told::Plan;
use crate::manage::{
    documents::{DocumentPayload, DocumentState, DocumentTarget},
    input::Faults,
    schedules::Schedule,
};

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Planning;

/// 发布计划中一个投放对象的安排 / What a plan is to say of one target
#[derive(Clone, Debug, InputObject)]
pub(crate) struct PlanStepInput {
    /// 投放对象的名称，须在此信息的计划中 / Key of a target in the plan of this document
    target: String,
    /// 是否投放；不填则不变 / Whether the text goes there; what is left out stays as it is
    goes: Option<bool>,
    /// 次序，1 至 9 / Place in the order, 1 to 9
    stage: Option<u8>,
    /// 不早于此时；null 为不限 / Not before this moment; null for no moment
    at: MaybeUndefined<String>,
    /// 推迟的分钟数，最多 30 天 / Minutes later, at most 30 days
    after_minutes: Option<u32>,
}

/// 更改草稿的发布计划 / A change of the plan of a draft
#[derive(Clone, Debug, InputObject)]
pub(crate) struct ChangePlanInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 所看到的计划的摘要；已被更改则拒绝 / Digest of the plan that was looked at; refused when it is another one by now
    plan_digest: Option<String>,
    /// 所改的投放对象；未列出者不变 / The targets that are changed; of the others nothing is
    steps: Vec<PlanStepInput>,
}

/// 放行被发布计划暂缓或未列入的投放 / A delivery that a plan holds back, or left out, to be let go
#[derive(Clone, Debug, InputObject)]
pub(crate) struct LetGoInput {
    /// 哪条信息 / Which document
    document: DocumentTarget,
    /// 投放对象的名称 / Key of the target
    target: String,
    /// 理由 / The reason
    reason: String,
}

/// 更改后的发布计划 / The plan as it is now
#[derive(Clone, Debug, async_graphql::SimpleObject, Serialize, Deserialize)]
pub(crate) struct ChangedPlan {
    /// 发布计划 / The plan
    plan: Plan,
    /// 信息的版本号 / Version of the document
    version: i64,
    /// 因此失效的定时发布 / Publications that were scheduled and are void by that
    void_schedules: Vec<Schedule>,
}

payload! {
    /// 更改发布计划的结果 / What came of it
    ChangePlanPayload {
        /// 更改后的发布计划 / The plan as it is now
        changed: ChangedPlan
    }
}

#[Object]
impl Planning {
    /// 更改草稿的发布计划；已签署的审核随之失效 / Change the publication plan of a draft; what was signed is void by that
    async fn change_plan(
        &self,
        context: &Context<'_>,
        input: ChangePlanInput,
    ) -> Result<ChangePlanPayload> {
        act!(context, caller, work => {
            let mut faults = Faults::default();
            let seen: Option<Digest> = faults.read_some("planDigest", input.plan_digest.as_deref());
            let mut steps = Vec::with_capacity(input.steps.len());
            for (place, step) in input.steps.iter().enumerate() {
                let path = format!("steps[{place}].at");
                let at = match &step.at {
                    MaybeUndefined::Undefined => None,
                    MaybeUndefined::Null => Some(None),
                    MaybeUndefined::Value(text) => {
                        let at: Option<Timestamp> = faults.read(path, text);
                        at.map(Some)
                    }
                };
                steps.push(StepChange {
                    target: step.target.clone(),
                    goes: step.goes,
                    stage: step.stage,
                    at,
                    after_minutes: step.after_minutes,
                });
            }
            faults.finish(Some(()))?;
            let target = input.document.find(caller, work, "document").await?;
            let (document, planned, void) =
                plans::change(work, Change { target, seen, steps }).await?;
            let mut void_schedules = Vec::with_capacity(void.len());
            for due in void {
                void_schedules.push(Schedule::told(work.session(), due).await?);
            }
            let plan = Plan::told(work.session(), planned).await?;
            ChangedPlan { plan, version: document.version, void_schedules }
        })
    }

    /// 放行：不再等候，或改为投往计划未列入的对象，记录在案 / Let a delivery go: it waits no longer, or goes to a target that the plan had left out; on record
    async fn let_go(&self, context: &Context<'_>, input: LetGoInput) -> Result<DocumentPayload> {
        act!(context, caller, work => {
            let target = input.document.find(caller, work, "document").await?;
            let document = plans::let_go(work, target, &input.target, &input.reason).await?;
            DocumentState::from(&document)
        })
    }
}
