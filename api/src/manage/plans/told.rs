//! A plan as its reader sees it.

use async_graphql::SimpleObject;
use editorial::plans::Planned;
use serde::{Deserialize, Serialize};
use store::{
    Session,
    deliveries::{holds, targets},
};

/// 发布计划：投往何处、按何次序、何时 / To which targets a text goes, in which order, and when
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
#[graphql(name = "PublicationPlan")]
pub(crate) struct Plan {
    /// 计划的摘要，签署与发布时注明；没有内容的计划不必注明 / What an approval and a publication name; of a plan that says nothing it need not be named
    digest: String,
    /// 各投放对象，先后为序；未列出者依其选择范围即时投放 / The targets, in their order; what is not listed is delivered at once to whatever selects it
    steps: Vec<PlanStep>,
}

/// 发布计划中的一个投放对象 / What a plan says of one target
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct PlanStep {
    /// 投放对象的名称 / Key of the target
    target: String,
    /// 其通道；对象已不存在则没有 / Its channel; nothing where the target is no more
    channel: Option<String>,
    /// 是否投放 / Whether the text goes there
    goes: bool,
    /// 规定必投，编辑不能更改 / Whether it is required, so that an editor changes nothing of it
    required: bool,
    /// 次序：此前各次序的对象都已收到后才投放 / Place in the order: after all of earlier places hold the text
    stage: u8,
    /// 不早于此时 / Not before this moment
    at: Option<String>,
    /// 推迟的分钟数：自发布起，或自此前各次序的对象收到起 / Minutes later: from the publication, or from when those of earlier places hold it
    after_minutes: u32,
}

impl Plan {
    pub(crate) async fn told(
        session: &mut Session,
        planned: Planned,
    ) -> Result<Self, store::Error> {
        let mut steps = Vec::with_capacity(planned.plan.steps.len());
        for step in planned.plan.steps {
            let target = targets::by_key(session, &step.target).await?;
            steps.push(PlanStep {
                channel: target.map(|target| target.channel),
                target: step.target,
                goes: step.goes,
                required: step.required,
                stage: step.stage,
                at: step.at.map(|at| at.to_string()),
                after_minutes: step.after_minutes,
            });
        }
        Ok(Self { digest: planned.digest.to_string(), steps })
    }
}

/// 发布计划的暂缓 / How a publication plan holds a delivery back
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct HeldBack {
    /// 至何时；等候其他对象时没有 / Until when; nothing while it waits for other targets
    until: Option<String>,
    /// 所等候的投放对象 / Keys of the targets it waits for
    waits_for: Vec<String>,
    /// 它们收到后再推迟的分钟数 / Minutes, from when they hold it
    after_minutes: u32,
}

impl From<holds::HeldBack> for HeldBack {
    fn from(held: holds::HeldBack) -> Self {
        Self {
            until: held.until.map(|at| at.to_string()),
            waits_for: held.waits_for,
            after_minutes: held.after_minutes,
        }
    }
}
