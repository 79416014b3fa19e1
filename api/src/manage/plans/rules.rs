//! What is proposed where, and setting it.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use editorial::{placed_rules, plans};
use schema::plan::{Named, Rule};
use serde::{Deserialize, Serialize};
use store::{Session, deliveries::targets};

use crate::manage::{answer::fault, caller::Caller, reading, reviews::ReviewPlaceInput};

/// The queries of this file.
#[derive(Default)]
pub(crate) struct Plans;

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct PlanRuling;

/// 计划规定中的一个投放对象 / What a rule says of one target
#[derive(Clone, Debug, SimpleObject, InputObject, Serialize, Deserialize)]
#[graphql(input_name = "PlannedTargetInput")]
pub(crate) struct PlannedTarget {
    /// 投放对象的名称 / Key of the target
    target: String,
    /// 必投：编辑不能更改 / Whether every text goes there, and an editor changes nothing of it
    #[graphql(default)]
    required: bool,
    /// 默认投放 / Whether it is proposed that a text goes there
    #[graphql(default = true)]
    proposed: bool,
    /// 次序，1 至 9：此前各次序的对象都已收到后才投放 / Place in the order, 1 to 9: after all of earlier places hold the text
    #[graphql(default = 1)]
    stage: u8,
    /// 推迟的分钟数，最多 30 天 / Minutes later, at most 30 days
    #[graphql(default)]
    after_minutes: u32,
}

/// 一处的计划规定 / What is planned of the texts of a place
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct PlanRule {
    /// 此处自己的规定的版本号；没有自己的规定则没有 / Version of the rule of this very place; nothing where it has none of its own
    version: Option<i64>,
    /// 所规定的投放对象；其余依选择范围即时投放 / The targets it names; every other one is given at once what it selects
    targets: Vec<PlannedTarget>,
}

/// 一处的计划规定，整体替换 / What is planned of the texts of a place
#[derive(Clone, Debug, InputObject)]
pub(crate) struct SetPlanRuleInput {
    /// 何处 / Where
    #[graphql(default)]
    place: ReviewPlaceInput,
    /// 所看到的版本号；已被他人改动则拒绝 / Version of the rule that was looked at; refused when somebody changed it since
    version: Option<i64>,
    /// 投放对象，须为本人有权管理者 / The targets, each one's own to tend
    targets: Vec<PlannedTarget>,
}

/// 撤去一处的计划规定 / The rule of a place to be taken away
#[derive(Clone, Debug, InputObject)]
pub(crate) struct RemovePlanRuleInput {
    /// 何处 / Where
    #[graphql(default)]
    place: ReviewPlaceInput,
    /// 所看到的版本号 / Version of the rule that was looked at
    version: Option<i64>,
}

payload! {
    /// 计划规定的结果 / What came of it
    PlanRulePayload {
        /// 此处现行的规定 / What is planned at this place, as it is now
        rule: PlanRule
    }
}

/// Of a rule that stands above, somebody may tend only some targets; of the others they learn
/// nothing.
async fn told(
    caller: &Caller,
    session: &mut Session,
    holding: placed_rules::Holding<Rule>,
) -> Result<PlanRule, store::Error> {
    let targets = holding.rules.into_iter().next().map(|placed| placed.rule.targets);
    let told = |named: Named| PlannedTarget {
        target: named.target,
        required: named.required,
        proposed: named.proposed,
        stage: named.stage,
        after_minutes: named.after_minutes,
    };
    let mut rule = PlanRule { version: holding.own_version, targets: Vec::new() };
    for named in targets.unwrap_or_default() {
        if let Some(target) = targets::by_key(session, &named.target).await?
            && editorial::targets::tended_by(session, &caller.actor, &target).await?
        {
            rule.targets.push(told(named));
        }
    }
    Ok(rule)
}

#[Object]
impl Plans {
    /// 某处的文本投往何处的规定；仅见本人有权管理的投放对象 / What is planned of the texts of a place; of targets that are one's own to tend
    async fn plan_rule(
        &self,
        context: &Context<'_>,
        #[graphql(default, desc = "何处 / Where")] place: ReviewPlaceInput,
    ) -> Result<PlanRule> {
        let caller = Caller::of(context);
        let place = reading::read(place.read("place"))?;
        let mut session = caller.session().await?;
        let holding = placed_rules::holding(&caller.desk, &mut session, &place).await;
        let told = told(caller, &mut session, reading::read(holding)?).await;
        told.map_err(|error| fault(&error))
    }
}

#[Object]
impl PlanRuling {
    /// 设定一处的计划规定，整体替换 / Set what is planned of the texts of a place
    async fn set_plan_rule(
        &self,
        context: &Context<'_>,
        input: SetPlanRuleInput,
    ) -> Result<PlanRulePayload> {
        act!(context, caller, work => {
            let place = input.place.read("place")?;
            let mut rule = Rule::default();
            for named in &input.targets {
                rule.targets.push(Named {
                    target: named.target.clone(),
                    required: named.required,
                    proposed: named.proposed,
                    stage: named.stage,
                    after_minutes: named.after_minutes,
                });
            }
            let seen = (input.version, rule);
            plans::set_rule(&caller.desk, &*caller.channels, work, &place, seen).await?;
            let holding = placed_rules::holding(&caller.desk, work.session(), &place).await?;
            told(caller, work.session(), holding).await?
        })
    }

    /// 撤去一处的计划规定，改依上级；可重复 / Take the rule of a place away: what the next place above says holds again; may be repeated
    async fn remove_plan_rule(
        &self,
        context: &Context<'_>,
        input: RemovePlanRuleInput,
    ) -> Result<PlanRulePayload> {
        act!(context, caller, work => {
            let place = input.place.read("place")?;
            plans::remove_rule(&caller.desk, work, &place, input.version).await?;
            let holding = placed_rules::holding(&caller.desk, work.session(), &place).await?;
            told(caller, work.session(), holding).await?
        })
    }
}
