//! Which steps there are where, and setting them.

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use editorial::{
    Error,
    placed_rules::{self as rules, NamedPlace},
    reviews,
};
use schema::{
    calendar::Span,
    names::{ColumnPath, SiteKey, TypeName},
    review::{self, Track},
};
use serde::{Deserialize, Serialize};

use crate::manage::{
    answer::Text,
    caller::Caller,
    input::Faults,
    reading,
    words::{CosignSilence, ReviewPersons, Role},
};

/// The queries of this file.
#[derive(Default)]
pub(crate) struct Rules;

/// The mutations of this file.
#[derive(Default)]
pub(crate) struct Ruling;

/// 审核环节 / A step of a review
#[derive(Clone, Debug, SimpleObject, InputObject, Serialize, Deserialize)]
#[graphql(input_name = "ReviewStepInput")]
pub(crate) struct ReviewStep {
    /// 名称 / What people call it
    name: Text,
    /// 由何种角色签署：初审、审核或审发 / Who signs it: first reviewer, second reviewer or approver
    by: Role,
    /// 时限：24h 小时、2d 自然日、1wd 工作日、1mo 月 / The time allowed: 24h, 2d, 1wd (working days), 1mo
    within: Option<String>,
    /// 可否跳过 / Whether it may be passed over with a reason
    #[graphql(default)]
    skippable: bool,
}

/// 发布后的确认 / A confirmation after the publication
#[derive(Clone, Debug, SimpleObject, InputObject, Serialize, Deserialize)]
#[graphql(input_name = "ReviewConfirmationInput")]
pub(crate) struct ReviewConfirmation {
    /// 由何种角色确认 / Who confirms: never who published
    by: Role,
    /// 时限 / The time allowed
    within: String,
}

/// 须会签的机构 / A body that has to co-sign
#[derive(Clone, Debug, SimpleObject, InputObject, Serialize, Deserialize)]
#[graphql(input_name = "ReviewCosignerInput")]
pub(crate) struct ReviewCosigner {
    /// 机构的代号 / Key of the body
    body: String,
    /// 时限：24h 小时、2d 自然日、1wd 工作日、1mo 月 / The time allowed: 24h, 2d, 1wd (working days), 1mo
    within: Option<String>,
    /// 逾期不答复意味着什么 / What no answer within that time means
    #[graphql(default_with = "CosignSilence::Blocks")]
    silence: CosignSilence,
    /// 由何种角色裁定其异议；不填则只能由其撤回 / Who may overrule its objection; without it only the body takes it back
    overruled_by: Option<Role>,
}

/// 一种流程的各环节 / The steps of one track
#[derive(Clone, Debug, SimpleObject, InputObject, Serialize, Deserialize)]
#[graphql(name = "ReviewChain", input_name = "ReviewChainInput")]
pub(crate) struct Chain {
    /// 环节；没有则有权发布者可直接发布所看到的文本 / The steps; with none, whoever may publish publishes what they looked at
    steps: Vec<ReviewStep>,
    /// 哪些人不能签署 / Who may not sign
    #[graphql(default_with = "ReviewPersons::Different")]
    persons: ReviewPersons,
    /// 是否须经保密审查 / Whether a secrecy review is required
    #[graphql(default = true)]
    secrecy: bool,
    /// 发布后的确认；应急流程必填 / What is owed after the publication; required of the emergency track
    confirmation: Option<ReviewConfirmation>,
    /// 须会签的机构 / The bodies that have to co-sign
    #[graphql(default)]
    #[serde(default)]
    cosigners: Vec<ReviewCosigner>,
}

impl From<review::Chain> for Chain {
    fn from(chain: review::Chain) -> Self {
        let step = |step: review::Step| ReviewStep {
            name: step.name.into(),
            by: step.by.into(),
            within: step.within.map(|within| within.to_string()),
            skippable: step.skippable,
        };
        Self {
            steps: chain.steps.into_iter().map(step).collect(),
            persons: chain.persons.into(),
            secrecy: chain.secrecy,
            confirmation: chain.confirmation.map(|confirmation| ReviewConfirmation {
                by: confirmation.by.into(),
                within: confirmation.within.to_string(),
            }),
            cosigners: chain.cosigners.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<review::Cosigner> for ReviewCosigner {
    fn from(cosigner: review::Cosigner) -> Self {
        Self {
            body: cosigner.body.to_string(),
            within: cosigner.within.map(|within| within.to_string()),
            silence: cosigner.silence.into(),
            overruled_by: cosigner.overruled_by.map(Into::into),
        }
    }
}

impl Chain {
    fn read(&self, path: &str, faults: &mut Faults) -> review::Chain {
        let mut steps = Vec::with_capacity(self.steps.len());
        for (place, step) in self.steps.iter().enumerate() {
            let at = format!("{path}.steps[{place}].within");
            steps.push(review::Step {
                name: step.name.clone().into(),
                by: step.by.into(),
                within: faults.read_some(at, step.within.as_deref()),
                skippable: step.skippable,
            });
        }
        let confirmation = self.confirmation.as_ref().and_then(|confirmation| {
            let at = format!("{path}.confirmation.within");
            let within: Span = faults.read(at, &confirmation.within)?;
            Some(review::Confirmation { by: confirmation.by.into(), within })
        });
        let mut cosigners = Vec::with_capacity(self.cosigners.len());
        for (place, cosigner) in self.cosigners.iter().enumerate() {
            let at = |what: &str| format!("{path}.cosigners[{place}].{what}");
            let within = faults.read_some(at("within"), cosigner.within.as_deref());
            let Some(body) = faults.read(at("body"), &cosigner.body) else { continue };
            let (silence, overruled_by) =
                (cosigner.silence.into(), cosigner.overruled_by.map(Into::into));
            cosigners.push(review::Cosigner { body, within, silence, overruled_by });
        }
        let persons = self.persons.into();
        review::Chain { steps, persons, secrecy: self.secrecy, confirmation, cosigners }
    }
}

/// 一处的审核规定 / The review of one place
#[derive(Clone, Debug, SimpleObject, Serialize, Deserialize)]
pub(crate) struct ReviewRule {
    /// 此处自己的规定的版本号；没有自己的规定则没有 / Version of the rule of this very place; nothing where it has none of its own
    version: Option<i64>,
    /// 普通流程 / What editors write
    ordinary: Chain,
    /// 应急流程 / Emergencies
    emergency: Chain,
    /// 转载流程 / What was taken over from another site
    repost: Chain,
    /// 导入流程 / Imports
    import: Chain,
}

/// 规定所适用之处 / The place a rule is for
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct ReviewPlaceInput {
    /// 站点；不填为全平台 / The site; without it the whole hub
    site: Option<String>,
    /// 其栏目及下级 / A column of it, with everything below
    column: Option<String>,
    /// 只适用于此内容类型 / For this content type alone
    r#type: Option<String>,
}

impl ReviewPlaceInput {
    pub(crate) fn read(&self, path: &str) -> Result<NamedPlace, Error> {
        let mut faults = Faults::default();
        let site: Option<SiteKey> = faults.read_some(format!("{path}.site"), self.site.as_deref());
        let column: Option<ColumnPath> =
            faults.read_some(format!("{path}.column"), self.column.as_deref());
        let r#type: Option<TypeName> =
            faults.read_some(format!("{path}.type"), self.r#type.as_deref());
        faults.finish(Some(NamedPlace { site, column, r#type }))
    }
}

/// 一处的审核规定；不填的流程依上级 / The review of a place; a track that is left out is as the next place above says
#[derive(Clone, Debug, InputObject)]
pub(crate) struct SetReviewRuleInput {
    /// 何处 / Where
    #[graphql(default)]
    place: ReviewPlaceInput,
    /// 所看到的版本号；已被他人改动则拒绝 / Version of the rule that was looked at; refused when somebody changed it since
    version: Option<i64>,
    /// 普通流程 / What editors write
    ordinary: Option<Chain>,
    /// 应急流程 / Emergencies
    emergency: Option<Chain>,
    /// 转载流程 / What was taken over from another site
    repost: Option<Chain>,
    /// 导入流程 / Imports
    import: Option<Chain>,
}

/// 撤去一处的审核规定 / The rule of a place to be taken away
#[derive(Clone, Debug, InputObject)]
pub(crate) struct RemoveReviewRuleInput {
    /// 何处 / Where
    #[graphql(default)]
    place: ReviewPlaceInput,
    /// 所看到的版本号 / Version of the rule that was looked at
    version: Option<i64>,
}

payload! {
    /// 审核规定的结果 / What came of it
    ReviewRulePayload {
        /// 此处现行的规定 / The review of this place, as it is now
        rule: ReviewRule
    }
}

fn told(holding: &rules::Holding<review::Rule>) -> ReviewRule {
    let chain = |track| Chain::from(holding.chain(track));
    ReviewRule {
        version: holding.own_version,
        ordinary: chain(Track::Ordinary),
        emergency: chain(Track::Emergency),
        repost: chain(Track::Repost),
        import: chain(Track::Import),
    }
}

#[Object]
impl Rules {
    /// 某处的文本须经的审核 / The review that texts of a place take
    async fn review_rule(
        &self,
        context: &Context<'_>,
        #[graphql(default, desc = "何处 / Where")] place: ReviewPlaceInput,
    ) -> Result<ReviewRule> {
        let caller = Caller::of(context);
        let place = reading::read(place.read("place"))?;
        let mut session = caller.session().await?;
        let holding = rules::holding(&caller.desk, &mut session, &place).await;
        Ok(told(&reading::read(holding)?))
    }
}

#[Object]
impl Ruling {
    /// 设定一处的审核规定，整体替换 / Set the review of a place
    async fn set_review_rule(
        &self,
        context: &Context<'_>,
        input: SetReviewRuleInput,
    ) -> Result<ReviewRulePayload> {
        act!(context, caller, work => {
            let place = input.place.read("place")?;
            let mut faults = Faults::default();
            let mut chain = |name: &str, chain: &Option<Chain>| {
                chain.as_ref().map(|chain| chain.read(name, &mut faults))
            };
            let rule = review::Rule {
                ordinary: chain("ordinary", &input.ordinary),
                emergency: chain("emergency", &input.emergency),
                repost: chain("repost", &input.repost),
                import: chain("import", &input.import),
            };
            let rule = faults.finish(Some(rule))?;
            reviews::rules::set_rule(&caller.desk, work, &place, input.version, rule).await?;
            told(&rules::holding(&caller.desk, work.session(), &place).await?)
        })
    }

    /// 撤去一处的审核规定，改依上级；可重复 / Take the rule of a place away: what the next place above says holds again; may be repeated
    async fn remove_review_rule(
        &self,
        context: &Context<'_>,
        input: RemoveReviewRuleInput,
    ) -> Result<ReviewRulePayload> {
        act!(context, caller, work => {
            let place = input.place.read("place")?;
            rules::remove::<review::Rule>(&caller.desk, work, &place, input.version).await?;
            told(&rules::holding(&caller.desk, work.session(), &place).await?)
        })
    }
}
